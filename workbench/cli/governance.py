"""The commands about threats, readiness, the AI Act, plans: arguments to one call to text."""

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.catalogue import catalogue
from workbench.cli.crosswalks import crosswalk
from workbench.cli.evidence import drift
from workbench.cli.lineage import lineage
from workbench.cli.output import (
    AsJson,
    Force,
    now,
    read_standings,
    refuse_to_replace,
    save_texts,
    warn,
    write_out,
)
from workbench.cli.running import guarded, say

if TYPE_CHECKING:
    from workbench.threats import Report

SystemFile = Annotated[
    str,
    typer.Argument(metavar="SYSTEM", help="An AI system: YAML, JSON, OTM, Threat Dragon, ML-BOM."),
]


def _day(text: str | None) -> str:
    """Return a day that was asked for, or today."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat() if text is None else text


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
    whole: Annotated[
        bool, typer.Option("--all", help="Name each threat that was ruled out, not a few.")
    ] = False,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """List which threats touch an AI system, where and why, and which were ruled out and why.

    Drafts hold placeholders: every range is marked 'to be elicited' until a person has stated it.
    """
    from workbench.files import study_yaml
    from workbench.files.catalogues.threats import shipped_threats
    from workbench.files.exchange.systems import read_any_system
    from workbench.reports.threat_record import FEW, threat_record, threat_text
    from workbench.threats import drafts_of, threats_to

    loaded = read_any_system(system)
    warn(loaded.warnings)
    report = threats_to(loaded.system, shipped_threats())
    drafts = drafts_of(report)
    files = list(_exchanged(report, otm, navigator, stix))
    if draft is not None:
        files.insert(0, (draft, study_yaml(drafts.study(currency=currency))))
    save_texts(files, force=force, inputs=[system])
    words = threat_text(report, drafts, most=None if whole else FEW)
    write_out(threat_record(report, drafts), words, as_json)


def _exchanged(
    report: "Report", otm: str | None, navigator: str | None, stix: str | None
) -> Iterator[tuple[str, str]]:
    """Yield each file that is asked for with its text."""
    from workbench.files.catalogues.controls import shipped_controls
    from workbench.files.catalogues.frameworks import shipped_frameworks
    from workbench.files.catalogues.threats import shipped_threats
    from workbench.files.exchange.navigator import layer_json, layer_of_threats
    from workbench.files.exchange.otm_writing import otm_json
    from workbench.files.exchange.stix import FIRST, stix_json

    controls = shipped_controls()
    if otm is not None:
        yield otm, otm_json(report, controls)
    if navigator is not None:
        yield navigator, layer_json(layer_of_threats(report))
    if stix is not None:
        atlas = shipped_frameworks()["atlas_5_6"]
        day = max(FIRST[:10], shipped_threats().day, controls.day)
        modified = f"{day}{FIRST[10:]}"
        yield stix, stix_json(report, atlas, controls, created=FIRST, modified=modified)


@guarded
def readiness(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Standings: CSV, XLSX, YAML, JSON, OSCAL.")
    ],
    *,
    framework: Annotated[
        str, typer.Option(help="Of which the findings of OSCAL are, where they do not say so.")
    ] = "",
    out: Annotated[
        str | None, typer.Option(metavar="OUT", help="Write it as OUT.csv, .xlsx or OSCAL .json.")
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="What was due before it is overdue; today.")
    ] = None,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Show how far each framework of a readiness table is, what is open, and what is overdue."""
    from workbench.files.catalogues.controls import shipped_controls
    from workbench.files.exchange.readiness import write_any_readiness
    from workbench.reports.framework_record import readiness_record, readiness_text

    found = read_standings(file, framework)
    if out is not None:
        refuse_to_replace([out], force=force, inputs=[file])
        write_any_readiness(found, out, title="Readiness", stamp=now())
        say(f"written: {out}")
    day = _day(on)
    record = readiness_record(found, shipped_controls(), day)
    write_out(record, readiness_text(found, day), as_json)


@guarded
def blank_readiness(
    out: Annotated[str, typer.Argument(metavar="OUT", help="OUT.csv or OUT.xlsx.")],
    frameworks: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FRAMEWORK]...", help="Of these; else of the six main ones."),
    ] = None,
    *,
    force: Force = False,
) -> None:
    """Write a readiness table in which everything is open, to fill in."""
    from workbench.files.catalogues.frameworks import shipped_frameworks
    from workbench.files.catalogues.readiness import write_readiness
    from workbench.frameworks.groups import SIX
    from workbench.frameworks.readiness import Readiness, blank

    known = shipped_frameworks()
    wanted = dict.fromkeys(known[name].id for name in frameworks or SIX)
    rows = tuple(one for name in wanted for one in blank(known[name]))
    refuse_to_replace([out], force=force)
    write_readiness(Readiness(known, rows), out)
    say(f"written: {out}")


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
    write_out(ai_act_record(found, act), ai_act_text(found, act), as_json)


@guarded
def roadmap(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="A plan; ours unless told.")
    ] = None,
    *,
    study: Annotated[
        str | None,
        typer.Option(metavar="STUDY", help="Take owners and controls in place from beside it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the tasks of a plan month by month, and which controls land when."""
    from workbench.files.catalogues.plans import read_roadmap, shipped_roadmap
    from workbench.reports.framework_record import roadmap_record, roadmap_text

    plan = shipped_roadmap() if file is None else read_roadmap(file)
    there: dict[str, str] | None = None
    if study is not None:
        from workbench.files.catalogues.statements import stated_beside

        statement = stated_beside(study)
        plan, there = statement.owned(plan), statement.where()
    write_out(roadmap_record(plan, there), roadmap_text(plan, there), as_json)


@guarded
def playbook(
    name: Annotated[
        str | None, typer.Argument(metavar="ID", help="A playbook; all are listed unless told.")
    ] = None,
    *,
    threat: Annotated[
        str | None, typer.Option(metavar="ID", help="List the playbooks for a threat instead.")
    ] = None,
    start: Annotated[
        dt.datetime | None,
        typer.Option(
            metavar="TIME",
            help="When the clocks start, in UTC unless it has an offset, which days are counted"
            " by; now.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what to do when an AI system fails, and who is told by when."""
    from workbench.errors import require
    from workbench.files.catalogues.plans import shipped_playbooks
    from workbench.files.catalogues.threats import shipped_threats
    from workbench.reports.playbook_words import playbook_record, playbook_text, playbooks_text

    books = shipped_playbooks()
    if name is None or threat is not None:
        require(name is None, "one playbook, or those for a threat", got=name, fix="Choose one.")
        rule, fix = "clocks are those of one playbook", "Name it, such as PB-01."
        require(start is None, rule, got="a start and no playbook", fix=fix)
        wanted = None if threat is None else [shipped_threats().threat(threat).id]
        found = books.playbooks if wanted is None else books.of_threats(wanted)
        listed = [{"id": one.id, "failure_mode": one.failure_mode} for one in found]
        write_out({"playbooks": listed}, playbooks_text(found), as_json)
        return
    book, began = books.playbook(name), _instant(start)
    record = playbook_record(book, began) | {"note": books.note}
    write_out(record, f"{playbook_text(book, began)}\n{books.note}", as_json)


def _instant(start: dt.datetime | None) -> dt.datetime:
    """Return a time with its offset, which days are counted by; in UTC without one, or now."""
    if start is None:
        return dt.datetime.now(tz=dt.UTC)
    return start.replace(tzinfo=dt.UTC) if start.tzinfo is None else start


def added_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(crosswalk)
    app.add_typer(catalogue)
    for command in (threats, readiness, roadmap, playbook):
        app.command()(command)
    app.command()(lineage)
    app.command()(drift)
    app.command("blank-readiness")(blank_readiness)
    app.command("ai-act")(ai_act)
