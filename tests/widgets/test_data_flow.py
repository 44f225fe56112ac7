"""What a browser may choose in a data-flow diagram, and what it may not change."""

import pytest
from traitlets import TraitError

from workbench.plots.data_flow import data_flow
from workbench.threats import AISystem, Boundary, Component, Flow
from workbench_widgets import DataFlow

SYSTEM = AISystem(
    "s",
    "Chat",
    (Component("user", "User", "people", "out"), Component("agent", "Agent", "agent", "in")),
    (Flow("user", "agent", "questions"),),
    (Boundary("out", "Outside", 0, "public"), Boundary("in", "Inside", 1)),
)
OTHER = AISystem("t", "Other", (Component("agent", "Agent", "agent", "in"),), (), SYSTEM.boundaries)


@pytest.fixture
def widget():
    return DataFlow(data_flow(SYSTEM, {"agent": 3}), value="user")


def test_it_is_called_by_the_diagrams_sentence_and_begins_with_a_choice(widget):
    assert widget.label.startswith("Data flows of Chat: 2 components")
    assert widget.value == "user"
    widget.set_state({"value": "agent"})
    assert widget.value == "agent"
    widget.set_state({"value": ""})
    assert widget.value == ""


@pytest.mark.parametrize("name", ["nobody", "<b>", "a" * 100_000, "user ", "user -> agent"])
def test_what_is_no_component_is_not_chosen(widget, name):
    widget.set_state({"value": name})
    assert widget.value == "user"


@pytest.mark.parametrize("value", [None, 3, ["user"], {"id": "user"}])
def test_what_is_no_text_is_refused(widget, value):
    with pytest.raises(TraitError):
        widget.set_state({"value": value})
    assert widget.value == "user"


def test_a_browser_draws_nothing_else(widget):
    before = widget.diagram
    widget.set_state({"diagram": {"components": [], "layouts": {}}, "label": "<b>free</b>"})
    assert widget.diagram == before
    assert widget.label.startswith("Data flows of Chat")


def test_another_diagram_keeps_the_choice_where_it_has_it(widget):
    widget.show(data_flow(OTHER, {}))
    assert widget.value == ""
    widget.show(data_flow(SYSTEM, {}), "agent")
    widget.show(data_flow(OTHER, {}))
    assert widget.value == "agent"
    assert widget.label.startswith("Data flows of Other")
