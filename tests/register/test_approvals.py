"""Approvals: whose they may be, how long they stand, and what an undo leaves of them."""

from dataclasses import replace

import pytest

from workbench.audit.entries import Row
from workbench.errors import WorkbenchError
from workbench.models.study import Study
from workbench.register import Conflict, Register
from workbench.register.acts import unapproved_parts
from workbench.register.committing import set_current
from workbench.register.connecting import writing
from workbench.register.kinds import kind_of
from workbench.register.log import Act, append
from workbench.register.records import DRAFT, Decided
from workbench.threats.ties import Safeguard, Tie

ONE, TWO = Tie("S", ("T1",)), Tie("S", ("T2",))
ON_A_FILE = pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # of no database its own
AUTHOR = "a reviewer is not an author; got mara"


@pytest.fixture
def small(example: Study) -> Study:
    """Return a study of two scenarios."""
    return replace(example, scenarios=example.scenarios[:2], dependence=None)


def approved(author: Register, reviewer: Register, kind: str, name: str) -> int:
    """Have the current version of an item approved; return the number of the entry."""
    number = author.version(kind, name).version
    author.review("submit", kind, name, number)
    return reviewer.review("approve", kind, name, number).seq


def renamed(study: Study, name: str) -> Study:
    return study.replace_scenario(study.scenarios[0].replace(name=name))


def test_an_author_does_not_approve_again_what_was_withdrawn(
    mara: Register, tom: Register, small: Study, people
) -> None:
    mara.save_study("lender", small)
    approved(mara, tom, "study", "lender")
    tom.save_study("lender", renamed(small, "Tom's"))
    tom.review("submit", "study", "lender", 1)  # its approval is looked at again,
    tom.review("return", "study", "lender", 1)  # and does not stand any more
    tom.review("submit", "study", "lender", 1)
    with pytest.raises(WorkbenchError, match=f"{AUTHOR}, who made version 1 of study lender"):
        mara.review("approve", "study", "lender", 1)
    people("ada").review("approve", "study", "lender", 1)


@ON_A_FILE
def test_an_approval_stands_while_it_is_looked_at_again(
    mara: Register, tom: Register, small: Study
) -> None:
    mara.save_study("lender", small)
    approved(mara, tom, "study", "lender")
    tom.save_study("lender", renamed(small, "Tom's"))
    assert approved(tom, mara, "study", "lender")  # tom has seen her part of it, she sees his


def test_a_deletion_from_an_approved_study_is_seen_and_is_approved_by_another(
    mara: Register, tom: Register, small: Study, people
) -> None:
    mara.save_study("lender", small)
    tom.save_part("lender", small.scenarios[0].replace(id="S-99"))
    approved(mara, people("ada"), "study", "lender")
    tom.delete("scenario", "lender/S-99", reason="counted twice")
    heads = mara.items(kind="study")[0]
    assert mara.ask(unapproved_parts, heads) == {"lender": 1}
    assert mara.review("submit", "study", "lender", 2).rows == 1
    with pytest.raises(WorkbenchError, match="got tom, who made version 2 of study lender, or cha"):
        tom.review("approve", "study", "lender", 2)
    mara.review("approve", "study", "lender", 2)
    assert mara.ask(unapproved_parts, mara.items(kind="study")[0]) == {}


@ON_A_FILE
def test_what_was_gone_at_the_submission_and_came_and_went_since_is_no_change(
    mara: Register, tom: Register, small: Study
) -> None:
    first = small.scenarios[0]
    mara.save_study("lender", small)
    mara.delete("scenario", f"lender/{first.id}")
    mara.review("submit", "study", "lender", 1)
    mara.save_part("lender", first)
    mara.delete("scenario", f"lender/{first.id}")
    assert tom.review("approve", "study", "lender", 1).act == "approve"


@ON_A_FILE
def test_the_version_that_is_approved_before_one_withdrawn_counts(
    mara: Register, tom: Register, small: Study, people
) -> None:
    mara.save_study("lender", small)
    approved(mara, tom, "study", "lender")
    tom.save_study("lender", replace(small, name="Tom's"))
    approved(tom, mara, "study", "lender")
    tom.save_study("lender", renamed(replace(small, name="Tom's"), "His, too"))
    for act in ("submit", "return", "submit"):
        mara.review(act, "study", "lender", 2)
    entry = mara.review("approve", "study", "lender", 2)  # the first was approved, and stands
    assert entry.act == "approve"


@ON_A_FILE
@pytest.mark.parametrize("value", [ONE, Safeguard("A.5", "in place")], ids=["link", "safeguard"])
def test_whatever_kind_an_approval_is_of_it_is_withdrawn_by_a_draft_of_its_version(
    mara: Register, tom: Register, value: Tie | Safeguard
) -> None:
    kind = kind_of(value).name
    mara.save("it", value)
    approved(mara, tom, kind, "it")
    head = mara.find(kind, "it")
    assert head is not None
    rows = [Row(kind, "it", 1, DRAFT, head.sha256)]
    with writing(tom._engine, tom.place) as connection:
        entry = append(connection, Act("return", "tom"), rows, tom._clock())
        set_current(connection, rows, [head.name], entry.seq)
    mara.review("submit", kind, "it", 1)
    with pytest.raises(WorkbenchError, match=AUTHOR):
        mara.review("approve", kind, "it", 1)
    assert tom.verify().is_good


def test_an_undo_of_what_was_approved_is_a_conflict_that_names_the_approval(
    mara: Register, tom: Register
) -> None:
    mara.save("tie", ONE)
    for value in (ONE, TWO):  # a creation, then an edit
        mara.save("tie", value)
        number = mara.version("link", "tie").version
        mara.review("submit", "link", "tie", number)
        entry = tom.review("approve", "link", "tie", number, reason="agreed with credit")
        with pytest.raises(Decided, match=r"(?s)not taken back.*Edit it anew, or delete") as told:
            mara.undo()
        words = f"link tie: tom approved version {number} at {entry.time}, entry {entry.seq} "
        assert f"{words}(agreed with credit)" in str(told.value)
        assert (told.value.count, told.value.decisions[0].entry) == (1, entry)
        assert mara.log()[-1] == entry
        assert [head.state for head in mara.items()[0]] == ["approved"]


@ON_A_FILE
def test_an_undo_of_an_edit_after_the_approval_gives_back_a_draft_of_what_was_approved(
    mara: Register, tom: Register
) -> None:
    mara.save("tie", ONE)
    approved(mara, tom, "link", "tie")
    mara.save("tie", TWO)
    mara.undo()
    (head,), _ = mara.items()
    assert (mara.load("link", "tie"), head.state) == (ONE, "draft")
    with pytest.raises(Decided, match="tom approved version 1"):  # of which this is a copy
        mara.undo()


@ON_A_FILE
def test_a_redo_over_an_approval_is_a_conflict_too(mara: Register, tom: Register) -> None:
    mara.save("tie", ONE)
    mara.save("tie", TWO)
    mara.undo()
    approved(mara, tom, "link", "tie")
    with pytest.raises(Decided, match="tom approved version 3"):
        mara.redo()
    mara.save("tie", TWO, reason="as agreed")
    assert mara.load("link", "tie") == TWO


@ON_A_FILE
@pytest.mark.parametrize("is_approved", [False, True])
def test_what_somebody_has_retired_an_undo_does_not_bring_back(
    mara: Register, tom: Register, *, is_approved: bool
) -> None:
    mara.save("tie", ONE)
    mara.save("tie", TWO)
    if is_approved:
        approved(mara, tom, "link", "tie")
    tom.review("retire", "link", "tie", 2)
    word = "approved" if is_approved else "retired"
    with pytest.raises(Decided, match=f"tom {word} version 2"):
        mara.undo()
    mara.delete("link", "tie", reason="of no use")
    mara.undo()  # of what came after
    assert mara.load("link", "tie") == TWO


@ON_A_FILE
def test_an_undo_of_what_was_approved_and_withdrawn_is_none(
    mara: Register, tom: Register, small: Study
) -> None:
    mara.save_study("lender", small)
    mara.save_study("lender", replace(small, name="Another"))
    approved(mara, tom, "study", "lender")
    part = tom.version("scenario", f"lender/{small.scenarios[0].id}")
    tom.delete("scenario", part.id)
    tom.undo()
    for act in ("submit", "return"):
        tom.review(act, "study", "lender", 2)
    mara.undo()
    assert mara.load_study("lender").study == small


def test_an_undo_of_an_import_counts_what_is_approved_of_it(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example, source={"file": "study.yaml"})
    entry = approved(mara, tom, "study", "lender")
    whole = len(mara.items(limit=1000)[0])
    with pytest.raises(Conflict) as told:
        mara.undo()
    assert str(told.value).count(f"entry {entry}") == 10
    assert str(told.value).splitlines()[1].startswith("study lender: tom approved version 1 at")
    assert f"... and {whole - 10} more" in str(told.value)


@ON_A_FILE
def test_an_undo_steps_past_what_was_deleted_after_its_approval(
    mara: Register, tom: Register
) -> None:
    mara.save("other", ONE)
    mara.save("tie", ONE)
    approved(mara, tom, "link", "tie")
    tom.delete("link", "tie", reason="twice")
    mara.undo()
    assert mara.items()[1] == 0
