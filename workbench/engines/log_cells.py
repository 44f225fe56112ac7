"""Cells of a lognormal amount: Gauss rules of its density, closed forms where they are too wide."""

import math
from functools import lru_cache

import numpy as np
from scipy import special

from workbench.distributions import Array, LogNormal
from workbench.distributions.gauss import legendre
from workbench.engines.grid import spread

POINTS = 4  # of the Gauss rule of a cell
POWERS = np.arange(3.0)[:, None, None]
NARROW = 8.0  # cells of a standard deviation of the logarithm that the rule resolves
FIRST = 24  # cells in closed form at least: in those next to 0 the loss itself doubles


def lognormal_masses(amount: LogNormal, size: int, steps: Array) -> Array:
    r"""`cell_masses` of a lognormal amount on grids of `size` nodes, shape (rungs, size).

    A cell j has the width 1 / (j sigma) in standard deviations of the logarithm. From there on
    where that is an eighth, the density times any parabola is integrated to some 1e-13 of itself
    by four Gauss points: the remainder has the eighth power of the width, and the factor 6e-10. A
    wide spread leaves the density like 1 / x, whose remainder is 2e-5 j^-8 of itself: hence the
    `FIRST` cells. What they miss is multiplied by the rate.
    An exponential costs a tenth of a distribution function, of which closed forms take three.
    """
    cells = size // 2
    wide = min(max(math.ceil(NARROW / amount.sigma), FIRST), cells)  # cells that are too wide
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
    r"""Shares of the first cells in closed form, for steps of shape (rungs, 1).

    .. math:: E[X^k; X \le x] = E[X^k]\, \Phi\left(\frac{\log x - \mu}{\sigma} - k \sigma\right)

    Near 0 these moments are small in units of h, so that their differences keep their digits
    however heavy the tail is. With u = X/h - j over the cell from j = 0, 2, 4, ... they give the
    moments of u, and those the shares of the three nodes; see `grid.cell_masses`.
    """
    edges, logs = _edges(cells)
    score = (logs + (np.log(steps) - amount.mu)) / amount.sigma
    m0, one, two = np.diff(special.ndtr(score - amount.sigma * POWERS))
    one *= amount.mean() / steps
    two *= amount.second_moment() / steps**2
    m1 = one - edges * m0
    m2 = two - edges * (one + m1)
    return np.array([m0 - 1.5 * m1 + 0.5 * m2, 2 * m1 - m2, 0.5 * (m2 - m1)])


@lru_cache(maxsize=64)
def _edges(cells: int) -> tuple[Array, Array]:
    """Lower edges of the first cells in units of h, and the logs of all their edges."""
    edges = 2 * np.arange(cells + 1, dtype=float)
    with np.errstate(divide="ignore"):  # all of the mass lies above 0
        return edges[:-1], np.log(edges)


@lru_cache(maxsize=16)
def _rule(size: int) -> tuple[Array, Array]:
    """Logs of each cell's points in units of h, and what they add to its three nodes."""
    t, weights = legendre(POINTS)
    u = 1 + t
    logs = np.log(2 * np.arange(size // 2) + u[:, None])
    rule = np.array([1 - 1.5 * u + 0.5 * u**2, 2 * u - u**2, 0.5 * (u**2 - u)]) * weights
    return logs, rule
