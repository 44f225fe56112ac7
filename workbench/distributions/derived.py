"""Beliefs made from another belief: scaled by a number, or with per-event terms applied."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array, Distribution, as_number, freeze
from workbench.distributions.bounded import Pert, Uniform
from workbench.distributions.discrete import Empirical, Point
from workbench.distributions.positive import Gamma, LogNormal
from workbench.errors import require


def scaled(belief: Distribution, factor: float) -> Distribution:
    """Return `factor` times `belief`, in its own family where that is closed under scaling.

    A currency conversion of a lognormal, for example, moves mu by log(factor) and keeps sigma.
    """
    require(factor >= 0, "a scale factor is 0 or more", got=factor, fix="Losses have no sign.")
    if factor == 0:
        return Point(0.0)
    if factor == 1:
        return belief
    if isinstance(belief, Point):
        return Point(belief.value * factor)
    if isinstance(belief, Uniform):
        return Uniform(belief.low * factor, belief.high * factor)
    if isinstance(belief, Pert):
        return Pert(belief.low * factor, belief.mode * factor, belief.high * factor, belief.shape)
    if isinstance(belief, LogNormal):
        return LogNormal(belief.mu + float(np.log(factor)), belief.sigma)
    if isinstance(belief, Gamma):
        return Gamma(belief.shape, belief.scale * factor)
    if isinstance(belief, Empirical):
        return Empirical([v * factor for v in belief.values], belief.weights)
    if isinstance(belief, Scaled):
        return scaled(belief.base, belief.factor * factor)
    return Scaled(belief, factor)


@dataclass(frozen=True, slots=True)
class Scaled(Distribution):
    """Y = `factor` X, for example a loss as a share of an asset worth `factor`."""

    base: Distribution
    factor: float

    def __post_init__(self) -> None:
        """Check that the factor is positive."""
        freeze(self, factor=as_number("factor", self.factor))
        require(
            self.factor > 0,
            "a scale factor is above 0",
            got=self.factor,
            fix="Use Point(0) where nothing can be lost.",
        )

    def of(self, x: Array) -> Array:
        """Return `factor` * `x`."""
        return self.factor * x

    def ppf(self, u: ArrayLike) -> Array:
        return self.factor * self.base.ppf(u)

    def isf(self, q: ArrayLike) -> Array:
        return self.factor * self.base.isf(q)

    def sf(self, x: ArrayLike) -> Array:
        return self.base.sf(np.asarray(x, dtype=float) / self.factor)

    def pdf(self, x: ArrayLike) -> Array:
        return self.base.pdf(np.asarray(x, dtype=float) / self.factor) / self.factor

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        tail, first, second = self.base.excess_moments(np.asarray(x, dtype=float) / self.factor)
        return tail, self.factor * first, self.factor**2 * second

    def mean(self) -> float:
        return self.factor * self.base.mean()

    def variance(self) -> float:
        return self.factor**2 * self.base.variance()

    def support(self) -> tuple[float, float]:
        low, high = self.base.support()
        return self.factor * low, self.factor * high

    def to_dict(self) -> dict[str, Any]:
        return {"type": "scaled", "base": self.base.to_dict(), "factor": self.factor}


@dataclass(frozen=True, slots=True)
class WithTerms(Distribution):
    r"""What one event costs after its own terms, applied in this order.

    .. math:: Y = share \cdot \min\{(X - deductible)_+,\ limit\}

    Source: Klugman, Panjer and Willmot, Loss Models, the per-loss payment.
    """

    base: Distribution
    deductible: float = 0.0  # currency / event
    limit: float = float("inf")  # currency / event
    share: float = 1.0  # of the layer, 0..1

    def __post_init__(self) -> None:
        """Check the three terms."""
        freeze(self, deductible=as_number("deductible", self.deductible))
        freeze(self, share=as_number("share", self.share))
        if self.limit != float("inf"):
            freeze(self, limit=as_number("limit", self.limit))
        require(
            self.deductible >= 0,
            "a deductible is 0 or more",
            got=self.deductible,
            fix="Write 0 where the first euro counts.",
        )
        require(
            self.limit > 0, "a limit is above 0", got=self.limit, fix="Leave it out for no limit."
        )
        require(
            0 < self.share <= 1,
            "a share lies above 0 and is at most 1",
            got=self.share,
            fix="Write 0.8 for 80 %.",
        )

    def of(self, x: Array) -> Array:
        """Return what is paid of an event that costs `x`."""
        return self.share * np.minimum(np.maximum(x - self.deductible, 0), self.limit)

    def ppf(self, u: ArrayLike) -> Array:
        return self.of(self.base.ppf(u))

    def isf(self, q: ArrayLike) -> Array:
        return self.of(self.base.isf(q))

    def sf(self, x: ArrayLike) -> Array:
        return self.excess_moments(x)[0]

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        # With a = deductible + x/share and b = deductible + limit the payment above x is
        # share * min((X - a)+, b - a).
        y = np.asarray(x, dtype=float) / self.share
        inside = y < self.limit
        a = self.deductible + np.where(inside, y, 0.0)
        tail, first, second = self.base.excess_moments(np.maximum(a, 0))
        if np.isfinite(self.limit):
            b = self.deductible + self.limit
            _, cut1, cut2 = self.base.excess_moments(np.asarray(b))
            second = second - cut2 - 2 * (b - a) * cut1
            first = first - cut1
        first, second = np.maximum(first, 0), np.maximum(second, 0)
        return (
            np.where(inside, tail, 0.0),
            np.where(inside, self.share * first, 0.0),
            np.where(inside, self.share**2 * second, 0.0),
        )

    def mean(self) -> float:
        return float(self.excess_moments(0.0)[1])

    def second_moment(self) -> float:
        return float(self.excess_moments(0.0)[2])

    def variance(self) -> float:
        return max(self.second_moment() - self.mean() ** 2, 0.0)

    def support(self) -> tuple[float, float]:
        low, high = self.base.support()
        return float(self.of(np.asarray(low))), float(self.of(np.asarray(high)))

    def to_dict(self) -> dict[str, Any]:
        terms = {"deductible": self.deductible, "share": self.share}
        limit = {"limit": self.limit} if np.isfinite(self.limit) else {}
        return {"type": "with_terms", "base": self.base.to_dict()} | terms | limit


def atoms_of(belief: Distribution) -> tuple[Array, Array] | None:
    """Return the values and weights of a belief that sits on single values; None for any other."""
    if isinstance(belief, Point | Empirical):
        return belief.atoms()
    if isinstance(belief, Scaled | WithTerms) and (atoms := atoms_of(belief.base)) is not None:
        values, weights = atoms
        return belief.of(values), weights
    return None


def jump_of(belief: object) -> tuple[float, float]:
    """Return where an otherwise smooth belief has a single value above 0, and its probability."""
    if isinstance(belief, WithTerms) and np.isfinite(belief.limit):
        return belief.share * belief.limit, float(belief.base.sf(belief.deductible + belief.limit))
    if isinstance(belief, Scaled):
        place, chance = jump_of(belief.base)
        return belief.factor * place, chance
    return 0.0, 0.0
