r"""What changed between two studies, and how much each change moves the year.

The field's waterfalls change one input after the other and give each the step that it makes. Such
bars depend on the order: where frequency and magnitude both double, whichever comes second is given
twice as much. Here each change is given its Shapley value, the average of its step over all orders.
It is the only division that adds up to the whole, treats equal changes equally, gives nothing to a
change without effect, and adds over measures. For n changed inputs and v(S) the figure of the study
in which the inputs of S are changed,

.. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|! \, (n - |S| - 1)!}{n!}
          \left( v(S \cup i) - v(S) \right), \qquad \sum_i \phi_i = v(N) - v(\emptyset)

The mean adds over scenarios, whatever they share, and Shapley values add over games. So the mean is
divided scenario by scenario, among the inputs that the scenario feels, from closed forms: no year
is convolved unless terms of a year cut it, and thirty changed inputs are as many small games.

Source: Shapley 1953, A value for n-person games.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from workbench.distributions import Array
from workbench.engines import exact
from workbench.engines.plan import CompoundPlan
from workbench.errors import is_whole, require
from workbench.losses.base import check_level
from workbench.models.changes import ChangedInput, changed_inputs, edited
from workbench.models.exact_year import check_reached, exact_year, refuse_high_rates
from workbench.models.planning import plan_of, plans_of
from workbench.models.portfolio import StudyResult
from workbench.models.scenario import Scenario, State
from workbench.models.shapley import Game
from workbench.models.study import Asset, Study, as_study

Measure = Literal["mean", "tvar", "var"]
MEASURES: tuple[Measure, ...] = ("mean", "tvar", "var")
MOST_EXACT = 7  # inputs that act together, of which all subsets are computed: 128
ROUNDING = 1e-12  # of a mean in closed form
PAIRS = 16  # of orders, forward and backward, above that
MOST_PAIRS = 10_000


@dataclass(frozen=True)
class Step:
    """What one changed input moves, for each measure; currency / year."""

    changed: ChangedInput
    moves: Mapping[Measure, float]
    errors: Mapping[Measure, float]  # standard error over orders; 0 where all subsets are computed
    bounds: Mapping[Measure, float]  # error bound of the engine


@dataclass(frozen=True)
class Waterfall:
    """How one study's year becomes another's, input by input; the steps add up to the change."""

    currency: str
    level: float  # of TVaR and VaR
    before: Mapping[Measure, float]  # currency / year
    after: Mapping[Measure, float]
    steps: tuple[Step, ...]  # in order of scenario and field, assets last
    orders: int | None  # orders that were averaged; None where all subsets are computed
    studies: int  # how many whole studies were computed; the mean alone needs none

    def change(self, measure: Measure) -> float:
        """Return the whole change, currency / year."""
        return self.after[measure] - self.before[measure]

    def largest_first(self, measure: Measure) -> list[Step]:
        """Return the steps by the size of what they move."""
        return sorted(self.steps, key=lambda step: -abs(step.moves[measure]))


def waterfall(
    before: Study,
    after: Study,
    *,
    level: float = 0.95,
    measures: Sequence[Measure] = ("mean", "tvar"),
    pairs: int = PAIRS,
    wait: bool = False,
) -> Waterfall:
    """Explain the change of a year's figures by the inputs that differ; exact engine only.

    With the mean alone (`measures=("mean",)`) it takes milliseconds.

    Parameters
    ----------
    before, after : two studies in their current state, in one currency
    level : of TVaR and VaR
    measures : "mean", "tvar", "var"; the last exists where the mean does not
    pairs : of orders that are averaged where more than `MOST_EXACT` inputs changed; for the mean,
        where that many changed in one scenario
    wait : whether whole years are begun where they take long

    Raises
    ------
    WorkbenchError
        for two currencies, a dependence, a measure that does not exist on the way from one study to
        the other, a rate that is not computed, or whole years that `exact_year` refuses.

    """
    _check(before, after, level, measures, pairs)
    inputs = changed_inputs(before, after)
    parts: dict[Measure, _Part] = {}
    if "mean" in measures:
        parts["mean"] = _mean_part(before, after, inputs, pairs, wait=wait)
    others = tuple(name for name in measures if name != "mean")
    if others:
        parts |= _whole_parts(_Years(before, after, inputs, level, others), pairs, wait=wait)
    steps = tuple(
        Step(one, *({m: float(parts[m].shares[kind][i]) for m in measures} for kind in range(3)))
        for i, one in enumerate(inputs)
    )
    return Waterfall(
        before.currency,
        level,
        {name: parts[name].before for name in measures},
        {name: parts[name].after for name in measures},
        steps,
        next((part.orders for part in parts.values() if part.orders is not None), None),
        max(part.studies for part in parts.values()),
    )


def _check(
    before: Study, after: Study, level: float, measures: Sequence[Measure], pairs: int
) -> None:
    """Refuse two studies that are not compared, and options that are none; see `waterfall`."""
    require(
        as_study(before).currency == as_study(after).currency,
        "two studies are compared in one currency",
        got=(before.currency, after.currency),
        fix="Convert one of them first.",
    )
    check_level(level)
    require(
        bool(measures) and set(measures) <= set(MEASURES),
        f"measures are some of {MEASURES}",
        got=tuple(measures),
        fix='Leave them out for ("mean", "tvar").',
    )
    require(
        is_whole(pairs, 1, MOST_PAIRS),
        f"1 to {MOST_PAIRS:,} pairs of orders are averaged",
        got=pairs,
        fix="16 are usual; their standard error says whether they are enough.",
    )
    is_mean = set(measures) == {"mean"}
    require(
        is_mean or (before.dependence is None and after.dependence is None),
        "a change of bad years is explained for scenarios that are independent",
        got="a study with a dependence",
        fix='Not computed in this version with it: ask for measures=("mean",).',
    )


def between_states(study: Study, before: State, after: State, **options: Any) -> Waterfall:
    """Return what changes from one state of a study to another; options of `waterfall`."""
    return waterfall(study.at(before), study.at(after), **options)


def between_runs(before: StudyResult, after: StudyResult, **options: Any) -> Waterfall:
    """Return what changed from one run to another; both are computed again by the exact engine."""
    return waterfall(before.study, after.study, **options)


@dataclass(frozen=True)
class _Part:
    """One measure of both studies, and how its change is shared out."""

    before: float
    after: float
    shares: tuple[Array, Array, Array]  # moves, errors and bounds, each shape (inputs,)
    orders: int | None = None
    studies: int = 0


def _require_exists(name: Measure, figure: float) -> None:
    require(
        math.isfinite(figure),
        f"the {name} exists in both studies and on the way between them",
        got="a loss whose average does not exist",
        fix='Limit the loss of an event, or ask for measures=("var",).',
    )


def _plain(scenario: Scenario) -> Scenario:
    # levels of the matrix move no figure, and the two studies may have other matrices
    return scenario.at("current").replace(likelihood=None, consequence=None)


def _assets(before: Study, after: Study) -> dict[str, Asset]:
    """Assets by id as they were; those that only the later study lists as they are."""
    return {a.id: a for a in (*after.assets, *before.assets)}


def _with_changes(
    scenarios: Mapping[str, Scenario],
    assets: Mapping[str, Asset],
    inputs: Sequence[ChangedInput],
    chosen: int,
) -> tuple[dict[str, Scenario], dict[str, Asset]]:
    """Return scenarios and assets by id with those inputs changed whose bits `chosen` holds."""
    found, worth = dict(scenarios), dict(assets)
    for i, one in enumerate(inputs):
        if not chosen >> i & 1:
            continue
        if one.field == "asset value":
            worth[one.owner] = replace(worth[one.owner], value=one.after)
        elif one.field == "removed":
            del found[one.owner]
        elif one.field == "added":
            found[one.owner] = one.after
        else:
            found[one.owner] = edited(found[one.owner], one)
    return found, worth


def _mean_part(
    before: Study, after: Study, inputs: Sequence[ChangedInput], pairs: int, *, wait: bool
) -> _Part:
    """Share out the change of the mean, scenario by scenario."""
    known = _assets(before, after)
    old, new = ({s.id: s for s in study.scenarios} for study in (before, after))
    shares = np.zeros((3, len(inputs)))
    ends: list[tuple[float, float]] = []
    orders = None
    for name in sorted(old.keys() | new.keys()):
        named = {side[name].asset for side in (old, new) if name in side}
        felt = [
            i
            for i, one in enumerate(inputs)
            if one.owner in (named if one.field == "asset value" else (name,))
        ]
        worth = {a: known[a] for a in sorted(n for n in named if n is not None)}
        was = _plain(old[name]) if name in old else None
        year = _MeanYear(was, worth, [inputs[i] for i in felt], wait)
        game = Game(len(felt), year.computed, after.seed, name)
        first, last = game.value(0), game.value(2 ** len(felt) - 1)
        ends.append((float(first[0]), float(last[0])))
        (moves, errors, bounds), drawn = game.shared_out(MOST_EXACT, pairs)
        orders = orders or drawn
        shares[0, felt] += moves[:, 0]
        shares[1, felt] = np.hypot(shares[1, felt], errors[:, 0])  # an asset moves several
        shares[2, felt] += bounds[:, 0]
    totals = [math.fsum(end[k] for end in ends) for k in (0, 1)]
    return _Part(totals[0], totals[1], (shares[0], shares[1], shares[2]), orders)


@dataclass(frozen=True)
class _MeanYear:
    """The mean of one scenario's year between two studies; currency / year."""

    was: Scenario | None
    assets: Mapping[str, Asset]  # those that it names before or after
    inputs: Sequence[ChangedInput]  # those that it feels
    wait: bool

    def computed(self, chosen: int) -> tuple[Array, Array]:
        """Mean and its error bound, each shape (1,)."""
        was = {} if self.was is None else {self.was.id: self.was}
        found, assets = _with_changes(was, self.assets, self.inputs, chosen)
        mean = bound = 0.0
        for scenario in map(_plain, found.values()):  # there is one, or none
            study = Study(scenarios=(scenario,), assets=tuple(assets.values()))
            refuse_high_rates(study)
            plan = replace(plan_of(scenario, study), shared=None)
            if plan.annual is not None:  # else its mean has a closed form
                check_reached([plan], times=len(self.inputs), wait=self.wait)
            mean, bound = _mean_with_bound(plan)
            _require_exists("mean", mean)
        return np.array([mean]), np.array([bound])


def _mean_with_bound(plan: CompoundPlan) -> tuple[float, float]:
    if plan.is_nothing():
        return 0.0, 0.0
    mean = exact.year_mean(plan)
    cut = plan.annual is not None  # by terms of the year: then it is read off its table
    return mean, exact.annual_table(plan).error("mean") if cut else ROUNDING * mean


def _whole_parts(years: "_Years", pairs: int, *, wait: bool) -> dict[Measure, _Part]:
    """Share out what does not add over scenarios, from whole studies."""
    players = len(years.inputs)
    studies = min(2**players, 2 * pairs * players)
    for end in (0, 2**players - 1):
        study = years.study(end)
        refuse_high_rates(study)
        # from one of these studies to the next one scenario changes
        times = math.ceil(studies / max(len(study.scenarios), 1))
        check_reached(plans_of(study), times=times, wait=wait)
    game = Game(players, years.computed, years.after.seed, "waterfall")
    shares, orders = game.shared_out(MOST_EXACT, pairs)
    first, last = game.value(0), game.value(2**players - 1)
    return {
        name: _Part(
            float(first[k]),
            float(last[k]),
            (shares[0][:, k], shares[1][:, k], shares[2][:, k]),
            orders,
            len(game.known),
        )
        for k, name in enumerate(years.measures)
    }


@dataclass(frozen=True)
class _Years:
    """The year of a study between two; currency / year."""

    before: Study
    after: Study
    inputs: Sequence[ChangedInput]
    level: float
    measures: tuple[Measure, ...]  # of "tvar" and "var"

    def study(self, chosen: int) -> Study:
        """Return the study in which the inputs that `chosen` holds are changed."""
        was = {s.id: s.at("current") for s in self.before.scenarios}
        known = _assets(self.before, self.after)
        scenarios, assets = _with_changes(was, known, self.inputs, chosen)
        plain = tuple(_plain(scenario) for scenario in scenarios.values())
        return replace(self.before, assets=tuple(assets.values()), scenarios=plain)

    def computed(self, chosen: int) -> tuple[Array, Array]:
        """Figures and their error bounds, each shape (measures,)."""
        losses = exact_year(self.study(chosen), wait=True)
        values, bounds = [], []
        for name in self.measures:
            value, error = (
                (losses.tvar, losses.tvar_error)
                if name == "tvar"
                else (losses.var, losses.var_error)
            )
            _require_exists(name, value(self.level))
            values.append(value(self.level))
            bounds.append(error(self.level))
        return np.array(values), np.array(bounds)
