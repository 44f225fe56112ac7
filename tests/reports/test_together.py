"""A study that ties its scenarios is told whole: how it is tied, and what is not told."""

import json
import math
import re
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from workbench import LogNormal, Pert, Point, Scenario, Study, TolerancePoint, simulate
from workbench.engines.dependence import Shock
from workbench.engines.kernels import either
from workbench.files.runs import Approval, LastRun, SavedRun
from workbench.models.dependence import Dependence, Factor, StatedCopula
from workbench.models.portfolio import StudyResult
from workbench.plots.blocks import Slot
from workbench.publishing.grid import positions
from workbench.reports import portfolio_words, summary, words
from workbench.reports.board import Board
from workbench.reports.result import result_csv, result_json, result_record
from workbench.reports.result_schema import result_schema
from workbench.reports.since import since
from workbench.reports.together import MOST, together

YEARS = 20_000
LIMITS = (TolerancePoint(1e6, 0.3), TolerancePoint(1e7, 0.01))
TIES = {
    "shocks": Dependence(
        shocks=(
            Shock("cloud-outage", 0.1, {"S-1": 1, "S-2": 0.5, "S-3": 1}),
            Shock("vendor-breach", 0.02, {"S-3": 1, "S-4": 0.3}),
        )
    ),
    "factor": Dependence(
        frequencies=StatedCopula(factors=(Factor("supplier", {"S-1": 0.6, "S-2": 0.5}),))
    ),
    "t": Dependence(
        losses=StatedCopula(4, pairs=(("S-1", "S-2", 0.5), ("S-1", "S-3", 0.2), ("S-2", "S-3", 0)))
    ),
    "repaired": Dependence(
        frequencies=StatedCopula(
            pairs=(("S-1", "S-2", 0.9), ("S-1", "S-3", 0.9), ("S-2", "S-3", -0.5))
        ),
        shocks=(Shock("cloud-outage", 0.1, {"S-4": 1, "S-3": 0.5}),),
    ),
}


def study(ties: Dependence | None, names: str = "Risk") -> Study:
    scenarios = tuple(
        Scenario.fair(
            f"S-{i}",
            f"{names} {i}",
            loss_event_frequency=Pert(0.3, 0.8, 2) if i < 4 else Point(0.4),
            loss_magnitude=LogNormal.from_interval(50_000 * i, 2_000_000),
        )
        for i in range(1, 5)
    )
    found = Study("Tied", currency="EUR", seed=5, scenarios=scenarios, tolerance=LIMITS)
    return replace(found, dependence=ties)


@pytest.fixture(scope="module", params=TIES)
def result(request: pytest.FixtureRequest) -> StudyResult:
    return simulate(study(TIES[request.param]), years=YEARS)


def page_of(board: Board) -> str:
    leaves = [leaf for block in board.blocks.values() for leaf in block.leaves()]
    return "".join(
        leaf.html if isinstance(leaf, Slot) else leaf
        for leaf in leaves
        if isinstance(leaf, Slot | str)
    )


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_every_card_of_the_page_is_there_and_says_what_it_leaves_out(result: StudyResult) -> None:
    board = Board(result)
    text = plain(page_of(board))
    assert "together" in board.blocks
    assert (
        f"The largest single event and how sure we are of the curve are {words.NOT_TIED}." in text
    )
    assert "Ribbon" not in text
    assert "One event alone" not in text
    assert "Scenarios are tied together as stated." in text
    assert board.band is None
    assert {point.alone for point in board.curve_points} == {None}
    charts = {c.name: c for block in board.blocks.values() for c in block.charts()}
    table = charts["loss-exceedance"].table
    assert all(len(row) == len(table.head) for row in table.rows)


def test_independent_scenarios_have_no_such_card() -> None:
    board = Board(simulate(study(None)))
    assert together(board.result) is None
    assert "together" not in board.blocks
    assert "Scenarios are independent but for the assets that they share." in page_of(board)
    assert result_record(board.result)["dependence"] is None


def test_shocks_are_told_with_how_often_and_whom_they_hit() -> None:
    found = together(simulate(study(TIES["shocks"])))
    assert found is not None
    assert found.heading == "Two common shocks hit several at once."
    outage, breach = found.shocks
    assert (outage.id, outage.often) == ("cloud-outage", "1 in 10 years")
    assert [(one.id, one.number) for one in outage.members] == [
        ("S-1", "always"),
        ("S-3", "always"),
        ("S-2", "50%"),
    ]
    assert (breach.id, breach.often) == ("vendor-breach", "1 in 50 years")


@pytest.mark.parametrize(
    ("chances", "said"),
    [
        ([{"S-1": 1}], "One common shock hits one scenario at most."),
        ([{"S-1": 1, "S-2": 0}], "One common shock hits one scenario at most."),
        ([{"S-1": 1}, {"S-2": 0.5}], "Two common shocks hit one scenario at most."),
        ([{"S-1": 1, "S-2": 0.1}], "One common shock hits several at once."),
        (
            [{"S-1": 1}, {"S-1": 0.5, "S-2": 1}],
            "One common shock hits several at once; one common shock hits one scenario at most.",
        ),
    ],
)
def test_a_shock_that_can_hit_one_alone_is_not_told_to_hit_several(
    chances: list[dict[str, float]], said: str
) -> None:
    shocks = tuple(Shock(f"s{i}", 0.01, one) for i, one in enumerate(chances))
    found = together(simulate(study(Dependence(shocks=shocks))))
    assert found is not None
    assert found.heading == said


def test_a_factor_is_told_by_its_loadings_and_the_correlation_that_follows() -> None:
    found = together(simulate(study(TIES["factor"])))
    assert found is not None
    (one,) = found.copulas
    assert one.how == "a Gaussian copula of 2 scenarios, by 1 common factor"
    assert [(m.id, m.number) for m in one.factors[0].members] == [("S-1", "0.60"), ("S-2", "0.50")]
    # Spearman's rho of a normal copula is 6/pi arcsin(r/2), with r = 0.6 * 0.5
    assert [pair.rank for pair in one.pairs] == [f"{6 / math.pi * math.asin(0.15):.2f}"]
    assert one.pairs[0].achieved == one.pairs[0].worst == ""  # computed; no tail in common
    assert one.notes == ()


def test_a_t_copula_is_said_to_tie_worst_years_even_with_a_correlation_of_0() -> None:
    result = simulate(study(TIES["t"]), years=YEARS)
    found = together(result)
    assert found is not None
    (one,) = found.copulas
    assert one.how == "a t copula of 3 scenarios with 4 degrees of freedom, by 3 stated pairs"
    assert "even with a rank correlation of 0" in one.notes[0]
    # McNeil, Frey and Embrechts, table 7.1: 0.08 for 4 degrees of freedom and a correlation of 0
    assert "7.6% are such years" in one.notes[0]
    assert [pair.rank for pair in one.pairs] == ["0.50", "0.20", "0.00"]
    for pair in one.pairs:
        achieved = result.achieved_correlation(*pair.ids)
        value, error = map(float, pair.achieved.replace("−", "-").split(" ± "))
        assert value == pytest.approx(achieved.spearman, abs=error / 2)
        assert achieved.spearman_error <= error < 2.1 * achieved.spearman_error


def test_a_moved_matrix_shows_what_is_used_beside_what_was_stated() -> None:
    found = together(simulate(study(TIES["repaired"]), years=YEARS))
    assert found is not None
    (one,) = found.copulas
    assert any("contradict each other" in note for note in one.notes)
    assert all(re.fullmatch(r"−?0\.\d\d \(stated −?0\.\d\d\)", pair.rank) for pair in one.pairs)


def test_of_many_the_strongest_are_told_and_the_rest_is_counted() -> None:
    many = tuple(Shock(f"shock-{i}", i / 1000, {"S-1": 1, "S-2": 1}) for i in range(1, 9))
    pairs = StatedCopula(common=0.2)
    base = study(None)
    rest = tuple(replace(base.scenarios[0], id=f"T-{i}", name=f"T {i}") for i in range(12))
    wide = replace(base, scenarios=(*base.scenarios, *rest))
    found = together(simulate(replace(wide, dependence=Dependence(pairs, shocks=many))))
    assert found is not None
    assert [shock.id for shock in found.shocks] == [f"shock-{i}" for i in (8, 7, 6, 5, 4)]
    assert found.more_shocks == "and 3 more"
    assert 0 < len(found.copulas[0].pairs) <= MOST
    assert found.copulas[0].how == "a Gaussian copula of 16 scenarios, all pairs alike"
    assert {pair.rank for pair in found.copulas[0].pairs} == {"0.20"}


def test_the_terminal_says_the_same(result: StudyResult) -> None:
    text, found = summary.result_text(result), together(result)
    assert found is not None
    assert "What happens together" in text
    assert f"The largest single event of a year is {words.NOT_TIED}." in text
    for shock in found.shocks:
        assert f"{shock.id}, {shock.often}" in text
    for one in found.copulas:
        assert one.how in text
        for pair in one.pairs:
            assert f"{pair.ids[0]} and {pair.ids[1]}: rank correlation {pair.rank}" in text
            assert pair.achieved in text


def test_the_record_passes_its_schema_and_holds_what_was_stated(result: StudyResult) -> None:
    record = json.loads(result_json(result_record(result)))
    jsonschema.Draft202012Validator(result_schema()).validate(record)
    assert result.study.dependence is not None
    assert record["dependence"]["stated"] == json.loads(
        json.dumps(result.study.dependence.to_dict())
    )
    for pair in record["dependence"]["pairs"]:
        is_told = pair["achieved"] is not None
        assert is_told is (result.years is not None)
    assert result_csv(result).count("\n") == 1 + len(result.scenarios) + 1


def test_sliders_answer_and_a_rate_below_that_of_its_shocks_is_refused_in_words() -> None:
    board = Board(simulate(study(TIES["shocks"])))
    names = [slider.name for slider in board.drivers]
    assert board.answer({names[0]: 2.0}).after.mean() > board.result.portfolio.mean()
    shocked = [one.scenario.id for one in board._driving].index("S-3")
    said = board.answer({names[shocked]: 0.1})
    assert said.refused.startswith("the stated frequency of scenario S-3 includes the shocks")


@pytest.mark.parametrize("chance", [0.3, 0.77, 1.0])
def test_no_slider_leads_below_the_rate_of_its_shocks(chance: float) -> None:
    """The lowest stated frequency is 0.3: shocks at 0.12 a year leave 0.4 of it and more."""
    shock = Shock("outage", 0.12, {f"S-{i}": chance for i in (1, 2, 3)})
    board = Board(simulate(study(Dependence(shocks=(shock,)))))
    assert len(board.drivers) == 3
    for slider in board.drivers:
        assert 0.12 * chance / 0.3 - 1e-9 <= slider.low < 0.12 * chance / 0.3 + slider.step
        assert slider.note.endswith("not below its common shocks")
        for times in (slider.low, positions(slider)[0]):
            assert not board.answer({slider.name: times}).refused
        below = board.answer({slider.name: slider.low - slider.step})
        assert below.refused
    free = Board(simulate(study(TIES["factor"])))
    assert {(slider.low, slider.high) for slider in free.drivers} == {(0.0, 2.0)}
    assert not any("shocks" in slider.note for slider in free.drivers)


def test_a_simulated_page_answers_with_the_luck_of_today() -> None:
    board = Board(simulate(study(TIES["t"]), years=YEARS))
    said = board.answer({board.drivers[0].name: 1.1})
    assert "same luck" in said.noise
    assert said.moved.startswith("+")


def saved(before: Study) -> LastRun:
    run = SavedRun(
        "2026-08-14T09:30:00Z", "0.2.0", "exact", 5, None, "0" * 64,
        Approval("Board", "2026-08-14"), "", before, {"portfolio": {}, "scenarios": []},
    )  # fmt: skip
    return LastRun(run)


@pytest.mark.parametrize("name", TIES)
def test_what_changed_since_is_told_of_tied_scenarios_too(name: str) -> None:
    before = study(TIES[name])
    costlier = before.scenarios[0].replace(
        loss_magnitude=LogNormal.from_interval(60_000, 2_400_000)
    )
    after = before.replace_scenario(costlier)
    result = simulate(after, years=YEARS)
    found = since(result, saved(before))
    assert found.state == "changed"
    assert [row.name for row in found.rows]
    average, bad, _ = found.figures
    assert average.moved.startswith("+")
    # 1.2 times the amounts of the largest scenario; the years share their luck
    assert bad.moved.startswith("+")
    same = since(result, saved(after))
    assert same.state == "same"
    assert {change.moved for change in same.figures} == {"no change"}


def test_another_dependence_alone_moves_bad_years_and_no_average() -> None:
    found = since(simulate(study(TIES["shocks"])), saved(study(None)))
    assert found.value == "The dependence"
    assert "changed: the dependence." in found.heading
    assert "1 year in 20 costs" in found.heading
    average, bad, _ = found.figures
    assert average.moved == "no change"
    assert bad.moved.startswith("+")


def test_what_is_not_told_of_tied_scenarios_is_said_in_one_sentence() -> None:
    result = simulate(study(TIES["shocks"]))
    assert portfolio_words.largest_told(result).endswith(f"{words.NOT_TIED}.")
    assert portfolio_words.horizon_told(result.study, 5).endswith(f"{words.NOT_TIED}.")
    assert portfolio_words.stressed(result.study).endswith(f"{words.NOT_TIED}.")


def test_the_plan_of_a_tied_study_is_told_by_its_averages() -> None:
    tied = study(TIES["shocks"])
    today = tied.scenarios[1]
    planned = today.replace(residual=today.replace(frequency=Pert(0.2, 0.5, 1)))
    told = portfolio_words.changed_told(
        portfolio_words.plan_effects(tied.replace_scenario(planned))
    )
    assert "in an average year." in told
    assert "worst 1 in 20" not in told


@pytest.mark.parametrize("name", ["t", "shocks"])
def test_simulated_contributions_stand_with_their_errors(name: str) -> None:
    result = simulate(study(TIES[name]), years=YEARS)
    told = portfolio_words.contributions_told(result)
    assert all(" ± €" in line for line in told.splitlines())
    assert " ± " not in portfolio_words.contributions_told(simulate(study(None)))


def test_without_numba_a_simulation_says_once_how_to_be_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulated = simulate(study(None), engine="montecarlo", years=1000)
    computed = simulate(study(None))
    for module in (summary, __import__("workbench.reports.overview", fromlist=["x"])):
        monkeypatch.setattr(module, "is_fast", lambda: False)
    assert summary.result_text(simulated).count("risk-workbench[fast]") == 1
    assert "risk-workbench[fast]" not in summary.result_text(computed)
    assert Board(simulated).html("footer").count("risk-workbench[fast]") == 1
    monkeypatch.setattr(summary, "is_fast", lambda: True)
    assert "risk-workbench[fast]" not in summary.result_text(simulated)
    assert isinstance(either.is_fast(), bool)


HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}\"'&"


def test_hostile_shocks_and_factors_are_shown_literally() -> None:
    ties = Dependence(
        StatedCopula(factors=(Factor(HOSTILE, {"S-1": 0.6, "S-2": 0.5}),)),
        shocks=(Shock(f"shock {HOSTILE}", 0.1, {"S-3": 1, "S-4": 0.5}),),
    )
    result = simulate(study(ties, HOSTILE))
    page = page_of(Board(result))
    assert "<img" not in page
    assert page.count("{{7*7}}") > 4
    assert "shock &lt;img src=x onerror=alert(1)&gt;" in page
    lines = summary.result_text(
        simulate(study(Dependence(shocks=(Shock("a\u202e\nb", 0.1, {"S-1": 1}),))))
    )
    assert "\u202e" not in lines
    assert "a\\u202e\\x0ab" in lines
    assert np.isfinite(result.portfolio.mean())
