"""What was done to an item, act by act: its versions, and the states that reviews gave it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, tuple_

from workbench.audit.entries import Entry, Row
from workbench.register.history import head_of
from workbench.register.log import FEW, entry_at
from workbench.register.naming import IN_A_STUDY, PARTS, STUDY
from workbench.register.records import APPROVED, DRAFT
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


def approvals(
    acts: Iterable[tuple[tuple[str, str], int, int, str]],
) -> dict[tuple[str, str], dict[int, int]]:
    """Return which versions of each item have an approval that stands, and its entry.

    `acts` are those of `acts_on`. An approval stands until the same version is a draft again, as
    when it was submitted anew and returned; neither an edit, which makes another version, nor a
    retirement withdraws it.
    """
    found: dict[tuple[str, str], dict[int, int]] = {}
    for item, seq, version, state in acts:
        if state == APPROVED:
            found.setdefault(item, {})[version] = seq
        elif state == DRAFT:
            found.get(item, {}).pop(version, None)
    return found


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
