"""The exact engine against closed forms and against brute force."""

import math
from types import ModuleType

import numpy as np
import pytest
from scipy import integrate, special, stats

from workbench.distributions import (
    Beta,
    Empirical,
    Gamma,
    LogNormal,
    Pert,
    Point,
    Uniform,
    WithTerms,
)
from workbench.engines import exact
from workbench.engines.counts import Bernoulli, NegativeBinomial, Poisson
from workbench.engines.plan import CompoundPlan
from workbench.losses import TabulatedLosses

pytestmark = pytest.mark.pure

LEVELS = (0.3, 0.5, 0.9, 0.95, 0.99, 0.999)
EXPONENTIAL = Gamma(1, 1000.0)


def plan(rate: object, severity: object, **more: object) -> CompoundPlan:
    rate = rate if hasattr(rate, "ppf") else Point(rate)
    return CompoundPlan("S-01", rate, severity, **more)


def assert_same(found: TabulatedLosses, wanted: object, rel: float = 2e-5) -> None:
    """VaR, TVaR and the curve agree to `rel` and within the bound that the table states."""
    for level in LEVELS:
        value = wanted.var(level)
        assert found.var(level) == pytest.approx(value, rel=rel, abs=1e-9)
        assert abs(found.var(level) - value) <= found.var_error(level) + 1e-9 * value
        tail = wanted.tvar(level)
        assert found.tvar(level) == pytest.approx(tail, rel=rel)
        assert abs(found.tvar(level) - tail) <= found.tvar_error(level) + 1e-9 * tail
        for x in (0.5 * value, value, 1.2 * tail):
            gap = abs(float(found.exceedance(x)) - wanted.sf(x))
            assert gap <= found.exceedance_error(x) + 1e-9
            assert found.excess(x) == pytest.approx(
                wanted.excess(x), rel=10 * rel, abs=1e-7 * found.mean()
            )
    assert found.prob_no_loss() == pytest.approx(1 - wanted.sf(0), abs=1e-11)
    assert found.mean() == pytest.approx(wanted.excess(0), rel=1e-9)


@pytest.mark.parametrize("rate", [0.02, 0.3, 1.0, 7.0, 60.0, 900.0])
@pytest.mark.parametrize("shape", [0.5, 1.0, 3.0])
def test_poisson_with_gamma_losses(closed: ModuleType, rate: float, shape: float) -> None:
    found = exact.compound(plan(rate, Gamma(shape, 1000)))
    assert_same(found, closed.GammaSum(closed.poisson_pmf(rate), shape, 1000))


def test_the_series_is_the_bessel_density(closed: ModuleType) -> None:
    rate = 2.0

    def bessel(x: float) -> float:
        return np.exp(-rate - x) * np.sqrt(rate / x) * special.iv(1, 2 * np.sqrt(rate * x))

    density, _ = integrate.quad(bessel, 3, 90)
    assert closed.GammaSum(closed.poisson_pmf(rate)).sf(3) == pytest.approx(density, rel=1e-9)


@pytest.mark.parametrize("mean", [0.2, 1.0, 9.0])
def test_geometric_with_exponential_losses_is_exponential_above_zero(mean: float) -> None:
    # P(L > x) = mean/(1 + mean) exp(-x / (scale (1 + mean))): Loss Models, example 9.7
    found = exact.compound(plan(mean, EXPONENTIAL, count=NegativeBinomial(1 + mean)))
    x = np.array([1.0, 300.0, 1000.0, 6000.0])
    wanted = mean / (1 + mean) * np.exp(-x / (1000 * (1 + mean)))
    assert found.exceedance(x) == pytest.approx(wanted, rel=1e-4)
    assert found.prob_no_loss() == pytest.approx(1 / (1 + mean), abs=1e-12)
    beyond = found.tvar(0.99) - found.var(0.99)
    assert beyond == pytest.approx(1000 * (1 + mean), rel=1e-4)


@pytest.mark.parametrize(("rate", "dispersion"), [(0.4, 1.1), (3, 2), (20, 5), (2, 30)])
def test_negative_binomial_with_gamma_losses(
    closed: ModuleType, rate: float, dispersion: float
) -> None:
    found = exact.compound(plan(rate, Gamma(2, 500), count=NegativeBinomial(dispersion)))
    pmf = closed.negative_binomial_pmf(rate, dispersion)
    assert_same(found, closed.GammaSum(pmf, 2, 500), rel=5e-5)


@pytest.mark.parametrize(("shape", "scale"), [(0.5, 4.0), (3, 0.1), (40, 1.5)])
def test_a_gamma_rate_makes_a_poisson_a_negative_binomial(shape: float, scale: float) -> None:
    severity = LogNormal(8, 1.1)
    mixed = exact.compound(plan(Gamma(shape, scale), severity))
    count = NegativeBinomial(1 + scale)
    clustered = exact.compound(plan(shape * scale, severity, count=count))
    for level in LEVELS:
        assert mixed.var(level) == pytest.approx(clustered.var(level), rel=1e-6, abs=1e-9)
    assert mixed.variance() == pytest.approx(clustered.variance(), rel=1e-12)


def test_a_bernoulli_year_is_a_mixture() -> None:
    severity = LogNormal(10, 1)
    found = exact.compound(plan(Pert(0, 0.2, 0.9), severity, count=Bernoulli()))
    p = Pert(0, 0.2, 0.9).mean()
    x = severity.ppf(np.linspace(0.05, 0.999, 30))
    assert found.exceedance(x) == pytest.approx(p * severity.sf(x), rel=1e-4)
    assert found.var(0.99) == pytest.approx(float(severity.isf(0.01 / p)), rel=1e-4)
    assert found.prob_no_loss() == pytest.approx(1 - p, abs=1e-12)


def test_a_certain_event_is_its_own_distribution() -> None:
    severity = Pert(1e5, 3e5, 9e5)
    found = exact.compound(plan(1.0, severity, count=Bernoulli()))
    assert found.var(0.9) == pytest.approx(float(severity.ppf(0.9)), rel=1e-4)
    assert found.mean() == pytest.approx(severity.mean())
    assert found.sd() == pytest.approx(severity.sd())
    assert found.prob_no_loss() == pytest.approx(0, abs=1e-12)


def test_sums_of_uniform_losses() -> None:
    rate = 0.8
    found = exact.compound(plan(rate, Uniform(0, 1000)))

    def sum_above(n: int, x: float) -> float:  # Irwin and Hall
        terms = [(-1) ** k * math.comb(n, k) * max(x - k, 0) ** n for k in range(n + 1)]
        return 1 - sum(terms) / math.factorial(n)

    for x in (0.2, 0.5, 1.3, 2.7, 4.2):
        wanted = sum(stats.poisson.pmf(n, rate) * sum_above(n, x) for n in range(1, 14) if n > x)
        gap = abs(float(found.exceedance(1000 * x)) - wanted)
        assert gap <= min(found.exceedance_error(1000 * x) + 1e-9, 1e-5)
    assert float(found.exceedance(4200)) > 1e-6  # beyond the grids there is still something


@pytest.mark.parametrize("rate", [0.01, 2.0, 40.0, 5000.0])
def test_equal_losses_are_the_poisson_distribution(rate: float) -> None:
    found = exact.compound(plan(rate, Point(250)))
    k = np.arange(int(stats.poisson.ppf(1 - 1e-7, rate)) + 1)
    assert found.exceedance(250.0 * k) == pytest.approx(stats.poisson.sf(k, rate), abs=1e-11)
    for level in LEVELS:
        assert found.var(level) == pytest.approx(250 * stats.poisson.ppf(level, rate), rel=1e-12)
    assert found.prob_no_loss() == pytest.approx(np.exp(-rate), abs=1e-12)


def test_discrete_losses_by_panjer(closed: ModuleType) -> None:
    severity = np.array([0.1, 0.4, 0.3, 0.0, 0.0, 0.2])
    pmf = closed.panjer(3.0, severity, 150)
    belief = Empirical(20.0 * np.flatnonzero(severity), severity[severity > 0])
    found = exact.compound(plan(3.0, belief))
    x = 20.0 * np.arange(60)
    assert found.exceedance(x) == pytest.approx(1 - np.cumsum(pmf)[:60], abs=1e-12)
    assert found.exceedance(x + 19.9) == pytest.approx(1 - np.cumsum(pmf)[:60], abs=1e-12)
    limited = [float(np.minimum(20.0 * np.arange(150), v) @ pmf) for v in (0, 50, 200)]
    assert [found.limited_mean(v) for v in (0, 50, 200)] == pytest.approx(limited, abs=1e-9)


def test_a_portfolio_of_discrete_losses_is_exact_at_its_atoms(closed: ModuleType) -> None:
    plans = [
        CompoundPlan("a", Point(1.0), Point(100)),
        CompoundPlan("b", Point(0.5), Empirical([70, 35])),
    ]
    found = exact.portfolio(plans)
    pmf_a = closed.panjer(1.0, np.eye(21)[20], 900)  # in steps of 5
    pmf_b = closed.panjer(0.5, (np.eye(15)[14] + np.eye(15)[7]) / 2, 900)
    total = np.convolve(pmf_a, pmf_b)[:900]
    x = 5.0 * np.arange(300)
    assert found.exceedance(x) == pytest.approx(1 - np.cumsum(total)[:300], abs=1e-12)
    assert found.var(0.95) == 5 * np.searchsorted(np.cumsum(total), 0.95)


@pytest.mark.parametrize(
    "rate",
    [Pert(0, 0, 1), Pert(0.1, 0.5, 9), Pert(20, 60, 300), Uniform(1, 2), LogNormal(0.5, 0.7)],
)
def test_an_uncertain_rate_by_brute_force(closed: ModuleType, rate: object) -> None:
    found = exact.compound(plan(rate, EXPONENTIAL))
    size = int(float(rate.isf(1e-9)) * 1.3 + 80)
    wanted = closed.GammaSum(closed.mixed_pmf(rate, size), 1, 1000)
    assert_same(found, wanted)


def test_a_rate_of_one_value_is_that_rate() -> None:
    severity = LogNormal(8, 1)
    one, other = (exact.compound(plan(r, severity)) for r in (Empirical([2.0]), Point(2.0)))
    assert one.var(0.99) == pytest.approx(other.var(0.99), rel=1e-12)


def test_a_rate_of_two_values_is_their_mixture(closed: ModuleType) -> None:
    severity = Gamma(1, 1000)
    found = exact.compound(plan(Empirical([0.1, 30.0], [0.75, 0.25]), severity))
    pmf = closed.poisson_pmf(30.0)
    low = np.pad(closed.poisson_pmf(0.1), (0, pmf.size))[: pmf.size]
    assert_same(found, closed.GammaSum(0.75 * low + 0.25 * pmf, 1, 1000))


@pytest.mark.parametrize("scale", [Pert(2, 3, 9), LogNormal(1, 0.6), Gamma(4, 1), Uniform(1, 2)])
@pytest.mark.parametrize("rate", [0.2, 4.0])
def test_an_uncertain_scale_by_brute_force(closed: ModuleType, scale: object, rate: float) -> None:
    found = exact.compound(plan(rate, EXPONENTIAL, scale=scale))
    year = closed.GammaSum(closed.poisson_pmf(rate), 1, 1000)
    values = scale.ppf((np.arange(20_000) + 0.5) / 20_000)
    for level in (0.9, 0.99):
        x = found.var(level)
        wanted = np.mean(np.interp(x / values, GRID, [year.sf(v) for v in GRID]))
        assert float(found.exceedance(x)) == pytest.approx(wanted, rel=2e-4)
    assert found.mean() == pytest.approx(scale.mean() * rate * 1000)
    variance = scale.second_moment() * (2e6 * rate + (1000 * rate) ** 2) - found.mean() ** 2
    assert found.variance() == pytest.approx(variance, rel=1e-12)


GRID = np.linspace(0, 40_000, 4001)


def test_a_shared_scale_by_brute_force(closed: ModuleType) -> None:
    # given A both are gamma sums of one scale, so that their total is one too
    scale = Pert(1, 2, 8)
    plans = [
        CompoundPlan("a", Point(0.7), Gamma(1, 1000), scale=scale, shared="x"),
        CompoundPlan("b", Point(0.3), Gamma(1, 1000), scale=scale, shared="x"),
        CompoundPlan("c", Point(0.5), Gamma(1, 1000), scale=scale),
    ]
    found = exact.portfolio(plans[:2])
    year = closed.GammaSum(closed.poisson_pmf(1.0), 1, 1000)
    values = scale.ppf((np.arange(20_000) + 0.5) / 20_000)
    x = found.var(0.98)
    wanted = np.mean(np.interp(x / values, GRID, [year.sf(v) for v in GRID]))
    assert float(found.exceedance(x)) == pytest.approx(wanted, rel=2e-4)
    second = scale.second_moment() * (2e6 + 1e6)
    assert found.variance() == pytest.approx(second - found.mean() ** 2, rel=1e-12)
    both = exact.portfolio(plans)
    alone = exact.compound(plans[2])
    assert both.variance() == pytest.approx(found.variance() + alone.variance(), rel=1e-12)
    # the shared draw makes the tail heavier than independent draws would
    apart = exact.portfolio([CompoundPlan(p.id, p.rate, p.severity, scale=scale) for p in plans])
    assert both.tvar(0.99) > 1.005 * apart.tvar(0.99)


@pytest.mark.parametrize("rate", [0.3, 25.0])
def test_equal_losses_of_an_uncertain_asset(rate: float) -> None:
    scale = LogNormal(13, 0.8)
    pair = [CompoundPlan(i, Point(rate / 2), Point(0.2), scale=scale, shared="x") for i in "ab"]
    for found in (exact.compound(plan(rate, Point(0.2), scale=scale)), exact.portfolio(pair)):
        k = np.arange(1, int(rate + 12 * np.sqrt(rate) + 20))
        for level in (0.9, 0.99):
            x = found.var(level)
            wanted = stats.poisson.pmf(k, rate) @ scale.sf(x / (0.2 * k))
            assert float(found.exceedance(x)) == pytest.approx(wanted, rel=1e-5)


def test_many_events_are_normal_with_their_skewness() -> None:
    # Cornish and Fisher: z + (z^2 - 1) skewness / 6
    rate, severity = 40_000.0, Uniform(0, 1000)
    found = exact.compound(plan(rate, severity))
    third = rate * 1000**3 / 4
    for level in (0.05, 0.5, 0.95, 0.99):
        z = float(special.ndtri(level))
        skew = third / found.sd() ** 3
        wanted = found.mean() + found.sd() * (z + (z * z - 1) * skew / 6)
        assert found.var(level) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(
    "year",
    [
        plan(2.0, LogNormal(10, 0.8)),
        plan(Pert(0, 0, 1), Uniform(10, 1e5)),
        plan(30.0, Gamma(0.3, 1e4)),
        plan(3.0, Beta(2, 6), scale=Pert(1e6, 2e6, 6e6)),
        plan(5.0, WithTerms(LogNormal(9, 1), 2000, 50_000, 0.8), count=NegativeBinomial(3)),
        plan(2.0, Point(40)),
    ],
    ids=lambda p: repr(p.severity),
)
def test_mean_and_variance_are_those_of_the_table(year: CompoundPlan) -> None:
    found = exact.compound(year)
    x, sf, excess = found.nodes()
    gaps = np.diff(x)
    if found.step:
        area, double = sf[:-1] @ gaps, (excess[1:] + excess[:-1]) @ gaps
    else:
        area = (sf[1:] + sf[:-1]) @ gaps / 2
        double = (excess[1:] + excess[:-1]) @ gaps - (sf[:-1] - sf[1:]) @ gaps**2 / 6
    assert area == pytest.approx(found.mean(), rel=1e-3)
    assert excess[0] == pytest.approx(found.mean(), rel=1e-9)
    assert double - found.mean() ** 2 == pytest.approx(found.variance(), rel=1e-3)


def test_nothing_can_be_lost() -> None:
    for year in (
        plan(0.0, LogNormal(1, 1)),
        plan(3.0, Point(0)),
        plan(3.0, Beta(1, 1), scale=Point(0)),
        plan(Point(2), LogNormal(1, 1), count=Poisson(), scale=Empirical([0.0])),
    ):
        found = exact.compound(year)
        figures = [found.mean(), found.sd(), found.var(0.99), found.tvar(0.99)]
        assert figures == [0, 0, 0, 0]
        assert found.prob_no_loss() == 1
        assert float(found.exceedance(1.0)) == 0


def test_an_asset_that_may_be_worth_nothing() -> None:
    worth = Empirical([0.0, 1e6], [0.25, 0.75])
    found = exact.compound(plan(0.5, Uniform(0, 1), scale=worth))
    sure = exact.compound(plan(0.5, Uniform(0, 1), scale=Point(1e6)))
    assert found.prob_no_loss() == pytest.approx(0.25 + 0.75 * np.exp(-0.5), abs=1e-12)
    for x in (1e5, 5e5, 1.5e6):
        half = 0.75 * float(sure.exceedance(x))
        assert float(found.exceedance(x)) == pytest.approx(half, rel=1e-4)
