"""The command about playbooks: on which day a period ends, and of which playbook."""

from tests.cli.answers import parsed


def test_days_are_counted_where_the_clock_starts_and_not_in_utc(run):
    """Monday 00:30 in Paris is Sunday in UTC; the day of the event is the Monday."""

    def last(start):
        record = parsed(run("playbook", "PB-01", "--start", start, "--json"))
        return {one["id"]: one["last_day"] for one in record["clocks"]}["TL-AIA-73-2"]

    assert last("2026-11-30T00:30+01:00") == "2026-12-15"
    assert last("2026-11-29T23:30") == "2026-12-14"
    assert last("2026-11-29T23:30-01:00") == "2026-12-14", "in the Azores"


def test_clocks_are_not_started_for_nothing(run):
    done = run("playbook", "--start", "2026-11-29T23:30")
    assert done.exit_code == 2
    assert "clocks are those of one playbook" in done.stderr
