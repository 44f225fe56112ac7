"""What a framework that is met answers of another: inherited, candidate, or unreached.

A requirement is *inherited* where a met one is equal to it or a superset of it. It is a *candidate*
where a met one only intersects it or is a subset of it: related, and counted only once evidence is
recorded for that very requirement, by a person, on a day. All others are *unreached*.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from workbench.errors import require
from workbench.frameworks.crosswalk import Crosswalk, Link
from workbench.frameworks.requirement import Framework, Frameworks
from workbench.models.scenario import is_day


@dataclass(frozen=True, slots=True)
class Record:
    """Evidence that a requirement is met, said by a person.

    Raises
    ------
    WorkbenchError
        where nobody says so, on no day, or by nothing.

    """

    framework: str
    id: str
    evidence: str
    by: str
    day: str  # ISO 8601

    def __post_init__(self) -> None:
        """Check that it says what, who and when."""
        require(
            bool(self.evidence.strip() and self.by.strip()) and is_day(self.day),
            f"evidence for {self.id} says what it is, who recorded it, and when",
            got=(self.evidence, self.by, self.day),
            fix="Write evidence, a person and a day such as 2026-11-24.",
        )


@dataclass(frozen=True)
class Coverage:
    """What one framework answers of another, by id of the other."""

    source: str
    target: str
    inherited: Mapping[str, Link]  # target id -> the best link
    candidates: Mapping[str, Link]
    unreached: tuple[str, ...]
    recorded: Mapping[str, Record]  # the candidates for which evidence is recorded

    @property
    def size(self) -> int:
        """How many requirements of the target are assessed."""
        return len(self.inherited) + len(self.candidates) + len(self.unreached)

    def met(self) -> list[str]:
        """Return what counts as met: inherited, and candidates with evidence of their own."""
        return sorted({*self.inherited, *self.recorded})

    def sentence(self) -> str:
        """Say it in one sentence."""
        open_now = len(self.candidates) - len(self.recorded)
        return (
            f"{len(self.inherited)} of {self.size} inherited, {len(self.recorded)} by evidence of "
            f"their own, {open_now} candidates without evidence, {len(self.unreached)} unreached"
        )


def coverage(
    crosswalk: Crosswalk,
    source: Framework,
    target: Framework,
    *,
    met: Collection[str] | None = None,
    records: Iterable[Record] = (),
    longest: int = 1,
    on: str = "",
) -> Coverage:
    """Return what the met requirements of one framework answer of another.

    Parameters
    ----------
    met : ids of the source that are met; all that it assesses unless told
    records : evidence; what is for other requirements is left aside
    longest : rows of a chain; 1 counts direct rows alone
    on : the day that is asked about, ISO 8601; evidence of a later day does not count on it. All
        counts where none is told

    Raises
    ------
    WorkbenchError
        for a framework beside itself, for one in which nothing is met or not met, such as a list of
        threats, for an id of `met` that is not in its framework, and a day that is none.

    """
    require(not on or is_day(on), "a day is asked about", got=on, fix="Such as 2026-11-24.")
    require(
        source.id != target.id,
        "coverage is of one framework by another",
        got=(source.id, target.id),
        fix="Name two frameworks.",
    )
    for framework in (source, target):
        require(
            bool(framework.assessed()),
            f"{framework.id} has requirements that are met or not met",
            got="a list that nothing is assessed in",
            fix="Ask for the rows of one of its ids instead.",
        )
    lost = sorted(one for one in met or () if one not in source)
    require(not lost, f"what is met is in {source.id}", got=lost, fix="Name its ids.")
    have = [r.id for r in source.assessed()] if met is None else sorted(set(met))
    best: dict[str, Link] = {}
    for one in have:
        for link in crosswalk.chains((source.id, one), target.id, longest):
            before = best.get(link.target[1])
            if before is None or (link.inherits, link.strength) > (
                before.inherits,
                before.strength,
            ):
                best[link.target[1]] = link
    assessed = [r.id for r in target.assessed()]
    inherited = {i: best[i] for i in assessed if i in best and best[i].inherits}
    candidates = {i: best[i] for i in assessed if i in best and not best[i].inherits}
    unreached = tuple(i for i in assessed if i not in best)
    names = (target.id, target.alias)
    dated = (r for r in records if not on or r.day <= on)
    recorded = {r.id: r for r in dated if r.framework in names and r.id in candidates}
    return Coverage(source.id, target.id, inherited, candidates, unreached, recorded)


def matrix(
    crosswalk: Crosswalk, frameworks: Frameworks, ids: Collection[str]
) -> dict[tuple[str, str], Coverage]:
    """Return the coverage of each framework by each other one that is fully met."""
    return {
        (one, other): coverage(crosswalk, frameworks[one], frameworks[other])
        for one in ids
        for other in ids
        if one != other
    }


def warning(found: Mapping[tuple[str, str], Coverage]) -> str:
    """Say how little is inherited, which every view of a matrix shows."""
    inherited = sum(len(one.inherited) for one in found.values())
    related = sum(len(one.candidates) for one in found.values())
    return (
        f"{inherited} answers are inherited and {related} are only candidates. 'Related' lets "
        "nothing be inherited: a candidate counts once evidence is recorded for it."
    )
