r"""What changed between two studies, and how much each change moves the year.

The field's waterfalls change one input after the other and give each the step that it makes. Such
bars depend on the order: where frequency and magnitude both double, whichever comes second is given
twice as much. Here each change is given its Shapley value, the average of its step over all orders.
It is the only division that adds up to the whole, treats equal changes equally, gives nothing to a
change without effect, and adds over measures. For n changed inputs and v(S) the figure of the study
in which the inputs of S are changed,

.. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|! \, (n - |S| - 1)!}{n!}
          \left( v(S \cup i) - v(S) \right), \qquad \sum_i \phi_i = v(N) - v(\emptyset)

Source: Shapley 1953, A value for n-person games.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from workbench.distributions import Array
from workbench.engines import exact
from workbench.engines.streams import words
from workbench.errors import require
from workbench.losses.base import check_level
from workbench.models.changes import ChangedInput, changed_inputs, edited
from workbench.models.planning import plans_of
from workbench.models.portfolio import StudyResult, refuse_high_rates
from workbench.models.scenario import State
from workbench.models.study import Study

Measure = Literal["mean", "tvar", "var"]
MEASURES: tuple[Measure, ...] = ("mean", "tvar", "var")
MOST_EXACT = 7  # changed inputs of which all subsets are computed: 128
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
    studies: int  # how many studies were computed

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
) -> Waterfall:
    """Explain the change of a year's figures by the inputs that differ; exact engine only.

    Parameters
    ----------
    before, after : two studies in their current state, in one currency
    level : of TVaR and VaR
    measures : "mean", "tvar", "var"; the last exists where the mean does not
    pairs : of orders that are averaged where more than `MOST_EXACT` inputs changed

    Raises
    ------
    WorkbenchError
        for two currencies, a measure that does not exist on the way from one study to the other, or
        a rate that is not computed.

    """
    require(
        before.currency == after.currency,
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
        1 <= pairs <= MOST_PAIRS,
        f"1 to {MOST_PAIRS:,} pairs of orders are averaged",
        got=pairs,
        fix="16 are usual; their standard error says whether they are enough.",
    )
    inputs = changed_inputs(before, after)
    game = _Game(before, after, inputs, level, tuple(measures))
    if len(inputs) <= MOST_EXACT:
        moves, errors, bounds = _over_subsets(game)
        orders = None
    else:
        moves, errors, bounds = _over_orders(game, pairs)
        orders = 2 * pairs
    ends = game.value(0), game.value(2 ** len(inputs) - 1)
    steps = tuple(
        Step(one, *(_by_measure(game, part[i]) for part in (moves, errors, bounds)))
        for i, one in enumerate(inputs)
    )
    first, last = (_by_measure(game, end) for end in ends)
    return Waterfall(before.currency, level, first, last, steps, orders, len(game.known))


def _by_measure(game: "_Game", figures: Array) -> dict[Measure, float]:
    return dict(zip(game.measures, figures.tolist(), strict=True))


def between_states(study: Study, before: State, after: State, **options: Any) -> Waterfall:
    """Return what changes from one state of a study to another; options of `waterfall`."""
    return waterfall(study.at(before), study.at(after), **options)


def between_runs(before: StudyResult, after: StudyResult, **options: Any) -> Waterfall:
    """Return what changed from one run to another; both are computed again by the exact engine."""
    return waterfall(before.study, after.study, **options)


@dataclass
class _Game:
    """The figures of each study between two, by the set of inputs that are changed in it."""

    before: Study
    after: Study
    inputs: list[ChangedInput]
    level: float
    measures: tuple[Measure, ...]
    known: dict[int, tuple[Array, Array]] = field(default_factory=dict)

    def value(self, chosen: int) -> Array:
        """Figures, shape (measures,), with the inputs changed whose bits `chosen` holds."""
        return self._figures(chosen)[0]

    def bound(self, chosen: int) -> Array:
        """Error bounds of `value`."""
        return self._figures(chosen)[1]

    def _figures(self, chosen: int) -> tuple[Array, Array]:
        if chosen not in self.known:
            self.known[chosen] = self._computed(self.study(chosen))
        return self.known[chosen]

    def study(self, chosen: int) -> Study:
        """Return the study in which the inputs that `chosen` holds are changed."""
        assets = {a.id: a for a in (*self.after.assets, *self.before.assets)}
        scenarios = {s.id: s.at("current") for s in self.before.scenarios}
        for i, one in enumerate(self.inputs):
            if not chosen >> i & 1:
                continue
            if one.field == "asset value":
                assets[one.owner] = replace(assets[one.owner], value=one.after)
            elif one.field == "removed":
                del scenarios[one.owner]
            elif one.field == "added":
                scenarios[one.owner] = one.after
            else:
                scenarios[one.owner] = edited(scenarios[one.owner], one)
        # levels of the matrix move no figure, and the two studies may have other matrices
        plain = tuple(s.replace(likelihood=None, consequence=None) for s in scenarios.values())
        return replace(self.before, assets=tuple(assets.values()), scenarios=plain)

    def _computed(self, study: Study) -> tuple[Array, Array]:
        refuse_high_rates(study)
        losses = exact.portfolio(plans_of(study), study.currency)
        found: dict[Measure, tuple[float, float]] = {}
        for name in self.measures:
            if name == "mean":
                found[name] = losses.mean(), losses.error("mean")
            elif name == "tvar":
                found[name] = losses.tvar(self.level), losses.tvar_error(self.level)
            else:
                found[name] = losses.var(self.level), losses.var_error(self.level)
            require(
                math.isfinite(found[name][0]),
                f"the {name} exists in both studies and on the way between them",
                got="a loss whose average does not exist",
                fix='Limit the loss of an event, or ask for measures=("var",).',
            )
        return np.array([v for v, _ in found.values()]), np.array([e for _, e in found.values()])


def _over_subsets(game: _Game) -> tuple[Array, Array, Array]:
    """Shapley values over all subsets: moves, errors (none) and bounds, each (inputs, measures)."""
    n = len(game.inputs)
    shape = (n, len(game.measures))
    moves, bounds = np.zeros(shape), np.zeros(shape)
    for chosen in range(2**n):
        size = chosen.bit_count()
        for i in range(n):
            if chosen >> i & 1:
                continue
            weight = 1 / (n * math.comb(n - 1, size))  # |S|! (n - |S| - 1)! / n!
            more = chosen | 1 << i
            moves[i] += weight * (game.value(more) - game.value(chosen))
            bounds[i] += weight * (game.bound(more) + game.bound(chosen))
    return moves, np.zeros(shape), bounds


def _over_orders(game: _Game, pairs: int) -> tuple[Array, Array, Array]:
    """Average over seeded orders, each with its reverse; errors from the spread of the pairs.

    An order's steps add up to the whole change, and so does their average.
    """
    n = len(game.inputs)
    found = np.zeros((pairs, n, len(game.measures)))
    bounds = np.zeros((n, len(game.measures)))
    for pair in range(pairs):
        order = np.argsort(words(game.after.seed, "waterfall", "order", pair, n)).tolist()
        for one in (order, order[::-1]):
            chosen = 0
            for i in one:
                more = chosen | 1 << i
                found[pair, i] += (game.value(more) - game.value(chosen)) / 2
                bounds[i] += (game.bound(more) + game.bound(chosen)) / (2 * pairs)
                chosen = more
    errors = np.full(bounds.shape, np.inf)  # one pair says nothing of its own error
    if pairs > 1:
        errors = found.std(axis=0, ddof=1) / math.sqrt(pairs)
    return found.mean(axis=0), errors, bounds
