"""Which engine computes what, and that both say the same of scenarios that are tied together."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.distributions import Discrete, Distribution, LogNormal, Mixture, Pert, Point
from workbench.engines.counts import Bernoulli
from workbench.engines.dependence import Shock
from workbench.errors import WorkbenchError
from workbench.models import Asset, Scenario, Study, Terms, simulate
from workbench.models.comparison import compare
from workbench.models.dependence import Dependence, Factor, StatedCopula
from workbench.models.whatif import change_frequencies

pytestmark = pytest.mark.pure


def scenario(id: str, rate: float, mu: float, **more: object) -> Scenario:
    return Scenario.fair(
        id, id, loss_event_frequency=Point(rate), loss_magnitude=LogNormal(mu, 0.8), **more
    )


THREE = (scenario("a", 0.6, 10), scenario("b", 0.4, 11), scenario("c", 2.0, 9))
FACTOR = StatedCopula(factors=(Factor("market", {"a": 0.7, "b": 0.6}),))
SHOCKS = (Shock("outage", 0.3, {"a": 1.0, "b": 0.5}),)
# each reason that auto can give, with a study for it
REASONS = {
    "all scenarios can be convolved": None,
    "common shocks are scenarios of their own": Dependence(shocks=SHOCKS),
    "once their one common factor is known": Dependence(frequencies=FACTOR),
    "a copula joins whole years": Dependence(losses=StatedCopula(common=0.4)),
    "is a t copula": Dependence(frequencies=StatedCopula(degrees=4.0, common=0.4)),
    "more than one normal factor": Dependence(
        frequencies=StatedCopula(pairs=(("a", "b", 0.4), ("b", "c", 0.3)))
    ),
    "above 0.": Dependence(
        frequencies=StatedCopula(factors=(Factor("market", {"a": 0.999, "b": 0.999}),))
    ),
}


def limited_assets(count: int) -> Study:
    """Scenarios, each with an uncertain asset of its own under a limit an event."""
    assets = tuple(Asset(f"A-{k}", f"A-{k}", LogNormal(13, 1.0)) for k in range(count))
    scenarios = tuple(
        Scenario.classical(
            f"S-{k}",
            "s",
            aro=Point(0.3),
            exposure_factor=Pert(0.1, 0.3, 0.9),
            asset=f"A-{k}",
            terms=Terms(deductible=1e4, limit=1e6),
        )
        for k in range(count)
    )
    return Study(scenarios=scenarios, assets=assets)


@pytest.mark.parametrize("reason", REASONS)
def test_auto_says_why_it_chose(reason: str) -> None:
    study = Study(scenarios=THREE, dependence=REASONS[reason])
    result = simulate(study, years=1000)
    assert reason in result.why
    assert result.why.startswith("Exact" if result.engine == "exact" else "Monte Carlo")
    if result.engine == "montecarlo":
        with pytest.raises(WorkbenchError, match="convolves all scenarios; got"):
            simulate(study, engine="exact")
    else:
        assert simulate(study, engine="exact").why == "Exact, as asked."
    asked = simulate(study, engine="montecarlo", years=1000)
    assert (asked.engine, asked.why) == ("montecarlo", "Monte Carlo, as asked.")


def test_auto_does_not_begin_what_takes_minutes_to_convolve() -> None:
    study = limited_assets(40)
    dear = simulate(study, years=1000)
    assert dear.engine == "montecarlo"
    assert "Monte Carlo: to convolve it takes some " in dear.why
    assert "more than the 30,000 that are begun unasked, most of them for scenario S-" in dear.why
    assert 'engine="exact" waits for them.' in dear.why
    assert simulate(limited_assets(1)).engine == "exact"


@pytest.mark.parametrize(
    ("share", "engine"),
    [
        (Point(0.4), "exact"),  # every event costs what the asset and the terms say
        (Pert(0.2, 0.4, 0.7), "exact"),
        (Discrete([0.1, 1.0], [0.8, 0.2]), "montecarlo"),
        (Pert(0.39, 0.4, 0.41), "montecarlo"),
        (Mixture([Point(1.0), Pert(0.1, 0.2, 0.6)], [0.2, 0.8]), "montecarlo"),
    ],
    ids=str,
)
def test_single_shares_of_an_uncertain_asset_under_terms(share: Distribution, engine: str) -> None:
    asset = Asset("A", "A", LogNormal(12, 0.5))
    one = Scenario.classical(
        "S", "s", aro=Point(0.3), exposure_factor=share, asset="A", terms=Terms(limit=8e4)
    )
    study = Study(scenarios=(one,), assets=(asset,))
    found = simulate(study, years=1000)
    assert found.engine == engine
    assert (engine == "exact") != ("that are single values or nearly" in found.why)
    if engine == "montecarlo":
        with pytest.raises(WorkbenchError, match="that are single values or nearly"):
            simulate(study, engine="exact")


def test_a_dependence_that_names_nobody_is_none() -> None:
    result = simulate(Study(scenarios=THREE, dependence=Dependence()))
    assert "all scenarios can be convolved" in result.why


@pytest.mark.parametrize("engine", ["exact", "montecarlo"])
def test_levels_and_years_that_are_none_are_refused(engine: str) -> None:
    result = simulate(Study(scenarios=THREE), engine=engine, years=1000)
    for level in (-0.1, 1.0, 1.5):
        with pytest.raises(WorkbenchError, match="level"):
            result.contributions(level)
        with pytest.raises(WorkbenchError, match="level"):
            result.contribution_errors(level)
    with pytest.raises(WorkbenchError, match=r"a whole number; got 1000\.5"):
        simulate(Study(scenarios=THREE), engine="montecarlo", years=1000.5)


def test_scenarios_with_held_values_or_busy_years_are_simulated() -> None:
    worth = Asset("A", "A", Pert(1e5, 2e5, 4e5))
    share = Scenario.classical("a", "a", aro=Point(0.6), exposure_factor=Point(0.3), asset="A")
    held = Study(scenarios=(share, THREE[1]), assets=(worth,), dependence=Dependence(shocks=SHOCKS))
    assert "a held value" in simulate(held, years=1000).why
    busy = (scenario("a", 1500.0, 10), THREE[1])
    often = simulate(Study(scenarios=busy, dependence=Dependence(frequencies=FACTOR)), years=100)
    assert "events in some years" in often.why


@pytest.mark.parametrize("reason", list(REASONS)[:3])
def test_both_engines_agree_on_tied_scenarios(reason: str) -> None:
    study = Study(scenarios=THREE, dependence=REASONS[reason])
    known, drawn = simulate(study), simulate(study, engine="montecarlo", years=200_000)
    pairs = [(known.portfolio, drawn.portfolio)]
    pairs += [(known.scenarios[name], drawn.scenarios[name]) for name in known.scenarios]
    for exact, sample in pairs:
        for name in ("mean", "sd", "p50", "p90", "p95", "p99", "tvar95", "prob_no_loss"):
            allowed = 4.5 * sample.error(name) + exact.error(name) + 1e-9
            assert abs(exact.figure(name) - sample.figure(name)) <= allowed, name
    parts, others = known.contributions(0.95), drawn.contributions(0.95)
    errors = known.contribution_errors(0.95), drawn.contribution_errors(0.95)
    assert sum(parts.values()) == pytest.approx(known.portfolio.tvar(0.95), rel=1e-9)
    for name, part in parts.items():
        allowed = 4.5 * np.hypot(errors[0][name], errors[1][name])
        assert abs(part - others[name]) <= allowed


@pytest.mark.parametrize("reason", list(REASONS)[1:])
def test_what_ties_scenarios_leaves_each_as_it_is(reason: str) -> None:
    tied = simulate(Study(scenarios=THREE, dependence=REASONS[reason]), years=1000)
    free = simulate(Study(scenarios=THREE), engine=tied.engine, years=1000)
    if tied.engine == "exact":
        for name, losses in free.scenarios.items():
            assert losses.nodes()[1].tobytes() == tied.scenarios[name].nodes()[1].tobytes()
        assert tied.portfolio.mean() == pytest.approx(free.portfolio.mean(), rel=1e-12)
        assert tied.portfolio.tvar(0.99) > 1.01 * free.portfolio.tvar(0.99)


def test_the_achieved_correlation_is_shown() -> None:
    study = Study(scenarios=THREE, dependence=REASONS["a copula joins whole years"])
    result = simulate(study, years=20_000)
    found = result.achieved_correlation("a", "c")
    # a has no loss in 55 % of the years, so that its ranks tie
    assert 0.2 < found.spearman < 0.4 + 4 * found.spearman_error
    assert found.spearman_error < 0.01
    with pytest.raises(WorkbenchError, match="in the study"):
        result.achieved_correlation("a", "z")
    with pytest.raises(WorkbenchError, match="montecarlo"):
        simulate(Study(scenarios=THREE)).achieved_correlation("a", "b")


@pytest.mark.parametrize("reason", ["once their one common factor is known", "a copula joins"])
def test_a_what_if_keeps_the_dependence(reason: str) -> None:
    found = next(value for name, value in REASONS.items() if name.startswith(reason))
    study = Study(scenarios=THREE, dependence=found)
    change = change_frequencies(simulate(study, years=5000), {"a": 1.5})
    again = simulate(change.study, years=5000).portfolio
    assert change.after.tvar(0.95) == pytest.approx(again.tvar(0.95), rel=1e-12)
    assert change.mean() > 0


def test_all_states_are_computed_by_one_engine() -> None:
    before = THREE[0].replace(inherent=None)
    ties = Dependence(losses=StatedCopula(common=0.4))
    found = compare(Study(scenarios=(before, *THREE[1:]), dependence=ties), years=1000)
    assert found.engine == "montecarlo"


def test_a_scenario_that_happens_for_certain_is_tied_as_well() -> None:
    sure = Scenario.fair(
        "s", "s", loss_event_frequency=Point(1.0), loss_magnitude=Point(1e5), count=Bernoulli()
    )
    study = Study(
        scenarios=(sure, THREE[0]),
        dependence=Dependence(frequencies=StatedCopula(common=0.5)),
    )
    result = simulate(study)
    assert result.scenarios["s"].var(0.5) == pytest.approx(1e5)
    assert result.portfolio.mean() == pytest.approx(1e5 + result.scenarios["a"].mean(), rel=1e-9)


def test_correlations_that_contradict_each_other_are_told_to_be_moved() -> None:
    pairs = (("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9))
    study = Study(scenarios=THREE, dependence=Dependence(frequencies=StatedCopula(pairs=pairs)))
    why = simulate(study, years=1000).why
    assert "The correlations contradict each other; the nearest that do not are used" in why
    assert "moves an entry by at most 0." in why
    fine = StatedCopula(pairs=(("a", "b", 0.5), ("b", "c", 0.5), ("a", "c", 0.2)))
    again = simulate(replace(study, dependence=Dependence(frequencies=fine)), years=1000)
    assert "contradict" not in again.why
