"""A plan is refused with every fault at its task and field."""

import json

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.plans import read_roadmap, shipped_roadmap
from workbench.files.messages import FileRefused
from workbench.frameworks.roadmap import Phase, Roadmap, Task

HEAD = {"version": "1", "date": "2026-11-24", "note": "mine"}
PHASE = {"id": 1, "title": "First", "months": [1, 3], "source_line": None}
TASK = {
    "id": "T-1", "phase": 1, "title": "Do it", "description": "All of it.", "start_month": 1,
    "end_month": 2, "depends_on": [], "controls": ["CTL-001"], "requirements": {},
    "origin": "ours", "source_line": None, "note": "",
}  # fmt: skip


def plan(tmp_path, *changes):
    tasks = [TASK | {"id": f"T-{n}"} | change for n, change in enumerate(changes, 1)]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(HEAD | {"phases": [PHASE], "tasks": tasks}), encoding="utf-8")
    return path


def refusal(tmp_path, *changes):
    with pytest.raises(FileRefused) as refused:
        read_roadmap(plan(tmp_path, *changes))
    return [line.rpartition("plan.json: ")[2] for line in refused.value.messages]


def test_a_plan_of_ones_own_is_read(tmp_path):
    found = read_roadmap(plan(tmp_path, {}, {"depends_on": ["T-1"]}))
    assert [one.id for one in found.tasks] == ["T-1", "T-2"]
    assert found.task("T-2").waits_for == ("T-1",)
    with pytest.raises(WorkbenchError, match=r"a task is in the plan; got 'RM-0101'\. Such as RM-"):
        shipped_roadmap().task("RM-0101")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phase": 4}, "row 2 (T-2): phase: the phase of T-2 is known, got '4'; one of [1]"),
        ({"end_month": 4}, "row 2 (T-2): start_month: task T-2 lies within its phase, months 1 to"),
        ({"depends_on": ["T-11"]}, "row 2 (T-2): depends_on: what T-2 waits for is a task, got"),
        ({"depends_on": ["T-2"]}, "row 2 (T-2): depends_on: task T-2 neither begins nor ends "),
        ({"id": "T-1"}, "row 2 (T-1): id: a task has an id of its own, got 'T-1'"),
        ({"controls": ["CTL-0001"]}, "row 2 (T-2): controls: is not known, got 'CTL-0001', all"),
        ({"start_month": 0}, "row 2 (T-2): start_month: is out of range, got '0'"),
    ],
)
def test_a_fault_names_its_task_and_its_field(tmp_path, change, message):
    (found,) = refusal(tmp_path, {}, change)
    assert found.startswith(message)


def test_all_faults_of_a_plan_are_told_at_once(tmp_path):
    found = refusal(tmp_path, {"phase": 2}, {"depends_on": ["T-9"], "controls": ["X"]}, {})
    assert [line.split(": ")[:2] for line in found] == [
        ["row 2 (T-2)", "controls"],
        ["row 1 (T-1)", "phase"],
        ["row 2 (T-2)", "depends_on"],
    ]


def test_a_circle_is_told_for_the_whole_and_a_row_that_is_left_out_blames_no_other(tmp_path):
    (found,) = refusal(tmp_path, {"depends_on": ["T-2"]}, {"depends_on": ["T-1"]})
    assert found.startswith("tasks do not wait for each other in a circle, got")
    (found,) = refusal(tmp_path, {"title": 3}, {"depends_on": ["T-1"]})
    assert found.startswith("row 1 (T-1): title: is not text")


def test_a_plan_in_memory_says_every_fault_too():
    tasks = (Task("A", 2, "a", "a", 1, 1), Task("B", 1, "b", "b", 1, 9, ("Z",)))
    with pytest.raises(WorkbenchError) as refused:
        Roadmap((Phase(1, "First", 1, 3),), tasks)
    assert len(str(refused.value).splitlines()) == 3
