"""Exact distributions of compound sums and of their totals, by FFT."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, reduce

import numpy as np

from workbench.distributions import Array, Distribution, Point, Product
from workbench.distributions.derived import atoms_of
from workbench.engines.cells import rungs_of
from workbench.engines.columns import Target
from workbench.engines.counts import Once
from workbench.engines.grid import (
    Complex,
    Grid,
    atom_masses,
    to_transform,
)
from workbench.engines.independent import table_transform
from workbench.engines.ladder import agrees, tabulate, tabulate_belief
from workbench.engines.lattice import VISIBLE, lattice_table, single_transform, summed_atoms
from workbench.engines.memo import remembered
from workbench.engines.plan import ONE, CompoundPlan, Group, groups
from workbench.engines.products import Computed, Held, multiplied
from workbench.engines.reach import extent_of, first_grid, largest_event
from workbench.engines.scale_mixture import (
    YEAR_CELLS,
    averaged,
    knots_of,
    moments_over,
    polynomial_moments,
    years_of,
)
from workbench.engines.single import (
    event_values,
    has_single_values,
    is_seen,
    lone_belief,
    single_losses,
)
from workbench.engines.total_tree import Facts, Node, tree_of
from workbench.engines.year import free_year, held_transform, transform_at
from workbench.losses import TabulatedLosses

MOST_KNOTS = 120  # scales, between which no more are put where two sets of them disagree
FURTHER = 1  # grids in the tail of a sum that is multiplied by an uncertain scale


@dataclass(frozen=True, eq=False)
class Summand:
    """Plans that share a scale: one of the independent losses that make a total."""

    group: Group

    @cached_property
    def facts(self) -> Facts:
        """What is known of them without a grid."""
        group = self.group
        return Facts(
            *group_moments(group),
            prob_nothing(group),
            extent_of(group),
            any(is_seen(plan) and has_single_values(plan) for plan in group),
            all(atoms_of(plan.severity) is not None for plan in group),
            all(isinstance(plan.count, Once) for plan in group),
        )

    def transform(self, grid: Grid) -> Complex:
        """Return the transform of their year."""
        # a plan without a name is a table in the making, which is kept itself
        found = group_transform if self.group[0].id else group_transform.afresh
        return found(self.group, grid)

    def tail(self, far: bytes, cap: float) -> tuple[Array, Array]:
        """Return the shape of the tail of their year."""
        return largest_event(self.group, np.frombuffer(far), cap)


@dataclass(frozen=True, eq=False)
class Total:
    """The sum of independent plans, of which one can be changed at little cost."""

    plans: tuple[CompoundPlan, ...]
    summands: tuple[Summand, ...]  # those that can cost anything, in order of their ids
    root: Node | None  # of the tree of summands

    @classmethod
    def of(cls, plans: Sequence[CompoundPlan]) -> "Total":
        """Return the total of plans that are independent but for shared scales."""
        summands = tuple(map(Summand, groups([plan for plan in plans if not plan.is_nothing()])))
        return cls(tuple(plans), summands, tree_of(summands) if summands else None)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the plans, also of those that cost nothing."""
        return tuple(plan.id for plan in self.plans)

    def replaced(self, *changed: CompoundPlan) -> "Total":
        """Return the total in which these plans stand in place of those with their ids.

        It shares with this total all that does not change.
        """
        edits = {plan.id: plan for plan in changed}
        plans = tuple(edits.get(own.id, own) for own in self.plans)
        places = [None if plan.is_nothing() else self._place_of(plan) for plan in changed]
        root, summands = self.root, list(self.summands)
        for at in dict.fromkeys(places):
            if at is None or root is None:
                return Total.of(plans)
            ids = {own.id for own in self.summands[at].group}
            summands[at] = Summand(*groups([plan for plan in plans if plan.id in ids]))
            root = root.replaced(at, summands[at])
        return Total(plans, tuple(summands), root)

    def _place_of(self, plan: CompoundPlan) -> int | None:
        """Return which summand the plan can stand in, instead of the one with its id; else None."""
        for at, summand in enumerate(self.summands):
            for own in summand.group:
                if own.id == plan.id:
                    alike = own.shared == plan.shared and own.scale == plan.scale
                    is_own = len(summand.group) == 1 and plan.shared is None
                    return at if alike or is_own else None
        return None

    def table(self, currency: str = "USD", further: int = 0) -> TabulatedLosses:
        """Return the exact distribution of the total, on so many `further` grids in the tail."""
        if self.root is None:
            return self._nothing(0.0, 0.0, currency)
        facts, root = self.root.facts, self.root
        special = self._special(facts, currency)
        if special is not None:
            return special
        target = Target(
            mean=facts.mean,
            variance=facts.variance,
            prob_zero=facts.prob_nothing,
            transform=root.transform,
            tail=lambda far, cap: root.tail(far.tobytes(), cap),
        )
        if facts.has_jumps:
            target = with_single_losses(target, self.summands)
        grid = first_grid(facts.extent, facts.mean, facts.variance).further(further)
        return tabulate(target, grid, currency, self.ids, facts.extent.rare)

    def _nothing(self, mean: float, variance: float, currency: str) -> TabulatedLosses:
        """Return the table of a year in which nothing is lost, but for what no table shows."""
        columns, ids = [np.zeros(1)] * 3, self.ids
        return TabulatedLosses(
            *columns, mean=mean, variance=variance, step=True, currency=currency, ids=ids
        )

    def _special(self, facts: Facts, currency: str) -> TabulatedLosses | None:
        """Return the table of a total that needs no convolution or no cells, else None."""
        live = [plan for summand in self.summands for plan in summand.group]
        if 1 - facts.prob_nothing < VISIBLE:  # a year of rounding: see `lattice`
            return self._nothing(facts.mean, facts.variance, currency)
        if len(live) == 1 and live[0].annual is not None:
            return annual_table(live[0]).renamed(currency, self.ids)
        together = [summand.group for summand in self.summands]
        if facts.is_once and (belief := lone_belief(together)) is not None:
            return tabulate_belief(belief, currency, self.ids)
        if len(together) == 1 and is_held(together[0]):
            return held_year(together[0]).renamed(currency, self.ids)
        table = lattice_table(live) if facts.is_discrete else None
        if table is None:
            return None
        mean, variance = facts.mean, facts.variance
        return TabulatedLosses(
            *table, mean=mean, variance=variance, step=True, currency=currency, ids=self.ids
        )


def compound(plan: CompoundPlan, currency: str = "USD") -> TabulatedLosses:
    """Return the exact annual loss of one plan."""
    return portfolio([plan], currency)


def portfolio(plans: Sequence[CompoundPlan], currency: str = "USD") -> TabulatedLosses:
    """Return the exact total of plans that are independent but for shared scales."""
    return Total.of(plans).table(currency)


@remembered(mebibytes=32)
def _annual_table(plan: CompoundPlan) -> TabulatedLosses:
    """Return the year of a plan that stands alone, after its annual terms."""
    terms = plan.annual
    assert terms is not None
    return compound(plan.before_annual_terms()).layer(terms.deductible, terms.limit)


def annual_table(plan: CompoundPlan, scale: float | None = None) -> TabulatedLosses:
    """Return the year of a plan after its annual terms, with its scale held or averaged out."""
    alone = replace(plan, id="", shared=None)
    return _annual_table(alone if scale is None else alone.at_scale(scale))


def conditional(plan: CompoundPlan, grid: Grid, scale: float) -> Complex:
    """Transform of a plan's year with its scale held."""
    if plan.annual is None:
        return held_transform(plan, grid, scale)
    return table_transform(annual_table(plan, scale), grid)


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
    if is_held(group):
        return _moments(group, group_knots(group))
    values, weights = _values(scale)
    pairs = [_given(group, float(value)) for value in values]
    mean = math.fsum(w * m for w, (m, _) in zip(weights, pairs, strict=True))
    if not math.isfinite(mean):
        return math.inf, math.inf
    second = math.fsum(w * (v + m * m) for w, (m, v) in zip(weights, pairs, strict=True))
    return mean, second - mean**2


def _moments(group: Group, knots: Array) -> tuple[float, float]:
    """Mean and variance over an uncertain scale; what has no terms needs no knots."""
    scale = group[0].scale
    if any(plan.terms or plan.annual for plan in group):
        worthless = _given(group, 0.0) if scale.sf(0.0) < 1 else (0.0, 0.0)
        return moments_over(scale, knots, lambda value: _given(group, value), worthless)
    return polynomial_moments(scale, lambda value: _given(group, value))


@lru_cache(maxsize=4096)
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
    return group_moments(*groups([replace(plan, shared=None)]))[0]


@lru_cache(maxsize=4096)
def prob_nothing(group: Group) -> float:
    """P(L = 0) for plans that share a scale, given which they are independent."""
    scale = group[0].scale
    if all(plan.is_simple() for plan in group):  # whatever A > 0 is, no loss is no loss
        worth = 1.0 if scale == ONE else float(scale.sf(0.0))
        return 1 - worth + worth * math.prod(free_year(plan, 1.0) for plan in group)
    return 1 - _above(group, 0.0)


def _above(group: Group, width: float) -> float:
    """P(any event above `width`) for plans that share a scale.

    Of an uncertain one, or with terms of the year, P(the year is above `width`).
    """
    if len(group) == 1 and group[0].annual is not None:
        return float(annual_table(group[0]).exceedance(width))
    if is_held(group):
        return float(held_year(group).exceedance(width))
    values, weights = _values(group[0].scale)
    chances = [math.prod(_free(plan, float(value), width) for plan in group) for value in values]
    return 1 - float(weights @ np.array(chances))


def _values(scale: Distribution) -> tuple[Array, Array]:
    """Return the values of a scale that has no others, and their chances."""
    found = scale.atoms()
    assert found is not None
    return found


def _free(plan: CompoundPlan, scale: float, width: float = 0.0) -> float:
    if plan.annual is not None:
        return 1 - float(annual_table(plan, scale).exceedance(width))
    return free_year(plan, scale, width)


@remembered(mebibytes=128)
def group_transform(group: Group, grid: Grid) -> Complex:
    """Transform of the summed year of plans that share a scale, which is averaged out."""
    if len(group) == 1 and group[0].annual is not None:
        return _transform_of(annual_table(group[0]), grid)
    if is_held(group):
        return _transform_of(held_year(group), grid)
    scale = group[0].scale
    if isinstance(scale, Point) and len(group) == 1:
        return transform_at(group[0], grid, scale.value)
    total: Complex = np.zeros(grid.shape, dtype=complex)
    for value, weight in zip(*_values(scale), strict=True):
        parts = [conditional(plan, grid, float(value)) for plan in group]
        total += weight * reduce(np.multiply, parts)
    return total


def _transform_of(losses: TabulatedLosses, grid: Grid) -> Complex:
    """Transform of a computed loss; half of a grid has it as half of its own grid tells it."""
    coarse = losses.coarse if grid.is_half else None
    return table_transform(losses if coarse is None else coarse, grid)


def is_held(group: Group) -> bool:
    """Whether the group has a scale that may have any value, and is held for the year."""
    return group[0].scale.atoms() is None


@remembered(mebibytes=64)
def held_year(group: Group) -> TabulatedLosses:
    """Return the year of plans that share an uncertain scale.

    It is followed into rarer years than those that grids resolve of a year at one scale.
    """
    scale = group[0].scale
    if all(plan.is_simple() for plan in group):  # A S, with S their sum at a scale of 1
        parts = scale.factors if isinstance(scale, Product) else (scale,)
        return multiplied([*map(Held, parts), Computed(_year_at(group, 1.0))], size=YEAR_CELLS)
    known = years_of(group_knots(group), lambda value: _year_at(group, value))
    while True:
        year = averaged(scale, known, lambda knots: _moments(group, knots))
        if known.knots.size > MOST_KNOTS or agrees(year, year.coarse):
            return year
        known = known.finer(lambda value: _year_at(group, value))


def group_knots(group: Group) -> Array:
    """Return scales of the group at which its years are to be known."""
    return knots_of(group[0].scale)


def _year_at(group: Group, scale: float) -> TabulatedLosses:
    """Return the year of the group with its scale known."""
    return Total.of([plan.at_scale(scale) for plan in group]).table(further=FURTHER)


def with_single_losses(target: Target, summands: Sequence[Summand]) -> Target:
    """Return the target with the losses that single values make where nothing else is lost.

    A fine of exactly 5M puts P(one fine and no other loss) on 5M itself, and so does a limit of 5M
    an event. A grid would spread that over its cells; known here, it stays a jump.
    """
    seen = tuple(plan for one in summands for plan in one.group if is_seen(plan))
    rest = [tuple(plan for plan in one.group if not is_seen(plan)) for one in summands]
    unseen = [group for group in rest if group]
    atoms = [event_values(plan) for plan in seen]
    found = summed_atoms(seen, atoms)
    if found is None:
        return target
    step, year = found
    others = math.prod(map(prob_nothing, unseen))
    kept = single_losses(others * year)
    if kept is None:
        return target

    def single(grid: Grid) -> Complex:
        alone: Complex = np.full(1, others, dtype=complex)
        steps = rungs_of(grid.step, grid.rungs, grid.ratio)
        for plan, (values, weights) in zip(seen, atoms, strict=True):

            def placed(chances: Array, at: Array = values) -> Complex:
                return to_transform(atom_masses(at, chances, grid.size, steps))

            alone = alone * single_transform(plan, weights, placed)
        return alone

    @lru_cache(maxsize=8)
    def near(width: float) -> Array:
        wide = [event_values(plan, width) for plan in seen]
        held = summed_atoms(seen, wide)
        assert held is not None
        return math.prod(1 - _above(group, width) for group in unseen) * held[1][kept]

    losses: Array = step * kept.astype(float)
    return replace(target, atoms=losses, weights=others * year[kept], single=single, near=near)
