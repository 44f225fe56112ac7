"""The exact year of a study for the views that need one, and which studies the engine reaches."""

import math
from collections.abc import Sequence
from dataclasses import replace

from workbench.engines import effort, exact
from workbench.engines.plan import CompoundPlan, groups
from workbench.engines.sums import passed
from workbench.errors import WorkbenchError, require
from workbench.losses import TabulatedLosses
from workbench.models.planning import plans_of
from workbench.models.scenario import Scenario
from workbench.models.study import Study, as_study

HIGHEST_RATE = 1_000_000.0  # events / year that the exact engine's grids resolve


def exact_year(study: Study, *, times: int = 1, wait: bool = False) -> TabulatedLosses:
    """Return the exact year of a study in which nothing but assets ties scenarios together.

    A view that goes on to compute it `times` times, each with one input changed, says so: what
    takes minutes is then refused, unless whoever asks will `wait` for it.

    Raises
    ------
    WorkbenchError
        for a study with a dependence, a rate that is not computed, terms whose year has no error
        bound that holds, or years that take too long.

    """
    refuse_high_rates(study)
    plans = plans_of(study)
    check_reached(plans, times=times, wait=wait)
    return exact.portfolio(plans, study.currency)


def check_reached(plans: Sequence[CompoundPlan], *, times: int = 1, wait: bool = False) -> None:
    """Refuse years that the exact engine would tell wrongly, or takes too long for."""
    parts = groups(list(plans))
    if rough := effort.why_rough(parts):
        raise WorkbenchError(
            f"this figure needs an exact year, but {rough}. State such a share as a range, or "
            "leave the terms out."
        )
    if not wait and (dear := effort.why_too_dear(parts, times)):
        raise WorkbenchError(
            f"this figure takes no more than about a minute unasked, but {dear}. Pass wait=True to "
            "begin all the same, or state the value of its asset as known."
        )


def reached_mean(plan: CompoundPlan) -> float | None:
    """E[L] of one plan's year, currency; None where terms of the year hide it from the engine.

    It has a closed form without such terms, and is infinite where it does not exist.
    """
    parts = groups([replace(plan, shared=None)])
    is_cut = plan.annual is not None
    return None if is_cut and not effort.is_reached(parts) else exact.year_mean(plan)


def refuse_high_rates(study: Study) -> None:
    """Refuse a study with a scenario whose rate no engine resolves, and what is no study."""
    for scenario in as_study(study).scenarios:
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
