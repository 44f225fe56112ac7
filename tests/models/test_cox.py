"""Cox's axioms on matrices that are small enough to be read: every witness is named."""

import pytest

from workbench.errors import WorkbenchError
from workbench.models.anchors import Anchors
from workbench.models.cox import (
    LabelOrder,
    betweenness,
    consistent_colouring,
    cox_checks,
    label_order,
    weak_consistency,
)
from workbench.models.severity_matrix import SeverityMatrix

pytestmark = pytest.mark.pure

# scores L^2 + C^2 of three levels: 2, 5, 8, 10, 13, 18; the bands end at 5, at 9 and at 18
THREE = SeverityMatrix(3, cuts=(6, 9), labels=("low", "medium", "high"))
LOW, MEDIUM = [(1, 1), (1, 2), (2, 1)], [(2, 2)]
HIGH = [(1, 3), (2, 3), (3, 1), (3, 2), (3, 3)]


def bands() -> list[list[tuple[int, int]]]:
    return [sorted(THREE.band_cells(band)) for band in THREE.bands]


def test_the_matrix_is_the_one_that_is_meant() -> None:
    assert bands() == [LOW, MEDIUM, HIGH]


def test_equal_costs_in_the_bottom_and_the_top_band_break_weak_consistency() -> None:
    # ALE = rate x amount; (1, 2) costs 20, and so does (3, 1)
    anchors = Anchors((1.0, 5.0, 20.0), (1.0, 20.0, 900.0))
    ale = {cell: anchors.ale(*cell) for cell in THREE.cells()}
    wanted = [(a, b) for a in LOW for b in HIGH if ale[a] >= ale[b]]
    assert ((1, 2), (3, 1)) in wanted
    assert ale[1, 2] == ale[3, 1]
    assert sorted(weak_consistency(THREE, anchors)) == sorted(wanted)
    assert cox_checks(THREE, anchors)[0].verdict == "violated"
    apart = Anchors((1.0, 10.0, 100.0), (1.0, 10.0, 100.0))
    assert weak_consistency(THREE, apart) == []


def test_the_steps_of_betweenness_are_up_right_and_both() -> None:
    steps = [((a, b), (c, d)) for a, b in LOW for c, d in HIGH]
    wanted = [(p, q) for p, q in steps if (q[0] - p[0], q[1] - p[1]) in {(0, 1), (1, 0), (1, 1)}]
    assert sorted(betweenness(THREE)) == sorted(wanted)
    assert wanted == [((1, 2), (1, 3)), ((1, 2), (2, 3)), ((2, 1), (3, 1)), ((2, 1), (3, 2))]


@pytest.mark.parametrize(
    ("rates", "amounts"),
    [
        ((1.0, 5.0, 20.0), (1.0, 20.0, 900.0)),
        ((1.0, 10.0, 100.0), (1.0, 10.0, 100.0)),  # (2, 2) costs as much as (1, 3) and (3, 1)
        ((1.0, 2.0, 100.0), (1.0, 2.0, 100.0)),
        ((1.0, 30.0, 31.0), (1.0, 30.0, 31.0)),  # (2, 2) is dearer than what the top begins with
    ],
)
def test_a_cell_that_its_colour_denies_is_a_witness(rates: tuple, amounts: tuple) -> None:
    anchors = Anchors(rates, amounts)
    ale = {cell: anchors.ale(*cell) for cell in THREE.cells()}
    least, most = min(ale[c] for c in HIGH), max(ale[c] for c in LOW)
    too_dear = {c for c in LOW + MEDIUM if ale[c] >= least}
    too_cheap = {c for c in MEDIUM + HIGH if ale[c] <= most}
    found = consistent_colouring(THREE, anchors)
    assert len(set(found)) == len(found)
    assert {low for low, high in found if ale[high] == least and high in HIGH} >= too_dear
    assert {high for low, high in found if ale[low] == most and low in LOW} >= too_cheap
    assert {c for pair in found for c in pair} <= too_dear | too_cheap | set(LOW) | set(HIGH)
    assert len(found) <= len(too_dear) + len(too_cheap)
    assert bool(found) == bool(too_dear or too_cheap)


def test_a_coin_orders_half_of_the_pairs() -> None:
    assert not LabelOrder(4, 2).worse_than_random
    assert LabelOrder(5, 2).worse_than_random
    assert LabelOrder(4, 2).share == 0.5
    assert LabelOrder(0, 0).share is None


def test_pairs_of_one_band_or_of_one_amount_say_nothing() -> None:
    assert label_order([1, 1, 2], [5.0, 6.0, 6.0]) == LabelOrder(1, 1)
    assert label_order([2, 1], [1.0, 2.0]) == LabelOrder(1, 0)
    assert label_order([], []) == LabelOrder(0, 0)
    with pytest.raises(WorkbenchError, match="each amount has one label"):
        label_order([1, 2], [1.0])
