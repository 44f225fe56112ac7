"""A study: scenarios, the assets that they share, and what loss is tolerated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NoReturn

from workbench.distributions import Distribution
from workbench.errors import WorkbenchError, all_of, is_number, is_whole, require, shown
from workbench.models.anchors import Anchors
from workbench.models.dependence import Dependence
from workbench.models.scenario import STATES, Scenario, State
from workbench.models.tree import check_amount

DEFAULT_NAME, DEFAULT_CURRENCY, DEFAULT_SEED = "Scenario table", "USD", 1
LARGEST_SEED = 2**53 - 1  # the whole numbers that JSON holds exactly
DEFAULT_LEVELS = 5  # of the severity matrix
TOLD = 10  # ids that an error lists


@dataclass(frozen=True, slots=True)
class Asset:
    """Something of value that several scenarios may damage; they share its draw in a year."""

    id: str
    name: str
    value: Distribution  # currency; held for the year

    def __post_init__(self) -> None:
        """Check that the value is a belief in an amount."""
        check_amount(f"the value of asset {self.id}", self.value)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"id": self.id, "name": self.name, "value": self.value.to_dict()}


@dataclass(frozen=True, slots=True)
class TolerancePoint:
    """At most this `probability` in a year of losing more than `loss` is acceptable."""

    loss: float  # currency / year
    probability: float  # 0..1

    def __post_init__(self) -> None:
        """Check loss > 0 and 0 < probability <= 1."""
        require(
            is_number(self.loss) and 0 < self.loss < float("inf"),
            "a tolerated loss is above 0 and finite",
            got=self.loss,
            fix="Give an amount as a number, such as 5e6.",
        )
        require(
            is_number(self.probability) and 0 < self.probability <= 1,
            "a tolerated probability lies above 0 and is at most 1",
            got=self.probability,
            fix="Write 0.05 for 1 year in 20.",
        )

    def to_dict(self) -> dict[str, float]:
        """Plain data."""
        return {"loss": self.loss, "probability": self.probability}


PARTS: dict[str, tuple[type, str]] = {
    "assets": (Asset, "the assets of a study"),
    "scenarios": (Scenario, "the scenarios of a study"),
    "tolerance": (TolerancePoint, "the tolerance points of a study"),
}


@dataclass(frozen=True, slots=True)
class Study:
    """A set of scenarios that are simulated in the same years.

    Raises
    ------
    WorkbenchError
        for a part of another kind, a repeated id, an unknown asset, a tolerance that rises with the
        loss, or a dependence between scenarios that it does not have.

    """

    name: str = DEFAULT_NAME
    currency: str = DEFAULT_CURRENCY  # ISO 4217
    seed: int = DEFAULT_SEED  # 0 .. LARGEST_SEED
    assets: tuple[Asset, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    tolerance: tuple[TolerancePoint, ...] = ()
    anchors: Anchors | None = None  # what the levels of the severity matrix stand for
    dependence: Dependence | None = None  # without it scenarios share nothing but assets

    def __post_init__(self) -> None:
        """Check the rules that tie the parts together."""
        require(
            isinstance(self.name, str) and isinstance(self.currency, str),
            "the name and the currency of a study are text",
            got=shown((self.name, self.currency)),
            fix="Say what each part is: Study(scenarios=(first, second)).",
        )
        for name, (kind, what) in PARTS.items():
            parts = all_of(getattr(self, name), kind, what)
            object.__setattr__(self, name, tuple(parts))
        require(
            is_whole(self.seed, 0, LARGEST_SEED),
            "a seed is a whole number from 0 to 2^53 - 1",
            got=self.seed,
            fix="Any such number will do; keep it to get the same figures again.",
        )
        object.__setattr__(self, "seed", int(self.seed))  # numpy's whole numbers are no JSON
        _refuse_repeats("asset", (a.id for a in self.assets))
        _refuse_repeats("scenario", (s.id for s in self.scenarios))
        self._check_assets()
        require(
            self.anchors is None or isinstance(self.anchors, Anchors),
            "the anchors of a study are rates and amounts for the levels of its matrix",
            got=self.anchors,
            fix="Write Anchors(rates, amounts).",
        )
        self._check_levels()
        self._check_dependence()
        points = sorted(self.tolerance, key=lambda p: p.loss)
        falling = all(
            a.loss < b.loss and a.probability >= b.probability for a, b in pairwise(points)
        )
        require(
            falling,
            "a larger loss is tolerated with a smaller or equal probability",
            got=[(p.loss, p.probability) for p in points],
            fix="Check the tolerance points.",
        )
        object.__setattr__(self, "tolerance", tuple(points))

    # A slider makes a study at each step: the words of a rule are put together where it is broken.

    def _check_assets(self) -> None:
        known = {a.id for a in self.assets}
        for scenario in self.scenarios:
            if scenario.asset is not None and scenario.asset not in known:
                raise WorkbenchError(
                    f"the asset of scenario {scenario.id} is listed in the study; got "
                    f"{scenario.asset!r}. Listed are {sorted(known)}."
                )

    def _check_levels(self) -> None:
        most = self.levels
        for scenario in self.scenarios:
            for name in ("likelihood", "consequence"):
                level = getattr(scenario, name)
                if level is not None and level > most:
                    raise WorkbenchError(
                        f"{name} of scenario {scenario.id} is a level of the study's {most} x "
                        f"{most} matrix; got {level!r}. Use its levels, or state anchors for more."
                    )

    def _check_dependence(self) -> None:
        if self.dependence is None:
            return
        require(
            isinstance(self.dependence, Dependence),
            "the dependence of a study says what it ties: frequencies, losses, or shocks",
            got=self.dependence,
            fix="Write Dependence(frequencies=StatedCopula(common=0.3)).",
        )
        known = {s.id for s in self.scenarios}
        unknown = [name for name in self.dependence.ids() if name not in known]
        require(
            not unknown,
            "the dependence of a study names its scenarios",
            got=unknown[:TOLD],
            fix=f"It has {', '.join(sorted(known)[:TOLD]) or 'none'}.",
        )

    @property
    def levels(self) -> int:
        """How many levels each side of the severity matrix has."""
        return DEFAULT_LEVELS if self.anchors is None else self.anchors.levels

    def at(self, state: State) -> "Study":
        """Return the study in one state; scenarios without it stay as they are today.

        Raises
        ------
        WorkbenchError
            for a state that is none of inherent, current and residual.

        """
        return replace(self, scenarios=tuple(s.at(state) for s in self.scenarios))

    def states(self) -> tuple[State, ...]:
        """Return the states that some scenario tells apart, today always among them."""
        stated = {n for s in self.scenarios for n in STATES if getattr(s, n, None) is not None}
        return tuple(name for name in STATES if name in stated or name == "current")

    def scenario(self, id: str) -> Scenario:
        """Return the scenario with this id.

        Raises
        ------
        WorkbenchError
            for an id that the study does not have.

        """
        found = next((s for s in self.scenarios if s.id == id), None)
        return found or _refuse_unknown("scenario", id, self.scenarios)

    def asset(self, id: str) -> Asset:
        """Return the asset with this id.

        Raises
        ------
        WorkbenchError
            for an id that the study does not have.

        """
        found = next((a for a in self.assets if a.id == id), None)
        return found or _refuse_unknown("asset", id, self.assets)

    def replace_scenario(self, scenario: Scenario) -> "Study":
        """Return a copy in which `scenario` stands in place of the one with its id."""
        (scenario,) = all_of([scenario], Scenario, "the scenarios of a study")
        self.scenario(scenario.id)
        kept = tuple(scenario if s.id == scenario.id else s for s in self.scenarios)
        return replace(self, scenarios=kept)

    def with_seed(self, seed: int) -> "Study":
        """Return a copy with another seed."""
        return replace(self, seed=seed)

    def to_dict(self) -> dict[str, Any]:
        """Canonical plain data: the full form of a study file, everything in order of id."""
        head = {
            "name": self.name,
            "currency": self.currency,
            "seed": self.seed,
            "assets": [a.to_dict() for a in sorted(self.assets, key=lambda a: a.id)],
            "tolerance": [p.to_dict() for p in self.tolerance],
        }
        if self.anchors is not None:
            head["anchors"] = self.anchors.to_dict()
        if self.dependence is not None:
            head["dependence"] = self.dependence.to_dict()
        rows = [s.to_dict() for s in sorted(self.scenarios, key=lambda s: s.id)]
        return {"study": head, "scenarios": rows}


def as_study(value: object) -> Study:
    """Return `value`, a study, or refuse it."""
    if not isinstance(value, Study):
        raise WorkbenchError(
            f"what is simulated or asked of is a study; got {shown(value)}. "
            "Write Study(scenarios=(first, second)), with a comma behind each scenario; what is "
            "read from a file is read_study(path).study."
        )
    return value


def _refuse_unknown(what: str, id: str, known: Sequence[Asset | Scenario]) -> NoReturn:
    ids = ", ".join(one.id for one in known[:TOLD]) or "none"
    more = f" and {len(known) - TOLD} more" if len(known) > TOLD else ""
    raise WorkbenchError(f"the {what} is in the study; got {id!r}. It has {ids}{more}.")


def _refuse_repeats(what: str, ids: Iterable[str]) -> None:
    rule, seen = f"each {what} has an id of its own", set[str]()
    for one in ids:
        require(one not in seen, rule, got=one, fix="Rename one.")
        seen.add(one)
