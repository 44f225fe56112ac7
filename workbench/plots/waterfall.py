"""A waterfall: from one figure to another, a bar for each input that changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.plots.axes import linear_axis
from workbench.plots.text import Figure, escaped, money, token, two_lines

MOST_BARS = 12  # of inputs; the rest stand together in the last one
NARROW_BELOW = 620
VALUE_ROOM, NARROW_ROOM = 110, 92  # pixels to the right of the axis, for the values
LONGEST_NARROW = 26  # characters of a name above its bar
WIDTH, NARROW_WIDTH = 0.62, 0.3  # of a bar, of the distance between two
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class WaterfallBar:
    """What one changed input moves."""

    name: str  # of the input
    move: float  # currency / year; above 0 the year costs more
    error: float = 0.0  # currency / year; drawn in the value's text where it is above 0


def shown_bars(bars: Sequence[WaterfallBar]) -> list[WaterfallBar]:
    """Return the largest moves first, at most `MOST_BARS`; the smallest stand together as one.

    Their moves add up; so do their errors, which is the most that they can come to.
    """
    ordered = sorted(bars, key=lambda bar: -abs(bar.move))
    if len(ordered) <= MOST_BARS:
        return ordered
    kept, rest = ordered[: MOST_BARS - 1], ordered[MOST_BARS - 1 :]
    name = f"other {len(rest)} inputs"
    return [*kept, WaterfallBar(name, sum(b.move for b in rest), sum(b.error for b in rest))]


def waterfall(
    bars: Sequence[WaterfallBar],
    *,
    before: float,
    after: float,
    currency: str,
    title: str = "Average year",
    names: tuple[str, str] = ("Before", "After"),
) -> Figure:
    """Draw the total before on top, what each input moves, and the total after at the bottom.

    Parameters
    ----------
    bars : the moves, which add up to `after` - `before`
    before, after : the figure in both studies, currency / year
    currency : ISO 4217
    title : which figure it is
    names : of the two totals

    A bar that adds is drawn in the colour of a loss, one that takes away in that of a relief; the
    sign stands in the text of each as well, so that colour is never the only sign.

    """
    rows = shown_bars(bars)
    starts, ends = [0.0], [before]
    for row in rows:
        starts.append(ends[-1])
        ends.append(ends[-1] + row.move)
    starts.append(0.0)
    ends.append(after)
    places = list(range(len(ends) - 1, -1, -1))
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = 0.03 * (high - low) or 1.0
    axis = linear_axis(low - (room if low < 0 else 0), high + room, currency, title)
    labels = [names[0], *(row.name for row in rows), names[1]]
    totals = [money(before, currency), *(_told(row, currency) for row in rows)]
    totals.append(money(after, currency))
    layout = {
        "xaxis": axis,
        "yaxis": {
            "type": "linear",
            "tickmode": "array",
            "tickvals": places,
            "ticktext": [two_lines(label) for label in labels],
            "tickfont": {"size": 13, "color": token("ink")},
            "range": [-0.6, len(places) - 0.4],
            "showgrid": False,
        },
        "margin": {"l": 8, "r": VALUE_ROOM, "t": 12, "b": 8, "pad": 4},
        "bargap": 1 - WIDTH,
        "showlegend": False,
        "annotations": [_value(p, text) for p, text in zip(places, totals, strict=True)],
        "meta": {"narrow_below": NARROW_BELOW, "narrow": _narrow(labels, totals, places)},
    }
    colours = [token("ink-3"), *(_colour(row.move) for row in rows), token("ink-3")]
    bar = _bars(starts, ends, places, colours)
    bar["text"] = [
        f"<b>{escaped(label, 60)}</b><br>{text}" for label, text in zip(labels, totals, strict=True)
    ]
    return {"data": [bar, _links(ends, places)], "layout": layout}


def _told(row: WaterfallBar, currency: str) -> str:
    """Say a move with its sign, '+€1.2M' or '−€340k', and its error."""
    text = money(abs(row.move), currency)
    sign = "+" if row.move > 0 else MINUS if row.move < 0 else ""
    error = f" ± {money(row.error, currency)}" if row.error > 0 else ""
    return f"{sign}{text}{error}"


def _colour(move: float) -> str:
    return token("current" if move > 0 else "residual" if move < 0 else "ink-3")


def _bars(
    starts: list[float], ends: list[float], places: list[int], colours: list[str]
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "base": starts,
        "x": [end - start for start, end in zip(starts, ends, strict=True)],
        "y": places,
        "marker": {"color": colours, "line": {"width": 0}},
        "hovertemplate": "%{text}<extra></extra>",
        "textposition": "none",
    }


def _links(ends: list[float], places: list[int]) -> dict[str, Any]:
    """Return thin lines from where a bar ends to where the next one begins, along their edges."""
    x: list[float | None] = []
    y: list[float | None] = []
    for end, place in zip(ends[:-1], places[:-1], strict=True):
        x += [end, end, None]
        y += [place, place - 1, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": token("line-strong"), "width": 1},
        "hoverinfo": "skip",
    }


def _value(place: int, text: str) -> dict[str, Any]:
    return {
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "xshift": VALUE_ROOM - 8,
        "y": place,
        "text": f"<b>{text}</b>",
        "showarrow": False,
        "font": {"size": 13, "color": token("ink")},
    }


def _narrow(labels: list[str], totals: list[str], places: list[int]) -> dict[str, Any]:
    """On a phone the name stands above each bar, which is thinner, and the value beside it."""
    notes: list[dict[str, Any]] = []
    for label, text, place in zip(labels, totals, places, strict=True):
        above = {"x": 0, "xanchor": "left", "xshift": 0, "yshift": 15}
        name = _value(place, "") | above | {"text": escaped(label, LONGEST_NARROW)}
        notes += [name, _value(place, text) | {"xshift": NARROW_ROOM - 4}]
    return {
        "annotations": notes,
        "bargap": 1 - NARROW_WIDTH,
        "margin": {"l": 8, "r": NARROW_ROOM, "t": 16, "b": 8, "pad": 4},
        "yaxis": {"tickvals": [], "range": [-0.6, len(places) - 0.2]},
    }
