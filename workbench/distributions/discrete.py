"""Beliefs that sit on single values: Point, Discrete and Empirical."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array, Distribution, as_number, freeze
from workbench.errors import require

SUM_TO_ONE = 1e-9  # how far stated probabilities may miss 1, for decimals such as 0.333333333


class Atoms(Distribution):
    """What Point, Discrete and Empirical share: sorted values, each with a probability."""

    __slots__ = ()

    @abstractmethod
    def atoms(self) -> tuple[Array, Array]:
        """Return the values, rising, and their probabilities, both of shape (n,)."""

    def rule(self, size: int) -> tuple[Array, Array]:
        return self.atoms()

    def breaks(self) -> Array:
        _, weights = self.atoms()
        return _tail_sums(weights)[1:-1]

    def ppf(self, u: ArrayLike) -> Array:
        values, weights = self.atoms()
        # A level that is a cumulative probability but for rounding belongs to its own value.
        steps = np.cumsum(weights) * (1 + 4 * np.finfo(float).eps)
        index = np.searchsorted(steps, np.asarray(u, dtype=float), side="left")
        return np.asarray(values[np.minimum(index, values.size - 1)])

    def sf(self, x: ArrayLike) -> Array:
        return self.excess_moments(x)[0]

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        values, weights = self.atoms()
        x = np.asarray(x, dtype=float)
        index = np.searchsorted(values, x, side="right")
        tail, tail1, tail2 = (_tail_sums(weights * values**k)[index] for k in range(3))
        first = np.maximum(tail1 - x * tail, 0)
        return tail, first, np.maximum(tail2 - 2 * x * tail1 + x * x * tail, 0)

    def mean(self) -> float:
        values, weights = self.atoms()
        return float(values @ weights)

    def variance(self) -> float:
        values, weights = self.atoms()
        return float((values - self.mean()) ** 2 @ weights)

    def support(self) -> tuple[float, float]:
        values, _ = self.atoms()
        return float(values[0]), float(values[-1])


def _tail_sums(terms: Array) -> Array:
    """Sums of `terms` from each index to the end, with a 0 after the last, shape (n + 1,)."""
    return np.append(np.cumsum(terms[::-1])[::-1], 0.0)


@dataclass(frozen=True, slots=True)
class Point(Atoms):
    """A number known exactly."""

    value: float

    def __post_init__(self) -> None:
        """Check that the value is 0 or more."""
        freeze(self, value=as_number("value", self.value))
        require(
            self.value >= 0,
            "a number known exactly is 0 or more",
            got=self.value,
            fix="Losses and rates are written without a sign.",
        )

    def atoms(self) -> tuple[Array, Array]:
        return np.array([self.value]), np.array([1.0])

    def scaled_by(self, factor: float) -> "Point":
        return Point(self.value * factor)

    def mean(self) -> float:
        return self.value

    def variance(self) -> float:
        return 0.0

    def to_dict(self) -> dict[str, Any]:
        return {"type": "point", "value": self.value}


def merge(values: Array, weights: Array) -> tuple[Array, Array]:
    """Return the values sorted, equal ones merged, weights scaled to sum to 1, none of them 0."""
    unique, inverse = np.unique(values, return_inverse=True)
    merged = np.bincount(inverse, weights=weights).astype(float)
    kept = merged > 0
    total = merged.sum()
    shares = merged if abs(total - 1) < 1e-14 else merged / total
    return unique[kept], shares[kept]


@dataclass(frozen=True, slots=True)
class Discrete(Atoms):
    """Listed values with stated probabilities that sum to 1: what the parts of a decision say.

    Values are kept sorted, equal ones merged, those of probability 0 left out.
    """

    values: Sequence[float]
    probabilities: Sequence[float]

    def __post_init__(self) -> None:
        """Check, sort and merge."""
        values = np.array([as_number("each value", v) for v in self.values])
        chances = np.array([as_number("each probability", p) for p in self.probabilities])
        require(values.size > 0, "a discrete belief has a value", got=(), fix="List some.")
        require(
            bool((values >= 0).all()),
            "values are 0 or more",
            got=float(values.min()),
            fix="Losses and rates are written without a sign.",
        )
        require(
            chances.size == values.size,
            "there is one probability for each value",
            got=f"{values.size} values, {chances.size} probabilities",
            fix="Use an empirical belief where all values are equally likely.",
        )
        require(
            bool((chances >= 0).all()) and abs(chances.sum() - 1) <= SUM_TO_ONE,
            "probabilities are 0 or more and sum to 1",
            got=f"{chances.tolist()} with sum {chances.sum():.12g}",
            fix="Give each value its probability; the rest belongs to some value too.",
        )
        merged, shares = merge(values, chances)
        freeze(self, values=tuple(merged.tolist()), probabilities=tuple(shares.tolist()))

    def scaled_by(self, factor: float) -> "Discrete":
        return Discrete([v * factor for v in self.values], self.probabilities)

    def atoms(self) -> tuple[Array, Array]:
        return np.array(self.values), np.array(self.probabilities)

    def to_dict(self) -> dict[str, Any]:
        return {
            "type": "discrete",
            "values": list(self.values),
            "probabilities": list(self.probabilities),
        }


@dataclass(frozen=True, slots=True)
class Empirical(Atoms):
    """Observed or listed values, equally likely unless `weights` are given.

    Values are kept sorted, equal ones merged, weights scaled to sum to 1: two lists that say the
    same are equal.
    """

    values: Sequence[float]
    weights: Sequence[float] | None = None

    def __post_init__(self) -> None:
        """Check, sort and merge."""
        values = np.array([as_number("each value", v) for v in self.values])
        require(values.size > 0, "an empirical belief has a value", got=(), fix="List some.")
        require(
            bool((values >= 0).all()),
            "values are 0 or more",
            got=float(values.min()),
            fix="Losses and rates are written without a sign.",
        )
        weights = np.ones(values.size)
        if self.weights is not None:
            weights = np.array([as_number("each weight", w) for w in self.weights])
        require(
            weights.size == values.size,
            "there is one weight for each value",
            got=f"{values.size} values, {weights.size} weights",
            fix="Leave weights out where all values are equally likely.",
        )
        require(
            bool((weights >= 0).all()) and weights.sum() > 0,
            "weights are 0 or more and not all 0",
            got=weights.tolist(),
            fix="Give each value its share of the cases.",
        )
        merged, shares = merge(values, weights)
        freeze(self, values=tuple(merged.tolist()), weights=tuple(shares.tolist()))

    def scaled_by(self, factor: float) -> "Empirical":
        return Empirical([v * factor for v in self.values], self.weights)

    def atoms(self) -> tuple[Array, Array]:
        return np.array(self.values), np.array(self.weights)

    def to_dict(self) -> dict[str, Any]:
        return {
            "type": "empirical",
            "values": list(self.values),
            "weights": list(self.weights or ()),
        }
