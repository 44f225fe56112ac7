"""The store: values come back equal, every version stays, and nobody's change is lost."""

from dataclasses import replace

import pytest

from workbench.audit.lineage import Subject
from workbench.distributions import LogNormal, Pert, Point
from workbench.errors import WorkbenchError
from workbench.frameworks.coverage import Record
from workbench.frameworks.playbooks import SignOff
from workbench.frameworks.readiness import Standing
from workbench.frameworks.roadmap import Task
from workbench.models.scenario import Scenario
from workbench.models.study import Asset, Study, TolerancePoint
from workbench.register import Conflict, Register
from workbench.threats.ties import Tie


def renamed(study: Study, name: str, number: int = 0) -> Study:
    rows = list(study.scenarios)
    rows[number] = replace(rows[number], name=name)
    return replace(study, scenarios=tuple(rows))


def test_a_study_comes_back_equal(mara: Register, example: Study) -> None:
    mara.save_study("lender", example)
    assert mara.load_study("lender").study == example


def test_the_order_of_scenarios_and_assets_is_kept(mara: Register, example: Study) -> None:
    turned = replace(example, scenarios=example.scenarios[::-1], assets=example.assets[::-1])
    mara.save_study("lender", turned)
    assert mara.load_study("lender").study == turned


def test_a_study_without_anything_comes_back_equal(mara: Register) -> None:
    mara.save_study("empty", Study())
    assert mara.load_study("empty").study == Study()


def test_a_scenario_is_called_and_owned_the_same_in_every_state(
    mara: Register, example: Study
) -> None:
    scenario = next(row for row in example.scenarios if row.inherent and row.residual)
    other = scenario.replace(name="Another", owner="Somebody")
    study = example.replace_scenario(other)
    for state in (other.inherent, other.residual):
        assert state is not None
        assert (state.name, state.owner) == ("Another", "Somebody")
    mara.save_study("lender", study)
    assert mara.load_study("lender").study == study


def test_what_is_kept_already_makes_no_version_and_no_entry(mara: Register, example: Study) -> None:
    mara.save_study("lender", example)
    before = len(mara.log())
    assert mara.save_study("lender", example) is None
    assert len(mara.log()) == before


def test_an_edit_of_one_scenario_is_a_version_of_that_scenario(
    mara: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    entry = mara.save_study("lender", renamed(example, "Other"), reason="clearer")
    assert entry is not None
    assert entry.rows == 1
    first = f"lender/{example.scenarios[0].id}"
    found = mara.history("scenario", first)
    assert [(v.version, v.by, v.reason) for v in found] == [(2, "mara", "clearer"), (1, "mara", "")]
    (difference,) = mara.diff("scenario", first, 1, 2)
    assert (difference.field, difference.new) == ("name", "Other")
    assert len(mara.history("study", "lender")) == 1


def test_a_study_as_it_was_after_any_act(mara: Register, example: Study) -> None:
    states = [example]
    for number in range(3):
        states.append(renamed(states[-1], f"Name {number}", number))
    states.append(replace(states[-1], scenarios=states[-1].scenarios[1:]))
    states.append(replace(states[-1], tolerance=(TolerancePoint(5.0, 0.5),), currency="CHF"))
    for state in states:
        mara.save_study("lender", state)
    first = len(mara.log()) - len(states)
    for number, state in enumerate(states):
        assert mara.load_study("lender", at=first + number).study == state
    with pytest.raises(WorkbenchError, match="a study was there after entry 0"):
        mara.load_study("lender", at=first - 1)


def test_what_a_study_has_no_longer_is_gone_and_its_versions_stay(
    mara: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    gone = example.scenarios[3].id
    kept = tuple(row for row in example.scenarios if row.id != gone)
    mara.save_study("lender", replace(example, scenarios=kept, dependence=None))
    assert mara.items(search=gone, kind="scenario")[1] == 0
    assert mara.items(state="deleted")[0][0].id == f"lender/{gone}"
    assert [v.state for v in mara.history("scenario", f"lender/{gone}")] == ["deleted", "draft"]


VALUES = [
    Record("soc2_tsc_2017_2022", "CC1.1", "minutes of the board", "Ada", "2026-11-01"),
    Standing("iso42001_2023", "A.2.2", "in part", 2, 4, "Ada", "2027-01-31", "policy, draft 3"),
    Tie("S-01", ("STAI-001", "STAI-002"), "the same door"),
    Task("T1", 1, "Log prompts", "All of them", 1, 3, controls=("C1",), requirements={"a": ("b",)}),
    SignOff("system", "approved with conditions", ("Ada", "Bo"), "2026-11-29", "log it"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_equal_and_of_its_type(mara: Register, value: object) -> None:
    mara.save("one", value)
    (head,), _ = mara.items()
    back = mara.load(head.kind, "one")
    assert (type(back), back) == (type(value), value)


def test_systems_and_threats_come_back_equal(mara: Register) -> None:
    from workbench.files.catalogues.threats import shipped_threats
    from workbench.files.catalogues.ties import shipped_systems

    for value in (*shipped_systems(), *list(shipped_threats().threats)[:20]):
        mara.save(value.id, value)
        assert mara.load("system" if hasattr(value, "flows") else "threat", value.id) == value


def test_two_people_change_two_scenarios_of_one_study(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    mine, his = mara.load_study("lender"), tom.load_study("lender")
    mara.save_study("lender", renamed(example, "Mara's", 0), base=mine)
    tom.save_study("lender", renamed(example, "Tom's", 1), base=his)
    found = mara.load_study("lender").study
    assert found == renamed(renamed(example, "Mara's", 0), "Tom's", 1)


def test_the_second_writer_of_one_scenario_sees_both_versions(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    his = tom.load_study("lender")
    mara.save_study("lender", renamed(example, "Mara's"), reason="agreed on Monday")
    before = len(mara.log())
    with pytest.raises(Conflict) as told:
        tom.save_study("lender", renamed(example, "Tom's"), base=his)
    (clash,) = told.value.clashes
    assert [str(one) for one in clash.theirs] == [f"name: {example.scenarios[0].name} -> Mara's"]
    assert [str(one) for one in clash.yours] == [f"name: {example.scenarios[0].name} -> Tom's"]
    for part in ("mara saved version 2", "agreed on Monday", "Load the latest version"):
        assert part in str(told.value)
    assert len(mara.log()) == before


def test_two_who_save_the_same_are_of_one_mind(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    his = tom.load_study("lender")
    mara.save_study("lender", renamed(example, "The same"))
    assert tom.save_study("lender", renamed(example, "The same"), base=his) is None


def test_a_scenario_that_both_add_under_one_id_is_a_conflict(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    his = tom.load_study("lender")
    new = Scenario("S-99", "New", Pert(1, 2, 3), loss_magnitude=Point(5.0))
    mara.save_study("lender", replace(example, scenarios=(*example.scenarios, new)))
    other = replace(new, name="Another")
    with pytest.raises(Conflict, match="S-99"):
        tom.save_study("lender", replace(example, scenarios=(*example.scenarios, other)), base=his)


def test_an_edit_of_what_another_deleted_is_a_conflict(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    his = tom.load_study("lender")
    kept = replace(example, scenarios=example.scenarios[1:], dependence=None)
    mara.save_study("lender", kept)
    with pytest.raises(Conflict, match=example.scenarios[0].id):
        tom.save_study("lender", renamed(example, "Tom's"), base=his)


def test_a_request_that_is_sent_twice_is_done_once(mara: Register, example: Study) -> None:
    first = mara.save_study("lender", example, request="page-1")
    assert first is not None
    assert mara.save_study("lender", example, request="page-1") == first
    later = mara.save_study("lender", renamed(example, "Later"), request="page-2")
    assert mara.save_study("lender", example, request="page-1") == first
    assert mara.save_study("lender", renamed(example, "Later"), request="page-2") == later
    assert mara.load_study("lender").study == renamed(example, "Later")


def test_a_value_a_step_a_review_and_a_run_are_done_once_too(
    mara: Register, tom: Register, example: Study
) -> None:
    from workbench.models.portfolio import simulate
    from workbench.reports.result import result_record

    small = replace(example, scenarios=example.scenarios[:1], dependence=None, assets=())
    small = small if small.scenarios[0].asset is None else replace(small, assets=example.assets)
    record = result_record(simulate(small), small)
    for number, act in enumerate(
        [
            lambda request: mara.save("tie", Tie("S", ("T1",)), request=request),
            lambda request: mara.save("tie", Tie("S", ("T2",)), request=request),
            lambda request: mara.undo(request=request),
            lambda request: mara.redo(request=request),
            lambda request: mara.save_study("small", small, request=request),
            lambda request: mara.save_run("small", small, record, request=request),
            lambda request: mara.review("submit", "study", "small", 1, request=request),
            lambda request: tom.review("approve", "study", "small", 1, request=request),
            lambda request: mara.review("retire", "study", "small", 1, request=request),
        ]
    ):
        first = act(f"page-{number}")
        count = len(mara.log())
        assert first is not None
        assert act(f"page-{number}") == first
        assert len(mara.log()) == count
    mara.save_study("small", renamed(small, "Later"))
    again = tom.review("approve", "study", "small", 1, request="page-7")
    assert again.act == "approve"


def test_a_request_under_a_name_that_was_used_is_refused(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example, request="1")
    for again in (
        lambda: mara.save_study("lender", renamed(example, "Other"), request="1"),
        lambda: tom.save_study("lender", example, request="1"),
        lambda: mara.review("submit", "study", "lender", 1, request="1"),
    ):
        with pytest.raises(WorkbenchError, match="a request has a name of its own"):
            again()
    assert mara.load_study("lender").study == example


def test_two_edits_that_make_no_study_together_are_refused(
    mara: Register, tom: Register, example: Study
) -> None:
    spare = Asset("spare", "Spare", Point(5.0))
    start = replace(example, assets=(*example.assets, spare))
    mara.save_study("lender", start)
    hers, his = mara.load_study("lender"), tom.load_study("lender")
    used = next(row for row in example.scenarios if row.asset and not row.inherent)
    tom.save_study("lender", start.replace_scenario(used.replace(asset="spare")), base=his)
    before = len(mara.log())
    with pytest.raises(WorkbenchError, match="spare"):
        mara.save_study("lender", example, base=hers)
    with pytest.raises(WorkbenchError, match="spare"):
        mara.delete("asset", "lender/spare")
    assert len(mara.log()) == before
    assert mara.load_study("lender").study.assets == start.assets


def test_an_edit_of_a_study_that_another_deleted_is_a_conflict(
    mara: Register, tom: Register, example: Study
) -> None:
    mara.save_study("lender", example)
    his = tom.load_study("lender")
    mara.delete("study", "lender")
    assert mara.items()[1] == 0
    with pytest.raises(Conflict, match="study lender"):
        tom.save_study("lender", renamed(example, "Tom's"), base=his)
    mara.undo()
    assert mara.load_study("lender").study == example


def test_a_scenario_that_was_deleted_may_come_back(mara: Register, example: Study) -> None:
    mara.save_study("lender", example)
    fewer = replace(example, scenarios=example.scenarios[1:], dependence=None)
    mara.save_study("lender", fewer)
    base = mara.load_study("lender")
    mara.save_study("lender", replace(example, dependence=None), base=base)
    assert mara.load_study("lender").study == replace(example, dependence=None)


def test_an_asset_with_a_heavy_tail_and_a_name_of_any_script(mara: Register) -> None:
    asset = Asset("a", "Größe \u202eevil 😀", LogNormal(1, 2))
    study = Study(
        assets=(asset,), scenarios=(Scenario("S", "'=1+1", Point(0.5), Point(1.0), asset="a"),)
    )
    mara.save_study("odd", study)
    assert mara.load_study("odd").study == study


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a\nb", "x" * 101])
def test_an_id_that_no_study_can_have_is_refused(mara: Register, name: str) -> None:
    with pytest.raises(WorkbenchError, match="a study's id"):
        mara.save_study(name, Study())


def test_a_value_that_no_register_keeps_is_refused(mara: Register) -> None:
    with pytest.raises(WorkbenchError, match="Known are Study"):
        mara.save("one", 5)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_a_text_that_no_server_keeps_is_refused(mara: Register, text: str) -> None:
    with pytest.raises(WorkbenchError):
        mara.save("one", Record("f", "i", text, "Ada", "2026-11-01"))


def test_what_is_not_there_names_what_is(mara: Register, example: Study) -> None:
    mara.save_study("lender", example)
    with pytest.raises(WorkbenchError, match="lender"):
        mara.history("study", "lende")
    with pytest.raises(WorkbenchError, match="versions 1 to 1"):
        mara.version("study", "lender", 2)
    with pytest.raises(WorkbenchError, match="a kind is known"):
        mara.load("nothing", "x")


def test_a_search_takes_every_sign_as_it_is(mara: Register) -> None:
    for name in ("100%", "under_score", "back\\slash", "plain"):
        mara.save(name, Tie(name, ("T",)))
    for sign, found in (("%", "100%"), ("_", "under_score"), ("\\", "back\\slash")):
        assert [head.id for head in mara.items(search=sign)[0]] == [found]
    assert mara.items(search="PLAIN")[0][0].id == "plain"


def test_a_list_comes_in_pages(mara: Register, example: Study) -> None:
    mara.save_study("lender", example)
    everything, count = mara.items(limit=1000)
    assert len(everything) == count
    pages = [mara.items(limit=5, offset=start)[0] for start in range(0, count, 5)]
    assert [head for page in pages for head in page] == everything


def test_a_base_that_is_no_study_that_was_read_is_told(mara: Register, example: Study) -> None:
    mara.save_study("lender", example)
    with pytest.raises(WorkbenchError, match="edited from one that was read; got 'Study'"):
        mara.save_study("lender", example, base=example)  # type: ignore[arg-type]


def test_a_subject_stands_under_its_own_id_alone(mara: Register) -> None:
    subject = Subject("loans", "dataset", "2026-10", sha256="a" * 64)
    with pytest.raises(WorkbenchError, match="a subject stands under the id"):
        mara.save("another", subject)
    assert mara.save(subject.key, subject) is not None
    assert subject in mara.lineage().subjects


def test_many_items_are_asked_for_by_their_range_on_every_database(
    mara: Register, tom: Register, example: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.register.log.FEW", 2)
    mara.save_study("lender", example)
    turned = replace(example, scenarios=tuple(replace(s, name="A") for s in example.scenarios))
    mara.save_study("lender", turned, base=mara.load_study("lender"))
    mara.undo()
    assert mara.load_study("lender").study == example
    mara.review("submit", "study", "lender", 1)
    tom.review("approve", "study", "lender", 1)
    assert mara.verify().is_good
