"""The page's slider says what `simulate` says of the edited file."""

import json
import math
from pathlib import Path

import pytest

from workbench import WorkbenchError, simulate
from workbench.amounts import compact_money
from workbench.files import read_study
from workbench.models.horizon import LargestEvent
from workbench.models.whatif import scale_frequency
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


@pytest.mark.parametrize("times", [0.0, 0.35, 1.0, 1.5, 2.0])
def test_the_slider_equals_simulating_the_edited_file(
    board: Board, times: float, tmp_path: Path
) -> None:
    assert board.page.largest is not None
    edited = tmp_path / "edited.json"
    data = scale_frequency(board.study, board.page.largest, times).to_dict()
    edited.write_text(json.dumps(data), encoding="utf-8")
    fresh = simulate(read_study(edited).study, engine="exact").portfolio
    told = board.what_if(times)
    assert told.mean == words.amount(fresh.mean(), fresh.error("mean"), "USD")
    assert told.bad_year == words.one_year_in(fresh, 20)
    for name in ("mean", "p95", "tvar99", "prob_no_loss"):
        bound = 4 * fresh.error(name) + 1e-9 * abs(fresh.figure(name))
        assert told.after.figure(name) == pytest.approx(fresh.figure(name), abs=bound)


def test_the_edited_study_prints_the_figures_that_the_slider_shows(
    board: Board, tmp_path: Path
) -> None:
    assert board.page.largest is not None
    edited = tmp_path / "edited.json"
    data = scale_frequency(board.study, board.page.largest, 1.5).to_dict()
    edited.write_text(json.dumps(data), encoding="utf-8")
    printed = result_record(simulate(read_study(edited).study))["portfolio"]
    after = board.what_if(1.5).after
    assert words.stated(f"{after.mean():.6g}") == words.stated(f"{printed['mean']:.6g}")
    assert f"{after.var(0.95):.5g}" == f"{printed['p95']:.5g}"


@pytest.mark.parametrize(
    ("sent", "used"),
    [(-3.0, 0.0), (99.0, 2.0), (math.inf, 1.0), (math.nan, 1.0), (0.5, 0.5)],
)
def test_whatever_a_page_sends_is_brought_into_bounds(
    board: Board, sent: float, used: float
) -> None:
    assert board.what_if(sent).times == used


def test_as_often_as_now_changes_nothing(board: Board) -> None:
    same = board.what_if(1.0)
    assert same.after is board.result.portfolio
    assert same.mean_change == "no change"
    assert "No change" in board.html("delta", change=same)


def test_the_changed_curve_is_drawn_beside_todays(board: Board) -> None:
    names = [t.get("name") for t in board.exceedance(board.what_if(0.5))["data"]]
    assert {"Today", "With this change"} <= set(names)
    assert "With this change" not in [t.get("name") for t in board.exceedance()["data"]]


def test_half_as_often_costs_half_of_that_scenario(board: Board) -> None:
    name = board.page.largest
    assert name is not None
    drop = board.result.portfolio.mean() - board.what_if(0.5).after.mean()
    assert drop == pytest.approx(board.result.scenarios[name].mean() / 2, rel=1e-9)


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
    rows = board._curve_rows()
    assert len(rows) > 5
    chances = [row.chance for row in rows]
    assert len(set(chances)) > 3
    assert all(" to " in row.band for row in rows)


def test_a_single_event_passes_a_loss_no_more_often_than_the_year_does(board: Board) -> None:
    rows = board._curve_rows()
    event = LargestEvent.of(board.study)
    for row, loss in ((rows[-1], board.band.loss[-1]), (rows[0], board.band.loss[0])):
        assert float(event.exceedance(loss)) <= float(board.result.portfolio.exceedance(loss))
        assert row.event.endswith("%")
    value = event.var(0.95)
    assert f"single event of {compact_money(value, board.study.currency)}" in board.html("periods")
