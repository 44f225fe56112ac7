"""Laws that every belief keeps, checked against integration of its own quantiles."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from workbench.distributions import (
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
    Product,
    Scaled,
    Triangular,
    Truncated,
    Uniform,
    Weibull,
    WithTerms,
    from_dict,
)
from workbench.distributions.bounded import MANY
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure

SMOOTH = [
    Uniform(0, 1),
    Uniform(3, 3.5),
    Pert(1, 2, 8),
    Pert(0, 0, 10),
    Pert(2, 7, 7),
    Pert(0, 1, 5, shape=0.3),
    Pert(10, 30, 100, shape=60),
    Pert(5, 5, 5.0001),
    LogNormal(0, 0.2),
    LogNormal(12.6, 0.7),
    LogNormal(-3, 2.0),
    Beta(2, 6),
    Beta(0.4, 0.7),
    Beta(30, 1),
    Beta(1, 1),
    Gamma(0.3, 5),
    Gamma(1, 2),
    Gamma(40, 1e6),
    Scaled(Beta(2, 6), 3e6),
    Triangular(1, 2, 8),
    Triangular(0, 0, 3),
    Triangular(2, 5, 5),
    Weibull(0.7, 3),
    Weibull(3, 1e5),
    Pareto(6, 2),
    Lomax(7, 1e6),
    GeneralisedPareto(0.1, 3, 1),
    GeneralisedPareto(0, 3),
    GeneralisedPareto(-0.4, 3, 1),
    Burr(3, 3, 5),
    Metalog.from_quantiles([0.1, 0.5, 0.9], [10, 18, 28], lower=0),
    Metalog.from_quantiles([0.1, 0.5, 0.9], [10, 20, 40], lower=0, upper=60),
    Metalog.from_quantiles([0.05, 0.25, 0.5, 0.9], [2, 3, 4, 8], lower=0, upper=20),
    Mixture([LogNormal(0, 0.5), Pert(0, 3, 12)], [3, 1]),
    Truncated(LogNormal(0, 1), 0.5, 8),
    Truncated(Metalog.from_quantiles([0.1, 0.5, 0.9], [10, 20, 40]), 0),
    Comonotone([LogNormal(0, 0.5), Gamma(2, 1)]),
]
ATOMS = [
    Point(0),
    Point(2.5),
    Empirical([1.0, 4.0, 4.0, 9.0]),
    Empirical([0.0, 2.0, 7.5], [0.2, 0.5, 0.3]),
    Scaled(Empirical([1.0, 4.0]), 0.5),
    Discrete([0, 2, 7.5], [0.2, 0.5, 0.3]),
    Mixture([Point(0), Empirical([1.0, 4.0])], [0.3, 0.7]),
    Truncated(Empirical([0.0, 1.0, 4.0, 9.0]), 0, 5),
    Comonotone([Empirical([1.0, 4.0, 6.0]), Discrete([0, 3], [0.5, 0.5])]),
]
TERMS = [
    WithTerms(LogNormal(0, 1), 0.5),
    WithTerms(LogNormal(0, 1), 0.5, 2.0, 0.8),
    WithTerms(Pert(1, 2, 8), 0.0, 3.0),
    WithTerms(Gamma(2, 1), 1.0, 4.0, 0.25),
    Mixture([Point(0), WithTerms(LogNormal(0, 1), 0.5, 2.0)], [0.2, 0.8]),
    Mixture([Uniform(0, 1), Uniform(2, 3)], [0.5, 0.5]),
    Comonotone([Triangular(0, 1, 3), WithTerms(Gamma(2, 1), 1.0, 4.0)]),
    Truncated(WithTerms(LogNormal(0, 1), 0.5, 2.0), 0),
]
PRODUCTS = [
    Product([Pert(1, 2, 8), Beta(2, 6)]),
    Product([Gamma(2, 1), Uniform(1, 2)]),
]
EVERY = SMOOTH + ATOMS + TERMS + PRODUCTS
LEVELS = np.array([1e-6, 1e-3, 0.05, 0.3, 0.5, 0.77, 0.95, 0.999, 1 - 1e-6])


def places(belief: Distribution) -> np.ndarray:
    """Return points inside the support, at its ends, below it and above it."""
    low, high = belief.support()
    inside = np.unique(belief.ppf(np.array([0.01, 0.2, 0.5, 0.8, 0.99])))
    ends = [0.0, low / 2, low, *([high, high * 1.5 + 1] if np.isfinite(high) else [])]
    return np.unique(np.concatenate([inside, inside[:-1] + np.diff(inside) / 2, ends]))


def average_over_quantiles(belief: Distribution, f: object, breaks: np.ndarray) -> float:
    """E[f(X)] as the integral of f(ppf(u)) over u: composite Gauss, dense at both ends.

    `breaks` are the values at which f or the belief has a kink.
    """
    ends = np.concatenate([np.geomspace(1e-18, 0.1, 60), np.linspace(0.1, 0.5, 20)[1:]])
    both = np.concatenate([breaks, np.nextafter(breaks, 0)])  # each side of a step
    own = belief.breaks()
    lower = np.unique(np.concatenate([[0], ends, belief.cdf(both), 1 - own]))
    total = 0.0
    t, w = special.roots_legendre(24)
    for quantile, cuts in (
        (belief.ppf, lower[lower <= 0.5]),
        (belief.isf, np.unique(np.concatenate([[0], ends, belief.sf(both), own]))),
    ):
        edges = np.unique(np.append(cuts[cuts <= 0.5], 0.5))
        a, b = edges[:-1, None], edges[1:, None]
        u = (a + b) / 2 + (b - a) / 2 * t
        total += float(np.sum((b - a) / 2 * w * f(quantile(u))))
    return total


@pytest.mark.daily(28)
@pytest.mark.parametrize("belief", EVERY, ids=repr)
def test_mean_and_variance_are_those_of_the_quantiles(belief: Distribution) -> None:
    kinks = places(belief)
    mean = average_over_quantiles(belief, lambda x: x, kinks)
    assert belief.mean() == pytest.approx(mean, rel=2e-9, abs=1e-300)
    around = average_over_quantiles(belief, lambda x: (x - mean) ** 2, kinks)
    scale = belief.variance() + 1e-9 * mean**2
    assert belief.variance() == pytest.approx(around, rel=1e-6, abs=1e-9 * scale)
    assert belief.sd() == pytest.approx(np.sqrt(belief.variance()))
    second = belief.variance() + belief.mean() ** 2
    assert belief.second_moment() == pytest.approx(second, rel=1e-12, abs=1e-300)


@pytest.mark.daily(19)
@pytest.mark.parametrize("belief", EVERY, ids=repr)
def test_excess_moments_are_integrals_of_the_quantiles(belief: Distribution) -> None:
    at = places(belief)
    tail, first, second = belief.excess_moments(at)
    scale = belief.mean() + belief.sd()
    for i, x in enumerate(at):
        kinks = np.append(at, x)
        over = average_over_quantiles(belief, lambda v, x=x: np.maximum(v - x, 0), kinks)
        squared = average_over_quantiles(belief, lambda v, x=x: np.maximum(v - x, 0) ** 2, kinks)
        assert tail[i] == pytest.approx(float(belief.sf(x)), abs=1e-14)
        assert first[i] == pytest.approx(over, rel=1e-7, abs=1e-9 * scale)
        assert second[i] == pytest.approx(squared, rel=1e-6, abs=1e-9 * scale**2)
    assert (np.diff(tail) <= 1e-15).all()
    assert (np.diff(first) <= 1e-12 * scale).all()


@pytest.mark.parametrize("belief", EVERY, ids=repr)
def test_below_the_support_the_excess_is_the_distance_to_the_mean(belief: Distribution) -> None:
    low, _ = belief.support()
    for x in (0.0, 0.5 * low, low):
        assert float(belief.excess_moments(x)[1]) == pytest.approx(belief.mean() - x, rel=1e-9)
        assert float(belief.limited_mean(x)) == pytest.approx(x, abs=1e-9 * belief.mean())
    assert float(belief.excess_moments(0.0)[2]) == pytest.approx(belief.second_moment(), rel=1e-9)


@pytest.mark.parametrize("belief", [b for b in EVERY if np.isfinite(b.support()[1])], ids=repr)
def test_nothing_lies_above_the_support(belief: Distribution) -> None:
    low, high = belief.support()
    for x in (high * (1 + 1e-12), 2 * high + 1, 1e12 * (high + 1)):
        assert [float(v) for v in belief.excess_moments(x)] == [0, 0, 0]
        assert float(belief.sf(x)) == 0
        assert float(belief.cdf(x)) == 1
    assert float(belief.ppf(1.0)) == pytest.approx(high, rel=1e-14)
    assert float(belief.ppf(0.0)) == pytest.approx(low, rel=1e-14)


@pytest.mark.parametrize("belief", SMOOTH, ids=repr)
def test_quantile_and_distribution_function_are_inverse(belief: Distribution) -> None:
    x = belief.ppf(LEVELS)
    # a width of 1e-4 around 5 leaves 11 digits of a level
    atol = 1e-9 if belief.sd() < 1e-4 * belief.mean() else 1e-12
    assert belief.cdf(x) == pytest.approx(LEVELS, abs=atol)
    assert belief.cdf(x) + belief.sf(x) == pytest.approx(np.ones(LEVELS.size), abs=1e-15)
    assert (np.diff(x) > 0).all()
    assert x.shape == LEVELS.shape
    assert np.shape(belief.ppf(0.5)) == ()


@pytest.mark.parametrize("belief", EVERY, ids=repr)
def test_a_quantile_is_the_smallest_value_that_reaches_its_level(belief: Distribution) -> None:
    for level in LEVELS:
        x = float(belief.ppf(level))
        assert float(belief.cdf(x * (1 + 1e-9))) >= level - 1e-9
        if x > belief.support()[0]:
            assert float(belief.cdf(x - 1e-6 * max(belief.sd(), 1e-9 * x))) < level + 1e-12


@pytest.mark.parametrize(
    "belief", [b for b in SMOOTH if b.support()[1] == np.inf] + TERMS[:1], ids=repr
)
@pytest.mark.parametrize("q", [1e-5, 1e-12, 1e-100])
def test_the_tail_keeps_its_digits(belief: Distribution, q: float) -> None:
    assert float(belief.sf(belief.isf(q))) == pytest.approx(q, rel=1e-9)


@pytest.mark.parametrize("belief", EVERY, ids=repr)
def test_isf_is_the_quantile_seen_from_above(belief: Distribution) -> None:
    q = np.array([0.9, 0.61, 0.5, 0.11, 0.013])
    assert belief.isf(q) == pytest.approx(belief.ppf(1 - q), rel=1e-9)


@pytest.mark.parametrize(
    ("belief", "frozen"),
    [
        (Uniform(2, 5), stats.uniform(2, 3)),
        (Beta(2, 6), stats.beta(2, 6)),
        (Beta(0.4, 0.7), stats.beta(0.4, 0.7)),
        (Gamma(3, 2), stats.gamma(3, scale=2)),
        (Gamma(0.3, 5), stats.gamma(0.3, scale=5)),
        (LogNormal(1, 0.8), stats.lognorm(0.8, scale=np.e)),
        (Pert(2, 4, 12), stats.beta(1.8, 4.2, loc=2, scale=10)),
        (Scaled(Beta(2, 6), 5), stats.beta(2, 6, scale=5)),
    ],
)
def test_families_agree_with_scipy(belief: Distribution, frozen: object) -> None:
    x = belief.ppf(np.linspace(0.01, 0.99, 41))
    assert belief.pdf(x) == pytest.approx(frozen.pdf(x), rel=1e-10)
    assert belief.cdf(x) == pytest.approx(frozen.cdf(x), rel=1e-12)
    assert belief.mean() == pytest.approx(frozen.mean(), rel=1e-13)
    assert belief.variance() == pytest.approx(frozen.var(), rel=1e-12)
    assert belief.isf(1e-8) == pytest.approx(frozen.isf(1e-8), rel=1e-9)


@pytest.mark.parametrize("belief", SMOOTH, ids=repr)
def test_the_density_integrates_to_the_distribution(belief: Distribution) -> None:
    a, b = belief.ppf(np.array([0.2, 0.7]))
    found, _ = integrate.quad(lambda x: float(belief.pdf(x)), a, b, epsabs=0, epsrel=1e-10)
    assert found == pytest.approx(0.5, rel=1e-8)
    outside = [-1.0, belief.support()[0] - 1e-9]
    assert [float(belief.pdf(x)) for x in outside] == [0, 0]


@pytest.mark.parametrize("belief", [Point(3), Empirical([1, 2])], ids=repr)
def test_single_values_have_no_density(belief: Distribution) -> None:
    with pytest.raises(WorkbenchError, match="no density"):
        belief.pdf(3)


@pytest.mark.parametrize(
    "belief",
    [
        Beta(2, 6), Beta(1, 1), Beta(1, 5), Beta(7, 1), Beta(0.4, 3), Beta(500, 5000),
        Beta(1e5, 2e5), Pert(0, 0, 10), Pert(3, 10, 10, shape=300),
    ],
    ids=repr,
)  # fmt: skip
def test_many_values_at_once_are_those_of_one_at_a_time(belief: Distribution) -> None:
    low, high = belief.support()
    x = np.unique(np.concatenate([np.linspace(low, high, 400), belief.ppf(np.linspace(0, 1, 101))]))
    assert x.size > MANY
    many = belief.excess_moments(x)
    alone = [belief.excess_moments(part) for part in np.array_split(x, 5)]
    for k in range(3):
        one = np.concatenate([part[k] for part in alone])
        assert np.abs(many[k] - one).max() <= 2e-9 * one.max()


@pytest.mark.parametrize("belief", EVERY, ids=repr)
def test_drawing_is_inversion_of_the_generators_own_words(belief: Distribution) -> None:
    drawn = belief.draw(50, rng=np.random.default_rng(7))
    assert drawn == pytest.approx(belief.ppf(np.random.default_rng(7).random(50)), abs=0)
    assert belief.draw(0, rng=np.random.default_rng(7)).shape == (0,)
    with pytest.raises(WorkbenchError, match="size of 0 or more; got -1"):
        belief.draw(-1, rng=np.random.default_rng(7))


@pytest.mark.parametrize("belief", EVERY, ids=repr)
def test_a_belief_reads_back_equal(belief: Distribution) -> None:
    again = from_dict(belief.to_dict())
    assert again == belief
    assert hash(again) == hash(belief)
    assert type(again) is type(belief)
