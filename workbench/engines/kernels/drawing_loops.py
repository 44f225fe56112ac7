"""The kernels as loops that numba compiles; `drawing.py` says what each of them does."""

from typing import Any

import numpy as np

from workbench.engines.kernels.compiling import compiled, inlined
from workbench.engines.kernels.layout import (
    BLOCK,
    CELL_BITS,
    DEEPEST,
    GUIDE_BITS,
    LANES,
    SIDE,
    TILE,
)
from workbench.engines.kernels.threefry import PARITY, TURNS

U = np.uint64
_PARITY = U(PARITY)
(_A0, _B0), (_A1, _B1), (_A2, _B2), (_A3, _B3) = TURNS[:4]
(_A4, _B4), (_A5, _B5), (_A6, _B6), (_A7, _B7) = TURNS[4:]
_FRACTION_BITS = 52 - CELL_BITS
_FRACTION = (1 << _FRACTION_BITS) - 1
_UNIT = 1.0 / (1 << _FRACTION_BITS)
_BASE = (1023 - DEEPEST) << CELL_BITS
_QUARTER = TILE // 4


@inlined
def _turned(x: Any, bits: Any) -> Any:
    return (x << U(bits)) | (x >> U(64 - bits))


@inlined
def _two_rounds(x0: Any, x1: Any, x2: Any, x3: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    x0 = x0 + x1
    x1 = _turned(x1, a) ^ x0
    x2 = x2 + x3
    x3 = _turned(x3, b) ^ x2
    x0 = x0 + x3
    x3 = _turned(x3, c) ^ x0
    x2 = x2 + x1
    x1 = _turned(x1, d) ^ x2
    return x0, x1, x2, x3


@inlined
def _even(x0: Any, x1: Any, x2: Any, x3: Any) -> Any:
    x0, x1, x2, x3 = _two_rounds(x0, x1, x2, x3, _A0, _B0, _A1, _B1)
    return _two_rounds(x0, x1, x2, x3, _A2, _B2, _A3, _B3)


@inlined
def _odd(x0: Any, x1: Any, x2: Any, x3: Any) -> Any:
    x0, x1, x2, x3 = _two_rounds(x0, x1, x2, x3, _A4, _B4, _A5, _B5)
    return _two_rounds(x0, x1, x2, x3, _A6, _B6, _A7, _B7)


@inlined
def _threefry(k0: Any, k1: Any, k2: Any, k3: Any, k4: Any, place: Any, block: Any) -> Any:
    x0, x1, x2, x3 = _even(place + k0, k1, k2, block + k3)
    x0, x1, x2, x3 = _odd(x0 + k1, x1 + k2, x2 + k3, x3 + k4 + U(1))
    x0, x1, x2, x3 = _even(x0 + k2, x1 + k3, x2 + k4, x3 + k0 + U(2))
    x0, x1, x2, x3 = _odd(x0 + k3, x1 + k4, x2 + k0, x3 + k1 + U(3))
    x0, x1, x2, x3 = _even(x0 + k4, x1 + k0, x2 + k1, x3 + k2 + U(4))
    return x0 + k0, x1 + k1, x2 + k2, x3 + k3 + U(5)


@compiled
def _fill(key: Any, block: Any, tile: Any, words: Any) -> None:
    """Make the words of one tile."""
    k0, k1, k2, k3 = key[0], key[1], key[2], key[3]
    k4 = _PARITY ^ k0 ^ k1 ^ k2 ^ k3
    first = U(tile * _QUARTER)
    for i in range(_QUARTER):
        a, b, c, d = _threefry(k0, k1, k2, k3, k4, first + U(i), U(block))
        words[i] = a
        words[_QUARTER + i] = b
        words[2 * _QUARTER + i] = c
        words[3 * _QUARTER + i] = d


@compiled
def _map(words: Any, table: Any, depths: Any, out: Any) -> None:
    """Turn the words of one tile into quantiles; `depths` is room for as many."""
    bits = depths.view(np.int64)
    for i in range(TILE):
        k = np.int64((words[i] >> U(11)) & U((1 << 52) - 1))
        depths[i] = (np.float64(k) + 0.5) * 2.0**-52
    for i in range(TILE):
        b = bits[i]
        row = (b >> _FRACTION_BITS) - _BASE
        row = row if row >= 0 else SIDE - 1
        row += np.int64(words[i] >> U(63)) * SIDE
        f = np.float64(b & _FRACTION) * _UNIT
        out[i] = table[row, 0] + f * (table[row, 1] + f * table[row, 2])


@compiled
def uniforms(key: Any, block: Any, start: Any, out: Any) -> None:
    words = np.empty(TILE, np.uint64)
    tile = start // TILE
    place = start - tile * TILE
    _fill(key, block, tile, words)
    for j in range(out.size):
        if place == TILE:
            tile += 1
            place = 0
            _fill(key, block, tile, words)
        out[j] = (np.float64(np.int64(words[place] >> U(12))) + 0.5) * 2.0**-52
        place += 1


@compiled
def quantiles(key: Any, block: Any, start: Any, table: Any, out: Any) -> None:
    words = np.empty(TILE, np.uint64)
    depths = np.empty(TILE)
    drawn = np.empty(TILE)
    first = start // TILE
    skip = start - first * TILE
    for tile in range(first, (start + out.size + TILE - 1) // TILE):
        _fill(key, block, tile, words)
        _map(words, table, depths, drawn)
        at = tile * TILE - start
        for i in range(skip, min(TILE, out.size - at)):
            out[at + i] = drawn[i]
        skip = 0


@inlined
def _count(u: Any, steps: Any, guide: Any) -> Any:
    k = guide[np.int64(u * (1 << GUIDE_BITS))]
    while steps[k] < u:
        k += 1
    return k


@inlined
def _uniform(word: Any) -> Any:
    return (np.float64(np.int64(word >> U(12))) + 0.5) * 2.0**-52


@compiled
def counts(key: Any, first: Any, steps: Any, guide: Any, out: Any) -> None:
    words = np.empty(TILE, np.uint64)
    # where most years have a few events at most, comparisons are faster than a search: no branch
    few = steps.size > 4 and steps[3] > 0.98
    for tile in range(out.size // TILE):
        block = tile // (BLOCK // TILE)
        _fill(key, first + block, tile - block * (BLOCK // TILE), words)
        at = tile * TILE
        if not few:
            for i in range(TILE):
                out[at + i] = _count(_uniform(words[i]), steps, guide)
            continue
        s0, s1, s2, s3 = steps[0], steps[1], steps[2], steps[3]
        for i in range(TILE):
            u = _uniform(words[i])
            out[at + i] = np.int64(u > s0) + np.int64(u > s1) + np.int64(u > s2) + np.int64(u > s3)
        for i in range(TILE):
            if out[at + i] == 4:
                out[at + i] = _count(_uniform(words[i]), steps, guide)


@compiled
def counts_at(u: Any, steps: Any, guide: Any, out: Any) -> None:
    for i in range(u.size):
        out[i] = _count(u[i], steps, guide)


@inlined
def _add(events: Any, start: Any, count: Any, after: Any, lanes: Any) -> None:
    """Add `count` events from `start` on; the first of them is number `after` of its year."""
    turn = after & 3
    a, b = lanes[turn], lanes[(turn + 1) & 3]
    c, d = lanes[(turn + 2) & 3], lanes[(turn + 3) & 3]
    for i in range(start, start + count - 3, LANES):
        a += events[i]
        b += events[i + 1]
        c += events[i + 2]
        d += events[i + 3]
    rest = count & 3
    last = start + count - rest
    if rest > 0:
        a += events[last]
    if rest > 1:
        b += events[last + 1]
    if rest > 2:
        c += events[last + 2]
    lanes[turn], lanes[(turn + 1) & 3] = a, b
    lanes[(turn + 2) & 3], lanes[(turn + 3) & 3] = c, d


@compiled
def add_events(at: Any, events: Any, lanes: Any) -> None:
    for i in range(at.size):
        lanes[at[i]] += events[i]


@compiled
def compound(key: Any, first: Any, counts: Any, table: Any, out: Any) -> None:
    words = np.empty(TILE, np.uint64)
    depths = np.empty(TILE)
    events = np.empty(TILE + LANES)
    lanes = np.empty(LANES)
    busy = np.empty(BLOCK + 1, np.int32)
    out[:] = 0.0
    for block in range(counts.size // BLOCK):
        years = np.int64(0)
        for y in range(block * BLOCK, (block + 1) * BLOCK):  # written always, kept where n > 0
            busy[years] = y
            years += np.int64(counts[y] > 0)
        place, tile = TILE, 0
        for i in range(years):
            y = busy[i]
            n = counts[y]
            if n <= LANES and place + n <= TILE:  # one event a lane: choices, and no branch
                a = events[place]
                b = events[place + 1] if n > 1 else 0.0
                c = events[place + 2] if n > 2 else 0.0
                d = events[place + 3] if n > 3 else 0.0
                out[y] = (a + b) + (c + d)
                place += n
                continue
            lanes[:] = 0.0
            done = 0
            while done < n:
                if place == TILE:
                    _fill(key, first + block, tile, words)
                    _map(words, table, depths, events)
                    place = 0
                    tile += 1
                part = min(n - done, TILE - place)
                _add(events, place, part, done, lanes)
                place += part
                done += part
            out[y] = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
