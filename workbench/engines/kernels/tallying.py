"""Annual losses into an open tally: bins of their logarithm, and sums of 128 bits.

A positive float orders as the integer of its bits. Its exponent and the first 7 bits of its
fraction are its bin, of which an octave (from one power of two to the next) has 128; the 45 bits
that are left are the offset within the bin. For each bin a row keeps

    count, sum of the offsets in units of 2^13 (rounded), MOST - smallest offset, largest offset

of which all are 0 in an empty bin, are added or compared as integers, and so do not depend on the
order of the years. Row 0 takes what lies below the lowest bin: its offsets are the bits themselves,
MOST is the lowest bin, and the sum is one of losses, as below. Cuts split bins: each of them that
is at or below a loss moves it one row up.

The sums take x = loss 2^(48 - top) < 2^48 apart into a whole number a and a rest f < 1:

    sum:     a 2^48 + [f 2^48]                       in units of 2^(top - 96)
    squares: a^2 + [f (a + x)]                       in units of 2^(2 top - 96)

which is exact for every loss of 2^(top - 44) or more, and else short of it by less than a unit.
Both are kept as two limbs of 64 bits, the lower one first.
"""

from typing import Any

import numpy as np

from workbench.engines.kernels.either import Either
from workbench.losses.histogram import DROPPED, MOST, OCTAVE, OCTAVES, OFFSET_BITS

ROWS = OCTAVE * OCTAVES + 1
COUNT, SUM, LOW, HIGH = range(4)  # the columns of a row
HALF = 1 << (DROPPED - 1)
PIECE = 1024  # values that are summed before their sums are put into two limbs
HALF_WORD = 24  # bits of the lower half of a
LOWER = (1 << HALF_WORD) - 1
REST = float(1 << 48)
END = (1 << 63) - 1  # no loss has these bits


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


def _vector(values: Any, rows: Any, limbs: Any, ends: Any, splits: Any) -> Any:
    lowest, most = ends
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
    _scatter(kept.view(np.int64), rest, rows, lowest, splits[0])
    return values.size - kept.size


def _scatter(words: Any, rest: Any, rows: Any, lowest: int, cuts: Any) -> None:
    """Put the bits of losses, whose sums below the bins are `rest`, into their rows."""
    row = np.maximum((words >> OFFSET_BITS) - lowest + 1, 0)
    is_binned = row > 0
    offset = np.where(is_binned, words & MOST, words)
    down = np.where(is_binned, MOST, lowest << OFFSET_BITS) - offset
    parts = np.where(is_binned, (offset + HALF) >> DROPPED, rest)
    if cuts.size:
        row += np.searchsorted(cuts, words, side="right")  # no cut lies below the lowest bin
    rows[:, COUNT] += np.bincount(row, minlength=rows.shape[0])
    np.add.at(rows[:, SUM], row, parts)
    np.maximum.at(rows[:, LOW], row, down)
    np.maximum.at(rows[:, HIGH], row, offset)


# Record losses, shape (n,), contiguous, into rows, int64 of shape (ROWS + cuts, 4), and limbs,
# uint64 of shape (2, 2): the sum and the squares. `ends` are the bin of row 1, and 2^top. `splits`
# are the bits at which bins are split, rising, with `END` after the last, and how many of them lie
# below the bin of each of the ROWS, both int64; both are empty where no bin is split. Returns the
# number of zeros, or -1 where a loss does not lie in [0, 2^top): then nothing was recorded.
record = Either("tallying_loops.record", _vector)
