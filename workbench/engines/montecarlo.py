"""Simulation of compound years in plain numpy: slow, and plainly right.

Every draw is the quantile of an addressed uniform word. The exact engine is checked against it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from workbench.distributions import Array, Distribution
from workbench.engines.drawing import drawn
from workbench.engines.plan import CompoundPlan
from workbench.engines.streams import BLOCK, words
from workbench.errors import require

Progress = Callable[[int, int], None]
EVENTS_AT_ONCE = 1 << 21  # keeps the memory of one block bounded


def simulate(
    plans: list[CompoundPlan], years: int, seed: int, progress: Progress | None = None
) -> dict[str, Array]:
    """Simulated annual losses of each plan, shape (years,), in order of id.

    Plans with the same `shared` name share the draw of their scale in each year.
    """
    require(years >= 1, "a simulation has a year or more", got=years, fix="100,000 is usual.")
    ordered = sorted(plans, key=lambda plan: plan.id)
    losses = {plan.id: np.zeros(years) for plan in ordered}
    blocks = -(-years // BLOCK)
    for block in range(blocks):
        start = block * BLOCK
        size = min(BLOCK, years - start)
        for i, plan in enumerate(ordered):
            losses[plan.id][start : start + size] = simulate_block(plan, seed, block)[:size]
            if progress is not None:
                progress(block * len(ordered) + i + 1, blocks * len(ordered))
    return losses


@dataclass(frozen=True, slots=True)
class _Address:
    """Where a scenario's words of one block are."""

    seed: int
    owner: str
    block: int

    def words(self, purpose: str, size: int) -> Array:
        return words(self.seed, self.owner, purpose, self.block, size)

    def held(self, belief: Distribution, purpose: str) -> Array:
        """Draws of what is held for the year, shape (BLOCK,)."""
        return self.amounts(belief, purpose, BLOCK)

    def amounts(self, belief: Distribution, purpose: str, size: int) -> Array:
        """Independent draws of an amount, shape (size,)."""
        return drawn(belief, purpose, lambda name: self.words(name, size))


def held(plan: CompoundPlan, seed: int, block: int) -> tuple[Array, Array, Array]:
    """Return the rate, the scale and the secondary share of each year of a block."""
    own = _Address(seed, plan.id, block)
    # an asset and a scenario may have the same id: their purposes keep them apart
    asset = own if plan.shared is None else _Address(seed, plan.shared, block)
    scales = asset.held(plan.scale, "scale" if plan.shared is None else "asset")
    shares = np.zeros(BLOCK)
    if plan.secondary is not None:
        shares = own.held(plan.secondary.share, "secondary share")
    return own.held(plan.rate, "rate"), scales, shares


def simulate_block(plan: CompoundPlan, seed: int, block: int) -> Array:
    """Return the years of one block of one plan, shape (BLOCK,); several years are one sum."""
    if plan.is_nothing():
        return np.zeros(BLOCK)
    own = _Address(seed, plan.id, block)
    rates, scales, shares = held(plan, seed, block)
    total = np.zeros(BLOCK)
    for year, factor in enumerate(plan.factors):
        again = "" if year == 0 else f" of year {year + 1}"
        u, v = (own.words(f"{purpose}{again}", BLOCK) for purpose in ("count", "cluster"))
        losses = np.zeros(BLOCK)
        for years, part in _parts(plan.count.draw(rates, u, v).astype(np.int64)):
            events = _events(plan, scales[years], shares[years], own, f"{part}{again}")
            losses += np.bincount(years, weights=events, minlength=BLOCK)
        if plan.annual is not None:
            above = np.maximum(losses - plan.annual.deductible, 0)
            losses = np.minimum(above, plan.annual.limit)
        total += factor * losses
    return total


def _parts(counts: Array) -> Iterator[tuple[Array, int]]:
    """Yield the year of each event, in parts that keep the memory bounded, and their number."""
    ends = np.concatenate([[0], np.cumsum(counts)])  # the first event of each year, and the end
    for part, start in enumerate(range(0, int(ends[-1]), EVENTS_AT_ONCE)):
        here = np.diff(np.clip(ends, start, start + EVENTS_AT_ONCE))
        yield np.repeat(np.arange(BLOCK), here), part


def _events(plan: CompoundPlan, scales: Array, shares: Array, own: _Address, purpose: str) -> Array:
    """What each event costs, shape (events,), with the scale and the share of its year."""
    losses = scales * own.amounts(plan.severity, f"severity {purpose}", scales.size)
    if plan.secondary is not None:
        happens = own.words(f"secondary {purpose}", scales.size) < shares
        more = own.amounts(plan.secondary.amount, f"secondary loss {purpose}", scales.size)
        losses = losses + np.where(happens, more, 0.0)
    if plan.terms is not None:
        losses = plan.terms.kept(losses)
    return losses
