"""A table of a year's loss from a ladder of grids.

Each grid reaches 8 times less far than the one above it and is finer by as much, so that a table
has the same relative resolution from its smallest quantile to its tail: small grids, several of
which are computed together. Magnitudes beyond a grid's
top are left out of it: sums below the top do not need them. What lies beyond the largest grid is
known through the closed-form mean.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from workbench.distributions import Array, Distribution
from workbench.engines.grid import RATIO, Complex, Grid, to_masses
from workbench.losses import TabulatedLosses
from workbench.losses.jumps import Beside
from workbench.losses.tabulated import SAFETY

SIZE = 2048  # the smallest grid
FINEST = SIZE << 4
LEVEL = 0.99  # at which a table is to be accurate
ACCURACY = 3e-4  # of the bound, which overstates the error some 3 to 15 times
REACHED = 0.98  # of a grid's top: what wraps around falls beyond
MOST = 18  # grids: they span 1e16
AROUND = 4  # cells on both sides of the 1-in-100 year
OPEN = 4  # small grids that are computed at once where it is not known how many there will be
NOTHING = 1e-12  # a probability that rounding may have made
DISTANCES = np.linspace(0.25, 30, 120)  # in mean excesses, where a tail is exponential
FAR = np.geomspace(1, 2.0**20, 161)  # how far beyond the grids a table goes on

Piece = tuple[Grid, Array]  # a grid and the masses on it, a row for each of its rungs


@dataclass(frozen=True, eq=False)
class Target:
    """What is known of a loss in closed form, and how to transform it."""

    mean: float
    variance: float
    prob_zero: float
    transform: Callable[[Grid], Complex]
    # shape of P(L > x) and E[(min(L, cap) - x)+] far out, of x and the cap
    tail: Callable[[Array, float], tuple[Array, Array]]
    # single losses above 0, rising, with their probabilities, and the transform of all of them with
    # the loss of 0: they are kept off the grids and stand in the table themselves
    atoms: Array = field(default_factory=lambda: np.zeros(0))
    weights: Array = field(default_factory=lambda: np.zeros(0))
    single: Callable[[Grid], Complex] | None = None
    # the probabilities of the `atoms` or of up to so much more
    near: Callable[[float], Array] | None = None

    def spread_mass(self) -> float:
        """Return the probability of all that is not one of the `atoms`."""
        return 1 - float(self.weights.sum())

    def spread_mean(self) -> float:
        """Return E[L; L is not one of the `atoms`]."""
        return self.mean - float(self.atoms @ self.weights)

    def masses(self, grid: Grid) -> Array:
        """Return the masses on a grid, without those of the `atoms`, shape (rungs, size)."""
        found = self.transform(grid)
        if self.single is not None:
            found = found - self.single(grid)
        masses = to_masses(found, grid.size).reshape(grid.rungs, grid.size)
        if self.single is not None:
            masses[:, 0] += self.prob_zero
        return masses


def tabulate(
    target: Target, first: Grid, currency: str = "USD", ids: Iterable[str] = ()
) -> TabulatedLosses:
    """Return the table of a loss, from its `first` and largest grid downwards.

    Grids and quadratures are refined until VaR and TVaR at 99 % move by less than `ACCURACY`, or a
    grid of `FINEST` cells is reached; what is left is in the error bound.
    """
    names, scale, size = frozenset(ids), 1, SIZE
    while True:
        order = first.order * int(scale**0.5)
        finer = Grid(first.log2_top, first.size * scale, order, first.rungs)
        pieces = _ladder(target, finer, size)
        table = _table(target, pieces, currency, names, partial(_halved, target, pieces))
        if max(size, first.size * scale) >= FINEST or _accurate(table, target, pieces):
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
        excess = belief.layer_moments(x, _cap(float(x[-1])))[0]
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
    value, tail = losses.var(LEVEL), losses.tvar(LEVEL)
    if value == 0:  # what is known of it is in closed form
        return True
    holding = [one for grid, _ in pieces for one in grid.each() if value <= _end(one)]
    grid = (holding[-1] if holding else pieces[0][0].rung(0)).halved()
    piece = grid, target.masses(grid)
    if target.atoms.size or value > _end(grid):
        coarse = _table(target, [piece], "", frozenset())
    else:
        coarse = _excerpt(target, piece)
    if SAFETY * abs(value - coarse.var(LEVEL)) > ACCURACY * value:
        return False
    # a tail without a mean has no average
    return not np.isfinite(tail) or SAFETY * abs(tail - coarse.tvar(LEVEL)) <= ACCURACY * tail


def _excerpt(target: Target, piece: Piece) -> TabulatedLosses:
    """Return the cells of one grid around the 1-in-100 year."""
    x, sf, excess = _edges(piece, target)[:, 0]
    sf = np.minimum.accumulate(sf)
    at = int(np.searchsorted(-sf, LEVEL - 1))
    around = slice(max(at - AROUND, 0), at + AROUND)
    return TabulatedLosses(
        x[around], sf[around], excess[around], mean=target.mean, variance=target.variance
    )


def _table(
    target: Target,
    pieces: list[Piece],
    currency: str,
    names: frozenset[str],
    halved: Callable[[], list[Piece]] | None = None,
) -> TabulatedLosses:
    """Return the table of these masses; `halved` makes those of half the grids."""
    seen = target if np.isfinite(target.mean) else _limited(target, pieces[0])
    rows = _join(pieces, seen)
    beside = None
    if target.near is not None:
        beside = Beside(rows[0], rows[1], target.atoms, target.weights, target.near)
    return TabulatedLosses(
        *_with_atoms(*rows, seen),
        mean=target.mean,
        variance=target.variance,
        currency=currency,
        ids=names,
        coarse=None if halved is None else lambda: _table(target, halved(), currency, names),
        known=REACHED * pieces[0][0].top,
        beside=beside,
    )


def _limited(target: Target, largest: Piece) -> Target:
    """Return the target of a loss without a mean, cut far beyond the largest grid.

    E[min(L, cap)] is what the grid holds below its end, and beyond it the tail's own shape.
    """
    grid, (masses, *_) = largest
    step = grid.step
    last = round(_end(grid) / step)  # the last edge that the table reads off this grid
    count = np.cumsum(masses)
    end = last * step
    height = target.spread_mass() - float(count[last] - masses[last] / 2)
    below = target.spread_mass() * end - step * float(count[:last].sum())  # E[min(L, end)]
    tail, first = target.tail(np.array([end]), _cap(end))
    beyond = height * float(first[0] / tail[0]) if tail[0] > 0 else 0.0
    return replace(target, mean=below + beyond + float(target.atoms @ target.weights))


def _end(grid: Grid) -> float:
    """Return the last edge of a grid that a table reads: one of its own and of half of it."""
    return 4 * grid.step * int(REACHED * grid.size / 4)


def _cap(last: float) -> float:
    """Return a loss so far beyond the grids that no table goes there."""
    return last * 2.0**24


def _ladder(target: Target, grid: Grid, least: int) -> list[Piece]:
    """Masses from the largest grid down to the one that holds the smallest loss of interest."""
    enough = max(0.01, target.prob_zero + 0.01 * (1 - target.prob_zero))
    pieces: list[Piece] = []
    is_open = grid.rungs == 1 and grid.size <= least  # how far down it goes is not known
    rungs, left = OPEN if is_open else grid.rungs, MOST
    while True:
        grid = replace(grid, rungs=min(rungs, left))
        masses = target.masses(grid)
        below = masses[:, : grid.size >> RATIO].sum(axis=1)
        last = np.flatnonzero(below <= enough)
        if last.size or grid.rungs == left:
            used = int(last[0]) + 1 if last.size else grid.rungs
            return [*pieces, (grid.rung(0, used), masses[:used])]
        pieces.append((grid, masses))
        left -= grid.rungs
        size = max(least, grid.size // 4)  # fewer events fit below a lower top
        grid, rungs = Grid(grid.log2_top - RATIO * grid.rungs, size, grid.order), 1


def _halved(target: Target, pieces: list[Piece]) -> list[Piece]:
    """Masses on every second node of the same grids."""
    grids = [grid.halved() for grid, _ in pieces]
    return [(grid, target.masses(grid)) for grid in grids]


def _edges(piece: Piece, target: Target) -> Array:
    """Return x, P(L > x) and E[(L - x)+] at the cells' edges x = 0, 2h, 4h, ... of each rung.

    The shape is (3, rungs, edges).
    """
    grid, masses = piece
    even, odd = masses[:, 0::2], masses[:, 1::2]
    steps, whole = grid.steps[:, None], target.spread_mass()
    at = np.arange(0.0, grid.size, 2)
    # sums of m and of i m over the nodes i before each edge, both in one pass
    sums = np.zeros(even.shape, dtype=complex)
    pairs = (even + odd)[:, :-1]
    sums.real[:, 1:] = pairs
    np.multiply(pairs, at[:-1], out=sums.imag[:, 1:])
    sums.imag[:, 1:] += odd[:, :-1]
    np.cumsum(sums, axis=1, out=sums)
    found = np.empty((3, *even.shape))
    x, tail, excess = found
    np.multiply(steps, at, out=x)
    # at an edge half of its own mass belongs below it; at 0 all that costs nothing does
    np.subtract(whole, sums.real + even / 2, out=tail)
    tail[:, 0] = whole - target.prob_zero
    np.multiply(sums.real, at, out=excess)
    excess -= sums.imag  # E[(x - L)+] / h
    excess *= steps
    excess += target.spread_mean() - whole * x
    return found


def _join(pieces: list[Piece], target: Target) -> tuple[Array, Array, Array]:
    """One table from the ladder: each loss is read off the finest grid that holds it.

    The single losses are not in it.
    """
    rungs = [
        (rows[:, k], one)
        for grid, rows in ((piece[0], _edges(piece, target)) for piece in pieces)
        for k, one in enumerate(grid.each())
    ]
    parts, reached = [], 0.0
    for i in range(len(rungs) - 1, -1, -1):
        rows, grid = rungs[i]
        end, edge = _end(grid), 2 * grid.step
        if i > 0:  # two grids meet at an edge of both, which is listed twice
            width = max(2 * rungs[i - 1][1].step, edge)
            end = width * math.floor(end / width * (1 + 1e-12))
        if end >= reached:
            parts.append(rows[:, round(reached / edge) : round(end / edge) + 1])
            reached = end
    x, sf, excess = np.concatenate(parts, axis=1)
    sf = np.minimum.accumulate(np.clip(sf, 0, target.spread_mass() - target.prob_zero))
    excess = np.minimum.accumulate(np.maximum(excess, 0))
    return _with_tail(x, sf, excess, target)


def _with_atoms(x: Array, sf: Array, excess: Array, target: Target) -> tuple[Array, Array, Array]:
    """Put the target's single losses into the table: each is a node twice, before and after."""
    atoms, weights = target.atoms, target.weights
    if atoms.size == 0:
        return x, sf, excess
    spread = TabulatedLosses(x, sf, excess, mean=target.spread_mean(), variance=0.0)
    nodes = np.unique(np.concatenate([x[1:], atoms]))
    height = np.concatenate([sf[:1], spread.exceedance(nodes)])
    above = np.concatenate([excess[:1], spread.excess_at(nodes)])
    nodes = np.concatenate([x[:1], nodes])
    beyond = np.append(np.cumsum(weights[::-1])[::-1], 0.0)  # P(an atom of this rank or above)
    worth = np.append(np.cumsum((weights * atoms)[::-1])[::-1], 0.0)
    before = np.searchsorted(atoms, nodes, side="left")
    after = np.searchsorted(atoms, nodes, side="right")
    above = above + worth[after] - nodes * beyond[after]
    jumps = np.flatnonzero(after > before)
    return (
        np.insert(nodes, jumps, nodes[jumps]),
        np.insert(height + beyond[after], jumps, (height + beyond[before])[jumps]),
        np.insert(above, jumps, above[jumps]),
    )


def _with_tail(x: Array, sf: Array, excess: Array, target: Target) -> tuple[Array, Array, Array]:
    """Continue the table beyond the grids by the target's tail, scaled to meet it."""
    last = float(x[-1])
    if sf[-1] <= NOTHING:
        end = np.array([last * (1 + 1e-9)])
        return np.append(x, end), np.append(sf, 0.0), np.append(excess, 0.0)
    far = last * FAR
    tail, first = target.tail(far, _cap(last))
    if (
        tail[0] <= 0 or first[0] <= 0
    ):  # no single event reaches so far: an exponential tail of the same mean excess
        length = min(float(excess[-1] / sf[-1]), last)
        fall = np.exp(-DISTANCES)
        return (
            np.append(x, last + length * DISTANCES),
            np.append(sf, sf[-1] * fall),
            np.append(excess, length * sf[-1] * fall),
        )
    far, tail, first = far[1:], tail[1:] * (sf[-1] / tail[0]), first[1:] * (excess[-1] / first[0])
    return np.append(x, far), np.append(sf, tail), np.append(excess, first)
