"""How far a year goes, and the grid that holds it."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from operator import add

import numpy as np

from workbench.distributions import Array, Distribution, Point, scaled
from workbench.engines.grid import RATIO, Grid
from workbench.engines.ladder import SIZE
from workbench.engines.memo import remembered
from workbench.engines.plan import CompoundPlan, Group
from workbench.engines.sums import Sum, passed

LARGEST = 1 << 20  # cells
BEYOND = 1e-5  # chance of a year beyond the largest grid
ALIGNED = 3  # log2 of the distance between the tops that a total may have
ALONE = 8  # grids that the year of a single plan is computed on at once, at most
LOW = 0.01  # of the years with a loss are below the smallest loss of interest
MANY = 10.0  # events / year: from there on a low year is told by its deviation
BAD = 2.0  # standard deviations above the mean: a year for which grids are to be fine enough
RARE = -math.log(0.99)  # events / year, of which one comes in 1 year out of 100
NORMAL = 2.33  # standard deviations above the mean: the 1-in-100 year of a normal variable
HALVES = 50  # times that the chance of a larger scale is halved
COMMON = 4  # parts of the smaller half of its values
BOUNDED = 2.0  # times the largest year that is possible, at most

Single = Callable[[Distribution, Array, float], tuple[Array, Array]]


@lru_cache(maxsize=1024)
def reach(plan: CompoundPlan) -> float:
    """Return a loss that a year passes with a chance of about `BEYOND` or less."""
    return _extent(plan)[0]


@lru_cache(maxsize=1024)
def _extent(plan: CompoundPlan) -> tuple[float, float, float, float, float]:
    """Return the reach of a year, its mean and variance, both finite, a low year and a rare one.

    Where a moment does not exist, it is that of events cut at the largest to be expected. Less than
    x in a year is mostly one event of less: P(L < x | L > 0) is about rate F(x) / (exp(rate) - 1).
    """
    plan = replace(plan, id="", shared=None)
    years = len(plan.factors)
    often = passed(plan.rate, BEYOND / 10)
    expected = max(plan.rate.mean() * years, 2 * BEYOND)
    event = plan.event(passed(plan.scale, BEYOND / 10))
    largest = passed(event.largest(), min(BEYOND / expected, 0.5))
    mean, second = event.largest().mean(), event.largest().second_moment()
    cut = float(min(largest, event.largest().support()[1]))
    if not math.isfinite(second):
        limited = event.largest().layer_moments(np.zeros(()), cut)
        mean, second = float(limited[0]), float(limited[1])
    events, variance = plan.count.busy_year(often, BEYOND / 10)
    far = cut + years * events * mean + 5 * math.sqrt(years * variance * second)
    rate = plan.rate.mean() * years
    usual, spread = rate * mean, rate * second + plan.rate.variance() * (years * mean) ** 2
    share = min(LOW * math.expm1(min(rate, MANY)) / rate, 0.5) if rate > 0 else LOW
    worth = plan.scale.mean()
    worth = worth if math.isfinite(worth) else float(plan.scale.isf(0.5))
    least = passed(plan.event(worth).plain, 1 - share)
    # the largest event of 99 years in 100 beside what is usual, or a normal year if that is near
    rare = usual + passed(event.largest(), min(RARE / max(rate, RARE), 0.5))
    normal = usual + NORMAL * math.sqrt(spread)
    rare = normal if rare < normal < 1.5 * rare else rare
    low = max(least, usual - 2.5 * math.sqrt(spread))
    if plan.annual is not None:
        above = far - plan.annual.deductible
        far = min(max(above, far / 16), plan.annual.limit * BOUNDED)
        usual, spread, low, rare = min(usual, far), min(spread, far**2), 0.0, 0.0
    return far, usual, spread, low, rare


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the years of some plans go, each for itself; currency / year."""

    reach: float  # the largest of all
    usual: float  # sum of the means; where one does not exist, of events cut at the largest
    spread: float  # sum of the variances, likewise
    beyond: float  # how far the widest goes above its usual size
    events: float  # a year, of all together
    plans: int
    is_known: bool  # every scale is known
    low: float  # about the smallest loss of interest, of the plan that has the smallest
    rare: float = 0.0  # about the 1-in-100 year of a plan that stands alone; else 0

    def __add__(self, other: "Extent") -> "Extent":
        """Return the extent of both together."""
        return Extent(
            max(self.reach, other.reach),
            self.usual + other.usual,
            self.spread + other.spread,
            max(self.beyond, other.beyond),
            self.events + other.events,
            self.plans + other.plans,
            self.is_known and other.is_known,
            min(self.low, other.low),
        )


def extent_of(group: Group) -> Extent:
    """Return the extent of plans that share a scale."""
    found = []
    for plan in group:
        far, usual, spread, low, rare = reach(plan), *_extent(plan)[1:]
        busy = plan.rate.mean() * len(plan.factors)
        is_known, beyond = isinstance(plan.scale, Point), far - min(usual, far)
        rare = rare if is_known else 0.0
        found.append(Extent(far, usual, spread, beyond, busy, 1, is_known, low, rare))
    return reduce(add, found)


def first_grid(extent: Extent, mean: float, variance: float) -> Grid:
    """Return the largest grids: far enough for the tail, fine enough where bad years lie.

    A cell errs in the third moment only, by about h^3/10 an event, which moves a quantile at x by
    rate h^3 z^2 / (60 Var); at 99 %, where z = 2.33, h keeps that below a millionth of x. Grids
    above the one that holds a bad year have as many cells as that one: they hold rarer years only.
    """
    if not (math.isfinite(mean) and math.isfinite(variance)):
        mean, variance = extent.usual, extent.spread
    top = extent.reach if extent.plans == 1 else mean + extent.beyond + 3 * math.sqrt(variance)
    log2_top = math.ceil(math.log2(top))
    if extent.plans > 1 or not extent.is_known:
        # the same tops for every edit of a study, so that its transforms are reused
        log2_top = ALIGNED * math.ceil(log2_top / ALIGNED)
    bad = mean + BAD * math.sqrt(variance)
    above = max(math.floor((log2_top - math.log2(bad)) / RATIO), 0)  # grids
    held = 2.0 ** (log2_top - RATIO * above)  # the top of the grid that holds it
    step = (1.1e-5 * variance / extent.events * bad) ** (1 / 3)
    step = max(step, held / LARGEST)  # a sum of single values may not vary at all
    size = SIZE * 2 ** math.ceil(math.log2(max(held / (step * SIZE), 1.0)))
    if size > SIZE:
        return Grid(log2_top, min(size, LARGEST), rungs=above + 1)
    if extent.plans > 1:
        return Grid(log2_top, SIZE)
    below = math.ceil((log2_top - math.log2(extent.low)) / RATIO) if extent.low > 0 else ALONE
    return Grid(log2_top, SIZE, rungs=min(max(below, 1), ALONE))


def largest_event(live: Group, far: Array, cap: float) -> tuple[Array, Array]:
    """Shape of the tail where one large event makes the year: sum of rate_i P(A_i X_i > x).

    With the stop-loss premium up to `cap`. Embrechts, Klueppelberg and Mikosch, Modelling Extremal
    Events, theorem A3.20, for severities with a heavy tail.
    """
    tail, first = np.zeros(far.size), np.zeros(far.size)
    for plan in live:
        rate, at, most = plan.rate.mean() * len(plan.factors), far, math.inf
        if plan.annual is not None:
            at, most = far + plan.annual.deductible, plan.annual.limit
        one, two = _of_an_event(plan, at, cap)
        tail = tail + rate * np.where(far < most, one, 0.0)
        first = first + rate * np.where(far < most, two, 0.0)
    return tail, first


def _of_an_event(plan: CompoundPlan, far: Array, cap: float) -> tuple[Array, Array]:
    """P(X > x) and E[(min(X, cap) - x)+] of an event, over what is held of its scale and share."""
    if isinstance(plan.scale, Point):
        return _at_scale(plan, plan.scale.value, far, cap, _single)
    alone = replace(plan, id="", shared=None)
    return _at_any_scale(alone, far.tobytes(), cap)


@remembered(mebibytes=4)
def _at_any_scale(plan: CompoundPlan, places: bytes, cap: float) -> tuple[Array, Array]:
    """`_of_an_event` where the scale is uncertain: a large one makes a large event, too."""
    far, values = np.frombuffer(places), plan.severity.atoms()
    if values is not None and plan.is_simple():  # each of them is a share of the same scale
        parts = [(_single_afresh(scaled(plan.scale, v), far, cap), w) for v, w in _each(values)]
    else:
        held = _each(_rising(plan.scale))
        parts = [(_at_scale(plan, v, far, cap, _single_afresh), w) for v, w in held]
    tail, first = (np.sum([w * part[k] for part, w in parts], axis=0) for k in (0, 1))
    return tail, first


def _each(values: tuple[Array, Array]) -> Iterable[tuple[float, float]]:
    """Yield the values above 0, each with its weight."""
    pairs = zip(*(part.tolist() for part in values), strict=True)
    return ((value, weight) for value, weight in pairs if value > 0)


def _rising(scale: Distribution) -> tuple[Array, Array]:
    """Values and weights of a scale, as fine in the years that are halved and halved again."""
    atoms = scale.atoms()
    if atoms is not None:
        return atoms
    chances = 2.0 ** -np.arange(HALVES + 1)
    ends = np.concatenate([1 - np.arange(COMMON) / (2 * COMMON), chances[1:]])
    return scale.isf((ends[:-1] + ends[1:]) / 2), -np.diff(ends)


def _at_scale(
    plan: CompoundPlan, scale: float, far: Array, cap: float, single: Single
) -> tuple[Array, Array]:
    """`_of_an_event` with its scale held."""
    event = plan.event(scale)
    share = event.share.mean()
    plain = single(event.plain, far, cap)
    if event.more is None or share == 0:
        return plain
    more = single(event.more, far, cap)
    first, second = ((1 - share) * a + share * b for a, b in zip(plain, more, strict=True))
    return first, second


def _single(kind: Distribution, far: Array, cap: float) -> tuple[Array, Array]:
    return _single_at(kind, far.tobytes(), cap)  # a table, its coarse one and every edit ask alike


@remembered(mebibytes=4)
def _single_at(kind: Distribution, places: bytes, cap: float) -> tuple[Array, Array]:
    return _single_afresh(kind, np.frombuffer(places), cap)


def _single_afresh(kind: Distribution, far: Array, cap: float) -> tuple[Array, Array]:
    """P(X > x) and E[(min(X, cap) - x)+] far out, where a sum is as large as its largest part."""
    parts = kind.parts if isinstance(kind, Sum) else (kind,)
    heavy = any(not math.isfinite(part.mean()) for part in parts)
    if not heavy:
        found = [part.excess_moments(far) for part in parts]
        return reduce(np.add, (one[0] for one in found)), reduce(np.add, (one[1] for one in found))
    tails = np.sum([part.sf(far) for part in parts], axis=0)
    firsts = [part.layer_moments(far, cap)[0] for part in parts]
    return tails, np.sum(firsts, axis=0)
