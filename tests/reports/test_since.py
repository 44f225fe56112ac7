"""What changed since the last approval: what is told adds up, and nothing is told of nothing."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from workbench import Pareto, Pert, Point, Scenario, Study, TolerancePoint, simulate
from workbench.files import read_study
from workbench.files.run_saving import save_run
from workbench.files.runs import Approval, LastRun, last_run, read_run
from workbench.models import (
    Asset,
    Bernoulli,
    LossEvents,
    LossForms,
    NegativeBinomial,
    SecondaryLoss,
    Terms,
    ThreatEvents,
    Vulnerability,
)
from workbench.plots.blocks import ChartBlock
from workbench.reports.html import render
from workbench.reports.result import result_record
from workbench.reports.since import since
from workbench.reports.since_block import since_block, since_table
from workbench.resources import example_study

NOW = datetime(2026, 8, 14, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
BOARD = Approval("Board risk committee", "2026-08-14")
EVIL = "<img src=x onerror=alert(1)>{{ 7*7 }}"


def scenario(name: str, rate=1.0, amount=1e5, **more) -> Scenario:
    frequency = Point(rate) if isinstance(rate, float) else rate
    magnitude = Point(amount) if isinstance(amount, float) else amount
    return Scenario.fair(
        name, f"Name {name}", loss_event_frequency=frequency, loss_magnitude=magnitude, **more
    )


def study(*scenarios: Scenario, **more) -> Study:
    return Study(scenarios=scenarios, tolerance=(TolerancePoint(3e5, 0.1),), **more)


def since_headline(found) -> str:
    """Return what stands among the headline figures."""
    return render("since", since=found, part="headline")


def compared(folder, before: Study, after: Study, approval=BOARD, **options):
    record = result_record(simulate(before), before)
    path = save_run(folder / "study.yaml", before, record, approval=approval, now=NOW)
    return since(simulate(after, **options), LastRun(read_run(path)), today=TODAY)


def test_nothing_saved_says_how_to_save() -> None:
    found = since(simulate(study(scenario("A"))), LastRun(None))
    assert found.state == "never"
    assert "workbench save" in found.note
    assert found.figures == found.rows == ()
    assert "workbench save" in since_headline(found)
    assert since_block(found).charts() == []


def test_nothing_changed_is_told_as_nothing(tmp_path) -> None:
    before = study(scenario("A"))
    renamed = study(scenario("A").replace(name="Another", owner="CISO"))
    found = compared(tmp_path, before, renamed)
    assert found.state == "same"
    assert found.value == "Nothing changed"
    assert found.heading == "No input has changed since the approval."
    assert {change.moved for change in found.figures} == {"no change"}
    assert found.rows == found.added == found.removed == ()
    assert since_block(found).charts() == []
    assert "<details" not in "".join(p for p in since_block(found).parts if isinstance(p, str))


def test_the_moves_add_up_to_the_change_that_the_heading_tells(tmp_path) -> None:
    before = study(scenario("A"), scenario("B", 2.0, 5e4), scenario("C"))
    after = study(scenario("A", 3.0, 2e5), scenario("B", 1.0, 5e4), scenario("D", 0.5))
    found = compared(tmp_path, before, after)
    change = simulate(after).portfolio.mean() - simulate(before).portfolio.mean()
    assert math.fsum(row.amount for row in found.rows) == pytest.approx(change)
    assert change == pytest.approx(5e5 - 5e4 - 1e5 + 5e4)
    assert found.heading == "An average year costs $400k more than when it was approved."
    assert (found.kicker, found.value) == ("Since the approval of 14 Aug", "+$400k")
    sizes = [abs(row.amount) for row in found.rows]
    assert sizes == sorted(sizes, reverse=True)
    assert (found.added, found.removed) == (("Name D",), ("Name C",))
    assert len(found.top) == 3
    assert found.more == "and 2 more"
    assert {row.name for row in found.rows} == {
        "“Name A”: how often",
        "“Name A”: how much",
        "“Name B”: how often",
        "“Name C”: no longer a scenario",
        "“Name D”: a new scenario",
    }


def test_the_three_figures_are_those_of_both_years(tmp_path) -> None:
    before, after = study(scenario("A")), study(scenario("A", 2.0))
    average, bad, chance = compared(tmp_path, before, after).figures
    then, now = simulate(before).portfolio, simulate(after).portfolio
    assert (average.before, average.after, average.moved) == ("$100k", "$200k", "+$100k")
    assert bad.moved == f"+${(now.var(0.95) - then.var(0.95)) / 1000:.0f}k"
    points = 100 * float(now.exceedance(3e5) - then.exceedance(3e5))
    assert chance.label == "Chance of over $300k a year"
    assert chance.moved == f"+{points:.1f} points"


def test_a_run_that_nobody_approved_is_called_so(tmp_path) -> None:
    found = compared(tmp_path, study(scenario("A", 2.0)), study(scenario("A")), approval=None)
    assert found.kicker == "Since the run of 14 Aug, not approved"
    assert found.heading == "An average year costs $100k less than in the run of 14 Aug."
    assert found.value == "\N{MINUS SIGN}$100k"


def test_another_year_is_written_out(tmp_path) -> None:
    path = save_run(
        tmp_path / "s.yaml", study(), result_record(simulate(study()), study()), now=NOW
    )
    run = read_run(path)
    found = since(simulate(study()), LastRun(run), today=date(2027, 1, 2))
    assert found.kicker == "Since the run of 14 Aug 2026, not approved"


def test_another_currency_is_not_compared_and_another_name_is(tmp_path) -> None:
    before = study(scenario("A"))
    found = compared(tmp_path, before, replace(before, currency="EUR"))
    assert found.state == "apart"
    assert "USD" in found.heading
    assert found.rows == ()
    named = compared(tmp_path, before, replace(study(scenario("A", 2.0)), name="Other"))
    assert named.state == "changed"
    assert "The study was called “Scenario table” then." in named.note


def test_where_no_average_exists_the_bad_year_is_told_and_no_move(tmp_path) -> None:
    heavy = Pareto(alpha=0.9, low=1e4)
    before, after = study(scenario("A", 1.0, heavy)), study(scenario("A", 2.0, heavy))
    found = compared(tmp_path, before, after)
    assert found.heading.startswith("1 year in 20 costs")
    assert found.value == "1 input"
    assert found.figure is None
    assert found.figures[0].label.startswith("1 year in 20")
    (row,) = found.rows
    assert (row.moved, row.amount) == ("", None)
    assert "not told" in found.note
    assert since_block(found).charts() == []


def test_a_simulated_result_is_compared_without_its_luck(tmp_path) -> None:
    before, after = study(scenario("A")), study(scenario("A", 2.0))
    drawn = compared(tmp_path / "drawn", before, after, engine="montecarlo", years=2000)
    assert drawn == compared(tmp_path / "exact", before, after, engine="exact")
    same = compared(tmp_path / "same", before, before, engine="montecarlo", years=2000)
    assert {change.moved for change in same.figures} == {"no change"}


def test_a_figure_that_an_older_version_gave_is_told(tmp_path) -> None:
    before = study(scenario("A"))
    record = result_record(simulate(before), before)
    record["portfolio"]["mean"] = 9e4
    path = save_run(tmp_path / "study.yaml", before, record, now=NOW)
    found = since(simulate(before), LastRun(read_run(path)), today=TODAY)
    assert "computed $90.0k for an average year then; this version computes $100k" in found.note


def test_the_card_has_a_chart_with_the_numbers_of_its_table(tmp_path) -> None:
    found = compared(tmp_path, study(scenario("A")), study(scenario("A", 3.0, 2e5)))
    block = since_block(found)
    (chart,) = block.charts()
    assert isinstance(chart, ChartBlock)
    assert block.classes.split()[0] == "card"
    assert chart.table == since_table(found)
    assert [row[3] for row in chart.table.rows] == [row.amount for row in found.rows]
    assert found.heading in chart.label
    bar = chart.figure["data"][0]
    assert math.fsum(bar["x"][1:-1]) == pytest.approx(bar["x"][-1] - bar["x"][0])


def test_markup_in_names_is_escaped_everywhere(tmp_path) -> None:
    def evil(rate: float) -> Study:
        asset = Asset("db", EVIL, Point(1e6 * rate))
        one = Scenario.classical("A", EVIL, aro=Point(rate), exposure_factor=Point(0.1), asset="db")
        return replace(study(one, assets=(asset,)), name=EVIL)

    new = study(scenario("B").replace(name=EVIL), *evil(2.0).scenarios, assets=evil(2.0).assets)
    found = compared(tmp_path, evil(1.0), new)
    html = since_headline(found) + "".join(
        p for p in since_block(found).parts if isinstance(p, str)
    )
    assert "<img" not in html
    assert html.count("&lt;img") >= 5
    assert "49" not in html.replace("{{ 7*7 }}", "")
    assert "<img" not in str(since_block(found).charts()[0].figure)


def test_every_kind_of_input_has_words_for_its_name_and_both_sides(tmp_path) -> None:
    def whole(k: float, **more) -> Study:
        tree = LossEvents(
            ThreatEvents(Point(8 * k), Point(0.2 * k)), Vulnerability(Point(50.0), Pert(20, 50, 90))
        )
        rows = (
            scenario("A", tree, LossForms(productivity=Point(10 * k), reputation=Point(5 * k))),
            scenario("B", secondary=SecondaryLoss(Point(0.1 * k), Point(9e3 * k)), **more),
            Scenario.classical(
                "C",
                "Name C",
                aro=Point(k),
                exposure_factor=Point(0.1 * k),
                asset_value=Pert(1e5, 2e5 * k, 9e5),
            ),
        )
        return study(*rows)

    after = whole(2.0, terms=Terms(deductible=1e3, annual_limit=1e7), count=NegativeBinomial(2.0))
    found = compared(tmp_path, whole(1.0), after)
    names = [row.name.partition(": ")[2] for row in found.rows]
    assert len({row.name for row in found.rows}) == len(found.rows) == 11
    assert not any("_" in name for name in names)
    sides = {row.name: (row.before, row.after) for row in found.rows}
    assert sides["“Name B”: how its events come"] == (
        "each on its own",
        "in clusters (variance 2 times the average)",
    )
    assert sides["“Name B”: deductibles and limits"] == (
        "none",
        "deductible $1k, annual limit $10M",
    )
    assert sides["“Name A”: how likely a contact becomes a try"] == ("20%", "40%")
    assert sides["“Name C”: how often"] == ("1 a year", "2 a year")
    assert not any("Point(" in text or "Pert(" in text for pair in sides.values() for text in pair)


def test_fields_that_change_together_are_told_one_by_one(tmp_path) -> None:
    before = study(scenario("A", 5.0))
    after = study(scenario("A", 0.5, count=Bernoulli()))
    (row,) = compared(tmp_path, before, after).rows
    assert row.after == "how often: 0.5 a year; how its events come: at most one a year"


def test_the_example_has_changed_since_its_approval() -> None:
    found = last_run(example_study())
    assert found.warnings == ()
    assert found.run.approval == BOARD
    now = read_study(example_study()).study
    told = since(simulate(now), found, today=TODAY)
    assert told.kicker == "Since the approval of 14 Aug"
    assert 3 <= len(told.rows) <= 6
    assert any(row.amount < 0 for row in told.rows)
    assert len(told.added) == 1
    assert told.note.count("Version") == 0  # this version computes what was recorded
    change = math.fsum(row.amount for row in told.rows)
    assert change == pytest.approx(
        simulate(now).portfolio.mean() - found.run.recorded("mean")[0], rel=1e-6
    )


def test_a_long_name_beside_a_bar_is_cut_and_its_input_is_not(tmp_path) -> None:
    def long(rate: float) -> Study:
        return study(scenario("A", rate).replace(name="Drift of the score goes unnoticed"))

    found = compared(tmp_path, long(1.0), long(2.0))
    assert found.rows[0].short == "“Drift of the score…”: how often"
    assert found.figure["layout"]["yaxis"]["ticktext"][1] == found.rows[0].short
    assert found.rows[0].name == "“Drift of the score goes unnoticed”: how often"


def test_another_appetite_or_plan_is_told_where_todays_inputs_are_the_same(tmp_path) -> None:
    before = study(scenario("A"))
    appetite = replace(before, tolerance=(TolerancePoint(3e5, 0.2),))
    assert "changed: the appetite." in compared(tmp_path / "a", before, appetite).heading
    one = scenario("A")
    planned = study(one.replace(residual=scenario("A", rate=0.5)))
    assert "changed: the plan." in compared(tmp_path / "b", before, planned).heading


def test_a_change_that_the_usual_figures_hide_is_written_with_more(tmp_path) -> None:
    before, after = study(scenario("A", 1.0, 1e5)), study(scenario("A", 1.001, 1.0004e5))
    rows = {row.name: (row.before, row.after) for row in compared(tmp_path, before, after).rows}
    assert rows["“Name A”: how often"] == ("1 a year", "1.001 a year")
    was, now = rows["“Name A”: how much"]
    assert was != now
    beliefs = (study(scenario("A", Pert(0.5, mode, 2))) for mode in (1.0, 1.0 + 1e-9))
    (row,) = compared(tmp_path, *beliefs).rows
    assert row.after == f"{row.before}, in another form"


def test_a_small_change_of_a_chance_is_no_nothing_and_no_zero_points(tmp_path) -> None:
    before, after = study(scenario("A", 1.0)), study(scenario("A", 1.0005))
    (chance,) = (f for f in compared(tmp_path, before, after).figures if "Chance" in f.label)
    assert chance.moved == "+<0.1 points"


def test_a_mixed_study_that_is_refused_is_told_with_the_refusal(tmp_path) -> None:
    def tried(attempts: float, succeed: float) -> Study:
        events = LossEvents(Point(attempts), Point(succeed))
        return study(scenario("A", events))

    # each side is computed; often tried and always with success is beyond what is
    found = compared(tmp_path, tried(10.0, 0.9), tried(1e7, 1e-6))
    assert "a year with only some of them changed is refused: scenario A has at most" in found.note
    assert found.heading.startswith("An average year costs")
    assert all(row.amount is None for row in found.rows)


def test_a_change_within_its_error_is_said_to_be_too_small(tmp_path) -> None:
    before = study(scenario("A", 1.0, 1e12))
    found = compared(tmp_path, before, study(scenario("A", 1.0, 1e12 + 1.0)))
    assert found.state == "changed"
    assert found.value == "too small a change to tell"
    assert found.heading == "An average year costs as much as when it was approved."


def test_the_version_is_not_blamed_for_a_simulation_without_an_error(tmp_path) -> None:
    before = study(scenario("A"))
    record = result_record(simulate(before, engine="montecarlo", years=200), before)
    record["portfolio"]["standard_error"] = {}
    path = save_run(tmp_path / "study.yaml", before, record, now=NOW)
    assert since(simulate(before), LastRun(read_run(path)), today=TODAY).note == ""


def test_what_else_changed_is_told_beside_a_changed_year(tmp_path) -> None:
    appetite = replace(study(scenario("A", 2.0)), tolerance=(TolerancePoint(3e5, 0.2),))
    found = compared(tmp_path, study(scenario("A")), appetite)
    assert "Also changed: the appetite." in found.note
    assert "the plan" not in found.note


def test_the_card_stands_where_the_headline_does_not_tell_it_all(tmp_path) -> None:
    before = study(scenario("A"))
    assert compared(tmp_path / "a", before, before).is_told_by_headline
    renamed = replace(before, name="Another")
    assert not compared(tmp_path / "b", before, renamed).is_told_by_headline
    unread = since(simulate(before), LastRun(None, ("r.json: is no saved run",)), today=TODAY)
    assert unread.heading == "There are saved runs, but none of them can be read."
    assert not unread.is_told_by_headline
    assert "r.json" in str(since_block(unread).parts)


def test_who_approved_a_run_and_what_was_refused_stand_in_the_card_and_above(tmp_path) -> None:
    found = compared(tmp_path, study(scenario("A")), study(scenario("A", 2.0)))
    assert found.about == "Approved by Board risk committee."
    assert "Approved by Board risk committee." in str(since_block(found).parts)
    assert "passed over" not in since_headline(found)
    refused = replace(found, warnings=("a.json: was edited",))
    assert "1 saved run is passed over." in since_headline(refused)
