"""Rank correlations to parameters, and the nearest correlation matrix."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from workbench.distributions import Array
from workbench.engines.correlations import (
    _projected,
    nearest,
    of_spearman,
    root_of,
    spearman_of,
)

pytestmark = pytest.mark.pure

DEGREES = [1.0, 2.0, 5.0, 40.0, 1000.0, math.inf]


@pytest.mark.parametrize("degrees", DEGREES)
def test_parameter_and_rank_correlation_are_inverse(degrees: float) -> None:
    rho = np.array([[-1.0, -0.99], [-0.4, 0.0], [0.05, 0.3], [0.7, 1.0]])
    r = of_spearman(rho, degrees)
    assert spearman_of(r, degrees) == pytest.approx(rho, abs=1e-9)
    assert (r[0, 0], r[1, 1], r[3, 1]) == (-1, 0, 1)
    assert (np.diff(r.ravel()) > 0).all()


@pytest.mark.parametrize("degrees", [1.0, 3.0])
def test_the_rank_correlation_of_a_t_is_an_average_over_its_mixing(degrees: float) -> None:
    """A second method: three chi-squares by their quantiles on a Gauss-Legendre grid."""
    u, w = np.polynomial.legendre.leggauss(90)
    # u = sin^2 makes the ends, where the quantiles are steep, mild
    angle = (u + 1) * math.pi / 4
    p, share = np.sin(angle) ** 2, w * math.pi / 4 * np.sin(2 * angle)
    v = special.gammaincinv(degrees / 2, p)
    ratio = np.sqrt(v / (v[:, None] + v))  # V' / (V + V'), shape (V, V')
    for r in (0.2, 0.8):
        inner = np.arcsin(r * ratio[:, :, None] * ratio[:, None, :])
        average = float(np.einsum("i,j,k,ijk", share, share, share, inner))
        wanted = 6 / math.pi * average
        assert float(spearman_of(np.array(r), degrees)) == pytest.approx(wanted, abs=2e-5)


def test_many_degrees_are_the_normal() -> None:
    r = np.linspace(-1, 1, 9)
    assert spearman_of(r, 1000) == pytest.approx(spearman_of(r), abs=5e-5)


# Higham, Computing the nearest correlation matrix, IMA J. Numer. Anal. 22 (2002), and the example
# of NAG's g02aa: a second difference matrix, whose diagonal is replaced by ones.
PUBLISHED = [
    (
        [[1, 1, 0], [1, 1, 1], [0, 1, 1]],
        [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]],
    ),
    (
        [[1, -1, 0, 0], [-1, 1, -1, 0], [0, -1, 1, -1], [0, 0, -1, 1]],
        [
            [1, -0.8084, 0.1916, 0.1068],
            [-0.8084, 1, -0.6562, 0.1916],
            [0.1916, -0.6562, 1, -0.8084],
            [0.1068, 0.1916, -0.8084, 1],
        ],
    ),
]


@pytest.mark.parametrize(("stated", "published"), PUBLISHED)
def test_the_nearest_matrix_is_the_published_one(
    stated: list[list[float]], published: list[list[float]]
) -> None:
    found, repair = nearest(np.array(stated, dtype=float))
    assert found == pytest.approx(np.array(published), abs=6e-5)
    assert repair is not None
    moved = np.array(published) - np.array(stated)
    assert repair.largest == pytest.approx(np.abs(moved).max(), abs=1e-4)
    assert repair.distance == pytest.approx(math.sqrt((moved**2).sum()), abs=1e-4)


def alternating(matrix: Array) -> Array:
    """The nearest correlation matrix by Higham's projections with Dykstra's correction."""
    found, correction = matrix, np.zeros_like(matrix)
    for _ in range(3000):
        start = found - correction
        values, vectors = np.linalg.eigh(start)
        part = (vectors * np.maximum(values, 0)) @ vectors.T
        correction = part - start
        found = part.copy()
        np.fill_diagonal(found, 1.0)
    return found


def random_matrix(size: int, seed: int) -> Array:
    upper = np.triu(np.random.default_rng(seed).uniform(-1, 1, (size, size)), 1)
    return np.asarray(upper + upper.T + np.eye(size))


@pytest.mark.parametrize("seed", range(6))
def test_the_nearest_matrix_is_that_of_alternating_projections(seed: int) -> None:
    matrix = random_matrix(3 + 2 * seed, seed)
    assert nearest(matrix)[0] == pytest.approx(alternating(matrix), abs=2e-5)


@given(st.integers(2, 20), st.integers(0, 10_000))
def test_a_repaired_matrix_is_a_correlation_matrix_and_stays(size: int, seed: int) -> None:
    given = random_matrix(size, seed)
    found, _ = nearest(given)
    assert (found == given).all() or (found * 2**20 % 1 == 0).all()  # on any processor the same
    assert (np.diag(found) == 1).all()
    assert (found == found.T).all()
    assert np.linalg.eigvalsh(found).min() > -1e-9
    again, repair = nearest(found)
    assert repair is None
    assert (again == found).all()
    root = root_of(found)
    assert root is not None
    assert root @ root.T == pytest.approx(found, abs=1e-9)


def test_a_valid_matrix_is_not_touched() -> None:
    for matrix in (np.eye(4), np.ones((3, 3)), np.array([[1, -1.0], [-1, 1]])):
        found, repair = nearest(matrix)
        assert repair is None
        assert (found == matrix).all()


def test_a_repair_is_nearest_by_the_conditions_of_a_minimum() -> None:
    """C = (A + diag(y))+ for some y: C - A - diag(y) is positive and shares no vector with C."""
    for size, seed in ((3, 1), (8, 2), (30, 3), (120, 4)):
        matrix = random_matrix(size, seed)
        found = _projected(matrix)
        values, vectors = np.linalg.eigh(found)
        kept = vectors[:, values > 1e-9]
        # on the range of C: C - A is diagonal, y_i = ((C - A) P)_ik / P_ik, least squares in y
        moved = (found - matrix) @ kept
        y = (moved * kept).sum(axis=1) / (kept**2).sum(axis=1)
        assert np.abs(moved - y[:, None] * kept).max() < 1e-12 * size
        assert np.linalg.eigvalsh(found - matrix - np.diag(y)).min() > -1e-12 * size
        assert np.abs(np.diag(found) - 1).max() < 1e-14


REPAIRS = """
import hashlib
import numpy as np
from workbench.engines.correlations import nearest
for size in (3, 4, 5, 8, 12, 20, 40):
    for seed in range(5):
        upper = np.triu(np.random.default_rng(seed).uniform(-1, 1, (size, size)), 1)
        repaired, _ = nearest(upper + upper.T + np.eye(size))
        print(size, seed, hashlib.sha256(repaired.tobytes()).hexdigest())
"""


def test_other_kinds_of_processors_repair_to_the_same_bytes() -> None:
    """Eigenvalues differ in their last bits: by the library's kernels, its threads, and numpy's."""
    wide = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR AVX2 FMA3"
    have = np._core._multiarray_umath.__cpu_features__
    off = " ".join(name for name in wide.split() if have.get(name))

    def repaired(**more: str) -> str:
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-c", REPAIRS],
            env=os.environ | more, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    known = repaired(OPENBLAS_NUM_THREADS="2")
    assert len(known.splitlines()) == 35
    older = {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": off}
    assert repaired(OPENBLAS_NUM_THREADS="2", **older) == known
    assert repaired(OPENBLAS_NUM_THREADS="1", OPENBLAS_CORETYPE="Nehalem") == known
