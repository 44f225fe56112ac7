"""Controls applied to a study: the largest effect per factor, never a product, always marked."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.distributions import LogNormal, Pareto, Pert, Point
from workbench.engines.counts import DiscreteCount, Poisson, zero_truncated
from workbench.errors import WorkbenchError
from workbench.frameworks.controls import Control, Controls, Effect
from workbench.frameworks.effects import Effects, average_of, size
from workbench.models.portfolio import simulate
from workbench.models.scenario import Scenario
from workbench.models.study import Asset, Study
from workbench.models.tree import LossEvents, LossForms, SecondaryLoss, ThreatEvents

pytestmark = pytest.mark.pure

SHARE = st.floats(0, 0.95)


def control(id: str, *effects: tuple[str, float, float], threats: tuple[str, ...] = ("T-1",)):
    made = tuple(Effect(factor, low, high) for factor, low, high in effects)
    return Control(id, id, "", "preventive", made, {}, threats)


def scenario(id: str = "S-1", **more):
    given = {"loss_event_frequency": Point(2.0), "loss_magnitude": Point(100.0)} | more
    return Scenario.fair(id, id, **given)


def effects(*controls: Control, scenarios=None, ties=None, **more) -> Effects:
    study = Study(scenarios=scenarios or (scenario(),))
    return Effects(study, Controls(controls), ties or {"S-1": ("T-1",)}, **more)


@given(one=SHARE, other=SHARE)
def test_of_two_controls_on_one_factor_the_larger_counts_and_they_are_not_multiplied(one, other):
    found = effects(
        control("C-1", ("vulnerability", one, one)), control("C-2", ("vulnerability", other, other))
    )
    assert found.average(("C-1", "C-2")) == pytest.approx(200 * (1 - max(one, other)))
    assert found.average(("C-2", "C-1")) == found.average(("C-1", "C-2"))


@given(low=SHARE, width=st.floats(0, 1))
def test_the_middle_of_the_range_counts_unless_an_end_is_asked_for(low, width):
    high = low + width * (1 - low)
    found = effects(control("C-1", ("primary_magnitude", low, high)))
    for at, share in (("low", low), ("middle", (low + high) / 2), ("high", high)):
        assert size(Effect("vulnerability", low, high), at) == pytest.approx(share)
        assert found.average(("C-1",), at) == pytest.approx(200 * (1 - share))


@given(shares=st.lists(SHARE, min_size=4, max_size=4))
def test_different_factors_are_multiplied_as_the_tree_multiplies_them(shares):
    names = ("contact_frequency", "probability_of_action", "vulnerability", "primary_magnitude")
    pairs = [(name, share, share) for name, share in zip(names, shares, strict=True)]
    left = math.prod(1 - share for share in shares)
    assert effects(control("C-1", *pairs)).average(("C-1",)) == pytest.approx(200 * left)


@given(old=SHARE, new=SHARE)
def test_a_control_in_place_is_in_the_figures_already(old, new):
    found = effects(
        control("OLD", ("vulnerability", old, old)),
        control("NEW", ("vulnerability", new, new)),
        in_place=("OLD",),
    )
    assert found.average() == 200
    assert found.average(("OLD",)) == 200
    left = (1 - max(old, new)) / (1 - old)
    assert found.average(("NEW",)) == pytest.approx(200 * left)


@given(old=SHARE, new=SHARE)
def test_a_control_in_place_at_one_scenario_is_new_to_the_others(old, new):
    found = effects(
        control("OLD", ("vulnerability", old, old)),
        control("NEW", ("vulnerability", new, new)),
        scenarios=(scenario("S-1"), scenario("S-2")),
        ties={"S-1": ("T-1",), "S-2": ("T-1",)},
        in_place_at={"S-1": ("OLD",)},
    )
    beside = (1 - max(old, new)) / (1 - old)
    assert found.average() == 400
    assert found.average(("OLD",)) == pytest.approx(200 + 200 * (1 - old))
    assert found.average(("NEW",)) == pytest.approx(200 * beside + 200 * (1 - new))
    assert found.touched(found.controls.control("OLD")) == ("S-2",)
    assert found.touched(found.controls.control("NEW")) == ("S-1", "S-2")


@pytest.mark.parametrize("at", ["low", "middle", "high"])
def test_a_plan_that_delivers_what_is_in_place_saves_nothing_at_any_end_of_its_range(at):
    found = effects(control("OLD", ("vulnerability", 0.2, 0.8)), in_place=("OLD",))
    assert found.average(("OLD",), at) == 200
    assert found.study_with(("OLD",), at).study is found.study


def test_a_control_as_good_as_one_in_place_changes_nothing():
    found = effects(
        control("OLD", ("vulnerability", 0.4, 0.6)),
        control("NEW", ("vulnerability", 0.5, 0.5)),
        in_place=("OLD",),
    )
    assumed = found.study_with(("NEW",))
    assert assumed.changes == assumed.left_out == ()
    assert assumed.study is found.study


def test_only_scenarios_that_stand_for_a_threat_of_the_control_are_changed():
    other = scenario("S-2", loss_magnitude=Point(1000.0))
    found = effects(
        control("C-1", ("vulnerability", 0.5, 0.5)),
        scenarios=(scenario(), other),
        ties={"S-1": ("T-1", "T-9"), "S-2": ("T-2",)},
    )
    assumed = found.study_with(("C-1",))
    assert assumed.study.scenario("S-2") is found.study.scenario("S-2")
    assert [(one.scenario, one.times) for one in assumed.changes] == [("S-1", 0.5)]
    assert found.average(("C-1",)) == pytest.approx(100 + 2000)
    saving = found.saving(found.controls.control("C-1"))
    assert (saving.scenarios, saving.touched, saving.middle) == (("S-1",), 200, 100)


def test_everything_that_comes_out_is_marked_an_assumption():
    found = effects(control("C-1", ("vulnerability", 0.2, 0.4), ("secondary_frequency", 0.1, 0.2)))
    assumed = found.study_with(("C-1",))
    saving = found.saving(found.controls.control("C-1"))
    marks = [assumed.basis, saving.basis, *(c.basis for c in assumed.changes + assumed.left_out)]
    assert marks == ["assumption"] * 4


def test_what_a_scenario_does_not_state_is_left_out_and_says_why():
    found = effects(control("C-1", ("secondary_magnitude", 0.5, 0.5)))
    assumed = found.study_with(("C-1",))
    assert assumed.study == found.study
    assert [one.why_not for one in assumed.left_out] == ["no secondary loss is stated"]
    count = DiscreteCount([0, 1], [0.5, 0.5])
    fixed = Scenario.fair("S-1", "one", loss_magnitude=Point(100.0), count=count)
    found = effects(control("C-1", ("vulnerability", 0.5, 0.5)), scenarios=(fixed,))
    assert "number by number" in found.study_with(("C-1",)).left_out[0].why_not
    never_0 = scenario(loss_event_frequency=Point(1.5), count=zero_truncated(Poisson()))
    found = effects(control("C-1", ("vulnerability", 0.5, 0.5)), scenarios=(never_0,))
    assert "never 0" in found.study_with(("C-1",)).left_out[0].why_not


def test_every_node_of_the_tree_is_reached():
    forms = LossForms(response=Point(60.0), reputation=Point(40.0))
    tree = LossEvents(ThreatEvents(Point(10.0), Point(0.5)), Point(0.4))
    whole = scenario(
        loss_event_frequency=tree,
        loss_magnitude=forms,
        secondary=SecondaryLoss(Point(0.5), Point(80.0)),
    )
    every = {
        "contact_frequency": 0.5,
        "secondary_frequency": 0.2,
        "secondary_magnitude": 0.25,
        "primary_magnitude": 0.1,
    }
    found = effects(
        control("C-1", *((name, share, share) for name, share in every.items())), scenarios=(whole,)
    )
    assert found.average() == pytest.approx(2 * (100 + 0.5 * 80))
    assert found.average(("C-1",)) == pytest.approx(1 * (90 + 0.4 * 60))


def test_the_averages_are_those_of_the_simulated_study_also_with_shared_assets_and_states():
    asset = Asset("A", "all of it", Pert(1e6, 2e6, 4e6))
    first = Scenario.classical(
        "S-1", "one", aro=Pert(0.1, 0.4, 1), asset="A", exposure_factor=Pert(0, 0.1, 0.3)
    )
    first = first.replace(inherent=first.replace(frequency=Pert(1, 2, 3)))
    second = scenario("S-2", loss_event_frequency=Pert(1, 2, 5), loss_magnitude=LogNormal(8, 1))
    study = Study(assets=(asset,), scenarios=(first, second))
    cut = control("C-1", ("vulnerability", 0.3, 0.5), ("primary_magnitude", 0.2, 0.2))
    found = Effects(study, Controls((cut,)), {"S-1": ("T-1",), "S-2": ("T-1",)})
    assert found.average() == pytest.approx(simulate(study).portfolio.mean(), rel=1e-9)
    changed = found.study_with(("C-1",)).study
    assert changed.states() == ("current",), (
        "what the owners judged of other states is not mixed in"
    )
    assert found.average(("C-1",)) == pytest.approx(simulate(changed).portfolio.mean(), rel=1e-9)
    assert found.average(("C-1",)) == pytest.approx(found.average() * 0.6 * 0.8, rel=1e-9)


@given(low=SHARE, width=st.floats(0, 1), old=st.floats(0, 0.9), more=st.lists(SHARE, max_size=3))
def test_more_controls_never_cost_more_and_the_ends_enclose_the_middle(low, width, old, more):
    high = low + width * (1 - low)
    others = [control(f"C-{i}", ("vulnerability", s, s)) for i, s in enumerate(more)]
    found = effects(
        control("OLD", ("vulnerability", old, old)),
        control("NEW", ("vulnerability", low, high), ("primary_magnitude", low, high)),
        *others,
        in_place=("OLD",),
    )
    saving = found.saving(found.controls.control("NEW"))
    assert 0 <= saving.low <= saving.middle <= saving.high <= saving.touched
    there = tuple(one.id for one in others)
    assert found.average((*there, "NEW")) <= found.average(there) <= found.average()


def test_a_control_that_is_not_counted_changes_nothing_and_an_unknown_one_is_refused():
    found = effects(control("C-1", ("vulnerability", 0.5, 0.5)), not_counted=("C-1",))
    assert found.average(("C-1",)) == 200
    with pytest.raises(WorkbenchError, match="a control is in the catalogue"):
        found.average(("C-99",))


def test_an_average_that_does_not_exist_is_infinite():
    wild = scenario(loss_magnitude=Pareto(0.9, 1.0))
    assert average_of(Study(scenarios=(wild,)), wild) == math.inf
    study = replace(Study(), scenarios=(wild,))
    assert Effects(study, Controls(()), {}).average() == math.inf


def test_a_control_saves_what_it_saves_also_beside_a_scenario_that_has_no_average():
    wild = scenario("S-2", loss_magnitude=Pareto(0.9, 1.0))
    one = control("C-1", ("vulnerability", 0.5, 0.5))
    found = effects(one, scenarios=(scenario(), wild))
    assert (found.saving(one).middle, found.saving(one).touched) == (100, 200)
    both = effects(one, scenarios=(scenario(), wild), ties={"S-2": ("T-1",)})
    assert math.isnan(both.saving(one).middle)
    assert both.saving(one).touched == math.inf
