"""The simulated years of one plan, block by block.

A year is the same whatever other years and plans are simulated beside it: its words are addressed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from workbench.distributions import Array, Point
from workbench.engines.count_tables import CountTable, count_table
from workbench.engines.kernels import drawing
from workbench.engines.kernels.drawing import Counts
from workbench.engines.kernels.layout import AT_ONCE, BLOCK, LANES
from workbench.engines.kernels.threefry import Words
from workbench.engines.plan import ONE, CompoundPlan
from workbench.engines.sampling import draws, table_of
from workbench.engines.streams import Stream, key_of
from workbench.errors import require


class Slab(NamedTuple):
    """Some blocks of years, the last of which may end early."""

    first: int  # block
    blocks: int
    years: int

    @property
    def here(self) -> slice:
        """Where its years are among all."""
        return slice(self.first * BLOCK, self.first * BLOCK + self.years)


class Ties(Protocol):
    """What ties the years of several plans together; each answer is for one block of years."""

    def blocks_at_once(self, usual: int) -> int:
        """Return how many blocks of one plan are drawn at once."""
        ...

    def own_part(self, plan: CompoundPlan) -> CompoundPlan:
        """Return the plan without the events that come from shocks which it shares."""
        ...

    def shock_events(self, plan: str, stream: Stream) -> Counts | None:
        """Return the events of those shocks in each year, shape (BLOCK,)."""
        ...

    def count_words(self, plan: str, stream: Stream) -> Array | None:
        """Return uniform words that say how many events each year has; None for words of its own.

        Shape (BLOCK,).
        """
        ...

    def loss_quantiles(self, plan: str, stream: Stream) -> Array | None:
        """Return what each year costs, where that is drawn as a whole; shape (BLOCK,)."""
        ...


@dataclass(frozen=True, slots=True)
class Untied:
    """Plans that share nothing but assets."""

    def blocks_at_once(self, usual: int) -> int:
        return usual

    def own_part(self, plan: CompoundPlan) -> CompoundPlan:
        return plan

    def shock_events(self, plan: str, stream: Stream) -> Counts | None:
        return None

    def count_words(self, plan: str, stream: Stream) -> Array | None:
        return None

    def loss_quantiles(self, plan: str, stream: Stream) -> Array | None:
        return None


UNTIED = Untied()


def year_blocks(plan: CompoundPlan, seed: int, slab: Slab, ties: Ties = UNTIED) -> Iterator[Array]:
    """Yield the years of the blocks of a slab, each shape (BLOCK,).

    No events are drawn for the years of the last block that follow those of the slab.

    One after the other, and each in the place of the one before: what is made of a block finds its
    years in the cache, and what keeps them copies them.
    """
    if plan.is_nothing():
        yield from (np.zeros(BLOCK) for _ in range(slab.blocks))
        return
    blocks, left = range(slab.first, slab.first + slab.blocks), slab.years
    plan = ties.own_part(plan)
    if isinstance(plan.scale, Point) and plan.scale != ONE:
        plan = plan.at_scale(plan.scale.value)
    if isinstance(ties, Untied) and _is_plain(plan):
        counted, severity = count_table(plan.count, plan.rate), table_of(plan.severity)
        if counted is not None and severity is not None:
            keys = key_of(seed, plan.id, "count"), key_of(seed, plan.id, "severity")
            yield from _plain_blocks(keys, counted, severity, blocks, left)
            return
    for block in blocks:
        yield _block(plan, Stream(seed, plan.id, block), ties, left)
        left -= BLOCK


def _is_plain(plan: CompoundPlan) -> bool:
    """Whether a year is a sum of its severities alone."""
    return plan.is_simple() and plan.scale == ONE


def _plain_blocks(
    keys: tuple[Words, Words], table: CountTable, severity: Array, blocks: range, left: int
) -> Iterator[Array]:
    counts, years = np.empty(BLOCK, dtype=np.int64), np.empty(BLOCK)
    for block in blocks:
        drawing.counts(keys[0], block, table.steps, table.guide, counts)
        counts[left:] = 0  # the events of a year follow those of the years before
        left -= BLOCK
        drawing.compound(keys[1], block, counts, severity, years)
        yield years


def _block(plan: CompoundPlan, stream: Stream, ties: Ties, left: int) -> Array:
    whole = ties.loss_quantiles(plan.id, stream)
    if whole is not None:
        return whole
    scales, shares = held_amounts(plan, stream)
    rates = None
    if len(plan.factors) > 1 or count_table(plan.count, plan.rate) is None:
        rates = draws(plan.rate, stream, "rate")
    total = np.zeros(BLOCK)
    for year, factor in enumerate(plan.factors):
        again = "" if year == 0 else f" of year {year + 1}"
        counts = _counts(plan, stream, again, rates, ties)
        shocks = ties.shock_events(plan.id, stream)
        if shocks is not None:
            require(
                len(plan.factors) == 1,
                f"common shocks hit scenario {plan.id} in a single year",
                got=f"{len(plan.factors)} years",
                fix="Not computed in this version over several years: leave it out of the shocks.",
            )
            counts = counts + shocks
        counts[left:] = 0
        losses = _sums(_Year(plan, stream, again, scales, shares), counts)
        if plan.annual is not None:
            above = np.maximum(losses - plan.annual.deductible, 0)
            losses = np.minimum(above, plan.annual.limit)
        total += factor * losses
    return total


def held_amounts(plan: CompoundPlan, stream: Stream) -> tuple[Array, Array]:
    """Return the scale and the secondary share of each year of a block."""
    # an asset and a scenario may have the same id: their purposes keep them apart
    scales = (
        draws(plan.scale, stream, "scale")
        if plan.shared is None
        else draws(plan.scale, Stream(stream.seed, plan.shared, stream.block), "asset")
    )
    if plan.secondary is None:
        return scales, np.zeros(BLOCK)
    return scales, draws(plan.secondary.share, stream, "secondary share")


def _counts(
    plan: CompoundPlan, stream: Stream, again: str, rates: Array | None, ties: Ties
) -> Counts:
    """How many events each year has, given the rates where they are held for several years."""
    if rates is not None:
        require(
            ties.count_words(plan.id, stream) is None,
            f"the number of events of scenario {plan.id} has a table, as a copula asks for",
            got=plan.rate,
            fix="Limit its frequency, or leave it out of the copula.",
        )
        u, v = (stream.uniforms(f"{purpose}{again}") for purpose in ("count", "cluster"))
        return plan.count.draw(rates, u, v).astype(np.int64)
    table = count_table(plan.count, plan.rate)
    assert table is not None
    counts = np.empty(BLOCK, dtype=np.int64)
    words = ties.count_words(plan.id, stream)
    if words is None:
        key = key_of(stream.seed, plan.id, "count")
        drawing.counts(key, stream.block, table.steps, table.guide, counts)
    else:
        drawing.counts_at(words, table.steps, table.guide, counts)
    return counts


class _Year(NamedTuple):
    """What the events of a block of years are drawn from."""

    plan: CompoundPlan
    stream: Stream
    again: str  # which of several years: part of each purpose
    scales: Array
    shares: Array


def event_years(counts: Counts) -> Iterator[tuple[int, Counts]]:
    """Yield the number of a first event and the years of it and of those that follow.

    In parts that keep the memory of a busy block bounded.
    """
    ends = np.cumsum(counts)
    for start in range(0, int(ends[-1]), AT_ONCE):
        here = np.diff(np.clip(ends, start, start + AT_ONCE), prepend=start).astype(np.int64)
        yield start, np.repeat(np.arange(counts.size), here)


def _sums(held: _Year, counts: Counts) -> Array:
    """What each year costs before its annual terms."""
    before = np.cumsum(counts) - counts  # events of the years before
    lanes = np.zeros(LANES * BLOCK)
    for start, years in event_years(counts):
        losses = _events(held, years, start)
        number = np.arange(start, start + years.size) - before[years]
        drawing.add_events(LANES * years + number % LANES, losses, lanes)
    return drawing.joined(lanes)


def _events(held: _Year, years: Counts, start: int) -> Array:
    """What each event from number `start` on costs, with the scale and the share of its year."""
    plan, stream, again, size = held.plan, held.stream, held.again, years.size
    losses = held.scales[years] * draws(plan.severity, stream, f"severity{again}", size, start)
    if plan.secondary is not None:
        happens = stream.uniforms(f"secondary{again}", size, start) < held.shares[years]
        more = draws(plan.secondary.amount, stream, f"secondary loss{again}", size, start)
        losses = losses + np.where(happens, more, 0.0)
    if plan.terms is not None:
        losses = plan.terms.kept(losses)
    return np.asarray(losses)
