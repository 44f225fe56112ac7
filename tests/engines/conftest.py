"""Compound sums of gamma losses by their series: P(L > x) = sum of P(N = k) P(Gamma(k a) > x)."""

import sys
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pytest
from scipy import optimize, special, stats

from workbench.distributions import Distribution


@dataclass(frozen=True, eq=False)
class GammaSum:
    """N events with P(N = k) = `pmf[k]`, each Gamma(`shape`, `scale`); the exponential has shape 1.

    For a Poisson N and shape 1 the density is exp(-rate - x) sqrt(rate / x) I_1(2 sqrt(rate x)),
    whose Bessel function is this series.
    """

    pmf: np.ndarray
    shape: float = 1.0
    scale: float = 1.0

    def sf(self, x: float) -> float:
        k = self.shape * np.arange(1, self.pmf.size)
        return float(self.pmf[1:] @ special.gammaincc(k, x / self.scale))

    def excess(self, x: float) -> float:
        k = self.shape * np.arange(1, self.pmf.size)
        y = x / self.scale
        over = k * special.gammaincc(k + 1, y) - y * special.gammaincc(k, y)
        return float(self.scale * (self.pmf[1:] @ over))

    def var(self, level: float) -> float:
        if self.sf(0) <= 1 - level:
            return 0.0
        high = 1.0
        while self.sf(high) > 1 - level:
            high *= 2
        return float(optimize.brentq(lambda x: self.sf(x) - (1 - level), 0, high, rtol=1e-14))

    def tvar(self, level: float) -> float:
        value = self.var(level)
        return value + self.excess(value) / (1 - level)


def poisson_pmf(rate: float) -> np.ndarray:
    return stats.poisson.pmf(np.arange(int(rate + 12 * np.sqrt(rate) + 30)), rate)


def negative_binomial_pmf(rate: float, dispersion: float) -> np.ndarray:
    size = int(rate + 40 * np.sqrt(dispersion * rate) + 40 * dispersion + 30)
    r = rate / (dispersion - 1)
    return stats.nbinom.pmf(np.arange(size), r, 1 / dispersion)


def mixed_pmf(rate: Distribution, size: int) -> np.ndarray:
    """P(N = k) of a Poisson count with an uncertain rate: Gauss rules over its quantiles.

    The panels grow denser towards both ends, where a quantile bends.
    """
    ends = np.append(0, np.geomspace(1e-16, 0.5, 90))
    t, w = special.roots_legendre(16)
    a, b = ends[:-1, None], ends[1:, None]
    q, weight = ((a + b) / 2 + (b - a) / 2 * t).ravel(), ((b - a) / 2 * w).ravel()
    rates = np.concatenate([rate.ppf(q), rate.isf(q)])
    return stats.poisson.pmf(np.arange(size)[:, None], rates) @ np.tile(weight, 2)


def panjer(rate: float, severity: np.ndarray, size: int) -> np.ndarray:
    """P(S = 0), P(S = 1), ... of a compound Poisson sum by Panjer's recursion (1981)."""
    found = np.zeros(size)
    found[0] = np.exp(rate * (severity[0] - 1))
    for s in range(1, size):
        k = np.arange(1, min(s, severity.size - 1) + 1)
        found[s] = rate / s * np.sum(k * severity[k] * found[s - k])
    return found


@pytest.fixture(scope="session")
def closed() -> ModuleType:
    """Hand out this module: test folders are no packages, so that tests cannot import it."""
    return sys.modules[__name__]
