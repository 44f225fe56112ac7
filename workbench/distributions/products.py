"""The product of independent beliefs, such as a frequency derived from its parts."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import CubicHermiteSpline

from workbench.distributions.averaging import average
from workbench.distributions.base import Array, Distribution, freeze
from workbench.distributions.derived import scaled
from workbench.distributions.discrete import Atoms, Discrete, Point, merge
from workbench.distributions.gauss import reduced
from workbench.distributions.mixtures import smallest
from workbench.distributions.positive import LogNormal
from workbench.distributions.quadrature import nodes
from workbench.errors import require

MANY_ATOMS = 200_000  # single values that a product of lists may have
KNOTS = 2000  # of the table of quantiles
DEEPEST = 90.0  # -log of the level, per factor, at which the table ends
WIDE = 150.0  # a largest value (level 1e-16) that many times the mean: the rule is made in log x


def product(*beliefs: Distribution) -> Distribution:
    """Return the belief about the product of independent `beliefs`, in the simplest family.

    Products are flattened, numbers known exactly become a scale, and lognormals multiply in closed
    form: mu adds, and so does sigma^2.
    """
    flat: list[Distribution] = []
    for belief in beliefs:
        flat.extend(belief.factors if isinstance(belief, Product) else [belief])
    scale = math.prod(b.value for b in flat if isinstance(b, Point))
    rest = [b for b in flat if not isinstance(b, Point | LogNormal)]
    if logs := [b for b in flat if isinstance(b, LogNormal)]:
        sigma = math.sqrt(sum(b.sigma**2 for b in logs))
        joint = logs[0] if len(logs) == 1 else LogNormal(sum(b.mu for b in logs), sigma)
        rest = [joint, *rest]
    if not rest or scale == 0:
        return Point(scale)
    if all(isinstance(b, Atoms) for b in rest) and len(rest) > 1:
        values, weights = _atoms(rest)
        return scaled(Discrete(values.tolist(), weights.tolist()), scale)
    return scaled(rest[0] if len(rest) == 1 else Product(rest), scale)


@dataclass(frozen=True, slots=True)
class Product(Distribution):
    """The product of two or more independent non-negative `factors`, by quadrature.

    P(XY > x) = E[S_X(x/Y)], and E[(XY - x)+^k] = E[Y^k (X - x/Y)+^k]. The mean and the variance
    are closed. `product` makes one in its simplest form. Chances are right to some 10 digits for
    two factors, and in the body to 6 for more; the nodes of all are exact in their moments.
    """

    factors: Sequence[Distribution]

    def __post_init__(self) -> None:
        """Check that there are two factors or more, none of them ever negative."""
        freeze(self, factors=tuple(self.factors))
        require(
            len(self.factors) > 1,
            "a product has two factors or more",
            got=f"{len(self.factors)} factors",
            fix="Use the one belief itself.",
        )
        lowest = min(factor.support()[0] for factor in self.factors)
        require(
            lowest >= 0,
            "the factors of a product are never negative",
            got=f"a factor with values from {lowest:g}",
            fix="Give its belief a lower bound of 0 or more.",
        )

    def _average(
        self, places: Sequence[ArrayLike], of: Callable[..., tuple[Array, ...]]
    ) -> tuple[Array, ...]:
        """E over Y of `of(inner, places/Y, Y)`; the shapes of `places` are broadcast."""
        inner, others = _ordered(self.factors)
        arrays = np.broadcast_arrays(*[np.asarray(x, dtype=float) for x in places])
        shape = arrays[0].shape
        found = average(inner, others, [a.ravel() for a in arrays], of)
        return tuple(part.reshape(shape) for part in found)

    def _nothing(self) -> float:
        """Return the probability that the factors averaged over make the product 0."""
        return 1 - math.prod(1 - _at_zero(factor) for factor in _ordered(self.factors)[1])

    def sf(self, x: ArrayLike) -> Array:
        found = self._average([x], lambda inner, _, at: (inner.sf(at),))[0]
        found = np.clip(found + np.where(np.asarray(x) < 0, self._nothing(), 0.0), 0, 1)
        return np.where(np.asarray(x) < self.support()[1], found, 0.0)

    def cdf(self, x: ArrayLike) -> Array:
        found = self._average([x], lambda inner, _, at: (inner.cdf(at),))[0]
        found = np.clip(found + np.where(np.asarray(x) < 0, 0.0, self._nothing()), 0, 1)
        return np.where(np.asarray(x) < self.support()[1], found, 1.0)

    def pdf(self, x: ArrayLike) -> Array:
        return self._average([x], lambda inner, y, at: (inner.pdf(at) / y,))[0]

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        def moments(inner: Distribution, y: Array, at: Array) -> tuple[Array, ...]:
            tail, first, second = inner.excess_moments(at)
            return tail, y * first, y * y * second

        tail, first, second = self._average([x], moments)
        within = np.asarray(x) < self.support()[1]  # above it, rounding alone
        tail, first, second = (np.where(within, part, 0.0) for part in (tail, first, second))
        short = np.maximum(-np.asarray(x, dtype=float), 0) * self._nothing() ** 0.5
        tail = tail + np.where(np.asarray(x) < 0, self._nothing(), 0.0)
        first, second = first + short * self._nothing() ** 0.5, second + short**2
        infinite = self.mean() == math.inf, self.variance() == math.inf
        return (
            tail,
            np.full(tail.shape, math.inf) if infinite[0] else first,
            np.full(tail.shape, math.inf) if infinite[1] else second,
        )

    def layer_moments(self, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
        if self.variance() < math.inf or np.isinf(np.asarray(b)).any():
            return Distribution.layer_moments(self, a, b)

        def moments(inner: Distribution, y: Array, low: Array, high: Array) -> tuple[Array, ...]:
            first, second = inner.layer_moments(low, high)
            return y * first, y * y * second

        first, second = self._average([a, b], moments)
        return first, second

    def ppf(self, u: ArrayLike) -> Array:
        u = np.asarray(u, dtype=float)
        return self._quantile(1 - u, u)

    def isf(self, q: ArrayLike) -> Array:
        q = np.asarray(q, dtype=float)
        return self._quantile(q, 1 - q)

    def _quantile(self, q: Array, u: Array) -> Array:
        low, high = self.support()
        table = _table(self)
        if table is None:
            start = math.prod(f.isf(1e-16) for f in self.factors) if high == math.inf else high
            ends = np.full(q.shape, low), np.full(q.shape, float(start))
            found = smallest(
                lambda x: np.asarray(q * (1 + 1e-12) - self.sf(x)), *ends, self.jumps()[0]
            )
        else:
            upper, lower = table
            with np.errstate(divide="ignore"):
                t = np.where(q <= 0.5, -np.log(q), -np.log(u))
            t = np.minimum(t, np.where(q <= 0.5, upper.x[-1], lower.x[-1]))
            found = np.exp(np.where(q <= 0.5, upper(t), lower(t)))
        found = np.clip(found, low, high)
        return np.where(q <= 0, high, np.where(u <= 0, low, found))

    def rule(self, size: int) -> tuple[Array, Array]:
        """Return the Gauss rule of the factors' own nodes, multiplied and made few two at a time.

        It keeps 2 size - 1 moments of them, or of their logarithm where the tail is long.
        """
        reach = math.prod(float(f.isf(1e-16)) for f in self.factors)
        long = reach > WIDE * self.mean()
        count = max(size, 48)
        values, weights = nodes(self.factors[0], count)
        for factor in self.factors[1:]:
            more, shares = nodes(factor, count)
            values = np.multiply.outer(values, more).ravel()
            weights = np.multiply.outer(weights, shares).ravel()
            values, weights = merge(values, weights)
            if values.size <= size:
                continue
            if long and values[0] > 0:
                logs, weights = reduced(np.log(values), weights, max(size, 64))
                values = np.exp(logs)
            else:
                values, weights = reduced(values, weights, size)
        return values, weights

    def atoms(self) -> tuple[Array, Array] | None:
        found = [factor.atoms() for factor in self.factors]
        return None if any(f is None for f in found) else _atoms(self.factors)

    def jumps(self) -> tuple[Array, Array]:
        """0, if a factor may be 0, and the products of single values of all factors."""
        if (found := self.atoms()) is not None:
            return found
        none = 1 - math.prod(1 - _at_zero(factor) for factor in self.factors)
        values, chances = np.ones(1), np.ones(1)
        for factor in self.factors:
            places, masses = factor.jumps()
            above = places > 0
            values = np.multiply.outer(values, places[above]).ravel()
            chances = np.multiply.outer(chances, masses[above]).ravel()
        if none > 0:
            values, chances = np.append(values, 0.0), np.append(chances, none)
        unique, inverse = np.unique(values, return_inverse=True)
        return unique, np.bincount(inverse, weights=chances, minlength=unique.size).astype(float)

    def scaled_by(self, factor: float) -> "Product":
        return Product([scaled(self.factors[0], factor), *self.factors[1:]])

    def mean(self) -> float:
        return math.prod(factor.mean() for factor in self.factors)

    def variance(self) -> float:
        # Var(XY) = Var X Var Y + Var X E[Y]^2 + Var Y E[X]^2, from the first factor on
        mean, spread = 1.0, 0.0
        for factor in self.factors:
            m, v = factor.mean(), factor.variance()
            if v == math.inf:
                return math.inf
            spread = spread * v + spread * m * m + v * mean * mean
            mean *= m
        return spread

    def support(self) -> tuple[float, float]:
        ends = [factor.support() for factor in self.factors]
        return math.prod(low for low, _ in ends), math.prod(high for _, high in ends)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "product", "factors": [factor.to_dict() for factor in self.factors]}


def _at_zero(belief: Distribution) -> float:
    places, chances = belief.jumps()
    return float(chances[places == 0].sum())


def _atoms(factors: Sequence[Distribution]) -> tuple[Array, Array]:
    values, weights = np.ones(1), np.ones(1)
    for factor in factors:
        more, shares = factor.atoms() or (np.empty(0), np.empty(0))
        require(
            values.size * more.size <= MANY_ATOMS,
            f"a product of lists has at most {MANY_ATOMS} values",
            got=values.size * more.size,
            fix="Group the values of the lists.",
        )
        values, weights = merge(
            np.multiply.outer(values, more).ravel(), np.multiply.outer(weights, shares).ravel()
        )
    return values, weights


def _ordered(factors: Sequence[Distribution]) -> tuple[Distribution, list[Distribution]]:
    """Return the factor whose tail is averaged, and the others: smooth and unbounded ones first."""

    def roughness(factor: Distribution) -> tuple[bool, bool, bool, bool, int]:
        places, _ = factor.jumps()
        bounded = factor.support()[1] < math.inf
        rough = not isinstance(factor, LogNormal)
        atoms = factor.atoms() is not None
        return atoms, places.size > 0, bounded, rough, factor.breaks().size

    first, *others = sorted(factors, key=roughness)
    return first, others


@lru_cache(maxsize=64)
def _table(belief: Product) -> tuple[CubicHermiteSpline, CubicHermiteSpline] | None:
    """Return log x against -log P(X > x), and against -log P(X <= x); None where there are steps.

    With f the density, d log x / d(-log S) = S/(x f) and d log x/d(-log F) = -F/(x f).
    """
    if belief.jumps()[0].size or any(f.breaks().size for f in belief.factors):
        return None
    knots = KNOTS // (len(belief.factors) - 1) ** 2
    near, far = np.linspace(math.log(2) / 4, 12, knots // 2), np.geomspace(12, DEEPEST, knots // 2)
    t = np.concatenate([near, far[1:]])
    found = []
    with np.errstate(all="ignore"):
        high = np.exp(sum(np.log(f.isf(np.exp(-t / len(belief.factors)))) for f in belief.factors))
        low = np.exp(sum(np.log(f.ppf(np.exp(-t / len(belief.factors)))) for f in belief.factors))
        for x, chance, sign in ((high, belief.sf, 1), (low, belief.cdf, -1)):
            at = np.unique(x[np.isfinite(x) & (x > 0)])
            mass, density = chance(at), belief.pdf(at)
            good = (mass > 1e-290) & (density > 0) & np.isfinite(density)
            at, mass, density = at[good][::sign], mass[good][::sign], density[good][::sign]
            level = -np.log(mass)
            rising = np.diff(level, prepend=-np.inf) > 1e-9
            if np.count_nonzero(rising) < 2:
                return None
            slope = sign * mass / (at * density)
            found.append(CubicHermiteSpline(level[rising], np.log(at[rising]), slope[rising]))
    return found[0], found[1]
