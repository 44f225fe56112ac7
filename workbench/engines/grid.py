"""Loss grids and the transforms of compound sums on them."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from workbench.distributions import Array

Complex = NDArray[np.complex128]

# exp(-TILT) is what wraps around, exp(TILT / 2) what rounding grows by (Gruebel and Hermesmeier,
# Computation of compound distributions II, ASTIN Bulletin 2000).
TILT = 24.0
RATIO = 3  # log2 of the distance between two rungs
ROUGH = 1e8  # E[X^2] in units of h^2 above which closed forms lose their digits

Moments = tuple[Array, Array, Array]  # P(X > x), E[(X - x)+], E[(X - x)+^2] at some x


@dataclass(frozen=True, slots=True)
class Grid:
    """`size` losses 0, h, 2h, ... below 2**log2_top, so that edits reuse transforms.

    A grid of several `rungs` is as many grids of that size, each with a top 2**`ratio` times lower
    than the one before. They are computed together: arrays on it have a row for each rung.
    """

    log2_top: int
    size: int
    order: int = 24  # how fine averages over a factor or a shared scale are
    rungs: int = 1
    ratio: int = RATIO  # log2 of the distance between two rungs
    is_half: bool = False  # whether it is to tell the error of a grid of twice the size

    @property
    def top(self) -> float:
        """The first loss beyond the grid, and beyond its first rung, currency."""
        return 2.0**self.log2_top

    @property
    def step(self) -> float:
        """The step h of the grid, and of its first rung, currency."""
        return self.top / self.size

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a transform on the grid: (frequencies,), or (rungs, frequencies)."""
        return (self.size + 1,) if self.rungs == 1 else (self.rungs, self.size + 1)

    def halved(self) -> "Grid":
        """Return every second loss of the grid; averages are coarser, too."""
        halves = self.size // 2, self.order // 2
        return Grid(self.log2_top, *halves, self.rungs, self.ratio, is_half=True)

    def further(self, rungs: int) -> "Grid":
        """Return the grids with so many more above them."""
        top = self.log2_top + self.ratio * rungs
        return replace(self, log2_top=top, rungs=self.rungs + rungs)

    def doubled(self) -> "Grid":
        """Return a single grid as the second of two, after that of twice the step and the reach."""
        return Grid(self.log2_top + 1, self.size, self.order, rungs=2, ratio=1)

    def rung(self, first: int, rungs: int = 1) -> "Grid":
        """Return some of the rungs, from the one with that index on."""
        return replace(self, log2_top=self.log2_top - self.ratio * first, rungs=rungs)

    def each(self) -> "list[Grid]":
        """Return the rungs one by one, the highest first."""
        return [self.rung(k) for k in range(self.rungs)]

    @property
    def steps(self) -> Array:
        """The step h of each rung, currency, shape (rungs,)."""
        return self.step * 2.0 ** (-self.ratio * np.arange(self.rungs, dtype=float))


@lru_cache(maxsize=64)
def tilt(size: int) -> Array:
    """Exponential weights that keep what wraps around the transform's end negligible."""
    return np.asarray(np.exp(-TILT / (2 * size) * np.arange(size)))


@lru_cache(maxsize=64)
def untilt(size: int) -> Array:
    """Return what `tilt` is undone by."""
    return np.asarray(np.exp(TILT / (2 * size) * np.arange(size)))


def to_masses(transform: Complex, size: int) -> Array:
    """Invert a transform into the masses at 0, h, 2h, ..., shape (size,) or (rungs, size)."""
    return np.asarray(fft.irfft(transform, 2 * size)[..., :size] * untilt(size))


def to_transform(masses: Array) -> Complex:
    """Transform masses at 0, h, 2h, ..., padded to twice their length and tilted."""
    size = masses.shape[-1]
    return np.asarray(fft.rfft(masses * tilt(size), 2 * size))


def cell_masses(moments: Moments, step: float | Array) -> Array:
    r"""Masses on the grid that keep each cell's probability, mean and second moment.

    `moments` are P(X > x), E[(X-x)+], E[(X-x)+^2] at the cell edges x = 0, 2h,
    4h, ..., shape (cells + 1,) or (rungs, cells + 1), and `step` is h, shape () or (rungs, 1).
    With u = (X - edge)/h in [0, 2] and m_k = E[u^k; cell] the nodes 0, 1, 2 of the cell get

    .. math:: m_0 - \tfrac32 m_1 + \tfrac12 m_2, \quad 2 m_1 - m_2, \quad
              -\tfrac12 m_1 + \tfrac12 m_2

    Source: Gerber 1982, local moment matching of order 2; single masses may be negative. What lies
    beyond the last edge is left out, which changes no probability below it.
    """
    return spread(cell_shares(moments, step), 1 - moments[0][..., 0])


def cell_shares(moments: Moments, step: float | Array) -> Array:
    """What each cell gives to its three nodes, shape (3, cells) or (3, rungs, cells)."""
    tail, first, second = moments
    twice = 2 * tail[..., 1:]
    m0 = tail[..., :-1] - tail[..., 1:]
    m1 = (first[..., :-1] - first[..., 1:]) / step - twice
    ahead = 2 * (twice + 2 * first[..., 1:] / step)
    m2 = (second[..., :-1] - second[..., 1:]) / step**2 - ahead
    return np.array([m0 - 1.5 * m1 + 0.5 * m2, 2 * m1 - m2, 0.5 * (m2 - m1)])


def spread(shares: Array, free: Array | float) -> Array:
    """Masses from what cells give to their nodes; `free` is P(X = 0)."""
    first, middle, last = shares
    masses = np.empty((*first.shape[:-1], 2 * first.shape[-1]))
    masses[..., 0::2] = first
    masses[..., 1::2] = middle
    masses[..., 2::2] += last[..., :-1]
    masses[..., 0] += free  # the events that cost nothing
    return masses


def smooth_masses(tail: Array) -> Array:
    """`cell_masses` from P(X > x) at every node alone, moments by Simpson's rule."""
    return spread(smooth_shares(tail), 1 - tail[..., 0])


def smooth_shares(tail: Array) -> Array:
    """`cell_shares` from P(X > x) at every node alone, moments by Simpson's rule."""
    s0, s1, s2 = tail[..., :-1:2], tail[..., 1::2], tail[..., 2::2]
    middle = 2 * s1 / 3
    return np.array([s0 / 2 - middle + s2 / 6, 2 * (s0 - s2) / 3, middle - s0 / 6 - s2 / 2])


def atom_masses(values: Array, weights: Array, size: int, step: float | Array) -> Array:
    """`cell_masses` of single values: each is shared by the three nodes of its cell."""
    steps = np.asarray(step, dtype=float)
    if steps.ndim > 0:
        return np.array([atom_masses(values, weights, size, h) for h in steps.ravel()])
    below = values < size * steps
    at, weights = values[below] / steps, weights[below]
    cell = 2 * np.floor(at / 2).astype(int)
    u = at - cell
    masses = np.zeros(size + 2)
    np.add.at(masses, cell, weights * (1 - u) * (2 - u) / 2)
    np.add.at(masses, cell + 1, weights * u * (2 - u))
    np.add.at(masses, cell + 2, weights * u * (u - 1) / 2)
    return masses[:size]


class Magnitude(Protocol):
    """What cells are made from: a belief, or a sum whose tail is known in the same ways."""

    def sf(self, x: Array) -> Array:
        """P(X > x)."""

    def excess_moments(self, x: Array) -> Moments:
        """P(X > x), E[(X - x)+], E[(X - x)+^2]."""

    def layer_moments(self, a: Array, b: float) -> tuple[Array, Array]:
        """E[(min(X, b) - a)+] and E[((min(X, b) - a)+)^2], finite whatever the tail."""

    def second_moment(self) -> float:
        """E[X^2]."""
