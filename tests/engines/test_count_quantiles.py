"""Draws of counts are quantiles: the smallest number whose chance reaches the word."""

import math

import numpy as np
import pytest
from scipy import special, stats

from workbench.distributions import Point, Uniform
from workbench.engines.count_tables import count_table
from workbench.engines.counts import (
    Bernoulli,
    Binomial,
    Count,
    DiscreteCount,
    NegativeBinomial,
    Once,
    Poisson,
    ZeroTruncated,
    count_from_dict,
    zero_truncated,
)
from workbench.errors import WorkbenchError
from workbench.models import Scenario

pytestmark = pytest.mark.pure

HAIR = 1e-9  # beside a step: inverses are found to 1e-10
STATED = DiscreteCount([0, 1, 2, 5], [0.5, 0.25, 0.15, 0.1])
# a count, its rate, and the chances P(N <= n) of scipy
PLAIN: list[tuple[Count, float, stats.rv_discrete]] = [
    (Poisson(), 0.3, stats.poisson(0.3)),
    (Poisson(), 4.0, stats.poisson(4.0)),
    (Poisson(), 900.0, stats.poisson(900.0)),
    (Bernoulli(), 0.3, stats.bernoulli(0.3)),
    (Binomial(1), 0.3, stats.bernoulli(0.3)),
    (Binomial(2), 1.7, stats.binom(2, 0.85)),
    (Binomial(12), 4.0, stats.binom(12, 4 / 12)),
    (Binomial(12), 12.0, stats.binom(12, 1.0)),
    (Binomial(1000), 40.0, stats.binom(1000, 0.04)),
]


def drawn(count: Count, rate: float, u: float, v: float = 0.5) -> float:
    return float(count.draw(np.array([rate]), np.array([u]), np.array([v]))[0])


@pytest.mark.parametrize(
    ("count", "rate", "law"), PLAIN, ids=lambda of: "" if hasattr(of, "cdf") else str(of)
)
def test_a_word_on_either_side_of_a_step_gives_the_number_on_that_side(
    count: Count, rate: float, law: stats.rv_discrete
) -> None:
    middle = int(law.median())
    for n in range(max(middle - 6, 0), middle + 7):
        step, mass = float(law.cdf(n)), float(law.pmf(n))
        if mass > 1e-6:
            assert drawn(count, rate, step - HAIR) == n
            if 1 - step > 1e-6:
                assert drawn(count, rate, step + HAIR) == n + 1


def test_a_word_that_is_a_chance_itself_gives_its_number() -> None:
    """Inverses of a continuous n may round to the next one there; the smallest is meant."""
    n = np.arange(60.0)
    for rate in (0.3, 4.0, 20.0):
        u = special.pdtr(n, rate)
        inside = (u < 1 - 1e-12) & (u > 0)
        assert (Poisson().draw(np.full(60, rate), u, u) == n)[inside].all()
        for trials in (30, 1000):
            u = special.bdtr(n, trials, np.full(60, rate / trials))
            inside = (u < 1 - 1e-12) & (u > 0) & (n < trials)
            assert (Binomial(trials).draw(np.full(60, rate), u, u) == n)[inside].all()


@pytest.mark.parametrize("mean", [0.2, 1.7, 40.0])
@pytest.mark.parametrize("parent", [Poisson(), Binomial(50)], ids=str)
def test_a_truncated_word_is_a_word_of_the_parent_above_its_zero(
    parent: Count, mean: float
) -> None:
    law = stats.poisson(mean) if parent == Poisson() else stats.binom(50, mean / 50)
    count, zero = ZeroTruncated(parent), float(law.cdf(0))
    rate = count.rate_of(mean)
    assert rate == pytest.approx(mean / (1 - zero), rel=1e-12)
    assert count.parent_means(np.array([rate]))[0] == pytest.approx(mean, rel=1e-12)
    for n in range(1, 9):
        step = (float(law.cdf(n)) - zero) / (1 - zero)
        if law.pmf(n) > 1e-5 and 1 - step > 1e-5:
            assert drawn(count, rate, step - 1e-9) == n
            assert drawn(count, rate, step + 1e-9) == n + 1


@pytest.mark.parametrize(("d", "mean"), [(1.5, 0.4), (3.0, 2.0), (20.0, 5.0)])
def test_truncated_clusters_are_inverted_in_one_word(d: float, mean: float) -> None:
    law = stats.nbinom(mean / (d - 1), 1 / d)
    count, zero = ZeroTruncated(NegativeBinomial(d)), float(law.cdf(0))
    rate = count.rate_of(mean)
    for n in range(1, 12):
        step = (float(law.cdf(n)) - zero) / (1 - zero)
        if law.pmf(n) > 1e-5 and 1 - step > 1e-5:
            assert drawn(count, rate, step - 1e-9) == n
            assert drawn(count, rate, step + 1e-9) == n + 1


def test_clusters_are_a_poisson_of_the_rate_that_the_second_word_draws() -> None:
    """Gamma(rate / (d - 1), scale d - 1), at its quantile of `v`."""
    d, rate = 3.0, 2.0
    for v in (0.1, 0.5, 0.99):
        held = float(stats.gamma(rate / (d - 1), scale=d - 1).ppf(v))
        for u in (0.05, 0.5, 0.95):
            assert drawn(NegativeBinomial(d), rate, u, v) == stats.poisson(held).ppf(u)


def test_stated_numbers_are_drawn_up_to_the_end_of_their_share() -> None:
    for u, n in ((0.0, 0), (0.5, 0), (0.5 + 1e-9, 1), (0.75, 1), (0.9, 2), (0.9 + 1e-9, 5)):
        assert drawn(STATED, STATED.mean(), u) == n
    assert drawn(STATED, STATED.mean(), math.nextafter(1, 0)) == 5
    thirds = DiscreteCount([1, 2, 3], [1 / 3, 1 / 3, 1 / 3])  # their sum may fall short of 1
    assert drawn(thirds, 2.0, math.nextafter(1, 0)) == 3


COUNTS: list[tuple[Count, float]] = [
    *((count, rate) for count, rate, _ in PLAIN),
    (NegativeBinomial(3.0), 1.7),
    (STATED, STATED.mean()),
    (ZeroTruncated(Poisson()), 1.7),
    (ZeroTruncated(Poisson()), 1.01),
    (ZeroTruncated(NegativeBinomial(3.0)), 2.5),
    (ZeroTruncated(NegativeBinomial(20.0)), 8.0),
    (ZeroTruncated(Binomial(12)), 1.7),
    (ZeroTruncated(Binomial(12)), 11.0),
    (Once(), 1.0),
]


@pytest.mark.parametrize(("count", "rate"), COUNTS, ids=str)
def test_a_larger_word_never_gives_fewer_events_and_the_ends_are_finite(
    count: Count, rate: float
) -> None:
    u = np.array([0.0, 2.0**-53, 1e-6, *np.linspace(0.01, 0.99, 99), 1 - 1e-9, 1 - 2.0**-53])
    n = count.draw(np.full(u.shape, rate), u, np.full(u.shape, 0.5))
    assert (np.diff(n) >= 0).all()
    assert np.isfinite(n).all()
    assert (n == np.rint(n)).all()
    assert n[0] >= 0


@pytest.mark.parametrize("count", [Poisson(), Bernoulli(), Binomial(12), NegativeBinomial(2.0)])
def test_without_a_rate_there_is_no_event(count: Count) -> None:
    for u in (0.0, 0.5, math.nextafter(1, 0)):
        assert drawn(count, 0.0, u) == 0
    assert count.conditional_variance(np.zeros(2)).tolist() == [0.0, 0.0]


def test_once_is_one_event_for_every_rate() -> None:
    z, rates = np.array([0.0, 0.3 + 0.4j, 1.0]), np.array([[0.5], [2.0]])
    assert (Once().pgf(z, rates) == np.array([z, z])).all()
    assert Once().draw(np.array([0.2, 3.0]), np.zeros(2), np.zeros(2)).tolist() == [1.0, 1.0]
    assert Once().variance(Uniform(0.0, 1.0)) == 0.0
    assert Once().conditional_variance(np.array([0.5])).tolist() == [0.0]
    assert Once().to_dict() == {"type": "once"}


def test_a_busy_year_of_clusters_is_a_quantile_of_their_rate() -> None:
    d, rate = 30.0, 2.0
    mean, variance = NegativeBinomial(d).busy_year(rate, 1e-6)
    assert mean == pytest.approx(stats.gamma(rate / (d - 1), scale=d - 1).isf(1e-6), rel=1e-9)
    assert variance == mean  # a Poisson of that rate
    assert NegativeBinomial(1.001).busy_year(1e-3, 1.0)[0] == 1e-3  # never below the mean
    inner, spread = ZeroTruncated(Poisson()).busy_year(2.0, 1e-6)
    assert (inner, spread) == (2.0, 3.0)
    assert STATED.busy_year(STATED.mean(), 1e-6) == (5.0, 0.0)


def test_a_count_is_a_polynomial_of_its_rate_or_has_an_exponent() -> None:
    z = np.array([0.2, 0.5 + 0.4j, 1.0])
    for count, rate in COUNTS:
        g = count.exponent(z)
        if g is not None:
            assert np.exp(rate * g) == pytest.approx(count.pgf(z, np.full(z.shape, rate)))
        if (degree := count.degree()) is not None and degree < 5:
            rates = np.arange(degree + 2) / (degree + 1)
            values = count.pgf(np.full(rates.shape, -5.0 + 0j), rates).real
            differences = np.diff(values, degree)
            assert np.ptp(differences) < 1e-9 * abs(differences).max()  # of this degree
            assert abs(differences).max() > 1e-9 * abs(values).max()  # and of none below
    assert [c.degree() for c in (Bernoulli(), Binomial(7), Poisson(), STATED)] == [1, 7, None, None]


@pytest.mark.parametrize(
    "count", [ZeroTruncated(Poisson()), ZeroTruncated(Binomial(12)), Binomial(12), Poisson()]
)
def test_the_variance_over_an_uncertain_rate_is_that_of_two_stages(count: Count) -> None:
    """Var(N) = E[Var(N | rate)] + Var(rate), by the middles of many parts of the rate."""
    rate = Uniform(1.5, 6.0)
    held = rate.ppf((np.arange(4000) + 0.5) / 4000)
    wanted = count.conditional_variance(held).mean() + held.var()
    assert count.variance(rate) == pytest.approx(wanted, rel=1e-6)


def test_the_rates_that_a_count_can_have() -> None:
    assert Poisson().rates() == (0.0, math.inf)
    assert Bernoulli().rates() == (0.0, 1.0)
    assert Binomial(12).rates() == (0.0, 12.0)
    assert ZeroTruncated(Poisson()).rates() == (1.0, math.inf)
    assert ZeroTruncated(Binomial(12)).rates() == (1.0, 12.0)
    assert ZeroTruncated(NegativeBinomial(3.0)).rates() == (2 / math.log(3), math.inf)
    for count, low, high in ((Bernoulli(), 0.0, 1.0), (ZeroTruncated(Binomial(3)), 1.0, 3.0)):
        for rate in (low, high):  # the ends belong to them
            Scenario.fair(
                "S", "s", loss_event_frequency=Point(rate), loss_magnitude=Point(1.0), count=count
            )


@pytest.mark.parametrize(
    ("data", "is_good"),
    [
        ({"type": "binomial", "trials": 1}, True),
        ({"type": "binomial", "trials": 100_000}, True),
        ({"type": "binomial", "trials": 100_001}, False),
        ({"type": "binomial", "trials": True}, False),
        ({"type": "binomial", "trials": 0}, False),
        ({"type": "negative_binomial", "dispersion": 1 + 1e-9}, True),
        ({"type": "negative_binomial", "dispersion": 1}, False),
        ({"type": "negative_binomial", "dispersion": math.inf}, False),
        ({"type": "negative_binomial", "dispersion": True}, False),
        ({"type": "negative_binomial", "dispersion": "2"}, False),
        ({"type": "discrete", "values": [0, 9_999], "probabilities": [0.5, 0.5]}, True),
        ({"type": "discrete", "values": [0, 10_000], "probabilities": [0.5, 0.5]}, False),
        ({"type": "discrete", "values": [-1, 1], "probabilities": [0.5, 0.5]}, False),
        ({"type": "discrete", "values": [True, 0], "probabilities": [0.5, 0.5]}, False),
        ({"type": "discrete", "values": [], "probabilities": []}, False),
        ({"type": "discrete", "values": [1, 2], "probabilities": [1.0]}, False),
        ({"type": "discrete", "values": [0, 1], "probabilities": [-0.5, 1.5]}, False),
        ({"type": "discrete", "values": [0, 1], "probabilities": [0.5, 0.5 + 1e-8]}, False),
        ({"type": "discrete", "values": [0, 1], "probabilities": [0.5, 0.5 + 1e-10]}, True),
        ({"type": "poisson", "zero_truncated": False}, True),
        ({"type": "poisson", "dispersion": 2.0}, False),
        ({}, False),
    ],
    ids=str,
)
def test_what_states_a_count(data: dict, is_good: bool) -> None:
    if is_good:
        assert count_from_dict(data).to_dict() == {
            k: v for k, v in data.items() if k != "zero_truncated"
        }
    else:
        with pytest.raises(WorkbenchError):
            count_from_dict(data)


def test_what_cannot_be_read_as_a_count_is_refused() -> None:
    for wrong in (None, "poisson", ["poisson"]):
        with pytest.raises(WorkbenchError, match="a count has a type"):
            count_from_dict(wrong)


def test_stated_numbers_are_kept_in_order_without_those_that_never_come() -> None:
    count = DiscreteCount([5, 0, 3, 1], [0.1, 0.6, 0.0, 0.3])
    assert (count.values, count.probabilities) == ((0, 1, 5), (0.6, 0.3, 0.1))
    assert count.mean() == pytest.approx(0.8, rel=1e-15)
    kept = zero_truncated(count)
    assert kept.values == (1, 5)
    assert kept.probabilities == pytest.approx((0.75, 0.25))
    count.check(Point(0.8))
    for wrong in (Point(0.8 + 1e-6), Point(0.7), Uniform(0.0, 1.6)):
        with pytest.raises(WorkbenchError, match="says its rate itself"):
            count.check(wrong)


@pytest.mark.parametrize("rate", [150.0, 300.0, 500.0, 650.0, 700.0])
def test_a_table_of_counts_ends_where_no_chance_is_left(rate: float) -> None:
    table = count_table(Poisson(), Point(rate))
    assert table is not None
    last = stats.poisson.isf(1e-16, rate)
    assert table.steps.size <= last + 2
    assert table.steps[-1] == 1
    assert table.steps == pytest.approx(stats.poisson.cdf(np.arange(table.steps.size), rate))
