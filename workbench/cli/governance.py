"""The commands about threats, frameworks, the AI Act, plans: arguments to one call to text."""

import datetime as dt
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.running import guarded, say

if TYPE_CHECKING:
    from workbench.files.exchange.ciso_assistant import Library
    from workbench.frameworks import Crosswalk, Frameworks
    from workbench.frameworks.readiness import Readiness
    from workbench.threats import Report

SystemFile = Annotated[
    str,
    typer.Argument(metavar="SYSTEM", help="An AI system: YAML, JSON, OTM, Threat Dragon, ML-BOM."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Force = Annotated[bool, typer.Option("--force", help="Replace OUT if it is there.")]

crosswalk = typer.Typer(
    name="crosswalk",
    help="Which requirement of one framework answers which of another.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


def _written(record: dict[str, Any] | list[Any], text: str, as_json: bool) -> None:
    """Print plain data as JSON, or words, with what cannot be seen as escapes."""
    from workbench.files.messages import printable
    from workbench.files.writing import json_text

    if as_json:
        sys.stdout.write(json_text(record))
    else:
        sys.stdout.write("".join(f"{printable(line)}\n" for line in text.splitlines()))


def _now() -> str:
    """Return the time now, to the second, as RFC 3339."""
    return dt.datetime.now(tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(text: str | None) -> str:
    """Return a day that was asked for, or today."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat() if text is None else text


def _save(files: Iterable[tuple[str, str]], *, force: bool) -> None:
    """Write texts to files; none where any is there already, or is named twice."""
    from workbench.errors import require
    from workbench.files import save

    found = list(files)
    names = [out for out, _ in found]
    for out in names:
        there = Path(out).is_file() and not force
        require(not there, "a file that is there is not replaced", got=out, fix="Add --force.")
        once = names.count(out) == 1
        require(once, "each text has a file of its own", got=out, fix="Name another file.")
    for out, text in found:
        save(out, text)
        say(f"written: {out}")


@guarded
def threats(
    system: SystemFile,
    *,
    draft: Annotated[
        str | None,
        typer.Option(metavar="OUT", help="Write draft scenarios to OUT (YAML): a study."),
    ] = None,
    currency: Annotated[str, typer.Option(help="The currency of the drafts.")] = "USD",
    otm: Annotated[
        str | None, typer.Option(metavar="OUT", help="Write an Open Threat Model to OUT.")
    ] = None,
    navigator: Annotated[
        str | None, typer.Option(metavar="OUT", help="Write a layer for the ATLAS Navigator.")
    ] = None,
    stix: Annotated[
        str | None, typer.Option(metavar="OUT", help="Write a STIX 2.1 bundle to OUT.")
    ] = None,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """List which threats touch an AI system, where and why, and which were ruled out and why.

    Drafts hold placeholders: every range is marked 'to be elicited' until a person has stated it.
    """
    from workbench.files import study_yaml
    from workbench.files.catalogues.threats import shipped_threats
    from workbench.files.exchange.systems import read_any_system
    from workbench.reports.threat_record import threat_record, threat_text
    from workbench.threats import drafts_of, threats_to

    loaded = read_any_system(system)
    _told(loaded.warnings)
    report = threats_to(loaded.system, shipped_threats())
    drafts = drafts_of(report)
    files = list(_exchanged(report, otm, navigator, stix))
    if draft is not None:
        files.insert(0, (draft, study_yaml(drafts.study(currency=currency))))
    _save(files, force=force)
    _written(threat_record(report, drafts), threat_text(report, drafts), as_json)


def _exchanged(
    report: "Report", otm: str | None, navigator: str | None, stix: str | None
) -> Iterator[tuple[str, str]]:
    """Yield each file that is asked for with its text."""
    from workbench.files.catalogues.controls import shipped_controls
    from workbench.files.catalogues.frameworks import shipped_frameworks
    from workbench.files.exchange.navigator import layer_json, layer_of_threats
    from workbench.files.exchange.otm_writing import otm_json
    from workbench.files.exchange.stix import stix_json

    if otm is not None:
        yield otm, otm_json(report, shipped_controls())
    if navigator is not None:
        yield navigator, layer_json(layer_of_threats(report))
    if stix is not None:
        atlas = shipped_frameworks()["atlas_5_6"]
        yield stix, stix_json(report, atlas, shipped_controls(), created=_now())


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
    _written(record, query_text(record), as_json)


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
    as_json: AsJson = False,
) -> None:
    """Show what a framework that is met answers of another: inherited, candidates, unreached."""
    from workbench.files.catalogues.evidence import read_records
    from workbench.frameworks import coverage as covered
    from workbench.reports.framework_record import coverage_record, coverage_text

    rows, frameworks = _shipped()
    met = None if readiness_file is None else _met(readiness_file, frameworks[source].id)
    records = () if evidence is None else read_records(evidence)
    found = covered(rows, frameworks[source], frameworks[target], met=met, records=records)
    aside = [r.id for r in records if r.framework == found.target and r.id in found.unreached]
    _told(f"the evidence for {one} is left aside: no row reaches it" for one in aside)
    _written(coverage_record(found), coverage_text(found, frameworks), as_json)


@crosswalk.command()
@guarded
def lint(
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="A crosswalk: CSV, SSSOM TSV, YAML, OSCAL JSON."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Name what is wrong with a crosswalk; exit code 2 where anything is."""
    from workbench.frameworks import Frameworks
    from workbench.frameworks import lint as linted

    rows, frameworks = _shipped()
    if file is not None:
        library = _library(file)
        rows, frameworks = (
            library.crosswalk,
            Frameworks([*frameworks.values(), *library.frameworks]),
        )
    faults = linted(rows, frameworks)
    record = [{"row": one.row, "kind": one.kind, "what": one.what} for one in faults]
    words = "\n".join(one.line() for one in faults) or "clean"
    _written(record, words, as_json)
    if faults:
        raise typer.Exit(2)


def _library(file: str) -> "Library":
    """Read a crosswalk of any form, with the frameworks that it brings along."""
    from workbench.files.exchange.crosswalks import read_any_crosswalk

    found = read_any_crosswalk(file)
    _told(found.warnings)
    return found.value


def _told(warnings: Iterable[str]) -> None:
    for warning in warnings:
        say(f"warning: {warning}")


def _readiness(file: str) -> "Readiness":
    """Read a readiness table, its warnings passed on."""
    from workbench.files.catalogues.readiness import read_readiness

    loaded = read_readiness(file)
    _told(loaded.warnings)
    return loaded.readiness


def _met(file: str, framework: str) -> list[str]:
    """Return what a readiness table says is met of a framework, of which it must say something."""
    from workbench.errors import require

    found = _readiness(file)
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

    later = _shipped()[0] if after is None else _library(after).crosswalk
    changes = compared(_library(before).crosswalk, later)
    _written(changes_record(changes), changes_text(changes), as_json)


@crosswalk.command()
@guarded
def export(
    out: Annotated[str, typer.Argument(metavar="OUT", help="OUT.csv, OUT.tsv or OUT.json.")],
    *,
    force: Force = False,
) -> None:
    """Write our crosswalk as CSV, SSSOM (.tsv) or an OSCAL mapping collection (.json)."""
    from workbench.files.exchange.crosswalks import crosswalk_text

    text = crosswalk_text(_shipped()[0], Path(out).suffix.lower(), stamp=_now())
    _save([(out, text)], force=force)


@guarded
def readiness(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Standings: CSV, XLSX, YAML, JSON.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show how far each framework of a readiness table is, and what is open."""
    from workbench.files.catalogues.controls import shipped_controls
    from workbench.reports.framework_record import readiness_record, readiness_text

    found = _readiness(file)
    _written(readiness_record(found, shipped_controls()), readiness_text(found), as_json)


@guarded
def ai_act(
    answers: Annotated[str, typer.Argument(metavar="ANSWERS", help="Answers, YAML or JSON.")],
    *,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day that is asked about; today.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what the EU AI Act asks of a system: tier, duties, dates, route, ceilings of fines."""
    from workbench.files.catalogues.ai_act import read_answers, shipped_act
    from workbench.frameworks.ai_act_tiers import classify
    from workbench.reports.ai_act_record import ai_act_record, ai_act_text

    act = shipped_act()
    found = classify(read_answers(answers), act, _day(on))
    _written(ai_act_record(found, act), ai_act_text(found, act), as_json)


@guarded
def roadmap(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="A plan; ours unless told.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the tasks of a plan month by month, and which controls land when."""
    from workbench.files.catalogues.plans import read_roadmap, shipped_roadmap
    from workbench.reports.framework_record import roadmap_record, roadmap_text

    plan = shipped_roadmap() if file is None else read_roadmap(file)
    _written(roadmap_record(plan), roadmap_text(plan), as_json)


@guarded
def playbook(
    name: Annotated[
        str | None, typer.Argument(metavar="ID", help="A playbook; all are listed unless told.")
    ] = None,
    *,
    start: Annotated[
        dt.datetime | None,
        typer.Option(
            metavar="TIME", help="When the clocks start, in UTC unless it has an offset; now."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what to do when an AI system fails, and who is told by when."""
    from workbench.files.catalogues.plans import shipped_playbooks
    from workbench.reports.framework_record import playbook_record, playbook_text, playbooks_text

    books = shipped_playbooks()
    if name is None:
        listed = [{"id": one.id, "failure_mode": one.failure_mode} for one in books.playbooks]
        _written(listed, playbooks_text(books.playbooks), as_json)
        return
    found, now = books.playbook(name), _instant(start)
    record = playbook_record(found, now) | {"note": books.note}
    _written(record, f"{playbook_text(found, now)}\n{books.note}", as_json)


def _instant(start: dt.datetime | None) -> dt.datetime:
    """Return a time in UTC: as it was told with its offset, in UTC without one, now unless told."""
    if start is None:
        return dt.datetime.now(tz=dt.UTC)
    return start.replace(tzinfo=dt.UTC) if start.tzinfo is None else start.astimezone(dt.UTC)


def added_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(crosswalk)
    for command in (threats, readiness, roadmap, playbook):
        app.command()(command)
    app.command("ai-act")(ai_act)
