"""The bracket encloses every closed form, and narrows with its grid."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from workbench.distributions import (
    Distribution,
    Gamma,
    LogNormal,
    Mixture,
    Pareto,
    Pert,
    Point,
    Product,
    Uniform,
    WithTerms,
)
from workbench.engines import exact
from workbench.engines.bracket import Bracket, Lattice, Side, enclose
from workbench.engines.counts import Bernoulli, Binomial, NegativeBinomial, Poisson
from workbench.engines.plan import AnnualTerms, CompoundPlan, Secondary
from workbench.engines.sums import total
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure
LEVELS = (0.5, 0.9, 0.95, 0.99, 0.999)
CELLS = 1 << 12


def year(rate: float | Distribution, severity: Distribution, **more: object) -> CompoundPlan:
    rate = rate if isinstance(rate, Distribution) else Point(rate)
    return CompoundPlan("S-01", rate, severity, **more)


def holds(bracket: Bracket, figure: float) -> bool:
    return bracket.low <= figure <= bracket.high


def erlang(n: int, x: float) -> float:
    """P(sum of n exponentials > x)."""
    return float(special.gammaincc(n, x)) if n else 0.0


@pytest.mark.parametrize("count", [Poisson(), NegativeBinomial(3.0), Binomial(12), Bernoulli()])
@pytest.mark.parametrize("rate", [0.02, 0.7])
def test_encloses_sums_of_exponentials(count: object, rate: float) -> None:
    number = {
        Poisson: lambda: stats.poisson(rate),
        NegativeBinomial: lambda: stats.nbinom(rate / 2, 1 / 3),
        Binomial: lambda: stats.binom(12, rate / 12),
        Bernoulli: lambda: stats.binom(1, rate),
    }[type(count)]()
    chances = number.pmf(np.arange(200))
    found = enclose([year(rate, Gamma(1, 1), count=count)], CELLS)
    for x in (0.0, 1e-3, 0.3, 1.0, 2.5, 8.0, 20.0):
        known = math.fsum(p * erlang(n, x) for n, p in enumerate(chances))
        assert holds(found.exceedance(x), known)
        assert found.exceedance(x).high - found.exceedance(x).low < 0.02


def test_encloses_one_lognormal_event_and_its_tail() -> None:
    found = enclose([year(0.2, LogNormal(10, 1.2), count=Bernoulli())], CELLS)
    for level in (0.85, 0.9, 0.99, 0.999):
        value = float(LogNormal(10, 1.2).isf((1 - level) / 0.2))
        assert holds(found.var(level), value)
        tail = value + 0.2 * float(LogNormal(10, 1.2).excess_moments(value)[1]) / (1 - level)
        assert holds(found.tvar(level), tail)
    assert found.var(0.5).low == 0


def test_single_values_are_enclosed_to_rounding() -> None:
    found = enclose([year(3.0, Point(1000.0))], CELLS)
    for n in range(12):
        bracket = found.exceedance(1000.0 * n)
        assert holds(bracket, float(stats.poisson(3).sf(n)))
        assert bracket.high - bracket.low < 1e-9
    assert found.var(0.99).high == pytest.approx(1000 * stats.poisson(3).ppf(0.99), rel=1e-9)


def test_a_sum_of_gammas_with_a_mixed_rate() -> None:
    # a Poisson with a gamma rate is negative binomial, and gammas of one scale add their shapes
    found = enclose([year(Gamma(2, 1.5), Gamma(2, 10))], CELLS)
    chances = stats.nbinom(2, 1 / 2.5).pmf(np.arange(200))
    for x in (0.0, 5.0, 40.0, 100.0, 300.0):
        known = math.fsum(p * erlang(2 * n, x / 10) for n, p in enumerate(chances))
        assert holds(found.exceedance(x), known)


WIDE = [
    year(Pert(0.1, 1, 4), LogNormal(10, 1.5)),
    year(LogNormal(0, 0.7), Gamma(2, 1e4)),
    year(Uniform(0, 3), Pert(0, 1e4, 1e5), count=NegativeBinomial(2)),
    year(2.0, Pert(0, 0.1, 1), scale=LogNormal(14, 0.4)),
    year(40.0, WithTerms(LogNormal(10, 1), 5e3, 4e4, 0.9)),
    year(0.4, total((LogNormal(9, 1), Gamma(1, 1e4)))),
    year(0.6, Mixture([Point(2e4), LogNormal(9, 1)], [0.4, 0.6])),
    year(0.7, Gamma(1, 1e4), secondary=Secondary(Uniform(0.1, 0.6), LogNormal(10, 0.8))),
    year(0.3, Pareto(2.2, 1e4)),
    year(Pert(0, 0.2, 1), Uniform(0, 1e5), count=Bernoulli()),
]


@pytest.mark.parametrize("plan", WIDE, ids=lambda p: f"{p.rate} x {p.severity}")
def test_the_exact_figure_lies_within_and_the_bracket_narrows(plan: CompoundPlan) -> None:
    known = exact.compound(plan)
    widths = []
    for cells in (1 << 8, 1 << 10, 1 << 12):
        found = enclose([plan], cells)
        for level in LEVELS[1:4]:
            slack, tails = known.var_error(level), known.tvar_error(level)
            value, tail = found.var(level), found.tvar(level)
            assert value.low - slack <= known.var(level) <= value.high + slack
            assert tail.low - tails <= known.tvar(level) <= tail.high + tails
        x = known.var(0.95)
        assert holds(found.exceedance(x * 1.0001), float(known.exceedance(x * 1.0001)))
        widths.append(found.exceedance(x).high - found.exceedance(x).low)
    assert all(after < before for before, after in pairwise(widths))
    assert found.tvar(0.95).high == pytest.approx(known.tvar(0.95), rel=5e-3)


@pytest.mark.parametrize(
    ("rare", "often", "level"),
    [
        (year(0.16, LogNormal(8, 1.9)), year(2.5, Pert(0, 2, 50)), 0.5),
        (year(0.1, LogNormal(8, 2.5)), year(3.0, Uniform(0, 100)), 0.8),
        (year(0.1, Pareto(1.5, 1e5)), year(3.0, Uniform(0, 100)), 0.5),
    ],
)
def test_a_tail_that_begins_between_two_points(
    rare: CompoundPlan, often: CompoundPlan, level: float
) -> None:
    # the least over the points of the grid alone is no lower end: 0.2 to 1.4 % too high here
    plans = [replace(rare, id="a"), replace(often, id="b")]
    parts = sum(exact.compound(plan).tvar(level) for plan in plans)
    for cells in (1 << 10, 1 << 14):
        found, known = enclose(plans, cells).tvar(level), exact.portfolio(plans)
        error = known.tvar_error(level)
        assert found.low <= known.tvar(level) + error <= found.high + 2 * error
        assert found.low <= parts  # tails are subadditive


def test_a_total_with_a_shared_asset() -> None:
    asset = LogNormal(14, 0.3)
    plans = [
        CompoundPlan("A", Point(0.5), Pert(0, 0.1, 0.6), scale=asset, shared="x"),
        CompoundPlan("B", Point(0.1), Uniform(0.2, 0.9), scale=asset, shared="x"),
        CompoundPlan("C", Point(4.0), LogNormal(9, 1)),
    ]
    found, known = enclose(plans, 1 << 10), exact.portfolio(plans)
    for level in LEVELS[:4]:
        assert holds(found.var(level), known.var(level))
        assert holds(found.tvar(level), known.tvar(level))


beliefs = st.sampled_from(
    [LogNormal(2, 1), Gamma(0.5, 3), Pert(1, 3, 20), Uniform(2, 9), Point(4), Pareto(3, 2)]
)
sides: st.SearchStrategy[Side] = st.sampled_from(["down", "up"])


@given(beliefs, sides, st.floats(0.01, 3), st.sampled_from([0.5, 1.0, 2.0, 3.7, 11.0]))
def test_rounding_moves_every_chance_its_way(
    belief: Distribution, side: Side, step: float, place: float
) -> None:
    lattice = Lattice(step, 1 << 10, side)
    masses = lattice.masses(belief)
    k = min(int(place / step), lattice.cells - 1)  # beyond it nothing is told
    below, sign = masses[: k + 1].sum(), 1 if side == "down" else -1
    assert sign * (below - float(belief.cdf(k * step))) >= -1e-12
    assert masses.min() >= -1e-12
    values, weights = lattice.held(belief)
    assert weights.min() >= -1e-12
    assert weights.sum() <= 1 + 1e-12
    held = weights[values <= place].sum()
    assert sign * (held - float(belief.cdf(place))) >= -1e-12 or isinstance(belief, Point)


@given(beliefs, st.floats(0.01, 3))
def test_spreading_keeps_the_mean_and_raises_every_premium(
    belief: Distribution, step: float
) -> None:
    lattice = Lattice(step, 1 << 12, "spread")
    x = step * np.arange(1 << 12)
    masses = lattice.masses(belief)
    assert masses.min() >= -1e-10
    short = step * np.append(0.0, np.cumsum(np.cumsum(masses))[:-1])  # E[(x - X*)+]
    known = x - belief.mean() + belief.excess_moments(x)[1]
    assert (short - known >= -1e-9 * (1 + x)).all()


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (year(1.0, Gamma(1, 1), annual=AnnualTerms(1.0, 5.0)), "terms of the year"),
        (year(1.0, Gamma(1, 1), factors=(1.0, 0.9)), "several years"),
        (year(1.0, Product([Gamma(1, 1), Uniform(0, 1)])), "Product"),
    ],
)
def test_what_is_not_enclosed_is_refused_by_name(plan: CompoundPlan, words: str) -> None:
    with pytest.raises(WorkbenchError, match=words):
        enclose([plan], CELLS)


def test_what_rounding_may_do_adds_up_along_the_grid_and_with_the_events() -> None:
    few, many = (
        enclose([year(LogNormal(math.log(rate), 0.3), Gamma(1, 1e-3))], CELLS).slack
        for rate in (1.0, 1000.0)
    )
    for slack in (few, many):
        assert (np.diff(slack) > 0).all()
    assert (many - few)[-1] > 10 * (few[-1] - few[0])


def test_nothing_is_enclosed_by_nothing() -> None:
    found = enclose([year(0.0, Gamma(1, 1))], CELLS)
    assert found.var(0.99) == Bracket(0.0, 0.0)
    assert found.tvar(0.99) == Bracket(0.0, 0.0)
    assert found.exceedance(0.0) == Bracket(0.0, 0.0)
