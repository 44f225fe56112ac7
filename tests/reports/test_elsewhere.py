"""A control that one system of a study has and another lacks is told where it is missing."""

import pytest

from workbench.reports import readiness_words as told
from workbench.reports.readiness import open_readiness
from workbench.reports.threat_board import open_threat_board


@pytest.fixture(scope="module")
def board():
    return open_readiness()


def test_a_gap_whose_control_another_system_has_says_where(board):
    local = board.effects.somewhere()
    rows = [*board.gaps.top, *board.gaps.rest]
    said = {row.control: row.elsewhere for row in rows if row.elsewhere}
    assert set(said) == {row.control for row in rows} & local
    assert said["CTL-013"] == "in place at customer-chatbot, not here"
    page = board.blocks["gaps"].words()
    assert said["CTL-013"] in page
    gaps = board.effects.gaps(board.readiness)
    words = told.gaps_told(
        gaps, board.frameworks, "EUR", len(gaps), elsewhere=board.statement.elsewhere
    )
    assert "CTL-013 (in place at customer-chatbot, not here)" in words


def test_a_control_that_another_system_has_is_told_where_this_one_lacks_it():
    board = open_threat_board()
    lines = {
        name: {c.id: c.why for c in (*one.view().controls, *one.view().other_controls)}
        for name, one in board.systems.items()
    }
    assert lines["document-agent"]["CTL-013"] == "in place at customer-chatbot, not here"
    assert "not here" not in lines["customer-chatbot"]["CTL-013"]
    for name, one in board.systems.items():
        there = set().union(*(x.ties.in_place() for n, x in board.systems.items() if n != name))
        told = {control for control, why in lines[name].items() if "not here" in why}
        assert told == set(lines[name]) & there - set(one.ties.in_place())
