"""What a browser may choose in a matrix, and what it may not change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from workbench_widgets import SeverityMatrix

CELLS = [
    {"likelihood": a, "consequence": b, "score": a * a + b * b} for a in (1, 2) for b in (1, 2)
]
MATRIX = {
    "levels": 2,
    "cells": CELLS,
    "scenarios": [
        {"id": "A", "name": "a", "likelihood": 1, "consequence": 2},
        {"id": "B", "name": "b", "likelihood": 2, "consequence": 2},
    ],
}


@pytest.fixture
def widget() -> SeverityMatrix:
    return SeverityMatrix(MATRIX, label="L")


def test_a_chosen_scenario_chooses_its_cell(widget):
    widget.set_state({"value": "A"})
    assert (widget.value, widget.cell) == ("A", [1, 2])


def test_another_cell_drops_the_scenario(widget):
    widget.value = "A"
    widget.set_state({"cell": [2, 2]})
    assert (widget.value, widget.cell) == ("", [2, 2])
    widget.set_state({"cell": []})
    assert widget.cell == []


def test_a_choice_can_be_made_at_the_start():
    assert SeverityMatrix(MATRIX, value="B").cell == [2, 2]
    assert SeverityMatrix(MATRIX, cell=[1, 1]).value == ""


@pytest.mark.parametrize("name", ["C", "<b>", "a" * 10_000, "A "])
def test_a_scenario_that_is_not_there_is_not_chosen(widget, name):
    widget.value = "A"
    widget.set_state({"value": name})
    assert (widget.value, widget.cell) == ("A", [1, 2])


@pytest.mark.parametrize("cell", [[0, 1], [3, 1], [1, -1], [1], [10**30, 1]])
def test_a_cell_that_is_not_there_is_not_chosen(widget, cell):
    widget.cell = [2, 1]
    widget.set_state({"cell": cell})
    assert widget.cell == [2, 1]


@pytest.mark.parametrize("cell", [[1, 2, 3], ["1", "2"], "12", 5, [1.5, 1]])
def test_what_is_no_cell_is_refused(widget, cell):
    widget.cell = [2, 1]
    with pytest.raises(TraitError):
        widget.set_state({"cell": cell})
    assert widget.cell == [2, 1]


def test_a_scenario_and_another_cell_in_one_message_agree_in_the_end(widget):
    widget.set_state({"value": "A", "cell": [2, 2]})
    assert widget.value in ("", "A")
    assert widget.value == "" or widget.cell == widget.place(widget.value)


@pytest.mark.parametrize("lie", [{"matrix": {}}, {"label": "x"}, {"_esm": "export default {}"}])
def test_nothing_else_can_be_written_from_a_browser(widget, lie):
    widget.set_state(lie)
    assert (widget.matrix, widget.label) == (MATRIX, "L")
    assert "function render" in str(widget._esm)


def test_another_matrix_keeps_the_choice_that_it_has(widget):
    widget.value = "B"
    moved = {**MATRIX, "scenarios": [{**MATRIX["scenarios"][1], "likelihood": 1}]}
    widget.show(moved)
    assert (widget.value, widget.cell) == ("B", [1, 2])
    widget.show({**MATRIX, "scenarios": []})
    assert (widget.value, widget.cell) == ("", [1, 2])


@given(st.lists(st.tuples(st.text(max_size=3), st.lists(st.integers(-1, 4), max_size=2))))
def test_whatever_is_sent_the_choice_is_in_the_matrix(messages):
    widget = SeverityMatrix(MATRIX)
    for value, cell in messages:
        widget.set_state({"value": value, "cell": cell})
        assert widget.value in ("", "A", "B")
        assert widget.cell == [] or all(1 <= v <= 2 for v in widget.cell)
        assert widget.value == "" or widget.place(widget.value) == widget.cell
