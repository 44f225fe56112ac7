"""Metalog: the belief through stated quantiles, with or without bounds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from workbench.distributions.base import Array, as_number, freeze
from workbench.distributions.by_quantile import ByQuantile
from workbench.errors import require

FEWEST, MOST_TERMS = 3, 5


@dataclass(frozen=True, slots=True)
class Metalog(ByQuantile):
    r"""The metalog of 3 to 5 terms, with :math:`L = \log(y/(1 - y))` and :math:`z = y - 1/2`.

    .. math:: M(y) = a_1 + a_2 L + a_3 z L + a_4 z + a_5 z^2

    is the quantile function itself without bounds, of log(X - lower) with a lower one, of
    -log(upper - X) with an upper one, and of log((X - lower)/(upper - X)) with both. Without a
    lower bound values are negative with some probability: no amount and no rate. With only a lower
    one the mean exists for a2 + a3/2 < 1, the variance for a2 + a3/2 < 1/2. Source: T. Keelin, The
    metalog distributions, Decision Analysis 13(4), 2016.
    """

    coefficients: Sequence[float]
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        """Check the number of terms, the bounds, and that the quantile function rises."""
        numbers = tuple(as_number("each coefficient", a) for a in self.coefficients)
        require(
            FEWEST <= len(numbers) <= MOST_TERMS,
            f"a metalog has {FEWEST} to {MOST_TERMS} terms",
            got=len(numbers),
            fix="Give 3 coefficients, or 4 or 5.",
        )
        freeze(self, coefficients=numbers)
        for name in ("lower", "upper"):
            if (bound := getattr(self, name)) is not None:
                freeze(self, **{name: as_number(name, bound)})
        _check_bounds(self.lower, self.upper)
        level, slope = _flattest(self._five())
        require(
            slope > 0,
            "the quantile function of a metalog rises everywhere",
            got=f"coefficients {list(numbers)}, for which it falls at probability {level:.4g}",
            fix="These quantiles need another shape: use fewer terms, or move the outer ones.",
        )

    @classmethod
    def from_quantiles(
        cls,
        levels: Sequence[float],
        values: Sequence[float],
        terms: int | None = None,
        lower: float | None = None,
        upper: float | None = None,
    ) -> Self:
        """Make the metalog through `values` at `levels`: exact for as many as `terms`.

        Least squares in M where there are more quantiles than terms; `terms` is as many as there
        are quantiles, at most 5, unless told.
        """
        y = np.array([as_number("each level", v) for v in levels])
        x = np.array([as_number("each value", v) for v in values])
        require(
            y.size == x.size and y.size >= FEWEST,
            f"a metalog is stated by {FEWEST} or more levels, each with a value",
            got=f"{y.size} levels, {x.size} values",
            fix="Give the values at 0.1, 0.5 and 0.9, for example.",
        )
        require(
            bool((y > 0).all() and (y < 1).all() and (np.diff(y) > 0).all()),
            "the levels rise and lie between 0 and 1",
            got=y.tolist(),
            fix="Write 0.05 for 5 %; state ends as lower and upper.",
        )
        low = -math.inf if lower is None else as_number("lower", lower)
        high = math.inf if upper is None else as_number("upper", upper)
        _check_bounds(lower, upper)
        require(
            bool((np.diff(x) > 0).all() and low < x[0] and x[-1] < high),
            "the values rise, within the bounds",
            got=f"{x.tolist()} between {low:g} and {high:g}",
            fix="A higher level has a larger value; bounds lie outside all of them.",
        )
        count = min(y.size, MOST_TERMS) if terms is None else terms
        whole = isinstance(count, int) and not isinstance(count, bool)
        require(
            whole and FEWEST <= count <= min(y.size, MOST_TERMS),
            f"a metalog has {FEWEST} to {MOST_TERMS} terms, no more than quantiles are given",
            got=terms,
            fix="Leave terms out, or write 3.",
        )
        m = x if math.isinf(low) else np.log(x - low)
        if math.isfinite(high):
            m = (0.0 if math.isinf(low) else m) - np.log(high - x)
        z, odds = y - 0.5, special.logit(y)
        basis = np.stack([np.ones(y.size), odds, z * odds, z, z**2], axis=1)[:, :count]
        found, *_ = np.linalg.lstsq(basis, m)
        return cls(tuple(found.tolist()), lower, upper)

    def _five(self) -> tuple[float, float, float, float, float]:
        a1, a2, a3, a4, a5 = (*self.coefficients, 0.0, 0.0)[:5]
        return a1, a2, a3, a4, a5

    def _score(self, u: Array, q: Array) -> Array:
        """M at y = `u` = 1 - `q`, each accurate where it is small."""
        a1, a2, a3, a4, a5 = self._five()
        z = np.where(u < 0.5, u - 0.5, 0.5 - q)
        with np.errstate(divide="ignore"):
            odds = np.log(u) - np.log(q)
        return np.asarray(a1 + (a2 + a3 * z) * odds + a4 * z + a5 * z * z)

    def _value(self, m: Array) -> Array:
        low, high = self.lower, self.upper
        with np.errstate(over="ignore"):
            if low is None:
                return m if high is None else np.asarray(high - np.exp(-m))
            if high is None:
                return np.asarray(low + np.exp(m))
        width = high - low
        up, down = special.expit(m), special.expit(-m)
        return np.asarray(np.where(m < 0, low + width * up, high - width * down))

    def ppf(self, u: ArrayLike) -> Array:
        u = np.asarray(u, dtype=float)
        return self._value(self._score(u, 1 - u))

    def isf(self, q: ArrayLike) -> Array:
        q = np.asarray(q, dtype=float)
        return self._value(self._score(1 - q, q))

    def pdf(self, x: ArrayLike) -> Array:
        # f(Q(y)) = 1/Q'(y) with Q' = M' dx/dM and M' = slope/(y (1 - y))
        x = np.asarray(x, dtype=float)
        low, high = self.support()
        inside = (x > low) & (x < high)
        at = np.where(inside, x, self.centre())
        tail, below = self._both(at)
        stretch = np.ones(x.shape)
        if self.lower is not None:
            stretch = stretch * (at - low)
        if self.upper is not None:
            stretch = stretch * (high - at) / (1 if self.lower is None else high - low)
        slope = _slope(self._five(), below, tail)
        return np.where(inside, tail * below / (slope * stretch), 0.0)

    def exists(self, moment: int) -> tuple[bool, bool]:
        _, a2, a3, _, _ = self._five()
        upper = self.upper is not None or self.lower is None or moment * (a2 + a3 / 2) < 1
        lower = self.lower is not None or self.upper is None or moment * (a2 - a3 / 2) < 1
        return upper, lower

    def mean(self) -> float:
        if self.lower is not None or self.upper is not None:
            return ByQuantile.mean(self)
        a1, _, a3, _, a5 = self._five()
        return a1 + a3 / 2 + a5 / 12

    def variance(self) -> float:
        if self.lower is not None or self.upper is not None:
            return ByQuantile.variance(self)
        _, a2, a3, a4, a5 = self._five()
        pi2 = math.pi**2
        square = pi2 / 3 * a2**2 + (1 / 12 + pi2 / 36) * a3**2 + a4**2 / 12 + a5**2 / 180
        return square + a2 * a4 + a3 * a5 / 12

    def support(self) -> tuple[float, float]:
        return (
            -math.inf if self.lower is None else self.lower,
            math.inf if self.upper is None else self.upper,
        )

    def scaled_by(self, factor: float) -> "Metalog":
        a, shift = self.coefficients, math.log(factor)
        lower, upper = (b if b is None else b * factor for b in (self.lower, self.upper))
        if lower is None and upper is None:
            return Metalog([factor * v for v in a])
        if lower is not None and upper is not None:
            return Metalog(a, lower, upper)
        return Metalog([a[0] + (shift if upper is None else -shift), *a[1:]], lower, upper)

    def to_dict(self) -> dict[str, Any]:
        bounds = {"lower": self.lower, "upper": self.upper}
        given = {name: bound for name, bound in bounds.items() if bound is not None}
        return {"type": "metalog", "coefficients": list(self.coefficients)} | given


def _check_bounds(lower: float | None, upper: float | None) -> None:
    require(
        lower is None or upper is None or lower < upper,
        "the lower bound of a metalog lies below the upper one",
        got=(lower, upper),
        fix="Give the smaller bound first.",
    )


def _slope(a: tuple[float, float, float, float, float], y: Array, rest: Array) -> Array:
    """Return y (1 - y) M'(y) with `rest` = 1 - y; a2 - a3/2 and a2 + a3/2 at the ends."""
    _, a2, a3, a4, a5 = a
    z = np.where(y < 0.5, y - 0.5, 0.5 - rest)
    both = y * rest
    odds = np.log(np.maximum(y, 1e-300)) - np.log(np.maximum(rest, 1e-300))
    return np.asarray(a2 + a3 * (z + both * odds) + both * (a4 + 2 * a5 * z))


MOST_DIPS = 4  # that are refined; the slope of five terms has no more


def _flattest(a: tuple[float, float, float, float, float]) -> tuple[float, float]:
    """Return the probability at which y (1 - y) M'(y) is least, and that least value."""
    odds = np.linspace(-40, 40, 2001)

    def slope(v: float) -> float:
        return float(_slope(a, special.expit(v), special.expit(-v)))

    found = _slope(a, special.expit(odds), special.expit(-odds))
    best = [(0.0, a[1] - a[2] / 2), (1.0, a[1] + a[2] / 2)]
    # where the slope is flat, rounding makes dips by the hundred: few are below both ends
    below = found[1:-1] < min(slope for _, slope in best) * (1 - 1e-9)
    dips = 1 + np.flatnonzero(below & (found[1:-1] <= found[:-2]) & (found[1:-1] <= found[2:]))
    for i in dips[np.argsort(found[dips])[:MOST_DIPS]]:
        near = optimize.minimize_scalar(slope, bounds=(odds[i - 1], odds[i + 1]), method="bounded")
        best.append((float(special.expit(near.x)), min(float(near.fun), float(found[i]))))
    level, least = min(best, key=lambda pair: pair[1])
    return level, least
