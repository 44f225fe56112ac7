"""The transform of one plan's year, given its scale and before the terms of the year."""

import math
from dataclasses import replace

import numpy as np

from workbench.distributions import Array, Distribution, LogNormal, Point
from workbench.distributions.quadrature import nodes
from workbench.engines.grid import Complex, Grid
from workbench.engines.memo import remembered
from workbench.engines.plan import ONE, CompoundPlan
from workbench.engines.rates import year_transform
from workbench.engines.sums import severity_transform


def held_transform(plan: CompoundPlan, grid: Grid, scale: float) -> Complex:
    """Transform of a plan's year before annual terms, with its scale held at `scale`."""
    alone = replace(plan, id="", scale=ONE, shared=None, annual=None)
    return _held_transform(alone, grid, scale)


def transform_at(plan: CompoundPlan, grid: Grid, scale: float) -> Complex:
    """Compute the transform of a plan's year before annual terms, given its scale."""
    first, more = event_transforms(plan, grid, scale)
    if more is None:
        return year_transform(plan.count, plan.rate, first)
    rises = [two - one for two, one in zip(more, first, strict=True)]
    total: Complex = np.zeros_like(first[0])
    for share, weight in zip(*plan.shares(), strict=True):
        mixed = [one + share * rise for one, rise in zip(first, rises, strict=True)]
        total += weight * year_transform(plan.count, plan.rate, mixed)
    return total


_held_transform = remembered(mebibytes=28)(transform_at)


def event_transforms(
    plan: CompoundPlan, grid: Grid, scale: float
) -> tuple[list[Complex], list[Complex] | None]:
    """Transforms of one event in each of the plan's years: without, and with secondary loss."""
    plain = [_plain(plan, grid, scale, factor) for factor in plan.factors]
    secondary = plan.secondary
    if secondary is None:
        return plain, None
    if plan.terms is not None:
        event = plan.event(scale).largest()
        return plain, [severity_transform(event, grid, factor) for factor in plan.factors]
    amounts = [severity_transform(secondary.amount, grid, factor) for factor in plan.factors]
    return plain, [one * amount for one, amount in zip(plain, amounts, strict=True)]


def _plain(plan: CompoundPlan, grid: Grid, scale: float, factor: float) -> Complex:
    if plan.terms is None:
        return severity_transform(plan.severity, grid, scale * factor)
    return severity_transform(plan.event(scale).plain, grid, factor)


def free_year(plan: CompoundPlan, scale: float, width: float = 0.0) -> float:
    """P(no event above `width` in any of the plan's years) before annual terms, given the scale."""
    event = plan.event(scale)
    free = 1 - float(event.plain.sf(width))
    if event.more is None:
        return _free(plan, free)
    rise = 1 - float(event.more.sf(width)) - free
    pairs = zip(*plan.shares(), strict=True)
    return float(sum(weight * _free(plan, free + share * rise) for share, weight in pairs))


def _free(plan: CompoundPlan, free: float) -> float:
    if isinstance(plan.rate, Point):
        exponent = plan.count.exponent(np.array([free + 0j]))
        if exponent is not None:
            return math.exp(plan.rate.value * len(plan.factors) * float(exponent[0].real))
    at = np.array([1.0 + 0j, free + 0j])  # the first keeps the largest term in view
    return float(year_transform(plan.count, plan.rate, [at] * len(plan.factors))[1].real)


def scale_nodes(scale: Distribution, order: int) -> tuple[Array, Array]:
    """Nodes and weights of a held scale; a lognormal one needs them in proportion to its width."""
    wide = 1 + 4 * scale.sigma if isinstance(scale, LogNormal) else 1
    return nodes(scale, int(order * wide))
