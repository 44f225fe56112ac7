"""Where the zones and components of a data-flow diagram stand: a grid of places, by trust.

Wide, zones are columns: what anybody reaches at the left, ours by rising trust, what suppliers run
where a column has room. Tall, they are bands of two places, one below the other. Within a zone the
places are chosen so that flows are short and pass no component: swaps are tried in a fixed order
and kept where they help, so that a system is always drawn alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil

from workbench.threats.system import AISystem, Boundary

Place = tuple[int, int]  # column, row
COLUMNS = 4  # that a wide diagram is to have at most, where its zones allow it
PASSES = 6  # over all swaps
MOST_SWAPPED = 60  # components of a system whose places are still improved
PASSING = 4.0  # what a flow costs that passes over a component, in places of length


@dataclass(frozen=True)
class Zone:
    """The places of one zone."""

    boundary: Boundary
    column: int
    row: int
    columns: int
    rows: int

    def places(self) -> list[Place]:
        """Return its places, row by row."""
        rows = range(self.row, self.row + self.rows)
        return [(c, r) for r in rows for c in range(self.column, self.column + self.columns)]


@dataclass(frozen=True)
class Grid:
    """Every zone with its places, and the place of every component."""

    zones: tuple[Zone, ...]
    places: dict[str, Place]

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return _width(self.zones)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return max(zone.row + zone.rows for zone in self.zones)


def wide_grid(system: AISystem) -> Grid:
    """Return the grid of a wide screen, with the fewest rows that need no more than `COLUMNS`."""
    sizes = [len(_members(system, zone)) for zone in _ordered(system)]
    rows = min(3, max(sizes))
    while rows < max(sizes) and _width(_packed(system, rows)) > COLUMNS:
        rows += 1
    zones = _packed(system, rows)
    return Grid(tuple(zones), _placed(system, zones))


def tall_grid(system: AISystem) -> Grid:
    """Return the grid of a phone: two columns, a band for each zone."""
    zones, row = [], 0
    for boundary in _ordered(system):
        rows = ceil(len(_members(system, boundary)) / 2)
        zones.append(Zone(boundary, 0, row, 2, rows))
        row += rows
    return Grid(tuple(zones), _placed(system, zones))


def _ordered(system: AISystem) -> list[Boundary]:
    """Return the zones that hold something: other people's, ours by trust, suppliers' last."""
    group = {"public": 0, "customer": 0, "us": 1, "supplier": 2}
    used = [zone for zone in system.boundaries if _members(system, zone)]
    return sorted(used, key=lambda zone: (group[zone.controlled_by], zone.trust))


def _members(system: AISystem, boundary: Boundary) -> list[str]:
    return [part.id for part in system.components if part.boundary == boundary.id]


def _packed(system: AISystem, rows: int) -> list[Zone]:
    """Give each zone its columns; that of a supplier stands below another where there is room."""
    zones: list[Zone] = []
    filled: list[int] = []  # rows that are taken, by column
    for boundary in _ordered(system):
        size = len(_members(system, boundary))
        room = [c for c, taken in enumerate(filled) if taken + size <= rows]
        if boundary.controlled_by == "supplier" and room:
            column = room[-1]
            zones.append(Zone(boundary, column, filled[column], 1, size))
            filled[column] += size
            continue
        columns = ceil(size / rows)
        high = ceil(size / columns)
        zones.append(Zone(boundary, len(filled), 0, columns, high))
        # a zone of several columns ends its rows together: none stands below it
        filled += [high if columns == 1 else rows] * columns
    return zones


def _width(zones: Sequence[Zone]) -> int:
    return max(zone.column + zone.columns for zone in zones)


def _placed(system: AISystem, zones: Sequence[Zone]) -> dict[str, Place]:
    """Return the place of each component."""
    free = {zone.boundary.id: zone.places() for zone in zones}
    places = {part.id: free[part.boundary].pop(0) for part in system.components}
    if len(places) > MOST_SWAPPED:
        return places
    flows = [(flow.source, flow.target) for flow in system.flows if flow.source != flow.target]
    swaps: list[tuple[str, str | Place]] = []
    for zone in zones:
        members = _members(system, zone.boundary)
        swaps += combinations(members, 2)
        swaps += [(one, place) for one in members for place in free[zone.boundary.id]]
    best = _cost(places, flows)
    for _ in range(PASSES):
        before = best
        for one, other in swaps:
            tried = _swapped(places, one, other)
            cost = _cost(tried, flows) if tried else best
            if cost < best:
                places, best = tried, cost
        if best == before:
            break
    return places


def _swapped(places: dict[str, Place], one: str, other: str | Place) -> dict[str, Place]:
    """Return the places after a swap with another component, or a move; {} where it is taken."""
    if isinstance(other, str):
        return places | {one: places[other], other: places[one]}
    return {} if other in places.values() else places | {one: other}


def _cost(places: dict[str, Place], flows: Sequence[tuple[str, str]]) -> float:
    """Return the length of all flows, more for each component that one passes over.

    Up a grid and towards the left costs a little more: what is read first stands first.
    """
    taken = set(places.values())
    cost = 0.0
    for source, target in flows:
        (c0, r0), (c1, r1) = places[source], places[target]
        cost += abs(c1 - c0) + abs(r1 - r0) + 0.2 * (r1 < r0) + 0.1 * (c1 < c0)
        cost += 0.5 * (c0 != c1 and r0 != r1)
        if r0 == r1:
            between = [(c, r0) for c in range(min(c0, c1) + 1, max(c0, c1))]
        elif c0 == c1:
            between = [(c0, r) for r in range(min(r0, r1) + 1, max(r0, r1))]
        else:
            between = []
        cost += PASSING * sum(place in taken for place in between)
    return cost
