"""What no simulated year shows is not told as nothing."""

import math

import pytest

from workbench import LogNormal, Point, Scenario, Study, simulate
from workbench.losses import LossDistribution
from workbench.models import StudyResult
from workbench.models.portfolio import Engine
from workbench.models.whatif import change_frequencies
from workbench.plots import loss_exceedance
from workbench.reports import portfolio_words as told
from workbench.reports.overview_scenarios import largest, leaders
from workbench.reports.summary import result_text
from workbench.reports.words import (
    NO_ERROR,
    NONE_SEEN,
    NOTHING_LOST,
    nothing_lost,
    quiet_years,
)


def scenario(name: str, rate: float) -> Scenario:
    return Scenario.fair(
        name, name, loss_event_frequency=Point(rate), loss_magnitude=LogNormal(20, 1)
    )


RARE, NEVER, OFTEN = scenario("rare", 1e-7), scenario("never", 0.0), scenario("often", 1.0)


def simulated(*scenarios: Scenario) -> StudyResult:
    return simulate(Study(scenarios=scenarios), engine="montecarlo", years=1000)


@pytest.mark.parametrize("keep_years", [False, True])
def test_a_loss_that_no_year_shows_is_told_apart_from_none(keep_years: bool) -> None:
    result = simulate(
        Study(scenarios=(RARE, NEVER, OFTEN)),
        engine="montecarlo",
        years=1000,
        keep_years=keep_years,
    )
    shown = {name: losses.shows_losses() for name, losses in result.scenarios.items()}
    assert shown == {"never": True, "often": True, "rare": False}
    lines = {line.split()[0]: line for line in result_text(result).splitlines() if line.strip()}
    assert lines["rare"].endswith("in no simulated year")
    assert lines["never"].split()[2:] == ["$0", "0%", "$0"]


@pytest.mark.parametrize(
    ("scenario", "engine", "words"),
    [
        (RARE, "montecarlo", NONE_SEEN),
        (NEVER, "montecarlo", NOTHING_LOST),
        (NEVER, "exact", NOTHING_LOST),
    ],
)
def test_the_words_and_the_chart_say_which(scenario: Scenario, engine: Engine, words: str) -> None:
    losses = simulate(Study(scenarios=(scenario,)), engine=engine, years=1000).portfolio
    assert nothing_lost(losses) == words
    note = loss_exceedance(losses)["layout"]["annotations"][0]["text"]
    assert note.startswith(words.rstrip("."))


@pytest.mark.parametrize("engine", ["exact", "montecarlo"])
def test_quiet_years_are_told_as_they_were_seen(engine: Engine) -> None:
    """Simulated years without one exception said "100% of years" and "every year"."""

    def year(one: Scenario) -> LossDistribution:
        return simulate(Study(scenarios=(one,)), engine=engine, years=1000).portfolio

    often, is_exact = scenario("often", 40.0), engine == "exact"
    assert quiet_years(year(NEVER)) == "100% of years bring no loss at all."
    assert quiet_years(year(RARE)).startswith(">99%" if is_exact else NONE_SEEN)
    assert quiet_years(year(OFTEN)).endswith("% of years bring no loss at all.")
    assert quiet_years(year(often)).startswith("Every year" if is_exact else "Every simulated")
    assert quiet_years(year(OFTEN).layer(1e14)).startswith("" if is_exact else NONE_SEEN)


def test_the_summary_says_which_end_of_a_chance_was_seen() -> None:
    assert "every simulated year is without" in result_text(simulated(RARE))
    assert "no simulated year is without" in result_text(simulated(scenario("often", 40.0)))


@pytest.mark.parametrize(
    ("rate", "years", "words"),
    [
        (0.0, 5, ("5 years together cost $0 on average", "No loss event comes at all.")),
        (1e-6, 2, ("and nothing in at least 19 of 20 cases", "after 1,000,000 years on average")),
        (3.0, 1, ("A year costs $", "after 4.0 months on average")),
    ],
)
def test_several_years_and_the_first_event(rate: float, years: int, words: tuple[str, str]) -> None:
    found = told.horizon_told(Study(scenarios=(scenario("s", rate),)), years)
    for word in words:
        assert word in found


def test_a_change_that_no_simulated_year_shows_has_no_error() -> None:
    """It was told as 0 +- 0."""
    result = simulated(RARE, OFTEN, NEVER)
    assert change_frequencies(result, {"rare": 2.0}).mean_error() == math.inf
    assert 0 < change_frequencies(result, {"often": 1.5}).mean_error() < math.inf


def test_pages_say_it_too() -> None:
    result = simulated(RARE)
    assert largest(result, [RARE]).note == NONE_SEEN
    assert leaders(result, [RARE]) == told.contributions_told(result) == NONE_SEEN
    assert f"$0 ({NO_ERROR})" in result_text(result)
