"""Jumps of a curve that a grid has spread over its cells, found by its slopes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.distributions.base import Array

STEEP = 3.0  # times the usual slope: the curve has a jump there
OFF_LINE = 5.0  # times the scatter of the slopes near by about their line: a small jump
LEVEL = 1e-3  # of the usual slope; less is no jump that anyone would see
CLOSE, NEAR = 1, 6  # cells on either side that may hold it, and that say what is usual


class Jump(NamedTuple):
    """A jump of the curve that a grid has spread over its cells."""

    width: float  # of the cells, currency
    fall: float  # of the curve by it, a probability
    shift: float  # of a quantile by it, currency


NO_JUMP = Jump(0.0, 0.0, 0.0)


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


def _line(at: NDArray[np.int64], y: Array, kept: NDArray[np.bool_]) -> tuple[Array, float]:
    """Return the straight line through the `kept` points, at all, and their largest distance."""
    if np.count_nonzero(kept) < 3:
        return y, 0.0
    x = at[kept] - at[kept].mean()
    slope = float(x @ y[kept] / (x @ x))
    line = y[kept].mean() + slope * (at - at[kept].mean())
    return line, float(np.abs(y - line)[kept].max())
