"""One factor of counts: joint chances by the normal law of two, and polynomials by their roots."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from workbench.distributions import Array, Gamma, LogNormal, Pareto, Point
from workbench.engines.copulas import Copula
from workbench.engines.counts import Bernoulli, NegativeBinomial
from workbench.engines.factor import (
    COLUMNS,
    LEAST_NODES,
    MOST_NODES,
    MOST_TERMS,
    FactorPart,
    conditional_masses,
    count_masses,
    loadings_of,
    normal_nodes,
    part_of,
)
from workbench.engines.grid import Grid
from workbench.engines.plan import CompoundPlan, Secondary
from workbench.engines.shocks import event_free, event_transform

pytestmark = pytest.mark.pure

FEW = [CompoundPlan("a", Point(0.3), Gamma(2, 50.0)), CompoundPlan("b", Point(1.1), Gamma(1, 90.0))]


def below_both(p: float, q: float, r: float) -> float:
    """P(U <= p, V <= q) of a Gaussian copula."""
    if min(p, q) <= 0 or max(p, q) >= 1:
        return min(p, q)
    law = stats.multivariate_normal(cov=[[1, r], [r, 1]], abseps=1e-12, releps=1e-12)
    return float(law.cdf(stats.norm.ppf([p, q])))


def joint(first: Array, second: Array, r: float) -> Array:
    """P(N = i, M = j) of counts whose words have a Gaussian copula."""
    ends = [np.minimum(np.append(0.0, np.cumsum(masses)), 1.0) for masses in (first, second)]
    for one in ends:
        one[-1] = 1.0
    whole = np.array([[below_both(p, q, r) for q in ends[1]] for p in ends[0]])
    return np.diff(np.diff(whole, axis=0), axis=1)


def shortened(masses: Array) -> Array:
    """Return the masses with all from the sixth on as one."""
    return np.append(masses[:5], masses[5:].sum())


@pytest.mark.parametrize(("one", "other"), [(0.6, 0.8), (-0.9, 0.5), (0.97, 0.97)])
def test_two_counts_of_a_factor_have_the_joint_law_of_two_normals(one: float, other: float) -> None:
    masses = [count_masses(plan) for plan in FEW]
    assert masses[0] is not None
    assert masses[1] is not None
    factors, weights = normal_nodes(400)
    given = [conditional_masses(m, a, factors) for m, a in zip(masses, (one, other), strict=True)]
    found = np.einsum("m,mi,mj->ij", weights, *given)
    assert found.sum() == pytest.approx(1)
    wanted = joint(shortened(masses[0]), shortened(masses[1]), one * other)
    assert found[:5, :5] == pytest.approx(wanted[:5, :5], abs=2e-7)


@pytest.mark.parametrize(("one", "other"), [(0.6, 0.8), (-0.9, 0.5)])
def test_what_is_known_of_two_rare_events_follows_from_the_chance_of_both(
    one: float, other: float
) -> None:
    chances, means = (0.2, 0.35), (1000.0, 5000.0)
    plans = [
        CompoundPlan(name, Point(p), Gamma(0.5, 2 * mean), Bernoulli())
        for name, p, mean in zip("ab", chances, means, strict=True)
    ]
    facts = part_of(plans, {"a": one, "b": other}).facts
    both = below_both(*chances, one * other)
    assert facts.mean == pytest.approx(chances[0] * means[0] + chances[1] * means[1])
    alone = sum(p * 3 * m * m - (p * m) ** 2 for p, m in zip(chances, means, strict=True))
    apart = 2 * (both - chances[0] * chances[1]) * means[0] * means[1]
    assert facts.variance == pytest.approx(alone + apart, rel=1e-7)
    assert facts.prob_nothing == pytest.approx(1 - sum(chances) + both, abs=1e-8)
    assert facts.extent.spread >= facts.variance


def test_events_that_may_cost_nothing_leave_years_without_loss() -> None:
    half = Secondary(Point(0.5), Point(7.0))
    plans = [
        CompoundPlan("a", Point(0.4), Point(0.0), Bernoulli(), secondary=half),
        CompoundPlan("b", Point(0.3), Gamma(2, 50.0), Bernoulli()),
    ]
    assert event_free(plans[0]) == pytest.approx(0.5)
    both = below_both(0.4, 0.3, 0.7 * 0.8)
    # no event of b, and none of a or one that is free
    wanted = 1 - 0.3 - 0.5 * (0.4 - both)
    facts = part_of(plans, {"a": 0.7, "b": 0.8}).facts
    assert facts.prob_nothing == pytest.approx(wanted, abs=1e-8)


def test_a_tail_without_variance_says_so_and_keeps_its_reach() -> None:
    heavy = [replace(plan, severity=Pareto(alpha=1.5, low=100.0)) for plan in FEW]
    part = part_of(heavy, {"a": 0.5, "b": 0.5})
    assert math.isinf(part.facts.variance)
    assert part.facts.mean == pytest.approx(1.4 * 300)
    assert math.isfinite(part.facts.extent.spread)
    assert math.isfinite(part.facts.extent.reach)
    # it goes further than years that are independent
    apart = part_of(heavy[:1], {"a": 0.0}).facts.extent
    assert part.facts.extent.reach > apart.reach


def test_the_transform_is_the_average_of_polynomials_of_the_events() -> None:
    plans = [replace(FEW[0], count=NegativeBinomial(2.0)), FEW[1]]
    part = part_of(plans[::-1], {"a": 0.7, "b": -0.4, "c": 0.1})
    assert [plan.id for plan in part.plans] == ["a", "b"]
    assert part.loadings == (0.7, -0.4)
    grid = Grid(14, 2 * COLUMNS)  # in more than one piece
    factors, weights = normal_nodes(part.size)
    wanted = np.zeros(grid.size + 1, dtype=complex)
    for f, w in zip(factors, weights, strict=True):
        each = w + 0j
        for plan, masses in zip(part.plans, part.masses(np.array([f])), strict=True):
            each = each * np.polyval(masses[0, ::-1], event_transform(plan, grid))
        wanted += each
    assert part.transform(grid) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("loading", [0.0, 0.5, 0.99])
def test_nodes_are_as_many_as_the_loading_asks_for(loading: float) -> None:
    plans = [replace(FEW[0], id=name) for name in "abc"]
    part = part_of(plans, dict.fromkeys("abc", loading))
    sizes = [LEAST_NODES]  # each has a third more than the one before
    while sizes[-1] < MOST_NODES:
        sizes.append(sizes[-1] * 4 // 3)
    assert part.size in sizes[1:]
    z = np.exp(1j * np.linspace(0, math.pi, 20))
    fine = FactorPart(part.plans, part.loadings)._at(z, 8 * part.size)
    assert np.abs(part._at(z, part.size) - fine).max() < 1e-10
    low = part_of(plans, dict.fromkeys("abc", 0.1))
    assert low.size <= part.size or loading == 0


@pytest.mark.parametrize("rate", [0.01, 4.0, 50.0, 100.0, 200.0])
def test_counts_of_any_rate_keep_their_own_law_given_the_factor(rate: float) -> None:
    # rounding may sum chances to a bit more than 1, which has no normal score
    masses = count_masses(CompoundPlan("a", Point(rate), Point(1)))
    assert masses is not None
    factors, weights = normal_nodes(400)
    given = conditional_masses(masses, 0.9, factors)
    assert (given >= 0).all()
    assert weights @ given == pytest.approx(stats.poisson.pmf(np.arange(masses.size), rate))


def test_counts_of_too_many_terms_have_none() -> None:
    masses = [count_masses(CompoundPlan("a", Point(r), Point(1))) for r in (700.0, 800.0)]
    assert masses[0] is not None
    assert 900 < masses[0].size <= MOST_TERMS
    assert masses[1] is None


def test_three_scenarios_have_one_factor_only_where_its_square_is_one() -> None:
    def found(ab: float, ac: float, bc: float) -> dict[str, float] | None:
        matrix = np.array([[1, ab, ac], [ab, 1, bc], [ac, bc, 1]])
        return loadings_of(Copula.by_matrix("x", "abc", matrix))

    assert found(0.5, 0.5, 0.25) == pytest.approx({"a": 1.0, "b": 0.5, "c": 0.5})
    assert found(-0.3, 0.6, -0.2) == pytest.approx(
        {"a": math.sqrt(0.9), "b": -0.3 / math.sqrt(0.9), "c": 0.6 / math.sqrt(0.9)}
    )
    assert found(0.5, 0.6, 0.1) is None  # the square would be 3
    assert found(0.3, -0.3, 0.3) is None  # and here below 0
    assert found(0.3, 0.3, 0.0) is None
    assert found(0.0, 0.0, 0.3) is None  # two factors may say so, this one is not looked for
    pair = loadings_of(Copula.by_matrix("x", "ab", np.array([[1, 0.36], [0.36, 1]])))
    assert pair == pytest.approx({"a": 0.6, "b": 0.6})


def test_a_single_large_event_makes_the_tail() -> None:
    plans = [replace(plan, severity=LogNormal(5, 2.0)) for plan in FEW]
    part = part_of(plans, {"a": 0.9, "b": 0.9})
    far = np.array([1e6, 1e8])
    tail, _ = part.tail(far.tobytes(), 1e12)
    assert tail == pytest.approx(1.4 * LogNormal(5, 2.0).sf(far))
