"""A fixed amount beside other risks keeps its place: the jump at it is exact, on no grid."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from workbench.distributions import (
    Discrete,
    Distribution,
    Gamma,
    LogNormal,
    Mixture,
    Pareto,
    Pert,
    Point,
    Uniform,
    scaled,
)
from workbench.engines import exact
from workbench.engines.counts import Bernoulli, DiscreteCount, Once
from workbench.engines.independent import independent_sum
from workbench.engines.plan import ONE, AnnualTerms, CompoundPlan, EventTerms, Secondary
from workbench.engines.single import (
    event_values,
    has_single_values,
    is_fixed,
    is_seen,
    lone_belief,
    single_losses,
    single_values,
)
from workbench.engines.sums import total as summed

pytestmark = pytest.mark.pure
FINE = 5e6


def fine_beside(other: CompoundPlan, rate: float = 0.05) -> list[CompoundPlan]:
    return [CompoundPlan("fine", Point(rate), Point(FINE)), other]


def test_a_fine_puts_its_own_chance_on_its_own_amount() -> None:
    other = CompoundPlan("other", Point(0.3), LogNormal(12, 1))
    total = exact.portfolio(fine_beside(other))
    # P(one fine) P(nothing else)
    on_it = stats.poisson.pmf(1, 0.05) * np.exp(-0.3)
    jump = total.exceedance(FINE * (1 - 1e-9)) - total.exceedance(FINE)
    assert_allclose(jump, on_it, rtol=1e-5)
    alone = exact.compound(other)
    # above 5M: a fine with anything else, two fines, or no fine and the others by themselves
    above = (
        stats.poisson.sf(1, 0.05)
        + stats.poisson.pmf(1, 0.05) * (1 - np.exp(-0.3))
        + stats.poisson.pmf(0, 0.05) * alone.exceedance(FINE)
    )
    assert abs(total.exceedance(FINE) - above) <= total.exceedance_error(FINE)
    assert total.exceedance_error(FINE) < 1e-3


def test_single_values_of_one_plan_among_those_of_a_known_asset_keep_their_place() -> None:
    """P(no loss but the certain half of the asset) is the jump at it."""
    half = CompoundPlan("a", Point(0.2), Point(0.5), Bernoulli(), Point(100.0), "x")
    rest = CompoundPlan("b", Point(0.3), LogNormal(-2, 0.5), Bernoulli(), Point(100.0), "x")
    found = exact.portfolio([half, rest])
    jump = found.exceedance(50 * (1 - 1e-9)) - found.exceedance(50.0)
    assert jump == pytest.approx(0.2 * 0.7, rel=1e-7)


def test_events_of_two_kinds_have_the_chance_of_each_share_that_is_held() -> None:
    share = Secondary(Discrete([0.2, 0.6], [0.5, 0.5]), Point(50.0))
    both = CompoundPlan("a", Point(0.3), Point(100.0), Bernoulli(), secondary=share)
    found = exact.portfolio([both, CompoundPlan("b", Point(0.1), LogNormal(3, 1), Bernoulli())])
    for loss, chance in ((100.0, 0.6), (150.0, 0.4)):
        jump = found.exceedance(loss * (1 - 1e-9)) - found.exceedance(loss)
        assert jump == pytest.approx(0.3 * chance * 0.9, rel=1e-6)


def test_single_values_have_their_own_chance_and_on_demand_what_lies_above_them() -> None:
    amount = Mixture([Point(2.0), Uniform(2.0, 4.0)], [0.5, 0.5])
    for width, chance in ((None, 0.5), (0.5, 0.625)):
        values, chances = single_values(amount, *([] if width is None else [width]))
        assert values.tolist() == [0.0, 2.0]
        assert chances == pytest.approx([0.0, chance], abs=1e-15)


def test_amounts_of_nothing_are_one_single_value() -> None:
    values, chances = single_values(Mixture([Point(0.0), Uniform(2.0, 4.0)], [0.3, 0.7]))
    assert values.tolist() == [0.0]
    assert chances == pytest.approx([0.3], abs=1e-15)


def test_the_sum_with_a_gamma_year_is_a_mixture_of_shifted_ones() -> None:
    # one event of Gamma(2) a year at most makes every conditional tail a closed form
    rate, scale = 0.4, 1e6
    other = CompoundPlan("other", Point(rate), Gamma(2, scale))
    total = exact.portfolio(fine_beside(other, 0.2))
    fines = np.arange(12)
    events = np.arange(1, 40)
    for x in (1e6, 4.9e6, 5e6, 5.2e6, 1e7, 1.2e7):
        left = x - FINE * fines[:, None]
        tails = np.where(
            left < 0, 1.0, stats.gamma.sf(np.maximum(left, 0), 2 * events, scale=scale)
        )
        nothing = (left[:, 0] < 0) * stats.poisson.pmf(0, rate)
        given = nothing + tails @ stats.poisson.pmf(events, rate)
        expected = stats.poisson.pmf(fines, 0.2) @ given
        assert abs(total.exceedance(x) - expected) <= total.exceedance_error(x)
        assert_allclose(total.exceedance(x), expected, rtol=1e-5)


def test_a_quantile_within_the_jump_is_the_fine_itself() -> None:
    total = exact.portfolio(fine_beside(CompoundPlan("other", Point(0.01), LogNormal(8, 1))))
    assert total.var(0.96) == pytest.approx(FINE, rel=1e-12)
    assert total.var_error(0.96) <= 1e-8 * FINE


def test_the_table_keeps_its_mean_and_falls() -> None:
    total = exact.portfolio(fine_beside(CompoundPlan("other", Point(2.0), LogNormal(13, 1.2))))
    x, sf, excess = total.nodes()
    assert_allclose(excess[0], total.mean(), rtol=1e-9)
    assert (np.diff(x) >= 0).all()
    assert (np.diff(sf) <= 0).all()
    assert (np.diff(excess) <= 0).all()


def test_years_that_never_vary_have_a_total() -> None:
    one = CompoundPlan("a", Point(1.0), Point(1000.0), DiscreteCount([1], [1.0]))
    other = CompoundPlan("b", Point(1.0), Point(3141592.6535), DiscreteCount([1], [1.0]))
    found = exact.portfolio([one, other])
    assert found.var(0.5) == pytest.approx(3142592.6535, rel=2e-3)
    assert found.mean() == pytest.approx(3142592.6535)


def test_losses_that_are_rarer_than_a_grid_looks_add_up() -> None:
    rare = [CompoundPlan(name, Point(1e-6), Pareto(1.5, 1000)) for name in "ab"]
    found = independent_sum([exact.compound(plan) for plan in rare])
    assert found.mean() == pytest.approx(2e-6 * 3000)
    assert float(found.exceedance(0.0)) == pytest.approx(2e-6, rel=1e-3)


def test_the_layers_of_a_sum_take_many_limits() -> None:
    both = summed((LogNormal(10, 1), Pert(1e3, 5e3, 4e4)))
    ends = np.array([2e4, 1e5, np.inf])
    first, second = both.layer_moments(np.zeros(3), ends)
    each = [both.layer_moments(0.0, end) for end in ends]
    assert first == pytest.approx([float(one) for one, _ in each])
    assert second == pytest.approx([float(two) for _, two in each])


def test_a_fine_beside_a_plan_of_its_known_asset_that_has_a_secondary_loss() -> None:
    fine = CompoundPlan("A", Point(0.3), Point(5e4), shared="db")
    other = CompoundPlan(
        "B", Point(0.4), Gamma(2, 1e4), shared="db", secondary=Secondary(Point(0.5), Gamma(1, 1e4))
    )
    total = exact.portfolio([fine, other])
    before, after = total.exceedance([5e4 * (1 - 1e-9), 5e4])
    assert before - after == pytest.approx(0.3 * np.exp(-0.7), rel=1e-9)  # one fine, nothing else


# what is seen, and beliefs that are the whole year -----------------------------------------------

ASSET, HALF = LogNormal(13, 0.5), Mixture([Point(0.5), Uniform(0.1, 0.9)], [0.2, 0.8])
PLAIN = CompoundPlan("a", Point(0.3), Gamma(2, 1e4))
BESIDE = Secondary(Point(0.5), Gamma(2, 1e3))


@pytest.mark.parametrize(
    ("change", "fixed", "seen"),
    [
        ({}, True, True),
        ({"scale": Point(3e5)}, False, True),
        ({"scale": ASSET}, False, False),
        ({"factors": (1.0, 0.9)}, False, False),
        ({"scale": ASSET, "factors": (1.0, 0.9)}, False, False),
        ({"secondary": BESIDE}, False, True),
        ({"annual": AnnualTerms(1e4)}, False, False),
        ({"count": Once()}, False, False),
    ],
)
def test_years_that_are_plain_sums_and_those_whose_single_values_are_seen(
    change: dict[str, object], fixed: bool, seen: bool
) -> None:
    plan = replace(PLAIN, **change)
    assert is_fixed(plan) == fixed
    assert is_seen(plan) == seen


def test_single_values_of_an_event_are_looked_for_with_and_without_a_secondary_loss() -> None:
    free = Mixture([Point(0.0), Uniform(0.1, 0.9)], [0.2, 0.8])
    assert not has_single_values(PLAIN)
    assert not has_single_values(replace(PLAIN, severity=free))
    assert has_single_values(replace(PLAIN, severity=HALF))
    assert has_single_values(replace(PLAIN, severity=HALF, secondary=BESIDE))  # without it
    terms = EventTerms(limit=1e4)
    assert has_single_values(replace(PLAIN, severity=Point(5e3), secondary=BESIDE, terms=terms))


def test_single_values_of_an_event_have_a_row_for_each_held_share() -> None:
    """An event of 100, or of 150 in a share of the events that is 0.2 or 0.6."""
    share = Secondary(Discrete([0.2, 0.6], [0.5, 0.5]), Point(50.0))
    values, weights = event_values(replace(PLAIN, severity=Point(100.0), secondary=share))
    assert values.tolist() == [0.0, 100.0, 150.0]
    assert weights == pytest.approx(np.array([[0, 0.8, 0.2], [0, 0.4, 0.6]]))
    beside = Secondary(Point(0.25), Point(0.25))
    values, weights = event_values(replace(PLAIN, severity=HALF, secondary=beside))
    assert values.tolist() == [0.0, 0.5, 0.75]
    assert weights == pytest.approx(np.array([[0, 0.75 * 0.2, 0.25 * 0.2]]))


def test_masses_that_are_to_be_seen_are_listed() -> None:
    found = single_losses(np.array([0.9, 0.05, 1e-15, 0.0, 1e-13, 0.02]))
    assert found is not None
    assert found.tolist() == [1, 4, 5]
    assert single_losses(np.array([1.0, 1e-13, 1e-13])) is None
    many = np.full(100_002, 1e-6)
    assert single_losses(many) is None
    few = single_losses(many[:-1])
    assert few is not None
    assert few.size == 100_000


def once(
    name: str, amount: Distribution, scale: Distribution = ONE, **more: object
) -> CompoundPlan:
    return CompoundPlan(name, Point(1.0), amount, Once(), scale, **more)


def test_one_belief_is_the_whole_year_where_nothing_is_added() -> None:
    uniform, fine, other = once("a", Uniform(1, 2)), once("b", Point(3.0)), once("c", Point(4.0))
    assert lone_belief([(uniform,)]) == Uniform(1, 2)
    assert lone_belief([(once("a", Uniform(1, 2), Point(10.0)),)]) == Uniform(10, 20)
    assert lone_belief([(fine,), (other,)]) == Point(7.0)
    assert lone_belief([(uniform,), (fine,)]) is None
    assert lone_belief([(once("a", Uniform(1, 2), annual=AnnualTerms(1.5)),)]) is None
    assert lone_belief([(fine, once("d", Point(2.0), terms=EventTerms(1.5)))]) is None


def test_known_shares_of_one_uncertain_asset_are_one_belief() -> None:
    shares = tuple(once(name, Point(share), ASSET) for name, share in (("a", 0.2), ("b", 0.3)))
    assert lone_belief([shares]) == scaled(ASSET, 0.5)
    assert lone_belief([shares[:1]]) == scaled(ASSET, 0.2)
    assert lone_belief([shares[:1], shares[1:]]) is None
    assert lone_belief([(shares[0], once("c", Uniform(0, 1), ASSET))]) is None
    assert lone_belief([(once("c", Uniform(0, 1), ASSET),)]) is None
    assert lone_belief([shares[:1], (once("c", Point(5.0)),)]) is None
