"""Which plan brings how much of the tail of simulated years: a second pass over the same words."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from workbench.distributions import Array
from workbench.engines.blocks import UNTIED, Ties, year_blocks
from workbench.engines.montecarlo import Slab, in_order_of_id, work_of
from workbench.engines.plan import CompoundPlan
from workbench.engines.threads import in_order
from workbench.losses.base import check_level


class Contribution(NamedTuple):
    """A plan's average loss in the years of a tail, with its standard error; currency / year."""

    value: float
    error: float


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
    parts: dict[str, list[tuple[float, float, float]]] = {plan.id: [] for plan in ordered}
    sums = in_order(lambda one: _sums(one[0], one[1], seed, weights, ties), work, threads)
    for (plan, _), found in zip(work, sums, strict=True):
        parts[plan.id] += found
    return {name: _contribution(found, level, totals.size) for name, found in parts.items()}


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


def _sums(
    plan: CompoundPlan, slab: Slab, seed: int, weights: _Weights, ties: Ties
) -> list[tuple[float, float, float]]:
    """Sums of w X, w X^2 over the tail and of X around the quantile, block by block."""
    found = []
    start = slab.here.start
    for block in year_blocks(plan, seed, slab.first, slab.blocks, ties):
        losses = block[: slab.here.stop - start]
        here = slice(start, start + losses.size)
        tail, edge = weights.tail[here] * losses, weights.edge[here] * losses
        found.append((float(tail.sum()), float((tail * losses).sum()), float(edge.sum())))
        start += losses.size
    return found


def _contribution(
    parts: list[tuple[float, float, float]], level: float, years: int
) -> Contribution:
    value, square, edge = (math.fsum(part[k] for part in parts) for k in range(3))
    spread = max(square - value**2, 0.0) + level * (value - edge) ** 2
    return Contribution(value, math.sqrt(spread / (years * (1 - level))))
