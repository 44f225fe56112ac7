"""The grid that holds the 1-in-100 year, computed before a whole ladder.

Most of what is asked of a year lies around its 1-in-100 year, and so does what decides whether
grids are fine enough. This grid and the one of twice its step, by which its error is told, are
computed together; the ladder once something else is asked.
"""

import math
from dataclasses import dataclass
from functools import cache, partial

from workbench.engines.columns import (
    REACHED,
    Columns,
    edges_of,
    end_of,
    join,
    section_of,
)
from workbench.engines.grid import RATIO, Grid
from workbench.engines.rungs import Ladder, halved, is_low_enough
from workbench.losses import TabulatedLosses
from workbench.losses.partial import PartialLosses

LEVEL = 0.99  # at which a table is to be accurate
TRIED = 3  # grids on which the year is looked for


@dataclass(frozen=True, eq=False)
class Near:
    """What a table reads off the grid that holds the 1-in-100 year, and a coarse table likewise."""

    fine: Columns
    coarse: Columns


def near_of(ladder: Ladder, rare: float) -> Near | None:
    """Read the smallest grid that holds the 1-in-100 year, which is about `rare`.

    None where it is not found soon, or where a table needs more than the grids around its losses.
    """
    target = ladder.target
    is_plain = target.atoms.size == 0 and math.isfinite(target.mean)
    if rare <= 0 or not is_plain or target.prob_zero >= LEVEL:
        return None
    most = ladder.first.log2_top
    log2_top = min(math.ceil(math.log2(rare / REACHED)), most)
    for _ in range(TRIED):
        near = _near_at(ladder, log2_top)
        _, sf, _ = near.fine
        if sf[0] > 1 - LEVEL > sf[-1]:
            return near
        log2_top += 1 if sf[-1] >= 1 - LEVEL else -1
        if log2_top > most:
            return None
    return None


def _near_at(ladder: Ladder, log2_top: int) -> Near:
    """Read a grid with this top that is as fine as the grid of the ladder that has it."""
    target, first = ladder.target, ladder.first
    index, lower = divmod(first.log2_top - log2_top, RATIO)
    whole = ladder.rung(index)
    grid = Grid(log2_top, whole.size >> lower, whole.order)
    pair = grid.doubled()
    masses = target.masses(pair)
    edges = edges_of((pair, masses), target)
    is_lowest = bool(is_low_enough(target, masses[1:], RATIO - lower)[0])
    spans = (ladder.span(index, is_lowest, is_coarse) for is_coarse in (False, True))
    fine, coarse = ((start, min(end, end_of(grid))) for start, end in spans)
    return Near(
        section_of(edges[:, 1], grid, target, fine),
        section_of(edges[:, 0], grid.halved(), target, coarse),
    )


def losses_near(ladder: Ladder, near: Near) -> PartialLosses:
    """Return the table of which what is near the 1-in-100 year is there."""
    target, pieces = ladder.target, cache(ladder.pieces)
    described = partial(
        TabulatedLosses,
        mean=target.mean,
        variance=target.variance,
        currency=ladder.currency,
        ids=ladder.ids,
        known=REACHED * ladder.first.top,
    )

    def coarse() -> TabulatedLosses:
        section = described(*near.coarse)
        return PartialLosses(section, lambda: join(halved(target, pieces()), target))

    return PartialLosses(described(*near.fine, coarse=coarse), lambda: join(pieces(), target))
