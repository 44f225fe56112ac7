"""A file is written whole or not at all."""

import os
import stat

import pytest

from workbench.errors import WorkbenchError
from workbench.files import save


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
