"""What a register tells of what it holds: heads, versions, changes, conflicts."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.audit.entries import Entry
from workbench.errors import WorkbenchError

DRAFT, IN_REVIEW, APPROVED, RETIRED, GONE = "draft", "in review", "approved", "retired", "deleted"
STATES = (DRAFT, IN_REVIEW, APPROVED, RETIRED, GONE)
SHOWN = 10  # of what stands in the way


@dataclass(frozen=True)
class Head:
    """The current version of an item."""

    kind: str
    id: str
    version: int
    state: str
    name: str
    sha256: str
    seq: int  # of the act that touched it last


@dataclass(frozen=True)
class Change:
    """What an act wants an item to be.

    `base` is the version that was read and edited, 0 where the item is new, and None where the
    latest is meant whatever it is. `body` is JSON, None where the item is to be gone.
    """

    kind: str
    id: str
    body: str | None
    name: str = ""
    base: int | None = None
    state: str = DRAFT


@dataclass(frozen=True)
class Version:
    """One version of an item, and the act that made it."""

    kind: str
    id: str
    version: int
    state: str  # that it had when it was made
    act: str
    by: str  # the name of the account, or its id where the name was erased
    time: str
    reason: str
    seq: int
    body: str | None = field(repr=False)


@dataclass(frozen=True)
class Difference:
    """One field that differs between two versions; None where it is not stated."""

    field: str
    old: Any
    new: Any

    def __str__(self) -> str:
        """As one line for people."""
        return f"{self.field}: {_told(self.old)} -> {_told(self.new)}"


@dataclass(frozen=True)
class Clash:
    """An item that somebody else has changed since it was read."""

    kind: str
    id: str
    base: int
    current: Version
    theirs: Sequence[Difference]
    yours: Sequence[Difference]

    def __str__(self) -> str:
        """As lines for people: both versions."""
        head = (
            f"{self.kind} {self.id}: you edited version {self.base}; {self.current.by} saved "
            f"version {self.current.version} at {self.current.time}"
        )
        reason = f" ({self.current.reason})" if self.current.reason else ""
        lines = [f"{head}{reason}", *(f"  theirs {one}" for one in self.theirs)]
        return "\n".join([*lines, *(f"  yours  {one}" for one in self.yours)])

    def to_dict(self) -> dict[str, Any]:
        """As plain data for programs."""
        told = {name: getattr(self, name) for name in ("kind", "id", "base")}
        now = {name: getattr(self.current, name) for name in ("version", "by", "time", "reason")}
        sides = {"theirs": self.theirs, "yours": self.yours}
        found = {name: [asdict(one) for one in side] for name, side in sides.items()}
        return told | {"current": now} | found


class Conflict(WorkbenchError):
    """Somebody else has saved first; nothing was changed. `clashes` has both versions."""

    def __init__(self, clashes: Sequence[Clash], told: str = "") -> None:
        self.clashes = tuple(clashes)
        super().__init__(
            told
            or "a save begins from the latest version; somebody else has saved since, and nothing "
            f"was changed.\n{_first(self.clashes, len(self.clashes))}\nLoad the latest version, "
            "and make your change again."
        )

    def details(self) -> dict[str, Any]:
        """Return each item with both versions of what differs."""
        return {"clashes": [clash.to_dict() for clash in self.clashes]}


@dataclass(frozen=True)
class Decision:
    """A version that somebody has approved or retired."""

    kind: str
    id: str
    version: int
    state: str
    by: str  # the name of the account
    entry: Entry

    def __str__(self) -> str:
        """As one line for people."""
        reason = f" ({self.entry.reason})" if self.entry.reason else ""
        what = f"{self.kind} {self.id}: {self.by} {self.state} version {self.version}"
        return f"{what} at {self.entry.time}, entry {self.entry.seq}{reason}"

    def to_dict(self) -> dict[str, Any]:
        """As plain data for programs."""
        told = {name: getattr(self, name) for name in ("kind", "id", "version", "by")}
        entry = {"time": self.entry.time, "entry": self.entry.seq, "reason": self.entry.reason}
        return told | {"decision": self.state} | entry


class Decided(Conflict):
    """What an undo would take back was approved or retired since; nothing was changed.

    There are no `clashes`; `decisions` are the first of `count`.
    """

    def __init__(self, decisions: Sequence[Decision], count: int) -> None:
        self.decisions, self.count = tuple(decisions), count
        super().__init__(
            (),
            "what was approved or retired since is not taken back; nothing was changed.\n"
            f"{_first(self.decisions, count)}\nEdit it anew, or delete it with a reason.",
        )

    def details(self) -> dict[str, Any]:
        """Return the first decisions, and how many there are."""
        told = [decision.to_dict() for decision in self.decisions]
        return super().details() | {"decisions": told, "count": self.count}


def _first(found: Sequence[object], count: int) -> str:
    lines = [str(one) for one in found[:SHOWN]]
    return "\n".join([*lines, *([f"... and {count - SHOWN} more"] if count > SHOWN else [])])


def digest(body: str | None) -> str:
    """Return the SHA-256 of a stored version; of nothing, where the item is gone."""
    return hashlib.sha256((body or "").encode("utf-8", "surrogateescape")).hexdigest()


def _told(value: Any) -> str:
    if value is None:
        return "not stated"
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
