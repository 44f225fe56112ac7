"""An act on versions: checked against what is current, then kept whole, with its entry."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from workbench.audit.entries import Entry, Row
from workbench.errors import require
from workbench.register.accounts import account
from workbench.register.columns import is_server
from workbench.register.differences import differences
from workbench.register.history import version_of
from workbench.register.log import (
    Act,
    among,
    append,
    asked_before,
    entry_at,
    insert_all,
    put_all,
    rows_of,
)
from workbench.register.naming import IN_A_STUDY, PARTS, STUDY
from workbench.register.records import GONE, Change, Clash, Conflict, Head, digest
from workbench.register.tables import ITEMS, VERSIONS

LONGEST_ID = 400  # characters
SAVES = {"create", "edit"}


def commit(
    connection: Connection, act: Act, changes: Sequence[Change], now: datetime
) -> Entry | None:
    """Make a version of each change that is one; None where nothing differs.

    Raises
    ------
    Conflict
        where an item has a later version than its change began from.
    WorkbenchError
        for an id that no register keeps, and one item twice.

    """
    known = done_before(connection, act, lambda rows: are_asked(rows, changes))
    if known is not None:
        return known
    _check(changes)
    current = heads(connection, [(change.kind, change.id) for change in changes])
    clashes = [
        (change, head)
        for change in changes
        if change.base is not None
        and (head := current.get((change.kind, change.id))) is not None
        and head.version != change.base
        and head.sha256 != digest(change.body)
        and not (change.base == 0 and head.state == GONE)  # what was is in nobody's way
    ]
    if clashes:
        raise Conflict([_clash(connection, *pair) for pair in clashes])
    rows, made = [], []
    for change in changes:
        head = current.get((change.kind, change.id))
        sha256 = digest(change.body)
        gone = head is None or head.state == GONE
        if (gone and change.body is None) or (
            not gone and head is not None and head.sha256 == sha256
        ):
            continue
        version = 1 if head is None else head.version + 1
        state = GONE if change.body is None else change.state
        rows.append(Row(change.kind, change.id, version, state, sha256))
        made.append(change)
    return keep(connection, act, rows, made, now) if rows else None


def done_before(
    connection: Connection, act: Act, are_asked: Callable[[Sequence[Row]], bool]
) -> Entry | None:
    """Return the entry of a request that was made before, None where it was not.

    Parameters
    ----------
    are_asked : whether the rows of that entry are what is asked for now

    Raises
    ------
    WorkbenchError
        where that was another account, another act or other content: such a request is not the
        same one sent again, and nothing of it would be kept.

    """
    known = asked_before(connection, act.request)
    if known is None:
        return None
    entry = entry_at(connection, known)
    # what the first sending created the second one finds, and would edit
    same = entry.act == act.act or {entry.act, act.act} <= SAVES
    same = same and entry.by == account(connection, act.by)[0]
    require(
        same and are_asked(rows_of(connection, known)),
        "a request has a name of its own",
        got=f"{act.request[:60]}, under which entry {known} was made",
        fix="Send it under another name.",
    )
    return entry


def are_asked(rows: Sequence[Row], changes: Sequence[Change]) -> bool:
    """Whether an entry did what some changes ask for.

    It may have done more, which there is no need of any more: have put a new part into the head of
    its study, or have taken out the parts that a study has no longer.
    """
    wanted = {(change.kind, change.id): digest(change.body) for change in changes}
    studies = {name.partition(IN_A_STUDY)[0] for kind, name in wanted if kind in {STUDY, *PARTS}}
    same = [wanted.get((row.kind, row.id)) == row.sha256 for row in rows]
    return any(same) and all(
        is_same
        or (
            (row.kind, row.id) not in wanted
            and row.id.partition(IN_A_STUDY)[0] in studies
            and (row.kind == STUDY or (row.kind in PARTS and row.state == GONE))
        )
        for row, is_same in zip(rows, same, strict=True)
    )


def keep(
    connection: Connection, act: Act, rows: Sequence[Row], made: Sequence[Change], now: datetime
) -> Entry:
    """Store the versions `made`, the entry, and what is now current."""
    plain = [
        {"kind": row.kind, "id": row.id, "version": row.version, "body": change.body}
        for row, change in zip(rows, made, strict=True)
    ]
    insert_all(connection, VERSIONS, plain)
    entry = append(connection, act, rows, now)
    set_current(connection, rows, [change.name for change in made], entry.seq)
    return entry


def set_current(
    connection: Connection, rows: Sequence[Row], names: Sequence[str], seq: int
) -> None:
    """Say of each row that it is what its item is now."""
    dialect = postgresql if is_server(connection) else sqlite
    put = dialect.insert(ITEMS)
    new = {name: put.excluded[name] for name in ("version", "state", "name", "sha256", "seq")}
    put = put.on_conflict_do_update(index_elements=["kind", "id"], set_=new)
    plain = [
        {"kind": r.kind, "id": r.id, "version": r.version, "state": r.state}
        | {"name": name, "sha256": r.sha256, "seq": seq}
        for r, name in zip(rows, names, strict=True)
    ]
    put_all(connection, put, plain)


def heads(connection: Connection, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Head]:
    """Return the current version of each of the named items that is there, perhaps of others."""
    found = connection.execute(select(ITEMS).where(among(ITEMS, names))).mappings()
    return {(row["kind"], row["id"]): Head(**row) for row in found}


def _check(changes: Iterable[Change]) -> None:
    seen = set()
    for change in changes:
        named = bool(change.id.strip()) and len(change.id) <= LONGEST_ID and change.id.isprintable()
        rule = f"an id is one line of at most {LONGEST_ID} characters"
        require(named, rule, got=change.id[:80], fix="Give it a short name.")
        name = (change.kind, change.id)
        require(name not in seen, "an act has each item once", got=name, fix="Leave one out.")
        seen.add(name)


def _clash(connection: Connection, change: Change, head: Head) -> Clash:
    assert change.base is not None
    current = version_of(connection, head.kind, head.id, head.version)
    base = version_of(connection, head.kind, head.id, change.base).body if change.base else None
    return Clash(
        change.kind,
        change.id,
        change.base,
        current,
        differences(base, current.body),
        differences(base, change.body),
    )
