"""Inherent, current and residual side by side; differences with errors of their own."""

import math

import numpy as np
import pytest

from workbench.distributions import LogNormal, Pareto, Point, Uniform
from workbench.errors import WorkbenchError
from workbench.losses import SampledLosses
from workbench.models import Scenario, Study, simulate
from workbench.models.comparison import COMPARED, compare, paired_error
from workbench.models.dependence import Dependence, StatedCopula

LOSS, LIGHT, SEEDS = LogNormal.from_interval(1e4, 1e6), Uniform(0, 2e5), 20


def scenario(name: str, rate: float, magnitude=LOSS, **more) -> Scenario:
    return Scenario.fair(
        name, name, loss_event_frequency=Uniform(0, 2 * rate), loss_magnitude=magnitude, **more
    )


def with_states(magnitude=LOSS, **more) -> Study:
    changing = scenario(
        "S-1",
        1.0,
        magnitude,
        inherent=scenario("S-1", 4.0, magnitude),
        residual=scenario("S-1", 0.8, magnitude),
    )
    return Study(scenarios=(changing, scenario("S-2", 2.0, magnitude)), **more)


def test_each_state_is_the_year_of_the_study_in_it() -> None:
    study = with_states()
    found = compare(study)
    assert found.engine == "exact"
    assert found.states() == ("inherent", "current", "residual")
    for state in found.states():
        alone = simulate(study.at(state)).portfolio
        for name in COMPARED:
            assert found.figure(state, name) == alone.figure(name)
            assert found.error(state, name) == alone.error(name)


def test_the_change_of_the_mean_is_that_of_the_rate() -> None:
    found = compare(with_states())
    step = found.difference("inherent", "current", "mean")
    assert step.value == pytest.approx(-3.0 * LOSS.mean())
    assert step.error is not None
    assert step.error < 1e-9 * abs(step.value)


def test_exact_differences_add_up_and_change_sign_on_the_way_back() -> None:
    found = compare(with_states())
    for name in COMPARED:
        first, second, whole, back = (
            found.difference(*way, name).value
            for way in (
                ("inherent", "current"),
                ("current", "residual"),
                ("inherent", "residual"),
                ("residual", "inherent"),
            )
        )
        assert first + second == pytest.approx(whole)
        assert back == -whole
    assert found.difference("current", "current", "p95").error == 0


def test_a_study_without_other_states_has_today_only() -> None:
    found = compare(Study(scenarios=(scenario("S-1", 1.0),)))
    assert found.states() == ("current",)
    assert found.differences() == []
    with pytest.raises(WorkbenchError, match="tells apart"):
        found.difference("current", "residual", "mean")


def test_states_have_the_same_words() -> None:
    found = compare(with_states(), engine="montecarlo", years=20_000)
    same = [result.scenarios["S-2"].histogram.digest() for result in found.results.values()]
    assert same == same[:1] * 3
    # the same words for a higher rate: a year of the inherent state has no fewer events
    events = compare(with_states(Point(1.0)), engine="montecarlo", years=20_000)
    many, some, few = (events.results[s].portfolio.annual for s in events.states())
    assert (many >= some).all()
    assert (some >= few).all()
    assert (some > few).any()


def test_a_change_that_is_none_has_no_error() -> None:
    study = Study(scenarios=(scenario("S-1", 1.0, residual=scenario("S-1", 1.0)),))
    found = compare(study, engine="montecarlo", years=5000)
    for step in found.differences():
        assert (step.value, step.error) == (0.0, 0.0)


def scores(residual: Scenario, current: Scenario) -> dict[str, list[float]]:
    """Return (simulated - exact) / error of the difference, over seeds."""
    study = Study(scenarios=(current.replace(residual=residual), scenario("S-2", 0.5, LIGHT)))
    exact = compare(study)
    found: dict[str, list[float]] = {name: [] for name in COMPARED}
    for seed in range(SEEDS):
        run = compare(study, engine="montecarlo", years=16_000, seed=seed)
        for name in COMPARED:
            step = run.difference("current", "residual", name)
            truth = exact.difference("current", "residual", name).value
            found[name].append((step.value - truth) / step.error)
    return found


def spread(values: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def test_errors_of_a_change_of_magnitude_are_right() -> None:
    # light tails, so that errors are normal; chi-square with 20 degrees leaves 0.1 % on each side
    found = scores(scenario("S-1", 1.0, Uniform(0, 1.8e5)), scenario("S-1", 1.0, LIGHT))
    for name in COMPARED:
        assert 0.5 < spread(found[name]) < 1.5, name


def test_errors_of_a_change_of_frequency_are_right_or_on_the_safe_side() -> None:
    found = scores(scenario("S-1", 0.8, LIGHT), scenario("S-1", 1.0, LIGHT))
    for name in COMPARED:
        assert 0.2 < spread(found[name]) < 1.5, name


def test_pairs_are_known_better_than_two_runs() -> None:
    found = compare(with_states(), engine="montecarlo", years=20_000)
    for name in COMPARED:
        apart = math.hypot(found.error("current", name), found.error("residual", name))
        step = found.difference("current", "residual", name)
        assert step.error is not None
        assert step.error < 0.8 * apart


def test_without_anything_in_common_a_paired_error_is_that_of_two_runs() -> None:
    rng = np.random.default_rng(5)
    run = ("montecarlo", 1, 50_000)
    one, other = (
        SampledLosses(rng.gamma(2.0, 1e5, 50_000), ids=["S-1"], run=run) for _ in range(2)
    )
    for name in ("mean", "p50", "p90", "p95", "p99", "tvar95", "tvar99"):
        expected = math.hypot(one.error(name), other.error(name))
        assert paired_error(one, other, name) == pytest.approx(expected, rel=0.03)


def test_years_of_two_runs_are_no_pairs() -> None:
    one, other = (
        simulate(with_states(), engine="montecarlo", years=1000, seed=seed).portfolio
        for seed in (1, 2)
    )
    with pytest.raises(WorkbenchError, match="same words"):
        paired_error(one, other, "mean")


def test_what_does_not_exist_has_no_difference_but_quantiles_have() -> None:
    for engine in ("exact", "montecarlo"):
        found = compare(with_states(Pareto(alpha=0.9, low=1e4)), engine=engine, years=5000)
        for name in ("mean", "tvar95"):
            step = found.difference("inherent", "current", name)
            assert (step.value, step.error) == (None, None)
            assert "does not exist" in step.why
        step = found.difference("inherent", "current", "p95")
        assert step.value < 0
        assert step.error is not None


def test_without_a_variance_there_is_no_standard_error() -> None:
    found = compare(with_states(Pareto(alpha=1.5, low=1e4)), engine="montecarlo", years=5000)
    step = found.difference("inherent", "current", "mean")
    assert step.value is not None
    assert step.error is None
    assert "variance" in step.why


def test_a_figure_without_an_error_of_its_difference_is_refused() -> None:
    found = compare(with_states(Uniform(0, 1)))
    with pytest.raises(WorkbenchError, match="known name"):
        found.difference("inherent", "current", "sd")


def test_the_paired_error_of_a_mean_is_that_of_the_differences_year_by_year() -> None:
    run = ("montecarlo", 1, 40)
    before, after = (
        SampledLosses(np.tile(years, 10), ids=["S-1"], run=run)
        for years in ([5.0, 1.0, 7.0, 3.0], [5.0, 1.0, 7.0, 7.0])
    )
    # differences 0, 0, 0, 4 again and again: a variance of 3 x 40 / 39 over 40 years
    assert paired_error(before, after, "mean") == pytest.approx(math.sqrt(3 / 39))


@pytest.mark.parametrize(("differing", "is_told"), [(3, False), (9, False), (10, True)])
def test_hardly_any_years_that_differ_tell_no_error(differing: int, is_told: bool) -> None:
    annual = np.linspace(1e4, 1e6, 2000)
    moved = annual.copy()
    moved[-differing:] /= 2
    before, after = (
        SampledLosses(years, ids=["S-1"], run=("montecarlo", 1, 2000)) for years in (annual, moved)
    )
    for name in ("mean", "tvar95"):
        assert math.isfinite(paired_error(before, after, name)) == is_told


def test_a_difference_from_a_year_without_a_variance_has_no_error() -> None:
    run = ("montecarlo", 1, 4)
    light, heavy = (
        SampledLosses(np.array([5.0, 1.0, 7.0, last]), ids=["S-1"], run=run, moments=found)
        for last, found in ((3.0, 4), (9.0, 1))
    )
    for pair in ((light, heavy), (heavy, light)):
        assert paired_error(*pair, "mean") == math.inf


def test_one_state_twice_differs_by_nothing_even_without_a_variance() -> None:
    study = Study(scenarios=(scenario("S-1", 2.0, Pareto(alpha=0.9, low=1e4)),))
    year = simulate(study, engine="montecarlo", years=1000).portfolio
    for name in COMPARED:
        assert paired_error(year, year, name) == 0


@pytest.mark.parametrize("engine", ["exact", "montecarlo"])
def test_states_of_scenarios_that_are_tied_are_compared(engine: str) -> None:
    rows = tuple(scenario(name, 1.0, residual=scenario(name, 0.5)) for name in ("S-1", "S-2"))
    study = Study(scenarios=rows, dependence=Dependence(StatedCopula(common=0.3)))
    found = compare(study, engine=engine, years=5000).difference("current", "residual", "mean")
    assert found.value is not None
    assert found.value < 0 < found.error
