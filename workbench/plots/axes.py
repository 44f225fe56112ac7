"""Axes: money on a logarithm, chance from 0 to 100 %."""

import math
from typing import Any

from workbench.plots.text import money

Axis = dict[str, Any]
MOST_TICKS = 11


def money_axis(low: float, high: float, currency: str | None, title: str) -> Axis:
    """Return a log axis from `low` to `high` with ticks at 1 and 3 in each decade."""
    marks = _marks(low, high, (1.0, 3.0))
    if len(marks) > MOST_TICKS:
        marks = _marks(low, high, (1.0,))
    return {
        "type": "log",
        "range": [math.log10(low), math.log10(high)],
        "tickmode": "array",
        "tickvals": marks,
        "ticktext": [money(v, currency, 1) for v in marks],
        "title": {"text": title},
    }


def decades(low: float, high: float, currency: str | None) -> Axis:
    """Return the ticks of a narrow screen: decades only, or what fits a shorter axis."""
    marks = _marks(low, high, (1.0,))
    if len(marks) < 2:
        marks = _marks(low, high, (1.0, 3.0))
    return {"tickvals": marks, "ticktext": [money(v, currency, 1) for v in marks]}


def _marks(low: float, high: float, digits: tuple[float, ...]) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    found = [float(f"{d:g}e{k}") for k in range(first, last + 1) for d in digits]
    return [v for v in found if low <= v * (1 + 1e-9) and v <= high * (1 + 1e-9)]


def linear_axis(low: float, high: float, currency: str | None, title: str) -> Axis:
    """Return a linear axis with about five round ticks."""
    step = _round_step((high - low) / 5)
    first = math.ceil(low / step - 1e-9)
    marks = [step * k for k in range(first, math.floor(high / step + 1e-9) + 1)]
    return {
        "type": "linear",
        "range": [low, high],
        "tickmode": "array",
        "tickvals": marks,
        "ticktext": [money(v, currency, 2) for v in marks],
        "title": {"text": title},
    }


def _round_step(width: float) -> float:
    """Return the smallest of 1, 2 or 5 times a power of ten that is not below `width`."""
    unit = 10.0 ** math.floor(math.log10(width))
    return next(m * unit for m in (1, 2, 5, 10) if m * unit >= width * (1 - 1e-9))


def chance_axis(title: str) -> Axis:
    """Return the axis of a chance in a year, 0 to 100 %."""
    marks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    return {
        "type": "linear",
        "range": [0, 1.02],
        "tickmode": "array",
        "tickvals": marks,
        "ticktext": ["0", *(f"{100 * v:.0f}%" for v in marks[1:])],
        "title": {"text": title},
    }


def rare_axis(title: str, often: float, rarest: float) -> Axis:
    """Return a log axis of the chance in a year, told as 1 in 10, 1 in 100 ..."""
    odds = [2, *(10**k for k in range(1, 7))]
    marks = [n for n in odds if rarest <= 1.001 / n and 1 / n <= often]
    return {
        "type": "log",
        "range": [math.log10(0.8 * rarest), math.log10(1.1 * often)],
        "tickmode": "array",
        "tickvals": [1 / n for n in marks],
        "ticktext": [f"1 in {n:,}" for n in marks],
        "title": {"text": title},
    }
