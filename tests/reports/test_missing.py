"""A figure that does not exist is null with its reason; nothing prints it as a number."""

import json
import re

import pytest

from workbench import (
    LogNormal,
    Pert,
    Point,
    Scenario,
    Study,
    TolerancePoint,
    WorkbenchError,
    simulate,
)
from workbench.distributions import (
    Burr,
    Distribution,
    GeneralisedPareto,
    Lomax,
    Metalog,
    Mixture,
    Pareto,
)
from workbench.models.horizon import LargestEvent
from workbench.models.tree import LossForms, SecondaryLoss, Terms
from workbench.plots.blocks import Slot
from workbench.reports import words
from workbench.reports.board import Board
from workbench.reports.largest import largest_events
from workbench.reports.result import result_csv, result_json, result_record
from workbench.reports.summary import result_text

RATE, LIGHT = Pert(0.2, 0.5, 2), LogNormal.from_interval(1e3, 1e5)
LIMITS = (TolerancePoint(1e6, 0.1), TolerancePoint(1e7, 0.02))


def study(*magnitudes: Distribution | LossForms, **more: object) -> Study:
    scenarios = tuple(
        Scenario.fair(f"S-{i}", f"n{i}", loss_event_frequency=RATE, loss_magnitude=m, **more)
        for i, m in enumerate(magnitudes, 1)
    )
    return Study(scenarios=scenarios, tolerance=LIMITS)


HEAVY = study(Pareto(0.8, 1e4), LIGHT)
REASONS = [
    (Pareto(0.8, 1e4), "loss_magnitude", "a Pareto with alpha 0.8, and a mean needs alpha above 1"),
    (Lomax(0.5, 1e4), "loss_magnitude", "a Pareto II with alpha 0.5, and a mean needs"),
    (
        GeneralisedPareto(1.25, 1e4),
        "loss_magnitude",
        "is a generalised Pareto with shape 1.25, and a mean needs a shape below 1",
    ),
    (
        Burr(0.5, 1.5, 1e4),
        "loss_magnitude",
        "is a Burr XII with alpha 0.5 and shape 1.5, and a mean needs alpha times shape above 1",
    ),
    (Metalog((10, 1.2, 0.1), lower=0), "loss_magnitude", "a mean needs a2 + a3/2 below 1"),
    (Mixture([LIGHT, Pareto(0.9, 1)], [0.9, 0.1]), "loss_magnitude", "holds a Pareto with alpha"),
    (LossForms(response=LIGHT, reputation=Pareto(0.7, 9)), "primary_loss.reputation", "alpha 0.7"),
]  # fmt: skip


@pytest.mark.daily(2)
@pytest.mark.parametrize(("magnitude", "field", "reason"), REASONS)
def test_the_reason_names_the_scenario_the_field_and_the_belief(
    magnitude: Distribution | LossForms, field: str, reason: str
) -> None:
    record = result_record(simulate(study(LIGHT, magnitude)))
    for one in (record["scenarios"][1], record["portfolio"]):
        assert one["mean"] is one["sd"] is one["tvar99"] is None
        said = one["undefined"]["mean"]
        assert f"the mean of {field} of scenario S-2 does not exist: it " in said
        assert reason in said
        assert set(one["undefined"]) == {"mean", "sd", "tvar95", "tvar99"}
        assert one["p99"] > 0
    assert record["scenarios"][0]["undefined"] == {}


def test_a_secondary_loss_can_be_the_reason() -> None:
    more = SecondaryLoss(Point(0.1), Pareto(0.8, 1e4))
    said = result_record(simulate(study(LIGHT, secondary=more)))["portfolio"]["undefined"]["mean"]
    assert "secondary_loss.magnitude of scenario S-1" in said


def test_without_a_variance_a_simulated_average_has_no_standard_error() -> None:
    heavy = study(Pareto(1.5, 1e4))
    drawn = simulate(heavy, engine="montecarlo", years=500)
    figures = result_record(drawn)["portfolio"]
    assert figures["mean"] > 0
    assert figures["standard_error"]["mean"] is None
    assert "a variance needs alpha above 2" in figures["undefined"]["standard_error.mean"]
    assert words.NO_ERROR in result_text(drawn)
    computed = result_record(simulate(heavy))["portfolio"]
    assert set(computed["undefined"]) == {"sd"}
    assert computed["error_bound"]["mean"] >= 0


@pytest.mark.parametrize("engine", ["exact", "montecarlo"])
def test_no_way_out_prints_an_endless_number(engine: str) -> None:
    result = simulate(HEAVY, engine=engine, years=500)
    board = Board(result)
    fragments = [leaf for block in board.blocks.values() for leaf in block.leaves()]
    page = "".join(leaf for leaf in fragments if isinstance(leaf, str))
    page += "".join(leaf.html for leaf in fragments if isinstance(leaf, Slot))
    page += str(board.answer({"times-1": 2}).slots)
    texts = [page, result_text(result), result_csv(result), result_json(result_record(result))]
    texts += [words.told(result.portfolio), str(board.answer({"times-1": 0.5}))]
    texts += [json.dumps(draw(), allow_nan=False) for draw in (board.scenarios, board.exceedance)]
    for text in texts:
        assert re.findall(r"(?i)\b(inf|infinity|nan)\b|∞", text) == []
    assert "There is no average year" in page
    assert "1 year in 20" in page  # what can be told is told


def test_a_scenario_without_an_average_leads() -> None:
    board = Board(simulate(HEAVY))
    assert [line.id for line in board.page.scenarios] == ["S-1", "S-2"]
    assert board.page.scenarios_heading == "1 scenario has no average year."
    with pytest.raises(WorkbenchError, match="average that does not exist"):
        board.result.contributions(0.95)


@pytest.mark.parametrize("bad", [HEAVY, study(LIGHT, terms=Terms(annual_limit=1e5))])
def test_where_no_average_can_be_believed_in_the_card_gives_its_reason(bad: Study) -> None:
    board = Board(simulate(bad))
    assert board.page.sure.view is None
    assert "S-1" in board.page.sure.note
    assert board.html("average").strip() == ""
    assert board.average()["data"] == []


def test_a_secondary_loss_has_a_line_of_its_own() -> None:
    more = SecondaryLoss(Point(0.5), Point(2e5))
    result = simulate(study(Point(1e5), secondary=more))
    rate = RATE.mean()
    said = f"${rate * 1e2:.0f}k primary (ALE), ${rate * 1e2:.0f}k secondary"
    assert said in Board(result).html("scenarios")
    assert said in result_text(result)


def test_a_year_above_the_assets_value_is_told_where_it_is_likely_enough() -> None:
    def one(rate: float) -> Study:
        asset = {"exposure_factor": Pert(0.1, 0.5, 1), "asset_value": Point(1e6)}
        return Study(scenarios=(Scenario.classical("A", "a", aro=Point(rate), **asset),))

    often, seldom = (simulate(one(rate)) for rate in (3.0, 0.001))
    assert "above the asset&#39;s value" in Board(often).html("scenarios")
    assert "than the asset is worth in " in result_text(often)
    assert "asset" not in Board(seldom).html("scenarios")


@pytest.mark.parametrize("near", [1.0, 1e5, 5e6])
def test_the_largest_event_is_that_of_the_model(near: float) -> None:
    levels = (0.3, 0.8, 0.95, 0.99)
    event = LargestEvent.of(HEAVY)
    exact = [event.var(level) for level in levels]
    assert largest_events(HEAVY, levels, near) == pytest.approx(exact, rel=2e-3)
