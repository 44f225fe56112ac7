"""Copulas: orthants, tails, uniform margins, and words that stay where they are."""

import hashlib
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from workbench.distributions import Array
from workbench.engines.copulas import GAUSSIAN, Copula, student_cdf
from workbench.engines.streams import BLOCK, Words, words
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure

BLOCKS = 16
IDS = ("a", "b", "c")
R = np.array([[1.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 1.0]])


def of_block(block: int, seed: int = 1) -> Words:
    return lambda owner, purpose: words(seed, owner, purpose, block, BLOCK)


def sampled(copula: Copula, blocks: int = BLOCKS) -> dict[str, Array]:
    parts = [dict(copula.uniforms(of_block(block))) for block in range(blocks)]
    return {name: np.concatenate([part[name] for part in parts]) for name in copula.ids}


def is_near(found: float, chance: float, size: int) -> bool:
    """Whether a share of `size` years is within 4 standard errors of its chance."""
    return abs(found - chance) <= 4 * math.sqrt(chance * (1 - chance) / size)


def digest(copula: Copula) -> str:
    found = hashlib.sha256()
    for name, u in copula.uniforms(of_block(3)):
        found.update(name.encode() + u.tobytes())
    return found.hexdigest()


@pytest.mark.parametrize("degrees", [GAUSSIAN, 1.0, 4.0])
def test_orthants_are_those_of_elliptical_laws(degrees: float) -> None:
    u = sampled(Copula.by_matrix("x", IDS, R, degrees))
    size, low = BLOCKS * BLOCK, {name: one < 0.5 for name, one in u.items()}
    for i, j in itertools.combinations(range(3), 2):
        chance = 1 / 4 + math.asin(R[i, j]) / (2 * math.pi)
        assert is_near((low[IDS[i]] & low[IDS[j]]).mean(), chance, size)
    angles = math.asin(R[0, 1]) + math.asin(R[0, 2]) + math.asin(R[1, 2])
    all_low = (low["a"] & low["b"] & low["c"]).mean()
    assert is_near(all_low, 1 / 8 + angles / (4 * math.pi), size)


def both_low(r: float, degrees: float, p: float) -> float:
    """P(U < p, V < p) of a t copula: given X = x the other is a t of nu + 1 degrees, rescaled."""
    edge = float(special.stdtrit(degrees, p))

    def low(share: float) -> float:
        x = float(special.stdtrit(degrees, share * p))
        scale = math.sqrt((1 - r * r) * (degrees + x * x) / (degrees + 1))
        return float(special.stdtr(degrees + 1, (edge - r * x) / scale))

    return p * float(integrate.quad(low, 0, 1, epsabs=1e-9)[0])


@pytest.mark.parametrize(("r", "degrees"), [(0.0, 3.0), (0.5, 4.0), (-0.4, 1.0)])
def test_the_tail_of_a_t_is_as_likely_as_its_integral_says(r: float, degrees: float) -> None:
    u = sampled(Copula.by_matrix("x", ("a", "b"), np.array([[1, r], [r, 1]]), degrees))
    p, size = 0.01, BLOCKS * BLOCK
    chance = both_low(r, degrees, p)
    assert is_near(((u["a"] < p) & (u["b"] < p)).mean(), chance, size)
    assert is_near(((u["a"] > 1 - p) & (u["b"] > 1 - p)).mean(), chance, size)


@pytest.mark.parametrize(("r", "degrees"), [(0.0, 1.0), (0.0, 3.0), (0.5, 4.0), (0.9, 10.0)])
def test_the_tail_dependence_is_the_limit_of_the_joint_tail(r: float, degrees: float) -> None:
    copula = Copula.by_matrix("x", ("a", "b"), np.array([[1, r], [r, 1]]), degrees)
    found = copula.tail_dependence("a", "b")
    far = [both_low(r, degrees, p) / p for p in (1e-3, 1e-7, 1e-14)]
    errors = [abs(one - found) for one in far]
    assert errors[2] < errors[1] < errors[0]
    assert far[2] == pytest.approx(found, rel=0.005)


def test_published_coefficients_of_tail_dependence() -> None:
    # McNeil, Frey and Embrechts, Quantitative Risk Management (2005), table 5.1
    table = {(2, 0.0): 0.18, (4, 0.0): 0.08, (10, 0.0): 0.01, (2, 0.5): 0.39, (4, 0.5): 0.25}
    table |= {(10, 0.5): 0.08, (2, 0.9): 0.72, (4, 0.9): 0.63, (10, 0.9): 0.46, (4, -0.5): 0.01}
    for (degrees, r), wanted in table.items():
        copula = Copula.by_matrix("x", ("a", "b"), np.array([[1, r], [r, 1]]), degrees)
        assert copula.tail_dependence("b", "a") == pytest.approx(wanted, abs=0.0051)


def test_a_gaussian_copula_has_no_tail_dependence() -> None:
    loose = Copula.one_factor("x", {"a": 0.95, "b": 0.95})
    assert loose.tail_dependence("a", "b") == 0


@pytest.mark.parametrize("degrees", [GAUSSIAN, 4.0])
def test_scenarios_that_are_one_number_have_all_or_no_tail_dependence(degrees: float) -> None:
    tight = Copula.one_factor("x", {"a": 1.0, "b": 1.0, "c": -1.0}, degrees)
    assert (tight.tail_dependence("a", "b"), tight.tail_dependence("a", "c")) == (1, 0)


@pytest.mark.parametrize("degrees", [GAUSSIAN, 1.0, 2.5, 30.0])
def test_every_margin_is_uniform_and_has_its_quantile(degrees: float) -> None:
    by_matrix = sampled(Copula.by_matrix("x", IDS, R, degrees), 4)
    by_factors = sampled(Copula.by_factors("y", {"a": (0.5, -0.6), "b": (0.9, 0.1)}, degrees), 4)
    for u in (*by_matrix.values(), *by_factors.values()):
        assert stats.kstest(u, "uniform").pvalue > 1e-3
        assert 0 < u.min() < u.max() < 1


@pytest.mark.parametrize("degrees", [GAUSSIAN, 1.0, 4.0])
@pytest.mark.parametrize("rank", [0.3, -0.7])
def test_the_stated_rank_correlation_is_reached(rank: float, degrees: float) -> None:
    copula = Copula.by_rank_correlation("x", ("a", "b"), np.array([[1, rank], [rank, 1]]), degrees)
    u = sampled(copula, 8)
    assert stats.spearmanr(u["a"], u["b"]).statistic == pytest.approx(rank, abs=4 * 0.0031)
    assert copula.rank_correlation("a", "b") == pytest.approx(rank, abs=1e-9)


@pytest.mark.parametrize("degrees", [GAUSSIAN, 5.0])
def test_one_common_factor_gives_all_pairs_the_stated_rank_correlation(degrees: float) -> None:
    copula = Copula.common("x", ["c", "a", "b"], 0.4, degrees)
    for one, other in itertools.combinations("abc", 2):
        assert copula.rank_correlation(one, other) == pytest.approx(0.4, abs=1e-9)


def test_factors_and_the_matrix_that_they_make_are_one_law() -> None:
    loadings = {"a": (0.5, 0.3), "b": (-0.2, 0.8), "c": (0.0, 0.6)}
    by_factors = Copula.by_factors("x", loadings, 4)
    pairs = np.array([[by_factors.correlation(i, j) for j in IDS] for i in IDS])
    by_matrix = Copula.by_matrix("x", IDS, pairs, 4)
    for i, j in itertools.product(IDS, IDS):
        assert by_matrix.correlation(i, j) == pytest.approx(by_factors.correlation(i, j))
        assert by_matrix.tail_dependence(i, j) == pytest.approx(by_factors.tail_dependence(i, j))


@settings(max_examples=6)
@given(st.permutations(range(5)), st.sampled_from([GAUSSIAN, 3.0]))
def test_the_bytes_do_not_depend_on_the_order_of_the_ids(order: list[int], degrees: float) -> None:
    rng = np.random.default_rng(5)
    ids = [f"s{i}" for i in range(5)]
    matrix = np.triu(rng.uniform(-1, 1, (5, 5)), 1)
    matrix = matrix + matrix.T + np.eye(5)  # which has to be repaired
    one = Copula.by_rank_correlation("x", ids, matrix, degrees)
    moved = matrix[np.ix_(order, order)]
    other = Copula.by_rank_correlation("x", [ids[i] for i in order], moved, degrees)
    assert one == other
    assert digest(one) == digest(other)
    loadings = {name: (0.1 * i, -0.15 * i) for i, name in enumerate(ids)}
    again = {ids[i]: loadings[ids[i]] for i in order}
    first, second = (Copula.by_factors("x", one, degrees) for one in (loadings, again))
    assert digest(first) == digest(second)


def test_another_scenario_leaves_the_words_of_the_others_as_they_are() -> None:
    few = Copula.one_factor("x", {"b": 0.5, "d": 0.7}, 4)
    more = Copula.one_factor("x", {"a": 0.9, "b": 0.5, "c": 0.2, "d": 0.7}, 4)
    before, after = dict(few.uniforms(of_block(0))), dict(more.uniforms(of_block(0)))
    assert all((before[name] == after[name]).all() for name in few.ids)
    # by a matrix each keeps its own words, and those before it in order of name their uniforms
    asked: dict[int, set[tuple[str, str]]] = {}
    for size in (2, 3):
        copula = Copula.by_matrix("x", IDS[:size], R[:size, :size], 4)
        seen = asked.setdefault(size, set())

        def noted(owner: str, purpose: str, seen: set[tuple[str, str]] = seen) -> Array:
            seen.add((owner, purpose))
            return of_block(0)(owner, purpose)

        found = dict(copula.uniforms(noted))
        before = before | found if size == 2 else before
        assert all((found[name] == before[name]).all() for name in IDS[:2])
    assert asked[2] < asked[3]


@pytest.mark.parametrize("degrees", [GAUSSIAN, 4.0])
def test_one_scenario_alone_has_the_words_that_it_has_among_all(degrees: float) -> None:
    copulas = [Copula.by_matrix("x", IDS, R, degrees), Copula.common("x", IDS, 0.3, degrees)]
    for copula in copulas:
        for name, u in copula.uniforms(of_block(2)):
            assert (copula.uniforms_of(name, of_block(2)) == u).all()


def test_a_singular_matrix_moves_scenarios_as_one() -> None:
    copula = Copula.by_rank_correlation("x", IDS, np.array([[1, 1, -1], [1, 1, -1], [-1, -1, 1]]))
    u = dict(copula.uniforms(of_block(0)))
    assert copula.repair is None
    assert (u["a"] == u["b"]).all()
    assert u["c"] == pytest.approx(1 - u["a"], abs=1e-12)


@pytest.mark.parametrize("degrees", [1.0, 2.0, 3.0, 4.0, 7.0, 12.0, 39.0, 40.0, 41.0, 2.5])
def test_students_law_is_scipys(degrees: float) -> None:
    x = np.concatenate([-np.geomspace(1e17, 1e-9, 200), [0.0], np.geomspace(1e-9, 1e17, 200)])
    # scipy's own is 2e-9 off close to 0 where one degree makes it Cauchy's
    wanted = stats.cauchy.cdf(x) if degrees == 1 else special.stdtr(degrees, x)
    assert student_cdf(x, degrees) == pytest.approx(wanted, abs=3e-15)


def refused(message: str) -> pytest.RaisesExc[WorkbenchError]:
    return pytest.raises(WorkbenchError, match=message)


def test_what_no_copula_is_gets_refused() -> None:
    with refused("two scenarios or more"):
        Copula.one_factor("x", {"a": 0.5})
    with refused("two scenarios or more"):
        Copula.by_matrix("x", ["a", "a"], np.eye(2))
    with refused("factor model"):
        Copula.by_matrix("x", [str(i) for i in range(201)], np.eye(201))
    with refused("1 to 1000 degrees"):
        Copula.common("x", IDS, 0.5, 0.9)
    with refused("add up to at most 1"):
        Copula.by_factors("x", {"a": (0.8, 0.8), "b": (0.1, 0.1)})
    with refused("one loading for each factor"):
        Copula.by_factors("x", {"a": (0.8, 0.1), "b": (0.1,)})
    for loading in (math.nan, 1.5, -1.5):
        with refused("a loading lies from -1 to 1"):
            Copula.one_factor("x", {"a": loading, "b": 0.1})
    with refused("from 0 to 1"):
        Copula.common("x", IDS, -0.2)
    with refused("symmetric"):
        Copula.by_matrix("x", ["a", "b"], np.array([[1, 0.5], [0.4, 1]]))
    with refused("symmetric"):
        Copula.by_matrix("x", ["a", "b"], np.array([[1, math.nan], [math.nan, 1]]))
    with refused("a row and a column"):
        Copula.by_matrix("x", ["a", "b"], np.eye(3))
    with refused("in the copula"):
        Copula.common("x", IDS, 0.2).correlation("a", "z")
