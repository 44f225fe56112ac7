"""The catalogue of controls."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.files.catalogues.checking import headed, made_rows
from workbench.files.forms.fields import Id, Name, Note, Strict
from workbench.files.messages import Findings
from workbench.frameworks.controls import Control, Controls, Effect
from workbench.resources import bundled

Share = Annotated[float, Field(ge=0, le=1)]


class EffectForm(Strict):
    """What it may change, and by how much."""

    factor: Id
    direction: Literal["reduces"]
    range: Annotated[list[Share], Field(min_length=2, max_length=2)]
    basis: Literal["assumption", "source"]
    context_source: Note = ""


class ControlForm(Strict):
    """One control."""

    id: Id
    title: Name
    description: Note
    kind: Literal["preventive", "detective", "corrective"]
    effects: Annotated[list[EffectForm], Field(min_length=1, max_length=6)]
    requirements: dict[str, list[Id]]
    cost_drivers: list[Name]
    threats: list[Id]
    limits: str
    source_line: str | None


class ControlsForm(Strict):
    """The file."""

    version: Name
    date: Name
    note: Note
    controls: Annotated[list[Any], Field(min_length=1, max_length=1000)]


def shipped_controls() -> Controls:
    """Return the controls that ship with the workbench, read once."""
    return _read_once(bundled("datasets") / "controls" / "controls.json")


@cache
def _read_once(path: Path) -> Controls:
    return read_controls(path)


def read_controls(path: str | Path) -> Controls:
    """Read a catalogue of controls.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    form = headed(path, ControlsForm, findings)
    rows = made_rows(form.controls, ControlForm, _control, findings)
    findings.refuse_if_any()
    return Controls(tuple(rows), form.note, form.date)


def _control(form: ControlForm) -> Control:
    return Control(
        form.id,
        form.title,
        form.description,
        form.kind,
        tuple(
            Effect(one.factor, one.range[0], one.range[1], one.basis, one.context_source)
            for one in form.effects
        ),
        {framework: tuple(ids) for framework, ids in form.requirements.items()},
        tuple(form.threats),
        tuple(form.cost_drivers),
        form.limits or "",
        form.source_line or "",
    )
