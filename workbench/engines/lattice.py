"""Compound sums of severities that are whole multiples of one amount: no cells, no error of a grid."""

import math
from fractions import Fraction

import numpy as np

from workbench.distributions import Array, Empirical, Point
from workbench.engines.counts import Once
from workbench.engines.grid import count_transform, to_masses, to_transform
from workbench.engines.plan import CompoundPlan

LARGEST = 1 << 17
DENOMINATOR = 2000


def span(values: Array) -> float | None:
    """Return the largest amount of which all positive `values` are whole multiples, if there is one."""
    positive = values[values > 0]
    if positive.size == 0:
        return None
    ratios = [Fraction(v / positive[0]).limit_denominator(DENOMINATOR) for v in positive.tolist()]
    if any(abs(float(r) * positive[0] / v - 1) > 1e-12 for r, v in zip(ratios, positive, strict=True)):  # noqa: PLR2004 - rounding
        return None
    return float(positive[0]) / math.lcm(*(r.denominator for r in ratios))


def lattice_table(plan: CompoundPlan) -> tuple[Array, Array, Array] | None:
    """Return x, P(L > x), E[(L - x)+] of a plan with discrete severity; None where no lattice fits."""
    if not (isinstance(plan.severity, Point | Empirical) and isinstance(plan.scale, Point)):
        return None
    if isinstance(plan.count, Once):
        return None
    values, weights = plan.severity.atoms()
    values = values * plan.scale.value
    step = span(values)
    if step is None:
        return None
    often = float(plan.rate.isf(1e-13))
    events = often + 8 * math.sqrt(plan.count.variance(Point(often))) + 30
    top = events * values[-1] if values.size == 1 else _top(plan, often, values, weights)
    size = 2 ** math.ceil(math.log2(max(top / step, 2) + 1))
    if size > LARGEST:
        return None
    masses = np.zeros(size)
    index = np.rint(values / step).astype(int)
    masses[index[index < size]] = weights[index < size]
    year = to_masses(count_transform(plan.count, plan.rate, to_transform(masses)), size)
    year = np.maximum(year, 0)
    x = step * np.arange(size)
    sf = np.clip(1 - np.cumsum(year), 0, 1)
    sf = np.where(sf < 1e-14, 0.0, sf)  # noqa: PLR2004 - rounding of 1 - 1
    excess = step * (np.cumsum(sf[::-1])[::-1])
    kept = max(int(np.count_nonzero(sf > 0)) + 1, 1)
    return x[:kept], sf[:kept], excess[:kept]


def _top(plan: CompoundPlan, often: float, values: Array, weights: Array) -> float:
    """A loss beyond which a year is not to be seen in double precision."""
    second = float(weights @ values**2)
    spread = math.sqrt(second * max(plan.count.variance(Point(often)), 1.0))
    return often * float(weights @ values) + 12 * spread + 30 * float(values[-1])
