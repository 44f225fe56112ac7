"""Edits of the tree: one tree under two lenses, stated or derived, figures that stay or move."""

from collections.abc import Callable

import numpy as np
import pytest

from workbench.distributions import Distribution, LogNormal, Metalog, Pert, Point
from workbench.engines import exact
from workbench.engines.counts import DiscreteCount
from workbench.errors import WorkbenchError
from workbench.models import Asset, Scenario, Study, simulate
from workbench.models.planning import plan_of
from workbench.models.tree import (
    LossEvents,
    LossForms,
    SecondaryLoss,
    Terms,
    ThreatEvents,
    Vulnerability,
)
from workbench.models.tree_edits import derive, edit, state, stated
from workbench.models.tree_nodes import (
    Parts,
    classical_tree,
    ends,
    fair_tree,
    find,
    secondary_line,
)

pytestmark = pytest.mark.pure

ARO, EF, AMOUNT = Pert(0.1, 0.5, 2), Pert(0.01, 0.1, 0.6), Pert(1e4, 1e5, 1e6)
PLAIN = Scenario.fair("P", "plain", loss_event_frequency=ARO, loss_magnitude=AMOUNT)
CLASSICAL = Scenario.classical(
    "C", "classical", aro=ARO, exposure_factor=EF, asset_value=Point(4e6)
)
EVENTS = LossEvents(
    ThreatEvents(Pert(10, 40, 100), Pert(0.1, 0.2, 0.5)),
    Vulnerability(Pert(20, 50, 90), Pert(40, 60, 80)),
)
FULL = Scenario.fair(
    "F",
    "full",
    loss_event_frequency=EVENTS,
    loss_magnitude=LossForms(productivity=AMOUNT, response=Pert(1e3, 5e3, 5e4)),
    secondary=SecondaryLoss(Pert(0.05, 0.1, 0.3), LogNormal.from_interval(1e4, 5e5)),
)


def alone(scenario: Scenario) -> Study:
    return Study(scenarios=(scenario,))


def ale(scenario: Scenario) -> float:
    """Return the average year in closed form."""
    return exact.year_mean(plan_of(scenario, alone(scenario)))


def test_both_lenses_edit_one_tree() -> None:
    changed = edit(CLASSICAL, "frequency", Point(3.0))
    for tree in (fair_tree, classical_tree):
        node = next(n for n in tree(changed, alone(changed)).walk() if n.path == "frequency")
        assert node.mean == 3
    assert {n.path for n in classical_tree(CLASSICAL, alone(CLASSICAL)).walk()[1:]} <= {
        n.path for n in fair_tree(CLASSICAL, alone(CLASSICAL)).walk()
    }


@pytest.mark.parametrize("scenario", [PLAIN, CLASSICAL, FULL, FULL.replace(terms=Terms(1e4, 5e5))])
def test_the_root_is_the_mean_of_the_simulated_year(scenario: Scenario) -> None:
    year = fair_tree(scenario, alone(scenario))
    assert year.mean == pytest.approx(ale(scenario), rel=1e-9)
    if scenario.frequency == ARO:  # a longer tree makes a year that takes seconds
        assert year.mean == pytest.approx(simulate(alone(scenario)).portfolio.mean(), rel=1e-9)
    parts = Parts.of(scenario, alone(scenario))
    if not parts.has_terms:
        assert parts.ale + (parts.secondary or 0) == pytest.approx(year.mean, rel=1e-12)


def test_the_secondary_loss_stands_outside_ale() -> None:
    bare = ale(FULL.replace(secondary=None))
    assert classical_tree(FULL, alone(FULL)).mean == pytest.approx(bare, rel=1e-9)
    line = secondary_line(FULL, alone(FULL))
    assert line is not None
    assert line.mean == pytest.approx(ale(FULL) - bare, rel=1e-6)
    assert secondary_line(PLAIN, alone(PLAIN)) is None


@pytest.mark.parametrize(
    ("scenario", "path", "factor"),
    [
        (PLAIN, "frequency", 2),
        (CLASSICAL, "frequency", 2),
        (CLASSICAL, "asset_value", 2),
        (CLASSICAL, "exposure_factor", 1.5),
        (FULL, "contact_frequency", 2),
        (FULL, "probability_of_action", 1.5),
    ],
)
def test_the_average_is_proportional_to_each_factor(
    scenario: Scenario, path: str, factor: float
) -> None:
    mean = find(scenario, alone(scenario), path).mean
    assert mean is not None
    one, other = (edit(scenario, path, Point(mean * f)) for f in (1, factor))
    assert ale(one) == pytest.approx(ale(scenario), rel=1e-9)
    assert ale(other) == pytest.approx(factor * ale(scenario), rel=1e-9)


STEPS = [
    (PLAIN, "frequency", ""),
    (PLAIN, "primary", ""),
    (PLAIN, "primary", "asset"),
    (derive(PLAIN, "frequency"), "threat_event_frequency", ""),
    (FULL, "secondary.magnitude", ""),
]


@pytest.mark.parametrize(("scenario", "path", "by"), STEPS)
def test_a_node_that_is_derived_keeps_its_value_and_so_does_one_stated_again(
    scenario: Scenario, path: str, by: str
) -> None:
    apart = derive(scenario, path, by)
    assert find(apart, alone(apart), path).how == "derived"
    assert ale(apart) == pytest.approx(ale(scenario), rel=1e-9)
    again = state(apart, path)
    assert stated(again, path) is not None
    u = np.array([0.01, 0.3, 0.9])
    found, before = stated(again, path), stated(scenario, path)
    assert found is not None
    assert before is not None
    assert found.ppf(u) == pytest.approx(before.ppf(u), rel=1e-9)


@pytest.mark.parametrize("v", [0.0, 0.2, 1.0])
def test_a_vulnerability_that_is_derived_keeps_its_number(v: float) -> None:
    one = edit(derive(PLAIN, "frequency"), "vulnerability", Point(v))
    apart = derive(one, "vulnerability")
    assert find(apart, alone(apart), "vulnerability").mean == pytest.approx(v, abs=1e-12)


REFUSED: list[tuple[Callable[[], Scenario], str]] = [
    (
        lambda: edit(FULL, "frequency", Point(1)),
        r"derived from threat event frequency × vulnerability: edit those, or state it instead",
    ),
    (lambda: edit(CLASSICAL, "primary", Point(1)), "derived from AV × EF: edit those"),
    (lambda: edit(FULL, "threat_event_frequency", Point(1)), "contact frequency × probability"),
    (lambda: edit(FULL, "vulnerability", Point(0.1)), "capability and resistance strength"),
    (lambda: edit(FULL, "year", Point(1)), "year is computed"),
    (lambda: edit(PLAIN, "contact_frequency", Point(1)), "Derive the node above it first"),
    (lambda: edit(PLAIN, "primary.response", Point(1)), "Derive the amount from its forms"),
    (lambda: edit(PLAIN, "secondary.response", Point(1)), "Derive the amount from its forms"),
    (lambda: edit(PLAIN, "nonsense", Point(1)), "got 'nonsense'"),
    (lambda: edit(CLASSICAL, "exposure_factor", Point(1.5)), "lies between 0 and 1; got 1.5"),
    (lambda: edit(PLAIN, "frequency", Metalog((0.0, 1.0, 0.0))), "never negative"),
    (lambda: state(PLAIN, "frequency"), "stated already"),
    (lambda: state(CLASSICAL.replace(asset_value=AMOUNT), "primary"), "AV is a known number"),
    (lambda: derive(FULL, "frequency"), "derived already"),
    (lambda: derive(PLAIN, "vulnerability"), "no such node here"),
    (lambda: derive(PLAIN, "exposure_factor"), "has nodes below it"),
    (
        lambda: derive(PLAIN.replace(loss_magnitude=LogNormal(9, 1)), "primary", "asset"),
        "a loss of scenario P has a highest value; got inf",
    ),
]


@pytest.mark.parametrize(("make", "why"), REFUSED)
def test_what_cannot_be_edited_is_refused_with_the_reason(
    make: Callable[[], Scenario], why: str
) -> None:
    with pytest.raises(WorkbenchError, match=why):
        make()


def test_a_frequency_that_its_count_states_is_edited_in_the_count() -> None:
    count = DiscreteCount((0, 1, 2), (0.5, 0.3, 0.2))
    scenario = Scenario.fair("N", "n", loss_magnitude=AMOUNT, count=count)
    assert find(scenario, alone(scenario), "frequency").how == "shared"
    for change in (lambda: edit(scenario, "frequency", ARO), lambda: derive(scenario, "frequency")):
        with pytest.raises(WorkbenchError, match="the count of scenario N states its frequency"):
            change()


def test_a_shared_asset_is_edited_in_the_study_or_left_for_a_value_of_its_own() -> None:
    shared = CLASSICAL.replace(asset="x", asset_value=None)
    study = Study(assets=(Asset("x", "x", AMOUNT),), scenarios=(shared,))
    assert find(shared, study, "asset_value").how == "shared"
    with pytest.raises(WorkbenchError, match="share x: edit it in the study"):
        edit(shared, "asset_value", AMOUNT)
    with pytest.raises(WorkbenchError, match="belongs to the study"):
        state(shared, "asset_value")
    own = state(shared, "asset_value", AMOUNT)
    assert (own.asset, own.asset_value) == (None, AMOUNT)


def test_a_form_that_was_left_out_can_be_added() -> None:
    more = edit(FULL, "primary.reputation", Point(7e4))
    rate = FULL.rate().mean()
    assert ale(more) - ale(FULL) == pytest.approx(7e4 * rate, rel=1e-6)


def test_states_follow_what_they_do_not_restate() -> None:
    worse = FULL.replace(frequency=EVENTS.scaled(3))
    scenario = FULL.replace(inherent=worse)
    changed = edit(scenario, "secondary.share", Point(0.5))
    assert changed.at("inherent").secondary == changed.secondary
    faster = edit(scenario, "contact_frequency", Point(1.0))
    assert faster.at("inherent").rate().mean() == pytest.approx(worse.rate().mean())
    flat = state(scenario, "frequency")
    for name in ("current", "inherent"):
        assert flat.at(name).rate().mean() == pytest.approx(scenario.at(name).rate().mean())


@pytest.mark.parametrize(
    "belief", [EVENTS.belief(), ARO, LogNormal(0, 1), Point(3.0), EVENTS.scaled(2).belief()]
)
def test_the_ends_are_the_quantiles(belief: Distribution) -> None:
    low, high = ends(belief)
    if not isinstance(belief, Point):
        assert belief.cdf(low) == pytest.approx(0.05, rel=1e-3)
        assert belief.cdf(high) == pytest.approx(0.95, rel=1e-3)
    else:
        assert low == high == 3


def test_a_state_keeps_its_own_value_where_a_node_is_stated_for_today() -> None:
    half, rare = (LossEvents(Point(1.0), Point(v)) for v in (0.9, 0.1))
    today = Scenario.fair("S", "s", loss_event_frequency=rare, loss_magnitude=AMOUNT)
    both = today.replace(inherent=today.replace(frequency=half))
    found = state(both, "frequency", Point(0.5))
    assert found.inherent is not None
    assert (found.rate(), found.inherent.rate()) == (Point(0.5), Point(0.9))


def test_a_node_that_another_state_says_by_its_forms_is_not_derived() -> None:
    share = Pert(0.05, 0.1, 0.3)
    today = PLAIN.replace(secondary=SecondaryLoss(share, AMOUNT))
    formed = PLAIN.replace(secondary=SecondaryLoss(share, LossForms(response=AMOUNT)))
    with pytest.raises(WorkbenchError, match="derived in all states at once"):
        derive(today.replace(inherent=formed), "secondary.magnitude")
