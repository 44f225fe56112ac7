"""Years that are not begun: how long they take, and which have no error bound that holds."""

from dataclasses import replace

import pytest

from workbench.distributions import (
    Distribution,
    Gamma,
    LogNormal,
    Mixture,
    Pert,
    Point,
    Uniform,
    product,
    scaled,
)
from workbench.engines.counts import Bernoulli, Binomial
from workbench.engines.effort import (
    ANNUAL,
    DOUBLED,
    MOST,
    SHORT,
    TABLE,
    transforms,
    why_rough,
    why_too_dear,
)
from workbench.engines.plan import AnnualTerms, CompoundPlan, EventTerms, Secondary, groups
from workbench.engines.rates import rate_nodes
from workbench.engines.scale_mixture import knots_of

pytestmark = pytest.mark.pure
WIDE = LogNormal(3.0, 1.0)  # a rate that is averaged over many values
ASSET, TERMS = LogNormal(13, 0.8), EventTerms(5e4)
ONE = CompoundPlan("A", Point(2.0), Gamma(2.0, 1e4))
HELD = CompoundPlan("A", Point(2.0), Uniform(0.1, 0.5), scale=ASSET, shared="x", terms=TERMS)


def gamma(mean: float, deviation: float) -> Distribution:
    """Return a gamma share of a mean and of a standard deviation as a share of the mean."""
    return Gamma(1 / deviation**2, mean * deviation**2)


# how long ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [Point(2.0), Gamma(2.0, 100.0), Pert(0.1, 0.5, 2)], ids=str)
def test_a_rate_in_closed_form_or_by_few_moments_takes_one_transform(rate: Distribution) -> None:
    assert transforms((replace(ONE, rate=rate),)) == pytest.approx(1 + 1 / SHORT)


def test_a_wide_rate_takes_longer_by_each_of_its_values() -> None:
    many = rate_nodes(WIDE)[0].size
    assert many > 20
    assert transforms((replace(ONE, rate=WIDE),)) == pytest.approx(1 + many / SHORT)


@pytest.mark.parametrize(("trials", "years", "nodes"), [(9, 1, 5), (10, 1, 6), (4, 3, 7)])
def test_a_polynomial_in_the_rate_takes_half_its_degree_of_nodes(
    trials: int, years: int, nodes: int
) -> None:
    """A Gauss rule of n nodes is exact up to a degree of 2 n - 1."""
    plan = replace(ONE, rate=Uniform(0.1, 3.0), count=Binomial(trials), factors=(1.0,) * years)
    assert transforms((plan,)) == pytest.approx(1 + nodes * years / SHORT)


def test_values_of_what_is_held_multiply() -> None:
    """Those of the rate, of a share of events with a secondary loss, and several years."""
    second = Secondary(Uniform(0.2, 0.6), Gamma(2.0, 1e3))
    plan = replace(ONE, rate=WIDE, secondary=second, factors=(1.0, 0.9, 0.8))
    nodes = rate_nodes(WIDE)[0].size * plan.shares()[0].size * 3
    assert plan.shares()[0].size > 1
    assert transforms((plan,)) == pytest.approx(1 + nodes / SHORT)


def test_plans_of_one_asset_take_the_sum_of_their_times() -> None:
    first = replace(ONE, scale=Point(2.0), shared="x")
    other = replace(first, id="B", rate=WIDE)
    assert transforms((first, other)) == pytest.approx(transforms((first,)) + transforms((other,)))
    held = (HELD, replace(HELD, id="B", rate=WIDE))
    assert transforms(held) == pytest.approx(transforms(held[:1]) + transforms(held[1:]))


def test_an_uncertain_asset_under_terms_takes_a_table_for_each_knot() -> None:
    assert transforms((HELD,)) == pytest.approx(DOUBLED * knots_of(ASSET).size * (TABLE + 1))
    wide = replace(HELD, rate=WIDE)
    assert transforms((wide,)) == pytest.approx(
        DOUBLED * knots_of(ASSET).size * (TABLE + rate_nodes(WIDE)[0].size)
    )


def test_a_known_asset_and_shares_without_terms_take_no_tables() -> None:
    assert transforms((replace(HELD, scale=Point(3e5)),)) == pytest.approx(1 + 1 / SHORT)
    assert transforms((replace(HELD, terms=None),)) == pytest.approx(1 + 1 / SHORT)
    beside = (replace(HELD, terms=None), replace(HELD, id="B"))  # one of both has terms
    assert transforms(beside) > TABLE * knots_of(ASSET).size


def test_an_asset_of_single_values_takes_the_year_at_each_of_them() -> None:
    values = Mixture(tuple(Point(1e5 + k) for k in range(300)), (1 / 300,) * 300)
    alone = tuple(replace(HELD, terms=None, scale=Point(1e5), id=name) for name in "AB")
    several = tuple(replace(own, scale=values) for own in alone)
    assert transforms(several) == pytest.approx(300 * transforms(alone))


def test_terms_of_the_year_take_tables_of_their_own() -> None:
    ended = replace(ONE, annual=AnnualTerms(0.0, 1e6))
    assert transforms((ended,)) == pytest.approx(ANNUAL * transforms((ONE,)))


def long(name: str, share: float) -> CompoundPlan:
    """Return a plan whose year takes a share of what is begun unasked."""
    years = round((share * MOST - 1) * SHORT)
    return replace(ONE, id=name, factors=(1.0,) * years)


def test_years_are_begun_up_to_a_length_and_the_longest_is_named() -> None:
    assert why_too_dear(groups([ONE, HELD])) == ""
    assert why_too_dear(groups([long("A", 1.0)])) == ""
    assert why_too_dear(groups([long("A", 1.0), replace(ONE, id="B")])) != ""
    why = why_too_dear(groups([long("A", 0.3), long("long", 0.4), long("C", 0.35)]))
    assert f"{1.05 * MOST:,.0f} transforms" in why
    assert "scenario long" in why


# without an error bound --------------------------------------------------------------------------


@pytest.mark.parametrize("mean", [0.05, 0.5, 5.0])
def test_terms_on_shares_that_hardly_vary_have_no_error_bound(mean: float) -> None:
    for deviation, is_rough in ((0.09, True), (0.11, False)):
        plan = replace(HELD, severity=gamma(mean, deviation))
        assert bool(why_rough(groups([plan]))) == is_rough


SINGLE = Mixture([Point(0.5), Uniform(0.1, 0.9)], [0.2, 0.8])
BESIDE = Secondary(Point(0.5), Gamma(2.0, 1e4))
NONE = Mixture([Point(0.0), Uniform(0.1, 0.9)], [0.2, 0.8])


@pytest.mark.parametrize(
    ("change", "is_rough"),
    [
        ({}, False),
        ({"severity": SINGLE}, True),
        ({"severity": NONE}, False),
        ({"severity": Point(0.5)}, False),  # one share of each event: the year is a product
        ({"severity": Point(0.5), "secondary": BESIDE}, True),
        ({"scale": scaled(SINGLE, 1e6)}, True),
        ({"scale": scaled(NONE, 1e6)}, False),
        ({"severity": SINGLE, "terms": None}, False),
        ({"severity": SINGLE, "scale": Point(1e6)}, False),
        ({"severity": SINGLE, "count": Bernoulli()}, True),
    ],
)
def test_terms_on_single_values_of_an_uncertain_asset_have_no_error_bound(
    change: dict[str, object], is_rough: bool
) -> None:
    assert bool(why_rough(groups([replace(HELD, **change)]))) == is_rough


def test_the_first_scenario_without_an_error_bound_is_named() -> None:
    plans = [HELD, *(replace(HELD, id=name, severity=SINGLE) for name in ("B", "C"))]
    assert "scenario B " in why_rough(groups(plans))
    assert "scenario D " in why_rough(groups([HELD, replace(plans[1], id="D", shared="y")]))


def test_a_value_that_is_a_product_is_not_taken_for_nothing() -> None:
    """P(A > 0) of a computed product is 1 but for rounding."""
    worth = product(LogNormal(10.0, 1.0), Uniform(0.1, 0.9))
    assert why_rough(groups([replace(HELD, scale=worth, terms=None, secondary=BESIDE)])) == ""
    nothing = scaled(NONE, 1e6)
    assert why_rough(groups([replace(HELD, scale=nothing, terms=None, secondary=BESIDE)])) != ""
