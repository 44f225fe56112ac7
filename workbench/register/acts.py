"""What was done to an item, act by act: its versions, and the states that reviews gave it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from workbench.audit.entries import Entry, Row
from workbench.register.history import begins, head_of
from workbench.register.log import among, entry_at
from workbench.register.naming import IN_A_STUDY, PARTS, STUDY
from workbench.register.records import APPROVED, DRAFT, GONE, IN_REVIEW, RETIRED, Head
from workbench.register.tables import ITEMS, TOUCHED

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


def acts_on(
    connection: Connection, items: Sequence[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], int, int, str]]:
    """Yield every act on some items in order: the item, the entry, the version and its state."""
    query = select(TOUCHED.c.kind, TOUCHED.c.id, TOUCHED.c.seq, TOUCHED.c.version, TOUCHED.c.state)
    query = query.where(among(TOUCHED, items)).order_by(TOUCHED.c.seq)
    wanted = set(items)
    for row in connection.execute(query):
        if (row.kind, row.id) in wanted:
            yield (row.kind, row.id), row.seq, row.version, row.state


def states_of(connection: Connection, kind: str, name: str) -> list[tuple[int, int, str]]:
    """Return every act on an item: its entry, the version and the state it gave, in order."""
    return [(seq, version, state) for _, seq, version, state in acts_on(connection, [(kind, name)])]


def versions_at(
    connection: Connection, items: Sequence[tuple[str, str]], at: int
) -> dict[tuple[str, str], int]:
    """Return the version that each item had just after an act, 0 where it was not there yet."""
    found = dict.fromkeys(items, 0)
    query = select(TOUCHED.c.kind, TOUCHED.c.id, func.max(TOUCHED.c.version))
    query = query.where(among(TOUCHED, items), TOUCHED.c.seq <= at)
    for kind, name, version in connection.execute(query.group_by(TOUCHED.c.kind, TOUCHED.c.id)):
        if (kind, name) in found:
            found[kind, name] = version
    return found


def gone_since(connection: Connection, study: str, seq: int) -> list[tuple[str, str]]:
    """Return the parts that a study had just after an entry, and that are deleted since."""
    found = [(kind, name) for kind, name, _ in _gone(connection, study, seq)]
    if not found:
        return []
    then = {item: state for item, at, _, state in acts_on(connection, found) if at <= seq}
    return [item for item in found if then.get(item, GONE) != GONE]


def deletions(connection: Connection, study: str, seq: int) -> set[int]:
    """Return the entries after `seq` that deleted parts of a study which are not there now."""
    return {at for _, _, at in _gone(connection, study, seq)}


def _gone(connection: Connection, study: str, seq: int) -> list[tuple[str, str, int]]:
    query = select(ITEMS.c.kind, ITEMS.c.id, ITEMS.c.seq).where(
        ITEMS.c.kind.in_(PARTS),
        begins(ITEMS.c.id, study + IN_A_STUDY),
        ITEMS.c.state == GONE,
        ITEMS.c.seq > seq,
    )
    return [(kind, name, at) for kind, name, at in connection.execute(query.order_by(ITEMS.c.id))]


def unapproved_parts(connection: Connection, heads: Sequence[Head]) -> dict[str, int]:
    """Return how many parts of each approved study among `heads` nobody has approved.

    One that was deleted since its approval is one of them.
    """
    found = {}
    for head in [one for one in heads if (one.kind, one.state) == (STUDY, APPROVED)]:
        where = ITEMS.c.kind.in_(PARTS), ITEMS.c.state.in_([DRAFT, IN_REVIEW])
        query = select(func.count()).where(*where, begins(ITEMS.c.id, head.id + IN_A_STUDY))
        count = int(connection.execute(query).scalar_one())
        found[head.id] = count + len(gone_since(connection, head.id, head.seq))
    return {name: count for name, count in found.items() if count}


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
        if state == DRAFT:
            found.get(item, {}).pop(version, None)
        elif state == APPROVED:
            found.setdefault(item, {})[version] = state, seq
        elif state == RETIRED:
            found.setdefault(item, {}).setdefault(version, (state, seq))
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
    return or_(item, and_(TOUCHED.c.kind.in_(PARTS), begins(TOUCHED.c.id, name + IN_A_STUDY)))


def _first(connection: Connection, ours: ColumnElement[bool], seq: int) -> tuple[Row, ...]:
    query = select(TOUCHED).where(ours, TOUCHED.c.seq == seq).order_by(TOUCHED.c.place)
    rows = connection.execute(query.limit(SHOWN))
    return tuple(Row(row.kind, row.id, row.version, row.state, row.sha256) for row in rows)
