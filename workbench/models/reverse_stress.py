"""Reverse stress: the smallest change of the inputs at which the year meets its appetite.

A stress test asks what a given change costs. A reverse stress test asks which change it takes to
pass a limit. Inputs are multiplied: z is the logarithm of a factor, so that twice and half are
equally far from today. If the study is above its appetite already, the same problem says what
brings it back.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from workbench.distributions import Array, scaled
from workbench.engines import exact
from workbench.engines.counts import DiscreteCount
from workbench.errors import WorkbenchError, require
from workbench.losses import TabulatedLosses
from workbench.models.design_point import DesignPoint, crossing, design_point
from workbench.models.exact_year import exact_year, refuse_high_rates
from workbench.models.planning import plans_of
from workbench.models.scenario import Scenario
from workbench.models.study import Study, TolerancePoint, as_study
from workbench.models.tolerance import most_exceeded

LARGEST = 100.0  # a factor beyond which nobody looks, and 1 / LARGEST below
LEAST_CHANCE = 1e-15  # rounding of the transforms; less is no chance
TELLING = 1e-9  # a chance that is far above rounding, so that its slope can be trusted
FAR = 1.5  # times the nearest point so far: no search starts from farther away
EACH = 40  # years of its scenario that are computed for an input, alone and together
STARTS = 2  # single inputs from whose crossings the joint search starts as well


@dataclass(frozen=True, slots=True)
class StressInput:
    """One number that a whole field of a study is multiplied by."""

    owner: str  # the id of a scenario; of an asset for "shared_asset_value"
    field: str  # "frequency", "loss_magnitude", "asset_value" or "shared_asset_value"

    @property
    def name(self) -> str:
        """Say which input, for a person."""
        return f"{self.owner}: {self.field.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class SingleStress:
    """The factor of one input alone at which the tolerated chance is met."""

    changed: StressInput
    factor: float | None  # None where no factor from 1 / LARGEST to LARGEST does it
    largest: float  # the farthest factor that was looked at: a count may allow less


@dataclass(frozen=True)
class JointStress:
    """The smallest change of all inputs together at which the tolerated chance is met."""

    factors: Mapping[StressInput, float]
    distance: float  # sqrt(sum of log(factor)^2)
    chance: float  # P(L > loss) after the change
    error: float  # error bound of the engine on it
    converged: bool  # False: a change that meets the appetite, and perhaps not the smallest
    iterations: int
    residual: float  # how far it is from parallel to the gradient, of the distance
    why: str  # what the search did

    def holds(self, point: TolerancePoint) -> bool:
        """Whether the chance is the tolerated one within the engine's error bound."""
        return abs(self.chance - point.probability) <= self.error

    def largest_first(self) -> list[tuple[StressInput, float]]:
        """Return the factors by how far they are from 1."""
        return sorted(self.factors.items(), key=lambda pair: -abs(math.log(pair[1])))


@dataclass(frozen=True)
class ReverseStress:
    """What it takes to meet one point of a study's appetite."""

    point: TolerancePoint
    chance: float  # P(L > loss) today
    above: bool  # whether that is more than is tolerated
    single: tuple[SingleStress, ...]  # the smallest change first, those that never do it last
    joint: JointStress | None  # None where no change within reach does it


def reverse_stress(
    study: Study, point: TolerancePoint | None = None, *, wait: bool = False
) -> ReverseStress:
    """Return the smallest changes of a study's inputs that meet its appetite; exact engine only.

    Each scenario's frequency and primary magnitude (the asset's value where an exposure factor is
    stated) is an input; a shared asset is one input. Secondary loss, terms and discrete counts,
    which state their frequency themselves, stay as they are.

    Parameters
    ----------
    study : in its current state
    point : of the appetite; the one of the study that is passed the most where left out
    wait : whether it is begun where it takes long: each input has its year computed some
        forty times

    Raises
    ------
    WorkbenchError
        without a tolerance point that tells anything, for a study that nothing can change, or one
        that `exact_year` refuses.

    """
    require(
        point is None or isinstance(point, TolerancePoint),
        "the appetite is met at a TolerancePoint",
        got=point,
        fix="Write TolerancePoint(10e6, 0.05) for 5 % a year of more than 10M.",
    )
    study = as_study(study).at("current")
    inputs = stress_inputs(study)
    # each input has its own scenario computed so often
    times = math.ceil(EACH * len(inputs) / max(len(study.scenarios), 1))
    today = exact_year(study, times=max(times, 1), wait=wait)
    chosen = most_exceeded(today, study.tolerance) if point is None else point
    require(
        chosen is not None and chosen.probability < 1,
        "a reverse stress test has a loss that is tolerated with a probability below 1",
        got=chosen,
        fix="State a tolerance point such as: 5 % a year of more than 10M.",
    )
    assert chosen is not None
    require(bool(inputs), "a study has an input to change", got="none", fix="Add a scenario to it.")
    problem = _Problem(study, chosen, inputs)
    chance = float(today.exceedance(chosen.loss))
    single = _alone(problem)
    joint = _together(problem, single)
    order = sorted(single, key=lambda one: _size(one.factor))
    return ReverseStress(chosen, chance, chance > chosen.probability, tuple(order), joint)


def stress_inputs(study: Study) -> list[StressInput]:
    """Return the inputs that a study has, in order of scenario, shared assets last."""
    found: list[StressInput] = []
    for scenario in sorted(study.scenarios, key=lambda s: s.id):
        if not isinstance(scenario.count, DiscreteCount):
            found.append(StressInput(scenario.id, "frequency"))
        names = ("loss_magnitude", "asset_value")
        found += [StressInput(scenario.id, n) for n in names if getattr(scenario, n) is not None]
    shared = sorted({s.asset for s in study.scenarios if s.asset is not None})
    return found + [StressInput(asset, "shared_asset_value") for asset in shared]


def stressed(study: Study, factors: Mapping[StressInput, float]) -> Study:
    """Return the study with each of `factors` applied to its input."""
    scenarios = {s.id: s for s in study.scenarios}
    assets = {a.id: a for a in study.assets}
    for one, factor in factors.items():
        if one.field == "shared_asset_value":
            asset = assets[one.owner]
            assets[one.owner] = replace(asset, value=scaled(asset.value, factor))
        else:
            scenarios[one.owner] = _multiplied(scenarios[one.owner], one.field, factor)
    return replace(study, assets=tuple(assets.values()), scenarios=tuple(scenarios.values()))


def _multiplied(scenario: Scenario, name: str, factor: float) -> Scenario:
    node: Any = getattr(scenario, name)
    changed = node.scaled(factor) if hasattr(node, "scaled") else scaled(node, factor)
    return scenario.replace(**{name: changed})


class _Problem:
    """log(chance / tolerated chance) as a function of the logarithms of the factors."""

    def __init__(self, study: Study, point: TolerancePoint, inputs: Sequence[StressInput]) -> None:
        self.study, self.point, self.inputs = study, point, list(inputs)
        ends = [[self._end(one, side) for one in inputs] for side in (-1.0, 1.0)]
        self.low, self.high = (np.array(side) for side in ends)
        self.at_zero = self.gap(np.zeros(len(inputs)))

    def _end(self, one: StressInput, side: float) -> float:
        """Return the farthest log-factor of an input to one side that its count allows."""
        allowed, refused = 0.0, side * math.log(LARGEST)
        if self._allows(one, refused):
            return refused
        for _ in range(50):
            middle = (allowed + refused) / 2
            if self._allows(one, middle):
                allowed = middle
            else:
                refused = middle
        return allowed

    def _allows(self, one: StressInput, log: float) -> bool:
        alone = self.study
        if one.field != "shared_asset_value":
            alone = replace(self.study, scenarios=(self.study.scenario(one.owner),))
        try:
            refuse_high_rates(stressed(alone, {one: math.exp(log)}))
        except WorkbenchError:
            return False
        return True

    def factors(self, z: Array) -> dict[StressInput, float]:
        return {one: math.exp(log) for one, log in zip(self.inputs, z.tolist(), strict=True)}

    def losses(self, z: Array) -> TabulatedLosses:
        moved = {one: factor for one, factor in self.factors(z).items() if factor != 1}
        study = stressed(self.study, moved)
        return exact.portfolio(plans_of(study), study.currency)

    def gap(self, z: Array) -> float:
        chance = float(self.losses(z).exceedance(self.point.loss))
        return math.log(max(chance, LEAST_CHANCE) / self.point.probability)

    def along(self, direction: Array) -> float | None:
        """Return how far the appetite is along a direction, towards which the year moves to it."""
        side = -math.copysign(1.0, self.at_zero)  # factors above 1 where there is room, else below
        towards = side * direction
        ends = np.where(towards > 0, self.high, self.low)
        moving = direction != 0
        reach = float(np.max(np.abs(ends[moving])))

        def height(t: float) -> float:
            return self.gap(np.clip(t * direction, self.low, self.high))

        if side < 0 and height(-reach) > 0:  # cheap to know: less of a loss is less to compute
            return None
        return crossing(height, self.at_zero, side * reach)


def _alone(problem: _Problem) -> list[SingleStress]:
    found = []
    for i, one in enumerate(problem.inputs):
        axis = np.zeros(len(problem.inputs))
        axis[i] = 1.0
        end = problem.high[i] if problem.at_zero < 0 else problem.low[i]
        log = 0.0 if problem.at_zero == 0 else problem.along(axis) if end != 0 else None
        factor = None if log is None else math.exp(log)
        found.append(SingleStress(one, factor, math.exp(float(end))))
    return found


def _size(factor: float | None) -> float:
    return math.inf if factor is None else abs(math.log(factor))


def _together(problem: _Problem, single: list[SingleStress]) -> JointStress | None:
    """Return the nearest of the design points that are found from several starts.

    Where a few inputs can each do it alone, the tolerated chance is met at several nearest points;
    the search starts from today and from the crossings of the single inputs that lie closest.
    """
    if problem.at_zero == 0:
        return _joint(problem, np.zeros(len(single)), None, "The appetite is met as it is.")
    crossed = _crossings(problem, single)
    if not crossed:
        return None
    telling = problem.point.probability * math.exp(problem.at_zero) > TELLING
    # a chance of nothing has no slope, and the search begins where all inputs grow alike
    first = np.zeros(len(single)) if telling else _alike(problem)
    best: DesignPoint | None = None
    for start in (first, *crossed[:STARTS]):
        if start is None or (best is not None and np.linalg.norm(start) >= FAR * best.distance):
            continue
        found = design_point(problem.gap, problem.low, problem.high, start)
        if found is None or not found.converged:
            continue
        if best is None or found.distance < best.distance:
            best = found
    nearest = float(np.linalg.norm(crossed[0]))
    if best is not None and best.distance <= nearest * (1 + 1e-6):
        return _joint(problem, best.z, best, "The nearest point found by HL-RF.")
    why = (
        "The chance moves in jumps or hardly at all: a change that does it, perhaps not the least."
    )
    return _joint(problem, crossed[0], None, why)


def _crossings(problem: _Problem, single: list[SingleStress]) -> list[Array]:
    """Return points that meet the appetite, the nearest first: each input alone, or all alike."""
    axes = np.eye(len(single))
    found = [
        math.log(one.factor) * axis
        for one, axis in zip(single, axes, strict=True)
        if one.factor is not None
    ]
    if not found:
        alike = _alike(problem)
        return [] if alike is None else [alike]
    return sorted(found, key=lambda z: float(np.linalg.norm(z)))


def _alike(problem: _Problem) -> Array | None:
    log = problem.along(np.ones(len(problem.inputs)))
    return None if log is None else np.clip(log, problem.low, problem.high)


def _joint(problem: _Problem, z: Array, found: DesignPoint | None, why: str) -> JointStress:
    losses = problem.losses(z)
    loss = problem.point.loss
    return JointStress(
        problem.factors(z),
        float(np.linalg.norm(z)),
        float(losses.exceedance(loss)),
        losses.exceedance_error(loss),
        found is not None or not np.any(z),
        0 if found is None else found.iterations,
        0.0 if found is None else found.residual,
        why,
    )
