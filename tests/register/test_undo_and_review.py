"""Undo, redo, drafts, review and accounts: new acts, told by whom, and never somebody else's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from workbench.audit.lineage import Lineage, Subject
from workbench.distributions import Point
from workbench.errors import WorkbenchError
from workbench.models.scenario import Scenario
from workbench.models.study import Asset, Study, TolerancePoint
from workbench.register import Conflict, Register
from workbench.threats.ties import Tie

ONE, TWO, THREE = (Tie("S", (threat,)) for threat in ("T1", "T2", "T3"))


def version(register: Register, kind: str, name: str) -> int:
    return register.version(kind, name).version


def test_undo_gives_back_and_redo_does_again(mara: Register) -> None:
    for value in (ONE, TWO, THREE):
        mara.save("tie", value)
    seen = []
    for step in (mara.undo, mara.undo, mara.redo, mara.redo, mara.undo):
        step()
        seen.append(mara.load("link", "tie"))
    assert seen == [TWO, ONE, TWO, THREE, TWO]


def test_an_undone_name_is_that_of_before_in_every_list(mara: Register, example: Study) -> None:
    mara.save_study("lender", example)
    mara.save_study("lender", replace(example, name="Another"))
    mara.undo()
    (head,), _ = mara.items(kind="study")
    assert head.name == example.name
    assert mara.verify().is_good


def test_an_undo_is_a_new_entry_and_nothing_is_taken_out(mara: Register) -> None:
    mara.save("tie", ONE)
    mara.save("tie", TWO)
    entries = mara.log()
    entry = mara.undo()
    assert mara.log()[:-1] == entries
    assert (entry.act, entry.details["of"]) == ("undo", entries[-1].seq)
    assert [v.act for v in mara.history("link", "tie")] == ["undo", "edit", "create"]


def test_undo_of_a_creation_deletes_and_of_a_deletion_gives_back(mara: Register) -> None:
    mara.save("tie", ONE)
    mara.undo()
    assert mara.items()[1] == 0
    mara.redo()
    mara.delete("link", "tie")
    assert mara.items()[1] == 0
    mara.undo()
    assert mara.load("link", "tie") == ONE


def test_an_import_is_undone_whole(mara: Register, example: Study) -> None:
    mara.save_study("lender", example, source={"file": "study.yaml"})
    mara.undo()
    assert mara.items()[1] == 0
    mara.redo()
    assert mara.load_study("lender").study == example


def test_an_edit_after_an_undo_ends_what_could_be_redone(mara: Register) -> None:
    mara.save("tie", ONE)
    mara.save("tie", TWO)
    mara.undo()
    mara.save("tie", THREE)
    with pytest.raises(WorkbenchError, match="Undo first"):
        mara.redo()


def test_each_undoes_what_is_theirs(mara: Register, tom: Register) -> None:
    mara.save("tie", ONE)
    tom.save("other", TWO)
    mara.undo()
    assert [head.id for head in tom.items()[0]] == ["other"]
    with pytest.raises(WorkbenchError, match="Edit first"):
        mara.undo()


def test_an_undo_over_the_change_of_another_is_a_conflict(mara: Register, tom: Register) -> None:
    mara.save("tie", ONE)
    tom.save("tie", TWO)
    with pytest.raises(Conflict, match="tom saved version 2"):
        mara.undo()
    assert tom.load("link", "tie") == TWO


def test_an_undo_twice_by_one_request_of_two_pages_is_told(mara: Register) -> None:
    mara.save("tie", ONE)
    mara.undo()
    with pytest.raises(WorkbenchError, match="Edit first"):
        mara.undo()


def test_a_draft_outlives_its_kernel_and_stands_outside_the_log(
    mara: Register, people, place: str
) -> None:
    mara.save("tie", ONE)
    before = mara.log()
    mara.put_draft("link", "tie", {"threats": ["T9"]}, base=1)
    mara.put_draft("link", "tie", {"threats": ["T9", "T10"]}, base=1)
    with Register.open(place, by="mara") as again:
        (draft,) = again.drafts()
        assert (draft.kind, draft.id, draft.base) == ("link", "tie", 1)
        assert draft.body == '{"threats":["T9","T10"]}'
    assert mara.log() == before
    assert people("tom").drafts() == []
    mara.drop_draft("link", "tie")
    assert mara.drafts() == []


def test_a_study_is_submitted_approved_by_another_and_retired(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    assert mara.review("submit", "study", "lender", 1).rows == len(mara.items(limit=1000)[0])
    entry = tom.review("approve", "study", "lender", 1, reason="meeting of 29 November")
    assert {head.state for head in mara.items(limit=1000)[0]} == {"approved"}
    assert entry.reason == "meeting of 29 November"
    mara.review("retire", "study", "lender", 1)
    assert {head.state for head in mara.items(limit=1000)[0]} == {"retired"}


def test_an_approval_makes_a_checkpoint(mara: Register, tom: Register) -> None:
    mara.save("tie", ONE)
    mara.review("submit", "link", "tie", 1)
    entry = tom.review("approve", "link", "tie", 1)
    note = tom.latest_checkpoint()
    assert note is not None
    assert note.split("\n")[1] == str(entry.seq + 1)


def test_an_edit_after_an_approval_is_a_draft_again(mara: Register, tom: Register) -> None:
    mara.save("tie", ONE)
    mara.review("submit", "link", "tie", 1)
    tom.review("approve", "link", "tie", 1)
    mara.save("tie", TWO)
    (head,), _ = mara.items()
    assert (head.version, head.state) == (2, "draft")


def test_no_author_since_the_last_approval_approves(mara: Register, tom: Register, people) -> None:
    mara.save("tie", ONE)
    tom.save("tie", TWO)
    mara.review("submit", "link", "tie", 2)
    for author in (mara, tom):
        with pytest.raises(WorkbenchError, match="a reviewer is not an author"):
            author.review("approve", "link", "tie", 2)
    people("ada").review("approve", "link", "tie", 2)
    people("ada").save("tie", THREE)
    mara.review("submit", "link", "tie", 3)
    mara.review("approve", "link", "tie", 3)  # of what ada made she is no author


def test_an_approval_names_the_version_that_is_current(mara: Register, tom: Register) -> None:
    mara.save("tie", ONE)
    mara.save("tie", TWO)
    mara.review("submit", "link", "tie", 2)
    with pytest.raises(WorkbenchError, match="names the current version of link tie, 2; got 1"):
        tom.review("approve", "link", "tie", 1)


@pytest.mark.parametrize(
    ("before", "act"), [((), "approve"), ((), "return"), (("submit",), "submit")]
)
def test_a_step_from_another_state_is_refused(
    mara: Register, tom: Register, before: tuple[str, ...], act: str
) -> None:
    mara.save("tie", ONE)
    for step in before:
        mara.review(step, "link", "tie", 1)
    with pytest.raises(WorkbenchError, match=f"to {act} link tie is to begin from"):
        tom.review(act, "link", "tie", 1)


def test_a_study_with_a_new_scenario_is_approved_with_it(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", replace(example, scenarios=example.scenarios[1:], dependence=None))
    mara.review("submit", "study", "lender", 1)
    tom.review("approve", "study", "lender", 1)
    mara.save_study("lender", replace(example, dependence=None))
    number = version(mara, "study", "lender")
    assert mara.review("submit", "study", "lender", number).rows == 2  # the head and the scenario
    tom.review("approve", "study", "lender", number)
    assert {head.state for head in mara.items(limit=1000)[0]} == {"approved"}


def test_what_was_changed_after_its_submission_is_not_approved(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    mara.review("submit", "study", "lender", 1)
    seen = mara.log()[-1].seq
    first = example.scenarios[0]
    sneaked = example.replace_scenario(first.replace(name="Sneaked in"))
    mara.save_study("lender", sneaked)
    with pytest.raises(WorkbenchError, match="what was looked at"):
        tom.review("approve", "study", "lender", 1)
    mara.review("return", "study", "lender", 1)
    mara.review("submit", "study", "lender", 1)
    with pytest.raises(WorkbenchError, match=f"lender/{first.id}"):
        tom.review("approve", "study", "lender", 1, seen=seen)
    tom.review("approve", "study", "lender", 1)


def test_a_study_is_not_approved_by_a_part_of_it_that_is_in_review(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    mara.review("submit", "scenario", f"lender/{example.scenarios[0].id}", 1)
    with pytest.raises(WorkbenchError, match="to approve study lender is to begin from in review"):
        tom.review("approve", "study", "lender", 1)


def test_an_approved_study_is_looked_at_again_once_a_part_has_changed(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    mara.review("submit", "study", "lender", 1)
    tom.review("approve", "study", "lender", 1)
    with pytest.raises(WorkbenchError, match="to submit study lender is to begin from draft"):
        mara.review("submit", "study", "lender", 1)
    mara.save_study("lender", example.replace_scenario(example.scenarios[0].replace(name="New")))
    assert mara.review("submit", "study", "lender", 1).rows == 2
    assert tom.review("approve", "study", "lender", 1).rows == 2


def test_an_author_who_was_erased_does_not_approve_under_a_new_account(
    mara: Register, tom: Register, place: str
) -> None:
    tom.save("tie", ONE)
    tom.review("submit", "link", "tie", 1)
    mara.erase("tom")
    with Register.open(place, by="tom") as again:
        with pytest.raises(WorkbenchError, match=r"whose name was erased.*under another id"):
            again.review("approve", "link", "tie", 1)
        mara.save("tie-2", ONE)
        mara.review("submit", "link", "tie-2", 1)
        again.review("approve", "link", "tie-2", 1)


def test_a_name_is_forgotten_and_what_it_did_stays(mara: Register, tom: Register) -> None:
    tom.save("tie", ONE)
    mara.save("tie", TWO)
    before = [entry.data() for entry in mara.log()]
    mara.erase("tom", reason="asked for on 1 December")
    assert [entry.data() for entry in mara.log()][:-1] == before
    told = [found.by for found in mara.history("link", "tie")]
    assert told[0] == "mara"
    assert "tom" not in told[1]
    assert "(erased)" in told[1]
    assert mara.verify().is_good
    assert not any("tom" in entry.data().decode() for entry in mara.log())
    with pytest.raises(WorkbenchError, match="a name that is erased is there"):
        mara.erase("tom")


def test_the_order_is_that_of_acts_whatever_the_clock_says(mara: Register, clock) -> None:
    mara.save("tie", ONE)
    clock.now -= timedelta(hours=3)
    entry = mara.save("tie", TWO)
    assert entry is not None
    assert entry.details["clock_went_back_by_seconds"] >= 3 * 3600 - 2
    assert [found.version for found in mara.history("link", "tie")] == [2, 1]
    for year in (1970, 2100):
        clock.now = clock.now.replace(year=year)
        mara.save(f"in {year}", ONE)
    assert [entry.seq for entry in mara.log()] == list(range(len(mara.log())))
    assert mara.verify().is_good


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 201])
def test_a_name_that_no_account_can_have_is_refused(mara: Register, place: str, name: str) -> None:
    with (
        pytest.raises(WorkbenchError, match="an account's name"),
        Register.open(place, by=name or "\t") as register,
    ):
        register.save("tie", ONE)


def test_what_was_deleted_after_its_submission_is_not_approved(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    mara.review("submit", "study", "lender", 1)
    mara.delete("scenario", f"lender/{example.scenarios[-1].id}")
    with pytest.raises(WorkbenchError, match=r"what was looked at; got scenario lender/.* changed"):
        tom.review("approve", "study", "lender", 1)
    seen = tom.log()[-1].seq
    assert tom.review("approve", "study", "lender", 1, seen=seen).act == "approve"


def test_an_entry_that_is_not_there_was_not_looked_at(mara: Register, tom: Register) -> None:
    mara.save("tie", ONE)
    mara.review("submit", "link", "tie", 1)
    for seen in (-1, 10**9):
        with pytest.raises(WorkbenchError, match="is an entry of the log"):
            tom.review("approve", "link", "tie", 1, seen=seen)


def test_no_undo_leaves_a_part_whose_study_is_gone(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    more = example.scenarios[0].replace(id="S-99", name="Another")
    tom.save_part("lender", more)
    entries = mara.log()
    with pytest.raises(Conflict):
        mara.undo()
    assert mara.log() == entries
    assert tom.load_study("lender").study.scenarios[-1].id == "S-99"


def test_no_undo_takes_an_asset_that_a_scenario_of_another_names(
    mara: Register, tom: Register, example: Study
) -> None:
    amounts = {"aro": Point(1), "exposure_factor": Point(0.5)}
    first = Scenario.classical("S-1", "One", asset_value=Point(1e6), **amounts)
    plain = replace(example, assets=(), scenarios=(first,))
    mara.save_study("small", plain)
    asset = replace(plain, assets=(Asset("A-9", "Store", Point(1e6)),))
    mara.save_study("small", asset, base=mara.load_study("small"))
    on_it = Scenario.classical("S-2", "Two", asset="A-9", **amounts)
    named = replace(asset, scenarios=(*plain.scenarios, on_it))
    tom.save_study("small", named, base=tom.load_study("small"))
    with pytest.raises(WorkbenchError, match="A-9"):
        mara.undo()
    assert tom.load_study("small").study == named


def test_no_undo_leaves_a_tolerance_of_another_without_its_study(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", replace(example, tolerance=()))
    tom.save_part("lender", (TolerancePoint(1e6, 0.1),))
    entries = mara.log()
    with pytest.raises(WorkbenchError, match=r"a part stands in a study; got \['appetite lender/"):
        mara.undo()
    assert mara.log() == entries


def test_an_undo_or_a_deletion_of_one_scenario_reads_no_other(
    mara: Register, example: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = replace(example, dependence=None, anchors=None)
    mara.save_study("lender", plain)
    first = plain.scenarios[0]
    mara.save_part("lender", first.replace(name="Another"))
    monkeypatch.setattr("workbench.register.studies.study_at", None)
    monkeypatch.setattr("workbench.register.register.study_at", None)
    mara.undo()
    mara.delete("scenario", f"lender/{first.id}")
    monkeypatch.undo()
    rest = replace(plain, scenarios=plain.scenarios[1:])
    assert mara.load_study("lender").study == rest


def test_neither_a_save_nor_a_redo_lets_data_come_from_themselves(
    mara: Register, tom: Register
) -> None:
    loans, score = Subject("loans", "dataset"), Subject("score", "model")
    mara.save_lineage(Lineage((loans, score)))
    mara.save("score", replace(score, parents=("loans",)))
    back = replace(loans, parents=("score",))
    with pytest.raises(WorkbenchError, match="nothing comes from itself"):
        tom.save("loans", back)
    mara.undo()
    tom.save("loans", back)
    with pytest.raises(WorkbenchError, match="nothing comes from itself"):
        mara.redo()
    assert mara.lineage().by_key == {"loans": back, "score": score}
