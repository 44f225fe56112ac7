"""Random words that are addressed, not consumed in turn.

A word is found by (study seed, scenario id, purpose, block): adding a scenario disturbs no
other, and two states of a study share their draws. The generator is Threefry4x64-20, which is
counter-based (`kernels/threefry.py`); its key is a digest of the address.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from workbench.distributions import Array
from workbench.engines.kernels import drawing
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.kernels.threefry import Words as RawWords

__all__ = ["BLOCK", "Stream", "Words", "key_of", "words"]

Words = Callable[[str, str], Array]  # owner, purpose -> uniform words in (0, 1), of one shape


@lru_cache(maxsize=4096)
def key_of(seed: int, owner: str, purpose: str) -> RawWords:
    """Return the key of one stream, four words, the same on every machine."""
    address = "\x1f".join((str(seed), owner, purpose))  # ids hold no control characters
    digest = hashlib.blake2b(address.encode(), digest_size=32).digest()
    key = np.frombuffer(digest, dtype="<u8").astype(np.uint64)
    key.flags.writeable = False
    return key


def words(seed: int, owner: str, purpose: str, block: int, size: int) -> Array:
    """Uniform words in (0, 1), shape (size,); a shorter call returns the first of a longer one."""
    return Stream(seed, owner, block).uniforms(purpose, size)


@dataclass(frozen=True, slots=True)
class Stream:
    """Where the words of one owner in one block of years are."""

    seed: int
    owner: str  # a scenario, an asset, or what several of them share
    block: int

    def uniforms(self, purpose: str, size: int = BLOCK, start: int = 0) -> Array:
        """Return the words `start`, `start` + 1, ... of a purpose, in (0, 1), shape (size,)."""
        found = np.empty(size)
        drawing.uniforms(key_of(self.seed, self.owner, purpose), self.block, start, found)
        return found

    def quantiles(self, table: Array, purpose: str, size: int = BLOCK, start: int = 0) -> Array:
        """Return the same words through a quantile table, shape (size,)."""
        found = np.empty(size)
        key = key_of(self.seed, self.owner, purpose)
        drawing.quantiles(key, self.block, start, table, found)
        return found
