r"""Two years that enclose a year always: each magnitude rounded down to a grid, and up.

With X- <= X <= X+ on 0, h, 2h, ... the sums keep the order, and so do all figures:

.. math:: P(L^- > x) \le P(L > x) \le P(L^+ > x)

What is held for the year is rounded in the same way: a year rises with its rate, its scale and its
share of secondary losses, whatever the count. What lies beyond the grid is at its end in L- and
nowhere in L+; no chance below the end sees the difference. Source: Embrechts and Frei, Panjer
recursion versus FFT for compound distributions, Math. Methods of Operations Research 2009.

A third year L* spreads each value over the two points beside it, so that its mean stays. It is
larger in convex order, E[(L - x)+] <= E[(L* - x)+], and so its TVaR is the larger one, by an h^2
only; E[g(L) | rate, scale, share] is convex in each for a convex g. Source: Mueller and Stoyan,
Comparison Methods for Stochastic Models and Risks, 2002, chapter 4.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Literal

import numpy as np
from scipy import special

from workbench.distributions import (
    Array,
    Comonotone,
    Distribution,
    Gamma,
    Metalog,
    Mixture,
    Point,
    Product,
    Scaled,
    WithTerms,
    scaled,
)
from workbench.distributions.derived import atoms_of, jumps_of
from workbench.engines import exact
from workbench.engines.grid import TILT, Complex, to_masses, to_transform
from workbench.engines.lattice import span
from workbench.engines.plan import CompoundPlan, Group, groups
from workbench.engines.rates import average_exponential
from workbench.engines.reach import extent_of, first_grid
from workbench.engines.sums import Sum
from workbench.errors import require
from workbench.losses.base import check_level

CELLS = 1 << 16
EDGE = 1e-12  # of an amount: within it a single value stands on a point of the grid
ROUNDING = 8 * np.finfo(float).eps  # of a transform, for each doubling of its length
SCORE = 6.5  # normal scores of the outermost finite values to which something held is rounded
CERTAIN = 1e-12  # chance of a rate above the one that rounding is counted for
QUARTER = 0.25
HELD = 3.0  # such values, times the root of the number of cells; a fourth for scales and shares
Side = Literal["down", "up", "spread"]
SIDES: tuple[Side, ...] = ("down", "up", "spread")


@dataclass(frozen=True, slots=True)
class Bracket:
    """A figure lies between `low` and `high`; `high` is infinite where the grid does not reach."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Enclosed:
    """A year between two others, each as P(L <= k h) at k = 0, 1, ...

    `slack` is what rounding of the transforms and what wraps around may have done to them.
    """

    step: float  # h, currency
    mean: float  # E[L], currency / year
    # P(L- <= k h), the most that P(L <= x) can be for k h <= x < (k + 1) h
    most: Array = field(repr=False)
    least: Array = field(repr=False)  # P(L+ <= k h)
    spread: Array = field(repr=False)  # P(L* <= k h)
    slack: Array = field(repr=False)

    def exceedance(self, loss: float) -> Bracket:
        """P(L > `loss`); amounts within `EDGE` of each other are taken as equal."""
        if loss < 0:
            return Bracket(1.0, 1.0)
        k = int(loss / self.step * (1 + EDGE))
        if k >= self.most.size:
            return Bracket(0.0, float(1 - self.least[-1] + self.slack[-1]))
        ends = 1 - self.most[k] - self.slack[k], 1 - self.least[k] + self.slack[k]
        return Bracket(max(float(ends[0]), 0.0), min(float(ends[1]), 1.0))

    def var(self, level: float) -> Bracket:
        """Return the smallest x with P(L <= x) >= `level`, currency.

        Raises
        ------
        WorkbenchError
            for a level that is not one number in [0, 1).

        """
        check_level(level)
        low = self._first(self.most + self.slack, level)
        high = self._first(self.least - self.slack, level)
        return Bracket(min(low, self.step * self.most.size) * (1 - EDGE), high * (1 + EDGE))

    def _first(self, below: Array, level: float) -> float:
        reached = np.flatnonzero(below >= level)
        return self.step * float(reached[0]) if reached.size else math.inf

    def tvar(self, level: float) -> Bracket:
        r"""Return the average of VaR above `level`, currency.

        .. math:: TVaR_p = \min_x \left( x + E[(L - x)_+] / (1 - p) \right)

        with E[(L - x)+] at least int_x P(L- > t) dt as far as the grid goes, and at least, or at
        most, E[L] - x + E[(x - L)+] with L+ or L* in place of the last L. The most holds at each
        point of the grid; the least between them too, see `_least`. Source: Rockafellar and
        Uryasev, Optimization of conditional value-at-risk, Journal of Risk 2000.
        """
        check_level(level)
        x = self.step * np.arange(self.most.size)
        above = np.maximum(1 - self.most - self.slack, 0)
        seen = self.step * np.cumsum(above[::-1])[::-1]
        if not math.isfinite(self.mean):
            return Bracket(self._least(seen, level), math.inf)
        short = self.step * np.append(0.0, np.cumsum(np.maximum(self.least - self.slack, 0))[:-1])
        least = np.maximum(seen, self.mean * (1 - EDGE) - x + short)
        short = self.step * np.append(0.0, np.cumsum(np.minimum(self.spread + self.slack, 1))[:-1])
        most = np.maximum(self.mean * (1 + EDGE) - x + short, 0.0)
        return Bracket(self._least(least, level), float(np.min(x + most / (1 - level))))

    def _least(self, excess: Array, level: float) -> float:
        r"""The least of x + E[(L - x)+] / (1 - p) over all x, with `excess` at most E[(L - x_k)+].

        The excess is convex and falls by P(L > x), so that between two points it lies above its
        tangents at both of them,

        .. math:: E[(L - x)_+] \ge e_k - (x - x_k)\, P(L > x_k), \qquad
                  E[(L - x)_+] \ge e_{k+1} + (x_{k+1} - x)\, P(L > x_{k+1})
        """
        x = self.step * np.arange(excess.size)
        steepest = np.minimum(1 - self.least + self.slack, 1.0)[:-1]
        flattest = np.maximum(1 - self.most - self.slack, 0.0)[1:]
        gap = excess[:-1] - excess[1:] - self.step * flattest
        turn = np.divide(gap, steepest - flattest, out=np.zeros_like(gap), where=gap > 0)
        lowest = np.inf
        for at in (np.zeros_like(gap), np.clip(turn, 0, self.step), np.full_like(gap, self.step)):
            first = excess[:-1] - at * steepest
            second = excess[1:] + (self.step - at) * flattest
            inside = x[:-1] + at + np.maximum(first, second) / (1 - level)
            lowest = min(lowest, float(np.min(inside, initial=np.inf)))
        return min(lowest, float(x[-1]))  # beyond the grid an excess may be nothing


def enclose(plans: Sequence[CompoundPlan], cells: int = CELLS) -> Enclosed:
    """Return the year of all plans together between two others, on a grid of `cells` points.

    Raises
    ------
    WorkbenchError
        for terms of the year, several years, and beliefs whose chances are not in closed form.

    """
    live = [plan for plan in plans if not plan.is_nothing()]
    for plan in live:
        _check(plan)
    if not live:
        one = np.ones(1)
        return Enclosed(1.0, 0.0, one, one, one, np.zeros(1))
    step = _step(live, cells)
    summands = groups(live)
    mean = math.fsum(exact.group_moments(group)[0] for group in summands)
    years = {}
    slack: Array = np.zeros(cells)
    for side in SIDES if math.isfinite(mean) else SIDES[:2]:
        transform: Complex = np.ones(cells + 1, dtype=complex)
        strain = 0.0
        for group in summands:
            own, strained = _group_transform(group, Lattice(step, cells, side))
            transform, strain = transform * own, strain + strained
        years[side] = np.clip(np.cumsum(to_masses(transform, cells)), 0, 1)
        slack = np.maximum(slack, math.exp(-TILT) + _rounding(transform, strain))
    return Enclosed(step, mean, years["down"], years["up"], years.get("spread", slack), slack)


def _rounding(transform: Complex, strain: float) -> Array:
    """Return what rounding may do to P(L <= k h).

    A transform errs by `ROUNDING` for each doubling of its length, and that grows with the number
    of events, `strain`. By Parseval the masses err by as much in the mean square, and by Cauchy and
    Schwarz their sum up to k, untilted, by the root of the sum of squared weights.
    """
    size = transform.size - 1
    power = float(np.sqrt(2 * np.sum(np.abs(transform) ** 2) / (2 * size)))
    error = ROUNDING * math.log2(2 * size) * (1 + strain) * power / math.sqrt(2 * size)
    return np.asarray(error * np.sqrt(np.cumsum(np.exp(TILT / size * np.arange(size)))))


def _check(plan: CompoundPlan) -> None:
    """Refuse what is not enclosed in this version."""
    name = plan.id or "it"
    require(
        plan.annual is None and plan.factors == (1.0,),
        f"the year of scenario {name} is a sum of its events, to be enclosed",
        got="terms of the year or several years",
        fix="Leave them out: a term of the year acts on both ends of the bracket.",
    )
    severities = [plan.severity] + ([plan.secondary.amount] if plan.secondary else [])
    for belief in (*severities, plan.rate, plan.scale):
        require(
            _is_closed(belief),
            f"the chances of scenario {name} are in closed form, to be enclosed",
            got=type(belief).__name__,
            fix="Read the error bound of the exact engine instead.",
        )
    require(
        plan.terms is None or (plan.secondary is None and isinstance(plan.scale, Point)),
        f"terms of scenario {name} act on one amount, to be enclosed",
        got="terms on a sum, or on an uncertain asset",
        fix="Read the error bound of the exact engine instead.",
    )


def _is_closed(belief: Distribution) -> bool:
    """Whether P(X > x) is known to rounding; sums are rounded part by part."""
    if isinstance(belief, Sum):
        return all(_is_closed(part) for part in belief.parts)
    if isinstance(belief, Scaled | WithTerms):
        return not isinstance(belief.base, Sum) and _is_closed(belief.base)
    if isinstance(belief, Mixture):
        return all(_is_closed(part) for part in belief.parts)
    return not isinstance(belief, Product | Comonotone | Metalog)


def _step(plans: list[CompoundPlan], cells: int) -> float:
    """Return the distance h of the grid's points: single values stand on it where that is near."""
    summands = groups(plans)
    whole = reduce(add, map(extent_of, summands))
    moments = [exact.group_moments(group) for group in summands]
    grid = first_grid(whole, *(math.fsum(pair[k] for pair in moments) for k in (0, 1)))
    step = grid.top / cells
    known = [plan for plan in plans if isinstance(plan.scale, Point)]
    places = np.concatenate(
        [[], *(plan.scale.mean() * jumps_of(plan.severity)[0] for plan in known)]
    )
    common = span(places[places > 0]) if (places > 0).any() else None
    if common is None or common < step / 2:
        return step
    return common / max(math.floor(common / step), 1)


@dataclass(frozen=True, slots=True)
class Lattice:
    """0, h, 2h, ... to which magnitudes are rounded: `down`, `up`, or `spread` to both sides."""

    step: float
    cells: int
    side: Side

    def held(self, belief: Distribution, share: float = 1.0) -> tuple[Array, Array]:
        """Round what is held for the year: finite values and the chance of each.

        Upwards, and where it is spread, some of it may be at infinity, and so nowhere on the grid.
        """
        atoms = atoms_of(belief)
        if atoms is not None:
            return atoms
        scores = np.linspace(-SCORE, SCORE, int(HELD * share * math.sqrt(self.cells)))
        inner = belief.isf(special.ndtr(-scores))
        low, high = belief.support()
        edges = np.unique(np.concatenate([[low], inner[(inner > low) & (inner < high)]]))
        if math.isfinite(high):
            edges = np.append(edges, high)
        if self.side == "spread":
            first = belief.excess_moments(edges)[1]
            slopes = np.concatenate([[1.0], -np.diff(first) / np.diff(edges), [0.0]])
            return edges, slopes[:-1] - slopes[1:]
        tail = np.append(belief.sf(edges), 0.0)
        tail[0] = 1.0  # the lowest value may have a chance of its own, which is rounded down too
        if self.side == "down":
            return edges, tail[:-1] - tail[1:]
        weights = np.append(1 - float(belief.sf(low)), belief.sf(edges[:-1]) - belief.sf(edges[1:]))
        return edges, weights

    def masses(self, severity: Distribution) -> Array:
        """Masses of a rounded magnitude at 0, h, 2h, ...; what is beyond is left out.

        Down: P(k h <= X < (k + 1) h) is at k h. Up: P((k - 1) h < X <= k h) is. Spread: second
        differences of E[(X - x)+] over h are.
        """
        x = self.step * np.arange(self.cells + 1, dtype=float)
        if self.side == "spread":
            slopes = np.append(1.0, -np.diff(severity.excess_moments(x)[1]) / self.step)
            return np.asarray(slopes[:-1] - slopes[1:])
        places, chances = jumps_of(severity)
        k = np.rint(places / self.step)
        near = (np.abs(places - k * self.step) <= EDGE * places) & (k <= self.cells)
        jump = np.zeros(self.cells + 1)
        np.add.at(jump, k[near].astype(int), chances[near])
        # a single value that rounding has put beside a point counts as on it
        tail = np.asarray(severity.sf(np.where(jump > 0, x * (1 + 2 * EDGE), x)))
        tail = np.minimum.accumulate(tail)
        if self.side == "up":
            return np.append(1 - tail[0], tail[:-2] - tail[1:-1])
        reached = tail + jump  # P(X >= k h)
        reached[0] = 1.0
        return np.asarray(reached[:-1] - reached[1:])

    def event(self, severity: Distribution) -> Complex:
        """Transform of a rounded magnitude; of a sum, each part is rounded."""
        if isinstance(severity, Sum):
            return np.asarray(math.prod(map(self.event, severity.parts)), dtype=complex)
        return to_transform(self.masses(severity))

    def nothing(self) -> Complex:
        """Transform of nothing yet."""
        return np.zeros(self.cells + 1, dtype=complex)


def _group_transform(group: Group, lattice: Lattice) -> tuple[Complex, float]:
    """Transform of the rounded year of plans that share a scale, and the most events that count."""
    total, most = lattice.nothing(), 0.0
    share = 1.0 if isinstance(group[0].scale, Point) else QUARTER
    for value, weight in zip(*lattice.held(group[0].scale, QUARTER), strict=True):
        pairs = [_plan_transform(plan, lattice, float(value), share) for plan in group]
        total += weight * math.prod(pair[0] for pair in pairs)
        most = max(most, math.fsum(pair[1] for pair in pairs))
    return total, most


def _plan_transform(
    plan: CompoundPlan, lattice: Lattice, scale: float, share: float
) -> tuple[Complex, float]:
    """Transform of one plan's rounded year at a scale, and the most events that count in it."""
    severity = scaled(plan.severity, scale)
    if plan.terms is not None:
        severity = plan.terms.of(severity)
    phi = lattice.event(severity)
    if plan.secondary is None:
        return _counted(plan, phi, lattice, share)
    rise = phi * (lattice.event(plan.secondary.amount) - 1)
    total, most = lattice.nothing(), 0.0
    for value, weight in zip(*lattice.held(plan.secondary.share, QUARTER), strict=True):
        own, events = _counted(plan, phi + value * rise, lattice, QUARTER)
        total += weight * own
        most = max(most, events)
    return total, most


def _counted(
    plan: CompoundPlan, phi: Complex, lattice: Lattice, share: float
) -> tuple[Complex, float]:
    """E[phi^N], with the rate rounded unless its average is in closed form; and its highest."""
    exponent = plan.count.exponent(phi)
    if exponent is not None and isinstance(plan.rate, Point | Gamma):
        return average_exponential(plan.rate, exponent), float(plan.rate.isf(CERTAIN))
    values, weights = lattice.held(plan.rate, share)
    total = lattice.nothing()
    for value, weight in zip(values, weights, strict=True):
        total += weight * plan.count.pgf(phi, np.asarray(value))
    return total, float(values[-1])
