"""The ways of flows over a grid of places: along channels between rows and columns, in lanes.

Channel i of the columns lies left of column i, channel i of the rows above row i. A flow leaves a
component at one of a few ports of a side, runs in lanes of its own, and turns at right angles.
Where nothing stands between two components it is one straight line.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from workbench.plots.data_flow_grid import Grid, Place
from workbench.threats.system import Flow

PORTS = 4  # of each side; the first is the middle


@dataclass(frozen=True)
class Leg:
    """A part of a way that runs inside a channel, in a lane of its own."""

    is_vertical: bool
    channel: int
    start: float  # in rows of the grid (columns, if it is horizontal), the lower end first
    end: float


@dataclass(frozen=True)
class Way:
    """How one flow goes: the sides and ports at its ends, and its legs in between."""

    flow: Flow
    sides: tuple[str, str]  # "left", "right", "top" or "bottom" of source and target
    ports: tuple[int, int]
    legs: tuple[Leg, ...]

    @property
    def is_straight(self) -> bool:
        """Whether it needs no channel."""
        return not self.legs


@dataclass
class Router:
    """Ways found one after the other: each takes ports and lanes that others left free."""

    grid: Grid
    ports: dict[tuple[str, str], Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    busy: Counter[tuple[bool, int]] = field(default_factory=Counter)  # legs by channel

    def ways(self, flows: Iterable[Flow]) -> list[Way]:
        """Return the way of each flow, in the order given; the straight ones choose first."""
        drawn = [flow for flow in flows if flow.source != flow.target]
        order = sorted(drawn, key=lambda flow: not self._is_straight(flow))
        found = {flow.id: self._way(flow) for flow in order}
        return [found[flow.id] for flow in drawn]

    def _ends(self, flow: Flow) -> tuple[Place, Place]:
        return self.grid.places[flow.source], self.grid.places[flow.target]

    def _is_clear(self, one: Place, other: Place) -> bool:
        """Whether nothing stands between two places of one row or one column."""
        (c0, r0), (c1, r1) = one, other
        across = [(c, r0) for c in range(min(c0, c1) + 1, max(c0, c1))] if r0 == r1 else []
        along = [(c0, r) for r in range(min(r0, r1) + 1, max(r0, r1))] if c0 == c1 else []
        return not set(self.grid.places.values()) & {*across, *along}

    def _is_straight(self, flow: Flow) -> bool:
        (c0, r0), (c1, r1) = ends = self._ends(flow)
        return (c0 == c1) != (r0 == r1) and self._is_clear(*ends)

    def _way(self, flow: Flow) -> Way:
        (c0, r0), (c1, r1) = self._ends(flow)
        if self._is_straight(flow):
            names = ("right", "left") if r0 == r1 else ("bottom", "top")
            sides = names if (c0, r0) < (c1, r1) else names[::-1]
            port = self._shared_port(flow, sides)
            return Way(flow, sides, (port, port), ())
        sides, legs = self._beside(c0, r0, r1) if c0 == c1 else self._across(c0, r0, c1, r1)
        for leg in legs:
            self.busy[leg.is_vertical, leg.channel] += 1
        ports = (
            self._port(flow.source, sides[0], r1 - r0),
            self._port(flow.target, sides[1], r0 - r1),
        )
        return Way(flow, sides, ports, legs)

    def _beside(self, column: int, r0: int, r1: int) -> tuple[tuple[str, str], tuple[Leg, ...]]:
        """Return the way between two components of one column, past what is between them."""
        channels = [column + 1, column]
        if column == self.grid.columns - 1:
            channels.reverse()
        channel = min(channels, key=lambda c: self.busy[True, c])
        side = "right" if channel > column else "left"
        return (side, side), (_leg(True, channel, r0, r1),)

    def _across(
        self, c0: int, r0: int, c1: int, r1: int
    ) -> tuple[tuple[str, str], tuple[Leg, ...]]:
        """Return the way between two columns: one turn pair where a row is free, else two."""
        sides = ("right", "left") if c0 < c1 else ("left", "right")
        near, far = (c0 + 1, c1) if c0 < c1 else (c0, c1 + 1)  # channels at source and target
        if abs(c0 - c1) == 1:
            return sides, (_leg(True, near, r0, r1),)
        if r0 != r1 and self._is_clear((c0, r0), (c1, r0)):
            return sides, (_leg(True, far, r0, r1),)
        if r0 != r1 and self._is_clear((c0, r1), (c1, r1)):
            return sides, (_leg(True, near, r0, r1),)
        row = r1 if r1 > r0 else r1 + 1
        if r0 == r1 and row == self.grid.rows and r0 > 0:
            row = r0
        at = row - 0.5
        legs = (_leg(True, near, r0, at), _leg(False, row, near - 0.5, far - 0.5))
        return sides, (*legs, _leg(True, far, at, r1))

    def _shared_port(self, flow: Flow, sides: tuple[str, str]) -> int:
        """Return the port that is least used at both ends: a straight line has one height."""
        at, to = self.ports[flow.source, sides[0]], self.ports[flow.target, sides[1]]
        port = min(range(PORTS), key=lambda number: (max(at[number], to[number]), number))
        at[port] += 1
        to[port] += 1
        return port

    def _port(self, component: str, side: str, down: float) -> int:
        """Return the port that is least used, of those the lower one for a way that leads down."""
        used = self.ports[component, side]
        liked = (1, 3, 0, 2) if down > 0 else (2, 0, 1, 3)
        port = min(liked, key=lambda number: (used[number], liked.index(number)))
        used[port] += 1
        return port


def _leg(is_vertical: bool, channel: int, start: float, end: float) -> Leg:
    return Leg(is_vertical, channel, min(start, end), max(start, end))


def lanes(ways: Sequence[Way]) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the lane of each leg and how many its channel has, by numbers of way and leg.

    Legs of one channel that run beside each other have different lanes; the longer ones choose
    last, so that they run outside.
    """
    channels: dict[tuple[bool, int], list[tuple[int, int]]] = defaultdict(list)
    for number, way in enumerate(ways):
        for place, leg in enumerate(way.legs):
            channels[leg.is_vertical, leg.channel].append((number, place))
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for members in channels.values():
        legs = {member: ways[member[0]].legs[member[1]] for member in members}
        order = sorted(members, key=lambda m: (legs[m].end - legs[m].start, m))
        taken: list[list[Leg]] = []
        lane_of = {}
        for member in order:
            leg = legs[member]
            free = (i for i, lane in enumerate(taken) if not any(_meet(leg, o) for o in lane))
            lane = next(free, len(taken))
            if lane == len(taken):
                taken.append([])
            taken[lane].append(leg)
            lane_of[member] = lane
        found |= {member: (lane_of[member], len(taken)) for member in members}
    return found


def _meet(one: Leg, other: Leg) -> bool:
    return one.start <= other.end and other.start <= one.end
