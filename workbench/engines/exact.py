"""Exact distributions of compound sums and of their totals, by FFT."""

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from workbench.distributions import Array, Distribution, Point, scaled
from workbench.distributions.derived import jumps_of
from workbench.engines.counts import Once
from workbench.engines.grid import Complex, Grid, atom_masses, to_transform, transforms
from workbench.engines.independent import table_pair
from workbench.engines.ladder import Target, tabulate, tabulate_belief
from workbench.engines.lattice import VISIBLE, lattice_table, stepped_group, summed_atoms
from workbench.engines.memo import remembered
from workbench.engines.plan import ONE, CompoundPlan, Group, groups
from workbench.engines.rates import year_transform
from workbench.engines.reach import BEYOND, first_grid, largest_event
from workbench.engines.year import Pair, free_year, scale_nodes, year_transforms
from workbench.losses import TabulatedLosses

MOST_SINGLE = 2000  # single losses that a table lists
MEANS, FREE = 48, 60  # nodes over a scale of its moments and of its years without loss


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
    if len(live) == 1 and live[0].annual is not None:
        return annual_table(live[0]).renamed(currency, ids)
    if (belief := lone_belief(together)) is not None:
        return tabulate_belief(belief, currency, ids)
    moments = [group_moments(group) for group in together]
    mean, variance = (math.fsum(pair[k] for pair in moments) for k in (0, 1))
    if (table := lattice_table(live)) is not None:
        return TabulatedLosses(
            *table, mean=mean, variance=variance, step=True, currency=currency, ids=ids
        )
    target = Target(
        mean=mean,
        variance=variance,
        prob_zero=math.prod(prob_nothing(group) for group in together),
        transform=lambda grid: total_transforms(together, grid),
        tail=lambda far, cap: largest_event(live, far, cap),
    )
    target = with_single_losses(target, live, together)
    return tabulate(target, first_grid(together, mean, variance), currency, ids)


@remembered(mebibytes=32)
def _annual_table(plan: CompoundPlan) -> TabulatedLosses:
    """Return the year of a plan that stands alone, after its annual terms."""
    terms = plan.annual
    assert terms is not None
    return compound(plan.before_annual_terms()).layer(terms.deductible, terms.limit)


def annual_table(plan: CompoundPlan, scale: float | None = None) -> TabulatedLosses:
    """Return the year of a plan after its annual terms, with its scale held or averaged out."""
    alone = replace(plan, id="", shared=None)
    return _annual_table(alone if scale is None else replace(alone, scale=Point(scale)))


def conditional(plan: CompoundPlan, grid: Grid, scale: float, which: int = 0) -> Complex:
    """Transform of a plan's year with its scale held, on the grid (0) or on half of it (1)."""
    if plan.annual is None:
        return year_transforms(plan, grid, scale, which)
    return table_pair(annual_table(plan, scale), grid)[which]


@lru_cache(maxsize=4096)
def group_moments(group: Group) -> tuple[float, float]:
    """Mean and variance of the summed loss of plans that share one scale; infinite where missing.

    Given the scale A the plans are independent: E[m(A)], and E[v(A)] + Var(m(A)).
    """
    scale = group[0].scale
    if len(group) == 1 and group[0].annual is not None:
        table = annual_table(group[0])
        return table.mean(), table.variance()
    if all(plan.is_simple() for plan in group):  # m(A) = A m(1), v(A) = A^2 v(1)
        mean, variance = _given(group, 1.0)
        whole = scale.mean() * mean
        if not math.isfinite(whole):
            return math.inf, math.inf
        return whole, scale.second_moment() * (variance + mean**2) - whole**2
    values, weights = scale_nodes(scale, MEANS)
    pairs = [_given(group, float(value)) for value in values]
    mean = math.fsum(w * m for w, (m, _) in zip(weights, pairs, strict=True))
    if not math.isfinite(mean):
        return math.inf, math.inf
    second = math.fsum(w * (v + m * m) for w, (m, v) in zip(weights, pairs, strict=True))
    return mean, second - mean**2


def _given(group: Group, scale: float) -> tuple[float, float]:
    """Mean and variance of the group's year, given the scale."""
    pairs = []
    for plan in group:
        if plan.annual is None:
            pairs.append(plan.given(scale))
        else:
            table = annual_table(plan, scale)
            pairs.append((table.mean(), table.variance()))
    return math.fsum(m for m, _ in pairs), math.fsum(v for _, v in pairs)


def year_mean(plan: CompoundPlan) -> float:
    """E[L] of one plan, currency / year; infinite where it does not exist."""
    return group_moments((replace(plan, shared=None),))[0]


@lru_cache(maxsize=4096)
def prob_nothing(group: Group) -> float:
    """P(L = 0) for plans that share a scale, given which they are independent."""
    scale = group[0].scale
    if len(group) == 1 and group[0].annual is not None:
        return annual_table(group[0]).prob_no_loss()
    if all(plan.is_simple() for plan in group):  # whatever A > 0 is, no loss is no loss
        worth = float(scale.excess_moments(0.0)[0])
        return 1 - worth + worth * math.prod(free_year(plan, 1.0) for plan in group)
    values, weights = scale_nodes(scale, FREE)
    chances = [math.prod(_free(plan, float(value)) for plan in group) for value in values]
    return float(weights @ np.array(chances))


def _free(plan: CompoundPlan, scale: float) -> float:
    if plan.annual is not None:
        return annual_table(plan, scale).prob_no_loss()
    return free_year(plan, scale)


@remembered(mebibytes=128)
def group_transforms(group: Group, grid: Grid) -> Pair:
    """Transforms of the summed year of plans that share a scale, which is averaged out."""
    if len(group) == 1 and group[0].annual is not None:
        return table_pair(annual_table(group[0]), grid)
    scale = group[0].scale
    if isinstance(scale, Point):
        both = (conditional(group[0], grid, scale.value, which) for which in (0, 1))
        return next(both), next(both)
    return _averaged(group, grid, grid.order, 0), _averaged(group, grid, grid.order // 2, 1)


def _averaged(group: Group, grid: Grid, order: int, which: int) -> Complex:
    values, weights = scale_nodes(group[0].scale, order)
    total: Complex = np.zeros(grid.size // (1 + which) + 1, dtype=complex)
    for value, weight in zip(values, weights, strict=True):
        parts = [conditional(plan, grid, float(value), which) for plan in group]
        total += weight * math.prod(parts)
    return total


def total_transforms(together: list[Group], grid: Grid) -> Pair:
    """Return the product of the groups' transforms, on the grid and on half of it."""
    fine: Complex = np.ones(1, dtype=complex)
    coarse: Complex = fine
    for group in together:
        stepped = stepped_group(group)
        # a plan without a name is a table in the making, which is kept itself
        found = group_transforms if group[0].id else group_transforms.afresh
        one, other = (
            found(group, grid) if stepped is None else transforms(stepped, grid.size, grid.step)
        )
        fine, coarse = fine * one, coarse * other
    return fine, coarse


def with_single_losses(target: Target, live: list[CompoundPlan], together: list[Group]) -> Target:
    """Return the target with the losses that single values make where nothing else is lost.

    A fine of exactly 5M puts P(one fine and no other loss) on 5M itself, and so does a limit of 5M
    an event. A grid would spread that over its cells; known here, it stays a jump.
    """
    fixed = [p for p in live if p.is_simple() and p.scale == ONE and not isinstance(p.count, Once)]
    atoms = [single_values(plan.severity) for plan in fixed]
    if not any((values > 0).any() for values, _ in atoms):
        return target
    found = summed_atoms(tuple(fixed), atoms)
    if found is None:
        return target
    step, year = found
    others = math.prod(prob_nothing(group) for group in together if group[0] not in fixed)
    year[0] = 0.0
    kept = np.flatnonzero(year > VISIBLE)
    if others * year.sum() < BEYOND or kept.size > MOST_SINGLE:
        return target

    def single(grid: Grid) -> Pair:
        fine: Complex = np.full(1, others, dtype=complex)
        coarse: Complex = fine
        for plan, own in zip(fixed, atoms, strict=True):
            one = to_transform(atom_masses(*own, grid.size, grid.step))
            two = to_transform(atom_masses(*own, grid.size // 2, 2 * grid.step))
            fine = fine * year_transform(plan.count, plan.rate, [one])
            coarse = coarse * year_transform(plan.count, plan.rate, [two])
        return fine, coarse

    losses: Array = step * kept.astype(float)
    return replace(target, atoms=losses, weights=others * year[kept], single=single)


def single_values(severity: Distribution) -> tuple[Array, Array]:
    """Return all single values of a severity, 0 first, with their probabilities."""
    places, chances = jumps_of(severity)
    above = places > 0
    free = 1 - float(severity.excess_moments(0.0)[0])
    return np.append(0.0, places[above]), np.append(free, chances[above])


def lone_belief(together: list[Group]) -> Distribution | None:
    """Return the belief that is the whole year, where nothing is added or multiplied; else None."""
    plans = [plan for group in together for plan in group]
    if not all(isinstance(plan.count, Once) and plan.is_simple() for plan in plans):
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
