"""The page's slider says what `simulate` says of the edited file."""

import json
import math
from pathlib import Path

import pytest
from markupsafe import escape

from workbench import LogNormal, Point, Scenario, Study, WorkbenchError, simulate
from workbench.amounts import compact_money, percent
from workbench.files import read_study
from workbench.files.sources import source_digest
from workbench.models import Bernoulli
from workbench.models.horizon import LargestEvent
from workbench.models.whatif import by_average, scale_frequency
from workbench.reports import words
from workbench.reports.board import Board, open_board
from workbench.reports.result import result_record
from workbench.resources import STUDY_VARIABLE, example_study

COLUMNS = "aro_low,aro_mode,aro_high,asset_value,ef_low,ef_mode,ef_high,likelihood,consequence"
TABLE = f"""id,name,{COLUMNS}
S-01,Prompt injection,0.2,0.8,3,4000000,0.02,0.1,0.4,3,3
S-02,Outage,1,2,6,500000,0.01,0.05,0.2,4,2
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("study") / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def board(table: Path) -> Board:
    return open_board(table)


def edited_by(board: Board, times: dict[str, float]) -> dict[str, object]:
    """Return the plain data of the study that the sliders describe."""
    study = board.study
    for name, factor in times.items():
        study = scale_frequency(study, driven(board, name), factor)
    return study.to_dict()


def driven(board: Board, name: str) -> str:
    """Return the scenario that a slider moves."""
    order = by_average(board.result)
    return order[[slider.name for slider in board.drivers].index(name)].id


@pytest.mark.parametrize(
    "times",
    [
        {"times-1": 0.0},
        {"times-1": 0.35},
        {"times-1": 1.0},
        {"times-2": 1.5},
        {"times-1": 2.0, "times-2": 0.5},
    ],
    ids=str,
)
def test_the_sliders_equal_simulating_the_edited_file(
    board: Board, times: dict[str, float], tmp_path: Path
) -> None:
    edited = tmp_path / "edited.json"
    edited.write_text(json.dumps(edited_by(board, times)), encoding="utf-8")
    fresh = simulate(read_study(edited).study, engine="exact").portfolio
    told = board.answer(times)
    assert told.mean == words.amount(fresh.mean(), fresh.error("mean"), "USD")
    assert told.bad_year == words.one_year_in(fresh, 20)
    for name in ("mean", "p95", "tvar99", "prob_no_loss"):
        bound = 4 * fresh.error(name) + 1e-9 * abs(fresh.figure(name))
        assert told.after.figure(name) == pytest.approx(fresh.figure(name), abs=bound)


def test_the_edited_study_prints_the_figures_that_the_sliders_show(
    board: Board, tmp_path: Path
) -> None:
    edited = tmp_path / "edited.json"
    edited.write_text(json.dumps(edited_by(board, {"times-1": 1.5})), encoding="utf-8")
    printed = result_record(simulate(read_study(edited).study))["portfolio"]
    after = board.answer({"times-1": 1.5}).after
    assert words.stated(f"{after.mean():.6g}") == words.stated(f"{printed['mean']:.6g}")
    assert f"{after.var(0.95):.5g}" == f"{printed['p95']:.5g}"


@pytest.mark.parametrize(
    ("sent", "used"),
    [(-3.0, 0.0), (99.0, 2.0), (math.inf, 1.0), (math.nan, 1.0), (0.5, 0.5)],
)
def test_whatever_a_page_sends_is_brought_into_bounds(
    board: Board, sent: float, used: float
) -> None:
    told = board.answer({"times-1": sent, "nobody": 0.0})
    assert told.factors == {driven(board, "times-1"): used}


def test_as_often_as_today_changes_nothing(board: Board) -> None:
    same = board.answer({"times-1": 1.0})
    assert same.after is board.result.portfolio
    assert same.moved == "no change"
    assert same.overlay == []
    assert "No change" in same.slots["answer"]


def test_the_changed_curve_is_laid_over_todays_figure(board: Board) -> None:
    (moved,) = board.answer({"times-1": 0.5}).overlay
    figure = board.blocks["curve"].charts()[0].figure
    (trace,) = (t for t in figure["data"] if t.get("name") == moved["name"])
    assert moved["x"] == trace["x"]
    after = board.answer({"times-1": 0.5}).after
    assert moved["y"] == pytest.approx(after.exceedance(moved["x"]), abs=1e-4)


def test_half_as_often_costs_half_of_that_scenario(board: Board) -> None:
    drop = board.result.portfolio.mean() - board.answer({"times-1": 0.5}).after.mean()
    name = driven(board, "times-1")
    assert drop == pytest.approx(board.result.scenarios[name].mean() / 2, rel=1e-9)


def test_a_simulated_board_tells_the_paired_error_of_a_change(table: Path) -> None:
    drawn = Board(simulate(read_study(table).study, engine="montecarlo", years=2000))
    told = drawn.answer({"times-1": 0.5})
    assert told.moved_error.startswith("±")
    assert "same luck; ± is the error of their difference" in told.slots["answer"]
    assert drawn.blocks["curve"].charts()[0].figure["data"]


def test_a_simulated_change_within_its_error_is_not_told_as_an_amount() -> None:
    rare, large = (
        Scenario.fair(id_, id_, loss_event_frequency=Point(rate), loss_magnitude=LogNormal(9, 2.0))
        for id_, rate in (("A", 0.02), ("B", 5.0))
    )
    drawn = Board(simulate(Study(scenarios=(rare, large)), engine="montecarlo", years=200))
    (slider,) = (s.name for s in drawn.drivers if s.label == "A")
    told = drawn.answer({slider: 1.05})
    assert told.after.mean() == drawn.result.portfolio.mean()  # no simulated year has one more
    assert "<b>too small a change to tell</b>" in told.slots["answer"]
    assert "too small a change to tell, so that" in told.words


def test_a_rate_that_no_count_allows_is_refused_in_the_answer() -> None:
    once = Scenario.fair(
        "A",
        "At most once",
        loss_event_frequency=Point(0.8),
        loss_magnitude=Point(1e6),
        count=Bernoulli(),
    )
    told = Board(simulate(Study(scenarios=(once,)))).answer({"times-1": 2.0})
    assert "at most 1 a year" in told.refused
    assert "Not possible" in told.slots["answer"]
    assert told.overlay == []
    assert "no change" not in told.words
    assert "not possible" in told.words


def test_every_state_has_its_curve_its_column_and_its_words() -> None:
    board = open_board()
    assert set(board.others) == {"inherent", "residual"}
    names = {t.get("name") for t in board.exceedance()["data"]}
    assert {"Without controls", "Today", "After the plan", "Appetite"} <= names
    for years, period in zip((2, 5, 10, 20, 100), board.page.periods, strict=True):
        for state, text in (("inherent", period.bare), ("residual", period.planned)):
            value = board.others[state].portfolio.return_period(years)
            assert text == compact_money(value, board.study.currency)
    assert "After the plan" in board.curve_table()
    chance = board.others["residual"].portfolio.exceedance(6e6)
    assert percent(float(chance)) in board.page.summary


def test_every_chart_of_the_page_has_numbers_words_and_a_folded_table() -> None:
    board = open_board()
    charts = [chart for block in board.blocks.values() for chart in block.charts()]
    assert len({chart.name for chart in charts}) == len(charts) >= 3
    for chart in charts:
        assert len(chart.label.split()) > 4
        assert len(chart.table.rows) > 3
        assert all(len(row) == len(chart.table.head) for row in chart.table.rows)


def test_a_chosen_scenario_is_told_with_its_owner_and_reasons() -> None:
    board = open_board()
    for scenario in board.study.scenarios:
        told = board.chosen(scenario.id)["story"]
        assert str(escape(scenario.name)) in told
        assert str(escape(scenario.assumptions[0].owner)) in told
        mean = compact_money(board.result.scenarios[scenario.id].mean(), board.study.currency)
        assert mean in told


def test_the_lede_names_the_bytes_that_were_read(table: Path, board: Board) -> None:
    assert f'data-source="{source_digest(table)}"' in board.html("lede")


def test_the_study_comes_from_the_variable_or_is_the_example(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STUDY_VARIABLE, str(table))
    assert len(open_board().study.scenarios) == 2
    monkeypatch.delenv(STUDY_VARIABLE)
    assert open_board().study == read_study(example_study()).study


def test_a_faulty_file_is_refused_with_its_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(TABLE.replace("0.2,0.8,3", "3,0.8,0.2", 1), encoding="utf-8")
    with pytest.raises(WorkbenchError, match="row 2"):
        open_board(bad)


def test_the_table_beside_the_curve_says_what_the_curve_says(board: Board) -> None:
    points = board.curve_points
    assert len(points) > 5
    for point in points:
        chance = float(board.result.portfolio.exceedance(point.loss))
        assert point.states == {"current": chance}
        assert point.alone.low <= chance <= point.alone.high
        assert percent(chance) in board.curve_table()


def test_a_single_event_passes_a_loss_no_more_often_than_the_year_does(board: Board) -> None:
    for point in board.curve_points:
        assert 0 <= point.alone.event <= point.states["current"] + 1e-6
    value = LargestEvent.of(board.study).var(0.95)
    assert f"single event of {compact_money(value, board.study.currency)}" in board.html("periods")


def test_a_run_that_cannot_be_read_is_told_also_where_there_is_no_other(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "table.runs").mkdir()
    (tmp_path / "table.runs" / "2026-08-14T09-30-00Z.json").write_text("{", encoding="utf-8")
    words = open_board(tmp_path / "table.csv").blocks["since"].words()
    assert "2026-08-14T09-30-00Z.json: line 1: not valid JSON" in words
    assert "this run is passed over" in words
    assert str(tmp_path) not in words
