"""How far an organisation is with each requirement: status, maturity, owner, due day, evidence.

A requirement that does not apply has a reason; 'in part' never counts as met. Gaps are ranked by
the money at risk that the missing controls touch: savings of gaps overlap and do not add up.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from workbench.errors import require
from workbench.frameworks.controls import Controls
from workbench.frameworks.requirement import Framework, Frameworks, Requirement
from workbench.models.scenario import is_day

Status = Literal["met", "in part", "open", "not applicable"]
STATUSES: tuple[Status, ...] = ("met", "in part", "open", "not applicable")
MATURITIES = range(6)  # 0 absent, 1 ad hoc, 2 repeated, 3 defined, 4 measured, 5 improved


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one requirement is.

    Raises
    ------
    WorkbenchError
        for an unknown status, a maturity outside 0..5, a day that is none, a requirement that does
        not apply without a reason, or one that is met without evidence.

    """

    framework: str
    id: str
    status: Status
    maturity: int | None = None  # 0 to 5
    target: int | None = None  # maturity that is aimed at
    owner: str = ""
    due: str = ""  # ISO 8601
    evidence: str = ""
    justification: str = ""  # why it does not apply

    def __post_init__(self) -> None:
        """Check the words, the numbers and the day."""
        where = f"{self.framework} {self.id}"
        require(
            self.status in STATUSES,
            f"the status of {where} is known",
            got=self.status,
            fix=f"One of {', '.join(STATUSES)}.",
        )
        for name in ("maturity", "target"):
            level = getattr(self, name)
            require(
                level is None or (level in MATURITIES and not isinstance(level, bool)),
                f"{name} of {where} is a whole number from 0 to 5",
                got=level,
                fix="0 is absent, 3 is defined, 5 is improved.",
            )
        require(
            self.due == "" or is_day(self.due),
            f"due of {where} is a day",
            got=self.due,
            fix="Write year, month and day: 2026-11-24.",
        )
        require(
            self.status != "not applicable" or bool(self.justification.strip()),
            f"{where} has a reason why it does not apply",
            got=self.justification,
            fix="Write the justification of its exclusion.",
        )
        require(
            self.status != "met" or bool(self.evidence.strip()),
            f"{where} has evidence that it is met",
            got=self.evidence,
            fix="Name the evidence, or call it 'in part'.",
        )


@dataclass(frozen=True)
class Tally:
    """How many requirements of one framework stand where."""

    framework: str
    met: int
    in_part: int
    unmet: int
    not_applicable: int
    unstated: int  # nobody said anything: counted as open wherever gaps are

    @property
    def applicable(self) -> int:
        """How many apply."""
        return self.met + self.in_part + self.unmet + self.unstated

    def sentence(self) -> str:
        """Say it in one sentence."""
        said = f"{self.met} of {self.applicable} met, {self.in_part} in part"
        return f"{said}, {self.unstated} not stated" if self.unstated else said


@dataclass(frozen=True)
class Readiness:
    """All standings, checked against their frameworks.

    Raises
    ------
    WorkbenchError
        for a requirement that stands twice, or is not in its framework.

    """

    frameworks: Frameworks
    standings: tuple[Standing, ...]

    def __post_init__(self) -> None:
        """Check every id."""
        for standing in self.standings:
            self.frameworks.requirement(standing.framework, standing.id)
        places = [(self.frameworks[one.framework].id, one.id) for one in self.standings]
        twice = sorted(place for place, number in Counter(places).items() if number > 1)
        require(not twice, "a requirement stands once", got=twice, fix="Keep one of the rows.")

    def of(self, framework: str) -> dict[str, Standing]:
        """Return the standings of one framework, by id."""
        name = self.frameworks[framework].id
        return {s.id: s for s in self.standings if self.frameworks[s.framework].id == name}

    def named(self) -> list[str]:
        """Return the frameworks of which anything is stated, in order of the registry."""
        have = {self.frameworks[one.framework].id for one in self.standings}
        return [name for name in self.frameworks if name in have]

    def met(self, framework: str) -> list[str]:
        """Return the ids that are met."""
        return sorted(name for name, one in self.of(framework).items() if one.status == "met")

    def tally(self, framework: str) -> Tally:
        """Count where the assessed requirements of a framework stand."""
        have = self.of(framework)
        assessed = self.frameworks[framework].assessed()
        number = dict.fromkeys((*STATUSES, ""), 0)
        for one in assessed:
            number[have[one.id].status if one.id in have else ""] += 1
        return Tally(
            self.frameworks[framework].id,
            number["met"],
            number["in part"],
            number["open"],
            number["not applicable"],
            number[""],
        )

    def gaps(self, framework: str) -> list[Requirement]:
        """Return what applies and is not met, in order of the framework."""
        have = self.of(framework)
        closed = {n for n, one in have.items() if one.status in ("met", "not applicable")}
        return [one for one in self.frameworks[framework].assessed() if one.id not in closed]

    def overdue(self, framework: str, day: str) -> list[Requirement]:
        """Return the gaps that were due before a day (ISO 8601)."""
        have = self.of(framework)
        due = {name: one.due for name, one in have.items() if one.due}
        return [one for one in self.gaps(framework) if due.get(one.id, day) < day]

    def profile(
        self, framework: str = "nist_ai_rmf_1_0"
    ) -> list[tuple[str, int | None, int | None]]:
        """Return the current and the target profile: id, maturity now, maturity aimed at."""
        have = self.of(framework)
        rows = []
        for one in self.frameworks[framework].assessed():
            standing = have.get(one.id)
            now, then = (standing.maturity, standing.target) if standing else (None, None)
            rows.append((one.id, now, then))
        return rows


@dataclass(frozen=True, slots=True)
class Applicability:
    """One row of a statement of applicability."""

    requirement: Requirement
    included: bool
    justification: str
    status: str
    evidence: str
    controls: tuple[str, ...]  # of the catalogue, that help to meet it


def statement_of_applicability(
    readiness: Readiness, controls: Controls, framework: str = "iso42001_2023"
) -> list[Applicability]:
    """Return the statement of applicability: every control of Annex A, in or out, and why.

    ISO/IEC 42001:2023 asks for it in 6.1.3. A control that nobody has spoken of is in, and open.
    """
    have = readiness.of(framework)
    rows = []
    for one in readiness.frameworks[framework].controls():
        standing = have.get(one.id)
        excluded = standing is not None and standing.status == "not applicable"
        meeting = tuple(c.id for c in controls.meeting(one.framework, one.id))
        if standing is None:
            rows.append(Applicability(one, True, "not yet stated", "open", "", meeting))
        else:
            why = standing.justification or "applies to the AI systems in scope"
            rows.append(
                Applicability(one, not excluded, why, standing.status, standing.evidence, meeting)
            )
    return rows


@dataclass(frozen=True, slots=True)
class Gap:
    """A requirement that is not met, and the money that its missing controls touch."""

    requirement: Requirement
    status: str
    controls: tuple[str, ...]  # missing ones that would help
    threats: tuple[str, ...]  # of the study, that these are against
    money: float  # average annual loss of the scenarios behind these threats, currency / year


def blank(framework: Framework) -> list[Standing]:
    """Return a standing for everything that a framework assesses, all open: a form to fill in.

    Raises
    ------
    WorkbenchError
        for a framework in which nothing is met or not met, such as a list of threats.

    """
    require(
        bool(framework.assessed()),
        f"{framework.id} has requirements that are met or not met",
        got="a list that nothing is assessed in",
        fix="Name another framework.",
    )
    return [Standing(framework.id, one.id, "open") for one in framework.assessed()]
