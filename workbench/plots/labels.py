"""Labels beside the things they name, placed so that they meet neither a curve nor each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from itertools import permutations, product
from operator import itemgetter
from typing import Any

import numpy as np

from workbench.distributions import Array
from workbench.plots.text import token

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels
CHARACTER, LINE = 6.7, 16.0  # pixels of a 12.5 px system font, on the safe side
GAP = 9.0
DISTANCES = (GAP, 22.0, 44.0, 70.0, 100.0, 136.0)
WAYS = (
    (1.0, 0.0), (-1.0, 0.0), (1.0, -0.8), (-1.0, -0.8), (1.0, 0.8), (-1.0, 0.8), (0.0, -0.8),
    (0.0, 0.8), (1.0, -0.4), (-1.0, 0.4), (0.5, -0.8), (0.5, -1.2),
)  # fmt: skip
MOST_ORDERED = 3
LEADER_FROM = 30.0  # a label farther out than this gets a thin line


@dataclass(frozen=True)
class Label:
    """A text of one or more lines that belongs to a point."""

    lines: tuple[str, ...]  # plain lines, escaped; the last is set in bold
    x: float  # as on the axis: log10 on a logarithmic one
    y: float
    colour: str

    def text(self) -> str:
        """Return what plotly shows."""
        return "<br>".join([*self.lines[:-1], f"<b>{self.lines[-1]}</b>"])


@dataclass(frozen=True)
class Frame:
    """The drawing area that labels are placed for; a wider one has more room still."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: float = 700.0
    height: float = 290.0

    def pixels(self, x: Array | float, y: Array | float) -> Array:
        """Points in pixels from the top left, shape (n, 2)."""
        across = (np.asarray(x) - self.x[0]) / (self.x[1] - self.x[0]) * self.width
        down = (self.y[1] - np.asarray(y)) / (self.y[1] - self.y[0]) * self.height
        return np.stack(np.broadcast_arrays(across, down), axis=-1).reshape(-1, 2)


@dataclass(frozen=True)
class _Choice:
    """One place for one label: offset of its near side, its box, its leader, its own cost."""

    offset: tuple[float, float]
    box: Box
    leader: Array  # shape (n, 2), empty for a label close by
    cost: float


def place(
    labels: Sequence[Label], curves: Sequence[tuple[Array, Array]], frame: Frame
) -> list[dict[str, Any]]:
    """Return one annotation for each label, in their order.

    Each takes the cheapest place that is left; of all orders of the first few labels the one with
    the least cost counts, the others follow.
    """
    if not labels:
        return []
    ink = np.concatenate([_dense(frame.pixels(x, y)) for x, y in curves])
    points = np.concatenate([frame.pixels(label.x, label.y) for label in labels])
    choices = [
        _choices(label, point, ink, points, frame)
        for label, point in zip(labels, points, strict=True)
    ]
    head = range(min(len(labels), MOST_ORDERED))
    orders = [[*order, *range(len(head), len(labels))] for order in permutations(head)]
    _, picked = min((_fill(choices, order) for order in orders), key=itemgetter(0))
    return [_annotation(label, *picked[i].offset) for i, label in enumerate(labels)]


def _choices(label: Label, point: Array, ink: Array, points: Array, frame: Frame) -> list[_Choice]:
    size = _size(label)
    offsets = [(wx * far, wy * far) for far, (wx, wy) in product(DISTANCES, WAYS)]
    boxes = [_box(point[0] + dx, point[1] + dy, size, dx, dy) for dx, dy in offsets]
    own = _costs(np.array(boxes), ink, points, frame)
    found = [
        _Choice(
            (dx, dy),
            box,
            _leader(point, dx, dy),
            cost + 0.06 * (abs(dx) + abs(dy)) + 0.2 * (dx < 0),
        )
        for (dx, dy), box, cost in zip(offsets, boxes, own.tolist(), strict=True)
    ]
    return sorted(found, key=lambda choice: choice.cost)


def _fill(choices: list[list[_Choice]], order: list[int]) -> tuple[float, dict[int, _Choice]]:
    """Let the labels choose in this order; return the sum of costs and what each took."""
    taken: dict[int, _Choice] = {}
    total = 0.0
    for i in order:
        best, least = choices[i][0], float("inf")
        for choice in choices[i]:
            if choice.cost >= least:
                break  # they come in order of their own cost
            cost = choice.cost + sum(_clash(choice, other) for other in taken.values())
            if cost < least:
                best, least = choice, cost
        taken[i] = best
        total += least
    return total, taken


def _clash(one: _Choice, other: _Choice) -> float:
    """The cost of two labels in one place, or of a leader through a label."""
    (l1, t1, r1, b1), (l2, t2, r2, b2) = one.box, other.box
    together = l1 < r2 + 6 and r1 > l2 - 6 and t1 < b2 + 3 and b1 > t2 - 3
    through = _crossed(one.leader, other.box) + _crossed(other.leader, one.box)
    return 2000.0 * together + 120.0 * through


def _crossed(leader: Array, box: Box) -> int:
    return int(_inside(leader, np.array([box]), 2)[0]) if leader.size else 0


def _leader(point: Array, dx: float, dy: float) -> Array:
    """Points of the thin line to a label that stands far out, shape (n, 2); none near by."""
    if max(abs(dx), abs(dy)) < LEADER_FROM:
        return np.empty((0, 2))
    return np.asarray(point + np.linspace(0.1, 1, 12)[:, None] * np.array([dx, dy]))


def _dense(line: Array) -> Array:
    """Points along a polyline no farther than about four pixels apart."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, along[-1], max(int(along[-1] / 4), 2))
    return np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], axis=-1)


def _size(label: Label) -> tuple[float, float]:
    longest = max(len(unescape(line)) for line in label.lines)
    return CHARACTER * longest + 4, LINE * len(label.lines)


def _box(x: float, y: float, size: tuple[float, float], dx: float, dy: float) -> Box:
    """Return where the text stands when its near side is at (x, y)."""
    width, height = size
    left = x if dx > 0 else x - width if dx < 0 else x - width / 2
    top = y if dy > 0 else y - height if dy < 0 else y - height / 2
    return left, top, left + width, top + height


def _inside(points: Array, boxes: Array, margin: float) -> Array:
    """How many of the points, shape (n, 2), lie in each of the boxes, shape (m, 4)."""
    left, top, right, bottom = boxes.T[:, :, None]
    x, y = points.T
    across = (x > left - margin) & (x < right + margin)
    return np.asarray((across & (y > top - margin) & (y < bottom + margin)).sum(axis=1))


def _costs(boxes: Array, ink: Array, points: Array, frame: Frame) -> Array:
    """The cost of each box for itself: curves and points under it, parts outside the frame."""
    left, top, right, bottom = boxes.T
    outside = (left < 0) | (right > frame.width) | (top < 0) | (bottom > frame.height - 2)
    under = 3.0 * _inside(ink, boxes, 2) + 40.0 * _inside(points, boxes, 3)
    return np.asarray(under + 4000.0 * outside)


def _annotation(label: Label, dx: float, dy: float) -> dict[str, Any]:
    """Return the annotation, on a thin leader where it stands far from its point."""
    anchor = {
        "xanchor": "left" if dx > 0 else "right" if dx < 0 else "center",
        "yanchor": "top" if dy > 0 else "bottom" if dy < 0 else "middle",
        "align": "right" if dx < 0 else "left",
    }
    base = {
        "x": label.x,
        "y": label.y,
        "text": label.text(),
        "font": {"color": token(label.colour), "size": 12.5},
        **anchor,
    }
    if max(abs(dx), abs(dy)) < LEADER_FROM:
        return base | {"showarrow": False, "xshift": dx, "yshift": -dy}
    line = {"arrowhead": 0, "arrowwidth": 1, "arrowcolor": token("line-strong"), "standoff": 6}
    return base | {"showarrow": True, "ax": dx, "ay": dy} | line
