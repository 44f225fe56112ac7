"""A record edited as text: drafts, saves, conflicts, undo; what is typed is never lost."""

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.ties import shipped_systems
from workbench.models.study import Study, TolerancePoint
from workbench.register import Conflict, Register
from workbench.register.editing import EDITABLE, Record

S01 = "lender/S-01"


@pytest.fixture
def kept(mara: Register, example: Study) -> Register:
    """Return a register that has the example as `lender`."""
    mara.save_study("lender", example)
    mara.save("lender/agent", shipped_systems()[0])
    return mara


@pytest.fixture
def record(kept: Register) -> Record:
    return Record(kept, "scenario", S01)


def restated(record: Record, owner: str) -> str:
    (line,) = [one for one in record.text.splitlines() if one.startswith("owner:")]
    return record.text.replace(line, f'owner: "{owner}"')


def test_a_text_that_is_saved_is_the_next_version_and_the_study_has_it(
    record: Record, kept: Register
) -> None:
    assert record.state == "version 1, draft, saved by mara at 2026-11-29 09:00 UTC"
    text = restated(record, "Anna")
    assert record.save(text) == "Version 2 is saved."
    assert record.text == text
    assert record.state.startswith("version 2, draft, saved by mara")
    assert kept.load_study("lender").study.scenario("S-01").owner == "Anna"
    assert record.save(text) == "Version 2 is the same already."


def test_a_request_that_is_sent_twice_is_one_save(record: Record, kept: Register) -> None:
    text = restated(record, "Anna")
    record.save(text, "page-1")
    acts = kept.log()
    assert record.save(text, "page-1") == "Version 2 is saved."
    again = Record(kept, "scenario", S01)  # of a kernel that has started anew
    again.save(text, "page-1")
    with pytest.raises(WorkbenchError, match="a request has a name of its own"):
        again.save(restated(again, "Nobody"), "page-1")
    assert again.give_up() == "The draft is given up."  # what is refused is kept as one
    assert kept.log() == acts
    record.undo("page-2")
    record.undo("page-2")
    assert len(kept.log()) == len(acts) + 1


def test_a_draft_is_there_after_the_kernel_died_and_says_so(record: Record, kept: Register) -> None:
    acts = kept.log()
    record.keep_draft("id: S-01\nname: half ty")
    again = Record(kept, "scenario", S01)
    assert again.text == "id: S-01\nname: half ty"
    assert again.state.endswith("; a draft of 2026-11-29 09:00 UTC that is not saved")
    assert kept.log() == acts
    assert again.give_up() == "The draft is given up."
    assert again.text == Record(kept, "scenario", S01).text
    assert kept.drafts() == []


def test_a_draft_that_says_what_is_saved_is_none(record: Record, kept: Register) -> None:
    text = record.text
    record.keep_draft(f"{text} ")
    record.keep_draft(text)
    assert (record.has_draft, kept.drafts()) == (False, [])
    record.save(restated(record, "Anna"))
    kept.put_draft("scenario", S01, {"text": record.text}, 1)  # the kernel died after the save
    assert not Record(kept, "scenario", S01).has_draft
    assert kept.drafts() == []


def test_what_the_gate_refuses_stays_as_a_draft(record: Record, kept: Register) -> None:
    before = kept.log()
    for text, words in (
        ("id: S-01\n\tname: x", "not valid YAML"),
        (record.text.replace("likelihood: 2", "likelihood: 7"), "likelihood: is out of range"),
        (record.text.replace('id: "S-01"', 'id: "S-99"'), "the id of a record stays"),
        (record.text + "colour: red\n", "colour: is not a known field"),
        ("- 1\n- 2\n", "is not a mapping"),
        ("", "is empty"),
        ("name: \ud800", "UTF-8"),
        ("name: \0", "NUL"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            record.save(text)
        assert record.text == text.replace("\ud800", "?")
    assert kept.log() == before
    assert Record(kept, "scenario", S01).has_draft


def test_a_conflict_shows_both_and_loses_neither(
    record: Record, kept: Register, tom: Register
) -> None:
    other = Record(tom, "scenario", S01)
    theirs, ours = restated(other, "Tom's choice"), restated(record, "Mara's choice")
    other.save(theirs)
    with pytest.raises(Conflict) as told:
        record.save(ours)
    assert "theirs owner: Head of credit risk -> Tom's choice" in str(told.value)
    assert "yours  owner: Head of credit risk -> Mara's choice" in str(told.value)
    assert (record.text, record.theirs, record.their_version) == (ours, theirs, 2)
    assert record.state.endswith("that is not saved, begun from version 1")
    assert Record(kept, "scenario", S01).text == ours
    with pytest.raises(Conflict):
        record.save(ours)
    assert record.save_over(ours) == "Version 3 is saved."
    assert (record.theirs, record.their_version) == ("", 0)
    assert [one.by for one in kept.history("scenario", S01)] == ["mara", "tom", "mara"]
    assert kept.load("scenario", S01)["owner"] == "Mara's choice"


def test_nothing_is_saved_over_a_version_that_was_not_shown(record: Record, tom: Register) -> None:
    ours = restated(record, "Mara")
    with pytest.raises(WorkbenchError, match="was shown"):
        record.save_over(ours)
    other = Record(tom, "scenario", S01)
    other.save(restated(other, "Tom"))
    with pytest.raises(Conflict):
        record.save(ours)
    other.save(restated(other, "Tom again"))
    with pytest.raises(Conflict, match="Tom again"):
        record.save_over(ours)
    assert record.their_version == 3
    assert tom.load("scenario", S01)["owner"] == "Tom again"
    assert record.give_up()
    assert record.text == other.text


def test_undo_and_redo_go_by_new_versions_and_lose_nothing_typed(
    record: Record, kept: Register
) -> None:
    first = record.text
    second = restated(record, "Anna")
    record.save(second)
    record.keep_draft(f"{second}# more")
    with pytest.raises(WorkbenchError, match="Save it or give it up"):
        record.undo()
    record.give_up()
    assert record.undo().endswith("by version 3.")
    assert record.text == first
    assert record.redo().endswith("by version 4.")
    assert record.text == second
    kept.save_part("lender", (TolerancePoint(1.0, 0.5),))
    assert record.undo().endswith("at another item.")
    assert record.text == second
    assert kept.verify().is_good


def test_a_new_scenario_begins_from_a_text(kept: Register, record: Record) -> None:
    new = Record(kept, "scenario", "lender/S-new", start="id: S-new\n")
    assert (new.text, new.state, new.base) == ("id: S-new\n", "new", 0)
    assert new.save(record.text.replace('"S-01"', '"S-new"')) == "Version 1 is saved."
    assert kept.load_study("lender").study.scenarios[-1].id == "S-new"


@pytest.mark.parametrize(
    ("kind", "name", "old", "new"),
    [
        ("appetite", "lender/appetite", "probability: 0.08", "probability: 0.07"),
        ("asset", "lender/loan-decisions", "55000000", "56000000"),
        ("system", "lender/agent", "name: ", "name: New "),
    ],
)
def test_every_kind_is_edited_so(kept: Register, kind: str, name: str, old: str, new: str) -> None:
    record = Record(kept, kind, name)
    text = record.text.replace(old, new, 1)
    assert text != record.text
    assert record.save(text) == "Version 2 is saved."
    assert record.text == text
    with pytest.raises(WorkbenchError):
        record.save("x: 1")
    assert kept.verify().is_good


def test_a_study_is_not_edited_as_one_text(kept: Register) -> None:
    with pytest.raises(WorkbenchError, match=", ".join(EDITABLE)):
        Record(kept, "study", "lender")
