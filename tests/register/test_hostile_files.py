"""What is given as a backup or as a register and is none, or brings SQL of its own along."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.register.backing_up import restore
from workbench.register.places import Place
from workbench.register.register import Register


@pytest.fixture
def backup(tmp_path):
    """A register of one file, and the folder that it is in."""
    path = tmp_path / "a.db"
    Register.create(path, by="Ann").close()
    with sqlite3.connect(path) as found:
        found.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    found.close()
    return path


def changed(path, *statements):
    found = sqlite3.connect(path)
    for statement in statements:
        found.execute(statement)
    found.commit()
    found.close()
    return path


def refusal(source):
    """What is said when a file is restored; nothing is left of it, and nobody is waited for."""
    target = source.parent / "new" / "new.db"
    target.parent.mkdir(exist_ok=True)
    with pytest.raises(WorkbenchError) as caught:
        restore(source, Place(path=target))
    assert list(target.parent.iterdir()) == []
    assert str(caught.value).isprintable()
    assert "root:" not in str(caught.value)
    return str(caught.value)


NO_BACKUPS = {
    "picture": lambda path: path.write_bytes(b"\x89PNG" + bytes(1000)),
    "empty": lambda path: path.write_bytes(b""),
    "passwords": lambda path: path.symlink_to("/etc/passwd"),
    "pipe": os.mkfifo,
    "zeros": lambda path: path.symlink_to("/dev/zero"),
    "folder": Path.mkdir,
    "missing": lambda _: None,
    "other program": lambda path: changed(path, "CREATE TABLE a (b)"),
}


@pytest.mark.parametrize("kind", NO_BACKUPS)
def test_what_is_no_backup_is_not_restored(tmp_path, kind):
    NO_BACKUPS[kind](tmp_path / "x.db")
    assert refusal(tmp_path / "x.db")


@pytest.mark.parametrize("name", ["a?mode=rwc.db", "a%41.db", "a#b.db", "-v.db", "a\u202eb.db"])
def test_a_name_is_a_name_and_no_address(tmp_path, backup, name):
    (tmp_path / "from").mkdir()
    shutil.copyfile(backup, tmp_path / "from" / name)
    restore(tmp_path / "from" / name, Place(path=tmp_path / "new.db"))
    assert (tmp_path / "new.db").read_bytes() == backup.read_bytes()
    assert [one.name for one in (tmp_path / "from").iterdir()] == [name]


PLANTED = (
    "CREATE TRIGGER planted AFTER INSERT ON log BEGIN DELETE FROM drafts; END",
    "CREATE VIEW planted AS SELECT 1",
)


@pytest.mark.parametrize("statement", PLANTED)
def test_sql_that_a_file_brings_along_does_not_run(tmp_path, backup, statement):
    copy = tmp_path / "from.db"
    shutil.copyfile(backup, copy)
    changed(copy, "PRAGMA journal_mode = DELETE", statement)
    assert "a backup holds nothing that runs" in refusal(copy)
    with pytest.raises(WorkbenchError, match="holds tables and nothing that runs"):
        Register.open(copy, by="Ann")
