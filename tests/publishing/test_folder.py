"""A folder is written whole or not at all, and nothing else is ever lost."""

from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.publishing import check_folder, folder, save_folder

FILES = {"index.html": b"new", "manifest.json": b"{}"}


def content(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.iterdir()}


@pytest.mark.parametrize("there", [False, True])
def test_a_new_or_empty_folder_is_filled(tmp_path, there):
    place = tmp_path / "page"
    if there:
        place.mkdir()
    save_folder(place, FILES, force=False)
    assert content(place) == FILES
    assert [p.name for p in tmp_path.iterdir()] == ["page"]


def test_what_is_there_is_replaced_with_force_only_and_as_a_whole(tmp_path):
    save_folder(tmp_path / "page", {"manifest.json": b"old", "answers.js": b"old"}, force=False)
    with pytest.raises(WorkbenchError, match="not replaced"):
        save_folder(tmp_path / "page", FILES, force=False)
    check_folder(tmp_path / "page", {*FILES, "answers.js"}, force=True)
    save_folder(tmp_path / "page", {**FILES, "answers.js": b"x"}, force=True)
    assert content(tmp_path / "page") == {**FILES, "answers.js": b"x"}


@pytest.mark.parametrize("name", ["notes.txt", "sub"])
def test_force_never_takes_what_is_no_page(tmp_path, name):
    place = tmp_path / "mine"
    place.mkdir()
    (place / name).mkdir() if name == "sub" else (place / name).write_text("mine")
    with pytest.raises(WorkbenchError, match="and nothing else"):
        save_folder(place, FILES, force=True)
    assert (place / name).exists()


def test_a_file_and_a_link_are_refused(tmp_path):
    (tmp_path / "file").write_text("a")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(WorkbenchError, match="into a folder"):
            save_folder(tmp_path / name, FILES, force=True)


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError(28, "No space left on device")])
@pytest.mark.parametrize("step", ["_write", "_swap"])
def test_an_end_in_between_leaves_the_old_page(tmp_path, monkeypatch, step, fault):
    place = tmp_path / "page"
    save_folder(place, {"index.html": b"old"}, force=False)

    def ended(*_args: object) -> None:
        raise fault

    monkeypatch.setattr(folder, step, ended)
    with pytest.raises((KeyboardInterrupt, WorkbenchError)):
        save_folder(place, FILES, force=True)
    assert content(place) == {"index.html": b"old"}
    assert [p.name for p in tmp_path.iterdir()] == ["page"]


def test_an_end_between_the_two_renames_brings_the_old_page_back(tmp_path, monkeypatch):
    place = tmp_path / "page"
    save_folder(place, {"index.html": b"old"}, force=False)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(KeyboardInterrupt):
        save_folder(place, FILES, force=True)
    assert content(place) == {"index.html": b"old"}
