"""The kernels in numpy, and what each of them is: `drawing_loops.py` gives the same bits.

Streams are named by a `key` of four words and a block of years; word j of a stream is found by its
number, so that a part of them can be made alone.
"""

import numpy as np
from numpy.typing import NDArray

from workbench.engines.kernels.either import Either
from workbench.engines.kernels.layout import (
    AT_ONCE,
    BLOCK,
    CELL_BITS,
    DEEPEST,
    LANES,
    SIDE,
    TILE,
)
from workbench.engines.kernels.threefry import Words, threefry

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

_FRACTION_BITS = 52 - CELL_BITS
_FRACTION = (1 << _FRACTION_BITS) - 1
_UNIT = 1.0 / (1 << _FRACTION_BITS)
_BASE = (1023 - DEEPEST) << CELL_BITS


def raw_words(key: Words, block: int, start: int, count: int) -> Words:
    """Return the words `start`, `start` + 1, ... of a block's stream, shape (count,).

    Word l * TILE / 4 + i of tile t is part l of the counter (t * TILE / 4 + i, 0, 0, block).
    """
    first, last = start // TILE, -(-(start + count) // TILE)
    quarter = TILE // 4
    places = np.arange(first * quarter, last * quarter, dtype=np.uint64)
    zero = np.zeros(1, dtype=np.uint64)
    parts = threefry(key, (places, zero, zero, np.array([block], dtype=np.uint64)))
    tiles = np.stack([part.reshape(-1, quarter) for part in parts], axis=1)
    return tiles.ravel()[start - first * TILE :][:count]


def _uniform(words: Words) -> Array:
    """Return (k + 1/2) / 2^52 in (0, 1), k the upper 52 bits of each word."""
    return np.asarray(((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52)


def _uniforms(key: Words, block: int, start: int, out: Array) -> None:
    out[:] = _uniform(raw_words(key, block, start, out.size))


def _quantile(words: Words, table: Array) -> Array:
    """Return the quantiles of words: the upper bit says which side, 52 bits how far out."""
    depths = ((words >> np.uint64(11)) & np.uint64((1 << 52) - 1)).astype(np.float64)
    bits = ((depths + 0.5) * 2.0**-52).view(np.int64)
    cells = (bits >> _FRACTION_BITS) - _BASE
    rows = np.where(cells >= 0, cells, SIDE - 1) + (words >> np.uint64(63)).astype(np.int64) * SIDE
    f = (bits & _FRACTION).astype(np.float64) * _UNIT
    a, b, c = table[rows].T
    return np.asarray(a + f * (b + f * c))


def _quantiles(key: Words, block: int, start: int, table: Array, out: Array) -> None:
    out[:] = _quantile(raw_words(key, block, start, out.size), table)


def _counts(key: Words, first: int, steps: Array, _guide: Counts, out: Counts) -> None:
    for b in range(out.size // BLOCK):
        u = _uniform(raw_words(key, first + b, 0, BLOCK))
        out[b * BLOCK : (b + 1) * BLOCK] = np.searchsorted(steps, u, side="left")


def _counts_at(u: Array, steps: Array, _guide: Counts, out: Counts) -> None:
    out[:] = np.searchsorted(steps, u, side="left")


def joined(lanes: Array) -> Array:
    """Return the sum of each year's lanes, shape (years,)."""
    parts = lanes.reshape(-1, LANES)
    return np.asarray((parts[:, 0] + parts[:, 1]) + (parts[:, 2] + parts[:, 3]))


def _add_events(at: Counts, events: Array, lanes: Array) -> None:
    np.add.at(lanes, at, events)


def _compound(key: Words, first: int, counts: Counts, table: Array, out: Array) -> None:
    for b in range(counts.size // BLOCK):
        here = slice(b * BLOCK, (b + 1) * BLOCK)
        ends = np.cumsum(counts[here])
        before = ends - counts[here]
        lanes: Array = np.zeros(LANES * BLOCK)
        for start in range(0, int(ends[-1]), AT_ONCE):
            part = np.diff(np.clip(ends, start, start + AT_ONCE), prepend=start)
            years = np.repeat(np.arange(BLOCK), part.astype(np.int64))
            number = np.arange(start, start + years.size) - before[years]
            events = _quantile(raw_words(key, first + b, start, years.size), table)
            at = LANES * years + number % LANES
            if years.size == ends[-1]:  # in the same order, and faster
                lanes += np.bincount(at, events, lanes.size)
            else:
                np.add.at(lanes, at, events)
        out[here] = joined(lanes)


uniforms = Either("drawing_loops.uniforms", _uniforms)
# the same through a quantile table
quantiles = Either("drawing_loops.quantiles", _quantiles)
# the first n with P(N <= n) >= u, for whole blocks of years
counts = Either("drawing_loops.counts", _counts)
# the same for given u
counts_at = Either("drawing_loops.counts_at", _counts_at)
# each event to its lane, one after the other
add_events = Either("drawing_loops.add_events", _add_events)
# events drawn and added, for whole blocks of years
compound = Either("drawing_loops.compound", _compound)
