"""Files into a register and out of it: by content, whole or not at all, no change lost."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.answers import parsed, refused
from workbench.files import read_study, write_study
from workbench.files.catalogues.threats import shipped_threats
from workbench.register import Register

ROOT = Path(__file__).resolve().parents[2]
SYSTEM = """\
system: {id: chatbot, name: Customer chatbot, facts: [generative, converses, hosted]}
boundaries:
  - {id: outside, name: Customers, trust: 0, controlled_by: public}
  - {id: cloud, name: Our cloud, trust: 2}
components:
  - {id: customer, name: Customer, kind: people, boundary: outside}
  - {id: context, name: Context, kind: prompt and context, boundary: cloud}
flows:
  - {source: customer, target: context, carries: questions}
"""
READY = """\
framework,id,status,maturity,target,owner,due,evidence,justification
iso42001_2023,A.2.2,met,3,4,CISO,,DOC-7,
iso42001_2023,A.7.4,open,,,,,,
"""
EVIDENCE = """\
framework,id,evidence,by,day
eu_ai_act_2024_1689,10,Data quality report 2026-10,A. Auditor,2026-11-24
eu_ai_act_2024_1689,10,Review of labels,A. Auditor,2026-11-24
"""


def test_a_study_is_imported_with_its_hash_and_its_author(register, run) -> None:
    (entry,) = parsed(run("audit", "log", "--start", "1", "--json"))["entries"]
    data = (register / "t.csv").read_bytes()
    assert entry["details"] == {
        "file": "t.csv",
        "sha256": hashlib.sha256(data).hexdigest(),
        "content": "study",
    }
    assert (entry["act"], entry["name"], entry["reason"]) == ("import", "mara", "as agreed")
    with Register.open("r.db", reads_only=True) as there:
        assert there.load_study("lender").study == read_study("t.csv").study


def test_a_study_is_named_as_its_file_unless_told(empty_register, run) -> None:
    assert (
        "imported t.csv (study): entry 1, 3 versions" in run("register", "import", "t.csv").stdout
    )
    assert parsed(run("register", "list", "--kind", "study", "--json"))["items"][0]["id"] == "t"


OTM = json.dumps(
    {
        "otmVersion": "0.2.0",
        "project": {"name": "Chat", "id": "chat"},
        "trustZones": [{"id": "z", "name": "Z", "type": "internet", "risk": {"trustRating": 1}}],
        "components": [
            {"id": "c", "name": "C", "type": "web-service", "parent": {"trustZone": "z"}}
        ],
    }
)
TWO = ["iso42001_2023/A.2.2", "iso42001_2023/A.7.4"]
TREATMENT = """\
treatments:
  - {id: T-1, phase: 1, title: Filter, description: Prompts pass it., start_month: 1, end_month: 3}
"""
SIGN_OFF = {"subject": "Chatbot", "decision": "approved", "members": ["CRO"], "day": "2026-11-28"}
ROW = {"framework": "iso42001_2023", "id": "A.7.4", "status": "open"}
# file -> its text, what it is, the ids of what it brings
FILES = {
    "chat.yaml": (SYSTEM, "system", ["chatbot"]),
    "chat.otm": (OTM, "system", ["chat"]),
    "ready.csv": (READY, "readiness", TWO),
    "ready.json": (json.dumps([ROW]), "readiness", TWO[1:]),
    "rows.json": (json.dumps({"standings": [ROW]}), "readiness", TWO[1:]),
    "ready.yaml": ("- {framework: iso42001_2023, id: A.7.4, status: open}", "readiness", TWO[1:]),
    "treat.yaml": (TREATMENT, "treatments", ["T-1"]),
    "board.json": (json.dumps({"sign_offs": [SIGN_OFF]}), "sign-offs", ["Chatbot/2026-11-28"]),
    "flow.yaml": ("{study: {name: Flow}, scenarios: []}", "study", ["flow"]),
    "study.json": ('{"study": {"name": "Flow"}, "scenarios": []}', "study", ["study"]),
}


@pytest.mark.parametrize("file", FILES)
def test_what_a_file_is_is_found_by_its_content(empty_register, run, file) -> None:
    text, content, ids = FILES[file]
    (empty_register / file).write_text(text)
    done = run("register", "import", file)
    assert done.exit_code == 0, done.stderr
    assert f"imported {file} ({content}): entry 1" in done.stdout
    assert [one["id"] for one in parsed(run("register", "list", "--json"))["items"]] == ids
    again = run("register", "import", file)
    assert (again.exit_code, "nothing differs" in again.stdout) == (0, True)


def test_a_system_does_not_take_the_id_of_a_study_unseen(register, run) -> None:
    (register / "chat.yaml").write_text(SYSTEM)
    args = ("register", "import", "chat.yaml", "--id")
    for more in ((), ("--replace",)):
        said = refused(run(*args, "lender", *more), "lender, which is a study")
        assert "Tell --id lender/chatbot, or leave it out" in said
    assert run(*args, "lender/chatbot").exit_code == 0
    assert run(*args, "desk").exit_code == 0  # a system of no study, under another id
    with Register.open("r.db", reads_only=True) as there:
        assert {one.id for one in there.items(kind="system")[0]} == {"lender/chatbot", "desk"}


def test_a_sign_off_is_kept_with_its_versions_and_stands_once_in_a_file(
    empty_register, run
) -> None:
    board = empty_register / "board.json"
    board.write_text(json.dumps({"sign_offs": [SIGN_OFF, SIGN_OFF]}))
    refused(run("register", "import", "board.json"), "row 2 (Chatbot -> 2026-11-28)", "row 1")
    board.write_text(json.dumps({"sign_offs": [SIGN_OFF]}))
    assert run("register", "import", "board.json", "--id", "lender").exit_code == 0
    refused_one = SIGN_OFF | {"decision": "refused", "reason": "No filter yet."}
    board.write_text(json.dumps({"sign_offs": [refused_one]}))
    refused(run("register", "import", "board.json", "--id", "lender"), "sign-off", "--base")
    assert run("register", "import", "board.json", "--id", "lender", "--base", "1").exit_code == 0
    item = ("sign-off", "lender/Chatbot/2026-11-28")
    assert "decision: approved -> refused" in run("register", "diff", *item, "1", "2").stdout
    board.write_text(json.dumps({"sign_offs": [SIGN_OFF | {"decision": "refused"}]}))
    refused(run("register", "import", "board.json"), "a refusal has a reason")


def test_an_item_is_deleted_by_the_version_that_is_meant_and_comes_back(register, run) -> None:
    item = ("scenario", "lender/S-1")
    assert "delete scenario lender/S-1" in run("register", "delete", *item, "1").stdout
    assert parsed(run("register", "list", "--json"))["count"] == 2
    assert run("register", "undo").exit_code == 0
    refused(run("register", "delete", *item, "1", "--as", "tom"), "mara saved version 3")
    assert parsed(run("register", "delete", *item, "3", "--json"))["entry"]["act"] == "delete"
    refused(run("register", "delete", "scenario", "lender/S-9", "1"), "lender/S-1")


def test_two_records_of_one_requirement_and_day_are_two(empty_register, run) -> None:
    (empty_register / "evidence.csv").write_text(EVIDENCE)
    assert "(evidence): entry 1, 2 versions" in run("register", "import", "evidence.csv").stdout
    turned = "".join([EVIDENCE.splitlines(keepends=True)[n] for n in (0, 2, 1)])
    (empty_register / "evidence.csv").write_text(turned)
    assert "nothing differs" in run("register", "import", "evidence.csv").stdout
    assert "2 versions" in run("register", "import", "evidence.csv", "--id", "chatbot").stdout


def test_a_workbook_is_known_by_its_header(empty_register, run) -> None:
    assert run("blank-readiness", "blank.xlsx", "iso42001_2023").exit_code == 0
    done = run("register", "import", "blank.xlsx")
    assert "imported blank.xlsx (readiness)" in done.stdout


def test_a_catalogue_of_threats_is_imported_whole(empty_register, run) -> None:
    shutil.copy(ROOT / "datasets" / "threats" / "threats.json", "threats.json")
    count = len(shipped_threats().threats)
    entry = parsed(run("register", "import", "threats.json", "--json"))["entry"]
    assert (entry["details"]["content"], entry["rows"]) == ("threats", count)
    with Register.open("r.db", reads_only=True) as there:
        for threat in shipped_threats().threats[:5]:
            assert there.load("threat", threat.id) == threat


def test_a_file_with_a_fault_leaves_nothing(register, run) -> None:
    before = parsed(run("audit", "log", "--json"))["count"]
    faulty = READY + "iso42001_2023,A.99.9,met,9,4,CISO,,DOC-7,\n"
    (register / "bad.csv").write_text(faulty)
    said = refused(run("register", "import", "bad.csv"), "bad.csv: row 4")
    assert "maturity" in said
    assert parsed(run("audit", "log", "--json"))["count"] == before
    assert parsed(run("register", "list", "--kind", "assessment", "--json"))["count"] == 0


def test_an_import_over_another_study_is_refused_until_it_says_from_where(register, run) -> None:
    text = (register / "t.csv").read_text()
    (register / "t.csv").write_text(text.replace("Leak", "Spill"))
    refused(run("register", "import", "t.csv", "--id", "lender"), "--base", "--replace")
    done = run("register", "import", "t.csv", "--id", "lender", "--base", "1")
    assert "1 version" in done.stdout
    (register / "t.csv").write_text(text)
    assert run("register", "import", "t.csv", "--id", "lender", "--replace").exit_code == 0
    refused(run("register", "import", "t.csv", "--id", "lender", "--base", "99"), "0 to")
    refused(
        run("register", "import", "t.csv", "--id", "lender", "--base", "1", "--replace"), "both"
    )


def test_a_study_that_another_changed_is_a_conflict_with_both_versions(register, run) -> None:
    text = (register / "t.csv").read_text()
    out = run("register", "export", "lender", "mine.yaml")
    assert "--base 1" in out.stdout
    (register / "t.csv").write_text(text.replace("Leak", "Spill"))
    assert run("register", "import", "t.csv", "--id", "lender", "--replace").exit_code == 0
    mine = (register / "mine.yaml").read_text().replace("Leak", "Drip\u202e")
    (register / "mine.yaml").write_text(mine)
    args = ("register", "import", "mine.yaml", "--id", "lender", "--base", "1", "--as", "tom")
    said = refused(run(*args), "mara saved version 2", "theirs name: Leak -> Spill")
    assert r"yours  name: Leak -> Drip\u202e" in said
    assert "\u202e" not in said


def test_a_table_that_another_changed_is_a_conflict(register, run) -> None:
    (register / "ready.csv").write_text(READY)
    assert run("register", "import", "ready.csv").exit_code == 0
    base = str(parsed(run("audit", "log", "--json"))["count"] - 1)
    (register / "ready.csv").write_text(READY.replace("open", "in part"))
    refused(run("register", "import", "ready.csv"), "assessment iso42001_2023/A.7.4", "--base")
    assert run("register", "import", "ready.csv", "--base", base).exit_code == 0
    (register / "ready.csv").write_text(READY.replace("open,", "not applicable,").replace(
        ",,,,,,\n", ",,,,,,none\n"))  # fmt: skip
    refused(
        run("register", "import", "ready.csv", "--base", base), "theirs status", "yours  status"
    )


@pytest.mark.parametrize("suffix", ["yaml", "json", "csv"])
def test_an_export_reads_back_and_is_recorded_with_its_hash(register, run, suffix) -> None:
    out = f"out.{suffix}"
    record = parsed(run("register", "export", "lender", out, "--reason", "for the board", "--json"))
    data = (register / out).read_bytes()
    assert record["sha256"] == hashlib.sha256(data).hexdigest()
    assert read_study(out).study == read_study("t.csv").study
    (entry,) = parsed(run("audit", "log", "--start", str(record["seq"]), "--json"))["entries"]
    assert (entry["act"], entry["details"]["sha256"]) == ("export", record["sha256"])
    assert (entry["details"]["as_of"], entry["reason"]) == (1, "for the board")
    assert f"\n{record['seq'] + 1}\n" in record["checkpoint"]
    refused(run("register", "export", "lender", out), "Add --force")
    assert run("register", "export", "lender", out, "--force").exit_code == 0


def test_an_export_that_cannot_be_written_is_not_recorded(register, run) -> None:
    refused(run("register", "export", "lender", "none/out.yaml"), "cannot be written")
    refused(run("register", "export", "lender", "out.pdf"), ".yaml")
    refused(run("register", "export", "nobody", "out.yaml"), "nobody")
    assert parsed(run("audit", "log", "--json"))["count"] == 2


def test_a_study_is_exported_as_it_was(register, run) -> None:
    before = read_study("t.csv").study
    text = (register / "t.csv").read_text()
    (register / "t.csv").write_text(text.replace("Leak", "Spill"))
    assert run("register", "import", "t.csv", "--id", "lender", "--base", "1").exit_code == 0
    assert run("register", "export", "lender", "old.yaml", "--at", "1").exit_code == 0
    assert read_study("old.yaml").study == before


def test_a_name_that_is_a_formula_leaves_inert(register, run) -> None:
    rows = (register / "t.csv").read_text().replace("Leak", "'=1+1")
    (register / "f.csv").write_text(rows)
    assert run("register", "import", "f.csv").exit_code == 0
    assert run("register", "export", "f", "out.csv").exit_code == 0
    cells = (register / "out.csv").read_text().splitlines()[1].split(",")
    assert cells[1].startswith("'")


def test_an_empty_study_and_a_large_name_are_kept(empty_register, run) -> None:
    (empty_register / "e.json").write_text('{"study": {"name": "Empty"}, "scenarios": []}')
    assert run("register", "import", "e.json").exit_code == 0
    study = read_study("e.json").study
    write_study(study, "same.yaml")
    assert "nothing differs" in run("register", "import", "same.yaml", "--id", "e").stdout


def test_a_file_of_events_is_named_in_the_log_without_what_cannot_be_seen(
    empty_register, run
) -> None:
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-29T09:00:00Z",
        "producer": "https://example.org/jobs",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
        "run": {"runId": "01890b7e-0000-7000-8000-000000000001"},
        "job": {"namespace": "jobs", "name": "train"},
        "inputs": [{"namespace": "files", "name": "loans"}],
        "outputs": [{"namespace": "files", "name": "model"}],
    }
    name = "events\u202egnp.jsonl"
    (empty_register / name).write_text(json.dumps(event))
    refused(run("lineage", name, "--register", "r.db", "--as", "a\nb"), "one line")
    refused(run("lineage", name, "--register", "r.db", "--bom", name), "another file")
    done = run("lineage", name, "--register", "r.db")
    assert done.exit_code == 0, done.stderr
    assert "kept in the register: entry 1, 2 versions" in done.stdout
    assert parsed(run("lineage", name, "--register", "r.db", "--json"))["entry"] is None
    with Register.open("r.db", reads_only=True) as there:
        assert there.log()[-1].details["file"] == "events\\u202egnp.jsonl"
