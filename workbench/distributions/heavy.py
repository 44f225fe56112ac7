"""Beliefs with heavy tails: Pareto, Lomax, the generalised Pareto and Burr XII."""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from workbench.distributions.base import Array, Distribution, as_number, freeze
from workbench.distributions.by_quantile import ByQuantile
from workbench.distributions.gauss import legendre
from workbench.errors import require

STEEPEST = 100.0  # 1/100 is a tail index that no data has
POINTS = 20  # of the Gauss rule where the closed form would cancel


class _ParetoTail(Distribution):
    r"""X = low + Y with :math:`P(Y > y) = (1 + \xi y/\beta)^{-1/\xi}`; exponential where xi is 0.

    The mean is finite for xi < 1, the variance for xi < 1/2, and there is an end for xi < 0.
    """

    __slots__ = ()

    @abstractmethod
    def tail_parameters(self) -> tuple[float, float, float]:
        """Return (xi, beta, low)."""

    def _hazard(self, x: Array) -> Array:
        """-log P(X > x), at or above `low`."""
        xi, beta, low = self.tail_parameters()
        z = np.maximum(x - low, 0) / beta
        return _rate(xi, z)

    def ppf(self, u: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):
            return self._value(-np.log1p(-np.asarray(u, dtype=float)))

    def isf(self, q: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):
            return self._value(-np.log(np.asarray(q, dtype=float)))

    def _value(self, h: Array) -> Array:
        xi, beta, low = self.tail_parameters()
        with np.errstate(over="ignore"):
            return np.asarray(low + beta * (np.expm1(xi * h) / xi if xi else h))

    def sf(self, x: ArrayLike) -> Array:
        return np.asarray(np.exp(-self._hazard(np.asarray(x, dtype=float))))

    def cdf(self, x: ArrayLike) -> Array:
        return np.asarray(-np.expm1(-self._hazard(np.asarray(x, dtype=float))))

    def pdf(self, x: ArrayLike) -> Array:
        xi, beta, low = self.tail_parameters()
        x = np.asarray(x, dtype=float)
        spread = beta + xi * (x - low)
        inside = (x >= low) & (spread > 0)
        return np.where(inside, self.sf(x) / np.where(inside, spread, 1.0), 0.0)

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        return self.sf(x), *self.layer_moments(x, np.inf)

    def layer_moments(self, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
        # Above a place the excess has the same tail with beta + xi (a - low) in place of beta; with
        # d = low - a for a below low, (X - a)^2 = d^2 + 2 d (X - low) + (X - low)^2.
        xi, beta, low = self.tail_parameters()
        a = np.asarray(a, dtype=float)
        b = np.maximum(np.asarray(b, dtype=float), a)
        start = np.maximum(a, low)
        width = np.maximum(b - start, 0)
        below = np.minimum(b, start) - a
        spread = np.maximum(beta + xi * (start - low), 0)
        tail = self.sf(start)
        one, two = _layer(xi, width / np.where(spread > 0, spread, 1.0))
        with np.errstate(invalid="ignore", over="ignore"):
            first = np.where(tail > 0, tail * spread * one, 0.0)
            second = np.where(tail > 0, tail * spread**2 * two, 0.0)
        with np.errstate(invalid="ignore"):  # 0 times an infinite moment
            cross = np.where(below > 0, 2 * below * first, 0.0)
        return below + first, below**2 + cross + second

    def mean(self) -> float:
        xi, beta, low = self.tail_parameters()
        return low + beta / (1 - xi) if xi < 1 else math.inf

    def variance(self) -> float:
        xi, beta, _ = self.tail_parameters()
        return beta**2 / ((1 - xi) ** 2 * (1 - 2 * xi)) if xi < 0.5 else math.inf

    def support(self) -> tuple[float, float]:
        xi, beta, low = self.tail_parameters()
        return low, low - beta / xi if xi < 0 else math.inf


def _rate(xi: float, z: Array) -> Array:
    """log(1 + xi z)/xi, infinite from the end on where xi < 0."""
    if xi == 0:
        return z
    with np.errstate(divide="ignore"):
        return np.asarray(np.log1p(np.maximum(xi * z, -1)) / xi)


def _layer(xi: float, width: Array) -> tuple[Array, Array]:
    """First and second moment of min(Y, width), beta = 1.

    With s = expm1(xi h)/xi and v the h of the width, phi(y) = (1 - exp(-y))/y:

    E1 = int_0^v exp(-(1 - xi) h) dh                = v phi((1 - xi) v)
    E2 = int_0^v 2 s exp(-(1 - xi) h) dh            = 2 v (phi((1 - 2 xi) v) - phi((1 - xi) v))/xi

    The difference cancels where xi v is small. A Gauss rule takes the integral there: of itself
    where v is small too, of phi's derivative where it is not.
    """
    v = _rate(xi, width)
    whole = np.isinf(v)
    v = np.where(whole, 1.0, v)
    small = (np.abs(xi) * v <= 1) & (v <= 2)
    near = ~small & (np.abs(xi) * v <= 0.05)
    y1, y2 = (1 - xi) * v, (1 - 2 * xi) * v
    with np.errstate(over="ignore", invalid="ignore"):
        one = v * _phi(y1)
        two = 2 * v * (_phi(y2) - _phi(y1)) / xi if xi else np.zeros(v.shape)
    cancels = small | near
    two = np.where(cancels, 0.0, two)
    t, w = legendre(POINTS)
    for node, weight in zip((1 + t) / 2, w / 2, strict=True):
        h = np.where(small, node * v, 0.0)
        s = h * _phi(-xi * h)
        term = np.where(small, 2 * weight * v * s * np.exp(-(1 - xi) * h), 0.0)
        y = np.where(near, y2 + node * (y1 - y2), 2.0)
        slope = (np.exp(-y) * (1 + y) - 1) / y**2  # phi'(y)
        term = np.where(near, -2 * weight * v * v * slope, term)
        two = np.where(cancels, two + term, two)
    full1 = 1 / (1 - xi) if xi < 1 else math.inf
    full2 = 2 / ((1 - xi) * (1 - 2 * xi)) if xi < 0.5 else math.inf
    return np.where(whole, full1, one), np.where(whole, full2, two)


def _phi(y: Array) -> Array:
    """(1 - exp(-y))/y, 1 at 0."""
    return np.where(y == 0, 1.0, -np.expm1(-y) / np.where(y == 0, 1.0, y))


@dataclass(frozen=True, slots=True)
class Pareto(_ParetoTail):
    """Pareto of type I: P(X > x) = (low/x)^alpha above `low`.

    Its mean exists for alpha > 1, its variance for alpha > 2.
    """

    alpha: float
    low: float

    def __post_init__(self) -> None:
        """Check that both are positive."""
        freeze(self, alpha=as_number("alpha", self.alpha), low=as_number("low", self.low))
        require(
            self.alpha >= 1 / STEEPEST and self.low > 0,
            "a Pareto needs alpha > 0 (0.01 or more) and low > 0",
            got=(self.alpha, self.low),
            fix="low is the smallest amount; use pareto2 (Lomax) for amounts from 0 on.",
        )

    def tail_parameters(self) -> tuple[float, float, float]:
        return 1 / self.alpha, self.low / self.alpha, self.low

    def scaled_by(self, factor: float) -> "Pareto":
        return Pareto(self.alpha, self.low * factor)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "pareto", "alpha": self.alpha, "low": self.low}


@dataclass(frozen=True, slots=True)
class Lomax(_ParetoTail):
    """Pareto of type II: P(X > x) = (1 + x/scale)^-alpha from 0 on.

    Its mean exists for alpha > 1, its variance for alpha > 2.
    """

    alpha: float
    scale: float

    def __post_init__(self) -> None:
        """Check that both are positive."""
        freeze(self, alpha=as_number("alpha", self.alpha), scale=as_number("scale", self.scale))
        require(
            self.alpha >= 1 / STEEPEST and self.scale > 0,
            "a Lomax (pareto2) needs alpha > 0 (0.01 or more) and scale > 0",
            got=(self.alpha, self.scale),
            fix="scale / (alpha - 1) is the average where alpha is above 1.",
        )

    def tail_parameters(self) -> tuple[float, float, float]:
        return 1 / self.alpha, self.scale / self.alpha, 0.0

    def scaled_by(self, factor: float) -> "Lomax":
        return Lomax(self.alpha, self.scale * factor)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "pareto2", "alpha": self.alpha, "scale": self.scale}


@dataclass(frozen=True, slots=True)
class GeneralisedPareto(_ParetoTail):
    """Excesses over a high threshold `low`: P(X > x) = (1 + shape (x - low)/scale)^(-1/shape).

    `shape` is xi: 0 is the exponential, below 0 there is a largest value, the mean exists below 1
    and the variance below 1/2. Source: Coles, An Introduction to Statistical Modeling of Extreme
    Values, chapter 4.
    """

    shape: float
    scale: float
    low: float = 0.0

    def __post_init__(self) -> None:
        """Check scale > 0, low >= 0 and a shape that amounts may have."""
        names = ("shape", "scale", "low")
        freeze(self, **{name: as_number(name, getattr(self, name)) for name in names})
        require(
            self.scale > 0 and self.low >= 0,
            "a generalised Pareto needs scale > 0 and low >= 0",
            got=(self.scale, self.low),
            fix="low is the threshold, scale the average excess where shape is 0.",
        )
        require(
            abs(self.shape) <= STEEPEST,
            f"the shape of a generalised Pareto lies between -{STEEPEST:g} and {STEEPEST:g}",
            got=self.shape,
            fix="Losses have shapes from about -0.5 to 1.5.",
        )

    def tail_parameters(self) -> tuple[float, float, float]:
        return self.shape, self.scale, self.low

    def scaled_by(self, factor: float) -> "GeneralisedPareto":
        return GeneralisedPareto(self.shape, self.scale * factor, self.low * factor)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "gpd", "shape": self.shape, "scale": self.scale, "low": self.low}


@dataclass(frozen=True, slots=True)
class Burr(ByQuantile):
    """Burr of type XII: P(X > x) = (1 + (x/scale)^shape)^-alpha.

    Its k-th moment exists for k < alpha shape: scale^k alpha B(alpha - k/shape, 1 + k/shape).
    Source: Klugman, Panjer and Willmot, Loss Models, appendix A.2.3.1.
    """

    alpha: float
    shape: float
    scale: float

    def __post_init__(self) -> None:
        """Check that all three are positive."""
        names = ("alpha", "shape", "scale")
        freeze(self, **{name: as_number(name, getattr(self, name)) for name in names})
        require(
            min(self.alpha, self.shape) >= 1 / STEEPEST and self.scale > 0,
            "a Burr needs alpha > 0, shape > 0 (both 0.01 or more) and scale > 0",
            got=(self.alpha, self.shape, self.scale),
            fix="alpha * shape is the index of its tail.",
        )

    def _odds(self, hazard: Array) -> Array:
        """Return the x of -log P(X > x)."""
        with np.errstate(over="ignore"):
            return np.asarray(self.scale * np.expm1(hazard / self.alpha) ** (1 / self.shape))

    def ppf(self, u: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):
            return self._odds(-np.log1p(-np.asarray(u, dtype=float)))

    def isf(self, q: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):
            return self._odds(-np.log(np.asarray(q, dtype=float)))

    def _hazard(self, x: ArrayLike) -> Array:
        with np.errstate(divide="ignore", over="ignore"):
            y = self.shape * np.log(np.maximum(np.asarray(x, dtype=float), 0) / self.scale)
        return np.asarray(self.alpha * np.logaddexp(0, y))

    def sf(self, x: ArrayLike) -> Array:
        return np.asarray(np.exp(-self._hazard(x)))

    def cdf(self, x: ArrayLike) -> Array:
        return np.asarray(-np.expm1(-self._hazard(x)))

    def pdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=float)
        inside = x > 0
        y = np.where(inside, x, 1.0) / self.scale
        log = (self.shape - 1) * np.log(y) - self._hazard(y * self.scale) * (1 + 1 / self.alpha)
        return np.where(inside, self.alpha * self.shape / self.scale * np.exp(log), 0.0)

    def exists(self, moment: int) -> tuple[bool, bool]:
        return self.alpha * self.shape > moment, True

    def _moment(self, k: int) -> float:
        part = k / self.shape
        return float(self.scale**k * self.alpha * special.beta(self.alpha - part, 1 + part))

    def mean(self) -> float:
        return self._moment(1) if self.alpha * self.shape > 1 else math.inf

    def support(self) -> tuple[float, float]:
        return 0.0, math.inf

    def scaled_by(self, factor: float) -> "Burr":
        return Burr(self.alpha, self.shape, self.scale * factor)

    def to_dict(self) -> dict[str, Any]:
        names = ("alpha", "shape", "scale")
        return {"type": "burr"} | {name: getattr(self, name) for name in names}
