"""Simulation of compound years: summaries of blocks, never a matrix of years by scenarios.

Each plan's years are drawn in slabs of whole blocks, put into a histogram, added to the total and
forgotten. Histograms add as whole numbers and totals in order of id, so that the same inputs and
seed give the same bytes for any number of threads and any order of the plans.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from workbench.distributions import Array
from workbench.engines.blocks import UNTIED, Slab, Ties, year_blocks
from workbench.engines.histogram import Tally
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.marks import known_amounts
from workbench.engines.memo import remembered
from workbench.engines.plan import CompoundPlan
from workbench.engines.sums import passed
from workbench.engines.threads import AHEAD, in_order
from workbench.errors import require
from workbench.losses.histogram import Histogram, Units

Progress = Callable[[int, int], None]

SLAB = 16  # blocks whose years of one plan are in memory at once
RARE = 1e-13  # chance of a value that no simulated year should pass
ROOM = 40  # events more than a busy year has
MOST_BYTES = 4 << 30
MOST_EVENTS = 2e11  # some ten minutes of a core
OF_HISTOGRAM = 1 << 16  # bytes of a histogram, amply


class Years(NamedTuple):
    """The years of one plan in one slab, and their summary."""

    losses: Array  # currency, shape (slab.years,)
    histogram: Histogram


@dataclass(frozen=True)
class Simulation:
    """Simulated years of some plans, summed up."""

    years: int
    scenarios: dict[str, Histogram]  # by id, in order of id
    totals: Array  # of all plans in each year, currency, shape (years,)
    annual: dict[str, Array]  # the years of each plan where they are kept, else empty

    @classmethod
    def of_none(cls, ids: Iterable[str], years: int, *, keep_years: bool = False) -> "Simulation":
        """Return one to which slabs are added."""
        annual = {name: np.empty(years) for name in ids} if keep_years else {}
        return cls(years, {}, np.zeros(years), annual)

    def add(self, plan: str, slab: Slab, found: Years) -> None:
        """Add the years of one plan in one slab; the plans of a slab come in order of id."""
        self.merge(plan, found.histogram)
        self.totals[slab.here] += found.losses
        if self.annual:
            self.annual[plan][slab.here] = found.losses

    def merge(self, plan: str, histogram: Histogram) -> None:
        """Add a histogram of some of a plan's years."""
        before = self.scenarios.get(plan)
        self.scenarios[plan] = histogram if before is None else before.merged(histogram)


class Rooms:
    """Arrays for the years of slabs, which are used again: new memory costs as much as its years.

    Threads may take them.
    """

    def __init__(self, years: int) -> None:
        self._years = years
        self._free: list[Array] = []

    def of(self, years: int) -> Array:
        """Return room for some years, whatever is in it."""
        try:
            room = self._free.pop()
        except IndexError:
            room = np.empty(self._years)
        return room[:years]

    def give_back(self, losses: Array) -> None:
        """Take back what `of` gave, once its years are added."""
        assert losses.base is not None
        self._free.append(losses.base)


def slabs_of(years: int, blocks: int = SLAB) -> list[Slab]:
    """Return the slabs of a number of years."""
    whole = -(-years // BLOCK)
    firsts = range(0, whole, blocks)
    ends = [min(first + blocks, whole) for first in firsts]
    return [
        Slab(first, end - first, min(end * BLOCK, years) - first * BLOCK)
        for first, end in zip(firsts, ends, strict=True)
    ]


@remembered(mebibytes=1)
def units_of(plan: CompoundPlan) -> Units:
    """Return what the histogram of a plan counts in: no year of it should pass that.

    It is far more than the largest loss to be expected, and costs nothing: the bins of what is
    small are not missed. Amounts that many years cost exactly are kept apart.
    """
    if plan.is_nothing():
        return Units.of(0.0)
    events, variance = plan.count.busy_year(passed(plan.rate, RARE), RARE)
    rare = min(RARE / max(events, RARE), 0.5)  # a busy year may have hardly an event, or none
    amount = passed(plan.severity, rare) * passed(plan.scale, RARE)
    if plan.secondary is not None:
        amount += passed(plan.secondary.amount, rare)
    most = (events + 12 * math.sqrt(variance) + ROOM) * amount
    return Units.of(most * math.fsum(plan.factors), known_amounts(plan))


def years_of(
    plan: CompoundPlan, slab: Slab, seed: int, ties: Ties = UNTIED, room: Array | None = None
) -> Years:
    """Simulate the years of one plan in one slab, into `room` where there is some."""
    losses = np.empty(slab.years) if room is None else room
    tally = Tally(units_of(plan))
    start = 0
    for block in year_blocks(plan, seed, slab, ties):
        years = block[: slab.years - start]
        tally.record(years)
        losses[start : start + years.size] = years
        start += years.size
    return Years(losses, tally.histogram())


def summarise(
    plans: Sequence[CompoundPlan],
    years: int,
    seed: int,
    progress: Progress | None = None,
    *,
    ties: Ties = UNTIED,
    keep_years: bool = False,
    threads: int | None = None,
) -> Simulation:
    """Simulate the years of some plans and sum them up.

    Plans with the same `shared` name share the draw of their scale in each year.

    Parameters
    ----------
    years : how many, 1 or more
    progress : called with (done, all) as the work goes on
    ties : what else ties the plans together
    keep_years : whether to return every year of every plan; 8 bytes each
    threads : as many as there are cores unless told

    Raises
    ------
    WorkbenchError
        for no year at all, or a year so dear that a sum would overflow.

    """
    check(plans, years, keep_years=keep_years)
    ordered = in_order_of_id(plans)
    work = work_of(ordered, years, ties)
    found = Simulation.of_none([p.id for p in ordered], years, keep_years=keep_years)
    rooms = Rooms(max((slab.years for _, slab in work), default=0))

    def drawn(one: tuple[CompoundPlan, Slab]) -> Years:
        plan, slab = one
        return years_of(plan, slab, seed, ties, rooms.of(slab.years))

    for done, ((plan, slab), part) in enumerate(
        zip(work, in_order(drawn, work, threads), strict=True), 1
    ):
        found.add(plan.id, slab, part)
        rooms.give_back(part.losses)
        if progress is not None:
            progress(done, len(work))
    return found


def work_of(
    plans: Sequence[CompoundPlan], years: int, ties: Ties
) -> list[tuple[CompoundPlan, Slab]]:
    """Return all plans with all slabs, each slab with its plans in order of id.

    A plan's slabs follow each other, while its tables are at hand; where the words of all plans
    are made together, the plans of a slab do.
    """
    blocks = ties.blocks_at_once(SLAB)
    slabs = slabs_of(years, blocks)
    if blocks < SLAB:
        return [(plan, slab) for slab in slabs for plan in plans]
    return [(plan, slab) for plan in plans for slab in slabs]


def in_order_of_id(plans: Iterable[CompoundPlan]) -> list[CompoundPlan]:
    """Return the plans in the order in which their years are added."""
    return sorted(plans, key=lambda plan: plan.id)


def bytes_needed(plans: int, years: int, *, keep_years: bool = False) -> int:
    """Return about how much memory a simulation takes, bytes, on top of what is loaded.

    The years of the total and their order, the years of the plans where they are kept, the
    histograms, and what the threads have in their hands.
    """
    kept = years * plans * 16 if keep_years else 0  # each with its order
    at_once = 4 * (AHEAD + 1) * min(years, SLAB * BLOCK) * 8
    return years * 16 + kept + plans * OF_HISTOGRAM + at_once


def check(plans: Sequence[CompoundPlan], years: int, *, keep_years: bool = False) -> None:
    """Refuse a number of years that is none, or that memory or patience do not hold."""
    require(years >= 1, "a simulation has a year or more", got=years, fix="100,000 is usual.")
    needed = bytes_needed(len(plans), years, keep_years=keep_years)
    require(
        needed <= MOST_BYTES,
        f"a simulation needs at most {MOST_BYTES / 2**30:g} GiB of memory",
        got=f"about {needed / 2**30:.1f} GiB for {len(plans):,} scenarios of {years:,} years",
        fix="Simulate fewer years" + (", or keep the totals alone." if keep_years else "."),
    )
    events = years * math.fsum(plan.rate.mean() * len(plan.factors) for plan in plans)
    require(
        events <= MOST_EVENTS,
        f"a simulation draws at most {MOST_EVENTS:,.0f} events one by one",
        got=f"about {events:.2g} events",
        fix="Simulate fewer years, or use the exact engine, which counts them together.",
    )


def simulate(
    plans: Sequence[CompoundPlan], years: int, seed: int, progress: Progress | None = None
) -> dict[str, Array]:
    """Simulated annual losses of each plan, shape (years,), in order of id."""
    return summarise(plans, years, seed, progress, keep_years=True).annual
