"""A made-up portfolio of 100 scenarios that asks everything of the exact engine; fixed words.

Counts: Poisson, negative binomial, binomial. Rates: PERT, lognormal, a product of a PERT contact
frequency and a Beta probability of action. Magnitudes: lognormal, gamma, Pareto up to a limit,
metalog, Burr. Thirty scenarios name one of ten shared assets; twenty have a secondary loss, ten of
these in a share of the events that is uncertain itself; ten have terms of event or year.
"""

import math

import numpy as np

from workbench.distributions import (
    Beta,
    Burr,
    Distribution,
    Gamma,
    LogNormal,
    Metalog,
    Pareto,
    Pert,
    Point,
    WithTerms,
)
from workbench.engines.counts import Binomial, Count, NegativeBinomial, Poisson
from workbench.models import Scenario, Study
from workbench.models.study import Asset
from workbench.models.tree import LossEvents, SecondaryLoss, Terms, ThreatEvents

SCENARIOS, ASSETS, SEED = 100, 10, 2026
SHARED = range(0, 90, 3)  # thirty scenarios damage a shared asset
SECONDARY = range(1, 100, 5)  # twenty have a secondary loss
TERMS = range(2, 100, 10)  # ten have terms
METALOG = (0.1, 0.5, 0.9)


def counted(i: int) -> Count:
    """Return the kind of count of scenario i: three of five are Poisson."""
    kinds: tuple[Count, ...] = (Poisson(), NegativeBinomial(1.8), Poisson(), Binomial(12))
    return kinds[i % 4]


def frequency(i: int, rng: np.random.Generator) -> Distribution | LossEvents:
    """Return events / year: median about 0.3; a binomial of 12 can have the largest."""
    mode = min(math.exp(rng.normal(-1.5, 1.2)), 1.4)
    if i % 3 == 0:
        return Pert(mode / 4, mode, 3 * mode)
    if i % 3 == 1 and not isinstance(counted(i), Binomial):
        return LogNormal(math.log(mode), float(rng.uniform(0.3, 0.8)))
    contacts = Pert(2 * mode, 4 * mode, 10 * mode)
    return LossEvents(ThreatEvents(contacts, Beta(2, 6)), Point(0.8))


def magnitude(i: int, rng: np.random.Generator) -> Distribution:
    """Return the loss of one event, currency: medians about 60,000 and tails of five kinds."""
    median = math.exp(rng.normal(11, 1.2))
    kind = i % 5
    if kind == 0:
        return LogNormal(math.log(median), float(rng.uniform(0.8, 1.8)))
    if kind == 1:
        return Gamma(float(rng.uniform(0.6, 3)), median)
    if kind == 2:
        return WithTerms(Pareto(float(rng.uniform(1.1, 2)), median / 2), limit=200 * median)
    if kind == 3:
        return Metalog.from_quantiles(METALOG, [median / 4, median, 5 * median], lower=0.0)
    return Burr(float(rng.uniform(2.2, 3)), float(rng.uniform(1.2, 2)), median)


def secondary(i: int, rng: np.random.Generator) -> SecondaryLoss | None:
    """Return a loss by others in a share of the events: known in ten scenarios, held in ten."""
    if i not in SECONDARY:
        return None
    share = Point(0.25) if i % 2 else Pert(0.05, 0.2, 0.5)
    return SecondaryLoss(share, LogNormal(math.log(40_000), float(rng.uniform(0.7, 1.3))))


def terms(i: int) -> Terms:
    """Return a deductible and a limit of each event in five scenarios, of the year in five."""
    if i not in TERMS:
        return Terms()
    if i % 20 == 2:
        return Terms(deductible=10_000.0, limit=2e6, share=0.9)
    return Terms(annual_deductible=50_000.0, annual_limit=5e6)


def study(size: int = SCENARIOS) -> Study:
    """Make the portfolio, or its first scenarios."""
    rng = np.random.default_rng(SEED)
    values = [LogNormal(float(rng.normal(14.5, 0.5)), 0.25) for _ in range(ASSETS)]
    assets = tuple(Asset(f"A-{k}", f"Asset {k}", value) for k, value in enumerate(values))
    scenarios = []
    for i in range(size):
        name = f"S-{i + 1:03}"
        rate, loss = frequency(i, rng), magnitude(i, rng)
        more = {"count": counted(i), "secondary": secondary(i, rng), "terms": terms(i)}
        if i in SHARED:
            share = Pert(0.0, float(rng.uniform(0.01, 0.1)), 0.5)
            made = Scenario.classical(
                name, name, aro=rate, exposure_factor=share, asset=f"A-{i // 3 % ASSETS}", **more
            )
        else:
            made = Scenario.fair(name, name, loss_event_frequency=rate, loss_magnitude=loss, **more)
        scenarios.append(made)
    return Study(name="Mixed", assets=assets, scenarios=tuple(scenarios), seed=SEED)
