"""The roadmap and the playbooks, shipped or one's own."""

from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.errors import require
from workbench.files.catalogues.checking import formed, headed, made_rows, placed, unknown
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.forms.fields import Day, Id, Name, Note, Strict
from workbench.files.messages import Findings, echo
from workbench.frameworks.playbooks import Playbook, Playbooks, Step, TimeLimit
from workbench.frameworks.roadmap import Phase, Roadmap, RoadmapRefusedError, Task
from workbench.resources import bundled

Month = Annotated[int, Field(ge=1, le=120)]
Rows = Annotated[list[Any], Field(min_length=1, max_length=1000)]
FIELDS = {"waits_for": "depends_on", "months": "start_month"}  # as the file calls them


class PhaseForm(Strict):
    """Some months."""

    id: int
    title: Name
    months: Annotated[list[Month], Field(min_length=2, max_length=2)]
    source_line: str | None


class TaskForm(Strict):
    """One task."""

    id: Id
    phase: int
    title: Name
    description: Note
    start_month: Month
    end_month: Month
    depends_on: list[Id]
    controls: list[Id]
    requirements: dict[str, list[Id]]
    origin: Name
    source_line: str | None
    note: str
    owner: str = ""


class RoadmapForm(Strict):
    """The file."""

    version: Name
    date: Name
    note: Note
    phases: list[PhaseForm]
    tasks: Rows


class LimitForm(Strict):
    """How long somebody has."""

    id: Id
    limit: Name
    hours: Annotated[float, Field(gt=0)] | None
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    clock_start: Note
    who: Note
    source: Note
    binds_from: Day | None = None
    until_then: Note = ""


class StepForm(Strict):
    """One thing to do."""

    n: int
    phase: Literal["detect", "contain", "eradicate", "recover", "learn"]
    action: Note


class PlaybookForm(Strict):
    """One way of failing."""

    id: Id
    failure_mode: Name
    triggers: list[Note]
    roles: list[Name]
    time_limits: list[Id]
    steps: list[StepForm]
    threats: list[Id]
    requirements: dict[str, list[Id]]
    controls: list[Id]
    evidence_to_keep: list[Name]


class PlaybooksForm(Strict):
    """The file."""

    version: Name
    date: Name
    note: Note
    time_limits: Rows
    playbooks: Rows


def shipped_roadmap() -> Roadmap:
    """Return the roadmap that ships with the workbench, read once."""
    return _roadmap_once(bundled("datasets") / "roadmap" / "roadmap.json")


def shipped_playbooks() -> Playbooks:
    """Return the playbooks that ship with the workbench, read once."""
    return _playbooks_once(bundled("datasets") / "playbooks" / "playbooks.json")


@cache
def _roadmap_once(path: Path) -> Roadmap:
    return read_roadmap(path)


@cache
def _playbooks_once(path: Path) -> Playbooks:
    return read_playbooks(path)


def read_roadmap(path: str | Path) -> Roadmap:
    """Read a roadmap.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    form = headed(path, RoadmapForm, findings)
    places: list[str] = []
    tasks: list[Task] = []
    for place, row in placed(form.tasks):
        checked = formed(row, TaskForm, place, findings)
        if checked is not None:
            report_strangers(checked, place, findings)
            places.append(place)
            tasks.append(task_of(checked))
    if len(tasks) < len(form.tasks):
        findings.refuse_if_any()  # what waits for a row that is left out is not to blame
    phases = tuple(Phase(one.id, one.title, *one.months) for one in form.phases)
    try:
        found = Roadmap(phases, tuple(tasks), form.note)
    except RoadmapRefusedError as refusal:
        for slip in refusal.slips:
            place = places[slip.number - 1] if slip.number else ""
            fix = f"{slip.fix[:1].lower()}{slip.fix[1:].rstrip('.')}"
            what = f"{slip.rule}, got {echo(str(slip.got))}; {fix}"
            findings.error(place, FIELDS.get(slip.field, slip.field), what)
    findings.refuse_if_any()
    return found


def report_strangers(form: TaskForm, place: str, findings: Findings) -> None:
    """Report each control that is in no catalogue of ours."""
    known = sorted(one.id for one in shipped_controls())
    for one in form.controls:
        if one not in known:
            findings.error(place, "controls", partial(unknown, one, known))


def task_of(form: TaskForm) -> Task:
    """Return a row of a file as a task."""
    return Task(
        form.id,
        form.phase,
        form.title,
        form.description,
        form.start_month,
        form.end_month,
        tuple(form.depends_on),
        tuple(form.controls),
        {framework: tuple(ids) for framework, ids in form.requirements.items()},
        form.owner,
        form.origin,
        form.source_line or "",
        form.note,
    )


def read_playbooks(path: str | Path) -> Playbooks:
    """Read playbooks and the time limits that they name.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    form = headed(path, PlaybooksForm, findings)
    limits = {one.id: one for one in made_rows(form.time_limits, LimitForm, _limit, findings)}

    def playbook(row: PlaybookForm) -> Playbook:
        return _playbook(row, limits)

    rows = made_rows(form.playbooks, PlaybookForm, playbook, findings)
    findings.refuse_if_any()
    return Playbooks(tuple(rows), form.note)


def _limit(form: LimitForm) -> TimeLimit:
    told = (form.binds_from or "", form.until_then, form.days)
    return TimeLimit(
        form.id, form.limit, form.hours, form.clock_start, form.who, form.source, *told
    )


def _playbook(form: PlaybookForm, limits: dict[str, TimeLimit]) -> Playbook:
    unknown = [one for one in form.time_limits if one not in limits]
    require(
        not unknown,
        f"the time limits of {form.id} are in the file",
        got=unknown,
        fix="Add them under time_limits.",
    )
    return Playbook(
        form.id,
        form.failure_mode,
        tuple(form.triggers),
        tuple(form.roles),
        tuple(limits[one] for one in form.time_limits),
        tuple(Step(one.n, one.phase, one.action) for one in form.steps),
        tuple(form.threats),
        {framework: tuple(ids) for framework, ids in form.requirements.items()},
        tuple(form.controls),
        tuple(form.evidence_to_keep),
    )
