"""Weibull: durations and amounts whose hazard rises or falls as a power."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from workbench.distributions.base import Array, Distribution, as_number, freeze
from workbench.distributions.gauss import laguerre
from workbench.errors import require


@dataclass(frozen=True, slots=True)
class Weibull(Distribution):
    """Positive: P(X > x) = exp(-(x/scale)^shape); a shape below 1 has a heavy tail."""

    shape: float
    scale: float

    def __post_init__(self) -> None:
        """Check that both are positive."""
        freeze(self, shape=as_number("shape", self.shape), scale=as_number("scale", self.scale))
        require(
            self.shape >= 0.05 and self.scale > 0,
            "a Weibull needs shape > 0 (0.05 or more) and scale > 0",
            got=(self.shape, self.scale),
            fix="scale is exceeded with probability 0.37; a shape of 1 is the exponential.",
        )

    def ppf(self, u: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):
            return self._value(-np.log1p(-np.asarray(u, dtype=float)))

    def isf(self, q: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):
            return self._value(-np.log(np.asarray(q, dtype=float)))

    def _value(self, hazard: Array) -> Array:
        return np.asarray(self.scale * hazard ** (1 / self.shape))

    def _hazard(self, x: Array) -> Array:
        with np.errstate(over="ignore"):
            return np.asarray((np.maximum(x, 0) / self.scale) ** self.shape)

    def sf(self, x: ArrayLike) -> Array:
        return np.asarray(np.exp(-self._hazard(np.asarray(x, dtype=float))))

    def cdf(self, x: ArrayLike) -> Array:
        return np.asarray(-np.expm1(-self._hazard(np.asarray(x, dtype=float))))

    def pdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=float)
        inside = x >= 0
        y = np.where(inside, x, 1.0) / self.scale
        with np.errstate(divide="ignore", over="ignore"):
            log = special.xlogy(self.shape - 1, y) - y**self.shape
        return np.where(inside, self.shape / self.scale * np.exp(log), 0.0)

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        # E[X^k; X > x] = E[X^k] P(G > (x/scale)^shape) with G ~ Gamma(1 + k/shape)
        x = np.asarray(x, dtype=float)
        z = self._hazard(x)
        tail = np.exp(-z)
        tail1 = self.mean() * special.gammaincc(1 + 1 / self.shape, z)
        tail2 = self.second_moment() * special.gammaincc(1 + 2 / self.shape, z)
        first = np.maximum(tail1 - x * tail, 0)
        return tail, first, np.maximum(tail2 - 2 * x * tail1 + x * x * tail, 0)

    def rule(self, size: int) -> tuple[Array, Array] | None:
        """Gauss-Laguerre on the hazard where X is a smooth function of it: the exponential."""
        if self.shape != 1:
            return None
        t, w = laguerre(size, 0.0)
        return self.scale * t, w

    def scaled_by(self, factor: float) -> "Weibull":
        return Weibull(self.shape, self.scale * factor)

    def mean(self) -> float:
        return float(self.scale * special.gamma(1 + 1 / self.shape))

    def second_moment(self) -> float:
        return float(self.scale**2 * special.gamma(1 + 2 / self.shape))

    def variance(self) -> float:
        # E[X^2] - E[X]^2 = E[X]^2 expm1(log Gamma(1 + 2/k) - 2 log Gamma(1 + 1/k))
        one = special.gammaln(1 + 1 / self.shape)
        return float(self.mean() ** 2 * np.expm1(special.gammaln(1 + 2 / self.shape) - 2 * one))

    def support(self) -> tuple[float, float]:
        return 0.0, float("inf")

    def to_dict(self) -> dict[str, Any]:
        return {"type": "weibull", "shape": self.shape, "scale": self.scale}
