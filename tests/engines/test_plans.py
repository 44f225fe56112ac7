"""What is known of a plan without a grid: moments in two stages, and whether it costs anything."""

import math

import numpy as np
import pytest

from workbench.distributions import Beta, Gamma, LogNormal, Point, Uniform
from workbench.engines.counts import NegativeBinomial, Poisson
from workbench.engines.plan import AnnualTerms, CompoundPlan, EventTerms, Secondary
from workbench.engines.reach import largest_event

pytestmark = pytest.mark.pure

NOBODY = Secondary(Point(0.0), Point(50.0))


@pytest.mark.parametrize("factors", [(1.0,), (1.0, 0.9, 0.5)], ids=len)
@pytest.mark.parametrize("dispersion", [1.0, 3.0])
def test_the_moments_of_discounted_years_of_one_held_rate(
    dispersion: float, factors: tuple[float, ...]
) -> None:
    """E[Var(L | rate)] = sum v^2 rate (Var X + d m^2), Var(E[L | rate]) = (m sum v)^2 Var(rate)."""
    rate, amount = Uniform(0.5, 4.0), Gamma(2.0, 1e3)
    count = Poisson() if dispersion == 1 else NegativeBinomial(dispersion)
    mean, variance = CompoundPlan("a", rate, amount, count, factors=factors).given(1.0)
    m, whole, square = amount.mean(), sum(factors), sum(v * v for v in factors)
    assert mean == pytest.approx(whole * rate.mean() * m, rel=1e-12)
    within = square * rate.mean() * (amount.variance() + dispersion * m**2)
    assert variance == pytest.approx(within + (m * whole) ** 2 * rate.variance(), rel=1e-12)


def test_a_held_share_of_secondary_losses_varies_with_its_year() -> None:
    """E[L | rate, q] = rate (a + q b), the variance of which over q comes on top."""
    share = Beta(2, 3)
    plan = CompoundPlan("a", Point(2.0), Point(10.0), secondary=Secondary(share, Point(5.0)))
    mean, variance = plan.given(1.0)
    q, q2 = share.mean(), share.second_moment()
    assert mean == pytest.approx(2 * (10 + 5 * q), rel=1e-12)
    within = 2 * ((1 - q) * 10**2 + q * 15**2)
    assert variance == pytest.approx(within + (2 * 5) ** 2 * (q2 - q**2), rel=1e-12)


@pytest.mark.parametrize(
    ("plan", "is_nothing"),
    [
        (CompoundPlan("a", Point(0.0), Point(1.0)), True),
        (CompoundPlan("a", Point(1.0), Point(0.0)), True),
        (CompoundPlan("a", Point(1.0), LogNormal(0, 1), scale=Point(0.0)), True),
        (CompoundPlan("a", Point(1.0), Point(0.0), secondary=NOBODY), True),
        (CompoundPlan("a", Point(1.0), Point(5.0), terms=EventTerms(deductible=5.0)), True),
        (CompoundPlan("a", Point(1.0), Point(5.0), terms=EventTerms(deductible=4.9)), False),
        (
            CompoundPlan("a", Point(1.0), Point(0.0), secondary=Secondary(Point(0.1), Point(9.0))),
            False,
        ),
        (CompoundPlan("a", Uniform(0, 0.1), LogNormal(0, 1)), False),
    ],
)
def test_a_plan_that_can_cost_nothing_is_known(plan: CompoundPlan, is_nothing: bool) -> None:
    assert plan.is_nothing() == is_nothing


def test_a_year_after_its_deductible_passes_what_an_event_passes_with_it() -> None:
    plan = CompoundPlan("a", Point(0.2), LogNormal(9, 2), annual=AnnualTerms(1e6, 1e8))
    far = np.array([1e6, 1e7, 2e8])
    tail, first = largest_event((plan,), far, 1e12)
    known = plan.severity.excess_moments(far + 1e6)
    assert tail == pytest.approx([*(0.2 * known[0][:2]), 0.0], rel=1e-12)
    assert first == pytest.approx([*(0.2 * known[1][:2]), 0.0], rel=1e-12)


def test_a_share_that_is_held_is_averaged_as_finely_as_its_rate_turns() -> None:
    """E[exp(rate q z)] over a uniform share q = (exp(rate z) - 1) / (rate z)."""
    event = CompoundPlan(
        "a", Point(1.0), Point(1.0), secondary=Secondary(Uniform(0, 1), Point(1.0))
    ).event(1.0)
    for rate in (0.5, 20.0, 3000.0):
        values, weights = event.shares(rate)
        for turn in (0.3, 1.5, math.pi):
            z = np.exp(1j * turn) - 1  # of phi_1 - phi_0, at most 2
            wanted = (np.exp(rate * z) - 1) / (rate * z)
            assert abs(np.exp(rate * values * z) @ weights - wanted) < 1e-9
