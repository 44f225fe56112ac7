"""Years of exactly one event: beliefs that are added, scaled and limited like losses."""

import numpy as np
import pytest
from scipy import stats

from workbench.distributions import Distribution, Gamma, LogNormal, Mixture, Pert, Point
from workbench.engines import exact
from workbench.engines.counts import Once
from workbench.engines.plan import CompoundPlan, EventTerms, Secondary

pytestmark = pytest.mark.pure


def once(name: str, amount: Distribution, **more: object) -> CompoundPlan:
    return CompoundPlan(name, Point(1.0), amount, Once(), **more)


def test_a_belief_alone_is_its_own_year() -> None:
    for scale in (1.0, 3.0):
        found = exact.compound(once("a", Pert(10, 30, 90), scale=Point(scale)))
        for level in (0.05, 0.5, 0.99):
            wanted = scale * float(Pert(10, 30, 90).ppf(level))
            assert found.var(level) == pytest.approx(wanted, rel=1e-6)
    # an amount of a held worth is the worth, so many times
    found = exact.compound(once("a", Point(3.0), scale=LogNormal(2, 0.7)))
    assert found.var(0.9) == pytest.approx(3 * float(LogNormal(2, 0.7).ppf(0.9)), rel=1e-6)


def test_known_amounts_add_up_whatever_terms_they_have() -> None:
    plain = [once("a", Point(100.0)), once("b", Point(50.0), scale=Point(2.0))]
    limited = once("c", Point(50.0), terms=EventTerms(limit=20.0))
    dear = once("d", Point(50.0), secondary=Secondary(Point(1.0), Point(7.0)))
    for plans, wanted in (
        (plain, 200.0),
        ([*plain, limited], 220.0),
        ([*plain, dear], 257.0),
        ([limited], 20.0),
        ([dear], 57.0),
    ):
        found = exact.portfolio(plans)
        assert found.mean() == pytest.approx(wanted)
        for level in (0.01, 0.5, 0.99):
            assert found.var(level) == pytest.approx(wanted, rel=2e-3)


def test_amounts_of_one_worth_add_up_before_it_multiplies_them() -> None:
    worth = LogNormal(2, 0.7)
    plans = [once(n, Point(v), scale=worth, shared="db") for n, v in (("a", 1.0), ("b", 4.0))]
    found = exact.portfolio(plans)
    apart = exact.portfolio([once(p.id, p.severity, scale=worth) for p in plans])
    for level in (0.1, 0.9, 0.99):
        assert found.var(level) == pytest.approx(5 * float(worth.ppf(level)), rel=1e-6)
    assert apart.variance() == pytest.approx((1 + 16) * worth.variance())
    assert apart.var(0.99) < 0.95 * found.var(0.99)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e9])
def test_two_gamma_beliefs_of_a_unit_are_one_gamma_in_any_currency(unit: float) -> None:
    found = exact.portfolio([once("a", Gamma(2, unit)), once("b", Gamma(0.5, unit))])
    for level in (0.1, 0.5, 0.99):
        wanted = stats.gamma.ppf(level, 2.5, scale=unit)
        assert abs(found.var(level) - wanted) <= found.var_error(level)
        assert found.var(level) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("unit", [1e-7, 1.0, 1e9])
def test_a_fine_among_other_losses_has_its_place_in_any_currency(unit: float) -> None:
    # the fine is an amount of a severity, beside events that cost nothing
    fine = Mixture((Point(0.0), Point(5 * unit), Gamma(2, unit)), (0.2, 0.3, 0.5))
    plans = [CompoundPlan("a", Point(0.4), fine), CompoundPlan("b", Point(0.2), Gamma(1, unit))]
    found = exact.portfolio(plans)
    before, after = found.exceedance(5 * unit * np.array([1 - 1e-9, 1]))
    # one fine alone: none of the gammas of a, none of b
    wanted = 0.12 * np.exp(-0.12) * np.exp(-0.2) * np.exp(-0.2)
    assert before - after == pytest.approx(wanted, rel=1e-6)
