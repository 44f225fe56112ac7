"""Layers of a curve with jumps, and what totals make of them."""

import pytest

from workbench.distributions import Gamma, LogNormal, Mixture, Point
from workbench.engines import exact
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.montecarlo import summarise
from workbench.engines.plan import AnnualTerms, CompoundPlan, EventTerms
from workbench.losses import SampledLosses

pytestmark = pytest.mark.pure

LIMITED = EventTerms(limit=8.0).of(LogNormal(2, 1))
PLANS = [
    CompoundPlan("a", Point(2.0), LIMITED, annual=AnnualTerms(5.0, 40.0)),
    CompoundPlan("b", Point(2.0), LIMITED, annual=AnnualTerms(0.0, 40.0)),
]
FINES = [
    CompoundPlan(
        "a", Point(1.0), Mixture([Gamma(2, 5.0), Point(9544.0)], [0.03, 0.97]),
        annual=AnnualTerms(0.0, 28634.0),
    ),
    CompoundPlan("b", Point(0.1), Gamma(2.5, 8.0)),
]  # fmt: skip


@pytest.mark.parametrize("plan", PLANS)
def test_the_curve_of_a_layer_has_the_area_of_its_mean(plan: CompoundPlan) -> None:
    # both nodes of a jump had the lower height: the area was too small, and a total put what was
    # missing into its tail
    assert exact.compound(plan).missed_mean() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("limit", [8.0, 16.0, 13.7])
def test_a_limit_at_a_jump_is_reached_by_all_that_pass_it(limit: float) -> None:
    whole = exact.compound(CompoundPlan("a", Point(2.0), LIMITED))
    layer = whole.layer(0.0, limit)
    assert float(layer.exceedance(limit * (1 - 1e-9))) == pytest.approx(
        float(whole.exceedance(limit * (1 - 1e-9))), rel=1e-6
    )
    assert layer.missed_mean() == pytest.approx(0, abs=1e-5)
    assert layer.var(0.999) == pytest.approx(limit)


@pytest.mark.parametrize("plans", [PLANS, FINES])
def test_the_tail_of_a_total_of_annual_terms(plans: list[CompoundPlan]) -> None:
    known = exact.portfolio(plans)
    drawn = SampledLosses(summarise(plans, 64 * BLOCK, 3).totals)
    for level in (0.9, 0.99, 0.999):
        slack = 4.5 * drawn.tvar_error(level) + known.tvar_error(level)
        assert abs(known.tvar(level) - drawn.tvar(level)) <= slack, level
