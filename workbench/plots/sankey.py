"""The rows between two frameworks as ribbons between their groups, readable at any number of rows.

Requirements are gathered by the group that they stand in. The groups with most rows are drawn, the
others stand together as one; so do the thinnest links, which end in "other". A ribbon is as thick
as its number of rows. Nothing is left out: the rows of all ribbons add up to the rows there are.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.frameworks.crosswalk import Row
from workbench.plots.text import Figure, escaped, token

MOST_GROUPS = 16  # of each side, "other" among them
MOST_LINKS = 64
OTHER = "other"
NARROW_BELOW = 620
BAR = 0.02  # width of a group, of the figure's width
GAP = 0.7  # of the height, between groups in all
POINTS = 16  # of one edge of a ribbon
LONGEST, LONGEST_NARROW = 27, 8  # characters of a group's name


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Rows between a group of one framework and a group of another."""

    source: str
    target: str
    rows: int
    inherits: bool  # equal or superset: meeting the source meets the target


def ribbons(
    rows: Sequence[Row], group: Callable[[tuple[str, str]], str], most: int = MOST_LINKS
) -> list[Ribbon]:
    """Return the links between groups, thickest first; what is not drawn by name ends in "other".

    Parameters
    ----------
    rows : all read from one framework to the other
    group : the group of a requirement, given framework and id

    """
    left = _named(Counter(group(row.source) for row in rows))
    right = _named(Counter(group(row.target) for row in rows))
    pairs = Counter(
        (left(group(row.source)), right(group(row.target)), row.inherits) for row in rows
    )
    ordered = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    thin = Counter[tuple[str, str, bool]]()
    for (source, _, inherits), number in ordered[most:]:
        thin[source, OTHER, inherits] += number
    whole = Counter(dict(ordered[:most])) + thin
    return [
        Ribbon(source, target, number, inherits)
        for (source, target, inherits), number in sorted(
            whole.items(), key=lambda pair: (-pair[1], pair[0])
        )
    ]


def _named(counts: Counter[str]) -> Callable[[str], str]:
    """Return which name a group is drawn by: its own, or "other" for those with fewest rows."""
    ordered = sorted(counts, key=lambda name: (-counts[name], name))
    kept = set(ordered if len(ordered) <= MOST_GROUPS else ordered[: MOST_GROUPS - 1])
    return lambda name: name if name in kept else OTHER


def sankey(
    links: Sequence[Ribbon], order: tuple[Sequence[str], Sequence[str]], titles: tuple[str, str]
) -> Figure:
    """Draw ribbons from the groups of one framework (left) to those of the other.

    Parameters
    ----------
    order : the groups of each side from top to bottom; "other" comes last
    titles : the names of both frameworks

    """
    total = max(sum(link.rows for link in links), 1)
    sides = [_side(links, names, total, side) for side, names in enumerate(order)]
    at = [dict(side) for side in ([(n, top) for n, top, _ in one] for one in sides)]
    places = [{name: i for i, (name, _, _) in enumerate(one)} for one in sides]
    traces = []
    for link in sorted(links, key=lambda k: (places[0][k.source], places[1][k.target], k.inherits)):
        start, thick = at[0][link.source], link.rows / total
        at[0][link.source] -= thick
        traces.append((link, start, thick))
    drawn = []
    for link, start, thick in sorted(
        traces, key=lambda t: (places[1][t[0].target], places[0][t[0].source], t[0].inherits)
    ):
        end = at[1][link.target]
        at[1][link.target] -= thick
        drawn.append(_ribbon(link, start, end, thick))
    return {"data": drawn, "layout": _layout(sides, titles)}


def _side(
    links: Sequence[Ribbon], names: Sequence[str], total: int, side: int
) -> list[tuple[str, float, int]]:
    """Return name, top and rows of each group of a side, from the top down."""
    counts: Counter[str] = Counter()
    for link in links:
        counts[(link.source, link.target)[side]] += link.rows
    shown = [name for name in names if counts[name] and name != OTHER]
    shown += [OTHER] if counts[OTHER] else []
    gap = GAP / max(len(shown) - 1, 1)
    found, top = [], 1.0 + GAP
    for name in shown:
        found.append((name, top, counts[name]))
        top -= counts[name] / total + gap
    return found


def _ribbon(link: Ribbon, start: float, end: float, thick: float) -> dict[str, Any]:
    """Return one ribbon as a filled curve: smooth steps from one bar to the other, and back."""
    across = [i / (POINTS - 1) for i in range(POINTS)]
    bend = [t * t * (3 - 2 * t) for t in across]
    x = [BAR + (1 - 2 * BAR) * t for t in across]
    top = [round(start + (end - start) * b, 6) for b in bend]
    kind = "inherited" if link.inherits else "related, nothing inherited"
    told = f"{escaped(link.source, 60)} to {escaped(link.target, 60)}<br>{link.rows} rows, {kind}"
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*x, *reversed(x)],
        "y": [*top, *(round(y - thick, 6) for y in reversed(top))],
        "fill": "toself",
        "fillcolor": token("residual" if link.inherits else "line-strong"),
        "opacity": 0.62 if link.inherits else 0.34,
        "line": {"width": 0},
        "hoveron": "fills",
        "text": told,
        "hoverinfo": "text",
    }


def _layout(sides: list[list[tuple[str, float, int]]], titles: tuple[str, str]) -> Figure:
    total = max(sum(rows for _, _, rows in sides[0]), 1)
    hidden = {"visible": False, "fixedrange": True}
    return {
        "xaxis": {**hidden, "range": [0, 1]},
        "yaxis": {**hidden, "range": [-0.02, 1.09 + GAP]},
        "margin": {"l": 244, "r": 244, "t": 8, "b": 8, "pad": 0},
        "shapes": [
            {
                "type": "rect",
                "x0": x0,
                "x1": x0 + BAR,
                "y0": top - rows / total,
                "y1": top,
                "line": {"width": 0},
                "fillcolor": token("ink-2"),
            }
            for one, x0 in zip(sides, (0, 1 - BAR), strict=True)
            for _, top, rows in one
        ],
        "annotations": _labels(sides, titles, LONGEST),
        "meta": {
            "narrow_below": NARROW_BELOW,
            "narrow": {
                "margin": {"l": 84, "r": 84, "t": 8, "b": 8, "pad": 0},
                "annotations": _labels(sides, titles, LONGEST_NARROW),
            },
        },
    }


def _labels(
    sides: list[list[tuple[str, float, int]]], titles: tuple[str, str], longest: int
) -> list[dict[str, Any]]:
    """Name each group beside its bar with its number of rows, and each side above them."""
    total = max(sum(rows for _, _, rows in sides[0]), 1)
    found = []
    for one, title, x, anchor, shift in zip(
        sides, titles, (0, 1), ("right", "left"), (-8, 8), strict=True
    ):
        beside = {"x": x, "xanchor": anchor, "xshift": shift, "showarrow": False}
        for name, top, rows in one:
            text = f"{escaped(name, longest)} <b>{rows}</b>"
            y = top - rows / total / 2
            found.append(beside | {"y": y, "text": text, "font": _font("ink-2")})
        head = {"y": 1.09 + GAP, "yanchor": "top", "text": f"<b>{escaped(title, longest)}</b>"}
        found.append(beside | head | {"font": _font("ink")})
    return found


def _font(colour: str) -> dict[str, Any]:
    return {"size": 12, "color": token(colour)}
