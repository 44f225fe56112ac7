"""The log of a register: acts appended under the lock, with all that they touched."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    and_,
    cast,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

from workbench.audit.entries import ACTS, Entry, Row, parse_entry, tree_over
from workbench.errors import WorkbenchError, require
from workbench.register.accounts import account
from workbench.register.columns import Whole, is_server
from workbench.register.faults import DAMAGED
from workbench.register.tables import LOG, REQUESTS, TOUCHED

AT_ONCE = 5000  # rows of a statement
FEW = 400  # things that are asked for by name; of more a range is read
BACK = 1.0  # seconds that a clock may go back before the entry says so


@dataclass(frozen=True)
class Act:
    """What is done, by whom and why; `details` is plain data that the entry keeps."""

    act: str
    by: str  # the name of an account
    reason: str = ""
    details: Mapping[str, Any] | None = None
    request: str = ""  # told by who asks, so that asking twice does nothing twice


def next_seq(connection: Connection) -> int:
    """Return the number of the next entry; only under the lock of a writer."""
    query = select(LOG.c.seq).order_by(LOG.c.seq.desc()).limit(1)  # one look, however long it is
    last = connection.execute(query).scalar()
    return 0 if last is None else int(last) + 1


def append(connection: Connection, act: Act, rows: Sequence[Row], now: datetime) -> Entry:
    """Append an act and the rows that it touched, in their order.

    Raises
    ------
    WorkbenchError
        for an act that no log knows, and a name that no account has.

    """
    fix = f"One of {', '.join(ACTS)}."
    require(act.act in ACTS, "an act is known", got=act.act[:40], fix=fix)
    by, who = account(connection, act.by)
    seq = next_seq(connection)
    details = dict(act.details or {})
    back = _went_back(connection, seq, now)
    if back:
        details["clock_went_back_by_seconds"] = back
    entry = Entry(
        seq=seq,
        time=stamp(now),
        act=act.act,
        by=by,
        who=who,
        rows=len(rows),
        root=tree_over(rows).root().hex(),
        reason=act.reason,
        details=details,
    )
    body = entry.data().decode()
    connection.execute(LOG.insert().values(seq=seq, by=by, act=act.act, body=body))
    plain = [
        {"seq": seq, "place": n, "kind": r.kind, "id": r.id, "version": r.version}
        | {"state": r.state, "sha256": r.sha256}
        for n, r in enumerate(rows)
    ]
    insert_all(connection, TOUCHED, plain)
    if act.request:
        connection.execute(REQUESTS.insert().values(id=act.request, seq=seq))
    return entry


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows, some thousands at a time."""
    put = postgresql.insert(table) if is_server(connection) else sqlite.insert(table)
    put_all(connection, put, rows)


def put_all(connection: Connection, put: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Do a statement that inserts with some thousands of rows at a time.

    A server takes a column as an array: one statement for all of them, in a third of the time.
    SQLite is given tuples, and each statement is compiled once.
    """
    if not rows:
        return
    names = list(rows[0])
    if not is_server(connection):
        compiled = put.compile(dialect=connection.dialect, column_keys=names)
        pick = itemgetter(*compiled.positiontup)
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        if not is_server(connection):
            connection.exec_driver_sql(str(compiled), [pick(row) for row in some])
            continue
        arrays = [_array(put.table.c[name], [row[name] for row in some]) for name in names]
        values = func.unnest(*arrays).table_valued(*names).render_derived()
        connection.execute(put.from_select(names, select(*(values.c[name] for name in names))))


def among(table: Table, items: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    """Whether a row is of one of some items; of many, whether it is of their kinds and range."""
    if len(items) <= FEW:
        return tuple_(table.c.kind, table.c.id).in_(list(items))
    kinds, ids = {kind for kind, _ in items}, [name for _, name in items]
    # by bytes, as Python orders them
    # no BETWEEN: PostgreSQL takes no collation in its first bound
    return and_(table.c.kind.in_(kinds), table.c.id >= min(ids), table.c.id <= max(ids))


def _array(column: Any, values: list[Any]) -> Any:
    """Return values as the text of an array, which the driver would escape sign by sign.

    Source: PostgreSQL documentation, "Array Input and Output Syntax".
    """
    if isinstance(column.type, Whole):
        return literal(values, postgresql.ARRAY(Integer()))
    told = ",".join("NULL" if one is None else f'"{_escaped(one)}"' for one in values)
    return cast(literal(f"{{{told}}}", Text()), postgresql.ARRAY(Text()))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def stamp(moment: datetime) -> str:
    """Return a time as the log writes it: UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _went_back(connection: Connection, seq: int, now: datetime) -> int:
    """Return by how many seconds the clock is behind the last entry, 0 where it is not."""
    if seq == 0:
        return 0
    before = datetime.fromisoformat(entry_at(connection, seq - 1).time)
    behind = (before - now).total_seconds()
    return math.ceil(behind) if behind > BACK else 0


def asked_before(connection: Connection, request: str) -> int | None:
    """Return the entry of a request that was made before."""
    if not request:
        return None
    found = connection.execute(select(REQUESTS.c.seq).where(REQUESTS.c.id == request)).scalar()
    return None if found is None else int(found)


def entry_at(connection: Connection, seq: int) -> Entry:
    """Return one entry.

    Raises
    ------
    WorkbenchError
        where it is gone.

    """
    return parse_entry(body_at(connection, seq))


def body_at(connection: Connection, seq: int) -> bytes:
    """Return one entry as it is stored.

    Raises
    ------
    WorkbenchError
        where it is gone.

    """
    body = connection.execute(select(LOG.c.body).where(LOG.c.seq == seq)).scalar()
    if body is None:
        raise WorkbenchError(f"entry {seq} of the log is gone: {DAMAGED}")
    return str(body).encode()


def authors_of(connection: Connection, seqs: Collection[int]) -> dict[int, str]:
    """Return the account that made each of some entries, as the entries themselves say.

    Raises
    ------
    WorkbenchError
        where one of them is gone.

    """
    query = select(LOG.c.seq, LOG.c.body)
    if len(seqs) <= FEW:
        query = query.where(LOG.c.seq.in_(list(seqs)))
    else:
        query = query.where(LOG.c.seq.between(min(seqs), max(seqs)))
    wanted = set(seqs)
    found = {
        seq: parse_entry(str(body).encode()).by
        for seq, body in connection.execute(query)
        if seq in wanted
    }
    for seq in wanted - found.keys():
        body_at(connection, seq)  # tells that it is gone
    return found


def bodies(connection: Connection, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Yield the stored entries from `start` on, in order, without holding all of them."""
    query = select(LOG.c.body).where(LOG.c.seq >= start).order_by(LOG.c.seq)
    if end is not None:
        query = query.where(LOG.c.seq < end)
    for body in connection.execute(query.execution_options(yield_per=AT_ONCE)).scalars():
        yield body.encode()


def rows_of(connection: Connection, seq: int) -> list[Row]:
    """Return what an entry touched, in the order of its tree."""
    query = select(TOUCHED).where(TOUCHED.c.seq == seq).order_by(TOUCHED.c.place)
    return [_row(found) for found in connection.execute(query)]


def all_rows(connection: Connection) -> Iterator[tuple[int, int, Row]]:
    """Yield the entry, the place and the row of everything that was touched, in order."""
    query = select(TOUCHED).order_by(TOUCHED.c.seq, TOUCHED.c.place)
    for found in connection.execute(query.execution_options(yield_per=AT_ONCE)):
        yield found.seq, found.place, _row(found)


def _row(found: Any) -> Row:
    return Row(found.kind, found.id, found.version, found.state, found.sha256)


def entries(found: Iterable[bytes]) -> Iterator[Entry]:
    """Yield entries of stored bodies."""
    return (parse_entry(data) for data in found)
