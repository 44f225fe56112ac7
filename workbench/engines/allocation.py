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
    plans: list[CompoundPlan], total: TabulatedLosses, level: float
) -> dict[str, float]:
    """E[L_i | the year is in the tail above `level`] for each plan, summing to the total's TVaR.

    Losses equal to the quantile are shared in proportion, as TVaR itself shares them.
    """
    return _divided(plans, total, level)[0]


def error_bounds(
    plans: list[CompoundPlan], total: TabulatedLosses, level: float
) -> dict[str, float]:
    """Return the error bound of each of the `contributions`: of the TVaR, and of its division."""
    fine, left = _divided(plans, total, level)
    coarse, _ = _divided(plans, total, level, is_coarse=True)
    share = total.tvar_error(level) / max(total.tvar(level), 1e-300) + left
    return {name: share * v + SAFETY * abs(v - coarse[name]) for name, v in fine.items()}


def _divided(
    plans: list[CompoundPlan], total: TabulatedLosses, level: float, *, is_coarse: bool = False
) -> tuple[dict[str, float], float]:
    """Return the contributions, and by what share of the TVaR they missed it before they meet it.

    With `is_coarse` half of the cells tell them.
    """
    live = [plan for plan in plans if not plan.is_nothing()]
    found = {plan.id: 0.0 for plan in plans}
    tvar, value = total.tvar(level), total.var(level)
    if len(live) == 1:
        return found | {live[0].id: tvar}, 0.0
    if not live:
        return found, 0.0
    if value == 0:  # every loss lies in the tail
        raw = {plan.id: year_mean(plan) / (1 - level) for plan in live}
    else:
        raw = _tail_means(live, value, level, is_coarse=is_coarse)
    whole = math.fsum(raw.values())
    shares = {name: amount * tvar / whole for name, amount in raw.items()}
    return found | shares, abs(whole / tvar - 1)


def _tail_means(
    live: list[CompoundPlan], value: float, level: float, *, is_coarse: bool = False
) -> dict[str, float]:
    """(E[L_i] - E[L_i; L below the quantile]) / (1 - level), read off the grid around `value`."""
    together = groups(live)
    moments = [group_moments(group) for group in together]
    mean, variance = (math.fsum(pair[k] for pair in moments) for k in (0, 1))
    size = first_grid(reduce(add, map(extent_of, together)), mean, variance).size
    grid = Grid(math.ceil(math.log2(1.1 * value)), max(size, SIZE) >> is_coarse)
    parted = [_parted(group, grid, is_coarse=is_coarse) for group in together]
    years = [year for year, _ in parted]
    whole = to_masses(np.prod(years, axis=0), grid.size)
    below = np.cumsum(whole) - whole / 2
    raw: dict[str, float] = {}
    for group, (_, moved), others in zip(together, parted, _without_each(years), strict=True):
        for plan, own in zip(group, moved, strict=True):
            weighted = to_masses(own * others, grid.size)
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


def _parted(group: Group, grid: Grid, *, is_coarse: bool) -> tuple[Complex, list[Complex]]:
    """Transform of the year of a group, and of E[L_i; year = x] for each of its plans."""
    is_simple = all(plan.is_simple() for plan in group)
    if len(group) > 1 and not (is_held(group) and is_simple):
        return _averaged(group, grid, is_coarse=is_coarse)
    year = group_transform(group, grid)
    if len(group) == 1:
        return year, [_moved(year, grid)]
    return year, [to_transform(_moved_along(group, plan, grid)) for plan in group]


def _moved(year: Complex, grid: Grid) -> Complex:
    """Transform of E[L; L = x]."""
    losses = grid.step * np.arange(grid.size)
    return to_transform(to_masses(year, grid.size) * losses)


def _averaged(group: Group, grid: Grid, *, is_coarse: bool) -> tuple[Complex, list[Complex]]:
    """`_parted` by an average over values of the scale.

    Both come from the same values: where a year of many chances is the quantile, it has to be one
    and the same loss in both.
    """
    order = SINGLE if _has_singles(group) else ORDER
    whole: Complex = np.zeros(grid.size + 1, dtype=complex)
    moved: list[Complex] = [np.zeros_like(whole) for _ in group]
    for value, weight in zip(*scale_nodes(group[0].scale, order >> is_coarse), strict=True):
        years = [conditional(plan, grid, float(value)) for plan in group]
        others = _without_each(years)
        whole += weight * years[0] * others[0]
        for own, year, rest in zip(moved, years, others, strict=True):
            np.add(own, weight * _moved(year, grid) * rest, out=own)
    return whole, moved


def _has_singles(group: Group) -> bool:
    """Whether single losses move with the scale, of years that are told at little cost."""
    singles = any(own.severity.jumps()[0].size > 0 for own in group)
    return singles and all(own.annual is None for own in group)


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
