"""Scenarios side by side: what each costs in a year in which it happens, on one log axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.plots.axes import decades, money_axis
from workbench.plots.text import Figure, escaped, money, share, token, two_lines

NARROW_BELOW = 620
COLUMNS = (50, 142)  # right edges of the two columns of figures, pixels from the axis
RIGHT_ROOM = 150
NARROW_NAME = 30  # characters above a bar, beside the average, on a phone
WIDE_SPREAD = 1e5  # a longer axis would squeeze every range


@dataclass(frozen=True)
class RangeRow:
    """One scenario; the amounts are of years in which it happens, but for `mean`."""

    name: str
    chance: float  # of at least one loss in a year
    low: float  # currency / year: 1 such year in 20 costs less
    high: float  # 1 such year in 20 costs more
    loss_year_mean: float
    mean: float  # over all years, the quiet ones included; infinite where there is none


def top_scenarios(rows: Sequence[RangeRow], *, currency: str) -> Figure:
    """Draw a pale bar for nine in ten loss years and a dot for their average, largest on top."""
    rows = [row for row in rows if row.high > 0]
    if not rows:
        return {"data": [], "layout": {"xaxis": {"visible": False}, "yaxis": {"visible": False}}}
    high = 1.25 * max(r.high for r in rows)
    low = max(min(r.low if r.low > 0 else r.high for r in rows) / 1.25, high / WIDE_SPREAD)
    places = list(range(len(rows) - 1, -1, -1))
    layout = {
        "xaxis": money_axis(low, high, currency, "Cost of a year in which it happens"),
        "yaxis": _names(rows, places),
        "margin": {"l": 8, "r": RIGHT_ROOM, "t": 26, "b": 8, "pad": 4},
        "annotations": [*_figures(rows, places, currency), *_heads()],
        "meta": {
            "narrow_below": NARROW_BELOW,
            "narrow": _narrow(rows, places, low, high, currency),
        },
    }
    return {"data": [_bars(rows, places, low), _means(rows, places, currency)], "layout": layout}


NO_AVERAGE = "none"


def _average(value: float, currency: str) -> str:
    return money(value, currency) if math.isfinite(value) else NO_AVERAGE


def _bars(rows: Sequence[RangeRow], places: list[int], low: float) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for row, place in zip(rows, places, strict=True):
        x += [max(row.low, low), row.high, None]
        y += [place, place, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": token("current"), "width": 4},
        "opacity": 0.7,
        "hoverinfo": "skip",
    }


def _means(rows: Sequence[RangeRow], places: list[int], currency: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [v if math.isfinite(v := row.loss_year_mean) else None for row in rows],
        "y": places,
        "marker": {
            "color": token("current"),
            "symbol": "circle",
            "size": 10,
            "line": {"color": token("card"), "width": 2},
        },
        "text": [_told(row, currency) for row in rows],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _told(row: RangeRow, currency: str) -> str:
    low, high = (money(v, currency) for v in (row.low, row.high))
    mean = _average(row.loss_year_mean, currency)
    return (
        f"<b>{escaped(row.name, 60)}</b><br>happens in {share(row.chance)} of years"
        f"<br>then costs {low} to {high}, {mean} on average"
        f"<br>average over all years {_average(row.mean, currency)}"
    )


def _names(rows: Sequence[RangeRow], places: list[int]) -> dict[str, Any]:
    return {
        "type": "linear",
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [two_lines(row.name) for row in rows],
        "tickfont": {"size": 13, "color": token("ink")},
        "range": [-0.6, len(rows) - 0.4],
        "showgrid": False,
    }


def _figures(rows: Sequence[RangeRow], places: list[int], currency: str) -> list[dict[str, Any]]:
    """Chance and average year, as two columns to the right of the axis."""
    found = []
    for row, place in zip(rows, places, strict=True):
        for shift, text, colour in (
            (COLUMNS[0], share(row.chance), "ink-2"),
            (COLUMNS[1], f"<b>{_average(row.mean, currency)}</b>", "ink"),
        ):
            found.append(_beside(place, text, "right", shift, colour) | {"font": _font(13, colour)})
    return found


def _heads() -> list[dict[str, Any]]:
    heads = []
    for text, shift in zip(("chance", "average year"), COLUMNS, strict=True):
        place = {"yref": "paper", "y": 1, "yanchor": "bottom", "yshift": 2}
        heads.append(_beside(0, text, "right", shift, "ink-3") | place)
    return heads


def _beside(place: int, text: str, side: str, shift: float, colour: str) -> dict[str, Any]:
    return {
        "xref": "paper",
        "x": 1 if side == "right" else 0,
        "xanchor": side,
        "xshift": shift,
        "y": place,
        "text": text,
        "showarrow": False,
        "font": _font(12, colour),
    }


def _font(size: float, colour: str) -> dict[str, Any]:
    return {"size": size, "color": token(colour)}


def _narrow(
    rows: Sequence[RangeRow], places: list[int], low: float, high: float, currency: str
) -> dict[str, Any]:
    """On a phone the name and the average stand above each bar."""
    notes = []
    for row, place in zip(rows, places, strict=True):
        mean = f"<b>{_average(row.mean, currency)}</b>"
        name = escaped(row.name, NARROW_NAME)
        notes.append(_beside(place, name, "left", 0, "ink") | {"yshift": 14})
        notes.append(_beside(place, mean, "right", 0, "ink") | {"yshift": 14})
    return {
        "annotations": notes,
        "margin": {"l": 8, "r": 8, "t": 16, "b": 8, "pad": 4},
        "xaxis": decades(low, high, currency),
        "yaxis": {"tickvals": [], "range": [-0.6, len(rows) - 0.2]},
    }
