"""What was done to an item, act by act: its versions, and the states that reviews gave it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, tuple_

from workbench.audit.entries import Entry, Row
from workbench.register.history import head_of
from workbench.register.log import FEW, entry_at
from workbench.register.naming import IN_A_STUDY, PARTS, STUDY
from workbench.register.records import APPROVED, DRAFT, RETIRED
from workbench.register.tables import TOUCHED

SHOWN = 5  # of what an act touched


@dataclass(frozen=True)
class Deed:
    """An act on an item, or on parts of a study: how many, and the first few of them."""

    entry: Entry
    count: int
    rows: tuple[Row, ...]


def deeds(connection: Connection, kind: str, name: str) -> list[Deed]:
    """Return the acts on an item, the latest first; of a study those on its parts as well.

    Raises
    ------
    WorkbenchError
        where there is no such item.

    """
    head_of(connection, kind, name)
    ours = _ours(kind, name)
    query = select(TOUCHED.c.seq, func.count()).where(ours).group_by(TOUCHED.c.seq)
    counts = connection.execute(query.order_by(TOUCHED.c.seq.desc())).all()
    return [
        Deed(entry_at(connection, seq), count, _first(connection, ours, seq))
        for seq, count in counts
    ]


def versions_at(
    connection: Connection, items: list[tuple[str, str]], at: int
) -> dict[tuple[str, str], int]:
    """Return the version that each item had just after an act, 0 where it was not there yet."""
    found = dict.fromkeys(items, 0)
    kinds = {kind for kind, _ in items}
    where = (TOUCHED.c.kind.in_(kinds), TOUCHED.c.seq <= at)
    query = select(TOUCHED.c.kind, TOUCHED.c.id, func.max(TOUCHED.c.version)).where(*where)
    for kind, name, version in connection.execute(query.group_by(TOUCHED.c.kind, TOUCHED.c.id)):
        if (kind, name) in found:
            found[kind, name] = version
    return found


def acts_on(
    connection: Connection, items: Sequence[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], int, int, str]]:
    """Yield every act on some items in order: the item, the entry, the version and its state."""
    query = select(TOUCHED.c.kind, TOUCHED.c.id, TOUCHED.c.seq, TOUCHED.c.version, TOUCHED.c.state)
    if len(items) <= FEW:
        query = query.where(tuple_(TOUCHED.c.kind, TOUCHED.c.id).in_(list(items)))
    else:
        names = [name for _, name in items]
        query = query.where(
            TOUCHED.c.kind.in_({kind for kind, _ in items}),
            TOUCHED.c.id.between(min(names), max(names)),  # by bytes, as Python orders them
        )
    wanted = set(items)
    for row in connection.execute(query.order_by(TOUCHED.c.seq)):
        if (row.kind, row.id) in wanted:
            yield (row.kind, row.id), row.seq, row.version, row.state


def decided(
    acts: Iterable[tuple[tuple[str, str], int, int, str]],
) -> dict[tuple[str, str], dict[int, tuple[str, int]]]:
    """Return which versions of each item are approved or retired, and by which entry.

    `acts` are those of `acts_on`. Either stands until the same version is a draft again, as when it
    was submitted anew and returned; an edit makes another version. What was approved and retired
    later was approved.
    """
    found: dict[tuple[str, str], dict[int, tuple[str, int]]] = {}
    for item, seq, version, state in acts:
        of = found.setdefault(item, {})
        if state == DRAFT:
            of.pop(version, None)
        elif state == APPROVED or (state == RETIRED and version not in of):
            of[version] = state, seq
    return found


def decided_since(
    connection: Connection, seq: int
) -> dict[tuple[str, str], dict[int, tuple[str, int]]]:
    """Return what is approved or retired of what an act made, and of what was made of that since.

    In as many statements however much it is.
    """
    made = TOUCHED.alias()
    same = [TOUCHED.c[name] == made.c[name] for name in ("kind", "id")]
    query = select(made.c.kind, made.c.id, made.c.version).distinct()
    query = query.join(TOUCHED, and_(*same, TOUCHED.c.version >= made.c.version))
    query = query.where(made.c.seq == seq, TOUCHED.c.state.in_([APPROVED, RETIRED]))
    first = {(kind, name): version for kind, name, version in connection.execute(query)}
    acts = acts_on(connection, list(first)) if first else ()
    return decided(one for one in acts if one[2] >= first[one[0]])


def _ours(kind: str, name: str) -> ColumnElement[bool]:
    item = and_(TOUCHED.c.kind == kind, TOUCHED.c.id == name)
    if kind != STUDY:
        return item
    after = chr(ord(IN_A_STUDY) + 1)
    inside = and_(TOUCHED.c.id >= name + IN_A_STUDY, TOUCHED.c.id < name + after)
    return or_(item, and_(TOUCHED.c.kind.in_(PARTS), inside))


def _first(connection: Connection, ours: ColumnElement[bool], seq: int) -> tuple[Row, ...]:
    query = select(TOUCHED).where(ours, TOUCHED.c.seq == seq).order_by(TOUCHED.c.place)
    rows = connection.execute(query.limit(SHOWN))
    return tuple(Row(row.kind, row.id, row.version, row.state, row.sha256) for row in rows)
