"""Stated quantiles and chips to beliefs."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from workbench.distributions import Gamma, LogNormal, Mixture, Pert, Weibull
from workbench.elicitation import from_chips, from_quantiles, histogram
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure

TRUTHS = {
    "lognormal": LogNormal(10, 1.1),
    "gamma": Gamma(1.7, 4e4),
    "weibull": Weibull(0.8, 3e4),
}
LEVELS = [(0.05, 0.95), (0.05, 0.5, 0.95), (0.25, 0.5, 0.75), (0.1, 0.3, 0.6, 0.9)]


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("name", TRUTHS)
def test_quantiles_of_a_family_give_it_back(name, levels):
    truth = TRUTHS[name]
    found = from_quantiles(levels, truth.ppf(levels), families=[name])
    assert found.best.largest_miss < 1e-7
    assert found.belief.mean() == pytest.approx(truth.mean(), rel=1e-5)
    assert found.best.words() == f"The {name} keeps every stated quantile."


def test_two_quantiles_are_met_exactly_by_every_family_of_two_parameters():
    found = from_quantiles((0.05, 0.95), (5e4, 5e5))
    assert set(found.fits) == {"lognormal", "gamma", "weibull"}
    for fit in found.fits.values():
        assert_allclose(fit.belief.ppf([0.05, 0.95]), [5e4, 5e5], rtol=1e-8)
    made = LogNormal.from_interval(5e4, 5e5)
    assert_allclose([found.belief.mu, found.belief.sigma], [made.mu, made.sigma], rtol=1e-12)


def test_the_simplest_of_those_that_are_near_is_chosen_and_said():
    levels = (0.05, 0.5, 0.95)
    found = from_quantiles(levels, TRUTHS["gamma"].ppf(levels))
    assert found.best.family == "gamma"
    assert found.fits["metalog"].largest_miss < 1e-6  # as near, with one parameter more
    assert "no other is both simpler and as close" in found.words()
    assert "lognormal misses by" in found.words()


def test_a_skew_that_no_simple_family_has_goes_to_the_metalog():
    found = from_quantiles((0.05, 0.5, 0.95), (1e4, 5e4, 9e4))
    assert found.best.family == "metalog"
    assert_allclose(found.belief.ppf([0.05, 0.5, 0.95]), [1e4, 5e4, 9e4], rtol=1e-9)
    assert found.belief.support()[0] >= 0
    others = [fit.largest_miss for name, fit in found.fits.items() if name != "metalog"]
    assert min(others) > 0.02


def test_a_miss_is_told_in_percent_of_cases():
    fit = from_quantiles((0.05, 0.5, 0.95), (1e4, 5e4, 4e5), families=["gamma"]).best
    worst = int(np.argmax(np.abs(fit.misses)))
    assert fit.misses[worst] == pytest.approx(
        float(fit.belief.cdf(fit.values[worst])) - fit.levels[worst]
    )
    assert f"where {100 * fit.levels[worst]:.3g}% was stated" in fit.words()


def test_a_fit_is_the_least_of_squares_on_probabilities():
    levels, values = np.array([0.05, 0.5, 0.95]), np.array([1e4, 5e4, 4e5])
    best = from_quantiles(levels, values, families=["lognormal"]).belief

    def squares(mu, sigma):
        return np.sum((LogNormal(mu, sigma).cdf(values) - levels) ** 2)

    least = squares(best.mu, best.sigma)
    for step in (-1e-3, 1e-3):
        assert squares(best.mu + step, best.sigma) > least
        assert squares(best.mu, best.sigma + step) > least


def test_stated_bounds_are_kept_by_pert_and_metalog():
    truth = Pert(1.0, 3.0, 12.0, 5.0)
    levels = (0.05, 0.5, 0.95)
    found = from_quantiles(levels, truth.ppf(levels), low=1, high=12)
    assert set(found.fits) == {"pert", "metalog"}
    pert = found.fits["pert"].belief
    assert_allclose([pert.mode, pert.shape], [3, 5], rtol=1e-4)
    assert found.best.family == "pert"
    for fit in found.fits.values():
        assert fit.belief.support() == (1, 12)
    with pytest.raises(WorkbenchError, match="past stated bounds"):
        from_quantiles(levels, truth.ppf(levels), high=12, families=["lognormal"])


@pytest.mark.parametrize(
    ("levels", "values", "bounds", "message"),
    [
        ((0.5,), (1,), {}, "two to 9 quantiles"),
        ((0.05, 0.95), (1, 2, 3), {}, "two to 9 quantiles"),
        ((0.95, 0.05), (1, 2), {}, "levels lie between 0 and 1 and rise"),
        ((5, 95), (1, 2), {}, "levels lie between 0 and 1 and rise"),
        ((0.05, 0.95), (2, 2), {}, "values are positive and rise"),
        ((0.05, 0.95), (0, 2), {}, "values are positive and rise"),
        ((0.05, 0.95), (1, 2), {"high": 2}, "quantiles lie inside the bounds"),
        ((0.05, 0.95), (1, 2), {"low": 0.5}, "two quantiles and a lower bound alone"),
        ((0.05, 0.95), (1, 2), {"families": ["normal"]}, "a family is one that can be elicited"),
        ((0.05, 0.95), (1, 1e80), {"families": ["gamma"]}, "one family at least fits"),
    ],
)
def test_statements_that_make_no_belief_are_refused(levels, values, bounds, message):
    with pytest.raises(WorkbenchError, match=message):
        from_quantiles(levels, values, **bounds)


def test_chips_as_they_lie_are_a_histogram():
    belief = histogram([0, 10, 20, 40], [2, 5, 3])
    assert isinstance(belief, Mixture)
    assert_allclose(belief.cdf([10, 20, 30, 40]), [0.2, 0.7, 0.85, 1], atol=1e-12)
    assert belief.mean() == pytest.approx(0.2 * 5 + 0.5 * 15 + 0.3 * 30)
    assert histogram([0, 10, 20], [0, 5]).support() == (10, 20)


def test_chips_give_the_family_that_laid_them():
    truth = LogNormal(3, 0.6)
    bounds = np.linspace(0, 120, 13)
    chips = np.round(10_000 * np.diff(truth.cdf(bounds)))
    found = from_chips(bounds, chips)
    assert found.best.family == "lognormal"
    assert found.belief.mu == pytest.approx(3, abs=0.01)
    assert found.belief.sigma == pytest.approx(0.6, abs=0.01)


def test_chips_within_their_bins_stay_there():
    found = from_chips([10, 20, 30, 40, 50], [2, 5, 4, 1], within_bins=True)
    assert found.belief.support() == (10, 50)


@pytest.mark.parametrize(
    ("bounds", "chips", "message"),
    [
        ([0, 1], [3, 4], "bins have one bound more"),
        ([0, 0, 1], [3, 4], "bounds are 0 or more and rise"),
        ([0, 1, 2], [2.5, 4], "chips are whole numbers"),
        ([0, 1, 2], [1, 2], "5 chips or more"),
        ([0, 1, 2], [3, 4], "chips lie in three bins"),
    ],
)
def test_chips_that_make_no_belief_are_refused(bounds, chips, message):
    with pytest.raises(WorkbenchError, match=message):
        from_chips(bounds, chips)


def test_a_tail_that_nobody_stated_is_told() -> None:
    open_end = from_quantiles([0.05, 0.5, 0.95], [50e3, 200e3, 2e6])
    rare = float(open_end.belief.isf(1e-3))
    assert rare > 20e6
    assert f"once in 1,000 it exceeds {rare:,.3g}" in open_end.words()
    near = from_quantiles([0.05, 0.95], [50e3, 200e3])
    assert "tail" not in near.words()
