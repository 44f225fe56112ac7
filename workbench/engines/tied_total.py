"""The exact total of plans that common shocks or one factor of their counts tie together."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np

from workbench.distributions import Array, Empirical
from workbench.engines.columns import Target
from workbench.engines.dependence import DependencePlan
from workbench.engines.exact import Summand, prob_nothing
from workbench.engines.factor import LARGEST_LOADING, MOST_TERMS, count_masses, loadings_of, part_of
from workbench.engines.grid import Complex, Grid, to_masses
from workbench.engines.ladder import tabulate
from workbench.engines.lattice import LARGEST, lattice_measures, span, top_of
from workbench.engines.plan import ONE, CompoundPlan, groups
from workbench.engines.reach import first_grid
from workbench.engines.shocks import ShockPart, event_free, is_known
from workbench.engines.single import is_fixed, single_losses, single_values
from workbench.engines.total_tree import Part, tree_of
from workbench.errors import require
from workbench.losses import TabulatedLosses

Atoms = tuple[Array, Array]  # single values with their probabilities


def why_not_exact(plans: Sequence[CompoundPlan], ties: DependencePlan) -> str:
    """Return why the total cannot be convolved, as the end of a sentence; empty where it can."""
    if ties.losses is not None:
        return "a copula joins whole years"
    held = [plan.id for plan in plans if plan.id in ties.ids() and not is_known(plan)]
    if held:
        return f"scenario {held[0]} is tied to others and has a held value or terms of the year"
    if ties.frequencies is None:
        return ""
    if ties.frequencies.family == "t":
        return "the copula of frequencies is a t copula, and only a Gaussian factor is averaged out"
    loadings = loadings_of(ties.frequencies)
    if loadings is None:
        return "the copula of frequencies has more than one normal factor"
    if max(map(abs, loadings.values())) > LARGEST_LOADING:
        return f"a loading of the copula of frequencies is above {LARGEST_LOADING}"
    for plan in ties.own_parts(plans):
        if plan.id in loadings and count_masses(plan) is None:
            return f"scenario {plan.id} has more than {MOST_TERMS} events in some years"
    return ""


def parts_of(plans: Sequence[CompoundPlan], ties: DependencePlan) -> tuple[Part, ...]:
    """Return the independent losses that make the total, in order of id; shocks come last."""
    live = [plan for plan in ties.own_parts(plans) if not plan.is_nothing()]
    loadings = {} if ties.frequencies is None else loadings_of(ties.frequencies)
    assert loadings is not None
    alone = [plan for plan in live if plan.id not in loadings]
    found: list[Part] = [Summand(group) for group in groups(alone)]
    joint = part_of(live, loadings)
    if joint.plans:
        found.append(joint)
    by_id = {plan.id: plan for plan in plans if not plan.is_nothing()}
    for shock in ties.shocks:
        part = ShockPart(shock, tuple(by_id[name] for name in shock.ids if name in by_id))
        if part.hit:
            found.append(part)
    return tuple(found)


def total(
    plans: Sequence[CompoundPlan], ties: DependencePlan, currency: str = "USD"
) -> TabulatedLosses:
    """Return the exact distribution of the total.

    Each plan by itself is what it is without ties: see `exact.compound`.

    Raises
    ------
    WorkbenchError
        where the total cannot be convolved; see `why_not_exact`.

    """
    ties.check(plans)
    why = why_not_exact(plans, ties)
    require(not why, "an exact total can be convolved", got=why, fix="Simulate it.")
    parts, ids = parts_of(plans, ties), [plan.id for plan in plans]
    if not parts:
        zero = np.zeros(1)
        return TabulatedLosses(
            zero, zero, zero, mean=0.0, variance=0.0, step=True, currency=currency, ids=ids
        )
    root = tree_of(parts)
    facts = root.facts
    table = _lattice_table([plan for plan in plans if not plan.is_nothing()], ties)
    if table is not None:
        return TabulatedLosses(
            *table, mean=facts.mean, variance=facts.variance, step=True, currency=currency, ids=ids
        )
    target = Target(
        mean=facts.mean,
        variance=facts.variance,
        prob_zero=facts.prob_nothing,
        transform=root.transform,
        tail=lambda far, cap: root.tail(far.tobytes(), cap),
    )
    grid = first_grid(facts.extent, facts.mean, facts.variance)
    live = [plan for plan in plans if not plan.is_nothing()]
    return tabulate(_with_single_losses(target, live, ties, grid.top), grid, currency, ids)


def _lattice_table(
    plans: Sequence[CompoundPlan], ties: DependencePlan
) -> tuple[Array, Array, Array] | None:
    """Return x, P(L > x), E[(L - x)+] of losses that are multiples of one amount, else None."""
    atoms = [plan.severity.atoms() for plan in plans if plan.is_simple() and plan.scale == ONE]
    known = [one for one in atoms if one is not None]
    found = _lattice_year(plans, known, ties) if len(known) == len(plans) else None
    return None if found is None else lattice_measures(*found)


def _lattice_year(
    plans: Sequence[CompoundPlan], atoms: Sequence[Atoms], ties: DependencePlan
) -> tuple[float, Array] | None:
    """Return h, and P(L = k h; all events have one of these values); None where no h is common.

    Counted in h, all of them stand on the nodes of a grid of step 1.
    """
    places = np.concatenate([np.empty(0), *(values for values, _ in atoms)])
    step = span(places) if (places > 0).any() else None
    if step is None:
        return None
    tops = (top_of(plan, *one) for plan, one in zip(plans, atoms, strict=True))
    log2_size = math.ceil(math.log2(max(math.fsum(tops) / step, 2) + 1))
    if 1 << log2_size > LARGEST:
        return None
    grid = Grid(log2_size, 1 << log2_size)
    counted = [
        _only(plan, (np.rint(values / step), weights), 2 * grid.top)
        for plan, (values, weights) in zip(plans, atoms, strict=True)
    ]
    return step, np.maximum(to_masses(_product(counted, ties, grid), grid.size), 0)


def _only(plan: CompoundPlan, atoms: Atoms, beyond: float) -> CompoundPlan:
    """Return the plan with events of these values; all others are moved beyond every grid."""
    values, weights = atoms
    rest = max(1 - math.fsum(weights), 0.0)
    severity = Empirical([*values.tolist(), beyond], [*weights.tolist(), rest])
    return replace(plan, severity=severity, secondary=None, terms=None)


def _product(plans: Sequence[CompoundPlan], ties: DependencePlan, grid: Grid) -> Complex:
    """Transform of the total of tied plans."""
    return reduce(np.multiply, (part.transform(grid) for part in parts_of(plans, ties)))


def _with_single_losses(
    target: Target, plans: Sequence[CompoundPlan], ties: DependencePlan, top: float
) -> Target:
    """Return the target with the losses that single values make where nothing else is lost.

    See `exact.with_single_losses`. The chance of such a year is that of the same total without any
    other events. Plans that are not tied and have a held value or terms lose nothing in it.
    """
    tied = ties.ids()
    own = [plan for plan in plans if plan.id in tied or is_fixed(plan)]
    others = math.prod(map(prob_nothing, groups([plan for plan in plans if plan not in own])))
    atoms = [
        single_values(plan.severity)
        if plan.is_simple()
        else (np.zeros(1), np.array([event_free(plan)]))
        for plan in own
    ]
    found = _lattice_year(own, atoms, ties)
    if found is None:
        return target
    step, year = found
    seen = single_losses(others * year)
    if seen is None:
        return target
    alone = [_only(plan, one, 2 * top) for plan, one in zip(own, atoms, strict=True)]
    return replace(
        target,
        atoms=step * seen.astype(float),
        weights=others * year[seen],
        single=lambda grid: others * _product(alone, ties, grid),
    )
