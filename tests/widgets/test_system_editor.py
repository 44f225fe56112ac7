"""A system edited by form and by text: what is accepted, what is refused and why, what stays."""

import pytest
from traitlets import TraitError

from workbench.files.catalogues.system_text import system_from, text_of
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.catalogues.ties import shipped_systems
from workbench.threats import threats_to
from workbench_widgets import SystemEditor
from workbench_widgets.system_editor import LONGEST_TEXT, MOST_FACTS

(AGENT,) = [one for one in shipped_systems() if one.id == "document-agent"]


@pytest.fixture
def editor():
    return SystemEditor(AGENT, read=system_from, write=text_of)


def test_a_restated_component_changes_which_threats_touch_it(editor):
    def touched():
        return {f.threat.id for f in threats_to(editor.system, shipped_threats()).of("rules")}

    before = touched()
    assert editor.edit("rules", kind="tools")
    assert touched() != before
    assert editor.message == "Lending rules is restated."
    assert "kind: tools" in editor.text
    assert editor.edit("rules", kind="RAG index")
    assert touched() == before
    assert editor.system == AGENT


def test_a_request_of_a_browser_does_the_same(editor):
    request = {"action": "component", "id": "tools", "facts": ["writes_code", "writes_code"]}
    editor.set_state({"request": request | {"kind": "tools", "exposure": "partners", "number": 1}})
    assert editor.system.component("tools").facts == ("writes_code",)
    assert editor.system.component("tools").exposure == "partners"
    assert not editor.refused


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({"action": "component", "id": "nobody"}, "a component is known; got 'nobody'"),
        ({"action": "component", "id": "tools", "kind": "toaster"}, "kind of tools is known"),
        ({"action": "component", "id": "tools", "exposure": "moon"}, "exposure of tools is known"),
        ({"action": "component", "id": "tools", "controlled_by": "x"}, "controlled_by of tools"),
        ({"action": "component", "id": "tools", "facts": ["flies"]}, "a fact of tools is known"),
        ({"action": "delete", "id": "tools"}, "an action is known; got 'delete'"),
        ({"id": "tools"}, "an action is known"),
        ({"action": "text", "text": "system: {id: x"}, "the text.yaml: "),
        ({"action": "text", "text": ""}, "the text.yaml"),
    ],
)
def test_what_is_wrong_changes_nothing_and_says_why(editor, request_, why):
    text, form = editor.text, editor.form
    editor.set_state({"request": request_ | {"number": "1"}})
    assert editor.refused
    assert editor.message.startswith("Not changed: ")
    assert why in editor.message
    assert (editor.system, editor.text, editor.form) == (AGENT, text, form)


def test_a_text_with_many_faults_names_the_first_of_them(editor):
    bad = editor.text.replace("kind: tools", "kind: 7").replace("trust: 0", "trust: high")
    assert not editor.edit_text(bad)
    assert "row 8 (tools)" in editor.message
    assert "row 1 (outside)" in editor.message
    wrong = editor.text.replace("kind: tools", "kind: toaster")
    assert not editor.edit_text(wrong)
    assert "row 8 (tools): kind: is not known, got 'toaster'" in editor.message


def test_a_text_is_read_back_as_the_same_system(editor):
    for system in shipped_systems():
        assert system_from(text_of(system)) == system
    assert editor.edit_text(editor.text.replace("Document agent", '"Agent: [two] # no"'))
    assert editor.system.name == "Agent: [two] # no"
    assert editor.message.startswith("Read: 12 components, 14 flows")
    assert system_from(editor.text) == editor.system


def test_a_component_that_is_gone_is_not_chosen_any_more(editor):
    editor.set_state({"chosen": "officer"})
    assert editor.form["name"] == "Loan officer"
    other = next(one for one in shipped_systems() if one.id == "credit-model")
    assert editor.edit_text(text_of(other))
    assert editor.chosen == editor.form["id"] == "applicant"


def test_a_browser_chooses_what_is_there_and_sets_nothing_else(editor):
    editor.set_state({"chosen": "<b>nobody</b>"})
    assert editor.chosen == "applicant"
    editor.set_state({"text": "x", "message": "y", "form": {}, "options": {}})
    assert editor.text == text_of(AGENT)
    assert editor.form["id"] == "applicant"
    with pytest.raises(TraitError):
        editor.set_state({"request": "all of it"})


def test_a_request_is_capped(editor):
    long = {"action": "text", "text": "a" * (3 * LONGEST_TEXT), "id": "b" * 10_000}
    editor.set_state({"request": long | {"facts": ["c" * 10_000] * 10_000, "more": "d"}})
    assert len(editor.request["text"]) == LONGEST_TEXT + 1
    assert len(editor.request["facts"]) == MOST_FACTS
    assert max(map(len, editor.request["facts"])) <= 100
    assert "more" not in editor.request
    assert "100,000 characters" in editor.message


def test_without_a_reader_there_is_no_text(monkeypatch):
    editor = SystemEditor(AGENT)
    assert editor.text == ""
    assert not editor.edit_text("system: x")
    assert "edited as a form" in editor.message
