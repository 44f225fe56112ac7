"""Several years with the held beliefs kept, the largest single event, the time to the first."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from workbench.distributions import (
    Beta,
    Discrete,
    Distribution,
    Gamma,
    LogNormal,
    Pareto,
    Pert,
    Point,
    Uniform,
)
from workbench.engines import montecarlo
from workbench.engines.counts import (
    Bernoulli,
    Binomial,
    Count,
    NegativeBinomial,
    Poisson,
    ZeroTruncated,
)
from workbench.errors import WorkbenchError
from workbench.models import Asset, Scenario, SecondaryLoss, Study, Terms, simulate
from workbench.models.horizon import FirstEvent, LargestEvent, over_years
from workbench.models.planning import plans_of
from workbench.models.views import chance_above_asset

pytestmark = pytest.mark.pure


def study(*scenarios: Scenario, **more: object) -> Study:
    return Study(scenarios=scenarios, **more)


def year(rate: Distribution | float, loss: Distribution, **more: object) -> Scenario:
    rate = rate if isinstance(rate, Distribution) else Point(rate)
    name = str(more.pop("id", "S-01"))
    return Scenario.fair(name, "s", loss_event_frequency=rate, loss_magnitude=loss, **more)


# ---------------------------------------------------------------- several years


def test_years_with_a_known_rate_are_independent() -> None:
    loss = Gamma(2.0, 1e5)
    three = over_years(study(year(0.5, loss)), 3)
    one = simulate(study(year(1.5, loss))).portfolio  # three Poisson years are one of three rates
    assert three.mean() == pytest.approx(one.mean(), rel=1e-12)
    assert three.sd() == pytest.approx(one.sd(), rel=1e-12)
    for level in (0.5, 0.9, 0.99):
        assert three.var(level) == pytest.approx(one.var(level), rel=1e-5)


@pytest.mark.parametrize("count", [Poisson(), NegativeBinomial(2.5), Bernoulli(), Binomial(12)])
def test_the_variance_keeps_what_is_held(count: Count) -> None:
    rate, loss, r = Pert(0.1, 0.3, 0.9), Gamma(2.0, 1e5), 0.04
    found = over_years(study(year(rate, loss, count=count)), 4, discount_rate=r)
    v = np.array([(1 + r) ** -t for t in (1, 2, 3, 4)])
    m, lam, lam2 = loss.mean(), rate.mean(), rate.variance() + rate.mean() ** 2
    spread = {
        Poisson: lam,
        NegativeBinomial: 2.5 * lam,
        Bernoulli: lam - lam2,
        Binomial: lam - lam2 / 12,
    }[type(count)]
    # Var = sum v^2 E[Var(L | rate)] + (sum v)^2 Var(rate) m^2
    within = lam * loss.variance() + spread * m * m
    wanted = (v**2).sum() * within + v.sum() ** 2 * rate.variance() * m * m
    assert found.mean() == pytest.approx(v.sum() * lam * m, rel=1e-12)
    assert found.variance() == pytest.approx(wanted, rel=1e-10)


def three_years() -> Study:
    return study(
        Scenario.classical(
            "a",
            "a",
            aro=Pert(0.2, 0.6, 2.0),
            exposure_factor=Beta(2.0, 5.0),
            asset="A",
            secondary=SecondaryLoss(Beta(2.0, 3.0), Gamma(1.5, 2e5)),
        ),
        Scenario.classical("b", "b", aro=Point(0.7), exposure_factor=Uniform(0, 1), asset="A"),
        year(Gamma(2.0, 0.2), LogNormal(11, 1), id="c", count=NegativeBinomial(2.0)),
        year(0.4, Point(3e5), id="d", count=Bernoulli()),
        assets=(Asset("A", "A", LogNormal.from_interval(3e5, 2e6)),),
    )


def test_several_years_agree_with_simulated_ones() -> None:
    made, years = three_years(), 40_000
    factors = tuple(1.03**-t for t in (1, 2, 3))
    plans = [replace(plan, factors=factors) for plan in plans_of(made)]
    drawn = np.sum(list(montecarlo.simulate(plans, years, 11).values()), axis=0)
    found = over_years(made, 3, discount_rate=0.03)
    assert abs(drawn.mean() - found.mean()) < 4 * found.sd() / math.sqrt(years)
    assert drawn.std() == pytest.approx(found.sd(), rel=0.03)
    for x in np.quantile(drawn, [0.05, 0.5, 0.9, 0.99, 0.999]):
        p = float(found.exceedance(x))
        assert abs((drawn > x).mean() - p) < 4 * math.sqrt(p * (1 - p) / years) + 1e-6


def test_one_year_without_discount_is_the_year() -> None:
    made = study(*three_years().scenarios[2:])
    one, same = over_years(made, 1), simulate(made).portfolio
    assert one.var(0.99) == same.var(0.99)
    assert one.mean() == same.mean()


def test_held_beliefs_widen_several_years_and_independent_ones_do_not() -> None:
    rate, loss = LogNormal.from_interval(0.2, 3), Gamma(2.0, 1e5)
    single = simulate(study(year(rate, loss))).portfolio
    ten = over_years(study(year(rate, loss)), 10)
    assert ten.variance() > 3 * (10 * single.variance())  # years that were redrawn would add


def test_terms_of_the_year_are_refused_over_several_or_discounted_years() -> None:
    made = study(year(1.0, Gamma(2.0, 1.0), terms=Terms(annual_deductible=1.0, annual_limit=3.0)))
    for years, r in ((2, 0.0), (1, 0.5)):
        with pytest.raises(WorkbenchError, match="without terms of the year"):
            over_years(made, years, discount_rate=r)
    assert over_years(made, 1).mean() == simulate(made).portfolio.mean()
    for wrong in (0, 101, 2.5, True):
        with pytest.raises(WorkbenchError, match="whole number of years"):
            over_years(made, wrong)


# ---------------------------------------------------------------- the largest single event


def test_the_largest_event_in_closed_form() -> None:
    found = LargestEvent.of(study(year(2.0, Gamma(1.0, 1e5))))
    x = np.array([0.0, 5e4, 1e5, 4e5, 1e6])
    assert found.exceedance(x) == pytest.approx(1 - np.exp(-2 * np.exp(-x / 1e5)), rel=1e-12)
    # P(M <= x) = p  <=>  x = -log(-log(p)/rate)
    assert found.var(0.99) == pytest.approx(-1e5 * math.log(-math.log(0.99) / 2), rel=1e-10)
    assert found.var(0.1) == 0.0  # exp(-2) = 13.5 % of the years have no event


def test_the_largest_event_is_held_for_each_asset() -> None:
    """Two scenarios on one asset: E over A of exp(-2 P(A EF > x | A))."""
    asset = Asset("A", "A", Uniform(1.0, 9.0))
    both = [
        Scenario.classical(i, i, aro=Point(1.0), exposure_factor=Uniform(0, 1), asset="A")
        for i in "ab"
    ]
    found = LargestEvent.of(study(*both, assets=(asset,)))
    for x in (0.5, 4.0, 8.0):
        wanted = integrate.quad(
            lambda a, x=x: math.exp(-2 * max(1 - x / a, 0)) / 8, 1, 9, points=[x], epsabs=1e-12
        )[0]
        assert float(found.exceedance(x)) == pytest.approx(1 - wanted, abs=2e-4)


def test_the_largest_event_agrees_with_simulated_maxima() -> None:
    rate, loss, extra, years = 1.5, Gamma(2.0, 1e5), Gamma(1.0, 1e6), 200_000
    made = study(year(rate, loss, secondary=SecondaryLoss(Uniform(0.0, 0.4), extra)))
    rng = np.random.default_rng(5)
    n = rng.poisson(rate, years)
    at = np.repeat(np.arange(years), n)
    share = rng.uniform(0, 0.4, years)[at]
    cost = rng.gamma(2, 1e5, at.size) + np.where(
        rng.random(at.size) < share, rng.exponential(1e6, at.size), 0
    )
    largest = np.zeros(years)
    np.maximum.at(largest, at, cost)
    found = LargestEvent.of(made)
    for x in (1e5, 4e5, 1e6, 3e6):
        p = float(found.exceedance(x))
        assert abs((largest > x).mean() - p) < 4 * math.sqrt(p * (1 - p) / years)


def test_the_largest_event_of_a_clustered_count() -> None:
    d, rate = 3.0, 2.0
    found = LargestEvent.of(study(year(rate, Gamma(1.0, 1.0), count=NegativeBinomial(d))))
    x = np.array([0.5, 2.0, 5.0])
    wanted = 1 - (1 + (d - 1) * np.exp(-x)) ** (-rate / (d - 1))
    assert found.exceedance(x) == pytest.approx(wanted, rel=1e-10)


# ---------------------------------------------------------------- the first event


@pytest.mark.parametrize(
    ("rate", "count", "within_2", "mean"),
    [
        (Point(0.1), Poisson(), 1 - math.exp(-0.2), 10.0),
        (Point(20.0), Poisson(), 1.0, 0.05),
        (Gamma(3.0, 0.1), Poisson(), 1 - 1.2**-3, 5.0),  # E[1/rate] = 1/(scale (shape - 1))
        (Gamma(1.5, 0.1), Poisson(), 1 - 1.2**-1.5, 20.0),  # the tail falls like t^-1.5
        (Gamma(1.1, 0.1), Poisson(), 1 - 1.2**-1.1, 100.0),
        (Uniform(0.1, 1.0), Poisson(), None, math.log(10) / 0.9),
        (Pert(0.0, 0.1, 1.0), Poisson(), None, 12.5),  # (alpha + beta - 1)/(alpha - 1)
        (Uniform(0.0, 1.0), Poisson(), None, math.inf),
        (Point(0.2), NegativeBinomial(2.0), 1 - 2.0**-0.4, 1 / (0.2 * math.log(2))),
        (Point(0.1), Bernoulli(), 1 - 0.9**2, 10.0),
        (Point(0.005), Bernoulli(), 1 - 0.995**2, 200.0),
        (Point(0.1), Binomial(12), 1 - (1 - 0.1 / 12) ** 24, 1 / (1 - (1 - 0.1 / 12) ** 12)),
        (Point(2.0), ZeroTruncated(Poisson()), 1.0, 1.0),
    ],
    ids=str,
)
def test_the_time_to_the_first_event(
    rate: Distribution, count: Count, within_2: float | None, mean: float
) -> None:
    found = FirstEvent.of(study(year(rate, Gamma(2.0, 1e5), count=count)))
    if within_2 is not None:
        assert found.within(2) == pytest.approx(within_2, rel=1e-9)
    close = 2e-9 if found.at_any_time() else 1e-6  # steps of whole years are integrated, too
    assert found.mean() == pytest.approx(mean, rel=close)
    assert found.within(0) == 0


def test_the_first_event_of_two_kinds_of_count() -> None:
    """Whole years beside a Poisson: sum of 0.9^k times the integral of exp(-t/20) over year k."""
    made = study(year(0.1, Point(1.0), id="a", count=Bernoulli()), year(0.05, Point(1.0), id="b"))
    k = np.arange(4000)
    wanted = np.sum(0.9**k * (np.exp(-k / 20) - np.exp(-(k + 1) / 20)) * 20)
    assert FirstEvent.of(made).mean() == pytest.approx(wanted, rel=1e-6)
    assert FirstEvent.of(made).within(2) == pytest.approx(1 - 0.81 * math.exp(-0.1), rel=1e-12)
    with pytest.raises(WorkbenchError, match=r"asked for whole years; got 2\.5"):
        FirstEvent.of(made).within(2.5)


def test_a_shared_asset_makes_first_events_dependent() -> None:
    """With a deductible: E over A of exp(-2 t P(EF A > 4 | A)), not the product of two means."""
    asset = Asset("A", "A", Uniform(0.0, 10.0))
    both = [
        Scenario.classical(
            i,
            i,
            aro=Point(1.0),
            exposure_factor=Uniform(0, 1),
            asset="A",
            terms=Terms(deductible=4.0),
        )
        for i in "ab"
    ]
    found = FirstEvent.of(study(*both, assets=(asset,))).within(1)
    kept = 0.4 + integrate.quad(lambda a: math.exp(-2 * (1 - 4 / a)) / 10, 4, 10)[0]
    alone = 0.4 + integrate.quad(lambda a: math.exp(-(1 - 4 / a)) / 10, 4, 10)[0]
    assert found == pytest.approx(1 - kept, abs=1e-9)
    assert abs(found - (1 - alone**2)) > 0.02


def test_only_events_that_cost_something_count() -> None:
    made = study(year(1.0, Uniform(0.0, 10.0), terms=Terms(deductible=4.0)))
    assert FirstEvent.of(made).within(1) == pytest.approx(1 - math.exp(-0.6), rel=1e-12)
    assert FirstEvent.of(study(year(0.0, Point(1.0)))).mean() == math.inf
    assert FirstEvent.of(study()).mean() == math.inf
    for wrong in (-1.0, math.nan, 1e13):
        with pytest.raises(WorkbenchError, match="a time is"):
            FirstEvent.of(made).within(wrong)


# ---------------------------------------------------------------- P(annual loss > AV)


def test_a_year_above_the_asset_in_closed_form() -> None:
    """With EF = 1 it is P(N >= 2); with a uniform EF the sum of Irwin-Hall tails, whatever A."""
    scenario = Scenario.classical(
        "S", "s", aro=Point(0.8), exposure_factor=Point(1.0), asset_value=LogNormal(13, 1)
    )
    found = chance_above_asset(study(scenario), "S")
    assert found == pytest.approx(1 - math.exp(-0.8) * 1.8, rel=1e-12)
    uniform = scenario.replace(exposure_factor=Uniform(0, 1))
    # P(U1 + ... + Un <= 1) = 1/n!
    wanted = sum(stats.poisson.pmf(n, 0.8) * (1 - 1 / math.factorial(n)) for n in range(1, 30))
    # the curve has a corner at 1, which the grid rounds off
    assert chance_above_asset(study(uniform), "S") == pytest.approx(wanted, abs=2.4e-4)
    assert chance_above_asset(study(year(1.0, Point(1.0))), "S-01") is None


def test_terms_and_what_follows_count_against_the_worth_of_the_asset() -> None:
    def owned(worth: object, **more: object) -> Study:
        one = Scenario.classical(
            "S", "S", aro=Point(1.0), exposure_factor=Point(0.9), asset_value=worth, **more
        )
        return study(one)

    # two events of 0.9 of the asset pass it: P(N > 1) = 1 - 2 / e
    twice = 1 - 2 * math.exp(-1)
    for worth in (Point(1e6), Uniform(5e5, 2e6)):
        assert chance_above_asset(owned(worth), "S") == pytest.approx(twice, abs=1e-6)
    half = Terms(annual_limit=5e5)
    assert chance_above_asset(owned(Point(1e6), terms=half), "S") == 0
    # an event of 0.9 A with 2M more passes A for every A in 0.5M to 2M: P(N > 0)
    more = SecondaryLoss(Point(1.0), Point(2e6))
    for worth in (Point(1e6), Uniform(5e5, 2e6)):
        found = chance_above_asset(owned(worth, secondary=more), "S")
        assert found == pytest.approx(1 - math.exp(-1), abs=1e-6)
    # a limit of 1M an event: one event passes an asset of less than 1M, two pass one below 2M
    found = chance_above_asset(owned(Uniform(5e5, 1.5e6), terms=Terms(limit=1e6)), "S")
    assert found == pytest.approx(twice, abs=1e-3)


@pytest.mark.parametrize("terms", [Terms(), Terms(deductible=5e4), Terms(2e4, 3e5, 0.5)], ids=str)
def test_the_largest_single_share_of_an_asset_is_that_of_the_asset(terms: Terms) -> None:
    """E over A of 1 - exp(-r P(T(A s) > x | A)): steps of A, each in closed form.

    An average over some values of the asset was off by up to 14 % here.
    """
    rate, shares, chances = 0.7, (0.1, 0.6), (0.8, 0.2)
    value = LogNormal(13.0, 0.6)
    asset = Asset("A", "A", value)
    one = Scenario.classical(
        "S",
        "s",
        aro=Point(rate),
        exposure_factor=Discrete(shares, chances),
        asset="A",
        terms=terms,
    )
    x = np.geomspace(1e3, 9e4, 40)
    before = terms.deductible + x / terms.share
    small, large = (value.sf(before / share) for share in shares)  # the larger share needs less
    wanted = small * (1 - math.exp(-rate)) + (large - small) * (1 - math.exp(-rate * chances[1]))
    found = LargestEvent.of(study(one, assets=(asset,))).exceedance(x)
    assert found == pytest.approx(np.where(x < terms.share * terms.limit, wanted, 0), rel=1e-5)


def test_what_is_no_loss_is_passed_for_certain_and_what_is_no_number_is_none() -> None:
    one = Scenario.fair("S", "s", loss_event_frequency=Point(0.2), loss_magnitude=Point(5.0))
    event = LargestEvent.of(study(one))
    found = event.exceedance([-1.0, 0.0, 4.0, 5.0, math.nan])
    assert found[:4] == pytest.approx([1.0, -math.expm1(-0.2), -math.expm1(-0.2), 0.0])
    assert math.isnan(found[4])


def test_a_quantile_beyond_all_amounts_is_endless() -> None:
    magnitude = Pareto(0.05, 1e6)
    heavy = Scenario.fair("S", "s", loss_event_frequency=Point(5.0), loss_magnitude=magnitude)
    assert LargestEvent.of(study(heavy)).var(0.999) == math.inf


def test_first_events_of_several_single_shares_under_a_deductible() -> None:
    """E over A of exp(-r t P(s > d / A)): steps of A, each in closed form."""
    value, rate, years, deductible = LogNormal(13.8, 2.0), 2.0, 3, 6e5
    shares, chances = (0.7, 0.4, 0.2, 0.1), (0.2, 0.3, 0.4, 0.1)  # the largest needs least
    one = Scenario.classical(
        "S",
        "s",
        aro=Point(rate),
        exposure_factor=Discrete(shares[::-1], chances[::-1]),
        asset="A",
        terms=Terms(deductible=deductible),
    )
    reached = np.append([float(value.sf(deductible / share)) for share in shares], 0.0)
    wanted = -np.diff(reached) @ -np.expm1(-rate * years * np.cumsum(chances))
    found = FirstEvent.of(study(one, assets=(Asset("A", "A", value),))).within(years)
    assert found == pytest.approx(wanted, rel=1e-7)


def test_the_largest_event_of_scenarios_with_terms_of_their_own() -> None:
    """One asset, one scenario with a deductible and one without: E over A, by quadrature."""
    value, d = Uniform(1e5, 5e5), 3e4
    both = [
        Scenario.classical(
            name, name, aro=Point(0.8), exposure_factor=Uniform(0.1, 0.6), asset="A", terms=terms
        )
        for name, terms in (("a", Terms()), ("b", Terms(deductible=d)))
    ]
    event = LargestEvent.of(study(*both, assets=(Asset("A", "A", value),)))

    def none_above(a: float, x: float) -> float:
        passed = [min(max((0.6 - (x + cut) / a) / 0.5, 0.0), 1.0) for cut in (0.0, d)]
        return math.exp(-0.8 * sum(passed)) / 4e5

    for x in (2e4, 8e4, 2e5):
        cuts = [min(max((x + cut) / s, 1e5), 5e5) for cut in (0.0, d) for s in (0.1, 0.6)]
        edges = sorted({1e5, 5e5, *cuts})
        below = sum(integrate.quad(none_above, *pair, args=(x,))[0] for pair in pairwise(edges))
        assert float(event.exceedance(x)) == pytest.approx(1 - below, abs=2e-4)
