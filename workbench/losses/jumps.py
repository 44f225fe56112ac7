"""Jumps of a curve that a grid has spread over its cells."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.distributions.base import Array

STEEP = 3.0  # times the usual slope: the curve has a jump there
OFF_LINE = 5.0  # times the scatter of the slopes near by about their line: a small jump
LEVEL = 1e-3  # of the usual slope; less is no jump that anyone would see
AROUND, MOSTLY = 3, 0.8  # cells on either side of a jump, of whose fall it has so much
CLOSE, NEAR = 1, 6  # cells on either side that may hold it, and that say what is usual


class Jump(NamedTuple):
    """A jump of the curve that a grid has spread over its cells."""

    width: float  # of the cells, currency
    fall: float  # of the curve by it, a probability
    shift: float  # of a quantile by it, currency


NO_JUMP = Jump(0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Beside:
    """What a grid has of a year whose single losses stand in the table themselves.

    Cells are those of the grid, not of the table, which the single losses divide.
    """

    x: Array  # edges of the cells, rising
    sf: Array  # P(L > x; L is not a single loss)
    atoms: Array  # the single losses, rising
    weights: Array  # their probabilities
    near: Callable[[float], Array]  # the probabilities of these or up to so much more

    def staircase(self, loss: float) -> Jump:
        """Return what single losses that stand close together hide around `loss`.

        Slopes of cells tell nothing of steps that are narrower. What is lost beside single losses
        by small further ones is known, though: a grid that spreads it evenly is wrong by as much as
        belongs to one of them.
        """
        i = self.cell(loss)
        first, last = max(i - NEAR, 0), min(i + NEAR + 1, self.x.size - 1)
        start, stop = np.searchsorted(self.atoms, self.x[[first, last]])
        if stop - start < 2:
            return NO_JUMP
        gap = float(np.diff(self.atoms[start:stop]).min())
        width = float(self.x[i + 1] - self.x[i])
        more = (self.near(min(width, gap / 2)) - self.weights)[start:stop]
        fall = float(more.max())
        return Jump(width, fall, float(self.x[last] - self.x[first])) if fall > 0 else NO_JUMP

    def cell(self, loss: float) -> int:
        """Return the index of the grid's cell that holds `loss`."""
        i = int(np.searchsorted(self.x, loss, side="right")) - 1
        return min(max(i, 0), self.x.size - 2)

    def above(self, attachment: float) -> "Beside":
        """Return the same of what is lost above `attachment`."""
        return replace(self, x=self.x - attachment, atoms=self.atoms - attachment)


def hidden_jump(x: Array, sf: Array, i: int) -> Jump:
    """Return what the cells around cell `i` hide, if they hold a jump of the curve.

    A limit or a single value makes a jump, which a grid spreads over the cells around it: both
    grids alike, so that their distance alone would not tell. There the curve is much steeper
    than is usual near by, or leaves the line on which the slopes near by lie.
    """
    cells = x.size - 1
    first, last = max(i - CLOSE, 0), min(i + CLOSE + 1, cells)
    start, stop = max(i - NEAR, 0), min(i + NEAR + 1, cells)
    width, fall = np.diff(x[start : stop + 1]), -np.diff(sf[start : stop + 1])
    inner = slice(first - start, last - start)
    if (fall[inner][width[inner] == 0] > 1e-12).any():
        return NO_JUMP  # it stands in the table as itself
    slope = np.divide(fall, width, out=np.zeros_like(fall), where=width > 0)
    reach = float(x[last] - x[first])
    usual = float(np.median(slope[width > 0]))
    if slope[inner].max() > STEEP * usual:
        return Jump(reach, float(sf[first] - sf[last]), reach)
    places = np.arange(start, stop) - i
    line, scatter = _line(places, slope, (np.abs(places) > CLOSE + 1) & (width > 0))
    above = (slope - line)[inner]
    if above.max() <= OFF_LINE * scatter + LEVEL * usual:
        return NO_JUMP
    hidden = float(np.maximum(above, 0) @ width[inner])
    return Jump(reach, hidden, min(reach, hidden / usual) if usual > 0 else reach)


def is_abrupt(x: Array, sf: Array, i: int) -> bool:
    """Whether nearly all that the curve falls around cell `i` it falls in two cells side by side.

    Two grids may tell such a fall alike though neither resolves it: where a jump lies in the middle
    of a cell of the coarse one.
    """
    start, stop = max(i - AROUND, 0), min(i + AROUND + 1, x.size - 1)
    fall = -np.diff(sf[start : stop + 1])
    pairs = fall[1:] + fall[:-1]
    return bool(pairs.size and pairs.max() > MOSTLY * fall.sum())


def _line(at: NDArray[np.int64], y: Array, kept: NDArray[np.bool_]) -> tuple[Array, float]:
    """Return the straight line through the `kept` points, at all, and their largest distance."""
    if np.count_nonzero(kept) < 3:
        return y, 0.0
    x = at[kept] - at[kept].mean()
    slope = float(x @ y[kept] / (x @ x))
    line = y[kept].mean() + slope * (at - at[kept].mean())
    return line, float(np.abs(y - line)[kept].max())
