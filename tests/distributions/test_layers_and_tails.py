"""Layers, moments that do not exist, and families against scipy's."""

import itertools
import math

import numpy as np
import pytest
from scipy import special, stats

from workbench.distributions import (
    Burr,
    Comonotone,
    Discrete,
    Distribution,
    GeneralisedPareto,
    LogNormal,
    Lomax,
    Metalog,
    Mixture,
    Pareto,
    Pert,
    Product,
    Scaled,
    Triangular,
    Truncated,
    Uniform,
    Weibull,
    WithTerms,
    from_dict,
    scaled,
)

pytestmark = pytest.mark.pure

HEAVY = [
    Pareto(0.7, 2),
    Pareto(1, 2),
    Pareto(1.5, 2),
    Lomax(2, 1e5),
    GeneralisedPareto(1 - 1e-10, 3, 1),
    GeneralisedPareto(0.5 + 1e-9, 3, 1),
    GeneralisedPareto(1e-9, 3, 1),
    GeneralisedPareto(2.5, 3),
    Burr(0.5, 1, 2),
    Burr(0.5, 3, 2),
    Metalog([1, 0.8, 0.1, 0.0], lower=0),
    Metalog([1, 1.2, 0.4, 0.1, 0.2], lower=2),
]
LIGHT = [
    Weibull(0.7, 3),
    Triangular(1, 2, 8),
    Pert(1, 2, 8),
    Burr(4, 2, 5),
    Metalog([20, 7, 6]),
    Metalog([1, 0.4, 0.2, 0.1], upper=50),
    Metalog([0, 1, 0.2, 0.3, 0.1], 1, 9),
]
MADE = [
    Scaled(Pareto(0.7, 2), 3),
    WithTerms(Lomax(0.8, 2), 0.5, 40, 0.8),
    Mixture([Pert(1, 2, 8), Pareto(1.2, 5)], [0.8, 0.2]),
    Truncated(Lomax(0.8, 2), 1, 50),
    Truncated(Pareto(1.5, 2), 3),
    Comonotone([Lomax(1.5, 2), Pert(1, 2, 8)]),
    Product([Lomax(1.2, 2), Pert(1, 2, 8)]),
]


@pytest.mark.parametrize("belief", HEAVY + LIGHT + MADE, ids=repr)
def test_a_layer_is_an_integral_of_the_tail(belief: Distribution) -> None:
    low = belief.support()[0]
    under = low - 1 if math.isfinite(low) else float(belief.ppf(0.01))
    at = [under, *(float(belief.isf(q)) for q in (0.8, 0.3, 0.02, 1e-4))]
    at = sorted(set(at))
    t, w = special.roots_legendre(30)
    levels = np.concatenate([np.geomspace(1e-12, 0.5, 60), 1 - np.geomspace(1e-12, 0.5, 60)])
    panels = belief.isf(np.unique(np.concatenate([levels, belief.breaks()])))
    for a, b in itertools.pairwise(at):
        cuts = np.unique(np.clip([*panels, low, a, b], a, b))
        half = np.diff(cuts)[:, None] / 2
        s = cuts[:-1, None] + half * (1 + t)
        tail = half * w * belief.sf(s)
        first, second = float(tail.sum()), float((2 * (s - a) * tail).sum())
        found = belief.layer_moments(a, b)
        assert float(found[0]) == pytest.approx(first, rel=1e-9)
        assert float(found[1]) == pytest.approx(second, rel=1e-8)
    whole = belief.layer_moments(at[1], math.inf)
    assert [float(m) for m in whole] == [float(m) for m in belief.excess_moments(at[1])[1:]]
    assert [float(m) for m in belief.layer_moments(at[2], at[1])] == [0, 0]


@pytest.mark.parametrize(
    ("belief", "mean", "variance"),
    [
        (Pareto(1, 2), False, False),
        (Pareto(1.001, 2), True, False),
        (Pareto(2, 2), True, False),
        (Pareto(2.001, 2), True, True),
        (Lomax(1, 2), False, False),
        (GeneralisedPareto(0.5, 1), True, False),
        (GeneralisedPareto(0.499, 1), True, True),
        (GeneralisedPareto(1, 1), False, False),
        (Burr(0.5, 2, 1), False, False),
        (Burr(0.5, 4, 1), True, False),
        (Burr(0.5, 4.01, 1), True, True),
        (Metalog([0, 0.9, 0.2], lower=0), False, False),
        (Metalog([0, 0.9, 0.19], lower=0), True, False),
        (Metalog([0, 0.4, 0.2], lower=0), True, False),
        (Metalog([0, 0.4, 0.19], lower=0), True, True),
        (Scaled(Lomax(1.5, 2), 2), True, False),
        (Mixture([LogNormal(0, 1), Lomax(1, 2)], [1, 1]), False, False),
        (Mixture([LogNormal(0, 1), Lomax(1.5, 2)], [1, 1]), True, False),
        (WithTerms(Lomax(0.5, 2), 1), False, False),
        (WithTerms(Lomax(0.5, 2), 1, 10), True, True),
        (Truncated(Lomax(0.5, 2), 1), False, False),
        (Truncated(Lomax(0.5, 2), 1, 10), True, True),
        (Product([Lomax(1, 2), Uniform(1, 2)]), False, False),
        (Product([Lomax(1.5, 2), Uniform(1, 2)]), True, False),
        (Comonotone([Lomax(1.5, 2), Uniform(1, 2)]), True, False),
        (Comonotone([Lomax(0.5, 2), Uniform(1, 2)]), False, False),
    ],
    ids=repr,
)
def test_a_moment_that_does_not_exist_is_infinite(
    belief: Distribution, mean: bool, variance: bool
) -> None:
    assert math.isfinite(belief.mean()) is mean
    assert math.isfinite(belief.variance()) is variance
    assert math.isfinite(belief.sd()) is variance
    assert math.isfinite(belief.second_moment()) is variance
    tail, first, second = belief.excess_moments(np.array([0.0, 1.0, 5.0]))
    assert np.isfinite(tail).all()
    assert np.isfinite(first).all() == mean
    assert np.isfinite(second).all() == variance
    for moment in belief.layer_moments(0.5, np.array([2.0, 1e6])):
        assert np.isfinite(moment).all()
    assert 0 < float(belief.limited_mean(5.0)) <= 5


@pytest.mark.parametrize(
    ("belief", "frozen"),
    [
        (Pareto(2.5, 3), stats.pareto(2.5, scale=3)),
        (Lomax(3.5, 2), stats.lomax(3.5, scale=2)),
        (GeneralisedPareto(0.2, 3, 1), stats.genpareto(0.2, loc=1, scale=3)),
        (GeneralisedPareto(0, 3, 1), stats.genpareto(0, loc=1, scale=3)),
        (GeneralisedPareto(-0.4, 3, 1), stats.genpareto(-0.4, loc=1, scale=3)),
        (Burr(2, 3, 5), stats.burr12(3, 2, scale=5)),
        (Weibull(0.7, 3), stats.weibull_min(0.7, scale=3)),
        (Weibull(3, 2), stats.weibull_min(3, scale=2)),
        (Triangular(1, 2, 8), stats.triang(1 / 7, loc=1, scale=7)),
        (Triangular(1, 8, 8), stats.triang(1, loc=1, scale=7)),
    ],
    ids=lambda value: repr(value) if isinstance(value, Distribution) else "scipy",
)
def test_families_agree_with_scipy(belief: Distribution, frozen: object) -> None:
    x = frozen.ppf(np.linspace(0.01, 0.99, 41))
    assert belief.ppf(np.linspace(0.01, 0.99, 41)) == pytest.approx(x, rel=1e-12)
    assert belief.pdf(x) == pytest.approx(frozen.pdf(x), rel=1e-10)
    assert belief.cdf(x) == pytest.approx(frozen.cdf(x), rel=1e-12)
    assert belief.sf(x) == pytest.approx(frozen.sf(x), rel=1e-12)
    assert belief.mean() == pytest.approx(frozen.mean(), rel=1e-13)
    assert belief.variance() == pytest.approx(frozen.var(), rel=1e-11)


@pytest.mark.parametrize("belief", HEAVY[:-1] + LIGHT[:1] + MADE[:1], ids=repr)
def test_the_far_tail_keeps_its_digits(belief: Distribution) -> None:
    q = np.array([1e-5, 1e-15, 1e-30])
    assert belief.sf(belief.isf(q)) == pytest.approx(q, rel=1e-9)


@pytest.mark.parametrize("belief", HEAVY + LIGHT + MADE, ids=repr)
def test_scaling_keeps_the_family_and_scales_every_quantile(belief: Distribution) -> None:
    other = scaled(belief, 2.5)
    u = np.array([0.01, 0.3, 0.5, 0.9, 0.999])
    assert other.ppf(u) == pytest.approx(2.5 * belief.ppf(u), rel=1e-9)
    a, b = belief.ppf(np.array([0.2, 0.9]))
    first, second = belief.layer_moments(a, b)
    found = other.layer_moments(2.5 * a, 2.5 * b)
    assert float(found[0]) == pytest.approx(2.5 * float(first), rel=1e-8)
    assert float(found[1]) == pytest.approx(2.5**2 * float(second), rel=1e-8)
    if not isinstance(belief, WithTerms | Scaled):
        assert type(other) is type(belief)
    again = from_dict(belief.to_dict())
    assert again == belief
    assert hash(again) == hash(belief)


def test_a_discrete_scales_and_the_triangular_averages_its_corners() -> None:
    assert scaled(Discrete([1, 2], [0.5, 0.5]), 3) == Discrete([3, 6], [0.5, 0.5])
    assert Triangular(1, 2, 9).mean() == 4


def test_a_limited_lognormal_keeps_its_digits_below_a_heavy_tail() -> None:
    """E[min(X, b)^2] by its density on the normal score, E[X^2] being 40 million times as much."""
    belief, limit = LogNormal(13.2, 2.35), 2e4
    end = (math.log(limit) - belief.mu) / belief.sigma
    t, w = np.polynomial.legendre.leggauss(200)
    z = end - 12 * (1 - t)  # from 24 deviations below on
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    for k, found in enumerate(belief.layer_moments(0.0, limit), start=1):
        below = 12 * float(w @ (np.exp(k * (belief.mu + belief.sigma * z)) * density))
        assert float(found) == pytest.approx(below + limit**k * float(belief.sf(limit)), rel=1e-13)
