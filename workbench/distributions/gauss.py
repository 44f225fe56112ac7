"""Gauss rules: nodes and weights from the recurrence of orthogonal polynomials."""

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special

Array = NDArray[np.float64]


@lru_cache(maxsize=256)
def legendre(n: int) -> tuple[Array, Array]:
    """Gauss-Legendre nodes in (-1, 1) and weights, summing to 2."""
    t, w = special.roots_legendre(n)
    return np.asarray(t), np.asarray(w)


def jacobi(n: int, alpha: float, beta: float) -> tuple[Array, Array]:
    """Gauss nodes and weights, summing to 1, for the weight (1 - t)^alpha (1 + t)^beta."""
    k = np.arange(1.0, n)
    s = 2 * k + alpha + beta
    diagonal = np.full(n, (beta - alpha) / (alpha + beta + 2))
    diagonal[1:] *= (beta + alpha) * (alpha + beta + 2) / (s * (s + 2))
    square = 4 * k * (k + alpha) * (k + beta) * (k + alpha + beta)
    square[1:] /= (s**2 * (s**2 - 1))[1:]
    square[:1] = 4 * (1 + alpha) * (1 + beta) / ((2 + alpha + beta) ** 2 * (3 + alpha + beta))
    return gauss(diagonal, square)


def laguerre(n: int, alpha: float) -> tuple[Array, Array]:
    """Gauss nodes and weights, summing to 1, for the weight t^alpha exp(-t)."""
    k = np.arange(1.0, n)
    return gauss(alpha - 1 + 2 * np.append(k, n), k * (k + alpha))


def gauss(diagonal: Array, square: Array) -> tuple[Array, Array]:
    """Nodes and weights from the recurrence of the orthogonal polynomials.

    The weights are never divided by a gamma function, so that no shape is too large. Source: Golub
    and Welsch, Calculation of Gauss quadrature rules, Mathematics of Computation 23, 1969.
    """
    if diagonal.size == 1:
        return diagonal, np.ones(1)
    values, vectors = linalg.eigh_tridiagonal(diagonal, np.sqrt(square))
    return values, vectors[0] ** 2


def compressed(values: Array, weights: Array, size: int) -> tuple[Array, Array]:
    """Return the `size`-point Gauss rule of a discrete measure: it keeps 2 size - 1 moments.

    Lanczos' process on diag(values) from sqrt(weights), orthogonalised twice against all that went
    before; it stops early where the measure has fewer points. Source: W. Gautschi, Orthogonal
    Polynomials: Computation and Approximation, 2.2.3.
    """
    vector = np.sqrt(weights / weights.sum())
    centre = float(vector**2 @ values)
    shifted = values - centre
    reach = float(np.abs(shifted).max())
    basis = np.empty((size, values.size))
    diagonal, square = np.empty(size), np.empty(size - 1)
    for k in range(size):
        basis[k] = vector
        image = shifted * vector
        diagonal[k] = vector @ image
        for _ in range(2):
            image -= basis[: k + 1].T @ (basis[: k + 1] @ image)
        length = float(np.linalg.norm(image))
        if k == size - 1 or length <= 1e-14 * reach:
            break
        square[k] = length**2
        vector = image / length
    found, shares = gauss(diagonal[: k + 1], square[:k])
    return np.clip(centre + found, values.min(), values.max()), shares


WHOLE, EACH = 96, 10  # points of the largest rule in one piece, and of each piece of a larger one


def reduced(values: Array, weights: Array, size: int) -> tuple[Array, Array]:
    """Return a rule of about `size` points or somewhat more in place of many `values`.

    A large one is made of pieces, since the work grows with the square of a piece's points.
    """
    if size <= WHOLE:
        return compressed(values, weights, size)
    edges = np.linspace(values.min(), values.max(), 2 + 2 * size // EACH)[1:-1]
    cell = np.searchsorted(edges, values)
    order = np.argsort(cell, kind="stable")
    bounds = np.searchsorted(cell[order], np.arange(edges.size + 2))
    pieces = [order[a:b] for a, b in pairwise(bounds) if b > a and weights[order[a:b]].sum() > 0]
    total = weights.sum()
    rules = [(compressed(values[p], weights[p], EACH), weights[p].sum() / total) for p in pieces]
    return (
        np.concatenate([rule[0] for rule, _ in rules]),
        np.concatenate([rule[1] * mass for rule, mass in rules]),
    )
