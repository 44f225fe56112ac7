"""Beliefs made by choosing: one of several parts, or what lies within limits."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array, Distribution, as_belief, as_number, freeze
from workbench.distributions.derived import scaled
from workbench.distributions.discrete import merge
from workbench.distributions.quadrature import nodes
from workbench.errors import require

STEPS = 300  # at most, where 15 do for a smooth belief
CLOSE = 2.5e-16  # of a value: its neighbours
LEAST = 1e-9  # probability of an interval that a belief may be restricted to


def smallest(over: Callable[[Array], Array], low: Array, high: Array, snap: Array) -> Array:
    """Return the smallest x in [low, high] with `over`(x) >= 0, a function that rises with x.

    Two steps of false position (the Illinois rule) and one of bisection in turn, so that jumps and
    flat pieces are found too. Values of `snap` are met exactly; elsewhere the answer is right to
    the last digits. `over` is taken to reach 0 at `high`.
    """
    low, high = low.astype(float), high.astype(float)
    under, above = over(low), np.maximum(over(high), 0)
    at_low, start = under >= 0, low
    last = np.zeros(low.shape)
    for step in range(STEPS):
        scale = np.maximum(np.abs(low), np.abs(high))
        if not (~at_low & (high - low > 4 * CLOSE * scale + 1e-300)).any():
            break
        middle = low + (high - low) / 2
        if step % 3 == 2:
            wide = (low > 0) & (high > 4 * low)
            middle = np.where(wide, np.sqrt(np.abs(low)) * np.sqrt(np.abs(high)), middle)
        else:
            rise = above - under
            there = high - above * ((high - low) / np.where(rise > 0, rise, 1.0))
            middle = np.where(rise > 0, there, middle)
        x = np.clip(middle, low + CLOSE * scale, np.maximum(high - CLOSE * scale, low))
        value = over(x)
        good = value >= 0
        above = np.where(good, value, np.where(last < 0, above / 2, above))
        under = np.where(good, np.where(last > 0, under / 2, under), value)
        high, low = np.where(good, x, high), np.where(good, low, x)
        last = np.where(good, 1.0, -1.0)
    found = np.where(at_low, start, high)
    for k in (0, -1) if snap.size else ():
        near = snap[np.clip(np.searchsorted(snap, found) + k, 0, snap.size - 1)]
        close = np.abs(near - found) <= 16 * CLOSE * np.abs(found) + 1e-299
        found = np.where(close, near, found)
    return np.asarray(found)


@dataclass(frozen=True, slots=True)
class Mixture(Distribution):
    """One of `parts`, chosen with probabilities in proportion to `weights`.

    Not a sum: each event belongs to one part, such as a small incident or a large one.
    """

    parts: Sequence[Distribution]
    weights: Sequence[float]

    def __post_init__(self) -> None:
        """Check the weights and scale them to sum to 1."""
        weights = np.array([as_number("each weight", w) for w in self.weights])
        freeze(self, parts=tuple(as_belief("each part", part) for part in self.parts))
        require(
            0 < len(self.parts) == weights.size,
            "a mixture has parts, and one weight for each",
            got=f"{len(self.parts)} parts, {weights.size} weights",
            fix="Give each part its share of the cases.",
        )
        require(
            bool((weights > 0).all()),
            "the weights of a mixture are above 0",
            got=weights.tolist(),
            fix="Leave out a part that never happens.",
        )
        total = weights.sum()
        shares = weights if abs(total - 1) < 1e-14 else weights / total
        freeze(self, weights=tuple(shares.tolist()))

    def _sum(self, values: Sequence[Array]) -> Array:
        total = np.zeros(np.shape(values[0]))
        for weight, value in zip(self.weights, values, strict=True):
            total = total + weight * value
        return total

    def sf(self, x: ArrayLike) -> Array:
        return self._sum([part.sf(x) for part in self.parts])

    def cdf(self, x: ArrayLike) -> Array:
        return self._sum([part.cdf(x) for part in self.parts])

    def pdf(self, x: ArrayLike) -> Array:
        return self._sum([part.pdf(x) for part in self.parts])

    def ppf(self, u: ArrayLike) -> Array:
        u = np.asarray(u, dtype=float)
        within = u * (1 - 2e-16)  # a level that is reached but for rounding
        return self._between(lambda part: part.ppf(u), lambda x: self.cdf(x) - within)

    def isf(self, q: ArrayLike) -> Array:
        q = np.asarray(q, dtype=float)
        within = q * (1 + 4e-16)
        return self._between(lambda part: part.isf(q), lambda x: within - self.sf(x))

    def _between(
        self, quantile: Callable[[Distribution], Array], over: Callable[[Array], Array]
    ) -> Array:
        """Quantile of the mixture: it lies between those of the parts."""
        ends = np.stack([quantile(part) for part in self.parts])
        low, high = ends.min(axis=0), ends.max(axis=0)
        finite = np.isfinite(low) & np.isfinite(high)
        return np.where(
            finite,
            smallest(
                over, np.where(finite, low, 0.0), np.where(finite, high, 0.0), self.jumps()[0]
            ),
            np.where(np.isfinite(low), high, low),
        )

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        found = [part.excess_moments(x) for part in self.parts]
        tail, first, second = (self._sum([moments[k] for moments in found]) for k in range(3))
        return tail, first, second

    def layer_moments(self, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
        found = [part.layer_moments(a, b) for part in self.parts]
        return self._sum([m[0] for m in found]), self._sum([m[1] for m in found])

    def breaks(self) -> Array:
        """Levels at the ends, the breaks and the single values of the parts."""
        places = [part.isf(part.breaks()) for part in self.parts]
        ends = np.array([end for part in self.parts for end in part.support()])
        at = np.unique(np.concatenate([*places, ends[np.isfinite(ends)]]))
        singles, chances = self.jumps()
        levels = np.concatenate([self.sf(at), self.sf(singles), self.sf(singles) + chances])
        return np.unique(levels[(levels > 1e-300) & (levels < 1 - 1e-15)])

    def rule(self, size: int) -> tuple[Array, Array]:
        """The nodes of all parts."""
        found = [nodes(part, size) for part in self.parts]
        weights = [w * pair[1] for w, pair in zip(self.weights, found, strict=True)]
        return np.concatenate([pair[0] for pair in found]), np.concatenate(weights)

    def atoms(self) -> tuple[Array, Array] | None:
        if any(part.atoms() is None for part in self.parts):
            return None
        return self.jumps()

    def jumps(self) -> tuple[Array, Array]:
        found = [part.jumps() for part in self.parts]
        places = np.concatenate([pair[0] for pair in found])
        chances = np.concatenate([w * f[1] for w, f in zip(self.weights, found, strict=True)])
        unique, inverse = np.unique(places, return_inverse=True)
        return unique, np.bincount(inverse, weights=chances, minlength=unique.size).astype(float)

    def scaled_by(self, factor: float) -> "Mixture":
        return Mixture([scaled(part, factor) for part in self.parts], self.weights)

    def mean(self) -> float:
        return sum(w * part.mean() for w, part in zip(self.weights, self.parts, strict=True))

    def variance(self) -> float:
        mean = self.mean()
        if not math.isfinite(mean):
            return math.inf
        pairs = zip(self.weights, self.parts, strict=True)
        return sum(w * (part.variance() + (part.mean() - mean) ** 2) for w, part in pairs)

    def support(self) -> tuple[float, float]:
        ends = [part.support() for part in self.parts]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def to_dict(self) -> dict[str, Any]:
        parts = [part.to_dict() for part in self.parts]
        return {"type": "mixture", "parts": parts, "weights": list(self.weights)}


@dataclass(frozen=True, slots=True)
class Truncated(Distribution):
    """`base`, given that it lies above `low` and not above `high`: other values do not happen.

    Terms cut a payment and keep the event; truncation leaves the event out. A single value at
    `low` itself, such as 0, is left out too.
    """

    base: Distribution
    low: float = 0.0
    high: float = math.inf

    def __post_init__(self) -> None:
        """Check the limits, and that the base is likely enough to lie between them."""
        freeze(self, low=as_number("low", self.low))
        if self.high != math.inf:
            freeze(self, high=as_number("high", self.high))
        require(
            self.low < self.high,
            "a truncated belief needs low < high",
            got=(self.low, self.high),
            fix="Give the smaller limit first; leave high out where there is none.",
        )
        chance = self._chance()
        require(
            chance >= LEAST,
            f"the base lies between the limits with a probability of at least {LEAST:g}",
            got=f"probability {chance:.3g} from {self.low:g} to {self.high:g}",
            fix="Move the limits to where the base has its values.",
        )

    def _chance(self) -> float:
        upper = float(self.base.sf(self.low)) - self._above()
        lower = float(self.base.cdf(self.high)) if self.high < math.inf else 1.0
        return upper if float(self.base.sf(self.low)) < 0.5 else lower - self._below()

    def _below(self) -> float:
        return float(self.base.cdf(self.low))

    def _above(self) -> float:
        return float(self.base.sf(self.high)) if self.high < math.inf else 0.0

    def ppf(self, u: ArrayLike) -> Array:
        u = np.asarray(u, dtype=float)
        return self._value(u, 1 - u)

    def isf(self, q: ArrayLike) -> Array:
        q = np.asarray(q, dtype=float)
        return self._value(1 - q, q)

    def _value(self, u: Array, q: Array) -> Array:
        """Quantile of the base at the level of `u` = 1 - `q`, from the nearer end."""
        chance = self._chance()
        below, above = self._below() + u * chance, self._above() + q * chance
        lower = below < 0.5
        found = np.empty(np.shape(below))
        found[lower] = self.base.ppf(np.clip(below[lower], 0, 1))
        found[~lower] = self.base.isf(np.clip(above[~lower], 0, 1))
        return np.clip(found, *self.support())

    def sf(self, x: ArrayLike) -> Array:
        x = np.maximum(np.asarray(x, dtype=float), self.low)
        return np.clip((self.base.sf(x) - self._above()) / self._chance(), 0, 1)

    def cdf(self, x: ArrayLike) -> Array:
        x = np.clip(np.asarray(x, dtype=float), self.low, self.high)
        return np.clip((self.base.cdf(x) - self._below()) / self._chance(), 0, 1)

    def pdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=float)
        inside = (x > self.low) & (x <= self.high)
        at = np.where(inside, x, self._middle())
        return np.where(inside, self.base.pdf(at) / self._chance(), 0.0)

    def _middle(self) -> float:
        return float(self.isf(0.5))

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        return self.sf(x), *self.layer_moments(x, math.inf)

    def layer_moments(self, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
        # Between the limits E[((min(X, b) - a)+)^k; X <= high] is the layer of the base less
        # (b - a)^k P(X > high); with d = low - a below low, (X - a)^2 = d^2 + 2 d Y + Y^2.
        a = np.asarray(a, dtype=float)
        b = np.maximum(np.asarray(b, dtype=float), a)
        below = np.minimum(np.maximum(self.low, a), b) - a
        start = np.clip(a, self.low, self.high)
        end = np.clip(b, self.low, self.high)
        first, second = self.base.layer_moments(start, end)
        if self.high < math.inf:
            first = first - (end - start) * self._above()
            second = second - (end - start) ** 2 * self._above()
        chance = self._chance()
        first, second = np.maximum(first, 0) / chance, np.maximum(second, 0) / chance
        with np.errstate(invalid="ignore"):
            cross = np.where(below > 0, 2 * below * first, 0.0)
        return below + first, below**2 + cross + second

    def breaks(self) -> Array:
        levels = (self.base.breaks() - self._above()) / self._chance()
        return np.unique(levels[(levels > 1e-300) & (levels < 1 - 1e-15)])

    def atoms(self) -> tuple[Array, Array] | None:
        if self.base.atoms() is None:
            return None
        return merge(*self.jumps())

    def jumps(self) -> tuple[Array, Array]:
        places, chances = self.base.jumps()
        inside = (places > self.low) & (places <= self.high)
        return places[inside], chances[inside] / self._chance()

    def scaled_by(self, factor: float) -> "Truncated":
        return Truncated(scaled(self.base, factor), self.low * factor, self.high * factor)

    def mean(self) -> float:
        low, _ = self.support()
        return low + float(self.layer_moments(low, self.high)[0])

    def variance(self) -> float:
        low, _ = self.support()
        first, second = (float(m) for m in self.layer_moments(low, self.high))
        return max(second - first**2, 0.0) if second < math.inf else math.inf

    def support(self) -> tuple[float, float]:
        if (found := self.atoms()) is not None:
            return float(found[0][0]), float(found[0][-1])
        low, high = self.base.support()
        return max(low, self.low), min(high, self.high)

    def to_dict(self) -> dict[str, Any]:
        high = {"high": self.high} if self.high < math.inf else {}
        return {"type": "truncated", "base": self.base.to_dict(), "low": self.low} | high
