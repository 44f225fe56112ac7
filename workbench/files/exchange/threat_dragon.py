"""Threat Dragon 2 as an AI system: processes, stores, actors, flows, and boxes of trust.

A diagram says little of what a system is made of, so that most is guessed, and each guess is told:
- the kind of a component is what its description says on a line 'kind: RAG index', or what its name
  is; else an actor is people, a store a store, and a process an application;
- it stands in the smallest box that holds its middle; outside all boxes it stands in a zone of
  trust 0, or in the only zone where there is no box;
- the trust of a box is how deep it stands in others: the format states none;
- an actor is controlled by the public.
A curve encloses nothing and is left out, and the threats of a file are left there. What is out of
scope is kept, since others are reached through it. The ids of cells are kept.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from workbench.files.exchange.foreign import (
    Flows,
    Foreign,
    LoadedSystem,
    Title,
    bytes_of,
    foreign_tree,
    loaded,
    report_twice,
    rows_of,
    whole,
)
from workbench.files.exchange.kinds import id_of, known_kind
from workbench.files.forms.fields import Id, Name
from workbench.files.messages import Findings, echo
from workbench.threats.system import AISystem, Boundary, Component

MOST_CELLS = 2_000
OUTSIDE = "outside-all-boxes"  # the id of the zone of what stands in none
GUESSES = {"actor": "people", "store": "store", "process": "application"}
_KIND = re.compile(r"^\s*kind:\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
Text = Annotated[str, Field(max_length=10_000)]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


class DataForm(Foreign):
    """What a cell is called, and what is said of it."""

    name: Title = ""
    description: Text = ""
    bidirectional: Annotated[bool, Field(alias="isBidirectional")] = False
    out_of_scope: Annotated[bool, Field(alias="outOfScope")] = False
    threats: list[Any] = Field(default_factory=list)


class PlaceForm(Foreign):
    """Where a cell stands."""

    x: Number
    y: Number


class SizeForm(Foreign):
    """How large it is."""

    width: Number
    height: Number


class EndForm(Foreign):
    """One end of a flow: a cell, or a place in the diagram."""

    cell: Id | None = None


class CellForm(Foreign):
    """One cell of a diagram."""

    id: Id
    shape: Name
    data: DataForm = DataForm()
    position: PlaceForm | None = None
    size: SizeForm | None = None
    source: EndForm | None = None
    target: EndForm | None = None

    @property
    def title(self) -> str:
        """Its name on one line, or its id."""
        return " ".join(self.data.name.split()) or self.id


class DiagramForm(Foreign):
    """One diagram."""

    cells: list[Any] = Field(default_factory=list)
    old: Annotated[Any, Field(alias="diagramJson")] = None  # where version 1 kept its cells


class DetailForm(Foreign):
    """All diagrams."""

    diagrams: Annotated[list[DiagramForm], Field(min_length=1, max_length=100)]


class SummaryForm(Foreign):
    """The head."""

    title: Name


class DragonForm(Foreign):
    """The file."""

    summary: SummaryForm
    detail: DetailForm


@dataclass(frozen=True, slots=True)
class Box:
    """A box of trust, or the body of a component, as a rectangle of one diagram."""

    id: str
    title: str
    diagram: int
    corners: tuple[float, float, float, float]  # left, top, right, bottom

    @property
    def area(self) -> float:
        """How large it is, squares of a unit of the diagram."""
        left, top, right, bottom = self.corners
        return (right - left) * (bottom - top)

    def holds(self, other: "Box") -> bool:
        """Whether the middle of another one lies within it, and the other is smaller."""
        left, top, right, bottom = self.corners
        x = (other.corners[0] + other.corners[2]) / 2
        y = (other.corners[1] + other.corners[3]) / 2
        is_within = left <= x <= right and top <= y <= bottom
        return self.diagram == other.diagram and is_within and self.area > other.area


Cell = tuple[str, int, CellForm]  # its place in the file, its diagram, what it is


def read_threat_dragon(path: str | Path) -> LoadedSystem:
    """Read a system from a Threat Dragon 2 model.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    return parse_threat_dragon(str(path), bytes_of(path))


def parse_threat_dragon(name: str, data: bytes) -> LoadedSystem:
    """Read a system from a Threat Dragon 2 model that came by another way.

    Raises
    ------
    FileRefused
        as `read_threat_dragon` does.

    """
    findings = Findings(name)
    return threat_dragon_of(foreign_tree(name, data, findings), findings)


def threat_dragon_of(tree: Any, findings: Findings) -> LoadedSystem:
    """Make the system of a tree of plain data."""
    form = whole(tree, DragonForm, findings)
    if sum(len(diagram.cells) for diagram in form.detail.diagrams) > MOST_CELLS:
        raise findings.refuse("", "detail.diagrams", f"have more than {MOST_CELLS} cells")
    if any(diagram.old is not None for diagram in form.detail.diagrams):
        what = "is a model of version 1; open and save it with Threat Dragon 2"
        raise findings.refuse("", "detail.diagrams", what)
    cells = list(_cells(form, findings))
    report_twice([(place, cell.id) for place, _, cell in cells], findings)
    threats = sum(len(cell.data.threats) for _, _, cell in cells)
    if threats:
        what = f"{threats} are left in the file; the catalogue is asked anew"
        findings.warning("", "threats", what)
    boxes = [
        box for one in cells if one[2].shape == "trust-boundary-box" for box in _box(one, findings)
    ]
    parts = [one for one in cells if one[2].shape in GUESSES]
    components = [_component(one, boxes, findings) for one in parts]
    boundaries = _boundaries(boxes, {part.boundary for part in components}, findings)
    flows = Flows({part.id for part in components}, findings)
    for place, _, cell in cells:
        _add(flows, place, cell, findings)
    title = form.summary.title
    return loaded(
        lambda: AISystem(
            id_of(title, "diagram"),
            " ".join(title.split()),
            tuple(components),
            flows.flows(),
            boundaries,
        ),
        findings,
    )


def _cells(form: DragonForm, findings: Findings) -> Iterable[Cell]:
    several = len(form.detail.diagrams) > 1
    known = {*GUESSES, "flow", "trust-boundary-box", "td-text-block"}
    for number, diagram in enumerate(form.detail.diagrams, 1):
        section = f"diagram {number} cells" if several else "cells"
        for place, cell in rows_of(diagram.cells, CellForm, section, findings):
            if cell.shape.endswith("curve"):
                what = "a curve encloses nothing and is left out; draw a box in its place"
                findings.warning(place, "", what)
            elif cell.shape not in known:
                findings.warning(place, "shape", f"is not read, got {echo(cell.shape)}")
            yield place, number, cell


def _box(one: Cell, findings: Findings) -> list[Box]:
    """Return the rectangle of a cell; none, and an error, where it has no place or no size."""
    place, diagram, cell = one
    for field in ("position", "size"):
        if getattr(cell, field) is None:
            findings.error(place, field, "is missing; a box encloses what lies within it")
    if cell.position is None or cell.size is None:
        return []
    left, top = cell.position.x, cell.position.y
    right, bottom = left + abs(cell.size.width), top + abs(cell.size.height)
    return [Box(cell.id, cell.title, diagram, (left, top, right, bottom))]


def _component(one: Cell, boxes: list[Box], findings: Findings) -> Component:
    place, _, cell = one
    stated = _KIND.findall(cell.data.description)
    kind = known_kind([*stated, cell.title])
    if stated and not known_kind(stated[:1]):
        findings.error(
            place, "description", f"names a kind that is not known, got {echo(stated[0])}"
        )
    if not kind:
        kind = GUESSES[cell.shape]
        what = f"{echo(cell.title)} is taken as {kind!r}; write 'kind: ...' into its description"
        findings.warning(place, "", what)
    if cell.data.out_of_scope:
        findings.warning(place, "", "is out of the diagram's scope, and kept")
    body = _box(one, findings) if boxes else []
    around = [box for box in boxes if body and box.holds(body[0])]
    zone = min(around, key=lambda box: box.area).id if around else OUTSIDE
    who = "public" if cell.shape == "actor" else ""
    if who:
        findings.warning(place, "", "an actor is taken as controlled by the public")
    return Component(cell.id, cell.title, kind, zone, controlled_by=who)


def _boundaries(boxes: list[Box], used: set[str], findings: Findings) -> tuple[Boundary, ...]:
    found = [
        Boundary(box.id, box.title, min(100, 1 + sum(other.holds(box) for other in boxes)))
        for box in boxes
    ]
    if found:
        what = "states no trust: a box is trusted by how deep it stands in others"
        findings.warning("", "", what)
    if OUTSIDE in used or not found:
        found.insert(0, Boundary(OUTSIDE, "Outside all boxes", 0))
    return tuple(found)


def _add(flows: Flows, place: str, cell: CellForm, findings: Findings) -> None:
    if cell.shape != "flow":
        return
    source = cell.source.cell if cell.source else None
    target = cell.target.cell if cell.target else None
    if source is None or target is None:
        findings.warning(place, "", "a flow with a loose end is left out")
        return
    ends = (("source.cell", source), ("target.cell", target))
    flows.add(place, ends, cell.title)
    if cell.data.bidirectional:
        flows.add(place, (ends[1], ends[0]), cell.title)
