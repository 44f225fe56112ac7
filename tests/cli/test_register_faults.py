"""What a register's commands refuse: a line, exit code 2, nothing changed, no traceback."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.cli.answers import parsed, refused
from workbench.cli.register_words import check_text
from workbench.errors import WorkbenchError
from workbench.register.connecting import PRAGMAS
from workbench.register.opened import OpenRegister


def test_a_register_whose_pages_are_damaged_is_one_line(register, run) -> None:
    with sqlite3.connect("r.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray((register / "r.db").read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    (register / "r.db").write_bytes(bytes(data))
    done = run("register", "list")
    refused(done, "damaged")
    checked = run("register", "check")
    assert checked.exit_code == 1
    assert "fault: r.db: the database is damaged; restore a backup" in checked.stdout
    assert parsed(run("register", "check", "--json"), code=1)["log"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["show", "study", "lender"],
        ["history", "study", "lender"],
        ["import", "t.csv"],
        ["undo"],
        ["check"],
        ["backup", "b.db"],
    ],
)
def test_a_register_that_is_none_is_one_line(register, run, arguments) -> None:
    refused(run("register", *arguments, "--register", "none.db"), "none.db: ")
    refused(run("register", *arguments, "--register", "t.csv"), "t.csv: this is no register")
    refused(run("register", *arguments, "--register", "mysql://x/y"), "SQLite file or")
    refused(run("register", *arguments, "--register", "nul\x00.db"), r"nul\x00.db")
    assert not (register / "none.db").exists()


def test_a_command_says_which_register(here, run, monkeypatch) -> None:
    monkeypatch.delenv("WORKBENCH_REGISTER", raising=False)
    refused(run("register", "list"), "WORKBENCH_REGISTER")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["show", "scenarios", "x"], ["'scenarios'", "scenario"]),
        (["show", "scenario", "lender/S-2x"], ["lender/S-2"]),
        (["show", "scenario", "lender/S-1", "--version", "7"], ["versions 1 to 1"]),
        (["history", "study", "lendr"], ["lender"]),
        (["show", "scenario", "a\x00\u202e"], [r"a\x00\u202e"]),
        (["list", "--kind", "sceanrio"], ["scenario"]),
        (["import", "none.csv"], ["no such file"]),
        (["import", "keys"], ["a folder"]),
        (["import", "t.csv", "--content", "poem"], ["study, system"]),
        (["import", "t.csv", "--id", "a/b"], ["a study's id"]),
        (["import", "t.csv", "--id", "x\u202e"], [r"x\u202e"]),
        (["import", "r.db"], ["a SQLite database"]),
        (["undo", "--as", "a\nb"], ["one line"]),
    ],
)
def test_what_is_not_there_is_told_with_what_is(register, run, arguments, parts) -> None:
    said = refused(run("register", *arguments), *parts)
    assert "\u202e" not in said
    assert "\x00" not in said


HUGE = str(10**25)
HALF = "\udcff"  # how a byte that is no text reaches a program


UNEXPECTED = [
    ["list", "--offset", HUGE],
    ["list", "--search", HALF],
    ["list", "--kind", HALF],
    ["list", "--register", "keys"],
    ["show", "study", HALF],
    ["show", "study", "lender", "--version", HUGE],
    ["show", "study", "a\x00"],
    ["history", "study", HALF],
    ["diff", "study", "lender", "1", HUGE],
    ["diff", "scenario", "lender/S-1", "1", HUGE],
    ["import", "t.csv", "--id", HALF],
    ["import", "t.csv", "--id", "lender", "--base", HUGE],
    ["import", "t.csv", "--id", "other", "--reason", HALF],
    ["import", "a\x00.csv"],
    ["import", "/dev/null"],
    ["import", ""],
    ["export", "lender", "o\x00.yaml"],
    ["export", "lender", "keys"],
    ["export", "lender", "out.yaml", "--at", HUGE],
    ["backup", "b\x00"],
    ["backup", "none/b"],
    ["restore", "b\x00", "--register", "new.db"],
    ["restore", "keys", "--register", "new.db"],
    ["restore", "backup.db", "--register", "new.db", "--as", "a\nb"],
    ["restore", "newer.db", "--register", "new.db"],
    ["list", "--register", "~nobody-of-this-name/r.db"],
    ["submit", "study", "lender", HUGE],
    ["approve", "study", HALF, "1"],
    ["erase", HALF],
    ["save-run", HALF],
    ["undo", "--as", HALF],
    ["undo", "--as", ""],
    ["init", "--register", "none/r.db"],
]


def test_what_no_program_expects_is_a_line_and_changes_nothing(register, run) -> None:
    assert run("register", "backup", "backup.db").exit_code == 0
    shutil.copyfile("backup.db", "newer.db")
    with closing(sqlite3.connect("newer.db", isolation_level=None)) as connection:
        connection.execute("UPDATE register SET value = '9' WHERE key = 'schema'")
    for arguments in UNEXPECTED:
        said = refused(run("register", *arguments))
        assert said.count("\n") == 1, arguments
        assert HALF not in said
    assert parsed(run("audit", "log", "--json"))["count"] == 2
    assert not (register / "new.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["register", "show", "study", "nobody"],
        ["register", "import", "none.csv"],
        ["register", "export", "lender", "t.csv"],
        ["register", "undo", "--as", "a\nb"],
        ["register", "restore", "t.csv", "--register", "new.db"],
        ["audit", "prove", "99"],
        ["audit", "verify", "--checkpoint", "none.txt"],
        ["lineage", "t.csv"],
        ["playbook", "PB-99"],
        ["simulate", "none.csv"],
    ],
)
def test_a_refusal_of_who_asked_for_json_is_one_object(register, run, arguments) -> None:
    done = run(*arguments, "--json")
    told = parsed(done, code=2)["error"]
    assert "\n".join(told["lines"]) + "\n" == refused(done)
    assert told["exit_code"] == 2


def test_a_program_is_told_both_versions_of_a_conflict(register, run) -> None:
    text = (register / "t.csv").read_text()
    args = ("register", "import", "t.csv", "--id", "lender", "--base", "1", "--json")
    for name, who in (("Spill", "tom"), ("Drip", "mara")):
        (register / "t.csv").write_text(text.replace("Leak", name))
        done = run(*args, "--as", who)
    (clash,) = parsed(done, code=2)["error"]["clashes"]
    assert (clash["id"], clash["base"]) == ("lender/S-1", 1)
    assert (clash["current"]["version"], clash["current"]["by"]) == (2, "tom")
    assert clash["theirs"] == [{"field": "name", "old": "Leak", "new": "Spill"}]
    assert clash["yours"] == [{"field": "name", "old": "Leak", "new": "Drip"}]


def test_a_program_is_told_who_decided_what_an_undo_would_take_back(register, run) -> None:
    for act in (("submit",), ("approve", "--as", "tom", "--reason", "as agreed")):
        assert run("register", act[0], "study", "lender", "1", *act[1:]).exit_code == 0
    told = parsed(run("register", "undo", "--json"), code=2)["error"]
    (entry,) = parsed(run("audit", "log", "--start", "3", "--json"))["entries"]
    first, *others = told["decisions"]
    assert first == {
        "kind": "study",
        "id": "lender",
        "version": 1,
        "decision": "approved",
        "by": "tom",
        "time": entry["time"],
        "entry": 3,
        "reason": "as agreed",
    }
    assert [one["id"] for one in others] == ["lender/S-1", "lender/S-2"]
    assert (told["count"], told["clashes"]) == (3, [])


def test_a_place_with_any_signs_in_its_name_is_a_register(here, run, monkeypatch) -> None:
    monkeypatch.setenv("WORKBENCH_REGISTER_KEYS", str(here / "keys"))
    for name in ("a?mode=ro#x%20.db", "Größe 😀.db", "odd\udcff.db"):
        assert run("register", "init", "--register", name, "--as", "mara").exit_code == 0
        assert (here / name).is_file()
        copy = f"copy of {name}"
        assert run("register", "backup", copy, "--register", name).exit_code == 0
        again = ("--register", f"again {name}", "--as", "mara")
        assert run("register", "restore", copy, *again).exit_code == 0
        assert run("register", "check", *again[:2]).exit_code == 0


def test_the_nearest_of_many_ids_is_named(empty_register, run) -> None:
    header, row, *_ = (empty_register / "t.csv").read_text().splitlines()
    rows = [row.replace("S-1", f"S-{number:04}") for number in range(1000)]
    (empty_register / "many.csv").write_text("\n".join([header, *rows]))
    assert run("register", "import", "many.csv").exit_code == 0
    refused(run("register", "show", "scenario", "many/S-07777"), "many/S-0777")


def test_a_register_that_may_only_be_read_says_so(register, run, monkeypatch) -> None:
    # as a file without the right to write is to SQLite; rights do not bind every user of tests
    shut = (*PRAGMAS, "PRAGMA query_only = ON")
    monkeypatch.setattr("workbench.register.connecting.PRAGMAS", shut)
    refused(run("register", "undo"), "may not be written here; nothing was changed")
    assert run("register", "list").exit_code == 0
    assert run("audit", "verify").exit_code == 0


def test_a_register_that_somebody_holds_is_one_line(register, run, monkeypatch) -> None:
    brief = ("PRAGMA busy_timeout = 20", *PRAGMAS[1:])
    monkeypatch.setattr("workbench.register.connecting.PRAGMAS", brief)
    holder = sqlite3.connect("r.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        refused(run("register", "undo"), "another program has held the register")
        assert run("register", "list").exit_code == 0  # readers do not wait
    finally:
        holder.close()
    assert run("register", "undo").exit_code == 0


def test_what_is_kept_without_its_last_checkpoint_is_told_as_kept(
    register, run, monkeypatch
) -> None:
    def full(_: object) -> None:
        raise WorkbenchError("r.db: the disk is full; nothing was changed. Free some of it.")

    monkeypatch.setattr(OpenRegister, "checkpoint", full)
    done = run("register", "submit", "study", "lender", "1")
    assert done.exit_code == 0
    assert "warning: all that was saved is kept, but not the last checkpoint" in done.stderr
    assert "nothing was changed" not in done.stderr
    assert "submit study lender version 1: entry 2" in done.stdout


def test_faults_are_told_by_the_fifty() -> None:
    told = check_text([f"fault {n}" for n in range(60)], None).split("\n")
    assert told[49:51] == ["fault: fault 49", "and 10 more faults; --json tells all"]
