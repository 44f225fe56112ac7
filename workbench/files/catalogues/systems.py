"""An AI system as YAML or JSON: `system`, `boundaries`, `components`, `flows`; and back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from workbench.files.catalogues.checking import formed, parsed, placed, unknown
from workbench.files.forms.fields import Id, Name, Strict
from workbench.files.messages import Findings, echo, short
from workbench.files.opening import read_bytes
from workbench.threats.system import (
    AISystem,
    Boundary,
    Component,
    Flow,
    Slip,
    SystemRefusedError,
)
from workbench.threats.threat import STAGES

MOST_PARTS = 500
REFERS = {"boundary": "boundaries", "source": "components", "target": "components"}
NOWHERE: Mapping[str, Sequence[str]] = {}
Facts = Annotated[list[Id], Field(max_length=50)]


class HeadForm(Strict):
    """What is so of the whole."""

    id: Id
    name: Name
    facts: Facts = Field(default_factory=list)
    stages: Facts | None = None


class BoundaryForm(Strict):
    """A zone of one trust."""

    id: Id
    name: Name
    trust: Annotated[int, Field(ge=0, le=100)]
    controlled_by: Id = "us"


class ComponentForm(Strict):
    """One element."""

    id: Id
    name: Name
    kind: Name
    boundary: Id
    exposure: Id = "none"
    controlled_by: Id | None = None
    facts: Facts = Field(default_factory=list)
    value: Id | None = None


class FlowForm(Strict):
    """Data on their way."""

    source: Id
    target: Id
    carries: Name
    contents: Facts = Field(default_factory=list)


Parts = Annotated[list[Any], Field(max_length=MOST_PARTS)]


class SystemForm(Strict):
    """The file."""

    system: HeadForm
    boundaries: Annotated[list[Any], Field(min_length=1, max_length=MOST_PARTS)]
    components: Annotated[list[Any], Field(min_length=1, max_length=MOST_PARTS)]
    flows: Parts = Field(default_factory=list)


def read_system(path: str | Path) -> AISystem:
    """Read an AI system.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    return system_of(parsed(str(path), read_bytes(path, findings), findings), findings)


def parse_system(name: str, data: bytes) -> AISystem:
    """Read an AI system from bytes that came by another way, such as a form on a page."""
    findings = Findings(name)
    return system_of(parsed(name, data, findings), findings)


def system_of(tree: Any, findings: Findings) -> AISystem:
    """Make the system of a tree of plain data."""
    form = formed(tree, SystemForm, "", findings)
    findings.refuse_if_any()
    assert form is not None
    parts: dict[str, list[Any]] = {}
    places: dict[str, list[str]] = {}
    faulty: dict[str, list[str]] = {}
    for name, of, names in (
        ("boundaries", BoundaryForm, ("id",)),
        ("components", ComponentForm, ("id",)),
        ("flows", FlowForm, ("source", "target")),
    ):
        parts[name], places[name] = [], []
        for place, row in placed(getattr(form, name), *names):
            checked = formed(row, of, f"{name} {place}", findings)
            if checked is not None:
                parts[name].append(checked)
                places[name].append(place)
            elif isinstance(row, dict):
                faulty.setdefault(name, []).append(str(row.get("id")))
    return checked_system(lambda: _system(form.system, parts), findings, places, faulty)


def checked_system(
    make: Callable[[], AISystem],
    findings: Findings,
    places: Mapping[str, Sequence[str]] = NOWHERE,
    faulty: Mapping[str, Sequence[str]] = NOWHERE,
) -> AISystem:
    """Return the system that is made, or refuse with each of its faults at its place.

    Parameters
    ----------
    places : where the rows of each part stand in the file; the others are told by their ids
    faulty : ids of rows of each part that are reported already and left out: they may be named

    Raises
    ------
    FileRefused
        with every fault of it, and with what was reported before.

    """
    slips: tuple[Slip, ...] = ()
    try:
        system = make()
    except SystemRefusedError as refusal:
        slips = refusal.slips
    for slip in slips:
        allowed = (*slip.allowed, *faulty.get(REFERS.get(slip.field, ""), ()))
        widened = replace(slip, allowed=tuple(dict.fromkeys(allowed)))
        is_left_out = slip.part in faulty and not slip.number  # all of its rows are faulty
        if slip.got not in widened.allowed and not is_left_out:
            what = partial(_what, widened, places)
            findings.error(_place(slip, slip.number, places), slip.field, what)
    findings.refuse_if_any()
    return system


def _place(slip: Slip, number: int, places: Mapping[str, Sequence[str]]) -> str:
    if slip.part in places and number:
        return f"{slip.part} {places[slip.part][number - 1]}"
    return f"{slip.part} ({short(slip.id)})" if slip.id else slip.part


def _what(slip: Slip, places: Mapping[str, Sequence[str]]) -> str:
    """Say what is wrong, what was got, and what is allowed, with the nearest of it."""
    if slip.first:
        first = _place(slip, slip.first, places).partition(" (")[0]
        where = f", first in {first}" if slip.part in places else ""
        return f"is used twice, got {echo(slip.got)}{where}; give each its own"
    if not slip.allowed:
        return f"{slip.rule}, got {slip.got}; name its parts first"
    return unknown(slip.got, slip.allowed)


def _system(head: HeadForm, parts: dict[str, list[Any]]) -> AISystem:
    return AISystem(
        head.id,
        head.name,
        components=tuple(
            Component(
                one.id,
                one.name,
                one.kind,
                one.boundary,
                one.exposure,
                one.controlled_by or "",
                tuple(one.facts),
                one.value or "",
            )
            for one in parts["components"]
        ),
        flows=tuple(Flow(f.source, f.target, f.carries, tuple(f.contents)) for f in parts["flows"]),
        boundaries=tuple(
            Boundary(one.id, one.name, one.trust, one.controlled_by) for one in parts["boundaries"]
        ),
        facts=tuple(head.facts),
        stages=tuple(head.stages) if head.stages is not None else STAGES,
    )


def system_dict(system: AISystem) -> dict[str, Any]:
    """Return plain data that `system_of` reads back, without what is left to its default."""
    head: dict[str, Any] = {"id": system.id, "name": system.name}
    if system.facts:
        head["facts"] = list(system.facts)
    if system.stages != STAGES:
        head["stages"] = list(system.stages)
    return {
        "system": head,
        "boundaries": [
            {"id": b.id, "name": b.name, "trust": b.trust, "controlled_by": b.controlled_by}
            for b in system.boundaries
        ],
        "components": [_component_dict(part) for part in system.components],
        "flows": [_flow_dict(flow) for flow in system.flows],
    }


def _flow_dict(flow: Flow) -> dict[str, Any]:
    found: dict[str, Any] = {"source": flow.source, "target": flow.target, "carries": flow.carries}
    return found | ({"contents": list(flow.contents)} if flow.contents else {})


def _component_dict(part: Component) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": part.id,
        "name": part.name,
        "kind": part.kind,
        "boundary": part.boundary,
    }
    if part.exposure != "none":
        found["exposure"] = part.exposure
    if part.controlled_by:
        found["controlled_by"] = part.controlled_by
    if part.facts:
        found["facts"] = list(part.facts)
    if part.value:
        found["value"] = part.value
    return found
