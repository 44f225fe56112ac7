"""A study's year: every scenario and their total."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from workbench.distributions import Array
from workbench.engines import allocation, exact, montecarlo, tail
from workbench.engines.plan import CompoundPlan
from workbench.engines.sums import passed
from workbench.errors import require
from workbench.losses import BinnedLosses, LossDistribution, SampledLosses, TabulatedLosses
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
        return {name: found.value for name, found in self._tail(level).items()}

    def contribution_errors(self, level: float) -> dict[str, float]:
        """Standard error of each of the `contributions` of simulated years.

        Infinite where a scenario's year has no variance. Of an exact year they are error bounds:
        the shares have the relative error of the TVaR that they add up to.
        """
        if isinstance(self.portfolio, TabulatedLosses):
            share = self.portfolio.tvar_error(level) / max(self.portfolio.tvar(level), 1e-300)
            return {name: share * value for name, value in self.contributions(level).items()}
        spread = {name: loss.variance() for name, loss in self.scenarios.items()}
        return {
            name: found.error if math.isfinite(spread[name]) else math.inf
            for name, found in self._tail(level).items()
        }

    def _tail(self, level: float) -> dict[str, tail.Contribution]:
        assert isinstance(self.portfolio, SampledLosses)
        return tail.contributions(self._plans, self.portfolio.annual, level, self.seed)


def simulate(
    study: Study,
    *,
    engine: Engine = "auto",
    years: int = YEARS,
    seed: int | None = None,
    keep_years: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> StudyResult:
    """Compute or simulate the year of a study.

    Parameters
    ----------
    engine : "exact" (FFT, with error bounds), "montecarlo" (with standard errors), or "auto", which
        takes the exact engine wherever it reaches
    years : simulated years; not used by the exact engine
    seed : in place of the study's own
    keep_years : whether every simulated year of every scenario is kept, so that they can be added;
        8 bytes each
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
        return _simulated(study, plans, years, progress, why, keep_years=keep_years)
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
    *,
    keep_years: bool,
) -> StudyResult:
    found = montecarlo.summarise(plans, years, study.seed, progress, keep_years=keep_years)
    moments, run = moments_of(plans), _run_of(study, years)
    scenarios: dict[str, LossDistribution] = {}
    for name, histogram in found.scenarios.items():
        known = _Known([name], run, moments[name])
        scenarios[name] = (
            SampledLosses(found.annual[name], study.currency, **known._asdict())
            if keep_years
            else BinnedLosses(histogram, study.currency, **known._asdict())
        )
    total = _total(study, plans, found.totals)
    return StudyResult(study, "montecarlo", why, years, study.seed, scenarios, total, plans)


class _Known(NamedTuple):
    """What simulated losses are told beside their years."""

    ids: list[str]
    run: tuple[object, ...]
    moments: tuple[float, float]


def _run_of(study: Study, years: int) -> tuple[object, ...]:
    """Return what makes two samples years of one run."""
    return "montecarlo", study.seed, years


def moments_of(plans: Sequence[CompoundPlan]) -> dict[str, tuple[float, float]]:
    """Mean and variance of each plan's year from closed forms; infinite where it does not exist."""
    return {plan.id: exact.group_moments((replace(plan, shared=None),)) for plan in plans}


def _total(study: Study, plans: Sequence[CompoundPlan], totals: Array) -> SampledLosses:
    known = moments_of(plans).values()
    moments = math.fsum(m for m, _ in known), math.fsum(v for _, v in known)
    ids = [plan.id for plan in plans]
    run = _run_of(study, totals.size)
    return SampledLosses(totals, study.currency, ids=ids, run=run, moments=moments)


def simulated_total(study: Study, years: int) -> SampledLosses:
    """Simulate the year of a study and return the total alone."""
    plans = plans_of(study)
    return _total(study, plans, montecarlo.summarise(plans, years, study.seed).totals)
