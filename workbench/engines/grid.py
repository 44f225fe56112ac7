"""Loss grids and the transforms of compound sums on them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from workbench.distributions import Array
from workbench.distributions.derived import jumps_of

Complex = NDArray[np.complex128]

# exp(-TILT) is what wraps around, exp(TILT / 2) what rounding grows by (Gruebel and Hermesmeier,
# Computation of compound distributions II, ASTIN Bulletin 2000).
TILT = 24.0
ROUGH = 1e8  # E[X^2] in units of h^2 above which closed forms lose their digits

Moments = tuple[Array, Array, Array]  # P(X > x), E[(X - x)+], E[(X - x)+^2] at some x


@dataclass(frozen=True, slots=True)
class Grid:
    """`size` losses 0, h, 2h, ... below 2**log2_top, so that edits reuse transforms."""

    log2_top: int
    size: int
    order: int = 24  # nodes that average over a held scale

    @property
    def top(self) -> float:
        """The first loss beyond the grid, currency."""
        return 2.0**self.log2_top

    @property
    def step(self) -> float:
        """h, currency."""
        return self.top / self.size


@lru_cache(maxsize=64)
def tilt(size: int) -> Array:
    """Exponential weights that keep what wraps around the transform's end negligible."""
    return np.asarray(np.exp(-TILT / (2 * size) * np.arange(size)))


def to_masses(transform: Complex, size: int) -> Array:
    """Invert a transform into the masses at 0, h, 2h, ..., shape (size,)."""
    return np.asarray(fft.irfft(transform, 2 * size)[:size] / tilt(size))


def to_transform(masses: Array) -> Complex:
    """Transform masses at 0, h, 2h, ..., padded to twice their length and tilted."""
    return np.asarray(fft.rfft(masses * tilt(masses.size), 2 * masses.size))


def cell_masses(moments: Moments, step: float) -> Array:
    r"""Masses on the grid that keep each cell's probability, mean and second moment.

    `moments` are P(X > x), E[(X-x)+], E[(X-x)+^2] at the cell edges x = 0, 2h,
    4h, ..., shape (cells + 1,). With u = (X - edge)/h in [0, 2] and m_k = E[u^k; cell] the nodes
    0, 1, 2 of the cell get

    .. math:: m_0 - \tfrac32 m_1 + \tfrac12 m_2, \quad 2 m_1 - m_2, \quad
              -\tfrac12 m_1 + \tfrac12 m_2

    Source: Gerber 1982, local moment matching of order 2; single masses may be negative. What lies
    beyond the last edge is left out, which changes no probability below it.
    """
    tail, first, second = moments
    m0 = tail[:-1] - tail[1:]
    m1 = (first[:-1] - first[1:]) / step - 2 * tail[1:]
    m2 = (second[:-1] - second[1:]) / step**2 - 4 * first[1:] / step - 4 * tail[1:]
    masses = np.zeros(2 * m0.size + 1)
    masses[0:-1:2] += m0 - 1.5 * m1 + 0.5 * m2
    masses[1::2] += 2 * m1 - m2
    masses[2::2] += 0.5 * (m2 - m1)
    masses[0] += 1 - tail[0]  # the events that cost nothing
    return masses[:-1]


def smooth_masses(tail: Array) -> Array:
    """`cell_masses` from P(X > x) at every node alone, moments by Simpson's rule."""
    s0, s1, s2 = tail[:-1:2], tail[1::2], tail[2::2]
    masses = np.zeros(tail.size)
    masses[0:-1:2] += s0 / 2 - 2 * s1 / 3 + s2 / 6
    masses[1::2] += 2 * (s0 - s2) / 3
    masses[2::2] += -s0 / 6 + 2 * s1 / 3 - s2 / 2
    masses[0] += 1 - tail[0]
    return masses[:-1]


def atom_masses(values: Array, weights: Array, size: int, step: float) -> Array:
    """`cell_masses` of single values: each is shared by the three nodes of its cell."""
    below = values < size * step
    at, weights = values[below] / step, weights[below]
    cell = 2 * np.floor(at / 2).astype(int)
    u = at - cell
    masses = np.zeros(size + 2)
    np.add.at(masses, cell, weights * (1 - u) * (2 - u) / 2)
    np.add.at(masses, cell + 1, weights * u * (2 - u))
    np.add.at(masses, cell + 2, weights * u * (u - 1) / 2)
    return masses[:size]


def every_second(moments: Moments) -> Moments:
    """Return the moments at the edges of cells twice as wide."""
    tail, first, second = moments
    return tail[::2], first[::2], second[::2]


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


def transforms(magnitude: Magnitude, size: int, step: float) -> tuple[Complex, Complex]:
    """Transforms of a magnitude on `size` nodes `step` apart, and on every second of them."""
    edges = 2 * step * np.arange(size // 2 + 1, dtype=float)
    second = magnitude.second_moment()
    heavy = not np.isfinite(second)
    # no cell sees what lies beyond the grid, so that a tail without moments may be cut there
    cap = 4 * float(edges[-1])
    if heavy:
        second = float(magnitude.layer_moments(np.zeros(()), cap)[1])
    if second > ROUGH * step**2:
        return _rough_transforms(magnitude, size, step)
    if heavy:
        moments = magnitude.sf(edges), *magnitude.layer_moments(edges, cap)
    else:
        moments = magnitude.excess_moments(edges)
    fine, coarse = cell_masses(moments, step), cell_masses(every_second(moments), 2 * step)
    return to_transform(fine), to_transform(coarse)


def _rough_transforms(magnitude: Magnitude, size: int, step: float) -> tuple[Complex, Complex]:
    """`transforms` where closed forms would cancel: here a tail is smooth but for its jumps."""
    x = step * np.arange(size + 1, dtype=float)
    places, chances = jumps_of(magnitude)
    tail = magnitude.excess_moments(x)[0] - (x[:, None] < places) @ chances
    fine, coarse = smooth_masses(tail), smooth_masses(tail[::2])
    if chances.size:
        at = np.append(0.0, places)
        mass = np.append(-chances.sum(), chances)
        fine += atom_masses(at, mass, size, step)
        coarse += atom_masses(at, mass, size // 2, 2 * step)
    return to_transform(fine), to_transform(coarse)
