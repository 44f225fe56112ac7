r"""Rank correlations to the parameter of a copula, and matrices that no copula has, repaired.

A copula of the normal or of Student's t has a matrix r of parameters; people state rank
correlations. For the normal (Pearson 1907; Kruskal, Journal of the American Statistical
Association 53, 1958)

.. math:: \rho_S = \frac{6}{\pi} \arcsin \frac{r}{2}

and for a scale mixture of normals X = Z / sqrt(V), with V, V', V'' independent and alike,

.. math:: \rho_S = \frac{6}{\pi} E[\arcsin(r s)], \qquad
    s^2 = \frac{V'}{V + V'} \frac{V''}{V + V''}

since given V, V' and V'' the differences X - X' and Y - Y'' are normal with the correlation r s
(Heinen and Valdesogo, Journal of Multivariate Analysis 179, 2020, treat the t this way).
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special
from scipy.sparse import linalg

from workbench.distributions import Array
from workbench.distributions.gauss import legendre
from workbench.errors import require

STEPS = 180  # on each axis of the rule that averages over two ratios of chi-squares
NODES = 64  # of the rule that is made of it
BEYOND = 1e-13  # chance of a ratio that the rule leaves out
SAME = 1e-12  # a pivot below it is none
LEFT = 1e-6  # what may stand beside such a pivot
GRID = 2.0**-20  # entries of a repaired matrix are whole multiples of it
MOST_STEPS, MOST_HALVINGS = 50, 10  # of Newton's method
ENOUGH = 1e-4  # of the descent that a step promises
RIDGE = 1e-3  # of what the diagonal lacks, added to a slope that may be singular far away
SOLVED = 1e-6  # of the gradient, by each step


def of_spearman(rho: Array, degrees: float = math.inf) -> Array:
    """Return the parameters r of copulas with these rank correlations, of the shape of `rho`."""
    rho = np.asarray(rho, dtype=float)
    if math.isinf(degrees):
        r = 2 * np.sin(math.pi / 6 * rho)
        return np.where(np.abs(rho) < 1, r, np.sign(rho))  # sin(pi / 6) is a bit below 1/2
    distinct, where = np.unique(np.abs(rho), return_inverse=True)
    low, high = np.zeros(distinct.size), np.ones(distinct.size)
    for _ in range(54):  # halvings: rho rises with r
        middle = (low + high) / 2
        is_less = spearman_of(middle, degrees) < distinct
        low, high = np.where(is_less, middle, low), np.where(is_less, high, middle)
    found = np.where(distinct >= 1, 1.0, np.where(distinct > 0, (low + high) / 2, 0.0))
    return np.asarray(np.sign(rho) * found[where].reshape(rho.shape))


def spearman_of(r: Array, degrees: float = math.inf) -> Array:
    """Return Spearman's rank correlation of copulas with these parameters, of the shape of `r`."""
    r = np.asarray(r, dtype=float)
    if math.isinf(degrees):
        return np.asarray(6 / math.pi * np.arcsin(r / 2))
    angles, weights = _mixing(degrees)
    turned = np.arcsin(np.clip(np.abs(r)[..., None] * np.sin(angles), 0, 1))
    return np.asarray(np.sign(r) * 6 / math.pi * (turned * weights).sum(axis=-1))


@lru_cache(maxsize=64)
def _mixing(degrees: float) -> tuple[Array, Array]:
    r"""Return angles arcsin(s) and their weights, for E[arcsin(r s)] with `degrees` of freedom.

    With x = log(V'/V), y = log(V''/V) and a = degrees / 2 the density is that of an inverted
    Dirichlet distribution, proportional to

    .. math:: e^{a (x + y)} (1 + e^x + e^y)^{-3 a}

    It is analytic about the real plane and falls off exponentially, so that equal steps average it
    to rounding.
    """
    far = -math.log(float(special.fdtri(degrees, degrees, BEYOND)))
    x = np.linspace(-far, far, STEPS)
    log_density = (
        degrees / 2 * (x[:, None] + x - 3 * np.logaddexp(0.0, np.logaddexp(x[:, None], x)))
    )
    density = np.exp(log_density - log_density.max())
    half = special.expit(x) ** 0.5
    return _legendre_rule(np.arcsin(half[:, None] * half).ravel(), density.ravel())


def _legendre_rule(angles: Array, density: Array) -> tuple[Array, Array]:
    """Return a rule on Legendre's nodes in (0, pi/2) with the first moments of a measure.

    Its sums run in one order whatever the number of threads.
    """
    nodes, own = legendre(NODES)
    at = angles * (4 / math.pi) - 1
    weights = np.zeros(NODES)
    for k in range(NODES):
        moment = float((density * special.eval_legendre(k, at)).sum() / density.sum())
        weights += (k + 0.5) * moment * own * special.eval_legendre(k, nodes)
    # r = 1 has the rank correlation 1: the average of the angles is pi / 6
    angle = (nodes + 1) * (math.pi / 4)
    return angle, weights * (math.pi / 6 / float((angle * weights).sum()))


@dataclass(frozen=True, slots=True)
class Repair:
    """How far a matrix was moved to become a correlation matrix."""

    largest: float  # change of an entry
    distance: float  # Frobenius: the root of the sum of the squares of all changes

    def __str__(self) -> str:
        return (
            "the correlations contradict each other; the nearest that do not are used, which moves "
            f"an entry by at most {self.largest:.2g} (Frobenius distance {self.distance:.2g})"
        )


def root_of(matrix: Array) -> Array | None:
    """Return the lower triangular L with L L^T = `matrix`, (n, n); None where there is none.

    Cholesky's factor of a matrix that may be singular. Its sums run in one order whatever the
    number of threads, and its rows have the length 1.
    """
    size = matrix.shape[0]
    root = np.zeros((size, size))
    for j in range(size):
        rest = matrix[j:, j] - (root[j:, :j] * root[j, :j]).sum(axis=1)
        if rest[0] > SAME:
            root[j:, j] = rest / math.sqrt(rest[0])
        elif rest[0] < -SAME or np.abs(rest).max() > LEFT:
            return None
    return np.asarray(root / np.sqrt((root**2).sum(axis=1))[:, None])


def nearest(matrix: Array) -> tuple[Array, Repair | None]:
    """Return the nearest correlation matrix and how far it is; a valid one comes back as it is.

    Parameters
    ----------
    matrix : symmetric with a unit diagonal, shape (n, n)

    The entries of a repaired matrix are rounded to 2^-20, and shrunk by as little where rounding
    asks for it. Kinds of processors differ by some 3e-15 in what is rounded (measured), so that one
    entry in some 10^8 lies where they could round it differently; what follows has the same bits.

    """
    if root_of(matrix) is not None:
        return matrix, None
    found = np.round(_projected(matrix) / GRID) * GRID
    np.fill_diagonal(found, 1.0)
    shrunk, by = found, GRID
    while root_of(shrunk) is None:
        shrunk = np.round(found * (1 - by) / GRID) * GRID
        np.fill_diagonal(shrunk, 1.0)
        by *= 2
    moved = shrunk - matrix
    return shrunk, Repair(float(np.abs(moved).max()), math.sqrt(float((moved**2).sum())))


def _projected(matrix: Array) -> Array:
    r"""Return the nearest positive semi-definite matrix with a unit diagonal, shape (n, n).

    By the dual: the matrix is (A + diag(y))+ where y minimises

    .. math:: \theta(y) = \tfrac12 \| (A + diag(y))_+ \|^2 - \sum_i y_i

    whose gradient g is what the diagonal lacks. Newton's steps, halved while they lead nowhere,
    converge quadratically from anywhere, and end where rounding lets none of them do better (Qi and
    Sun, SIAM Journal on Matrix Analysis 28, 2006; the problem is that of Higham, IMA Journal of
    Numerical Analysis 22, 2002).
    """
    at = _Dual.of(matrix, np.zeros(matrix.shape[0]))
    for _ in range(MOST_STEPS):
        better = _stepped(matrix, at)
        if better is None:
            break
        at = better
    part = (at.vectors * np.maximum(at.values, 0)) @ at.vectors.T
    sizes = np.sqrt(np.diag(part))
    found = part / (sizes[:, None] * sizes)
    return np.asarray((found + found.T) / 2)


class _Dual(NamedTuple):
    """The dual function at a point, with the eigenvalues and eigenvectors of A + diag(y)."""

    y: Array
    value: float
    gradient: Array
    values: Array
    vectors: Array

    @classmethod
    def of(cls, matrix: Array, y: Array) -> "_Dual":
        values, vectors = np.linalg.eigh(matrix + np.diag(y))
        part = np.maximum(values, 0)
        value = float((part**2).sum() / 2 - y.sum())
        return cls(y, value, vectors**2 @ part - 1, values, vectors)

    @property
    def lacks(self) -> float:
        """The largest entry of the gradient."""
        return float(np.abs(self.gradient).max())

    def is_settled(self) -> bool:
        """Whether the gradient is rounding."""
        return self.lacks <= max(self.y.size, 8) * float(np.finfo(float).eps)

    def direction(self) -> Array:
        r"""Return Newton's step d, which solves V d = -g by conjugate gradients, shape (n,).

        .. math:: V d = diag(P (\Omega \circ (P^T diag(d) P)) P^T), \qquad
            \Omega_{kl} = \frac{\lambda_k^+ - \lambda_l^+}{\lambda_k - \lambda_l}
        """
        part, vectors = np.maximum(self.values, 0), self.vectors
        apart = self.values[:, None] - self.values
        alike = np.broadcast_to((self.values > 0).astype(float), apart.shape)
        shares = np.divide(part[:, None] - part, apart, out=alike.copy(), where=apart != 0)
        ridge = RIDGE * min(self.lacks, 1.0)

        def turned(d: Array) -> Array:
            inner = shares * (vectors.T @ (d[:, None] * vectors))
            return np.asarray(((vectors @ inner) * vectors).sum(axis=1) + ridge * d)

        size = self.y.size
        slope = linalg.LinearOperator((size, size), matvec=turned, dtype=float)
        return np.asarray(linalg.cg(slope, -self.gradient, rtol=SOLVED, maxiter=5 * size)[0])


def _stepped(matrix: Array, at: _Dual) -> _Dual | None:
    """Return the next point of Newton's method, None where rounding lets no step do better."""
    if at.is_settled():
        return None
    step = at.direction()
    promised = float(at.gradient @ step)
    for halvings in range(MOST_HALVINGS):
        share = 0.5**halvings
        found = _Dual.of(matrix, at.y + share * step)
        if found.lacks < at.lacks / 2 or found.value < at.value + ENOUGH * share * promised:
            return found
    return None


def checked(matrix: Array, size: int) -> Array:
    """Return a matrix of correlations between `size` scenarios as an array, or refuse it."""
    found = np.asarray(matrix, dtype=float)
    require(
        found.shape == (size, size),
        "a correlation matrix has a row and a column for each scenario",
        got=found.shape,
        fix=f"Give {size} x {size} numbers.",
    )
    good = bool(np.isfinite(found).all()) and bool((np.abs(found) <= 1).all())
    require(
        good and bool((found == found.T).all()) and bool((np.diag(found) == 1).all()),
        "a correlation matrix is symmetric, has ones in its diagonal, and lies from -1 to 1",
        got="one that does not",
        fix="State each pair once.",
    )
    return found
