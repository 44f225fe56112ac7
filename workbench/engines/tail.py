"""Which plan brings how much of the tail of simulated years: a second pass over the same words."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from workbench.distributions import Array
from workbench.engines.blocks import UNTIED, Slab, Ties, year_blocks
from workbench.engines.montecarlo import in_order_of_id, work_of
from workbench.engines.plan import CompoundPlan
from workbench.engines.threads import in_order
from workbench.losses.base import FEWEST, check_level


class Contribution(NamedTuple):
    """A plan's average loss in the years of a tail, with its standard error; currency / year."""

    value: float
    error: float


class _Sums(NamedTuple):
    """Sums over the years of a block: X being a plan's loss, and w the weight of a year."""

    value: float  # of w X in the tail
    square: float  # of w X^2 there
    edge: float  # of w X around the quantile
    with_loss: int  # years of the tail in which X > 0


class _Weights(NamedTuple):
    """What each year counts, shape (years,)."""

    tail: Array  # summing to 1 over the tail's years, those that equal the quantile in part
    edge: Array  # summing to 1 over the years around the quantile


def contributions(
    plans: Sequence[CompoundPlan],
    totals: Array,
    level: float,
    seed: int,
    *,
    ties: Ties = UNTIED,
    threads: int | None = None,
) -> dict[str, Contribution]:
    r"""E[X_i | the year is in the tail above `level`] of each plan, summing to the total's TVaR.

    .. math:: n\,SE^2 = \frac{Var(X_i \mid tail) + p\,(C_i - m_i)^2}{1 - p}, \qquad
              m_i = E[X_i \mid L = VaR_p]

    m_i is the average over the years around the quantile. Source: the influence function of an
    Euler allocation; for a single plan it is that of TVaR (Manistre and Hancock 2005).

    Parameters
    ----------
    totals : the simulated years of all plans together, shape (years,), currency
    level : 0 to below 1
    seed, ties : those of the simulation

    """
    check_level(level)
    weights = _weights(totals, level)
    ordered = in_order_of_id(plans)
    work = work_of(ordered, totals.size, ties)
    parts: dict[str, list[_Sums]] = {plan.id: [] for plan in ordered}
    sums = in_order(lambda one: _sums(one[0], one[1], seed, weights, ties), work, threads)
    for (plan, _), found in zip(work, sums, strict=True):
        parts[plan.id] += found
    return {
        plan.id: Contribution(0.0, 0.0)
        if plan.is_nothing()
        else _contribution(parts[plan.id], level, totals.size)
        for plan in ordered
    }


def _weights(totals: Array, level: float) -> _Weights:
    """Return the weights of the tail's years, and of those about one standard error around it."""
    years = totals.size
    rank = level * years
    order = np.sort(totals)
    value = order[max(math.ceil(rank - 1e-9), 1) - 1]
    over, equal = totals > value, totals == value
    share = max(1 - level - over.mean(), 0.0) / equal.mean()
    tail = (over + share * equal) / (years * (1 - level))
    reach = max(math.sqrt(years * level * (1 - level)), 10.0)
    low, high = (order[int(np.clip(rank + far, 0, years - 1))] for far in (-reach, reach))
    near = (totals >= low) & (totals <= high)
    return _Weights(tail, near / np.count_nonzero(near))


def _sums(plan: CompoundPlan, slab: Slab, seed: int, weights: _Weights, ties: Ties) -> list[_Sums]:
    """Return the sums of a plan, block by block."""
    found = []
    start = slab.here.start
    for block in year_blocks(plan, seed, slab, ties):
        losses = block[: slab.here.stop - start]
        here = slice(start, start + losses.size)
        tail, edge = weights.tail[here] * losses, weights.edge[here] * losses
        value, square, near = (float(part.sum()) for part in (tail, tail * losses, edge))
        found.append(_Sums(value, square, near, int(np.count_nonzero(tail))))
        start += losses.size
    return found


def _contribution(parts: list[_Sums], level: float, years: int) -> Contribution:
    value, square, edge, with_loss = (math.fsum(column) for column in zip(*parts, strict=True))
    if with_loss < FEWEST:  # so few years, or none, do not say how far off they are
        return Contribution(value, math.inf)
    spread = max(square - value**2, 0.0) + level * (value - edge) ** 2
    return Contribution(value, math.sqrt(spread / (years * (1 - level))))
