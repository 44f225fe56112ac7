"""What is decided, row by row: treatments, which are tasks of a plan, and sign-offs of a board."""

from functools import partial
from typing import Annotated, Any

from pydantic import Field

from workbench.files.catalogues.checking import attempted, formed, headed_bytes, placed
from workbench.files.catalogues.plans import TaskForm, report_strangers, task_of
from workbench.files.catalogues.statements import SignOffForm, sign_off_of
from workbench.files.forms.fields import Id, Remark, Strict
from workbench.files.messages import Findings
from workbench.files.rows import Ids
from workbench.frameworks.playbooks import SignOff
from workbench.frameworks.roadmap import Task

Rows = Annotated[list[Any], Field(min_length=1, max_length=1000)]


class TreatmentForm(TaskForm):
    """A task that stands by itself: what it does not say is nothing."""

    depends_on: list[Id] = Field(default_factory=list)
    controls: list[Id] = Field(default_factory=list)
    requirements: dict[str, list[Id]] = Field(default_factory=dict)
    origin: Remark = ""
    source_line: Remark | None = None
    note: Remark = ""
    owner: Remark = ""


class TreatmentsForm(Strict):
    """The file."""

    treatments: Rows


class SignOffsForm(Strict):
    """The file."""

    sign_offs: Rows


def parse_treatments(name: str, data: bytes) -> dict[str, Task]:
    """Return the tasks of a file by their ids; `name` is the file's name.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(name)
    found: dict[str, Task] = {}
    ids = Ids(findings)
    for place, row in placed(headed_bytes(name, data, TreatmentsForm, findings).treatments):
        form = formed(row, TreatmentForm, place, findings)
        if form is not None:
            ids.add(place, form.id)
            report_strangers(form, place, findings)
            found[form.id] = task_of(form)
    findings.refuse_if_any()
    return found


def parse_sign_offs(name: str, data: bytes) -> dict[str, SignOff]:
    """Return the sign-offs of a file by what was decided on, and the day.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(name)
    found: dict[str, SignOff] = {}
    ids = Ids(findings)
    rows = headed_bytes(name, data, SignOffsForm, findings).sign_offs
    for place, row in placed(rows, "subject", "day"):
        form = formed(row, SignOffForm, place, findings)
        one = None if form is None else attempted(partial(sign_off_of, form), place, findings)
        if one is not None:
            key = f"{one.subject}/{one.day}"
            ids.add(place, key)
            found[key] = one
    findings.refuse_if_any()
    return found
