"""Exact totals of tied plans: closed forms, a second method, and brute force."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from workbench.distributions import Array, Empirical, Gamma, LogNormal, Pert, Point, Uniform
from workbench.engines import exact, montecarlo, tied_total
from workbench.engines.copulas import Copula
from workbench.engines.counts import Bernoulli, Binomial, Count, NegativeBinomial, Poisson
from workbench.engines.dependence import DependencePlan, Shock
from workbench.engines.factor import (
    FactorPart,
    conditional_masses,
    count_masses,
    loadings_of,
    normal_nodes,
    part_of,
)
from workbench.engines.grid import Grid
from workbench.engines.plan import AnnualTerms, CompoundPlan, EventTerms, Secondary
from workbench.engines.shocks import ShockPart, event_transform
from workbench.engines.sums import total as summed
from workbench.engines.tied_years import Tied
from workbench.errors import WorkbenchError
from workbench.losses import TabulatedLosses

pytestmark = pytest.mark.pure

A = CompoundPlan("a", Point(2.0), LogNormal(9, 1))
B = CompoundPlan("b", Point(0.5), LogNormal(10, 1.5))
C = CompoundPlan("c", Uniform(3, 7), Gamma(2, 3000.0))
PLANS = [A, B, C]
LEVELS = (0.5, 0.9, 0.99, 0.999)
OUTAGE = Shock("outage", 0.4, {"a": 1.0, "b": 0.8, "c": 0.5})


def joined(**loadings: float) -> DependencePlan:
    return DependencePlan(Copula.one_factor("frequencies", loadings))


def agree(one: TabulatedLosses, other: TabulatedLosses, rel: float = 1e-4) -> None:
    assert one.mean() == pytest.approx(other.mean(), rel=1e-12)
    assert one.variance() == pytest.approx(other.variance(), rel=1e-9)
    assert one.prob_no_loss() == pytest.approx(other.prob_no_loss(), abs=1e-12)
    for level in LEVELS:
        bound = one.var_error(level) + other.var_error(level)
        assert abs(one.var(level) - other.var(level)) <= bound + 1e-9
        assert one.var(level) == pytest.approx(other.var(level), rel=rel)


def test_without_ties_the_total_is_the_independent_one() -> None:
    independent = exact.portfolio(PLANS)
    agree(tied_total.total(PLANS, DependencePlan()), independent)
    agree(tied_total.total(PLANS, joined(a=0.0, b=0.9)), independent)
    agree(tied_total.total(PLANS, DependencePlan(shocks=(Shock("x", 0.0, {"a": 1}),))), independent)


def test_a_scenario_by_itself_costs_what_it_costs_without_shocks() -> None:
    shocks = (Shock("x", 0.3, {"a": 0.5}), Shock("y", 1.0, {"a": 0.7}))
    agree(tied_total.total([A], DependencePlan(shocks=shocks)), exact.compound(A))


def test_a_shock_that_hits_all_is_one_event_that_costs_the_sum() -> None:
    plans = [replace(plan, rate=Point(0.7)) for plan in (A, B)]
    both = summed(tuple(plan.severity for plan in plans))
    one = exact.compound(CompoundPlan("x", Point(0.7), both))
    agree(tied_total.total(plans, DependencePlan(shocks=(Shock("x", 0.7, {"a": 1, "b": 1}),))), one)


def test_shocks_add_the_covariance_of_their_events() -> None:
    means = {plan.id: plan.severity.mean() for plan in PLANS}
    chances = dict(OUTAGE.chances)
    pairs = itertools.combinations(means, 2)
    shared = sum(chances[i] * chances[j] * means[i] * means[j] for i, j in pairs)
    wanted = exact.portfolio(PLANS).variance() + 2 * OUTAGE.rate * shared
    found = tied_total.total(PLANS, DependencePlan(shocks=(OUTAGE,)))
    assert found.variance() == pytest.approx(wanted, rel=1e-12)
    assert found.mean() == pytest.approx(exact.portfolio(PLANS).mean(), rel=1e-12)


def test_events_with_known_shares_of_secondary_loss_may_be_hit() -> None:
    more = Secondary(Point(0.3), LogNormal(8, 1))
    plan = CompoundPlan("a", Point(0.8), LogNormal(9, 1), secondary=more, terms=EventTerms(1000.0))
    part = DependencePlan(shocks=(Shock("x", 0.5, {"a": 1.0}),))
    agree(tied_total.total([plan], part), exact.compound(plan))


def test_bernoulli_counts_have_the_orthants_of_a_normal() -> None:
    rates, a = {"a": 0.2, "b": 0.05, "c": 0.4}, {"a": 0.6, "b": 0.8, "c": -0.5}
    plans = [CompoundPlan(k, Point(p), LogNormal(9, 1), Bernoulli()) for k, p in rates.items()]
    edges = special.ndtri([1 - p for p in rates.values()])
    r = np.array([[1.0 if i == j else a[i] * a[j] for j in a] for i in a])
    law = stats.multivariate_normal(np.zeros(3), r, abseps=1e-7, maxpts=10**6, seed=1)
    found = tied_total.total(plans, joined(**a))
    assert found.prob_no_loss() == pytest.approx(float(law.cdf(edges)), abs=1e-6)


def test_two_counts_have_the_covariance_of_their_joint_tails() -> None:
    # Hoeffding: Cov(M, N) = sum over k, l of P(M > k, N > l) - P(M > k) P(N > l)
    plans = [replace(plan, rate=Point(plan.rate.mean())) for plan in (A, C)]
    loadings = {"a": 0.7, "c": 0.9}
    r = loadings["a"] * loadings["c"]
    tails = [special.pdtrc(np.arange(25), plan.rate.mean()) for plan in plans]
    law = stats.multivariate_normal([0, 0], [[1, r], [r, 1]])
    both = [[law.cdf([special.ndtri(p), special.ndtri(q)]) for q in tails[1]] for p in tails[0]]
    covariance = float(np.sum(np.array(both) - np.outer(*tails)))
    m = [plan.severity.mean() for plan in plans]
    wanted = exact.portfolio(plans).variance() + 2 * m[0] * m[1] * covariance
    found = tied_total.total(plans, joined(**loadings))
    assert found.variance() == pytest.approx(wanted, rel=1e-5)


def brute(plans: list[CompoundPlan], ties: DependencePlan, years: int, seed: int) -> Array:
    """Years of the total by numpy's own generator and scipy's own quantiles."""
    rng = np.random.default_rng(seed)
    factor, total = rng.standard_normal(years), np.zeros(years)
    loadings = {} if ties.frequencies is None else loadings_of(ties.frequencies)
    assert loadings is not None
    shocks = [(shock, rng.poisson(shock.rate, years)) for shock in ties.shocks]
    for plan in plans:
        a = loadings.get(plan.id, 0.0)
        z = a * factor + math.sqrt(1 - a * a) * rng.standard_normal(years)
        masses = count_masses(ties.own_part(plan))
        assert masses is not None
        counts = np.searchsorted(np.cumsum(masses)[:-1], stats.norm.cdf(z), side="right")
        for shock, events in shocks:
            counts = counts + rng.binomial(events, shock.chance(plan.id))
        owner = np.repeat(np.arange(years), counts)
        total += np.bincount(owner, plan.severity.ppf(rng.random(owner.size)), minlength=years)
    return total


TIES = {
    "factor": joined(a=0.5, b=0.7, c=0.6),
    "high loadings": joined(a=0.95, b=-0.9, c=0.95),
    "shock": DependencePlan(shocks=(OUTAGE,)),
    "both": DependencePlan(joined(a=0.5, b=0.7).frequencies, shocks=(OUTAGE,)),
}


@pytest.mark.daily(2)
@pytest.mark.parametrize("ties", TIES.values(), ids=TIES)
def test_the_exact_total_is_what_brute_force_finds(ties: DependencePlan) -> None:
    found, years = tied_total.total(PLANS, ties), 120_000
    drawn = brute(PLANS, ties, years, 7)
    for chance in (0.5, 0.1, 0.01, 0.001):
        above = float((drawn > found.var(1 - chance)).mean())
        assert abs(above - chance) <= 4 * math.sqrt(chance * (1 - chance) / years)
    none = found.prob_no_loss()
    assert abs((drawn == 0).mean() - none) <= 4 * math.sqrt(none / years)


@pytest.mark.daily(2)
@pytest.mark.parametrize("ties", TIES.values(), ids=TIES)
def test_the_exact_total_is_what_simulation_finds(ties: DependencePlan) -> None:
    found, years = tied_total.total(PLANS, ties), 80_000
    drawn = montecarlo.summarise(PLANS, years, 11, ties=Tied.of(ties, {}), keep_years=True)
    for chance in (0.5, 0.1, 0.01, 0.001):
        above = float((drawn.totals > found.var(1 - chance)).mean())
        assert abs(above - chance) <= 4 * math.sqrt(chance * (1 - chance) / years)
    for plan in PLANS:  # by itself each is what it is without ties
        own = exact.compound(plan)
        for chance in (0.3, 0.02):
            above = float((drawn.annual[plan.id] > own.var(1 - chance)).mean())
            assert abs(above - chance) <= 4 * math.sqrt(chance * (1 - chance) / years)


@pytest.mark.parametrize("loading", [0.3, 0.9, -0.97])
def test_the_nodes_of_the_factor_leave_nothing_out(loading: float) -> None:
    plans = [replace(A, id=name, rate=Point(1.5)) for name in "abcd"]
    part = part_of(plans, dict.fromkeys("abcd", loading))
    finer = FactorPart(part.plans, part.loadings)
    finer.__dict__["size"] = 4 * part.size
    grid = Grid(20, 1 << 10)
    fine, coarse = part.transform(grid), part.transform(replace(grid, order=grid.order // 2))
    assert np.abs(fine - finer.transform(grid)).max() < 1e-12
    # three quarters of the nodes, which the error bound looks at, say nearly the same
    assert np.abs(fine - coarse).max() < 1e-7


@pytest.mark.parametrize("size", [1, 2, 12])
@pytest.mark.parametrize("grid", [Grid(14, 1 << 9), Grid(24, 1 << 11), Grid(20, 1 << 9, rungs=3)])
def test_a_factor_is_averaged_as_its_formula_says(size: int, grid: Grid) -> None:
    """All terms of all counts at 600 nodes, by Horner's rule, at every 41st frequency."""
    plans = [replace(A, id=f"{i:02}", rate=Point(0.4 * (1 + i))) for i in range(size)]
    loadings = {plan.id: 0.9 - 0.12 * i for i, plan in enumerate(plans)}
    part = part_of(plans, loadings)
    factors, weights = normal_nodes(600)
    every = slice(None, None, 41)
    given = np.ones((600, 1), dtype=complex)
    for plan in plans:
        masses = count_masses(plan)
        assert masses is not None
        chances = conditional_masses(masses, loadings[plan.id], factors)
        event = event_transform(plan, grid).ravel()[every]
        found = np.zeros((600, event.size), dtype=complex)
        for column in chances.T[::-1]:
            found = found * event + column[:, None]
        given = given * found
    assert part.transform(grid).ravel()[every] == pytest.approx(weights @ given, abs=1e-13)


@pytest.mark.parametrize("loading", [0.3, 0.6, 0.9, 0.99])
def test_nodes_that_suffice_are_told_by_three_quarters_of_them(loading: float) -> None:
    """What the error bound sees, between the two rules, is more than what the finer one lacks."""
    plans = [replace(A, id=f"{i:02}", rate=Point(2.0)) for i in range(6)]
    part = part_of(plans, dict.fromkeys((plan.id for plan in plans), loading))
    z = 0.999 * np.exp(1j * np.linspace(0, math.pi, 200))
    right = part._at(z, 2000)
    used, fewer = part._at(z, part.size), part._at(z, part.size * 3 // 4)
    assert np.abs(used - right).max() < 1e-11
    assert np.abs(used - right).max() <= np.abs(used - fewer).max() + 1e-14


@pytest.mark.parametrize(
    ("count", "law"),
    [
        (Poisson(), stats.poisson(3.0)),
        (NegativeBinomial(2.5), stats.nbinom(3.0 / 1.5, 1 / 2.5)),
        (Binomial(6), stats.binom(6, 0.5)),
    ],
    ids=["poisson", "negative binomial", "binomial"],
)
def test_masses_of_counts_are_scipys(count: Count, law: stats.rv_discrete) -> None:
    masses = count_masses(CompoundPlan("a", Point(3.0), Point(1), count))
    assert masses is not None
    assert masses == pytest.approx(law.pmf(np.arange(masses.size)), abs=1e-15)
    assert law.sf(masses.size - 1) < 1e-14


def test_a_held_rate_is_averaged_out_of_its_count() -> None:
    masses = count_masses(CompoundPlan("a", Pert(1, 2, 9), Point(1)))
    assert masses is not None
    k = np.arange(masses.size)
    u = (np.arange(20_000) + 0.5) / 20_000
    wanted = stats.poisson.pmf(k, Pert(1, 2, 9).ppf(u)[:, None]).mean(axis=0)
    assert masses == pytest.approx(wanted, abs=1e-7)


@pytest.mark.parametrize("loading", [-0.9, 0.0, 0.4, 0.98])
def test_counts_keep_their_own_distribution(loading: float) -> None:
    masses = count_masses(CompoundPlan("a", Point(4.0), Point(1)))
    assert masses is not None
    factors, weights = normal_nodes(400)
    given = conditional_masses(masses, loading, factors)
    assert (given >= 0).all()
    assert given.sum(axis=1) == pytest.approx(np.ones(400))
    assert weights @ given == pytest.approx(masses, abs=1e-14)


def test_a_copula_that_is_one_factor_is_seen_as_one() -> None:
    a = {"a": 0.5, "b": -0.7, "c": 0.9, "d": 0.3}
    pairs = np.array([[1.0 if i == j else a[i] * a[j] for j in a] for i in a])
    by_matrix = Copula.by_matrix("x", list(a), pairs)
    found = loadings_of(by_matrix)
    assert found == pytest.approx(a)
    two = loadings_of(Copula.by_matrix("x", ("a", "b"), np.array([[1, -0.4], [-0.4, 1]])))
    assert two is not None
    assert two["a"] * two["b"] == pytest.approx(-0.4)
    pairs[0, 1] = pairs[1, 0] = 0.1
    assert loadings_of(Copula.by_matrix("x", list(a), pairs)) is None
    two_factors = {"a": (0.1, 0.2), "b": (0.3, 0.4), "c": (0.5, -0.3), "d": (0.1, 0.9)}
    assert loadings_of(Copula.by_factors("x", two_factors)) is None
    assert loadings_of(Copula.one_factor("x", {"a": 0.1, "b": 0.3}, 4)) is None


def test_why_a_total_is_simulated_is_told() -> None:
    losses = DependencePlan(losses=Copula.common("losses", "ab", 0.3))
    assert "whole years" in tied_total.why_not_exact(PLANS, losses)
    t = DependencePlan(Copula.common("frequencies", "ab", 0.3, 4))
    assert "is a t copula" in tied_total.why_not_exact(PLANS, t)
    two = Copula.by_factors("frequencies", {"a": (0.1, 0.2), "b": (0.3, 0.4), "c": (0.5, -0.3)})
    three = [A, B, replace(A, id="c")]
    assert "more than one normal factor" in tied_total.why_not_exact(three, DependencePlan(two))
    assert "loading" in tied_total.why_not_exact(PLANS, joined(a=0.995, b=0.1))
    often = [replace(A, rate=Point(5000.0)), B]
    assert "events in some years" in tied_total.why_not_exact(often, joined(a=0.5, b=0.1))
    held = replace(A, severity=Point(1), scale=Uniform(1, 2))
    assert tied_total.why_not_exact([replace(A, scale=Point(2)), B], joined(a=0.5, b=0.1))
    capped = replace(A, annual=AnnualTerms(limit=1e5))
    for plan in (held, capped):
        assert "held value or terms of the year" in tied_total.why_not_exact(
            [plan, B], joined(a=0.5, b=1)
        )
        with pytest.raises(WorkbenchError, match="Simulate it"):
            tied_total.total([plan, B], joined(a=0.5, b=0.1))
    assert not tied_total.why_not_exact([held, B, C], joined(b=0.5, c=0.5))


def test_single_losses_are_jumps() -> None:
    plans = [replace(A, severity=Point(1000.0)), replace(B, severity=Empirical([500.0, 4000.0]))]
    ties = DependencePlan(shocks=(Shock("x", 0.3, {"a": 1, "b": 1}),))
    found = tied_total.total(plans, ties)
    x, sf, _ = found.nodes()
    assert found.step
    assert set(np.diff(x)) == {500.0}
    # nothing is lost, or one event of a alone: there are no shocks, 1.7 of a and 0.2 of b
    assert 1 - sf[0] == pytest.approx(math.exp(-2.2))
    assert sf[1] - sf[2] == pytest.approx(math.exp(-2.2) * (1.7 + 0.1**2 / 2))
    assert float(np.sum(500 * sf)) == pytest.approx(found.mean())
    both = CompoundPlan("x", Point(0.3), Point(5000.0))
    pair = [replace(plan, rate=Point(0.3), severity=Point(v)) for plan, v in ((A, 1e3), (B, 4e3))]
    agree(tied_total.total(pair, ties), exact.compound(both), rel=1e-12)
    joint = tied_total.total(plans, joined(a=0.8, b=0.8))
    drawn = brute(plans, joined(a=0.8, b=0.8), 100_000, 3)
    for loss in (0.0, 1000.0, 5000.0):
        chance = float(joint.exceedance(loss))
        assert abs((drawn > loss).mean() - chance) <= 4 * math.sqrt(chance / 100_000)


def test_single_losses_among_others_are_jumps() -> None:
    plans = [replace(A, severity=Point(1000.0)), replace(B, severity=Gamma(2, 700.0))]
    ties = DependencePlan(shocks=(Shock("x", 0.3, {"a": 1, "b": 1}),))
    found = tied_total.total(plans, ties)
    for events in (1, 2, 3):  # of a alone: there are no shocks, 1.7 of a and 0.2 of b
        before, after = found.exceedance(1000.0 * events * np.array([1 - 1e-9, 1]))
        chance = math.exp(-2.2) * 1.7**events / math.factorial(events)
        assert before - after == pytest.approx(chance, rel=1e-5)
    drawn = brute(plans, ties, 100_000, 3)
    for x in (950.0, 1000.0, 1050.0, 2500.0, 5000.0):
        chance = float(found.exceedance(x))
        assert abs((drawn > x).mean() - chance) <= 4 * math.sqrt(chance / 100_000)


def test_nothing_tied_to_nothing_costs_nothing() -> None:
    plans = [replace(plan, rate=Point(0.0)) for plan in PLANS]
    found = tied_total.total(plans, joined(a=0.5, b=0.5))
    assert (found.mean(), found.sd(), found.prob_no_loss()) == (0, 0, 1)
    assert (found.var(0.999), found.tvar(0.5), found.var_error(0.99)) == (0, 0, 0)
    assert found.exceedance([0.0, 1.0]).tolist() == [0, 0]
    assert found.step  # a single value, known outright
    assert found.ids == {"a", "b", "c"}
    assert ShockPart(Shock("x", 0.0, {"a": 1}), (A,)).hit == ()
