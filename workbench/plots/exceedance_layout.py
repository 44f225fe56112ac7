"""How the loss exceedance curve is laid out: its axes, its labels, and its two views."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from workbench.distributions import Array
from workbench.plots.axes import chance_axis, decades, money_axis, rare_axis
from workbench.plots.labels import Frame, Label, place
from workbench.plots.text import Figure, escaped

BARE, TODAY, PLANNED = "Without controls", "Today", "After the plan"
AFTER, APPETITE = "With this change", "Appetite"
COLOURS = {
    BARE: "inherent",
    TODAY: "current",
    PLANNED: "residual",
    AFTER: "other",
    APPETITE: "appetite",
}
WHOLE, RARE = "Whole curve", "Rare years"
# the chance at which a curve is named, in each view
LABEL_AT = {
    WHOLE: {BARE: 0.7, TODAY: 0.62, PLANNED: 0.5, AFTER: 0.34, APPETITE: 0.9},
    RARE: {BARE: 0.2, TODAY: 0.12, PLANNED: 0.06, AFTER: 0.03, APPETITE: 0.006},
}
NARROW_BELOW = 740
RAREST, OFTEN = 1e-3, 0.5  # the ends of the axis of rare years
Curve = tuple[Array, Array]  # losses and chances, both of shape (n,)


@dataclass(frozen=True)
class Mark:
    """A point that is named: a ring where today's curve crosses, a dot for 1 in 20, a diamond."""

    loss: float
    chance: float
    lines: tuple[str, ...]
    shape: Literal["ring", "dot", "diamond"]


def layout_of(x: Array, curves: dict[str, Curve], marks: list[Mark], currency: str) -> Figure:
    """Return the layout of curves at the losses `x`: the whole curve, and a patch for rare years.

    On a narrow screen curves are named by a key beside the chart, so that it has no labels.
    """
    low, high = float(x[0]), float(x[-1])
    narrow = {
        "annotations": [],
        "xaxis": decades(low, high, currency),
        "yaxis": {"title": {"text": ""}},
    }
    rare = {
        "yaxis": rare_axis("Chance in a year, log scale", OFTEN, RAREST),
        "annotations": _labels(RARE, x, curves, marks),
    }
    return {
        "xaxis": money_axis(low, high, currency, "A year costs more than this"),
        "yaxis": chance_axis("Chance in a year"),
        "annotations": _labels(WHOLE, x, curves, marks),
        "meta": {
            "narrow_below": NARROW_BELOW,
            "narrow": narrow,
            "views": [{"name": WHOLE}, {"name": RARE, "patch": rare}],
        },
    }


def _labels(
    view: str, x: Array, curves: dict[str, Curve], marks: list[Mark]
) -> list[dict[str, Any]]:
    """Place the names of the curves and the words of the marks that a view shows."""
    across = math.log10(float(x[0])), math.log10(float(x[-1]))
    down = (math.log10(0.8 * RAREST), math.log10(1.1 * OFTEN)) if view == RARE else (0.0, 1.02)
    frame = Frame(across, down)
    found, lines = [], []
    for name, (loss, chance) in curves.items():
        shown = (chance > 10 ** down[0]) & (chance < 10 ** down[1]) if view == RARE else chance >= 0
        if not shown.any():
            continue
        at = np.log10(loss[shown])
        height = np.log10(chance[shown]) if view == RARE else chance
        lines.append((at, height))
        wanted = min(LABEL_AT[view][name], 0.9 * float(chance[shown].max()))
        i = int(np.argmin(np.abs(chance[shown] - wanted)))
        found.append(Label((name,), float(at[i]), float(height[i]), COLOURS[name]))
    told = []
    for mark in marks:
        y = math.log10(max(mark.chance, 1e-300)) if view == RARE else mark.chance
        if down[0] <= y <= down[1]:
            colour = "current" if mark.shape == "dot" else "ink"
            told.append(Label(mark.lines, math.log10(mark.loss), y, colour))
    return place([*told, *found], lines, frame) if lines else []


def nothing_lost(*, is_sure: bool) -> Figure:
    """Return a figure without curves that says why: nothing is lost, or no simulated year is."""
    why = "Nothing is ever lost in this study." if is_sure else "No simulated year has a loss."
    note = {
        "text": escaped(why),
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
    }
    hidden = {"visible": False}
    return {"data": [], "layout": {"annotations": [note], "xaxis": hidden, "yaxis": hidden}}
