"""The data-flow diagram of an AI system as plain data: two layouts, and what a table would say."""

from collections.abc import Mapping
from typing import Any

from workbench.plots.data_flow_drawing import (
    SHAPES,
    TALL,
    WIDE,
    Drawing,
    Sizes,
    drawn,
    labels,
    lines_of,
    path_of,
    zone_names,
)
from workbench.plots.data_flow_grid import Grid, tall_grid, wide_grid
from workbench.threats.applying import Report
from workbench.threats.system import AISystem

MOST_DRAWN = 60  # components; a larger system is told as a table only
WIDEST_TALL = 560.0  # px; on a phone a wider one would be too small to read
TONES = 4
Diagram = dict[str, Any]


def threats_drawn(report: Report) -> Diagram:
    """Return the diagram of a system with the threats that touch its components and flows."""
    system = report.system
    ids = [part.id for part in system.components] + [flow.id for flow in system.crossing()]
    return data_flow(system, {name: len(report.of(name)) for name in ids})


def data_flow(system: AISystem, counts: Mapping[str, int], *, label: str = "") -> Diagram:
    """Return the diagram of a system: what `workbench_widgets.DataFlow` draws.

    Parameters
    ----------
    counts : how many threats touch each component and each crossing flow, by id
    label : the sentence that the diagram is called by; components and threats counted unless given

    """
    most = max((counts.get(part.id, 0) for part in system.components), default=0)
    tones = {part.id: _tone(counts.get(part.id, 0), most) for part in system.components}
    found: Diagram = {"label": label or _label(system), "layouts": {}}
    found["components"] = [
        {
            "id": part.id,
            "name": part.name,
            "kind": part.kind,
            "zone": system.zone(part.id).name,
            "count": counts.get(part.id, 0),
            "tone": tones[part.id],
            "shape": SHAPES.get(part.kind, "process"),
        }
        for part in system.components
    ]
    crossing = {flow.id for flow in system.crossing()}
    found["flows"] = [
        {
            "source": system.component(flow.source).name,
            "target": system.component(flow.target).name,
            "carries": flow.carries,
            "crosses": flow.id in crossing,
            "count": counts.get(flow.id, 0) if flow.id in crossing else None,
        }
        for flow in system.flows
    ]
    if len(system.components) <= MOST_DRAWN:
        found["layouts"] = {"wide": layout(system, wide_grid(system), WIDE)}
        tall = layout(system, tall_grid(system), TALL)
        if tall["width"] <= WIDEST_TALL:
            found["layouts"]["tall"] = tall
    return found


def _label(system: AISystem) -> str:
    zones = len({part.boundary for part in system.components})
    return (
        f"Data flows of {system.name}: {len(system.components)} components in {zones} zones of "
        f"trust, {len(system.flows)} flows, of which {len(system.crossing())} cross from one zone "
        "into another"
    )


def _tone(count: int, most: int) -> int:
    """Return the step of the scale of amount: 0 for none, 4 for as many as anywhere."""
    return 0 if count == 0 else 1 + min(TONES - 1, (TONES * (count - 1)) // max(most, 1))


def layout(system: AISystem, grid: Grid, sizes: Sizes) -> dict[str, Any]:
    """Return one layout: its size, its zones, boxes by component, and lines."""
    drawing = drawn(system, grid, sizes)
    words = labels(drawing)
    crossing = {flow.id for flow in system.crossing()}
    return {
        "width": round(drawing.vertical[-1][1], 1),
        "height": round(drawing.horizontal[-1][1], 1),
        "zones": _zones(drawing),
        "boxes": [
            {
                "id": part.id,
                "x": round(drawing.node(part.id)[0], 1),
                "y": round(drawing.node(part.id)[1], 1),
                "width": sizes.node[0],
                "height": sizes.node[1],
                "lines": lines_of(part, sizes),
            }
            for part in system.components
        ],
        "lines": [
            {
                "path": path_of(drawing.points(number)),
                "crosses": way.flow.id in crossing,
                "source": way.flow.source,
                "target": way.flow.target,
                "label": words[number],
            }
            for number, way in enumerate(drawing.ways)
        ],
    }


def _zones(drawing: Drawing) -> list[dict[str, Any]]:
    found = []
    for zone, (name, _) in zip(drawing.grid.zones, zone_names(drawing), strict=True):
        left, top, right, bottom = drawing.zone(zone)
        found.append(
            {
                "name": name | {"text": zone.boundary.name},
                "x": round(left, 1),
                "y": round(top, 1),
                "width": round(right - left, 1),
                "height": round(bottom - top, 1),
            }
        )
    return found
