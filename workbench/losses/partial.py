"""Computed losses of which one section of the table is there, and the rest once it is asked for."""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from workbench.distributions.base import Array
from workbench.losses.base import check_level
from workbench.losses.tabulated import TabulatedLosses

COLUMNS = ("_x", "_sf", "_excess", "_rising")
# what is the section's alone: its columns, and what was computed from them
OWN = {*COLUMNS} | {
    name
    for kind in TabulatedLosses.__mro__
    for name, value in vars(kind).items()
    if isinstance(value, cached_property)
}


class PartialLosses(TabulatedLosses):
    """A computed distribution that answers from one section of its table as far as that goes.

    Parameters
    ----------
    section : the nodes of the table between two losses, and all that is known beside the nodes;
        the loss is continuous
    whole : makes x, P(L > x) and E[(L - x)+] of the whole table, which has the same nodes there,
        but for rounding

    What lies within the section is always read off it, to the last bit, so that no figure hangs on
    what was asked before. Its first node is not within it: a finer grid ends there, at a height of
    its own.

    """

    def __init__(
        self, section: TabulatedLosses, whole: Callable[[], tuple[Array, Array, Array]]
    ) -> None:
        known = vars(section).items()
        vars(self).update({name: value for name, value in known if name not in OWN})
        self._section, self._whole = section, whole
        x, sf, _ = section.nodes()
        self._span = x.item(1), x.item(-1)  # currency
        self._heights = sf.item(-1), sf.item(1)

    def __getattr__(self, name: str) -> Array:
        """Make the whole table when one of its columns is first asked for."""
        if name not in COLUMNS:
            raise AttributeError(name)
        x, sf, excess = (column.copy() for column in self._whole())
        low, high = self._span
        inside = slice(x.searchsorted(low, side="right") - 1, x.searchsorted(high) + 1)
        places, heights, above = (column[1:] for column in self._section.nodes())
        if np.array_equal(x[inside], places):
            sf[inside], excess[inside] = heights, above
        self._fill(x, np.minimum.accumulate(sf), np.minimum.accumulate(excess))
        found: Array = vars(self)[name]
        return found

    def var(self, level: float) -> float:
        check_level(level)
        low, high = self._heights
        return self._section.var(level) if low < 1 - level < high else super().var(level)

    def excess(self, loss: float) -> float:
        low, high = self._span
        return self._section.excess(loss) if low < loss < high else super().excess(loss)
