"""Counts of events: their laws, closed forms against scipy, draws against chances."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from workbench.distributions import Distribution, Empirical, Gamma, Pert, Point, Uniform, scaled
from workbench.engines import exact, montecarlo
from workbench.engines.counts import (
    Bernoulli,
    Binomial,
    Count,
    DiscreteCount,
    NegativeBinomial,
    Poisson,
    ZeroTruncated,
    count_from_dict,
    zero_truncated,
)
from workbench.engines.lattice import lattice_table
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError
from workbench.models import Scenario

pytestmark = pytest.mark.pure

STATED = DiscreteCount([0, 1, 2, 5], [0.5, 0.25, 0.15, 0.1])
COUNTS: list[tuple[Count, float]] = [
    (Poisson(), 1.7),
    (NegativeBinomial(3.0), 1.7),
    (Bernoulli(), 0.3),
    (Binomial(12), 1.7),
    (Binomial(2), 1.7),
    (STATED, STATED.mean()),
    (ZeroTruncated(Poisson()), 1.7),
    (ZeroTruncated(Poisson()), 1.0001),
    (ZeroTruncated(NegativeBinomial(3.0)), 2.5),
    (ZeroTruncated(Binomial(12)), 1.7),
    (zero_truncated(STATED), zero_truncated(STATED).mean()),
]
N = np.arange(400)


def poisson(mean: float) -> np.ndarray:
    return stats.poisson.pmf(N, mean)


def clustered(mean: float, d: float) -> np.ndarray:
    return stats.nbinom.pmf(N, mean / (d - 1), 1 / d)


def without_zero(pmf: np.ndarray) -> np.ndarray:
    return np.append(0.0, pmf[1:] / (1 - pmf[0]))


def solved(pmf_of: object, rate: float) -> np.ndarray:
    """Return the truncated chances whose mean is `rate`: by a search of the parent's mean."""

    def miss(mean: float) -> float:
        return float(N @ without_zero(pmf_of(mean))) - rate

    if miss(1e-9) >= 0 or miss(rate) <= 0:  # at the ends of what is possible, but for rounding
        return without_zero(pmf_of(1e-9 if miss(1e-9) >= 0 else rate))
    return without_zero(pmf_of(optimize.brentq(miss, 1e-9, rate, xtol=1e-14)))


def pmf(count: Count, rate: float) -> np.ndarray:
    """Return P(N = 0), P(N = 1), ... by scipy."""
    match count:
        case Poisson():
            return poisson(rate)
        case NegativeBinomial():
            return clustered(rate, count.dispersion)
        case Bernoulli():
            return stats.binom.pmf(N, 1, rate)
        case Binomial():
            return stats.binom.pmf(N, count.trials, rate / count.trials)
        case DiscreteCount():
            found = np.zeros(N.size)
            found[list(count.values)] = count.probabilities
            return found
        case ZeroTruncated(parent=Poisson()):
            return solved(poisson, rate)
        case ZeroTruncated(parent=NegativeBinomial(dispersion=d)):
            return solved(lambda mean: clustered(mean, d), rate)
        case ZeroTruncated(parent=Binomial(trials=n)):
            return solved(lambda mean: stats.binom.pmf(N, n, mean / n), rate)
    raise AssertionError(count)


def generated(count: Count, rate: float, z: complex | np.ndarray) -> np.ndarray:
    at = np.atleast_1d(np.asarray(z, dtype=complex))
    return count.pgf(at, np.full(at.shape, rate))


@pytest.mark.parametrize(("count", "rate"), COUNTS, ids=str)
def test_the_generating_function_says_the_mean_and_the_variance(count: Count, rate: float) -> None:
    assert generated(count, rate, 1.0)[0] == pytest.approx(1, abs=1e-12)
    # derivatives at 1 by Cauchy's integral on a circle
    turn = np.exp(2j * np.pi * np.arange(64) / 64)
    radius = 0.05
    around = generated(count, rate, 1 + radius * turn)
    first = np.mean(around / turn).real / radius
    second = 2 * np.mean(around / turn**2).real / radius**2
    assert first == pytest.approx(rate, rel=1e-7)
    spread = float(count.conditional_variance(np.array([rate]))[0])
    assert spread == pytest.approx(second + first - first**2, rel=1e-6, abs=1e-7)
    assert count.variance(Point(rate)) == pytest.approx(spread, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("count", "rate"), COUNTS, ids=str)
def test_the_generating_function_is_that_of_scipys_chances(count: Count, rate: float) -> None:
    chances = pmf(count, rate)
    z = np.array([0.0, 0.3, 0.99, -0.5, 0.6 + 0.7j])
    wanted = np.polyval(chances[::-1], z)
    assert np.abs(generated(count, rate, z) - wanted).max() < 2e-8
    mean, variance = N @ chances, N**2 @ chances - (N @ chances) ** 2
    assert mean == pytest.approx(rate, rel=1e-9)
    spread = float(count.conditional_variance(np.array([rate]))[0])
    assert spread == pytest.approx(variance, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(("count", "rate"), COUNTS, ids=str)
def test_draws_follow_the_chances(count: Count, rate: float) -> None:
    """Chi-square of 40,000 seeded draws; a right sampler passes 99.9 times in 100."""
    rng, years = np.random.default_rng(20261124), 40_000
    drawn = count.draw(np.full(years, rate), rng.random(years), rng.random(years))
    assert (drawn == np.rint(drawn)).all()
    chances = pmf(count, rate)
    last = int(np.flatnonzero(np.cumsum(chances[::-1])[::-1] * years >= 5)[-1])
    wanted = years * np.append(chances[:last], chances[last:].sum())
    seen = np.bincount(np.minimum(drawn, last).astype(int), minlength=last + 1)
    possible = wanted > 0
    assert seen[~possible].sum() == 0
    if possible.sum() > 1:
        gap = float(np.sum((seen - wanted)[possible] ** 2 / wanted[possible]))
        assert gap < stats.chi2.isf(1e-3, possible.sum() - 1)


@pytest.mark.parametrize(("count", "rate"), COUNTS, ids=str)
def test_a_count_of_ones_is_the_count(count: Count, rate: float) -> None:
    """A loss of 1 an event makes the year the count itself, on the lattice."""
    found = exact.compound(CompoundPlan("S", Point(rate), Point(1.0), count))
    tail = 1 - np.cumsum(pmf(count, rate))[:12]
    assert np.abs(found.exceedance(np.arange(12.0)) - tail).max() < 2e-8
    assert found.mean() == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize(("count", "rate"), COUNTS, ids=str)
def test_grids_and_closed_forms_agree(count: Count, rate: float, closed: object) -> None:
    """Exponential losses: P(L > x) = sum of P(N = n) P(Gamma(n) > x)."""
    found = exact.compound(CompoundPlan("S", Point(rate), Gamma(1.0, 1e5), count))
    series = closed.GammaSum(pmf(count, rate), 1.0, 1e5)
    for level in (0.5, 0.9, 0.99, 0.999):
        wanted = series.var(level)
        assert abs(found.var(level) - wanted) <= found.var_error(level) + 2e-7 * wanted
        assert found.var_error(level) <= 2e-3 * found.var(0.99)
        assert found.tvar(level) == pytest.approx(series.tvar(level), rel=1e-4)


RATES: list[tuple[Count, Distribution]] = [
    (Binomial(12), Pert(0.5, 2.0, 8.0)),
    (Binomial(12), Uniform(0.0, 12.0)),
    (Bernoulli(), Uniform(0.0, 1.0)),
    (ZeroTruncated(Poisson()), Uniform(1.0, 4.0)),
    (ZeroTruncated(NegativeBinomial(2.0)), Pert(1.5, 2.0, 6.0)),
    (ZeroTruncated(Binomial(6)), Uniform(1.0, 6.0)),
    (NegativeBinomial(2.0), Empirical([0.1, 1.0, 7.0], [0.5, 0.3, 0.2])),
]


@pytest.mark.daily(3)
@pytest.mark.parametrize(("count", "rate"), RATES, ids=str)
def test_an_uncertain_rate_mixes_counts(count: Count, rate: Distribution, closed: object) -> None:
    """P(N = n) = E over the rate of P(N = n | rate), by a Gauss rule of its own quantiles."""
    t, w = np.polynomial.legendre.leggauss(40)
    atoms = rate.atoms()
    if atoms is None:
        ends = np.unique(
            np.concatenate([[0, 1], np.geomspace(1e-9, 0.5, 8), 1 - np.geomspace(1e-9, 0.5, 8)])
        )
        u = ends[:-1, None] + np.diff(ends)[:, None] * (1 + t) / 2
        atoms = rate.ppf(u.ravel()), (np.diff(ends)[:, None] * w / 2).ravel()
    chances = sum(p * pmf(count, float(r)) for r, p in zip(*atoms, strict=True))
    plan = CompoundPlan("S", rate, Point(1.0), count)
    tail = 1 - np.cumsum(chances)[:10]
    assert np.abs(exact.compound(plan).exceedance(np.arange(10.0)) - tail).max() < 3e-7
    smooth = exact.compound(CompoundPlan("S", rate, Gamma(1.0, 1e5), count))
    series = closed.GammaSum(chances, 1.0, 1e5)
    assert smooth.var(0.99) == pytest.approx(series.var(0.99), rel=1e-5)
    mean, square = N @ chances, N**2 @ chances
    assert smooth.mean() == pytest.approx(1e5 * mean, rel=1e-6)
    assert smooth.variance() == pytest.approx(1e10 * (mean + square - mean**2), rel=1e-6)
    drawn = montecarlo.simulate([plan], 50_000, 3)["S"]
    for n in range(4):
        p = float(chances[: n + 1].sum())
        assert abs((drawn <= n).mean() - p) < 4 * math.sqrt(p * (1 - p) / 50_000) + 1e-12


@pytest.mark.parametrize("high", [400.0, 4000.0])
@pytest.mark.parametrize("kind", ["binomial", "truncated"])
def test_wide_rates_of_counts_without_an_exponent(kind: str, high: float) -> None:
    """Nearly a Poisson with the same uncertain rate: both agree to the binomial's own 1/n."""
    count: Count = Binomial(100_000) if kind == "binomial" else ZeroTruncated(Poisson())
    rate = Uniform(high / 10, high)
    found = exact.compound(CompoundPlan("S", rate, Uniform(0.0, 1.0), count))
    plain = exact.compound(CompoundPlan("S", rate, Uniform(0.0, 1.0)))
    for level in (0.05, 0.5, 0.9, 0.99):
        slack = found.var_error(level) + 2e-3 * plain.var(level)
        assert abs(found.var(level) - plain.var(level)) <= slack


def test_the_lattice_and_the_grid_agree() -> None:
    """A list of values is on the lattice; a hair's breadth off it, and the grid computes it."""
    values, weights = [1.0, 2.0, 5.0], [0.5, 0.3, 0.2]
    moved = [1.0, 2.0 * (1 + 1e-7), 5.0 * (1 + math.sqrt(2) * 1e-7)]
    for count, rate in COUNTS:
        one = CompoundPlan("S", Point(rate), Empirical(values, weights), count)
        other = CompoundPlan("S", Point(rate), Empirical(moved, weights), count)
        assert lattice_table([one]) is not None
        assert lattice_table([other]) is None
        lattice, grid = exact.compound(one), exact.compound(other)
        at = np.array([0.5, 1.5, 4.5, 7.5, 12.5])
        gap = np.abs(lattice.exceedance(at) - grid.exceedance(at))
        bound = [grid.exceedance_error(float(x)) for x in at]
        assert (gap <= np.array(bound) + 1e-6).all(), str(count)
        assert lattice.variance() == pytest.approx(grid.variance(), rel=1e-6)


@pytest.mark.parametrize(
    ("count", "rate"),
    [
        (Bernoulli(), Point(1.1)),
        (Bernoulli(), Uniform(0.5, 1.5)),
        (Binomial(3), Point(3.5)),
        (Binomial(3), Gamma(2.0, 0.1)),
        (ZeroTruncated(Poisson()), Point(0.9)),
        (ZeroTruncated(Poisson()), Uniform(0.5, 2.0)),
        (ZeroTruncated(NegativeBinomial(3.0)), Point(1.5)),  # at least 2/log(3) = 1.82
        (ZeroTruncated(Binomial(3)), Point(3.5)),
        (STATED, Point(1.0)),
    ],
    ids=str,
)
def test_rates_that_a_count_cannot_have_are_refused(count: Count, rate: Distribution) -> None:
    with pytest.raises(WorkbenchError, match="rate"):
        Scenario.fair("S", "s", loss_event_frequency=rate, loss_magnitude=Point(1.0), count=count)


def test_at_their_lowest_rate_truncated_counts_have_their_limits() -> None:
    """A Poisson or a binomial leaves one event; clusters leave a logarithmic one."""
    for parent in (Poisson(), Binomial(12)):
        z = np.array([0.0, 0.4, 0.9])
        assert np.abs(generated(ZeroTruncated(parent), 1.0, z) - z).max() < 1e-6
    d = 3.0
    low = (d - 1) / math.log(d)
    wanted = np.append(0.0, stats.logser.pmf(N[1:], 1 - 1 / d))
    z = np.array([0.0, 0.4, 0.9])
    found = generated(ZeroTruncated(NegativeBinomial(d)), low, z)
    assert np.abs(found - np.polyval(wanted[::-1], z)).max() < 1e-6


def test_counts_read_back() -> None:
    for count, _ in COUNTS:
        assert count_from_dict(count.to_dict()) == count
    for wrong in (
        {"type": "binomial"},
        {"type": "binomial", "trials": 0},
        {"type": "binomial", "trials": 2.5},
        {"type": "bernoulli", "zero_truncated": True},
        {"type": "poisson", "zero_truncated": 1},
        {"type": "discrete", "values": [0, 0], "probabilities": [0.5, 0.5]},
        {"type": "discrete", "values": [0, 1], "probabilities": [0.5, 0.6]},
        {"type": "discrete", "values": [0], "probabilities": [1.0], "zero_truncated": True},
        {"type": "logarithmic"},
    ):
        with pytest.raises(WorkbenchError):
            count_from_dict(wrong)


def test_a_count_that_is_always_0_cannot_be_one_that_never_is() -> None:
    with pytest.raises(WorkbenchError, match="a count that is never 0 has other numbers"):
        zero_truncated(DiscreteCount([0], [1.0]))


def test_a_scaled_rate_keeps_its_meaning() -> None:
    """E[N] is the rate always, also where the rate is uncertain."""
    for count, rate in RATES:
        plan = CompoundPlan("S", rate, Point(3.0), count)
        assert exact.compound(plan).mean() == pytest.approx(3 * rate.mean(), rel=1e-6)
    half = CompoundPlan("S", scaled(Uniform(0.0, 12.0), 0.5), Point(3.0), Binomial(12))
    assert exact.compound(half).mean() == pytest.approx(9.0, rel=1e-9)
