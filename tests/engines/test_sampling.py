"""Draws: tables of every family against closed forms, moments, distances, the far tail."""

import numpy as np
import pytest
from scipy import special, stats

from workbench.distributions import (
    Array,
    Beta,
    Burr,
    Comonotone,
    Discrete,
    Distribution,
    Empirical,
    Gamma,
    GeneralisedPareto,
    LogNormal,
    Lomax,
    Metalog,
    Mixture,
    Pareto,
    Pert,
    Point,
    Triangular,
    Truncated,
    Uniform,
    Weibull,
    WithTerms,
    product,
    scaled,
)
from workbench.engines.kernels.layout import CELLS, DEEPEST, SIDE
from workbench.engines.quantile_tables import quantile_table
from workbench.engines.sampling import draws, table_of
from workbench.engines.streams import Stream
from workbench.engines.sums import total

pytestmark = pytest.mark.pure

FAMILIES: list[Distribution] = [
    LogNormal(10, 0.3),
    LogNormal(10, 1.5),
    LogNormal(10, 2.5),
    Gamma(0.3, 2e4),
    Gamma(5.0, 2e4),
    Beta(0.5, 0.7),
    Beta(2, 9),
    Pert(1e4, 3e4, 2e5),
    Triangular(0, 1e4, 5e4),
    Uniform(10.0, 20.0),
    Weibull(0.5, 1e4),
    Weibull(2.0, 1e4),
    Pareto(alpha=1.5, low=1e4),
    Pareto(alpha=4.0, low=1e4),
    Lomax(2.5, 1e4),
    GeneralisedPareto(0.2, 1e4),
    Burr(2.0, 1.5, 1e4),
    Metalog.from_quantiles([0.1, 0.5, 0.9], [1e4, 4e4, 2e5], lower=0.0),
    Truncated(LogNormal(10, 1.5), 1e3, 1e6),
]


def names(belief: Distribution) -> str:
    return f"{type(belief).__name__}-{FAMILIES.index(belief)}"


def weights() -> Array:
    """Chance of each cell of a table."""
    octave = np.repeat(2.0 ** np.arange(-DEEPEST, 0), CELLS) / (2 * CELLS)
    side = np.append(octave, 2.0 ** (-DEEPEST - 1))
    assert side.size == SIDE
    assert 2 * side.sum() == pytest.approx(1, abs=1e-15)
    return np.tile(side, 2)


def moments(table: Array) -> tuple[float, float]:
    """E[X] and E[X^2] of what a table draws, in closed form: f is uniform within a cell."""
    a, b, c = table.T
    first = a + b / 2 + c / 3
    second = a * a + a * b + (b * b + 2 * a * c) / 3 + b * c / 2 + c * c / 5
    return float(weights() @ first), float(weights() @ second)


@pytest.mark.parametrize("belief", FAMILIES, ids=names)
def test_the_bias_of_a_table_is_far_below_any_noise(belief: Distribution) -> None:
    mean, second = moments(quantile_table(belief))
    assert mean == pytest.approx(belief.mean(), rel=1e-8)
    if np.isfinite(belief.second_moment()):  # but for what varies beyond the cells
        q = 2.0 ** (-DEEPEST - 1)
        _, first, square = belief.excess_moments(float(belief.isf(q)))
        beyond = float(square - first**2 / q)
        assert second + beyond == pytest.approx(belief.second_moment(), rel=1e-5)


@pytest.mark.parametrize("belief", FAMILIES, ids=names)
def test_a_table_meets_the_quantiles_from_the_median_to_the_far_tail(belief: Distribution) -> None:
    table = quantile_table(belief)
    rng = np.random.default_rng(4)
    depth = 2.0 ** -rng.uniform(0, 33, 4000)
    octave = np.minimum(np.floor(-np.log2(depth)).astype(int), DEEPEST - 1) + 1
    place = depth * 2.0**octave - 1
    cell = np.floor(place * CELLS).astype(int)
    rows, f = (DEEPEST - octave) * CELLS + cell, place * CELLS - cell
    for side, known in ((0, belief.ppf(depth / 2)), (SIDE, belief.isf(depth / 2))):
        a, b, c = table[rows + side].T
        found = a + f * (b + f * c)
        scale = np.maximum(np.abs(known), 1e-9 * belief.ppf(0.5))
        smooth = 3e-4 if belief.breaks().size == 0 else 3e-2  # a kink within a cell
        assert (np.abs(found - known) <= smooth * scale).all()


@pytest.mark.parametrize("belief", FAMILIES, ids=names)
def test_draws_have_the_distribution(belief: Distribution) -> None:
    x = draws(belief, Stream(3, "S", 0), "severity", 100_000)
    assert stats.kstest(x, belief.cdf).pvalue > 1e-4
    for tail in (1e-2, 1e-3):
        passed = np.count_nonzero(x > belief.isf(tail))
        assert 1e-5 < stats.binom.sf(passed - 1, x.size, tail) < 1 - 1e-5


def test_parts_are_drawn_as_they_are_defined() -> None:
    stream, size = Stream(3, "S", 0), 50_000
    parts = (LogNormal(9, 1), Gamma(2, 1e4))
    both = total(parts)
    x = draws(both, stream, "severity", size)
    assert x.mean() == pytest.approx(both.mean(), abs=5 * both.sd() / np.sqrt(size))
    assert x.var() == pytest.approx(both.variance(), rel=0.1)
    y = draws(product(LogNormal(1, 0.5), LogNormal(2, 0.5)), stream, "severity", size)
    assert stats.kstest(np.log(y), stats.norm(3, np.sqrt(0.5)).cdf).pvalue > 1e-4
    assert draws(scaled(both, 3.0), stream, "severity", 10).tolist() == pytest.approx(
        (3 * x[:10]).tolist()
    )
    assert draws(Point(7.0), stream, "severity", 3).tolist() == [7, 7, 7]


def test_single_values_are_met_exactly() -> None:
    stream, size = Stream(3, "S", 0), 50_000
    listed = draws(Empirical([1e3, 2e3, 5e4], [0.2, 0.5, 0.3]), stream, "severity", size)
    assert set(listed.tolist()) == {1e3, 2e3, 5e4}
    limited = draws(WithTerms(LogNormal(10, 1), 1e3, 5e4, 0.5), stream, "severity", size)
    belief = LogNormal(10, 1)
    for value, chance in ((0.0, belief.cdf(1e3)), (2.5e4, belief.sf(5.1e4))):
        p = float(chance)
        assert np.mean(limited == value) == pytest.approx(p, abs=5 * np.sqrt(p / size))
    mixed = draws(Mixture((Point(5e5), LogNormal(9, 1)), (0.2, 0.8)), stream, "severity", size)
    assert np.mean(mixed == 5e5) == pytest.approx(0.2, abs=5 * np.sqrt(0.16 / size))
    rest = mixed[mixed != 5e5]
    assert stats.kstest(np.log(rest), stats.norm(9, 1).cdf).pvalue > 1e-4
    assert table_of(Empirical([1.0, 2.0])) is None


def test_what_lies_beyond_the_cells_is_their_average() -> None:
    belief = Pareto(alpha=1.5, low=1.0)
    deepest = quantile_table(belief)[-1]
    q = 2.0 ** (-DEEPEST - 1)
    assert deepest.tolist() == pytest.approx([3 * q ** (-2 / 3), 0, 0])  # alpha / (alpha - 1) x
    endless = Pareto(alpha=0.8, low=1.0)  # no average: the median of what lies there
    assert quantile_table(endless)[-1, 0] == pytest.approx((q / 2) ** (-1 / 0.8))
    normal = quantile_table(LogNormal(0, 1))[SIDE - 1, 0]
    assert normal == pytest.approx(np.exp(special.ndtri(q / 2)))


GAPS = [
    Comonotone((LogNormal(3, 1), Discrete([0.0, 1e6], [0.95, 0.05]))),
    Truncated(Mixture([Uniform(0, 1), Uniform(1e6, 1.1e6)], [0.96, 0.04]), 0, 1.09e6),
    Truncated(Mixture([Uniform(0, 1), Uniform(1e6, 1.1e6)], [0.5, 0.5]), 0, 1.09e6),
]


@pytest.mark.parametrize("belief", GAPS)
def test_amounts_that_never_come_are_never_drawn(belief: Distribution) -> None:
    # a parabola over a jump of the quantile turned back: years below 0, and years within the gap
    assert table_of(belief) is None
    x = draws(belief, Stream(3, "S", 0), "severity", 100_000)
    low, high = belief.support()
    assert low <= x.min() <= x.max() <= high
    inside = float(belief.cdf(9e5) - belief.cdf(1e4))
    assert np.count_nonzero((x > 1e4) & (x <= 9e5)) <= stats.poisson.ppf(1 - 1e-9, inside * x.size)
    assert x.mean() == pytest.approx(belief.mean(), abs=5 * belief.sd() / np.sqrt(x.size))


@pytest.mark.parametrize(
    "belief",
    [
        Point(7.0),
        Discrete([1.0, 2.0], [0.5, 0.5]),
        Empirical([1.0, 4.0, 9.0]),
        Mixture((LogNormal(1, 1), Gamma(2, 3)), (0.4, 0.6)),
        WithTerms(LogNormal(10, 1), 1e4, 1e5, 0.9),
        WithTerms(LogNormal(10, 1), 0.0, np.inf, 0.5),
        scaled(Gamma(2, 3), 1e3),
        product(Beta(2, 5), LogNormal(9, 1)),
        total((LogNormal(9, 1), Gamma(2, 1e4))),
    ],
    ids=str,
)
def test_what_is_made_of_parts_or_has_single_values_is_drawn_by_them(belief: Distribution) -> None:
    assert table_of(belief) is None or type(belief).__name__ in {"Gamma", "LogNormal"}
    u = draws(belief, Stream(3, "S", 1), "x")
    known = belief.atoms()
    if known is not None:  # exactly these amounts, and none beside them
        assert set(u.tolist()) <= set(known[0].tolist())
    for level in (0.05, 0.5, 0.9):
        at = float(belief.ppf(level))
        share, chance = float((u > at).mean()), float(belief.sf(at))
        assert abs(share - chance) <= 4 * np.sqrt(max(chance * (1 - chance), 1e-6) / u.size)


def test_the_parts_of_a_mixture_come_as_often_as_their_weights() -> None:
    size = 40_000
    found = draws(
        Mixture([Point(1), Point(2), Point(3)], [0.2, 0.3, 0.5]), Stream(1, "S", 0), "x", size
    )
    for value, weight in ((1, 0.2), (2, 0.3), (3, 0.5)):
        assert np.mean(found == value) == pytest.approx(weight, abs=4 * np.sqrt(0.25 / size))
