"""Amounts known only by class, and losses by return period."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions import Array, Distribution, Mixture, Uniform
from workbench.distributions.base import as_number, freeze
from workbench.errors import require


@dataclass(frozen=True, slots=True)
class Grouped:
    """Counts of amounts in classes; within a class every amount is taken to be equally likely.

    `bounds` has one value more than `counts`. Source: Klugman, Panjer and Willmot, Loss Models,
    grouped data and the ogive.
    """

    bounds: Sequence[float]
    counts: Sequence[float]

    def __post_init__(self) -> None:
        """Check rising finite bounds of 0 or more and counts that are not all 0."""
        bounds = tuple(as_number("each bound", b) for b in self.bounds)
        counts = tuple(as_number("each count", n) for n in self.counts)
        require(
            len(bounds) == len(counts) + 1 >= 2,
            "grouped data have one bound more than classes",
            got=f"{len(bounds)} bounds, {len(counts)} counts",
            fix="Give the lower bound of the first class and the upper bound of each.",
        )
        require(
            bounds[0] >= 0 and all(a < b for a, b in pairwise(bounds)),
            "bounds are 0 or more and rise",
            got=list(bounds),
            fix="Sort them, and leave repeated ones out.",
        )
        require(
            min(counts) >= 0 and sum(counts) > 0,
            "counts are 0 or more and not all 0",
            got=list(counts),
            fix="Give the number of amounts in each class.",
        )
        freeze(self, bounds=bounds, counts=counts)

    def heights(self) -> Array:
        """Share of all amounts at or below each bound, shape (bounds,)."""
        return np.asarray(np.append(0.0, np.cumsum(self.counts)) / np.sum(self.counts))

    def ogive(self, x: ArrayLike) -> Array:
        """Share of amounts at or below `x`: straight lines between the bounds."""
        return np.asarray(np.interp(np.asarray(x, dtype=float), self.bounds, self.heights()))

    def quantile(self, level: ArrayLike) -> Array:
        """The amount that a share `level` does not exceed."""
        level = np.asarray(level, dtype=float)
        fix = "Write 0.95 for the amount that 19 in 20 stay below."
        inside = bool(((level >= 0) & (level <= 1)).all())
        require(inside, "a level lies between 0 and 1", got=level.tolist(), fix=fix)
        heights, bounds = self.heights(), np.asarray(self.bounds)
        begin = int(np.searchsorted(heights, 0.0, side="right"))  # the top of the first full class
        top = np.maximum(np.searchsorted(heights, level, side="left"), begin)
        part = (level - heights[top - 1]) / (heights[top] - heights[top - 1])
        return np.asarray(bounds[top - 1] + part * (bounds[top] - bounds[top - 1]))

    def mean(self) -> float:
        """Average of the amounts, each class at its middle."""
        bounds = np.asarray(self.bounds)
        return float(np.average((bounds[1:] + bounds[:-1]) / 2, weights=self.counts))

    def belief(self) -> Distribution:
        """Return the histogram as a belief: a mixture of uniforms."""
        classes = zip(pairwise(self.bounds), self.counts, strict=True)
        kept = [(low, high, count) for (low, high), count in classes if count > 0]
        total = sum(count for _, _, count in kept)
        parts = [Uniform(low, high) for low, high, _ in kept]
        if len(parts) == 1:
            return parts[0]
        return Mixture(parts, [count / total for _, _, count in kept])


def loss_at_return_period(losses: ArrayLike, frequencies: ArrayLike, years: ArrayLike) -> Array:
    """Return the loss that is reached once in so many `years`, from listed events.

    Event i costs losses[i] and comes frequencies[i] times a year (one number for all, or one for
    each). Sorted from the largest, the cumulative frequency of the k-th is the rate at which its
    loss is reached; 1/rate is its return period, and losses between are read off straight lines,
    as the CLIMADA project does. A return period shorter than any is the smallest loss listed where
    that is 0, and is refused where it is not; one beyond the list is refused: it has no data.
    """
    loss = np.asarray(losses, dtype=float).ravel()
    rate = np.broadcast_to(np.asarray(frequencies, dtype=float), loss.shape)
    wanted = np.asarray(years, dtype=float)
    usable = loss.size > 0 and bool((loss >= 0).all()) and bool((rate > 0).all())
    fix = "Give each event its loss and its events a year."
    require(usable, "events have losses of 0 or more and rates above 0", got=loss.size, fix=fix)
    order = np.argsort(-loss, kind="stable")
    periods = (1 / np.cumsum(rate[order]))[::-1]  # rising
    values = loss[order][::-1]
    require(
        bool((wanted <= periods[-1]).all()),
        f"the listed events reach return periods up to {periods[-1]:.6g} years",
        got=wanted.max(),
        fix="Fit a tail to go further.",
    )
    require(
        values[0] == 0 or bool((wanted >= periods[0]).all()),
        f"the listed events tell of return periods from {periods[0]:.6g} years",
        got=wanted.min(),
        fix="List the smaller events too.",
    )
    return np.asarray(np.interp(wanted, periods, values))
