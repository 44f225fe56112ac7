"""Several experts to one belief."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate

from workbench.distributions import (
    Beta,
    Gamma,
    LogNormal,
    Pareto,
    Pert,
    Point,
    Uniform,
    Weibull,
    from_dict,
)
from workbench.elicitation import (
    Tabulated,
    echo,
    equal_weights,
    explain_change,
    from_quantiles,
    linear_pool,
    logarithmic_pool,
    threshold_weights,
)
from workbench.elicitation.pooling import _numeric
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure


def test_the_published_linear_pool(published):
    case = published["linear-opinion-pool"]
    experts = case["inputs"]["experts"]
    beliefs = [LogNormal.from_interval(e["low"], e["high"]) for e in experts]
    pool = linear_pool(beliefs, [e["weight"] for e in experts])
    rel = case["tolerance"]["rel"]
    assert pool.mean() == pytest.approx(case["expected"]["mean"], rel=rel)
    assert float(pool.ppf(0.95)) == pytest.approx(case["expected"]["p95"], rel=rel)
    assert pool.mean() == pytest.approx(np.mean([b.mean() for b in beliefs]), rel=1e-12)


def test_a_linear_pool_keeps_disagreement_that_averaged_parameters_lose():
    low, high = LogNormal.from_interval(8e3, 1.2e4), LogNormal.from_interval(8e5, 1.2e6)
    pool = linear_pool([low, high])
    averaged = LogNormal((low.mu + high.mu) / 2, (low.sigma + high.sigma) / 2)
    assert float(pool.cdf(3e5) - pool.cdf(3e4)) < 1e-6  # nobody believes in the middle
    assert float(averaged.cdf(3e5) - averaged.cdf(3e4)) > 0.999


def test_the_published_weights(published):
    case = published["collector-sme-weights"]
    assert list(threshold_weights(case["inputs"]["pct_correct"])) == case["expected"]["weight"]


def test_weights_are_checked_and_scaled():
    beliefs = [LogNormal(0, 1), LogNormal(1, 1)]
    assert linear_pool(beliefs, [1, 3]) == linear_pool(beliefs, [0.25, 0.75])
    assert linear_pool(beliefs) == linear_pool(beliefs, equal_weights(2))
    assert linear_pool(beliefs, [0, 2]) == logarithmic_pool(beliefs, [0, 2]) == beliefs[1]
    for weights in ([1], [-1, 2], [0, 0]):
        with pytest.raises(WorkbenchError, match="one weight of 0 or more for each expert"):
            linear_pool(beliefs, weights)
    with pytest.raises(WorkbenchError, match="a pool has an expert"):
        logarithmic_pool([])
    with pytest.raises(WorkbenchError, match="shares lie between 0 and 1"):
        threshold_weights([90])


CLOSED = [
    ([LogNormal(1, 0.5), LogNormal(2, 1.5)], [0.3, 0.7]),
    ([Gamma(2, 3.0), Gamma(5, 1.0)], [0.6, 0.4]),
    ([Beta(2, 5), Beta(4, 3)], [0.5, 0.5]),
]


@pytest.mark.parametrize(("parts", "weights"), CLOSED)
def test_a_closed_pool_is_the_normalised_product_of_powers(parts, weights):
    pool = logarithmic_pool(parts, weights)
    x = pool.ppf(np.array([0.05, 0.3, 0.5, 0.8, 0.95]))
    product = np.prod([p.pdf(x) ** w for p, w in zip(parts, weights, strict=True)], axis=0)
    ratio = pool.pdf(x) / product
    assert_allclose(ratio, ratio[0], rtol=1e-9)
    assert type(pool) is type(parts[0])


@pytest.mark.parametrize(("parts", "weights"), CLOSED)
def test_the_table_agrees_with_the_closed_form(parts, weights):
    exact, table = logarithmic_pool(parts, weights), _numeric(parts, np.array(weights))
    levels = np.linspace(0.01, 0.99, 99)
    assert_allclose(table.cdf(exact.ppf(levels)), levels, atol=1e-6)
    assert table.mean() == pytest.approx(exact.mean(), rel=1e-4)
    assert table.sd() == pytest.approx(exact.sd(), rel=1e-3)


@pytest.mark.parametrize(
    "parts",
    [
        [LogNormal(1, 0.5), Gamma(2, 3.0)],
        [Weibull(1.5, 4.0), LogNormal(1, 1)],
        [Pert(1, 2, 9), LogNormal(1, 1)],
        [Uniform(1, 5), Pert(2, 3, 9)],
    ],
)
def test_a_table_is_the_normalised_product_by_quadrature(parts):
    pool = logarithmic_pool(parts)

    def product(x):
        return float(np.sqrt(np.prod([p.pdf(x) for p in parts])))

    low, high = pool.support()
    middle = [float(pool.ppf(level)) for level in (0.1, 0.5, 0.9)]
    edges = [low, *middle, high]
    cells = [integrate.quad(product, a, b, limit=200)[0] for a, b in pairwise(edges)]
    assert_allclose(np.cumsum(cells)[:3] / sum(cells), [0.1, 0.5, 0.9], rtol=3e-5)


def test_a_logarithmic_pool_is_externally_bayesian():
    """Pooling and then updating is updating and then pooling (Genest 1984)."""
    prior, other = Gamma(2.0, 1.5), Gamma(4.0, 0.5)

    def updated(belief):  # 3 events in 5 years
        return Gamma(belief.shape + 3, 1 / (1 / belief.scale + 5))

    first = updated(logarithmic_pool([prior, other]))
    last = logarithmic_pool([updated(prior), updated(other)])
    assert_allclose([first.shape, first.scale], [last.shape, last.scale], rtol=1e-12)


def test_what_has_no_logarithmic_pool_is_refused():
    with pytest.raises(WorkbenchError, match="needs densities"):
        logarithmic_pool([Point(1.0), LogNormal(0, 1)])
    with pytest.raises(WorkbenchError, match="needs beliefs with a variance"):
        logarithmic_pool([Pareto(1.5, 1.0), LogNormal(0, 1)])
    with pytest.raises(WorkbenchError, match="hold some common values possible"):
        logarithmic_pool([Uniform(1, 2), Uniform(3, 4)])


def table():
    return Tabulated([1, 2, 4, 10], [0.5, 0.3, 0.2])


def test_a_table_has_the_moments_of_its_mixture_of_uniforms():
    mixture = from_dict(table().to_dict())
    x = np.array([0.0, 1, 1.5, 2, 3, 4, 9, 10, 12])
    for mine, theirs in zip(table().excess_moments(x), mixture.excess_moments(x), strict=True):
        assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)
    assert table().mean() == pytest.approx(mixture.mean())
    assert table().variance() == pytest.approx(mixture.variance())
    inside = np.array([1.5, 3, 9])  # at an edge either side may be meant
    assert_allclose(table().pdf(inside), mixture.pdf(inside))
    assert_allclose(table().cdf(x), mixture.cdf(x), atol=1e-12)


def test_a_table_inverts_scales_and_is_a_value():
    u = np.linspace(0, 1, 21)
    assert_allclose(table().cdf(table().ppf(u)), u, atol=1e-12)
    assert_allclose(table().isf(1 - u), table().ppf(u), rtol=1e-12)
    assert table().scaled_by(3).mean() == pytest.approx(3 * table().mean())
    assert table() == Tabulated([1, 2, 4, 10], [5, 3, 2])
    assert hash(table()) == hash(table())
    assert_allclose(table().breaks(), [0.5, 0.2])
    with pytest.raises(WorkbenchError, match="rising edges"):
        Tabulated([1, 1], [1])
    with pytest.raises(WorkbenchError, match="masses are above 0"):
        Tabulated([1, 2, 3], [1, 0])


def test_what_is_no_belief_is_refused_by_name() -> None:
    found = from_quantiles([0.05, 0.95], [1.0, 10.0])
    for wrong in (
        lambda: linear_pool([found, Gamma(2, 3)]),
        lambda: echo(found),
        lambda: explain_change(found, found),
    ):
        with pytest.raises(WorkbenchError, match=r"is a belief; got one Elicited\. .* `belief`"):
            wrong()
