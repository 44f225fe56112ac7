"""The largest single event of a year beside what the year costs, at a few levels."""

from collections.abc import Sequence

import numpy as np

from workbench.distributions import Array
from workbench.models.horizon import LargestEvent
from workbench.models.study import Study

POINTS = 97  # of the first look; the second one looks between two of them
DECADES = 4.0
FARTHEST = 1e18  # currency


def largest_events(study: Study, levels: Sequence[float], near: float) -> list[float]:
    """Return the smallest x with P(M <= x) >= level for each level, currency, to four figures.

    M is the largest single event of a year, before terms of the year; `near` is an amount of about
    the size of the answers. `LargestEvent.var` gives more figures and takes longer, since each of
    its steps asks every scenario anew; two looks at many amounts at once are enough for a page.
    """
    event, goals = LargestEvent.of(study), np.array([1 - level for level in levels])
    top = max(near, 1.0)
    while True:  # the first look nearly always reaches far enough
        x = np.concatenate([[0.0], top * np.geomspace(10.0**-DECADES, 1.0, POINTS)])
        rough = event.exceedance(x)
        if rough[-1] <= goals.min() or top >= FARTHEST:
            break
        top *= 10
    index = np.array([_first(rough, float(goal)) for goal in goals])
    found = np.where(index == 0, 0.0, x[index])
    inside = [i for i in range(goals.size) if index[i] > 0]
    if not inside:
        return [float(v) for v in found]
    fine = np.array([np.linspace(x[index[i] - 1], x[index[i]], POINTS) for i in inside])
    curve = event.exceedance(fine.ravel()).reshape(fine.shape)
    for row, i in enumerate(inside):
        found[i] = fine[row, _first(curve[row], float(goals[i]))]
    return [float(v) for v in found]


def _first(curve: Array, goal: float) -> int:
    """Return the index of the first value of a falling curve that is not above `goal`."""
    below = np.flatnonzero(curve <= goal * (1 + 1e-12))
    return int(below[0]) if below.size else curve.size - 1
