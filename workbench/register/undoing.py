"""Undo and redo: new acts that give back what an earlier act of the same account changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from workbench.audit.entries import Entry, Row, parse_entry
from workbench.errors import WorkbenchError
from workbench.register.accounts import names
from workbench.register.acts import decided_since
from workbench.register.committing import commit, done_before, heads
from workbench.register.history import before_act, head_of, version_of
from workbench.register.kinds import title_of
from workbench.register.log import Act, entry_at, rows_of
from workbench.register.naming import IN_A_STUDY, PARTS, STUDY, SUBJECT
from workbench.register.records import SHOWN, Change, Decided, Decision
from workbench.register.studies import lineage_of, refuse_torn
from workbench.register.tables import ACCOUNTS, LOG

EDITS = ("create", "edit", "delete", "import")
UNDO, REDO = "undo", "redo"


def undo(connection: Connection, by: str, now: datetime, request: str = "") -> Entry:
    """Take back the latest edit of an account that is not yet undone.

    Raises
    ------
    WorkbenchError
        where there is none, and where a study would refer to what is gone.
    Conflict
        where somebody has changed since what it would give back; where what it would take back is
        approved or retired since, `Decided`.

    """
    act = Act(UNDO, by, request=request)
    known = done_before(connection, act, lambda _: True)
    if known is not None:
        return known
    done, _ = _stacks(connection, by)
    entry = _back(connection, act, done, now)
    if entry is None:
        raise WorkbenchError(f"an edit of {by} can be undone; got none that is not. Edit first.")
    return entry


def redo(connection: Connection, by: str, now: datetime, request: str = "") -> Entry:
    """Do again what the account undid last, unless it has edited since.

    Raises
    ------
    WorkbenchError
        where nothing is undone.
    Conflict
        where somebody has changed since what it would give back; where what it would take back is
        approved or retired since, `Decided`.

    """
    act = Act(REDO, by, request=request)
    known = done_before(connection, act, lambda _: True)
    if known is not None:
        return known
    _, undone = _stacks(connection, by)
    entry = _back(connection, act, undone, now)
    if entry is None:
        raise WorkbenchError(f"an undone edit of {by} can be redone; got none. Undo first.")
    return entry


def _stacks(connection: Connection, by: str) -> tuple[list[int], list[int]]:
    """Return the acts that can be undone and those whose effect can be redone, the latest last.

    An entry in the first is an edit or the redo of one, in the second an undo. What an undo or a
    redo has stepped past is in neither any more.
    """
    done: list[int] = []
    undone: list[int] = []
    query = (
        select(LOG.c.seq, LOG.c.act, LOG.c.body)
        .join(ACCOUNTS, ACCOUNTS.c.id == LOG.c.by)
        .where(ACCOUNTS.c.name == by, LOG.c.act.in_([*EDITS, UNDO, REDO]))
        .order_by(LOG.c.seq)
    )
    for seq, act, body in connection.execute(query):
        if act == UNDO:
            done = _below(done, body)
            undone.append(seq)
        elif act == REDO:
            undone = _below(undone, body)
            done.append(seq)
        else:
            done.append(seq)
            undone.clear()
    return done, undone


def _below(stack: list[int], body: str) -> list[int]:
    """Return what lies below the act that an entry says it took back."""
    of = parse_entry(body.encode()).details.get("of")
    return stack[: stack.index(of)] if of in stack else stack


def _back(connection: Connection, act: Act, stack: list[int], now: datetime) -> Entry | None:
    """Give every item that the latest act touched the body that it had before.

    An act that leaves nothing to do, since others did it already, is stepped past; None where there
    is no other.
    """
    for seq in reversed(stack):
        changes = _before(connection, seq)
        reason = f"{act.act} of {entry_at(connection, seq).act} {seq}"
        told = replace(act, reason=reason, details={"of": seq})
        entry = commit(connection, told, changes, now)
        if entry is not None:
            _refuse_decided(connection, seq, entry)
            _refuse_torn(connection, changes)
            return entry
    return None


def _refuse_decided(connection: Connection, seq: int, entry: Entry) -> None:
    """Refuse to take back what is approved or retired of what an act made, or of it since.

    Parameters
    ----------
    seq : the act
    entry : what has taken it back, unless this is refused

    """
    found = decided_since(connection, seq)
    if not found:
        return
    taken = [(row.kind, row.id) for row in rows_of(connection, entry.seq)]  # a study is the first
    stand = [(item, max(found[item])) for item in taken if found.get(item)]
    if stand:
        told = [(*item, at, *found[item][at]) for item, at in stand[:SHOWN]]
        raise Decided(_decisions(connection, told), len(stand))


def _decisions(
    connection: Connection, told: Sequence[tuple[str, str, int, str, int]]
) -> list[Decision]:
    """Return who decided what of some versions, of each told kind, id, version, state, entry."""
    known = names(connection)
    entries = {seq: entry_at(connection, seq) for *_, seq in told}
    by = {seq: known.get(entry.by, entry.by) for seq, entry in entries.items()}
    return [
        Decision(kind, name, version, state, by[seq], entries[seq])
        for kind, name, version, state, seq in told
    ]


def _refuse_torn(connection: Connection, changes: Sequence[Change]) -> None:
    """Refuse what leaves a study or a lineage that cannot be read.

    Another's scenario names an asset, say, or another's data come from what would come from them.
    """
    if any(change.kind == SUBJECT for change in changes):
        lineage_of(connection)
    of: dict[str, list[Change]] = {}
    for change in changes:
        if change.kind in {STUDY, *PARTS}:
            of.setdefault(change.id.partition(IN_A_STUDY)[0], []).append(change)
    for study in sorted(of):
        refuse_torn(connection, study, of[study])


def _before(connection: Connection, seq: int) -> list[Change]:
    """Return what all that an act touched was before it, in as many statements however much it is.

    Whoever has brought an item back to what the act made of it, by another undo perhaps, is in
    nobody's way.
    """
    rows, was = rows_of(connection, seq), before_act(connection, seq)
    known = heads(connection, [(row.kind, row.id) for row in rows])
    found = []
    for row in rows:
        head = known.get((row.kind, row.id)) or head_of(connection, row.kind, row.id)
        base = head.version if head.sha256 == row.sha256 else row.version
        body: str | None = None
        if row.version > 1:
            body = _there(connection, row, was)
        name = head.name if body is None else title_of(row.kind, row.id, body)
        found.append(Change(row.kind, row.id, body, name, base))
    return found


def _there(
    connection: Connection, row: Row, was: Mapping[tuple[str, str], str | None]
) -> str | None:
    """Return the version before a row; one that is lost is told."""
    if (row.kind, row.id) not in was:
        return version_of(connection, row.kind, row.id, row.version - 1).body
    return was[row.kind, row.id]
