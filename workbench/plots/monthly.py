"""The average year month by month as controls land: a line of steps, and what the ranges leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from workbench.plots.axes import linear_axis
from workbench.plots.text import Figure, money, token

NARROW_BELOW = 620
SEEN, NAMED = 0.01, 0.05  # of today's loss: smaller steps have no dot, and no name


@dataclass(frozen=True, slots=True)
class Month:
    """The average year as things are at the end of a month; month 0 is today."""

    month: int
    controls: int  # landed so far
    loss: float  # by the middle of each assumed range, currency / year
    low: float  # by the ends that save most
    high: float  # by the ends that save least


def monthly_loss(months: Sequence[Month], currency: str) -> Figure:
    """Draw the average year as it would go on after each month, with the range of its assumptions.

    The line steps down at the end of the month in which controls land; a dot marks each step that
    can be seen, with the controls that are there by then.
    """
    if not months:
        return {"data": [], "layout": {"xaxis": {"visible": False}, "yaxis": {"visible": False}}}
    top = 1.12 * max(one.high for one in months)
    axis = linear_axis(0.0, top or 1.0, currency, "Average year")
    last = months[-1].month
    x = [one.month for one in months]
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "Average year",
        "x": x,
        "y": [one.loss for one in months],
        "line": {"color": token("residual"), "width": 2.5, "shape": "hv"},
        "text": [_told(one, currency) for one in months],
        "hovertemplate": "%{text}<extra></extra>",
    }
    layout = {
        "xaxis": {
            "type": "linear",
            "range": [-0.2, last + 0.3],
            "tickmode": "array",
            "tickvals": x,
            "ticktext": ["today", *(str(m) for m in x[1:])],
            "title": {"text": "End of month"},
            "showgrid": False,
        },
        "yaxis": axis,
        "margin": {"l": 8, "r": 16, "t": 12, "b": 8, "pad": 4},
        "annotations": _labels(months, currency),
        "meta": {
            "narrow_below": NARROW_BELOW,
            "narrow": {
                "annotations": [
                    _short(one, currency) for one in (months[0], *_steps(months, NAMED)[-1:])
                ],
                "xaxis": {"tickvals": x[::3], "ticktext": ["0", *(str(m) for m in x[3::3])]},
                "yaxis": {"title": {"text": ""}},
            },
        },
    }
    return {"data": [_band(months), line, _dots(months)], "layout": layout}


def _told(one: Month, currency: str) -> str:
    place = "today" if one.month == 0 else f"month {one.month}, {one.controls} controls landed"
    low, high = (money(v, currency) for v in (one.low, one.high))
    return f"<b>{place}</b><br>{money(one.loss, currency, 3)} a year, {low} to {high}<br>assumption"


def _band(months: Sequence[Month]) -> dict[str, Any]:
    """Return the range of the assumptions as one filled shape of steps, there and back."""
    x, low, high = [], [], []
    for one, nxt in zip(months, [*months[1:], None], strict=True):
        for place in (one.month, nxt.month if nxt else one.month):
            x.append(place)
            low.append(one.low)
            high.append(one.high)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*x, *reversed(x)],
        "y": [*high, *reversed(low)],
        "fill": "toself",
        "fillcolor": token("residual-wash"),
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _steps(months: Sequence[Month], least: float) -> list[Month]:
    """Return the months at whose end the loss falls by more than a share of today's."""
    today = months[0].loss
    pairs = pairwise(months)
    return [now for before, now in pairs if before.loss - now.loss > least * today]


def _dots(months: Sequence[Month]) -> dict[str, Any]:
    steps = [months[0], *_steps(months, SEEN)]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [one.month for one in steps],
        "y": [one.loss for one in steps],
        "marker": {
            "color": [token("current"), *[token("residual")] * (len(steps) - 1)],
            "symbol": ["circle", *["diamond"] * (len(steps) - 1)],
            "size": 9,
            "line": {"color": token("card"), "width": 2},
        },
        "hoverinfo": "skip",
    }


def _labels(months: Sequence[Month], currency: str) -> list[dict[str, Any]]:
    """Name today's average year, and each large step with the controls that are there by then."""
    found = [_label(months[0], f"<b>{money(months[0].loss, currency, 3)}</b> today", 14)]
    for one in _steps(months, NAMED):
        text = f"<b>{money(one.loss, currency, 3)}</b> with {one.controls} controls"
        found.append(_label(one, text, -14))
    return found


def _label(one: Month, text: str, shift: int) -> dict[str, Any]:
    return {
        "x": one.month,
        "xanchor": "left",
        "xshift": 6,
        "y": one.loss,
        "yshift": shift,
        "text": text,
        "showarrow": False,
        "font": {"size": 12, "color": token("ink-2")},
    }


def _short(one: Month, currency: str) -> dict[str, Any]:
    """On a phone the amount alone."""
    return _label(one, f"<b>{money(one.loss, currency, 3)}</b>", -14 if one.month else 14)
