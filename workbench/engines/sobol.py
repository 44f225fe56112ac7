r"""Randomised Sobol points: averages over a few uncertain numbers, with an error from replicates.

A scrambled Sobol sequence fills the unit cube evenly, so that smooth averages converge far faster
than with independent words. Each of the R scramblings (a random linear matrix and a shift of the
digits, Matousek 1998) is unbiased by itself and independent of the others. With Q_r what scrambling
r finds,

.. math:: \hat Q = \frac{1}{R} \sum_r Q_r, \qquad
    s^2 = \frac{1}{R (R - 1)} \sum_r (Q_r - \hat Q)^2

has R - 1 degrees of freedom: 31 here, where a distance of 2.04 s is passed one time in 20. A rare
large value makes Q_r skewed and the interval a little short: for the mean of a lognormal of sigma
1.1 it holds 93 to 95 times in 100, with half as many scramblings 88 to 91.
Source: Owen (2013), Monte Carlo theory, methods and examples, chapter 17.
"""

import hashlib
from collections.abc import Callable

import numpy as np

from workbench.distributions import Array
from workbench.engines.streams import Words
from workbench.errors import require

REPLICATES = 32  # scramblings
POINTS = 1 << 11  # of one scrambling, at most
FEWEST = 1 << 7
CELLS = 1 << 22  # points times coordinates of one scrambling, at most: 32 MB
MOST_COORDINATES = 21_201  # of Joe and Kuo's direction numbers (2008), which scipy holds
BITS = 52  # of a coordinate; it is the middle of its cell, so that it is never 0 or 1

Quantity = Callable[[Words], Array]  # what each point brings, shape (points,)
Name = tuple[str, str]  # owner and purpose of a coordinate


def replicates(quantity: Quantity, seed: int, purpose: str, count: int = REPLICATES) -> Array:
    """Return `quantity` at the points of `count` scramblings, shape (count, points).

    A coordinate belongs to each owner and purpose for which the quantity asks words. The earlier
    coordinates of the sequence are the more even ones: they go to those on which the quantity
    depends most. Fewer points are taken where the coordinates are many.

    Raises
    ------
    WorkbenchError
        for fewer than two scramblings, which have no spread, or too many coordinates.

    """
    require(count > 1, "an error needs two scramblings or more", got=count, fix="32 are usual.")
    names = _by_weight(quantity, seed)
    if not names:
        return np.broadcast_to(quantity(lambda *_: np.zeros(1)), (count, 1))
    size = points_for(len(names))
    found = []
    for replicate in range(count):
        points = scrambled(seed, purpose, replicate, len(names), size)
        value = quantity(_words_of(dict(zip(names, points, strict=True))))
        found.append(np.broadcast_to(value, (size,)))
    return np.stack(found)


def _words_of(points: dict[Name, Array]) -> Words:
    return lambda owner, purpose: points[owner, purpose]


def points_for(coordinates: int) -> int:
    """Return the points of one scrambling: a power of two, as the evenness wants it."""
    room = max(CELLS // coordinates, 1)
    return int(np.clip(1 << (room.bit_length() - 1), FEWEST, POINTS))


def scrambled(seed: int, purpose: str, replicate: int, coordinates: int, size: int) -> Array:
    """Return one scrambling, shape (coordinates, size), each number in (0, 1).

    It depends on its address (seed, purpose, replicate) alone.

    Raises
    ------
    WorkbenchError
        for no coordinate or too many.

    """
    require(
        1 <= coordinates <= MOST_COORDINATES,
        f"a Sobol sequence has 1 to {MOST_COORDINATES:,} coordinates",
        got=coordinates,
        fix="State some of the uncertain numbers as known, or look at parts of the study.",
    )
    from scipy.stats import qmc  # takes a quarter of a second, and few need it

    rng = np.random.default_rng(_entropy(seed, purpose, replicate))
    sequence = qmc.Sobol(coordinates, scramble=True, bits=BITS, rng=rng)
    return np.ascontiguousarray(sequence.random(size).T) + 2.0 ** -(BITS + 1)


def _entropy(seed: int, purpose: str, replicate: int) -> int:
    """Return the seed of one scrambling: a digest of its address, as that of addressed words is."""
    address = "\x1f".join((str(seed), "sobol", purpose, str(replicate)))
    return int.from_bytes(hashlib.blake2b(address.encode(), digest_size=16).digest(), "little")


def _by_weight(quantity: Quantity, seed: int) -> list[Name]:
    """Return the coordinates that a quantity asks for, in order of their squared correlation.

    Found from a few plain draws: it decides which coordinate is which, and nothing else.
    """
    drawn: dict[Name, Array] = {}

    def words(owner: str, purpose: str) -> Array:
        if (owner, purpose) not in drawn:
            rng = np.random.default_rng(_entropy(seed, f"{owner}\x1f{purpose}", -1))
            drawn[owner, purpose] = rng.random(FEWEST) * (1 - 2.0**-BITS) + 2.0 ** -(BITS + 1)
        return drawn[owner, purpose]

    value = np.broadcast_to(quantity(words), (FEWEST,))
    centred = value - value.mean()
    weight = {name: abs(float(centred @ (u - 0.5))) for name, u in drawn.items()}
    return sorted(drawn, key=lambda name: (-weight[name], name))
