"""Steps of a year over an uncertain scale: knots, single losses, masses and moments."""

import math

import numpy as np
import pytest

from workbench.distributions import (
    Array,
    Distribution,
    Gamma,
    LogNormal,
    Mixture,
    Pareto,
    Point,
    Uniform,
    WithTerms,
    scaled,
)
from workbench.engines.scale_mixture import (
    Split,
    Years,
    _read,
    _split,
    averaged,
    knots_of,
    moments_over,
    polynomial_moments,
    polynomials,
    years_of,
)
from workbench.losses import TabulatedLosses

pytestmark = pytest.mark.pure
NONE = np.zeros(0)


def year_of(
    kinds: list[tuple[float, Distribution]], nodes: int = 400, known: float = math.inf
) -> TabulatedLosses:
    """Return a year of one event at most, of several kinds, each with its chance."""
    places = np.concatenate([kind.jumps()[0] for _, kind in kinds])
    places = np.unique(places[places > 0])
    ends = [np.clip(kind.isf(np.array([1 - 1e-12, 1e-17])), 1e-9, 1e20) for _, kind in kinds]
    smooth = np.geomspace(min(e[0] for e in ends), max(e[1] for e in ends) * 1.001, nodes)
    x = np.unique(np.concatenate([[0.0], smooth, places]))
    sf = sum(chance * kind.sf(x) for chance, kind in kinds)
    has_mean = all(math.isfinite(kind.mean()) for _, kind in kinds)
    excess = sum(
        chance * (kind.excess_moments(x)[1] if has_mean else np.zeros_like(x))
        for chance, kind in kinds
    )
    at = np.searchsorted(x, places)
    weights = np.array(
        [
            sum(chance * kind.jumps()[1] @ (kind.jumps()[0] == p) for chance, kind in kinds)
            for p in places
        ]
    )
    return TabulatedLosses(
        np.insert(x, at, x[at]),
        np.insert(sf, at, sf[at] + weights),
        np.insert(excess, at, excess[at]),
        mean=float(excess[0]) if has_mean else math.inf,
        variance=1.0 if has_mean else math.inf,
        coarse=None if nodes < 400 else lambda: year_of(kinds, nodes // 2, known),
        known=known,
    )


def limited(scale: float, share: Distribution, limit: float) -> Distribution:
    return WithTerms(scaled(share, scale), 0.0, limit, 1.0)


# knots -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e6])
@pytest.mark.parametrize("free", [0.0, 0.7])
def test_knots_are_a_share_of_the_values_above_0_in_any_unit(unit: float, free: float) -> None:
    scale: Distribution = Gamma(0.8, unit)
    first, last = scale.isf(np.array([1 - 1e-5, 1e-7]))
    known = unit * knots_of(Gamma(0.8, 1.0))
    assert known[[0, -1]] == pytest.approx([first, last], rel=1e-9)
    mixed = Mixture([Point(0.0), scale], [free, 1 - free]) if free else scale
    assert knots_of(mixed) == pytest.approx(known, rel=1e-6)


@pytest.mark.parametrize("sigma", [0.05, 0.2, 0.37, 0.4, 0.8, 2.0])
def test_knots_of_a_narrow_scale_are_even_and_those_of_a_wide_one_rarer_below(sigma: float) -> None:
    """From the quantile of 1e-5 to that of 0.01 a lognormal takes 1.94 sigma: 6 * 0.125 or less."""
    gaps = np.diff(np.log(knots_of(LogNormal(0, sigma))))
    upper = gaps[-1]
    assert gaps.max() <= 3 * upper * (1 + 1e-9)
    assert upper <= 0.125 + 1e-12
    if 1.94 * sigma < 0.75:
        assert gaps == pytest.approx(np.full(gaps.size, upper))
        assert gaps.size >= 12
    else:
        wider = gaps > 1.2 * upper
        below = gaps[wider].sum()
        assert below == pytest.approx(1.9385 * sigma, rel=1e-3)
        assert (~wider[1:] | wider[:-1]).all()  # the wide ones come first
    if sigma >= 0.4:
        assert upper > 0.85 * 0.125  # no more knots than it takes


def test_places_between_two_knots_have_three_of_each_side() -> None:
    knots = np.array([0.0, 0.4, 1.0, 1.7, 2.0, 2.6, 3.0, 3.5, 4.1, 4.4])
    for k in range(knots.size - 1):
        found = polynomials(np.array([0.3 * knots[k] + 0.7 * knots[k + 1]]), knots)[:, 0]
        first = min(max(k - 2, 0), knots.size - 6)
        assert np.flatnonzero(found).tolist() == list(range(first, first + 6))
        assert found.sum() == pytest.approx(1.0)


def test_finer_years_have_one_more_between_any_two() -> None:
    made: list[float] = []

    def year_at(scale: float) -> TabulatedLosses:
        made.append(scale)
        return year_of([(0.5, limited(scale, Uniform(0.1, 0.9), 0.5))], 20)

    known = years_of(np.array([1.0, 4.0, 9.0]), year_at)
    finer = known.finer(year_at)
    assert finer.knots == pytest.approx([1.0, 2.0, 4.0, 6.0, 9.0])
    assert made == pytest.approx([1.0, 4.0, 9.0, 2.0, 6.0])
    assert finer.years[::2] == known.years
    assert len(finer.years) == 5
    assert finer.coarse().knots == pytest.approx(known.knots)
    assert finer.fixed.tolist() == known.fixed.tolist() == [0.5]


# single losses -----------------------------------------------------------------------------------


def jumping(places: list[float], chances: list[float]) -> TabulatedLosses:
    """Return a year that loses one of several amounts, or nothing."""
    x = np.array([0.0, *places])
    sf = np.append(np.cumsum(chances[::-1])[::-1], 0.0)
    excess = np.array([np.maximum(x - at, 0)[1:] @ chances for at in x])
    return TabulatedLosses(x, sf, excess, mean=float(excess[0]), variance=1.0, step=True)


def test_single_losses_of_several_scales_are_fixed_and_others_move() -> None:
    """But for rounding; what is lost at one scale alone is not fixed."""
    many = [jumping([k * 0.011, 0.5, 3e6 * (1 + k * 2e-10)], [0.1, 0.2, 0.3]) for k in (1, 2, 3)]
    fixed = Years(np.arange(1.0, 4.0), many, NONE).finer(lambda _: many[0]).fixed
    assert fixed == pytest.approx([0.011, 0.5, 3e6], rel=1e-9)  # the first year stands in there
    known = years_of(np.arange(1.0, 4.0), lambda k: many[round(k) - 1])
    assert known.fixed == pytest.approx([0.5, 3e6], rel=1e-9)


def test_the_fixed_losses_of_a_year_are_set_apart_by_their_places() -> None:
    """Places may be off by rounding, and some years have no such loss."""
    year = jumping(
        [0.2, 0.5 * (1 - 5e-10), 2.0, 7e6 * (1 + 5e-10), 9e6], [0.1, 0.15, 0.2, 0.25, 0.3]
    )
    part = _split(year, np.array([0.5, 1.0, 7e6]))
    assert part.stays == pytest.approx([0.15, 0.0, 0.25])
    assert part.places == pytest.approx([0.5, 7e6], rel=1e-9)
    assert part.chances == pytest.approx([0.15, 0.25])
    assert part.moving[0] == pytest.approx([0.2, 2.0, 9e6])
    assert part.moving[1] == pytest.approx([0.1, 0.2, 0.3])
    sf, excess = part.tail(np.array([0.3, 8e6]))
    assert sf == pytest.approx([0.5, 0.3])
    assert excess == pytest.approx([0.2 * 1.7 + 0.3 * (9e6 - 0.3), 0.3 * 1e6])


def masses_of(part: Split, knot: float, size: int = 1 << 11) -> tuple[Array, Array]:
    low, step = -12.0, 24.0 / size
    return low + step * np.arange(size), part.on_log_axis(knot, low, step, size)


@pytest.mark.parametrize("knot", [0.01, 1.0, 50.0])
def test_masses_of_a_year_are_told_by_chance_and_by_worth_without_what_is_fixed(
    knot: float,
) -> None:
    """Of lognormal events and of two single losses, one of which is fixed."""
    events, moving, fixed = LogNormal(math.log(knot), 0.8), 2 * knot, 3.7
    kinds = [(0.4, events), (0.1, Point(moving)), (0.2, Point(fixed))]
    y, masses = masses_of(_split(year_of(kinds), np.array([fixed])), knot)
    assert masses.shape == (2, y.size)
    worth = 0.4 * math.exp(0.32) + 0.1 * 2
    assert masses.sum(axis=1) == pytest.approx([0.5, worth], rel=1e-6)
    logs = 0.4 * 0.0 + 0.1 * math.log(2), 0.4 * math.exp(0.32) * 0.64 + 0.1 * 2 * math.log(2)
    assert masses @ y == pytest.approx(logs, rel=1e-4)


def test_masses_of_a_year_without_a_mean_have_no_worth_and_no_loss_has_no_masses() -> None:
    _, masses = masses_of(_split(year_of([(0.4, Pareto(0.9, 1.0))]), NONE), 1.0)
    assert masses[0].sum() == pytest.approx(0.4, rel=1e-4)
    assert (masses[1] == 0).all()
    alone = _split(jumping([2.0], [0.3]), np.array([2.0]))
    assert (masses_of(alone, 1.0)[1] == 0).all()


# the year over all scales ------------------------------------------------------------------------

SHARE = LogNormal(-1.0, 0.5)


def over(scale: Distribution, kinds: list[tuple[float, Distribution, float]]) -> TabulatedLosses:
    """Return the year of one event at most, each kind with its chance, share and limit."""
    known = years_of(
        knots_of(scale),
        lambda a: year_of([(chance, limited(a, share, limit)) for chance, share, limit in kinds]),
    )
    return averaged(scale, known, lambda _: (1.0, 2.0))


@pytest.mark.parametrize("unit", [1e-4, 1e6])
def test_far_tails_keep_their_digits_in_any_unit(unit: float) -> None:
    known = LogNormal(math.log(unit) - 1, math.hypot(0.5, 0.9))
    found = over(scaled(LogNormal(0, 0.9), unit), [(0.3, SHARE, math.inf)])
    x = known.isf(np.array([0.9, 0.5, 1e-3, 1e-9, 1e-15]))
    assert found.exceedance(x) == pytest.approx(0.3 * known.sf(x), rel=2e-3, abs=0)
    assert found.excess_at(x) == pytest.approx(0.3 * known.excess_moments(x)[1], rel=2e-3, abs=0)
    assert (found.mean(), found.variance()) == (1.0, 2.0)
    coarse = found.coarse
    assert coarse is not None
    assert coarse.nodes()[0].size == pytest.approx(found.nodes()[0].size / 2, rel=0.01)


def test_around_limits_chances_are_those_of_the_years_themselves() -> None:
    """One event of a share of the asset, under one of three limits."""
    share, both = LogNormal(-1.0, 0.2), LogNormal(-0.3, math.hypot(0.2, 0.5))
    kinds = [(0.1, share, 0.5), (0.15, share, 1.5), (0.2, share, 5.0)]
    found = over(LogNormal(0.7, 0.5), kinds)
    for x in (0.3, 0.45, 0.49, 0.51, 0.6, 0.9, 1.3, 1.45, 1.51, 1.6, 2.5, 4.5, 4.9, 5.1, 6.0):
        known = math.fsum(chance * float(both.sf(x)) for chance, _, limit in kinds if x < limit)
        assert float(found.exceedance(x)) == pytest.approx(known, abs=1e-6)
    for chance, _, limit in kinds:
        fall = found.exceedance(limit * (1 - 1e-9)) - found.exceedance(limit)
        assert float(fall) == pytest.approx(chance * float(both.sf(limit)), abs=1e-7)


def test_a_limit_that_is_rarely_reached_leaves_other_losses_alone() -> None:
    share, both = LogNormal(-1.0, 0.2), LogNormal(-0.3, math.hypot(0.2, 0.3))
    found = over(LogNormal(0.7, 0.3), [(1.2e-4, share, 1.0), (0.3, share, math.inf)])
    for x in (0.5, 0.9, 1.1, 2.0):
        known = 0.3 * float(both.sf(x)) + 1.2e-4 * float(both.sf(x)) * (x < 1)
        assert float(found.exceedance(x)) == pytest.approx(known, abs=1e-6)


def test_a_scale_that_starts_at_a_single_value_starts_there() -> None:
    scale = Mixture([Point(1.0), Uniform(1.0, 3.0)], [0.5, 0.5])
    share = Uniform(1.0, 1.001)
    found = over(scale, [(1.0, share, math.inf)])
    assert found.var(0.25) == pytest.approx(1.0005, abs=1e-4)


def test_a_limit_gives_areas_to_an_asset_without_a_mean() -> None:
    """P(A X > x) = E[X^a] x^-a, up to the limit: 1e-17 of rounding is no loss, however far out."""
    share = Uniform(0.5, 1.0)
    found = over(Pareto(0.8, 1.0), [(0.3, share, 20.0)])
    power = (1 - 0.5**1.8) / 1.8 / 0.5
    for x in (2.0, 10.0, 19.0):
        assert float(found.exceedance(x)) == pytest.approx(0.3 * power * x**-0.8, rel=2e-3)
        area = 0.3 * power * (20**0.2 - x**0.2) / 0.2
        assert found.excess(x) == pytest.approx(area, rel=2e-3)


def test_without_a_mean_rounding_far_out_is_no_loss() -> None:
    """An alternating 1e-16 of a chance at 10^40 and more."""
    masses = np.zeros((2, 201))
    masses[0, :50] = 0.01
    clean = _read(masses.copy(), 0.0, 0.5)
    masses[0, 50:] = 1e-16 * (-1.0) ** np.arange(151)
    x, sf, excess = _read(masses, 0.0, 0.5)
    assert sf == pytest.approx(clean[1], abs=1e-13)
    assert excess == pytest.approx(clean[2], rel=1e-9)
    assert excess[1] > 0.005 * math.exp(24.5)
    assert (excess[x > math.exp(25.0)] == 0).all()


def test_a_year_without_loss_at_any_scale_is_a_table_of_nothing() -> None:
    nothing = TabulatedLosses(*[np.zeros(1)] * 3, mean=0.0, variance=0.0, step=True)
    found = averaged(
        LogNormal(0, 1), years_of(np.arange(1.0, 18), lambda _: nothing), lambda _: (0, 0)
    )
    x, sf, excess = found.nodes()
    assert x.size == sf.size == excess.size == 2
    assert x[0] == 0
    assert not sf.any()
    assert not excess.any()


def test_a_year_is_not_known_beyond_what_that_at_any_knot_is() -> None:
    scale = LogNormal(0, 0.3)
    middle = knots_of(scale)[6]

    def year_at(a: float) -> TabulatedLosses:
        event = scaled(SHARE, a)
        known = float(event.isf(2e-3)) if a == middle else math.inf
        return year_of([(0.5, event)], known=known)

    found = averaged(scale, years_of(knots_of(scale), year_at), lambda _: (1.0, 2.0))
    x, sf, _ = found.nodes()
    at = int(np.searchsorted(x, found.computed_to()))
    assert sf[at] <= 10 * 0.5 * 2e-3 * (1 + 1e-4)
    assert sf[at - 1] > 10 * 0.5 * 2e-3 * (1 - 1e-4)


# moments -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [1e-4, 1.0, 1e6])
@pytest.mark.parametrize("free", [0.0, 0.6])
def test_moments_of_a_bent_mean_are_averages_over_the_scale(unit: float, free: float) -> None:
    """E[A + A^1.5] and E[A^2 + 2 A^2.5 + 2 A^3] of a lognormal are exponentials."""
    scale: Distribution = LogNormal(math.log(unit), 0.7)
    mixed = Mixture([Point(0.0), scale], [free, 1 - free]) if free else scale

    def given(a: float) -> tuple[float, float]:
        z = a / unit
        return unit * (z + z**1.5), unit**2 * z**3

    mean, variance = moments_over(mixed, knots_of(mixed), given)

    def power(k: float) -> float:
        return (1 - free) * math.exp((k * 0.7) ** 2 / 2)

    assert mean == pytest.approx(unit * (power(1) + power(1.5)), rel=1e-6)
    second = unit**2 * (power(2) + 2 * power(2.5) + 2 * power(3))
    assert variance + mean**2 == pytest.approx(second, rel=1e-6)


def test_moments_over_a_scale_that_starts_at_a_single_value() -> None:
    scale = Mixture([Point(1.0), Uniform(1.0, 3.0)], [0.5, 0.5])
    mean, _ = moments_over(scale, knots_of(scale), lambda a: (a * a, 0.0))
    assert mean == pytest.approx(0.5 + 0.5 * 13 / 3, rel=1e-6)


def test_what_a_heavy_scale_is_worth_far_out_goes_on_as_it_ends() -> None:
    """E[(A - d)+], E[min(A, c)] and a tenth of A with it, of a Pareto scale from 1 on."""
    scale = Pareto(1.1, 1.0)
    knots = knots_of(scale)
    above, whole = 10 * 4**-0.1, 11.0
    mean, variance = moments_over(scale, knots, lambda a: (max(a - 4, 0.0), a * a))
    assert mean == pytest.approx(above, rel=1e-4)
    assert variance == math.inf
    mean, _ = moments_over(scale, knots, lambda a: (min(a, 4.0), 0.0))
    assert mean == pytest.approx(whole - above, rel=5e-4)
    mean, _ = moments_over(scale, knots, lambda a: (min(a, 4.0) + a / 10, 0.0))
    assert mean == pytest.approx(whole - above + whole / 10, rel=5e-4)


def test_a_limit_gives_moments_to_a_scale_that_has_none() -> None:
    """The integrals of x^-a and of 2 x^(1-a) from 1 to c, and 1 for what lies below."""
    scale, c = Pareto(0.9, 1.0), 5.0
    mean, variance = moments_over(scale, knots_of(scale), lambda a: (min(a, c), 0.0))
    assert mean == pytest.approx(1 + (c**0.1 - 1) / 0.1, rel=1e-3)
    second = 1 + 2 * (c**1.1 - 1) / 1.1
    assert variance == pytest.approx(second - mean**2, rel=1e-2)


def test_moments_that_a_year_lacks_are_infinite_over_all_scales() -> None:
    scale = LogNormal(0, 0.5)
    knots = knots_of(scale)
    mean, variance = moments_over(scale, knots, lambda a: (2 * a, math.inf))
    assert mean == pytest.approx(2 * scale.mean(), rel=1e-6)
    assert variance == math.inf
    assert moments_over(scale, knots, lambda _: (math.inf, math.inf)) == (math.inf, math.inf)
    assert polynomial_moments(scale, lambda _: (math.inf, math.inf)) == (math.inf, math.inf)
    mean, variance = polynomial_moments(scale, lambda a: (2 * a + 1, math.inf))
    assert mean == pytest.approx(2 * scale.mean() + 1)
    assert variance == math.inf


def test_moments_of_polynomials_of_the_scale_are_closed() -> None:
    """E[L | A] = 1 + 2 A and Var(L | A) = 3 + A + 2 A^2."""
    scale = Gamma(2.0, 3.0)
    mean, variance = polynomial_moments(scale, lambda a: (1 + 2 * a, 3 + a + 2 * a * a))
    assert mean == pytest.approx(13.0)
    assert variance == pytest.approx(3 + 6 + 2 * 54 + 4 * 18)


def test_moments_over_a_scale_that_is_mostly_nothing_are_those_of_its_two_parts() -> None:
    """E[L^k] = 0.6 E[L^k | A = 0] + 0.4 E[L^k | A > 0], with E[L | A] = 1 + 2 A, Var = 3 + A."""
    above = Gamma(2.0, 3.0)
    scale = Mixture([Point(0.0), above], [0.6, 0.4])
    mean, variance = polynomial_moments(scale, lambda a: (1 + 2 * a, 3 + a))
    own, spread = polynomial_moments(above, lambda a: (1 + 2 * a, 3 + a))
    whole = 0.6 * 1 + 0.4 * own
    assert mean == pytest.approx(whole)
    assert variance == pytest.approx(0.6 * (3 + 1) + 0.4 * (spread + own**2) - whole**2)
