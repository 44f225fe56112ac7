"""Simulation of compound years in plain numpy: slow, and plainly right.

Every draw is the quantile of an addressed uniform word. The exact engine is checked against it.
"""

from collections.abc import Callable

import numpy as np

from workbench.distributions import Array
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


def simulate_block(plan: CompoundPlan, seed: int, block: int) -> Array:
    """Return the years of one block of one plan, shape (BLOCK,)."""
    if plan.is_nothing():
        return np.zeros(BLOCK)
    own = plan.id
    rates = plan.rate.ppf(words(seed, own, "rate", block, BLOCK))
    # an asset and a scenario may have the same id: their purposes keep them apart
    owner, purpose = (own, "scale") if plan.shared is None else (plan.shared, "asset")
    scales = plan.scale.ppf(words(seed, owner, purpose, block, BLOCK))
    counts = plan.count.draw(
        rates,
        words(seed, own, "count", block, BLOCK),
        words(seed, own, "cluster", block, BLOCK),
    )
    return scales * _sums(plan, counts.astype(np.int64), seed, block)


def _sums(plan: CompoundPlan, counts: Array, seed: int, block: int) -> Array:
    """Sum of the severities of each year's events, shape (BLOCK,)."""
    ends = np.concatenate([[0], np.cumsum(counts)])  # the first event of each year, and the end
    total = np.zeros(BLOCK)
    for part, start in enumerate(range(0, int(ends[-1]), EVENTS_AT_ONCE)):
        here = np.diff(np.clip(ends, start, start + EVENTS_AT_ONCE))
        years = np.repeat(np.arange(BLOCK), here)
        drawn = words(seed, plan.id, f"severity {part}", block, years.size)
        total += np.bincount(years, weights=plan.severity.ppf(drawn), minlength=BLOCK)
    return total
