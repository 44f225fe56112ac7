"""Open Threat Model 0.1 and 0.2 as an AI system: trust zones, components, dataflows.

What the format has no field for stands in `attributes` under the key `workbench`: the kind of a
component, its exposure, who controls it, its facts and the asset that it holds; facts and stages of
the whole; who controls a zone. Threats and mitigations of a file are left there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, StringConstraints

from workbench.files.catalogues.systems import MOST_PARTS
from workbench.files.exchange.foreign import (
    Flows,
    Foreign,
    LoadedSystem,
    bytes_of,
    foreign_tree,
    loaded,
    report_twice,
    rows_of,
    whole,
)
from workbench.files.exchange.kinds import guessed_kind, known_kind
from workbench.files.forms.fields import Id, Name
from workbench.files.messages import Findings, Spot, echo
from workbench.threats.system import AISystem, Boundary, Component, Flow
from workbench.threats.threat import STAGES

OURS = "workbench"  # the key of our attributes
Words = Annotated[list[Id], Field(max_length=50)]
Parts = Annotated[list[Any] | None, Field(max_length=MOST_PARTS)]


class OursForm(Foreign):
    """Our attributes of a project, a zone, a component or a dataflow."""

    kind: Name | None = None
    exposure: Id = "none"
    controlled_by: Id | None = None
    facts: Words = Field(default_factory=list)
    stages: Words | None = None
    value: Id | None = None
    contents: Words = Field(default_factory=list)


class AttributesForm(Foreign):
    """The attributes of an object, of which only ours are read."""

    workbench: OursForm = OursForm()


class ObjectForm(Foreign):
    """What every object has."""

    id: Id
    name: Name
    attributes: AttributesForm | None = None

    @property
    def ours(self) -> OursForm:
        """What stands under our key."""
        return self.attributes.workbench if self.attributes else OursForm()


Form = TypeVar("Form", bound=ObjectForm)


class RiskForm(Foreign):
    """How far a zone is trusted, 0 to 100."""

    rating: Annotated[float, Field(alias="trustRating", ge=0, le=100)]


class ZoneForm(ObjectForm):
    """A trust zone."""

    type: Name | None = None
    risk: RiskForm


class ParentForm(Foreign):
    """Where a component stands: in a zone, or in another component."""

    zone: Annotated[Id | None, Field(alias="trustZone")] = None
    component: Id | None = None


class PartForm(ObjectForm):
    """A component."""

    type: Name
    parent: ParentForm
    tags: Annotated[list[str | None], Field(max_length=100)] | None = None


class DataflowForm(ObjectForm):
    """A dataflow."""

    source: Id
    destination: Id
    bidirectional: bool | None = None


class OtmForm(Foreign):
    """The file."""

    version: Annotated[
        str, Field(alias="otmVersion"), StringConstraints(pattern=r"^0\.[12](\.[0-9]+)?$")
    ]
    project: ObjectForm
    zones: Annotated[Parts, Field(alias="trustZones")] = None
    components: Parts = None
    dataflows: Annotated[list[Any] | None, Field(max_length=2_000)] = None
    threats: list[Any] | None = None


def read_otm(path: str | Path) -> LoadedSystem:
    """Read a system from an Open Threat Model, JSON or YAML (.json, .yaml, .otm).

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    return parse_otm(str(path), bytes_of(path))


def parse_otm(name: str, data: bytes) -> LoadedSystem:
    """Read a system from an Open Threat Model that came by another way.

    Raises
    ------
    FileRefused
        as `read_otm` does.

    """
    findings = Findings(name)
    return otm_of(foreign_tree(name, data, findings), findings)


def otm_of(tree: Any, findings: Findings) -> LoadedSystem:
    """Make the system of a tree of plain data."""
    form = whole(tree, OtmForm, findings)
    if form.threats:
        what = f"{len(form.threats)} are left in the file; the catalogue is asked anew"
        findings.warning("", "threats", what)
    zones = _rows(form.zones, ZoneForm, "trustZones", findings)
    parts = _rows(form.components, PartForm, "components", findings)
    lines = _rows(form.dataflows, DataflowForm, "dataflows", findings)
    boundaries = tuple(_boundary(place, row, findings) for place, row in zones)
    homes = _homes(dict.fromkeys(one.id for one in boundaries), parts, findings)
    components = tuple(_component(place, row, homes[row.id], findings) for place, row in parts)
    flows = _flows(lines, homes, findings)
    head, ours = form.project, form.project.ours
    stages = STAGES if ours.stages is None else tuple(ours.stages)
    facts = tuple(ours.facts)
    return loaded(
        lambda: AISystem(head.id, head.name, components, flows, boundaries, facts, stages), findings
    )


def _rows(
    rows: list[Any] | None, form: type[Form], section: str, findings: Findings
) -> list[tuple[str, Form]]:
    found = rows_of(rows or [], form, section, findings)
    report_twice([(place, row.id) for place, row in found], findings)
    return found


def _flows(
    lines: list[tuple[str, DataflowForm]], homes: Mapping[str, str], findings: Findings
) -> tuple[Flow, ...]:
    flows = Flows(homes, findings)
    for place, row in lines:
        ends = (("source", row.source), ("destination", row.destination))
        flows.add(place, ends, row.name, row.ours.contents)
        if row.bidirectional:
            flows.add(place, (ends[1], ends[0]), row.name, row.ours.contents)
    return flows.flows()


def _boundary(place: str, row: ZoneForm, findings: Findings) -> Boundary:
    who = row.ours.controlled_by
    if who is None:
        is_open = "internet" in f"{row.name} {row.type or ''}".casefold()
        who = "public" if is_open else "us"
        if is_open:
            findings.warning(place, "", "is taken as controlled by the public, for its name")
    trust = round(row.risk.rating)
    if trust != row.risk.rating:
        findings.warning(place, "risk.trustRating", f"is rounded to {trust}")
    return Boundary(row.id, row.name, trust, who)


def _homes(
    zones: Mapping[str, None], parts: list[tuple[str, PartForm]], findings: Findings
) -> dict[str, str]:
    """Return the zone in which each component stands, itself or the one that holds it."""
    found = {}
    parents = {row.id: row.parent for _, row in parts}
    for place, row in parts:
        spot = Spot(findings, place)
        seen = {row.id}
        at = row.parent
        found[row.id] = ""
        if (at.zone is None) == (at.component is None):
            spot.error("parent", "is one of a trustZone and a component, got both or neither")
            continue
        while at.component is not None and at.zone is None:
            if at.component in seen or at.component not in parents:
                inside = at.component in seen
                what = "leads back to itself" if inside else "is no component of the file"
                spot.error("parent.component", f"{what}, got {echo(at.component)}")
                break
            seen.add(at.component)
            at = parents[at.component]
        if at.zone is not None:
            found[row.id] = at.zone
            if at.zone not in zones:
                spot.error("parent.trustZone", f"is no zone of the file, got {echo(at.zone)}")
    return found


def _component(place: str, row: PartForm, zone: str, findings: Findings) -> Component:
    ours = row.ours
    kind = ours.kind or known_kind([row.type, *(tag for tag in row.tags or () if tag)])
    if not kind:
        kind = guessed_kind([row.type])
        what = f"is not known, got {echo(row.type)}; taken as {kind!r}, state its kind"
        findings.warning(place, "type", what)
    return Component(
        row.id,
        row.name,
        kind,
        zone,
        ours.exposure,
        ours.controlled_by or "",
        tuple(ours.facts),
        ours.value or "",
    )
