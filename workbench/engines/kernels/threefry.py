"""Threefry4x64-20: a counter and a key to four words of 64 bits, in numpy.

Source: Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3, SC11; its
published known answers are in the tests.
"""

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

ROUNDS = 20
PARITY = 0x1BD11BDAA9FC1A22  # the key schedule's constant
# bits by which the second and the fourth word turn in rounds 0 to 7, and again
TURNS = ((14, 16), (52, 57), (23, 40), (5, 37), (25, 33), (46, 12), (58, 22), (32, 32))


def _turned(x: Words, bits: int) -> Words:
    return (x << np.uint64(bits)) | (x >> np.uint64(64 - bits))


def threefry(key: Words, counter: tuple[Words, ...]) -> tuple[Words, ...]:
    """Return the four words of each counter, whose four parts broadcast; shape of the counters."""
    keys = [*key, np.bitwise_xor.reduce(key) ^ np.uint64(PARITY)]
    shape = np.broadcast_shapes(*(np.shape(part) for part in counter))
    with np.errstate(over="ignore"):  # sums wrap around
        x = [np.full(shape, k) + part for part, k in zip(counter, keys[:4], strict=True)]
        for r in range(ROUNDS):
            partners = (1, 3) if r % 2 == 0 else (3, 1)
            for i, partner, bits in zip((0, 2), partners, TURNS[r % 8], strict=True):
                x[i] = x[i] + x[partner]
                x[partner] = _turned(x[partner], bits) ^ x[i]
            if r % 4 == 3:
                s = r // 4 + 1
                x = [part + keys[(s + i) % 5] for i, part in enumerate(x)]
                x[3] = x[3] + np.uint64(s)
    return tuple(x)
