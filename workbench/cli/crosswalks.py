"""The commands about the crosswalk: query, coverage, lint, diff, export."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.output import AsJson, Force, now, read_standings, save_texts, warn, write_out
from workbench.cli.running import guarded

if TYPE_CHECKING:
    from workbench.files.exchange.ciso_assistant import Library
    from workbench.files.exchange.naming import Imported
    from workbench.frameworks import Crosswalk, Frameworks

crosswalk = typer.Typer(
    name="crosswalk",
    help="Which requirement of one framework answers which of another.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


def _shipped() -> "tuple[Crosswalk, Frameworks]":
    from workbench.files.catalogues.crosswalks import shipped_crosswalk
    from workbench.files.catalogues.frameworks import shipped_frameworks

    return shipped_crosswalk(), shipped_frameworks()


@crosswalk.command()
@guarded
def query(
    framework: Annotated[
        str, typer.Argument(metavar="FRAMEWORK", help="A framework, such as iso42001_2023.")
    ],
    requirement: Annotated[
        str, typer.Argument(metavar="ID", help="Its requirement, such as A.7.4.")
    ],
    *,
    to: Annotated[str, typer.Option(help="Only requirements of this framework.")] = "",
    chains: Annotated[
        int, typer.Option(min=1, max=3, help="Rows that a chain may have; more than 1 needs --to.")
    ] = 1,
    as_json: AsJson = False,
) -> None:
    """Show what a requirement is related to, strongest first."""
    from workbench.errors import require
    from workbench.reports.framework_record import query_record, query_text

    require(
        chains == 1 or bool(to),
        "chains lead to a framework",
        got="--chains without --to",
        fix="Name one with --to.",
    )
    rows, frameworks = _shipped()
    target = frameworks[to].id if to else ""
    place = frameworks[framework].id, requirement
    record = query_record(rows, frameworks, place, target, chains)
    write_out(record, query_text(record), as_json)


@crosswalk.command()
@guarded
def coverage(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The framework that is met.")],
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="The framework that is asked about.")
    ],
    *,
    readiness_file: Annotated[
        str | None,
        typer.Option("--readiness", metavar="FILE", help="Count only what this says is met."),
    ] = None,
    evidence: Annotated[
        str | None, typer.Option(metavar="FILE", help="Evidence recorded for the target, CSV.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Evidence of a later day does not count; today."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a framework that is met answers of another: inherited, candidates, unreached."""
    from workbench.files.catalogues.evidence import read_records
    from workbench.frameworks import coverage as covered
    from workbench.reports.framework_record import coverage_record, coverage_text

    rows, frameworks = _shipped()
    met = None if readiness_file is None else _met(readiness_file, frameworks[source].id)
    records = () if evidence is None else read_records(evidence)
    day = on or now()[:10]
    found = covered(rows, frameworks[source], frameworks[target], met=met, records=records, on=day)
    aside = [r.id for r in records if r.framework == found.target and r.id in found.unreached]
    warn(f"the evidence for {one} is left aside: no row reaches it" for one in aside)
    names = (frameworks[target].id, frameworks[target].alias)
    late = [r for r in records if r.framework in names and r.day > day]
    warn(f"the evidence for {r.id} is dated {r.day}: it does not count on {day}" for r in late)
    write_out(coverage_record(found), coverage_text(found, frameworks), as_json)


@crosswalk.command()
@guarded
def lint(
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="A crosswalk: CSV, XLSX, SSSOM TSV, YAML, OSCAL JSON."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Name what is wrong with a crosswalk; exit code 2 where anything is."""
    from workbench.frameworks import Frameworks
    from workbench.frameworks import lint as linted
    from workbench.reports.crosswalk_words import counts_told, lint_told
    from workbench.reports.framework_record import lint_record

    rows, frameworks = _shipped()
    places: tuple[str, ...] = ()
    if file is not None:
        read = _read(file)
        rows, places = read.value.crosswalk, read.places
        frameworks = Frameworks([*frameworks.values(), *read.value.frameworks])
    faults = linted(rows, frameworks, places=places)
    words = f"{counts_told(rows, faults)}\n{lint_told(faults)}"
    write_out(lint_record(rows, faults), words, as_json)
    if faults:
        raise typer.Exit(2)


def _read(file: str) -> "Imported[Library]":
    """Read a crosswalk of any form, with the frameworks that it brings along."""
    from workbench.files.exchange.crosswalks import read_any_crosswalk

    found = read_any_crosswalk(file)
    warn(found.warnings)
    return found


def _met(file: str, framework: str) -> list[str]:
    """Return what a readiness table says is met of a framework, of which it must say something."""
    from workbench.errors import require

    found = read_standings(file)
    named = found.named()
    require(
        framework in named,
        f"{file} says how far {framework} is",
        got="nothing of it",
        fix=f"It has {', '.join(named)}.",
    )
    return found.met(framework)


@crosswalk.command()
@guarded
def diff(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="An earlier crosswalk.")],
    after: Annotated[
        str | None, typer.Argument(metavar="AFTER", help="A later one; ours unless told.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Compare two versions: rows added, removed, changed, and what lost its cover."""
    from workbench.frameworks import compared
    from workbench.reports.framework_record import changes_record, changes_text

    later = _shipped()[0] if after is None else _read(after).value.crosswalk
    changes = compared(_read(before).value.crosswalk, later)
    write_out(changes_record(changes), changes_text(changes), as_json)


@crosswalk.command()
@guarded
def export(
    out: Annotated[str, typer.Argument(metavar="OUT", help="OUT.csv, OUT.tsv or OUT.json.")],
    *,
    force: Force = False,
) -> None:
    """Write our crosswalk as CSV, SSSOM (.tsv) or an OSCAL mapping collection (.json)."""
    from workbench.files.exchange.crosswalks import crosswalk_text

    text = crosswalk_text(_shipped()[0], Path(out).suffix.lower(), stamp=now())
    save_texts([(out, text)], force=force)
