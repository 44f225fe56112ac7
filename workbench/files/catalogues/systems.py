"""An AI system as YAML or JSON: `system`, `boundaries`, `components`, `flows`; and back."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from workbench.files.catalogues.checking import attempted, formed, parsed, placed
from workbench.files.forms.fields import Id, Name, Strict
from workbench.files.messages import Findings
from workbench.files.opening import read_bytes
from workbench.threats.system import AISystem, Boundary, Component, Flow
from workbench.threats.threat import STAGES

MOST_PARTS = 500
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
    for name, of in (
        ("boundaries", BoundaryForm),
        ("components", ComponentForm),
        ("flows", FlowForm),
    ):
        key = "source" if name == "flows" else "id"
        rows = [
            formed(row, of, f"{name} {place}", findings)
            for place, row in placed(getattr(form, name), key)
        ]
        parts[name] = [row for row in rows if row is not None]
    findings.refuse_if_any()
    found = attempted(lambda: _system(form.system, parts), "", findings)
    findings.refuse_if_any()
    assert found is not None
    return found


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
        flows=tuple(Flow(one.source, one.target, one.carries) for one in parts["flows"]),
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
        "flows": [
            {"source": f.source, "target": f.target, "carries": f.carries} for f in system.flows
        ],
    }


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
