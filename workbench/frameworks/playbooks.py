"""What to do when something happens: triggers, roles, steps, legal clocks, and who is told when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from workbench.errors import WorkbenchError, looked_up, require
from workbench.frameworks.periods import BASIS, last_day
from workbench.models.scenario import is_day

PHASES = ("detect", "contain", "eradicate", "recover", "learn")


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How long somebody has to tell somebody."""

    id: str
    limit: str  # in words
    hours: float | None  # None where the law counts no hours
    clock_start: str  # what sets the clock going
    who: str  # who tells whom
    source: str
    binds_from: str = ""  # ISO 8601; "" where it binds already
    until_then: str = ""  # what holds before that day
    days: int | None = None  # of a period that Union law counts in days

    @property
    def is_assumption(self) -> bool:
        """Whether it is an internal aim of ours, and no law."""
        return self.id.startswith("TL-INT")

    def not_yet(self, start: datetime) -> str:
        """Say what holds of it if the clock starts before it binds; "" where it binds."""
        return self.until_then if start.date().isoformat() < self.binds_from else ""

    def last_day(self, start: datetime) -> date | None:
        """Return the last day of a period in days as Union law counts it; None for all else.

        It is that of the law (`periods`), no earlier than `due`, which counts the hours that pass.
        """
        return None if self.days is None else last_day(start, self.days)

    @property
    def is_at_once(self) -> bool:
        """Whether it is to be done without delay: no hours are counted, nor months."""
        return self.hours is None and "month" not in self.limit

    def due(self, start: datetime) -> datetime | None:
        """Return when it ends if the clock starts at `start`; None where no hours are counted.

        Hours are hours that pass, also where clocks are put forward or back in between.

        Raises
        ------
        WorkbenchError
            for a start so late that no calendar holds the end.

        """
        if self.hours is None:
            return None
        try:
            if start.tzinfo is None:
                return start + timedelta(hours=self.hours)
            end = start.astimezone(UTC) + timedelta(hours=self.hours)
            return end.astimezone(start.tzinfo)
        except OverflowError:
            what = f"the end of {self.limit} is a day of the calendar; got a start of {start}"
            raise WorkbenchError(f"{what}. Start earlier.") from None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do."""

    number: int
    phase: str
    action: str


@dataclass(frozen=True, slots=True)
class Playbook:
    """What to do about one way of failing."""

    id: str
    failure_mode: str
    triggers: tuple[str, ...]
    roles: tuple[str, ...]
    time_limits: tuple[TimeLimit, ...]
    steps: tuple[Step, ...]
    threats: tuple[str, ...]
    requirements: Mapping[str, tuple[str, ...]] = field(hash=False)
    controls: tuple[str, ...]
    evidence_to_keep: tuple[str, ...]

    def clocks(self, start: datetime) -> list[tuple[TimeLimit, datetime | None]]:
        """Return each limit with its end: what is without delay first, then the earliest.

        What the law counts in months comes last.
        """
        rows = [(limit, limit.due(start)) for limit in self.time_limits]

        def order(row: tuple[TimeLimit, datetime | None]) -> tuple[bool, bool, datetime, str]:
            limit, due = row
            return not limit.is_at_once, due is None, due or start, limit.id

        return sorted(rows, key=order)


@dataclass(frozen=True)
class Playbooks:
    """All of them, and how to find the right one."""

    playbooks: tuple[Playbook, ...]
    note: str = ""

    def playbook(self, id: str) -> Playbook:
        """Return one playbook.

        Raises
        ------
        WorkbenchError
            for an unknown id, with the nearest ones.

        """
        return looked_up({one.id: one for one in self.playbooks}, id, "a playbook is known")

    def of_threats(self, threats: Iterable[str]) -> tuple[Playbook, ...]:
        """Return the playbooks that are for any of some threats."""
        wanted = set(threats)
        return tuple(one for one in self.playbooks if wanted & set(one.threats))


@dataclass(frozen=True, slots=True)
class Escalation:
    """Which finding goes to whom, by when."""

    finding: str
    role: str
    within: str
    because: str  # the limit or the step that says so
    limit: TimeLimit | None = None  # None where no limit says so

    @property
    def is_assumption(self) -> bool:
        """Whether it is an internal aim of ours, and no law."""
        return self.limit is not None and self.limit.is_assumption


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC, as ends are told; one without an offset as it is."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


def escalations(playbook: Playbook, start: datetime) -> list[Escalation]:
    """Return who is told of a finding of this kind, and by when.

    The lead is told at once; then every limit names who must tell whom, and its end.
    """
    lead = playbook.roles[0] if playbook.roles else "incident lead"
    rows = [Escalation(playbook.failure_mode, lead, "at once", "first role of the playbook")]
    for limit, due in playbook.clocks(start):
        last = limit.last_day(start)
        law = f"by Union law until the end of {last} [{BASIS}]" if last else ""
        told = "; ".join(filter(None, (limit.limit, limit.not_yet(start), law)))
        by = told if due is None else f"{in_utc(due):%Y-%m-%d %H:%M} ({told})"
        because = f"{limit.id}: {limit.source}; clock: {limit.clock_start}"
        rows.append(Escalation(playbook.failure_mode, limit.who, by, because, limit))
    return rows


@dataclass(frozen=True, slots=True)
class SignOff:
    """A decision of a review board, as a record.

    Raises
    ------
    WorkbenchError
        without what, who, when or a decision.

    """

    subject: str  # what is decided on: the id of a system, a playbook, a finding
    decision: str  # approved, approved with conditions, or refused
    members: tuple[str, ...]  # who decided
    day: str  # ISO 8601
    conditions: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        """Check that it says what, who, when and how."""
        allowed = ("approved", "approved with conditions", "refused")
        require(
            self.decision in allowed,
            "a board approves, approves with conditions, or refuses",
            got=self.decision,
            fix=f"One of {', '.join(allowed)}.",
        )
        require(
            bool(self.subject.strip()) and bool(self.members) and is_day(self.day),
            "a sign-off says what, who and when",
            got=(self.subject, self.members, self.day),
            fix="Name the subject, the members of the board and the day.",
        )
        require(
            self.decision != "approved with conditions" or bool(self.conditions.strip()),
            "an approval with conditions states them",
            got=self.conditions,
            fix="Write the conditions.",
        )
        require(
            self.decision != "refused" or bool(self.reason.strip()),
            "a refusal has a reason",
            got=self.reason,
            fix="Write the reason.",
        )
