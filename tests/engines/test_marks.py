"""Known amounts of a plan: found before it is simulated, and kept apart from other years."""

import math
from dataclasses import replace

import numpy as np
import pytest

from workbench.distributions import (
    Beta,
    Discrete,
    Distribution,
    Empirical,
    LogNormal,
    Mixture,
    Pert,
    Point,
    Product,
    Uniform,
)
from workbench.engines.counts import Bernoulli, NegativeBinomial
from workbench.engines.marks import MOST, known_amounts
from workbench.engines.montecarlo import summarise, units_of
from workbench.engines.plan import AnnualTerms, CompoundPlan, EventTerms, Secondary
from workbench.engines.sums import Sum
from workbench.losses import BinnedLosses, SampledLosses
from workbench.losses.histogram import APART

pytestmark = pytest.mark.pure

YEARS = 30_000
OFTEN = 20  # years that cost one amount by no accident
LARGE = LogNormal(11, 1.2)
EVENT = EventTerms(5e4, 4e5, 0.9)


def plan(severity: Distribution, rate: float = 0.8, **more: object) -> CompoundPlan:
    return CompoundPlan("a", Point(rate), severity, **more)


PLANS = {
    "a fine": plan(Point(123_456.7)),
    "a tenth of a cent": plan(Point(0.1), rate=9.0),
    "two fines": plan(Discrete([3e4, 1.7e5], [0.7, 0.3])),
    "nothing or a fine": plan(Discrete([0.0, 1.7e5], [0.6, 0.4]), rate=3.0),
    "amounts seen": plan(Empirical([1e3, 2e3, 5e3, 7e3]), count=Bernoulli()),
    "a share of a known asset": plan(Discrete([0.1, 0.3], [0.5, 0.5]), scale=Point(777_777.0)),
    "a share of one of two assets": plan(
        Discrete([0.1, 0.3], [0.5, 0.5]), scale=Discrete([1e5, 3.3e6], [0.5, 0.5])
    ),
    "layer of a loss": plan(LARGE, terms=EVENT),
    "layer of a share": plan(Beta(2.0, 4.0), scale=LogNormal(13, 1), terms=EVENT, rate=2.0),
    "layer of two losses": plan(
        LARGE, secondary=Secondary(Pert(0.1, 0.3, 0.5), Point(2.5e4)), terms=EVENT
    ),
    "fine and costs": plan(
        Point(2e5), secondary=Secondary(Point(0.4), Discrete([1e4, 5e4], [0.5, 0.5]))
    ),
    "layer of a year": plan(LARGE, rate=3.0, annual=AnnualTerms(5e4, 6e5)),
    "layer of a year of fines": plan(Point(7e4), rate=3.0, annual=AnnualTerms(5e4, 3e5)),
    "a fine among losses": plan(Mixture([Point(1e5), LARGE], [0.5, 0.5]), rate=2.0),
    "a fine beside costs": plan(Sum((Point(1e5), Discrete([0.0, 3e4], [0.5, 0.5])))),
    "clustered fines": plan(Point(7e4), rate=2.0, count=NegativeBinomial(3.0)),
    "product": plan(Product([Discrete([0.1, 0.7], [0.5, 0.5]), Point(3e5)])),
}


def amounts(losses: np.ndarray) -> np.ndarray:
    """Return the amounts above 0 that many years cost, but for rounding."""
    rounded, times = np.unique(np.float64([f"{x:.11e}" for x in losses]), return_counts=True)
    return rounded[(times >= OFTEN) & (rounded > 0)]


@pytest.mark.parametrize("name", PLANS)
def test_what_many_years_cost_is_known_before(name: str) -> None:
    """Found by counting equal years, the amounts are those that the plan tells."""
    one = PLANS[name]
    years = summarise([one], YEARS, 5, keep_years=True).annual["a"]
    often = amounts(years)
    known = np.array(known_amounts(one))
    assert often.size
    nearest = known[np.abs(known[:, np.newaxis] - often).argmin(axis=0)]
    np.testing.assert_allclose(nearest, often, rtol=1e-10)
    assert known.size <= MOST


@pytest.mark.parametrize("name", PLANS)
def test_summed_up_years_are_right_at_known_amounts_and_beside_them(name: str) -> None:
    one = PLANS[name]
    found = summarise([one], YEARS, 5, keep_years=True)
    sampled, binned = SampledLosses(found.annual["a"]), BinnedLosses(found.scenarios["a"])
    for amount in amounts(found.annual["a"]):
        at = amount * (1 + np.array([-1e-6, -1e-11, 1e-11, 1e-6]))
        np.testing.assert_array_equal(binned.exceedance(at)[1:3], sampled.exceedance(at)[1:3])
        assert binned.exceedance(at) == pytest.approx(sampled.exceedance(at), abs=20 / YEARS)
        below, level = (1 - float(sampled.exceedance(x)) for x in at[1:3])
        for between in np.linspace(below, level, 5)[1:-1].tolist():
            assert binned.var(between) == pytest.approx(sampled.var(between), rel=1e-11)
            assert binned.tvar(between) == pytest.approx(sampled.tvar(between), rel=1e-9)
        assert binned.excess(amount) == pytest.approx(sampled.excess(amount), rel=1e-6, abs=1e-9)
        if 1.0 > level > 0:
            assert binned.tvar(level) == pytest.approx(sampled.tvar(level), rel=1e-6)


def test_a_limit_in_the_middle_of_a_bin_takes_no_year_from_its_neighbours() -> None:
    """A layer of 0.9 x 400,000: years of one full layer are 360,000 and not a bin around it."""
    one = PLANS["layer of a share"]
    found = summarise([one], 200_000, 1, keep_years=True)
    sampled, binned = SampledLosses(found.annual["a"]), BinnedLosses(found.scenarios["a"])
    share = float(sampled.exceedance(359_999) - sampled.exceedance(360_000))
    assert share > 0.03
    assert float(binned.exceedance(359_999) - binned.exceedance(360_000)) == pytest.approx(share)
    for loss in (359_000.0, 359_990.0, 360_010.0, 360_225.0, 361_000.0):
        assert float(binned.exceedance(loss)) == pytest.approx(
            float(sampled.exceedance(loss)), abs=5e-5
        )


@pytest.mark.parametrize(
    "one",
    [
        plan(LARGE),
        plan(Uniform(0.0, 1.0), scale=LARGE),
        plan(LARGE, secondary=Secondary(Point(0.5), LARGE)),
        plan(Point(1.0), scale=LARGE),
        plan(LARGE, annual=AnnualTerms(1e5)),
        plan(Point(0.0)),
        plan(Point(1.0), rate=0.0),
        plan(Point(5.0), factors=(1.0, 0.9)),
    ],
)
def test_a_year_without_known_amounts_has_no_marks(one: CompoundPlan) -> None:
    assert known_amounts(one) == ()
    assert units_of(one).marks == ()


def test_amounts_are_discounted_and_scaled_as_the_year_is() -> None:
    one = PLANS["two fines"]
    later = known_amounts(replace(one, factors=(0.9,)))
    assert later == pytest.approx([0.9 * x for x in known_amounts(one)], rel=1e-12)
    dearer = known_amounts(replace(one, scale=Point(3.0)))
    assert dearer == pytest.approx([3 * x for x in known_amounts(one)], rel=1e-12)


def test_of_many_amounts_the_likeliest_are_known() -> None:
    weights = [1.0] * 500 + [30.0] * 10 + [1.0] * 490
    known = known_amounts(plan(Empirical(list(range(100, 1100)), weights), rate=0.1))
    assert MOST - 1 <= len(known) <= MOST  # no loss is one of them
    assert set(range(600, 610)) <= {round(x) for x in known}


def test_fines_by_the_hundred_are_told_apart_where_they_are_likeliest() -> None:
    known = np.array(known_amounts(plan(Point(250.0), rate=300.0)))
    assert known.size == MOST
    assert np.diff(known) == pytest.approx(250.0)
    assert np.median(known) == pytest.approx(75_000, rel=0.01)


def test_among_many_other_losses_no_year_is_one_of_fines_alone() -> None:
    one = PLANS["a fine among losses"]
    assert known_amounts(replace(one, rate=Point(40.0))) == ()
    assert known_amounts(replace(one, rate=Point(0.01)))[0] == 1e5


@pytest.mark.parametrize("name", PLANS)
def test_marks_of_a_plan_have_room_between_them(name: str) -> None:
    units = units_of(PLANS[name])
    assert units.marks
    assert (np.diff(units.marks) > APART * np.array(units.marks[1:])).all()
    assert math.isfinite(units.limit)
    assert (np.diff(units.cuts()) > 0).all()


@pytest.mark.parametrize("rate", [1e-13, 1e-16, 1e-300])
def test_years_with_hardly_an_event_have_units(rate: float) -> None:
    """The chance of an amount is then not told from the number of events, which is about 0."""
    assert 0 < units_of(plan(LARGE, rate=rate)).limit < math.inf
    found = summarise([plan(LARGE, rate=rate)], 1000, 1)
    assert found.totals.max() == 0


def test_a_rate_that_is_nearly_always_0_has_units() -> None:
    one = replace(plan(LARGE), rate=Empirical([0.0, 5.0], [1 - 1e-14, 1e-14]))
    assert 0 < units_of(one).limit < math.inf
