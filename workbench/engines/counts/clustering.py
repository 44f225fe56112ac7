"""Counts without an upper end: events that are independent, and events that cluster."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from workbench.distributions import Array, Distribution
from workbench.engines.counts.base import Complex, Count
from workbench.errors import require


@dataclass(frozen=True, slots=True)
class Poisson(Count):
    """Events arrive independently: variance equals mean."""

    def pgf(self, z: Complex, rates: Array) -> Complex:
        return np.asarray(np.exp(rates * (z - 1)))

    def exponent(self, phi: Complex) -> Complex:
        return phi - 1

    def conditional_variance(self, rates: Array) -> Array:
        return rates

    def variance(self, rate: Distribution) -> float:
        return rate.mean() + rate.variance()

    def draw(self, rates: Array, u: Array, v: Array) -> Array:
        return poisson_ppf(u, rates)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "poisson"}


@dataclass(frozen=True, slots=True)
class NegativeBinomial(Count):
    r"""Events come in clusters: `dispersion` d = variance/mean > 1, given the rate.

    .. math:: E[z^N] = (1 - (d - 1)(z - 1))^{-\lambda / (d - 1)}

    a Poisson whose rate is Gamma(lambda/(d-1), scale d-1). Source: Loss Models, section 6.3.
    """

    dispersion: float

    def __post_init__(self) -> None:
        """Check dispersion > 1."""
        good = isinstance(self.dispersion, int | float) and not isinstance(self.dispersion, bool)
        require(
            good and 1 < self.dispersion < float("inf"),
            "the dispersion (variance/mean) of a negative binomial is above 1",
            got=self.dispersion,
            fix="Use poisson where events are independent.",
        )

    def pgf(self, z: Complex, rates: Array) -> Complex:
        return np.asarray(np.exp(rates * self.exponent(z)))

    def exponent(self, phi: Complex) -> Complex:
        extra = self.dispersion - 1
        return np.asarray(-np.log(1 - extra * (phi - 1)) / extra)

    def conditional_variance(self, rates: Array) -> Array:
        return self.dispersion * rates

    def variance(self, rate: Distribution) -> float:
        return self.dispersion * rate.mean() + rate.variance()

    def busy_year(self, rate: float, chance: float) -> tuple[float, float]:
        # A strongly clustered count has a far longer tail than its standard deviation tells.
        extra = self.dispersion - 1
        busy = max(rate, extra * float(special.gammainccinv(rate / extra, chance)))
        return busy, busy

    def draw(self, rates: Array, u: Array, v: Array) -> Array:
        extra = self.dispersion - 1
        return poisson_ppf(u, extra * special.gammaincinv(rates / extra, v))

    def to_dict(self) -> dict[str, Any]:
        return {"type": "negative_binomial", "dispersion": self.dispersion}


def poisson_ppf(u: Array, rates: Array) -> Array:
    """The smallest n with P(N <= n) >= u for N ~ Poisson(rates)."""
    rates = np.maximum(rates, 0)
    with np.errstate(invalid="ignore"):
        n = np.where(rates > 0, np.ceil(special.pdtrik(u, np.maximum(rates, 1e-300))), 0.0)
    n = np.where(np.isfinite(n), np.maximum(n, 0), 0)
    # pdtrik works on a continuous n and may round to the next: step back where one less suffices.
    less = np.maximum(n - 1, 0)
    return np.where((n > 0) & (special.pdtr(less, rates) >= u), less, n)
