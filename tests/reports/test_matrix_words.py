"""Sentences about the matrix: numbers as computed, no verdict on few, never money from a score."""

import re

import pytest

from workbench import Point, Scenario, Study, simulate
from workbench.models.anchors import Anchors
from workbench.models.cox import cox_checks
from workbench.models.matrix_ranking import rank
from workbench.models.portfolio import StudyResult
from workbench.models.severity_matrix import SeverityMatrix
from workbench.reports import matrix_words as told

ROWS = [("A", (5, 5), 1e3), ("B", (4, 4), 5e4), ("C", (4, 4), 8e4), ("D", (1, 1), 2e6)]


def result_of(rows: list[tuple[str, tuple[int, int] | None, float]]) -> StudyResult:
    scenarios = [
        Scenario.fair(
            name,
            f"name of {name}",
            loss_event_frequency=Point(1),
            loss_magnitude=Point(ale),
            likelihood=cell and cell[0],
            consequence=cell and cell[1],
        )
        for name, cell, ale in rows
    ]
    return simulate(Study(currency="EUR", scenarios=tuple(scenarios)))


def test_the_matrix_itself_is_told_without_money() -> None:
    text = told.matrix_told(SeverityMatrix())
    assert "25 cells have 15 scores; cells share 10 of them." in text
    assert "28 of 300 pairs" in text
    assert "from no standard" in text
    assert not re.search(r"[€$£]|EUR|USD", text)


def test_ties_and_reversals_are_told_with_the_averages_of_ale() -> None:
    ranking = rank(result_of(ROWS))
    assert told.ties_told(ranking) == "Score 32: B, C. Their average years cost €50k to €80k."
    lines = told.reversals_told(ranking).splitlines()
    assert lines[0] == "5 pairs are reversed."
    assert lines[1] == "A ranks above D, which costs €2.0M a year more."
    assert len(lines) == 4
    alone = rank(result_of(ROWS[:1]))
    assert told.ties_told(alone) == "No two scenarios share a score."
    assert told.reversals_told(alone) == "0 pairs are reversed."


def test_agreement_names_n_what_is_missed_and_what_is_left_out() -> None:
    text = told.agreement_told(rank(result_of([*ROWS, ("E", None, 5.0)])))
    assert "n = 4" in text
    assert "No verdict: 4 scenarios" in text
    assert "D is called Low and is among the dearest." in text
    assert "E is left out: it states no likelihood" in text


def test_a_correlation_below_zero_has_a_true_minus_and_an_interval() -> None:
    rows = [(f"S{i}", (1 + i // 2, 1 + i % 2), 1e4 - 1e3 * i) for i in range(9)]
    text = told.agreement_told(rank(result_of(rows)))
    assert re.search(r"tau-b −0\.\d\d \(95% interval −0\.\d\d to −0\.\d\d, n = 9\)\.", text)


def test_nothing_is_told_as_nothing() -> None:
    text = told.agreement_told(rank(result_of([])))
    assert "Spearman rho: none, since" in text
    assert told.instead_told(result_of([]), rank(result_of([]))) == ""


@pytest.mark.parametrize("anchors", [None, Anchors((0.01, 0.03, 0.1, 0.3, 1), (1, 2, 3, 4, 5e6))])
def test_coxs_axioms_are_told_with_the_cells_that_break_them(anchors: Anchors | None) -> None:
    ranking = rank(result_of(ROWS))
    text = told.cox_told(cox_checks(ranking.matrix, anchors), ranking)
    assert "A coin would do better." in text
    if anchors is None:
        assert text.count("is not testable: the study states no rate and amount") == 3
    else:
        assert re.search(r"is violated: .* pairs break it, first \(\d, \d\) and \(\d, \d\)\.", text)


def test_the_list_to_use_instead_is_in_the_order_of_money() -> None:
    result = result_of(ROWS)
    lines = told.instead_told(result, rank(result), most=2).splitlines()
    assert [line.split(":")[0] for line in lines] == ["name of D", "name of C"]
    assert "€2.0M in an average year" in lines[0]
