"""Beliefs known by their quantile function: everything else is made from it."""

import math
from abc import abstractmethod
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array, Distribution, Mask
from workbench.distributions.halves import Half, make_half


class ByQuantile(Distribution):
    """A belief whose `ppf` and `isf` are known in both tails, to 1e-300.

    Its distribution function is their inverse and its moments are their integrals, to some 12
    digits; a family that knows better overrides them.
    """

    __slots__ = ()

    @abstractmethod
    def exists(self, moment: int) -> tuple[bool, bool]:
        """Whether E[|X|^moment] is finite in the upper, and in the lower tail."""

    def centre(self) -> float:
        """Return the median, around which moments are taken so that digits are kept."""
        return _halves(self)[0]

    def sf(self, x: ArrayLike) -> Array:
        return self._both(x)[0]

    def cdf(self, x: ArrayLike) -> Array:
        return self._both(x)[1]

    def _both(self, x: ArrayLike) -> tuple[Array, Array]:
        """P(X > x) and P(X <= x), each accurate where it is small."""
        x = np.asarray(x, dtype=float)
        upper, above, below = self._places(x)
        tail, rest = np.empty(x.shape), np.empty(x.shape)
        tail[upper], rest[upper] = np.exp(-above), -np.expm1(-above)
        tail[~upper], rest[~upper] = -np.expm1(-below), np.exp(-below)
        return tail, rest

    def _places(self, x: Array) -> tuple[Mask, Array, Array]:
        """Which x are in the upper half, and the t of those that are and of those that are not."""
        centre, high, low = _halves(self)
        upper = np.asarray(x >= centre)
        above = high.invert(x[upper], lambda t: self.isf(np.exp(-t)), "right")
        below = low.invert(-x[~upper], lambda t: -self.ppf(np.exp(-t)), "left")
        return upper, above, below

    def _partial(self, x: Array) -> tuple[Array, Array, Array]:
        """P(X > x) and E[(X - c)^k; X > x] for k = 1, 2 with c the median.

        Where the moment is infinite it is counted from elsewhere: differences stay right.
        """
        _, high, low = _halves(self)
        upper, above, below = self._places(x)
        tail, one, two = np.empty(x.shape), np.empty(x.shape), np.empty(x.shape)
        tail[upper], tail[~upper] = np.exp(-above), -np.expm1(-below)
        for k, part in enumerate((one, two)):
            part[upper] = high.beyond(k, above)
            sign = 1 if k else -1  # the lower half holds -(X - c)
            lower = low.totals[k][0] - low.beyond(k, below)
            part[~upper] = high.totals[k][0] + sign * lower
        return tail, one, two

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        x = np.asarray(x, dtype=float)
        centre, high, _ = _halves(self)
        tail, one, two = self._partial(x)
        y = x - centre
        first, second = np.full(x.shape, np.inf), np.full(x.shape, np.inf)
        if high.whole[0]:
            first = np.maximum(one - y * tail, 0)
        if high.whole[1]:
            second = np.maximum(two - 2 * y * one + y * y * tail, 0)
        return tail, first, second

    def layer_moments(self, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
        a = np.asarray(a, dtype=float)
        b = np.maximum(np.asarray(b, dtype=float), a)
        a = np.broadcast_to(a, np.shape(b))
        ends = np.isfinite(b)
        end = np.where(ends, b, a)
        tail_a, one_a, two_a = self._partial(a)
        tail_b, one_b, two_b = self._partial(end)
        y, width = a - _halves(self)[0], end - a
        inside, one = tail_a - tail_b, one_a - one_b
        first = np.maximum(one - y * inside + width * tail_b, 0)
        second = two_a - two_b - 2 * y * one + y * y * inside + width**2 * tail_b
        second = np.maximum(second, 0)
        if ends.all():
            return first, second
        _, whole1, whole2 = self.excess_moments(a)
        return np.where(ends, first, whole1), np.where(ends, second, whole2)

    def mean(self) -> float:
        if not self.exists(1)[0]:
            return math.inf
        if not self.exists(1)[1]:
            return -math.inf
        centre, high, low = _halves(self)
        return centre + float(high.totals[0][0] - low.totals[0][0])

    def variance(self) -> float:
        if not all(self.exists(2)):
            return math.inf
        _, high, low = _halves(self)
        off = float(high.totals[0][0] - low.totals[0][0])
        return max(float(high.totals[1][0] + low.totals[1][0]) - off**2, 0.0)

    def jumps(self) -> tuple[Array, Array]:
        """Pieces between breaks on which the quantile function is flat."""
        levels = np.concatenate([[0.0], np.sort(self.breaks()), [1.0]])
        inset = 1e-9 * np.diff(levels)
        first, last = self.isf(levels[:-1] + inset), self.isf(levels[1:] - inset)
        flat = (first == last) & (np.diff(levels) > 0)
        return first[flat][::-1], np.diff(levels)[flat][::-1]


@lru_cache(maxsize=256)
def _halves(belief: ByQuantile) -> tuple[float, Half, Half]:
    """Return the median and the two halves, upper first."""
    centre = float(belief.isf(0.5))
    breaks = belief.breaks()
    upper = -np.log(breaks[breaks < 0.5])
    lower = -np.log1p(-breaks[breaks > 0.5])
    one, two = belief.exists(1), belief.exists(2)
    return (
        centre,
        make_half(lambda t: belief.isf(np.exp(-t)), centre, upper, (one[0], two[0])),
        make_half(lambda t: -belief.ppf(np.exp(-t)), -centre, lower, (one[1], two[1])),
    )
