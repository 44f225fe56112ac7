"""Counts of years that all have an event."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from workbench.distributions import Array
from workbench.engines.counts.base import Complex, Count
from workbench.engines.counts.clustering import NegativeBinomial, Poisson
from workbench.engines.counts.occasions import Binomial
from workbench.engines.counts.stated import DiscreteCount
from workbench.errors import require

LEAST_MEAN = 1e-8  # of a parent: below it a rate is as low as it can be
LAST = math.nextafter(1.0, 0.0)  # the largest word


@dataclass(frozen=True, slots=True)
class ZeroTruncated(Count):
    r"""A count of years that all have an event: `parent` given that it is not 0.

    The rate is the mean of the truncated count. With mu the mean of the parent and P0 its chance
    of no event,

    .. math:: E[z^N] = \frac{P(z) - P_0}{1 - P_0}, \qquad \lambda = \frac{\mu}{1 - P_0(\mu)}

    Source: Klugman, Panjer and Willmot, Loss Models, section 6.6.
    """

    parent: Count

    def __post_init__(self) -> None:
        """Check that the parent can be truncated."""
        require(
            isinstance(self.parent, Poisson | NegativeBinomial | Binomial),
            "a poisson, negative_binomial or binomial count can be zero-truncated",
            got=self.parent,
            fix="State a discrete count without 0; a bernoulli that is never 0 is always 1.",
        )

    def rate_of(self, parent_mean: float) -> float:
        """Return the rate lambda of the truncated count whose parent has this mean."""
        free = float(_free(self.parent, np.array(parent_mean)))
        return parent_mean / (1 - free)

    def parent_means(self, rates: Array) -> Array:
        """Return mu for each rate lambda, by bisection; the rate rises with mu."""
        low, high = np.full(rates.shape, LEAST_MEAN), rates.copy()
        for _ in range(60):
            middle = (low + high) / 2
            free = _free(self.parent, middle)
            above = middle > rates * (1 - free)
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.asarray(high)

    def pgf(self, z: Complex, rates: Array) -> Complex:
        means = self.parent_means(rates)
        free = _free(self.parent, means)
        return np.asarray((self.parent.pgf(z, means) - free) / (1 - free))

    def conditional_variance(self, rates: Array) -> Array:
        means = self.parent_means(rates)
        free = _free(self.parent, means)
        second = self.parent.conditional_variance(means) + means**2
        return np.maximum(second / (1 - free) - rates**2, 0)

    def busy_year(self, rate: float, chance: float) -> tuple[float, float]:
        mean, variance = self.parent.busy_year(rate, chance)
        return mean, variance + 1

    def draw(self, rates: Array, u: Array, v: Array) -> Array:
        # Given v the parent is a Poisson or a binomial: its own chance of 0 is what v leaves.
        means = self.parent_means(rates)
        if isinstance(self.parent, NegativeBinomial):
            return np.maximum(_truncated_clusters(self.parent, means, u), 1)
        free = _free(self.parent, means)
        return np.maximum(self.parent.draw(means, _above(free, u), v), 1)

    def rates(self) -> tuple[float, float]:
        # As mu falls to 0 one event is left, or the logarithmic count of one cluster.
        low = 1.0
        if isinstance(self.parent, NegativeBinomial):
            low = (self.parent.dispersion - 1) / math.log(self.parent.dispersion)
        return low, self.parent.rates()[1]

    def to_dict(self) -> dict[str, Any]:
        return self.parent.to_dict() | {"zero_truncated": True}


def _truncated_clusters(parent: NegativeBinomial, means: Array, u: Array) -> Array:
    """Quantiles of a negative binomial given that it is not 0, by its own inverse in one word."""
    extra = parent.dispersion - 1
    size, p = np.maximum(means / extra, 1e-12), 1 / parent.dispersion
    level = _above(p**size, u)
    n = np.ceil(special.nbdtrik(level, size, p))
    n = np.where(np.isfinite(n), np.maximum(n, 1), 1)
    less = n - 1  # nbdtrik works on a continuous n and may round to the next
    return np.where((n > 1) & (special.betainc(size, less + 1, p) >= level), less, n)


def _above(free: Array, u: Array) -> Array:
    """The word of the parent that stands for `u` once a chance `free` is cut off; never 1."""
    return np.minimum(free + u * (1 - free), LAST)


def _free(parent: Count, means: Array) -> Array:
    """P(N = 0) of a count with these means."""
    return parent.pgf(np.zeros((), dtype=complex), means).real


def zero_truncated(count: Count) -> Count:
    """Return `count` given that it is not 0.

    Raises
    ------
    WorkbenchError
        for a count that cannot be truncated.

    """
    if not isinstance(count, DiscreteCount):
        return ZeroTruncated(count)
    kept = [(v, p) for v, p in zip(count.values, count.probabilities, strict=True) if v > 0]
    total = math.fsum(p for _, p in kept)
    require(total > 0, "a count that is never 0 has other numbers", got=count, fix="List some.")
    return DiscreteCount([v for v, _ in kept], [p / total for _, p in kept])
