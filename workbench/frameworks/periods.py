"""When a period that Union law counts in days ends: Regulation (EEC, Euratom) 1182/71, Article 3.

What the regulation says is recalled and was not looked up:

1. the day of the event is not counted (3(1)); the period ends with the last hour of its last day
   (3(2));
2. Saturdays, Sundays and public holidays within it count (3(3));
3. where it would end on one of them it ends with the next working day (3(4)); a period in hours
   does not, so that nothing here is for hours;
4. of two days or more, at least two are working days (3(5)).

Public holidays differ by Member State and are not known here: only weekends are. Where a holiday
stands at the end the period ends later than is told, never earlier.
"""

from datetime import date, datetime, timedelta

from workbench.errors import WorkbenchError, require

BASIS = "Regulation 1182/71, recalled; weekends only, no public holidays"
SATURDAY = 5  # as date.weekday counts


def last_day(start: datetime, days: int) -> date:
    """Return the last day of a period, which ends at midnight after it, where the clock is.

    The day of the event is that of the offset of `start`: 23:30 in UTC is the next day in Paris.

    Raises
    ------
    WorkbenchError
        for less than one day, and an end that no calendar holds.

    """
    require(days >= 1, "a period in days has one or more", got=days, fix="State whole days.")
    first = start.date()
    try:
        end = first + timedelta(days=days)
        least = min(days, 2)
        while not is_working(end) or _working(first, end) < least:
            end += timedelta(days=1)
    except OverflowError:
        what = f"the end of {days} days is a day of the calendar; got a start of {start}"
        raise WorkbenchError(f"{what}. Start earlier.") from None
    return end


def is_working(day: date) -> bool:
    """Whether a day is neither a Saturday nor a Sunday."""
    return day.weekday() < SATURDAY


def _working(event: date, end: date) -> int:
    """Return how many working days lie after an event, up to two."""
    found, day = 0, event
    while day < end and found < 2:
        day += timedelta(days=1)
        found += is_working(day)
    return found
