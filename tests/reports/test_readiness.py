"""The readiness page as plain values: what it counts, what it ranks, and what it never claims."""

import math
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from workbench import Point, Scenario, Study
from workbench.distributions import Pareto
from workbench.files.catalogues.ai_act import shipped_act
from workbench.files.catalogues.statements import ReadinessFolder
from workbench.frameworks.ai_act import Answers
from workbench.frameworks.ai_act_tiers import classify
from workbench.frameworks.groups import SIX
from workbench.frameworks.readiness import Readiness, Standing
from workbench.frameworks.statement import Statement
from workbench.models.portfolio import simulate
from workbench.reports import readiness_words as told
from workbench.reports.note_places import PLACES, all_notes, notes_about, notes_at, place_of
from workbench.reports.readiness import ReadinessBoard, open_readiness
from workbench.reports.readiness_act import (
    act_heading,
    date_lines,
    open_articles,
    owed,
    system_lines,
)
from workbench.resources import example_study

WHEN = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def board():
    return open_readiness(computed=WHEN)


@pytest.fixture(scope="module")
def text(board):
    """Return all that the page says."""
    return "\n".join(block.words() for block in board.blocks.values())


def of(study: Study, folder: ReadinessFolder) -> ReadinessBoard:
    return ReadinessBoard(study, folder, computed=WHEN)


# the heading and the standings


def test_the_heading_is_the_finding(board):
    duties = owed(board.classes)
    unmet = open_articles(board.classes, board.readiness)
    assert board.page.heading == (
        f"Two high-risk systems, 373 days left, and {len(unmet)} of {len(duties)} AI Act duties "
        "are not yet met."
    )
    assert set(unmet) < set(duties)
    assert "4" in unmet, "in part is not met"


def test_the_page_speaks_of_the_day_of_the_statement_and_not_of_the_clock(board):
    later = open_readiness(computed=datetime(2031, 1, 1, tzinfo=UTC))
    assert later.page.heading == board.page.heading
    assert later.page.dates == board.page.dates
    assert board.page.state[0] == "Stated for 24 Nov 2026"


def test_each_bar_counts_what_applies_and_leaves_the_rest_out_with_its_reason(board):
    assert len(board.page.bars) == len(SIX)
    for bar, framework in zip(board.page.bars, SIX, strict=True):
        tally = board.readiness.tally(framework)
        assert (bar.met, bar.in_part, bar.size) == (tally.met, tally.in_part, tally.applicable)
        assert bar.left_out == tally.not_applicable
        assert f"{bar.met} met, {bar.in_part} in part" in bar.label
    assert len(board.page.excluded) == sum(bar.left_out for bar in board.page.bars)
    assert all(one.reason for one in board.page.excluded)


def test_what_nobody_has_stated_is_told_as_open(board, text):
    last = board.page.bars[-1]
    assert last.unstated == 23
    assert "23 not stated, which counts as open" in text


def test_what_is_due_first_is_named_first(board):
    act = next(bar for bar in board.page.bars if bar.name == "EU AI Act")
    assert act.upcoming.startswith("Due first, 31 Dec 2026: 4 AI literacy")


# the AI Act


def test_every_system_has_its_grounds_its_tier_and_its_days(board):
    lines = {line.name: line for line in board.page.systems}
    assert [line.tiers for line in board.page.systems][-1] == ("Transparency",)
    credit = lines["Credit model"]
    assert credit.grounds.startswith("Annex III 5(b), creditworthiness")
    assert (credit.tiers, credit.days) == (("High risk",), ("2 Dec 2027",))
    assert "Annex VI internal control, notified body: none" in credit.more
    assert lines["Customer chatbot"].days == ("2 Aug 2026 (50(1))", "2 Dec 2026 (50(2))")
    assert credit.met < credit.duties


def test_every_day_of_the_act_is_past_next_or_to_come_and_says_how_certain_it_is(board, text):
    dates = board.page.dates
    assert len(dates) == len(shipped_act().dates)
    assert [one.state for one in dates] == ["past"] * 5 + ["next"] + ["to come"] * 6
    upcoming = next(one for one in dates if one.state == "next")
    assert (upcoming.shown, upcoming.lead) == ("2 Dec 2026", "In 8 days:")
    assert next(one for one in dates if one.id == "AD-08").was == "was 2 Aug 2026"
    assert {one.certainty for one in dates} == {"recalled", "secondary"}
    for one in dates:
        assert " ".join(one.said.split()) in text, "the source and the certainty in full"


@pytest.mark.parametrize(
    ("day", "states"),
    [("2024-01-01", (0, 1, 11)), ("2026-12-02", (6, 1, 5)), ("2031-01-01", (12, 0, 0))],
)
def test_a_date_has_passed_on_its_own_day(day, states):
    rows = date_lines(shipped_act(), (), day)
    assert tuple(sum(r.state == s for r in rows) for s in ("past", "next", "to come")) == states


def test_following_iso_42001_is_never_called_conformity(text):
    assert "gives no presumption of conformity" in text
    assert "no legal advice" in text


# gaps by money


def test_gaps_are_ranked_by_the_money_that_they_touch_and_say_that_it_does_not_add_up(board):
    gaps = board.gaps
    assert "overlap and do not add up" in gaps.note
    rows = [*gaps.top, *gaps.rest]
    assert [row.bar for row in rows] == sorted((row.bar for row in rows), reverse=True)
    for row in rows:
        assert 0 <= row.solid <= row.bar + 1e-9 <= 100 + 1e-6
        assert row.left <= row.solid + 1e-9 <= row.left + row.width + 2e-9
        assert "assumed to save" in row.label
        assert row.open > 0


def test_what_is_in_place_or_not_counted_is_no_gap(board):
    named = {row.control for row in (*board.gaps.top, *board.gaps.rest)}
    statement = board.statement
    assert not named & set(statement.controls_in_place())
    assert not named & {one.control for one in statement.not_counted}


def test_the_money_of_a_gap_is_that_of_its_scenarios_in_the_simulated_study(board):
    means = {k: v.mean() for k, v in simulate(board.study).scenarios.items()}
    for gap in board.effects.gaps(board.readiness)[:20]:
        missing = [board.controls.control(c) for c in gap.controls]
        ids = {s for control in missing for s in board.effects.touched(control)}
        assert gap.money == pytest.approx(sum(means[s] for s in ids), rel=1e-9)


def test_a_scenario_counts_once_in_a_gap_whatever_its_threats(board):
    total = sum(board.effects.averages.values())
    assert all(gap.money <= total * (1 + 1e-12) for gap in board.effects.gaps(board.readiness))


def test_without_an_average_year_gaps_are_not_ranked_and_the_page_stands():
    wild = Scenario.fair(
        "S-01", "wild", loss_event_frequency=Point(1.0), loss_magnitude=Pareto(0.9, 1e3)
    )
    folder = open_readiness().folder
    found = of(Study(scenarios=(wild,)), folder)
    assert found.effects.average() == math.inf
    assert (found.gaps, found.months) == (None, [])
    assert "gaps" not in found.blocks
    assert "No average year can be told" in found.page.roadmap_note


def test_what_a_statement_names_and_the_study_lacks_is_a_warning(board):
    small = Study(scenarios=(replace(board.study.scenario("S-01")),))
    page = of(small, board.folder).page
    assert "scenario S-02 is not in the study" in page.warnings
    assert "scenario S-02 is not in the study" in of(small, board.folder).blocks["lede"].words()


def test_the_largest_saving_that_no_task_plans_is_named(board):
    rows = [*board.gaps.top, *board.gaps.rest]
    free = max((r for r in rows if r.planned == "Not planned"), key=lambda r: r.solid)
    planned = set(board.roadmap.landed(12))
    assert free.control not in planned
    assert all((row.planned == "Not planned") == (row.control not in planned) for row in rows)
    assert f"{free.title.lower()} is assumed to save most: {free.saving}" in board.page.summary


# the crosswalk


def test_the_crosswalk_says_that_nothing_is_inherited_and_that_rows_are_editorial(board, text):
    assert board.page.coverage_heading.startswith("No framework inherits from another")
    assert "'Related' lets nothing be inherited" in text
    assert "460 editorial" in text
    cells = [c for _, _, row in board.page.coverage.rows for c in row if c is not None]
    assert sum(c.met for c in cells) == 0
    assert {c.tone for c in cells} == {0}, "candidates never darken a cell"
    assert len(cells) == 30


def test_the_choice_of_ribbons_holds_every_pair_with_rows(board):
    (choice,) = board.blocks["flow"].choices()
    numbers = [int(re.search(r"(\d+) rows", name)[1]) for _, name in choice.options]
    assert numbers == sorted(numbers, reverse=True)
    assert sum(numbers) == 515 + 115 + 49
    for pair, _ in choice.options:
        chart = board.flow(pair)
        assert sum(row[2] for row in chart.table.rows) == len(
            board.crosswalk.between(*pair.split("-"))
        )
        assert chart.label in board.flow_told(pair).replace("&#39;", "'")


# the roadmap


def test_the_months_fall_by_steps_to_the_assumed_loss_and_are_marked(board, text):
    losses = [month.loss for month in board.months]
    assert losses[0] == pytest.approx(simulate(board.study).portfolio.mean(), rel=1e-9)
    assert losses == sorted(losses, reverse=True)
    assert all(m.low <= m.loss <= m.high for m in board.months)
    assert "is assumed to bring" in board.page.roadmap_heading
    assert all(told in text for told in ("never multiplied", "5 more are in place at some systems"))
    there = set(board.roadmap.landed(12)) & set(board.statement.controls_in_place())
    assert f"{len(there)} of the 35 controls of the plan are in place" in board.page.roadmap_note
    assert board.months[-1].controls == 35 - len(there)
    charts = {chart.name: chart for chart in board.blocks["roadmap"].charts()}
    assert {row[-1] for row in charts["expected-loss"].table.rows} == {"assumption"}
    assert len(charts["roadmap"].table.rows) == 19


def test_every_task_has_an_owner_and_says_where_it_comes_from(board):
    assert all(task.owner != "nobody yet" for task in board.page.tasks)
    assert {task.origin for task in board.page.tasks} == {"source document", "added in review"}


# where nothing is stated


def test_a_study_without_a_readiness_has_a_page_that_says_so(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(example_study().read_bytes())
    found = open_readiness(path, computed=WHEN)
    assert found.page.heading.startswith("Nothing is stated about readiness")
    assert list(found.blocks) == ["lede", "standings", "crosswalk", "flow", "roadmap", "footer"]
    assert found.months == []
    said = "\n".join(block.words() for block in found.blocks.values())
    assert "assumed to" not in said


def test_texts_of_a_statement_are_escaped(board):
    evil = "<script>alert(1)</script>"
    folder = replace(
        board.folder,
        statement=replace(board.statement, organisation=evil),
        readiness=Readiness(
            board.frameworks,
            (Standing("iso42001_2023", "A.10.4", "not applicable", justification=evil),),
        ),
        answers=(Answers(evil, uses=True),),
    )
    blocks = of(board.study, folder).blocks
    html = "".join(leaf for b in blocks.values() for leaf in b.leaves() if isinstance(leaf, str))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 4


# the notes on the source document


def test_every_note_has_one_place_and_stands_there(board):
    notes = all_notes()
    assert len(notes) == 51
    assert {place_of(note) for note in notes} == set(PLACES)
    blocks = {"ai-act": "standings", "crosswalk": "crosswalk", "gaps": "gaps", "roadmap": "roadmap"}
    for place, block in blocks.items():
        shown = re.findall(r"SRC-\d\d", board.blocks[block].words())
        for note in notes_at(place):
            assert note.id in shown
            assert " ".join(note.correct.split()) in board.blocks[block].words()
    assert sum(len(notes_at(place)) for place in PLACES) == 51


@pytest.mark.parametrize(
    ("note", "place"),
    [
        ("SRC-05", "crosswalk"),  # a row of the document's first table
        ("SRC-20", "ai-act"),  # one of its second
        ("SRC-29", "gaps"),  # a control that it names
        ("SRC-34", "roadmap"),  # a task that it plans
        ("SRC-38", "ai-act"),  # what it leaves out, by its topic
        ("SRC-47", "gaps"),
    ],
)
def test_a_note_stands_beside_what_was_made_of_its_line(note, place):
    assert note in {one.id for one in notes_at(place)}


def test_every_note_is_found_by_its_topics_and_by_each_of_its_lines():
    for note in all_notes():
        assert all(note in notes_about(topic) for topic in note.topics)
    assert [n.id for n in notes_about("37")] == ["SRC-05", "SRC-08"]
    assert notes_about("999") == ()


# sentences of the notebook


def test_sentences_never_average_and_mark_what_is_assumed(board):
    readiness = board.readiness
    assert "SOC 2: 24 of 61 met, 11 in part, 23 not stated" in told.standings_told(readiness)
    profile = told.profile_told(readiness)
    assert "at their target" in profile
    assert "average" not in profile
    gaps = told.gaps_told(board.effects.gaps(readiness), board.frameworks, "EUR", most=3)
    assert "overlap and do not add up" in gaps
    assert len(gaps.splitlines()) == 4
    assert told.months_told(board.months, "EUR").endswith(
        "Every figure after today is an assumption."
    )
    assumed = board.effects.study_with(["CTL-016"])
    assert told.effects_told(assumed).count("[assumption]") == len(assumed.changes)
    assert "is left out: no secondary loss" in told.effects_told(assumed)
    fine = told.classes_told([classify(board.folder.answers[0], shipped_act(), "2026-11-24")])
    assert "a bound and no expectation" in fine


def test_sign_offs_say_what_who_when_and_on_which_terms(board):
    text = told.sign_offs_told(board.statement.sign_offs)
    assert "Document agent: refused on 12 Nov 2026 by Head of compliance" in text
    assert told.sign_offs_told(()) == "The board has decided nothing yet."


def test_a_statement_without_ties_ranks_no_money(board):
    folder = replace(board.folder, statement=Statement("2026-11-24", "nobody"))
    found = of(board.study, folder)
    assert (found.gaps, found.months) == (None, [])
    assert [task.owner for task in found.page.tasks] == ["nobody yet"] * 19


# what the Act is told of systems that the example has none of


def told_of(system="Model", **answers):
    act = shipped_act()
    found = classify(Answers(system, develops=True, **answers), act, "2026-11-28")
    return system_lines([found], act, open_readiness(computed=WHEN).readiness)


def test_a_general_purpose_model_does_not_carry_minimal_risk():
    model = {"general_purpose": True}
    assert act_heading(told_of(**model)) == "The model is a general-purpose model."
    grave = told_of(**model, designated_systemic=True)
    assert act_heading(grave) == "The model carries systemic risk."
    assert act_heading(told_of()) == "The model carries minimal risk."


def test_a_name_that_begins_with_an_abbreviation_keeps_its_capitals():
    assert act_heading(told_of("AI scorer")) == "The AI scorer carries minimal risk."


def test_duties_of_an_older_system_are_said_to_wait_for_its_change():
    (old,) = told_of(annex_iii=("III.5.b",), on_market_since="2024-05-01")
    assert old.days == ("2 Dec 2027, after a significant change of its design (Art. 111(2))",)
    (new,) = told_of(annex_iii=("III.5.b",))
    assert new.days == ("2 Dec 2027",)


def test_only_what_is_due_on_the_first_day_is_said_to_be_due_then(board):
    name = "iso42001_2023"
    standings = (
        Standing(name, "A.2.2", "open", due="2026-12-31"),
        Standing(name, "A.2.3", "open", due="2027-05-31"),
        Standing(name, "A.2.4", "met", due="2026-12-01", evidence="DOC-1"),
    )
    folder = replace(board.folder, readiness=Readiness(board.frameworks, standings))
    (bar,) = of(board.study, folder).bars
    assert bar.upcoming.startswith("Due first, 31 Dec 2026: A.2.2 ")
    assert "A.2.3" not in bar.upcoming


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"annex_i": "B", "third_party_assessment": True}, ", and "),  # owes nothing by the Act
        ({"annex_iii": ("III.5.b",), "on_market_since": "2024-01-01"}, ", and "),  # once it changes
        ({"annex_iii": ("III.5.b",)}, ", 373 days left, and "),
    ],
)
def test_no_days_are_left_where_no_duty_has_a_day_of_its_own(board, answers, said):
    folder = replace(board.folder, answers=(Answers("Car", develops=True, **answers),))
    assert of(board.study, folder).page.heading.startswith(f"One high-risk system{said}")
