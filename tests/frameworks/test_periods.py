"""Periods in days as Regulation 1182/71 is recalled to count them, and the clocks that are so."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.files.catalogues.plans import shipped_playbooks
from workbench.frameworks.periods import is_working, last_day
from workbench.frameworks.playbooks import TimeLimit, escalations
from workbench.reports.playbook_words import playbook_record

MOMENTS = st.dates(date(2024, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("event", "days", "end"),
    [
        ("2026-11-25", 10, "2026-12-07"),  # the tenth day is a Saturday: Monday
        ("2026-11-26", 10, "2026-12-07"),  # a Sunday: Monday
        ("2026-11-27", 10, "2026-12-07"),  # the tenth day is that Monday itself
        ("2026-11-23", 2, "2026-11-25"),  # Monday: Tuesday and Wednesday
        ("2026-11-26", 2, "2026-11-30"),  # Thursday: Friday and, after the weekend, Monday
        ("2026-11-27", 2, "2026-12-01"),  # Friday: Monday alone is one working day, so Tuesday
        ("2026-11-28", 2, "2026-12-01"),  # Saturday: Sunday and Monday, so Tuesday
        ("2026-11-29", 2, "2026-12-01"),  # Sunday: Monday and Tuesday
        ("2026-11-27", 1, "2026-11-30"),  # one day needs no two working days
    ],
)
def test_the_day_of_the_event_is_not_counted_and_no_period_ends_on_a_weekend(event, days, end):
    for hour in (0, 12, 23):
        start = datetime.fromisoformat(event).replace(hour=hour, tzinfo=UTC)
        assert last_day(start, days) == date.fromisoformat(end)


@given(MOMENTS, st.integers(1, 400))
def test_an_end_is_the_first_working_day_that_is_late_enough(start, days):
    first = start
    end = last_day(datetime.combine(start, time(13), UTC), days)
    after = [first + timedelta(days=n) for n in range(1, days + 8)]
    working = [day for day in after if is_working(day)]
    least = working[1] if days >= 2 else working[0]
    assert end == next(day for day in working if day >= max(least, first + timedelta(days=days)))
    assert 0 <= (end - first).days - days <= 3


def test_what_is_no_period_in_days_has_no_last_day():
    hours = TimeLimit("TL-X", "72 hours", 72.0, "c", "w", "s")
    assert hours.last_day(datetime(2026, 11, 27, tzinfo=UTC)) is None
    with pytest.raises(WorkbenchError, match="a period in days has one or more"):
        last_day(datetime(2026, 11, 27, tzinfo=UTC), 0)
    with pytest.raises(WorkbenchError, match="is a day of the calendar"):
        last_day(datetime(9999, 12, 30, tzinfo=UTC), 5)


def test_the_clocks_of_the_ai_act_in_days_and_no_others_tell_a_last_day():
    start = datetime(2026, 11, 28, 12, tzinfo=UTC)
    limits = {t.id: t for p in shipped_playbooks().playbooks for t in p.time_limits}
    counted = {one.id: one for one in limits.values() if one.days is not None}
    assert counted
    assert set(counted) == {name for name, one in limits.items() if " days" in one.limit}
    assert all(one.hours == 24 * one.days for one in counted.values())
    assert all(one.source.startswith("Regulation (EU) 2024/1689") for one in counted.values())
    assert limits["TL-AIA-73-2"].last_day(start) == date(2026, 12, 14), "the 13th is a Sunday"
    for playbook in shipped_playbooks().playbooks:
        for one in escalations(playbook, start)[1:]:
            is_counted = one.limit.days is not None
            told = "[Regulation 1182/71, recalled; weekends only, no public holidays]" in one.within
            assert told == is_counted
            if is_counted:
                assert one.limit.last_day(start) >= one.limit.due(start).date()


def test_a_record_says_the_last_day_and_what_it_rests_on():
    start = datetime(2026, 11, 28, 12, tzinfo=UTC)
    (book,) = (one for one in shipped_playbooks().playbooks if one.id == "PB-01")
    clocks = {one["id"]: one for one in playbook_record(book, start)["clocks"]}
    counted = clocks["TL-AIA-73-2"]
    assert (counted["last_day"], counted["due"][:10]) == ("2026-12-14", "2026-12-13")
    assert "recalled; weekends only" in counted["last_day_basis"]
    others = [one for name, one in clocks.items() if "AIA-73" not in name]
    assert all(one["last_day"] is one["last_day_basis"] is None for one in others)
