"""What ties a system to a study: which threats its scenarios are made of, which controls it has.

A tie is somebody's reading, and no part of either: a scenario that is made of a threat stands at
every component that the threat touches. Its average year counts at each of them, so that the
figures rank components and do not add up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.errors import require
from workbench.threats.applying import Report
from workbench.threats.finding import Finding

STATUSES = ("in place", "planned")


@dataclass(frozen=True, slots=True)
class Tie:
    """One scenario of a study, and the threats that it is made of."""

    scenario: str  # id
    threats: tuple[str, ...]  # ids
    why: str = ""


@dataclass(frozen=True, slots=True)
class Safeguard:
    """A control that a system has or is to have.

    Raises
    ------
    WorkbenchError
        for another status.

    """

    control: str  # id
    status: str  # one of STATUSES
    why: str = ""

    def __post_init__(self) -> None:
        """Check the status."""
        require(
            self.status in STATUSES,
            "a control is in place or planned",
            got=self.status,
            fix=f"One of {', '.join(STATUSES)}; leave out what is neither.",
        )


@dataclass(frozen=True)
class Ties:
    """All that ties one system to a study.

    Raises
    ------
    WorkbenchError
        for a scenario or a control that stands twice.

    """

    system: str  # id
    scenarios: tuple[Tie, ...] = ()
    controls: tuple[Safeguard, ...] = ()

    def __post_init__(self) -> None:
        """Check that nothing stands twice."""
        ids = [one.scenario for one in self.scenarios] + [one.control for one in self.controls]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        require(not twice, "a scenario and a control are tied once", got=twice, fix="Join them.")

    def in_place(self) -> tuple[str, ...]:
        """Return the ids of the controls that are there."""
        return tuple(one.control for one in self.controls if one.status == "in place")

    def status(self, control: str) -> str:
        """Return whether a control is in place, planned, or neither."""
        return next((one.status for one in self.controls if one.control == control), "not stated")

    def scenarios_of(self, threat: str) -> tuple[str, ...]:
        """Return the scenarios that are made of a threat."""
        return tuple(one.scenario for one in self.scenarios if threat in one.threats)

    def findings(self, scenario: str, report: Report) -> tuple[Finding, ...]:
        """Return where the threats of a scenario touch components."""
        wanted = {t for one in self.scenarios if one.scenario == scenario for t in one.threats}
        return tuple(one for one in report.components if one.threat.id in wanted)

    def untied(self, report: Report) -> tuple[str, ...]:
        """Return the scenarios of whose threats none touches a component."""
        ids = (one.scenario for one in self.scenarios)
        return tuple(one for one in ids if not self.findings(one, report))

    def money(self, report: Report, means: Mapping[str, float]) -> dict[str, float]:
        """Return the average year of the scenarios at each component, currency / year.

        The figures of components overlap, and their sum means nothing.

        Parameters
        ----------
        means : the average annual loss of each scenario, by id

        """
        found = dict.fromkeys((part.id for part in report.system.components), 0.0)
        for tie in self.scenarios:
            for element in {one.element for one in self.findings(tie.scenario, report)}:
                found[element] += means.get(tie.scenario, 0.0)
        return found
