"""A record edited as text: a step is done once, a refusal loses nothing, a browser only asks."""

from dataclasses import dataclass, field

import pytest
from traitlets import TraitError

from workbench.errors import WorkbenchError
from workbench_widgets import RecordEditor
from workbench_widgets.record_editor import LONGEST_TEXT, MOST_LINES


@dataclass
class Note:
    """A record that keeps versions in a list, and refuses what begins with a hash."""

    versions: list[str] = field(default_factory=lambda: ["first"])
    text: str = "first"
    label: str = "Note one"
    theirs: str = ""
    their_version: int = 0
    requests: list[str] = field(default_factory=list)
    is_full: bool = False

    @property
    def state(self):
        return f"version {len(self.versions)}"

    @property
    def has_draft(self):
        return self.text != self.versions[-1]

    def keep_draft(self, text):
        if self.is_full:
            raise WorkbenchError("the disk is full.")
        self.text = text

    def save(self, text, request=""):
        self.requests.append(request)
        self.text = text
        if text.startswith("#"):
            raise WorkbenchError(text)
        if text == "clash":
            self.theirs, self.their_version = "theirs", 7
            raise WorkbenchError("somebody else has saved.")
        self.versions.append(text)
        return f"Version {len(self.versions)} is saved."

    def save_over(self, text, request=""):
        self.theirs, self.their_version = "", 0
        return self.save(f"over {text}", request)

    def give_up(self):
        self.text = self.versions[-1]
        return "The draft is given up."

    def undo(self, request=""):
        self.requests.append(request)
        self.text = self.versions[-2]
        self.versions.append(self.text)
        return "Undone."

    def redo(self, request=""):
        raise WorkbenchError("nothing is undone.")


@pytest.fixture
def note():
    return Note()


@pytest.fixture
def editor(note):
    return RecordEditor(note)


def asks(editor, action, text="", number="1", attempt="1"):
    sent = {"action": action, "text": text, "number": number, "attempt": attempt}
    editor.set_state({"request": sent})


def test_a_save_is_told_and_answered(editor, note):
    assert (editor.label, editor.text, editor.state) == ("Note one", "first", "version 1")
    asks(editor, "save", "second", "n1")
    assert (editor.message, editor.refused) == ("Version 2 is saved.", False)
    assert (editor.state, editor.text, editor.answered) == ("version 2", "second", "n1")
    assert note.requests == ["n1"]


@pytest.mark.parametrize("action", ["save", "undo"])
def test_a_request_that_is_sent_again_is_one_step_and_answered_again(
    editor, note, monkeypatch, action
):
    note.save("second")
    before = len(note.versions)
    asks(editor, action, "third", "n1")
    told = []
    monkeypatch.setattr(editor, "send_state", told.append)
    asks(editor, action, "third", "n1", attempt="2")
    assert len(note.versions) == before + 1
    assert any(one and {"answered", "message", "text"} <= set(one) for one in told)
    asks(editor, action, "third", "n2")
    assert len(note.versions) == before + 2


def test_a_refused_text_stays_with_its_reason_until_it_is_mended(editor, note):
    asks(editor, "save", "# one\ntwo", "n1")
    assert (editor.refused, editor.message) == (True, "Not saved: # one\ntwo")
    assert (editor.text, editor.answered) == ("# one\ntwo", "n1")
    asks(editor, "draft", "# one", "n2")
    assert (editor.refused, editor.message) == (True, "Not saved: # one\ntwo")
    asks(editor, "save", "one", "n3")
    assert (editor.refused, editor.message) == (False, "Version 2 is saved.")


def test_a_draft_that_cannot_be_kept_is_told(editor, note):
    note.is_full = True
    asks(editor, "draft", "fir", "n1")
    assert editor.message == "The draft is not kept: the disk is full."
    note.is_full = False
    asks(editor, "draft", "firs", "n2")
    assert (editor.message, editor.refused, editor.has_draft) == ("", False, True)
    assert note.versions == ["first"]


def test_a_conflict_shows_theirs_and_saves_over_it_when_asked(editor, note):
    asks(editor, "save", "clash", "n1")
    assert (editor.theirs, editor.their_version, editor.text) == ("theirs", 7, "clash")
    assert editor.refused
    asks(editor, "save over", "clash", "n2")
    assert (editor.theirs, editor.their_version) == ("", 0)
    assert note.versions[-1] == "over clash"


def test_what_is_refused_by_words_says_of_what(editor):
    assert not editor.edit("redo")
    assert editor.message == "Not done again: nothing is undone."
    assert not editor.edit("erase")
    assert "an action is known" in editor.message
    assert not editor.edit("save", "\n".join(["#", *map(str, range(100))]))
    assert len(editor.message.splitlines()) == MOST_LINES + 1
    assert editor.message.endswith("and 77 more")


def test_a_browser_sets_nothing_but_its_request_and_that_is_capped(editor, note):
    for name in ("text", "state", "message", "theirs", "answered"):
        editor.set_state({name: "<b>mine</b>"})
    assert (editor.text, editor.answered) == ("first", "")
    with pytest.raises(TraitError):
        editor.set_state({"request": "all of it"})
    long = {"action": "a" * 10**4, "text": "b" * 10**6, "number": "c" * 10**4, "more": "d"}
    editor.set_state({"request": long})
    assert len(editor.request["text"]) == LONGEST_TEXT + 1
    assert "more" not in editor.request
    assert "an action is known" in editor.message
    asks(editor, "save", "b" * (LONGEST_TEXT + 1), "n2")
    assert "60,000 characters" in editor.message
    assert note.versions == ["first"]
