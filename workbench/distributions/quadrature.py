"""Nodes and weights that average a smooth function over a belief."""

from functools import lru_cache

import numpy as np
from scipy import linalg, special

from workbench.distributions.base import Array, Distribution
from workbench.distributions.bounded import Beta, Pert, Uniform
from workbench.distributions.derived import Scaled
from workbench.distributions.discrete import Empirical, Point
from workbench.distributions.positive import Gamma, LogNormal

MIDPOINTS = 4096  # for a belief that has no rule of its own
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
        t, w = _jacobi(size, b - 1, a - 1)
        return low + width * (1 + t) / 2, w
    if isinstance(belief, Uniform):
        t, w = special.roots_legendre(size)
        return belief.low + (belief.high - belief.low) * (1 + t) / 2, w / 2
    if isinstance(belief, Gamma):
        t, w = _laguerre(size, belief.shape - 1)
        return belief.scale * t, w
    if isinstance(belief, LogNormal):
        z = np.linspace(-NORMAL_REACH, NORMAL_REACH, size)
        w = np.exp(-z * z / 2)
        return np.exp(belief.mu + belief.sigma * z), w / w.sum()
    if isinstance(belief, Scaled):
        values, weights = nodes(belief.base, size)
        return belief.factor * values, weights
    return midpoints(belief, max(size, MIDPOINTS))


def _jacobi(n: int, alpha: float, beta: float) -> tuple[Array, Array]:
    """Gauss nodes and weights, summing to 1, for the weight (1 - t)^alpha (1 + t)^beta."""
    k = np.arange(1.0, n)
    s = 2 * k + alpha + beta
    diagonal = np.full(n, (beta - alpha) / (alpha + beta + 2))
    diagonal[1:] *= (beta + alpha) * (alpha + beta + 2) / (s * (s + 2))
    square = 4 * k * (k + alpha) * (k + beta) * (k + alpha + beta)
    square[1:] /= (s**2 * (s**2 - 1))[1:]
    square[:1] = 4 * (1 + alpha) * (1 + beta) / ((2 + alpha + beta) ** 2 * (3 + alpha + beta))
    return _gauss(diagonal, square)


def _laguerre(n: int, alpha: float) -> tuple[Array, Array]:
    """Gauss nodes and weights, summing to 1, for the weight t^alpha exp(-t)."""
    k = np.arange(1.0, n)
    return _gauss(alpha - 1 + 2 * np.append(k, n), k * (k + alpha))


def _gauss(diagonal: Array, square: Array) -> tuple[Array, Array]:
    """Nodes and weights from the recurrence of the orthogonal polynomials.

    The weights are never divided by a gamma function, so that no shape is too large. Source: Golub
    and Welsch, Calculation of Gauss quadrature rules, Mathematics of Computation 23, 1969.
    """
    if diagonal.size == 1:
        return diagonal, np.ones(1)
    values, vectors = linalg.eigh_tridiagonal(diagonal, np.sqrt(square))
    return values, vectors[0] ** 2


def midpoints(belief: Distribution, size: int) -> tuple[Array, Array]:
    """Return the quantiles at (i + 1/2)/size, equally weighted: slow, but right for any belief."""
    u = (np.arange(size) + 0.5) / size
    return belief.ppf(u), np.full(size, 1 / size)
