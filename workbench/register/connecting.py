"""Connections to a register's database: settings on each, and transactions that are whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from workbench.errors import WorkbenchError
from workbench.register.places import Place, refuse_share

BUSY = 30.0  # seconds that a writer waits for another
MARK = 0x52574247  # SQLite's application id of a register: "RWBG"
LOCK = 0x52574247  # PostgreSQL's advisory lock: one writer at a time
LARGEST_LOG = 64 * 2**20  # bytes that SQLite's write-ahead log is cut to

# On every connection. FULL: a commit is on the disk before it is told; NORMAL lost commits in 45 of
# 50 modelled power cuts, and no kill of a process can show it.
PRAGMAS = (
    f"PRAGMA busy_timeout = {round(BUSY * 1000)}",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA cache_size = -65536",  # KiB: a large import stays in memory until it is committed
    f"PRAGMA journal_size_limit = {LARGEST_LOG}",
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
    try:
        engine = create_engine(place.url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except ModuleNotFoundError:
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
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"

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


def keep_a_write_ahead_log(engine: Engine, place: Place) -> None:
    """Let readers read while somebody writes: a property of the file, for good."""
    with told(place), engine.connect() as connection:
        made = connection.connection.driver_connection  # outside of any transaction
        assert isinstance(made, sqlite3.Connection)
        made.execute("PRAGMA journal_mode = WAL")


@contextmanager
def reading(engine: Engine, place: Place) -> Iterator[Connection]:
    """Give a connection that sees one state of the register throughout."""
    options = {} if place.is_file else {"isolation_level": "REPEATABLE READ"}
    with told(place), engine.execution_options(**options).begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine, place: Place) -> Iterator[Connection]:
    """Give a connection that alone may write; all of it is kept at the end, or nothing."""
    with told(place), engine.execution_options(writes=True).begin() as connection:
        if not place.is_file:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        yield connection


@contextmanager
def told(place: Place) -> Iterator[None]:
    """Tell a fault of the database as one line: what happened, that nothing is lost, what to do."""
    try:
        yield
    except DBAPIError as error:
        raise WorkbenchError(f"{place}: {_words(str(error.orig))}") from error
    except sqlite3.Error as error:
        raise WorkbenchError(f"{place}: {_words(str(error))}") from error


_KNOWN = {
    "database or disk is full": "the disk is full; nothing was changed. Make room and do it again.",
    "disk i/o error": "the disk failed to read or write; nothing was changed. Check the disk, then "
    "do it again.",
    "readonly database": "the register may not be written here; nothing was changed. Ask for the "
    "right to write.",
    "query_only": "the register is open for reading alone; nothing was changed.",
    "database is locked": f"another program has held the register for {BUSY:.0f} seconds; nothing "
    "was changed. Try again when it has ended.",
    "unable to open database": "the register cannot be opened. Check the path, or make one with "
    "`workbench register init`.",
    "malformed": "the register is damaged. Run `workbench register check`, and restore a backup.",
    "not a database": "this is no register. Check the path; a damaged one is restored from a "
    "backup.",
    "permission denied": "the account of the database may not do that; nothing was changed. Ask "
    "its owner.",
    "no space left": "the server's disk is full; nothing was changed. Make room and do it again.",
    "connection": "the server cannot be reached; nothing was changed. Check the URL and that it "
    "runs.",
    "password authentication": "the server does not accept this name and password.",
}


def _words(fault: str) -> str:
    plain = fault.lower()
    for part, words in _KNOWN.items():
        if part in plain:
            return words
    return f"the database says: {fault.splitlines()[0][:200] if fault else 'nothing'}."
