"""`workbench register` as its users see it: what is kept, shown, reviewed, undone, checked."""

import hashlib
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.cli.answers import parsed, refused
from workbench.audit.lineage import Lineage, Subject
from workbench.files import read_study
from workbench.register import Register, kinds, naming


def test_a_new_register_tells_the_key_that_checks_it(here, run, monkeypatch) -> None:
    monkeypatch.setenv("WORKBENCH_REGISTER_KEYS", str(here / "keys"))
    words = run("register", "init", "--register", "new.db", "--as", "mara")
    assert words.exit_code == 0
    assert "its log is checked with: risk-workbench/register/" in words.stdout
    record = parsed(run("register", "init", "--register", "other.db", "--as", "mara", "--json"))
    assert Path(record["signing_key"]).stat().st_mode & 0o777 == 0o600
    with Register.open("other.db", reads_only=True) as made:
        assert record["verifier"] == str(made.verifier())
    refused(run("register", "init", "--register", "other.db"), "place of its own")


def test_a_list_comes_in_pages_and_can_be_searched(register, run) -> None:
    record = parsed(run("register", "list", "--limit", "2", "--json"))
    assert (record["count"], len(record["items"])) == (3, 2)
    assert "1 to 2 of 3; the rest with --offset 2" in run("register", "list", "--limit", "2").stdout
    assert "3 to 3 of 3" in run("register", "list", "--limit", "2", "--offset", "2").stdout
    found = parsed(run("register", "list", "--search", "leak", "--json"))
    assert [one["id"] for one in found["items"]] == ["lender/S-1"]
    assert parsed(run("register", "list", "--state", "approved", "--json"))["count"] == 0
    assert "Nothing is kept" in run("register", "list", "--search", "zebra").stdout
    refused(run("register", "list", "--state", "done"), "draft, in review")


def test_an_item_is_shown_with_its_fields_and_its_author(register, run) -> None:
    words = run("register", "show", "scenario", "lender/S-1").stdout
    assert "scenario lender/S-1, version 1: draft" in words
    assert "import by mara" in words
    record = parsed(run("register", "show", "scenario", "lender/S-1", "--json"))
    assert record["body"]["name"] == "Leak"
    assert record["by"] == "mara"


def test_every_act_on_a_study_is_in_its_history(register, run) -> None:
    text = (register / "t.csv").read_text()
    (register / "t.csv").write_text(text.replace("Leak", "Spill"))
    args = ("register", "import", "t.csv", "--id", "lender", "--base", "1", "--reason", "clearer")
    assert run(*args, "--as", "tom").exit_code == 0
    assert run("register", "submit", "study", "lender", "1").exit_code == 0
    found = parsed(run("register", "history", "study", "lender", "--json"))["acts"]
    assert [(one["act"], one["name"], one["touched"]) for one in found] == [
        ("submit", "mara", 3),
        ("import", "tom", 1),
        ("import", "mara", 3),
    ]
    words = run("register", "history", "scenario", "lender/S-1").stdout.splitlines()
    assert "scenario lender/S-1 version 2: in review" in words[1]
    assert "clearer" in words[2]


def test_versions_and_whole_studies_are_compared(register, run) -> None:
    text = (register / "t.csv").read_text()
    (register / "t.csv").write_text(text.replace("Leak", "Spill"))
    assert run("register", "import", "t.csv", "--id", "lender", "--base", "1").exit_code == 0
    assert run("register", "diff", "scenario", "lender/S-1", "1", "2").stdout == (
        "name: Leak -> Spill\n"
    )
    found = parsed(run("register", "diff", "study", "lender", "1", "2", "--json"))["differences"]
    assert found == [{"field": "scenarios.S-1.name", "old": "Leak", "new": "Spill"}]
    assert run("register", "diff", "study", "lender", "2", "2").stdout == "Nothing differs.\n"
    refused(run("register", "diff", "study", "lender", "1", "9"), "0 to 2")
    refused(run("register", "diff", "study", "lender", "0", "1"), "after entry 0; got 'lender'")
    refused(run("register", "diff", "scenario", "lender/S-1", "1", "9"), "versions 1 to 2")


def test_a_review_goes_through_its_states_and_an_author_does_not_approve(register, run) -> None:
    item = ("scenario", "lender/S-1", "1")
    refused(run("register", "approve", *item, "--as", "tom"), "in review")
    assert "submit scenario" in run("register", "submit", *item).stdout
    refused(run("register", "approve", *item), "a reviewer is not an author")
    assert run("register", "return", *item, "--as", "tom", "--reason", "too low").exit_code == 0
    assert run("register", "submit", *item).exit_code == 0
    entry = parsed(run("register", "approve", *item, "--as", "tom", "--json"))["entry"]
    assert (entry["act"], entry["rows"]) == ("approve", 1)
    assert "1: approved" in run("register", "show", *item[:2]).stdout
    refused(run("register", "approve", "scenario", "lender/S-1", "2", "--as", "tom"), "names the")
    assert run("register", "retire", *item).exit_code == 0


def test_an_import_is_undone_and_done_again(register, run) -> None:
    assert "undo of import 1" in run("register", "undo").stdout
    assert parsed(run("register", "list", "--json"))["count"] == 0
    assert run("register", "redo").exit_code == 0
    assert parsed(run("register", "list", "--json"))["count"] == 3
    refused(run("register", "redo"), "none")
    refused(run("register", "undo", "--as", "tom"), "tom")


def test_a_name_is_erased_and_the_acts_stay(register, run) -> None:
    assert run("register", "undo").exit_code == 0
    assert run("register", "erase", "mara", "--as", "tom", "--reason", "asked to").exit_code == 0
    entries = parsed(run("audit", "log", "--json"))["entries"]
    assert {one["name"] for one in entries if one["act"] != "erase"} == {
        f"{entries[0]['by']} (erased)"
    }
    assert "mara" not in run("audit", "log").stdout
    assert run("audit", "verify").exit_code == 0
    refused(run("register", "erase", "nobody", "--as", "tom"), "nobody")


def test_a_backup_is_restored_and_that_is_recorded(register, run) -> None:
    assert "written: b.db" in run("register", "backup", "b.db").stdout
    refused(run("register", "backup", "b.db"), "a new file")
    refused(run("register", "restore", "b.db"), "a place of its own", "r.db")
    entry = parsed(run("register", "restore", "b.db", "--register", "back.db", "--json"))["entry"]
    assert (entry["act"], entry["seq"]) == ("restore", 2)
    assert run("register", "check", "--register", "back.db").exit_code == 0
    refused(run("register", "restore", "none.db", "--register", "x.db"), "a backup is a file")
    refused(run("register", "restore", "t.csv", "--register", "x.db"), "no register")


def test_a_sound_register_is_told_so_and_a_damaged_one_exits_with_1(register, run) -> None:
    done = run("register", "check")
    assert (done.exit_code, "the database is sound" in done.stdout) == (0, True)
    assert parsed(run("register", "check", "--json"))["log"]["is_good"] is True
    with sqlite3.connect("r.db") as connection:
        connection.execute("UPDATE versions SET body = replace(body, 'Leak', 'Lake')")
    done = run("register", "check")
    assert done.exit_code == 1
    assert "entry 1: scenario lender/S-1 version 1 is not what it recorded" in done.stdout
    with sqlite3.connect("r.db") as connection:
        connection.execute("DELETE FROM accounts")
    assert "names one of accounts that is not there" in run("register", "check").stdout
    with sqlite3.connect("r.db") as connection:
        connection.execute("DROP TABLE drafts")
    assert "the table drafts is gone" in run("register", "check").stdout


def test_a_run_is_kept_with_its_inputs_and_is_an_entry(register, run) -> None:
    done = run("register", "save-run", "lender", "--note", "first look", "--approved-by", "Board")
    assert "\\x" not in done.stdout
    assert done.exit_code == 0, done.stderr
    assert "An average year costs" in done.stdout
    assert "approved as stated here, and not by an act of the register: Board" in done.stdout
    (one,) = parsed(run("register", "list", "--kind", "run", "--json"))["items"]
    assert f"run {one['id']}: entry 2" in done.stdout
    body = parsed(run("register", "show", "run", one["id"], "--json"))["body"]
    assert (body["approval"]["by"], body["note"]) == ("Board", "first look")
    assert body["inputs"]["scenarios"][0]["name"] == "Leak"
    (entry,) = parsed(run("audit", "log", "--start", "2", "--json"))["entries"]
    assert entry["details"]["inputs_sha256"] == body["inputs_sha256"]
    refused(run("register", "save-run", "lender", "--on", "2026-01-01"), "--approved-by")
    refused(run("register", "save-run", "nobody"), "nobody")


def test_a_run_rests_on_the_files_that_lineage_knows(register, run) -> None:
    (register / "loans.csv").write_text("income\n1\n")
    refused(run("register", "save-run", "lender", "--uses", "loans.csv"), "SHA-256", "events")
    sha256 = hashlib.sha256((register / "loans.csv").read_bytes()).hexdigest()
    with Register.open("r.db", by="mara") as there:
        there.save_lineage(Lineage((Subject("loans", "dataset", "7", sha256),)))
    done = run("register", "save-run", "lender", "--uses", "loans.csv")
    assert "it rests on loans@7" in done.stdout
    (one,) = parsed(run("lineage", "loans.csv", "--json"))["subjects"]
    assert one["runs_that_rest_on_it"][0].startswith("lender/")


def test_a_study_is_approved_as_it_was_seen_and_a_list_tells_what_is_open(register, run) -> None:
    assert run("register", "submit", "study", "lender", "1").exit_code == 0
    refused(
        run("register", "approve", "study", "lender", "1", "--seen", "0", "--as", "tom"), "entry 0"
    )
    approve = ("register", "approve", "study", "lender", "1", "--seen", "2", "--as", "tom")
    assert run(*approve).exit_code == 0
    text = (register / "t.csv").read_text()
    (register / "t.csv").write_text(text.replace("Leak", "Spill"))
    assert "not" not in run("register", "list", "--kind", "study").stdout
    assert run("register", "import", "t.csv", "--id", "lender", "--base", "3").exit_code == 0
    assert "approved, 1 part not" in run("register", "list", "--kind", "study").stdout
    (head,) = parsed(run("register", "list", "--kind", "study", "--json"))["items"]
    assert (head["state"], head["parts_not_approved"]) == ("approved", 1)


def test_a_registered_study_is_published_as_it_is_now(register, run, monkeypatch) -> None:
    seen = []

    def published(folder, study, **_):
        seen.append(read_study(study).study)
        return [folder / "index.html"]

    monkeypatch.setattr("workbench.cli.publishing.publish_study", published)
    args = ("publish", "page", "lender", "--register", "r.db")
    assert run(*args).stdout == "page/index.html\n"
    assert seen == [read_study("t.csv").study]
    refused(run("publish", "page", "nobody", "--register", "r.db"), "nobody")
    refused(run("publish", "page", "--register", "r.db"), "named by its id")


def test_rights_are_granted_on_a_server_alone(register, run) -> None:
    refused(run("register", "grant", "app"), "on a server", "r.db")


def test_a_list_loads_nothing_that_computes(register) -> None:
    looks = [
        ["register", "list"],
        ["register", "list", "--json"],
        ["register", "show", "study", "lender"],
        ["register", "history", "study", "lender"],
        ["register", "diff", "scenario", "lender/S-1", "1", "1"],
        ["audit", "log"],
    ]
    code = (
        "import sys\nfrom workbench.cli import app\n"
        f"for look in {looks!r}:\n    app(look, standalone_mode=False)\n"
        "print(sorted({'numpy', 'scipy', 'plotly', 'ruamel', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_kinds_that_are_listed_are_those_that_are_kept(run) -> None:
    assert naming.NAMES == kinds.ALL
    shown = " ".join(run("register", "show", "--help").stdout.split())
    assert f"One of {', '.join(naming.NAMES)}." in shown.replace("- ", "-")


def test_a_place_is_told_without_its_password(here, run, monkeypatch) -> None:
    from workbench.register import backing_up
    from workbench.register.places import place_of

    monkeypatch.setenv("WORKBENCH_REGISTER_KEYS", str(here / "keys"))
    assert run("register", "init", "--register", "r.db", "--as", "mara").exit_code == 0
    assert run("register", "backup", "b.db", "--register", "r.db").exit_code == 0
    url = "postgresql://mara:secret@host/risks"
    monkeypatch.setattr(backing_up, "restore", lambda *_: None)
    opened = Register.open
    monkeypatch.setattr(Register, "open", lambda _, **more: opened("r.db", **more))
    done = run("register", "restore", "b.db", "--register", url, "--as", "mara")
    assert done.exit_code == 0, done.stderr
    assert f"restored to {place_of(url)}" in done.stdout
    assert "secret" not in done.stdout + done.stderr
