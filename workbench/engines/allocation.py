"""Which plan brings how much of the tail of a total."""

import math
from functools import reduce
from operator import add

import numpy as np
from scipy import fft

from workbench.distributions import Array
from workbench.engines.exact import (
    conditional,
    group_moments,
    group_transform,
    is_held,
    portfolio,
    year_mean,
)
from workbench.engines.grid import Complex, Grid, to_masses, to_transform
from workbench.engines.plan import CompoundPlan, Group, groups
from workbench.engines.products import MARGIN, Computed, Held, factor_masses
from workbench.engines.reach import extent_of, first_grid
from workbench.engines.year import scale_nodes
from workbench.losses import TabulatedLosses

SIZE = 4096  # cells below the quantile, at least
ORDER, SINGLE = 24, 120  # nodes over a held scale, and beside single losses that move with it
APART = 2  # powers of two between the tops of two grids on which a year is read at a scale of 1
SMALL = 1e-6  # of the mean of such a year: less is not read
FINER = 4  # times as many cells of the logarithm, on which single losses stand anywhere
SAFETY = 4.0  # times what half of the cells tell otherwise


def contributions(
    plans: list[CompoundPlan], total: TabulatedLosses, level: float, *, is_coarse: bool = False
) -> dict[str, float]:
    """E[L_i | the year is in the tail above `level`] for each plan, summing to the total's TVaR.

    Losses equal to the quantile are shared in proportion, as TVaR itself shares them. With
    `is_coarse` half of the cells tell them.
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
        raw = _tail_means(live, value, level, is_coarse=is_coarse)
    whole = math.fsum(raw.values())
    return found | {name: amount * tvar / whole for name, amount in raw.items()}


def error_bounds(
    plans: list[CompoundPlan], total: TabulatedLosses, level: float
) -> dict[str, float]:
    """Return the error bound of each of the `contributions`: of the TVaR, and of its division."""
    fine = contributions(plans, total, level)
    coarse = contributions(plans, total, level, is_coarse=True)
    share = total.tvar_error(level) / max(total.tvar(level), 1e-300)
    return {name: share * v + SAFETY * abs(v - coarse[name]) for name, v in fine.items()}


def _tail_means(
    live: list[CompoundPlan], value: float, level: float, *, is_coarse: bool = False
) -> dict[str, float]:
    """(E[L_i] - E[L_i; L below the quantile]) / (1 - level), read off the grid around `value`."""
    together = groups(live)
    moments = [group_moments(group) for group in together]
    mean, variance = (math.fsum(pair[k] for pair in moments) for k in (0, 1))
    size = first_grid(reduce(add, map(extent_of, together)), mean, variance).size
    grid = Grid(math.ceil(math.log2(1.1 * value)), max(size, SIZE) >> is_coarse)
    parts = [group_transform(group, grid) for group in together]
    whole = to_masses(np.prod(parts, axis=0), grid.size)
    below = np.cumsum(whole) - whole / 2
    raw: dict[str, float] = {}
    for group, others in zip(together, _without_each(parts), strict=True):
        for plan in group:
            weighted = to_masses(_moved(group, plan, grid, is_coarse) * others, grid.size)
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


def _moved(group: Group, plan: CompoundPlan, grid: Grid, is_coarse: bool) -> Complex:
    """Transform of E[L_i; total of the group = x] for one plan of the group."""
    losses = grid.step * np.arange(grid.size)
    if len(group) == 1:
        return to_transform(to_masses(group_transform(group, grid), grid.size) * losses)
    if is_held(group) and all(own.is_simple() for own in group):
        return to_transform(_moved_along(group, plan, grid))
    order = SINGLE if _has_singles(group) else ORDER
    values, weights = scale_nodes(plan.scale, order >> is_coarse)
    total: Complex = np.zeros(grid.size + 1, dtype=complex)
    for value, weight in zip(values, weights, strict=True):
        own = to_masses(conditional(plan, grid, float(value)), grid.size)
        product = to_transform(own * losses)
        for other in group:
            if other is not plan:
                product = product * conditional(other, grid, float(value))
        total = total + weight * product
    return total


def _has_singles(group: Group) -> bool:
    return any(own.severity.jumps()[0].size > 0 for own in group)


def _moved_along(group: Group, plan: CompoundPlan, grid: Grid) -> Array:
    r"""E[L_i; total of the group = x] at the nodes of a grid, for years that move with their scale.

    With S_i and S the year of the plan and of the group at a scale of 1, L_i = A S_i and

    .. math:: E[L_i; L \le x] = E[A\, b(x / A)], \qquad b(s) = E[S_i; S \le s]

    It is a convolution on the axis of the logarithm, so that single losses move with the scale.
    """
    held, year = Held(group[0].scale), portfolio([own.at_scale(1.0) for own in group])
    spans = [np.log(held.ends()), np.log(_ends(year))]
    step = math.fsum(float(end - start) for start, end in spans) / (FINER * grid.size)
    cells = [2 * math.ceil(float(end - start) / (2 * step) + MARGIN) for start, end in spans]
    lows = [float(start) - MARGIN * step for start, _ in spans]
    worth = held.mean() * factor_masses(held, lows[0], step, cells[0])[1]
    part = _part_below(group, plan, np.exp(lows[1] + step * np.arange(cells[1])), grid.size)
    # above its last node the part is whole
    part = np.append(part, np.full(cells[0], year_mean(plan.at_scale(1.0))))
    size = 2 * part.size
    below = fft.irfft(fft.rfft(worth, size) * fft.rfft(part, size), size)[: part.size]
    places = lows[0] + lows[1] + step * np.arange(part.size)
    edges = np.log(grid.step * (np.arange(grid.size) + 0.5))
    return np.diff(np.interp(edges, places, below, left=0.0), prepend=0.0)


def _ends(year: TabulatedLosses) -> tuple[float, float]:
    """Return losses below which little is lost, and above which little lies."""
    return SMALL * year.mean(), Computed(year).ends()[1]


def _part_below(group: Group, plan: CompoundPlan, at: Array, size: int) -> Array:
    """E[S_i; S <= s] at rising places, at a scale of 1, each off the finest grid that has it."""
    found = np.zeros(at.size)
    first, last = (math.ceil(math.log2(1.1 * float(end))) for end in (at[0], at[-1]))
    start = 0
    for log2_top in range(first, last + APART, APART):
        grid = Grid(log2_top, size)
        losses = grid.step * np.arange(grid.size)
        own = to_masses(conditional(plan, grid, 1.0), grid.size)
        others = [conditional(other, grid, 1.0) for other in group if other is not plan]
        masses = to_masses(reduce(np.multiply, others, to_transform(own * losses)), grid.size)
        below = np.cumsum(masses) - masses / 2
        stop = int(np.searchsorted(at, grid.top / 1.1, side="right"))
        found[start:stop] = np.interp(at[start:stop], losses[::2], below[::2])
        start = stop
    return found
