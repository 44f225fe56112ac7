"""Undo past what leaves nothing to do, numbers that are one's own, and damage told in words."""

from pathlib import Path

import pytest

from tests.register.test_editing import restated
from workbench.audit.lineage import Lineage, Subject
from workbench.errors import WorkbenchError
from workbench.models.study import Study
from workbench.register import Register, history, proving
from workbench.register.editing import Record
from workbench.register.kinds import body_of
from workbench.threats.ties import Tie

ONE, TWO, THREE = (Tie("S", (threat,)) for threat in ("T1", "T2", "T3"))
pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def test_an_undo_steps_past_what_another_has_taken_back(mara: Register, tom: Register) -> None:
    mara.save("first", ONE)
    mara.save("first", TWO)
    mara.save("second", ONE)
    mara.save("second", TWO)
    tom.save("second", ONE)  # just what an undo of the last act would do
    entry = mara.undo()
    assert entry.details["of"] == 3
    assert [head.id for head in mara.items()[0]] == ["first"]
    mara.undo()
    assert mara.load("link", "first") == ONE
    mara.redo()
    assert mara.load("link", "first") == TWO
    mara.redo()
    assert mara.load("link", "second") == ONE
    with pytest.raises(WorkbenchError, match="Undo first"):
        mara.redo()
    assert mara.verify().is_good


def test_where_all_is_taken_back_nothing_is_undone(mara: Register, tom: Register) -> None:
    mara.save("tie", ONE)
    tom.delete("link", "tie")
    before = mara.log()
    with pytest.raises(WorkbenchError, match="Edit first"):
        mara.undo()
    assert mara.log() == before


def test_a_redo_steps_past_what_another_has_done(mara: Register, tom: Register) -> None:
    for value in (ONE, TWO, THREE):
        mara.save("tie", value)
    mara.undo()
    mara.undo()
    tom.save("tie", TWO)
    entry = mara.redo()
    assert mara.load("link", "tie") == THREE
    assert entry.details["of"] == 4


def test_the_number_that_is_told_is_that_of_ones_own_version(
    mara: Register, tom: Register, example: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara.save_study("lender", example)
    record, other = (Record(who, "scenario", "lender/S-01") for who in (mara, tom))
    look = record.look

    def looked() -> None:
        monkeypatch.setattr(record, "look", look)
        other.look()
        other.save(restated(other, "Tom"))
        look()

    monkeypatch.setattr(record, "look", looked)
    assert record.save(restated(record, "Mara")) == "Version 2 is saved."
    assert record.text == other.text
    monkeypatch.setattr(record, "look", looked)
    with pytest.raises(WorkbenchError):
        record.undo()


@pytest.mark.parametrize("words", ["\\u0000", "\\\\u0000", "a\\\\\\u0000b"])
def test_the_letters_of_an_escape_are_no_nul(mara: Register, words: str) -> None:
    mara.save("tie", Tie("S", (words,)))
    assert mara.load("link", "tie") == Tie("S", (words,))
    for nul in ("\0", f"{words}\0", f"\\\0{words}"):
        with pytest.raises(WorkbenchError, match="no NUL"):
            body_of([nul])


def test_a_subject_under_another_id_is_refused_and_leaves_lineage_whole(mara: Register) -> None:
    told = Lineage((Subject("loans", "dataset", "1"),))
    mara.save_lineage(told)
    with pytest.raises(WorkbenchError, match=r"Save it under loans@1"):
        mara.save("elsewhere", Subject("loans", "dataset", "1"))
    assert mara.lineage() == told
    assert mara.save_lineage(told) is None


@pytest.mark.parametrize("name", ["\U0010ffff", "a\U0010ffff", "a\ud7ff", "a\U0010ffff\U0010ffff"])
def test_a_name_of_the_last_characters_is_not_found_and_no_fault(mara: Register, name: str) -> None:
    with pytest.raises(WorkbenchError, match="a study is in the register"):
        mara.load_study(name)
    mara.save("tie", ONE)
    for prefix, found in ((name, []), ("tie", ["tie"])):
        ids = mara.ask(lambda c, p: [one for one, *_ in history.bodies_at(c, "link", p)], prefix)
        assert ids == found


@pytest.mark.parametrize(
    "step",
    [
        lambda register: register.version("link", "tie"),
        lambda register: register.history("link", "tie"),
        lambda register: register.save("tie", TWO, request="asked"),
        lambda register: register.ask(proving.body_at, 1),
    ],
)
def test_an_entry_that_is_gone_is_told_as_damage(mara: Register, place: str, step) -> None:
    assert Path(place).exists()
    mara.save("tie", ONE, request="asked")
    with mara._engine.connect() as connection:
        made = connection.connection.driver_connection
        made.execute("PRAGMA foreign_keys = OFF")
        made.execute("DELETE FROM log WHERE seq = 1")
    with pytest.raises(WorkbenchError, match="entry 1 of the log is gone: the register is damaged"):
        step(mara)
    mara._wrote = False


def test_a_version_whose_rows_are_gone_is_told_as_damage(mara: Register) -> None:
    mara.save("tie", ONE)
    with mara._engine.connect() as connection:
        connection.connection.driver_connection.execute("DELETE FROM touched")
    with pytest.raises(WorkbenchError, match="version 1 is gone: the register is damaged"):
        mara.ask(proving.made_by, "link", "tie", 1)
    mara._wrote = False
