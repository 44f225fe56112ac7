"""The FAIR tree's derived nodes, by closed forms and by conditioning outside the engine."""

import math

import numpy as np
import pytest
from scipy import integrate, special, stats

from workbench.distributions import (
    Beta,
    Discrete,
    Distribution,
    Gamma,
    LogNormal,
    Mixture,
    Pert,
    Point,
    Triangular,
    Uniform,
    Weibull,
)
from workbench.distributions.products import product
from workbench.errors import WorkbenchError
from workbench.losses import LossDistribution
from workbench.models import (
    LossEvents,
    LossForms,
    Scenario,
    SecondaryLoss,
    Study,
    Terms,
    ThreatEvents,
    Vulnerability,
    simulate,
)
from workbench.models.tree import exceeds

pytestmark = pytest.mark.pure


def year(rate: object, loss: object, **more: object) -> Study:
    rate = Point(rate) if isinstance(rate, int | float) else rate
    scenario = Scenario.fair("S", "s", loss_event_frequency=rate, loss_magnitude=loss, **more)
    return Study(scenarios=(scenario,))


def exact(*args: object, **more: object) -> LossDistribution:
    return simulate(year(*args, **more)).portfolio


# ---------------------------------------------------------------- vulnerability


@pytest.mark.parametrize(
    ("capability", "resistance", "wanted"),
    [
        (Uniform(0, 1), Uniform(0, 1), 0.5),
        (Uniform(0, 1), Uniform(0.2, 1), 0.4),
        (Uniform(0, 2), Uniform(0, 1), 0.75),
        (Uniform(0, 1), Uniform(0.5, 2), 1 / 12),  # (1/2)^2 / 2 over 3/2
        (Uniform(0, 1), Uniform(2, 3), 0.0),
        (Uniform(2, 3), Uniform(0, 1), 1.0),
        (Point(0.5), Point(0.5), 0.0),  # a tie is withstood
        (Point(0.5), Uniform(0, 2), 0.25),
        (Uniform(0, 2), Point(0.5), 0.75),
        (Discrete([1, 2, 3], [0.2, 0.3, 0.5]), Discrete([1, 2, 3], [0.5, 0.3, 0.2]), 0.55),
        (Gamma(1.0, 2.0), Gamma(1.0, 3.0), 0.4),  # exponentials: 2/(2 + 3)
        (LogNormal(0, 1), LogNormal(0.5, 2), stats.norm.cdf(-0.5 / math.sqrt(5))),
        (Weibull(2.0, 1.0), Weibull(2.0, 2.0), 1 / (1 + 4)),  # 1/(1 + (b/a)^k)
        (Mixture([Point(0.3), Uniform(0, 1)], [0.4, 0.6]), Uniform(0, 1), 0.4 * 0.3 + 0.6 / 2),
        (Uniform(0, 1), Mixture([Point(0.3), Uniform(0, 1)], [0.4, 0.6]), 0.4 * 0.7 + 0.6 / 2),
    ],
    ids=str,
)
def test_vulnerability_in_closed_form(
    capability: Distribution, resistance: Distribution, wanted: float
) -> None:
    node = Vulnerability(capability, resistance)
    assert node.probability() == pytest.approx(wanted, abs=1e-12)
    assert node.belief() == Point(node.probability())


def test_a_mixed_belief_against_itself_has_ties() -> None:
    mixed = Mixture([Point(0.3), Uniform(0, 1)], [0.4, 0.6])
    tied = 0.4 * 0.4
    assert exceeds(mixed, mixed) == pytest.approx((1 - tied) / 2, abs=1e-12)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((2.0, 5.0), (5.0, 2.0)),
        ((40.0, 60.0), (50.0, 50.0)),  # near to normal
        ((0.5, 0.5), (0.5, 3.0)),
        ((300.0, 20.0), (250.0, 30.0)),
    ],
)
def test_vulnerability_of_betas_by_quadrature(
    first: tuple[float, float], second: tuple[float, float]
) -> None:
    x, y = stats.beta(*first), stats.beta(*second)
    middle = y.mean()
    wanted = sum(
        integrate.quad(lambda t: x.sf(y.ppf(t)), a, b, epsabs=1e-12, limit=400)[0]
        for a, b in ((0, y.cdf(middle)), (y.cdf(middle), 1))
    )
    assert exceeds(Beta(*first), Beta(*second)) == pytest.approx(wanted, abs=1e-9)


def test_one_side_or_the_other() -> None:
    """Without ties P(X > Y) + P(Y > X) = 1."""
    beliefs = [
        Pert(0, 2, 9),
        Triangular(1, 3, 4),
        Gamma(0.4, 5.0),
        LogNormal(1, 0.5),
        Uniform(0, 6),
    ]
    for one in beliefs:
        for other in beliefs:
            assert exceeds(one, other) + exceeds(other, one) == pytest.approx(1, abs=1e-9)


# ---------------------------------------------------------------- derived frequencies


def conditioned(
    first: Distribution, second: Distribution, scale: float, x: np.ndarray
) -> tuple[np.ndarray, float, float]:
    """P(L > x), mean and variance of exponential losses whose Poisson rate is a product.

    Outside the engine: a Gauss rule over the quantiles of both factors, and the Bessel series.
    """
    t, w = np.polynomial.legendre.leggauss(16)
    ends = np.concatenate([[0], np.geomspace(1e-10, 0.5, 9)])
    ends = np.unique(np.concatenate([ends, 1 - ends]))
    u = (ends[:-1, None] + np.diff(ends)[:, None] * (1 + t) / 2).ravel()
    p = (np.diff(ends)[:, None] * w / 2).ravel()
    rates = np.multiply.outer(first.ppf(u), second.ppf(u)).ravel()
    weights = np.multiply.outer(p, p).ravel()
    n = np.arange(1, 120)
    order = np.argsort(rates)
    rates, weights = rates[order], weights[order]
    chance = np.zeros(n.size)
    for part in np.array_split(np.arange(rates.size), 50):
        chance += weights[part] @ stats.poisson.pmf(n, rates[part][:, None])
    tail = np.array([chance @ special.gammaincc(n, at / scale) for at in x])
    mean, square = weights @ rates, weights @ rates**2
    return tail, scale * mean, scale**2 * (2 * mean + square - mean**2)


PAIRS = [
    (Pert(0.5, 2, 6), Beta(2.0, 5.0)),
    (Pert(0.5, 2, 6), LogNormal(-1.5, 0.2)),
    (Uniform(0, 4), Uniform(0.1, 0.9)),
    (LogNormal(0, 0.7), Beta(2.0, 2.0)),
    (Gamma(2.0, 1.0), Discrete([0.2, 0.7], [0.5, 0.5])),
]


@pytest.mark.daily(2)
@pytest.mark.parametrize(("first", "second"), PAIRS, ids=str)
def test_a_derived_frequency_agrees_with_conditioning_on_its_parts(
    first: Distribution, second: Distribution
) -> None:
    bounded = second.support()[1] <= 1  # a lognormal share is none: the node refuses it
    rate = LossEvents(first, second) if bounded else product(first, second)
    made = year(rate, Gamma(1.0, 1e5))
    found = simulate(made).portfolio
    x = np.array([1e4, 1e5, 3e5, 1e6, 2e6])
    tail, mean, variance = conditioned(first, second, 1e5, x)
    assert found.mean() == pytest.approx(mean, rel=1e-7)
    assert found.variance() == pytest.approx(variance, rel=1e-6)
    assert found.exceedance(x) == pytest.approx(tail, abs=1e-5)
    years = 60_000
    drawn = simulate(made, engine="montecarlo", years=years).portfolio
    assert abs(drawn.mean() - mean) < 4 * math.sqrt(variance / years)
    gap = np.abs(drawn.exceedance(x) - tail)
    assert (gap < 4 * np.sqrt(tail * (1 - tail) / years) + 1e-5).all()


def test_the_whole_tree_multiplies() -> None:
    """CF x PoA x P(TC > RS), all but the last one held."""
    events = LossEvents(
        ThreatEvents(Pert(2, 6, 20), Beta(2.0, 8.0)), Vulnerability(Uniform(0, 1), Uniform(0.2, 1))
    )
    wanted = Pert(2, 6, 20).mean() * 0.2 * 0.4
    assert events.belief().mean() == pytest.approx(wanted, rel=1e-9)
    assert exact(events, Gamma(2.0, 5e4)).mean() == pytest.approx(wanted * 1e5, rel=1e-9)
    held, share = Pert(2, 6, 20), Beta(2.0, 8.0)
    square = (held.variance() + held.mean() ** 2) * (share.variance() + share.mean() ** 2) * 0.16
    assert events.belief().variance() == pytest.approx(square - wanted**2, rel=1e-8)
    assert events.scaled(3.0).belief().mean() == pytest.approx(3 * wanted, rel=1e-9)


def test_a_node_refuses_what_it_cannot_be() -> None:
    for make in (
        lambda: ThreatEvents(Pert(2, 6, 20), Uniform(0, 1.5)),
        lambda: LossEvents(Pert(2, 6, 20), Point(1.2)),
        lambda: SecondaryLoss(Point(1.1), Point(1.0)),
        LossForms,
        lambda: Vulnerability(0.5, Point(0.4)),
        lambda: Terms(annual_limit=0),
        lambda: Terms(annual_deductible=-1),
        lambda: Terms(annual_limit=math.nan),
        lambda: Terms(share=0.0),
    ):
        with pytest.raises(WorkbenchError):
            make()


# ---------------------------------------------------------------- forms of loss
