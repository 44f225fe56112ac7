r"""Products of independent amounts, by FFT on the axis of the logarithm.

.. math:: \log \prod_i X_i = \sum_i \log X_i

so that a product is a convolution of the factors' masses on a grid of log x. Each factor costs two
transforms, and half of the grid tells the error. What a factor has at 0 is set apart.

Averages come from a second convolution, of the masses weighted by their amounts: with Q_i(A) =
E[X_i; A] / E[X_i], the size-biased laws, the X_i are independent under Q too. Masses times amounts
would not do, since far out an amount makes a loss of the rounding of a mass. Where a mean does not
exist, they are the area under the curve, cut where the grid ends.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import fft

from workbench.distributions import Array, Distribution
from workbench.distributions.derived import jumps_of
from workbench.engines.columns import Columns, falling, with_atoms
from workbench.engines.grid import Complex, atom_masses, smooth_masses
from workbench.losses import TabulatedLosses

SIZE = 1 << 13  # cells of log x
MARGIN = 4  # of them below each factor, and as many above
LEAST = 1e-15  # chance below and above which a factor is not followed
SMALLEST = 1e-12  # of the median above 0; smaller amounts are not followed
KNOWN = 10.0  # times the chance of what is not computed: as rare as that a product is not either
MET = 1e-4  # of a height, by which two grids may differ where they meet
ROUNDED = 1e-11  # chance that a table may have from rounding
SEEN = 1e-12  # chance of a single value that is set apart
MOST_JOINT = 20_000  # products of single values that are
LEFT = 1e-12  # of the mean: less beyond the ends is rounding
FARTHEST, STEP = 1e-30, 1e-5  # where the mean of a heavy tail is not followed; the way there


class Factor(Protocol):
    """What is multiplied: a belief, or a computed loss as one."""

    def tail(self, x: Array) -> tuple[Array, Array]:
        """P(X > x) and E[(X - x)+]; the second means nothing where there is no mean."""
        ...

    def mean(self) -> float:
        """E[X]."""
        ...

    def variance(self) -> float:
        """E[(X - E[X])^2]."""
        ...

    def jumps(self) -> tuple[Array, Array]:
        """Single values, rising, and their chances."""
        ...

    def ends(self) -> tuple[float, float]:
        """Values above 0 between which all but `LEAST` of what is above 0 lies."""
        ...

    def unknown(self) -> float:
        """P(X is so large that it is told by a formula, and is not computed)."""
        ...


@dataclass(frozen=True)
class Held:
    """A belief as a factor."""

    belief: Distribution

    def tail(self, x: Array) -> tuple[Array, Array]:
        if math.isfinite(self.belief.mean()):
            return self.belief.excess_moments(x)[:2]
        sf = np.asarray(self.belief.sf(x))
        return sf, np.full_like(sf, math.inf)

    def mean(self) -> float:
        return self.belief.mean()

    def variance(self) -> float:
        return self.belief.variance()

    def jumps(self) -> tuple[Array, Array]:
        return jumps_of(self.belief)

    def ends(self) -> tuple[float, float]:
        low, high = self.belief.support()
        above = float(self.belief.sf(0.0))
        low = low if low > 0 else float(self.belief.isf(above * (1 - 1e-12)))
        usual = float(self.belief.isf(above / 2))
        return max(low, SMALLEST * usual), min(high, self._end(above))

    def _end(self, above: float) -> float:
        """Return an amount beyond which little is worth anything; tails may be heavy."""
        chance, end, mean = LEAST, float(self.belief.isf(LEAST * above)), self.mean()
        while math.isfinite(mean) and chance > FARTHEST:
            sf, excess = self.tail(np.array([end]))
            if float((excess + end * sf)[0]) <= LEFT * mean:
                break
            chance = max(chance * STEP, FARTHEST)
            end = float(self.belief.isf(chance * above))
        return end

    def unknown(self) -> float:
        return 0.0


@dataclass(frozen=True)
class Computed:
    """A computed loss as a factor."""

    losses: TabulatedLosses

    def tail(self, x: Array) -> tuple[Array, Array]:
        sf, excess = self.losses.tail(x)
        inside = x < self.losses.nodes()[0][-1]  # farther out a table stays at its last height
        return np.where(inside, sf, 0.0), np.where(inside, excess, 0.0)

    def mean(self) -> float:
        return self.losses.mean()

    def variance(self) -> float:
        return self.losses.variance()

    def jumps(self) -> tuple[Array, Array]:
        x, sf, _ = self.losses.nodes()
        if self.losses.step:
            return x, -np.diff(sf, prepend=1.0)
        falls = -np.diff(sf, prepend=1.0)
        # such a node stands twice, as does one at which two grids meet but for their errors
        at = np.flatnonzero((np.diff(x, prepend=-1.0) == 0) & (falls > MET * (sf + falls)))
        free = falls[:1] > 0
        return np.append(x[:1][free], x[at]), np.append(falls[:1][free], falls[at])

    def ends(self) -> tuple[float, float]:
        x, sf, _ = self.losses.nodes()
        free = self.losses.prob_no_loss()
        low, usual = (self.losses.var(free + (1 - free) * share) for share in (1e-9, 0.5))
        last = min(int(np.searchsorted(-sf, -LEAST)), x.size - 1)
        return max(low, SMALLEST * usual), float(x[last])

    def unknown(self) -> float:
        end = self.losses.computed_to()
        return float(self.losses.exceedance(end)) if math.isfinite(end) else 0.0


def multiplied(
    factors: Sequence[Factor],
    ids: Iterable[str] = (),
    *,
    size: int = SIZE,
    is_coarse: bool = False,
) -> TabulatedLosses:
    """Return the product of independent `factors`, none of them 0 for certain.

    The cells keep the first two moments of log x, so that quantiles err by the third power of their
    width; E[X] is closed.
    """
    names = frozenset(ids)
    spans = [np.log(factor.ends()) for factor in factors]
    start, end = (math.fsum(float(span[k]) for span in spans) for k in (0, 1))
    step = max(end - start, 1e-6) / (size - 2 * MARGIN * len(factors))
    lows = [float(span[0]) - MARGIN * step for span in spans]
    above = math.prod(1 - _at_zero(factor) for factor in factors)
    masses = _convolved(factors, lows, step, size)
    mean = math.prod(factor.mean() for factor in factors)
    squares = math.prod(factor.variance() + factor.mean() ** 2 for factor in factors)
    places, chances = _joint_jumps(factors)
    if places.size:
        masses = masses - _convolved_jumps(factors, lows, step, size)
    spread = read(masses, math.fsum(lows), step, above, mean)
    spread[1][0] -= chances.sum()
    spread[2][0] -= places @ chances
    x, sf, excess = with_atoms(spread, float(spread[2][0]), places, chances)
    unknown = KNOWN * math.fsum(factor.unknown() for factor in factors)
    return TabulatedLosses(
        x,
        sf,
        excess,
        mean=mean,
        variance=max(squares - mean**2, 0.0) if math.isfinite(squares) else math.inf,
        ids=names,
        coarse=None if is_coarse else lambda: _halved(factors, names, size // 2),
        known=known_to(x[1:], sf[1:], unknown),
    )


def _halved(factors: Sequence[Factor], names: frozenset[str], size: int) -> TabulatedLosses:
    return multiplied([_coarse(one) for one in factors], names, size=size, is_coarse=True)


def _coarse(factor: Factor) -> Factor:
    """Return a computed factor as half of its own grid has it."""
    if isinstance(factor, Computed) and factor.losses.coarse is not None:
        return Computed(factor.losses.coarse)
    return factor


def known_to(x: Array, sf: Array, unknown: float) -> float:
    """Return the product beyond which it is as rare as what is `unknown` of the factors."""
    if unknown <= 0:
        return math.inf
    at = int(np.searchsorted(-sf, -max(unknown, ROUNDED)))
    return float(x[min(at, x.size - 1)])


def _at_zero(factor: Factor) -> float:
    places, chances = factor.jumps()
    return float(chances[places == 0].sum())


def _convolved(factors: Sequence[Factor], lows: Sequence[float], step: float, size: int) -> Array:
    """Masses of the product's logarithm given that it is above 0, as `factor_masses` has them."""
    transforms: Complex = np.ones((2, 1), dtype=complex)
    for factor, low in zip(factors, lows, strict=True):
        transforms = transforms * fft.rfft(factor_masses(factor, low, step, size), 2 * size)
    return np.asarray(fft.irfft(transforms, 2 * size)[:, : size + 1])


def _single(factor: Factor) -> tuple[Array, Array]:
    """Return the single values above 0 that are to be seen, and their chances."""
    places, chances = factor.jumps()
    seen = (places > 0) & (chances > SEEN)
    return places[seen], chances[seen]


def _joint_jumps(factors: Sequence[Factor]) -> tuple[Array, Array]:
    """Return the products of single values of all factors, rising; none if there are many."""
    values, weights = np.ones(1), np.ones(1)
    for factor in factors:
        places, chances = _single(factor)
        if places.size * values.size > MOST_JOINT:
            return np.zeros(0), np.zeros(0)
        values = np.multiply.outer(values, places).ravel()
        weights = np.multiply.outer(weights, chances).ravel()
    values, inverse = np.unique(values, return_inverse=True)
    return values, np.bincount(inverse, weights, values.size).astype(float)


def _convolved_jumps(
    factors: Sequence[Factor], lows: Sequence[float], step: float, size: int
) -> Array:
    """`_convolved` of the single values alone."""
    transforms: Complex = np.ones((2, 1), dtype=complex)
    for factor, low in zip(factors, lows, strict=True):
        (places, chances), mean = _single(factor), factor.mean()
        worth = places * chances / mean if math.isfinite(mean) else 0 * chances
        rows = chances / (1 - _at_zero(factor)), worth
        at = np.maximum(np.log(places) - low, 0.0)
        masses = [atom_masses(at, row, size, step) for row in rows]
        transforms = transforms * fft.rfft(masses, 2 * size)
    return np.asarray(fft.irfft(transforms, 2 * size)[:, : size + 1])


def factor_masses(factor: Factor, low: float, step: float, size: int) -> Array:
    """Masses of log X on the grid from `low` on, given that X is above 0: by chance and by worth.

    Shape (2, size): the second row weights each amount by what it brings to the mean; it is 0 where
    there is none. What a heavy tail is worth beyond its end stands there.
    """
    places, chances = factor.jumps()
    above, mean = 1 - _at_zero(factor), factor.mean()
    places, chances = places[places > 0], chances[places > 0]
    x = np.exp(low + step * np.arange(size + 1))
    has_mean = math.isfinite(mean)
    whole = above, mean if has_mean else 0.0
    tails, weights = in_shares(x, factor.tail(x), (places, chances), whole)
    masses = log_masses(tails, (places, weights), low, step)
    missed = 1 - float(masses[1].sum())
    if has_mean and missed > LEFT:
        masses[1, round((math.log(factor.ends()[1]) - low) / step)] += missed
    return masses


def in_shares(
    x: Array, tail: tuple[Array, Array], jumps: tuple[Array, Array], whole: tuple[float, float]
) -> tuple[Array, Array]:
    """Return a tail at x and the weights of jumps as shares of the `whole`: by chance and by worth.

    `tail` is P(X > x) and E[(X - x)+], and what is told by worth is E[X; X > x]. A worth of 0 has
    shares of 0.
    """
    (sf, excess), (places, chances), (above, worth) = tail, jumps, whole
    if worth > 0:
        tails = sf / above, (excess + x * sf) / worth
        weights = chances / above, places * chances / worth
    else:
        tails, weights = (sf / above, 0 * x), (chances / above, 0 * chances)
    return np.array(tails), np.array(weights)


def log_masses(tails: Array, jumps: tuple[Array, Array], low: float, step: float) -> Array:
    """Masses on a grid of log x from tails at its nodes and jumps, shape (rows, size).

    `tails` has a value more than the grid; `jumps` are places and their weights, a row for each.
    """
    places, weights = jumps
    size = tails.shape[1] - 1
    x = np.exp(low + step * np.arange(size + 1))
    masses = smooth_masses(tails - beyond(places, weights, x))
    masses[:, 0] -= weights.sum(axis=1)
    at = np.maximum(np.log(places) - low, 0.0)  # single values that are too small to be followed
    return masses + [atom_masses(at, row, size, step) for row in weights]


def beyond(places: Array, weights: Array, x: Array) -> Array:
    """Return what of the `weights` lies at places above each x, shape (2, x)."""
    sums = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    padded = np.concatenate([sums, np.zeros((2, 1))], axis=1)
    return np.asarray(padded[:, np.searchsorted(places, x, side="right")])


def read(masses: Array, low: float, step: float, above: float, mean: float) -> Columns:
    """Read x, P(X > x) and E[(X - x)+] off the masses, at 0 and at every second node.

    `above` is P(X > 0). Above the mean chances are those of the worth, which keep their digits far
    out.
    """
    x = np.exp(low + step * np.arange(masses.shape[1]))
    chances, worth = masses
    if math.isfinite(mean):
        chances = np.where(x > mean / above, worth * (mean / above) / x, chances)
    heights = falling(np.clip(above * _from_the_top(chances), 0, above))
    nodes, sf, whole = x[::2], heights[::2], mean
    if math.isfinite(mean):
        excess = np.maximum(mean * _from_the_top(worth)[::2] - nodes * sf, 0.0)
        excess = np.minimum.accumulate(np.minimum(excess, mean))
    else:
        excess = _areas(x * heights, step)
        whole = float(excess[0] + nodes[0] * above)
    return np.append(0.0, nodes), np.append(above, sf), np.append(whole, excess)


def _from_the_top(masses: Array) -> Array:
    """Return what lies above each node, half of its own mass with it."""
    return np.asarray(np.cumsum(masses[::-1])[::-1] - masses / 2)


def _areas(heights: Array, step: float) -> Array:
    """Int f(y) dy from every second node to the end, by Simpson's rule."""
    parts = step / 3 * (heights[:-1:2] + 4 * heights[1::2] + heights[2::2])
    return np.append(np.cumsum(parts[::-1])[::-1], 0.0)
