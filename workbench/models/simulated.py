"""Simulated years of a study as losses, which know their run and which moments they have."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from workbench.distributions import Array
from workbench.engines import exact
from workbench.engines.montecarlo import Simulation
from workbench.engines.plan import CompoundPlan
from workbench.losses import BinnedLosses, LossDistribution, SampledLosses
from workbench.models.study import Study


class _Known(NamedTuple):
    """What simulated losses are told beside their years."""

    ids: list[str]
    run: tuple[object, ...]  # what makes two samples years of one run
    moments: tuple[float, float]  # mean and variance, currency / year


def losses_of(
    study: Study, plans: Sequence[CompoundPlan], found: Simulation
) -> dict[str, LossDistribution]:
    """Return the losses of each plan by id: its years where they were kept, else a histogram."""
    losses: dict[str, LossDistribution] = {}
    moments = {plan.id: _moments_of(plan) for plan in plans}
    for name, histogram in found.scenarios.items():
        known = _Known([name], _run_of(study, found.years), moments[name])._asdict()
        if found.annual:
            losses[name] = SampledLosses(found.annual[name], study.currency, **known)
        else:
            losses[name] = BinnedLosses(histogram, study.currency, **known)
    return losses


def total_of(study: Study, plans: Sequence[CompoundPlan], totals: Array) -> SampledLosses:
    """Return the years of some plans added up, shape (years,), which become read-only."""
    moments = [_moments_of(plan) for plan in plans]
    both = math.fsum(mean for mean, _ in moments), math.fsum(variance for _, variance in moments)
    totals.flags.writeable = False
    run, ids = _run_of(study, totals.size), [plan.id for plan in plans]
    return SampledLosses(totals, study.currency, ids=ids, run=run, moments=both)


def _run_of(study: Study, years: int) -> tuple[object, ...]:
    return "montecarlo", study.seed, years


def _moments_of(plan: CompoundPlan) -> tuple[float, float]:
    """Mean and variance of a plan's year before annual terms; infinite where it has none.

    A year with a limit has both, and 0 stands for them: whoever simulates asks nothing else.
    """
    if plan.annual is not None and math.isfinite(plan.annual.limit):
        return 0.0, 0.0
    return exact.group_moments((replace(plan.before_annual_terms(), shared=None),))
