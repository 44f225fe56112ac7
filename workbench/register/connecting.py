"""Connections to a register's database: settings on each, and transactions that are whole."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from workbench.errors import WorkbenchError, require
from workbench.register.columns import Damaged, is_server
from workbench.register.faults import BUSY, DAMAGED, words_of_file, words_of_server
from workbench.register.places import Place, refuse_share

MARK = 0x52574247  # SQLite's application id of a register: "RWBG"
LOCK = 0x52574247  # PostgreSQL's advisory lock: one writer at a time
IDLE = 60.0  # seconds that a server keeps the lock for a writer who says nothing: it may be gone
LARGEST_LOG = 64 * 2**20  # bytes that SQLite's write-ahead log is cut to

# Triggers and views are SQL that a file brings along, and that would run with our own: a register
# has none, and a file that has one is refused.
PROGRAMS = "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view') LIMIT 1"
# On every connection. FULL: a commit is on the disk before it is told; NORMAL lost commits in 45 of
# 50 modelled power cuts, and no kill of a process can show it.
PRAGMAS = (
    f"PRAGMA busy_timeout = {round(BUSY * 1000)}",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",  # a name that is erased leaves the file, too
    "PRAGMA cache_size = -65536",  # KiB: a large import stays in memory until it is committed
    f"PRAGMA journal_size_limit = {LARGEST_LOG}",
)

# How a server is reached, unless its URL says otherwise: one that is gone is missed in a minute.
REACHED = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "application_name": "risk-workbench",
    "client_encoding": "utf8",
}
# For one transaction. A commit is on the server's disk before it is told, whatever the server's own
# setting is; one that also waits for other servers is left as it is.
_OF_A_WRITER = text(
    "SELECT set_config('lock_timeout', :busy, true), "
    "set_config('idle_in_transaction_session_timeout', :idle, true), "
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit') "
    "WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)"
)


def connected(place: Place, *, reads_only: bool = False, is_new: bool = False) -> Engine:
    """Return the engine of a register's database.

    Raises
    ------
    WorkbenchError
        where there is none, where it may not be used, and without the driver of a server.

    """
    if place.path is not None:
        return _file_engine(place.path, reads_only=reads_only, is_new=is_new)
    assert place.url is not None
    given = {name: value for name, value in REACHED.items() if name not in place.url.query}
    try:
        engine = create_engine(place.url, pool_pre_ping=True, connect_args=given)
    except ImportError:
        raise WorkbenchError(
            "a register on a server needs the extra 'postgres'; got a URL without it. "
            "Install risk-workbench[postgres]."
        ) from None
    if reads_only:
        engine = engine.execution_options(postgresql_readonly=True)
    return engine


def _file_engine(path: Path, *, reads_only: bool, is_new: bool) -> Engine:
    refuse_share(path)
    mode = "ro" if reads_only else "rwc" if is_new else "rw"
    rule = "a register is a file"
    require(not path.is_dir(), rule, got=f"the folder {path}", fix="Name a file in it.")
    address = f"file:{quoted(path)}?mode={mode}"

    def connect() -> sqlite3.Connection:
        # our own BEGIN: the module's would read first and then fail to write, whatever it waits
        made = sqlite3.connect(address, uri=True, timeout=BUSY, isolation_level=None)
        for pragma in PRAGMAS:
            made.execute(pragma)
        if reads_only:
            made.execute("PRAGMA query_only = ON")
        return made

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def quoted(path: Path) -> str:
    """Return a path as it stands in SQLite's address of a file, whatever signs are in it."""
    return quote(os.fsencode(path.absolute()))


def keep_a_write_ahead_log(engine: Engine, place: Place) -> None:
    """Let readers read while somebody writes: a property of the file, for good."""
    with told(place), engine.connect() as connection:
        made = connection.connection.driver_connection  # outside of any transaction
        assert isinstance(made, sqlite3.Connection)
        (mode,) = made.execute("PRAGMA journal_mode = WAL").fetchone()
    fix = "Check the disk, and choose another place."
    require(mode == "wal", "a register keeps a write-ahead log", got=mode, fix=fix)


def refuse_encoding(connection: Connection) -> None:
    """Refuse a server's database that cannot hold every text.

    Raises
    ------
    WorkbenchError
        where its encoding is not UTF-8.

    """
    if is_server(connection):
        found = connection.execute(text("SHOW server_encoding")).scalar_one()
        fix = "Make one with ENCODING 'UTF8' TEMPLATE template0."
        require(found == "UTF8", "a register's database is in UTF-8", got=found, fix=fix)


@contextmanager
def reading(engine: Engine, place: Place, *, verbatim: bool = False) -> Iterator[Connection]:
    """Give a connection that sees one state of the register throughout.

    `verbatim` is for who looks for faults: bytes that are no UTF-8 come as halves of surrogate
    pairs, where else they are refused.
    """
    options = {} if place.is_file else {"isolation_level": "REPEATABLE READ"}
    with told(place), engine.execution_options(**options).begin() as connection:
        if verbatim and place.is_file:
            made = connection.connection.driver_connection
            assert isinstance(made, sqlite3.Connection)
            made.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        yield connection


@contextmanager
def writing(engine: Engine, place: Place) -> Iterator[Connection]:
    """Give a connection that alone may write; all of it is kept at the end, or nothing."""
    # not above READ COMMITTED on a server: a state that was seen before the lock came would be old
    options = {"writes": True} if place.is_file else {"isolation_level": "READ COMMITTED"}
    with told(place), engine.execution_options(**options).begin() as connection:
        if not place.is_file:
            connection.execute(_OF_A_WRITER, {"busy": _ms(BUSY), "idle": _ms(IDLE)})
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        yield connection


def _ms(seconds: float) -> str:
    return str(round(seconds * 1000))


@contextmanager
def told(place: Place) -> Iterator[None]:
    """Tell a fault of the database as one line: what happened, that nothing is lost, what to do."""
    try:
        yield
    except (Damaged, UnicodeDecodeError) as error:  # SQLite may quote the damage in its message
        raise WorkbenchError(f"{place}: {DAMAGED}") from error
    except DBAPIError as error:
        words = words_of_file if place.is_file else words_of_server
        raise WorkbenchError(f"{place}: {words(error)}") from error
    except sqlite3.Error as error:
        raise WorkbenchError(f"{place}: {words_of_file(error)}") from error
    except OverflowError as error:
        raise WorkbenchError(
            f"{place}: a number is larger than any database keeps; nothing was changed. Name one "
            "that is there."
        ) from error
    except UnicodeEncodeError as error:
        raise WorkbenchError(
            f"{place}: a text is whole characters; got {error.object[:80]!r}, which holds half of "
            "one; nothing was changed. Take it out."
        ) from error
