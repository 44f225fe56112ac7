"""Saved runs: they come back as they went, and what was touched since is refused by name."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest

from workbench import Pareto, Point, Scenario, Study, __version__, simulate
from workbench.errors import WorkbenchError
from workbench.files import FileRefused, inputs_sha256, read_study
from workbench.files.canonical import canonical_json
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


def older(path):
    """Write a run as version 0.1.0 did, without the name of its file and a hash of its figures."""
    tree = json.loads(path.read_text("utf-8")) | {"format": 1}
    del tree["file"], tree["contents_sha256"]
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


def test_a_run_comes_back_as_it_went(tmp_path) -> None:
    path = saved(tmp_path, approval=BOARD, note="Quarterly <review> & ü")
    run = read_run(path)
    assert path.parent == runs_folder(tmp_path / "study.yaml")
    assert path.name == run.name == "2026-08-14T09-30-00Z.json"
    assert run.study == study()
    assert run.inputs_sha256 == inputs_sha256(study())
    assert (run.file, run.is_held) == ("study.yaml", True)
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


def test_the_second_hash_is_that_of_all_but_the_study(tmp_path) -> None:
    tree = json.loads(saved(tmp_path, approval=BOARD).read_text("utf-8"))
    told = tree.pop("contents_sha256")
    del tree["inputs"]
    assert told == hashlib.sha256(canonical_json(tree)).hexdigest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"mean": 20.0', '"mean": 19.0'),
        ('"p95"', '"p94"'),
        ('"on": "2026-08-14"', '"on": "2026-08-13"'),
        ('"Board risk committee"', '"Board"'),
        ('"note": ""', '"note": "Agreed"'),
        ('"years": null', '"years": 1000'),
    ],
)
def test_what_was_edited_beside_the_study_is_refused(tmp_path, old, new) -> None:
    path = saved(tmp_path, approval=BOARD)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(FileRefused, match="was edited after the run was saved; put the file back"):
        read_run(path)


def test_an_approval_that_was_taken_away_by_hand_does_not_pass_for_an_older_run(tmp_path) -> None:
    saved(tmp_path, study(1.0), now=datetime(2026, 7, 1, tzinfo=UTC))
    newest = edited(saved(tmp_path, approval=BOARD), approval=None)
    (line,) = last_run(tmp_path / "study.yaml").warnings
    assert line.startswith(f"{newest.name}: contents_sha256: the figures, the approval")


def test_spaces_and_the_order_of_keys_are_no_edit(tmp_path) -> None:
    path = saved(tmp_path, approval=BOARD)
    before, tree = read_run(path), json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(dict(reversed(tree.items()))), encoding="utf-8")
    assert read_run(path) == before


def test_a_run_of_the_older_form_is_read_and_a_page_says_that_it_is_not_held(tmp_path) -> None:
    path = older(saved(tmp_path, approval=BOARD))
    run = read_run(path)
    assert (run.study, run.approval, run.file, run.is_held) == (study(), BOARD, "", False)
    found = last_run(tmp_path / "study.yaml")
    assert found.run == run
    (line,) = found.warnings
    assert line.startswith(f"{path.name}: saved in an older form, without a hash of its figures")


def test_an_older_run_that_is_not_compared_with_is_not_told(tmp_path) -> None:
    older(saved(tmp_path))
    saved(tmp_path, approval=BOARD)
    assert last_run(tmp_path / "study.yaml").warnings == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 3}, "format: is wrong, got '3', allowed 1 or 2"),
        ({"format": 1}, "file: unknown field"),
        ({"file": "elsewhere/study.yaml"}, "file: is wrong"),
        ({"file": ".."}, "file: is wrong"),
        ({"contents_sha256": "0" * 63}, "contents_sha256: is wrong"),
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
        ({"seed": 10**17}, "contents_sha256: the figures, the approval or another field"),
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
    told = str(path), path.name  # a long path is told by its end
    assert all(line.startswith(told) for line in refusal.value.messages)


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
        assert line.startswith(f"{name}: "), "the name alone: a page tells no folder"
        assert str(tmp_path) not in line
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


def two_studies(folder):
    """Save a run of risk.yaml and, later, an approved one of risk.json, which is another study."""
    for name, rate, approval in (("risk.yaml", 1.0, None), ("risk.json", 2.0, BOARD)):
        (folder / name).write_text(name, encoding="utf-8")
        one = study(rate)
        record = result_record(simulate(one), one)
        save_run(folder / name, one, record, approval=approval, now=NOW)


def test_two_studies_that_share_a_folder_keep_their_runs_apart(tmp_path) -> None:
    two_studies(tmp_path)
    assert len(list((tmp_path / "risk.runs").iterdir())) == 2
    for name, other, rate in (("risk.yaml", "risk.json", 1.0), ("risk.json", "risk.yaml", 2.0)):
        found = last_run(tmp_path / name)
        assert (found.run.file, found.run.study) == (name, study(rate))
        (line,) = found.warnings
        assert line.startswith(f"1 run is of {other}, which stands beside this study")


def test_a_study_that_was_renamed_or_written_in_another_form_keeps_its_runs(tmp_path) -> None:
    two_studies(tmp_path)
    (tmp_path / "risk.yaml").unlink()
    found = last_run(tmp_path / "risk.json")
    assert (found.run.study, found.warnings) == (study(2.0), ())
    (tmp_path / "risk.json").rename(tmp_path / "risk.xlsx")
    assert last_run(tmp_path / "risk.xlsx").run.study == study(2.0)
    (tmp_path / "risk.xlsx").rename(tmp_path / "other.yaml")
    (tmp_path / "risk.runs").rename(tmp_path / "other.runs")
    (tmp_path / "risk.json").write_text("a new study", encoding="utf-8")
    found = last_run(tmp_path / "other.yaml")
    assert (found.run.study, found.warnings) == (study(2.0), ()), "its folder is its own"


def test_another_name_of_the_same_file_has_the_same_runs(tmp_path) -> None:
    path = saved(tmp_path)
    (tmp_path / "study.yaml").write_text("a study", encoding="utf-8")
    (tmp_path / "study.yml").symlink_to(tmp_path / "study.yaml")
    assert last_run(tmp_path / "study.yml").run == read_run(path)


def test_a_second_study_with_the_same_folder_changes_the_digest_of_the_first(tmp_path) -> None:
    (tmp_path / "risk.yaml").write_text("one", encoding="utf-8")
    before = source_digest(tmp_path / "risk.yaml")
    (tmp_path / "other.json").write_text("two", encoding="utf-8")
    assert source_digest(tmp_path / "risk.yaml") == before
    (tmp_path / "risk.json").write_text("two", encoding="utf-8")
    assert source_digest(tmp_path / "risk.yaml") != before
