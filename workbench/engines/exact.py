"""Exact distributions of compound sums and of their totals, by FFT."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations

import numpy as np

from workbench.distributions import Array, Distribution, Point, scaled
from workbench.distributions.derived import atoms_of
from workbench.engines.counts import Complex, Once
from workbench.engines.grid import (
    Grid,
    atom_masses,
    cell_masses,
    every_second,
    group_transforms,
    prob_nothing,
    smooth_masses,
    to_transform,
    transforms,
)
from workbench.engines.ladder import RATIO, SIZE, Target, tabulate, tabulate_belief
from workbench.engines.lattice import VISIBLE, lattice_masses, lattice_table, stepped_group
from workbench.engines.plan import CompoundPlan, Group, group_variance, groups
from workbench.errors import WorkbenchError, require
from workbench.losses import TabulatedLosses

LARGEST = 1 << 20
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
    together = groups(live)
    if (belief := lone_belief(together)) is not None:
        return tabulate_belief(belief, currency, ids)
    mean = math.fsum(plan.mean() for plan in live)
    variance = math.fsum(group_variance(group) for group in together)
    if (table := lattice_table(live)) is not None:
        return TabulatedLosses(
            *table, mean=mean, variance=variance, step=True, currency=currency, ids=ids
        )
    target = Target(
        mean=mean,
        variance=variance,
        prob_zero=math.prod(prob_nothing(group) for group in together),
        transform=lambda grid: total_transforms(together, grid),
        tail=lambda far: largest_event(live, far),
    )
    target = with_single_losses(target, live, together)
    return tabulate(target, first_grid(together, mean, variance), currency, ids)


MOST_SINGLE = 2000  # single losses that a table lists


def with_single_losses(target: Target, live: list[CompoundPlan], together: list[Group]) -> Target:
    """Return the target with the losses that single values make where nothing else is lost.

    A fine of exactly 5M beside other risks puts P(one fine) P(no other loss) on 5M itself. A grid
    would spread that over its cells; known here, it stays a jump.
    """
    fixed = [p for p in live if isinstance(p.scale, Point) and atoms_of(p.severity) is not None]
    found = lattice_masses(tuple(fixed)) if 0 < len(fixed) < len(live) else None
    if found is None:
        return target
    step, year = found
    others = math.prod(prob_nothing(group) for group in together if group[0] not in fixed)
    year[0] = 0.0
    kept = np.flatnonzero(year > VISIBLE)
    if others * year.sum() < BEYOND or kept.size > MOST_SINGLE:
        return target
    alone = groups(fixed)

    def single(grid: Grid) -> tuple[Complex, Complex]:
        fine, coarse = total_transforms(alone, grid)
        return fine * others, coarse * others

    return replace(
        target, atoms=step * kept.astype(float), weights=others * year[kept], single=single
    )


def lone_belief(together: list[Group]) -> Distribution | None:
    """Return the belief that is the whole year, where nothing is added or multiplied; else None."""
    plans = [plan for group in together for plan in group]
    if not all(isinstance(plan.count, Once) for plan in plans):
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


def largest_event(live: list[CompoundPlan], far: Array) -> tuple[Array, Array]:
    """Shape of the tail where one large event makes the year: sum of rate_i P(A_i X_i > x).

    Embrechts, Klueppelberg and Mikosch, Modelling Extremal Events, theorem A3.20, for severities
    with a heavy tail.
    """
    tail, first = np.zeros(far.size), np.zeros(far.size)
    for plan in live:
        scale = plan.scale.mean()
        one, two, _ = plan.severity.excess_moments(far / scale)
        tail, first = tail + plan.rate.mean() * one, first + plan.rate.mean() * scale * two
    return tail, first


@lru_cache(maxsize=1024)
def reach(plan: CompoundPlan) -> float:
    """Return a loss that a year passes with a chance of about `BEYOND` or less."""
    often = float(plan.rate.isf(BEYOND / 10))
    expected = max(plan.rate.mean(), 2 * BEYOND)
    largest = float(plan.severity.isf(min(BEYOND / expected, 0.5)))
    events, variance = plan.count.busy_year(often, BEYOND / 10)
    spread = math.sqrt(variance * plan.severity.second_moment())
    scale = float(plan.scale.isf(BEYOND / 10))
    return scale * (largest + events * plan.severity.mean() + 5 * spread)


def first_grid(together: list[Group], mean: float, variance: float) -> Grid:
    """Return the largest grid: far enough for the tail, fine enough for the most frequent plan.

    A cell errs in the third moment only, by about h^3/10 an event, which moves a quantile at x by
    rate h^3 z^2 / (60 Var); h keeps that below a millionth of x.
    """
    plans = [plan for group in together for plan in group]
    top = reach(plans[0])
    if len(plans) > 1:
        top = mean + max(reach(plan) - plan.mean() for plan in plans) + 3 * math.sqrt(variance)
    log2_top = math.ceil(math.log2(top))
    if len(plans) > 1 or not isinstance(plans[0].scale, Point):
        # the same tops for every edit of a study, so that its transforms are reused
        log2_top = RATIO * math.ceil(log2_top / RATIO)
    used = max(2.0 ** (log2_top - RATIO), 0.3 * mean)
    busiest = max(plan.rate.mean() for plan in plans)
    step = (1.4e-5 * variance / busiest * used) ** (1 / 3)
    size = 2 ** math.ceil(math.log2(max(2.0**log2_top / step, SIZE)))
    return Grid(log2_top, min(size, LARGEST))


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


SPREAD = 1e4  # E[L^2] in units of h^2 up to which a table's own moments make the cells


def _table_pair(losses: TabulatedLosses, grid: Grid) -> tuple[Complex, Complex]:
    """Transforms of a computed loss on a grid, and on half of it."""
    x, sf, excess = losses.nodes()
    if losses.step:
        weights = -np.diff(sf, prepend=1.0)
        fine = atom_masses(x, weights, grid.size, grid.step)
        coarse = atom_masses(x, weights, grid.size // 2, 2 * grid.step)
    elif losses.variance() + losses.mean() ** 2 > SPREAD * grid.step**2:
        tail = losses.exceedance(grid.step * np.arange(grid.size + 1, dtype=float))
        fine, coarse = smooth_masses(tail), smooth_masses(tail[::2])
    else:
        # E[(L - x)+^2] = 2 int E[(L - t)+] dt, by the trapezoidal rule with its end correction
        gaps = np.diff(x)
        parts = gaps * (excess[:-1] + excess[1:]) - gaps**2 * (sf[:-1] - sf[1:]) / 6
        second = np.append(np.cumsum(parts[::-1])[::-1], 0.0)
        edges = 2 * grid.step * np.arange(grid.size // 2 + 1, dtype=float)
        at = np.asarray(np.interp(np.minimum(edges, x[-1]), x, second))
        moments = losses.exceedance(edges), losses.excess_at(edges), at
        fine = cell_masses(moments, grid.step)
        coarse = cell_masses(every_second(moments), 2 * grid.step)
    return to_transform(fine), to_transform(coarse)


def independent_sum(losses: Sequence[TabulatedLosses]) -> TabulatedLosses:
    """Return the total of exact losses that are independent of each other.

    Percentiles are never added: the distributions are convolved.

    Raises
    ------
    WorkbenchError
        for losses that are not exact, of two currencies, or with a scenario in common.

    """
    require(
        len(losses) > 0 and all(isinstance(one, TabulatedLosses) for one in losses),
        "an independent sum is made of exact losses",
        got=[type(one).__name__ for one in losses],
        fix="Simulate samples in one study instead.",
    )
    for one, other in combinations(losses, 2):
        if one is other or one.ids & other.ids or one.currency != other.currency:
            raise WorkbenchError(
                "an independent sum counts each scenario once, in one currency; got "
                f"{sorted(one.ids)} in {one.currency} and {sorted(other.ids)} in {other.currency}. "
                "Leave the shared scenario out, or convert one of them."
            )
    ids = frozenset().union(*(one.ids for one in losses))
    live = [one for one in losses if one.mean() > 0]
    if len(live) < 2:
        kept = live[0] if live else losses[0]
        x, sf, excess = kept.nodes()
        mean, variance = kept.mean(), kept.variance()
        return TabulatedLosses(
            x,
            sf,
            excess,
            mean=mean,
            variance=variance,
            step=kept.step,
            currency=kept.currency,
            ids=ids,
            coarse=lambda: kept.coarse or kept,
        )

    def product(grid: Grid) -> tuple[Complex, Complex]:
        pairs = [_table_pair(one, grid) for one in live]
        return np.prod([p[0] for p in pairs], axis=0), np.prod([p[1] for p in pairs], axis=0)

    target = Target(
        mean=math.fsum(one.mean() for one in live),
        variance=math.fsum(one.variance() for one in live),
        prob_zero=math.prod(one.prob_no_loss() for one in live),
        transform=product,
        tail=lambda far: _summed_tails(live, far),
    )
    tops = [one.var(1 - BEYOND) for one in live]
    top = target.mean + max(tops) + 3 * math.sqrt(target.variance)
    return tabulate(target, Grid(math.ceil(math.log2(top)), SIZE), losses[0].currency, ids)


def _summed_tails(live: list[TabulatedLosses], far: Array) -> tuple[Array, Array]:
    tail = np.sum([one.exceedance(far) for one in live], axis=0)
    return tail, np.sum([one.excess_at(far) for one in live], axis=0)
