"""Approvals: whose they may be, how long they stand, and what an undo leaves of them."""

from dataclasses import replace

import pytest

from workbench.audit.entries import Row
from workbench.errors import WorkbenchError
from workbench.models.study import Study
from workbench.register import Register
from workbench.register.committing import set_current
from workbench.register.connecting import writing
from workbench.register.kinds import kind_of
from workbench.register.log import Act, append
from workbench.register.records import DRAFT
from workbench.threats.ties import Safeguard, Tie

ONE, TWO = Tie("S", ("T1",)), Tie("S", ("T2",))
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


def test_an_approval_stands_while_it_is_looked_at_again(
    mara: Register, tom: Register, small: Study
) -> None:
    mara.save_study("lender", small)
    approved(mara, tom, "study", "lender")
    tom.save_study("lender", renamed(small, "Tom's"))
    assert approved(tom, mara, "study", "lender")  # tom has seen her part of it, she sees his


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
    mara.review("approve", "study", "lender", 2)  # the first version was approved, and stands


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
