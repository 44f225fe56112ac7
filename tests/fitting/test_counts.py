"""Counts to frequencies: exposure, over-dispersion, trend, posterior, prediction."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from workbench.distributions import Gamma
from workbench.errors import WorkbenchError
from workbench.fitting import fit_counts, part_years, predictive, rate_interval, rate_posterior

pytestmark = pytest.mark.pure


def test_the_rate_is_events_over_exposure():
    fit = fit_counts([3, 10, 2], [0.5, 2.0, 0.25])
    assert fit.rate == pytest.approx(15 / 2.75)
    assert_allclose(fit.times, [0.25, 1.5, 2.625])


def test_the_interval_is_exact():
    low, high = rate_interval(7, 2.0)
    assert stats.poisson(2 * low).sf(6) == pytest.approx(0.05)
    assert stats.poisson(2 * high).cdf(7) == pytest.approx(0.05)
    assert rate_interval(0, 4.0) == (0.0, pytest.approx(-np.log(0.05) / 4))


def test_dispersion_is_fishers_test():
    n = np.array([4, 9, 1, 12, 6.0])
    found = fit_counts(n).dispersion
    chi = np.sum((n - n.mean()) ** 2) / n.mean()
    assert found.ratio == pytest.approx(chi / 4)
    assert found.p_value == pytest.approx(stats.chi2(4).sf(chi))
    assert not found.is_rough


def test_poisson_counts_are_rarely_called_dispersed_and_mixed_ones_often():
    rng = np.random.default_rng(1)
    plain = [fit_counts(rng.poisson(30, 10)).dispersion.p_value for _ in range(80)]
    mixed = [fit_counts(rng.poisson(rng.gamma(6, 5, 10))).dispersion.p_value for _ in range(80)]
    # 80 tests at 5 %: 4 expected, 14 or more in fewer than 1 of 10,000 runs
    assert np.sum(np.array(plain) < 0.05) < 14
    assert np.sum(np.array(mixed) < 0.05) > 74


def test_negative_binomial_is_at_the_top_of_its_likelihood():
    n = np.array([3, 18, 7, 0, 12, 5, 9.0])
    fit = fit_counts(n).negative_binomial

    def log_likelihood(rate, shape):
        return stats.nbinom.logpmf(n, shape, shape / (shape + rate)).sum()

    top = log_likelihood(fit.rate, fit.shape)
    assert fit.rate == pytest.approx(n.mean())  # equal exposures: the rate is the average
    assert fit.log_likelihood == pytest.approx(top)
    for step in (0.99, 1.01):
        assert log_likelihood(fit.rate * step, fit.shape) < top
        assert log_likelihood(fit.rate, fit.shape * step) < top
    bend = (
        log_likelihood(fit.rate, fit.shape * 1.001)
        + log_likelihood(fit.rate, fit.shape * 0.999)
        - 2 * top
    ) / (fit.shape * 0.001) ** 2
    assert fit.shape_error == pytest.approx((-bend) ** -0.5, rel=1e-2)


def test_negative_binomial_recovers_rate_and_shape_with_unequal_exposures():
    rng = np.random.default_rng(2)
    years = rng.uniform(0.3, 1.5, 400)
    misses = np.zeros(2)
    for _ in range(10):
        n = rng.poisson(rng.gamma(4.0, 5.0, 400) * years)
        fit = fit_counts(n, years).negative_binomial
        misses[0] += abs(fit.rate - 20) > 1.96 * fit.rate_error
        misses[1] += abs(fit.shape - 4) > 1.96 * fit.shape_error
    assert (misses <= 3).all()


def test_counts_that_vary_less_than_poisson_are_poisson():
    fit = fit_counts([10, 10, 11, 10])
    assert fit.negative_binomial.shape == np.inf
    assert fit.negative_binomial.dispersion == 1
    assert fit.negative_binomial.log_likelihood == pytest.approx(1 - fit.aic / 2)


def test_a_trend_without_noise_is_found_exactly():
    years = np.array([0.5, 1, 1, 1, 0.25])
    times = np.cumsum(years) - years / 2
    n = np.round(1e7 * years * 1.2**times)
    trend = fit_counts(n, years).trend
    assert trend.growth == pytest.approx(0.2, abs=1e-5)
    assert trend.rate(2.0) == pytest.approx(1e7 * 1.2**2, rel=1e-5)


def test_the_trend_solves_its_score_equations():
    n, t = np.array([4, 3, 9, 8, 14.0]), np.arange(5) + 0.5
    trend = fit_counts(n).trend
    left = n - [trend.rate(time) for time in t]
    assert_allclose([left.sum(), left @ t], 0, atol=1e-9)


def test_trend_and_dispersion_are_told_apart():
    rng = np.random.default_rng(3)
    rising = rng.poisson(100 * 1.15 ** np.arange(10))
    found = fit_counts(rising)
    assert found.dispersion.p_value < 1e-3  # without a trend in view it looks dispersed
    assert found.trend.leftover_p_value > 0.05
    assert found.trend.growth_interval[0] < 0.15 < found.trend.growth_interval[1]
    assert "rise by" in found.words()
    assert "may be chance" in found.words()
    restless = fit_counts([80, 190, 60, 170, 90, 210, 75, 150, 190, 70])
    assert restless.trend.p_value > 0.1
    assert restless.trend.leftover > 5
    assert "No trend can be told from chance" in restless.words()


def test_intervals_of_the_growth_hold_under_poisson_and_under_dispersion():
    rng = np.random.default_rng(4)
    mean = 60 * 1.1 ** np.arange(8)
    for draw in (lambda: rng.poisson(mean), lambda: rng.poisson(mean * rng.gamma(12, 1 / 12, 8))):
        ends = np.array([fit_counts(draw()).trend.growth_interval for _ in range(80)])
        held = np.mean((ends[:, 0] < 0.1) & (ends[:, 1] > 0.1))
        assert 0.77 < held < 0.99  # 90 % meant, four standard errors of 3.4 % each way


def test_the_trend_belief_predicts_the_next_year():
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(100):
        n = rng.poisson(50 * 1.1 ** np.arange(9))
        belief = fit_counts(n[:-1]).trend_belief()
        low, high = np.quantile(rng.poisson(belief.draw(400, rng=rng)), (0.05, 0.95))
        held += low <= n[-1] <= high
    assert held / 100 > 0.80


def test_the_rate_belief_predicts_a_year_of_mixed_counts():
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(100):
        n = rng.poisson(rng.gamma(8, 5, 16))
        belief = fit_counts(n[:-1]).rate_belief()
        low, high = np.quantile(rng.poisson(belief.draw(400, rng=rng)), (0.05, 0.95))
        held += low <= n[-1] <= high
    assert held / 100 > 0.78


def test_the_posterior_of_the_published_case(published):
    case = published["bayes-gamma-poisson"]
    given, expected = case["inputs"], case["expected"]
    posterior = rate_posterior(
        given["events"],
        given["years"],
        prior_shape=given["prior_shape"],
        prior_exposure=given["prior_rate"],
    )
    assert posterior.shape == expected["post_shape"]
    assert 1 / posterior.scale == pytest.approx(expected["post_rate"])
    assert posterior.mean() == pytest.approx(expected["mean"], rel=1e-7)
    chance = predictive(posterior, [0])
    assert_allclose(chance, [expected["predictive_P0"]], rtol=case["tolerance"]["rel"])


def test_the_predictive_law_is_the_average_poisson():
    rate = Gamma(3.0, 0.5)
    n = np.arange(60)
    assert predictive(rate, n, 2.0).sum() == pytest.approx(1)
    assert predictive(rate, n, 2.0) @ n == pytest.approx(3.0, rel=1e-9)


def test_part_years_cover_the_span():
    years, parts = part_years(2009.8, 2012.25)
    assert list(years) == [2009, 2010, 2011, 2012]
    assert_allclose(parts, [0.2, 1, 1, 0.25])
    assert_allclose(part_years(2010, 2012)[1], [1, 1])


@pytest.mark.parametrize(
    ("counts", "exposures", "message"),
    [
        ([1, 2.5], None, "counts are whole numbers"),
        ([1, -1], None, "counts are whole numbers"),
        ([1, 2], [1], "each count has an exposure"),
        ([1, 2], [1, 0], "each count has an exposure"),
    ],
)
def test_counts_that_are_none_are_refused(counts, exposures, message):
    with pytest.raises(WorkbenchError, match=message):
        fit_counts(counts, exposures)


def test_few_periods_and_no_events_are_said_as_they_are():
    with pytest.raises(WorkbenchError, match="counts tell of a year"):
        fit_counts([10, 5, 0], [0.4, 0.15, 1.6]).trend_belief()
    one = fit_counts([3])
    assert one.trend is None
    assert "One period does not tell" in one.words()
    none = fit_counts([0, 0, 0])
    assert none.rate == 0
    assert none.rate_belief().mean() == pytest.approx(0.5 / 3)
    with pytest.raises(WorkbenchError, match="a trend needs three periods"):
        none.trend_belief()
