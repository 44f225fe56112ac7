"""A study's year: every scenario and their total."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from workbench.distributions import Array
from workbench.engines import allocation, effort, exact, montecarlo, tail, tied_total
from workbench.engines.blocks import UNTIED, Ties
from workbench.engines.dependence import DependencePlan
from workbench.engines.montecarlo import Progress
from workbench.engines.plan import CompoundPlan, groups
from workbench.engines.tied_years import Tied
from workbench.errors import is_whole, require
from workbench.losses import LossDistribution, SampledLosses, TabulatedLosses
from workbench.losses.base import check_level
from workbench.models.achieved_correlation import AchievedCorrelation, achieved_correlation
from workbench.models.choosing import check_rest, repairs, why_exact, why_not_exact
from workbench.models.exact_year import refuse_high_rates
from workbench.models.planning import dependence_of, marginal_plans, plan_of
from workbench.models.run import Run, moved_totals
from workbench.models.simulated import losses_of, total_of
from workbench.models.study import Study

Engine = Literal["auto", "exact", "montecarlo"]
YEARS = 100_000
LEAST_YEARS = 100


@dataclass(frozen=True)
class StudyResult:
    """What a study's year costs."""

    study: Study
    engine: Literal["exact", "montecarlo"]
    why: str  # what chose the engine, and how far correlations had to be moved
    years: int | None  # simulated; None when exact
    seed: int
    scenarios: dict[str, LossDistribution]  # by id, in order of id
    portfolio: LossDistribution
    _plans: list[CompoundPlan] = field(repr=False, default_factory=list)
    _total: exact.Total | None = field(repr=False, default=None)  # None when simulated or tied
    _ties: Ties = field(repr=False, default=UNTIED)
    _cluster: object = field(repr=False, default=None)  # where its years were simulated
    _waits: bool = field(repr=False, default=False)  # whether the exact engine was asked for

    def __repr__(self) -> str:
        """Say which study by which engine; its scenarios are long."""
        return f"StudyResult({self.study.name!r}, {self.engine!r}, portfolio={self.portfolio!r})"

    def edited(self, study: Study, changed: Iterable[str]) -> LossDistribution:
        """Return the year of an edit of the study, in which only these scenarios differ.

        It costs what changes: the transforms of all others are kept, and so is the sum of their
        simulated years. Those are the years of `simulate(study)` but for rounding. An exact total
        of scenarios that are tied is computed anew; an edit that the exact engine does not reach
        is simulated.

        Parameters
        ----------
        study : the edit
        changed : ids of the scenarios that differ, or one id

        Raises
        ------
        WorkbenchError
            for a study in which other scenarios differ than those that are `changed`, or an id that
            it does not have.

        """
        changed = {changed} if isinstance(changed, str) else set(changed)
        check_rest(self.study, study, changed)
        if self.years is not None:
            return self._edited_years(study, changed)
        if self._total is not None:
            plans = [plan_of(study.scenario(name), study) for name in changed]
            if self._reaches(plans):
                return self._total.replaced(*plans).table(study.currency)
        elif not why_not_exact(marginal_plans(study), dependence_of(study), waits=self._waits):
            return _tied_total(study)
        engine: Engine = "exact" if self._waits else "auto"
        return simulate(study, engine=engine, seed=self.seed).portfolio

    def _reaches(self, changed: Sequence[CompoundPlan]) -> bool:
        """Whether the exact engine tells the parts of the total that these plans will be in."""
        ids, shared = {plan.id for plan in changed}, {plan.shared for plan in changed} - {None}
        beside = [own for own in self._plans if own.shared in shared and own.id not in ids]
        return effort.is_reached(groups([*changed, *beside]), waits=self._waits)

    def _edited_years(self, study: Study, changed: set[str]) -> SampledLosses:
        """Simulate the changed scenarios before and after: the total moves by the difference.

        Where nothing else was lost it is exactly what is lost now; elsewhere the last digits are
        those of a sum in another order.
        """
        assert isinstance(self.portfolio, SampledLosses)
        plans, run = marginal_plans(study), Run(self.portfolio.years, self.seed)
        ties = _ties_of(plans, dependence_of(study))
        before = run.of([plan for plan in self._plans if plan.id in changed], self._ties)
        after = run.of([plan for plan in plans if plan.id in changed], ties)
        totals = moved_totals(self.portfolio.annual, before.totals, after.totals)
        return total_of(study.with_seed(self.seed), plans, totals)

    def achieved_correlation(self, one: str, other: str) -> AchievedCorrelation:
        """Return what correlation the simulated years of two scenarios have.

        Raises
        ------
        WorkbenchError
            for an unknown scenario, or years that were computed and not simulated.

        """
        return self.achieved_correlations([(one, other)])[0]

    def achieved_correlations(self, pairs: Sequence[tuple[str, str]]) -> list[AchievedCorrelation]:
        """Return the same of several pairs of ids, whose years are drawn once.

        Raises
        ------
        WorkbenchError
            where `achieved_correlation` does.

        """
        require(
            self.years is not None,
            "a correlation is achieved by simulated years",
            got="exact losses",
            fix='Ask for engine="montecarlo".',
        )
        annual = self._annual({self.study.scenario(name).id for pair in pairs for name in pair})
        return [achieved_correlation(annual[one], annual[other]) for one, other in pairs]

    def _annual(self, ids: set[str]) -> dict[str, Array]:
        """Return simulated years of some scenarios: those that were kept, or the same ones again.

        They are drawn where all were, or here where that cluster has gone.
        """
        losses = {name: self.scenarios[name] for name in ids}
        kept = {k: one.annual for k, one in losses.items() if isinstance(one, SampledLosses)}
        if kept.keys() == ids:
            return kept
        assert self.years is not None
        plans = [plan for plan in self._plans if plan.id in ids]
        run = Run(self.years, self.seed, keep_years=True, cluster=self._cluster)
        return run.again(plans, self._ties).annual

    def contributions(self, level: float) -> dict[str, float]:
        """Each scenario's average loss in the years of the tail above `level`.

        They sum to the portfolio's TVaR; years that equal the quantile count in part. Where
        scenarios are tied together, that sum is exact and its division is simulated, unless a year
        without a loss is the quantile: then each contributes E[X_i] / (1 - level).

        Parameters
        ----------
        level : 0 to below 1

        Returns
        -------
        dict : by id, currency / year

        Raises
        ------
        WorkbenchError
            for a level outside 0..1, or where the average of the tail does not exist.

        """
        self._check_tail(level)
        if isinstance(self.portfolio, TabulatedLosses):
            if self._total is not None:
                return allocation.contributions(self._plans, self.portfolio, level)
            if self.portfolio.var(level) == 0:
                return {k: one.mean() / (1 - level) for k, one in self.scenarios.items()}
        return {name: found.value for name, found in self._tail(level).items()}

    def contribution_errors(self, level: float) -> dict[str, float]:
        """Standard error of each of the `contributions` of simulated years.

        Infinite where a scenario's year has no variance. Of an exact year they are error bounds,
        of the TVaR that they add up to and of its division. The exact TVaR of scenarios that are
        tied together is divided by simulated years, with standard errors.

        Raises
        ------
        WorkbenchError
            where `contributions` does.

        """
        self._check_tail(level)
        if isinstance(self.portfolio, TabulatedLosses):
            if self._total is not None:
                return allocation.error_bounds(self._plans, self.portfolio, level)
            if self.portfolio.var(level) == 0:
                return {k: one.error("mean") / (1 - level) for k, one in self.scenarios.items()}
        spread = {name: loss.variance() for name, loss in self.scenarios.items()}
        return {
            name: found.error if math.isfinite(spread[name]) else math.inf
            for name, found in self._tail(level).items()
        }

    def _check_tail(self, level: float) -> None:
        """Refuse a level outside 0..1, and a tail without an average."""
        check_level(level)
        require(
            math.isfinite(self.portfolio.mean()),
            "contributions share out the average of the tail",
            got="an average that does not exist",
            fix="Limit the loss of an event, or read the contributions to VaR off simulated years.",
        )

    def _tail(self, level: float) -> dict[str, tail.Contribution]:
        """Return the contributions to the tail of simulated years, or of an exact total by them.

        An exact total of scenarios that are tied has no transforms without each of them: its TVaR
        is shared out as that of simulated years.
        """
        found = tail.contributions(self._plans, self._totals, level, self.seed, ties=self._ties)
        whole = math.fsum(part.value for part in found.values())
        scale = self.portfolio.tvar(level) / whole if whole > 0 else 1.0
        return {k: tail.Contribution(scale * v.value, scale * v.error) for k, v in found.items()}

    @cached_property
    def _totals(self) -> Array:
        """Simulated years of the total, shape (years,); drawn once where it was computed."""
        if isinstance(self.portfolio, SampledLosses):
            return self.portfolio.annual
        return montecarlo.summarise(self._plans, YEARS, self.seed, ties=self._ties).totals


def simulate(
    study: Study,
    *,
    engine: Engine = "auto",
    years: int = YEARS,
    seed: int | None = None,
    keep_years: bool = False,
    cluster: object = None,
    progress: Progress | None = None,
) -> StudyResult:
    """Compute or simulate the year of a study.

    Parameters
    ----------
    engine : "exact" (FFT, with error bounds), "montecarlo" (with standard errors), or "auto", which
        takes the exact engine wherever it reaches within about a minute
    years : simulated years, 100 or more; not used by the exact engine
    seed : in place of the study's own
    keep_years : whether years are simulated and each of every scenario is kept, as `annual` of its
        losses; 8 bytes each
    cluster : where years are simulated: the address of a dask scheduler, or a client of one; the
        exact engine leaves it alone, and `why` says so
    progress : called with (done, total) as the work goes on

    Raises
    ------
    WorkbenchError
        for an unknown engine, too few years, a seed out of range, a rate that this version does
        not compute, a dependence or terms that cannot be convolved with a bound, or a cluster that
        is not there.

    """
    require(
        engine in ("auto", "exact", "montecarlo"),
        "an engine is auto, exact or montecarlo",
        got=engine,
        fix="Use auto.",
    )
    check_years(years)
    refuse_high_rates(study)
    if seed is not None:
        study = study.with_seed(seed)
    plans, dependence = marginal_plans(study), dependence_of(study)
    require(
        not (keep_years and engine == "exact"),
        "years are kept where they are simulated",
        got='engine="exact"',
        fix="Use auto or montecarlo, or leave keep_years out: an exact year needs no sample.",
    )
    why_not = why_not_exact(plans, dependence, waits=engine == "exact")
    if keep_years and not why_not:
        why_not = "every simulated year is to be kept"
    if engine == "exact" or (engine == "auto" and not why_not):
        require(
            not why_not,
            "the exact engine convolves all scenarios",
            got=why_not,
            fix="Use auto or montecarlo, which simulates them.",
        )
        why = why_exact(dependence, is_asked=engine == "exact") + repairs(dependence)
        why += "" if cluster is None else " It needs no cluster, so that none was used."
        computed = _computed(study, plans, dependence, why, progress)
        return replace(computed, _waits=engine == "exact")
    why = "Monte Carlo, as asked." if engine == "montecarlo" else f"Monte Carlo: {why_not}."
    why += repairs(dependence)
    run = Run(int(years), study.seed, keep_years=keep_years, cluster=cluster)
    return _simulated(study, plans, _ties_of(plans, dependence), run, why=why, progress=progress)


def check_years(years: int) -> None:
    """Refuse a number of years that is no whole number, or says nothing of a tail."""
    require(
        is_whole(years, LEAST_YEARS),
        f"a simulation has {LEAST_YEARS} years or more, a whole number",
        got=years,
        fix="100,000 is usual; a few years say nothing of the tail, nor of their own error.",
    )


def _computed(
    study: Study,
    plans: list[CompoundPlan],
    dependence: DependencePlan | None,
    why: str,
    progress: Progress | None,
) -> StudyResult:
    scenarios: dict[str, LossDistribution] = {}
    for i, plan in enumerate(plans):
        scenarios[plan.id] = exact.compound(plan, study.currency)
        if progress is not None:
            progress(i + 1, len(plans) + 1)
    total = None
    if dependence is None:
        total = exact.Total.of(plans)
        year = total.table(study.currency)
    else:
        year = tied_total.total(plans, dependence, study.currency)
    if progress is not None:
        progress(len(plans) + 1, len(plans) + 1)
    ties = _ties_of(plans, dependence)
    return StudyResult(study, "exact", why, None, study.seed, scenarios, year, plans, total, ties)


def _tied_total(study: Study) -> TabulatedLosses:
    dependence = dependence_of(study)
    assert dependence is not None
    return tied_total.total(marginal_plans(study), dependence, study.currency)


def _ties_of(plans: Sequence[CompoundPlan], dependence: DependencePlan | None) -> Ties:
    """Return what ties simulated years together; whole years are drawn from exact tables."""
    if dependence is None:
        return UNTIED
    by_years = set() if dependence.losses is None else set(dependence.losses.ids)
    joined = [plan for plan in plans if plan.id in by_years]
    # annual losses are tied by their quantiles, which nothing but an exact year has
    rough = effort.why_rough(groups([replace(plan, shared=None) for plan in joined]))
    require(
        not rough,
        "a copula joins annual losses that the exact engine tells",
        got=rough,
        fix="Tie the frequencies of this scenario instead, or state its share as a range.",
    )
    tables = {plan.id: exact.compound(plan) for plan in joined}
    return Tied.of(dependence, tables)


def _simulated(
    study: Study,
    plans: list[CompoundPlan],
    ties: Ties,
    run: Run,
    *,
    why: str,
    progress: Progress | None,
) -> StudyResult:
    found = run.of(plans, ties, progress)
    scenarios = losses_of(study, plans, found)
    total = total_of(study, plans, found.totals)
    return StudyResult(
        study,
        "montecarlo",
        why,
        run.years,
        study.seed,
        scenarios,
        total,
        plans,
        None,
        ties,
        run.cluster,
    )
