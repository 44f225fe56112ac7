"""A backup while two write: one state of the register, and restored it is what its log says."""

import sqlite3
from contextlib import closing
from pathlib import Path

from workbench.register import Register, place_of
from workbench.register.backing_up import restore

NAMES = ("mara", "tom")
BACKUPS = 5
GROWING = ("log", "versions", "touched")


def test_backups_taken_while_two_write_are_restored_and_are_a_beginning_of_the_log(
    workers, tmp_path: Path
) -> None:
    place = tmp_path / "register.db"
    register = Register.create(place, by="ada")
    told = {"place": str(place)}
    running = [
        workers.start("write", name=name, acks=str(tmp_path / f"{name}.acks"), **told)
        for name in NAMES
    ]
    sizes = []
    for number in range(BACKUPS):
        before = register.position()[0]
        register.backup(tmp_path / f"{number}.backup")
        sizes.append((before, register.position()[0]))
        while register.position()[0] < before + 10:
            continue
    for one in running:
        workers.kill(one)
    for number, (before, after) in enumerate(sizes):
        back = tmp_path / f"{number}.db"
        restore(tmp_path / f"{number}.backup", place_of(back))
        with Register.open(back, reads_only=True) as restored:
            verdict = restored.verify()
        assert verdict.is_good
        assert before <= verdict.entries <= after
        for table in GROWING:
            assert rows(back, table) <= rows(place, table)
    assert sizes[-1][0] > sizes[0][1]


def rows(path: Path, table: str) -> set[tuple]:
    """Return all rows of a table that only grows."""
    with closing(sqlite3.connect(path)) as connection:
        return set(connection.execute(f"SELECT * FROM {table}"))
