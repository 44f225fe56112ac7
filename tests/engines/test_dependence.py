"""What ties plans together: common shocks within stated rates, and what contradicts."""

import math

import numpy as np
import pytest

from workbench.distributions import (
    Discrete,
    Distribution,
    Gamma,
    LogNormal,
    Pert,
    Point,
    Triangular,
    Truncated,
    Uniform,
)
from workbench.engines.copulas import Copula
from workbench.engines.counts import NegativeBinomial
from workbench.engines.dependence import DependencePlan, Shock, lowered
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure

OUTAGE = Shock("outage", 0.2, {"b": 0.5, "a": 1.0})
A = CompoundPlan("a", Point(0.5), LogNormal(9, 1))
B = CompoundPlan("b", Uniform(0.1, 0.4), LogNormal(9, 1))
LOSSES = Copula.common("losses", ["a", "c"], 0.3)


def test_a_shock_keeps_its_scenarios_in_order_of_id() -> None:
    assert Shock("outage", 0.2, (("b", 0.5), ("a", 1))) == OUTAGE
    assert OUTAGE.ids == ("a", "b")
    assert (OUTAGE.chance("a"), OUTAGE.chance("z")) == (1, 0)


def test_what_shocks_bring_is_taken_from_the_stated_rate() -> None:
    shocks = (OUTAGE, Shock("flood", 0.1, {"a": 0.5}))
    plan = DependencePlan(shocks=shocks)
    assert plan.rate_of_shocks("a") == pytest.approx(0.25)
    own = plan.own_part(A)
    assert own.rate.mean() + plan.rate_of_shocks("a") == pytest.approx(A.rate.mean())
    assert plan.own_part(B).rate == Uniform(0.0, 0.4 - 0.1)
    other = CompoundPlan("z", Point(1), Point(1))
    assert plan.own_part(other) is other
    assert [one.id for one in plan.own_parts([A, B, other])] == ["a", "b", "z"]
    assert DependencePlan(shocks=shocks) == DependencePlan(shocks=shocks[::-1])


@pytest.mark.parametrize(
    "rate",
    [
        Point(0.7),
        Uniform(0.3, 1.2),
        Pert(0.3, 0.3, 2.0, 6.0),
        Triangular(0.3, 1.0, 2.0),
        Discrete([0.4, 3.0], [0.25, 0.75]),
    ],
    ids=lambda rate: type(rate).__name__,
)
def test_a_lowered_rate_is_the_stated_one_moved(rate: Distribution) -> None:
    moved = lowered(rate, 0.3, "a")
    u = np.array([0.01, 0.2, 0.5, 0.9])
    assert moved.ppf(u) == pytest.approx(rate.ppf(u) - 0.3)
    assert moved.mean() == pytest.approx(rate.mean() - 0.3)
    assert moved.variance() == pytest.approx(rate.variance())
    assert moved.support()[0] >= 0


def refused(message: str) -> pytest.RaisesExc[WorkbenchError]:
    return pytest.raises(WorkbenchError, match=message)


def test_contradictions_are_refused() -> None:
    with refused("not in both"):
        DependencePlan(Copula.common("frequencies", ["a", "b"], 0.3), LOSSES)
    with refused("with common shocks is not in the copula of losses"):
        DependencePlan(None, LOSSES, (OUTAGE,))
    with refused("an id of its own"):
        DependencePlan(shocks=(OUTAGE, Shock("outage", 1, {"a": 0.1})))
    for rate in (-0.1, math.inf, math.nan):
        with refused("a number of events a year"):
            Shock("x", rate, {"a": 1})
    for chance in (-0.1, 1.1, math.nan):
        with refused("from 0 to 1"):
            Shock("x", 1, {"a": chance})
    for chances in ((), (("a", 0.1), ("a", 0.2))):
        with refused("one scenario or more, each once"):
            Shock("x", 1, chances)


def test_whole_years_by_a_copula_share_no_asset() -> None:
    def of_asset(name: str, asset: str) -> CompoundPlan:
        return CompoundPlan(name, Point(1), Point(0.5), scale=Uniform(1, 2), shared=asset)

    plan = DependencePlan(losses=LOSSES)
    plan.check([of_asset("a", "x"), of_asset("c", "y"), of_asset("z", "z")])
    for other in ("c", "z"):
        plans = [of_asset(name, "x" if name in {"a", other} else name) for name in "acz"]
        with refused(f"shares no asset of unknown value; got 'asset x, which {other} may lose"):
            plan.check(plans)


def test_plans_that_shocks_do_not_fit_are_refused() -> None:
    plan = DependencePlan(shocks=(OUTAGE,))
    plan.check([A, B])
    with refused(r"names scenarios of the study; got \['b'\]"):
        plan.check([A])
    with refused("includes the shocks that hit it"):
        plan.check([CompoundPlan("a", Point(0.19), Point(1)), B])
    with refused("has a Poisson count"):
        plan.check([CompoundPlan("a", Point(3), Point(1), NegativeBinomial(2)), B])
    with refused("includes the shocks that hit it"):
        plan.check([CompoundPlan("a", Gamma(2, 3), Point(1)), B])
    with refused("known or stated by its ends"):
        plan.check([CompoundPlan("a", Truncated(LogNormal(1, 1), 1.0, 10.0), Point(1)), B])
