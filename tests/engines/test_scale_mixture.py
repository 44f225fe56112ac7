"""Years over an uncertain scale: closed forms, a second method, and knots that do for any scale."""

import gc
import math
import weakref

import numpy as np
import pytest
from scipy import stats

from workbench.distributions import (
    Beta,
    Discrete,
    Distribution,
    Gamma,
    LogNormal,
    Lomax,
    Mixture,
    Pareto,
    Pert,
    Point,
    Uniform,
    scaled,
)
from workbench.engines import exact
from workbench.engines.counts import Bernoulli
from workbench.engines.extremes import largest_single
from workbench.engines.plan import AnnualTerms, CompoundPlan, EventTerms, Secondary
from workbench.engines.scale_mixture import averaged, knots_of, moments_over, polynomials, years_of
from workbench.losses import TabulatedLosses

pytestmark = pytest.mark.pure
LEVELS = (0.8, 0.9, 0.95, 0.99, 0.995, 0.999)
SCALES: list[Distribution] = [
    LogNormal(13, 0.3),
    LogNormal(13, 1.7),
    Pert(1e5, 3e5, 9e5),
    Gamma(0.8, 2e5),
    Pareto(1.5, 5e4),
    Lomax(2.3, 1e5),
    Uniform(0, 4e5),
    Mixture([Point(2e5), LogNormal(12, 1)], [0.3, 0.7]),
]
each_scale = pytest.mark.parametrize("scale", SCALES, ids=str)


def over(scale: Distribution, plan: CompoundPlan) -> TabulatedLosses:
    """Return the year of a plan by the years at knots, whether or not there is a shorter way."""
    knots = knots_of(scale)
    years = years_of(knots, lambda value: exact.compound(plan.at_scale(value)))
    return averaged(scale, years, lambda knots: moments_over(scale, knots, plan.given))


@each_scale
def test_a_year_of_shares_is_a_product(scale: Distribution) -> None:
    """The law of L / A is then the same at each scale."""
    plan = CompoundPlan("A", Pert(0.1, 0.5, 2), Pert(0.05, 0.2, 0.6), scale=scale)
    found, known = over(scale, plan), exact.compound(plan)
    assert found.mean() == pytest.approx(known.mean(), rel=1e-6)
    assert found.prob_no_loss() == pytest.approx(known.prob_no_loss(), abs=1e-9)
    for level in LEVELS:
        assert found.var(level) == pytest.approx(known.var(level), rel=1e-4)
        assert found.tvar(level) == pytest.approx(known.tvar(level), rel=1e-4)


@pytest.mark.parametrize(
    ("sigma", "limit", "deductible"),
    [(0.3, 4e5, 3e4), (1.0, math.inf, 3e4), (1.0, 4e5, 0.0), (1.8, 4e5, 3e4)],
)
def test_one_event_of_a_lognormal_share_of_a_lognormal_asset(
    sigma: float, limit: float, deductible: float
) -> None:
    """A X is lognormal, and so is what its terms leave of it, up to the limit."""
    asset, share = LogNormal(13, sigma), LogNormal(-1.5, 0.6)
    terms = EventTerms(deductible, limit)
    found = exact.compound(CompoundPlan("A", Point(0.3), share, Bernoulli(), asset, terms=terms))
    both = LogNormal(11.5, math.hypot(sigma, 0.6))
    for x in (1e3, 2e4, 1e5, 3e5, 3.99e5, 1e6, 5e6):
        known = 0.3 * float(both.sf(x + deductible)) if x < limit else 0.0
        error = abs(float(found.exceedance(x)) - known)
        assert error <= max(found.exceedance_error(x), 1e-6)
        assert error < 4e-5
    for level in LEVELS:
        wanted = both.isf((1 - level) / 0.3) if level > 0.7 else 0.0
        wanted = min(max(float(wanted) - deductible, 0.0), limit)
        assert abs(found.var(level) - wanted) <= found.var_error(level)
    mean = 0.3 * float(both.layer_moments(deductible, deductible + limit)[0])
    assert found.mean() == pytest.approx(mean, rel=1e-5)
    if limit < math.inf:
        held = 0.3 * float(both.sf(deductible + limit))
        before, after = found.exceedance(limit * (1 - 1e-9)), found.exceedance(limit)
        assert float(before - after) == pytest.approx(held, abs=2e-6)  # it stands there itself
        assert found.var(1 - held / 2) == pytest.approx(limit, rel=1e-9)


def test_a_loss_beside_a_share_of_the_asset() -> None:
    """The whole of a gamma asset and a gamma loss of the same scale make a gamma."""
    beside = Secondary(Point(1.0), Gamma(3, 1e5))
    found = exact.compound(
        CompoundPlan("A", Point(0.4), Point(1.0), Bernoulli(), Gamma(2, 1e5), secondary=beside)
    )
    whole = Gamma(5, 1e5)
    assert found.mean() == pytest.approx(0.4 * whole.mean(), rel=2e-6)
    spread = math.sqrt(0.4 * whole.second_moment() - (0.4 * whole.mean()) ** 2)
    assert abs(found.sd() - spread) <= found.moment_errors()[1]
    assert found.sd() == pytest.approx(spread, rel=1e-4)
    for level in LEVELS:
        known = float(whole.isf((1 - level) / 0.4))
        assert abs(found.var(level) - known) <= found.var_error(level)
        assert found.var(level) == pytest.approx(known, rel=1e-4)


TERMED = {
    "limit": ({"terms": EventTerms(2e4, 3e5)}, LogNormal(13, 1.0)),
    "secondary": ({"secondary": Secondary(Beta(2, 5), LogNormal(10, 1.2))}, LogNormal(12, 1.4)),
    "both": (
        {
            "secondary": Secondary(Point(0.3), Gamma(2, 3e4)),
            "terms": EventTerms(1e4, 4e5, 0.8),
        },
        Pert(1e5, 3e5, 9e5),
    ),
    "whole": ({"terms": EventTerms(1e4)}, Gamma(0.8, 2e5)),
}


@pytest.mark.parametrize("name", TERMED)
def test_years_with_terms_by_a_second_method(name: str) -> None:
    """P(L > x) = E[P(L > x | A)], by Gauss rules over levels of the asset and the year at each."""
    more, scale = TERMED[name]
    plan = CompoundPlan("A", Gamma(2, 0.4), Pert(0.05, 0.2, 0.6), scale=scale, **more)
    found = exact.compound(plan)
    edges = np.array([0, 1e-3, 0.01, 0.04, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.995, 1])
    t, w = np.polynomial.legendre.leggauss(6)
    width = np.diff(edges)[:, None]
    values, weights = scale.ppf((edges[:-1, None] + width * (1 + t) / 2).ravel()), width * w / 2
    years = [exact.compound(plan.at_scale(float(value))) for value in values]
    for level in (0.7, 0.9, 0.97, 0.99):
        x = found.var(level) * 1.003  # off the single losses
        known = float(weights.ravel() @ [float(year.exceedance(x)) for year in years])
        assert float(found.exceedance(x)) == pytest.approx(known, rel=2e-3)


def test_the_total_loss_of_an_asset_among_shares() -> None:
    """A single share beside others: the asset's own law, not some of its values."""
    asset, rest = Pareto(2.28, 5e4), Pert(0.1, 0.2, 0.6)
    share = Mixture([Point(1.0), rest], [0.2, 0.8])
    found = exact.compound(CompoundPlan("A", Uniform(0.1, 0.8), share, Bernoulli(), asset))
    u = (np.arange(2000) + 0.5) / 2000
    for level in LEVELS:
        x = found.var(level)
        known = 0.45 * float(0.2 * asset.sf(x) + 0.8 * asset.sf(x / rest.isf(u)).mean())
        assert known == pytest.approx(1 - level, rel=2e-5)
        assert found.var_error(level) < 2e-5 * x


@pytest.mark.parametrize("alpha", [0.8, 1.2])
def test_a_limit_gives_a_mean_to_an_asset_that_has_none(alpha: float) -> None:
    asset, limit = Pareto(alpha, 5e4), 4e5
    plan = CompoundPlan("A", Point(0.3), Point(0.5), scale=asset, terms=EventTerms(limit=limit))
    found = exact.compound(plan)
    event = float(asset.layer_moments(np.zeros(()), 2 * limit)[0]) / 2
    assert abs(found.mean() - 0.3 * event) <= found.moment_errors()[0]
    assert found.mean() == pytest.approx(0.3 * event, rel=1e-4)
    assert found.layer(0.0, 100 * limit).mean() == pytest.approx(0.3 * event, rel=1e-4)


def test_a_limit_below_all_that_an_asset_may_lose_is_each_loss() -> None:
    """No loss moves with the asset then, and the years are those of the limit alone."""
    terms, asset = EventTerms(limit=1e5), Uniform(1e6, 2e6)
    once = CompoundPlan("A", Point(0.3), Point(0.5), Bernoulli(), asset, terms=terms)
    found = exact.compound(once)
    assert found.mean() == pytest.approx(3e4, rel=1e-9)
    assert [found.var(level) for level in (0.69, 0.71, 0.999)] == [0.0, 1e5, 1e5]
    assert found.tvar(0.9) == pytest.approx(1e5, rel=1e-9)
    often = exact.compound(CompoundPlan("A", Point(0.3), Point(0.5), scale=asset, terms=terms))
    for count in range(6):
        known = stats.poisson.sf(count, 0.3)
        assert float(often.exceedance((count + 0.5) * 1e5)) == pytest.approx(known, abs=1e-9)


def test_one_share_of_an_asset_under_terms_is_a_product_with_the_count() -> None:
    """Each event of a year costs T(A v): L = N T(A v), and its limits stand there themselves."""
    asset, terms = LogNormal(12, 0.3), EventTerms(limit=8e4)
    found = exact.compound(CompoundPlan("A", Point(0.5), Point(0.4), scale=asset, terms=terms))
    n = np.arange(1, 30)
    chances, event = stats.poisson.pmf(n, 0.5), terms.of(scaled(asset, 0.4))
    for x in (7e4, 79_999.0, 80_001.0, 1.5e5, 159_999.0, 160_001.0, 2e5, 239_999.0):
        known = float(chances @ event.sf(x / n))
        assert float(found.exceedance(x)) == pytest.approx(known, abs=5e-5)
        assert abs(float(found.exceedance(x)) - known) <= found.exceedance_error(x) + 1e-9
    assert found.mean() == pytest.approx(0.5 * event.mean(), rel=1e-12)
    assert found.var(0.88) == pytest.approx(8e4, rel=1e-9)


def test_a_deductible_that_small_assets_never_reach() -> None:
    """At the lowest knots an event above it has a chance of 1e-60, and the year is nothing."""
    plan = CompoundPlan(
        "A",
        Pert(0.1, 0.5, 2),
        Pert(0.05, 0.2, 0.6),
        scale=LogNormal(14, 0.7),
        terms=EventTerms(5e5),
    )
    lowest = plan.at_scale(float(knots_of(plan.scale)[0]))
    assert exact.compound(lowest).prob_no_loss() == 1.0
    found = exact.compound(plan)
    assert 0 < found.prob_no_loss() < 1
    for level in (0.99, 0.999):
        assert found.var_error(level) <= 1e-3 * found.var(level)


@pytest.mark.parametrize("count", [1, 2])
def test_a_deductible_that_no_asset_reaches_leaves_a_year_without_loss(count: int) -> None:
    """Neither a year of its own nor one beside others is a fault of the engine."""
    terms = EventTerms(1e12)
    share = Pert(0.05, 0.2, 0.6)
    nothing = CompoundPlan("A", Point(2.0), share, scale=LogNormal(13, 0.3), terms=terms)
    others = [CompoundPlan("B", Point(0.3), Gamma(2, 1e5))][: count - 1]
    found = exact.portfolio([nothing, *others])
    known = exact.portfolio(others)
    assert found.mean() == pytest.approx(known.mean(), rel=1e-9)
    for level in LEVELS:
        assert found.var(level) == pytest.approx(known.var(level), rel=1e-4)


def test_an_asset_that_several_scenarios_share_under_terms() -> None:
    """One event of each: given the asset they are independent, E[P(M = 0 | A)] of their maximum."""
    asset = LogNormal(13, 0.8)
    plans = [
        CompoundPlan(
            name, Point(0.4), LogNormal(-2, 0.5), Bernoulli(), asset, "x", terms=EventTerms(5e4)
        )
        for name in ("A", "B")
    ]
    found = exact.portfolio(plans)
    z, weights = np.polynomial.hermite_e.hermegauss(80)
    above = stats.norm.sf((math.log(5e4) + 2 - 13 - 0.8 * z) / 0.5)
    known = float(weights @ (1 - 0.4 * above) ** 2) / math.sqrt(2 * math.pi)
    assert found.prob_no_loss() == pytest.approx(known, abs=2e-6)
    assert found.mean() == pytest.approx(sum(exact.year_mean(plan) for plan in plans), rel=1e-6)


def test_terms_of_the_year_act_on_the_year_over_all_scales() -> None:
    plan = CompoundPlan("A", Pert(1, 3, 9), Pert(0.05, 0.2, 0.6), scale=LogNormal(14, 0.7))
    whole = exact.compound(plan)
    cut = exact.compound(
        CompoundPlan("A", plan.rate, plan.severity, scale=plan.scale, annual=AnnualTerms(2e5, 2e6))
    )
    for x in (1e4, 5e5, 1.9e6):
        assert float(cut.exceedance(x)) == pytest.approx(float(whole.exceedance(x + 2e5)), rel=1e-9)


def test_no_year_at_a_knot_is_kept() -> None:
    """A study may have a hundred uncertain assets, each with a hundred tables."""
    scale = Pert(1e5, 3e5, 9e5)
    plan = CompoundPlan("A", Point(0.4), Uniform(0.1, 0.5), scale=scale, terms=EventTerms(1e4))
    known = years_of(knots_of(scale), lambda value: exact.compound(plan.at_scale(value)))
    kept = [weakref.ref(year) for year in known.years]
    found = averaged(scale, known, lambda knots: moments_over(scale, knots, plan.given))
    del known
    gc.collect()
    assert found.var_error(0.99) > 0
    assert [one() for one in kept] == [None] * len(kept)


@pytest.mark.parametrize("alpha", [1.2, 1.5])
def test_what_a_heavy_asset_is_worth_far_out_is_not_lost(alpha: float) -> None:
    """E[(L - x)+] of at most one event, half of the asset, is that of the asset itself."""
    asset = Pareto(alpha, 5e4)
    found = exact.compound(CompoundPlan("A", Point(0.3), Point(0.5), Bernoulli(), asset))
    for x in (1e5, 1e8, 1e11, 1e14):
        known = 0.3 * 0.5 * float(asset.excess_moments(2 * x)[1])
        assert found.excess(x) == pytest.approx(known, rel=5e-5)


def test_polynomials_keep_polynomials_of_the_fifth_degree() -> None:
    knots = np.array([0.0, 0.5, 1.0, 2.0, 2.7, 3.0, 3.4, 5.0])
    at = np.linspace(-1, 6, 57)
    inside = np.clip(at, knots[0], knots[-1])
    for power in range(6):
        found = knots**power @ polynomials(at, knots)
        np.testing.assert_allclose(found, inside**power, rtol=1e-10, atol=1e-10)


@each_scale
def test_knots_lie_no_closer_than_polynomials_bear(scale: Distribution) -> None:
    """Neighbours three times as far apart as others: more would blow rounding up."""
    for apart in (0.125, 0.25):
        gaps = np.diff(np.log(knots_of(scale, apart)))
        assert gaps.min() > 0
        assert (gaps[1:] / gaps[:-1]).max() < 3.2
        assert (gaps[:-1] / gaps[1:]).max() < 3.2
        assert gaps.size % 2 == 0  # every second knot and both ends make a coarse set


def test_moments_beyond_the_last_knot_are_those_of_the_asset() -> None:
    asset = Lomax(2.3, 1e5)  # half of its second moment lies beyond 1 in 10 million
    plan = CompoundPlan("A", Point(0.6), Discrete([0.2, 0.7], [0.5, 0.5]), scale=asset)
    mean, variance = moments_over(asset, knots_of(asset), plan.given)
    event, square = 0.45, (0.04 + 0.49) / 2
    assert mean == pytest.approx(0.6 * event * asset.mean(), rel=1e-9)
    second = asset.second_moment() * (0.6 * square + (0.6 * event) ** 2)
    assert variance == pytest.approx(second - mean**2, rel=1e-6)


@pytest.mark.parametrize("asset", SCALES[1:-1], ids=str)
def test_the_largest_event_of_a_total_loss_has_the_law_of_the_asset(asset: Distribution) -> None:
    once = CompoundPlan("A", Point(0.3), Point(1.0), Bernoulli(), asset)
    x = asset.isf(np.array([0.9, 0.5, 0.1, 0.01, 1e-4]))
    np.testing.assert_allclose(largest_single([once], x), 0.3 * asset.sf(x), rtol=2e-5, atol=2e-4)
    often = CompoundPlan(
        "B", Point(0.5), Mixture([Point(1.0), Uniform(0, 0.5)], [0.2, 0.8]), scale=asset
    )
    values = asset.isf((np.arange(20_000) + 0.5) / 20_000)
    shares = x[:3, None] / values
    above = np.where(shares < 1, 0.2 + 0.8 * np.clip(1 - shares / 0.5, 0, 1), 0.0)
    known = 1 - np.exp(-0.5 * above).mean(axis=1)
    np.testing.assert_allclose(largest_single([often], x[:3]), known, rtol=2e-4)
