"""Whole years of trees against numpy alone: no draw, count or term of the package is used."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from workbench.distributions import Beta, Discrete, Gamma, LogNormal, Pert, Point, Uniform
from workbench.models import (
    Asset,
    Binomial,
    DiscreteCount,
    LossEvents,
    LossForms,
    NegativeBinomial,
    Scenario,
    SecondaryLoss,
    Study,
    Terms,
    ThreatEvents,
    Vulnerability,
    simulate,
)

pytestmark = pytest.mark.pure

YEARS = 150_000
Years = np.ndarray
Draw = Callable[[np.random.Generator], Years]


def summed(n: Years, cost: Callable[[Years], Years]) -> Years:
    """Return the sums of the events of each year; `cost` is given the year of each event."""
    at = np.repeat(np.arange(YEARS), n.astype(int))
    return np.bincount(at, weights=cost(at), minlength=YEARS)


def leaves(rng: np.random.Generator) -> Years:
    rate = rng.uniform(4, 12, YEARS) * rng.beta(2, 6, YEARS) * 0.4  # P(U(0,1) > U(0.2,1)) = 0.4
    return summed(
        rng.poisson(rate),
        lambda at: rng.gamma(2, 5e4, at.size) + rng.lognormal(11, 0.8, at.size) + 1e4,
    )


def secondary(rng: np.random.Generator) -> Years:
    rate, share = rng.gamma(3, 0.4, YEARS), rng.beta(2, 3, YEARS)
    clusters = rng.gamma(rate / 1.5, 1.5)  # dispersion 2.5

    def cost(at: Years) -> Years:
        more = rng.exponential(4e5, at.size) * (rng.random(at.size) < share[at])
        return 0.9 * np.minimum(np.maximum(rng.uniform(0, 2e5, at.size) + more - 3e4, 0), 5e5)

    return np.minimum(np.maximum(summed(rng.poisson(clusters), cost) - 1e5, 0), 9e5)


def assets(rng: np.random.Generator) -> Years:
    value = rng.lognormal(13, 0.6, YEARS)
    one = summed(
        rng.binomial(12, rng.uniform(0, 3, YEARS) / 12),
        lambda at: value[at] * rng.beta(2, 5, at.size),
    )
    n = rng.choice([0, 1, 3], YEARS, p=[0.6, 0.3, 0.1])
    two = summed(n, lambda at: np.maximum(value[at] * rng.uniform(0, 1, at.size) - 5e4, 0))
    rate = rng.choice([0.1, 2.0], YEARS, p=[0.7, 0.3])
    return one + np.minimum(two, 6e5) + 2e5 * rng.poisson(rate)


LEAVES = Scenario.fair(
    "a",
    "a",
    loss_event_frequency=LossEvents(
        ThreatEvents(Uniform(4, 12), Beta(2.0, 6.0)), Vulnerability(Uniform(0, 1), Uniform(0.2, 1))
    ),
    loss_magnitude=LossForms(
        productivity=Gamma(2.0, 5e4), response=LogNormal(11, 0.8), replacement=Point(1e4)
    ),
)
SECONDARY = Scenario.fair(
    "b",
    "b",
    loss_event_frequency=Gamma(3.0, 0.4),
    loss_magnitude=Uniform(0, 2e5),
    count=NegativeBinomial(2.5),
    secondary=SecondaryLoss(Beta(2.0, 3.0), Gamma(1.0, 4e5)),
    terms=Terms(3e4, 5e5, 0.9, annual_deductible=1e5, annual_limit=9e5),
)
ON_ASSETS = (
    Scenario.classical(
        "c",
        "c",
        aro=Uniform(0, 3),
        exposure_factor=Beta(2.0, 5.0),
        asset="A",
        count=Binomial(12),
    ),
    Scenario.classical(
        "d",
        "d",
        exposure_factor=Uniform(0, 1),
        asset="A",
        count=DiscreteCount([0, 1, 3], [0.6, 0.3, 0.1]),
        terms=Terms(deductible=5e4, annual_limit=6e5),
    ),
    Scenario.fair(
        "e",
        "e",
        loss_event_frequency=Discrete([0.1, 2.0], [0.7, 0.3]),
        loss_magnitude=Point(2e5),
    ),
)
VALUE = (Asset("A", "A", LogNormal(13, 0.6)),)
CASES: list[tuple[Study, Draw]] = [
    (Study(scenarios=(LEAVES,)), leaves),
    (Study(scenarios=(SECONDARY,)), secondary),
    (Study(scenarios=ON_ASSETS, assets=VALUE), assets),
    (Study(scenarios=(LEAVES, SECONDARY)), lambda rng: leaves(rng) + secondary(rng)),
]


@pytest.mark.daily(1)
@pytest.mark.parametrize(("study", "draw"), CASES, ids=["leaves", "secondary", "assets", "both"])
def test_years_agree_with_numpy(study: Study, draw: Draw) -> None:
    found, years = simulate(study).portfolio, draw(np.random.default_rng(412))
    assert abs(years.mean() - found.mean()) < 4 * found.sd() / math.sqrt(YEARS)
    assert years.std() == pytest.approx(found.sd(), rel=0.02)
    free = found.prob_no_loss()
    assert (years == 0).mean() == pytest.approx(free, abs=4 * math.sqrt(0.25 / YEARS))
    for level in (0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999):
        x = float(np.quantile(years, level)) + 1.0
        p = float(found.exceedance(x))
        slack = 4.5 * math.sqrt(max(p * (1 - p), 1 / YEARS) / YEARS)
        assert abs((years > x).mean() - p) < slack + found.exceedance_error(x), level


def test_a_pert_is_what_numpy_says() -> None:
    """The rates above are drawn by numpy's own beta: so is a PERT."""
    rng = np.random.default_rng(9)
    low, mode, high = 0.2, 0.6, 2.0
    alpha, beta = 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)
    rate = low + (high - low) * rng.beta(alpha, beta, YEARS)
    years = summed(rng.poisson(rate), lambda at: rng.gamma(2, 1e5, at.size))
    scenario = Scenario.fair(
        "S", "s", loss_event_frequency=Pert(low, mode, high), loss_magnitude=Gamma(2.0, 1e5)
    )
    found = simulate(Study(scenarios=(scenario,))).portfolio
    for level in (0.6, 0.9, 0.99, 0.999):
        over = (years > found.var(level)).mean()
        assert abs(over - (1 - level)) < 4 * math.sqrt(level * (1 - level) / YEARS)
