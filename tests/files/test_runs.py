"""Saved runs: they come back as they went, and what was touched since is refused by name."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest

from workbench import Pareto, Point, Scenario, Study, __version__, simulate
from workbench.errors import WorkbenchError
from workbench.files import FileRefused, inputs_sha256, read_study
from workbench.files.run_saving import save_run
from workbench.files.runs import Approval, last_run, parse_run, read_run
from workbench.files.sources import runs_folder, source_digest
from workbench.reports.result import result_record
from workbench.resources import example_study

TEN = Point(10.0)
NOW = datetime(2026, 8, 14, 9, 30, tzinfo=UTC)
BOARD = Approval("Board risk committee", "2026-08-14")


def study(rate: float = 2.0, amount=TEN, **more) -> Study:
    scenario = Scenario.fair("S-1", "Leak", loss_event_frequency=Point(rate), loss_magnitude=amount)
    return Study(scenarios=(scenario,), **more)


def saved(folder, one: Study | None = None, **options):
    one = one or study()
    options = {"now": NOW, **options}
    return save_run(folder / "study.yaml", one, result_record(simulate(one), one), **options)


def edited(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), encoding="utf-8")
    return path


def test_a_run_comes_back_as_it_went(tmp_path) -> None:
    path = saved(tmp_path, approval=BOARD, note="Quarterly <review> & ü")
    run = read_run(path)
    assert path.parent == runs_folder(tmp_path / "study.yaml")
    assert path.name == run.name == "2026-08-14T09-30-00Z.json"
    assert run.study == study()
    assert run.inputs_sha256 == inputs_sha256(study())
    assert (run.saved, run.version) == ("2026-08-14T09:30:00Z", __version__)
    assert (run.engine, run.seed, run.years) == ("exact", 1, None)
    assert (run.approval, run.note) == (BOARD, "Quarterly <review> & ü")
    assert run.day().isoformat() == "2026-08-14"
    assert run.recorded("mean")[0] == 20.0
    assert path.read_text("utf-8").endswith("}\n")


def test_the_example_with_everything_that_a_study_can_say_comes_back(tmp_path) -> None:
    example = read_study(example_study()).study
    run = read_run(saved(tmp_path, example))
    assert run.study == example
    assert inputs_sha256(run.study) == inputs_sha256(example)


def test_figures_that_do_not_exist_are_saved_as_none(tmp_path) -> None:
    run = read_run(saved(tmp_path, study(amount=Pareto(alpha=0.9, low=1.0))))
    assert run.recorded("mean") == (None, None)
    assert run.recorded("p95")[0] > 0


def test_a_simulated_run_says_so(tmp_path) -> None:
    one = study()
    record = result_record(simulate(one, engine="montecarlo", years=1000), one)
    run = read_run(save_run(tmp_path / "study.yaml", one, record, now=NOW))
    assert (run.engine, run.years) == ("montecarlo", 1000)
    assert run.recorded("mean")[1] > 0


def test_a_run_of_the_same_second_gets_another_name_and_replaces_nothing(tmp_path) -> None:
    first = saved(tmp_path)
    before = first.read_bytes()
    names = [saved(tmp_path, study(3.0)).name for _ in range(2)]
    assert names == ["2026-08-14T09-30-00Z-02.json", "2026-08-14T09-30-00Z-03.json"]
    assert first.read_bytes() == before
    assert {p.name for p in first.parent.iterdir()} == {first.name, *names}


def test_where_no_links_are_made_a_file_is_still_never_replaced(tmp_path, monkeypatch) -> None:
    def refuse(*_):
        raise OSError("not supported")

    monkeypatch.setattr("workbench.files.run_saving.os.link", refuse)
    paths = [saved(tmp_path), saved(tmp_path, study(3.0))]
    assert [read_run(path).study for path in paths] == [study(), study(3.0)]
    assert len(list(paths[0].parent.iterdir())) == 2


def test_a_saved_run_changes_the_digest_of_its_source(tmp_path) -> None:
    before = source_digest(tmp_path / "study.yaml")
    saved(tmp_path)
    assert source_digest(tmp_path / "study.yaml") != before


def test_a_study_that_was_edited_inside_is_refused(tmp_path) -> None:
    path = saved(tmp_path)
    text = path.read_text("utf-8")
    assert text.count('"value": 2.0') == 1
    path.write_text(text.replace('"value": 2.0', '"value": 1.0'), encoding="utf-8")
    with pytest.raises(FileRefused, match="the study inside was edited after it was saved"):
        read_run(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format: is wrong, got '2', allowed 1"),
        ({"format": True}, "format: is wrong"),
        ({"saved": "2026-13-14T09:30:00Z"}, "saved: is wrong"),
        ({"saved": "yesterday"}, "saved: is wrong, got 'yesterday'"),
        ({"engine": "guess"}, "engine: is wrong"),
        ({"seed": -1}, "seed: is wrong"),
        ({"years": "many"}, "years: is wrong"),
        ({"inputs_sha256": "0" * 63}, "inputs_sha256: is wrong"),
        ({"approval": {"by": " ", "on": "2026-08-14"}}, "approval: is wrong"),
        ({"approval": {"by": "Board", "on": "August"}}, "approval: is wrong"),
        ({"approval": {"by": "Board", "on": "2026-08-14", "at": 1}}, "approval: is wrong"),
        ({"note": "two\nlines"}, "note: is wrong"),
        ({"figures": {"portfolio": {"mean": "much"}, "scenarios": []}}, "figures: is wrong"),
        ({"figures": []}, "figures: is wrong"),
        ({"mood": "good"}, "mood: unknown field"),
        ({"inputs": {"scenarios": [{"id": "S-1"}]}}, r"row 1 \(scenario S-1\)"),
        ({"inputs": 3}, "one value, got '3'"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(tmp_path, change, message) -> None:
    path = edited(saved(tmp_path), **change)
    with pytest.raises(FileRefused, match=message) as refusal:
        read_run(path)
    assert all(line.startswith(str(path)) for line in refusal.value.messages)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("{}", "is no saved run"),
        ("[1]", "is no saved run"),
        ('{"inputs": NaN', "not valid JSON"),
        ('{"inputs": 1, "inputs": 2}', "written twice"),
        ('{"inputs": 1}', "format: missing"),
    ],
)
def test_what_is_no_run_is_refused(text, message) -> None:
    with pytest.raises(FileRefused, match=message):
        parse_run("run.json", text.encode())


def test_a_file_that_is_too_large_is_refused(monkeypatch) -> None:
    monkeypatch.setattr("workbench.files.runs.LARGEST_FILE", 10)
    with pytest.raises(FileRefused, match="too large"):
        parse_run("run.json", b" " * 11)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"approval": Approval(" ", "2026-08-14")}, "names who approved"),
        ({"approval": Approval("Board", "14 August")}, "a day such as"),
        ({"approval": Approval("Board", "2026-08-16")}, "today or earlier"),
        ({"approval": Approval("x" * 201, "2026-08-14")}, "by is one line"),
        ({"note": "a\nb"}, "note is one line"),
    ],
)
def test_what_is_typed_wrong_is_refused_and_nothing_is_written(tmp_path, options, message) -> None:
    with pytest.raises(WorkbenchError, match=message):
        saved(tmp_path, **options)
    assert list(tmp_path.iterdir()) == []


def test_without_runs_there_is_none(tmp_path) -> None:
    assert last_run(tmp_path / "study.yaml").run is None
    assert last_run(tmp_path / "study.yaml").warnings == ()


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_newest_approval_wins_in_whatever_order_files_came(tmp_path, order) -> None:
    days = [
        (datetime(2026, 8, 20, tzinfo=UTC), Approval("Board", "2026-08-13")),
        (datetime(2026, 8, 19, tzinfo=UTC), Approval("Board", "2026-08-18")),
        (datetime(2026, 9, 1, tzinfo=UTC), None),
        (datetime(2026, 8, 18, tzinfo=UTC), Approval("Board", "2026-08-18")),
    ]
    for k in order:
        saved(tmp_path, study(1.0 + k), now=days[k][0], approval=days[k][1])
    assert last_run(tmp_path / "study.yaml").run.study == study(2.0)


def test_without_an_approval_the_newest_run_counts_and_names_break_ties(tmp_path) -> None:
    saved(tmp_path, study(1.0), now=datetime(2026, 8, 1, tzinfo=UTC))
    saved(tmp_path, study(2.0))
    saved(tmp_path, study(3.0))
    run = last_run(tmp_path / "study.yaml").run
    assert (run.approval, run.study, run.name[-8:]) == (None, study(3.0), "-02.json")


def test_a_faulty_file_is_passed_over_with_a_line_that_names_it(tmp_path) -> None:
    good = saved(tmp_path)
    newer = saved(tmp_path, study(3.0), now=datetime(2026, 9, 1, tzinfo=UTC), approval=BOARD)
    edited(newer, inputs_sha256="0" * 64)
    (newer.parent / "zzz.json").write_text("{", encoding="utf-8")
    found = last_run(tmp_path / "study.yaml")
    assert found.run == read_run(good)
    assert len(found.warnings) == 2
    for name, line in zip(("zzz.json", newer.name), found.warnings, strict=True):
        assert name in line
        assert "\n" not in line
        assert line.endswith("this run is passed over")


def test_a_run_keeps_its_study_even_where_the_name_changed(tmp_path) -> None:
    saved(tmp_path, replace(study(), name="Before"))
    assert last_run(tmp_path / "study.yaml").run.study.name == "Before"


@pytest.mark.parametrize("errors", ["x", {"mean": "x"}, 3], ids=str)
def test_an_error_that_is_no_number_is_refused(tmp_path, errors) -> None:
    path = saved(tmp_path)
    figures = json.loads(path.read_text("utf-8"))["figures"]
    figures["portfolio"]["error_bound"] = errors
    with pytest.raises(FileRefused, match="figures"):
        read_run(edited(path, figures=figures))
