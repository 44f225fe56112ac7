"""One scenario as a tree: what a browser may ask, what is refused, and what never changes."""

from collections.abc import Iterator
from typing import Any

import pytest
from traitlets import TraitError

from workbench import LogNormal, Pert, Point, Scenario, Study
from workbench.distributions import Pareto, Uniform
from workbench.engines.counts import DiscreteCount
from workbench.models.tree import LossEvents, SecondaryLoss, ThreatEvents, Vulnerability
from workbench_widgets import FairTree
from workbench_widgets.tree_text import belief_of, texts_of

HOSTILE = "<img src=x onerror=alert(1)>"
CLASSICAL = Scenario.classical(
    "C",
    HOSTILE,
    aro=Pert(0.2, 0.5, 3),
    exposure_factor=Pert(0.01, 0.1, 0.6),
    asset_value=Point(4e6),
    secondary=SecondaryLoss(Point(0.2), Point(1e5)),
)
EVENTS = LossEvents(
    ThreatEvents(Pert(10, 40, 100), Point(0.2)), Vulnerability(Pert(20, 50, 90), Pert(40, 60, 80))
)
DERIVED = CLASSICAL.replace(id="D", frequency=EVENTS)
STUDY = Study(currency="EUR", scenarios=(CLASSICAL, DERIVED))


def nodes(tree: FairTree) -> dict[str, dict[str, Any]]:
    def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield node
        for child in node["children"]:
            yield from walk(child)

    return {node["path"]: node for root in tree.roots for node in walk(root)}


@pytest.fixture
def tree() -> FairTree:
    return FairTree(STUDY, "C")


@pytest.fixture
def long() -> FairTree:
    return FairTree(STUDY, "D")


def test_every_node_says_whether_it_is_stated_or_derived(long: FairTree) -> None:
    found = nodes(long)
    assert found["frequency"]["how"] == found["vulnerability"]["how"] == "derived"
    assert found["contact_frequency"]["origin"] == "stated, held for the year"
    assert found["exposure_factor"]["origin"] == "stated, drawn for each event"
    assert found["asset_value"]["value"] == "€4.0M"
    assert found["contact_frequency"]["range"].count(" to ") == 1


def test_editing_a_leaf_moves_what_is_derived_from_it(long: FairTree) -> None:
    before = nodes(long)
    long.set_state({"request": {"path": "contact_frequency", "action": "edit", "mode": "90"}})
    after = nodes(long)
    assert not long.refused
    assert long.scenario.frequency.threat_event_frequency.contact_frequency == Point(90)
    for path in ("contact_frequency", "threat_event_frequency", "frequency", "year"):
        assert before[path]["value"] != after[path]["value"]
    assert before["exposure_factor"] == after["exposure_factor"]


def test_a_refused_edit_keeps_the_old_value_and_says_why(long: FairTree) -> None:
    before, roots = long.scenario, long.roots
    request = {"path": "frequency", "action": "edit", "low": "1", "mode": "2", "high": "3"}
    long.set_state({"request": request})
    assert long.refused
    assert "derived from threat event frequency × vulnerability: edit those" in long.message
    assert (long.scenario, long.roots) == (before, roots)


def test_both_lenses_show_and_edit_the_same_tree(tree: FairTree) -> None:
    tree.set_state({"lens": "classical"})
    assert list(nodes(tree)) == [
        *("ale", "frequency", "primary", "asset_value", "exposure_factor"),
        *("beside", "secondary", "secondary.share", "secondary.magnitude"),
    ]
    assert nodes(tree)["frequency"]["label"] == "ARO"
    tree.set_state({"request": {"path": "frequency", "mode": "1 in 5 years", "action": "edit"}})
    tree.set_state({"lens": "fair"})
    assert nodes(tree)["frequency"]["value"] == "0.2"
    assert tree.scenario.frequency == Point(0.2)


def test_a_node_is_derived_and_stated_by_its_buttons(tree: FairTree) -> None:
    (button,) = tree.form["buttons"]
    tree.set_state({"request": {"path": "frequency", **button}})
    assert nodes(tree)["frequency"]["how"] == "derived"
    assert nodes(tree)["vulnerability"]["value"] == "100%"
    (button,) = tree.form["buttons"]
    tree.set_state({"request": {"path": "frequency", **button}})
    assert tree.scenario == CLASSICAL
    assert nodes(tree)["frequency"]["how"] == "stated"


def test_the_same_request_twice_is_two_requests_by_its_number(tree: FairTree) -> None:
    seen: list[object] = []
    tree.observe(lambda change: seen.append(change["new"]), "scenario")
    for number in ("1", "2"):
        tree.edit("frequency", "7")
        tree.set_state({"request": {"path": "frequency", "mode": "3", "number": number}})
    assert [s.frequency for s in seen] == [Point(7), Point(3), Point(7), Point(3)]


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"path": "frequency", "action": "delete", "mode": "1"},
        {"path": "nowhere", "action": "edit", "mode": "1"},
        {"path": ["frequency"], "action": {"a": 1}},
        {"path": "frequency", "action": "edit", "mode": "9" * 5000},
        {"path": "frequency", "action": "edit", "mode": "1e9"},
        {"path": "frequency", "action": "edit"},
        {"path": "frequency", "action": "edit", "low": "3", "high": "1"},
        {"path": "exposure_factor", "action": "edit", "mode": "150%"},
        {"path": "exposure_factor", "action": "edit", "low": "1%", "high": "5%"},
        {"path": "asset_value", "action": "edit", "mode": "$5"},
        {"path": "frequency", "action": "derive", "by": "magic"} | {"path": "exposure_factor"},
        {"path": "year", "action": "edit", "mode": "1"},
    ],
)
def test_whatever_a_browser_asks_the_scenario_is_changed_by_rule_or_not_at_all(
    tree: FairTree, request_: dict[str, Any]
) -> None:
    tree.set_state({"request": request_ | {"extra": "x" * 1000}})
    assert tree.scenario == CLASSICAL
    assert "extra" not in tree.request
    assert len(tree.message) < 400
    assert tree.refused


def test_a_browser_changes_nothing_else(tree: FairTree) -> None:
    roots, form = tree.roots, tree.form
    tree.set_state({"roots": [], "form": {}, "message": "hello", "refused": True, "label": "x"})
    assert (tree.roots, tree.form, tree.message, tree.label) == (roots, form, "", HOSTILE)
    tree.set_state({"chosen": "nowhere"})
    assert tree.chosen == "frequency"
    tree.set_state({"chosen": "exposure_factor"})
    assert (tree.form["low"], tree.form["mode"], tree.form["high"]) == ("1%", "10%", "60%")
    with pytest.raises(TraitError):
        tree.set_state({"lens": "mine"})
    assert tree.lens == "fair"


@pytest.mark.parametrize(
    ("kind", "texts", "belief"),
    [
        ("rate", ("0.2", "", "5"), LogNormal.from_interval(0.2, 5)),
        ("rate", ("1 in 5 years", "1", "2 a year"), Pert(0.2, 1, 2)),
        ("share", ("", "9%", ""), Point(0.09)),
        ("money", ("50k", "€200k", "3M"), Pert(5e4, 2e5, 3e6)),
        ("money", ("7", "7", "7"), Point(7)),
        ("number", ("20", "", "80"), Uniform(20, 80)),
    ],
)
def test_texts_are_beliefs(kind: Any, texts: tuple[str, str, str], belief: object) -> None:
    assert belief_of(kind, texts, "EUR") == belief


@pytest.mark.parametrize("path", ["frequency", "asset_value", "exposure_factor"])
def test_the_texts_of_a_node_state_it_again(tree: FairTree, path: str) -> None:
    node = next(one for one in tree._nodes() if one.path == path)
    assert belief_of(node.kind, texts_of(node), "EUR") == node.belief


def test_the_changed_study_holds_the_changed_scenario(tree: FairTree) -> None:
    assert tree.edit("exposure_factor", "1%", "2%", "3%")
    assert tree.changed_study().scenario("C").exposure_factor == Pert(0.01, 0.02, 0.03)
    assert tree.changed_study().scenario("D") == DERIVED


def test_what_has_no_average_or_never_happens_is_drawn_too() -> None:
    heavy = Scenario.fair(
        "H", "h", loss_event_frequency=Pert(0.1, 0.2, 1), loss_magnitude=Pareto(0.8, 1e4)
    )
    never = heavy.replace(id="N", frequency=Point(0.0), loss_magnitude=Point(5.0))
    study = Study(scenarios=(heavy, never))
    found = nodes(FairTree(study, "H"))
    assert found["primary"]["value"] == found["year"]["value"] == "no average"
    assert found["primary"]["range"] == "$11k to $423k"  # 1e4 x 0.95^-1.25 and 1e4 x 0.05^-1.25
    assert nodes(FairTree(study, "N"))["year"]["value"] == "$0"


def test_a_count_that_states_the_frequency_offers_no_button() -> None:
    count = DiscreteCount((0, 1, 2), (0.5, 0.3, 0.2))
    one = Scenario.fair("S", "s", loss_magnitude=Point(1e5), count=count)
    tree = FairTree(Study(scenarios=(one,)), "S")
    assert nodes(tree)["frequency"]["origin"].startswith("stated by the count of events")
    assert tree.form["buttons"] == []
    assert not tree.edit("frequency", "2")
    assert "Edit the count" in tree.message
