"""What an event costs: six forms of loss, secondary loss, and what is held of it."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from workbench.distributions import (
    Beta,
    Comonotone,
    Discrete,
    Distribution,
    Empirical,
    Gamma,
    LogNormal,
    Mixture,
    Pert,
    Point,
    Uniform,
)
from workbench.engines.band import conditional_curves
from workbench.losses import LossDistribution
from workbench.models import (
    Asset,
    DiscreteCount,
    LossEvents,
    LossForms,
    Scenario,
    SecondaryLoss,
    Study,
    Terms,
    ThreatEvents,
    Vulnerability,
    simulate,
)
from workbench.models.horizon import over_years
from workbench.models.planning import plans_of
from workbench.models.views import mean_belief, product_of_ranges, second_order_band

pytestmark = pytest.mark.pure


def year(rate: object, loss: object, **more: object) -> Study:
    rate = Point(rate) if isinstance(rate, int | float) else rate
    scenario = Scenario.fair("S", "s", loss_event_frequency=rate, loss_magnitude=loss, **more)
    return Study(scenarios=(scenario,))


def exact(*args: object, **more: object) -> LossDistribution:
    return simulate(year(*args, **more)).portfolio


# ---------------------------------------------------------------- vulnerability


def test_forms_add_and_together_they_move_as_one() -> None:
    parts = {"productivity": Gamma(2.0, 1e5), "response": LogNormal(11, 0.8)}
    means = math.fsum(p.mean() for p in parts.values())
    variances = math.fsum(p.variance() for p in parts.values())
    apart, together = LossForms(**parts).belief(), LossForms(**parts, together=True).belief()
    assert apart.mean() == pytest.approx(means, rel=1e-12)
    assert apart.variance() == pytest.approx(variances, rel=1e-12)
    assert together.mean() == pytest.approx(means, rel=1e-12)
    u = np.array([0.01, 0.5, 0.95, 0.999])
    added = parts["productivity"].ppf(u) + parts["response"].ppf(u)  # comonotone quantiles add
    assert together.ppf(u) == pytest.approx(added, rel=1e-9)
    both = integrate.quad(
        lambda t: float(parts["productivity"].ppf(t) * parts["response"].ppf(t)), 0, 1, limit=200
    )[0]
    covariance = both - parts["productivity"].mean() * parts["response"].mean()
    assert together.variance() == pytest.approx(variances + 2 * covariance, rel=1e-5)
    # a year of a Poisson rate: Var(L) = rate E[X^2]
    for forms, belief in (
        (LossForms(**parts), apart),
        (LossForms(**parts, together=True), together),
    ):
        found = exact(0.7, forms)
        second = belief.variance() + means**2
        assert found.mean() == pytest.approx(0.7 * means, rel=1e-12)
        assert found.variance() == pytest.approx(0.7 * second, rel=1e-6)


def test_the_value_at_risk_of_one_event_adds_where_forms_move_together() -> None:
    parts = {"productivity": Uniform(0, 100.0), "fines_and_judgments": Gamma(1.0, 50.0)}
    forms = LossForms(**parts, together=True)
    once = DiscreteCount([1], [1.0])
    found = simulate(
        Study(scenarios=(Scenario.fair("S", "s", loss_magnitude=forms, count=once),))
    ).portfolio
    for level in (0.5, 0.95, 0.99):
        wanted = sum(float(p.ppf(level)) for p in parts.values())
        assert found.var(level) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("together", [False, True])
def test_forms_agree_with_simulation(together: bool) -> None:
    forms = LossForms(
        productivity=Pert(1e4, 5e4, 3e5),
        response=LogNormal(11, 1),
        replacement=Point(2e4),
        reputation=Gamma(0.5, 4e5),
        together=together,
    )
    made, years = year(Pert(0.2, 1, 3), forms), 40_000
    found = simulate(made).portfolio
    drawn = simulate(made, engine="montecarlo", years=years).portfolio
    assert_same(found, drawn, years)


def assert_same(found: LossDistribution, drawn: LossDistribution, years: int) -> None:
    """Chances, mean and sd of a computed year agree with those of simulated ones."""
    assert abs(drawn.mean() - found.mean()) < 4 * found.sd() / math.sqrt(years) + 1e-9
    assert drawn.prob_no_loss() == pytest.approx(
        found.prob_no_loss(), abs=4 * math.sqrt(0.25 / years)
    )
    for level in (0.3, 0.7, 0.9, 0.97, 0.99, 0.999):
        x = drawn.var(level) * 1.0001 + 1e-6
        p = float(found.exceedance(x))
        slack = 4.5 * math.sqrt(max(p * (1 - p), 1 / years) / years) + found.exceedance_error(x)
        assert abs(float(drawn.exceedance(x)) - p) < slack, (level, x)


# ---------------------------------------------------------------- secondary loss


@pytest.mark.parametrize("share", [Point(0.3), Beta(2.0, 4.0), Uniform(0.0, 1.0)], ids=str)
def test_secondary_loss_has_its_closed_moments(share: Distribution) -> None:
    """Given the share Q an event is X + B Y, B ~ Bernoulli(Q), and Q is held for the year."""
    rate, x, y = Pert(0.5, 1, 4), Gamma(2.0, 1e5), LogNormal(13, 0.9)
    found = exact(rate, x, secondary=SecondaryLoss(share, y))
    q, q2 = share.mean(), share.variance() + share.mean() ** 2
    lam, lam2 = rate.mean(), rate.variance() + rate.mean() ** 2
    mean = x.mean() + q * y.mean()
    mean_square = x.mean() ** 2 + 2 * q * x.mean() * y.mean() + q2 * y.mean() ** 2
    event = x.second_moment() + 2 * q * x.mean() * y.mean() + q * y.second_moment()
    # Poisson: Var(L | held) = rate E[X^2 | Q]; Var of the mean: E[rate^2] E[m^2] - (rate m)^2
    variance = lam * event + lam2 * mean_square - (lam * mean) ** 2
    assert found.mean() == pytest.approx(lam * mean, rel=1e-12)
    assert found.variance() == pytest.approx(variance, rel=1e-9)


def test_a_known_share_is_a_mixture_of_events() -> None:
    """Point losses: each event is 1 or 4, so that the year is a sum of two Poisson sums."""
    found = exact(2.0, Point(1.0), secondary=SecondaryLoss(Point(0.25), Point(3.0)))
    n = np.arange(40)
    masses = np.zeros(400)
    for k, p in enumerate(stats.poisson.pmf(n, 0.5)):
        masses[4 * k : 4 * k + 40] += p * stats.poisson.pmf(n, 1.5)
    tail = 1 - np.cumsum(masses)[:12]
    assert found.exceedance(np.arange(12.0)) == pytest.approx(tail, abs=1e-12)


def test_a_held_share_mixes_years_and_not_events() -> None:
    share = Discrete([0.0, 1.0], [0.5, 0.5])
    found = exact(2.0, Point(1.0), secondary=SecondaryLoss(share, Point(3.0)))
    n = np.arange(12)
    ones, fours = stats.poisson.cdf(n, 2), stats.poisson.cdf(n // 4, 2)
    wanted = 1 - (ones + fours) / 2
    assert found.exceedance(n + 0.5) == pytest.approx(wanted, abs=1e-6)
    for k in n[1:]:  # a grid spreads the jump itself, and says so
        gap = abs(float(found.exceedance(k)) - wanted[k])
        assert gap <= found.exceedance_error(float(k)) + 1e-9


def secondary_study(share: Distribution) -> Study:
    """Two scenarios on one uncertain asset, both with a secondary loss, and a third apart."""
    classical = Scenario.classical(
        "a",
        "a",
        aro=Pert(0.3, 1, 3),
        exposure_factor=Pert(0.01, 0.1, 0.8),
        asset="A",
        secondary=SecondaryLoss(share, Gamma(1.0, 4e5)),
    )
    other = Scenario.classical(
        "b",
        "b",
        aro=Point(0.8),
        exposure_factor=Beta(2.0, 6.0),
        asset="A",
        secondary=SecondaryLoss(Beta(2.0, 2.0), LossForms(reputation=LogNormal(12, 0.6))),
    )
    third = Scenario.fair(
        "c",
        "c",
        loss_event_frequency=LossEvents(Pert(1, 2, 5), Vulnerability(Uniform(0, 1), Uniform(0, 2))),
        loss_magnitude=LossForms(productivity=Gamma(2.0, 5e4), response=Point(3e4)),
    )
    asset = Asset("A", "A", LogNormal.from_interval(4e5, 3e6))
    return Study(scenarios=(classical, other, third), assets=(asset,))


@pytest.mark.daily(1)
@pytest.mark.parametrize("share", [Point(0.3), Beta(2.0, 4.0)], ids=str)
def test_secondary_loss_beside_a_shared_asset_agrees_with_simulation(share: Distribution) -> None:
    made, years = secondary_study(share), 40_000
    computed = simulate(made)
    drawn = simulate(made, engine="montecarlo", years=years)
    assert_same(computed.portfolio, drawn.portfolio, years)
    for name in "abc":
        assert_same(computed.scenarios[name], drawn.scenarios[name], years)
    for level in (0.9, 0.99):
        parts = computed.contributions(level)
        assert sum(parts.values()) == pytest.approx(computed.portfolio.tvar(level), rel=1e-9)
        others = drawn.contributions(level)
        for name, amount in parts.items():
            assert others[name] == pytest.approx(amount, rel=0.2 if level > 0.95 else 0.08)


def test_secondary_loss_with_an_uncertain_asset_has_its_closed_variance() -> None:
    """L = A S1 + S2 given A: Var = E[Var(L|A)] + Var(A) m1^2, by hand for a Poisson count."""
    a, x, y, q, lam = LogNormal(13, 0.5), Beta(2.0, 5.0), Gamma(2.0, 1e5), 0.4, 1.5
    scenario = Scenario.classical(
        "S",
        "s",
        aro=Point(lam),
        exposure_factor=x,
        asset_value=a,
        secondary=SecondaryLoss(Point(q), y),
    )
    found = simulate(Study(scenarios=(scenario,))).portfolio
    a2 = a.second_moment()
    event = a2 * x.second_moment() + 2 * q * a.mean() * x.mean() * y.mean() + q * y.second_moment()
    variance = lam * event + lam**2 * a.variance() * x.mean() ** 2
    assert found.mean() == pytest.approx(lam * (a.mean() * x.mean() + q * y.mean()), rel=1e-10)
    assert found.variance() == pytest.approx(variance, rel=1e-8)


# ---------------------------------------------------------------- how sure are we


def test_mean_belief_with_a_secondary_loss() -> None:
    """rate x (E[X] + Q E[Y]): moments by hand; its mean is that of the year."""
    rate, share = Pert(0.5, 1, 4), Beta(2.0, 4.0)
    made = year(rate, Gamma(2.0, 1e5), secondary=SecondaryLoss(share, Gamma(1.0, 1e6)))
    belief = mean_belief(made)
    per_event = 2e5 + share.mean() * 1e6
    spread = share.variance() * 1e12
    lam2 = rate.variance() + rate.mean() ** 2
    assert belief.mean() == pytest.approx(rate.mean() * per_event, rel=1e-9)
    wanted = lam2 * (spread + per_event**2) - (rate.mean() * per_event) ** 2
    assert belief.variance() == pytest.approx(wanted, rel=1e-8)
    rng = np.random.default_rng(2)
    drawn = rate.ppf(rng.random(200_000)) * (2e5 + share.ppf(rng.random(200_000)) * 1e6)
    for level in (0.05, 0.5, 0.95):
        x = belief.var(level)
        assert (drawn <= x).mean() == pytest.approx(level, abs=0.004)


def test_mean_belief_where_it_is_sampled_has_the_years_mean() -> None:
    made = secondary_study(Beta(2.0, 4.0))
    belief, whole = mean_belief(made), simulate(made).portfolio
    assert not belief.exact
    assert abs(belief.mean() - whole.mean()) < 4 * belief.error("mean") + 1e-6 * whole.mean()
    assert belief.sd() < whole.sd()


def test_the_product_of_ranges_has_the_right_mean_with_every_node() -> None:
    made = year(
        LossEvents(ThreatEvents(Pert(2, 6, 20), Beta(2.0, 8.0)), Uniform(0.2, 0.6)),
        LossForms(productivity=Gamma(2.0, 5e4), response=LogNormal(11, 0.5)),
        secondary=SecondaryLoss(Beta(2.0, 4.0), Gamma(1.0, 4e5)),
        terms=Terms(deductible=2e4, limit=5e5, share=0.8),
    )
    found = product_of_ranges(made, "S", 40_000)
    assert abs(found.mean() - simulate(made).portfolio.mean()) < 4 * found.error("mean")


NEW = [
    year(LossEvents(Pert(1, 3, 9), Beta(2.0, 5.0)), Gamma(2.0, 1e5)),
    year(0.8, Gamma(2.0, 1e5), secondary=SecondaryLoss(Beta(2.0, 4.0), Gamma(1.0, 1e6))),
    secondary_study(Beta(2.0, 4.0)),
    year(
        Pert(0.5, 1, 4),
        Gamma(2.0, 1e5),
        terms=Terms(deductible=5e4, annual_deductible=1e5, annual_limit=1e7),
    ),
    year(Pert(0.5, 1, 4), LossForms(response=Gamma(2.0, 1e5), reputation=LogNormal(11, 1))),
]


@pytest.mark.parametrize("made", NEW, ids=["product", "share", "shared", "terms", "forms"])
def test_the_band_brackets_the_curve(made: Study) -> None:
    found = simulate(made).portfolio
    x = np.array([found.var(p) for p in (0.6, 0.8, 0.9, 0.95, 0.99)])
    low, high = second_order_band(made, x, draws=100)
    curve = found.exceedance(x)
    assert (low <= curve).all()
    assert (curve <= high).all()
    assert (low < high).any()
    # the average over what is held is the curve itself
    plans = [plan for plan in plans_of(made) if not plan.is_nothing()]
    curves = conditional_curves(plans, made.seed, 100, x)
    error = curves.std(axis=0) / math.sqrt(100)
    assert (np.abs(curves.mean(axis=0) - curve) < 4 * error + 1e-3 * curve).all()


def test_with_nothing_held_the_band_is_the_curve() -> None:
    made = year(
        LossEvents(
            ThreatEvents(Point(6.0), Point(0.5)), Vulnerability(Uniform(0, 1), Uniform(0, 2))
        ),
        LossForms(productivity=Gamma(2.0, 5e4), response=LogNormal(11, 0.5), together=True),
        secondary=SecondaryLoss(Point(0.3), Gamma(1.0, 4e5)),
        terms=Terms(deductible=2e4, limit=5e5, share=0.8, annual_deductible=1e5, annual_limit=1e6),
    )
    found = simulate(made).portfolio
    x = np.array([0.0, 1e4, 1e5, 3e5, 6e5, 9e5])
    low, high = second_order_band(made, x, draws=20)
    assert low == pytest.approx(high, abs=1e-12)
    assert low == pytest.approx(found.exceedance(x), abs=2e-3)


def test_an_asset_worth_nothing_leaves_the_secondary_loss() -> None:
    scenario = Scenario.classical(
        "S",
        "s",
        aro=Point(1.0),
        exposure_factor=Beta(2.0, 2.0),
        asset_value=Point(0.0),
        secondary=SecondaryLoss(Point(0.5), Gamma(1.0, 1e5)),
    )
    found = simulate(Study(scenarios=(scenario,))).portfolio
    assert found.mean() == pytest.approx(5e4, rel=1e-12)
    assert found.prob_no_loss() == pytest.approx(math.exp(-0.5), rel=1e-9)


def test_comonotone_parts_of_lists() -> None:
    """Quantiles of lists add as well: 1 or 3, and 10 or 20 or 30."""
    found = Comonotone(
        [Empirical([1.0, 3.0], [0.5, 0.5]), Empirical([10.0, 20.0, 30.0], [1, 1, 1])]
    )
    assert found.mean() == pytest.approx(22.0)
    assert found.sf(np.array([10.9, 11.1, 21.1, 23.1, 33.1])) == pytest.approx(
        [1, 2 / 3, 1 / 2, 1 / 3, 0], abs=1e-9
    )


def test_lists_that_move_together_are_a_list() -> None:
    forms = LossForms(
        response=Empirical([1.0, 3.0]), replacement=Empirical([10.0, 20.0, 30.0]), together=True
    )
    found = forms.belief()
    assert found.sf([11.0, 13.0, 21.0, 23.0, 33.0]) == pytest.approx(
        [2 / 3, 2 / 3, 1 / 2, 1 / 3, 0]
    )


def test_an_asset_that_is_most_likely_worth_nothing_has_a_year_and_several() -> None:
    """E[L] = T rate E[EF] E[AV], and the secondary loss on top, whatever the asset is worth."""
    worth = Mixture([Point(0.0), LogNormal(12, 0.5)], [0.6, 0.4])
    own = {"aro": Point(0.5), "exposure_factor": Uniform(0.1, 0.5), "asset_value": worth}
    plain = Study(scenarios=(Scenario.classical("S", "s", **own),))
    assert over_years(plain, 3).mean() == pytest.approx(3 * 0.5 * 0.3 * worth.mean(), rel=1e-6)
    more = SecondaryLoss(Point(0.3), Gamma(2.0, 1e4))
    tied = Study(scenarios=(Scenario.classical("S", "s", secondary=more, **own),))
    result = simulate(tied, years=20_000)
    known = 0.5 * (0.3 * worth.mean() + 0.3 * 2e4)
    assert result.engine == "montecarlo"
    assert abs(result.portfolio.mean() - known) < 4 * result.portfolio.error("mean")
    assert mean_belief(tied).mean() == pytest.approx(known, rel=1e-6)
