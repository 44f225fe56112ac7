"""Years of losses as counts and sums, the same bytes for any split and any order of the years.

Bins are relative to a power of two, 2^top, which is chosen from the inputs before any year is
drawn. An octave has 128 bins: each is less than 0.8 % wide and keeps its count, its smallest and
largest loss exactly, and its sum to 2^-40 of itself. All of it is integers, which add in any order.

Many years may cost one known amount: a limit, a fine. Such a mark splits its bin, so that the years
below it, at it and above it are kept apart.
"""

import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from workbench.distributions.base import Array
from workbench.errors import require
from workbench.losses.cells import Cells

Integers = NDArray[np.int64]

OCTAVE = 128  # bins from one power of two to the next
OCTAVES = 64  # below the top; what is smaller shares one bin
OFFSET_BITS = 45  # of the 52 bits of a fraction, the first 7 say the bin
MOST = (1 << OFFSET_BITS) - 1  # the largest offset within a bin
DROPPED = 13  # bits of an offset that its sum leaves out: 2^31 offsets still fit into 63 bits
WIDTH_BITS = OFFSET_BITS - DROPPED
SUM_BITS = 96  # a sum counts in units of 2^(top - 96), its squares in 2^(2 top - 96)
YEARS = 2**31 - 1  # then 128 bits hold the sums, and 63 bits those of one bin
LEAST_TOP, LARGEST = -480, 1e150  # so that squares are ordinary floats
NEAR = 1 << DROPPED  # what offsets' sums do not tell apart, 2^-39 of a loss, is at one mark
APART = 2.0**-37  # of a mark: the next one is farther away, so that no year is at both
BIAS = 1023  # of the exponent of a float


@dataclass(frozen=True, slots=True)
class Units:
    """The powers of two that bins and sums are relative to: every loss lies below 2^`top`.

    Room to spare costs little: losses are summed exactly from 2^(top - 44) up, and have bins of
    their own from 2^(top - 64) up.

    Parameters
    ----------
    top : the power of two that no loss reaches
    marks : rising amounts which split their bins, currency / year

    Raises
    ------
    WorkbenchError
        for marks that do not rise, or lie outside the bins.

    """

    top: int
    marks: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check the marks."""
        ends = self.least, *self.marks, self.limit
        require(
            all(a * (1 + APART) < b for a, b in pairwise(ends)),
            f"marks rise between {self.least:g} and {self.limit:g}, each by {APART:.0e} or more",
            got=self.marks,
            fix="Sort them, each once, and leave out those outside the bins.",
        )

    @classmethod
    def of(cls, largest: float, marks: Iterable[float] = ()) -> Self:
        """Return the units for losses from 0 to `largest`, currency / year.

        Marks may come in any order; those outside the bins, or all but equal, are left out.
        """
        require(
            0 <= largest <= LARGEST,
            f"the largest loss lies between 0 and {LARGEST:g}",
            got=largest,
            fix="Count in millions, or check the inputs.",
        )
        whole = cls(max(math.frexp(largest)[1], LEAST_TOP))
        kept = [whole.least]
        for mark in sorted(marks):
            if kept[-1] * (1 + APART) < mark and mark * (1 + APART) < whole.limit:
                kept.append(mark)
        return cls(whole.top, tuple(kept[1:]))

    @property
    def limit(self) -> float:
        """What every loss lies below, currency / year."""
        return math.ldexp(1.0, self.top)

    @property
    def least(self) -> float:
        """The first loss that has a bin of its own, currency / year."""
        return math.ldexp(1.0, self.top - OCTAVES)

    @property
    def lowest(self) -> int:
        """The first bin: bits of a float without those of the offset."""
        return (self.top + BIAS - OCTAVES) * OCTAVE

    def cuts(self) -> Integers:
        """Return the bits at which a bin is split: from where on years are at a mark, or above it.

        Shape (2 * marks,), rising. A year is at a mark where it is no more than `NEAR` floats away.
        """
        at = np.array(self.marks).view(np.int64)
        return np.stack([at - NEAR, at + NEAR + 1], axis=1).ravel()


@dataclass(frozen=True, slots=True)
class Bins:
    """Non-empty bins in rising order, each shape (bins,): which, how many, and their offsets.

    A bin with marks stands there once for each of its parts that has a year.
    """

    index: Integers
    count: Integers
    total: Integers  # of the offsets, in units of 2^13
    low: Integers  # the smallest offset
    high: Integers

    def columns(self) -> tuple[Integers, Integers, Integers, Integers, Integers]:
        """Return them in the order of the fields."""
        return self.index, self.count, self.total, self.low, self.high

    def packed(self) -> tuple[bytes, ...]:
        """Return each column in few bytes."""
        return tuple(packed(column) for column in self.columns())

    def merged(self, other: "Bins", units: Units) -> "Bins":
        """Return the bins of both, which are in these units."""
        pairs = zip(self.columns(), other.columns(), strict=True)
        index, count, total, low, high = (np.concatenate(pair) for pair in pairs)
        if not index.size:
            return self
        part = index
        if units.marks:  # each cut below it makes a bin, or a part of one, the next one
            bits = ((index + units.lowest) << OFFSET_BITS) + low
            part = index + np.searchsorted(units.cuts(), bits, side="right")
        order = np.argsort(part, kind="stable")
        starts = np.flatnonzero(np.diff(part[order], prepend=-1))
        return Bins(
            index[order][starts],
            np.add.reduceat(count[order], starts),
            np.add.reduceat(total[order], starts),
            np.minimum.reduceat(low[order], starts),
            np.maximum.reduceat(high[order], starts),
        )


@dataclass(frozen=True, slots=True)
class Below:
    """The years below the lowest bin: how many, their sum, the smallest and the largest."""

    count: int = 0
    total: int = 0  # in units of 2^(top - 96), as that of all years
    low: int = 0  # the bits of the float
    high: int = 0

    def merged(self, other: "Below") -> "Below":
        """Return both together."""
        if not (self.count and other.count):
            return self if self.count else other
        low, high = min(self.low, other.low), max(self.high, other.high)
        return Below(self.count + other.count, self.total + other.total, low, high)


def packed(column: Integers) -> bytes:
    """Whole numbers of 0 or more in 2, 4, 6 or 8 bytes each, as the largest one needs.

    Those of 6 bytes are split: the lower 4 bytes of all, then the upper 2 of all.
    """
    bits = int(column.max(initial=0)).bit_length()
    if bits <= 16:
        return column.astype("<u2").tobytes()
    if bits <= 32:
        return column.astype("<u4").tobytes()
    if bits <= 48:
        return column.astype("<u4").tobytes() + (column >> 32).astype("<u2").tobytes()
    return column.astype("<i8").tobytes()


def unpacked(column: bytes, size: int) -> Integers:
    """Return the `size` numbers of `packed`."""
    width = len(column) // max(size, 1)
    if width == 6:
        lower = np.frombuffer(column, "<u4", size).astype(np.int64)
        return lower | np.frombuffer(column, "<u2", size, 4 * size).astype(np.int64) << 32
    return np.frombuffer(column, {2: "<u2", 4: "<u4"}.get(width, "<i8"), size).astype(np.int64)


@dataclass(frozen=True)
class Histogram:
    """Losses of simulated years, summed up.

    Parameters
    ----------
    units : what bins and sums are relative to
    years : how many there are, those without a loss among them
    zeros : the years without a loss
    total : the sum of the years, in units of 2^(top - 96) currency / year
    squares : the sum of their squares, in units of 2^(2 top - 96)
    below : the years below the lowest bin
    size : non-empty bins
    columns : those of `Bins`, each `packed`

    """

    units: Units
    years: int
    zeros: int
    total: int
    squares: int
    below: Below
    size: int
    columns: tuple[bytes, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of the bins."""
        return sum(map(len, self.columns))

    def digest(self) -> str:
        """SHA-256 of all that it holds."""
        head = (
            self.units.top,
            *map(float.hex, self.units.marks),
            self.years,
            self.zeros,
            self.total,
            self.squares,
            *astuple(self.below),
        )
        text = ",".join(map(str, (*head, self.size, *map(len, self.columns))))
        return sha256(text.encode() + b"\n" + b"".join(self.columns)).hexdigest()

    def bins(self) -> Bins:
        """Return the non-empty bins."""
        return Bins(*(unpacked(column, self.size) for column in self.columns))

    def merged(self, other: "Histogram") -> "Histogram":
        """Return the years of both.

        Raises
        ------
        WorkbenchError
            if their units or their marks differ, or they have more years than the sums have room
            for.

        """
        check_units(self.units, other.units)
        check_years(self.years + other.years)
        bins = self.bins().merged(other.bins(), self.units)
        return Histogram(
            self.units,
            self.years + other.years,
            self.zeros + other.zeros,
            self.total + other.total,
            self.squares + other.squares,
            self.below.merged(other.below),
            bins.index.size,
            bins.packed(),
        )

    def mean(self) -> float:
        """Mean of the years, currency / year, rounded once."""
        require(self.years > 0, "a mean needs a year", got=self.years, fix="Record some years.")
        return math.ldexp(self.total / self.years, self.units.top - SUM_BITS)

    def variance(self) -> float:
        r"""Sample variance, rounded once; 0 for a single year.

        .. math:: \frac{n \sum x^2 - (\sum x)^2}{n (n - 1)}
        """
        n = self.years
        if n < 2 or self._is_constant():
            return 0.0
        over = max(((n * self.squares) << SUM_BITS) - self.total**2, 0)
        return math.ldexp(over / (n * (n - 1)), 2 * (self.units.top - SUM_BITS))

    def _is_constant(self) -> bool:
        """Whether all years are the same, so that no rounding of their squares is left over."""
        if self.zeros:
            return self.zeros == self.years
        if self.below.count:
            return self.below.low == self.below.high and self.below.count == self.years
        *_, low, high = self.columns
        return self.size == 1 and low == high

    def cells(self) -> Cells:
        """Return the years in rising order, in groups: those without a loss, then bin by bin."""
        index, count, total, low, high = self.bins().columns()
        edge = (index + self.units.lowest) << OFFSET_BITS
        width = as_floats(edge + (1 << OFFSET_BITS)) - as_floats(edge)
        least, most = as_floats(edge + low), as_floats(edge + high)
        mean = as_floats(edge) + width * (total / count / 2.0**WIDTH_BITS)
        rest = count.astype(float), least, most, np.clip(mean, least, most)
        head = np.reshape([*self._no_loss(), *self._least()], (-1, 4)).T
        return Cells(*(np.append(a, b) for a, b in zip(head, rest, strict=True)))

    def _no_loss(self) -> list[tuple[float, float, float, float]]:
        """Return the group of the years without a loss, if there are any."""
        return [(float(self.zeros), 0.0, 0.0, 0.0)] if self.zeros else []

    def _least(self) -> list[tuple[float, float, float, float]]:
        """Return the group of the years below the lowest bin, if there are any."""
        below = self.below
        if not below.count:
            return []
        low, high = as_floats(np.array([below.low, below.high], np.int64)).tolist()
        mean = math.ldexp(below.total / below.count, self.units.top - SUM_BITS)
        return [(float(below.count), low, high, min(max(mean, low), high))]


def as_floats(bits: Integers) -> Array:
    """Return the floats that have these bits."""
    return bits.view(np.float64)


def check_units(one: Units, other: Units) -> None:
    """Refuse bins that are relative to different powers of two, or are split differently."""
    require(
        one.top == other.top,
        "histograms merge in the same units",
        got=(one.top, other.top),
        fix="Choose the units once, from the largest loss of all the parts.",
    )
    require(
        one.marks == other.marks,
        "histograms merge where the same marks split their bins",
        got=(one.marks, other.marks),
        fix="Choose the units once, with the known amounts of all the parts.",
    )


def check_years(years: int) -> None:
    """Refuse more years than sums have room for.

    Each year is below 2^96 units, and 2^31 of them below 2^127; an offset is at most 2^32 in its
    units, and fewer than 2^31 of them stay below 2^63.
    """
    require(
        years <= YEARS,
        f"a histogram holds at most {YEARS} years",
        got=years,
        fix="Simulate fewer years, or keep several histograms.",
    )
