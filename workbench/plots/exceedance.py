"""The loss exceedance curve: what chance a year has of costing more than each amount."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from workbench.distributions import Array
from workbench.losses import LossDistribution
from workbench.models.study import TolerancePoint
from workbench.models.tolerance import ToleranceCurve, breaches
from workbench.plots.exceedance_layout import (
    AFTER,
    APPETITE,
    BARE,
    PLANNED,
    TODAY,
    Mark,
    layout_of,
    nothing_lost,
)
from workbench.plots.text import Figure, money, share, token

POINTS = 161
DIGITS = 4  # of what a control sends: 0.01 % of a height is far below a pixel
LINES = {
    BARE: {"color": token("inherent"), "width": 1.75, "dash": "7px,5px"},
    TODAY: {"color": token("current"), "width": 2.75, "dash": "solid"},
    PLANNED: {"color": token("residual"), "width": 2.25, "dash": "10px,3px,2px,3px"},
    AFTER: {"color": token("other"), "width": 2.25, "dash": "14px,4px"},
    APPETITE: {"color": token("appetite"), "width": 1.75, "dash": "2px,3px"},
}
Tolerance = ToleranceCurve | TolerancePoint  # one point is marked, two or more are joined


@dataclass(frozen=True)
class Band:
    """How sure we are of the curve: the range of its height at each loss, all of shape (n,)."""

    loss: Array  # currency / year
    low: Array  # chance
    high: Array


def loss_range(
    losses: LossDistribution,
    tolerance: Tolerance | None = None,
    others: Sequence[LossDistribution] = (),
) -> Array:
    """Return the losses at which the curves are drawn, rising, shape (161,); empty if none is lost.

    From the year that 97 in 100 loss years pass to the year passed once in 1,000, of `losses` and
    of the `others` that are drawn with it, and around the tolerance points, at most six decades.
    """
    ends: list[float] = []
    for drawn in (losses, *others):
        chance = 1 - drawn.prob_no_loss()
        if chance > 0:
            ends += [drawn.var(1 - 0.97 * chance), drawn.var(max(0.999, 1 - chance / 2))]
    if not ends:
        return np.empty(0)
    points = _points(tolerance)
    if points:
        ends += [0.7 * points[0].loss, 1.3 * points[-1].loss]
    high = 1.02 * max(ends)
    low = max(min(e for e in ends if e > 0) / 1.05, high / 1e6)
    return np.geomspace(low, high, POINTS)


def _points(tolerance: Tolerance | None) -> tuple[TolerancePoint, ...]:
    if tolerance is None:
        return ()
    return (tolerance,) if isinstance(tolerance, TolerancePoint) else tolerance.points


def loss_exceedance(
    today: LossDistribution,
    *,
    inherent: LossDistribution | None = None,
    residual: LossDistribution | None = None,
    tolerance: Tolerance | None = None,
    band: Band | None = None,
    after: LossDistribution | None = None,
) -> Figure:
    """Draw today's curve, what is tolerated, where it is passed, and the 1-in-20 year.

    `inherent` is the year without controls, `residual` the year after the plan, `band` a pale
    ribbon around today's curve, `after` the curve of a changed study. The trace of the latter is
    always there, hidden without one, so that `moving_curve` has something to move. Where nothing is
    ever lost the figure says so and draws no curve.
    """
    states = {BARE: inherent, PLANNED: residual, AFTER: after, TODAY: today}
    drawn = {name: losses for name, losses in states.items() if losses is not None}
    x = loss_range(today, tolerance, list(drawn.values()))
    if x.size == 0:
        return nothing_lost(is_sure=today.shows_losses())
    curves = {name: (x, losses.exceedance(x)) for name, losses in drawn.items()}
    curve = tolerance if isinstance(tolerance, ToleranceCurve) else None
    if curve is not None:
        told = x[x >= curve.points[0].loss]
        curves[APPETITE] = told, curve.probability(told)
    over = _breached(today, curve, x)
    marks = [*_marks(today, over, x), *_accepted(tolerance, today.currency)]
    traces = [_ribbon(band)] if band is not None else []
    traces += [_shade(today, curve, start, end) for start, end in over if curve is not None]
    traces += [
        _line(name, *curves[name], today.currency)
        for name in (BARE, APPETITE, PLANNED)
        if name in curves
    ]
    traces += [_moved(*curves.get(AFTER, curves[TODAY]), today.currency, shown=after is not None)]
    traces += [_line(TODAY, *curves[TODAY], today.currency), *([_dots(marks)] if marks else [])]
    return {"data": traces, "layout": layout_of(x, curves, marks, today.currency)}


def moving_curve(after: LossDistribution, x: Iterable[float]) -> dict[str, Any]:
    """Return the curve of a changed study at the losses `x`, as an overlay of `loss_exceedance`.

    It is made for every move of a control: numbers of four digits, heights at the rounded losses,
    and no texts. Give it the losses of the figure (`loss_range`), which its hover text tells.
    """
    at = [_rounded(v) for v in x]
    heights = after.exceedance(np.array(at))
    return {"name": AFTER, "x": at, "y": [_rounded(v) for v in heights.tolist()]}


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


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
        if b.is_sure
    ]
    return [(start, end) for start, end in found if start < end]


def _marks(losses: LossDistribution, over: list[tuple[float, float]], x: Array) -> list[Mark]:
    marks = []
    bad_year = losses.var(0.95)
    if x[0] < bad_year < x[-1]:
        text = money(bad_year, losses.currency)
        often = "at least 1 year in 20" if losses.comes_oftener(20) else "1 year in 20"
        marks.append(Mark(bad_year, 0.05, (f"{often} costs", f"{text} or more"), "dot"))
    for start, end in over:
        for at, words in ((start, "above appetite from"), (end, "back within it at")):
            if x[0] < at < x[-1]:
                text = money(at, losses.currency)
                marks.append(Mark(at, float(losses.exceedance(at)), (words, text), "ring"))
    return marks


def _accepted(tolerance: Tolerance | None, currency: str) -> list[Mark]:
    """Return the one point that is tolerated, where there is no curve of them."""
    if not isinstance(tolerance, TolerancePoint):
        return []
    words = (f"appetite: at most {share(tolerance.probability)}", "of years over")
    text = f"{words[1]} {money(tolerance.loss, currency)}"
    return [Mark(tolerance.loss, tolerance.probability, (words[0], text), "diamond")]


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


def _moved(x: Array, y: Array, currency: str, *, shown: bool) -> dict[str, Any]:
    """The curve that a control moves: only amounts are written out, which do not move with it."""
    said = f"<b>{AFTER}</b><br>%{{y:.2p}} of years cost over %{{text}}<extra></extra>"
    return _line(AFTER, x, y, currency) | {
        "x": [_rounded(v) for v in x.tolist()],
        "text": [money(v, currency) for v in x.tolist()],
        "hovertemplate": said,
        "visible": shown,
    }


def _ribbon(band: Band) -> dict[str, Any]:
    return _area([*band.loss, *band.loss[::-1]], [*band.low, *band.high[::-1]], "band") | {
        "fillcolor": token("current-wash"),
        "name": "5 to 95 % of what we believe",
    }


def _shade(
    losses: LossDistribution, tolerance: ToleranceCurve, start: float, end: float
) -> dict[str, Any]:
    """Fill between the curves where today's is the higher one, hatched: colour is never alone."""
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


def _dots(marks: list[Mark]) -> dict[str, Any]:
    """Draw an open ring or diamond for what is tolerated, a solid dot for the bad year."""
    solid = [m.shape == "dot" for m in marks]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": _numbers([m.loss for m in marks]),
        "y": _numbers([m.chance for m in marks]),
        "marker": {
            "size": [10 if dot else 9 for dot in solid],
            "symbol": ["diamond" if m.shape == "diamond" else "circle" for m in marks],
            "color": [token("current" if dot else "card") for dot in solid],
            "line": {"color": [token("card" if dot else "appetite") for dot in solid], "width": 2},
        },
        "text": [" ".join(m.lines) for m in marks],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _numbers(values: Any) -> list[float]:
    """Plain numbers in nine digits: more would only make the message longer."""
    return [float(f"{float(v):.9g}") for v in values]
