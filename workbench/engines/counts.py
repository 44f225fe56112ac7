"""How many events a year brings, given its rate."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from workbench.distributions import Array, Distribution, Point
from workbench.errors import WorkbenchError, require

Complex = NDArray[np.complex128]


class Count(ABC):
    """The number N of events in a year whose rate is held at lambda; E[N] = lambda."""

    __slots__ = ()

    @abstractmethod
    def exponent(self, phi: Complex) -> Complex | None:
        """Return g with E[z^N | lambda] = exp(lambda g(z)) at z = `phi`; None where none exists."""

    @abstractmethod
    def variance(self, rate: Distribution) -> float:
        """Var(N) with the rate drawn from `rate`."""

    @abstractmethod
    def draw(self, rates: Array, u: Array, v: Array) -> Array:
        """Counts by inversion of the uniform words `u` (and `v`), all of shape (years,)."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Plain data that `count_from_dict` reads back equal."""

    def busy_year(self, rate: float, chance: float) -> tuple[float, float]:
        """Mean and variance of N in a year that only a share `chance` of years outdoes.

        What is held apart from the rate is at its quantile of that chance; a few standard
        deviations come on top.
        """
        del chance  # nothing is held apart from the rate
        return rate, self.variance(Point(rate))

    def highest_rate(self) -> float:
        """Return the highest rate that this count can have."""
        return math.inf

    def check(self, rate: Distribution) -> None:
        """Refuse a rate that this count cannot have."""
        require(
            rate.support()[1] <= self.highest_rate(),
            f"{type(self).__name__} has a rate of at most {self.highest_rate():g} a year",
            got=rate.support()[1],
            fix="Use poisson, which allows any number of events in a year.",
        )


@dataclass(frozen=True, slots=True)
class Poisson(Count):
    """Events arrive independently: variance equals mean."""

    def exponent(self, phi: Complex) -> Complex:
        return phi - 1

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

    def exponent(self, phi: Complex) -> Complex:
        extra = self.dispersion - 1
        return np.asarray(-np.log(1 - extra * (phi - 1)) / extra)

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


@dataclass(frozen=True, slots=True)
class Bernoulli(Count):
    """At most one event a year, with the rate as its probability."""

    def exponent(self, phi: Complex) -> None:
        return None

    def variance(self, rate: Distribution) -> float:
        return rate.mean() * (1 - rate.mean())

    def draw(self, rates: Array, u: Array, v: Array) -> Array:
        # u close to 1 means an event, as in the other counts.
        return (u >= 1 - rates).astype(float)

    def highest_rate(self) -> float:
        return 1.0

    def to_dict(self) -> dict[str, Any]:
        return {"type": "bernoulli"}


@dataclass(frozen=True, slots=True)
class Once(Count):
    """Exactly one: turns a belief into a plan, so that beliefs can be added like losses."""

    def exponent(self, phi: Complex) -> None:
        return None

    def variance(self, rate: Distribution) -> float:
        return 0.0

    def draw(self, rates: Array, u: Array, v: Array) -> Array:
        return np.ones_like(rates)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "once"}


def poisson_ppf(u: Array, rates: Array) -> Array:
    """The smallest n with P(N <= n) >= u for N ~ Poisson(rates)."""
    rates = np.maximum(rates, 0)
    with np.errstate(invalid="ignore"):
        n = np.where(rates > 0, np.ceil(special.pdtrik(u, np.maximum(rates, 1e-300))), 0.0)
    n = np.where(np.isfinite(n), np.maximum(n, 0), 0)
    # pdtrik works on a continuous n and may round to the next: step back where one less suffices.
    less = np.maximum(n - 1, 0)
    return np.where((n > 0) & (special.pdtr(less, rates) >= u), less, n)


def count_from_dict(data: dict[str, Any]) -> Count:
    """Read a count from plain data: ``{"type": "negative_binomial", "dispersion": 2}``."""
    kinds = {"poisson": Poisson, "negative_binomial": NegativeBinomial, "bernoulli": Bernoulli}
    kind = data.get("type") if isinstance(data, dict) else None
    require(
        kind in kinds,
        "a count has a type that this version knows",
        got=data,
        fix=f"Allowed: {', '.join(kinds)}.",
    )
    fields = {name: value for name, value in data.items() if name != "type"}
    wanted = {"dispersion"} if kind == "negative_binomial" else set()
    if set(fields) != wanted:
        raise WorkbenchError(
            f"a {kind} count is stated by {sorted(wanted) or 'its type alone'}; got "
            f"{sorted(fields)}. Give just these."
        )
    return kinds[str(kind)](**fields)  # type: ignore[no-any-return]  # a table of classes has no one signature
