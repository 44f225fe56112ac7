"""Families fitted to amounts: closed forms, a second method, recovery, truncation and censoring."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from workbench.distributions import (
    Burr,
    Gamma,
    GeneralisedPareto,
    LogNormal,
    Lomax,
    Pareto,
    Weibull,
)
from workbench.errors import WorkbenchError
from workbench.fitting import distances, fit_amounts, product_limit
from workbench.fitting.data import amounts
from workbench.fitting.families import FAMILIES

pytestmark = pytest.mark.pure

TRUTHS = {
    "exponential": Gamma(1.0, 700.0),
    "lognormal": LogNormal(7.0, 1.2),
    "gamma": Gamma(0.7, 3000.0),
    "weibull": Weibull(0.8, 2000.0),
    "pareto": Pareto(1.7, 400.0),
    "lomax": Lomax(2.2, 1500.0),
    "gpd": GeneralisedPareto(0.3, 900.0),
    "burr": Burr(1.5, 1.6, 2500.0),
}
WHERE = {"exponential": [700.0], "lognormal": [7.0, 1.2], "gamma": [0.7, 3000.0]}
WHERE |= {"weibull": [0.8, 2000.0], "pareto": [1.7], "lomax": [2.2, 1500.0]}
WHERE |= {"gpd": [0.3, 900.0], "burr": [1.5, 1.6, 2500.0]}


def sample(name, size, seed):
    return TRUTHS[name].draw(size, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("name", FAMILIES)
def test_density_and_survival_are_those_of_the_belief(name):
    belief, p = TRUTHS[name], np.array(WHERE[name])
    low = 400.0 if name == "pareto" else 0.0
    x = belief.ppf(np.linspace(0.01, 0.999, 40))
    family = FAMILIES[name]
    assert_allclose(np.exp(family.log_density(x, p, low)), belief.pdf(x), rtol=1e-9)
    assert_allclose(np.exp(family.log_survival(x, p, low)), belief.sf(x), rtol=1e-9)
    assert family.make(p, low) == belief


def test_the_exponential_has_a_closed_form_under_truncation_and_censoring():
    # mean = (sum of what was seen over each entry) / (number seen in full)
    x = sample("exponential", 400, 1)
    x = np.minimum(x[x > 100], 1500.0)
    entry = np.full(x.size, 100.0)
    fit = fit_amounts(x, truncated_below=100, censored_above=1500, families=["exponential"]).best
    seen = np.sum(x < 1500)
    assert_allclose(fit.parameters, [np.sum(x - entry) / seen], rtol=1e-6)
    assert_allclose(fit.standard_errors, fit.parameters / np.sqrt(seen), rtol=1e-4)


def test_the_pareto_has_a_closed_form_with_an_entry_for_each():
    rng = np.random.default_rng(2)
    entry = rng.uniform(300, 900, 500)
    x = entry * rng.random(500) ** (-1 / 1.4)
    fit = fit_amounts(x, truncated_below=entry, families=["pareto"]).best
    assert_allclose(fit.parameters, [500 / np.log(x / entry).sum()], rtol=1e-6)
    assert_allclose(fit.standard_errors, fit.parameters / np.sqrt(500), rtol=1e-4)


def test_the_lognormal_of_complete_data_is_the_normal_of_their_logarithms():
    x = sample("lognormal", 300, 3)
    logs, fit = np.log(x), fit_amounts(x, families=["lognormal"]).best
    sd = logs.std()
    assert_allclose(fit.parameters, [logs.mean(), sd], rtol=1e-6)
    assert_allclose(fit.standard_errors, [sd / np.sqrt(300), sd / np.sqrt(600)], rtol=1e-4)
    assert_allclose(
        fit.log_likelihood, stats.lognorm(sd, scale=np.exp(logs.mean())).logpdf(x).sum()
    )
    assert fit.aic == pytest.approx(4 - 2 * fit.log_likelihood)
    assert fit.bic == pytest.approx(2 * np.log(300) - 2 * fit.log_likelihood)


@pytest.mark.parametrize(
    ("name", "scipy_name", "order"),
    [
        ("gamma", "gamma", lambda a, _, scale: [a, scale]),
        ("weibull", "weibull_min", lambda c, _, scale: [c, scale]),
    ],
)
def test_scipy_finds_the_same_with_censored_data(name, scipy_name, order):
    x = np.minimum(sample(name, 250, 4), 3500.0)
    is_censored = x >= 3500
    data = stats.CensoredData(uncensored=x[~is_censored], right=x[is_censored])
    theirs = order(*getattr(stats, scipy_name).fit(data, floc=0))
    ours = fit_amounts(x, censored_above=3500, families=[name]).best
    assert_allclose(ours.parameters, theirs, rtol=2e-3)
    assert ours.data.count == 250


def test_lomax_and_gpd_are_one_family_over_a_threshold():
    # X - t given X > t of Lomax(alpha, s) is GPD with xi = 1/alpha and scale (s + t)/alpha
    x = sample("lomax", 800, 5)
    x = x[x > 300]
    fits = fit_amounts(x, truncated_below=300, families=["lomax", "gpd"]).fits
    alpha, scale = fits["lomax"].parameters
    assert_allclose(fits["gpd"].parameters, [1 / alpha, (scale + 300) / alpha], rtol=1e-4)
    assert fits["lomax"].log_likelihood == pytest.approx(fits["gpd"].log_likelihood, abs=1e-6)


@pytest.mark.parametrize("name", ["lognormal", "weibull", "pareto", "lomax", "gpd", "burr"])
def test_parameters_are_recovered_within_their_standard_errors(name):
    """Of 12 samples the 95 % interval misses each parameter in at most 3 (P < 0.003 if right)."""
    misses = np.zeros(len(WHERE[name]))
    low = 400.0 if name == "pareto" else None
    for seed in range(12):
        x = sample(name, 600, 100 + seed)
        fit = fit_amounts(x, truncated_below=low, families=[name]).best
        misses += np.abs(fit.parameters - WHERE[name]) > 1.96 * fit.standard_errors
    assert (misses <= 3).all()


def test_parameters_are_recovered_under_truncation_and_censoring():
    misses = np.zeros(2)
    for seed in range(12):
        x = sample("lognormal", 800, 300 + seed)
        x = x[x > 500]
        fit = fit_amounts(x, truncated_below=500, censored_above=6000, families=["lognormal"]).best
        misses += np.abs(fit.parameters - WHERE["lognormal"]) > 1.96 * fit.standard_errors
    assert (misses <= 3).all()


def test_to_forget_truncation_is_to_be_wrong():
    x = sample("lognormal", 2000, 6)
    x = x[x > 1000]
    right = fit_amounts(x, truncated_below=1000, families=["lognormal"]).best
    wrong = fit_amounts(x, families=["lognormal"]).best
    assert abs(right.parameters[0] - 7) < 3 * right.standard_errors[0]
    assert wrong.parameters[0] - 7 > 10 * wrong.standard_errors[0]


def test_a_currency_changes_the_scale_and_nothing_else():
    x = sample("burr", 300, 7)
    for name in ("burr", "lognormal", "weibull"):
        small, large = (fit_amounts(x * c, families=[name]).best for c in (1e-6, 1e6))
        for i, parameter in enumerate(small.names):
            change = {"scale": 1e12, "mu": None}.get(parameter, 1.0)
            moved = (
                small.parameters[i] + np.log(1e12)
                if change is None
                else small.parameters[i] * change
            )
            assert large.parameters[i] == pytest.approx(moved, rel=1e-5)
        gap = 300 * np.log(1e12)
        assert small.log_likelihood - large.log_likelihood == pytest.approx(gap, rel=1e-9)


def test_weights_count_equal_cases():
    x = sample("gamma", 60, 8)
    times = np.arange(60) % 3 + 1
    whole = fit_amounts(np.repeat(x, times), families=["gamma", "lognormal"])
    weighed = fit_amounts(x, weights=times, families=["gamma", "lognormal"])
    for name, fit in whole.fits.items():
        assert_allclose(weighed.fits[name].parameters, fit.parameters, rtol=1e-5)
        assert weighed.fits[name].aic == pytest.approx(fit.aic)
        assert weighed.fits[name].bic == pytest.approx(fit.bic)
        assert distances(weighed.fits[name]).anderson_darling == pytest.approx(
            distances(fit).anderson_darling, rel=1e-5
        )


def test_the_true_family_is_near_the_top_and_the_table_is_ranked():
    found = fit_amounts(sample("lognormal", 1500, 9))
    assert found.best.family in ("lognormal", "burr")
    table = found.table()
    assert [row["aic"] for row in table] == sorted(row["aic"] for row in table)
    assert table[0]["aic_behind"] == 0
    assert "fits best by AIC" in found.words()
    assert found.fits["exponential"].aic > found.best.aic + 100


def test_a_family_that_runs_to_its_edge_is_refused_by_name():
    x = Weibull(2.0, 100.0).draw(400, rng=np.random.default_rng(10))  # lighter than exponential
    found = fit_amounts(x, families=["lomax", "weibull"])
    assert list(found.fits) == ["weibull"]
    assert "simpler family" in found.refused["lomax"]


def test_a_pareto_without_truncation_pays_for_its_lowest_value():
    x = sample("pareto", 200, 11)
    fit = fit_amounts(x, families=["pareto"]).best
    assert (fit.free, fit.low) == (2, x.min())


def test_the_seen_belief_lies_above_the_truncation_and_below_the_cap():
    x = sample("lomax", 600, 12)
    fit = fit_amounts(x[x > 500], truncated_below=500, families=["lomax"]).best
    belief = fit.seen_belief(1e6)
    assert belief.support() == (500, 1e6)
    assert np.isfinite(belief.mean())
    assert fit.belief.sf(0) == 1


def test_the_product_limit_is_the_empirical_survival_of_complete_data():
    x = sample("gamma", 50, 13)
    points, after = product_limit(amounts(x))
    assert_allclose(points, np.sort(x))
    assert_allclose(after, 1 - np.arange(1, 51) / 50, atol=1e-12)


def test_the_product_limit_by_hand():
    # 1, 2+, 3, 4, 5, 6: at 3 four are in view; at 1 six, or five when one is seen from 2 on
    data = amounts([1, 2, 3, 4, 5, 6], censored_above=[9, 2, 9, 9, 9, 9])
    assert_allclose(product_limit(data)[1], np.cumprod([5 / 6, 3 / 4, 2 / 3, 1 / 2, 0]))
    late = amounts([1, 2, 3, 4, 5, 6], truncated_below=[0, 0, 2, 0, 0, 0])
    assert_allclose(product_limit(late)[1], np.cumprod([4 / 5, 4 / 5, 3 / 4, 2 / 3, 1 / 2, 0]))


@pytest.mark.parametrize(
    ("values", "more", "message"),
    [
        ([1, 2, 3], {}, "a fit needs 5 amounts or more; got 3"),
        ([1, 2, 3, 4, 0], {}, "amounts are positive and finite"),
        ([1, 2, 3, 4, np.inf], {}, "amounts are positive and finite"),
        ([1, 2, 3, 4, 5], {"truncated_below": 2}, "no amount lies below the point"),
        ([1, 2, 3, 4, 5], {"weights": [1, 1]}, "weights is one number, or one for each"),
        ([1, 2, 3, 4, 5], {"weights": 0}, "weights are positive"),
        ([1, 2, 3, 4, 5], {"censored_above": 2}, "amounts or more are known in full"),
        ([2, 2, 2, 2, 2], {}, "amounts differ"),
        ([1, 2, 3, 4, 5], {"families": ["normal"]}, "a family is one that can be fitted"),
    ],
)
def test_data_that_hold_no_fit_are_refused(values, more, message):
    with pytest.raises(WorkbenchError, match=message):
        fit_amounts(values, **more)
