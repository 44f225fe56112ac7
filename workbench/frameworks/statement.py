"""What an organisation states beside its readiness: the day, controls in place, threats, sign-offs.

Which threats a scenario stands for decides which controls touch which money. It is a judgement, so
that it is stated with its reason and never guessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workbench.errors import require
from workbench.frameworks.controls import Controls
from workbench.frameworks.effects import Effects
from workbench.frameworks.playbooks import SignOff
from workbench.frameworks.roadmap import Roadmap
from workbench.models.scenario import is_day
from workbench.models.study import Study
from workbench.threats.ties import Ties


@dataclass(frozen=True, slots=True)
class Stated:
    """A control, and why it is said to be in place or left aside."""

    control: str
    why: str


@dataclass(frozen=True, slots=True)
class Local:
    """A control that one system has, and the scenarios that stand at this system."""

    control: str
    system: str
    scenarios: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Tie:
    """Which threats a scenario stands for, and why."""

    scenario: str
    threats: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Statement:
    """What is stated on a day; what is `in_place` holds for the organisation as a whole.

    Raises
    ------
    WorkbenchError
        for a day that is none, or a control, a scenario or a task that stands twice.

    """

    day: str  # ISO 8601
    organisation: str
    in_place: tuple[Stated, ...] = ()
    not_counted: tuple[Stated, ...] = ()
    ties: tuple[Tie, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    owners: tuple[tuple[str, str], ...] = ()  # task of the roadmap, who leads it
    at_systems: tuple[Local, ...] = ()  # in place at one system, and no word on the others

    def __post_init__(self) -> None:
        """Check the day, and that nothing stands twice."""
        require(is_day(self.day), "a statement has a day", got=self.day, fix="Such as 2026-11-24.")
        _once("a control", [one.control for one in (*self.in_place, *self.not_counted)])
        _once("a scenario", [one.scenario for one in self.ties])
        _once("a task", [task for task, _ in self.owners])

    def threats(self) -> dict[str, tuple[str, ...]]:
        """Return the threats of each scenario, by its id."""
        return {one.scenario: one.threats for one in self.ties}

    def controls_in_place(self) -> tuple[str, ...]:
        """Return the ids of the controls in place in the whole organisation."""
        return tuple(one.control for one in self.in_place)

    def where(self) -> dict[str, str]:
        """Return where each control is in place: "" for the whole organisation, or systems."""
        found = dict.fromkeys(self.controls_in_place(), "")
        systems: dict[str, list[str]] = {}
        for one in self.at_systems:
            systems.setdefault(one.control, []).append(one.system)
        return found | {one: ", ".join(named) for one, named in systems.items()}

    def elsewhere(self, control: str) -> str:
        """Say at which systems a control is in place that others lack; "" where at none."""
        where = self.where().get(control, "")
        return f"in place at {where}, not here" if where else ""

    def in_place_at(self) -> dict[str, tuple[str, ...]]:
        """Return the controls that the systems of a scenario have, by the scenario's id.

        Of a scenario that stands at several systems, those of each of them.
        """
        found: dict[str, dict[str, None]] = {}
        for one in self.at_systems:
            for scenario in one.scenarios:
                found.setdefault(scenario, {})[one.control] = None
        return {scenario: tuple(controls) for scenario, controls in found.items()}

    def unknown(self, study: Study, controls: Controls, threats: Iterable[str]) -> list[str]:
        """Return what it names and is in none of them, as sentences; nothing where all is known."""
        scenarios = {one.id for one in study.scenarios}
        known, catalogue = set(threats), {one.id for one in controls}
        stated = [one.control for one in (*self.in_place, *self.not_counted)]
        named = dict.fromkeys([*stated, *(one.control for one in self.at_systems)])
        lost = [f"control {one} is not in the catalogue" for one in named if one not in catalogue]
        for tie in self.ties:
            if tie.scenario not in scenarios:
                lost.append(f"scenario {tie.scenario} is not in the study")
            lost += [
                f"threat {t} of {tie.scenario} is unknown" for t in tie.threats if t not in known
            ]
        return lost

    def owned(self, roadmap: Roadmap) -> Roadmap:
        """Return a roadmap with those who lead its tasks.

        Raises
        ------
        WorkbenchError
            for a task that is not in it.

        """
        leads = {roadmap.task(task).id: owner for task, owner in self.owners}
        tasks = tuple(replace(t, owner=leads.get(t.id, t.owner)) for t in roadmap.tasks)
        return replace(roadmap, tasks=tasks)

    def joined(self, systems: Iterable[Ties]) -> "Statement":
        """Return the statement with what the threat model of the same study says.

        Threats of scenarios that the statement names are its own, those of others come from the
        systems; of a scenario that stands at several, all of them. Controls that a system says are
        in place are in place at its own scenarios, unless the statement leaves them aside or says
        that they hold for the organisation.
        """
        own, whys = {one.scenario for one in self.ties}, dict[str, str]()
        threats: dict[str, list[str]] = {}
        settled = {one.control for one in (*self.in_place, *self.not_counted)}
        local = list(self.at_systems)
        for system in systems:
            for tie in system.scenarios:
                if tie.scenario not in own:
                    threats.setdefault(tie.scenario, []).extend(tie.threats)
                    whys.setdefault(tie.scenario, tie.why)
            for control in system.controls:
                if control.status == "in place" and control.control not in settled:
                    at = tuple(tie.scenario for tie in system.scenarios)
                    local.append(Local(control.control, system.system, at, control.why))
        found = [Tie(one, tuple(dict.fromkeys(all_)), whys[one]) for one, all_ in threats.items()]
        return replace(self, ties=(*found, *self.ties), at_systems=tuple(local))

    def effects(self, study: Study, controls: Controls) -> Effects:
        """Return what controls would change in a study; see `Effects`."""
        return Effects(
            study,
            controls,
            self.threats(),
            self.controls_in_place(),
            tuple(one.control for one in self.not_counted),
            self.in_place_at(),
        )


def _once(what: str, ids: list[str]) -> None:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    require(not twice, f"{what} stands once in a statement", got=twice, fix="Keep one of them.")
