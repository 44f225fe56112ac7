"""Achieved correlations: scipy's values, and errors that replicates have."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from workbench.distributions import Array
from workbench.errors import WorkbenchError
from workbench.models.achieved_correlation import achieved_correlation

pytestmark = pytest.mark.pure


def normal_pair(rng: np.random.Generator, years: int) -> tuple[Array, Array]:
    z = rng.standard_normal((2, years))
    return z[0], 0.6 * z[0] + 0.8 * z[1]


def counted_pair(rng: np.random.Generator, years: int) -> tuple[Array, Array]:
    """Years of which most cost nothing: many ties."""
    x, y = normal_pair(rng, years)
    return np.maximum(np.floor(x), 0.0), np.where(y > 1, np.exp(y), 0.0)


def opposed_pair(rng: np.random.Generator, years: int) -> tuple[Array, Array]:
    x, y = normal_pair(rng, years)
    return np.exp(x / 3), np.exp(-y / 3)


Pair = Callable[[np.random.Generator, int], tuple[Array, Array]]
PAIRS: list[Pair] = [normal_pair, counted_pair, opposed_pair]


@pytest.mark.parametrize("pair", PAIRS)
def test_correlations_are_scipys(pair: Pair) -> None:
    x, y = pair(np.random.default_rng(1), 3000)
    found = achieved_correlation(x, y)
    assert found.spearman == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert found.pearson == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)


@pytest.mark.parametrize("pair", PAIRS)
def test_errors_are_those_of_replicates(pair: Pair) -> None:
    runs = [achieved_correlation(*pair(np.random.default_rng(seed), 1500)) for seed in range(400)]
    for name in ("spearman", "pearson"):
        spread = np.std([getattr(run, name) for run in runs])
        told = np.mean([getattr(run, f"{name}_error") for run in runs])
        assert told == pytest.approx(spread, rel=0.12)  # 3 standard errors of a spread of 400


def weighted(values: Array, other: Array, weights: Array) -> float:
    """Pearson's correlation where years count by their weights, which sum to 1."""
    a, b = values - weights @ values, other - weights @ other
    return float(weights @ (a * b) / math.sqrt((weights @ a**2) * (weights @ b**2)))


def weighted_ranks(values: Array, weights: Array) -> Array:
    """P(V < v) + P(V = v) / 2 of each value."""
    below = (values[None, :] < values[:, None]) + 0.5 * (values[None, :] == values[:, None])
    return np.asarray(below @ weights)


@pytest.mark.parametrize("pair", PAIRS)
def test_errors_are_those_of_a_little_more_weight_on_each_year(pair: Pair) -> None:
    # the influence of a year is the derivative of the figure by its weight (Hampel 1974)
    x, y = pair(np.random.default_rng(8), 150)
    even, more = np.full(x.size, 1 / x.size), 1e-6
    found = achieved_correlation(x, y)
    slopes = []
    for one in np.eye(x.size):
        weights = (1 - more) * even + more * one
        ranks = (weighted_ranks(v, weights) for v in (x, y))
        slopes.append([weighted(*ranks, weights), weighted(x, y, weights)])
    influences = (np.array(slopes) - [found.spearman, found.pearson]) / more
    wanted = np.sqrt((influences**2).mean(axis=0) / x.size)
    assert found.spearman_error == pytest.approx(wanted[0], rel=1e-4)
    assert found.pearson_error == pytest.approx(wanted[1], rel=1e-4)


def test_the_error_of_a_normal_pair_is_known() -> None:
    found = achieved_correlation(*normal_pair(np.random.default_rng(2), 100_000))
    r = 0.6  # Fisher: the variance of r is (1 - r^2)^2 / n
    assert found.pearson_error == pytest.approx((1 - r * r) / math.sqrt(100_000), rel=0.02)


def test_a_perfect_order_has_no_error() -> None:
    x = np.arange(1000.0)
    found = achieved_correlation(x, np.exp(-x / 100))
    assert found.spearman == pytest.approx(-1)
    assert found.spearman_error == pytest.approx(0, abs=1e-12)


def test_the_unit_of_money_does_not_matter() -> None:
    x, y = counted_pair(np.random.default_rng(3), 2000)
    one, other = achieved_correlation(x, y), achieved_correlation(1e300 * x, 1e-300 * y)
    for name in ("spearman", "spearman_error", "pearson", "pearson_error"):
        assert getattr(one, name) == pytest.approx(getattr(other, name))


def test_a_loss_that_never_varies_has_no_correlation() -> None:
    found = achieved_correlation(np.zeros(200), np.arange(200.0))
    assert math.isnan(found.spearman)
    assert math.isnan(found.pearson)


def test_years_are_those_of_one_simulation() -> None:
    with pytest.raises(WorkbenchError, match="the same 100 years or more"):
        achieved_correlation(np.arange(200.0), np.arange(300.0))
    with pytest.raises(WorkbenchError, match="the same 100 years or more"):
        achieved_correlation(np.arange(50.0), np.arange(50.0))
