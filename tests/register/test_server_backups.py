"""Backups of a register on a server: of one that is in use, and back into an empty database."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from workbench.errors import WorkbenchError
from workbench.models.study import Study
from workbench.register import Register, place_of
from workbench.register.backing_up import restore
from workbench.register.connecting import reading
from workbench.register.soundness import faults_of
from workbench.register.tables import DRAFTS, METADATA
from workbench.threats.ties import Tie


@pytest.fixture
def mara(server, database: str, clock, example: Study):
    with Register.create(server.url(database), by="mara", clock=clock) as register:
        register.save_study("lender", example)
        register.save("odd", Tie("odd", ("Größe \\ 'x' 😀 \u202e",)), reason="a\tb")
        register.put_draft("study", "lender", {"name": "half"})
        yield register


@pytest.fixture
def empty(server):
    with server.database() as name:
        yield server.url(name)


def rows_of(register: Register) -> dict[str, list[tuple[object, ...]]]:
    with reading(register._engine, register.place) as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*keys))]
            for table in METADATA.sorted_tables
            if (keys := table.primary_key.columns)
        }


def test_a_backup_is_restored_with_every_row(
    mara: Register, empty: str, tmp_path: Path, example: Study
) -> None:
    outside = mara.checkpoint()
    key, before = mara.verifier(), rows_of(mara)
    mara.backup(tmp_path / "register.dump")
    restore(tmp_path / "register.dump", place_of(empty))
    with Register.open(empty, by="tom") as back:
        assert rows_of(back) == before
        assert back.verify([outside], key).is_good
        assert back.load_study("lender").study == example
        assert back.save("more", Tie("more", ("T",))) is not None
        assert back.verify([outside], key).is_good


def test_a_register_in_use_is_copied_as_it_was_at_one_moment(
    mara: Register, empty: str, tmp_path: Path
) -> None:
    ended = threading.Event()

    def write() -> None:
        with Register.open(mara.place, by="tom") as tom:
            number = 0
            while not ended.is_set():
                number += 1
                tom.save("one", Tie("one", (f"T{number}",)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        before = len(mara.log())
        while len(mara.log()) < before + 3:
            ended.wait(0.01)
        mara.backup(tmp_path / "register.dump")
    finally:
        ended.set()
        writer.join()
    restore(tmp_path / "register.dump", place_of(empty))
    with Register.open(empty, reads_only=True) as back:
        assert back.verify().is_good
        kept = back.log()
    assert kept == mara.log()[: len(kept)]
    assert len(kept) >= before + 3


def test_a_register_is_never_restored_over(mara: Register, tmp_path: Path) -> None:
    mara.backup(tmp_path / "register.dump")
    mara.save("later", Tie("later", ("T",)))
    before = rows_of(mara)
    with pytest.raises(WorkbenchError, match="restored where no register is"):
        restore(tmp_path / "register.dump", mara.place)
    assert rows_of(mara) == before


def test_what_else_is_in_the_database_is_not_copied(
    mara: Register, server, database: str, empty: str, tmp_path: Path
) -> None:
    server.ask("CREATE TABLE salaries (id int); CREATE SCHEMA other", database)
    mara.backup(tmp_path / "register.dump")
    restore(tmp_path / "register.dump", place_of(empty))
    there = server.ask(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
        place_of(empty).url.database,
    )
    assert {name for (name,) in there} == {table.name for table in METADATA.sorted_tables}


@pytest.mark.daily(4)
@pytest.mark.parametrize("cut", [0, 100, 0.5, 0.99])
def test_half_a_backup_restores_nothing(
    mara: Register, empty: str, tmp_path: Path, cut: float
) -> None:
    whole = tmp_path / "register.dump"
    mara.backup(whole)
    data = whole.read_bytes()
    whole.write_bytes(data[: cut if isinstance(cut, int) else int(cut * len(data))])
    with pytest.raises(WorkbenchError, match="nothing was changed"):
        restore(whole, place_of(empty))
    with pytest.raises(WorkbenchError, match="there is no register"):
        Register.open(empty, by="mara")


def test_another_file_is_refused(empty: str, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG" + bytes(1000))
    with pytest.raises(WorkbenchError, match="archive") as refused:
        restore(tmp_path / "picture.png", place_of(empty))
    assert "\n" not in str(refused.value)


def test_a_backup_of_a_server_is_no_file(mara: Register, tmp_path: Path) -> None:
    mara.backup(tmp_path / "register.dump")
    with pytest.raises(WorkbenchError, match="is restored on a server"):
        restore(tmp_path / "register.dump", place_of(tmp_path / "register.db"))
    assert not (tmp_path / "register.db").exists()


def test_a_register_moves_from_its_file_to_a_server_with_its_log_and_its_proofs(
    empty: str, tmp_path: Path, example: Study
) -> None:
    with Register.create(tmp_path / "register.db", by="mara") as mara:
        mara.save_study("lender", example)
        mara.save("odd", Tie("odd", ("Größe \\ 'x' 😀 \u202e",)), reason="a\tb")
        mara.put_draft("study", "lender", {"name": "half"})
        mara.review("submit", "study", "lender", 1)
        with Register.open(tmp_path / "register.db", by="bo") as bo:
            bo.save("more", Tie("more", ("T",)))
        mara.erase("bo")
        outside, key, before = mara.checkpoint(), mara.verifier(), rows_of(mara)
        mara.backup(tmp_path / "backup.db")
    restore(tmp_path / "backup.db", place_of(empty))
    assert {one.name for one in tmp_path.iterdir()} == {"register.db", "backup.db", "keys"}
    with Register.open(empty, by="tom") as there:
        assert rows_of(there) == before
        assert there.review("approve", "study", "lender", 1) is not None
        assert there.verify([outside], key).is_good
        assert there.ask(faults_of) == []
    with pytest.raises(WorkbenchError, match="where no register is"):
        restore(tmp_path / "backup.db", place_of(empty))


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE register SET value = '0' WHERE key = 'schema'", "schema that this"),
        ("UPDATE log SET act = 'a' || char(0)", "NUL"),  # which no server keeps
    ],
)
def test_what_cannot_move_leaves_nothing_on_the_server(
    empty: str, tmp_path: Path, statement: str, told: str
) -> None:
    file = tmp_path / "register.db"
    Register.create(file, by="mara").close()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)
    with pytest.raises(WorkbenchError, match=told):
        restore(file, place_of(empty))
    with pytest.raises(WorkbenchError, match="there is no register"):
        Register.open(empty, by="mara")


def test_without_the_programs_they_are_named(
    mara: Register, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara.backup(tmp_path / "register.dump")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorkbenchError, match="pg_restore; got none"):
        restore(tmp_path / "register.dump", place_of(empty))
    with pytest.raises(WorkbenchError, match="pg_dump; got none"):
        mara.backup(tmp_path / "other.dump")
    assert {path.name for path in tmp_path.iterdir()} <= {"register.dump", "keys"}


def test_the_password_is_not_among_what_others_see(
    mara: Register, server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text(
        f"#!/bin/sh\necho \"$@\" >'{tmp_path}/told'\necho 'pg_dump: error: No.' >&2\nexit 1\n"
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(WorkbenchError, match=r"nothing was changed; it says: No\. Ask") as refused:
        mara.backup(tmp_path / "register.dump")
    told = (tmp_path / "told").read_text()
    assert f"port={server.port}" in told
    assert server.password not in told + str(refused.value)
    assert not (tmp_path / "register.dump").exists()


def test_a_role_copies_what_it_may_read(mara: Register, server, database, tmp_path: Path) -> None:
    app, reader = server.role("app"), server.role("reader")
    mara.grant(app[0])
    mara.grant(reader[0], reads_only=True)
    with Register.open(server.url(database, *app), by="tom") as tom:
        tom.backup(tmp_path / "app.dump")
    with (
        Register.open(server.url(database, *reader), reads_only=True) as page,
        pytest.raises(WorkbenchError, match=f"permission denied for table {DRAFTS.name}|accounts"),
    ):
        page.backup(tmp_path / "reader.dump")
    assert not (tmp_path / "reader.dump").exists()
