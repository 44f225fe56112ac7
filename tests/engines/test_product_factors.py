"""What is multiplied, on the axis of the logarithm: ends, single values, masses and columns."""

import math

import numpy as np
import pytest
from scipy import stats

from workbench.distributions import (
    Discrete,
    Distribution,
    Gamma,
    LogNormal,
    Mixture,
    Pareto,
    Point,
    Uniform,
)
from workbench.engines.products import (
    Computed,
    Held,
    beyond,
    factor_masses,
    in_shares,
    known_to,
    log_masses,
    multiplied,
    read,
)
from workbench.losses import TabulatedLosses

pytestmark = pytest.mark.pure
SIZE = 1 << 11
INFINITE = Pareto(0.9, 3.0)


def table(x: list[float], sf: list[float], **more: bool | float) -> Computed:
    """Return a loss of a uniform density between its nodes."""
    heights, nodes = np.array(sf), np.array(x)
    areas = np.diff(nodes) * (heights[1:] + heights[:-1]) / 2
    excess = np.append(np.cumsum(areas[::-1])[::-1], 0.0)
    mean = float(excess[0])
    return Computed(TabulatedLosses(nodes, heights, excess, mean=mean, variance=1.0, **more))


# ends of factors ---------------------------------------------------------------------------------


def test_a_bounded_belief_ends_where_its_values_do() -> None:
    assert Held(Uniform(2.0, 5.0)).ends() == pytest.approx((2.0, 5.0), rel=1e-9)


@pytest.mark.parametrize("free", [0.0, 0.6])
def test_a_belief_starts_at_a_share_of_what_is_above_0(free: float) -> None:
    belief = LogNormal(3, 0.5)
    mixed = Mixture([Point(0.0), belief], [free, 1 - free]) if free else belief
    start = Held(mixed).ends()[0]
    assert float(belief.cdf(start)) == pytest.approx(1e-12, rel=0.01, abs=0)


def test_a_belief_of_many_tiny_values_starts_at_a_share_of_its_median_above_0() -> None:
    belief = Mixture([Point(0.0), Gamma(0.03, 2.0)], [0.7, 0.3])
    start = Held(belief).ends()[0]
    assert float(Gamma(0.03, 2.0).sf(start * 1e12)) == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize("alpha", [1.6, 1.9, 2.0, 2.5])
@pytest.mark.parametrize("free", [0.0, 0.5])
def test_a_heavy_belief_is_followed_until_little_of_its_mean_is_left(
    alpha: float, free: float
) -> None:
    """E[X; X > x] = E[X] S(x)^(1 - 1/alpha), by steps of a factor of 1e-5 in chance."""
    belief = Pareto(alpha, 10.0)
    mixed = Mixture([Point(0.0), belief], [free, 1 - free]) if free else belief
    end = float(belief.sf(Held(mixed).ends()[1]))
    enough = 1e-12 ** (alpha / (alpha - 1))
    assert end >= 1e-30 * (1 - 1e-6)
    assert end <= max(enough, 1e-30) * (1 + 1e-6)
    assert end >= enough * 1e-5 * (1 - 1e-6)


@pytest.mark.parametrize("belief", [INFINITE, LogNormal(1, 0.4)], ids=["heavy", "light"])
@pytest.mark.parametrize("free", [0.0, 0.9])
def test_a_tail_without_a_mean_and_a_light_one_end_at_one_chance(
    belief: Distribution, free: float
) -> None:
    mixed = Mixture([Point(0.0), belief], [free, 1 - free]) if free else belief
    assert float(belief.sf(Held(mixed).ends()[1])) == pytest.approx(1e-15, rel=1e-6, abs=0)


def test_a_table_ends_where_no_chance_is_left_and_starts_at_a_share_of_losses() -> None:
    one = table([0.0, 10.0, 20.0, 30.0, 40.0], [0.5, 0.25, 1e-15, 1e-17, 0.0])
    low, high = one.ends()
    assert high == 20.0
    assert low == pytest.approx(20e-9, rel=1e-3)  # 0.5 * 1e-9 of a slope of 0.025
    assert table([0.0, 10.0], [0.5, 0.1]).ends()[1] == 10.0
    steep = table([0.0, 1e-15, 10.0, 20.0], [1.0, 0.9, 0.8, 0.0])
    assert steep.ends()[0] == pytest.approx(
        13.75e-12, rel=1e-9, abs=0
    )  # of the median, not the quantile


# single values and tails -------------------------------------------------------------------------


def test_a_belief_tells_its_moments_and_its_tail() -> None:
    belief, x = Gamma(2.0, 3.0), np.array([1.0, 5.0])
    assert Held(belief).mean() == pytest.approx(6.0)
    assert Held(belief).variance() == pytest.approx(18.0)
    assert Held(belief).unknown() == 0.0
    sf, excess = Held(belief).tail(x)
    assert sf == pytest.approx(stats.gamma.sf(x, 2, scale=3.0))
    assert excess == pytest.approx(np.exp(-x / 3) * (x + 6))
    sf, excess = Held(INFINITE).tail(x + 3)
    assert sf == pytest.approx((3 / (x + 3)) ** 0.9)
    assert np.isinf(excess).all()


def test_jumps_of_a_table_stand_twice_but_where_grids_meet_with_an_error() -> None:
    x = [0.0, 10.0, 10.0, 20.0, 20.0, 30.0, 30.0, 40.0, 40.0]
    sf = [0.7, 0.6, 0.4, 0.3, 0.3 * (1 - 9e-5), 0.2, 0.2 * (1 - 1.1e-4), 0.1, 0.0]
    places, chances = table(x, sf).jumps()
    assert places.tolist() == [0.0, 10.0, 30.0, 40.0]
    assert chances == pytest.approx([0.3, 0.2, 0.2 * 1.1e-4, 0.1], rel=1e-9)
    assert table([0.0, 10.0], [1.0, 0.0]).jumps()[0].size == 0


def test_a_discrete_table_has_nothing_but_jumps() -> None:
    places, chances = table([0.0, 10.0, 30.0], [0.7, 0.6, 0.0], step=True).jumps()
    assert places.tolist() == [0.0, 10.0, 30.0]
    assert chances == pytest.approx([0.3, 0.1, 0.6])


def test_nothing_lies_beyond_the_end_of_a_table() -> None:
    one = table([0.0, 10.0, 20.0], [1.0, 0.5, 0.25])
    sf, excess = one.tail(np.array([10.0, 19.0, 20.0, 25.0]))
    assert sf == pytest.approx([0.5, 0.275, 0.0, 0.0])
    assert excess == pytest.approx([3.75, 0.2625, 0.0, 0.0])


def test_a_table_knows_less_beyond_what_was_computed() -> None:
    assert table([0.0, 10.0, 20.0], [1.0, 0.5, 0.0], known=15.0).unknown() == pytest.approx(0.25)
    assert table([0.0, 10.0, 20.0], [1.0, 0.5, 0.0]).unknown() == 0.0


def test_a_product_is_known_up_to_where_it_is_as_rare_as_what_is_not() -> None:
    x, sf = np.arange(1.0, 6.0), np.array([0.5, 0.1, 1e-3, 1e-12, 0.0])
    found = [known_to(x, sf, unknown) for unknown in (0.2, 0.1, 0.01, 1e-13, 1e-30)]
    assert found == [2.0, 2.0, 3.0, 4.0, 4.0]
    assert known_to(x, sf, 0.0) == math.inf
    assert known_to(x[:2], sf[:2], 1e-3) == 2.0


def test_the_error_of_a_product_holds_that_of_a_computed_factor() -> None:
    rough = table([0.0, 10.0, 20.0], [1.0, 0.7, 0.0]).losses
    fine = TabulatedLosses(
        *table([0.0, 10.0, 20.0], [1.0, 0.5, 0.0]).losses.nodes(),
        mean=10.0,
        variance=100 / 3,
        coarse=lambda: rough,
    )
    found = multiplied([Computed(fine), Held(Point(3.0))], size=SIZE)
    assert found.coarse is not None
    assert float(found.exceedance(30.0)) == pytest.approx(0.5, abs=1e-3)
    assert float(found.coarse.exceedance(30.0)) == pytest.approx(0.7, abs=1e-3)


def test_a_product_is_not_known_beyond_what_its_factors_are() -> None:
    one = table([0.0, 10.0, 20.0], [1.0, 0.5, 0.0], known=19.9)
    found = multiplied([one, Held(LogNormal(0.0, 0.5))], size=SIZE)
    x, sf, _ = found.nodes()
    last = int(np.searchsorted(x, found.computed_to()))
    assert x[last] == found.computed_to()
    assert sf[last] <= 10 * one.unknown() < sf[last - 1]


# masses ------------------------------------------------------------------------------------------


def masses_of(belief: Distribution, size: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Return places and masses of log X."""
    start, stop = np.log(Held(belief).ends())
    step = (stop - start) / (size - 8)
    low = start - 4 * step
    return low + step * np.arange(size), factor_masses(Held(belief), low, step, size)


@pytest.mark.parametrize("free", [0.0, 0.4])
def test_masses_have_the_moments_of_the_logarithm_by_chance_and_by_worth(free: float) -> None:
    """Weighted by its worth, a lognormal is one that is moved by sigma^2."""
    mu, sigma = 2.0, 0.7
    belief: Distribution = LogNormal(mu, sigma)
    if free:
        belief = Mixture([Point(0.0), belief], [free, 1 - free])
    y, masses = masses_of(belief)
    assert masses.sum(axis=1) == pytest.approx([1.0, 1.0], abs=1e-10)
    assert masses @ y == pytest.approx([mu, mu + sigma**2], abs=1e-6)
    around = y - np.array([[mu], [mu + sigma**2]])
    assert (masses * around**2).sum(axis=1) == pytest.approx([sigma**2] * 2, abs=1e-6)


def test_masses_of_single_values_have_their_moments() -> None:
    values, chances = np.array([0.0, 2.0, 3.0, 7.0]), np.array([0.1, 0.2, 0.3, 0.4])
    y, masses = masses_of(Discrete(values, chances), 64)
    logs = np.log(values[1:])
    for row, weights in zip(masses, (chances[1:] / 0.9, (chances * values)[1:] / 4.1), strict=True):
        for power in range(3):
            assert row @ y**power == pytest.approx(weights @ logs**power, abs=1e-12)


def test_what_a_heavy_tail_is_worth_beyond_its_end_stands_there() -> None:
    belief = Pareto(1.1, 10.0)
    y, masses = masses_of(belief)
    end = Held(belief).ends()[1]
    missed = (10 / end) ** 0.1
    assert masses.sum(axis=1) == pytest.approx([1.0, 1.0], abs=1e-9)
    at = int(np.argmin(np.abs(y - math.log(end))))
    assert masses[1, at - 1 : at + 2].sum() == pytest.approx(missed, rel=0.02)
    assert masses[0, at] < 1e-25


def test_masses_of_a_tail_without_a_mean_are_told_by_chance() -> None:
    y, masses = masses_of(INFINITE)
    assert masses[0].sum() == pytest.approx(1.0, abs=1e-12)
    assert masses[0] @ y == pytest.approx(math.log(3.0) + 1 / 0.9, rel=1e-6)


def test_shares_of_a_tail_and_of_jumps_are_told_by_chance_and_by_worth() -> None:
    x, places = np.array([1.0, 3.0]), np.array([2.0, 4.0])
    tail, jumps = (np.array([0.6, 0.2]), np.array([0.9, 0.1])), (places, np.array([0.1, 0.2]))
    tails, weights = in_shares(x, tail, jumps, (0.8, 2.0))
    assert tails == pytest.approx(np.array([[0.75, 0.25], [0.75, 0.35]]))
    assert weights == pytest.approx(np.array([[0.125, 0.25], [0.1, 0.4]]))
    tails, weights = in_shares(x, tail, jumps, (0.8, 0.0))
    assert tails == pytest.approx(np.array([[0.75, 0.25], [0, 0]]))
    assert weights == pytest.approx(np.array([[0.125, 0.25], [0, 0]]))
    tails, _ = in_shares(x, tail, jumps, (0.8, 0.5))
    assert tails[1] == pytest.approx([3.0, 1.4])


def test_what_lies_beyond_a_place_is_above_it() -> None:
    places, weights = np.array([1.0, 2.0, 5.0]), np.array([[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]])
    found = beyond(places, weights, np.array([0.5, 1.0, 3.0, 5.0, 6.0]))
    assert found[0] == pytest.approx([0.6, 0.5, 0.3, 0, 0])
    assert found[1] == pytest.approx([6.0, 5.0, 3.0, 0, 0])


def test_masses_on_the_axis_keep_moments_and_take_in_what_lies_below() -> None:
    """A uniform logarithm from 0 to 1 and a jump that is too small for the grid."""
    low, step, size = -0.25, 0.25, 8
    x = np.exp(low + step * np.arange(size + 1))
    smooth = 0.8 * np.clip(1 - np.log(x), 0, 1)
    tails, weights = np.array([smooth, smooth]), np.array([[0.2], [0.2]])
    for place, at in ((0.01, low), (math.exp(0.4), 0.4)):
        jump = 0.2 * (place > x)
        both = log_masses(tails + jump, (np.array([place]), weights), low, step)
        y = low + step * np.arange(size)
        for row in both:
            assert row.sum() == pytest.approx(1.0, abs=1e-12)
            assert row @ y == pytest.approx(0.8 / 2 + 0.2 * at, abs=0.02)


# columns -----------------------------------------------------------------------------------------


def test_columns_are_read_off_masses_at_every_second_node() -> None:
    chances = np.array([0.1, 0.2, 0.3, 0.2, 0.2])
    x = np.exp(0.5 * np.arange(5))
    worth = chances * x / (chances @ x)
    mean = 0.5 * float(chances @ x)
    nodes, sf, excess = read(np.array([chances, worth]), 0.0, 0.5, 0.5, mean)
    assert nodes == pytest.approx([0.0, *x[::2]])
    assert sf == pytest.approx([0.5, 0.475, 0.275, 0.05])
    brought = 0.5 * chances * x
    halves = [mean - brought[0] / 2, brought[2] / 2 + brought[3] + brought[4], brought[4] / 2]
    assert excess == pytest.approx([mean, *(halves - x[::2] * sf[1:]).clip(0)])


def test_columns_without_a_mean_have_areas_by_simpsons_rule() -> None:
    """A chance that is uniform in log x from 0 to 2: the area above x is e^2 - e^y (3 - y)."""
    step, size = 0.02, 100
    chances = np.full(size + 1, 1 / size)
    chances[[0, -1]] /= 2
    nodes, sf, excess = read(np.array([chances, 0 * chances]), 0.0, step, 0.5, math.inf)
    y = np.log(nodes[1:])
    assert sf[1:] == pytest.approx(0.5 * (1 - y / 2), abs=3e-3)
    area = 0.5 * (math.e**2 - np.exp(y) * (3 - y)) / 2
    assert excess[1:] == pytest.approx(area, rel=0.02, abs=2e-3)
    assert excess[0] == pytest.approx(excess[1] + 0.5 * nodes[1], rel=1e-12)
