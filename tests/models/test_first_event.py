"""The first loss event, and the largest: secondary losses, assets worth nothing, wide rates."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from workbench.distributions import (
    Beta,
    Distribution,
    Empirical,
    Gamma,
    LogNormal,
    Mixture,
    Pert,
    Point,
    Triangular,
    Uniform,
)
from workbench.engines.counts import Bernoulli, Binomial, Count, NegativeBinomial, Poisson
from workbench.models import Asset, Scenario, SecondaryLoss, Study, Terms
from workbench.models.horizon import FirstEvent, LargestEvent

pytestmark = pytest.mark.pure


def within(study: Study, years: float) -> float:
    return FirstEvent.of(study).within(years)


def free_of_one(count: Count, rate: float, costs: np.ndarray) -> np.ndarray:
    """P(no event of a year costs something), where an event does with chance `costs`."""
    match count:
        case Poisson():
            return np.exp(-rate * costs)
        case NegativeBinomial(dispersion=d):
            return (1 + (d - 1) * costs) ** (-rate / (d - 1))
        case Binomial(trials=n):
            return (1 - rate / n * costs) ** n
    return 1 - rate * costs


@pytest.mark.parametrize("years", [0, 1, 2, 7])
@pytest.mark.parametrize("count", [Poisson(), NegativeBinomial(3.0), Binomial(4), Bernoulli()])
def test_a_held_share_of_secondary_losses_is_kept_for_all_years(count: Count, years: int) -> None:
    """60 % of events pass the deductible, all with a secondary loss do: E over q of P(none)^t."""
    made = Study(
        scenarios=(
            Scenario.fair(
                "S",
                "s",
                loss_event_frequency=Point(0.6),
                loss_magnitude=Uniform(0.0, 10.0),
                secondary=SecondaryLoss(Uniform(0.2, 0.9), Point(100.0)),
                terms=Terms(deductible=4.0),
                count=count,
            ),
        )
    )
    t, w = np.polynomial.legendre.leggauss(30)
    q = 0.2 + 0.7 * (1 + t) / 2
    kept = w / 2 @ free_of_one(count, 0.6, 0.6 + 0.4 * q) ** years
    assert within(made, years) == pytest.approx(1 - kept, abs=1e-9)


def on_asset(name: str, **more: object) -> Scenario:
    return Scenario.classical(
        name, name, aro=Point(0.5), exposure_factor=Uniform(0, 1), asset="A", **more
    )


def test_an_asset_that_may_be_worth_nothing_loses_nothing_then() -> None:
    """Whatever else it may be worth: P(no event) = P(A = 0) + P(A > 0) exp(-rate t)."""
    worth = Mixture([Point(0.0), LogNormal(10, 1)], [0.3, 0.7])
    both = Study(scenarios=(on_asset("a"), on_asset("b")), assets=(Asset("A", "A", worth),))
    for years in (1.0, 2.5, 40.0):
        kept = 0.3 + 0.7 * math.exp(-2 * 0.5 * years)
        assert within(both, years) == pytest.approx(1 - kept, rel=1e-9)
    listed = Study(
        scenarios=(on_asset("a"),), assets=(Asset("A", "A", Empirical([0.0, 5.0], [0.3, 0.7])),)
    )
    assert within(listed, 2) == pytest.approx(0.7 * (1 - math.exp(-1)), rel=1e-12)


def test_terms_of_one_scenario_ask_what_the_shared_asset_is_worth() -> None:
    """One passes its deductible of 4 only where A is above it; the other one always costs."""
    made = Study(
        scenarios=(on_asset("a", terms=Terms(deductible=4.0)), on_asset("b")),
        assets=(Asset("A", "A", Uniform(0.0, 10.0)),),
    )
    often = integrate.quad(lambda a: math.exp(-0.5 * (1 - 4 / a)) / 10, 4, 10)[0]
    assert within(made, 1) == pytest.approx(1 - math.exp(-0.5) * (0.4 + often), abs=2e-4)


@pytest.mark.parametrize(
    "rate",
    [
        Triangular(0.1, 0.2, 2.0),
        Mixture([Uniform(0.1, 0.2), Uniform(3.0, 5.0)], [0.35, 0.65]),
        Uniform(0.05, 4.0),
        Gamma(3.0, 0.2),
    ],
    ids=str,
)
def test_rates_with_kinks_are_averaged_to_many_digits(rate: Distribution) -> None:
    """P(none in t) = E[exp(-rate t)] by quadrature of each smooth part of the belief."""
    made = Study(
        scenarios=(Scenario.fair("S", "s", loss_event_frequency=rate, loss_magnitude=Point(1.0)),)
    )
    q = np.unique(np.concatenate([[0.0, 1.0], np.geomspace(1e-12, 0.5, 60), 1 - rate.breaks()]))
    q = np.unique(np.concatenate([q, 1 - q]))
    t, w = np.polynomial.legendre.leggauss(16)
    u = q[:-1, None] + np.diff(q)[:, None] * (1 + t) / 2
    values, weights = rate.ppf(u).ravel(), (np.diff(q)[:, None] * w / 2).ravel()
    for years in (0.01, 1.0, 30.0):
        wanted = -(weights @ np.expm1(-years * values))
        assert within(made, years) == pytest.approx(wanted, rel=1e-9)


def test_the_largest_event_of_several_kinds_of_years() -> None:
    """Independent scenarios: P(M <= x) is the product; a secondary loss shifts a share of them."""
    x = np.array([0.5, 3.0, 12.0])
    plain = Scenario.fair("a", "a", loss_event_frequency=Point(0.8), loss_magnitude=Gamma(1.0, 2.0))
    more = Scenario.fair(
        "b",
        "b",
        loss_event_frequency=Uniform(0.2, 0.9),
        loss_magnitude=Uniform(0.0, 4.0),
        secondary=SecondaryLoss(Point(0.25), Point(10.0)),
        count=Bernoulli(),
    )
    limited = Scenario.fair(
        "c",
        "c",
        loss_event_frequency=Point(2.0),
        loss_magnitude=Gamma(1.0, 2.0),
        terms=Terms(deductible=1.0, limit=3.0, annual_limit=0.1),  # of the year: not of one event
    )
    found = LargestEvent.of(Study(scenarios=(plain, more, limited))).exceedance(x)
    tail = stats.expon.sf(x, scale=2)
    over = 0.75 * np.clip(1 - x / 4, 0, 1) + 0.25 * np.clip((14 - x) / 4, 0, 1)
    cut = np.where(x < 3, stats.expon.sf(x + 1, scale=2), 0)
    below = np.exp(-0.8 * tail) * (1 - 0.55 * over) * np.exp(-2 * cut)
    assert found == pytest.approx(1 - below, rel=1e-9)
    assert LargestEvent.of(Study()).exceedance(x).tolist() == [0.0, 0.0, 0.0]


def test_no_event_passes_the_largest_that_there_is() -> None:
    """A chance was below 0 by rounding."""
    terms = Terms(deductible=1e4, limit=1e6)
    scenarios = tuple(
        Scenario.classical(
            name,
            name,
            aro=Pert(1, 5, 60),
            exposure_factor=Beta(2, 8),
            asset="A",
            secondary=SecondaryLoss(Pert(0.05, 0.1, 0.4), LogNormal(10, 1)),
            terms=terms,
        )
        for name in "ab"
    )
    study = Study(scenarios=scenarios, assets=(Asset("A", "A", LogNormal(13, 0.6)),))
    assert (LargestEvent.of(study).exceedance([1e6, 2e6, 1e9]) == 0).all()
