"""Contributions, the belief about the average, the band, what-if."""

import math
from dataclasses import replace

import numpy as np
import pytest

from workbench.distributions import Beta, Gamma, LogNormal, Pareto, Pert, Point, Uniform, scaled
from workbench.engines import exact
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError
from workbench.losses import FIGURES, SampledLosses
from workbench.models import (
    Asset,
    Bernoulli,
    LossEvents,
    Scenario,
    SecondaryLoss,
    Study,
    Terms,
    ThreatEvents,
    simulate,
)
from workbench.models.planning import plans_of
from workbench.models.views import (
    _levelled,
    mean_belief,
    product_of_ranges,
    second_order_band,
)
from workbench.models.whatif import change_frequencies, drivers, scale_frequency

pytestmark = pytest.mark.pure

WORTH = Pert(1e6, 2e6, 6e6)


def fair(name: str, rate: object, magnitude: object, **more: object) -> Scenario:
    return Scenario.fair(name, name, loss_event_frequency=rate, loss_magnitude=magnitude, **more)


def on_asset(name: str, rate: object, share: object) -> Scenario:
    return Scenario.classical(name, name, aro=rate, exposure_factor=share, asset="x")


STUDY = Study(
    assets=(Asset("x", "x", WORTH),),
    scenarios=(
        on_asset("a", Pert(0.1, 0.5, 2), Beta(2, 6)),
        on_asset("b", Point(0.4), Beta(1, 3)),
        fair("c", Gamma(2, 0.5), LogNormal(12, 1)),
        fair("d", Pert(0, 0.1, 0.6), Uniform(1e5, 2e6), count=Bernoulli()),
        fair("e", Point(30), LogNormal(8, 0.5)),
    ),
)


@pytest.fixture(scope="module")
def results() -> tuple[object, object]:
    return simulate(STUDY), simulate(STUDY, engine="montecarlo", years=200_000)


@pytest.mark.parametrize("level", [0.0, 0.5, 0.9, 0.99])
def test_contributions_sum_to_tvar(results: tuple[object, object], level: float) -> None:
    for result in results:
        parts = result.contributions(level)
        assert list(parts) == list(result.scenarios)
        assert sum(parts.values()) == pytest.approx(result.portfolio.tvar(level), rel=1e-9)
        assert min(parts.values()) >= 0


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_both_engines_give_the_same_contributions(
    results: tuple[object, object], level: float
) -> None:
    known, sample = (r.contributions(level) for r in results)
    errors, bounds = (r.contribution_errors(level) for r in results[::-1])
    for name, part in known.items():
        assert abs(part - sample[name]) <= 4 * errors[name] + bounds[name], name


def test_average_contributions_are_the_averages(results: tuple[object, object]) -> None:
    for result in results:
        for name, part in result.contributions(0.0).items():
            assert part == pytest.approx(result.scenarios[name].mean(), rel=1e-3)


def test_contributions_of_discrete_losses_share_ties() -> None:
    study = Study(scenarios=(fair("a", Point(1.0), Point(100)), fair("b", Point(0.5), Point(70))))
    k = np.arange(40)
    weight = np.exp(-1) / np.cumprod([1, *k[1:]])
    other = weight * 0.5**k * np.exp(0.5)
    a, b = np.meshgrid(100 * k, 70 * k, indexing="ij")
    chance, total = np.outer(weight, other), a + b
    result = simulate(study)
    for level in (0.5, 0.95, 0.99):
        value = result.portfolio.var(level)
        over, equal = total > value, total == value
        share = (1 - level - chance[over].sum()) / chance[equal].sum()
        tail = chance * (over + share * equal) / (1 - level)
        parts = result.contributions(level)
        assert parts["a"] == pytest.approx((tail * a).sum(), rel=1e-3)
        assert parts["b"] == pytest.approx((tail * b).sum(), rel=3e-3)


def test_the_belief_has_the_mean_of_the_year(results: tuple[object, object]) -> None:
    belief = mean_belief(STUDY)
    assert belief.mean() == pytest.approx(results[0].portfolio.mean(), rel=1e-12)
    assert belief.sd() < results[0].portfolio.sd()


@pytest.mark.parametrize(
    "rate", [Pert(0.1, 0.5, 2), Pert(5, 5, 5.0001), LogNormal(0, 1), Gamma(2, 1)]
)
def test_the_belief_of_one_scenario_is_its_scaled_rate(rate: object) -> None:
    severity = LogNormal(10, 1)
    belief = mean_belief(Study(scenarios=(fair("a", rate, severity),)))
    for level in (0.01, 0.05, 0.5, 0.95, 0.99):
        wanted = severity.mean() * float(rate.ppf(level))
        assert belief.var(level) == pytest.approx(wanted, rel=1e-6)
    assert belief.variance() == pytest.approx(severity.mean() ** 2 * rate.variance(), rel=1e-9)


def test_the_belief_about_a_certain_average_is_one_number() -> None:
    study = Study(scenarios=(fair("a", Point(2), Uniform(1, 3)), fair("b", Point(1), Point(7))))
    belief = mean_belief(study)
    assert [belief.var(p) for p in (0.01, 0.5, 0.99)] == [11, 11, 11]
    assert belief.sd() == 0
    assert mean_belief(Study()).var(0.5) == 0


def test_the_belief_about_an_asset_is_the_asset() -> None:
    study = Study(
        assets=(Asset("x", "x", WORTH),),
        scenarios=(on_asset("a", Point(0.5), Point(0.4)), on_asset("b", Point(0.1), Beta(1, 1))),
    )
    belief = mean_belief(study)
    for level in (0.05, 0.5, 0.95):
        assert belief.var(level) == pytest.approx(0.25 * float(WORTH.ppf(level)), rel=1e-6)


def test_the_belief_about_two_averages_by_brute_force() -> None:
    rates = Pert(0.5, 1, 4), Uniform(2, 3)
    magnitudes = LogNormal(10, 1), Uniform(0, 1e4)
    scenarios = [fair(n, r, m) for n, r, m in zip("ab", rates, magnitudes, strict=True)]
    belief = mean_belief(Study(scenarios=tuple(scenarios)))
    u = (np.arange(2000) + 0.5) / 2000
    one, two = (r.ppf(u) * m.mean() for r, m in zip(rates, magnitudes, strict=True))
    total = np.add.outer(one, two).ravel()
    for level in (0.05, 0.5, 0.95):
        assert belief.var(level) == pytest.approx(np.quantile(total, level), rel=2e-3)


def with_secondary(name: str, rate: object, **more: object) -> Scenario:
    secondary = SecondaryLoss(Beta(2, 4), Gamma(1, 4e5))
    return Scenario.classical(
        name, name, aro=rate, exposure_factor=Beta(2, 6), asset="x", secondary=secondary, **more
    )


SAMPLED = Study(
    assets=(Asset("x", "x", LogNormal(14, 0.5)),),
    scenarios=(with_secondary("a", Pert(0.3, 1, 3)), with_secondary("b", LogNormal(0, 0.4))),
)


def test_a_belief_that_is_not_convolved_has_its_closed_moments_within_its_errors() -> None:
    r"""With L_i = R_i (A/4 + Q_i Y): E[L_i L_j] by the moments of what is held; Y = 400,000."""
    belief, loss = mean_belief(SAMPLED), 4e5
    worth, share = SAMPLED.assets[0].value, Beta(2, 4)
    rates = [scenario.rate() for scenario in SAMPLED.scenarios]
    event = worth.mean() / 4 + share.mean() * loss
    mean = sum(rate.mean() for rate in rates) * event
    common = worth.variance() / 16
    apart = share.variance() * loss**2
    variance = (
        sum(
            rate.second_moment() * (common + apart + event**2) - (rate.mean() * event) ** 2
            for rate in rates
        )
        + 2 * rates[0].mean() * rates[1].mean() * common
    )
    assert not belief.exact
    assert abs(belief.mean() - mean) < 4 * belief.error("mean")
    assert abs(belief.sd() - math.sqrt(variance)) < 4 * belief.error("sd")
    plain = SampledLosses(belief.annual)
    assert belief.error("mean") < plain.error("mean") / 10
    assert belief.var_error(0.95) < plain.var_error(0.95)


@pytest.mark.daily(2)
@pytest.mark.parametrize("worth", [LogNormal(14, 0.5), WORTH, Uniform(0, 4e6)])
@pytest.mark.parametrize("more", [{}, {"secondary": SecondaryLoss(Point(0.3), Gamma(1, 4e5))}])
def test_the_belief_about_an_asset_under_terms_is_the_event_at_its_quantiles(
    worth: object, more: dict[str, object]
) -> None:
    """The mean of an event rises with the asset, so that quantiles go over into quantiles."""
    scenario = Scenario.classical(
        "a",
        "a",
        aro=Point(0.5),
        exposure_factor=Beta(2, 6),
        asset_value=worth,
        terms=Terms(deductible=5e4, limit=5e5, share=0.8),
        **more,
    )
    study = Study(scenarios=(scenario,))
    belief, (plan,) = mean_belief(study), plans_of(study)
    assert not belief.exact
    for level in (0.05, 0.5, 0.95):
        event = plan.event(float(worth.ppf(level)))
        share = 0.3 if more else 0.0
        wanted = 0.5 * ((1 - share) * event.plain.mean() + share * event.largest().mean())
        assert belief.var(level) == pytest.approx(wanted, abs=4 * belief.var_error(level), rel=1e-4)


@pytest.mark.parametrize("terms", [Terms(), Terms(deductible=5e3, limit=1e5, share=0.8)])
def test_a_frequency_of_three_factors_is_the_product_of_their_means(terms: Terms) -> None:
    factors = Pert(5, 10, 40), Beta(2, 6), Uniform(0.2, 0.9)
    events = LossEvents(ThreatEvents(factors[0], factors[1]), factors[2])
    study = Study(scenarios=(fair("a", events, LogNormal(10, 1), terms=terms),))
    belief, (plan,) = mean_belief(study), plans_of(study)
    event = plan.event(1.0).plain.mean()
    mean = event * math.prod(factor.mean() for factor in factors)
    square = event**2 * math.prod(factor.second_moment() for factor in factors)
    assert belief.mean() == pytest.approx(mean, abs=4 * belief.error("mean"), rel=1e-9)
    sd = math.sqrt(square - mean**2)
    assert belief.sd() == pytest.approx(sd, abs=4 * belief.error("sd"), rel=1e-9)


def test_the_belief_at_random_points_repeats_and_knows_its_seed() -> None:
    first, again = mean_belief(SAMPLED), mean_belief(SAMPLED)
    assert first.annual.tobytes() == again.annual.tobytes()
    other = mean_belief(SAMPLED.with_seed(SAMPLED.seed + 1))
    assert first.annual.tobytes() != other.annual.tobytes()
    error = math.hypot(first.error("mean"), other.error("mean"))
    assert abs(first.mean() - other.mean()) < 5 * error


def test_a_belief_without_a_variance_has_no_error_of_its_mean() -> None:
    wide = replace(SAMPLED, assets=(Asset("x", "x", Pareto(1.5, 1e6)),))
    belief = mean_belief(wide)
    assert belief.error("mean") == math.inf
    assert 0 < belief.var_error(0.95) < 0.1 * belief.var(0.95)


def test_the_product_of_the_ranges_has_the_right_mean_only() -> None:
    product = product_of_ranges(STUDY, "a")
    mean = Pert(0.1, 0.5, 2).mean() * WORTH.mean() * 0.25
    assert product.mean() == pytest.approx(mean, abs=5 * product.error("mean"))
    with pytest.raises(WorkbenchError, match="is in the study; got 'z'"):
        product_of_ranges(STUDY, "z")


LOSSES = np.array([0.0, 100.0, 1e4, 5e4, 2e5, 1e6])


def test_the_band_of_an_uncertain_rate_is_the_curve_at_its_quantiles() -> None:
    rate, severity = Pert(0.5, 1, 4), LogNormal(10, 1)
    low, high = second_order_band(Study(scenarios=(fair("a", rate, severity),)), LOSSES)
    for band, level in ((low, 0.05), (high, 0.95)):
        known = exact.compound(CompoundPlan("a", Point(float(rate.ppf(level))), severity))
        assert band == pytest.approx(known.exceedance(LOSSES), rel=1e-2)


def test_the_band_of_an_uncertain_asset_is_the_curve_at_its_quantiles() -> None:
    scenario = on_asset("a", Point(0.8), Beta(2, 6))
    study = Study(assets=(Asset("x", "x", WORTH),), scenarios=(scenario,))
    low, high = second_order_band(study, LOSSES)
    for band, level in ((low, 0.05), (high, 0.95)):
        severity = scaled(Beta(2, 6), float(WORTH.ppf(level)))
        known = exact.compound(CompoundPlan("a", Point(0.8), severity))
        assert band == pytest.approx(known.exceedance(LOSSES), rel=1e-2)


def test_the_band_of_known_beliefs_is_the_curve() -> None:
    scenarios = (fair("a", Point(0.7), LogNormal(10, 1)), fair("b", Point(3), Gamma(2, 5000)))
    study = Study(scenarios=scenarios)
    low, high = second_order_band(study, LOSSES)
    assert low == pytest.approx(high, rel=1e-12)
    assert low == pytest.approx(simulate(study).portfolio.exceedance(LOSSES), rel=1e-3)


def test_the_band_holds_the_curve_and_repeats() -> None:
    low, high = second_order_band(STUDY, LOSSES)
    curve = simulate(STUDY).portfolio.exceedance(LOSSES)
    assert (low <= curve).all()
    assert (curve <= high).all()
    again = second_order_band(STUDY, LOSSES)
    assert [low.tolist(), high.tolist()] == [again[0].tolist(), again[1].tolist()]
    assert (np.diff(low) <= 0).all()
    assert (np.diff(high) <= 0).all()
    empty = second_order_band(STUDY, np.array([]))
    assert [e.size for e in empty] == [0, 0]
    assert second_order_band(Study(), LOSSES)[1].tolist() == [0] * LOSSES.size


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.0, 2.5])
def test_a_what_if_is_the_edited_study(factor: float) -> None:
    change = change_frequencies(simulate(STUDY), {"a": factor})
    edited = scale_frequency(STUDY, "a", factor)
    after = simulate(edited).portfolio
    assert [change.after.figure(n) for n in FIGURES] == [after.figure(n) for n in FIGURES]
    assert change.study == edited
    assert change.mean() == pytest.approx((factor - 1) * 0.25 * WORTH.mean() * 2.05 / 3, abs=1e-6)
    assert change.mean_error() >= 0


@pytest.mark.parametrize(
    ("name", "factor", "message"),
    [
        ("a", 5.1, "scaled by 0 to 5; got 5.1"),
        ("a", -0.1, "scaled by 0 to 5; got -0.1"),
        ("a", float("nan"), "scaled by 0 to 5; got nan"),
        ("z", 1.0, "is in the study; got 'z'"),
        ("d", 2.0, "bernoulli count has a rate of at most 1 a year; got 1.2"),
    ],
)
def test_a_what_if_refuses(name: str, factor: float, message: str) -> None:
    with pytest.raises(WorkbenchError, match=message):
        scale_frequency(STUDY, name, factor)


def test_a_what_if_refuses_what_simulate_refuses() -> None:
    study = Study(scenarios=(fair("a", Point(9e5), LogNormal(1, 1)),))
    with pytest.raises(WorkbenchError, match="at most 1,000,000 events a year; got 4500000"):
        change_frequencies(simulate(study), {"a": 5.0})


def test_two_frequencies_move_the_average_by_the_sum_of_both() -> None:
    result = simulate(STUDY)
    both = change_frequencies(result, {"a": 0.5, "b": 2.0}).mean()
    apart = [change_frequencies(result, one).mean() for one in ({"a": 0.5}, {"b": 2.0})]
    assert both == pytest.approx(sum(apart), rel=1e-9)


def test_a_simulated_what_if_is_the_edited_study_simulated_with_the_same_words() -> None:
    result = simulate(STUDY, engine="montecarlo", years=2000)
    change = change_frequencies(result, {"a": 0.5, "b": 2.0})
    edited = scale_frequency(scale_frequency(STUDY, "a", 0.5), "b", 2.0)
    again = simulate(edited, engine="montecarlo", years=2000).portfolio
    assert isinstance(again, SampledLosses)
    assert isinstance(change.after, SampledLosses)
    assert change.after.annual == pytest.approx(again.annual, rel=1e-12)
    assert change.after.prob_no_loss() == again.prob_no_loss()
    apart = float(np.hypot(change.after.error("mean"), change.before.error("mean")))
    assert 0 < change.mean_error() < apart, "common words leave less than two runs would"


def test_nothing_changed_is_the_same_year() -> None:
    result = simulate(STUDY)
    same = change_frequencies(result, {"a": 1.0})
    assert same.after is result.portfolio
    assert (same.mean(), same.mean_error()) == (0, 0)


def test_drivers_come_by_what_an_average_year_hangs_on_them() -> None:
    result = simulate(STUDY)
    found = drivers(result)
    shares = [one.share for one in found]
    assert shares == sorted(shares, reverse=True)
    assert len(found) == 3
    for one in found:
        more = change_frequencies(result, {one.scenario.id: 1.01}).mean()
        assert more / result.portfolio.mean() == pytest.approx(0.01 * one.share, rel=1e-6)


def test_no_belief_loses_what_no_year_can_lose() -> None:
    most = 2e6  # one event a year at most
    study = Study(scenarios=(fair("a", Pert(0, 0.1, 0.6), Uniform(1e5, most), count=Bernoulli()),))
    low, high = second_order_band(study, np.array([0.0, 1e6, 2 * most, 1e12]))
    assert low[2:].tolist() == high[2:].tolist() == [0.0, 0.0]
    assert (low[:2] > 0).all()
    assert (low[:2] < high[:2]).all()


def test_curves_without_a_chance_of_a_loss_stay_without() -> None:
    curves = np.array([[0.2, 0.0], [0.4, 0.0]])
    assert _levelled(curves, np.array([0.45, 0.1])) == pytest.approx(np.array([[0.3, 0], [0.6, 0]]))
    assert _levelled(np.array([[0.9], [0.1]]), np.array([0.9])).max() == 1.0


def test_a_known_scenario_under_terms_stands_beside_an_uncertain_asset() -> None:
    more = SecondaryLoss(Beta(2, 4), LogNormal(11, 1))
    asset = Asset("A", "A", LogNormal(13, 0.8))
    one = Scenario.classical(
        "a", "a", aro=Point(1.0), exposure_factor=Point(0.2), asset="A", secondary=more
    )
    other = Scenario.fair(
        "b",
        "b",
        loss_event_frequency=Point(1.0),
        loss_magnitude=LogNormal(11, 1),
        secondary=more,
        terms=Terms(limit=2e6),
    )
    study = Study(scenarios=(one, other), assets=(asset,))
    view = mean_belief(study)
    assert view.mean() == pytest.approx(simulate(study).portfolio.mean(), rel=1e-3)
