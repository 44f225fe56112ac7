"""Review: a draft is submitted, approved by somebody else, and retired in the end.

    draft -> in review -> approved -> retired
               |
               +-> draft (returned)

An approval names a version, so that an edit afterwards is a draft again. Whoever had a hand in a
version since the last approved one does not approve it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from workbench.audit.entries import Entry, Row
from workbench.errors import WorkbenchError, require
from workbench.register.accounts import names
from workbench.register.committing import set_current
from workbench.register.history import head_of, states_of
from workbench.register.log import Act, append, asked_before, entry_at
from workbench.register.records import APPROVED, DRAFT, IN_REVIEW, RETIRED, Head

# act -> the states that it begins from, and the one that it ends in
STEPS = {
    "submit": ((DRAFT,), IN_REVIEW),
    "return": ((IN_REVIEW,), DRAFT),
    "approve": ((IN_REVIEW,), APPROVED),
    "retire": ((APPROVED, DRAFT), RETIRED),
}


def review(
    connection: Connection, act: Act, items: Sequence[tuple[str, str, int]], now: datetime
) -> Entry:
    """Give items, each with the version that is meant, their next state in one act.

    Raises
    ------
    WorkbenchError
        for a version that is not the current one, a state that the act does not begin from, and an
        approval by an author.

    """
    known = asked_before(connection, act.request)
    if known is not None:
        return entry_at(connection, known)
    before, after = STEPS[act.act]
    heads = [_current(connection, *item) for item in items]
    moved = [head for head in heads if head.state in before]
    if not moved:
        states = sorted({head.state for head in heads})
        told = " or ".join(before)
        require(False, f"to {act.act} is to begin from {told}", got=states, fix="See `history`.")
    if act.act == "approve":
        for head in moved:
            _refuse_author(connection, head, act.by)
    rows = [Row(head.kind, head.id, head.version, after, head.sha256) for head in moved]
    entry = append(connection, act, rows, now)
    set_current(connection, rows, [head.name for head in moved], entry.seq)
    return entry


def _current(connection: Connection, kind: str, name: str, version: int) -> Head:
    head = head_of(connection, kind, name)
    if head.version != version:
        raise WorkbenchError(
            f"an act of review names the current version of {kind} {name}, {head.version}; got "
            f"{version}. Look at what has changed, then name {head.version}."
        )
    return head


def authors(connection: Connection, kind: str, name: str) -> set[str]:
    """Return who made the versions since the last approved one, by their names."""
    known = names(connection)
    made: dict[int, int] = {}
    approved = 0
    for seq, version, state in states_of(connection, kind, name):
        made.setdefault(version, seq)
        if state == APPROVED:
            approved = version
    acts = [seq for version, seq in made.items() if version > approved]
    return {known.get(by, by) for by in (entry_at(connection, seq).by for seq in acts)}


def _refuse_author(connection: Connection, head: Head, by: str) -> None:
    found = authors(connection, head.kind, head.id)
    if by in found:
        raise WorkbenchError(
            f"a reviewer is not an author; got {by}, who made version {head.version} of "
            f"{head.kind} {head.id} or one since the last approval. Somebody else approves it."
        )
