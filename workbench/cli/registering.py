"""The commands about a register: what is kept, by whom, and how it comes in and goes out."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.output import AsJson, Force, warn, write_out
from workbench.cli.register_opening import (
    KINDS,
    By,
    Kind,
    Name,
    Place,
    Reason,
    check_kind,
    opened,
    place_of,
    read,
    tell_entry,
)
from workbench.cli.running import guarded

register = typer.Typer(
    name="register",
    help="Keep studies and what belongs to them: every version, every act in a log.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
BAD = 1  # the exit code of a register that is not what it should be


@register.command()
@guarded
def init(*, place: Place = None, by: By = None, as_json: AsJson = False) -> None:
    """Make a new register, and the key that signs its checkpoints.

    Keep the key that is printed elsewhere: with it anyone can check the log.
    """
    from workbench.register import Register
    from workbench.register.keys import key_file

    with Register.create(place_of(place), by=by or "") as made:
        key = made.verifier()
        where, kept = str(made.place), str(key_file(key.name))
    record = {"register": where, "verifier": str(key), "signing_key": kept}
    words = f"made: {where}\nits log is checked with: {key}\nits checkpoints are signed by: {kept}"
    write_out(record, words, as_json)


@register.command("import")
@guarded
def import_(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A study, an AI system, a readiness table, evidence, treatments, sign-offs, or a"
            " catalogue of threats.",
        ),
    ],
    *,
    name: Annotated[
        str,
        typer.Option(
            "--id",
            metavar="ID",
            help="The id of a study (its file's name unless told) or a system; before others.",
        ),
    ] = "",
    content: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="study, system, readiness, evidence, threats, ties, statement, answers, "
            "treatments, sign-offs.",
        ),
    ] = None,
    base: Annotated[
        int | None,
        typer.Option(
            metavar="ENTRY",
            min=0,
            help="The entry after which FILE was exported: what others changed since is told.",
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what is there, whatever it is.")
    ] = False,
    reason: Reason = "",
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Keep what a file holds, all of it in one act or nothing.

    What the file is, is found by its content. A study becomes what the file says, so that scenarios
    which it has no longer are gone; of the other files, rows are added and changed.
    """
    where = place_of(place)
    from workbench.register.importing import import_file, open_file

    found = open_file(file, content)
    warn(found.warnings)
    with opened(where, by) as there:
        entry = import_file(there, found, name, reason=reason, base=base, replaces=replace)
    tell_entry(entry, f"imported {found.source['file']} ({found.content})", as_json)


@register.command("list")
@guarded
def list_(
    *,
    kind: Annotated[str, typer.Option(metavar="KIND", help=KINDS)] = "",
    state: Annotated[
        str, typer.Option(help="draft, in review, approved, retired or deleted.")
    ] = "",
    search: Annotated[str, typer.Option(metavar="TEXT", help="In ids and names.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 100,
    offset: Annotated[int, typer.Option(min=0, help="How many are passed over.")] = 0,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """List what is kept, in order of kind and id."""
    from functools import partial

    from workbench.cli.register_words import list_record, list_text
    from workbench.errors import require
    from workbench.register.acts import unapproved_parts
    from workbench.register.history import found_items
    from workbench.register.records import STATES

    if kind:
        check_kind(kind)
    known = not state or state in STATES
    require(known, "a state is known", got=state, fix=f"One of {', '.join(STATES)}.")
    with read(place) as there:
        wanted = partial(found_items, kind=kind, state=state, search=search)
        heads, count = there.ask(partial(wanted, limit=limit, offset=offset))
        parts = there.ask(unapproved_parts, heads)
    page = (heads, count, offset, parts)
    write_out(list_record(*page), list_text(*page), as_json)


@register.command()
@guarded
def show(
    kind: Kind,
    name: Name,
    *,
    version: Annotated[
        int | None, typer.Option(min=1, help="This version; the current one unless told.")
    ] = None,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """Show one version of an item: who made it, when and why, and all its fields.

    Of a study this is its head; `export` writes the whole of it.
    """
    from workbench.cli.register_words import version_record, version_text
    from workbench.register.acts import states_of
    from workbench.register.history import head_of, version_of

    check_kind(kind)
    with read(place) as there:
        number = there.ask(head_of, kind, name).version if version is None else version
        found = there.ask(version_of, kind, name, number)
        state = [s for _, n, s in there.ask(states_of, kind, name) if n == found.version][-1]
    write_out(version_record(found, state), version_text(found, state), as_json)


@register.command()
@guarded
def history(kind: Kind, name: Name, *, place: Place = None, as_json: AsJson = False) -> None:
    """Show every act on an item, the latest first; of a study also those on its parts."""
    from workbench.cli.register_words import deeds_record, deeds_text
    from workbench.register.acts import deeds

    check_kind(kind)
    with read(place) as there:
        found, names = there.ask(deeds, kind, name), there.names()
    write_out(deeds_record(found, names), deeds_text(found, names), as_json)


@register.command()
@guarded
def diff(
    kind: Kind,
    name: Name,
    old: Annotated[int, typer.Argument(metavar="OLD", min=0, help="The older version.")],
    new: Annotated[int, typer.Argument(metavar="NEW", min=0, help="The newer version.")],
    *,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """Show what differs between two versions, field by field.

    Of a study OLD and NEW are entries of the log, as `history study ID` shows them: the whole study
    after one is compared with the whole study after the other.
    """
    from workbench.cli.register_words import diff_record, diff_text
    from workbench.register.differences import differences
    from workbench.register.history import version_of
    from workbench.register.naming import STUDY

    check_kind(kind)
    with read(place) as there:
        if kind == STUDY:
            from workbench.register.exporting import study_differences

            found = there.ask(study_differences, name, old, new)
        else:
            bodies = [there.ask(version_of, kind, name, number).body for number in (old, new)]
            found = differences(*bodies)
    write_out(diff_record(found), diff_text(found), as_json)


@register.command()
@guarded
def export(
    name: Annotated[str, typer.Argument(metavar="ID", help="A study.")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="OUT.yaml, OUT.json or OUT.csv.")],
    *,
    at: Annotated[
        int | None, typer.Option(metavar="ENTRY", min=0, help="As it was after this entry.")
    ] = None,
    force: Force = False,
    reason: Reason = "",
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Write a study to a file, and record what was handed out, with a checkpoint."""
    from dataclasses import asdict

    from workbench.register.exporting import export_study

    with opened(place, by) as there:
        done = export_study(there, name, file, at=at, reason=reason, replaces=force)
    words = (
        f"written: {file}, the study as it was after entry {done.as_of}\n"
        f"SHA-256 {done.sha256}, in entry {done.seq}\n"
        f"import it again with --id {name} --base {done.as_of}"
    )
    if done.checkpoint is None:
        words += "\nno checkpoint was signed: the key of this log is not held here"
    write_out(asdict(done) | {"file": file}, words, as_json)


@register.command()
@guarded
def backup(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A new file.")],
    *,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """Copy the register to a new file, while others go on using it."""
    with read(place) as there:
        there.backup(file)
    write_out({"backup": file}, f"written: {file}", as_json)


@register.command()
@guarded
def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A backup.")],
    *,
    reason: Reason = "",
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup where no register is, and record that it was restored."""
    where = place_of(place)
    from workbench.register.accounts import check_name, own_name
    from workbench.register.backing_up import restore as put_back
    from workbench.register.places import place_of as parsed

    target = parsed(where)
    check_name(own_name() if by is None else by)  # before anything is there
    put_back(Path(file), target)
    with opened(where, by) as there:
        entry = there.do("restore", [], reason=reason, details={"entries": there.position()[0]})
    tell_entry(entry, f"restored to {target}", as_json)


@register.command()
@guarded
def check(*, place: Place = None, as_json: AsJson = False) -> None:
    """Check the database, every version and every entry; exit code 1 where anything is wrong."""
    from workbench.cli.register_words import check_record, check_text
    from workbench.errors import WorkbenchError
    from workbench.register.soundness import damage_told, faults_of

    faults, verdict = [], None
    try:
        with read(place) as there:
            faults = there.ask(faults_of)
            verdict = there.verify()
    except WorkbenchError as error:
        damage = damage_told(error)
        if damage is None:
            raise
        faults = [*faults, damage]
    write_out(check_record(faults, verdict), check_text(faults, verdict), as_json)
    if faults or verdict is None or not verdict.is_good:
        raise typer.Exit(BAD)
