"""What is told of a portfolio beyond its year is what the models give."""

from dataclasses import replace

import pytest

from workbench import Pert, Point, Scenario, Study, TolerancePoint, simulate
from workbench.amounts import compact_money
from workbench.models.assumptions import sheet
from workbench.models.comparison import compare
from workbench.models.reverse_stress import reverse_stress
from workbench.models.scenario import Assumption
from workbench.models.waterfall import between_states
from workbench.reports import portfolio_words as told


def scenario(id_: str, rate: float, amount: float) -> Scenario:
    frequency = Pert(0.5 * rate, rate, 2 * rate)
    return Scenario.fair(
        id_, f"name {id_}", loss_event_frequency=frequency, loss_magnitude=Point(amount)
    )


PLANNED = scenario("A", 1, 1e5)
STUDY = Study(
    scenarios=(
        replace(PLANNED, residual=replace(PLANNED, frequency=Pert(0.1, 0.2, 0.4))),
        scenario("B", 0.05, 4e6),
    ),
    tolerance=(TolerancePoint(1e6, 0.02),),
)


def test_contributions_name_the_scenario_that_fills_the_bad_years_first() -> None:
    result = simulate(STUDY)
    shares = result.contributions(told.LEVEL)
    lines = told.contributions_told(result).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["name B", "name A"]
    assert compact_money(shares["B"]) in lines[0]
    assert told.contributions_told(simulate(Study())) == "Nothing is ever lost."


def test_states_are_told_in_their_order_with_what_lies_between() -> None:
    found = compare(STUDY)
    lines = told.states_told(found).splitlines()
    assert [line.partition(":")[0] for line in lines[:2]] == ["Today", "After the plan"]
    step = found.difference("current", "residual", "mean").value
    assert step is not None
    assert lines[2].endswith(f"{compact_money(step)}.")
    assert step < 0


def test_what_changed_adds_up_to_the_change() -> None:
    found = between_states(STUDY, "current", "residual")
    bars = told.waterfall_bars(found)
    assert sum(bar.move for bar in bars) == pytest.approx(found.change("mean"))
    assert told.changed_told(found).splitlines()[0] == "1 input changed."
    assert "A: loss event frequency" in told.changed_told(found)


def test_a_stress_is_told_with_its_limit_and_the_nearest_inputs() -> None:
    found = reverse_stress(STUDY)
    said = told.stress_told(found, "USD")
    assert said.startswith("The chance of more than $1M is ")
    assert "above the 2% that we accept" in said
    assert f"- {found.single[0].changed.name}: {found.single[0].factor:.2f} times" in said


def test_the_sheet_counts_what_is_wrong_with_it() -> None:
    one = Assumption("loss_magnitude", "owner", "reason", "change", review_by="2026-01-01")
    study = replace(STUDY, scenarios=(replace(STUDY.scenarios[1], assumptions=(one,)),))
    said = told.sheet_told(sheet(study, "2026-11-24"))
    assert said.startswith("1 assumption on 2026-11-24. Past the day of review: 1.")
    assert "Fields that nobody explains: 1." in said


def test_several_years_and_the_first_event_are_told() -> None:
    steady = Study(scenarios=(scenario("A", 1, 1e5),))
    point = replace(steady.scenarios[0], frequency=Point(2.0))
    said = told.horizon_told(Study(scenarios=(point,)), 5)
    assert said.startswith("5 years together cost $1.0M on average")
    assert "after 6.0 months on average" in said  # exponential: 1 / rate
    assert "with a chance of 15%" in said  # 1 - exp(-2/12)


def test_the_largest_event_stands_beside_the_year() -> None:
    lines = told.largest_told(simulate(STUDY)).splitlines()
    assert len(lines) == 2
    assert all("has a single event of" in line for line in lines)
