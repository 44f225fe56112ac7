"""How far a year goes: closed moments, chances beyond the reach, and grids that hold it."""

import math
from functools import reduce
from operator import add

import numpy as np
import pytest

from workbench.distributions import Gamma, LogNormal, Pareto, Pert, Point, Uniform
from workbench.engines import exact
from workbench.engines.ladder import SIZE
from workbench.engines.plan import AnnualTerms, CompoundPlan
from workbench.engines.reach import BAD, BEYOND, LARGEST, extent_of, first_grid, reach

pytestmark = pytest.mark.pure

PLANS = [
    CompoundPlan("a", Point(0.02), Gamma(2, 1e4)),
    CompoundPlan("b", Pert(1, 3, 9), LogNormal(9, 1.2)),
    CompoundPlan("c", Uniform(40, 90), Gamma(0.5, 1e3)),
    CompoundPlan("d", Point(2e4), LogNormal(5, 0.5)),
]
YEARS = [(1.0,), (1.0, 1.0), (1.0,) * 5]


@pytest.mark.parametrize("factors", YEARS, ids=len)
@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_an_extent_has_the_moments_of_the_year(
    plan: CompoundPlan, factors: tuple[float, ...]
) -> None:
    several = CompoundPlan(plan.id, plan.rate, plan.severity, factors=factors)
    found = extent_of((several,))
    mean, variance = exact.group_moments((several,))
    assert found.usual == pytest.approx(mean)
    assert found.spread == pytest.approx(variance)
    assert found.events == pytest.approx(plan.rate.mean() * len(factors))
    assert found.is_known


@pytest.mark.parametrize("plan", PLANS[:3], ids=lambda plan: plan.id)
def test_a_year_passes_its_reach_once_in_100_000_at_most(plan: CompoundPlan) -> None:
    losses = exact.compound(plan)
    assert float(losses.exceedance(reach(plan))) <= 1.01 * BEYOND
    assert reach(plan) <= 4 * losses.var(1 - BEYOND / 100)  # and that is not idle


def test_extents_add() -> None:
    parts = [extent_of((plan,)) for plan in PLANS]
    whole = reduce(add, parts)
    assert whole == extent_of(tuple(PLANS))
    assert whole.plans == 4
    assert whole.reach == max(part.reach for part in parts)
    assert whole.low == min(part.low for part in parts)
    assert whole.events == pytest.approx(math.fsum(part.events for part in parts))
    held = CompoundPlan("e", Point(1.0), Gamma(2, 1.0), scale=Pert(1, 2, 4))
    assert not (whole + extent_of((held,))).is_known


@pytest.mark.parametrize("plans", [PLANS[:1], PLANS[1:2], PLANS[2:3], PLANS[3:], PLANS], ids=len)
def test_the_first_grid_is_far_enough_and_as_fine_as_a_bad_year_asks(
    plans: list[CompoundPlan],
) -> None:
    extent = extent_of(tuple(plans))
    mean, variance = extent.usual, extent.spread
    grid = first_grid(extent, mean, variance)
    assert grid.size.bit_count() == 1  # transforms are quick on powers of two
    assert SIZE <= grid.size <= LARGEST
    assert grid.top >= (extent.reach if len(plans) == 1 else extent.beyond + mean)
    bad = mean + BAD * math.sqrt(variance)
    holding = [one for one in grid.each() if one.top >= bad]
    assert holding
    # rate h^3 z^2 / (60 Var) of a year at 99 % is below a millionth of it
    coarsest = (1.1e-5 * variance / extent.events * bad) ** (1 / 3)
    if grid.size < LARGEST:
        assert min(one.step for one in holding) <= 1.001 * coarsest
    if SIZE < grid.size < LARGEST:  # and half as fine would not do
        assert min(2 * one.step for one in holding) > coarsest


def test_a_tail_without_moments_is_cut_and_terms_of_the_year_end_it() -> None:
    heavy = CompoundPlan("a", Point(0.5), Pareto(alpha=0.9, low=1e3))
    found = extent_of((heavy,))
    assert math.isfinite(found.usual)
    assert math.isfinite(found.spread)
    assert found.reach >= float(Pareto(alpha=0.9, low=1e3).isf(2 * BEYOND))
    limited = CompoundPlan("a", Point(0.5), LogNormal(9, 1), annual=AnnualTerms(1e3, 5e3))
    assert reach(limited) <= 2 * 5e3


@pytest.mark.parametrize("rate", [0.05, 3.0])
def test_beyond_what_single_events_reach_the_chances_add_up_to_the_excess(rate: float) -> None:
    """E[(L - x)+] is the integral of P(L > y) over y from x on, the grid's last edge among them."""
    found = exact.compound(CompoundPlan("a", Point(rate), Uniform(0, 1)))
    x, chance, excess = (part[-121:] for part in found.nodes())
    assert chance[0] > 1e-6
    falls = 0.125 / math.tanh(0.125)  # the trapezoids of an exponential, a quarter at a time
    assert np.trapezoid(chance, x) == pytest.approx(falls * excess[0], rel=1e-4)
