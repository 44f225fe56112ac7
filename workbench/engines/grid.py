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
RATIO = 4  # log2 of the distance between two rungs
ROUGH = 1e8  # E[X^2] in units of h^2 above which closed forms lose their digits

Moments = tuple[Array, Array, Array]  # P(X > x), E[(X - x)+], E[(X - x)+^2] at some x


@dataclass(frozen=True, slots=True)
class Grid:
    """`size` losses 0, h, 2h, ... below 2**log2_top, so that edits reuse transforms.

    A grid of several `rungs` is as many grids of that size, each with a top 2**RATIO times lower
    than the one before. They are computed together: arrays on it have a row for each rung.
    """

    log2_top: int
    size: int
    order: int = 24  # nodes that average over a held scale
    rungs: int = 1

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
        """Return every second loss of the grid; a held scale has half the nodes."""
        return Grid(self.log2_top, self.size // 2, self.order // 2, self.rungs)

    def rung(self, first: int, rungs: int = 1) -> "Grid":
        """Return some of the rungs, from the one with that index on."""
        return Grid(self.log2_top - RATIO * first, self.size, self.order, rungs)

    def each(self) -> "list[Grid]":
        """Return the rungs one by one, the highest first."""
        return [self.rung(k) for k in range(self.rungs)]


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
    tail, first, second = moments
    twice = 2 * tail[..., 1:]
    m0 = tail[..., :-1] - tail[..., 1:]
    m1 = (first[..., :-1] - first[..., 1:]) / step - twice
    ahead = 2 * (twice + 2 * first[..., 1:] / step)
    m2 = (second[..., :-1] - second[..., 1:]) / step**2 - ahead
    masses = np.empty((*tail.shape[:-1], 2 * m0.shape[-1]))
    masses[..., 0::2] = m0 - 1.5 * m1 + 0.5 * m2
    masses[..., 1::2] = 2 * m1 - m2
    masses[..., 2::2] += 0.5 * (m2 - m1)[..., :-1]
    masses[..., 0] += 1 - tail[..., 0]  # the events that cost nothing
    return masses


def smooth_masses(tail: Array) -> Array:
    """`cell_masses` from P(X > x) at every node alone, moments by Simpson's rule."""
    s0, s1, s2 = tail[..., :-1:2], tail[..., 1::2], tail[..., 2::2]
    masses = np.empty((*tail.shape[:-1], tail.shape[-1] - 1))
    masses[..., 0::2] = s0 / 2 - 2 * s1 / 3 + s2 / 6
    masses[..., 1::2] = 2 * (s0 - s2) / 3
    masses[..., 2::2] += (-s0 / 6 + 2 * s1 / 3 - s2 / 2)[..., :-1]
    masses[..., 0] += 1 - tail[..., 0]
    return masses


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


def rungs_of(step: float, rungs: int) -> Array:
    """The step h of each of some rungs, shape (rungs, 1); shape () for a single one."""
    steps = step * 2.0 ** (-RATIO * np.arange(rungs, dtype=float))
    return steps.reshape(()) if rungs == 1 else steps[:, None]


def transformed(magnitude: Magnitude, size: int, step: float, rungs: int = 1) -> Complex:
    """Transform of a magnitude on `size` nodes `step` apart, and on so many rungs from there."""
    steps, second = rungs_of(step, rungs), magnitude.second_moment()
    if not np.isfinite(second):
        return to_transform(
            np.array([_cut(magnitude, size, float(h)) for h in steps.flat]).reshape(
                (*steps.shape[:-1], size)
            )
        )
    exact = int(np.count_nonzero(second <= ROUGH * steps**2))  # rungs, from the highest down
    if exact == rungs:
        return to_transform(_by_moments(magnitude, size, steps))
    if exact == 0:
        return to_transform(_by_tail(magnitude, size, steps))
    upper, lower = (
        _by_moments(magnitude, size, steps[:exact]),
        _by_tail(magnitude, size, steps[exact:]),
    )
    return to_transform(np.concatenate([upper, lower]))


def _by_moments(magnitude: Magnitude, size: int, step: Array) -> Array:
    """Masses from the closed forms of a magnitude."""
    edges = 2 * step * np.arange(size // 2 + 1, dtype=float)
    return cell_masses(magnitude.excess_moments(edges), step)


def _cut(magnitude: Magnitude, size: int, step: float) -> Array:
    """Masses of a tail without moments: no cell sees what lies beyond the grid, so it is cut."""
    edges = 2 * step * np.arange(size // 2 + 1, dtype=float)
    cap = 4 * float(edges[-1])
    if float(magnitude.layer_moments(np.zeros(()), cap)[1]) > ROUGH * step**2:
        return _by_tail(magnitude, size, np.asarray(step))
    return cell_masses((magnitude.sf(edges), *magnitude.layer_moments(edges, cap)), step)


def _by_tail(magnitude: Magnitude, size: int, step: Array) -> Array:
    """Masses where closed forms would cancel: here a tail is smooth but for its jumps."""
    x = step * np.arange(size + 1, dtype=float)
    places, chances = jumps_of(magnitude)
    tail = np.asarray(magnitude.sf(x))
    if chances.size == 0:
        return smooth_masses(tail)
    smooth = smooth_masses(tail - (x[..., None] < places) @ chances)
    at, mass = np.append(0.0, places), np.append(-chances.sum(), chances)
    return smooth + atom_masses(at, mass, size, step)
