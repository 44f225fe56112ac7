"""`workbench save`: a run beside its study, and what is refused with exit code 2."""

import pytest

from workbench.files import read_study
from workbench.files.runs import last_run, read_run


def test_a_run_is_saved_beside_the_study_and_its_path_is_printed(here, run) -> None:
    done = run("save", "t.csv", "--note", "a first look")
    assert done.exit_code == 0, done.output
    (path,) = (here / "t.runs").iterdir()
    assert done.stdout.splitlines()[0] == f"saved: {path.relative_to(here)}"
    assert "An average year costs" in done.stdout
    assert "not approved" in done.stdout
    found = read_run(path)
    assert found.study == read_study("t.csv").study
    assert (found.note, found.approval) == ("a first look", None)


def test_an_approval_has_a_name_and_a_day(here, run) -> None:
    done = run("save", "t.csv", "--approved-by", "Board", "--on", "2025-03-01")
    assert done.exit_code == 0, done.output
    assert "approved on 2025-03-01" in done.stdout
    assert last_run("t.csv").run.approval.by == "Board"


def test_two_runs_at_once_are_two_files(here, run) -> None:
    assert [run("save", "t.csv").exit_code for _ in range(2)] == [0, 0]
    assert len(list((here / "t.runs").iterdir())) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["t.csv", "--on", "2025-03-01"], "--approved-by"),
        (["t.csv", "--approved-by", "Board", "--on", "soon"], "a day such as"),
        (["t.csv", "--approved-by", "Board", "--on", "2999-01-01"], "today or earlier"),
        (["t.csv", "--approved-by", ""], "names who approved"),
        (["t.csv", "--note", "x" * 2001], "note is one line"),
        (["none.csv"], "no such file"),
    ],
)
def test_what_is_refused_exits_with_2_and_one_line_and_writes_nothing(
    here, arguments, message, run
) -> None:
    done = run("save", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (here / "t.runs").exists()


def test_a_study_without_scenarios_is_not_saved(here, run) -> None:
    (here / "empty.json").write_text('{"study": {"name": "Empty"}, "scenarios": []}')
    done = run("save", "empty.json")
    assert done.exit_code == 2
    assert "has scenarios" in done.stderr


def test_a_folder_that_cannot_be_made_is_one_line(here, run) -> None:
    (here / "t.runs").write_text("in the way")
    done = run("save", "t.csv")
    assert done.exit_code == 2
    assert "the folder cannot be made" in done.stderr


def test_the_copied_example_brings_its_approved_run(here, run) -> None:
    done = run("example", "mine")
    assert done.exit_code == 0, done.output
    found = last_run(here / "mine" / "study.yaml")
    assert found.warnings == ()
    assert found.run.approval.by == "Board risk committee"
    assert run("save", "mine/study.yaml").exit_code == 0
    assert last_run(here / "mine" / "study.yaml").run == found.run  # an approval goes before
