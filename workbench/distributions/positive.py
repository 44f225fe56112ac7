"""Beliefs about positive amounts without an upper bound: LogNormal and Gamma."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from workbench.distributions.base import Array, Distribution, as_number, freeze
from workbench.distributions.gauss import laguerre
from workbench.errors import require

NORMAL_REACH = 8.3  # P(|Z| > 8.3) = 1e-16


@dataclass(frozen=True, slots=True)
class LogNormal(Distribution):
    r"""Positive and right-skewed: :math:`\log X \sim N(\mu, \sigma^2)`."""

    mu: float  # mean of log X
    sigma: float  # standard deviation of log X

    def __post_init__(self) -> None:
        """Check that sigma is positive and that the moments fit in a float."""
        freeze(self, mu=as_number("mu", self.mu), sigma=as_number("sigma", self.sigma))
        require(
            self.sigma > 0,
            "a lognormal needs sigma > 0",
            got=self.sigma,
            fix="Use Point for a number known exactly.",
        )
        require(
            abs(self.mu) + 2 * self.sigma**2 < 600,
            "a lognormal keeps its second moment below 1e260",
            got=(self.mu, self.sigma),
            fix="Check the range: it spans more than any real amount.",
        )

    @classmethod
    def from_interval(cls, low: float, high: float, mass: float = 0.90) -> Self:
        """Make the lognormal with central probability `mass` between `low` and `high`.

        mu = (log low + log high)/2 and sigma = log(high/low) / (2 z) with z the normal quantile of
        (1 + mass)/2. An expert's 90 % interval is the usual input (Hubbard and Seiersen, How to
        Measure Anything in Cybersecurity Risk, chapter 3).
        """
        low, high, mass = as_number("low", low), as_number("high", high), as_number("mass", mass)
        require(
            0 < low < high,
            "an interval needs 0 < low < high",
            got=(low, high),
            fix="Give the smaller amount first; use Point for a number known exactly.",
        )
        require(
            0 < mass < 1,
            "the mass of an interval lies between 0 and 1",
            got=mass,
            fix="Write 0.90 for a 90 % interval.",
        )
        z = float(special.ndtri((1 + mass) / 2))
        log_low, log_high = np.log(low), np.log(high)
        return cls(mu=float(log_low + log_high) / 2, sigma=float(log_high - log_low) / (2 * z))

    @classmethod
    def from_mean_sd(cls, mean: float, sd: float) -> Self:
        """Make the lognormal with this mean and standard deviation (moment matching)."""
        mean, sd = as_number("mean", mean), as_number("sd", sd)
        require(
            mean > 0 and sd > 0,
            "a lognormal needs mean > 0 and sd > 0",
            got=(mean, sd),
            fix="Use Point for a number known exactly.",
        )
        sigma2 = np.log1p((sd / mean) ** 2)
        return cls(mu=float(np.log(mean) - sigma2 / 2), sigma=float(np.sqrt(sigma2)))

    @classmethod
    def from_median_quantile(cls, median: float, quantile: float, level: float) -> Self:
        """Make the lognormal with this median and this quantile at `level`."""
        median, quantile = as_number("median", median), as_number("quantile", quantile)
        level = as_number("level", level)
        require(
            0 < level < 1 and level != 0.5,
            "the level of the quantile lies between 0 and 1 and is not 0.5",
            got=level,
            fix="Write 0.95 for the value that 19 in 20 stay below.",
        )
        above = level > 0.5
        require(
            median > 0 and quantile > 0 and (quantile > median if above else quantile < median),
            "the quantile lies on its own side of the median, both above 0",
            got=(median, quantile, level),
            fix="A quantile above 0.5 is larger than the median, one below is smaller.",
        )
        return cls(
            mu=float(np.log(median)), sigma=float(np.log(quantile / median) / special.ndtri(level))
        )

    def ppf(self, u: ArrayLike) -> Array:
        return np.asarray(np.exp(self.mu + self.sigma * special.ndtri(np.asarray(u, dtype=float))))

    def isf(self, q: ArrayLike) -> Array:
        return np.asarray(np.exp(self.mu - self.sigma * special.ndtri(np.asarray(q, dtype=float))))

    def _z(self, x: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):  # log 0 = -inf: all of the mass lies above 0
            log = np.log(np.maximum(np.asarray(x, dtype=float), 0))
        return np.asarray((self.mu - log) / self.sigma)

    def sf(self, x: ArrayLike) -> Array:
        return np.asarray(special.ndtr(self._z(x)))

    def cdf(self, x: ArrayLike) -> Array:
        return np.asarray(special.ndtr(-self._z(x)))

    def pdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=float)
        safe = np.where(x > 0, x, 1.0)
        z = (np.log(safe) - self.mu) / self.sigma
        density = np.exp(-z * z / 2) / (safe * self.sigma * np.sqrt(2 * np.pi))
        return np.where(x > 0, density, 0.0)

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        # E[X^k; X > x] = exp(k mu + k^2 sigma^2 / 2) Phi((mu + k sigma^2 - log x) / sigma)
        x, z, s = np.asarray(x, dtype=float), self._z(x), self.sigma
        tail = special.ndtr(z)
        tail1 = self.mean() * special.ndtr(z + s)
        tail2 = self.second_moment() * special.ndtr(z + 2 * s)
        first = np.maximum(tail1 - x * tail, 0)
        return tail, first, np.maximum(tail2 - 2 * x * tail1 + x * x * tail, 0)

    def layer_moments(self, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
        r"""See `Distribution.layer_moments`; a layer from 0 on keeps its digits below a heavy tail.

        .. math:: E[\min(X, b)^k] = e^{k \mu + k^2 \sigma^2 / 2} \Phi(z - k \sigma)
                  + b^k \Phi(-z), \qquad z = (\log b - \mu) / \sigma
        """
        first, second = Distribution.layer_moments(self, a, b)
        low, high = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
        known = (low == 0) & np.isfinite(high)
        if not known.any():
            return first, second
        z = -self._z(high)
        whole = [
            np.exp(k * self.mu + k * k * self.sigma**2 / 2) * special.ndtr(z - k * self.sigma)
            + np.where(known, high, 0.0) ** k * special.ndtr(-z)
            for k in (1, 2)
        ]
        return np.where(known, whole[0], first), np.where(known, whole[1], second)

    def mean(self) -> float:
        return float(np.exp(self.mu + self.sigma**2 / 2))

    def variance(self) -> float:
        return float(self.mean() ** 2 * np.expm1(self.sigma**2))

    def second_moment(self) -> float:
        return float(np.exp(2 * self.mu + 2 * self.sigma**2))

    def support(self) -> tuple[float, float]:
        return 0.0, float("inf")

    def rule(self, size: int) -> tuple[Array, Array]:
        """The trapezoidal rule on the normal score."""
        z = np.linspace(-NORMAL_REACH, NORMAL_REACH, size)
        w = np.exp(-z * z / 2)
        return np.exp(self.mu + self.sigma * z), w / w.sum()

    def scaled_by(self, factor: float) -> "LogNormal":
        return LogNormal(self.mu + float(np.log(factor)), self.sigma)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "lognormal", "mu": self.mu, "sigma": self.sigma}


@dataclass(frozen=True, slots=True)
class Gamma(Distribution):
    r"""Positive: density proportional to :math:`x^{shape-1} e^{-x/scale}`, mean shape * scale."""

    shape: float
    scale: float

    def __post_init__(self) -> None:
        """Check that shape and scale are positive."""
        freeze(self, shape=as_number("shape", self.shape), scale=as_number("scale", self.scale))
        require(
            self.shape > 0 and self.scale > 0,
            "a gamma needs shape > 0 and scale > 0",
            got=(self.shape, self.scale),
            fix="shape * scale is the average.",
        )

    def ppf(self, u: ArrayLike) -> Array:
        return np.asarray(self.scale * special.gammaincinv(self.shape, np.asarray(u, dtype=float)))

    def isf(self, q: ArrayLike) -> Array:
        return np.asarray(self.scale * special.gammainccinv(self.shape, np.asarray(q, dtype=float)))

    def sf(self, x: ArrayLike) -> Array:
        y = np.maximum(np.asarray(x, dtype=float), 0) / self.scale
        return np.asarray(special.gammaincc(self.shape, y))

    def cdf(self, x: ArrayLike) -> Array:
        y = np.maximum(np.asarray(x, dtype=float), 0) / self.scale
        return np.asarray(special.gammainc(self.shape, y))

    def pdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=float)
        y = np.where(x >= 0, x, 1.0) / self.scale
        with np.errstate(divide="ignore"):
            log = special.xlogy(self.shape - 1, y) - y - special.gammaln(self.shape)
        return np.where(x >= 0, np.exp(log) / self.scale, 0.0)

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        # E[X^k; X > x] = E[X^k] P(X_k > x) with X_k ~ Gamma(shape + k, scale)
        x = np.asarray(x, dtype=float)
        y = np.maximum(x, 0) / self.scale
        tail = special.gammaincc(self.shape, y)
        tail1 = self.mean() * special.gammaincc(self.shape + 1, y)
        tail2 = self.second_moment() * special.gammaincc(self.shape + 2, y)
        first = np.maximum(tail1 - x * tail, 0)
        return tail, first, np.maximum(tail2 - 2 * x * tail1 + x * x * tail, 0)

    def mean(self) -> float:
        return self.shape * self.scale

    def variance(self) -> float:
        return self.shape * self.scale**2

    def support(self) -> tuple[float, float]:
        return 0.0, float("inf")

    def rule(self, size: int) -> tuple[Array, Array]:
        """Gauss-Laguerre."""
        t, w = laguerre(size, self.shape - 1)
        return self.scale * t, w

    def scaled_by(self, factor: float) -> "Gamma":
        return Gamma(self.shape, self.scale * factor)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "gamma", "shape": self.shape, "scale": self.scale}
