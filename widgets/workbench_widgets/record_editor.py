"""One record as text: drafts as one types, saves that are told, refusals that lose nothing."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import traitlets

from workbench.errors import WorkbenchError, require
from workbench_widgets.base import STATIC, OneWayWidget

LONGEST_TEXT = 60_000  # characters: a page takes no message above 256 KiB, four bytes for each
LONGEST_WORD = 100  # characters of an action and of a request's number
MOST_LINES = 24  # of a fault
REMEMBERED = 200  # requests of which a repetition is known
SHOWN = ("text", "state", "message", "refused", "has_draft", "theirs", "their_version", "answered")


class EditedRecord(Protocol):
    """What is edited: it reads, checks and keeps the text, and says what stands now.

    Every step returns what to say of it and raises a WorkbenchError for what it refuses. A request
    that is named twice is one step.
    """

    @property
    def label(self) -> str:
        """What the record is called."""

    @property
    def state(self) -> str:
        """One line: the version, its state, who saved it when, and a draft that is not saved."""

    @property
    def has_draft(self) -> bool:
        """Whether something is typed and not saved."""

    @property
    def theirs(self) -> str:
        """After a conflict the text that somebody else has saved, else nothing."""

    @property
    def their_version(self) -> int:
        """Its number, 0 where there is none."""

    text: str  # what stands in the form

    def keep_draft(self, text: str) -> None:
        """Keep what is being typed."""

    def save(self, text: str, request: str = "") -> str:
        """Keep a text as the next version."""

    def save_over(self, text: str, request: str = "") -> str:
        """Keep a text over the version that a conflict has shown."""

    def give_up(self) -> str:
        """Forget the draft."""

    def undo(self, request: str = "") -> str:
        """Take back the latest edit."""

    def redo(self, request: str = "") -> str:
        """Do again what was undone last."""


class RecordEditor(OneWayWidget):
    """A text, the buttons to save it, and what came of it.

    The browser sends requests and nothing else: an action, the text, and a number. It sends one
    again, under its number, until `answered` is that number; a step is done once however often it
    is asked for. What is refused changes nothing: what was typed stays, and `message` says why.
    """

    _esm = STATIC / "record_editor.js"
    inbound = frozenset({"request"})

    label = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    state = traitlets.Unicode().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    refused = traitlets.Bool(default_value=False).tag(sync=True)
    has_draft = traitlets.Bool(default_value=False).tag(sync=True)
    theirs = traitlets.Unicode().tag(sync=True)
    their_version = traitlets.Int().tag(sync=True)
    answered = traitlets.Unicode().tag(sync=True)
    request = traitlets.Dict().tag(sync=True)

    def __init__(self, record: EditedRecord, **traits: Any) -> None:
        self._record = record
        self._done: list[str] = []  # the numbers of the latest requests
        self._refused = ""  # the action that was refused last, until another is accepted
        self._steps: dict[str, Callable[[str, str], str]] = {
            "draft": lambda text, _: _drafted(record, text),
            "save": record.save,
            "save over": record.save_over,
            "give up": lambda _, __: record.give_up(),
            "undo": lambda _, request: record.undo(request),
            "redo": lambda _, request: record.redo(request),
        }
        super().__init__(**{"label": record.label} | traits)
        self._show("", refused=False)

    def edit(self, action: str, text: str = "") -> bool:
        """Do what a browser's request does: save, save over, draft, give up, undo or redo.

        Returns
        -------
        Whether it was accepted.

        """
        return self._do({"action": action, "text": text})

    @traitlets.validate("request")
    def _request(self, proposal: traitlets.Bunch) -> dict[str, Any]:
        """Keep the known parts, capped; `attempt` tells a repetition from what is there."""
        sent = proposal["value"]
        words = {name: str(sent.get(name, ""))[:LONGEST_WORD] for name in ("action", "number")}
        attempt = str(sent.get("attempt", ""))[:LONGEST_WORD]
        return words | {"attempt": attempt, "text": str(sent.get("text", ""))[: LONGEST_TEXT + 1]}

    @traitlets.observe("request")
    def _requested(self, change: traitlets.Bunch) -> None:
        asked = change["new"]
        if not asked:
            return
        if asked["number"] in self._done:  # the answer was lost on its way
            self.send_state(list(SHOWN))
            return
        self._do(asked)

    def _do(self, asked: Mapping[str, Any]) -> bool:
        number = asked.get("number", "")
        self._done = [*self._done, number][-REMEMBERED:] if number else self._done
        action = asked.get("action", "")
        try:
            said = self._said(asked)
        except WorkbenchError as refusal:
            self._refused = action
            self._show(_fault(refusal, action), refused=True, answered=number)
            return False
        if action == "draft" and self._refused not in ("", "draft"):
            said = self.message  # the reason stays while it is mended
        else:
            self._refused = ""
        self._show(said, refused=bool(self._refused), answered=number)
        return True

    def _said(self, asked: Mapping[str, Any]) -> str:
        action, text = asked.get("action", ""), asked.get("text", "")
        known = tuple(self._steps)
        require(action in known, "an action is known", got=action, fix=f"One of {known}.")
        rule = f"a record is at most {LONGEST_TEXT:,} characters here"
        fix = "Save it from a notebook or a file."
        require(len(text) <= LONGEST_TEXT, rule, got=f"{len(text):,} or more", fix=fix)
        return self._steps[action](text, asked.get("number", ""))

    def _show(self, message: str, *, refused: bool, answered: str = "") -> None:
        """Tell the browser in one message what stands now, and which request it answers."""
        record = self._record
        with self.hold_sync():
            self.text, self.state = record.text, record.state
            self.has_draft = record.has_draft
            self.theirs, self.their_version = record.theirs, record.their_version
            self.message, self.refused = message, refused
            self.answered = answered or self.answered


def _drafted(record: EditedRecord, text: str) -> str:
    record.keep_draft(text)
    return ""


def _fault(refusal: WorkbenchError, action: str) -> str:
    """Return the lines of a refusal, so many as people read."""
    lines = str(refusal).splitlines() or [""]
    more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    what = {"draft": "The draft is not kept", "undo": "Not undone", "redo": "Not done again"}
    first = f"{what.get(action, 'Not saved')}: {lines[0]}"
    return "\n".join([first, *lines[1:MOST_LINES], *more])
