"""A study's year: every scenario and their total."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from workbench.distributions import Array
from workbench.engines import allocation, exact, montecarlo
from workbench.engines.plan import CompoundPlan
from workbench.engines.sums import passed
from workbench.errors import require
from workbench.losses import LossDistribution, SampledLosses, TabulatedLosses
from workbench.models.planning import plan_of, plans_of
from workbench.models.scenario import Scenario
from workbench.models.study import Study

Engine = Literal["auto", "exact", "montecarlo"]
HIGHEST_RATE = 100_000.0  # events / year that the exact engine's grids resolve
YEARS = 100_000
LEAST_YEARS = 100


@dataclass(frozen=True)
class StudyResult:
    """What a study's year costs."""

    study: Study
    engine: Literal["exact", "montecarlo"]
    why: str  # what chose the engine
    years: int | None  # simulated; None when exact
    seed: int
    scenarios: dict[str, LossDistribution]  # by id, in order of id
    portfolio: LossDistribution
    _plans: list[CompoundPlan] = field(repr=False, default_factory=list)
    _total: exact.Total | None = field(repr=False, default=None)  # None when simulated

    def edited(self, study: Study, changed: Iterable[str]) -> LossDistribution:
        """Return the exact year of an edit of the study, in which only these scenarios differ.

        It costs what changes: the transforms of all others are kept.
        """
        assert self._total is not None
        total = self._total
        for name in changed:
            total = total.replaced(plan_of(study.scenario(name), study))
        return total.table(study.currency)

    def contributions(self, level: float) -> dict[str, float]:
        """Each scenario's average loss in the years of the tail above `level`.

        They sum to the portfolio's TVaR; years that equal the quantile count in part.

        Raises
        ------
        WorkbenchError
            where the average of the tail does not exist.

        """
        require(
            math.isfinite(self.portfolio.mean()),
            "contributions share out the average of the tail",
            got="an average that does not exist",
            fix="Limit the loss of an event, or read the contributions to VaR off simulated years.",
        )
        if isinstance(self.portfolio, TabulatedLosses):
            return allocation.contributions(self._plans, self.portfolio, level)
        samples = {k: v.annual for k, v in self.scenarios.items() if isinstance(v, SampledLosses)}
        return _sampled_contributions(samples, self.portfolio, level)


def _sampled_contributions(
    samples: dict[str, np.ndarray], portfolio: LossDistribution, level: float
) -> dict[str, float]:
    """E[L_i; L > VaR] plus the tail's share of the years that equal VaR, over 1 - level."""
    total = np.sum(list(samples.values()), axis=0)
    value = portfolio.var(level)
    over, equal = total > value, total == value
    share = max(1 - level - over.mean(), 0) / max(equal.mean(), 1e-300)
    weight = (over + share * equal) / (total.size * (1 - level))
    return {name: float(annual @ weight) for name, annual in samples.items()}


def simulate(
    study: Study,
    *,
    engine: Engine = "auto",
    years: int = YEARS,
    seed: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> StudyResult:
    """Compute or simulate the year of a study.

    Parameters
    ----------
    engine : "exact" (FFT, with error bounds), "montecarlo" (with standard errors), or "auto", which
        takes the exact engine wherever it reaches
    years : simulated years; not used by the exact engine
    seed : in place of the study's own
    progress : called with (done, total) as the work goes on

    Raises
    ------
    WorkbenchError
        for an unknown engine, a seed out of range, or a rate that this version does not compute.

    """
    require(
        engine in ("auto", "exact", "montecarlo"),
        "an engine is auto, exact or montecarlo",
        got=engine,
        fix="Use auto.",
    )
    if seed is not None:
        study = study.with_seed(seed)
    refuse_high_rates(study)
    plans = plans_of(study)
    if engine == "montecarlo":
        require(
            years >= LEAST_YEARS,
            f"a simulation has {LEAST_YEARS} years or more",
            got=years,
            fix="100,000 is usual; a few years say nothing of the tail, nor of their own error.",
        )
        why = "Monte Carlo, as asked."
        return _simulated(study, plans, years, progress, why)
    why = "Exact, as asked."
    if engine == "auto":
        why = "Exact: all scenarios can be convolved, so that no sampling error remains."
    return _computed(study, plans, progress, why)


def refuse_high_rates(study: Study) -> None:
    """Refuse a study with a scenario whose rate no engine of this version resolves."""
    for scenario in study.scenarios:
        refuse_high_rate(scenario)


def refuse_high_rate(scenario: Scenario) -> None:
    """Refuse a scenario whose rate no engine of this version resolves."""
    rate = scenario.rate()
    highest = passed(rate, 1e-6)  # at least its quantile
    highest = highest if highest <= HIGHEST_RATE else float(rate.isf(1e-6))
    require(
        highest <= HIGHEST_RATE,
        f"scenario {scenario.id} has at most {HIGHEST_RATE:,.0f} events a year",
        got=highest,
        fix="More are not computed in this version: state the loss of a day or a batch.",
    )
    require(
        math.isfinite(rate.variance()),
        f"the frequency of scenario {scenario.id} has a mean and a variance",
        got=type(rate).__name__,
        fix="Not computed in this version without: truncate it at a number of events a year.",
    )


def _computed(
    study: Study,
    plans: list[CompoundPlan],
    progress: Callable[[int, int], None] | None,
    why: str,
) -> StudyResult:
    scenarios: dict[str, LossDistribution] = {}
    for i, plan in enumerate(plans):
        scenarios[plan.id] = exact.compound(plan, study.currency)
        if progress is not None:
            progress(i + 1, len(plans) + 1)
    total = exact.Total.of(plans)
    year = total.table(study.currency)
    if progress is not None:
        progress(len(plans) + 1, len(plans) + 1)
    return StudyResult(study, "exact", why, None, study.seed, scenarios, year, plans, total)


def _simulated(
    study: Study,
    plans: list[CompoundPlan],
    years: int,
    progress: Callable[[int, int], None] | None,
    why: str,
) -> StudyResult:
    annual = montecarlo.simulate(plans, years, study.seed, progress)
    moments = moments_of(plans)
    run = ("montecarlo", study.seed, years)
    scenarios: dict[str, LossDistribution] = {
        name: SampledLosses(loss, study.currency, ids=[name], run=run, moments=moments[name])
        for name, loss in annual.items()
    }
    portfolio = simulated_total(study, plans, annual, years)
    return StudyResult(study, "montecarlo", why, years, study.seed, scenarios, portfolio, plans)


def moments_of(plans: Sequence[CompoundPlan]) -> dict[str, tuple[float, float]]:
    """Mean and variance of each plan's year from closed forms; infinite where it does not exist."""
    return {plan.id: exact.group_moments((replace(plan, shared=None),)) for plan in plans}


def simulated_total(
    study: Study, plans: Sequence[CompoundPlan], annual: Mapping[str, Array], years: int
) -> SampledLosses:
    """Add the simulated years of all scenarios, each of shape (years,), to the portfolio's.

    They are added in order of id, so that the bytes do not depend on the order of the file.
    """
    ordered = {name: annual[name] for name in sorted(annual)}
    total = np.sum(list(ordered.values()), axis=0) if ordered else np.zeros(years)
    known = moments_of(plans).values()
    moments = math.fsum(m for m, _ in known), math.fsum(v for _, v in known)
    run = ("montecarlo", study.seed, years)
    return SampledLosses(total, study.currency, ids=ordered, run=run, moments=moments)
