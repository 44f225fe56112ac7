"""Random words that are addressed, not consumed in turn.

A word is found by (study seed, scenario id, purpose, block): adding a scenario disturbs no
other, and two states of a study share their draws. The generator is Philox4x64-10 (Salmon et al.,
Parallel random numbers: as easy as 1, 2, 3, SC11), which is counter-based; its key is a digest of
the address.
"""

import hashlib

import numpy as np

from workbench.distributions import Array

BLOCK = 1 << 14  # years


def generator(seed: int, scenario: str, purpose: str, block: int) -> np.random.Generator:
    """Return the generator of one address, the same on every machine."""
    address = "\x1f".join((str(seed), scenario, purpose))  # ids hold no control characters
    digest = hashlib.blake2b(address.encode(), digest_size=16).digest()
    key = np.frombuffer(digest, dtype="<u8").astype(np.uint64)
    counter = np.array([0, 0, 0, block], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def words(seed: int, scenario: str, purpose: str, block: int, size: int) -> Array:
    """Uniform words in (0, 1), shape (size,); a shorter call returns the first of a longer one."""
    drawn = generator(seed, scenario, purpose, block).random(size)
    return np.asarray(np.maximum(drawn, 2.0**-54))  # 0 has no quantile for an unbounded belief
