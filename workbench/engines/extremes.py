"""The largest single event of a year, and the time to the first, in closed form."""

import math
from dataclasses import replace

import numpy as np

from workbench.distributions import Array, Point, scaled
from workbench.engines.plan import CompoundPlan, Group, groups
from workbench.engines.rates import year_transform
from workbench.engines.year import scale_nodes

ORDER = 80  # nodes over a held scale


def largest_single(plans: list[CompoundPlan], x: Array) -> Array:
    r"""P(the largest single event of a year > `x`), before annual terms, of the shape of `x`.

    .. math:: P(M \le x) = E[\, z^N ], \qquad z = P(X \le x)

    over the rate, the share of secondary losses and the scale; plans that share a scale are
    independent given it.
    """
    live = [plan for plan in plans if not plan.is_nothing()]
    at = np.asarray(x, dtype=float)
    below = np.ones(at.shape)
    for group in groups(live):
        below = below * _averaged(group, at.ravel()).reshape(at.shape)
    return 1 - below


def _averaged(group: Group, x: Array) -> Array:
    scale = group[0].scale
    values, weights = scale.atoms() if isinstance(scale, Point) else scale_nodes(scale, ORDER)
    found = np.zeros(x.size)
    for value, weight in zip(values, weights, strict=True):
        found += weight * np.prod([_below(plan, float(value), x) for plan in group], axis=0)
    return found


def _below(plan: CompoundPlan, scale: float, x: Array) -> Array:
    """P(no event of the plan's years costs more than x), given the scale."""
    event = plan.event(scale)
    plain = 1 - event.plain.sf(x)
    if event.more is None:
        return _no_such_event(plan, plain)
    more = 1 - event.more.sf(x)
    pairs = zip(*plan.shares(), strict=True)
    parts = [weight * _no_such_event(plan, plain + q * (more - plain)) for q, weight in pairs]
    return np.asarray(np.sum(parts, axis=0))


def _no_such_event(plan: CompoundPlan, chance: Array) -> Array:
    # the first value keeps the largest term in view
    z = np.append(1.0, chance).astype(complex)
    return year_transform(plan.count, plan.rate, [z] * len(plan.factors))[1:].real


def no_event(plans: list[CompoundPlan], years: float) -> float:
    """P(no event that costs something in `years` years), with what is held kept for all of them.

    Events of a count with an exponent come at any time of a year; those of the others belong to
    whole years, so that a part of a year is counted as none of them.
    """
    whole = math.floor(years + 1e-9)
    chance = 1.0
    for plan in plans:
        if plan.is_nothing():
            continue
        if plan.count.exponent(np.ones(1, dtype=complex)) is not None:
            several = replace(plan, annual=None, rate=scaled(plan.rate, years))
        else:
            several = replace(plan, annual=None, factors=(1.0,) * whole)
        if years > 0 and several.factors:
            chance *= 1 - float(largest_single([several], np.zeros(1))[0])
    return chance
