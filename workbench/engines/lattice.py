"""Compound sums of severities that are whole multiples of one amount: no cells are needed."""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from workbench.distributions import Array, Point
from workbench.distributions.derived import atoms_of
from workbench.engines.counts import Once
from workbench.engines.grid import Complex, to_masses, to_transform
from workbench.engines.plan import CompoundPlan, Group
from workbench.engines.rates import year_transform
from workbench.engines.sums import passed

LARGEST = 1 << 19
DENOMINATOR = 2000
VISIBLE = 1e-14  # below it a probability is the rounding of others


def span(values: Array) -> float | None:
    """Return the largest amount of which all positive `values` are whole multiples, if any."""
    positive = values[values > 0]
    if positive.size == 0:
        return None
    ratios = [Fraction(v / positive[0]).limit_denominator(DENOMINATOR) for v in positive.tolist()]
    if any(
        abs(float(r) * positive[0] / v - 1) > 1e-12 for r, v in zip(ratios, positive, strict=True)
    ):
        return None
    return float(positive[0]) / math.lcm(*(r.denominator for r in ratios))


Atoms = tuple[Array, Array]  # single values, and the probability of each


def summed_atoms(plans: Group, severities: list[Atoms]) -> tuple[float, Array] | None:
    """Return the step and the masses of the years in which all events are at their `severities`.

    The probabilities of a severity may sum to less than 1: then so do those of the years.
    """
    step = span(np.concatenate([values for values, _ in severities]))
    if step is None:
        return None
    tops = [top_of(plan, *atoms) for plan, atoms in zip(plans, severities, strict=True)]
    size = 2 ** math.ceil(math.log2(max(sum(tops) / step, 2) + 1))
    if size > LARGEST:
        return None
    year: Complex = np.ones(1, dtype=complex)
    for plan, (values, weights) in zip(plans, severities, strict=True):
        index = np.rint(values / step).astype(int)

        def placed(chances: Array, at: NDArray[np.intp] = index) -> Complex:
            masses = np.zeros(size)
            np.add.at(masses, at[at < size], chances[at < size])
            return to_transform(masses)

        year = year * single_transform(plan, weights, placed)
    return step, np.maximum(to_masses(year, size), 0)


def single_transform(
    plan: CompoundPlan, weights: Array, placed: Callable[[Array], Complex]
) -> Complex:
    """Transform of the years in which all events are at single values, with these `weights`.

    The weights are those of any event, shape (values,), or those for each value of the held share
    of events that have a secondary loss, shape (shares, values). `placed` makes the transform of
    one event.
    """
    if weights.ndim == 1:
        return year_transform(plan.count, plan.rate, [placed(weights)])
    held = zip(plan.shares()[1], weights, strict=True)
    parts = (chance * year_transform(plan.count, plan.rate, [placed(row)]) for chance, row in held)
    return reduce(np.add, parts)


def top_of(plan: CompoundPlan, values: Array, weights: Array) -> float:
    """Return a sum beyond which a year is not to be seen in double precision."""
    weights = weights if weights.ndim == 1 else weights.max(axis=0)
    events, variance = plan.count.busy_year(passed(plan.rate, 1e-13), 1e-13)
    spread = math.sqrt(float(weights @ values**2) * variance)
    return events * float(weights @ values) + 12 * spread + 30 * float(values[-1])


def lattice_table(plans: list[CompoundPlan]) -> tuple[Array, Array, Array] | None:
    """Return x, P(L > x), E[(L - x)+] of discrete plans with known scales; None for any others.

    None also where no lattice of a reasonable size holds all their values.
    """
    severities: list[Atoms] = []
    for plan in plans:
        atoms, is_sum = atoms_of(plan.severity), not isinstance(plan.count, Once)
        if atoms is None or not isinstance(plan.scale, Point) or not is_sum or not plan.is_simple():
            return None
        severities.append((atoms[0] * plan.scale.value, atoms[1]))
    found = summed_atoms(tuple(plans), severities)
    return None if found is None else lattice_measures(*found)


def lattice_measures(step: float, year: Array) -> tuple[Array, Array, Array]:
    """Return x, P(L > x), E[(L - x)+] of a year with these masses at 0, h, 2h, ..."""
    sf = np.clip(1 - np.cumsum(year), 0, 1)
    sf = np.where(sf < VISIBLE, 0.0, sf)
    excess = step * np.cumsum(sf[::-1])[::-1]
    kept = int(np.count_nonzero(sf > 0)) + 1
    return step * np.arange(kept, dtype=float), sf[:kept], excess[:kept]
