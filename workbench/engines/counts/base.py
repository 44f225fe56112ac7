"""What every count of events can be asked."""

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.distributions import Array, Distribution, Point
from workbench.distributions.quadrature import nodes
from workbench.errors import require

Complex = NDArray[np.complex128]
AVERAGED = 60  # nodes that average a variance over a rate


class Count(ABC):
    """The number N of events in a year whose rate is held at lambda; E[N] = lambda."""

    __slots__ = ()

    @abstractmethod
    def pgf(self, z: Complex, rates: Array) -> Complex:
        """E[z^N | lambda] for `rates` that broadcast against `z`."""

    @abstractmethod
    def conditional_variance(self, rates: Array) -> Array:
        """Var(N | lambda), of the shape of `rates`."""

    @abstractmethod
    def draw(self, rates: Array, u: Array, v: Array) -> Array:
        """Counts by inversion of the uniform words `u` (and `v`), all of shape (years,)."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Plain data that `count_from_dict` reads back equal."""

    def exponent(self, phi: Complex) -> Complex | None:
        """Return g with E[z^N | lambda] = exp(lambda g(z)) at z = `phi`; None where none exists."""
        return None

    def degree(self) -> int | None:
        """Return the degree of E[z^N | lambda] as a polynomial in lambda; None if it is none."""
        return None

    def variance(self, rate: Distribution) -> float:
        """Var(N) = E[Var(N | lambda)] + Var(lambda) with lambda drawn from `rate`."""
        values, weights = nodes(rate, AVERAGED)
        return float(weights @ self.conditional_variance(values)) + rate.variance()

    def busy_year(self, rate: float, chance: float) -> tuple[float, float]:
        """Mean and variance of N in a year that only a share `chance` of years outdoes.

        What is held apart from the rate is at its quantile of that chance; a few standard
        deviations come on top.
        """
        return rate, self.variance(Point(rate))

    def rates(self) -> tuple[float, float]:
        """Return the lowest and the highest rate that this count can have."""
        return 0.0, math.inf

    def check(self, rate: Distribution) -> None:
        """Refuse a rate that this count cannot have."""
        low, high = self.rates()
        name = self.to_dict()["type"]
        require(
            rate.support()[1] <= high,
            f"a {name} count has a rate of at most {high:g} a year",
            got=rate.support()[1],
            fix="Use poisson, which allows any number of events in a year.",
        )
        require(
            rate.support()[0] >= low,
            f"a {name} count that is never 0 has a rate of at least {low:g} a year",
            got=rate.support()[0],
            fix="State the average of the years that the count describes.",
        )
