"""Simulated years of a study as losses, which know their run and which moments they have."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from workbench.distributions import Array
from workbench.distributions.tail_index import moments_below, tail_index
from workbench.engines import exact
from workbench.engines.montecarlo import Simulation
from workbench.engines.plan import CompoundPlan
from workbench.losses import BinnedLosses, LossDistribution, SampledLosses
from workbench.losses.base import MOMENTS
from workbench.models.study import Study


class _Known(NamedTuple):
    """What simulated losses are told beside their years."""

    ids: list[str]
    run: tuple[object, ...]  # what makes two samples years of one run
    moments: int  # how many of the first four exist
    nothing: bool


def losses_of(
    study: Study, plans: Sequence[CompoundPlan], found: Simulation
) -> dict[str, LossDistribution]:
    """Return the losses of each plan by id: its years where they were kept, else a histogram."""
    losses: dict[str, LossDistribution] = {}
    by_id = {plan.id: plan for plan in plans}
    for name, histogram in found.scenarios.items():
        known = _known(study, found.years, [by_id[name]])._asdict()
        if found.annual:
            losses[name] = SampledLosses(found.annual[name], study.currency, **known)
        else:
            losses[name] = BinnedLosses(histogram, study.currency, **known)
    return losses


def total_of(study: Study, plans: Sequence[CompoundPlan], totals: Array) -> SampledLosses:
    """Return the years of some plans added up, shape (years,), which become read-only."""
    totals.flags.writeable = False
    return SampledLosses(totals, study.currency, **_known(study, totals.size, plans)._asdict())


def _known(study: Study, years: int, plans: Sequence[CompoundPlan]) -> _Known:
    """Return what is known of the simulated years of some plans together."""
    return _Known(
        [plan.id for plan in plans],
        ("montecarlo", study.seed, years),
        min(map(_moments_of, plans), default=MOMENTS),
        all(plan.is_nothing() for plan in plans),
    )


@lru_cache(maxsize=4096)
def _moments_of(plan: CompoundPlan) -> int:
    """Return how many of the first four moments the year of a plan has."""
    if plan.annual is not None and math.isfinite(plan.annual.limit):
        return MOMENTS
    mean, variance = exact.group_moments((replace(plan.before_annual_terms(), shared=None),))
    if math.isinf(mean):
        return 0
    return 1 if math.isinf(variance) else max(2, moments_below(_tail_index(plan), MOMENTS))


def _tail_index(plan: CompoundPlan) -> float:
    """Return the index of the tail of a year, which is that of its heaviest part."""
    parts = [plan.rate]
    if plan.terms is None or math.isinf(plan.terms.limit):
        parts += [plan.scale, plan.severity]
        parts += [] if plan.secondary is None else [plan.secondary.amount]
    return min(map(tail_index, parts))
