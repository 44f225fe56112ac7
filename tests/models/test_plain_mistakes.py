"""Mistakes of a notebook: refused in words, or understood; and results that tell what they are."""

import json
import math
from typing import Any

import numpy as np
import pytest

from workbench.distributions import LogNormal, Pareto, Point
from workbench.engines.counts import Binomial, Poisson
from workbench.errors import WorkbenchError, is_number, is_whole
from workbench.models import Asset, DiscreteCount, Scenario, Study, simulate
from workbench.models.anchors import Anchors
from workbench.models.bracket import guaranteed
from workbench.models.comparison import compare
from workbench.models.horizon import FirstEvent, LargestEvent, over_years
from workbench.models.reverse_stress import reverse_stress
from workbench.models.scenario import Assumption
from workbench.models.stability import stability
from workbench.models.study import TolerancePoint
from workbench.models.views import mean_belief, product_of_ranges, second_order_band

pytestmark = pytest.mark.pure


def scenario(name: str) -> Scenario:
    return Scenario.fair(
        name, "s", loss_event_frequency=Point(0.5), loss_magnitude=LogNormal(11, 1)
    )


ONE = scenario("a")
WHY = Assumption("loss_magnitude", "CISO", "An audit says so", "Another audit")
STUDY = Study(scenarios=(ONE, scenario("b")))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"scenarios": ONE}, "the scenarios of a study are a tuple.*got one Scenario"),
        ({"scenarios": "a"}, "each of the kind Scenario; got 'a'"),
        ({"scenarios": None}, "got None"),
        ({"scenarios": {"a": ONE}}, "got one dict"),
        ({"scenarios": (ONE, 5.0)}, "got 5.0 among them"),
        ({"assets": Point(1e6)}, "the assets of a study are a tuple.*got one Point"),
        ({"tolerance": TolerancePoint(1e6, 0.1)}, "got one TolerancePoint"),
        ({"tolerance": ((1e6, 0.1),)}, "the tolerance points of.*got one tuple among them"),
    ],
)
def test_parts_of_a_study_are_of_their_kind(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(WorkbenchError, match=message) as refused:
        Study(**parts)
    assert len(str(refused.value)) < 200


def test_parts_may_come_from_any_iterable_also_an_empty_one() -> None:
    named = {"a": ONE}
    assert Study(scenarios=named.values()) == Study(scenarios=[ONE])
    assert Study(scenarios=(s for s in ())) == Study()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"count": "poisson"}, "count of scenario a is a count of events; got 'poisson'"),
        ({"count": Poisson}, r"got Poisson. Write count=Poisson\(\)"),
        ({"count": None}, "is a count of events; got None"),
        ({"terms": 5e6}, r"is a value of Terms; got 5000000.0. Write terms=Terms\("),
        ({"terms": {"limit": 5e6}}, "got one dict"),
        ({"secondary": LogNormal(9, 1)}, "is a SecondaryLoss; got one LogNormal"),
        ({"assumptions": WHY}, "the assumptions of scenario a are a tuple.*got one Assumption"),
        ({"residual": Point(0.1)}, "residual of scenario a is a Scenario; got one Point"),
        ({"name": None}, "name of scenario a is a text; got None"),
        ({"likelihood": "3"}, "likelihood is a whole number from 1 to 10; got '3'"),
    ],
)
def test_parts_of_a_scenario_are_of_their_kind(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(WorkbenchError, match=message):
        ONE.replace(**parts)


def test_lists_of_a_scenario_are_kept_as_values() -> None:
    listed = ONE.replace(assumptions=[WHY], likelihood=np.int64(3))
    assert listed == ONE.replace(assumptions=(WHY,), likelihood=3)
    assert len({listed, ONE.replace(assumptions=(WHY,), likelihood=3)}) == 1
    assert json.loads(json.dumps(listed.to_dict()))["likelihood"] == 3


def test_counts_take_whole_numbers_of_numpy() -> None:
    assert Binomial(np.int64(12)) == Binomial(12)
    stated = DiscreteCount(np.array([0, 2]), np.array([0.25, 0.75]))
    assert stated == DiscreteCount([0, 2], [0.25, 0.75])
    assert json.loads(json.dumps(stated.to_dict()))["values"] == [0, 2]
    for wrong in ((3, 1.0), ([0, 1], 0.5), ({0: 0.5, 1: 0.5}, [0.5, 0.5])):
        with pytest.raises(WorkbenchError, match="of a discrete count are a list"):
            DiscreteCount(*wrong)


def test_other_parts_of_a_study_are_told_as_well() -> None:
    with pytest.raises(WorkbenchError, match="the anchors of a study are rates and amounts"):
        Study(anchors=((0.1, 1), (1e3, 1e4)))
    with pytest.raises(WorkbenchError, match=r"the anchors of likelihood are numbers; got 0\.1"):
        Anchors(0.1, 5)
    with pytest.raises(WorkbenchError, match="of the kind Scenario; got 'a' among them"):
        STUDY.replace_scenario("a")
    with pytest.raises(WorkbenchError, match="is a study; got one Scenario"):
        stability(ONE)


@pytest.mark.parametrize("value", [1e6, None, "1M"])
def test_the_value_of_an_asset_is_a_belief_in_an_amount(value: Any) -> None:
    with pytest.raises(WorkbenchError, match="the value of asset A is a belief"):
        Asset("A", "a", value)


@pytest.mark.parametrize(("loss", "chance"), [("3M", 0.1), (None, 0.1), (1e6, "5%"), (1e6, [0.1])])
def test_a_tolerance_is_stated_in_numbers(loss: Any, chance: Any) -> None:
    with pytest.raises(WorkbenchError, match=r"a tolerated .* above 0 .*; got"):
        TolerancePoint(loss, chance)


@pytest.mark.parametrize(
    "asked",
    [simulate, compare, mean_belief, over_years, guaranteed, FirstEvent.of, LargestEvent.of],
)
@pytest.mark.parametrize("what", [ONE, [ONE], None])
def test_what_is_asked_of_is_a_study(asked: Any, what: Any) -> None:
    with pytest.raises(WorkbenchError, match=r"is a study; got .* Write Study\(scenarios="):
        asked(what, 3) if asked is over_years else asked(what)


@pytest.mark.parametrize("level", [[0.9], "0.9", None, np.array([0.9]), 95, -0.1, 1.0, math.nan])
@pytest.mark.parametrize("engine", ["exact", "montecarlo"])
def test_a_level_is_one_number_from_0_to_below_1(engine: Any, level: Any) -> None:
    year = simulate(STUDY, engine=engine, years=200)
    figures = (year.portfolio.var, year.portfolio.tvar, year.scenarios["a"].var)
    for ask in (*figures, year.contributions, year.contribution_errors):
        with pytest.raises(WorkbenchError, match=r"a level lies in \[0, 1\)"):
            ask(level)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda year: year.return_period("20"), "a return period is a number"),
        (lambda year: year.layer("3M"), "the attachment of a layer is a number"),
        (lambda year: year.layer(0.0, "3M"), "the limit of a layer is a number"),
        (lambda year: year.figure(["mean"]), "a figure has a known name"),
        (lambda year: year.error(["mean"]), "a figure has a known name"),
        (lambda _: guaranteed(STUDY, 1024.0), "the number of cells is a power of two"),
        (lambda _: guaranteed(STUDY, 1000), "the number of cells is a power of two"),
        (lambda _: over_years(STUDY, 3, discount_rate="0.03"), "a discount rate is a number"),
        (lambda _: over_years(STUDY, 2.5), "a horizon is a whole number"),
        (lambda _: FirstEvent.of(STUDY).within("1"), "a time is a number of years"),
        (lambda _: second_order_band(STUDY, np.ones(1), draws=0), "two draws or more"),
        (lambda _: product_of_ranges(STUDY, "a", draws=0), "a product has a draw or more"),
        (lambda _: second_order_band(STUDY, np.ones(1), (95, 5)), "the levels of a band"),
        (lambda _: reverse_stress(STUDY, 1e6), "is met at a TolerancePoint"),
        (lambda _: reverse_stress(ONE, TolerancePoint(1e6, 0.1)), "is a study"),
    ],
)
def test_what_is_no_number_is_told_so(ask: Any, message: str) -> None:
    year = simulate(STUDY).portfolio
    with pytest.raises(WorkbenchError, match=message):
        ask(year)


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    assert Study(seed=np.int64(7)) == Study(seed=7)
    assert type(Study(seed=np.int64(7)).seed) is int
    assert type(simulate(STUDY, engine="montecarlo", years=np.int64(200)).years) is int
    assert over_years(STUDY, np.int64(2)).mean() == over_years(STUDY, 2).mean()


def test_numbers_are_told_from_what_looks_like_them() -> None:
    assert is_number(1.5, 0, 2)
    assert is_number(np.float32(1.5), 0, 2)
    assert is_whole(np.int8(2), 2, 2)
    for other in (True, "1", None, [1.0], np.ones(1), math.nan, 2.5):
        assert not is_number(other, 0, 2)
        assert not is_whole(other, 0, 2)


@pytest.mark.parametrize("engine", ["exact", "montecarlo"])
def test_one_edited_scenario_may_be_named_without_a_list(engine: Any) -> None:
    result = simulate(STUDY, engine=engine, years=200)
    twice = STUDY.replace_scenario(ONE.replace(frequency=Point(1.0)))
    by_name = simulate(Study(scenarios=(scenario("a-long-name"),)), engine=engine, years=200)
    assert result.edited(twice, "a").mean() == result.edited(twice, ["a"]).mean()
    assert by_name.edited(by_name.study, "a-long-name").mean() == by_name.portfolio.mean()
    with pytest.raises(WorkbenchError, match=r"an edit names scenarios of the study; got \['x'\]"):
        result.edited(STUDY, ["x"])


@pytest.mark.parametrize("engine", ["exact", "montecarlo"])
def test_a_result_says_what_it_is_in_one_line(engine: Any) -> None:
    result = simulate(STUDY, engine=engine, years=200)
    kind = {"exact": "exact", "montecarlo": "simulated"}[engine]
    for shown in (repr(result), repr(result.portfolio)):
        assert f"<{kind} losses of a, b in USD: mean {result.portfolio.mean():,.0f}, VaR" in shown
        assert len(shown) < 200
    assert f"<{kind} losses of a in USD" in repr(result.scenarios["a"])


def test_a_result_without_an_average_says_so() -> None:
    heavy = Study(scenarios=(ONE.replace(loss_magnitude=Pareto(0.9, 1e3)),))
    assert "no mean" in repr(simulate(heavy))


def test_many_scenarios_are_told_in_part() -> None:
    many = Study(scenarios=tuple(scenario(f"s{i:02}") for i in range(25)))
    for shown in (simulate(many), LargestEvent.of(many), FirstEvent.of(many)):
        assert "s09 and 15 more" in repr(shown)
        assert "s10" not in repr(shown)
    assert repr(LargestEvent.of(STUDY)) == "LargestEvent(of a, b in USD)"
    assert repr(FirstEvent.of(Study())) == "FirstEvent(of no scenario)"
    assert len(repr(guaranteed(STUDY, 256))) < 100


def test_an_exact_year_says_that_it_left_a_cluster_alone() -> None:
    """No scheduler is asked for: there is none at this address."""
    told = "It needs no cluster, so that none was used."
    assert told in simulate(STUDY, cluster="tcp://127.0.0.1:1").why
    assert told not in simulate(STUDY).why


@pytest.mark.parametrize("engine", ["exact", "montecarlo"])
def test_the_chance_of_a_loss_that_is_no_number_is_none(engine: Any) -> None:
    result, at = simulate(STUDY, engine=engine, years=200), np.array([[math.nan], [1e4]])
    for losses in (result.portfolio, result.scenarios["a"], LargestEvent.of(STUDY)):
        assert math.isnan(float(losses.exceedance(math.nan)))
        assert np.isnan(losses.exceedance(at)).tolist() == [[True], [False]]
    for end in second_order_band(STUDY, at, year=result.portfolio):
        assert np.isnan(end).tolist() == [[True], [False]]


@pytest.mark.parametrize("given", [(STUDY.scenarios,), (5,), ("a name", STUDY.scenarios)])
def test_a_study_whose_scenarios_land_in_another_field_is_refused(given: tuple[Any, ...]) -> None:
    """It was a study of no scenario, which costs nothing."""
    with pytest.raises(WorkbenchError, match=r"Study\(scenarios=\(first, second\)\)"):
        Study(*given)
