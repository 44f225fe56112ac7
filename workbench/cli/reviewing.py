"""The commands of a register beyond coming in and going out: review, undo, runs, people, rights."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.output import AsJson, write_out
from workbench.cli.register_opening import (
    By,
    Kind,
    Name,
    Place,
    Reason,
    check_kind,
    opened,
    tell_entry,
)
from workbench.cli.running import guarded

if TYPE_CHECKING:
    from workbench.models.portfolio import StudyResult
    from workbench.models.study import Study

Version = Annotated[
    int, typer.Argument(metavar="VERSION", min=1, help="The version that is meant.")
]
REVIEWS = {
    "submit": "Hand a draft in for review; a study with all its parts that are drafts.",
    "return": "Give a version back to its authors: it is a draft again.",
    "retire": "Put a version out of use; it stays in the register.",
}
STEPS = {
    "undo": "Take back the latest edit or import of whoever acts; the log keeps both.",
    "redo": "Do again what whoever acts took back last.",
}
STATED = "approved as stated here, and not by an act of the register"


def _review(act: str) -> Callable[..., None]:
    """Return the command of an act that moves a version through its review."""

    @guarded
    def command(
        kind: Kind,
        name: Name,
        version: Version,
        *,
        reason: Reason = "",
        place: Place = None,
        by: By = None,
        as_json: AsJson = False,
    ) -> None:
        check_kind(kind)
        with opened(place, by) as there:
            entry = there.review(act, kind, name, version, reason=reason)
        tell_entry(entry, f"{act} {kind} {name} version {version}", as_json)

    return command


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
    check_kind(kind)
    with opened(place, by) as there:
        entry = there.review("approve", kind, name, version, reason=reason, seen=seen)
    tell_entry(entry, f"approve {kind} {name} version {version}", as_json)


def _step(act: str) -> Callable[..., None]:
    """Return the command that takes an act back, or does it again."""

    @guarded
    def command(*, place: Place = None, by: By = None, as_json: AsJson = False) -> None:
        with opened(place, by) as there:
            entry = there.undo() if act == "undo" else there.redo()
        tell_entry(entry, entry.reason, as_json)

    return command


@guarded
def delete(
    kind: Kind,
    name: Name,
    version: Version,
    *,
    reason: Reason = "",
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Make an item gone; of a study all of it. Its versions stay, and `undo` gives it back."""
    check_kind(kind)
    with opened(place, by) as there:
        entry = there.delete(kind, name, reason=reason, base=version)
    tell_entry(entry, f"delete {kind} {name}", as_json)


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
    with opened(place, by) as there:
        entry = there.erase(name, reason=reason)
    tell_entry(entry, f"erased the name of {entry.details['account']}", as_json)


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
    uses: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Data or a model that it rests on, kept by `lineage`; may be repeated.",
        ),
    ] = None,
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Compute a study as it is in the register, and keep what it came to.

    The run keeps its inputs and their hash, seed, engine and version: `list --kind run` shows all.
    """
    from workbench.amounts import NO_BREAK_SPACE
    from workbench.cli.lineage import subject_of
    from workbench.cli.saving import approval_of
    from workbench.files.messages import printable
    from workbench.register.log import rows_of
    from workbench.reports.result import result_record
    from workbench.reports.words import average_year

    approval = approval_of(approved_by, on, note)
    with opened(place, by) as there:
        study = there.load_study(name).study
        rests_on = [subject_of(there.lineage(), file).key for file in uses or ()]
        result = _computed(study)
        record = result_record(result, study)
        entry = there.save_run(name, study, record, approval=approval, note=note, uses=rests_on)
        run = there.ask(rows_of, entry.seq)[0]
    year = average_year(result.portfolio).replace(NO_BREAK_SPACE, " ")  # a terminal is shown it
    words = [year, f"run {run.id}: entry {entry.seq}"]
    retired = entry.details.get("retired_and_counted", [])
    if retired:
        shown = ", ".join(retired[:10])
        words.append(f"retired scenarios that it counts: {len(retired)}, such as {shown}")
    if rests_on:
        words.append(f"it rests on {', '.join(entry.details['used'])}")
    if approval is not None:
        words.append(f"{STATED}: {approval.by}")
    told = {"entry": entry.to_dict(), "run": run.id}
    write_out(told, "\n".join(map(printable, words)), as_json)


def _computed(study: "Study") -> "StudyResult":
    from workbench.cli.running import interruptible, progress_bar
    from workbench.models import portfolio

    with progress_bar() as progress:
        return interruptible(lambda: portfolio.simulate(study, progress=progress))


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
    for act, told in REVIEWS.items():
        register.command(act, help=told)(_review(act))
    register.command()(approve)
    for act, told in STEPS.items():
        register.command(act, help=told)(_step(act))
    for command in (delete, erase, grant):
        register.command()(command)
    register.command("save-run")(save_run)
