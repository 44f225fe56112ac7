"""One item of a register while a person edits it as text: what a form on a page is wired to.

The text passes the gate before it is kept. What is typed and not saved is kept as a draft. A save
says from which version it began, so that what others saved meanwhile is a conflict and never lost.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from workbench.audit.entries import Entry
from workbench.errors import WorkbenchError, require
from workbench.files.catalogues.system_text import system_from, text_of
from workbench.files.parts import (
    asset_of,
    check_id,
    part_text,
    scenario_of,
    tolerance_of,
    tolerance_rows,
    tree_of,
)
from workbench.register.kinds import KINDS
from workbench.register.log import rows_of
from workbench.register.naming import APPETITE, ASSET, IN_A_STUDY, PARTS
from workbench.register.records import Conflict, Version
from workbench.register.register import Register

SYSTEM = "system"
EDITABLE = (*PARTS, SYSTEM)


class Record:
    """An item as text, for one person at one register.

    Parameters
    ----------
    register : open for writing
    kind : one of `EDITABLE`
    name : its id; that of a part of a study begins with the study's, such as lender/S-01
    start : the text to begin with where there is no such item yet

    """

    def __init__(self, register: Register, kind: str, name: str, *, start: str = "") -> None:
        fix = f"One of {', '.join(EDITABLE)}."
        require(kind in EDITABLE, "such an item is edited as text", got=kind, fix=fix)
        self._register, self._kind, self._name, self._start = register, kind, name, start
        self._study, _, self._own = name.partition(IN_A_STUDY)
        self.look()

    def look(self) -> None:
        """Read the item as it is, and the draft of it where one is kept."""
        self._conflict: Conflict | None = None
        self._show(None)
        mine = [one for one in self._register.drafts() if one.kind == self._kind]
        self._draft = next((one for one in mine if one.id == self._name), None)
        if self._draft is not None:
            typed = json.loads(self._draft.body)["text"]
            if typed == self._saved:  # the kernel died after the save
                self._forget()
            else:
                self.text, self.base = typed, self._draft.base

    @property
    def label(self) -> str:
        """What the record is called: its kind and id."""
        return f"{self._kind.capitalize()} {self._name}"

    @property
    def has_draft(self) -> bool:
        """Whether something is typed and not saved."""
        return self._draft is not None

    @property
    def state(self) -> str:
        """One line: the version, its state, who saved it when, and the draft that is not saved."""
        now, draft = self._version, self._draft
        told = "new"
        if now is not None:
            told = f"version {now.version}, {self._state}, saved by {now.by} at {_minute(now.time)}"
        if draft is None:
            return told
        began = f", begun from version {draft.base}" if draft.base != self._latest else ""
        return f"{told}; a draft of {_minute(draft.time)} that is not saved{began}"

    @property
    def theirs(self) -> str:
        """The latest version as text, after a conflict; else nothing."""
        return "" if self._conflict is None else self._saved

    @property
    def their_version(self) -> int:
        """The version that a conflict was with; 0 where there is none."""
        return 0 if self._conflict is None else self._latest

    def keep_draft(self, text: str) -> None:
        """Keep what is being typed, outside the log."""
        if text == self._saved and self.base == self._latest:
            self._forget()
        else:
            tree = {"text": text}
            self._draft = self._register.put_draft(self._kind, self._name, tree, self.base)
        self.text = text

    def save(self, text: str, request: str = "", *, reason: str = "") -> str:
        """Keep a text as the next version, and say so; the same request twice is one save.

        What is refused is kept as a draft, unless no database keeps such a text, and stays shown.

        Raises
        ------
        Conflict
            where others have saved since; `theirs` is then their text.
        WorkbenchError
            for a text that the gate refuses.

        """
        try:
            entry = self._kept(text, {"reason": reason, "base": self.base, "request": request})
        except WorkbenchError as refusal:
            with suppress(WorkbenchError):
                self.keep_draft(text)
            if isinstance(refusal, Conflict):
                self._conflict = refusal
                self._show(refusal.clashes[0].current)
            self.text = text.encode(errors="replace").decode()  # no page shows half a character
            raise
        self._forget()
        self.look()
        if entry is None:
            return f"Version {self.base} is the same already."
        return f"Version {self._made_by(entry) or self.base} is saved."

    def save_over(self, text: str, request: str = "") -> str:
        """Keep a text over the version that a conflict has shown; a later one is a conflict."""
        shown = self.their_version
        require(shown > 0, "what is saved over was shown", got="no conflict", fix="Save first.")
        before, self.base = self.base, shown
        try:
            return self.save(text, request, reason=f"over version {shown}, after a conflict")
        except WorkbenchError:
            self.base = before
            raise

    def give_up(self) -> str:
        """Forget the draft, and show the item as it is."""
        self._forget()
        self.look()
        return "The draft is given up."

    def undo(self, request: str = "") -> str:
        """Take back the account's latest edit, of whatever item it was."""
        return self._stepped(self._register.undo, request, "Undone")

    def redo(self, request: str = "") -> str:
        """Do again what the account undid last."""
        return self._stepped(self._register.redo, request, "Done again")

    def _stepped(self, step: Callable[..., Entry], request: str, word: str) -> str:
        fix = "Save it or give it up first."
        require(not self.has_draft, "an undo loses nothing that is typed", got="a draft", fix=fix)
        entry = step(request=request)
        self.look()
        made = self._made_by(entry)
        if made is None:
            return f"{word}: act {entry.details['of']} of the log, which was at another item."
        return f"{word}: act {entry.details['of']} of the log, by version {made}."

    def _made_by(self, entry: Entry) -> int | None:
        """Return the version that an act made of the item, whatever others did since."""
        rows = self._register.ask(rows_of, entry.seq)
        mine = (self._kind, self._name)
        return next((row.version for row in rows if (row.kind, row.id) == mine), None)

    def _show(self, version: Version | None) -> None:
        """Hold the current version, or the one that a conflict has brought, and its text."""
        head = self._register.find(self._kind, self._name)
        if version is None and head is not None:
            version = self._register.version(self._kind, self._name, head.version)
        if version is None:
            self._version, self._latest, self._state, self._saved = None, 0, "", self._start
        else:
            self._version, self._latest = version, version.version
            is_current = head is not None and head.version == version.version
            self._state = head.state if head is not None and is_current else version.state
            self._saved = self._start if version.body is None else self._written(version.body)
        if self._conflict is None:
            self.text, self.base = self._saved, self._latest

    def _kept(self, text: str, more: dict[str, Any]) -> Entry | None:
        """Read a text through the gate, and keep it in the register."""
        if self._kind == SYSTEM:
            return self._register.save(self._name, system_from(text), **more)
        tree = tree_of(text)
        if self._kind == APPETITE:
            tolerance = tolerance_of(tolerance_rows(tree))
            return self._register.save_part(self._study, tolerance, **more)
        part = asset_of(tree) if self._kind == ASSET else scenario_of(tree, self._around(tree))
        check_id(part, self._own)
        return self._register.save_part(self._study, part, **more)

    def _written(self, body: str) -> str:
        """Return a stored version as text."""
        tree = json.loads(body)
        if self._kind == SYSTEM:
            return text_of(KINDS[SYSTEM].load(tree, self._name))
        if self._kind == APPETITE:
            return part_text(tolerance_of(tree))
        is_asset = self._kind == ASSET
        return part_text(asset_of(tree) if is_asset else scenario_of(tree, self._around(tree)))

    def _around(self, row: Any) -> dict[str, Any]:
        asset = row.get("asset") if isinstance(row, dict) else None
        return self._register.around(self._study, asset if isinstance(asset, str) else None)

    def _forget(self) -> None:
        if self._draft is not None:
            self._register.drop_draft(self._kind, self._name)
        self._draft = None


def _minute(time: str) -> str:
    """Return a time of the log as people read it."""
    return f"{time[:10]} {time[11:16]} UTC"
