"""Grouped amounts, return periods, and simulated years against a closed form."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from workbench.distributions import Gamma, LogNormal, Point
from workbench.errors import WorkbenchError
from workbench.fitting import (
    Grouped,
    compare_years,
    in_money,
    loss_at_return_period,
    simulate_years,
)

pytestmark = pytest.mark.pure


def test_the_published_ogive(published):
    case = published["actuar-grouped"]
    data = Grouped(case["inputs"]["bounds"], case["inputs"]["counts"])
    expected, rel = case["expected"], case["tolerance"]["rel"]
    assert data.mean() == pytest.approx(expected["mean"], rel=rel)
    assert_allclose(data.ogive(case["inputs"]["bounds"]), expected["ogive"], rtol=rel)
    assert_allclose(data.quantile([0.25, 0.5, 0.75]), expected["q"], rtol=rel)


def test_the_histogram_is_a_belief_with_the_same_ogive_and_mean():
    data = Grouped([0, 10, 20, 50], [3, 0, 2])
    belief = data.belief()
    x = np.linspace(0, 60, 31)
    assert_allclose(belief.cdf(x), data.ogive(x), atol=1e-12)
    assert belief.mean() == pytest.approx(data.mean())
    assert data.quantile(0.6) == 10  # the smallest value that 60 % do not exceed
    assert data.quantile(0.61) > 20  # nothing lies in the empty class
    assert_allclose(Grouped([0, 5, 9], [0, 4]).quantile([0, 1]), [5, 9])


def test_the_published_return_periods(published):
    case = published["climada-rp-interp"]
    given = case["inputs"]
    found = loss_at_return_period(given["events"], given["frequency_each"], given["return_periods"])
    assert_allclose(found, case["expected"]["impact"], rtol=case["tolerance"]["rel"])


def test_return_periods_without_data_are_refused():
    with pytest.raises(WorkbenchError, match="return periods up to 100 years"):
        loss_at_return_period([5, 9], 0.01, [150])
    with pytest.raises(WorkbenchError, match="return periods from 50 years"):
        loss_at_return_period([5, 9], 0.01, [20])
    assert loss_at_return_period([5, 9], 0.01, 100) == 9
    assert loss_at_return_period([0, 9], 0.01, 20) == 0


def test_grouped_data_that_are_none_are_refused():
    for bounds, counts in (([0, 1], [1, 2]), ([0, 0], [1]), ([0, 1], [0]), ([-1, 1], [1])):
        with pytest.raises(WorkbenchError):
            Grouped(bounds, counts)


def test_simulated_years_have_the_moments_of_a_compound_poisson():
    rng = np.random.default_rng(1)
    amount = Gamma(2.0, 5.0)
    counts, totals = simulate_years(Gamma(4.0, 3.0), amount, 0.5, size=40_000, rng=rng)
    # rate mean 12, variance 36; N: mean 6, variance 6 + 9; L: mean 60, 6 x 50 + 15 x 100
    assert counts.mean() == pytest.approx(6, abs=6 * np.sqrt(15 / 40_000))
    assert totals.mean() == pytest.approx(60, abs=6 * np.sqrt(1800 / 40_000))
    assert totals.var() == pytest.approx(1800, rel=0.1)


def test_predictive_intervals_hold_years_of_the_model_itself():
    rng = np.random.default_rng(2)
    rate, amount = Point(20.0), LogNormal(2, 1.0)
    counts, totals = simulate_years(rate, amount, 1.0, size=200, rng=rng)
    checks = compare_years(counts, totals, np.ones(200), rate, amount, rng=rng, size=500)
    held = np.mean([check.is_covered for check in checks], axis=0)
    assert (held > 0.82).all()
    ranks = [check.total_rank for check in checks]
    assert 0.4 < np.mean(ranks) < 0.6
    wrong = compare_years(counts, totals, np.ones(200), Point(40.0), amount, rng=rng, size=500)
    assert np.mean([check.is_covered[0] for check in wrong]) < 0.2


def test_money_needs_a_citation():
    records, cost = LogNormal(7, 1.5), LogNormal(4, 0.5)
    made = in_money(records, cost, citation="Survey X, 2024, cost per record.")
    assert made.belief.mean() == pytest.approx(records.mean() * cost.mean())
    assert (
        made.words()
        == "Money here rests on a stated cost of one unit: Survey X, 2024, cost per record."
    )
    with pytest.raises(WorkbenchError, match="has a citation"):
        in_money(records, cost, citation=" ")
