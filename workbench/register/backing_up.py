"""Backups of a register that is in use, and their return."""

import os
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, inspect

from workbench.errors import WorkbenchError, require
from workbench.register.connecting import MARK, PROGRAMS, connected, quoted, reading, told
from workbench.register.moving import move
from workbench.register.places import Place, refuse_share
from workbench.register.placing import placed, refuse_what_is_there
from workbench.register.tables import METADATA, REGISTER, SCHEMA

WAL = "-wal"  # the end of the name of the log that SQLite keeps beside a register
OF_SCHEMA = "SELECT value FROM register WHERE key = 'schema'"
FILE, DUMP = b"SQLite format 3\0", b"PGDMP"  # how backups of a file and of a server begin


def backup(engine: Engine, place: Place, target: Path) -> None:
    """Copy a register to a file, whole or not at all, while others go on using it.

    A file is copied by SQLite itself, which sees one state of it; a server by its `pg_dump`.

    Raises
    ------
    WorkbenchError
        where the file is there already or cannot be written, and without the tool of a server.

    """
    with placed(target) as part:
        if place.is_file:
            with told(place):
                _copy(engine, part)
        else:
            _dump(place, part)


def backup_beside(engine: Engine, place: Place) -> str:
    """Make a backup before a change of schema; return where."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    if place.path is not None:
        target = place.path.with_name(f"{place.path.name}.{moment}.backup")
    else:
        target = Path.cwd() / f"register.{moment}.dump"
    backup(engine, place, target)
    return str(target)


def restore(source: Path, place: Place) -> None:
    """Put a backup in the place of a register that is not there (any more).

    On a server all of it then belongs to who restores it: rights are granted again. A backup of a
    file is restored there, too.

    Raises
    ------
    WorkbenchError
        where there is a register in the place, or the file is no backup.

    """
    require(source.is_file(), "a backup is a file", got=str(source), fix="Check its name.")
    with source.open("rb") as file:
        head = file.read(len(FILE))
    if place.path is None:
        if head == FILE:
            _refuse_unsound(source)
            move(source, place)
        else:
            _load(source, place)
        return
    fix = "Give the URL of an empty database with --register."
    rule = "a backup of a server is restored on a server"
    require(not head.startswith(DUMP), rule, got=str(place), fix=fix)
    refuse_what_is_there(place.path)
    refuse_share(place.path)
    _refuse_unsound(source)
    with placed(place.path) as part:
        shutil.copyfile(source, part)


def _refuse_unsound(source: Path) -> None:
    """Refuse a file that is no whole register by itself."""
    log = source.with_name(source.name + WAL)
    alone = not (log.exists() and log.stat().st_size)
    fix = "That is a register in use: copy it with `workbench register backup`."
    require(alone, "a backup is one file", got=[source.name, log.name], fix=fix)
    with told(Place(path=source)):
        address = f"file:{quoted(source)}?mode=ro&immutable=1"
        copied = sqlite3.connect(address, uri=True)
        try:
            mark = copied.execute("PRAGMA application_id").fetchone()
            runs = copied.execute(PROGRAMS).fetchone()
            sound = copied.execute("PRAGMA integrity_check").fetchone()
            schema = copied.execute(OF_SCHEMA).fetchone() if mark == (MARK,) else None
        finally:
            copied.close()
    require(mark == (MARK,), "a backup is a register", got=source.name, fix="Check its name.")
    require(runs is None, "a backup holds nothing that runs", got=runs, fix="Take an older one.")
    require(sound == ("ok",), "a backup is sound", got=sound, fix="Take an older one.")
    rule = f"a backup has a schema that this workbench knows, up to {SCHEMA}"
    known = schema is not None and str(schema[0]) in map(str, range(1, SCHEMA + 1))
    require(known, rule, got=schema and schema[0], fix="Update the workbench.")


def _copy(engine: Engine, target: Path) -> None:
    with engine.connect() as connection:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        made = sqlite3.connect(target, isolation_level=None)
        try:
            made.execute("PRAGMA journal_mode = OFF")  # a copy that fails is thrown away
            made.execute("PRAGMA synchronous = OFF")  # and one that succeeds flushed at the end
            source.backup(made)  # in one go: it begins again whenever somebody writes in between
        finally:
            made.close()


def _dump(place: Place, target: Path) -> None:
    """Copy the tables of a register, and nothing else that is in the same database."""
    tables = [f"--table={table.name}" for table in METADATA.sorted_tables]
    _run("pg_dump", place, "--format=custom", f"--file={target}", *tables)


def _load(source: Path, place: Place) -> None:
    """Give an empty database what was copied, all of it or nothing."""
    engine = connected(place)
    try:
        with reading(engine, place) as connection:
            there = inspect(connection).has_table(REGISTER.name)
    finally:
        engine.dispose()
    rule = "a backup is restored where no register is"
    require(not there, rule, got=str(place), fix="Name an empty database.")
    whole = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
    _run("pg_restore", place, *whole, str(source.absolute()))


def _run(tool: str, place: Place, *arguments: str) -> None:
    """Run a tool of PostgreSQL; the password goes by the environment, which others cannot read."""
    assert place.url is not None
    found = shutil.which(tool)
    if found is None:
        raise WorkbenchError(
            f"a register on a server is copied by {tool}; got none. Install PostgreSQL's client "
            "programs."
        )
    given = {"PGPASSWORD": str(place.url.password)} if place.url.password else {}
    from psycopg.conninfo import make_conninfo  # where there is a server, there is its driver

    asked = {name: str(value) for name, value in place.url.query.items()}
    asked |= place.url.translate_connect_args(username="user", database="dbname")
    asked.pop("password", None)
    done = subprocess.run(
        [found, f"--dbname={make_conninfo('', **asked)}", *arguments],
        env=os.environ | given | {"LC_ALL": "C"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        lines = [line.rpartition("error: ")[2] for line in done.stderr.splitlines() if line.strip()]
        fault = (lines or ["nothing"])[0][:200].rstrip(".")
        raise WorkbenchError(
            f"{place}: {tool} did not do it, and nothing was changed; it says: {fault}. Ask the "
            "owner of the database, who may read and write all of it."
        )
