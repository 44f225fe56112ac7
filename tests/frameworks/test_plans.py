"""The roadmap keeps its dependencies; playbooks run the clocks of the law."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.ai_act import shipped_act
from workbench.files.catalogues.plans import shipped_playbooks, shipped_roadmap
from workbench.frameworks.ai_act import Answers
from workbench.frameworks.ai_act_tiers import classify
from workbench.frameworks.playbooks import SignOff, escalations
from workbench.frameworks.roadmap import Phase, Roadmap, Task, month_by_month
from workbench.reports.framework_record import roadmap_text
from workbench.reports.playbook_words import playbook_html, playbook_text

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_controls_land_when_their_task_is_done_and_stay():
    roadmap = shipped_roadmap()
    before = ()
    for month, there, _ in month_by_month(roadmap, len):
        assert there[: len(before)] == before
        done = {c for task in roadmap.tasks if task.last <= month for c in task.controls}
        assert set(there) == done
        before = there
    assert len(list(month_by_month(roadmap, len))) == 13


def test_a_plan_names_the_controls_of_each_task_and_counts_those_that_are_in_place():
    roadmap = shipped_roadmap()
    told = roadmap_text(roadmap, {"CTL-010": "", "CTL-013": "chatbot", "CTL-999": ""}).splitlines()
    for task in roadmap.tasks:
        (line,) = [one for one in told if f", {task.id}: " in one] if task.controls else [""]
        named = re.findall(r"CTL-\d+", line)
        assert tuple(named) == task.controls
        assert not line or line.startswith(f"  month {task.last:>2}, ")
    landed = set(roadmap.landed(12))
    whole, some = len(landed & {"CTL-010", "CTL-999"}), len(landed & {"CTL-013"})
    assert some == 1
    assert any("CTL-013 (in place at chatbot)" in line for line in told)
    assert f"{whole} of them are in place already, 1 more at some systems." in "\n".join(told)


def test_the_longest_chain_is_one_of_dependencies():
    roadmap = shipped_roadmap()
    chain = roadmap.critical()
    for before, after in pairwise(chain):
        assert before in roadmap.task(after).waits_for


@pytest.mark.parametrize(
    ("tasks", "rule"),
    [
        ([Task("A", 1, "a", "a", 1, 4)], "lies within its phase"),
        ([Task("A", 2, "a", "a", 1, 1)], "phase of A is known"),
        ([Task("A", 1, "a", "a", 1, 1, ("B",))], "waits for is a task"),
        (
            [Task("A", 1, "a", "a", 1, 1, ("B",)), Task("B", 1, "b", "b", 2, 3)],
            "neither begins nor ends before B",
        ),
        ([Task("A", 1, "a", "a", 1, 1, ("A",))], "neither begins nor ends before A"),
        (
            [Task("A", 1, "a", "a", 1, 2, ("B",)), Task("B", 1, "b", "b", 1, 2, ("A",))],
            "in a circle",
        ),
        ([Task("A", 1, "a", "a", 1, 1), Task("A", 1, "a", "a", 1, 1)], "an id of its own"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(tasks, rule):
    with pytest.raises(WorkbenchError, match=rule):
        Roadmap((Phase(1, "First", 1, 3),), tuple(tasks))


def test_a_serious_incident_starts_the_clocks_of_the_act():
    playbook = next(
        p for p in shipped_playbooks().playbooks if any("73-2" in t.id for t in p.time_limits)
    )
    ends = {limit.id: due for limit, due in playbook.clocks(NOON)}
    assert ends["TL-AIA-73-2"] == datetime(2026, 12, 13, 12, tzinfo=UTC)
    orders = [due for _, due in playbook.clocks(NOON) if due is not None]
    assert orders == sorted(orders)
    rows = escalations(playbook, NOON)
    assert rows[0].within == "at once"
    assert len(rows) == 1 + len(playbook.time_limits)


def test_a_clock_of_the_act_says_beside_its_end_what_the_questionnaire_says_of_its_duty():
    """The day, and whether the duty is open until then, are those of an Annex III system."""
    answers = Answers("a", develops=True, uses=True, annex_iii=("III.5.b",))
    duties = {d.article: d for d in classify(answers, shipped_act(), "2026-11-29").obligations}
    checked = set()
    for playbook in shipped_playbooks().playbooks:
        text = playbook_text(playbook, NOON)
        for limit, _ in playbook.clocks(NOON):
            duty = duties.get(limit.source.rpartition("Art. ")[2].partition("(")[0])
            if "2024/1689" not in limit.source or duty is None:
                assert not limit.not_yet(NOON)
                continue
            checked.add(duty.article)
            assert limit.binds_from == duty.date.day
            start = "open: its chapter" if duty.is_open("2026-11-29") else "no duty yet: it applies"
            assert limit.not_yet(NOON).startswith(start)
            assert limit.binds_from in limit.not_yet(NOON)
            assert f"{limit.limit}; {limit.not_yet(NOON)}" in text
            assert not limit.not_yet(datetime(2027, 12, 2, tzinfo=UTC))
    assert checked == {"20", "26", "73"}


def test_an_early_warning_of_nis2_is_followed_by_the_notification_and_the_final_report():
    for playbook in shipped_playbooks().playbooks:
        named = {one.id for one in playbook.time_limits if "NIS2" in one.id}
        assert named in (set(), {"TL-NIS2-24", "TL-NIS2-72", "TL-NIS2-1M"}), playbook.id


def test_a_data_breach_is_told_within_72_hours():
    limits = {t.id: t for p in shipped_playbooks().playbooks for t in p.time_limits}
    assert limits["TL-GDPR-33"].due(NOON) == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert limits["TL-GDPR-34"].due(NOON) is None
    assert all(t.is_assumption == t.id.startswith("TL-INT") for t in limits.values())


def test_every_clock_says_who_tells_whom_and_what_starts_it():
    """Limits are told in order of their ends, so that none may point at the one before it."""
    for playbook in shipped_playbooks().playbooks:
        told = escalations(playbook, NOON)[1:]
        for row, (limit, _) in zip(told, playbook.clocks(NOON), strict=True):
            assert row.role == limit.who
            assert "above" not in row.role
            assert limit.clock_start in row.because


@pytest.mark.parametrize("playbook", shipped_playbooks().playbooks, ids=lambda p: p.id)
def test_an_aim_of_ours_is_marked_an_assumption_and_no_law_is(playbook):
    rows = escalations(playbook, NOON)
    assert [row.limit for row in rows] == [None, *(limit for limit, _ in playbook.clocks(NOON))]
    assert [row.is_assumption for row in rows] == [
        "assumption" in row.because.partition(";")[0] for row in rows
    ]
    text = playbook_text(playbook, NOON)
    told = [line for line in text.splitlines() if "TL-" in line]
    assert ["[assumption]" in line for line in told] == [row.is_assumption for row in rows[1:]]
    assert playbook_html(playbook, NOON).count("[assumption]") == text.count("[assumption]")


def test_the_playbooks_for_a_threat_are_those_that_name_it():
    books = shipped_playbooks()
    for threat in {one for book in books.playbooks for one in book.threats}:
        found = books.of_threats([threat])
        assert found == tuple(book for book in books.playbooks if threat in book.threats)
    assert books.of_threats(["STAI-999"]) == ()


def test_what_is_due_in_a_month_comes_after_what_is_due_at_once_or_in_hours():
    for playbook in shipped_playbooks().playbooks:
        clocks = playbook.clocks(NOON)
        ranks = [0 if limit.is_at_once else 2 if due is None else 1 for limit, due in clocks]
        assert ranks == sorted(ranks)
    limits = {t.id: t for p in shipped_playbooks().playbooks for t in p.time_limits}
    assert [name for name in ("TL-GDPR-12", "TL-NIS2-1M") if limits[name].is_at_once] == []
    assert limits["TL-GDPR-34"].is_at_once


def test_a_sign_off_says_what_who_when_and_on_what_conditions():
    board = ("Chair", "Counsel")
    good = SignOff("chatbot", "approved with conditions", board, "2026-11-28", "filter first")
    assert good.conditions == "filter first"
    for fields, rule in (
        (("chatbot", "maybe", board, "2026-11-28"), "a board approves"),
        (("chatbot", "approved", (), "2026-11-28"), "what, who and when"),
        (("chatbot", "approved with conditions", board, "2026-11-28"), "states them"),
        (("chatbot", "refused", board, "2026-11-28"), "a refusal has a reason"),
    ):
        with pytest.raises(WorkbenchError, match=rule):
            SignOff(*fields)


def test_a_long_chain_and_a_dense_plan_have_their_longest_chain_at_once():
    phase = (Phase(1, "Year", 1, 12),)
    chain = [Task(f"T{i}", 1, "t", "t", 1, 1, (f"T{i - 1}",) if i else ()) for i in range(1500)]
    assert len(Roadmap(phase, tuple(chain)).critical()) == 1500
    names = [f"T{i}" for i in range(40)]
    dense = [Task(one, 1, "t", "t", 1, 1, tuple(names[:i])) for i, one in enumerate(names)]
    assert Roadmap(phase, tuple(dense)).critical() == tuple(names)


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/Berlin")),  # clocks go back that night
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        datetime(2027, 3, 27, 12, tzinfo=ZoneInfo("Europe/Berlin")),  # and forward that night
        datetime(2028, 2, 28, 12, tzinfo=ZoneInfo("Europe/Berlin")),  # a leap day follows
        datetime(2026, 10, 24, 12, tzinfo=UTC),
    ],
)
def test_seventy_two_hours_are_seventy_two_hours_also_when_clocks_change(start):
    """Arithmetic on the wall clock would end an hour late in autumn, after the time of the law."""
    for playbook in shipped_playbooks().playbooks:
        for limit, due in playbook.clocks(start):
            if limit.hours is not None:
                assert due.tzinfo is start.tzinfo
                passed = due.astimezone(UTC) - start.astimezone(UTC)
                assert passed.total_seconds() == 3600 * limit.hours


def test_a_clock_that_no_calendar_holds_is_refused():
    (playbook, *_) = shipped_playbooks().playbooks
    for start in (datetime(9999, 12, 31, 12, tzinfo=UTC), datetime(9999, 12, 31, 12)):  # noqa: DTZ001
        with pytest.raises(WorkbenchError, match="a day of the calendar"):
            playbook.clocks(start)
