"""A study in the order of the matrix, held against ALE; rank correlations and their interval."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from workbench import Point, Scenario, Study, simulate
from workbench.errors import WorkbenchError
from workbench.losses import BinnedLosses, SampledLosses
from workbench.models.matrix_ranking import MOST_REVERSALS, MatrixRanking, place, rank
from workbench.models.portfolio import StudyResult
from workbench.models.rank_correlation import _rho, _tau_b, kendall, spearman
from workbench.models.severity_matrix import SeverityMatrix

pytestmark = pytest.mark.pure

TRUE_COVERAGE = 0.95


def scenario(name: str, cell: tuple[int, int] | None, rate: float, amount: float) -> Scenario:
    levels = {"likelihood": cell[0], "consequence": cell[1]} if cell else {}
    beliefs = {"loss_event_frequency": Point(rate), "loss_magnitude": Point(amount)}
    return Scenario.fair(name, f"name of {name}", **beliefs, **levels)


def ranked(*rows: tuple[str, tuple[int, int] | None, float]) -> MatrixRanking:
    """Rank scenarios of (id, cell, ALE), one event a year each."""
    return rank(simulate(Study(scenarios=tuple(scenario(n, c, 1.0, ale) for n, c, ale in rows))))


def test_a_scenario_gets_score_band_rank_and_ale() -> None:
    found = ranked(("A", (1, 1), 10), ("B", (5, 5), 300), ("C", (5, 1), 20), ("D", (1, 5), 200))
    told = [(row.id, row.score, row.band, row.rank, row.ale_rank) for row in found.rows]
    assert told == [
        ("B", 50, "Critical", 1, 1),
        ("C", 26, "High", 2, 3),
        ("D", 26, "High", 2, 2),
        ("A", 2, "Low", 4, 4),
    ]
    assert found.rows[0].ale == pytest.approx(300)
    assert [(t.score, [r.id for r in t.scenarios]) for t in found.ties()] == [(26, ["C", "D"])]
    assert [row.id for row in found.by_ale()] == ["B", "D", "C", "A"]


def test_a_band_has_a_ratio_of_two_amounts_above_0() -> None:
    found = ranked(("A", (1, 1), 10), ("B", (1, 1), 40), ("C", (5, 5), 7), ("D", (5, 5), 0))
    told = {band.band: (band.lowest, band.highest, band.lie_ratio) for band in found.bands}
    assert told["Low"] == (pytest.approx(10), pytest.approx(40), pytest.approx(4))
    assert told["Critical"] == (0, pytest.approx(7), None)
    (alone,) = (band for band in ranked(("A", (1, 1), 10)).bands if band.scenarios == 1)
    assert alone.lie_ratio is None


def test_a_scenario_without_levels_is_left_out_with_the_reason() -> None:
    found = ranked(("A", (1, 1), 10), ("B", None, 300))
    assert [row.id for row in found.rows] == ["A"]
    assert "no likelihood" in found.left_out["B"]


def test_a_mean_that_does_not_exist_is_left_out_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = Study(scenarios=(scenario("A", (1, 1), 1, 5), scenario("B", (2, 2), 1, 9)))
    result = simulate(study, engine="montecarlo", years=100)
    kept = BinnedLosses.figure
    monkeypatch.setattr(
        BinnedLosses,
        "figure",
        lambda self, name: math.inf if self.ids == {"B"} else kept(self, name),
    )
    found = rank(result)
    assert [(row.id, row.ale_rank) for row in found.rows] == [("A", 1)]
    assert "does not exist" in found.left_out["B"]


def test_places_need_no_result() -> None:
    study = Study(scenarios=(scenario("A", (2, 3), 1, 1), scenario("B", (5, 1), 1, 1)))
    found = place(study)
    assert [(row.id, row.score, row.ale) for row in found] == [("B", 26, None), ("A", 13, None)]
    with pytest.raises(WorkbenchError, match="whole number from 1 to 3"):
        place(study, SeverityMatrix(3))


def test_reversals_are_sorted_by_the_money_between() -> None:
    found = ranked(("A", (5, 5), 1), ("B", (4, 4), 50), ("C", (3, 3), 80), ("D", (1, 1), 0.5))
    told = [(pair.above.id, pair.below.id, round(pair.money)) for pair in found.reversals]
    assert told == [("A", "C", 79), ("A", "B", 49), ("B", "C", 30)]


def test_equal_scores_and_differences_within_the_errors_are_no_reversals() -> None:
    rng = np.random.default_rng(3)
    study = Study(scenarios=(scenario("A", (5, 5), 1, 1), scenario("B", (1, 1), 1, 1)))
    near = {n: SampledLosses(rng.exponential(100.0, 1000), "USD", ids=[n]) for n in "AB"}
    far = near | {"B": SampledLosses(rng.exponential(200.0, 1000), "USD", ids=["B"])}

    def reversals(losses: dict[str, SampledLosses]) -> list:
        result = StudyResult(study, "montecarlo", "", 1000, 1, dict(losses), losses["A"])
        return list(rank(result).reversals)

    errors = near["A"].error("mean") + near["B"].error("mean")
    assert abs(near["A"].mean() - near["B"].mean()) < errors  # the seed gives such a pair
    assert reversals(near) == []
    assert len(reversals(far)) == 1
    assert ranked(("A", (1, 5), 1), ("B", (5, 1), 50)).reversals == ()


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 9)), min_size=1, max_size=9
    )
)
def test_top_k_is_what_breaking_ties_either_way_can_give(cells: list[tuple[int, int, int]]) -> None:
    rows = [(f"S{i}", (a, b), float(10 * v + i)) for i, (a, b, v) in enumerate(cells)]
    study = Study(scenarios=tuple(scenario(n, c, 1.0, v) for n, c, v in rows))
    losses = {n: SampledLosses([v, v], "USD", ids=[n]) for n, _, v in rows}
    found = rank(StudyResult(study, "montecarlo", "", 2, 1, dict(losses), losses["S0"]))
    for k in range(1, len(rows) + 1):
        largest = {row.id for row in found.by_ale()[:k]}
        floor = sorted((row.score for row in found.rows), reverse=True)[k - 1]
        can = [
            {row.id for row in chosen}
            for chosen in combinations(found.rows, k)
            if sorted(r.score for r in chosen) == sorted(r.score for r in found.rows)[-k:]
        ]
        overlaps = [len(one & largest) for one in can]
        assert floor in {row.score for row in found.rows}
        top = found.top(k)
        assert (top.k, top.least, top.most) == (k, min(overlaps), max(overlaps))
    assert found.top(0).most == 0
    assert found.top(99).k == len(rows)


def test_each_band_has_its_range_and_lie_ratio() -> None:
    found = ranked(("A", (1, 1), 10), ("B", (2, 2), 80), ("C", (5, 5), 7), ("D", (3, 1), 0))
    ranges = {r.band: (r.scenarios, r.lowest, r.highest, r.lie_ratio) for r in found.bands}
    assert ranges["Low"] == (2, pytest.approx(10), pytest.approx(80), pytest.approx(8))
    assert ranges["Moderate"][3] is None  # one scenario
    assert ranges["High"] == (0, None, None, None)
    assert ranges["Critical"][:2] == (1, pytest.approx(7))


def test_a_low_label_among_the_dearest_is_named() -> None:
    found = ranked(("A", (1, 1), 1e6), *((f"B{i}", (4, 4), 10.0 + i) for i in range(8)))
    assert [row.id for row in found.missed()] == ["A"]
    assert found.labels.worse_than_random
    assert ranked(("A", (1, 1), 1), ("B", (5, 5), 2)).missed() == []


def study_of(n: int, *, falls: bool = False, same: bool = False) -> MatrixRanking:
    cells = [(1 + i // 5, 1 + i % 5) for i in range(n)]
    order = sorted(cells, key=lambda c: c[0] ** 2 + c[1] ** 2, reverse=falls)
    cells = [(2, 2)] * n if same else order
    return ranked(*((f"S-{i:02d}", cell, 10.0 * (i + 1)) for i, cell in enumerate(cells)))


def test_below_eight_scenarios_there_is_no_verdict() -> None:
    assert study_of(7).verdict().startswith("No verdict: 7 scenarios")
    assert study_of(25).verdict() == "The matrix keeps the order of ALE for the most part."
    assert study_of(25, falls=True).verdict() == "The matrix does not keep the order of ALE."
    assert study_of(9, same=True).verdict().startswith("No verdict: all values")


def test_an_empty_study_has_no_ranking_and_says_so() -> None:
    found = rank(simulate(Study()))
    assert found.rows == ()
    assert found.rho.value is None
    assert found.verdict().startswith("No verdict")
    assert found.missed() == []


# rank correlations

VALUES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=5, max_size=30)


@given(VALUES)
def test_rho_and_tau_are_scipys(pairs: list[tuple[int, int]]) -> None:
    x, y = (list(map(float, side)) for side in zip(*pairs, strict=True))
    assume(len(set(x)) > 1 and len(set(y)) > 1)
    rho, tau = spearman(x, y), kendall(x, y)
    assert rho.value == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-12)
    assert tau.value == pytest.approx(stats.kendalltau(x, y)[0], abs=1e-12)
    for found in (rho, tau):
        if found.low is None:
            assert "only one pair" in found.why
        else:
            assert -1 <= found.low <= found.value <= found.high <= 1


@given(VALUES)
def test_turning_one_list_round_turns_the_interval_round(pairs: list[tuple[int, int]]) -> None:
    x, y = (list(map(float, side)) for side in zip(*pairs, strict=True))
    for measure in (spearman, kendall):
        found, turned = measure(x, y), measure(x, [-v for v in y])
        if found.low is not None:
            assert turned.value == pytest.approx(-found.value, abs=1e-12)
            assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-9)


@pytest.mark.parametrize("measure", [spearman, kendall])
def test_a_perfect_order_of_few_is_no_proof(measure: object) -> None:
    few, many = (measure(list(range(n)), list(range(n))) for n in (8, 50))
    assert few.value == few.high == 1
    assert few.low < 0.93
    assert few.low < many.low < 1


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [
        ([1, 1, 1, 1, 1], [1, 2, 3, 4, 5], "no order to compare"),
        ([1, 2, 3, 4], [1, 2, 3, 4], "5 pairs or more"),
        ([1, 1, 1, 1, 1, 2], [1, 2, 3, 4, 5, 6], "only one pair differs"),
        ([], [], "no order to compare"),
        ([1], [1], "no order to compare"),
    ],
)
def test_what_cannot_be_said_says_why(x: list, y: list, why: str) -> None:
    for found in (spearman(x, y), kendall(x, y)):
        assert found.low is None
        assert why in found.why


@pytest.mark.parametrize(("x", "y"), [([1, 2], [1]), ([1, math.nan], [1, 2]), ([math.inf], [1])])
def test_lists_that_are_no_pairs_are_refused(x: list, y: list) -> None:
    with pytest.raises(WorkbenchError, match="two lists of finite numbers"):
        spearman(x, y)


def sampled(
    rng: np.random.Generator, n: int, noise: float, against: float
) -> tuple[list[float], list[float]]:
    """Scores and ALE of `n` scenarios whose levels are judged with `noise`."""
    frequency = rng.standard_normal(n)
    size = against * frequency + math.sqrt(1 - against**2) * rng.standard_normal(n)
    likelihood, consequence = (
        np.clip(np.floor((true + noise * rng.standard_normal(n)) / 0.8 + 3.5), 1, 5)
        for true in (frequency, size)
    )
    return list(likelihood**2 + consequence**2), list(frequency + size)


@pytest.mark.daily(3)
@pytest.mark.parametrize("n", [8, 14, 50])
@pytest.mark.parametrize(("noise", "against"), [(0.1, 0.0), (0.5, -0.6), (1.5, 0.0)])
def test_the_interval_holds_the_true_value_as_often_as_it_says(
    n: int, noise: float, against: float, *, soaking: bool
) -> None:
    rng = np.random.default_rng([n, round(10 * noise)])
    many = sampled(rng, 4000, noise, against)
    truth = {spearman: stats.spearmanr(*many)[0], kendall: stats.kendalltau(*many)[0]}
    runs = 2000 if soaking else 250
    held = dict.fromkeys(truth, 0)
    for _ in range(runs):
        x, y = sampled(rng, n, noise, against)
        for measure, true in truth.items():
            found = measure(x, y)
            held[measure] += found.low is None or found.low <= true <= found.high
    chance = 4 * math.sqrt(TRUE_COVERAGE * (1 - TRUE_COVERAGE) / runs)  # four standard errors
    for count in held.values():
        assert count / runs > TRUE_COVERAGE - chance
        assert count / runs > 0.9


@given(VALUES)
def test_leaving_a_pair_out_is_what_a_shorter_list_gives(pairs: list[tuple[int, int]]) -> None:
    x, y = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    for measure, second in ((_rho, stats.spearmanr), (_tau_b, stats.kendalltau)):
        _, rest = measure(x, y)
        assert rest.shape == x.shape
        for i, found in enumerate(rest):
            short = np.delete(x, i), np.delete(y, i)
            if min(len(set(v)) for v in short) > 1:
                assert found == pytest.approx(second(*short)[0], abs=1e-12)
            else:
                assert math.isnan(found)


def test_all_reversals_are_counted_and_the_dearest_thousand_are_listed() -> None:
    n = 80
    rows = [(f"S{i:02d}", (5 - i // 20, 5), float(i + 1)) for i in range(n)]
    found = ranked(*rows)
    every = [
        below - above
        for (_, one, above), (_, other, below) in combinations(rows, 2)
        if one[0] > other[0] and below > above
    ]
    assert found.reversed_pairs == len(every) == 6 * 20 * 20
    assert len(found.reversals) == MOST_REVERSALS == 1000
    assert_allclose([pair.money for pair in found.reversals], sorted(every)[:-1001:-1])
