"""Single losses: magnitudes, and years, that take some values with a chance of their own."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.distributions import Array, Distribution, Point, scaled
from workbench.distributions.derived import jumps_of
from workbench.engines.counts import Once
from workbench.engines.lattice import VISIBLE, Atoms
from workbench.engines.plan import ONE, CompoundPlan, Group
from workbench.engines.reach import BEYOND

MOST_SINGLE = 100_000  # single losses that a table lists


def is_fixed(plan: CompoundPlan) -> bool:
    """Whether the plan's years are plain sums of its severities."""
    return plan.is_simple() and plan.scale == ONE and not isinstance(plan.count, Once)


def is_seen(plan: CompoundPlan) -> bool:
    """Whether the single values of the plan's events are to be seen in its year."""
    known = isinstance(plan.scale, Point) and plan.factors == (1.0,)
    return known and plan.annual is None and not isinstance(plan.count, Once)


def has_single_values(plan: CompoundPlan) -> bool:
    """Whether an event of the plan, given its known scale, has single values above 0."""
    event = plan.event(plan.scale.mean())
    kinds = (event.plain, event.more)
    return any((jumps_of(kind)[0] > 0).any() for kind in kinds if kind is not None)


def event_values(plan: CompoundPlan, width: float = 0.0) -> Atoms:
    """Return all single values of an event, 0 first, with their probabilities.

    For each value of a held share of events with a secondary loss there is a row of them. An event
    of up to `width` more than a single value is counted as one at it.
    """
    event = plan.event(plan.scale.mean())
    plain = single_values(event.plain, width)
    if event.more is None:
        return plain
    more = single_values(event.more, width)
    values, place = np.unique(np.concatenate([plain[0], more[0]]), return_inverse=True)
    shares, size = plan.shares()[0], plain[0].size
    weights = np.zeros((shares.size, values.size))
    weights[:, place[:size]] = (1 - shares)[:, None] * plain[1]
    weights[:, place[size:]] += shares[:, None] * more[1]
    return values, weights


def single_losses(year: Array) -> NDArray[np.intp] | None:
    """Return which masses above 0 are to be seen; None where they are too rare or too many."""
    kept = 1 + np.flatnonzero(year[1:] > VISIBLE)
    return None if year[1:].sum() < BEYOND or kept.size > MOST_SINGLE else kept


def single_values(severity: Distribution, width: float = 0.0) -> tuple[Array, Array]:
    """Return all single values of a severity, 0 first, with their probabilities.

    Those of amounts up to `width` above a single value are added to its own.
    """
    places, chances = jumps_of(severity)
    above = places > 0
    free = 1 - float(severity.excess_moments(0.0)[0])
    values, weights = np.append(0.0, places[above]), np.append(free, chances[above])
    if width > 0:
        weights = weights + severity.sf(values) - severity.sf(values + width)
    return values, weights


def lone_belief(together: Sequence[Group]) -> Distribution | None:
    """Return the belief that is the whole year, where nothing is added or multiplied; else None.

    Every plan has one event a year.
    """
    plans = [plan for group in together for plan in group]
    if not all(plan.is_simple() for plan in plans):
        return None
    amounts = [plan.severity for plan in plans]
    known = math.fsum(amount.value for amount in amounts if isinstance(amount, Point))
    if all(isinstance(plan.scale, Point) for plan in plans):
        worths = [scaled(plan.severity, plan.scale.mean()) for plan in plans]
        if len(worths) == 1:
            return worths[0]
        fixed = all(isinstance(worth, Point) for worth in worths)
        return Point(math.fsum(worth.mean() for worth in worths)) if fixed else None
    one_scale = len(together) == 1 and all(isinstance(amount, Point) for amount in amounts)
    return scaled(plans[0].scale, known) if one_scale else None
