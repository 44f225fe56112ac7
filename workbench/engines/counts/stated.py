"""Counts that are stated outright, number by number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.distributions import Array, Distribution, Point
from workbench.distributions.base import as_number, freeze
from workbench.engines.counts.base import Complex, Count
from workbench.errors import is_whole, require

MOST_EVENTS = 10_000  # a year


@dataclass(frozen=True, slots=True)
class DiscreteCount(Count):
    """Any number of events with stated `probabilities`; the count says its rate itself."""

    values: Sequence[int]  # whole numbers, 0 or more
    probabilities: Sequence[float]  # of each, summing to 1

    def __post_init__(self) -> None:
        """Check whole, distinct numbers and probabilities that sum to 1; sort by number."""
        for name in ("values", "probabilities"):
            require(
                isinstance(getattr(self, name), Sequence | np.ndarray),
                f"the {name} of a discrete count are a list",
                got=getattr(self, name),
                fix="Write DiscreteCount([0, 1, 2], [0.7, 0.2, 0.1]).",
            )
        require(
            all(is_whole(v, 0, MOST_EVENTS - 1) for v in self.values)
            and 0 < len(self.values) == len(set(self.values)),
            f"numbers of events are distinct whole numbers from 0 to {MOST_EVENTS - 1}",
            got=tuple(self.values),
            fix="List each number once.",
        )
        shares = [as_number("each probability", p) for p in self.probabilities]
        require(
            len(shares) == len(self.values) and min(shares) >= 0 and abs(sum(shares) - 1) < 1e-9,
            "there is a probability for each number of events, and they sum to 1",
            got=tuple(self.probabilities),
            fix="Give each number its share of the years.",
        )
        kept = sorted((int(v), p) for v, p in zip(self.values, shares, strict=True) if p > 0)
        freeze(self, values=tuple(v for v, _ in kept), probabilities=tuple(p for _, p in kept))

    def mean(self) -> float:
        """E[N], events a year: the rate that a scenario with this count has."""
        return math.fsum(v * p for v, p in zip(self.values, self.probabilities, strict=True))

    def pgf(self, z: Complex, rates: Array) -> Complex:
        masses = np.zeros(max(self.values) + 1)
        masses[list(self.values)] = self.probabilities
        total = np.polyval(masses[::-1], z)
        return np.asarray(total + np.zeros(np.broadcast(z, rates).shape))

    def conditional_variance(self, rates: Array) -> Array:
        values, shares = np.array(self.values, dtype=float), np.array(self.probabilities)
        return np.full(np.shape(rates), float((values - self.mean()) ** 2 @ shares))

    def busy_year(self, rate: float, chance: float) -> tuple[float, float]:
        return float(max(self.values)), 0.0

    def draw(self, rates: Array, u: Array, v: Array) -> Array:
        steps = np.cumsum(self.probabilities) * (1 + 4 * np.finfo(float).eps)
        index = np.searchsorted(steps, u, side="left")
        return np.asarray(self.values, dtype=float)[np.minimum(index, len(self.values) - 1)]

    def check(self, rate: Distribution) -> None:
        good = isinstance(rate, Point) and abs(rate.value - self.mean()) <= 1e-9 * self.mean()
        require(
            good,
            f"a discrete count says its rate itself, {self.mean():g} a year",
            got=rate,
            fix="Leave the frequency out.",
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "type": "discrete",
            "values": list(self.values),
            "probabilities": list(self.probabilities),
        }
