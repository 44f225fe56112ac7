"""Nodes and weights that average a smooth function over a belief."""

from functools import lru_cache

import numpy as np
from scipy import special

from workbench.distributions.base import Array, Distribution
from workbench.distributions.bounded import Beta, Pert, Uniform
from workbench.distributions.derived import Scaled
from workbench.distributions.discrete import Empirical, Point
from workbench.distributions.positive import Gamma, LogNormal

NORMAL_REACH = 8.3  # P(|Z| > 8.3) = 1e-16


@lru_cache(maxsize=256)
def nodes(belief: Distribution, size: int) -> tuple[Array, Array]:
    """Return values and weights, shape (n,), with sum(weights * f(values)) = E[f(X)].

    Gauss-Jacobi for Beta and PERT, Gauss-Legendre for Uniform, Gauss-Laguerre for Gamma, the
    trapezoidal rule on the normal score for LogNormal: all converge faster than any power for
    smooth f. Point and Empirical are their own nodes, whatever the `size`.
    """
    if isinstance(belief, Point | Empirical):
        return belief.atoms()
    if isinstance(belief, Beta | Pert):
        a, b, low, width = belief.beta_parameters()
        t, w = special.roots_jacobi(size, b - 1, a - 1)
        return low + width * (1 + t) / 2, w / w.sum()
    if isinstance(belief, Uniform):
        t, w = special.roots_legendre(size)
        return belief.low + (belief.high - belief.low) * (1 + t) / 2, w / 2
    if isinstance(belief, Gamma):
        t, w = special.roots_genlaguerre(min(size, 160), belief.shape - 1)
        return belief.scale * t, w / w.sum()
    if isinstance(belief, LogNormal):
        z = np.linspace(-NORMAL_REACH, NORMAL_REACH, size)
        w = np.exp(-z * z / 2)
        return np.exp(belief.mu + belief.sigma * z), w / w.sum()
    if isinstance(belief, Scaled):
        values, weights = nodes(belief.base, size)
        return belief.factor * values, weights
    return midpoints(belief, size)


def midpoints(belief: Distribution, size: int) -> tuple[Array, Array]:
    """Return the quantiles at (i + 1/2)/size, equally weighted: slow, but right for any belief."""
    u = (np.arange(size) + 0.5) / size
    return belief.ppf(u), np.full(size, 1 / size)
