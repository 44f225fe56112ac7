"""Views that need an exact year: none is told wrongly, and none takes minutes unasked."""

import math
from dataclasses import replace

import numpy as np
import pytest

from workbench.distributions import (
    Beta,
    Discrete,
    LogNormal,
    Mixture,
    Pert,
    Point,
    Uniform,
    Weibull,
)
from workbench.errors import WorkbenchError
from workbench.models import Asset, Scenario, SecondaryLoss, Study, Terms, TolerancePoint, simulate
from workbench.models.comparison import compare
from workbench.models.dependence import Dependence, Factor, StatedCopula
from workbench.models.exact_year import (
    HIGHEST_RATE,
    check_reached,
    exact_year,
    reached_mean,
    refuse_high_rate,
)
from workbench.models.horizon import over_years
from workbench.models.planning import plan_of, plans_of
from workbench.models.reverse_stress import reverse_stress
from workbench.models.tree_nodes import fair_tree
from workbench.models.views import chance_above_asset, second_order_band
from workbench.models.waterfall import between_states, waterfall
from workbench.reports.portfolio_words import horizon_told, plan_effects, stressed

pytestmark = pytest.mark.pure

ASSET = Asset("A", "A", LogNormal(12, 0.5))
APPETITE = (TolerancePoint(2e5, 0.05),)
SINGLE = Discrete([0.1, 1.0], [0.8, 0.2])  # shares that a limit cuts off one by one
LOSSES = np.geomspace(1e3, 1e6, 7)


def shared(share: Pert | Discrete, **more: object) -> Scenario:
    """A scenario that loses a share of an uncertain asset."""
    return Scenario.classical("S", "s", aro=Point(0.3), exposure_factor=share, asset="A", **more)


def study_of(scenario: Scenario) -> Study:
    return Study(scenarios=(scenario,), assets=(ASSET,), tolerance=APPETITE)


PLAIN = study_of(shared(Pert(0.1, 0.3, 0.9)))
ROUGH = study_of(shared(SINGLE, terms=Terms(limit=8e4)))
# a hundred rates times a hundred shares times a hundred assets
DEAR = study_of(
    Scenario.classical(
        "S",
        "s",
        aro=LogNormal(0, 1.0),
        exposure_factor=Pert(0.1, 0.3, 0.9),
        asset="A",
        secondary=SecondaryLoss(Beta(2.0, 4.0), LogNormal(11, 1.0)),
        terms=Terms(deductible=1e4, limit=1e6),
    )
)
WHY = {"rough": (ROUGH, "that are single values or nearly"), "dear": (DEAR, "begun unasked")}


@pytest.mark.parametrize("name", WHY)
def test_views_of_an_exact_year_refuse_what_the_engine_does_not_reach(name: str) -> None:
    study, why = WHY[name]
    for view in (
        exact_year,
        lambda s: over_years(s, 3),
        reverse_stress,
        lambda s: waterfall(PLAIN, s),
        lambda s: waterfall(s, PLAIN),
    ):
        with pytest.raises(WorkbenchError, match=why):
            view(study)
    assert simulate(study, years=1000).engine == "montecarlo"
    waterfall(PLAIN, study, measures=("mean",))  # from closed forms


def test_what_takes_long_is_begun_where_somebody_waits() -> None:
    """The same study as one that is not dear, but asked for a thousand times."""
    with pytest.raises(WorkbenchError, match=r"wait=True"):
        exact_year(PLAIN, times=10**6)
    year = exact_year(PLAIN, times=10**6, wait=True)
    assert year.var(0.99) == simulate(PLAIN).portfolio.var(0.99)
    with pytest.raises(WorkbenchError, match="single values"):  # waiting does not mend this one
        exact_year(ROUGH, wait=True)


def test_a_year_that_is_begun_at_once_is_not_begun_a_hundred_times() -> None:
    """A search took minutes unasked: it counted a tenth of the years that it computes."""
    study = study_of(shared(Pert(0.1, 0.3, 0.9), terms=Terms(deductible=1e4, limit=1e6)))
    assert simulate(study).engine == "exact"
    with pytest.raises(WorkbenchError, match=r"wait=True"):
        reverse_stress(study)


@pytest.mark.parametrize("name", WHY)
def test_pages_say_why_a_figure_is_not_told(name: str) -> None:
    study, why = WHY[name]
    assert why in stressed(study)
    assert why in horizon_told(study, 3)
    planned = study.replace_scenario(
        study.scenarios[0].replace(residual=study.scenarios[0].replace(terms=Terms(limit=5e4)))
    )
    effects = plan_effects(planned)
    assert list(effects.before) == ["mean"]
    assert effects.after["mean"] < effects.before["mean"]
    with pytest.raises(WorkbenchError, match=why):
        between_states(planned, "current", "residual")


@pytest.mark.parametrize("name", WHY)
def test_an_edit_that_is_not_reached_is_simulated(name: str) -> None:
    edited = WHY[name][0]
    found = simulate(PLAIN).edited(edited, ["S"])
    assert not found.exact
    assert found.mean() == simulate(edited).portfolio.mean()
    asked = simulate(PLAIN, engine="exact")
    if name == "rough":
        with pytest.raises(WorkbenchError, match="single values"):
            asked.edited(edited, ["S"])


def test_an_edit_of_the_exact_engine_that_was_asked_for_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workbench.engines.effort.MOST", 1.0)
    edited = study_of(shared(Pert(0.1, 0.3, 0.9), terms=Terms(limit=1e5)))
    assert not simulate(edited, years=1000).portfolio.exact
    assert simulate(PLAIN, engine="exact").edited(edited, ["S"]).exact


def test_states_are_all_simulated_where_one_has_to_be() -> None:
    today = shared(SINGLE)
    study = study_of(today.replace(residual=today.replace(terms=Terms(limit=8e4))))
    assert simulate(study).engine == "exact"
    found = compare(study, years=2000)
    assert found.engine == "montecarlo"
    assert {result.engine for result in found.results.values()} == {"montecarlo"}
    step = found.difference("current", "residual", "mean")
    assert step.value is not None
    assert step.error is not None
    assert step.value < -4 * step.error  # the years are paired


def test_annual_terms_of_a_dear_year_do_not_begin_it() -> None:
    scenario = DEAR.scenarios[0].replace(terms=Terms(limit=1e6, annual_limit=3e6))
    study = study_of(scenario)
    found = simulate(study, years=1000)
    assert found.engine == "montecarlo"
    assert math.isfinite(found.portfolio.error("mean"))
    assert fair_tree(scenario, study).mean is None
    assert chance_above_asset(study, "S") is None
    endless = scenario.replace(terms=Terms(annual_deductible=1e5))
    heavy = study_of(endless.replace(secondary=SecondaryLoss(Beta(2, 4), Discrete([1e5], [1.0]))))
    assert simulate(heavy, years=1000).portfolio.mean() > 0


def test_years_that_a_copula_joins_have_to_be_exact() -> None:
    other = Scenario.fair(
        "o", "o", loss_event_frequency=Point(1.0), loss_magnitude=LogNormal(10, 1)
    )
    tied = Dependence(losses=StatedCopula(common=0.4))
    study = replace(ROUGH, scenarios=(*ROUGH.scenarios, other), dependence=tied)
    with pytest.raises(WorkbenchError, match="a copula joins annual losses that the exact"):
        simulate(study, years=1000)


def test_the_band_of_a_simulated_year_goes_on_where_few_years_reach() -> None:
    """Its curves average to the simulated one where that is known, and keep their own beyond."""
    far = np.array([2e4, 6e4, 3e5])
    year = simulate(ROUGH, years=400).portfolio
    assert year.exceedance(far[2]) < 0.01  # so that its error is above a tenth
    few, many = (
        second_order_band(ROUGH, far, draws=100, year=simulate(ROUGH, years=n).portfolio)
        for n in (400, 200_000)
    )
    for bands in (few, many):
        assert (bands[0] <= bands[1]).all()
    assert few[1][2] > 0
    known = simulate(ROUGH, years=200_000).portfolio.exceedance(far)
    assert (many[0][:2] <= known[:2]).all()
    assert (known[:2] <= many[1][:2]).all()


def test_an_edit_of_tied_scenarios_passes_the_same_gate() -> None:
    other = Scenario.fair("o", "o", loss_event_frequency=Point(1.0), loss_magnitude=LogNormal(9, 1))
    third = other.replace(id="t")
    shared_factor = StatedCopula(factors=(Factor("market", {"o": 0.5, "t": 0.5}),))
    tied = Dependence(frequencies=shared_factor)
    scenarios = (*PLAIN.scenarios, other, third)
    study = replace(PLAIN, scenarios=scenarios, dependence=tied)
    edited = replace(study, scenarios=(*ROUGH.scenarios, other, third))
    result = simulate(study)
    assert result.engine == "exact"
    assert not result.edited(edited, ["S"]).exact
    again = result.edited(study, ["S"])
    assert again.var(0.99) == result.portfolio.var(0.99)


def test_limits_of_the_year_on_one_uncertain_asset_are_simulated() -> None:
    """P(L > 5e5) is 0.078, and the jump at the limit was spread to 0.127 +- 0.031."""
    one, other = (
        shared(Pert(0.1, 0.3, 0.5), terms=terms).replace(id=name)
        for name, terms in (("a", Terms(annual_limit=5e5)), ("b", Terms(annual_limit=3e5)))
    )
    alone = Study(scenarios=(one,), assets=(ASSET,))
    assert simulate(alone).engine == "exact"
    both = simulate(Study(scenarios=(one, other), assets=(ASSET,)), years=1000)
    assert both.engine == "montecarlo"
    assert "a limit of the year of scenario a makes a single loss" in both.why


def test_an_asset_that_may_be_worth_nothing_does_not_hide_a_secondary_loss() -> None:
    """P(L > 0) was told to be 0.474, with an error of 1e-8; it is 0.573."""
    worth = Mixture([Point(0.0), LogNormal(13.8, 0.5)], [0.25, 0.75])
    scenario = Scenario.classical(
        "S",
        "s",
        aro=Point(1.0),
        exposure_factor=Uniform(0, 1),
        asset_value=worth,
        secondary=SecondaryLoss(Point(0.5), LogNormal(13, 0.7)),
    )
    found = simulate(Study(scenarios=(scenario,)), years=20_000)
    assert "may be worth nothing, and its secondary loss is lost all the same" in found.why
    any_loss = 1 - math.exp(-1.0)
    wanted = 0.75 * any_loss + 0.25 * (1 - math.exp(-0.5))
    assert 1 - found.portfolio.prob_no_loss() == pytest.approx(wanted, abs=0.015)
    # the mean has a closed form without terms, and is averaged over the asset with them
    for terms in (Terms(), Terms(deductible=1e5)):
        limited = scenario.replace(terms=terms)
        study = Study(scenarios=(limited,))
        drawn = simulate(study, engine="montecarlo", years=200_000).portfolio
        mean = reached_mean(plan_of(limited, study))
        assert mean == pytest.approx(drawn.mean(), abs=4.5 * drawn.error("mean"))
        assert drawn.error("mean") < 0.01 * drawn.mean()


def test_a_discounted_limit_on_an_uncertain_asset_is_refused() -> None:
    study = study_of(shared(Pert(0.05, 0.2, 0.9), terms=Terms(limit=2e4)))
    assert over_years(study, 1).mean() == simulate(study).portfolio.mean()
    with pytest.raises(WorkbenchError, match="on an uncertain asset is discounted"):
        over_years(study, 2, discount_rate=0.05)


def test_an_edit_names_all_that_differs() -> None:
    other = Scenario.fair("o", "o", loss_event_frequency=Point(1.0), loss_magnitude=LogNormal(9, 1))
    study = replace(PLAIN, scenarios=(*PLAIN.scenarios, other))
    result = simulate(study)
    more = study.replace_scenario(other.replace(frequency=Point(3.0)))
    worth = replace(study, assets=(replace(ASSET, value=LogNormal(13, 0.5)),))
    for edited, changed in ((more, ["S"]), (more, []), (worth, ["o"]), (PLAIN, ["S"])):
        with pytest.raises(WorkbenchError, match="an edit differs in the scenarios that it names"):
            result.edited(edited, changed)
    wanted = simulate(more).portfolio
    assert result.edited(more, ["o"]).mean() == pytest.approx(wanted.mean(), rel=1e-12)
    again = replace(more, scenarios=(more.scenarios[0].replace(), more.scenarios[1]))
    assert result.edited(again, ["o"]).mean() == result.edited(more, ["o"]).mean()
    wanted = simulate(worth).portfolio
    assert result.edited(worth, ["S"]).mean() == pytest.approx(wanted.mean(), rel=1e-12)


def test_years_of_round_amounts_are_those_of_the_edited_study() -> None:
    """Taken off and put on again, 1,000,000 was a little more in some years: 1 % of a chance."""
    one, other = (
        Scenario.fair(
            name,
            name,
            loss_event_frequency=Point(0.7),
            loss_magnitude=Discrete([1e5, 1e6], [0.4, 0.6]),
        )
        for name in "ab"
    )
    third = one.replace(id="c", loss_magnitude=LogNormal(11, 1.5))
    study = Study(scenarios=(one, other, third))
    edited = study.replace_scenario(third.replace(frequency=Point(0.2)))
    found = simulate(study, engine="montecarlo", years=20_000).edited(edited, ["c"])
    wanted = simulate(edited, engine="montecarlo", years=20_000).portfolio
    for loss in (1e5, 1e6, 2e6):
        assert found.exceedance(loss) == wanted.exceedance(loss)


def test_years_that_are_kept_are_simulated() -> None:
    found = simulate(PLAIN, years=500, keep_years=True)
    assert found.why == "Monte Carlo: every simulated year is to be kept."
    assert found.scenarios["S"].annual.shape == (500,)
    with pytest.raises(WorkbenchError, match="leave keep_years out"):
        simulate(PLAIN, engine="exact", keep_years=True)


def test_nobody_waits_unasked() -> None:
    dear, rough = plans_of(DEAR), plans_of(ROUGH)
    with pytest.raises(WorkbenchError, match="begun unasked"):
        check_reached(dear)
    check_reached(dear, wait=True)
    with pytest.raises(WorkbenchError, match="single values"):
        check_reached(rough, wait=True)


def test_rates_are_refused_by_their_far_quantile() -> None:
    """One in a million years may have a million events, and no more."""
    for factor, is_fine in ((0.98, True), (1.02, False)):
        # the quantile of Weibull(1, s) at 1 - 1e-6 is s log(1e6)
        rate = Weibull(1.0, factor * HIGHEST_RATE / math.log(1e6))
        one = PLAIN.scenarios[0].replace(frequency=rate)
        if is_fine:
            refuse_high_rate(one)
        else:
            with pytest.raises(WorkbenchError, match=r"at most 1,000,000 events a year"):
                refuse_high_rate(one)
    refuse_high_rate(PLAIN.scenarios[0].replace(frequency=Point(HIGHEST_RATE)))
