"""A belief told back in plain words, so that its owner sees what was said."""

import math

from workbench.amounts import compact_money
from workbench.currencies import CURRENCIES
from workbench.distributions import Distribution
from workbench.distributions.base import as_belief

FEW = 1e-3  # how rarely the top of an unbounded belief is told


def figure(value: float, unit: str = "") -> str:
    """Write `value` for people: money where `unit` is a currency code, else three figures."""
    if unit in CURRENCIES:
        return compact_money(value, unit)
    size = abs(value)
    text = f"{value:,.0f}" if size >= 1000 or value == int(value) else f"{value:.3g}"
    return f"{text} {unit}" if unit else text


def echo(belief: Distribution, unit: str = "") -> str:
    """Say what a belief says: its range, its middle, its average, its tail, its end.

    `unit` is a currency code such as EUR, or words such as 'events a year'. A moment that does not
    exist is told as such.
    """
    low, high = as_belief("what is echoed", belief).support()
    if low == high:
        return f"You say: it is exactly {figure(low, unit)}."
    p5, half, p95 = (float(belief.ppf(level)) for level in (0.05, 0.5, 0.95))
    said = [
        f"You say: nine times in ten it is between {figure(p5, unit)} and {figure(p95, unit)}",
        f"half of the time it is {figure(half, unit)} or less",
        _average(belief, unit),
        f"once in 20 it exceeds {figure(p95, unit)}",
    ]
    if math.isfinite(high):
        said.append(f"it never exceeds {figure(high, unit)}")
    else:
        rare = figure(float(belief.isf(FEW)), unit)
        said.append(f"it has no highest value, and once in {round(1 / FEW):,} it exceeds {rare}")
    return "; ".join(said) + "."


def _average(belief: Distribution, unit: str) -> str:
    mean = belief.mean()
    if not math.isfinite(mean):
        return "there is no average, because large values do not become rare fast enough"
    above = float(belief.sf(mean))
    where = "" if 0.4 <= above <= 0.6 else f", which {above:.0%} of cases exceed"
    return f"the average is {figure(mean, unit)}{where}"
