"""The transform of one plan's year, given its scale and before the terms of the year."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from workbench.distributions import Array, Distribution, LogNormal
from workbench.distributions.quadrature import nodes
from workbench.engines.grid import Complex, Grid
from workbench.engines.plan import ONE, CompoundPlan
from workbench.engines.rates import year_transform
from workbench.engines.sums import severity_transforms

Pair = tuple[Complex, Complex]  # on a grid, and on every second node of it


def year_pair(plan: CompoundPlan, grid: Grid, scale: float) -> Pair:
    """Transforms of a plan's year before annual terms, with its scale held at `scale`."""
    return _year_pair(replace(plan, id="", scale=ONE, shared=None, annual=None), grid, scale)


@lru_cache(maxsize=1024)
def _year_pair(plan: CompoundPlan, grid: Grid, scale: float) -> Pair:
    plain, more = event_pairs(plan, grid, scale)
    if more is None:
        return _counted(plan, plain, 0), _counted(plan, plain, 1)
    fine: Complex = np.zeros(grid.size + 1, dtype=complex)
    coarse: Complex = np.zeros(grid.size // 2 + 1, dtype=complex)
    for share, weight in zip(*plan.event(scale).shares(), strict=True):
        mixed = [
            (a + share * (x - a), b + share * (y - b))
            for (a, b), (x, y) in zip(plain, more, strict=True)
        ]
        fine += weight * _counted(plan, mixed, 0)
        coarse += weight * _counted(plan, mixed, 1)
    return fine, coarse


def _counted(plan: CompoundPlan, events: list[Pair], which: int) -> Complex:
    return year_transform(plan.count, plan.rate, [pair[which] for pair in events])


def event_pairs(
    plan: CompoundPlan, grid: Grid, scale: float
) -> tuple[list[Pair], list[Pair] | None]:
    """Transforms of one event in each of the plan's years: without, and with secondary loss."""
    plain = [_plain_pair(plan, grid, scale, factor) for factor in plan.factors]
    secondary = plan.secondary
    if secondary is None:
        return plain, None
    if plan.terms is not None:
        event = plan.event(scale).largest()
        return plain, [severity_transforms(event, grid, factor) for factor in plan.factors]
    amounts = [severity_transforms(secondary.amount, grid, factor) for factor in plan.factors]
    return plain, [(a * x, b * y) for (a, b), (x, y) in zip(plain, amounts, strict=True)]


def _plain_pair(plan: CompoundPlan, grid: Grid, scale: float, factor: float) -> Pair:
    if plan.terms is None:
        return severity_transforms(plan.severity, grid, scale * factor)
    return severity_transforms(plan.event(scale).plain, grid, factor)


def free_year(plan: CompoundPlan, scale: float) -> float:
    """P(no loss in any of the plan's years) before annual terms, given the scale."""
    event = plan.event(scale)
    free = 1 - float(event.plain.sf(0.0))
    if event.more is None:
        return _free(plan, free)
    rise = 1 - float(event.more.sf(0.0)) - free
    pairs = zip(*event.shares(), strict=True)
    return float(sum(weight * _free(plan, free + share * rise) for share, weight in pairs))


def _free(plan: CompoundPlan, free: float) -> float:
    at = np.array([1.0 + 0j, free + 0j])  # the first keeps the largest term in view
    return float(year_transform(plan.count, plan.rate, [at] * len(plan.factors))[1].real)


def scale_nodes(scale: Distribution, order: int) -> tuple[Array, Array]:
    """Nodes and weights of a held scale; a lognormal one needs them in proportion to its width."""
    wide = 1 + 4 * scale.sigma if isinstance(scale, LogNormal) else 1
    return nodes(scale, int(order * wide))
