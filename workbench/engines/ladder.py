"""A table of a year's loss from a ladder of grids.

Each grid reaches 8 times less far than the one above it and is finer by as much, so that a table
has the same relative resolution from its smallest quantile to its tail: small grids, several of
which are computed together. Magnitudes beyond a grid's top are left out of it: sums below the top
do not need them. What lies beyond the largest grid is known through the closed-form mean.
"""

import math
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from workbench.distributions import Distribution
from workbench.engines.columns import (
    REACHED,
    Piece,
    Target,
    cap_of,
    edges_of,
    end_of,
    falling,
    join,
    limited,
    with_atoms,
)
from workbench.engines.grid import Grid
from workbench.engines.near import LEVEL, losses_near, near_of
from workbench.engines.rungs import Ladder, halved
from workbench.losses import TabulatedLosses
from workbench.losses.jumps import Beside
from workbench.losses.tabulated import SAFETY

SIZE = 2048  # the smallest grid
FINEST = SIZE << 4
ACCURACY = 3e-4  # of the bound, which overstates the error some 3 to 15 times
AROUND = 4  # cells on both sides of the 1-in-100 year
OPEN = 4  # small grids that are computed at once where it is not known how many there will be


def tabulate(
    target: Target,
    first: Grid,
    currency: str = "USD",
    ids: Iterable[str] = (),
    rare: float = 0.0,
) -> TabulatedLosses:
    """Return the table of a loss, from its `first` and largest grid downwards.

    Grids, and averages over a factor of the counts, are refined until VaR and TVaR at 99 % move by
    less than `ACCURACY`, or a grid of `FINEST` cells is reached; what is left is in the error
    bound. `rare` is about the 1-in-100 year, where all grids are known beforehand: then only its
    own is computed at first.
    """
    names, scale, size = frozenset(ids), 1, SIZE
    table: TabulatedLosses
    while True:
        order = first.order * int(scale**0.5)
        is_open = rare == 0 and first.rungs == 1 and first.size * scale <= size
        rungs = OPEN if is_open else first.rungs
        finer = Grid(first.log2_top, first.size * scale, order, rungs)
        is_finest = max(size, finer.size) >= FINEST
        ladder = Ladder(target, finer, size, currency, names)
        if (near := near_of(ladder, rare)) is not None:
            table = losses_near(ladder, near)
            is_accurate = is_finest or agrees(table, table.coarse)
        else:
            table, pieces = _whole(ladder)
            is_accurate = is_finest or _accurate(table, target, pieces)
        if is_accurate:
            return table
        scale, size = 4 * scale, 4 * size


def tabulate_belief(
    belief: Distribution, currency: str = "USD", ids: Iterable[str] = (), size: int = 2048
) -> TabulatedLosses:
    """Return the table of a belief itself, at 2 * `size` of its own quantiles."""
    names = frozenset(ids)
    atoms = belief.atoms()
    step = atoms is not None
    if atoms is not None:
        x = atoms[0]
    else:
        u = np.concatenate([np.geomspace(1e-12, 0.5, size), [0.0]])
        places, _ = belief.jumps()
        x = np.concatenate([belief.ppf(u), belief.isf(u), places * (1 - 1e-13), places])
    x = np.unique(np.concatenate([[0.0], x[np.isfinite(x)]]))
    sf, excess, _ = belief.excess_moments(x)
    if not np.isfinite(belief.mean()):
        excess = belief.layer_moments(x, cap_of(float(x[-1])))[0]
    return TabulatedLosses(
        x,
        sf,
        excess,
        mean=belief.mean(),
        variance=belief.variance(),
        step=step,
        currency=currency,
        ids=names,
        coarse=None if step else lambda: tabulate_belief(belief, currency, names, size // 2),
    )


def _accurate(losses: TabulatedLosses, target: Target, pieces: list[Piece]) -> bool:
    """Whether half the grid says the same of the 1-in-100 year and of the years beyond it.

    Of the ladder only the grid is halved that holds this year.
    """
    value = losses.var(LEVEL)
    if value == 0:  # what is known of it is in closed form
        return True
    holding = [one for grid, _ in pieces for one in grid.each() if value <= end_of(one)]
    grid = (holding[-1] if holding else pieces[0][0].rung(0)).halved()
    piece = grid, target.masses(grid)
    if target.atoms.size or value > end_of(grid):
        return agrees(losses, _table(target, [piece], "", frozenset()))
    return agrees(losses, _excerpt(target, piece))


def agrees(losses: TabulatedLosses, coarse: TabulatedLosses | None) -> bool:
    """Whether a coarse table says the same of the 1-in-100 year and of the years beyond it."""
    assert coarse is not None
    value, other = losses.var(LEVEL), coarse.var(LEVEL)
    if SAFETY * abs(value - other) > ACCURACY * value:
        return False
    if not math.isfinite(losses.mean()):
        return True  # a tail without a mean has no average
    tail, rough = (x + one.excess(x) / (1 - LEVEL) for x, one in ((value, losses), (other, coarse)))
    return SAFETY * abs(tail - rough) <= ACCURACY * tail


def _excerpt(target: Target, piece: Piece) -> TabulatedLosses:
    """Return the cells of one grid around the 1-in-100 year."""
    x, sf, excess = edges_of(piece, target)[:, 0]
    sf = falling(sf)
    at = int(np.searchsorted(-sf, LEVEL - 1))
    around = slice(max(at - AROUND, 0), at + AROUND)
    return TabulatedLosses(
        x[around], sf[around], excess[around], mean=target.mean, variance=target.variance
    )


def _whole(ladder: Ladder) -> tuple[TabulatedLosses, list[Piece]]:
    """Return the table of all grids, and the masses on them."""
    target, pieces = ladder.target, ladder.pieces()
    coarse = partial(halved, target, pieces)
    return _table(target, pieces, ladder.currency, ladder.ids, coarse), pieces


def _table(
    target: Target,
    pieces: list[Piece],
    currency: str,
    names: frozenset[str],
    coarse: Callable[[], list[Piece]] | None = None,
) -> TabulatedLosses:
    """Return the table of these masses; `coarse` makes those of half the grids."""
    seen = target if np.isfinite(target.mean) else limited(target, pieces[0])
    rows = join(pieces, seen)
    beside = None
    if target.near is not None:
        beside = Beside(rows[0], rows[1], target.atoms, target.weights, target.near)
    return TabulatedLosses(
        *with_atoms(rows, seen.spread_mean(), seen.atoms, seen.weights),
        mean=target.mean,
        variance=target.variance,
        currency=currency,
        ids=names,
        coarse=None if coarse is None else lambda: _table(target, coarse(), currency, names),
        known=REACHED * pieces[0][0].top,
        beside=beside,
    )
