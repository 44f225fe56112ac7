"""A plan of tasks over months: phases, owners, what waits for what, and which controls land when.

Months count from 1; a task occupies its first and its last month and everything between.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from workbench.errors import WorkbenchError, looked_up, nearest


@dataclass(frozen=True, slots=True)
class Phase:
    """Some months of the plan."""

    id: int
    title: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Task:
    """One task."""

    id: str
    phase: int
    title: str
    description: str
    first: int  # month
    last: int  # month
    waits_for: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()  # that are there once it is done
    requirements: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    owner: str = ""
    origin: str = ""  # the document that is followed, or added because a standard asks for it
    source_line: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Slip:
    """One thing that is wrong with a plan, and at which task."""

    number: int  # of the task, from 1; 0 for the whole plan
    id: str
    field: str
    rule: str
    got: object
    fix: str

    def sentence(self) -> str:
        """Say the rule, what broke it, and the remedy."""
        return f"{self.rule}; got {self.got!r}. {self.fix}"


class RoadmapRefusedError(WorkbenchError):
    """A plan that cannot be kept; `slips` has every fault of it."""

    def __init__(self, slips: tuple[Slip, ...]) -> None:
        super().__init__("\n".join(slip.sentence() for slip in slips))
        self.slips = slips


@dataclass(frozen=True)
class Roadmap:
    """Tasks in order, whose dependencies can be kept.

    Raises
    ------
    RoadmapRefusedError
        for an id that stands twice or is not there, a task outside its phase, one that begins or
        ends before what it waits for, or a circle: with all of them.

    """

    phases: tuple[Phase, ...]
    tasks: tuple[Task, ...]
    note: str = ""

    def __post_init__(self) -> None:
        """Check ids, months and dependencies."""
        slips = tuple(self._slips())
        if slips:
            raise RoadmapRefusedError(slips)

    def _slips(self) -> Iterator[Slip]:
        """Yield everything that is wrong with the tasks, in their order."""
        first: dict[str, int] = {}
        found = False
        for number, task in enumerate(self.tasks, 1):
            if task.id in first:
                rule, fix = "a task has an id of its own", "Number them anew."
                yield Slip(number, task.id, "id", rule, task.id, fix)
            first.setdefault(task.id, number)
            for slip in self._of_task(number, task):
                found = True
                yield slip
        left = sorted(self._by_id.keys() - {task.id for task in self._ordered})
        if left and not found:  # what no order holds waits for itself
            rule = "tasks do not wait for each other in a circle"
            yield Slip(0, "", "", rule, left, "Let one of them go first.")

    def _of_task(self, number: int, task: Task) -> Iterator[Slip]:
        phase = next((one for one in self.phases if one.id == task.phase), None)
        if phase is None:
            rule, known = f"the phase of {task.id} is known", [one.id for one in self.phases]
            yield Slip(number, task.id, "phase", rule, task.phase, f"One of {known}.")
        elif not phase.first <= task.first <= task.last <= phase.last:
            rule = f"task {task.id} lies within its phase, months {phase.first} to {phase.last}"
            fix = "Move the task, or make the phase longer."
            yield Slip(number, task.id, "months", rule, (task.first, task.last), fix)
        for other in task.waits_for:
            before = self._by_id.get(other)
            if before is None:
                rule, near = f"what {task.id} waits for is a task", nearest(other, self._by_id)
                fix = f"Such as {', '.join(near)}." if near else "Name an id of the plan."
                yield Slip(number, task.id, "waits_for", rule, other, fix)
            elif other == task.id or before.first > task.first or before.last > task.last:
                rule = f"task {task.id} neither begins nor ends before {other}, which it waits for"
                got = (task.first, before.first)
                yield Slip(number, task.id, "waits_for", rule, got, "Move one of them.")

    @cached_property
    def _ordered(self) -> list[Task]:
        """The tasks, each after all that it waits for; those of a circle are left out."""
        found: list[Task] = []
        left = {one.id: set(one.waits_for) for one in self.tasks}
        while free := {name for name, before in left.items() if not before & left.keys()}:
            found += [one for one in self.tasks if one.id in free]
            left = {name: before for name, before in left.items() if name not in free}
        return found

    @cached_property
    def _by_id(self) -> dict[str, Task]:
        return {one.id: one for one in self.tasks}

    def task(self, id: str) -> Task:
        """Return one task.

        Raises
        ------
        WorkbenchError
            for an unknown id, with the nearest ones.

        """
        return looked_up(self._by_id, id, "a task is in the plan")

    @property
    def months(self) -> range:
        """The months of the plan."""
        return range(1, max((one.last for one in self.phases), default=0) + 1)

    def landed(self, month: int) -> tuple[str, ...]:
        """Return the controls that are there at the end of a month, in order of landing."""
        done = sorted((one for one in self.tasks if one.last <= month), key=lambda one: one.last)
        return tuple(dict.fromkeys(control for one in done for control in one.controls))

    def critical(self) -> tuple[str, ...]:
        """Return the longest chain of tasks that wait for each other, by months of work."""
        longest: dict[str, tuple[int, tuple[str, ...]]] = {}
        for task in self._ordered:
            before = max((longest[one] for one in task.waits_for), default=(0, ()))
            longest[task.id] = before[0] + task.last - task.first + 1, (*before[1], task.id)
        return max(longest.values(), default=(0, ()))[1]


def month_by_month(
    roadmap: Roadmap, loss: Callable[[Sequence[str]], float]
) -> Iterator[tuple[int, tuple[str, ...], float]]:
    """Yield month, the controls there at its end, and the average annual loss with them.

    Month 0 is today. The loss is that of a year that goes on as the month is, currency / year.

    Parameters
    ----------
    loss : the average annual loss with some controls in place

    """
    for month in (0, *roadmap.months):
        there = roadmap.landed(month)
        yield month, there, loss(there)
