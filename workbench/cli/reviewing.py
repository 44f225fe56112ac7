"""The commands of a register beyond coming in and going out: review, undo, runs, people, rights."""

from typing import Annotated

import typer

from workbench.cli.output import AsJson, write_out
from workbench.cli.register_opening import By, Kind, Name, Place, Reason, check_kind, opened
from workbench.cli.running import guarded

Version = Annotated[
    int, typer.Argument(metavar="VERSION", min=1, help="The version that is meant.")
]

STATED = "approved as stated here, and not by an act of the register"


def _review(
    act: str,
    item: tuple[str, str, int],
    reason: str,
    where: tuple[str | None, str | None],
    as_json: bool,
    *,
    seen: int | None = None,
) -> None:
    from workbench.cli.register_words import entry_text

    kind, name, version = item
    check_kind(kind)
    with opened(*where) as there:
        entry = there.review(act, kind, name, version, reason=reason, seen=seen)
    words = entry_text(entry, f"{act} {kind} {name} version {version}")
    write_out({"entry": entry.to_dict()}, words, as_json)


@guarded
def submit(
    kind: Kind,
    name: Name,
    version: Version,
    *,
    reason: Reason = "",
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Hand a draft in for review; a study with all its parts that are drafts."""
    _review("submit", (kind, name, version), reason, (place, by), as_json)


@guarded
def return_(
    kind: Kind,
    name: Name,
    version: Version,
    *,
    reason: Reason = "",
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Give a version back to its authors: it is a draft again."""
    _review("return", (kind, name, version), reason, (place, by), as_json)


@guarded
def approve(
    kind: Kind,
    name: Name,
    version: Version,
    *,
    seen: Annotated[
        int | None,
        typer.Option(
            metavar="ENTRY",
            min=0,
            help="The entry after which it was looked at; a study: its submission unless told.",
        ),
    ] = None,
    reason: Reason = "",
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Approve a version that is in review; its authors cannot. A checkpoint is signed.

    What was changed or deleted after it was looked at is not approved.
    """
    _review("approve", (kind, name, version), reason, (place, by), as_json, seen=seen)


@guarded
def retire(
    kind: Kind,
    name: Name,
    version: Version,
    *,
    reason: Reason = "",
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Put a version out of use; it stays in the register."""
    _review("retire", (kind, name, version), reason, (place, by), as_json)


@guarded
def undo(*, place: Place = None, by: By = None, as_json: AsJson = False) -> None:
    """Take back the latest edit or import of whoever acts; the log keeps both."""
    from workbench.cli.register_words import entry_text

    with opened(place, by) as there:
        entry = there.undo()
    write_out({"entry": entry.to_dict()}, entry_text(entry, entry.reason), as_json)


@guarded
def redo(*, place: Place = None, by: By = None, as_json: AsJson = False) -> None:
    """Do again what whoever acts took back last."""
    from workbench.cli.register_words import entry_text

    with opened(place, by) as there:
        entry = there.redo()
    write_out({"entry": entry.to_dict()}, entry_text(entry, entry.reason), as_json)


@guarded
def erase(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of an account.")],
    *,
    reason: Reason = "",
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Forget the name of an account; what it did stays in the log, under its id alone."""
    from workbench.cli.register_words import entry_text

    with opened(place, by) as there:
        entry = there.erase(name, reason=reason)
    words = entry_text(entry, f"erased the name of {entry.details['account']}")
    write_out({"entry": entry.to_dict()}, words, as_json)


@guarded
def save_run(
    name: Annotated[str, typer.Argument(metavar="ID", help="A study.")],
    *,
    approved_by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Who approved this run, as you state it: a role or a body."
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The day of the approval, such as 2026-11-24; today."),
    ] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="A line about it.")] = "",
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Compute a study as it is in the register, and keep what it came to.

    The run keeps its inputs and their hash, seed, engine and version: `list --kind run` shows all.
    """
    from workbench.amounts import NO_BREAK_SPACE
    from workbench.cli.register_words import entry_text
    from workbench.cli.running import interruptible, progress_bar
    from workbench.cli.saving import approval_of
    from workbench.files.messages import printable
    from workbench.models import portfolio
    from workbench.reports.result import result_record
    from workbench.reports.words import average_year

    approval = approval_of(approved_by, on, note)
    with opened(place, by) as there:
        study = there.load_study(name).study
        with progress_bar() as progress:
            result = interruptible(lambda: portfolio.simulate(study, progress=progress))
        record = result_record(result, study)
        entry = there.save_run(name, study, record, approval=approval, note=note)
    year = average_year(result.portfolio).replace(NO_BREAK_SPACE, " ")  # a terminal is shown it
    words = f"{year}\n{entry_text(entry, f'a run of {name}')}"
    retired = entry.details.get("retired_and_counted", [])
    if retired:
        shown = ", ".join(map(printable, retired[:10]))
        words += f"\nretired scenarios that it counts: {len(retired)}, such as {shown}"
    if approval is not None:
        words += f"\n{STATED}: {printable(approval.by)}"
    write_out({"entry": entry.to_dict()}, words, as_json)


@guarded
def grant(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A role of the server.")],
    *,
    reads_only: Annotated[
        bool, typer.Option("--reads-only", help="Only to read, as dashboards do.")
    ] = False,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """Let a role of the PostgreSQL server act in the register; its log it can only add to."""
    with opened(place) as there:
        there.grant(role, reads_only=reads_only)
    rights = "may read" if reads_only else "may act in it, and only add to the log"
    write_out({"role": role, "reads_only": reads_only}, f"{role} {rights}", as_json)


def added_to(register: typer.Typer) -> None:
    """Add these commands to those about a register."""
    for command in (submit, approve, retire, undo, redo, erase):
        register.command()(command)
    register.command("return")(return_)
    register.command("save-run")(save_run)
    register.command()(grant)
