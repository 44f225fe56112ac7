"""Single values that share no step, so that they stand on no lattice: the curve beside them."""

import numpy as np
import pytest

from workbench.distributions import Discrete, LogNormal, Mixture, Pareto, Point, WithTerms
from workbench.distributions.derived import jumps_of
from workbench.engines import exact
from workbench.engines.columns import falling
from workbench.engines.counts import Bernoulli
from workbench.engines.lattice import span
from workbench.engines.plan import CompoundPlan, EventTerms, Secondary
from workbench.engines.sums import Sum

pytestmark = pytest.mark.pure
VALUES, CHANCES = np.array([7.64013e6, 3.82137e7, 7.6431017e7]), np.array([0.5, 0.3, 0.2])


@pytest.mark.parametrize("rate", [0.1, 0.1628514654652784, 0.9])
def test_the_curve_is_level_between_single_losses(rate: float) -> None:
    """A node beside a jump has a negative mass; it may not keep all after it down."""
    assert span(VALUES) is None
    found = exact.compound(CompoundPlan("A", Point(rate), Discrete(VALUES, CHANCES), Bernoulli()))
    for x, share in ((1e6, 1.0), (2e7, 0.5), (5e7, 0.2), (7e7, 0.2), (8e7, 0.0)):
        assert float(found.exceedance(x)) == pytest.approx(rate * share, abs=1e-4 * rate)
    assert found.layer(2e7, 1e7).mean() == pytest.approx(rate * 0.5 * 1e7, rel=1e-4)


def test_a_jump_in_the_middle_of_a_coarse_cell_is_in_the_bound() -> None:
    """Both grids tell such a fall alike, and neither resolves it."""
    scale, share = (
        Discrete([0, 1e5, 1e6], [0.2, 0.5, 0.3]),
        Discrete([0.1, 0.5, 1], [0.5, 0.3, 0.2]),
    )
    terms = EventTerms(share=0.8)
    found = exact.compound(CompoundPlan("A", Point(0.45), share, Bernoulli(), scale, terms=terms))
    for level in (0.94, 0.95, 0.96):  # 400,000 from 0.9325 to 0.973
        assert abs(found.var(level) - 4e5) <= found.var_error(level)


def test_heights_that_fall_stay_as_they_are_and_others_move_little() -> None:
    heights = np.array([1.0, 0.8, 0.8, 0.3, 0.3, 0.1])
    np.testing.assert_array_equal(falling(heights), heights)
    dip = np.concatenate([[1.0], np.full(50, 0.8), [0.1], np.full(99, 0.2), [0.0]])
    found = falling(dip)
    assert (np.diff(found) <= 0).all()
    np.testing.assert_allclose(found[52:-1], 0.2, atol=1e-3)
    rounding = np.array([0.5, 0.5 + 1e-9, 0.2])
    np.testing.assert_array_equal(falling(rounding), [0.5, 0.5, 0.2])


def test_single_values_of_all_parts_are_single_values_of_their_sum() -> None:
    parts = Discrete([130.4, 651.8], [0.6, 0.4]), Mixture([Point(0), LogNormal(10, 1)], [0.4, 0.6])
    places, chances = jumps_of(Sum(parts))
    np.testing.assert_allclose(places, [130.4, 651.8], rtol=1e-12)
    np.testing.assert_allclose(chances, [0.24, 0.16], rtol=1e-12)
    table = Sum(parts).table()
    assert float(table.exceedance(600.0)) == pytest.approx(
        1 - 0.24 - 0.6 * 0.6 * float(LogNormal(10, 1).cdf(600 - 130.4)), abs=1e-7
    )
    places, chances = jumps_of(Sum((*parts, Point(1000.0))))
    np.testing.assert_allclose(places, [1130.4, 1651.8], rtol=1e-12)


@pytest.mark.parametrize("value", [130.0, 5e3, 1.3e5, 1.4e6])
@pytest.mark.parametrize(
    "beside",
    [
        Mixture([Point(0), LogNormal(10, 1)], [0.4, 0.6]),
        Discrete([1e3, 2e4, 5e5], [0.6, 0.3, 0.1]),
        Pareto(2.8, 5e3),
    ],
    ids=["mixture", "discrete", "pareto"],
)
def test_a_deductible_on_single_values_and_a_secondary_loss(value: float, beside: object) -> None:
    """The chances of a year add up to 1, and one event a year is what its kinds are."""
    share, deductible = Discrete([0.1 * value, value], [0.7, 0.3]), 8389.3
    secondary = Secondary(Point(0.3), beside)
    found = exact.compound(
        CompoundPlan(
            "A",
            Point(0.5),
            share,
            Bernoulli(),
            secondary=secondary,
            terms=EventTerms(deductible),
        )
    )
    for x in (10.0, 3e3, 4e4, 3e5, 9e5):
        known = sum(
            chance * (0.7 * (one > deductible + x) + 0.3 * float(beside.sf(deductible + x - one)))
            for one, chance in zip(*share.atoms(), strict=True)
        )
        assert float(found.exceedance(x)) == pytest.approx(0.5 * known, abs=2e-3)
    events = WithTerms(Sum((share, beside)), deductible)
    mean = sum(
        chance * float(beside.excess_moments(deductible - one)[1])
        for one, chance in zip(*share.atoms(), strict=True)
    )
    assert events.mean() == pytest.approx(mean, rel=1e-5)
