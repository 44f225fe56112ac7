"""Years in rising order, in groups of which only count, smallest, largest and mean are known.

Of a group the smallest and the largest year stand as they are. The n - 2 years between them follow

    Q(u) = low + (high - low) u^p,   u = (j - 3/2) / (n - 2) for the j-th year of the group,

with the one p that gives them their mean: t = 1 / (p + 1) of the way from `low` to `high`. Where t
is within a quarter of an end, so many whole years are taken to stand at that end that the others
can spread about evenly: an amount of its own, such as a limit, makes such a group. Groups of up to
three years, and those of one amount, are known exactly.

Whatever the years of a group are, the sum of those after any position is met within

    n (high - low) t (1 - t) <= n (high - low) / 4,

since with the mean given, the sum of a tail is least where all are equal and largest where all
stand at the ends.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, repeat

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array

QUARTER = 0.25  # of the way from low to high: means nearer to an end speak of an amount there
SAME = 1e-9  # of a year: what rounding does to ranks
PART = 1e-3  # of a year: what the rounding of a mean does to how many years stand at an end
LEAST = 1e-9  # of the way from low to high: nearer to an end no mean of years between them is put

Group = tuple[float, float, float, float]  # how many years, the smallest, the largest, their mean


@dataclass(frozen=True, eq=False)
class Cells:
    """Groups of years in rising order, shape (cells,) each: how many, smallest, largest, mean."""

    count: Array
    low: Array
    high: Array
    mean: Array

    @cached_property
    def _shape(self) -> tuple[Array, Array, Array, Array]:
        """How many years stand at `low`, at `high` and between them, and the power p of those."""
        ends = np.minimum(self.count / 2, 1.0)
        inner = self.count - 2 * ends
        width = self.high - self.low
        over = self.count * (self.mean - self.low) - ends * width
        full = inner * width
        way = np.clip(np.divide(over, full, out=np.full_like(over, 0.5), where=full > 0), 0, 1)
        more_low = np.where(way < QUARTER, np.floor(inner * (1 - 2 * way) + PART), 0.0)
        more_high = np.where(way > 1 - QUARTER, np.floor(inner * (2 * way - 1) + PART), 0.0)
        between = inner - more_low - more_high
        over = inner * way - more_high  # of those between, in widths
        way = np.divide(over, between, out=np.full_like(over, 0.5), where=between > 0)
        way = np.clip(way, LEAST, 1 - LEAST)
        return ends + more_low, ends + more_high, between, (1 - way) / way

    @cached_property
    def _upto(self) -> Array:
        """Years up to and with each group."""
        return np.cumsum(self.count)

    @cached_property
    def _sums(self) -> Array:
        """The sum of each group and of those above it, and 0 after the last."""
        return np.append(np.cumsum((self.count * self.mean)[::-1])[::-1], 0.0)

    @property
    def years(self) -> float:
        """How many years there are."""
        return float(self._upto[-1])

    def rank(self, loss: ArrayLike) -> Array:
        """How many years are at most `loss`."""
        at = np.asarray(loss, dtype=float)
        found = np.searchsorted(self.low, at, side="right") - 1
        i = np.maximum(found, 0)
        at_low, _, between, power = (column[i] for column in self._shape)
        width = self.high[i] - self.low[i]
        way = np.divide(at - self.low[i], width, out=np.ones_like(at), where=width > 0)
        u = np.clip(way, 0, 1) ** (1 / power)
        within = np.floor(at_low + between * u + 0.5 + SAME)
        within = np.where(way >= 1, self.count[i], within)
        return np.where(found < 0, 0.0, self._upto[i] - self.count[i] + within)

    def _find(self, position: float) -> tuple[int, float]:
        """Return the group in which `position` years are passed, and how many of its own."""
        i = min(int(np.searchsorted(self._upto, position, side="right")), self.count.size - 1)
        return i, position - float(self._upto[i] - self.count[i])

    def year(self, rank: float) -> float:
        """Return the rank-th smallest year, rank from 1, held within those that there are."""
        rank = min(max(math.ceil(rank - SAME), 1), self.years)
        i, passed = self._find(rank - 0.5)
        at_low, _, between, power = (float(column[i]) for column in self._shape)
        low, high = float(self.low[i]), float(self.high[i])
        if passed < at_low:
            return low
        if passed > at_low + between or between <= 0:
            return high
        return float(low + (high - low) * ((passed - at_low) / between) ** power)

    def width(self, rank: float) -> float:
        """Return how wide the group of the rank-th smallest year is; 0 where it is one amount."""
        i, _ = self._find(min(max(math.ceil(rank - SAME), 1), self.years) - 0.5)
        return float(self.high[i] - self.low[i])

    def between(self, loss: float) -> float:
        """Return how many years there are in the group that has `loss` within its ends, if any."""
        i = int(np.searchsorted(self.low, loss, side="right")) - 1
        return float(self.count[i]) if i >= 0 and self.low[i] <= loss < self.high[i] else 0.0

    def beyond(self, position: float) -> float:
        """Return the sum of the years after the first `position` ones, the next one in part."""
        i, passed = self._find(position)
        if passed <= 0:
            return float(self._sums[i])
        return float(self._sums[i + 1]) + self._rest(1, 0.0, i, passed)

    def spread(self, order: int, centre: float, position: float = 0.0) -> float:
        """Sum of (year - `centre`)^`order` over the years after the first `position` ones."""
        i, passed = self._find(position)
        return self._rest(order, centre, i, passed) + self._groups(order, centre, i + 1)

    def _rest(self, order: int, centre: float, i: int, passed: float) -> float:
        r"""Sum of (year - centre)^k in group i, but for its first `passed` years.

        .. math:: \int_u^1 (d + w v^p)^k dv
                  = \sum_j \binom{k}{j} d^{k-j} w^j \frac{1 - u^{j p + 1}}{j p + 1}
        """
        at_low, at_high, between, p = (float(column[i]) for column in self._shape)
        down, width = float(self.low[i]) - centre, float(self.high[i] - self.low[i])
        u = min(max((passed - at_low) / between, 0.0), 1.0) if between > 0 else 0.0
        inner = sum(
            math.comb(order, j) * down ** (order - j) * width**j * (1 - u**q) / q
            for j, q in ((j, j * p + 1) for j in range(order + 1))
        )
        left_low = max(at_low - passed, 0.0)
        left_high = min(float(self.count[i]) - passed, at_high)
        ends = left_low * down**order + left_high * (down + width) ** order
        return float(ends + between * inner)

    def _groups(self, order: int, centre: float, first: int) -> float:
        """Sum of (year - centre)^k in all groups from `first` on, by the same formula for u = 0."""
        at_low, at_high, between, p = (column[first:] for column in self._shape)
        down, width = self.low[first:] - centre, self.high[first:] - self.low[first:]
        downs, widths, ups = (_powers(x, order) for x in (down, width, down + width))
        inner = sum(
            math.comb(order, j) * downs[order - j] * widths[j] / (j * p + 1)
            for j in range(order + 1)
        )
        return float(np.sum(at_low * downs[-1] + between * inner + at_high * ups[-1]))

    def split(self, loss: float) -> "Cells":
        """Return the same years in groups of which none lies on both sides of `loss`."""
        i = self._across(loss)
        return self if i < 0 else self._with(i, self._halves(i, loss))

    def _across(self, loss: float) -> int:
        """Return the group that has years on both sides of `loss`, or -1."""
        i = int(np.searchsorted(self.low, loss, side="right")) - 1
        return i if i >= 0 and self.high[i] > loss else -1

    def _with(self, i: int, parts: Sequence[Group]) -> "Cells":
        """Return the same with group i in parts."""
        columns = zip((self.count, self.low, self.high, self.mean), np.array(parts).T, strict=True)
        return Cells(*(np.concatenate([a[:i], part, a[i + 1 :]]) for a, part in columns))

    def _thirds(self, i: int, a: float, b: float) -> list[Group]:
        """Return the years of group i up to `a`, between, and above `b`.

        They add up to the halves at `a` and at `b`, so that layers that meet leave nothing out.
        """
        (first, rest), (start, last) = self._halves(i, a), self._halves(i, b)
        n, whole = start[0] - first[0], start[0] * start[3] - first[0] * first[3]
        if n < 1:
            return [first, rest]
        mean = min(max(whole / n, a), b)
        low = mean if n == 1 else min(rest[1], mean)
        high = max(min(max(start[2], mean), mean + (n - 1) * (mean - low)), mean)
        low = max(low, mean - (n - 1) * (high - mean))
        return [first, (n, low, high, mean), last]

    def _halves(self, i: int, loss: float) -> tuple[Group, Group]:
        """Return the years of group i up to `loss`, and those above it.

        Their sum is that of the group, and each half is one that there can be: of two years with a
        known sum, for example, the larger one says which the smaller one is.
        """
        low, high, whole = (float(column[i]) for column in (self.low, self.high, self._upto))
        rank = float(self.rank(loss))
        n, m = rank - whole + float(self.count[i]), whole - rank  # years below and above
        both = float(self.count[i] * self.mean[i])
        below = both - self.beyond(rank) + float(self._sums[i + 1])
        least, most = max(n * low, both - m * high), low + (n - 1) * loss
        below = max(min(below, most, both - high - (m - 1) * loss), least)
        end, start = min(self.year(rank), loss), max(self.year(rank + 1), loss)
        above = both - below
        end = min(max(end, (below - low) / (n - 1)), below - (n - 1) * low) if n > 1 else low
        start = max(min(start, (above - high) / (m - 1)), above - (m - 1) * high) if m > 1 else high
        return (n, low, end, below / n), (m, start, high, above / m)

    def layer(self, attachment: float, limit: float) -> "Cells":
        """Return what each year has above `attachment`, at most `limit`."""
        end = attachment + limit
        i = self._across(attachment)
        if i >= 0 and i == self._across(end):
            cells = self._with(i, self._thirds(i, attachment, end))
        else:
            cells = self.split(attachment).split(end)
        low, high, mean = (
            np.minimum(np.maximum(column - attachment, 0.0), limit)
            for column in (cells.low, cells.high, cells.mean)
        )
        return Cells(cells.count, low, high, mean).joined().told_apart()

    def joined(self) -> "Cells":
        """Return the same with neighbours of one equal amount as one group."""
        is_same = (self.low[1:] == self.high[:-1]) & (self.low[1:] == self.high[1:])
        is_same &= self.low[:-1] == self.high[:-1]
        starts = np.flatnonzero(np.append(True, ~is_same))
        counts = np.add.reduceat(self.count, starts)
        return Cells(counts, self.low[starts], self.high[starts], self.mean[starts])

    def told_apart(self) -> "Cells":
        """Return the same with each year of the groups of two and of three as its own."""
        few = (self.count <= 3) & (self.low < self.high)
        times = np.where(few, self.count, 1).astype(int)
        at = np.repeat(np.arange(times.size), times)
        place = np.arange(at.size) - np.repeat(np.cumsum(times) - times, times)
        middle = np.clip(3 * self.mean - self.low - self.high, self.low, self.high)[at]
        last = times[at] - 1
        value = np.where(place == 0, self.low[at], np.where(place == last, self.high[at], middle))
        is_few = few[at]
        return Cells(
            np.where(is_few, 1.0, self.count[at]),
            np.where(is_few, value, self.low[at]),
            np.where(is_few, value, self.high[at]),
            np.where(is_few, value, self.mean[at]),
        )


def _powers(x: Array, order: int) -> list[Array]:
    """Return x^0, x^1 ... x^order, by multiplying, which is faster than powers of arrays."""
    return list(accumulate(repeat(x, order), np.multiply, initial=np.ones_like(x)))
