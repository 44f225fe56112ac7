"""A file is written whole or not at all."""

import os
import stat
import subprocess
import sys

import pytest

from workbench.errors import WorkbenchError
from workbench.files import save
from workbench.files.saving import ready


def test_a_file_is_made_and_replaced(tmp_path):
    path = tmp_path / "out.csv"
    save(path, "one\n")
    save(str(path), "zwei é\n")
    assert path.read_bytes() == "zwei é\n".encode()
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError(28, "No space left on device")])
@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_what_ends_the_writing_early_leaves_the_old_file(tmp_path, monkeypatch, fault, where):
    path = tmp_path / "out.csv"
    path.write_text("old")

    def fail(*_args, **_options):
        raise fault

    monkeypatch.setattr(os, where, fail)
    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises((KeyboardInterrupt, WorkbenchError)):
        save(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


KILLED = """
import os, signal
from workbench.files import saving
saving.flush_folder = lambda _: None
with saving.ready("out.csv", b"half") as put:
    print(*(one for one in os.listdir() if one.endswith(".part")), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_cleared_and_what_a_living_one_makes_is_not(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    left = tmp_path / done.stdout.strip()
    assert left.read_bytes() == b"half"
    save(tmp_path / "one.csv", "x")
    assert left.exists()  # its maker may be about to lock it
    an_hour_ago = left.stat().st_mtime - 3600
    with ready(tmp_path / "slow.csv", b"still being made") as put:
        (slow,) = set(tmp_path.glob(".workbench-*.part")) - {left}
        for part in (left, slow):
            os.utime(part, (an_hour_ago, an_hour_ago))
        save(tmp_path / "two.csv", "x")
        put()
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"one.csv", "two.csv", "slow.csv"}
    assert (tmp_path / "slow.csv").read_bytes() == b"still being made"


def test_a_link_is_followed_and_permissions_are_kept(tmp_path):
    target = tmp_path / "target.csv"
    target.write_text("old")
    target.chmod(0o640)
    (tmp_path / "link.csv").symlink_to(target)
    save(tmp_path / "link.csv", "new")
    assert target.read_text() == "new"
    assert (tmp_path / "link.csv").is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_new_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "usual").write_text("")
    save(tmp_path / "new", "x")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("place", [".", "/dev/null", "none/out.csv"])
def test_what_is_no_place_for_a_file_is_refused(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkbenchError, match=r"(regular file|Choose another place)\.$"):
        save(place, "x")
    assert list(tmp_path.iterdir()) == []
    assert not os.path.isfile("/dev/null")  # noqa: PTH113
