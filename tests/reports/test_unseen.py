"""What no simulated year shows is not told as nothing."""

import pytest

from workbench import LogNormal, Point, Scenario, Study, simulate
from workbench.models import StudyResult
from workbench.models.portfolio import Engine
from workbench.plots import loss_exceedance
from workbench.reports import portfolio_words as told
from workbench.reports.overview_scenarios import largest, leaders
from workbench.reports.summary import result_text
from workbench.reports.words import NO_ERROR, NONE_SEEN, NOTHING_LOST, nothing_lost


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


def test_pages_say_it_too() -> None:
    result = simulated(RARE)
    assert largest(result, [RARE]).note == NONE_SEEN
    assert leaders(result, [RARE]) == told.contributions_told(result) == NONE_SEEN
    assert f"$0 ({NO_ERROR})" in result_text(result)
