"""Cells of a lognormal amount: Gauss rules of its density, closed forms where they are too wide."""

import math
from functools import lru_cache

import numpy as np

from workbench.distributions import Array, LogNormal
from workbench.distributions.gauss import legendre
from workbench.engines.grid import ROUGH, cell_shares, smooth_shares, spread

POINTS = 4  # of the Gauss rule of a cell
NARROW = 8.0  # cells of a standard deviation of the logarithm that the rule resolves


def lognormal_masses(amount: LogNormal, size: int, steps: Array) -> Array:
    r"""`cell_masses` of a lognormal amount on grids of `size` nodes, shape (rungs, size).

    A cell j has the width 1 / (j sigma) in standard deviations of the logarithm. From there on
    where that is an eighth, the density times any parabola is integrated to some 1e-13 of itself
    by four Gauss points: the remainder has the eighth power of the width, and the factor 6e-10.
    An exponential costs a tenth of a distribution function, of which closed forms take three.
    """
    cells = size // 2
    wide = min(math.ceil(NARROW / amount.sigma), cells)  # cells that are too wide
    shares = np.empty((3, steps.size, cells))
    shares[:, :, :wide] = _wide_cells(amount, wide, steps[:, None])
    if wide < cells:
        logs, rule = _rule(size)
        logs = logs[:, wide:]
        score = logs + (np.log(steps)[:, None, None] - amount.mu)
        score *= math.sqrt(0.5) / amount.sigma
        score *= score
        score += logs
        density = np.exp(-score)
        density /= amount.sigma * math.sqrt(2 * math.pi)
        np.matmul(rule, density, out=shares[:, :, wide:].swapaxes(0, 1))
    return spread(shares, 0.0)


def _wide_cells(amount: LogNormal, cells: int, steps: Array) -> Array:
    """Shares of the first cells, for steps of shape (rungs, 1) from the largest down."""
    exact = int(np.count_nonzero(amount.second_moment() <= ROUGH * steps**2))  # rungs
    edges = 2 * steps[:exact] * np.arange(cells + 1, dtype=float)
    upper = cell_shares(amount.excess_moments(edges), steps[:exact])
    if exact == steps.size:
        return upper
    lower = smooth_shares(amount.sf(steps[exact:] * np.arange(2 * cells + 1, dtype=float)))
    return np.concatenate([upper, lower], axis=1)


@lru_cache(maxsize=16)
def _rule(size: int) -> tuple[Array, Array]:
    """Logs of each cell's points in units of h, and what they add to its three nodes."""
    t, weights = legendre(POINTS)
    u = 1 + t
    logs = np.log(2 * np.arange(size // 2) + u[:, None])
    rule = np.array([1 - 1.5 * u + 0.5 * u**2, 2 * u - u**2, 0.5 * (u**2 - u)]) * weights
    return logs, rule
