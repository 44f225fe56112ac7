"""What loss is tolerated with what chance, and where a year passes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions import Array
from workbench.errors import require
from workbench.losses import LossDistribution
from workbench.models.study import Study, TolerancePoint

Verdict = Literal["above", "within", "too close to call"]
SEVERITY: tuple[Verdict, ...] = ("within", "too close to call", "above")


@dataclass(frozen=True, slots=True)
class ToleranceCurve:
    """A study's tolerance points, joined by straight lines on log-log axes.

    Right of the last point its line goes on; left of the first one nothing is said, and nothing is
    drawn (its probability stands in there).
    """

    points: tuple[TolerancePoint, ...]

    def __post_init__(self) -> None:
        """Check that there are two points or more."""
        require(
            len(self.points) >= 2,
            "a tolerance curve has two points or more",
            got=len(self.points),
            fix="Add points such as: 5 % a year of more than 10M.",
        )

    @classmethod
    def of(cls, study: Study) -> "ToleranceCurve | None":
        """Return the curve of a study, or None where it states fewer than two points."""
        return cls(study.tolerance) if len(study.tolerance) > 1 else None

    def probability(self, loss: ArrayLike) -> Array:
        """Return the tolerated chance of a year above `loss`."""
        x = np.log([p.loss for p in self.points])
        y = np.log([p.probability for p in self.points])
        at = np.log(np.maximum(np.asarray(loss, dtype=float), 1e-300))
        slope = (y[-1] - y[-2]) / (x[-1] - x[-2])
        beyond = y[-1] + slope * np.maximum(at - x[-1], 0)
        return np.asarray(np.exp(np.where(at > x[-1], beyond, np.interp(at, x, y))))


def verdict(losses: LossDistribution, point: TolerancePoint) -> Verdict:
    """Compare a chance with what is accepted; within two errors nothing can be said.

    A point that accepts every year (probability 1) is never passed.
    """
    gap = float(losses.exceedance(point.loss)) - point.probability
    if point.probability < 1 and abs(gap) <= 2 * losses.exceedance_error(point.loss):
        return "too close to call"
    return "above" if gap > 0 else "within"


def most_exceeded(
    losses: LossDistribution, points: Sequence[TolerancePoint]
) -> TolerancePoint | None:
    """Return the tolerance point that matters most: one that is passed before one that may be.

    Among those with the same verdict it is the one whose chance is the largest multiple of what is
    accepted. A point that accepts every year (probability 1) tells nothing and is passed over.
    """

    def size(point: TolerancePoint) -> tuple[int, float]:
        chance = float(losses.exceedance(point.loss))
        return SEVERITY.index(verdict(losses, point)), chance / point.probability

    return max((p for p in points if p.probability < 1), key=size, default=None)


@dataclass(frozen=True, slots=True)
class Breach:
    """A range of yearly losses whose chance is above what is tolerated."""

    start: float  # currency / year; the smallest tolerated loss where it starts above tolerance
    end: float | None  # None where it stays above as far as anyone looks
    is_sure: bool = True  # somewhere in it the chance is above by more than two of its errors


def breaches(losses: LossDistribution, curve: ToleranceCurve) -> list[Breach]:
    """Where the loss exceedance curve lies above the tolerance curve, refined by bisection.

    Where a simulation lies above by less than two errors all along, it may do so by luck: such a
    breach is marked as not sure. Outside the stated losses nothing is tolerated or refused, so that
    none begins there; how far one reaches is looked for up to ten times the largest stated loss, or
    to the year that is passed once in 100,000, whichever is larger.
    """
    low = curve.points[0].loss
    high = max(10 * curve.points[-1].loss, losses.var(1 - 1e-5))
    grid = np.geomspace(low, high, 1201)
    gap = losses.exceedance(grid) - curve.probability(grid)
    above = gap > 0
    turns = np.flatnonzero(above[1:] != above[:-1]) + 1
    ends = [_crossing(losses, curve, float(grid[i - 1]), float(grid[i])) for i in turns]
    first, last = [0, *turns.tolist()], [*turns.tolist(), grid.size]
    edges: list[float | None] = [low, *ends, None]
    found: list[Breach] = []
    for k, (i, j) in enumerate(zip(first, last, strict=True)):
        start, end = edges[k], edges[k + 1]
        if above[i] and start is not None and start < curve.points[-1].loss:
            found.append(Breach(start, end, _is_sure(losses, grid[i:j], gap[i:j])))
    return found


def _is_sure(losses: LossDistribution, at: Array, gap: Array) -> bool:
    """Say whether the gap is more than two errors at some loss; the largest gaps come first."""
    return any(gap[i] > 2 * losses.exceedance_error(float(at[i])) for i in np.argsort(-gap))


def _crossing(losses: LossDistribution, curve: ToleranceCurve, low: float, high: float) -> float:
    """Bisect, on the log axis, for the loss at which the two curves change places."""
    first = bool(losses.exceedance(low) > curve.probability(low))
    for _ in range(40):
        middle = float(np.sqrt(low * high))
        same = bool(losses.exceedance(middle) > curve.probability(middle)) == first
        low, high = (middle, high) if same else (low, middle)
    return high
