"""The kernel of `tallying.py` as loops that numba compiles."""

from typing import Any

import numpy as np

from workbench.engines.kernels.compiling import compiled, inlined
from workbench.engines.kernels.tallying import (
    COUNT,
    HALF,
    HALF_WORD,
    HIGH,
    LOW,
    LOWER,
    PIECE,
    REST,
    SUM,
)
from workbench.losses.histogram import DROPPED, MOST, OFFSET_BITS


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
def _bin(kept: Any, size: Any, scale: float, rows: Any, lowest: int, splits: Any) -> None:
    """Put losses into their rows."""
    cuts, starts = splits
    is_cut = cuts.size > 0
    words = kept.view(np.int64)
    first = np.int64(lowest) << OFFSET_BITS
    for i in range(size):
        word = words[i]
        row = np.uint64(0)  # unsigned, so that no index counts from the end
        offset, down = word, first - word
        if word >= first:
            row = np.uint64((word >> OFFSET_BITS) - lowest + 1)
            if is_cut:
                part = np.uint64(starts[row])
                while word >= cuts[part]:
                    part += np.uint64(1)
                row += part
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


@compiled
def record(values: Any, rows: Any, limbs: Any, ends: Any, splits: Any) -> Any:
    lowest, most = ends
    if _misfits(values, most) > 0:
        return -1
    scale = REST / most
    kept = np.empty(PIECE, np.float64)
    zeros = values.size
    for start in range(0, values.size, PIECE):
        size = _gather(values, start, min(start + PIECE, values.size), kept)
        _sum_up(kept, size, scale, limbs[0], limbs[1])
        _bin(kept, size, scale, rows, lowest, splits)
        zeros -= np.int64(size)
    return zeros
