"""Exact distributions of compound sums and of their totals, by FFT on a ladder of grids.

Each grid reaches 16 times less far than the one above it and is finer by as much, so that a table
has the same relative resolution from its smallest quantile to its tail. Severities beyond a grid's
top are left out of it: sums below the top do not need them. What lies beyond the largest grid is
known through the closed-form mean.
"""

import math
from collections.abc import Callable

import numpy as np

from workbench.distributions import Array, Point
from workbench.engines.counts import Complex
from workbench.engines.grid import (
    Grid,
    conditional,
    group_transforms,
    prob_nothing,
    scale_nodes,
    to_masses,
    to_transform,
    transforms,
)
from workbench.engines.lattice import lattice_table, stepped_group
from workbench.engines.plan import CompoundPlan, Group, group_variance, groups
from workbench.losses import TabulatedLosses

RATIO = 4  # log2 of the distance between two grids of the ladder
SIZE = 2048  # the smallest grid
LARGEST = 1 << 20
FAR = np.geomspace(1, 2.0**20, 161)  # how far beyond the grids the table goes on
BEYOND = 1e-5  # chance of a year beyond the largest grid


def compound(plan: CompoundPlan, currency: str = "USD") -> TabulatedLosses:
    """Return the exact annual loss of one plan."""
    return portfolio([plan], currency)


def portfolio(plans: list[CompoundPlan], currency: str = "USD") -> TabulatedLosses:
    """Return the exact total of plans that are independent but for shared scales."""
    live = [plan for plan in plans if not plan.is_nothing()]
    ids = [plan.id for plan in plans]
    if not live:
        zero = np.zeros(1)
        return TabulatedLosses(
            zero, zero, zero, mean=0.0, variance=0.0, step=True, currency=currency, ids=ids
        )
    if len(live) == 1 and (table := lattice_table(live[0])) is not None:
        x, sf, excess = table
        mean, variance = live[0].mean(), live[0].variance()
        return TabulatedLosses(
            x, sf, excess, mean=mean, variance=variance, step=True, currency=currency, ids=ids
        )
    together = groups(live)
    mean = math.fsum(plan.mean() for plan in live)
    variance = math.fsum(group_variance(group) for group in together)
    prob_zero = math.prod(prob_nothing(plan) for plan in live)
    pieces = _ladder(together, mean, variance, prob_zero)

    def table(order: int, coarse: Callable[[], TabulatedLosses] | None) -> TabulatedLosses:
        return TabulatedLosses(
            *_join(pieces, order, mean, prob_zero, live),
            mean=mean,
            variance=variance,
            currency=currency,
            ids=ids,
            coarse=coarse,
        )

    return table(0, lambda: table(1, None))


def reach(plan: CompoundPlan) -> float:
    """Return a loss that a year passes with a chance of about `BEYOND` or less."""
    often = float(plan.rate.isf(BEYOND / 10))
    expected = max(plan.rate.mean(), 2 * BEYOND)
    largest = float(plan.severity.isf(min(BEYOND / expected, 0.5)))
    spread = math.sqrt(plan.count.variance(Point(often)) * plan.severity.second_moment())
    scale = float(plan.scale.isf(BEYOND / 10))
    return scale * (largest + often * plan.severity.mean() + 5 * spread)


def first_grid(together: list[Group], mean: float, variance: float) -> Grid:
    """Return the largest grid: far enough for the tail, fine enough for the most frequent plan.

    A cell errs in the third moment only, by about h^3/10 an event, which moves a quantile at x by
    rate h^3 z^2 / (60 Var); h keeps that below a millionth of x.
    """
    plans = [plan for group in together for plan in group]
    top = mean + max(reach(plan) - plan.mean() for plan in plans) + 3 * math.sqrt(variance)
    if len(plans) == 1:
        top = reach(plans[0])
    log2_top = math.ceil(math.log2(top))
    if len(plans) > 1 or not isinstance(
        plans[0].scale, Point
    ):  # the same tops for every edit of a study, so that its transforms are reused
        log2_top = RATIO * math.ceil(log2_top / RATIO)
    used = max(2.0 ** (log2_top - RATIO), 0.3 * mean)
    busiest = max(plan.rate.mean() for plan in plans)
    step = (1.4e-5 * variance / busiest * used) ** (1 / 3)
    size = 2 ** math.ceil(math.log2(max(2.0**log2_top / step, SIZE)))
    return Grid(log2_top, min(size, LARGEST))


Piece = tuple[Grid, Array, Array]  # a grid with the masses on it and on every second node


def total_transforms(together: list[Group], grid: Grid) -> tuple[Complex, Complex]:
    """Return the product of the groups' transforms, on the grid and on half of it."""
    fine: Complex = np.ones(1, dtype=complex)
    coarse: Complex = fine
    for group in together:
        stepped = stepped_group(group)
        one, other = (
            group_transforms(group, grid)
            if stepped is None
            else transforms(stepped, grid.size, grid.step)
        )
        fine, coarse = fine * one, coarse * other
    return fine, coarse


def _ladder(together: list[Group], mean: float, variance: float, prob_zero: float) -> list[Piece]:
    """Masses from the largest grid down to the one that holds the smallest loss of interest."""
    grid = first_grid(together, mean, variance)
    enough = max(0.01, prob_zero + 0.01 * (1 - prob_zero))
    pieces: list[Piece] = []
    while True:
        fine, coarse = total_transforms(together, grid)
        masses = to_masses(fine, grid.size)
        pieces.append((grid, masses, to_masses(coarse, grid.size // 2)))
        below = float(masses[: grid.size >> RATIO].sum())
        if below <= enough or len(pieces) > 14:
            return pieces
        size = max(SIZE, grid.size // 4)  # fewer events fit below a lower top
        grid = Grid(grid.log2_top - RATIO, size)


def _edges(grid: Grid, masses: Array, mean: float, prob_zero: float) -> tuple[Array, Array, Array]:
    """P(L > x) and E[(L - x)+] at the cells' edges x = 0, 2h, 4h, ... of one grid."""
    step = grid.top / masses.size
    count = np.cumsum(masses)
    # at an edge half of its own mass belongs below it; at 0 all that costs nothing does
    below = (count - masses / 2)[::2]
    below[0] = prob_zero
    spent = step * np.concatenate([[0.0], np.cumsum(count)[:-1]])[::2]  # E[(x - L)+]
    x = step * np.arange(masses.size)[::2]
    return x, 1 - below, mean - x + spent


def _join(
    pieces: list[Piece], order: int, mean: float, prob_zero: float, live: list[CompoundPlan]
) -> tuple[Array, Array, Array]:
    """One table from the ladder: each loss is read off the finest grid that holds it."""
    rows: list[tuple[Array, Array, Array]] = []
    reached = -1.0
    for grid, *both in reversed(pieces):
        x, sf, excess = _edges(grid, both[order], mean, prob_zero)
        kept = (x > reached) & (x <= 0.98 * grid.top)
        rows.append((x[kept], sf[kept], excess[kept]))
        reached = float(x[kept][-1]) if kept.any() else reached
    x, sf, excess = (np.concatenate([row[i] for row in rows]) for i in range(3))
    sf = np.minimum.accumulate(np.clip(sf, 0, 1 - prob_zero))
    excess = np.minimum.accumulate(np.maximum(excess, 0))
    return _with_tail(x, sf, excess, live)


def _with_tail(
    x: Array, sf: Array, excess: Array, live: list[CompoundPlan]
) -> tuple[Array, Array, Array]:
    """Continue the table beyond the grids by the largest event of the year, scaled to meet it.

    P(L > x) ~ sum of rate_i P(A_i X_i > x) far out (Embrechts, Klueppelberg and Mikosch, Modelling
    Extremal Events, theorem A3.20), for severities with a heavy tail.
    """
    last = float(x[-1])
    far = last * FAR
    tail, first = np.zeros(far.size), np.zeros(far.size)
    for plan in live:
        scale = plan.scale.mean()
        one, two, _ = plan.severity.excess_moments(far / scale)
        tail, first = tail + plan.rate.mean() * one, first + plan.rate.mean() * scale * two
    if tail[0] <= 0 or sf[-1] <= 0:
        end = np.array([last * (1 + 1e-9)])
        return np.append(x, end), np.append(sf, 0.0), np.append(excess, 0.0)
    far, tail, first = far[1:], tail[1:] * (sf[-1] / tail[0]), first[1:] * (excess[-1] / first[0])
    return np.append(x, far), np.append(sf, tail), np.append(excess, first)


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
        raw = {plan.id: plan.mean() / (1 - level) for plan in live}
    else:
        raw = _tail_means(live, value, level)
    whole = math.fsum(raw.values())
    return found | {name: amount * tvar / whole for name, amount in raw.items()}


def _tail_means(live: list[CompoundPlan], value: float, level: float) -> dict[str, float]:
    """(E[L_i] - E[L_i; L below the quantile]) / (1 - level), read off the grid around `value`."""
    together = groups(live)
    mean = math.fsum(plan.mean() for plan in live)
    variance = math.fsum(group_variance(group) for group in together)
    size = first_grid(together, mean, variance).size
    grid = Grid(math.ceil(math.log2(1.1 * value)), max(size, 2 * SIZE))
    parts = [group_transforms(group, grid)[0] for group in together]
    whole = to_masses(np.prod(parts, axis=0), grid.size)
    below = np.cumsum(whole) - whole / 2
    raw: dict[str, float] = {}
    for i, group in enumerate(together):
        others = np.prod([part for j, part in enumerate(parts) if j != i] or [1.0], axis=0)
        for plan in group:
            weighted = to_masses(_moved(group, plan, grid) * others, grid.size)
            partial = np.cumsum(weighted) - weighted / 2
            at = float(np.interp(level, below[::2], partial[::2]))
            raw[plan.id] = (plan.mean() - at) / (1 - level)
    return raw


def _moved(group: Group, plan: CompoundPlan, grid: Grid) -> Complex:
    """Transform of E[L_i; total of the group = x] for one plan of the group."""
    values, weights = scale_nodes(group)
    losses = grid.step * np.arange(grid.size)
    total: Complex = np.zeros(grid.size + 1, dtype=complex)
    for value, weight in zip(values, weights, strict=True):
        own = to_masses(conditional(plan, grid, float(value))[0], grid.size)
        product = to_transform(own * losses)
        for other in group:
            if other is not plan:
                product = product * conditional(other, grid, float(value))[0]
        total = total + weight * product
    return total
