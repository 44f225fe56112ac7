"""Intervals of rank correlations, computed anew from their definition."""

import math

import numpy as np
import pytest
from scipy import stats

from workbench.models.rank_correlation import LEAST_PAIRS, RankCorrelation, kendall, spearman

pytestmark = pytest.mark.pure

Z = float(stats.norm.ppf(0.975))


def tau(x: np.ndarray, y: np.ndarray) -> float:
    return float(stats.kendalltau(x, y).statistic)


def rho(x: np.ndarray, y: np.ndarray) -> float:
    return float(stats.spearmanr(x, y).statistic)


def wanted(name: str, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return tanh(atanh(r) -+ z s), s the larger of the jackknife and Bonett and Wright."""
    n = x.size
    measure = rho if name == "rho" else tau
    # the next value below a perfect order without ties: one swap of neighbours
    swapped = np.append(np.arange(n - 2), [n - 1, n - 2])
    most = measure(np.arange(n), swapped)
    r = measure(x, y)
    rest = [measure(np.delete(x, i), np.delete(y, i)) for i in range(n)]
    left = np.arctanh(np.clip(rest, -most, most))
    jackknife = (n - 1) / n * np.sum((left - left.mean()) ** 2)
    known = (1 + r * r / 2) / (n - 3) if name == "rho" else 0.437 / (n - 4)
    s = math.sqrt(max(jackknife, known))
    z = math.atanh(float(np.clip(r, -most, most)))
    return min(math.tanh(z - Z * s), r), max(math.tanh(z + Z * s), r)


def found(name: str, x: np.ndarray, y: np.ndarray) -> RankCorrelation:
    return (spearman if name == "rho" else kendall)(x.tolist(), y.tolist())


@pytest.mark.parametrize("name", ["rho", "tau"])
@pytest.mark.parametrize("n", [5, 6, 8, 20])
@pytest.mark.parametrize("ties", [3, 1000])
def test_the_interval_is_its_definition(name: str, n: int, ties: int) -> None:
    rng = np.random.default_rng([n, ties])
    for _ in range(12):
        x = rng.integers(0, ties, n).astype(float)
        y = x * rng.choice([0, 1, 1]) + rng.integers(0, ties, n)
        one = found(name, x, y)
        if one.low is not None and one.high is not None:
            assert one.pairs == n
            assert (one.low, one.high) == pytest.approx(wanted(name, x, y), abs=1e-9)


@pytest.mark.parametrize("name", ["rho", "tau"])
@pytest.mark.parametrize("n", [5, 8, 30])
def test_a_perfect_order_counts_as_the_next_one_below(name: str, n: int) -> None:
    x = np.arange(float(n))
    for y, end in ((x, 1.0), (-x, -1.0)):
        one = found(name, x, y)
        assert one.value == end
        assert end in {one.low, one.high}
        assert (one.low, one.high) == pytest.approx(wanted(name, x, y), abs=1e-9)


@pytest.mark.parametrize("name", ["rho", "tau"])
def test_five_pairs_have_an_interval_and_four_have_none(name: str) -> None:
    x, y = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([2.0, 1.0, 4.0, 3.0, 5.0])
    assert LEAST_PAIRS == 5
    assert found(name, x, y).low is not None
    four = found(name, x[:4], y[:4])
    assert (four.low, four.high) == (None, None)
    assert four.value == pytest.approx((rho if name == "rho" else tau)(x[:4], y[:4]))
    assert "5 pairs or more" in four.why


@pytest.mark.parametrize("name", ["rho", "tau"])
def test_two_pairs_in_order_are_perfectly_correlated(name: str) -> None:
    assert found(name, np.array([1.0, 2.0]), np.array([1.0, 2.0])).value == pytest.approx(1)
    assert found(name, np.array([1.0, 2.0]), np.array([2.0, 1.0])).value == pytest.approx(-1)
    assert found(name, np.array([1.0, 1.0]), np.array([1.0, 2.0])).value is None
