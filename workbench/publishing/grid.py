"""What-ifs computed in advance: every combination of the sliders, packed for a page.

Fragments are cut at their tags, and each piece is kept once. A curve has its losses once; its
heights are kept in four significant digits, two bytes each, over seven decades.
"""

import base64
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from workbench.errors import require
from workbench.plots.blocks import SliderBlock

COARSER = 5  # steps of a slider in one of a published page
MOST = 3  # sliders
DECADES, PER_DECADE = 7, 9000
Progress = Callable[[int, int], None]


class Answer(Protocol):
    """What a page says after a change."""

    @property
    def slots(self) -> Mapping[str, str]:
        """The new fragments by slot."""
        ...

    @property
    def overlay(self) -> Sequence[Mapping[str, Any]]:
        """The traces that are drawn over the curve."""
        ...


def coarse(slider: SliderBlock) -> SliderBlock:
    """Return the slider as a published page has it: fewer steps, today one of them.

    It has the same ends, but for a lowest value that no such step leads to.
    """
    step, low = COARSER * slider.step, slider.low
    if slider.today is not None:
        below = math.floor((slider.today - low) / step + 1e-9)
        low = float(f"{slider.today - step * below:.12g}")
    return replace(slider, step=step, low=low)


def positions(slider: SliderBlock) -> list[float]:
    """Return every value that a published slider can have."""
    wide = coarse(slider)
    count = round((wide.high - wide.low) / wide.step)
    return [wide.low + wide.step * i for i in range(count + 1)]


def computed_grid(
    drivers: Sequence[SliderBlock],
    answer: Callable[[dict[str, float]], Answer],
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the answers at all combinations of the sliders, as plain data for the page's script.

    Raises
    ------
    WorkbenchError
        where there are more than three sliders, or a curve's losses differ between answers.

    """
    require(
        len(drivers) <= MOST, f"at most {MOST} sliders", got=len(drivers), fix="Leave some out."
    )
    axes = [positions(slider) for slider in drivers]
    names = [slider.name for slider in drivers]
    points = list(itertools.product(*axes))
    answers: list[Answer] = []
    for point in points:
        answers.append(answer(dict(zip(names, point, strict=True))))
        if progress is not None:
            progress(len(answers), len(points))
    slots = list(dict.fromkeys(name for a in answers for name in a.slots))
    traces = list(dict.fromkeys(str(trace["name"]) for a in answers for trace in a.overlay))
    return {
        "names": names,
        "axes": axes,
        "slots": {name: _pieces([a.slots[name] for a in answers]) for name in slots},
        "traces": [_curves(name, [a.overlay for a in answers]) for name in traces],
    }


def _pieces(texts: Sequence[str]) -> dict[str, Any]:
    """Cut fragments before and after each tag; return the pieces and, for each text, their places.

    Texts that are equal share one row.
    """
    known: dict[str, int] = {}
    rows: dict[tuple[int, ...], int] = {}
    which = []
    for text in texts:
        cut = [piece for piece in text.replace("<", "\0<").replace(">", ">\0").split("\0") if piece]
        row = tuple(known.setdefault(piece, len(known)) for piece in cut)
        which.append(rows.setdefault(row, len(rows)))
    return {"pieces": list(known), "rows": list(rows), "which": which}


def _curves(name: str, overlays: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Pack the trace of one name: its losses, and for each answer the row of its heights."""
    found = [next((t for t in traces if t["name"] == name), None) for traces in overlays]
    shown = [trace for trace in found if trace is not None]
    x = list(shown[0]["x"])
    require(
        all(list(trace["x"]) == x for trace in shown),
        f"the curve {name} has the same losses after every change",
        got="others",
        fix="Draw it at the losses of today's curve.",
    )
    number = itertools.count()
    y = np.array([trace["y"] for trace in shown], dtype=float)
    packed = {
        "name": name,
        "x": x,
        "rows": [-1 if trace is None else next(number) for trace in found],
        "top": top_decade(y),
        "y": encoded(y, top_decade(y)),
    }
    if all(trace.get("text") for trace in shown):
        packed["text"] = _told([trace["text"] for trace in shown])
    return packed


def top_decade(y: Any) -> int:
    """Return the power of ten below which all heights lie, once they have four digits."""
    largest = float(f"{np.max(y, initial=0.0):.3e}")
    return math.floor(math.log10(largest)) + 1 if largest > 0 else 0


def encoded(y: Any, top: int) -> str:
    """Return heights as base64 of two bytes each (little-endian): decade and four digits, 0 for 0.

    A code c > 0 stands for (1000 + (c - 1) mod 9000) * 10^(top - 10 + (c - 1) div 9000), so what is
    smaller than 10^(top - 7) is taken for nothing.
    """
    flat = np.asarray(y, dtype=float).ravel()
    codes = np.zeros(flat.size, dtype="<u2")
    seen = flat >= 10.0 ** (top - DECADES)
    values = flat[seen]
    decade = np.floor(np.log10(values)).astype(int)
    digits = np.rint(values / 10.0 ** (decade - 3)).astype(int)
    carried = digits == 10 * 1000
    decade, digits = decade + carried, np.where(carried, 1000, digits)
    place = np.clip(decade - (top - DECADES), 0, DECADES - 1)
    codes[seen] = 1 + place * PER_DECADE + np.clip(digits - 1000, 0, PER_DECADE - 1)
    return base64.b64encode(codes.tobytes()).decode("ascii")


def _told(texts: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Pack what is told at each point: the end that a point's texts share, the rest by number."""
    ends = [_common_end(column) for column in zip(*texts, strict=True)]
    known: dict[str, int] = {}
    codes = [
        known.setdefault(text[: len(text) - len(end)], len(known))
        for row in texts
        for text, end in zip(row, ends, strict=True)
    ]
    require(
        len(known) < 2**16,
        "the texts of a curve have fewer than 65,536 beginnings",
        got=len(known),
        fix="Round what they tell.",
    )
    data = np.array(codes, dtype="<u2").tobytes()
    return {"starts": list(known), "ends": ends, "codes": base64.b64encode(data).decode("ascii")}


def _common_end(texts: Sequence[str]) -> str:
    shortest = min(texts, key=len)
    same = (n for n in range(len(shortest)) if all(t.endswith(shortest[n:]) for t in texts))
    return shortest[next(same, len(shortest)) :]
