"""Metalogs, mixtures, truncation, products and sums that move together."""

import math

import numpy as np
import pytest

from workbench.distributions import (
    Beta,
    Burr,
    Comonotone,
    Discrete,
    Distribution,
    Empirical,
    Gamma,
    LogNormal,
    Lomax,
    Metalog,
    Mixture,
    Pareto,
    Pert,
    Point,
    Product,
    Triangular,
    Truncated,
    Uniform,
    Weibull,
    WithTerms,
    from_dict,
    product,
)
from workbench.distributions.by_quantile import ByQuantile
from workbench.distributions.derived import atoms_of, jumps_of
from workbench.distributions.quadrature import nodes
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure


def test_the_metalog_of_keelins_symmetric_percentile_triplet() -> None:
    # Keelin 2016, 6.2.1: 10, 20, 40 at 0.1, 0.5, 0.9
    belief = Metalog.from_quantiles([0.1, 0.5, 0.9], [10, 20, 40])
    expected = [20, 6.82679419970128, 5.688995166417732]
    assert belief.coefficients == pytest.approx(expected, rel=1e-12)
    assert belief.ppf(np.array([0.1, 0.5, 0.9])) == pytest.approx([10, 20, 40], rel=1e-13)
    assert belief.mean() == pytest.approx(22.844497583208867, rel=1e-12)
    assert belief.support() == (-math.inf, math.inf)


@pytest.mark.parametrize(
    "coefficients", [[1, 2, 0.5], [1, 2, -0.5, 0.7], [1, 0.3, 0.1, 0.2, 0.3], [0, 1, -1, 3, 2]]
)
def test_closed_moments_of_the_unbounded_metalog_are_those_of_its_quantiles(
    coefficients: list[float],
) -> None:
    belief = Metalog(coefficients)
    assert belief.mean() == pytest.approx(ByQuantile.mean(belief), rel=1e-12, abs=1e-12)
    assert belief.variance() == pytest.approx(ByQuantile.variance(belief), rel=1e-12)


@pytest.mark.parametrize(("lower", "upper"), [(None, None), (0, None), (None, 50), (1, 50)])
@pytest.mark.parametrize("terms", [3, 4, 5])
def test_a_metalog_meets_as_many_quantiles_as_it_has_terms(
    lower: float | None, upper: float | None, terms: int
) -> None:
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])[[0, 2, 4] if terms == 3 else slice(terms)]
    values = Pert(3, 9, 30).ppf(levels)
    belief = Metalog.from_quantiles(levels, values, lower=lower, upper=upper)
    assert len(belief.coefficients) == terms
    assert belief.ppf(levels) == pytest.approx(values, rel=1e-10)
    many = np.linspace(0.05, 0.95, 19)
    close = Metalog.from_quantiles(many, Pert(3, 9, 30).ppf(many), terms, lower, upper)
    assert close.ppf(many) == pytest.approx(Pert(3, 9, 30).ppf(many), rel=0.2)
    ends = belief.support()
    assert ends == (-math.inf if lower is None else lower, math.inf if upper is None else upper)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Metalog([1, 2]), "3 to 5 terms; got 2"),
        (lambda: Metalog([1, -1, 0]), "falls at probability"),
        (lambda: Metalog([1, 1, 3]), "falls at probability"),
        (lambda: Metalog([0, 1, 0, -5]), "falls at probability 0.5"),
        (
            lambda: Metalog.from_quantiles([0.1, 0.5, 0.9], [10, 11, 40]),
            "rises everywhere; got .* falls at probability 0.08",
        ),
        (lambda: Metalog.from_quantiles([0.1, 0.9], [1, 2]), "3 or more levels"),
        (lambda: Metalog.from_quantiles([0.1, 0.9, 0.5], [1, 2, 3]), "levels rise"),
        (lambda: Metalog.from_quantiles([0.1, 0.5, 0.9], [1, 3, 2]), "values rise"),
        (lambda: Metalog.from_quantiles([0.1, 0.5, 0.9], [1, 2, 3], lower=1), "within the bounds"),
        (lambda: Metalog.from_quantiles([0.1, 0.5, 0.9], [1, 2, 3], 4), "no more than quantiles"),
        (lambda: Metalog([0, 1, 0], 5, 5), "lower bound of a metalog lies below"),
        (lambda: Triangular(1, 5, 4), "low <= mode <= high"),
        (lambda: Weibull(0, 1), "shape > 0"),
        (lambda: Pareto(1, 0), "low > 0"),
        (lambda: Lomax(-1, 2), "alpha > 0"),
        (lambda: Burr(1, 1, 0), "scale > 0"),
        (lambda: Discrete([1, 2], [0.5, 0.4]), "sum to 1; got .* 0.9"),
        (lambda: Discrete([1, 2], [1]), "one probability for each value"),
        (lambda: Discrete([], []), "has a value"),
        (lambda: Discrete([-1], [1]), "0 or more; got -1"),
        (lambda: Mixture([], []), "has parts"),
        (lambda: Mixture([Point(1)], [0]), "above 0"),
        (lambda: Truncated(Pert(1, 2, 8), 9, 12), "probability of at least 1e-09; got"),
        (lambda: Truncated(Pert(1, 2, 8), 3, 3), "low < high"),
        (lambda: Product([Pert(1, 2, 8)]), "two factors or more"),
        (lambda: Product([Pert(1, 2, 8), Metalog([1, 1, 0])]), "never negative; got .*-inf"),
        (lambda: Comonotone([]), "has parts"),
        (lambda: from_dict({"type": "mixture", "parts": 3, "weights": [1]}), "are a list; got 3"),
        (lambda: from_dict({"type": "gpd", "shape": 1}), r"stated by shape, scale \[low\]"),
    ],
)
def test_a_refusal_names_the_rule_and_the_value(make: object, message: str) -> None:
    with pytest.raises(WorkbenchError, match=message) as caught:
        make()
    assert "; got " in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_metalog_read_through_its_quantiles_is_the_one_read_by_coefficients() -> None:
    data = {"type": "metalog", "levels": [0.1, 0.5, 0.9], "values": [10, 18, 30], "lower": 0}
    belief = from_dict(data)
    assert belief == from_dict(belief.to_dict())
    assert belief == Metalog.from_quantiles([0.1, 0.5, 0.9], [10, 18, 30], lower=0)


def test_a_mixture_with_a_gap_has_the_smallest_value_that_reaches_a_level() -> None:
    belief = Mixture([Uniform(0, 1), Uniform(2, 3)], [0.5, 0.5])
    assert belief.ppf(np.array([0.25, 0.5, 0.75])) == pytest.approx([0.5, 1, 2.5], rel=1e-14)
    assert belief.isf(np.array([0.75, 0.5, 0.25])) == pytest.approx([0.5, 1, 2.5], rel=1e-14)
    mixed = Mixture([Pert(1, 2, 8), Point(5), Empirical([0, 5])], [2, 1, 1])
    places, chances = jumps_of(mixed)
    assert places.tolist() == [0, 5]
    assert chances == pytest.approx([0.125, 0.375])
    below = 0.125 + 0.5 * float(Pert(1, 2, 8).cdf(5))
    assert mixed.ppf(np.array([0.1, below + 1e-6, below + 0.374])).tolist() == [0, 5, 5]


def test_single_values_are_found_in_what_is_made_of_them() -> None:
    lists = Mixture([Point(2), Empirical([2, 6])], [1, 1])
    values, weights = atoms_of(lists)
    assert values.tolist() == [2, 6]
    assert weights == pytest.approx([0.75, 0.25])
    layered = WithTerms(Mixture([Point(3), LogNormal(1, 1)], [1, 3]), 1, 4, 0.5)
    assert atoms_of(layered) is None
    places, chances = jumps_of(layered)
    base = LogNormal(1, 1)
    assert places.tolist() == [0, 1, 2]
    assert chances == pytest.approx(
        [0.75 * float(base.cdf(1)), 0.25, 0.75 * float(base.sf(5))], rel=1e-12
    )
    together = Comonotone([Empirical([1, 4]), Discrete([0, 3], [0.25, 0.75])])
    values, weights = atoms_of(together)
    assert values.tolist() == [1, 4, 7]
    assert weights == pytest.approx([0.25, 0.25, 0.5])
    both = product(Empirical([1, 2]), Discrete([0, 3], [0.5, 0.5]), Point(2))
    assert both == Discrete([0, 6, 12], [0.5, 0.25, 0.25])
    assert jumps_of("a sum that an engine made")[0].size == 0


def test_truncation_is_a_condition_on_the_base() -> None:
    base = LogNormal(0, 1)
    belief = Truncated(base, 0.5, 3)
    chance = float(base.sf(0.5) - base.sf(3))
    x = np.linspace(0.5, 3, 9)
    assert belief.cdf(x) == pytest.approx((base.cdf(x) - base.cdf(0.5)) / chance, abs=1e-14)
    tail = Truncated(base, float(base.isf(1e-6)))
    assert tail.isf(0.5) == pytest.approx(float(base.isf(5e-7)), rel=1e-12)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([LogNormal(0, 1), LogNormal(1, 1)], LogNormal(math.log(1 + math.e), 1)),
        ([Uniform(0, 1), Uniform(2, 5)], Uniform(2, 6)),
        ([Gamma(2, 1), Gamma(2, 3)], Gamma(2, 4)),
        ([Lomax(1.5, 1), Lomax(1.5, 2)], Lomax(1.5, 3)),
    ],
)
def test_parts_of_one_shape_that_move_together_are_one_of_that_shape(
    parts: list[Distribution], whole: Distribution
) -> None:
    belief = Comonotone(parts)
    x = whole.ppf(np.array([1e-9, 0.01, 0.3, 0.5, 0.7, 0.99, 1 - 1e-9]))
    assert belief.sf(x) == pytest.approx(whole.sf(x), rel=1e-11)
    assert belief.pdf(x) == pytest.approx(whole.pdf(x), rel=1e-9)
    for found, right in zip(belief.excess_moments(x), whole.excess_moments(x), strict=True):
        assert found == pytest.approx(right, rel=1e-10)
    assert belief.variance() == pytest.approx(whole.variance(), rel=1e-12)


def test_two_uniforms_multiply_to_the_closed_form() -> None:
    belief = Product([Uniform(0, 1), Uniform(0, 1)])
    x = np.linspace(0.001, 0.999, 50)
    right = 1 - x + x * np.log(x)
    assert belief.sf(x) == pytest.approx(right, rel=1e-12)
    assert belief.pdf(x) == pytest.approx(-np.log(x), rel=1e-11)
    assert belief.ppf(1 - right) == pytest.approx(x, rel=1e-8)
    # E[(XY - x)+] = int_x^1 (1 - s + s log s) ds
    first = 0.25 - x + 0.75 * x * x - x * x * np.log(x) / 2
    assert belief.excess_moments(x)[1] == pytest.approx(first, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(
    ("factors", "whole", "rel"),
    [
        ([Beta(2, 3), Beta(5, 4)], Beta(2, 7), 1e-12),
        ([Beta(5, 4), Beta(2, 1), Beta(3, 2)], Beta(2, 7), 1e-6),
        ([LogNormal(0, 1), LogNormal(1, 0.5)], LogNormal(1, math.sqrt(1.25)), 1e-12),
    ],
)
def test_products_with_a_known_law(
    factors: list[Distribution], whole: Distribution, rel: float
) -> None:
    belief = Product(factors)
    x = whole.ppf(np.linspace(0.01, 0.99, 15))
    for found, right in zip(belief.excess_moments(x), whole.excess_moments(x), strict=True):
        assert found == pytest.approx(right, rel=100 * rel)
    u = np.array([0.1, 0.5, 0.9, 0.99])
    assert belief.ppf(u) == pytest.approx(whole.ppf(u), rel=max(1e-8, 100 * rel))
    if len(factors) == 2:
        q = np.array([1e-6, 1e-10])
        assert belief.isf(q) == pytest.approx(whole.isf(q), rel=1e-9)
        assert belief.ppf(q) == pytest.approx(whole.ppf(q), rel=1e-5)


@pytest.mark.parametrize(
    "factors",
    [
        (Pert(1, 2, 5), Beta(2, 6), Pert(0.1, 0.2, 0.9)),
        (Gamma(2, 1), Pert(1, 2, 8)),
        (Triangular(0, 1, 3), Empirical([0, 1, 3])),
        (Uniform(1, 2), Discrete([0.5, 3], [0.3, 0.7])),
    ],
    ids=repr,
)
def test_nodes_of_a_product_keep_its_moments(factors: tuple[Distribution, ...]) -> None:
    belief = Product(factors)
    values, weights = nodes(belief, 20)
    for k in range(1, 7):  # Mellin: the moments of independent factors multiply
        each = [nodes(f, 40) for f in factors]
        right = math.prod(float(w @ v**k) for v, w in each)
        assert float(weights @ values**k) == pytest.approx(right, rel=1e-11)
    assert float(weights @ values) == pytest.approx(belief.mean(), rel=1e-12)
    assert float(belief.excess_moments(0.0)[1]) == pytest.approx(belief.mean(), rel=1e-9)
    assert float(belief.excess_moments(0.0)[2]) == pytest.approx(belief.second_moment(), rel=1e-9)


def test_product_simplifies_what_it_can() -> None:
    pert, beta = Pert(1, 2, 8), Beta(2, 6)
    assert product(pert) is pert
    assert product(pert, Point(2)) == Pert(2, 4, 16)
    assert product(pert, Point(0)) == Point(0)
    assert product(Point(2), Point(3)) == Point(6)
    assert product(LogNormal(1, 3), LogNormal(2, 4)) == LogNormal(3, 5)
    assert product(product(pert, beta), pert) == Product([pert, beta, pert])
    assert product(pert, beta, Point(2)) == Product([Pert(2, 4, 16), beta])


def test_a_product_is_what_its_draws_say() -> None:
    factors = [Pert(1, 2, 8), Beta(2, 6), Gamma(3, 1)]
    belief = Product(factors)
    rng = np.random.default_rng(5)
    drawn = math.prod(f.draw(200_000, rng=rng) for f in factors)
    for x in np.quantile(drawn, [0.05, 0.3, 0.7, 0.99]):
        tail = float(np.mean(drawn > x))
        assert float(belief.sf(x)) == pytest.approx(tail, abs=5 * math.sqrt(0.25 / drawn.size))


@pytest.mark.parametrize(
    "belief",
    [
        Triangular(1, 2, 8),
        Weibull(2, 3),
        Metalog.from_quantiles([0.1, 0.5, 0.9], [10, 20, 40], lower=0, upper=60),
        Truncated(LogNormal(0, 1), 0.5, 8),
        Mixture([Pert(1, 2, 8), Point(3)], [1, 1]),
        WithTerms(Pert(1, 2, 8), 1.5, 3),
        Comonotone([Triangular(0, 1, 3), Pert(1, 2, 4)]),
    ],
    ids=repr,
)
def test_nodes_average_smooth_functions(belief: Distribution) -> None:
    values, weights = nodes(belief, 40)
    fine, shares = nodes(belief, 200)
    mean = belief.mean()
    assert weights.sum() == pytest.approx(1, rel=1e-12)
    assert float(weights @ values) == pytest.approx(mean, rel=1e-10)
    for f in (np.exp, lambda x: np.cos(3 * x)):
        right = float(shares @ f(-fine / mean))
        assert float(weights @ f(-values / mean)) == pytest.approx(right, abs=1e-9)


@pytest.mark.parametrize(
    "belief",
    [
        Product([Triangular(1, 2, 5), Uniform(1, 3)]),
        Product([Mixture([Uniform(0, 1), Point(2.0)], [0.7, 0.3]), Pert(1, 2, 4)]),
    ],
    ids=["break", "single value"],
)
def test_a_product_with_breaks_or_single_values_has_its_quantiles(belief: Product) -> None:
    u = np.array([0.05, 0.3, 0.5, 0.95, 0.999])
    x = belief.ppf(u)
    assert (np.diff(x) > 0).all()
    assert (belief.cdf(x) >= u - 1e-7).all()
    assert (belief.cdf(x * (1 - 1e-4)) < u).all()
    assert belief.isf(1 - u) == pytest.approx(x, rel=1e-9)
