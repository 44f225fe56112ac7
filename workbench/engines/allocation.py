"""Which plan brings how much of the tail of a total."""

import math
from functools import reduce
from operator import add

import numpy as np

from workbench.engines.exact import conditional, group_moments, group_transform, year_mean
from workbench.engines.grid import Complex, Grid, to_masses, to_transform
from workbench.engines.plan import CompoundPlan, Group, groups
from workbench.engines.reach import extent_of, first_grid
from workbench.engines.year import scale_nodes
from workbench.losses import TabulatedLosses

SIZE = 4096  # cells below the quantile, at least


def contributions(
    plans: list[CompoundPlan], total: TabulatedLosses, level: float
) -> dict[str, float]:
    """E[L_i | the year is in the tail above `level`] for each plan, summing to the total's TVaR.

    Losses equal to the quantile are shared in proportion, as TVaR itself shares them.
    """
    live = [plan for plan in plans if not plan.is_nothing()]
    found = {plan.id: 0.0 for plan in plans}
    tvar, value = total.tvar(level), total.var(level)
    if len(live) == 1:
        return found | {live[0].id: tvar}
    if not live:
        return found
    if value == 0:  # every loss lies in the tail
        raw = {plan.id: year_mean(plan) / (1 - level) for plan in live}
    else:
        raw = _tail_means(live, value, level)
    whole = math.fsum(raw.values())
    return found | {name: amount * tvar / whole for name, amount in raw.items()}


def _tail_means(live: list[CompoundPlan], value: float, level: float) -> dict[str, float]:
    """(E[L_i] - E[L_i; L below the quantile]) / (1 - level), read off the grid around `value`."""
    together = groups(live)
    moments = [group_moments(group) for group in together]
    mean, variance = (math.fsum(pair[k] for pair in moments) for k in (0, 1))
    size = first_grid(reduce(add, map(extent_of, together)), mean, variance).size
    grid = Grid(math.ceil(math.log2(1.1 * value)), max(size, SIZE))
    parts = [group_transform(group, grid) for group in together]
    whole = to_masses(np.prod(parts, axis=0), grid.size)
    below = np.cumsum(whole) - whole / 2
    raw: dict[str, float] = {}
    for group, others in zip(together, _without_each(parts), strict=True):
        for plan in group:
            weighted = to_masses(_moved(group, plan, grid) * others, grid.size)
            partial = np.cumsum(weighted) - weighted / 2
            at = float(np.interp(level, below[::2], partial[::2]))
            raw[plan.id] = (year_mean(plan) - at) / (1 - level)
    return raw


def _without_each(parts: list[Complex]) -> list[Complex]:
    """Return, for each part, the product of all others: from both ends, never by division."""
    before = [np.ones_like(parts[0])]
    after = [np.ones_like(parts[0])]
    for part, mirrored in zip(parts[:-1], reversed(parts[1:]), strict=True):
        before.append(before[-1] * part)
        after.append(after[-1] * mirrored)
    return [left * right for left, right in zip(before, reversed(after), strict=True)]


def _moved(group: Group, plan: CompoundPlan, grid: Grid) -> Complex:
    """Transform of E[L_i; total of the group = x] for one plan of the group."""
    losses = grid.step * np.arange(grid.size)
    if len(group) == 1:
        return to_transform(to_masses(group_transform(group, grid), grid.size) * losses)
    values, weights = scale_nodes(plan.scale, grid.order)
    total: Complex = np.zeros(grid.size + 1, dtype=complex)
    for value, weight in zip(values, weights, strict=True):
        own = to_masses(conditional(plan, grid, float(value)), grid.size)
        product = to_transform(own * losses)
        for other in group:
            if other is not plan:
                product = product * conditional(other, grid, float(value))
        total = total + weight * product
    return total
