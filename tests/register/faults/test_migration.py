"""A change of schema: a backup first, then all of it or nothing; a newer schema is refused."""

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from workbench.errors import WorkbenchError
from workbench.register import Register, place_of
from workbench.register.backing_up import restore
from workbench.register.connecting import connected
from workbench.register.migrating import check, migrate
from workbench.register.tables import METADATA

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"
STEPS = {
    1: ("ALTER TABLE items ADD COLUMN remark TEXT", "UPDATE items SET remark = id"),
    2: ("CREATE TABLE more (id TEXT PRIMARY KEY)", "INSERT INTO more SELECT id FROM accounts"),
}
NEWER = 3
STATEMENTS = 8  # of the transaction: two looks at the schema, and for each step two and its number


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a register of the released schema 1, made from its text."""
    path = tmp_path / "register.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SCHEMAS / "1.sql").read_text(encoding="utf-8"))
    return path


def rows(path: Path) -> str:
    """Return the hash of all rows of all tables."""
    with closing(sqlite3.connect(path)) as connection:
        found = [
            sorted(map(repr, connection.execute(f"SELECT * FROM {table.name}")))
            for table in METADATA.sorted_tables
        ]
    return hashlib.sha256(repr(found).encode()).hexdigest()


def schema(path: Path) -> tuple[str, bool]:
    """Return the schema that a file tells, and whether anything of a step is in it."""
    with closing(sqlite3.connect(path)) as connection:
        (told,) = connection.execute("SELECT value FROM register WHERE key = 'schema'").fetchone()
        text = "".join(sql or "" for (sql,) in connection.execute("SELECT sql FROM sqlite_master"))
    return told, "remark TEXT" in text or "TABLE more" in text


def test_a_register_of_the_released_schema_opens_and_is_what_its_log_says(old: Path) -> None:
    with Register.open(old, reads_only=True) as register:
        found = register.verify()
        assert found.is_good
        assert found.entries == 8
        assert found.last_good == 8
        assert register.load_study("lender").study.scenarios[0].name == "One"


def test_the_kept_schema_is_the_one_that_is_made(old: Path, tmp_path: Path) -> None:
    Register.create(tmp_path / "new.db", by="ada").close()
    shapes = []
    for path in (old, tmp_path / "new.db"):
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("SELECT name, sql FROM sqlite_master").fetchall()
            mark = connection.execute("PRAGMA application_id").fetchone()
        shapes.append((sorted((name, " ".join((sql or "").split())) for name, sql in found), mark))
    assert shapes[0] == shapes[1]


def killed_at(path: Path, statement: int) -> None:
    """Migrate in a process that is killed before its n-th statement of the change."""
    made = os.fork()
    if made:
        os.waitpid(made, 0)
        return
    try:
        place = place_of(path)
        engine, count = connected(place), iter(range(1, 10**6))

        @event.listens_for(engine, "before_cursor_execute")
        def before(connection, *_: object) -> None:
            if connection.get_execution_options().get("writes") and next(count) == statement:
                os.kill(os.getpid(), 9)

        migrate(engine, place, STEPS, NEWER)
    finally:
        os._exit(1)


@pytest.fixture
def _forks() -> None:
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")


@pytest.mark.usefixtures("_forks")
def test_a_change_that_is_killed_at_any_statement_is_none(old: Path, tmp_path: Path) -> None:
    before, killed = rows(old), 0
    for statement in range(1, 60):
        copy = tmp_path / str(statement) / "register.db"
        copy.parent.mkdir()
        shutil.copy(old, copy)
        killed_at(copy, statement)
        found = schema(copy)
        (backup,) = copy.parent.glob("*.backup")
        assert rows(backup) == before
        if found == (str(NEWER), True):
            break
        killed += 1
        assert found == ("1", False)
        assert rows(copy) == before
        with Register.open(copy, by="ada") as register:
            assert register.verify().is_good
    assert killed >= STATEMENTS


def test_a_step_that_fails_leaves_all_as_it_was(old: Path) -> None:
    before, place = rows(old), place_of(old)
    with pytest.raises(WorkbenchError):
        migrate(connected(place), place, {1: (STEPS[1][0], "UPDATE nothing SET a = 1")}, 2)
    assert (rows(old), schema(old)) == (before, ("1", False))
    with pytest.raises(WorkbenchError, match="an old schema can be brought up to date; got 2"):
        migrate(connected(place), place, {1: STEPS[1]}, NEWER)
    assert (rows(old), schema(old)) == (before, ("1", False))


def test_a_newer_schema_is_refused_with_both_numbers(old: Path) -> None:
    place = place_of(old)
    migrate(connected(place), place, STEPS, NEWER)
    assert check(connected(place), place, NEWER)
    data = old.read_bytes()
    with pytest.raises(WorkbenchError, match="has schema 3, this workbench knows up to 1"):
        Register.open(old, by="ada")
    assert old.read_bytes() == data


def test_a_backup_from_before_a_change_is_restored(old: Path, tmp_path: Path) -> None:
    before, place = rows(old), place_of(old)
    kept = migrate(connected(place), place, STEPS, NEWER)
    restore(Path(kept), place_of(tmp_path / "back.db"))
    assert rows(tmp_path / "back.db") == before
    with Register.open(tmp_path / "back.db", by="ada") as register:
        assert register.verify().is_good
