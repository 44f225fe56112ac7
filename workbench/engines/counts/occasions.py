"""Counts with an upper end: occasions at which an event may happen."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from workbench.distributions import Array, Distribution
from workbench.distributions.base import freeze
from workbench.engines.counts.base import Complex, Count
from workbench.errors import is_whole, require

MOST_TRIALS = 100_000  # a year


@dataclass(frozen=True, slots=True)
class Bernoulli(Count):
    """At most one event a year, with the rate as its probability."""

    def pgf(self, z: Complex, rates: Array) -> Complex:
        return np.asarray(1 + rates * (z - 1))

    def degree(self) -> int:
        return 1

    def conditional_variance(self, rates: Array) -> Array:
        return rates * (1 - rates)

    def variance(self, rate: Distribution) -> float:
        return rate.mean() * (1 - rate.mean())

    def draw(self, rates: Array, u: Array, v: Array) -> Array:
        # u close to 1 means an event, as in the other counts.
        return (u >= 1 - rates).astype(float)

    def rates(self) -> tuple[float, float]:
        return 0.0, 1.0

    def to_dict(self) -> dict[str, Any]:
        return {"type": "bernoulli"}


@dataclass(frozen=True, slots=True)
class Binomial(Count):
    r"""At most one event at each of `trials` occasions a year, each equally likely.

    .. math:: E[z^N] = (1 + (\lambda / n)(z - 1))^n, \qquad Var(N) = \lambda (1 - \lambda / n)
    """

    trials: int

    def __post_init__(self) -> None:
        """Check that trials is a whole number, 1 or more."""
        require(
            is_whole(self.trials, 1, MOST_TRIALS),
            f"the trials of a binomial are a whole number from 1 to {MOST_TRIALS}",
            got=self.trials,
            fix="Say how many occasions a year has, such as 12 releases.",
        )
        freeze(self, trials=int(self.trials))

    def pgf(self, z: Complex, rates: Array) -> Complex:
        return whole_power(1 + np.asarray(rates) / self.trials * (z - 1), self.trials)

    def degree(self) -> int:
        return self.trials

    def conditional_variance(self, rates: Array) -> Array:
        return rates * (1 - rates / self.trials)

    def variance(self, rate: Distribution) -> float:
        return rate.mean() - rate.second_moment() / self.trials + rate.variance()

    def draw(self, rates: Array, u: Array, v: Array) -> Array:
        p = np.clip(rates / self.trials, 0, 1)
        n = np.clip(np.ceil(special.bdtrik(u, self.trials, p)), 0, self.trials)
        n = np.where(np.isfinite(n), n, np.where(p > 0, self.trials, 0))
        less = np.maximum(n - 1, 0)  # bdtrik works on a continuous n and may round to the next
        return np.where((n > 0) & (special.bdtr(less, self.trials, p) >= u), less, n)

    def rates(self) -> tuple[float, float]:
        return 0.0, float(self.trials)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "binomial", "trials": self.trials}


@dataclass(frozen=True, slots=True)
class Once(Count):
    """Exactly one: turns a belief into a plan, so that beliefs can be added like losses."""

    def pgf(self, z: Complex, rates: Array) -> Complex:
        return z + np.zeros(np.broadcast(z, rates).shape)

    def conditional_variance(self, rates: Array) -> Array:
        return np.zeros_like(rates)

    def variance(self, rate: Distribution) -> float:
        return 0.0

    def draw(self, rates: Array, u: Array, v: Array) -> Array:
        return np.ones_like(rates)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "once"}


def whole_power(base: Complex, exponent: int) -> Complex:
    """Return `base` to a whole power from 1 on by repeated squaring: numpy's takes a logarithm."""
    square, found = base, None
    while True:
        if exponent & 1:
            found = square if found is None else found * square
        exponent >>= 1
        if not exponent:
            return np.asarray(found)
        square = square * square
