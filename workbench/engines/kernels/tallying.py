"""Annual losses into an open tally: bins of their logarithm, and sums of 128 bits.

A positive float orders as the integer of its bits. Its exponent and the first 7 bits of its
fraction are its bin, of which an octave (from one power of two to the next) has 128; the 45 bits
that are left are the offset within the bin. For each bin a row keeps

    count, sum of the offsets in units of 2^13 (rounded), MOST - smallest offset, largest offset

of which all are 0 in an empty bin, are added or compared as integers, and so do not depend on the
order of the years. Row 0 takes what lies below the lowest bin: its offsets are the bits themselves,
MOST is the lowest bin, and the sum is one of losses, as below.

The sums take x = loss 2^(48 - top) < 2^48 apart into a whole number a and a rest f < 1:

    sum:     a 2^48 + [f 2^48]                       in units of 2^(top - 96)
    squares: a^2 + [f (a + x)]                       in units of 2^(2 top - 96)

which is exact for every loss of 2^(top - 44) or more, and else short of it by less than a unit.
Both are kept as two limbs of 64 bits, the lower one first.
"""

from typing import Any

import numpy as np

from workbench.engines.kernels.either import Either, inlined
from workbench.losses.histogram import DROPPED, MOST, OCTAVE, OCTAVES, OFFSET_BITS

ROWS = OCTAVE * OCTAVES + 1
COUNT, SUM, LOW, HIGH = range(4)  # the columns of a row
HALF = 1 << (DROPPED - 1)
PIECE = 1024  # values that are summed before their sums are put into two limbs
HALF_WORD = 24  # bits of the lower half of a
LOWER = (1 << HALF_WORD) - 1
REST = float(1 << 48)


@inlined
def _add(limbs: Any, low: Any, high: Any) -> None:
    """Add `high` 2^64 + `low` to two limbs."""
    before = limbs[0]
    limbs[0] = before + low
    limbs[1] += high
    if limbs[0] < before:
        limbs[1] += np.uint64(1)


@inlined
def _misfits(values: Any, most: float) -> int:
    """Count the values that do not lie in [0, `most`), among them what is no number."""
    count = 0
    for i in range(values.size):
        count += not (values[i] >= 0)
        count += not (values[i] < most)
    return count


@inlined
def _gather(values: Any, start: int, end: int, kept: Any) -> Any:
    """Copy the values that are not 0 to the front of `kept` and say how many they are.

    There is no branch, since which year is without a loss is past a processor's guessing.
    """
    size, one = np.uint64(0), np.uint64(1)
    for i in range(start, end):
        kept[size] = values[i]
        size += one if values[i] != 0 else np.uint64(0)
    return size


@inlined
def _sum_up(kept: Any, size: Any, scale: float, sums: Any, squares: Any) -> None:
    """Add up to `PIECE` values to the sum and to the squares.

    a = b 2^24 + c, so a^2 = b^2 2^48 + b c 2^25 + c^2: the parts are summed apart, in 63 bits.
    """
    whole = rest = upper = middle = lower = np.int64(0)
    for i in range(size):
        x = kept[i] * scale
        a = np.int64(x)
        f = x - np.float64(a)
        b, c = a >> HALF_WORD, a & LOWER
        whole += a
        rest += np.int64(f * REST)
        upper += b * b
        middle += b * c
        lower += c * c
        lower += np.int64(f * (np.float64(a) + x))
    _add(sums, np.uint64(whole) << np.uint64(48), np.uint64(whole >> 16))
    _add(sums, np.uint64(rest), np.uint64(0))
    _add(squares, np.uint64(upper) << np.uint64(48), np.uint64(upper >> 16))
    _add(squares, np.uint64(middle) << np.uint64(25), np.uint64(middle >> 39))
    _add(squares, np.uint64(lower), np.uint64(0))


@inlined
def _bin(kept: Any, size: Any, scale: float, rows: Any, lowest: int) -> None:
    """Put losses into their rows."""
    words = kept.view(np.int64)
    first = np.int64(lowest) << OFFSET_BITS
    for i in range(size):
        word = words[i]
        row = np.uint64(0)  # unsigned, so that no index counts from the end
        offset, down = word, first - word
        if word >= first:
            row = np.uint64((word >> OFFSET_BITS) - lowest + 1)
            offset = word & MOST
            down = MOST - offset
            rows[row, SUM] += (offset + HALF) >> DROPPED
        else:
            rows[row, SUM] += np.int64(kept[i] * scale * REST)
        rows[row, COUNT] += 1
        down_yet, up_yet = rows[row, LOW], rows[row, HIGH]
        if down > down_yet:  # seldom: no store, on which the next loss would wait
            rows[row, LOW] = down
        if offset > up_yet:
            rows[row, HIGH] = offset


def _loop(values: Any, rows: Any, limbs: Any, lowest: int, most: float) -> Any:
    if _misfits(values, most) > 0:
        return -1
    scale = REST / most
    kept = np.empty(PIECE, np.float64)
    zeros = values.size
    for start in range(0, values.size, PIECE):
        size = _gather(values, start, min(start + PIECE, values.size), kept)
        _sum_up(kept, size, scale, limbs[0], limbs[1])
        _bin(kept, size, scale, rows, lowest)
        zeros -= np.int64(size)
    return zeros


def _total(parts: Any) -> int:
    """Sum of many integers, of which `PIECE` fit into 63 bits."""
    return (
        sum(np.add.reduceat(parts, np.arange(0, parts.size, PIECE)).tolist()) if parts.size else 0
    )


def number_of(limbs: Any) -> int:
    """Return the number of two limbs, the lower one first."""
    return (int(limbs[1]) << 64) + int(limbs[0])


def increase(limbs: Any, amount: int) -> None:
    """Add to two limbs."""
    upper, lower = divmod(number_of(limbs) + amount, 1 << 64)
    limbs[0], limbs[1] = lower, upper


def _vector(values: Any, rows: Any, limbs: Any, lowest: int, most: float) -> Any:
    if not np.all((values >= 0) & (values < most)):
        return -1
    kept = values[values != 0]
    x = kept * (REST / most)
    a = x.astype(np.int64)
    f = x - a
    b, c = a >> HALF_WORD, a & LOWER
    rest = (f * REST).astype(np.int64)
    lower = c * c + (f * (a + x)).astype(np.int64)
    increase(limbs[0], (_total(a) << 48) + _total(rest))
    increase(limbs[1], (_total(b * b) << 48) + (_total(b * c) << 25) + _total(lower))
    _scatter(kept.view(np.int64), rest, rows, lowest)
    return values.size - kept.size


def _scatter(words: Any, rest: Any, rows: Any, lowest: int) -> None:
    """Put the bits of losses, whose sums below the bins are `rest`, into their rows."""
    row = np.maximum((words >> OFFSET_BITS) - lowest + 1, 0)
    is_binned = row > 0
    offset = np.where(is_binned, words & MOST, words)
    down = np.where(is_binned, MOST, lowest << OFFSET_BITS) - offset
    parts = np.where(is_binned, (offset + HALF) >> DROPPED, rest)
    rows[:, COUNT] += np.bincount(row, minlength=ROWS)
    np.add.at(rows[:, SUM], row, parts)
    np.maximum.at(rows[:, LOW], row, down)
    np.maximum.at(rows[:, HIGH], row, offset)


# Record losses, shape (n,), contiguous, into rows, int64 of shape (ROWS, 4), and limbs, uint64 of
# shape (2, 2): the sum and the squares. `lowest` is the bin of row 1 and `most` is 2^top. Returns
# the number of zeros, or -1 where a loss does not lie in [0, most): then nothing was recorded.
record = Either(_loop, _vector)
