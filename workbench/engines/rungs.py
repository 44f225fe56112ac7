"""The grids of a ladder, and the masses of a year's loss on them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.distributions import Array
from workbench.engines.columns import Piece, Target, end_of, meeting
from workbench.engines.grid import RATIO, Grid

MOST = 18  # grids: they span 1e16


@dataclass(frozen=True, eq=False)
class Ladder:
    """The grids that a table may need, and what the table is told beside them."""

    target: Target
    first: Grid  # and largest
    least: int  # cells of the smallest grid
    currency: str
    ids: frozenset[str]

    def rung(self, index: int) -> Grid:
        """Return the grid at this place; fewer events fit below a lower top."""
        first, beyond = self.first, index - self.first.rungs + 1
        if beyond <= 0:
            return first.rung(index)
        size = max(self.least, first.size >> 2 * beyond)
        return Grid(first.log2_top - RATIO * index, size, first.order)

    def span(self, index: int, is_lowest: bool, is_coarse: bool) -> tuple[float, float]:
        """Return from which loss to which a table, or the coarse one, reads the grid here."""

        def at(place: int) -> Grid:
            return self.rung(place).halved() if is_coarse else self.rung(place)

        own = at(index)
        start = 0.0 if is_lowest else meeting(own, at(index + 1))
        return start, end_of(own) if index == 0 else meeting(at(index - 1), own)

    def pieces(self, index: int = 0) -> list[Piece]:
        """Return the masses from this place down to the grid with the smallest loss of interest.

        Grids of the first one's size are computed together.
        """
        found: list[Piece] = []
        while True:
            alike = max(self.first.rungs - index, 1)
            grid = replace(self.rung(index), rungs=min(alike, MOST - index))
            masses = self.target.masses(grid)
            index += grid.rungs
            last = np.flatnonzero(is_low_enough(self.target, masses))
            if last.size or index == MOST:
                used = int(last[0]) + 1 if last.size else grid.rungs
                return [*found, (grid.rung(0, used), masses[:used])]
            found.append((grid, masses))


def is_low_enough(target: Target, masses: Array, ratio: int = RATIO) -> NDArray[np.bool_]:
    """Say of each grid whether a table needs none that reaches 2**`ratio` times less far.

    No loss of interest is then so small. `masses` have a row for each grid.
    """
    enough = max(0.01, target.prob_zero + 0.01 * (1 - target.prob_zero))
    return np.asarray(masses[:, : masses.shape[1] >> ratio].sum(axis=1) <= enough)


def halved(target: Target, pieces: list[Piece]) -> list[Piece]:
    """Masses on every second node of the same grids."""
    grids = [grid.halved() for grid, _ in pieces]
    return [(grid, target.masses(grid)) for grid in grids]
