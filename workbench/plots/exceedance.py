"""The loss exceedance curve: what chance a year has of costing more than each amount."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from workbench.distributions import Array
from workbench.losses import LossDistribution
from workbench.models.tolerance import ToleranceCurve, breaches
from workbench.plots.axes import chance_axis, decades, money_axis
from workbench.plots.labels import Frame, Label, place
from workbench.plots.text import Figure, escaped, money, share, token

POINTS = 161
TODAY, AFTER, APPETITE = "Today", "With this change", "Appetite"
LINES = {
    TODAY: {"color": token("current"), "width": 2.75, "dash": "solid"},
    AFTER: {"color": token("residual"), "width": 2.25, "dash": "10px,3px,2px,3px"},
    APPETITE: {"color": token("appetite"), "width": 1.75, "dash": "2px,3px"},
}
COLOURS = {TODAY: "current", AFTER: "residual", APPETITE: "appetite"}
LABEL_AT = {TODAY: 0.62, AFTER: 0.34, APPETITE: 0.9}  # the chance at which a curve is named
NARROW_BELOW = 740


@dataclass(frozen=True)
class Band:
    """How sure we are of the curve: the range of its height at each loss, all of shape (n,)."""

    loss: Array  # currency / year
    low: Array  # chance
    high: Array


def loss_range(losses: LossDistribution, curve: ToleranceCurve | None = None) -> Array:
    """Return the losses at which the curve is drawn, rising, shape (161,); empty if none is lost.

    From the year that 97 in 100 loss years pass to the year passed once in 1,000, and around the
    tolerance points, at most six decades.
    """
    chance = 1 - losses.prob_no_loss()
    if chance <= 0:
        return np.empty(0)
    ends = [losses.var(1 - 0.97 * chance), losses.var(max(0.999, 1 - chance / 2))]
    if curve is not None:
        ends += [0.7 * curve.points[0].loss, 1.3 * curve.points[-1].loss]
    high = 1.02 * max(ends)
    low = max(min(e for e in ends if e > 0) / 1.05, high / 1e6)
    return np.geomspace(low, high, POINTS)


def loss_exceedance(
    losses: LossDistribution,
    *,
    tolerance: ToleranceCurve | None = None,
    band: Band | None = None,
    after: LossDistribution | None = None,
) -> Figure:
    """Draw today's curve, what is tolerated, where it is passed, and the 1-in-20 year.

    `band` is a pale ribbon around today's curve, `after` the curve of a changed study. Where
    nothing is ever lost the figure says so and draws no curve.
    """
    x = loss_range(losses, tolerance)
    if x.size == 0:
        return _nothing_lost()
    known = {APPETITE: None, AFTER: after, TODAY: losses}
    curves = {k: (x, v.exceedance(x)) for k, v in known.items() if v is not None}
    if tolerance is not None:
        told = x[x >= tolerance.points[0].loss]
        curves[APPETITE] = told, tolerance.probability(told)
    over = _breached(losses, tolerance, x)
    marks = _marks(losses, over, x)
    traces = [_ribbon(band)] if band is not None else []
    traces += [_shade(losses, tolerance, start, end) for start, end in over]
    traces += [
        _line(name, *curves[name], losses.currency)
        for name in (APPETITE, AFTER, TODAY)
        if name in curves
    ]
    traces += [_dots(marks)] if marks else []
    return {"data": traces, "layout": _layout(x, curves, marks, losses.currency)}


_breaches = lru_cache(maxsize=8)(breaches)  # today's curve stays the same under every what-if


def _breached(
    losses: LossDistribution, tolerance: ToleranceCurve | None, x: Array
) -> list[tuple[float, float]]:
    """Where today's curve lies above tolerance, cut to what is drawn."""
    if tolerance is None:
        return []
    found = [
        (max(b.start, float(x[0])), min(b.end or math.inf, float(x[-1])))
        for b in _breaches(losses, tolerance)
    ]
    return [(start, end) for start, end in found if start < end]


@dataclass(frozen=True)
class _Mark:
    """A point of today's curve that is named: a ring where it crosses, a dot for 1 in 20."""

    loss: float
    chance: float
    lines: tuple[str, ...]
    is_ring: bool


def _marks(losses: LossDistribution, over: list[tuple[float, float]], x: Array) -> list[_Mark]:
    marks = []
    bad_year = losses.var(0.95)
    if x[0] < bad_year < x[-1]:
        text = money(bad_year, losses.currency)
        marks.append(_Mark(bad_year, 0.05, ("1 year in 20 costs", f"{text} or more"), False))
    for start, end in over:
        for at, words in ((start, "above appetite from"), (end, "back within it at")):
            if x[0] < at < x[-1]:
                text = money(at, losses.currency)
                marks.append(_Mark(at, float(losses.exceedance(at)), (words, text), True))
    return marks


def _line(name: str, x: Array, y: Array, currency: str) -> dict[str, Any]:
    verb = "may cost" if name == APPETITE else "cost"
    told = zip(map(share, y), (money(float(v), currency) for v in x), strict=True)
    said = [f"{chance} of years {verb} over {amount}" for chance, amount in told]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": _numbers(x),
        "y": _numbers(y),
        "line": dict(LINES[name]),
        "text": said,
        "hovertemplate": f"<b>{name}</b><br>%{{text}}<extra></extra>",
    }


def _ribbon(band: Band) -> dict[str, Any]:
    return _area([*band.loss, *band.loss[::-1]], [*band.low, *band.high[::-1]], "band") | {
        "fillcolor": token("current-wash"),
        "name": "5 to 95 % of what we believe",
    }


def _shade(
    losses: LossDistribution, tolerance: ToleranceCurve | None, start: float, end: float
) -> dict[str, Any]:
    """Fill between the curves where today's is the higher one, hatched: colour is never alone."""
    assert tolerance is not None
    x = np.geomspace(start, end, 60)
    area = _area([*x, *x[::-1]], [*losses.exceedance(x), *tolerance.probability(x)[::-1]], "breach")
    pattern = {"shape": "/", "size": 5, "solidity": 0.35, "fgcolor": token("current")}
    return area | {
        "fillcolor": token("breach"),
        "fillpattern": pattern | {"bgcolor": token("breach"), "fgopacity": 0.5},
        "name": "Above appetite",
    }


def _area(x: list[float], y: list[float], name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": _numbers(x),
        "y": _numbers(y),
        "fill": "toself",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "name": name,
    }


def _dots(marks: list[_Mark]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": _numbers([m.loss for m in marks]),
        "y": _numbers([m.chance for m in marks]),
        "marker": {
            "size": [9 if m.is_ring else 10 for m in marks],
            "color": [token("card") if m.is_ring else token("current") for m in marks],
            "line": {
                "color": [token("appetite") if m.is_ring else token("card") for m in marks],
                "width": 2,
            },
        },
        "text": [" ".join(m.lines) for m in marks],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _layout(
    x: Array, curves: dict[str, tuple[Array, Array]], marks: list[_Mark], currency: str
) -> dict[str, Any]:
    low, high = float(x[0]), float(x[-1])
    frame = Frame((math.log10(low), math.log10(high)), (0, 1.02))
    named = [_curve_label(name, *curves[name]) for name in curves]
    told = [
        Label(m.lines, math.log10(m.loss), m.chance, "ink" if m.is_ring else "current")
        for m in marks
    ]
    lines = [(np.log10(cx), cy) for cx, cy in curves.values()]
    narrow = {
        "annotations": [],
        "xaxis": decades(low, high, currency),
        "yaxis": {"title": {"text": ""}},
    }
    return {
        "xaxis": money_axis(low, high, currency, "A year costs more than this"),
        "yaxis": chance_axis("Chance in a year"),
        "annotations": place([*told, *named], lines, frame),
        "meta": {"narrow_below": NARROW_BELOW, "narrow": narrow},
    }


def _curve_label(name: str, x: Array, y: Array) -> Label:
    """Name a curve where it has fallen to the chance of `LABEL_AT`, or where it begins."""
    i = int(np.argmin(np.abs(y - min(LABEL_AT[name], 0.9 * float(y.max())))))
    return Label((name,), float(np.log10(x[i])), float(y[i]), COLOURS[name])


def _nothing_lost() -> Figure:
    note = {
        "text": escaped("Nothing is ever lost in this study."),
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
    }
    hidden = {"visible": False}
    return {"data": [], "layout": {"annotations": [note], "xaxis": hidden, "yaxis": hidden}}


def _numbers(values: Any) -> list[float]:
    """Plain numbers in nine digits: more would only make the message longer."""
    return [float(f"{float(v):.9g}") for v in values]
