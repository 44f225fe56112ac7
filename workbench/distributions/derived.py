"""Beliefs made from another belief: scaled by a number, or with per-event terms applied."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array, Distribution, as_number, freeze
from workbench.distributions.discrete import Point, merge
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
    return belief.scaled_by(factor) or Scaled(belief, factor)


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

    def layer_moments(self, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
        a, b = (np.asarray(edge, dtype=float) / self.factor for edge in (a, b))
        first, second = self.base.layer_moments(a, b)
        return self.factor * first, self.factor**2 * second

    def breaks(self) -> Array:
        return self.base.breaks()

    def rule(self, size: int) -> tuple[Array, Array] | None:
        found = self.base.rule(size)
        return found and (self.factor * found[0], found[1])

    def atoms(self) -> tuple[Array, Array] | None:
        found = self.base.atoms()
        return found and (self.factor * found[0], found[1])

    def jumps(self) -> tuple[Array, Array]:
        places, chances = self.base.jumps()
        return self.factor * places, chances

    def scaled_by(self, factor: float) -> Distribution:
        return scaled(self.base, self.factor * factor)

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
        y = np.asarray(x, dtype=float) / self.share
        inside = y < self.limit
        tail = self.base.sf(self.deductible + np.where(inside, y, 0.0))
        return np.where(inside, np.where(y < 0, 1.0, tail), 0.0)

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        return self.sf(x), *self.layer_moments(x, np.inf)

    def layer_moments(self, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
        # With low = a/share and high = min(b/share, limit) it is share times the layer of X from
        # deductible + low to deductible + high; below 0 nothing is paid, and a d = -low comes on
        # top: (X - low)^2 = d^2 + 2 d X + X^2.
        low, end = (np.asarray(edge, dtype=float) / self.share for edge in (a, b))
        high = np.maximum(np.minimum(end, self.limit), 0)
        start = np.clip(low, 0, high)
        first, second = self.base.layer_moments(self.deductible + start, self.deductible + high)
        below = np.maximum(np.minimum(0.0, end) - low, 0)
        if (below > 0).any():
            with np.errstate(invalid="ignore"):  # 0 times an infinite moment
                second = second + below**2 + np.where(below > 0, 2 * below * first, 0.0)
            first = first + below
        return self.share * first, self.share**2 * second

    def breaks(self) -> Array:
        edges = [self.deductible, *([self.deductible + self.limit] if self.limit < np.inf else [])]
        levels = np.concatenate([self.base.breaks(), self.base.sf(np.array(edges))])
        return np.unique(levels[(levels > 0) & (levels < 1)])

    def atoms(self) -> tuple[Array, Array] | None:
        found = self.base.atoms()
        return found and merge(self.of(found[0]), found[1])

    def jumps(self) -> tuple[Array, Array]:
        if (found := self.atoms()) is not None:
            return found
        places, chances = self.base.jumps()
        places = self.of(places)
        # values of the base outside the layer are within the masses at the two ends
        inside = (places > 0) & (places < self.share * self.limit)
        ends = [0.0, self.share * self.limit]
        masses = [float(self.base.cdf(self.deductible)), 0.0]
        if self.limit < np.inf:
            masses[1] = reached(self.base, self.deductible + self.limit)
        places = np.concatenate([places[inside], ends])
        chances = np.concatenate([chances[inside], masses])
        order = np.argsort(places)
        return places[order][chances[order] > 0], chances[order][chances[order] > 0]

    def mean(self) -> float:
        return float(self.excess_moments(0.0)[1])

    def second_moment(self) -> float:
        return float(self.excess_moments(0.0)[2])

    def variance(self) -> float:
        second = self.second_moment()
        return max(second - self.mean() ** 2, 0.0) if second < np.inf else second

    def support(self) -> tuple[float, float]:
        low, high = self.base.support()
        return float(self.of(np.asarray(low))), float(self.of(np.asarray(high)))

    def to_dict(self) -> dict[str, Any]:
        terms = {"deductible": self.deductible, "share": self.share}
        limit = {"limit": self.limit} if np.isfinite(self.limit) else {}
        return {"type": "with_terms", "base": self.base.to_dict()} | terms | limit


def reached(belief: Distribution, x: float) -> float:
    """P(X >= `x`): the tail and the single value at `x`."""
    places, chances = belief.jumps()
    return float(belief.sf(x)) + float(chances[places == x].sum())


def atoms_of(belief: Distribution) -> tuple[Array, Array] | None:
    """Return the values and weights of a belief that sits on single values; None for any other."""
    return belief.atoms()


def jumps_of(belief: object) -> tuple[Array, Array]:
    """Return where an otherwise smooth belief has single values, rising, and their probabilities.

    Empty for anything that is not a belief, such as a sum that an engine has made smooth.
    """
    return belief.jumps() if isinstance(belief, Distribution) else (np.empty(0), np.empty(0))
