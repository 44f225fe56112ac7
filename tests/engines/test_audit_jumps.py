"""Small jumps of the curve lie within the stated bounds.

A single amount beside a continuous loss leaves a jump that is too small to stand out. The truth is
a closed form: fixed amounts a, and Poisson sums of Gamma(k) severities, which are Gamma(k n).
"""

import numpy as np
import pytest
from scipy import special, stats

from workbench.distributions import Gamma, Point
from workbench.engines import exact
from workbench.engines.plan import CompoundPlan

AMOUNT, SHAPE, SCALE = 5e6, 2.0, 3e5
N = np.arange(1, 200)


def gammas(x: float, rate: float) -> float:
    """P(sum of Poisson(rate) Gamma severities <= x)."""
    if x < 0:
        return 0.0
    chances = stats.poisson.pmf(N, rate)
    return float(np.exp(-rate) + chances @ special.gammainc(SHAPE * N, x / SCALE))


def total(x: float, rare: float, rate: float) -> float:
    """P(L <= x) with Poisson(rare) events of the fixed amount beside the gammas."""
    chances = stats.poisson.pmf(np.arange(30), rare)
    return sum(p * gammas(x - k * AMOUNT, rate) for k, p in enumerate(chances))


@pytest.mark.parametrize("rate", [1.0, 4.0])
@pytest.mark.parametrize("rare", [0.002, 0.01, 0.05, 0.5])
def test_bounds_hold_on_and_beside_a_jump(rare: float, rate: float) -> None:
    plans = [
        CompoundPlan("A", Point(rare), Point(AMOUNT)),
        CompoundPlan("B", Point(rate), Gamma(SHAPE, SCALE)),
    ]
    losses = exact.portfolio(plans)
    for near in (0.98, 0.995, 0.999, 1.0, 1.00002, 1.0005, 1.001, 1.005, 1.02):
        loss = near * AMOUNT
        miss = abs(float(losses.exceedance(loss)) - (1 - total(loss, rare, rate)))
        assert miss <= losses.exceedance_error(loss), near
    below = total(AMOUNT * (1 - 1e-9), rare, rate)
    above = total(AMOUNT * (1 + 1e-9), rare, rate)
    for level in np.linspace(below - (above - below), above + (above - below), 25):
        value, error = losses.var(level), losses.var_error(level) + 1e-6
        assert total(value - error, rare, rate) <= level <= total(value + error, rare, rate)


def test_a_smooth_curve_is_not_taken_for_a_jump() -> None:
    losses = exact.compound(CompoundPlan("B", Point(4.0), Gamma(SHAPE, SCALE)))
    levels = 1 - np.geomspace(0.9, 1e-4, 40)
    assert all(losses.var_error(q) <= 1e-4 * losses.var(q) for q in levels)
