"""The matrix as a table's data, and the two orders drawn against each other."""

import json

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import Point, Scenario, Study, simulate
from workbench.models.anchors import Anchors
from workbench.models.matrix_ranking import MatrixRanking, place, rank
from workbench.models.severity_matrix import SeverityMatrix
from workbench.plots import Figure, heat, rank_scatter

HOSTILE = "<img src=x onerror=alert(1)> %{x} $x$"
ROWS = [("A", 5, 5, 10.0), ("B", 5, 4, 800.0), ("C", 4, 5, 30.0), ("D", 1, 1, 20.0)]


def ranking(rows: list[tuple[str, int, int, float]]) -> MatrixRanking:
    scenarios = [
        Scenario.fair(
            name,
            HOSTILE,
            loss_event_frequency=Point(1),
            loss_magnitude=Point(ale),
            likelihood=likelihood,
            consequence=consequence,
        )
        for name, likelihood, consequence, ale in rows
    ]
    return rank(simulate(Study(scenarios=tuple(scenarios))))


def checked(figure: Figure) -> Figure:
    """Return the figure after plotly and JSON have both accepted it."""
    go.Figure({"data": figure["data"], "layout": figure["layout"]})
    return dict(json.loads(json.dumps(figure, allow_nan=False)))


def trace(figure: Figure, name: str) -> dict:
    return next(t for t in figure["data"] if t["name"] == name)


@pytest.mark.parametrize("levels", range(2, 11))
def test_each_cell_has_its_score_band_and_ties(levels: int) -> None:
    matrix = SeverityMatrix(levels)
    shown = json.loads(json.dumps(heat(matrix)))
    assert len(shown["cells"]) == levels**2
    for cell in shown["cells"]:
        place_of = (cell["likelihood"], cell["consequence"])
        assert cell["score"] == matrix.score(*place_of)
        assert shown["bands"][cell["band"]]["label"] == matrix.band(*place_of).label
        assert all(matrix.score(*tie) == cell["score"] for tie in cell["ties"])
        assert list(place_of) not in cell["ties"]


def test_tones_rise_from_the_palest_to_the_strongest() -> None:
    tones = [band["tone"] for band in heat(SeverityMatrix())["bands"]]
    assert tones == sorted(set(tones))
    assert (tones[0], tones[-1]) == (0, 4)
    words = [band["scores"] for band in heat(SeverityMatrix())["bands"]]
    assert words == ["up to 8", "up to 18", "up to 32", "above 32"]


def test_no_money_stands_at_a_score_and_ale_is_named_as_such() -> None:
    found = ranking(ROWS)
    shown = heat(found.matrix, found.rows, currency="USD")
    assert all("$" not in json.dumps(cell) for cell in shown["cells"])
    notes = {s["id"]: s["note"] for s in shown["scenarios"]}
    assert notes["B"] == "place 2 of 4 by score, 1 by ALE ($800 a year)"
    alone = heat(found.matrix, place(simulate(Study()).study))
    assert alone["scenarios"] == []


def test_anchors_label_the_levels() -> None:
    anchors = Anchors((0.01, 0.1, 1), (1e4, 1e5, 1e6))
    shown = heat(SeverityMatrix(3), anchors=anchors, currency="EUR")
    assert shown["likelihood"] == ["0.01 a year", "0.1 a year", "1 a year"]
    assert shown["consequence"][1] == "€100k"
    assert heat(SeverityMatrix(3))["likelihood"] == []


def test_each_scenario_stands_at_its_two_places_and_ties_share_one_height() -> None:
    points = trace(checked(rank_scatter(ranking(ROWS))), "Scenarios")
    at = dict(zip(points["text"], zip(points["x"], points["y"], strict=True), strict=True))
    assert at == {"A": (4, 1), "B": (1, 2.5), "C": (2, 2.5), "D": (3, 4)}
    assert len(set(points["textposition"][1:3])) == 2  # neighbours at one height


def test_each_reversal_is_a_line_that_falls() -> None:
    found = ranking(ROWS)
    lines = trace(checked(rank_scatter(found)), "Reversals")
    assert len(lines["x"]) == 3 * len(found.reversals) == 9
    for i in range(0, 9, 3):
        above, below = ((lines["x"][j], lines["y"][j]) for j in (i, i + 1))
        assert above[1] < below[1]  # ranked first by score
        assert above[0] > below[0]  # and later by ALE


def test_names_are_text_in_a_figure() -> None:
    told = json.dumps(rank_scatter(ranking(ROWS)))
    assert "<img" not in told
    assert "%{x}" not in told


def test_many_scenarios_keep_their_points_and_lose_their_ids() -> None:
    many = [(f"S{i:02d}", 1 + i % 5, 1 + i % 3, float(i + 1)) for i in range(60)]
    points = trace(checked(rank_scatter(ranking(many))), "Scenarios")
    assert points["mode"] == "markers"
    assert len(points["x"]) == 60


def test_nothing_to_draw_is_an_empty_figure() -> None:
    assert checked(rank_scatter(ranking([])))["data"] == []


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5), st.floats(1, 1e9)), max_size=6))
def test_any_study_can_be_drawn(cells: list[tuple[int, int, float]]) -> None:
    rows = [(f"S{i}", *cell) for i, cell in enumerate(cells)]
    figure = checked(rank_scatter(ranking(rows)))
    if rows:
        assert len(trace(figure, "Scenarios")["x"]) == len(rows)
