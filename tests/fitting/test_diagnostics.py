"""Plots as plain arrays, distances and the bootstrap."""

import numpy as np
import pytest
from scipy import stats

from workbench.distributions import Gamma, LogNormal, Pareto
from workbench.errors import WorkbenchError
from workbench.fitting import bootstrap, distances, fit_amounts, hill, mean_excess

pytestmark = pytest.mark.pure


def draw(belief, size, seed):
    return belief.draw(size, rng=np.random.default_rng(seed))


def test_distances_are_the_classical_ones_for_complete_data():
    x = np.sort(draw(LogNormal(3, 1), 80, 1))
    fit = fit_amounts(x, families=["lognormal"]).best
    u = fit.belief.cdf(x)
    i = np.arange(1, 81)
    a2 = -80 - np.sum((2 * i - 1) * (np.log(u) + np.log(1 - u[::-1]))) / 80
    found = distances(fit)
    assert found.kolmogorov_smirnov == pytest.approx(stats.kstest(x, fit.belief.cdf).statistic)
    assert found.anderson_darling == pytest.approx(a2, rel=1e-9)
    assert found.reach == 1


def test_distances_under_truncation_are_those_of_the_conditional_law():
    x = draw(LogNormal(3, 1), 400, 2)
    x = x[x > 15]
    fit = fit_amounts(x, truncated_below=15, families=["lognormal"]).best
    seen = fit.seen_belief()
    expected = stats.kstest(x, seen.cdf).statistic
    assert distances(fit).kolmogorov_smirnov == pytest.approx(expected, rel=1e-6)


def test_distances_with_a_limit_reach_as_far_as_the_data():
    x = draw(Gamma(1.0, 10.0), 500, 3)
    fit = fit_amounts(x, censored_above=12, families=["exponential"]).best
    found = distances(fit)
    assert found.reach == pytest.approx(float(fit.belief.cdf(x[x < 12].max())))
    assert 0 < found.kolmogorov_smirnov < 2 / np.sqrt(500)


def test_qq_points_lie_on_the_diagonal_for_the_family_and_off_it_for_another():
    x = draw(LogNormal(8, 1.5), 1000, 4)
    fits = fit_amounts(x, families=["lognormal", "exponential"]).fits
    good, bad = fits["lognormal"].qq(), fits["exponential"].qq()
    inside = (good.low <= good.y) & (good.y <= good.high)
    assert inside.mean() > 0.9
    assert np.all(np.diff(good.x) > 0)
    assert not (bad.low <= bad.y)[-1] or not (bad.y <= bad.high)[-1]
    assert ((bad.low <= bad.y) & (bad.y <= bad.high)).mean() < 0.3


def test_the_tail_table_reads_observed_quantiles():
    x = np.arange(1.0, 101.0)
    rows = fit_amounts(x, families=["gamma"]).best.tail_table((0.9, 0.99))
    assert [row["observed"] for row in rows] == [90, 99]
    limited = fit_amounts(x, censored_above=95, families=["gamma"]).best
    assert [row["observed"] for row in limited.tail_table((0.9, 0.99))] == [90, None]


def test_mean_excess_is_level_for_an_exponential_tail_and_rises_for_a_pareto():
    level = mean_excess(draw(Gamma(1.0, 50.0), 4000, 5))
    assert np.mean((level.low <= 50) & (level.high >= 50)) > 0.8
    rising = mean_excess(draw(Pareto(3.0, 10.0), 4000, 6), truncated_below=10)
    # e(u) = u/(alpha - 1)
    low = rising.x < 30
    errors = (rising.y - rising.x / 2)[low] / (rising.high - rising.y)[low]
    assert np.abs(errors).max() < 2


def test_mean_excess_by_hand():
    found = mean_excess(np.arange(1.0, 21.0))
    assert found.x[0] == 0
    assert found.y[0] == pytest.approx(10.5)
    assert found.x[-1] == 10
    assert found.y[-1] == pytest.approx(np.mean(np.arange(1, 11)))


def test_hill_finds_the_index_of_a_pareto():
    found = hill(draw(Pareto(1.3, 1.0), 5000, 7))
    assert found.x[0] == 10
    assert np.mean((found.low <= 1.3) & (found.high >= 1.3)) > 0.8


def test_the_bootstrap_keeps_the_true_family_and_rejects_a_wrong_one():
    x = draw(LogNormal(5, 1.6), 150, 8)
    fits = fit_amounts(x, families=["lognormal", "exponential"]).fits
    rng = np.random.default_rng(9)
    right = bootstrap(fits["lognormal"], size=39, rng=rng)
    wrong = bootstrap(fits["exponential"], size=39, rng=rng)
    assert right.anderson_darling > 0.05
    assert wrong.anderson_darling == wrong.kolmogorov_smirnov == 1 / 40


def test_the_bootstrap_repeats_truncation_and_one_limit_and_refuses_several():
    x = draw(Gamma(1.0, 100.0), 200, 10)
    x = x[x > 20]
    fit = fit_amounts(x, truncated_below=20, censored_above=250, families=["exponential"]).best
    assert bootstrap(fit, size=19, rng=np.random.default_rng(11)).anderson_darling > 0.05
    limits = np.where(np.arange(x.size) % 2, 100.0, 250.0)
    fit = fit_amounts(x, truncated_below=20, censored_above=limits, families=["exponential"]).best
    with pytest.raises(WorkbenchError, match="one limit for all amounts"):
        bootstrap(fit, size=19, rng=np.random.default_rng(11))
