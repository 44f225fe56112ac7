"""A plan of tasks over months: phases, owners, what waits for what, and which controls land when.

Months count from 1; a task occupies its first and its last month and everything between.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from workbench.errors import require


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


@dataclass(frozen=True)
class Roadmap:
    """Tasks in order, whose dependencies can be kept.

    Raises
    ------
    WorkbenchError
        for an id that stands twice or is not there, a task outside its phase, one that begins or
        ends before what it waits for, or a circle.

    """

    phases: tuple[Phase, ...]
    tasks: tuple[Task, ...]
    note: str = ""

    def __post_init__(self) -> None:
        """Check ids, months and dependencies."""
        ids = [one.id for one in self.tasks]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        require(not twice, "a task has an id of its own", got=twice, fix="Number them anew.")
        for task in self.tasks:
            self._check(task)
        self._refuse_circles()

    def _check(self, task: Task) -> None:
        phase = next((one for one in self.phases if one.id == task.phase), None)
        require(
            phase is not None, f"the phase of {task.id} is known", got=task.phase, fix="Add it."
        )
        assert phase is not None
        require(
            phase.first <= task.first <= task.last <= phase.last,
            f"task {task.id} lies within its phase, months {phase.first} to {phase.last}",
            got=(task.first, task.last),
            fix="Move the task, or make the phase longer.",
        )
        for other in task.waits_for:
            require(
                other in self._by_id,
                f"what {task.id} waits for is a task",
                got=other,
                fix="Name an id of the plan.",
            )
            before = self._by_id[other]
            require(
                other != task.id and before.first <= task.first and before.last <= task.last,
                f"task {task.id} neither begins nor ends before {other}, which it waits for",
                got=(task.first, before.first),
                fix="Move one of them.",
            )

    def _refuse_circles(self) -> None:
        """What no order holds waits for itself."""
        left = sorted(self._by_id.keys() - {task.id for task in self._ordered})
        require(
            not left,
            "tasks do not wait for each other in a circle",
            got=left,
            fix="Let one of them go first.",
        )

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
        """Return one task."""
        require(id in self._by_id, "a task is in the plan", got=id, fix="Name one of its ids.")
        return self._by_id[id]

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
