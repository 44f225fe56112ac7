"""Products of beliefs and of computed losses by closed forms."""

import math

import numpy as np
import pytest

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
    multiplied,
)
from workbench.losses import TabulatedLosses

pytestmark = pytest.mark.pure
SIZE = 1 << 11
INFINITE = Pareto(0.9, 3.0)


def product(*factors: Distribution, size: int = SIZE) -> TabulatedLosses:
    return multiplied([Held(one) for one in factors], size=size)


@pytest.mark.parametrize("free", [0.0, 0.3])
def test_a_product_of_lognormals_is_lognormal(free: float) -> None:
    first: Distribution = LogNormal(2, 0.5)
    if free:
        first = Mixture([Point(0.0), first], [free, 1 - free])
    known = LogNormal(5, math.hypot(0.5, 1.2))
    found = product(first, LogNormal(3, 1.2))
    assert found.prob_no_loss() == pytest.approx(free, abs=1e-12)
    assert found.mean() == pytest.approx((1 - free) * known.mean(), rel=1e-12)
    square = (1 - free) * known.second_moment() - found.mean() ** 2
    assert found.variance() == pytest.approx(square, rel=1e-10)
    x = known.isf(np.array([0.9, 0.5, 0.1, 1e-3, 1e-6, 1e-10]))
    assert found.exceedance(x) == pytest.approx((1 - free) * known.sf(x), rel=1e-3, abs=0)
    assert found.excess_at(x) == pytest.approx(
        (1 - free) * known.excess_moments(x)[1], rel=1e-3, abs=0
    )


def test_a_usual_grid_has_far_tails_to_four_digits() -> None:
    found, known = multiplied([Held(LogNormal(2, 0.5)), Held(LogNormal(3, 1.2))]), LogNormal(5, 1.3)
    x = known.isf(np.array([0.5, 1e-3, 1e-6, 1e-9]))
    assert found.exceedance(x) == pytest.approx(known.sf(x), rel=1e-4, abs=0)


def test_a_narrow_product_has_narrow_cells() -> None:
    """The sum of two uniform logarithms of the same width, all but 1e-6 of it."""
    found = product(Uniform(100.0, 100.001), Uniform(50.0, 50.0005), size=256)
    assert found.var(0.5) == pytest.approx(5000.05, abs=1e-4)
    assert found.var(0.875) == pytest.approx(5000.075, abs=3e-4)
    assert found.var(0.125) == pytest.approx(5000.025, abs=3e-4)


def test_a_product_of_paretos_has_a_closed_tail_with_or_without_a_mean() -> None:
    """P(X Y > z) = (b z^-a - a z^-b) / (b - a) from 1 on."""
    for a, b in ((0.9, 1.7), (1.5, 2.5)):
        found = product(Pareto(a, 1.0), Pareto(b, 1.0))
        for z in (1.5, 4.0, 100.0, 1e5):
            known = (b * z**-a - a * z**-b) / (b - a)
            assert float(found.exceedance(z)) == pytest.approx(known, rel=1e-3)
        has_mean = a > 1
        assert math.isfinite(found.mean()) == has_mean
        assert math.isfinite(found.variance()) is False
        if has_mean:
            assert found.mean() == pytest.approx(a / (a - 1) * b / (b - 1))


def test_without_a_mean_what_is_above_a_loss_is_the_area_up_to_where_the_table_ends() -> None:
    """P(X U > z) = E[U^a] (z / 3)^-a from 6 on; what is beyond the grid is in no cell."""
    found = product(INFINITE, Uniform(1.0, 2.0))
    assert math.isinf(found.mean())
    x, _, excess = found.nodes()
    end, power = x[-1], 3**0.9 * (2**1.9 - 1) / 1.9
    for at in (SIZE // 8, SIZE // 4, SIZE // 3):
        whole = power * (end**0.1 - x[at] ** 0.1) / 0.1
        known = whole - power * end**-0.9 * (end - x[at])
        assert excess[at] == pytest.approx(known, rel=5e-3)
    assert excess[0] == pytest.approx(excess[1] + x[1], rel=1e-12)
    assert excess[-1] == 0


def test_single_values_of_all_factors_stand_in_a_product_themselves() -> None:
    first = Mixture([Point(2.0), Uniform(1.0, 4.0)], [0.4, 0.6])
    second = Discrete([0.0, 1.0, 3.0], [0.1, 0.6, 0.3])
    found = product(first, second)
    places, chances = Computed(found).jumps()
    assert places == pytest.approx([0.0, 2.0, 6.0], abs=1e-12)
    assert chances == pytest.approx([0.1, 0.24, 0.12], abs=1e-12)
    for x in (1.5, 2.0, 3.5, 5.0, 6.0, 11.0):
        known = 0.6 * float(first.sf(x)) + 0.3 * float(first.sf(x / 3))
        assert float(found.exceedance(x)) == pytest.approx(known, abs=2e-4)
    above = [
        0.6 * first.excess_moments(x)[1] + 0.9 * first.excess_moments(x / 3)[1] for x in (3, 7)
    ]
    assert [found.excess(x) for x in (3.0, 7.0)] == pytest.approx(np.array(above), rel=2e-4)


def test_products_that_coincide_are_one_single_value() -> None:
    found = product(Discrete([1.0, 2.0], [0.5, 0.5]), Discrete([2.0, 4.0], [0.25, 0.75]), size=64)
    places, chances = Computed(found).jumps()
    assert places == pytest.approx([2.0, 4.0, 8.0])
    assert chances == pytest.approx([0.125, 0.5, 0.375], abs=1e-12)
    assert found.nodes()[2][0] == pytest.approx(1.5 * 3.5, rel=1e-12)


@pytest.mark.parametrize(("many", "listed"), [(100, True), (150, False)])
def test_many_products_of_single_values_are_spread(many: int, listed: bool) -> None:
    values = np.arange(1.0, many + 1)
    one = Discrete(values, np.full(many, 1 / many))
    moved = Discrete(values + math.pi / 10, np.full(many, 1 / many))
    found = product(one, moved)
    assert (Computed(found).jumps()[0].size > 0) == listed
    all_of = np.multiply.outer(values, values + math.pi / 10)
    for x in (50.0, 1000.0, 4000.0):
        assert float(found.exceedance(x)) == pytest.approx((all_of > x).mean(), abs=3e-3)
    assert found.mean() == pytest.approx(all_of.mean(), rel=1e-12)


def test_single_values_beside_a_tail_without_a_mean_are_seen() -> None:
    heavy = Mixture([Point(2.0), INFINITE], [0.5, 0.5])
    found = product(heavy, Discrete([1.0, 10.0], [0.9, 0.1]))
    places, chances = Computed(found).jumps()
    assert places == pytest.approx([2.0, 20.0])
    assert chances == pytest.approx([0.45, 0.05], abs=1e-12)
    for x in (2.5, 15.0, 25.0, 1e4):
        known = 0.9 * float(heavy.sf(x)) + 0.1 * float(heavy.sf(x / 10))
        assert float(found.exceedance(x)) == pytest.approx(known, rel=3e-3)


def test_a_product_names_its_scenarios_and_half_of_its_grid_is_its_error() -> None:
    found = multiplied([Held(LogNormal(2, 0.5)), Held(Gamma(2.0, 1.0))], ("A", "B"), size=256)
    assert found.ids == {"A", "B"}
    assert found.nodes()[0].size == 1 + 128 + 1
    coarse = found.coarse
    assert coarse is not None
    assert coarse.nodes()[0].size == 1 + 64 + 1
    assert coarse.ids == {"A", "B"}
    assert coarse.coarse is None
    finest = product(LogNormal(2, 0.5), Gamma(2.0, 1.0), size=4096)
    assert 0 < abs(found.var(0.99) - finest.var(0.99)) < found.var_error(0.99)


def test_a_product_of_what_is_known_everywhere_is_so_too() -> None:
    assert math.isinf(product(LogNormal(0, 1), Gamma(2.0, 1.0), size=256).computed_to())


def test_a_product_of_known_amounts_is_known() -> None:
    found = product(Point(2.0), Point(3.5), size=64)
    assert found.var(0.5) == pytest.approx(7.0, rel=1e-12)
    assert found.variance() == 0.0
    assert found.prob_no_loss() == pytest.approx(0.0, abs=1e-12)
