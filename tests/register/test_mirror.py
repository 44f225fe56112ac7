"""Runs in the register, and the copy that pages are made of."""

from dataclasses import replace
from pathlib import Path

import pytest

from workbench.audit.checkpoints import parse_note
from workbench.audit.lineage import Lineage, Subject
from workbench.errors import WorkbenchError
from workbench.files import read_study
from workbench.files.catalogues.statements import read_folder, readiness_of
from workbench.files.catalogues.ties import read_systems, read_ties, shipped_systems, shipped_ties
from workbench.files.runs import Approval, last_run
from workbench.files.sources import checkpoint_beside, source_digest, systems_folder
from workbench.frameworks.playbooks import SignOff
from workbench.frameworks.readiness import Standing
from workbench.models.portfolio import simulate
from workbench.models.study import Study
from workbench.register import Register
from workbench.register.importing import import_file, open_file
from workbench.register.mirroring import Mirror
from workbench.register.records import Change
from workbench.reports.board import open_board
from workbench.reports.result import result_record
from workbench.reports.threat_board import open_threat_board
from workbench.threats.ties import Tie


@pytest.fixture(scope="module")
def record(example: Study) -> dict[str, object]:
    return result_record(simulate(example), example)


@pytest.fixture
def mirror(mara: Register, place: str, tmp_path: Path):
    with Register.open(place, reads_only=True) as reader:
        (tmp_path / "copy").mkdir()
        yield Mirror(reader, "lender", tmp_path / "copy")


def test_a_run_says_which_inputs_it_is_of(mara: Register, example: Study, record) -> None:
    mara.save_study("lender", example)
    entry = mara.save_run("lender", example, record, note="for the board")
    assert entry.act == "run"
    assert entry.details["inputs_sha256"] == record["inputs_sha256"]
    (head,), _ = mara.items(kind="run")
    tree = mara.load("run", head.id)
    assert tree["figures"]["portfolio"]["mean"] == record["portfolio"]["mean"]
    assert mara.verify().is_good


def test_a_run_says_which_retired_scenarios_it_counts(
    mara: Register, example: Study, record
) -> None:
    mara.save_study("lender", example)
    assert "retired_and_counted" not in mara.save_run("lender", example, record).details
    mara.review("retire", "scenario", "lender/S-01", 1)
    entry = mara.save_run("lender", example, record)
    assert entry.details["retired_and_counted"] == ["S-01"]


def test_a_run_is_named_by_the_data_that_it_rests_on(
    mara: Register, example: Study, record
) -> None:
    mara.save_study("lender", example)
    loans = Subject("loans", "dataset", "7", parents=("raw",))
    mara.save_lineage(Lineage((loans, Subject("raw", "dataset"))))
    with pytest.raises(WorkbenchError, match="data and models that the register keeps"):
        mara.save_run("lender", example, record, uses=["lones@7"])
    assert mara.items(kind="run")[1] == 0
    args = {"uses": ["loans@7", "loans@7"], "request": "page-1"}
    entry = mara.save_run("lender", example, record, **args)
    (run,), _ = mara.items(kind="run")
    assert (entry.details["used"], entry.rows) == (["loans@7"], 2)
    assert mara.lineage().runs_on("raw") == (run.id,)
    assert mara.save_run("lender", example, record, **args) == entry
    assert mara.verify().is_good


def test_runs_of_one_second_stand_beside_each_other(
    mara: Register, example: Study, record, clock
) -> None:
    mara.save_study("lender", example)
    for _ in range(3):
        clock.now = clock.now.replace(second=0)
        mara.save_run("lender", example, record)
    assert mara.items(kind="run")[1] == 3


def test_the_copy_is_what_the_register_has(
    mara: Register, mirror: Mirror, example: Study, record
) -> None:
    mara.save_study("lender", example)
    for system in shipped_systems():
        mara.save(f"lender/{system.id}", system)
    mara.save_run("lender", example, record, approval=Approval("Board", "2026-11-29"))
    note = mara.checkpoint()
    assert mirror.refresh()
    assert read_study(mirror.path).study == example
    found = last_run(mirror.path).run
    assert found is not None
    assert found.approval == Approval("Board", "2026-11-29")
    assert read_systems(systems_folder(mirror.path)) == shipped_systems()
    assert note is not None
    assert checkpoint_beside(mirror.path) == parse_note(note)


def test_the_copy_changes_with_the_register_and_only_then(
    mara: Register, mirror: Mirror, example: Study
) -> None:
    mara.save_study("lender", example)
    mirror.refresh()
    before = source_digest(mirror.path)
    assert not mirror.refresh()
    mara.save("elsewhere", shipped_systems()[0])
    mirror.refresh()
    assert source_digest(mirror.path) == before
    mara.save_study("lender", replace(example, name="Another"))
    assert mirror.refresh()
    assert source_digest(mirror.path) != before
    assert read_study(mirror.path).study.name == "Another"


def test_what_is_gone_from_the_register_is_gone_from_the_copy(
    mara: Register, mirror: Mirror, example: Study
) -> None:
    mara.save_study("lender", example)
    system = shipped_systems()[0]
    mara.save(f"lender/{system.id}", system)
    mirror.refresh()
    assert list(systems_folder(mirror.path).iterdir())
    mara.delete("system", f"lender/{system.id}")
    mirror.refresh()
    assert list(systems_folder(mirror.path).iterdir()) == []


def test_a_study_that_is_not_there_is_told(mirror: Mirror) -> None:
    with pytest.raises(WorkbenchError, match="a study is in the register"):
        mirror.refresh()


def test_a_page_prints_the_checkpoint_and_its_whole_root(
    mara: Register, mirror: Mirror, example: Study
) -> None:
    mara.save_study("lender", example)
    note = mara.checkpoint()
    mirror.refresh()
    foot = open_board(mirror.path).html("footer")
    assert note is not None
    assert note.split("\n")[2].replace("+", "&#43;") in foot.replace("+", "&#43;")
    assert f"{note.split(chr(10))[1]} entries" in foot


def test_a_page_of_a_file_speaks_of_no_register(example: Study, tmp_path: Path) -> None:
    from workbench.files import write_study

    write_study(example, tmp_path / "study.json")
    assert "Register" not in open_board(tmp_path / "study.json").html("footer")
    (tmp_path / "study.checkpoint").write_text("no checkpoint at all")
    assert "Register" not in open_board(tmp_path / "study.json").html("footer")


@pytest.mark.daily(8)
@pytest.mark.parametrize("name", ["../../escaped", "..", ".hidden", "a/b", "c:d", "x" * 390, "~"])
def test_no_id_names_a_file_outside_the_copy(
    mara: Register, mirror: Mirror, example: Study, tmp_path: Path, name: str
) -> None:
    mara.save_study("lender", example)
    system = shipped_systems()[0]
    mara.save(f"lender/{name}", system)
    mirror.refresh()
    outside = [path for path in tmp_path.rglob("*.yaml") if "copy" not in path.parts]
    assert outside == []
    assert read_systems(systems_folder(mirror.path)) == (system,)
    mara.delete("system", f"lender/{name}")
    mirror.refresh()
    assert list(systems_folder(mirror.path).iterdir()) == []


DATASETS = Path(__file__).resolve().parents[2] / "datasets"


def brought(register: Register, path: Path, name: str) -> None:
    import_file(register, open_file(path), name)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_pages_have_the_ties_and_the_readiness_that_the_register_holds(
    mara: Register, mirror: Mirror, example: Study
) -> None:
    mara.save_study("lender", example)
    for system in shipped_systems():
        mara.save(f"lender/{system.id}", system)
    brought(mara, DATASETS / "systems" / "ties.yaml", "lender")
    for path in DATASETS.glob("readiness/**/*.*"):
        if path.suffix in (".csv", ".yaml"):
            brought(mara, path, "lender")
    mirror.refresh()
    ties = read_ties(systems_folder(mirror.path) / "ties.yaml")
    assert {name: set(one.scenarios) for name, one in ties.items()} == {
        name: set(one.scenarios) for name, one in shipped_ties().items()
    }
    assert {one for two in ties.values() for one in two.controls} == {
        one for two in shipped_ties().values() for one in two.controls
    }
    found, shipped = readiness_of(mirror.path), read_folder(DATASETS / "readiness")
    assert found is not None
    assert set(found.readiness.standings) == set(shipped.readiness.standings)
    assert found.statement.in_place == shipped.statement.in_place
    assert found.statement.sign_offs == shipped.statement.sign_offs
    assert found.statement.owners == shipped.statement.owners
    assert set(map(str, found.answers)) == set(map(str, shipped.answers))
    kept, _ = mara.items(kind="assessment", limit=1000)
    mara.do("delete", [Change(head.kind, head.id, None) for head in kept])
    mirror.refresh()
    assert readiness_of(mirror.path) is None


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_scenario_is_quantified_on_the_threats_page_once_it_is_linked(
    mara: Register, mirror: Mirror, example: Study
) -> None:
    (chatbot,) = (one for one in shipped_systems() if one.id == "customer-chatbot")
    mara.save_study("lender", example)
    mara.save("lender/customer-chatbot", chatbot)
    mirror.refresh()
    assert open_threat_board(mirror.path).systems["customer-chatbot"].average == 0
    mara.save("lender/customer-chatbot/S-06", Tie("S-06", ("STAI-079",), "an answer relied on"))
    mirror.refresh()
    assert open_threat_board(mirror.path).systems["customer-chatbot"].average > 0


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_assessments_of_no_study_are_those_of_each(
    mara: Register, mirror: Mirror, example: Study
) -> None:
    mara.save_study("lender", example)
    standing = Standing("iso42001_2023", "A.7.4", "met", evidence="minutes")
    mara.save("iso42001_2023/A.7.4", standing)
    mara.save("another/iso42001_2023/A.7.4", standing)
    mara.save("lender/board-1", SignOff("Chatbot", "approved", ("CRO",), "2026-11-01"))
    mirror.refresh()
    found = readiness_of(mirror.path)
    assert found is not None
    assert found.readiness.standings == (standing,)
    assert (found.statement.day, found.statement.organisation) == ("2026-11-29", example.name)
    assert [one.subject for one in found.statement.sign_offs] == ["Chatbot"]
    own = Standing("iso42001_2023", "A.7.4", "in part")
    mara.save("lender/iso42001_2023/A.7.4", own)
    mirror.refresh()
    assert readiness_of(mirror.path).readiness.standings == (own,)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_page_of_a_registered_study_says_how_the_register_keeps_a_run(
    mara: Register, mirror: Mirror, example: Study
) -> None:
    mara.save_study("lender", example)
    mara.checkpoint()
    mirror.refresh()
    assert "workbench register save-run" in open_board(mirror.path).since.note
