"""A data-flow diagram in numbers: where each box, line and word stands, on one kind of screen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import Any

from workbench.plots.data_flow_grid import Grid, Zone
from workbench.plots.data_flow_routes import Router, Way, lanes
from workbench.threats.system import AISystem, Component

Point = tuple[float, float]
Rect = tuple[float, float, float, float]  # left, top, right, bottom
NAME_WIDE, KIND_WIDE, LABEL_WIDE = 7.9, 6.3, 6.3  # px of an average letter
ROUND = 8.0  # px of a corner
ARROW = 2.0  # px between an arrow and what it points at
BADGE = 13.0  # px, its radius
LINE = 15.0  # px between two lines of a name
PORT_STEPS = (0.0, 12.0, -12.0, 23.0)  # px from the middle of a side, by number of the port
SHAPES = {
    **dict.fromkeys(("people", "human reviewer"), "person"),
    **dict.fromkeys(
        (
            "training data",
            "labels",
            "feature store",
            "RAG index",
            "registry",
            "store",
            "monitoring",
        ),
        "store",
    ),
}  # the others are processes


@dataclass(frozen=True)
class Sizes:
    """What a kind of screen has room for, in px of the drawing."""

    node: tuple[float, float]
    gap: float  # between two columns of one zone
    zone_gap: float  # between columns of two zones
    row_gap: float
    lane: float
    edge: float  # between the diagram's edge and the first column
    has_labels: bool = True  # beside lines that turn

    @property
    def pad(self) -> float:
        """Between a zone's edge and its components."""
        return min(14.0, self.edge - 4)


WIDE = Sizes((138, 64), gap=68, zone_gap=96, row_gap=46, lane=10, edge=20)
TALL = Sizes((136, 62), gap=34, zone_gap=34, row_gap=40, lane=7, edge=16, has_labels=False)
HEAD = 26.0  # px of a zone's name


@dataclass(frozen=True)
class Drawing:
    """Places of a grid in px."""

    system: AISystem
    grid: Grid
    sizes: Sizes
    ways: tuple[Way, ...]
    lanes: Mapping[tuple[int, int], tuple[int, int]]
    columns: tuple[float, ...]  # left edges
    rows: tuple[float, ...]  # upper edges
    vertical: tuple[tuple[float, float], ...]  # left and right edge of each channel of columns
    horizontal: tuple[tuple[float, float], ...]

    def node(self, component: str) -> Rect:
        """Return the box of a component."""
        column, row = self.grid.places[component]
        left, top = self.columns[column], self.rows[row]
        return left, top, left + self.sizes.node[0], top + self.sizes.node[1]

    def zone(self, zone: Zone) -> Rect:
        """Return the outline of a zone."""
        pad = self.sizes.pad
        left, top = self.columns[zone.column], self.rows[zone.row]
        right = self.columns[zone.column + zone.columns - 1] + self.sizes.node[0]
        bottom = self.rows[zone.row + zone.rows - 1] + self.sizes.node[1]
        return left - pad, top - HEAD - 4, right + pad, bottom + pad

    def points(self, number: int) -> list[Point]:
        """Return the corners of a way, its ends at the edges of components."""
        way = self.ways[number]
        start, end = (
            self._port(component, side, port)
            for component, side, port in zip(
                (way.flow.source, way.flow.target), way.sides, way.ports, strict=True
            )
        )
        found = [start]
        for place, leg in enumerate(way.legs):
            at = self._lane(number, place)
            x, y = found[-1]
            found.append((at, y) if leg.is_vertical else (x, at))
        if way.legs:
            found.append((found[-1][0], end[1]))
        return [*found, end]

    def _port(self, component: str, side: str, port: int) -> Point:
        left, top, right, bottom = self.node(component)
        step = PORT_STEPS[port]
        if side in ("left", "right"):
            return (left if side == "left" else right), (top + bottom) / 2 + step
        return (left + right) / 2 + 1.6 * step, (top if side == "top" else bottom)

    def _lane(self, number: int, place: int) -> float:
        leg = self.ways[number].legs[place]
        low, high = (self.vertical if leg.is_vertical else self.horizontal)[leg.channel]
        lane, count = self.lanes[number, place]
        return (low + high) / 2 + (lane - (count - 1) / 2) * self.sizes.lane


def drawn(system: AISystem, grid: Grid, sizes: Sizes) -> Drawing:
    """Return a grid in px, every channel as wide as its lanes and words need."""
    ways = Router(grid).ways(system.flows)
    found = lanes(ways)
    crowd: dict[tuple[bool, int], int] = {}
    for (number, place), (_, count) in found.items():
        leg = ways[number].legs[place]
        crowd[leg.is_vertical, leg.channel] = count
    across = [
        _width(grid, sizes, i, crowd.get((True, i), 0), ways) for i in range(grid.columns + 1)
    ]
    down = [_height(grid, sizes, i, crowd.get((False, i), 0)) for i in range(grid.rows + 1)]
    columns, vertical = _laid(across, sizes.node[0])
    rows, horizontal = _laid(down, sizes.node[1])
    return Drawing(system, grid, sizes, tuple(ways), found, columns, rows, vertical, horizontal)


def _laid(
    gaps: Sequence[float], size: float
) -> tuple[tuple[float, ...], tuple[tuple[float, float], ...]]:
    """Return where the boxes begin, and the edges of the channels between them."""
    starts, channels, at = [], [], 0.0
    for number, gap in enumerate(gaps):
        channels.append((at, at + gap))
        at += gap
        if number < len(gaps) - 1:
            starts.append(at)
            at += size
    return tuple(starts), tuple(channels)


def _width(grid: Grid, sizes: Sizes, channel: int, count: int, ways: Sequence[Way]) -> float:
    """Return the width of a channel between columns."""
    room = 12 + (count + 1) * sizes.lane if count else 0.0
    if channel in (0, grid.columns):
        return max(sizes.edge, room)
    parted = any(
        zone.column == channel or zone.column + zone.columns == channel for zone in grid.zones
    )
    least = sizes.zone_gap if parted else sizes.gap
    words = [
        LABEL_WIDE * len(way.flow.carries) + 16
        for way in ways
        if sizes.has_labels and way.sides[0] in ("left", "right") and way.is_straight
        if {grid.places[way.flow.source][0], grid.places[way.flow.target][0]}
        == {channel - 1, channel}
    ]
    return max(least, room, min(max(words, default=0.0), 112.0))


def _height(grid: Grid, sizes: Sizes, channel: int, count: int) -> float:
    """Return the height of a channel between rows, with room for zones that end and begin in it."""
    room = (count + 1) * sizes.lane if count else 0.0
    begins = any(zone.row == channel for zone in grid.zones)
    ends = any(zone.row + zone.rows == channel for zone in grid.zones)
    if channel == 0:
        return HEAD + 8 + room
    if channel == grid.rows:
        return sizes.pad + 4 + room
    if begins and ends:
        return sizes.pad + HEAD + 22 + room
    return max(sizes.row_gap, HEAD + 10 if begins else 0.0) + room


def path_of(points: Sequence[Point]) -> str:
    """Return the path of a line with rounded corners, short of the arrow's end."""
    merged = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
    corners = [merged[0]]
    for before, here, after in zip(merged, merged[1:], merged[2:], strict=False):
        is_bend = (before[0] == here[0]) != (here[0] == after[0])
        corners += [here] if is_bend else []
    corners.append(_short_of(corners[-1], merged[-1]))
    text = f"M{_xy(corners[0])}"
    for before, here, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(ROUND, _far(before, here) / 2, _far(here, after) / 2)
        into, out = _toward(here, before, radius), _toward(here, after, radius)
        text += f"L{_xy(into)}Q{_xy(here)} {_xy(out)}"
    return text + f"L{_xy(corners[-1])}"


def _short_of(before: Point, end: Point) -> Point:
    return _toward(end, before, ARROW)


def _far(one: Point, other: Point) -> float:
    return hypot(other[0] - one[0], other[1] - one[1])


def _toward(start: Point, goal: Point, by: float) -> Point:
    """Return the point `by` px from one towards another."""
    far = _far(start, goal) or 1.0
    return start[0] + (goal[0] - start[0]) * by / far, start[1] + (goal[1] - start[1]) * by / far


def _xy(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def lines_of(part: Component, sizes: Sizes) -> list[str]:
    """Return a component's name in one or two lines that fit into its box."""
    inset = 46 if SHAPES.get(part.kind) == "person" else 32  # of both sides and the badge
    most = int((sizes.node[0] - inset) / NAME_WIDE)
    lines = [""]
    for word in part.name.split():
        if len(lines[-1]) + len(word) + 1 <= most or not lines[-1]:
            lines[-1] = f"{lines[-1]} {word}".strip()
        else:
            lines.append(word)
    if len(lines) > 2:
        lines = [lines[0], f"{lines[1]} {lines[2]}"]
    return [line if len(line) <= most else f"{line[: most - 1]}…" for line in lines]


def labels(drawing: Drawing) -> list[dict[str, Any] | None]:
    """Return where the words of each flow stand, None where no place is clear of all else.

    A place is clear where the words touch no box, no badge, no other words and no other line.
    """
    ways = [drawing.points(number) for number in range(len(drawing.ways))]
    boxes = [drawing.node(part.id) for part in drawing.system.components]
    boxes += [(r - 6 - BADGE, t + 2 - BADGE, r - 6 + BADGE, t + 2 + BADGE) for _, t, r, _ in boxes]
    boxes += [rect for _, rect in zone_names(drawing)]
    edge = drawing.vertical[-1][1]
    found: list[dict[str, Any] | None] = []
    for number, points in enumerate(ways):
        text = drawing.ways[number].flow.carries
        others = [s for i, way in enumerate(ways) if i != number for s in pairwise(way)]
        placed = None
        for label, rect in _places(points, text):
            inside = rect[0] >= 2 and rect[2] <= edge - 2
            if inside and not _hits(rect, boxes) and not any(_cut(rect, s) for s in others):
                boxes.append(rect)
                placed = label
                break
        found.append(placed)
    return found


def zone_names(drawing: Drawing) -> list[tuple[dict[str, Any], Rect]]:
    """Return where the name of each zone stands: where no line cuts it, or else at the left."""
    lines = [s for n in range(len(drawing.ways)) for s in pairwise(drawing.points(n))]
    found = []
    for zone in drawing.grid.zones:
        left, top, right, _ = drawing.zone(zone)
        width = KIND_WIDE * len(zone.boundary.name)
        y = top + 18
        middle = (left + right) / 2
        places = [
            ({"x": x, "y": y, "anchor": anchor}, (start, y - 10, start + width, y + 3))
            for anchor, x, start in (
                ("start", left + 12, left + 12),
                ("end", right - 12, right - 12 - width),
                ("middle", middle, middle - width / 2),
            )
        ]
        free = (p for p in places if not any(_cut(p[1], s) for s in lines))
        found.append(next(free, places[0]))
    return found


def _places(points: Sequence[Point], text: str) -> Iterator[tuple[dict[str, Any], Rect]]:
    """Yield the places beside a line where its words may stand, the best first."""
    width = LABEL_WIDE * len(text)
    longest = sorted(pairwise(points), key=lambda s: -_far(*s))
    for (x0, y0), (x1, y1) in longest:
        if y0 == y1 and abs(x1 - x0) >= min(width, 40) - 4:
            for share in (0.5, 0.35, 0.65):
                x = x0 + (x1 - x0) * share
                for y in (y0 - 5, y0 + 14):
                    label = {"x": round(x, 1), "y": round(y, 1), "anchor": "middle", "text": text}
                    yield label, (x - width / 2, y - 10, x + width / 2, y + 3)
        elif x0 == x1 and abs(y1 - y0) >= 16:
            for share in (0.5, 0.35, 0.65, 0.2, 0.8):
                y = y0 + (y1 - y0) * share + 4
                for anchor, x in (("start", x0 + 6), ("end", x0 - 6)):
                    label = {"x": round(x, 1), "y": round(y, 1), "anchor": anchor, "text": text}
                    left = x if anchor == "start" else x - width
                    yield label, (left, y - 10, left + width, y + 3)


def _hits(rect: Rect, others: Sequence[Rect]) -> bool:
    left, top, right, bottom = rect
    return any(left < r + 4 and li < right + 4 and top < b and t < bottom for li, t, r, b in others)


def _cut(rect: Rect, segment: tuple[Point, Point]) -> bool:
    """Whether a level or upright line passes through a rectangle, or closely by."""
    (x0, y0), (x1, y1) = segment
    left, top, right, bottom = rect
    return (
        min(x0, x1) < right + 2
        and max(x0, x1) > left - 2
        and min(y0, y1) < bottom + 1
        and max(y0, y1) > top - 1
    )
