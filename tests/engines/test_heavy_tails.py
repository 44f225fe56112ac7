"""Losses without a mean or a variance: quantiles hold, and what does not exist is not printed."""

import math
from unittest.mock import patch

import numpy as np
import pytest

from workbench.distributions import (
    Burr,
    Discrete,
    Distribution,
    GeneralisedPareto,
    LogNormal,
    Lomax,
    Metalog,
    Mixture,
    Pareto,
    Pert,
    Point,
    Truncated,
    scaled,
)
from workbench.engines import exact, ladder
from workbench.engines.counts import Bernoulli
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError
from workbench.losses import LossDistribution, TabulatedLosses
from workbench.models import Scenario, Study, Terms, simulate

pytestmark = pytest.mark.pure

SEMI = Metalog([math.log(1e5), 0.4, 0.5], lower=0.0)  # a2 + a3/2 = 0.65: a mean, no variance
SEMI_WILD = Metalog([math.log(1e5), 0.7, 0.8], lower=0.0)  # a2 + a3/2 = 1.1: no mean
HEAVY: list[tuple[Distribution, bool, bool]] = [  # whether the mean and the variance exist
    (Pareto(0.8, 1e4), False, False),
    (Pareto(1.5, 1e5), True, False),
    (Pareto(2.5, 1e5), True, True),
    (GeneralisedPareto(0.9, 1e5), True, False),
    (GeneralisedPareto(1.2, 1e4), False, False),
    (Burr(1.0, 1.5, 1e5), True, False),
    (Burr(0.4, 2.0, 1e4), False, False),
    (Lomax(1.1, 1e5), True, False),
    (SEMI, True, False),
    (SEMI_WILD, False, False),
]
NAMES = "pareto08 pareto15 pareto25 gpd09 gpd12 burr15 burr08 lomax11 metalog wild".split()
each = pytest.mark.parametrize(("loss", "mean", "variance"), HEAVY, ids=NAMES)


def study(loss: Distribution, rate: float = 0.6, **more: object) -> Study:
    scenario = Scenario.fair(
        "S-1", "s", loss_event_frequency=Point(rate), loss_magnitude=loss, **more
    )
    return Study(scenarios=(scenario,))


def finer(plan: CompoundPlan) -> TabulatedLosses:
    """Return the same from grids of four times as many cells."""
    first = exact.first_grid

    def larger(*args: object) -> object:
        grid = first(*args)
        return exact.Grid(grid.log2_top, 4 * grid.size, 2 * grid.order)

    with patch.object(exact, "first_grid", larger), patch.object(ladder, "SIZE", 4 * 2048):
        return exact.compound(plan)


def sums(loss: Distribution, rate: float, years: int) -> np.ndarray:
    """Simulated years in plain numpy, apart from the engine's own words."""
    rng = np.random.default_rng(88)
    n = rng.poisson(rate, years)
    at = np.repeat(np.arange(years), n)
    return np.bincount(at, weights=loss.isf(rng.random(at.size)), minlength=years)


@pytest.mark.daily(3)
@each
def test_quantiles_agree_with_simulated_years(
    loss: Distribution, mean: bool, variance: bool, soaking: bool
) -> None:
    years = 1_000_000 if soaking else 200_000
    found, drawn = simulate(study(loss)).portfolio, sums(loss, 0.6, years)
    for level in (0.6, 0.9, 0.99, 0.999):
        x = found.var(level)
        over = (drawn > x).mean()
        assert abs(over - (1 - level)) < 4 * math.sqrt(level * (1 - level) / years)


@pytest.mark.daily(3)
@each
def test_quantiles_agree_with_a_finer_grid(loss: Distribution, mean: bool, variance: bool) -> None:
    plan = CompoundPlan("S-1", Point(0.6), loss)
    found, better = exact.compound(plan), finer(plan)
    for level in (0.6, 0.9, 0.99, 0.999, 0.9999):
        value = better.var(level)
        assert abs(found.var(level) - value) <= found.var_error(level) + 1e-7 * value
        assert found.var_error(level) < 3e-3 * value
        x = 0.7 * value
        gap = abs(float(found.exceedance(x) - better.exceedance(x)))
        assert gap <= found.exceedance_error(x) + 1e-8
    if mean:
        tail = better.tvar(0.99)
        assert abs(found.tvar(0.99) - tail) <= found.tvar_error(0.99) + 1e-6 * tail


@each
def test_far_out_one_event_makes_the_year(loss: Distribution, mean: bool, variance: bool) -> None:
    """P(L > x) / (rate P(X > x)) falls to 1: Embrechts, Klueppelberg and Mikosch, A3.20."""
    found = simulate(study(loss)).portfolio
    ratios = []
    for q in (1e-3, 1e-5, 1e-7, 1e-9):
        x = float(loss.isf(q))
        ratios.append(float(found.exceedance(x)) / (0.6 * q))
    assert ratios[1] == pytest.approx(1, abs=0.05)
    assert ratios[3] == pytest.approx(1, abs=0.01)
    assert abs(ratios[3] - 1) <= abs(ratios[0] - 1) + 2e-3


@each
def test_moments_that_do_not_exist_are_infinite(
    loss: Distribution, mean: bool, variance: bool
) -> None:
    assert math.isfinite(loss.mean()) == mean
    assert math.isfinite(loss.variance()) == variance
    for engine in ("exact", "montecarlo"):
        found: LossDistribution = simulate(study(loss), engine=engine, years=2000).portfolio
        assert math.isfinite(found.mean()) == mean
        assert math.isfinite(found.variance()) == variance
        assert math.isfinite(found.sd()) == variance
        assert math.isfinite(found.tvar(0.95)) == mean
        assert all(math.isfinite(found.var(p)) for p in (0.5, 0.95, 0.9999))
        if engine == "montecarlo":
            assert math.isfinite(found.error("mean")) == variance
        if mean and engine == "exact":
            assert found.mean() == pytest.approx(0.6 * loss.mean(), rel=1e-9)


@pytest.mark.parametrize("scale", [None, Pareto(0.8, 1e4), Pareto(1.5, 1e4)], ids=str)
@pytest.mark.parametrize("alpha", [0.8, 0.95])
def test_a_layer_of_a_loss_without_a_mean_has_one(alpha: float, scale: Pareto | None) -> None:
    """At most one event: E[min((L - a)+, l)] is that of the event, of single shares of an asset.

    Layers that 1 year in 10 million reaches have the rounding of their chances.
    """
    loss: Distribution = Mixture([Lomax(alpha, 1e5), Point(2e4)], [0.6, 0.4])
    parts, plan = [(1.0, loss)], CompoundPlan("S-1", Point(0.3), loss, Bernoulli())
    if scale is not None:
        shares = Discrete([0.2, 0.5], [0.7, 0.3])
        parts = [(0.7, scaled(scale, 0.2)), (0.3, scaled(scale, 0.5))]
        plan = CompoundPlan("S-1", Point(0.3), shares, Bernoulli(), scale)
    found = exact.compound(plan)
    for low, high in ((0.0, 1e5), (1e4, 1e6), (5e4, 1e9), (1e6, 1e12), (1e10, 1e12)):
        wanted = 0.3 * sum(p * one.layer_moments(np.array(low), high)[0] for p, one in parts)
        assert found.layer(low, high - low).mean() == pytest.approx(float(wanted), rel=5e-5)


def test_far_out_a_large_asset_makes_the_year() -> None:
    """P(L > x) = 0.3 E[P(A > x / X)]; beyond the grids an asset was once taken at its mean."""
    share, asset = Pert(0.1, 0.3, 0.9), Pareto(1.5, 1e5)
    found = exact.compound(CompoundPlan("S-1", Point(0.3), share, Bernoulli(), asset))
    shares = share.ppf((np.arange(2000) + 0.5) / 2000)
    for chance, close in ((1e-3, 1e-4), (1e-5, 1e-3), (1e-9, 5e-3), (1e-12, 5e-3)):
        x = float(asset.isf(chance)) * share.mean()
        wanted = 0.3 * float(np.mean(asset.sf(x / shares)))
        assert float(found.exceedance(x)) == pytest.approx(wanted, rel=close)


def test_beside_others_a_heavy_tail_stays_what_it_is() -> None:
    """The total has no mean; its quantiles are those of both convolved, and shares are refused."""
    light = Scenario.fair(
        "S-2", "s", loss_event_frequency=Point(2.0), loss_magnitude=LogNormal(11, 1)
    )
    heavy = study(Pareto(0.8, 1e4)).scenarios[0]
    made = Study(scenarios=(heavy, light))
    result = simulate(made)
    assert math.isinf(result.portfolio.mean())
    assert math.isfinite(result.scenarios["S-2"].mean())
    with pytest.raises(WorkbenchError, match="does not exist"):
        result.contributions(0.99)
    years = 200_000
    rng = np.random.default_rng(3)
    n = rng.poisson(2.0, years)
    at = np.repeat(np.arange(years), n)
    other = np.bincount(at, weights=rng.lognormal(11, 1, at.size), minlength=years)
    total = sums(Pareto(0.8, 1e4), 0.6, years) + other
    for level in (0.3, 0.9, 0.99, 0.999):
        over = (total > result.portfolio.var(level)).mean()
        assert abs(over - (1 - level)) < 4 * math.sqrt(level * (1 - level) / years)


@pytest.mark.parametrize(
    "terms", [Terms(limit=5e6), Terms(annual_limit=5e6)], ids=["event", "year"]
)
def test_a_limit_gives_moments_back(terms: Terms, closed: object) -> None:
    """E[min(X, l)] of a Pareto with alpha 0.8: low + (l^0.2 low^0.8 - low)/0.2."""
    low, limit = 1e4, 5e6
    found = simulate(study(Pareto(0.8, low), terms=terms)).portfolio
    assert math.isfinite(found.mean())
    assert math.isfinite(found.tvar(0.99))
    capped = low + (limit**0.2 * low**0.8 - low) / 0.2
    if terms.limit == limit:
        assert found.mean() == pytest.approx(0.6 * capped, rel=1e-9)
    else:
        assert found.var(0.9999) <= limit * (1 + 1e-12)
        assert 0.9 * 0.6 * capped < found.mean() < 0.6 * capped
        drawn = np.minimum(sums(Pareto(0.8, low), 0.6, 200_000), limit)
        assert abs(drawn.mean() - found.mean()) < 4 * drawn.std() / math.sqrt(200_000)
        assert found.sd() == pytest.approx(drawn.std(), rel=0.03)


def test_a_truncated_tail_has_every_moment() -> None:
    loss = Truncated(Pareto(0.8, 1e4), 0.0, 1e8)
    found = simulate(study(loss)).portfolio
    assert found.mean() == pytest.approx(0.6 * loss.mean(), rel=1e-9)
    assert found.variance() == pytest.approx(0.6 * loss.second_moment(), rel=1e-9)
    drawn = sums(loss, 0.6, 200_000)
    over = (drawn > found.var(0.99)).mean()
    assert abs(over - 0.01) < 4 * math.sqrt(0.01 * 0.99 / 200_000)


def test_a_metalog_at_its_limits() -> None:
    """Semi-bounded: a mean needs a2 + a3/2 < 1, a variance < 1/2."""
    for sum_of, mean, variance in (
        (0.49, True, True),
        (0.51, True, False),
        (0.99, True, False),
        (1.01, False, False),
    ):
        loss = Metalog([11.0, sum_of - 0.1, 0.2], lower=0.0)
        assert math.isfinite(loss.mean()) == mean
        assert math.isfinite(loss.variance()) == variance
        found = simulate(study(loss)).portfolio
        assert math.isfinite(found.mean()) == mean
        assert math.isfinite(found.sd()) == variance


@pytest.mark.parametrize("rate", [Pareto(1.5, 0.1), Pareto(0.9, 1e-3), GeneralisedPareto(0.6, 0.1)])
def test_a_frequency_without_a_variance_is_refused(rate: Distribution) -> None:
    made = Study(
        scenarios=(
            Scenario.fair("S", "s", loss_event_frequency=rate, loss_magnitude=LogNormal(11, 1)),
        )
    )
    with pytest.raises(WorkbenchError, match="has a mean and a variance"):
        simulate(made)
