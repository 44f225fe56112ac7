"""Terms of an event and of a year: their order, closed forms, and simulated years."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from workbench.distributions import (
    Beta,
    Discrete,
    Distribution,
    Gamma,
    LogNormal,
    Pert,
    Point,
    Uniform,
)
from workbench.engines import exact
from workbench.engines.counts import Bernoulli, NegativeBinomial
from workbench.engines.plan import AnnualTerms, CompoundPlan
from workbench.losses import LossDistribution
from workbench.models import (
    Asset,
    DiscreteCount,
    Scenario,
    SecondaryLoss,
    Study,
    Terms,
    simulate,
)

pytestmark = pytest.mark.pure


def year(rate: float | Distribution, loss: Distribution, **more: object) -> Study:
    rate = rate if isinstance(rate, Distribution) else Point(rate)
    scenario = Scenario.fair("S", "s", loss_event_frequency=rate, loss_magnitude=loss, **more)
    return Study(scenarios=(scenario,))


def assert_same(found: LossDistribution, drawn: LossDistribution, years: int) -> None:
    """Mean, chance of no loss and chances over the tail agree within errors."""
    assert abs(drawn.mean() - found.mean()) < 4 * found.sd() / math.sqrt(years) + 1e-9
    assert drawn.prob_no_loss() == pytest.approx(found.prob_no_loss(), abs=2 / math.sqrt(years))
    for level in (0.3, 0.7, 0.9, 0.97, 0.99):
        x = drawn.var(level) * 0.9999 - 1e-6
        p = float(found.exceedance(x))
        slack = 4.5 * math.sqrt(max(p * (1 - p), 1 / years) / years) + found.exceedance_error(x)
        assert abs(float(drawn.exceedance(x)) - p) < slack, (level, x)


# ---------------------------------------------------------------- terms of a year


@pytest.mark.parametrize(
    ("deductible", "limit"), [(0, 3e5), (1e5, math.inf), (1e5, 4e5), (5e4, 1e4)]
)
def test_a_layer_of_exponential_losses_in_closed_form(
    deductible: float, limit: float, closed: object
) -> None:
    """E[min((S - d)+, l)] = E[(S - d)+] - E[(S - d - l)+], each a series of gammas."""
    series = closed.GammaSum(closed.poisson_pmf(1.5), 1.0, 1e5)
    top = deductible + limit
    found = simulate(
        year(1.5, Gamma(1.0, 1e5), terms=Terms(annual_deductible=deductible, annual_limit=limit))
    ).portfolio
    mean = series.excess(deductible) - (series.excess(top) if math.isfinite(limit) else 0.0)
    assert found.mean() == pytest.approx(mean, rel=1e-5)
    assert abs(found.mean() - mean) <= found.error("mean") + 1e-9 * mean
    assert found.prob_no_loss() == pytest.approx(1 - series.sf(deductible), abs=1e-7)
    high = top if math.isfinite(limit) else 60e5
    square = integrate.quad(
        lambda t: 2 * (t - deductible) * series.sf(t), deductible, high, epsabs=1, limit=300
    )[0]
    assert found.variance() == pytest.approx(square - mean**2, rel=1e-5)
    assert abs(found.sd() - math.sqrt(square - mean**2)) <= found.error("sd") + 1e-7 * found.sd()
    for level in (0.5, 0.9, 0.99):
        wanted = min(max(series.var(level) - deductible, 0), limit)
        assert abs(found.var(level) - wanted) <= found.var_error(level) + 1e-6 * wanted
    if math.isfinite(limit):
        # the atom at the limit is P(S >= d + l), and no year costs more
        below = float(found.exceedance(limit * (1 - 1e-9)))
        assert below == pytest.approx(series.sf(top), abs=5e-6)
        assert float(found.exceedance(limit)) == 0
        assert found.var(0.99999) == pytest.approx(limit, rel=1e-9)
        assert found.tvar(0.999) <= limit * (1 + 1e-9)


def test_an_annual_deductible_that_no_year_reaches() -> None:
    for loss in (Uniform(0.0, 1.0), Point(1.0)):
        made = year(0.5, loss, count=Bernoulli(), terms=Terms(annual_deductible=2.0))
        found = simulate(made).portfolio
        assert found.mean() == pytest.approx(0, abs=1e-12)
        assert found.prob_no_loss() == pytest.approx(1, abs=1e-12)
        assert found.var(0.99) == 0


def test_terms_of_a_year_of_single_values() -> None:
    """Losses of 1: min((N - 1)+, 2)."""
    made = year(1.5, Point(1.0), terms=Terms(annual_deductible=1, annual_limit=2))
    found = simulate(made).portfolio
    p = stats.poisson.pmf(np.arange(4), 1.5)
    assert found.prob_no_loss() == pytest.approx(p[0] + p[1], abs=1e-12)
    assert found.mean() == pytest.approx(p[2] + 2 * (1 - p[:3].sum()), rel=1e-12)
    assert float(found.exceedance(1.5)) == pytest.approx(1 - p[:3].sum(), abs=1e-12)
    second = p[2] + 4 * (1 - p[:3].sum())
    assert found.variance() == pytest.approx(second - found.mean() ** 2, rel=1e-9)


def test_the_order_of_terms() -> None:
    """One event of 100: ((100 - 10) cut at 60) x 0.5 = 30, then 30 - 5 = 25, at most 20."""
    for terms, wanted in (
        (Terms(deductible=10, limit=60, share=0.5), 30),
        (Terms(deductible=10, limit=60, share=0.5, annual_deductible=5), 25),
        (Terms(deductible=10, limit=60, share=0.5, annual_deductible=5, annual_limit=20), 20),
        (Terms(limit=60, annual_limit=50), 50),
        (Terms(deductible=10, share=0.5), 45),
    ):
        for engine in ("exact", "montecarlo"):
            scenario = Scenario.fair(
                "S", "s", loss_magnitude=Point(100.0), count=DiscreteCount([1], [1.0]), terms=terms
            )
            found = simulate(Study(scenarios=(scenario,)), engine=engine, years=100).portfolio
            assert found.mean() == pytest.approx(wanted, rel=1e-12)
            assert found.var(0.5) == pytest.approx(wanted, rel=1e-12)


# ---------------------------------------------------------------- terms of an event


def test_event_terms_on_exponential_losses_in_closed_form() -> None:
    """E[min((X - d)+, l)] = theta (e^(-d/theta) - e^(-(d + l)/theta)); small events vanish."""
    theta, d, limit, share = 1e5, 5e4, 2e5, 0.8
    found = simulate(
        year(2.0, Gamma(1.0, theta), terms=Terms(deductible=d, limit=limit, share=share))
    ).portfolio
    mean = share * theta * (math.exp(-d / theta) - math.exp(-(d + limit) / theta))
    second = (
        share**2
        * integrate.quad(lambda y: 2 * y * math.exp(-(y + d) / theta), 0, limit, epsabs=1)[0]
    )
    assert found.mean() == pytest.approx(2 * mean, rel=1e-10)
    assert found.variance() == pytest.approx(2 * second, rel=1e-8)
    assert found.prob_no_loss() == pytest.approx(math.exp(-2 * math.exp(-d / theta)), rel=1e-10)


ASSETS = (Asset("A", "A", LogNormal.from_interval(3e5, 3e6)),)


def held(id: str, terms: Terms, **more: object) -> Scenario:
    return Scenario.classical(
        id, id, aro=Pert(0.3, 1, 3), exposure_factor=Beta(2.0, 4.0), terms=terms, **more
    )


SECOND = SecondaryLoss(Beta(2.0, 4.0), Gamma(1.0, 4e5))
EVENT, ANNUAL = Terms(deductible=5e4, limit=4e5, share=0.9), Terms(annual_limit=1e6)
BOTH = replace(EVENT, annual_deductible=1e5, annual_limit=8e5)
STUDIES = {
    "known asset": Study(scenarios=(held("a", EVENT, asset_value=Point(1e6), secondary=SECOND),)),
    "uncertain asset": Study(scenarios=(held("a", EVENT, asset_value=ASSETS[0].value),)),
    "uncertain, secondary": Study(
        scenarios=(held("a", BOTH, asset_value=ASSETS[0].value, secondary=SECOND),)
    ),
    "shared asset": Study(
        scenarios=(held("a", EVENT, asset="A"), held("b", ANNUAL, asset="A")), assets=ASSETS
    ),
    "portfolio": Study(
        scenarios=(
            held("a", ANNUAL, asset_value=Point(1e6)),
            year(0.8, Gamma(2.0, 1e5)).scenarios[0].replace(id="b"),
            year(2.0, LogNormal(11, 1), count=NegativeBinomial(2.0), terms=BOTH)
            .scenarios[0]
            .replace(id="c"),
        )
    ),
}


@pytest.mark.parametrize("name", STUDIES)
def test_terms_agree_with_simulated_years(name: str, soaking: bool) -> None:
    made, years = STUDIES[name], 40_000
    if name == "uncertain, secondary" and not soaking:  # a sum of its own for each asset value
        made = made.replace_scenario(made.scenarios[0].replace(secondary=None))
    if name == "shared asset" and not soaking:  # a table of its own for each asset value
        worth = Discrete([4e5, 1e6, 2.5e6], [0.3, 0.4, 0.3])
        made = replace(made, assets=(Asset("A", "A", worth),))
    computed = simulate(made)
    drawn = simulate(made, engine="montecarlo", years=years)
    assert_same(computed.portfolio, drawn.portfolio, years)
    for one in computed.scenarios:
        assert computed.scenarios[one].mean() > 1e4  # both engines ask `is_nothing`
        assert_same(computed.scenarios[one], drawn.scenarios[one], years)
    for level in (0.9, 0.99):
        parts, others = computed.contributions(level), drawn.contributions(level)
        assert sum(parts.values()) == pytest.approx(computed.portfolio.tvar(level), rel=1e-9)
        for one, amount in parts.items():
            assert others[one] == pytest.approx(
                amount, rel=0.15, abs=0.03 * computed.portfolio.tvar(level)
            )


def test_a_capped_plan_beside_others_keeps_its_mean() -> None:
    """Means add whatever the terms; the total's chance of nothing is the product of theirs."""
    made = STUDIES["portfolio"]
    found = simulate(made)
    parts = list(found.scenarios.values())
    assert found.portfolio.mean() == pytest.approx(sum(p.mean() for p in parts), rel=1e-9)
    assert found.portfolio.variance() == pytest.approx(sum(p.variance() for p in parts), rel=1e-9)
    free = math.prod(p.prob_no_loss() for p in parts)
    assert found.portfolio.prob_no_loss() == pytest.approx(free, rel=1e-9)


def test_the_mean_of_terms_is_that_of_the_layer() -> None:
    """`layer` on the year without terms is the year with them."""
    for rate in (Point(1.5), Pert(0.3, 1, 4)):
        plan = CompoundPlan("S", rate, LogNormal(11, 1.2))
        one = exact.compound(plan).layer(2e5, 1e6)
        two = exact.compound(replace(plan, annual=AnnualTerms(2e5, 1e6)))
        assert two.mean() == pytest.approx(one.mean(), rel=1e-12)
        assert two.var(0.95) == pytest.approx(one.var(0.95), rel=1e-12)


@pytest.mark.parametrize("name", ["known asset", "uncertain asset", "shared asset"])
def test_terms_on_an_asset_agree_with_numpy(name: str) -> None:
    """E[0.9 min((A EF - d)+, l)] by numpy alone: an unbounded asset is not worthless."""
    rng, n = np.random.default_rng(8), 400_000
    mu, sigma = ASSETS[0].value.mu, ASSETS[0].value.sigma
    asset = np.full(n, 1e6) if name == "known asset" else rng.lognormal(mu, sigma, n)
    event = 0.9 * np.minimum(np.maximum(asset * rng.beta(2, 4, n) - 5e4, 0), 4e5)
    scenario = STUDIES[name].scenarios[0].replace(secondary=None)
    study = replace(STUDIES[name], scenarios=(scenario,))
    rate = scenario.rate().mean()
    error = 5 * rate * event.std() / math.sqrt(n)
    assert simulate(study).portfolio.mean() == pytest.approx(rate * event.mean(), abs=error)
