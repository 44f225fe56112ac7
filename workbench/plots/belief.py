"""The density of one belief, with its central interval and its median marked."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from workbench.distributions import Array, Distribution, Point
from workbench.errors import WorkbenchError, require
from workbench.losses import LossDistribution
from workbench.plots.axes import decades, linear_axis, money_axis
from workbench.plots.text import Figure, escaped, money, token

POINTS = 181
LOG_FROM = 8.0  # ratio of the interval's ends from which an axis of ratios reads better
NARROW_BELOW = 420


def density(
    belief: Distribution, *, currency: str | None = None, mass: float = 0.90, title: str = ""
) -> Figure:
    """Draw how likely each value is; nine in ten (`mass`) lie in the shaded part.

    On a log axis, which is chosen for a range over nearly a decade or more, the height is the
    density of the logarithm, so that equal areas are equal chances there too.
    """
    require(0 < mass < 1, "the shaded part holds a share between 0 and 1", got=mass, fix="Say 0.9.")
    tail = (1 - mass) / 2
    low, middle, high = (float(belief.ppf(q)) for q in (tail, 0.5, 1 - tail))
    if isinstance(belief, Point) or low == high:
        return _certain(middle, currency, title)
    on_log = low > 0 and high / low >= LOG_FROM
    x = _grid(belief, on_log)
    odds = f"1 in {1 / tail:.3g}"
    said = (f"{odds} is less", "half are above", f"{odds} is more")
    y = _heights(belief, x, on_log)
    return _figure(x, y, (low, middle, high), said, on_log=on_log, currency=currency, title=title)


def average_belief(view: LossDistribution, *, title: str = "The average year") -> Figure:
    """Draw how sure we are of the average: `view` is `models.views.mean_belief` of a study.

    Nine in ten of what the ranges allow is shaded, and the best estimate, the mean, is marked.
    """
    low, high, mean = view.var(0.05), view.var(0.95), view.mean()
    if high - low <= 1e-6 * high:
        return _certain(mean, view.currency, title)
    x = np.linspace(view.var(0.001), view.var(0.999), POINTS)
    # the table behind `view` is finite, so its slope is taken over a few steps of it
    y = np.convolve(-np.gradient(view.exceedance(x), x), np.hanning(9) / 4, mode="same")
    y = np.clip(y, 0, None) / y.max()
    said = ("1 in 20: less", "best estimate", "1 in 20: more")
    marks = (low, mean, high)
    return _figure(x, y, marks, said, on_log=False, currency=view.currency, title=title)


def _figure(
    x: Array,
    y: Array,
    marks: tuple[float, float, float],
    said: tuple[str, str, str],
    *,
    on_log: bool,
    currency: str | None,
    title: str,
) -> Figure:
    """Draw heights `y` over `x` with the two ends and the middle marked by their words."""
    low, _, high = marks
    place = math.log10 if on_log else float
    height = {v: float(np.interp(v, x, y)) for v in marks}
    inside = (x >= low) & (x <= high)
    name = f"{escaped(title)}, log scale" if title and on_log else escaped(title)
    axis = (money_axis if on_log else linear_axis)(float(x[0]), float(x[-1]), currency, name)
    layout = {
        "xaxis": axis | {"range": _room(place(x[0]), place(x[-1]), place(low), place(high))},
        "yaxis": {"visible": False, "range": [0, 1.25]},
        "shapes": [
            _upright(v, height[v], dash)
            for v, dash in zip(marks, ("2px,3px", "solid", "2px,3px"), strict=True)
        ],
        "annotations": _notes(marks, height, place, said, currency),
        "meta": {"narrow_below": NARROW_BELOW, "narrow": _narrow(x, on_log, currency)},
    }
    return {"data": [_shaded(x[inside], y[inside]), _outline(x, y, currency)], "layout": layout}


def _grid(belief: Distribution, on_log: bool) -> Array:
    """Values over all but a thousandth of the belief, with its two bounds where these are close."""
    low, high = (float(belief.ppf(q)) for q in (0.0005, 0.9995))
    bottom, top = belief.support()
    if on_log:
        return np.geomspace(max(low, 1e-3 * float(belief.ppf(0.05))), high, POINTS)
    low = bottom if low - bottom < 0.3 * (high - low) else low
    high = top if top - high < 0.3 * (high - low) else high
    return np.linspace(low, high, POINTS)


def _room(left: float, right: float, low: float, high: float) -> list[float]:
    """The axis, with a fifth of it free for the labels outside the two ends of the interval."""
    share = 0.22
    width = max(right - left, (high - left) / (1 - share), (right - low) / (1 - share))
    width = max(width, (high - low) / (1 - 2 * share))
    left = min(left, low - share * width)
    return [left, max(right, high + share * width)]


def _heights(belief: Distribution, x: Array, on_log: bool) -> Array:
    """Density scaled to a peak of 1; of a belief without one, from steps of its cdf."""
    try:
        y = belief.pdf(x) * (x if on_log else 1.0)
    except WorkbenchError:
        y = np.gradient(belief.cdf(x), np.log(x) if on_log else x)
    y = np.maximum(np.nan_to_num(y, posinf=0.0), 0.0)
    cap = 4 * float(np.quantile(y, 0.9))
    if cap > 0:
        y = np.minimum(y, cap)  # a pole must not flatten the rest
    return np.asarray(y / y.max())


def _outline(x: Array, y: Array, currency: str | None) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": _numbers(x),
        "y": _numbers(y),
        "line": {"color": token("residual"), "width": 2.5},
        "text": [money(float(v), currency, 3) for v in x],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _shaded(x: Array, y: Array) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": _numbers(x),
        "y": _numbers(y),
        "fill": "tozeroy",
        "fillcolor": token("residual-wash"),
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _upright(at: float, top: float, dash: str) -> dict[str, Any]:
    line = {"color": token("ink"), "width": 1.25, "dash": dash}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": top, "line": line}


def _notes(
    marks: tuple[float, float, float],
    height: dict[float, float],
    place: Callable[[float], float],
    said: tuple[str, str, str],
    currency: str | None,
) -> list[dict[str, Any]]:
    """The two ends of the interval beside their lines, the middle above its own."""
    low, middle, high = marks
    ends = [(low, "right", -6, said[0]), (high, "left", 6, said[2])]
    notes = [
        _note(place(v), height[v], f"<b>{money(v, currency)}</b><br>{words}")
        | {"xanchor": side, "align": side, "xshift": shift, "yshift": 18}
        for v, side, shift, words in ends
    ]
    text = f"{said[1]} <b>{money(middle, currency)}</b>"
    return [*notes, _note(place(middle), max(height[middle], 1.0), text) | {"yshift": 13}]


def _note(x: float, y: float, text: str) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "showarrow": False}


def _narrow(x: Array, on_log: bool, currency: str | None) -> dict[str, Any]:
    low, high = float(x[0]), float(x[-1])
    patch: dict[str, Any] = {"annotations": []}
    if on_log:
        patch["xaxis"] = decades(low, high, currency)
    return patch


def _certain(value: float, currency: str | None, title: str) -> Figure:
    """A single value: one upright line."""
    reach = abs(value) or 1.0
    layout = {
        "xaxis": linear_axis(value - reach, value + reach, currency, escaped(title)),
        "yaxis": {"visible": False, "range": [0, 1.25]},
        "shapes": [_upright(value, 1.0, "solid")],
        "annotations": [
            _note(value, 1.0, f"always <b>{money(value, currency)}</b>") | {"yshift": 13}
        ],
    }
    return {"data": [], "layout": layout}


def _numbers(values: Array) -> list[float]:
    return [float(f"{v:.9g}") for v in values]
