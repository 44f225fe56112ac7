"""The threat model's page: what is said of all systems together, and from which figures."""

from collections.abc import Sequence
from datetime import datetime

from workbench.audit.checkpoints import Note
from workbench.models.portfolio import StudyResult
from workbench.reports.footers import footer
from workbench.reports.threat_system import SystemFigures
from workbench.reports.threat_values import SystemLine, ThreatPage
from workbench.reports.words import count_of, within
from workbench.threats.drafting import to_be_elicited

NO_SYSTEMS = "No AI system is described beside this study."
HOW_TO = (
    "Write each system as YAML into a folder that is called as the study is, with the ending "
    ".systems, and this page finds the threats that apply to it."
)
ABOUT = (
    "Which threat applies follows from what a system is said to be, by our reading of what each "
    "threat needs, who reaches what and what travels with which flow (editorial); no row of the "
    "catalogue says how often. "
    "A scenario's average year counts at each component that one of its threats touches, so that "
    "the figures of components overlap and do not add up. Which threats a scenario is made of, "
    "and which controls are in place, is a reading of the study (editorial)."
)


def threat_page(
    systems: Sequence[SystemFigures],
    result: StudyResult,
    computed: datetime,
    known: int,
    fresh: str,
    *,
    lost: Sequence[str] = (),
    kept: Note | None = None,
) -> ThreatPage:
    """Say what the systems of a study come to.

    Parameters
    ----------
    known : how many threats the catalogue holds
    fresh : how up to date the page is, in words
    lost : what the ties name and is not there, each in words
    kept : the checkpoint of the register that the study is kept in, if it is

    """
    lines = tuple(_line(one) for one in systems)
    return ThreatPage(
        _heading(systems, known),
        _summary(systems) if systems else HOW_TO,
        (*_state(systems, result, fresh), *lost),
        _systems_heading(systems),
        lines,
        _footer(result, computed, kept),
        ABOUT,
    )


def _line(one: SystemFigures) -> SystemLine:
    return SystemLine(
        one.system.id,
        one.system.name,
        len(one.system.components),
        len(one.system.crossing()),
        len(one.report.threats()),
        len(one.bare),
        ", ".join(tie.scenario for tie in one.ties.scenarios) or "none",
        one.amount(one.average, 3) if one.average else "not quantified",
        one.error_told(),
    )


def _heading(systems: Sequence[SystemFigures], known: int) -> str:
    if not systems:
        return NO_SYSTEMS
    touched = {threat.id for one in systems for threat in one.report.threats()}
    whose = "our AI system" if len(systems) == 1 else f"our {len(systems)} AI systems"
    opening = f"{len(touched)} of {known} known threats apply to {whose}"
    costly = max(systems, key=lambda one: one.average)
    if not costly.average:
        return f"{opening}; none of them is quantified yet."
    return (
        f"{opening}; the {within(costly.system.name)}'s scenarios cost the most, "
        f"{costly.amount(costly.average, 3)} in an average year."
    )


def _summary(systems: Sequence[SystemFigures]) -> str:
    crossing = sum(len(one.system.crossing()) for one in systems)
    touched = {threat.id for one in systems for threat in one.report.threats()}
    bare = set.union(*(set(one.bare) for one in systems))
    there = len({control for one in systems for control in one.ties.in_place()})
    said = [
        f"{count_of(crossing, 'flow')} {'crosses' if crossing == 1 else 'cross'} a trust boundary."
    ]
    if there:
        said.append(
            f"{count_of(there, 'control')} {'is' if there == 1 else 'are'} stated to be in place; "
            f"{len(bare)} of these "
            f"{len(touched)} threats meet a system that has none against them."
        )
    else:
        said.append("No control is stated to be in place.")
    worst = max((line for one in systems for line in _worst(one)), key=lambda pair: pair[0])
    if worst[0]:
        said.append(f"Most money is at risk at “{worst[1]}”.")
    return " ".join(said)


def _worst(one: SystemFigures) -> list[tuple[float, str]]:
    return [(one.money[line.id], f"{line.name}” of the “{one.system.name}") for line in one.worst]


def _state(systems: Sequence[SystemFigures], result: StudyResult, fresh: str) -> tuple[str, ...]:
    waiting = len(to_be_elicited(result.study.scenarios))
    late = [f"{count_of(waiting, 'range')} to be elicited"] if waiting else []
    parts = sum(len(one.system.components) for one in systems)
    counted = f"{count_of(len(systems), 'system')}, {count_of(parts, 'component')}"
    return (fresh, result.study.name, counted, *late)


def _systems_heading(systems: Sequence[SystemFigures]) -> str:
    if not systems:
        return ""
    first = max(systems, key=lambda one: len(one.bare))
    return (
        f"The {within(first.system.name)} has most threats without a control in place: "
        f"{len(first.bare)} of {len(first.report.threats())}."
    )


def _footer(
    result: StudyResult, computed: datetime, kept: Note | None
) -> tuple[tuple[str, str, str], ...]:
    engine = {"exact": "exact", "montecarlo": "Monte Carlo"}[result.engine]
    between = [("Seed", str(result.seed), ""), ("Engine", engine, result.why)]
    return footer(result.study, computed, kept, between)
