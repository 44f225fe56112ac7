"""Files into a register and out of it, while others go on saving."""

import fcntl
import os
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.models.study import Study
from workbench.register import Register, importing, opened
from workbench.register.exporting import export_study
from workbench.register.importing import Opened, import_file
from workbench.register.places import place_of

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def file_of(study: Study) -> Opened:
    return Opened("study", study, {"file": "lender.yaml", "sha256": "0" * 64})


@pytest.mark.parametrize("is_there", [False, True])
def test_a_save_between_the_look_and_the_import_is_a_conflict(
    mara: Register,
    tom: Register,
    example: Study,
    is_there: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = replace(example, name="Tom's")
    if is_there:
        mara.save_study("lender", example)
        mara.delete("study", "lender")
    look = importing.heads

    def looked(*arguments: object) -> object:
        found = look(*arguments)
        monkeypatch.setattr(importing, "heads", look)
        tom.save_study("other", theirs)
        tom.do("import", importing.parts_of("lender", theirs))
        return found

    monkeypatch.setattr(importing, "heads", looked)
    with pytest.raises(WorkbenchError):
        import_file(mara, file_of(example))
    assert mara.load_study("lender").study == theirs


def test_an_import_of_what_is_there_or_was_deleted_goes_on(mara: Register, example: Study) -> None:
    assert import_file(mara, file_of(example)) is not None
    assert import_file(mara, file_of(example)) is None
    mara.delete("study", "lender")
    assert import_file(mara, file_of(example)) is not None
    assert mara.load_study("lender").study == example
    with pytest.raises(WorkbenchError, match="not replaced unseen"):
        import_file(mara, file_of(replace(example, name="Another")))


@pytest.mark.parametrize("at", [-1, 2, 99])
def test_a_study_is_exported_as_of_an_entry_that_is_there(
    mara: Register, example: Study, tmp_path: Path, at: int
) -> None:
    mara.save_study("lender", example)
    with pytest.raises(WorkbenchError, match="after an entry, 0 to 1"):
        export_study(mara, "lender", tmp_path / "out.yaml", at=at)
    assert not (tmp_path / "out.yaml").exists()
    assert len(mara.log()) == 2


@pytest.mark.parametrize("secret", ["sslpassword=hidden", "password=hidden&password=hidden"])
def test_a_url_with_a_secret_that_tools_would_show_is_refused(place: str, secret: str) -> None:
    assert place
    with pytest.raises(WorkbenchError, match="holds no secret but one password") as told:
        place_of(f"postgresql://mara@host/risks?{secret}")
    assert "hidden" not in str(told.value)


def test_a_file_that_is_handed_out_has_its_entry_or_is_not_there(
    mara: Register, example: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara.save_study("lender", example)
    target = tmp_path / "out.yaml"
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", failing)
        with pytest.raises(WorkbenchError, match="cannot be written"):
            export_study(mara, "lender", target)
    assert [entry.act for entry in mara.log()][-1] == "export"
    assert not target.exists()
    with monkeypatch.context() as patched:
        patched.setattr(opened, "append", failing)
        with pytest.raises(OSError, match="no"):
            mara.do("restore", [])
        with pytest.raises(WorkbenchError):
            export_study(mara, "lender", target)
    assert [*tmp_path.glob(".workbench-*"), *tmp_path.glob("out*")] == []
    assert export_study(mara, "lender", target).seq == len(mara.log()) - 1


def failing(*_: object, **__: object) -> None:
    raise OSError(5, "no")


def test_what_a_killed_process_has_left_is_cleared_and_nothing_of_a_living_one(
    mara: Register, place: str, tmp_path: Path
) -> None:
    dead, living, young = (tmp_path / f".register-{name}.part" for name in ("dead", "a", "young"))
    for path in (dead, Path(f"{dead}-wal"), living, young):
        path.write_text("half")
    for path in (dead, living):
        os.utime(path, (0, 0))
    with living.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        Register.open(place, by="mara").close()
        mara.backup(tmp_path / "copy.db")
        assert sorted(path.name for path in tmp_path.glob(".register-*")) == [
            ".register-a.part",
            ".register-young.part",
        ]
    Register.open(place, by="mara").close()
    assert not living.exists()
