"""Who may write the file can write anything: what `verify` finds of it, and what a checkpoint does.

Tamper-evident up to the last checkpoint held outside, and no further.
"""

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine

from workbench.audit.canonical import canonical_json
from workbench.audit.entries import parse_entry, tree_over
from workbench.distributions import Point
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.register import Register
from workbench.register.keys import VARIABLE
from workbench.register.log import rows_of
from workbench.register.records import digest
from workbench.register.verifying import Verdict, verify
from workbench.threats.ties import Tie

STUDY = Study(scenarios=(Scenario("S1", "One", Point(1.0), loss_magnitude=Point(2.0)),))
TEXTS = {
    "log": ("by", "act", "body"),
    "versions": ("kind", "id", "body"),
    "touched": ("kind", "id", "state", "sha256"),
    "items": ("kind", "id", "state", "name", "sha256"),
}
NUMBERS = {"log": ("seq",), "versions": ("version",), "touched": ("seq", "place", "version")}
SAMPLE = 250  # edits of a day; in a soak every byte


@dataclass(frozen=True)
class Kept:
    """A small register, an older copy of it, and the checkpoints that were kept outside."""

    path: Path
    older: Path
    notes: tuple[str, ...]  # of ascending sizes; the last is of the whole log
    sizes: tuple[int, ...]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Return a register in which everything happened at least once."""
    folder = tmp_path_factory.mktemp("tampering")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder / "keys"))
        path, notes, sizes = folder / "register.db", [], []

        def note(register: Register) -> None:
            notes.append(register.checkpoint())
            sizes.append(register.verify().entries)

        mara = Register.create(path, by="mara")
        mara.save_study("lender", STUDY, reason="begun")
        note(mara)
        mara.save("tie", Tie("S1", ("T1",)), reason="seen")
        mara.save("tie", Tie("S1", ("T2",)), reason="better")
        mara.backup(folder / "older.db")
        note(mara)
        mara.review("submit", "link", "tie", 2)
        Register.open(path, by="tom").review("approve", "link", "tie", 2, reason="agreed")
        mara.save_study("lender", replace(STUDY, name="Renamed"))
        mara.undo()
        note(mara)
        yield Kept(path, folder / "older.db", tuple(notes), tuple(sizes))


@contextmanager
def tampering(path: Path) -> Iterator[Connection]:
    """Give the file's owner a connection without rules; nothing of it is kept."""

    def connect() -> sqlite3.Connection:
        made = sqlite3.connect(path, isolation_level=None)
        made.execute("PRAGMA foreign_keys = OFF")
        made.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        return made

    engine = create_engine("sqlite://", creator=connect)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        yield connection
        connection.exec_driver_sql("ROLLBACK")
    engine.dispose()


def edits(path: Path) -> list[tuple[str, str, int, int, int]]:
    """Return every byte of every audited text: table, column, row, place; and the entry."""
    found = []
    with sqlite3.connect(path) as connection:
        made = {}
        for kind, one, version, seq in connection.execute(
            "SELECT kind, id, version, min(seq) FROM touched GROUP BY kind, id, version"
        ):
            made[kind, one, version] = seq
        for table, columns in TEXTS.items():
            names = "kind, id, version" if table != "log" else "'', '', 0"
            seq = "seq" if table in {"log", "touched", "items"} else "-1"
            for column in columns:
                rows = connection.execute(
                    f"SELECT {seq}, {names}, length(CAST({column} AS BLOB)) FROM {table} "
                    "ORDER BY 1, 2, 3, 4"
                ).fetchall()
                for number, (entry, *name, length) in enumerate(rows):
                    about = entry if entry >= 0 else made[tuple(name)]
                    found += [(table, column, number, place, about) for place in range(length or 0)]
    return found


def changed(connection: Connection, table: str, column: str, number: int, place: int) -> None:
    """Write another byte at a place of a text."""
    keys = {"log": "seq", "versions": "kind, id, version", "items": "kind, id"}
    orders = {"log": "seq", "versions": "kind, id, version"}
    order = orders.get(table, "seq, kind, id, version")
    named = keys.get(table, "seq, place")
    rows = connection.exec_driver_sql(
        f"SELECT CAST({column} AS BLOB), {named} FROM {table} ORDER BY {order}"
    ).fetchall()
    data, *key = rows[number]
    other = random.Random(f"{table} {column} {number} {place}").randint(1, 255)
    data = data[:place] + bytes([data[place] ^ other]) + data[place + 1 :]
    where = " AND ".join(f"{name} = ?" for name in named.split(", "))
    statement = f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE {where}"
    connection.exec_driver_sql(statement, (data, *key))


def test_every_single_byte_of_audited_content_that_is_changed_is_found(
    kept: Kept, record_property, *, soaking: bool
) -> None:
    everything = edits(kept.path)
    chosen = everything if soaking else random.Random(7).sample(everything, SAMPLE)
    record_property("edits", len(chosen))
    record_property("of", len(everything))
    with tampering(kept.path) as connection:
        assert verify(connection, kept.notes).is_good
        for table, column, number, place, entry in chosen:
            connection.exec_driver_sql("SAVEPOINT edit")
            changed(connection, table, column, number, place)
            found = verify(connection, kept.notes)
            connection.exec_driver_sql("ROLLBACK TO edit")
            told = (table, column, number, place, entry, found)
            assert found.faults, told
            assert found.first_bad is not None, told
            assert found.first_bad <= entry, told
            assert found.last_good is None or found.last_good <= entry, told
        assert verify(connection, kept.notes).is_good


def test_every_number_that_is_changed_is_found(kept: Kept) -> None:
    for table, columns in NUMBERS.items():
        for column in columns:
            with tampering(kept.path) as connection:
                connection.exec_driver_sql(
                    f"UPDATE {table} SET {column} = {column} + 1000 WHERE {column} = "
                    f"(SELECT max({column}) FROM {table})"
                )
                assert not verify(connection).is_good, (table, column)


def rehash(connection: Connection, seq: int) -> None:
    """Rewrite what an entry says of its rows, so that it fits them again."""
    (body,) = connection.exec_driver_sql("SELECT body FROM log WHERE seq = ?", (seq,)).one()
    entry = parse_entry(body.encode())
    root = tree_over(rows_of(connection, seq)).root().hex()
    data = replace(entry, root=root).data().decode()
    connection.exec_driver_sql("UPDATE log SET body = ? WHERE seq = ?", (data, seq))


def rewritten(connection: Connection) -> None:
    """Change a version, all hashes over it, and throw the register's own checkpoints away."""
    where = "kind = 'link' AND id = 'tie' AND version = 1"
    (body,) = connection.exec_driver_sql(f"SELECT body FROM versions WHERE {where}").one()
    other = canonical_json(json.loads(body) | {"scenario": "S2"}).decode()
    connection.exec_driver_sql(f"UPDATE versions SET body = ? WHERE {where}", (other,))
    connection.exec_driver_sql(f"UPDATE touched SET sha256 = ? WHERE {where}", (digest(other),))
    connection.exec_driver_sql("DELETE FROM checkpoints")
    rehash(connection, kept_seq(connection, where))


def kept_seq(connection: Connection, where: str) -> int:
    return connection.exec_driver_sql(f"SELECT min(seq) FROM touched WHERE {where}").scalar()


def reasons_swapped(connection: Connection) -> None:
    """Exchange two entries, their numbers put right, with all that they touched."""
    rows = connection.exec_driver_sql("SELECT seq, body FROM log WHERE seq IN (2, 3)").all()
    bodies = {seq: parse_entry(body.encode()) for seq, body in rows}
    for seq, other in ((2, 3), (3, 2)):
        moved = replace(bodies[other], reason=bodies[seq].reason, seq=other)
        data = moved.data().decode()
        connection.exec_driver_sql("UPDATE log SET body = ? WHERE seq = ?", (data, other))
    connection.exec_driver_sql("DELETE FROM checkpoints")


def cut(connection: Connection) -> None:
    """Cut the last entry off, with all that it made."""
    (seq,) = connection.exec_driver_sql("SELECT max(seq) FROM log").one()
    made = f"SELECT kind, id, version FROM touched WHERE seq = {seq}"
    before = (
        "SELECT version, state, sha256, seq FROM touched AS t "
        "WHERE t.kind = items.kind AND t.id = items.id ORDER BY seq DESC LIMIT 1"
    )
    for statement in (
        f"DELETE FROM versions WHERE (kind, id, version) IN ({made})",
        f"DELETE FROM touched WHERE seq = {seq}",
        f"DELETE FROM log WHERE seq = {seq}",
        "DELETE FROM checkpoints",
        f"UPDATE items SET (version, state, sha256, seq) = ({before}) WHERE seq = {seq}",
        "UPDATE items SET name = 'Renamed' WHERE kind = 'study'",
    ):
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("attack", [rewritten, reasons_swapped, cut], ids=lambda one: one.__name__)
def test_a_consistent_rewriting_is_found_by_a_checkpoint_kept_outside(
    kept: Kept, attack: Callable[[Connection], None]
) -> None:
    with tampering(kept.path) as connection:
        attack(connection)
        inside, found = verify(connection), verify(connection, kept.notes)
    assert inside.is_good  # the limit that the documentation tells
    assert found.faults
    at = kept.sizes[1] if attack is cut else kept.sizes[0]
    assert found.last_good == at
    assert found.first_bad == at


def test_an_older_copy_in_the_place_of_the_register_is_found(kept: Kept, tmp_path: Path) -> None:
    place = tmp_path / "register.db"
    shutil.copy(kept.older, place)
    with Register.open(place, reads_only=True) as register:
        assert register.verify().is_good
        found: Verdict = register.verify(kept.notes)
    assert "entries were cut off" in found.faults[0]
    assert found.last_good == kept.sizes[1]


def test_entries_out_of_order_or_missing_are_found_without_a_checkpoint(kept: Kept) -> None:
    swap = (
        "UPDATE log SET body = CASE seq WHEN 2 THEN (SELECT body FROM log WHERE seq = 3) "
        "ELSE (SELECT body FROM log WHERE seq = 2) END WHERE seq IN (2, 3)"
    )
    for statement, first in ((swap, 2), ("DELETE FROM log WHERE seq = 3", 3)):
        with tampering(kept.path) as connection:
            connection.exec_driver_sql("DELETE FROM checkpoints")
            connection.exec_driver_sql(statement)
            assert verify(connection).first_bad == first
