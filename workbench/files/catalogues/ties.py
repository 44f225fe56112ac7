"""What ties systems to a study, as YAML; and the example systems that ship with the workbench."""

import os
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.files.catalogues.checking import (
    attempted,
    formed,
    headed,
    headed_bytes,
    placed,
    unknown,
)
from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.systems import read_system
from workbench.files.catalogues.threats import shipped_threats
from workbench.files.forms.fields import Id, Note, Strict
from workbench.files.messages import Findings
from workbench.resources import bundled
from workbench.threats.system import AISystem
from workbench.threats.ties import Safeguard, Tie, Ties

Ids = Annotated[list[Id], Field(min_length=1, max_length=100)]
TIES = "ties.yaml"


class ScenarioForm(Strict):
    """One scenario of the study."""

    id: Id
    threats: Ids
    why: Note = ""


class SafeguardForm(Strict):
    """One control."""

    id: Id
    status: Literal["in place", "planned"]
    why: Note = ""


class SystemTiesForm(Strict):
    """All of one system."""

    system: Id
    scenarios: Annotated[list[ScenarioForm], Field(max_length=1000)] = Field(default_factory=list)
    controls: Annotated[list[SafeguardForm], Field(max_length=1000)] = Field(default_factory=list)


class TiesForm(Strict):
    """The file."""

    systems: Annotated[list[Any], Field(min_length=1, max_length=200)]


@cache
def shipped_systems() -> tuple[AISystem, ...]:
    """Return the example systems, in order of id; read once."""
    return read_systems(bundled("datasets") / "systems")


def read_systems(folder: Path) -> tuple[AISystem, ...]:
    """Read all systems of a folder, by the order of their files; none where it is not there.

    Raises
    ------
    FileRefused
        a WorkbenchError with a line for each fault of the first bad file.

    """
    paths = sorted(path for path in folder.glob("*.yaml") if path.name != TIES)
    return tuple(read_system(path) for path in paths)


@cache
def shipped_ties() -> dict[str, Ties]:
    """Return what ties the example systems to the example study, by id of the system."""
    return read_ties(bundled("datasets") / "systems" / TIES)


def read_ties(path: str | Path) -> dict[str, Ties]:
    """Read what ties systems to a study, by id of the system; nothing of a file that is not there.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    if not os.path.lexists(path):  # a link that leads nowhere is a fault
        return {}
    findings = Findings(str(path))
    return _all_ties(headed(path, TiesForm, findings), findings)


def parse_ties(name: str, data: bytes) -> dict[str, Ties]:
    """Read ties from bytes that came by another way; `name` is the file's name."""
    findings = Findings(name)
    return _all_ties(headed_bytes(name, data, TiesForm, findings), findings)


def _all_ties(form: TiesForm, findings: Findings) -> dict[str, Ties]:
    found: dict[str, Ties] = {}
    for place, row in placed(form.systems, "system"):
        checked = formed(row, SystemTiesForm, place, findings)
        if checked is None:
            continue
        _report_strangers(checked, place, findings)
        ties = attempted(partial(_ties, checked), place, findings)
        if checked.system in found:
            findings.error(place, "system", f"stands twice, got '{checked.system}'")
        elif ties is not None:
            found[checked.system] = ties
    findings.refuse_if_any()
    return found


def _report_strangers(form: SystemTiesForm, place: str, findings: Findings) -> None:
    """Report each threat and each control that is in no catalogue of ours."""
    threats = sorted(one.id for one in shipped_threats())
    controls = sorted(one.id for one in shipped_controls())
    for number, scenario in enumerate(form.scenarios, 1):
        for threat in scenario.threats:
            if threat not in threats:
                what = partial(unknown, threat, threats)
                findings.error(place, f"scenarios.{number}.threats", what)
    for number, one in enumerate(form.controls, 1):
        if one.id not in controls:
            findings.error(place, f"controls.{number}.id", partial(unknown, one.id, controls))


def _ties(form: SystemTiesForm) -> Ties:
    return Ties(
        form.system,
        tuple(Tie(one.id, tuple(one.threats), one.why) for one in form.scenarios),
        tuple(Safeguard(one.id, one.status, one.why) for one in form.controls),
    )
