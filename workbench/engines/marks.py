"""Amounts that many years cost exactly, such as a limit or a fine, known before a year is drawn.

They are computed as the simulation computes them, but for the order in which events are added.
"""

import math
from typing import NamedTuple, Self

import numpy as np

from workbench.distributions import Array, Point
from workbench.engines.count_tables import count_table
from workbench.engines.plan import ONE, CompoundPlan
from workbench.losses.histogram import APART

MOST = 64  # amounts of one plan, the likeliest ones
SEEN = 1e-6  # chance of a year that costs an amount, below which it is no mark
FEW = 32  # events of a year whose different amounts are added
THIRD = 1 / 3  # a chance that is not known without averaging: it serves for the order alone


class Singles(NamedTuple):
    """Single values and the chance of each: the rest of the chance is without single values."""

    values: Array  # rising, 0 or more
    chances: Array

    @classmethod
    def of(cls, values: Array, chances: Array, most: int = MOST) -> Self:
        """Return the likeliest of them; those that differ by rounding alone are one."""
        order = np.argsort(values, kind="stable")
        values, chances = values[order], chances[order]
        is_next = np.diff(values, prepend=-1.0) > APART * values
        starts = np.flatnonzero(is_next)
        if starts.size == 0:
            return cls(values, chances)
        values, chances = values[starts], np.add.reduceat(chances, starts)
        kept = np.sort(np.argsort(-chances, kind="stable")[:most])
        return cls(values[kept], chances[kept])

    def plus(self, other: "Singles") -> "Singles":
        """Return the single values of the sum of two independent amounts."""
        values = np.add.outer(self.values, other.values).ravel()
        return Singles.of(values, np.multiply.outer(self.chances, other.chances).ravel())

    def rest(self) -> float:
        """Return the chance of all that is no single value."""
        return max(1.0 - math.fsum(self.chances.tolist()), 0.0)


def known_amounts(plan: CompoundPlan) -> tuple[float, ...]:
    """Return amounts above 0 that a year may cost exactly, rising, `MOST` at most.

    These are sums of the single values of few events, and the limit of the year. None for several
    years, whose sums are discounted.
    """
    if len(plan.factors) > 1 or plan.is_nothing():
        return ()
    if isinstance(plan.scale, Point):
        plan = plan.at_scale(plan.scale.value)
    found = _after_annual_terms(plan, _years(plan, _events(plan)))
    is_mark = (found.values > 0) & (found.chances > SEEN)
    values = plan.factors[0] * found.values[is_mark]
    return tuple(values.tolist())


def _events(plan: CompoundPlan) -> Singles:
    """Return the single values of one event."""
    found = Singles.of(*plan.severity.jumps())
    if plan.scale != ONE and found.values.size:
        scales, chances = plan.scale.jumps()
        values = np.multiply.outer(scales, found.values).ravel()
        found = Singles.of(values, np.multiply.outer(chances, found.chances).ravel())
    if plan.secondary is not None:
        share, more = plan.secondary.share.mean(), Singles(*plan.secondary.amount.jumps())
        both = found.plus(more)
        values = np.concatenate([found.values, both.values])
        chances = np.concatenate([(1 - share) * found.chances, share * both.chances])
        found = Singles.of(values, chances)
    if plan.terms is None:
        return found
    ends = plan.terms.kept(np.array([0.0, math.inf]))
    ends = ends[np.isfinite(ends)]
    values = np.concatenate([plan.terms.kept(found.values), ends])
    return Singles.of(values, np.append(found.chances, np.full(ends.size, THIRD * found.rest())))


def _years(plan: CompoundPlan, event: Singles) -> Singles:
    """Return the single values of a year before its annual terms."""
    nothing = Singles(np.zeros(1), np.ones(1))
    table = count_table(plan.count, plan.rate) if (event.values > 0).any() else None
    if table is None:
        return Singles(np.zeros(0), np.zeros(0))
    counts = np.diff(table.steps, prepend=0.0)
    if event.values.size == 1:
        number = np.arange(counts.size)
        return Singles.of(event.values * number, counts * event.chances**number)
    year, values, chances = nothing, [nothing.values], [counts[:1]]
    most = min(int(np.searchsorted(table.steps, 1 - SEEN)), FEW)
    for chance in counts[1 : most + 1].tolist():
        year = year.plus(event)
        values.append(year.values)
        chances.append(chance * year.chances)
    return Singles.of(np.concatenate(values), np.concatenate(chances))


def _after_annual_terms(plan: CompoundPlan, year: Singles) -> Singles:
    """Return the single values of a year, as its own terms leave them."""
    terms = plan.annual
    if terms is None:
        return year
    kept = np.minimum(np.maximum(year.values - terms.deductible, 0), terms.limit)
    if not math.isfinite(terms.limit):
        return Singles.of(kept, year.chances)
    return Singles.of(np.append(kept, terms.limit), np.append(year.chances, THIRD * year.rest()))
