"""Years of losses on their way into a histogram."""

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array
from workbench.engines.kernels.tallying import (
    COUNT,
    END,
    LOW,
    ROWS,
    SUM,
    increase,
    number_of,
    record,
)
from workbench.errors import require
from workbench.losses.histogram import (
    MOST,
    OFFSET_BITS,
    Below,
    Bins,
    Histogram,
    Integers,
    Units,
    check_units,
    check_years,
)

NONE: Integers = np.empty(0, np.int64)


class Tally:
    """An open histogram, to which years are added: about 260 KB, of which what is used is touched.

    Each thread fills one of its own; these merge to the same bytes in any order.
    """

    def __init__(self, units: Units) -> None:
        self.units, self.years, self.zeros = units, 0, 0
        self._ends = units.lowest, units.limit
        self._splits, self._parts = _split(units)
        self.rows = np.zeros((ROWS + self._parts.size, 4), np.int64)
        self.limbs = np.zeros((2, 2), np.uint64)

    def record(self, losses: Array) -> None:
        """Add years.

        Parameters
        ----------
        losses : float64, shape (years,), contiguous, currency / year

        Raises
        ------
        WorkbenchError
            unless every loss lies from 0 to below `units.limit`, or beyond `YEARS` years; then
            none of these years was added.

        """
        check_years(self.years + losses.size)
        zeros = record(losses, self.rows, self.limbs, self._ends, self._splits)
        if zeros < 0:
            self._refuse(losses)
        self.years += losses.size
        self.zeros += zeros

    def _refuse(self, losses: Array) -> None:
        """Say which loss has no bin."""
        misfits = losses[~((losses >= 0) & (losses < self.units.limit))]
        require(
            misfits.size == 0,
            f"a year's loss lies from 0 to below {self.units.limit:g}, the top of its bins",
            got=float(misfits[0]),
            fix="Choose the units from a larger loss, or limit the loss of a year.",
        )

    def merge(self, other: "Tally") -> None:
        """Add the years of another tally, which stays as it is.

        Raises
        ------
        WorkbenchError
            if its units differ, or together they have more years than the sums have room for.

        """
        check_units(self.units, other.units)
        check_years(self.years + other.years)
        self.years += other.years
        self.zeros += other.zeros
        found = np.flatnonzero(other.rows[:, COUNT])  # the others are not even touched
        theirs = other.rows[found]
        self.rows[found, : SUM + 1] += theirs[:, : SUM + 1]
        self.rows[found, LOW:] = np.maximum(self.rows[found, LOW:], theirs[:, LOW:])
        for mine, amount in zip(self.limbs, other.sums(), strict=True):
            increase(mine, amount)

    def sums(self) -> tuple[int, int]:
        """Return the sum of the losses and of their squares, in their units."""
        return number_of(self.limbs[0]), number_of(self.limbs[1])

    def histogram(self) -> Histogram:
        """Return what was recorded up to now."""
        (found,) = (self.rows[1:, COUNT] > 0).nonzero()
        count, total, down, high = np.ascontiguousarray(self.rows[1:].take(found, axis=0).T)
        if self._parts.size:
            found = found - np.searchsorted(self._parts, found, side="right")
        bins = Bins(found, count, total, MOST - down, high)
        return Histogram(
            self.units,
            self.years,
            self.zeros,
            *self.sums(),
            below=self._below(),
            size=found.size,
            columns=bins.packed(),
        )

    def _below(self) -> Below:
        """Return what lies below the lowest bin."""
        count, total, down, high = self.rows[0].tolist()
        lowest = self.units.lowest << OFFSET_BITS
        return Below(count, total, lowest - down, high) if count else Below()


def _split(units: Units) -> tuple[tuple[Integers, Integers], Integers]:
    """Return the cuts of bins, with `END` after the last, and what they do to the rows.

    That is how many cuts lie below the bin of each row as it would be without cuts, and which row
    begins at each cut as it is with them, row 0 left out.
    """
    if not units.marks:
        return (NONE, NONE), NONE
    cuts = units.cuts()
    bins = (cuts >> OFFSET_BITS) - units.lowest
    rows = np.diff(bins + 2, prepend=0, append=ROWS)
    below = np.arange(cuts.size + 1)
    return (np.append(cuts, END), np.repeat(below, rows)), bins + below[1:]


def histogram_of(losses: ArrayLike, units: Units | None = None) -> Histogram:
    """Return the histogram of years, relative to the largest of them unless `units` are given.

    Parameters
    ----------
    losses : shape (years,), currency / year
    units : needed where the histogram is to be merged with others

    """
    years = np.ascontiguousarray(losses, dtype=float)
    tally = Tally(units or Units.of(float(years.max(initial=0.0))))
    tally.record(years)
    return tally.histogram()
