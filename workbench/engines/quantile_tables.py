"""Quantile tables: how a word becomes an amount at the same cost for every family.

Each side of the median has octaves of its chance, each octave equal cells, and in a cell the
quantile is the parabola that meets both ends and encloses the cell's area. The area is Simpson's,
so that the mean errs by the fourth power of a cell's width, 1/32 of an octave: by less than 1e-8
of the mean for the families and shapes that a study can hold (tests/engines/test_sampling.py).
"""

import math

import numpy as np
from scipy import special

from workbench.distributions import Array, Distribution, LogNormal
from workbench.engines.kernels.layout import CELLS, DEEPEST
from workbench.engines.memo import remembered

# chances at the cells' ends and middles in turn, from the tail to the median
_steps = 1 + np.arange(2 * CELLS) / (2 * CELLS)
_LEVELS = np.append(np.outer(2.0 ** np.arange(-DEEPEST, 0), _steps).ravel(), 1.0) / 2
_SCORES = special.ndtri(_LEVELS)
_DEEP = float(_LEVELS[0])  # chance of all that lies beyond the cells of a side


@remembered(mebibytes=12)
def quantile_table(belief: Distribution) -> Array | None:
    """Return the table of a belief without single values, shape (2 * SIDE, 3): a + f (b + f c).

    None where a cell's parabola would turn back: the quantile jumps there, over amounts that never
    come. The first half holds the lower side. Beyond its cells, with a chance of 2^-41, a side has
    one value: on the upper one the average of what lies there, where it exists.
    """
    if isinstance(belief, LogNormal):  # the quantiles of the normal are known
        low, high = (np.exp(belief.mu + belief.sigma * z) for z in (_SCORES, -_SCORES))
    else:
        low, high = belief.ppf(_LEVELS), belief.isf(_LEVELS)
    low = _cells(low, float(belief.ppf(_DEEP / 2)))
    high = _cells(high, _beyond(belief))
    table = np.concatenate([low, high])
    if not _is_monotone(table):
        return None
    table.flags.writeable = False
    return table


def _cells(values: Array, deep: float) -> Array:
    left, middles, right = values[:-1:2], values[1::2], values[2::2]
    c = 2 * (left + right) - 4 * middles  # 3 (left + right) - 6 area
    rows = np.zeros((left.size + 1, 3))
    rows[:-1, 0], rows[:-1, 1], rows[:-1, 2] = left, right - left - c, c
    rows[-1, 0] = deep
    return rows


def _is_monotone(table: Array) -> bool:
    """Whether no cell turns back: its slope has one sign at both ends, but for rounding."""
    a, b, c = np.ascontiguousarray(table.T)
    if (b * (b + 2 * c) >= 0).all():
        return True
    rounding = 1e-12 * np.abs(a)
    rises, falls = (np.minimum(s * b, s * (b + 2 * c)) >= -rounding for s in (1, -1))
    return bool((rises | falls).all())


def _beyond(belief: Distribution) -> float:
    """E[X | X is on the upper side beyond its cells]; its median where that does not exist."""
    start = float(belief.isf(_DEEP))
    over = float(belief.excess_moments(start)[1]) / _DEEP
    return start + over if math.isfinite(over) else float(belief.isf(_DEEP / 2))
