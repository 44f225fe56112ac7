"""What a register holds: current items, their versions, and what was current at an earlier act."""

from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import Any

from sqlalchemy import Connection, and_, func, select

from workbench.errors import WorkbenchError, nearest, require
from workbench.register.accounts import names
from workbench.register.columns import is_server
from workbench.register.log import entry_at
from workbench.register.records import (
    GONE,
    RETIRED,
    Head,
    Version,
    digest,
)
from workbench.register.tables import ITEMS, TOUCHED, VERSIONS

NO_TEXT = "\x1f"  # between an id and a name: no id and no search holds it
SMALL = {ord(sign): sign.lower() for sign in ascii_uppercase}
AROUND = 100  # ids before and after a name, among which the nearest is sought
LAST = chr(0x10FFFF)  # of all characters
BOTH = (VERSIONS, TOUCHED)


def head_of(connection: Connection, kind: str, name: str) -> Head:
    """Return the current version of an item.

    Raises
    ------
    WorkbenchError
        where there is none.

    """
    query = select(ITEMS).where(ITEMS.c.kind == kind, ITEMS.c.id == name)
    found = connection.execute(query).mappings().first()
    if found is None:
        known = ", ".join(_near(connection, kind, name)) or "none yet"
        raise WorkbenchError(
            f"a {kind} is in the register; got {name[:80]!r}. Known are {known}; "
            "`workbench register list` shows all."
        )
    return Head(**found)


def _near(connection: Connection, kind: str, name: str) -> list[str]:
    """Return a few ids that are written most like a name, of those that stand around it."""
    ids = select(ITEMS.c.id).where(ITEMS.c.kind == kind).limit(AROUND)
    after = ids.where(ITEMS.c.id >= name).order_by(ITEMS.c.id)
    before = ids.where(ITEMS.c.id < name).order_by(ITEMS.c.id.desc())
    known = [one for query in (before, after) for one in connection.execute(query).scalars()]
    return nearest(name, known) or known[:3]


def is_there(connection: Connection, kind: str, name: str) -> bool:
    """Whether an item is current, and not deleted."""
    query = select(ITEMS.c.state).where(ITEMS.c.kind == kind, ITEMS.c.id == name)
    return connection.execute(query).scalar() not in {None, GONE}


def found_items(
    connection: Connection, *, kind: str = "", search: str = "", state: str = "", **page: int
) -> tuple[list[Head], int]:
    """Return one page of what is current, in order of kind and id, and how many there are.

    `search` is sought in ids and names, whatever the case of its ASCII letters; `limit` and
    `offset` choose the page. What is deleted is shown where `state` asks for it.
    """
    where = [ITEMS.c.state == state if state else ITEMS.c.state != GONE]
    if kind:
        where.append(ITEMS.c.kind == kind)
    if search:
        where.append(_holds(connection, search))
    limit, offset = page.get("limit", 100), page.get("offset", 0)
    query = select(ITEMS).where(*where).order_by(ITEMS.c.kind, ITEMS.c.id)
    found = connection.execute(query.limit(limit).offset(offset)).mappings()
    heads = [Head(**row) for row in found]
    if len(heads) < limit and (heads or not offset):  # the last page tells how many there are
        return heads, offset + len(heads)
    count = connection.execute(select(func.count()).select_from(ITEMS).where(*where)).scalar_one()
    return heads, int(count)


def _holds(connection: Connection, search: str) -> Any:
    """Whether an id or a name holds a text, the same on every database: one look at each row.

    By bytes but for the case of ASCII letters: the rules of a language differ between servers, and
    take three times as long.
    """
    whole = ITEMS.c.id.concat(NO_TEXT).concat(ITEMS.c.name)
    if is_server(connection):
        return func.strpos(func.lower(whole.collate("C")), search.translate(SMALL)) > 0
    return func.instr(func.lower(whole), search.translate(SMALL)) > 0


def version_of(connection: Connection, kind: str, name: str, version: int) -> Version:
    """Return one version of an item.

    Raises
    ------
    WorkbenchError
        where it has no such version.

    """
    found = versions(connection, kind, name, version)
    if not found:
        last = head_of(connection, kind, name).version
        rule = f"{kind} {name} has versions 1 to {last}"
        require(False, rule, got=version, fix="Name one of them.")
    return found[0]


def versions(
    connection: Connection, kind: str, name: str, version: int | None = None
) -> list[Version]:
    """Return the versions of an item, the latest first, or the one that is asked for."""
    where = [VERSIONS.c.kind == kind, VERSIONS.c.id == name]
    touched = [TOUCHED.c.kind == kind, TOUCHED.c.id == name]
    if version is not None:
        where.append(VERSIONS.c.version == version)
        touched.append(TOUCHED.c.version == version)
    made: dict[int, Any] = {}
    query = select(TOUCHED.c.version, TOUCHED.c.seq, TOUCHED.c.state, TOUCHED.c.sha256)
    for row in connection.execute(query.where(*touched).order_by(TOUCHED.c.seq)):
        made.setdefault(row.version, row)
    known = names(connection)
    found = connection.execute(select(VERSIONS).where(*where).order_by(VERSIONS.c.version.desc()))
    return [_version(connection, row, made.get(row.version), known) for row in found]


def _version(connection: Connection, row: Any, made: Any, known: dict[str, str]) -> Version:
    _refuse_changed(row, "" if made is None else made.sha256)
    entry = entry_at(connection, made.seq)
    return Version(
        row.kind,
        row.id,
        row.version,
        made.state,
        entry.act,
        known.get(entry.by, entry.by),
        entry.time,
        entry.reason,
        entry.seq,
        row.body,
    )


def bodies_at(
    connection: Connection, kind: str, prefix: str = "", at: int | None = None
) -> Iterator[tuple[str, int, str]]:
    """Yield id, version and body of what was current just after an act, ids that begin `prefix`.

    What was changed since its entry is refused, never shown.
    """
    ahead = TOUCHED.c.seq <= at if at is not None else TOUCHED.c.seq >= 0
    last = (
        select(TOUCHED.c.id, func.max(TOUCHED.c.version).label("version"))
        .where(TOUCHED.c.kind == kind, begins(TOUCHED.c.id, prefix), ahead)
        .group_by(TOUCHED.c.id)
        .subquery()
    )
    same = [and_(one.c.id == last.c.id, one.c.version == last.c.version) for one in BOTH]
    query = (  # in the order of `last`, so that SQLite begins there, and not with all of the kind
        select(VERSIONS, TOUCHED.c.sha256)
        .select_from(last)
        .join(VERSIONS, and_(VERSIONS.c.kind == kind, same[0]))
        .join(TOUCHED, and_(TOUCHED.c.kind == kind, same[1]))
        .order_by(last.c.id)
    )
    before = None
    for row in connection.execute(query):
        if row.id != before and row.body is not None:  # a review touches a version again
            _refuse_changed(row, row.sha256)
            yield row.id, row.version, row.body
        before = row.id


def _refuse_changed(row: Any, sha256: str) -> None:
    if digest(row.body) != sha256:
        raise WorkbenchError(
            f"{row.kind} {row.id} version {row.version} is not what its entry recorded: it was "
            "changed or is damaged, and is not shown. Run `workbench audit verify`, and restore a "
            "backup."
        )


def current_of(
    connection: Connection, kinds: Sequence[str], prefix: str
) -> dict[tuple[str, str], int]:
    """Return the versions of what is current, of ids that begin `prefix`, by kind and id."""
    query = select(ITEMS.c.kind, ITEMS.c.id, ITEMS.c.version).where(
        ITEMS.c.kind.in_(kinds), begins(ITEMS.c.id, prefix), ITEMS.c.state != GONE
    )
    return {(kind, one): version for kind, one, version in connection.execute(query)}


def retired_in(connection: Connection, kind: str, prefix: str) -> list[str]:
    """Return what is out of use of a kind, of ids that begin `prefix`, without it."""
    query = select(ITEMS.c.id).where(
        ITEMS.c.kind == kind, begins(ITEMS.c.id, prefix), ITEMS.c.state == RETIRED
    )
    found = connection.execute(query.order_by(ITEMS.c.id)).scalars()
    return [str(one).removeprefix(prefix) for one in found]


def begins(column: Any, prefix: str) -> Any:
    """Whether an id begins so, as a range that an index serves."""
    if not prefix:
        return column != ""
    short = prefix.rstrip(LAST)
    if not short:
        return column >= prefix
    after = ord(short[-1]) + 1
    end = short[:-1] + chr(0xE000 if after == 0xD800 else after)  # no halves of surrogate pairs
    return and_(column >= prefix, column < end)


def before_act(connection: Connection, seq: int) -> dict[tuple[str, str], str | None]:
    """Return the bodies that what an act touched had one version before, by kind and id.

    What was changed since its entry is refused, never given back.
    """
    touched, last = TOUCHED.alias(), VERSIONS.c.version
    same = [touched.c[name] == VERSIONS.c[name] for name in ("kind", "id")]
    made = [TOUCHED.c[name] == VERSIONS.c[name] for name in ("kind", "id", "version")]
    query = (
        select(VERSIONS, TOUCHED.c.sha256)
        .join(touched, and_(*same, last == touched.c.version - 1))
        .join(TOUCHED, and_(*made), isouter=True)
        .where(touched.c.seq == seq)
    )
    found = {}
    for row in connection.execute(query):
        _refuse_changed(row, row.sha256 or "")
        found[row.kind, row.id] = row.body
    return found


def entry_time(connection: Connection, kind: str) -> str:
    """Return when anything of a kind that is there was touched last."""
    query = select(func.max(ITEMS.c.seq)).where(ITEMS.c.kind == kind, ITEMS.c.state != GONE)
    return entry_at(connection, int(connection.execute(query).scalar_one())).time
