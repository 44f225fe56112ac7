"""A disk that is full or fails, at the n-th write or flush of each operation, for every n."""

import json
from pathlib import Path

import pytest

OPERATIONS = ("save", "import", "checkpoint", "backup", "restore", "export", "run", "create")
DAILY = 2  # places of each fault of each operation; in a soak all


@pytest.fixture(scope="module")
def reports(
    shim: Path, tmp_path_factory: pytest.TempPathFactory, make_workers, *, soaking: bool
) -> list[dict]:
    """Return what came of every failure of every operation."""
    folder = tmp_path_factory.mktemp("failing")
    disk, report = folder / "disk", folder / "report.json"
    disk.mkdir()
    workers = make_workers(folder / "keys", LD_PRELOAD=str(shim), FAULT_FOLDER=str(disk))
    most = 0 if soaking else DAILY
    one = workers.start("failing", folder=str(disk), report=str(report), most=most)
    workers.join(one, patience=1800)
    workers.close()
    return json.loads(report.read_text())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_was_there_is_whole_and_the_same_call_works_afterwards(
    operation: str, reports: list[dict], record_property
) -> None:
    *found, counted = [one for one in reports if one["operation"] == operation]
    for name, figure in counted.items():
        record_property(name, figure)
    record_property("tried", len(found))
    record_property("told", sum(bool(one["told"]) for one in found))
    assert any(one["told"] for one in found)
    for one in found:
        assert one["faults"] == [], one
        assert one["old"], one
        assert one["left"] == [], one
        assert all(one["whole"].values()), one
        assert one.get("again", "") == "", one


def test_what_is_told_is_one_line_in_words_and_true(reports: list[dict]) -> None:
    told = [one for one in reports if one.get("told")]
    for one in told:
        for raw in ("\n", "Errno", "sqlite3", "Traceback"):
            assert raw not in one["told"], one
        assert "disk" in one["told"] or "cannot be written" in one["told"], one
        if "nothing was changed" in one["told"]:
            assert one["grew"] == 0, one
    assert len({one["told"].rpartition(": ")[2] for one in told}) > 1
