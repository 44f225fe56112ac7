"""The severity matrix: its order, its bands, and what Cox's axioms say of it at anchors."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from workbench.errors import WorkbenchError
from workbench.models.anchors import Anchors
from workbench.models.cox import cox_checks, label_order
from workbench.models.severity_matrix import (
    LABELS,
    OWN_RULE,
    SeverityMatrix,
    default_cuts,
    unit_square_cdf,
)

pytestmark = pytest.mark.pure

SIZES = range(2, 11)
HALF_DECADES = (0.01, 0.03, 0.1, 0.3, 1.0)  # events / year
DECADES = (1e4, 1e5, 1e6, 1e7, 1e8)  # currency
ANCHORS = Anchors(HALF_DECADES, DECADES)


def test_five_levels_have_25_cells_and_15_scores() -> None:
    matrix = SeverityMatrix()
    assert len(matrix.cells()) == 25
    scores = [2, 5, 8, 10, 13, 17, 18, 20, 25, 26, 29, 32, 34, 41, 50]
    assert matrix.distinct_scores() == scores
    assert matrix.score(1, 5) == matrix.score(5, 1) == 26
    assert matrix.score(1, 5) > matrix.score(3, 4)


def test_cells_of_five_levels_tie_in_mirror_pairs_only() -> None:
    ties = SeverityMatrix().ties()
    assert len(ties) == 10
    assert all(set(cells) == {(a, b), (b, a)} for cells in ties.values() for a, b in cells[:1])


def test_seven_levels_tie_beyond_mirror_pairs() -> None:
    # 50 = 1 + 49 = 25 + 25
    assert set(SeverityMatrix(7).ties()[50]) == {(1, 7), (5, 5), (7, 1)}


def test_28_of_300_pairs_of_cells_are_ordered_against_the_product() -> None:
    found = SeverityMatrix().against_product()
    assert found.pairs == math.comb(25, 2) == 300
    assert len(found.inverted) == 28
    assert found.tied_in_score_only + found.tied_in_product_only + found.tied_in_both == 12
    assert ((1, 5), (3, 4)) in found.inverted


@pytest.mark.parametrize("levels", SIZES)
def test_inversions_are_those_of_a_second_count(levels: int) -> None:
    cells = [(a, b) for a in range(1, levels + 1) for b in range(1, levels + 1)]
    score = np.array([a * a + b * b for a, b in cells])
    product = np.array([a * b for a, b in cells])
    signs = np.sign(score[:, None] - score) * np.sign(product[:, None] - product)
    found = SeverityMatrix(levels).against_product()
    assert len(found.inverted) == int((signs < 0).sum()) // 2
    for (a, b), (c, d) in found.inverted:
        assert a * a + b * b > c * c + d * d
        assert a * b < c * d


def test_the_default_bands_of_five_levels() -> None:
    matrix = SeverityMatrix()
    assert matrix.cuts == (8, 18, 32)
    assert [len(matrix.band_cells(band)) for band in matrix.bands] == [4, 7, 9, 5]
    for level, label in zip((2, 3, 4, 5), LABELS, strict=True):  # the diagonal ends each band
        assert matrix.band(level, level).label == label
    assert "(2, 2), (3, 3) and (4, 4)" in matrix.rule


@pytest.mark.parametrize("levels", SIZES)
def test_default_bands_part_the_cells_and_rise_with_both_levels(levels: int) -> None:
    matrix = SeverityMatrix(levels)
    parts = [set(matrix.band_cells(band)) for band in matrix.bands]
    assert all(parts)
    assert set.union(*parts) == set(matrix.cells())
    assert sum(map(len, parts)) == levels**2
    order = {cell: i for i, part in enumerate(parts) for cell in part}
    for a, b in matrix.cells():
        assert order[a, b] >= order[max(a - 1, 1), b]
        assert order[a, b] >= order[a, max(b - 1, 1)]
    assert matrix.band(1, 1) == matrix.bands[0]
    assert matrix.band(levels, levels) == matrix.bands[-1]


def test_two_levels_have_three_scores_and_so_three_bands() -> None:
    assert default_cuts(2) == ((2, 5), ("Low", "High", "Critical"))


def test_cuts_can_be_stated_with_names_and_a_rule() -> None:
    matrix = SeverityMatrix(3, cuts=(5, 10), labels=("green", "amber", "red"), rule="Policy 7.")
    assert [band.label for band in matrix.bands] == ["green", "amber", "red"]
    assert matrix.band(1, 3).label == "amber"
    assert matrix.rule == "Policy 7."
    assert SeverityMatrix(5, cuts=(5, 18, 34)).labels == LABELS
    assert SeverityMatrix(5, cuts=(5, 18, 34)).rule == OWN_RULE


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"levels": 1}, "2 to 10 levels"),
        ({"levels": 11}, "2 to 10 levels"),
        ({"levels": True}, "2 to 10 levels"),
        ({"levels": 5.0}, "2 to 10 levels"),
        ({"cuts": ()}, "whole scores"),
        ({"cuts": (8.5, 18, 32)}, "whole scores"),
        ({"cuts": (18, 8, 32)}, "cuts rise"),
        ({"cuts": (8, 9, 32)}, "holds a cell"),  # no score is 9
        ({"cuts": (1, 18, 32)}, "holds a cell"),
        ({"cuts": (8, 18, 50)}, "holds a cell"),
        ({"cuts": (8, 18)}, "2 cuts make 3 bands"),
        ({"cuts": (8, 18), "labels": ("a", "b", "a")}, "a name of its own"),
        ({"labels": LABELS}, "labels belong to cuts"),
    ],
)
def test_a_matrix_that_cannot_be_is_refused(options: dict, rule: str) -> None:
    with pytest.raises(WorkbenchError, match=rule):
        SeverityMatrix(**options)


@pytest.mark.parametrize("cell", [(0, 1), (1, 6), (2.0, 1), (True, 1), (-1, 1)])
def test_a_level_outside_the_matrix_is_refused(cell: tuple) -> None:
    with pytest.raises(WorkbenchError, match="whole number from 1 to 5"):
        SeverityMatrix().score(*cell)


def test_equal_widths_hold_unequal_shares() -> None:
    shares = SeverityMatrix().equal_width_shares(4)
    assert sum(shares) == pytest.approx(1)
    counted = np.histogram([-s for s in scores_of(5)], bins=[-50, -38, -26, -14, -2])[0][::-1] / 25
    assert_allclose(shares, counted)
    assert SeverityMatrix(3).equal_width_shares(1) == [1.0]
    with pytest.raises(WorkbenchError, match="bins are one or more"):
        SeverityMatrix().equal_width_shares(0)


def scores_of(levels: int) -> list[int]:
    return [a * a + b * b for a in range(1, levels + 1) for b in range(1, levels + 1)]


def test_uniform_levels_fill_the_quarter_disc() -> None:
    # the published case severity-continuous-cdf
    assert unit_square_cdf(0.25) == pytest.approx(0.19634954084936207)
    assert unit_square_cdf(1) == pytest.approx(math.pi / 4)
    assert unit_square_cdf(2) == pytest.approx(1, abs=1e-15)
    assert unit_square_cdf(-1) == 0
    grid = np.linspace(0, 2, 20_001)
    survival = np.array([1 - unit_square_cdf(r) for r in grid])
    assert np.trapezoid(survival, grid) == pytest.approx(2 / 3, abs=1e-6)
    quarters = np.diff([unit_square_cdf(r) for r in (0, 0.5, 1, 1.5, 2)])
    assert_allclose(quarters, [0.393, 0.393, 0.176, 0.038], atol=1e-3)


@given(st.floats(1, 2))
def test_beyond_the_disc_the_area_is_that_of_a_second_method(r: float) -> None:
    x = np.linspace(0, 1, 4001)
    height = np.minimum(np.sqrt(np.maximum(r - x * x, 0)), 1)
    assert unit_square_cdf(r) == pytest.approx(np.trapezoid(height, x), abs=1e-4)


def test_against_log_spaced_anchors_the_score_is_an_order_like_the_product() -> None:
    # the published case severity-vs-ale-rank
    matrix = SeverityMatrix()
    cells = matrix.cells()
    ale = [ANCHORS.ale(*cell) for cell in cells]
    scores = [matrix.score(*cell) for cell in cells]
    assert stats.spearmanr(scores, ale)[0] == pytest.approx(0.9207280929421781, abs=1e-9)
    products = [math.prod(cell) for cell in cells]
    assert stats.spearmanr(products, ale)[0] == pytest.approx(0.918359880215899, abs=1e-9)


def test_anchors_are_rates_and_amounts_by_level() -> None:
    assert ANCHORS.levels == 5
    assert ANCHORS.ale(1, 5) == 0.01 * 1e8
    assert ANCHORS.to_dict() == {"likelihood": list(HALF_DECADES), "consequence": list(DECADES)}
    assert Anchors([1, 2], [3, 4]) == Anchors((1.0, 2.0), (3.0, 4.0))


@pytest.mark.parametrize(
    ("rates", "amounts", "rule"),
    [
        ((1,), (1,), "2 to 10 levels of likelihood"),
        (range(1, 12), range(1, 12), "2 to 10 levels of likelihood"),
        ((1, 2), (1, 2, 3), "as many levels"),
        ((0, 1), (1, 2), "above 0 and finite"),
        ((1, math.inf), (1, 2), "above 0 and finite"),
        ((1, math.nan), (1, 2), "above 0 and finite"),
        ((1, 1), (1, 2), "rise from level to level"),
        ((1, 3, 2), (1, 2, 3), "rise from level to level"),
        ((1, 2), (2, 1), "anchors of consequence rise"),
        (("a", "b"), (1, 2), "are numbers"),
        ((None, 2), (1, 2), "are numbers"),
    ],
)
def test_anchors_that_say_nothing_are_refused(rates: tuple, amounts: tuple, rule: str) -> None:
    with pytest.raises(WorkbenchError, match=rule):
        Anchors(rates, amounts)


@pytest.mark.parametrize("cell", [(0, 1), (6, 1), (1, 0), (1, 6)])
def test_a_level_without_an_anchor_is_refused(cell: tuple) -> None:
    with pytest.raises(WorkbenchError, match="level of these anchors"):
        ANCHORS.ale(*cell)


def test_without_anchors_coxs_axioms_are_not_testable() -> None:
    checks = cox_checks(SeverityMatrix(), None)
    assert [check.axiom for check in checks] == [
        "weak consistency",
        "betweenness",
        "consistent colouring",
    ]
    assert {check.verdict for check in checks} == {"not testable"}
    assert all("no rate and amount" in check.why for check in checks)


def test_coxs_axioms_at_log_spaced_anchors() -> None:
    weak, between, colour = cox_checks(SeverityMatrix(), ANCHORS)
    assert (weak.verdict, between.verdict, colour.verdict) == ("holds", "holds", "violated")
    matrix = SeverityMatrix()
    top = [ANCHORS.ale(*cell) for cell in matrix.band_cells(matrix.bands[-1])]
    # High and Critical overlap: 10k to 3M against 1M to 100M
    reached = [cell for cell, other in colour.witnesses if matrix.band(*other).label == "Critical"]
    assert reached
    assert all(ANCHORS.ale(*cell) >= min(top) for cell in reached)


def test_a_frequent_trifle_in_the_top_band_breaks_weak_consistency() -> None:
    steep = Anchors((0.01, 0.1, 1, 10, 100), (1, 1e6, 2e6, 3e6, 4e6))
    matrix = SeverityMatrix(5, cuts=(8, 18, 25))  # (5, 1) is Critical
    weak = cox_checks(matrix, steep)[0]
    assert weak.verdict == "violated"
    assert ((2, 2), (5, 1)) in weak.witnesses
    for low, high in weak.witnesses:
        assert matrix.score(*low) < matrix.score(*high)
        assert steep.ale(*low) >= steep.ale(*high)


def test_two_bands_that_touch_break_betweenness_and_a_product_scale_of_two_colours_cannot() -> None:
    matrix = SeverityMatrix(3, cuts=(8,), labels=("green", "red"))
    between = cox_checks(matrix, Anchors((1, 2, 3), (1, 2, 3)))[1]
    assert between.verdict == "violated"
    for (a, b), (c, d) in between.witnesses:
        assert 1 <= (c - a) + (d - b) <= 2


@given(st.integers(2, 10), st.data())
def test_a_matrix_coloured_by_its_anchors_would_be_consistent(
    levels: int, data: st.DataObject
) -> None:
    # geometric anchors with equal steps: ALE depends on L + C, and so do scores on each diagonal
    step = data.draw(st.floats(1.5, 10))
    anchors = Anchors([step**k for k in range(levels)], [step**k for k in range(levels)])
    weak, _, colour = cox_checks(SeverityMatrix(levels), anchors)
    if colour.verdict == "holds":  # the stronger axiom implies the weaker one
        assert weak.verdict == "holds"
    for low, high in weak.witnesses:
        assert anchors.ale(*low) >= anchors.ale(*high)


def test_anchors_of_another_size_are_refused() -> None:
    with pytest.raises(WorkbenchError, match="matrix of 4 levels"):
        cox_checks(SeverityMatrix(4), ANCHORS)


def test_under_negative_correlation_two_labels_are_worse_than_random() -> None:
    # the published case cox-worse-than-random: P = 0.75 - C, low where both are below 0.5
    consequence = np.linspace(0, 0.75, 3002)[1:-1]
    chance = 0.75 - consequence
    labels = [int(max(p, c) >= 0.5) for p, c in zip(chance, consequence, strict=True)]
    amounts = chance * consequence
    low = [a for a, label in zip(amounts, labels, strict=True) if label == 0]
    medium = [a for a, label in zip(amounts, labels, strict=True) if label == 1]
    assert min(low) == pytest.approx(0.125, abs=1e-3)
    assert max(medium) == pytest.approx(0.125, abs=1e-3)
    few = slice(None, None, 30)
    order = label_order(labels[few], list(amounts[few]))
    assert order.worse_than_random
    assert order.right == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=12))
def test_the_order_of_labels_is_counted_pair_by_pair(items: list[tuple[int, int]]) -> None:
    found = label_order([band for band, _ in items], [amount for _, amount in items])
    signs = [(a - c) * (b - d) for (a, b), (c, d) in combinations(items, 2)]
    assert found.right == sum(sign > 0 for sign in signs)
    assert found.pairs == sum(sign != 0 for sign in signs)
    if found.pairs:
        assert found.share == pytest.approx(found.right / found.pairs)
    else:
        assert found.share is None
        assert not found.worse_than_random
