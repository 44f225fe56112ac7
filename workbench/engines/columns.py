"""From masses on a ladder of grids to the columns of a table."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import isotonic_regression

from workbench.distributions import Array
from workbench.engines.grid import Complex, Grid, to_masses
from workbench.errors import require
from workbench.losses import TabulatedLosses

REACHED = 0.98  # of a grid's top: what wraps around falls beyond
ROUNDED = 1e-3  # more than rounding and cells that ring add to the chances of a year
NOTHING = 1e-12  # a probability that rounding may have made
RISEN = 1e-4  # of a height: less is what two grids differ by where they meet
DISTANCES = np.linspace(0.25, 30, 120)  # in mean excesses, where a tail is exponential
FAR = np.geomspace(1, 2.0**20, 161)  # how far beyond the grids a table goes on

Piece = tuple[Grid, Array]  # a grid and the masses on it, a row for each of its rungs
Columns = tuple[Array, Array, Array]  # x, P(L > x) and E[(L - x)+]


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
        return 1 - float(self.weights.sum()) if self.atoms.size else 1.0

    def spread_mean(self) -> float:
        """Return E[L; L is not one of the `atoms`]."""
        return self.mean - float(self.atoms @ self.weights) if self.atoms.size else self.mean

    def masses(self, grid: Grid) -> Array:
        """Return the masses on a grid, without those of the `atoms`, shape (rungs, size)."""
        found = self.transform(grid)
        if self.single is not None:
            found = found - self.single(grid)
        masses = to_masses(found, grid.size).reshape(grid.rungs, grid.size)
        if self.single is not None:
            masses[:, 0] += self.prob_zero
        held = float(masses.sum(axis=1).max())
        require(  # a transform that is none of chances would give figures of rounding
            held <= 1 + ROUNDED,
            "the chances of a year add up to 1 at most",
            got=held,
            fix="This is a fault of the exact engine: simulate the study, and report it.",
        )
        return masses


def edges_of(piece: Piece, target: Target) -> Array:
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


def end_of(grid: Grid) -> float:
    """Return the last edge of a grid that a table reads: one of its own and of half of it."""
    return 4 * grid.step * int(REACHED * grid.size / 4)


def cap_of(last: float) -> float:
    """Return a loss so far beyond the grids that no table goes there."""
    return last * 2.0**24


def limited(target: Target, largest: Piece) -> Target:
    """Return the target of a loss without a mean, cut far beyond the largest grid.

    E[min(L, cap)] is what the grid holds below its end, and beyond it the tail's own shape.
    """
    grid, (masses, *_) = largest
    step = grid.step
    last = round(end_of(grid) / step)  # the last edge that the table reads off this grid
    count = np.cumsum(masses)
    end = last * step
    height = target.spread_mass() - float(count[last] - masses[last] / 2)
    below = target.spread_mass() * end - step * float(count[:last].sum())  # E[min(L, end)]
    tail, first = target.tail(np.array([end]), cap_of(end))
    beyond = height * float(first[0] / tail[0]) if tail[0] > 0 else 0.0
    return replace(target, mean=below + beyond + float(target.atoms @ target.weights))


def join(pieces: list[Piece], target: Target) -> Columns:
    """One table from the ladder: each loss is read off the finest grid that holds it.

    The single losses are not in it.
    """
    rungs = [
        (rows[:, k], one)
        for grid, rows in ((piece[0], edges_of(piece, target)) for piece in pieces)
        for k, one in enumerate(grid.each())
    ]
    parts, reached = [], 0.0
    for i in range(len(rungs) - 1, -1, -1):
        rows, grid = rungs[i]
        end = meeting(rungs[i - 1][1], grid) if i > 0 else end_of(grid)
        if end >= reached:
            parts.append(_between(rows, grid, reached, end))
            reached = end
    return _with_tail(*_falling(np.concatenate(parts, axis=1), target), target)


def meeting(upper: Grid, lower: Grid) -> float:
    """Return the loss at which a table passes from one grid to the next: an edge of both."""
    width = 2 * max(upper.step, lower.step)
    return width * math.floor(end_of(lower) / width * (1 + 1e-12))


def section_of(rows: Array, grid: Grid, target: Target, span: tuple[float, float]) -> Columns:
    """Return what a table reads off the edges of a single grid, from one loss to another."""
    return _falling(_between(rows, grid, *span), target)


def _between(rows: Array, grid: Grid, start: float, end: float) -> Array:
    edge = 2 * grid.step
    return rows[:, round(start / edge) : round(end / edge) + 1]


def _falling(rows: Array, target: Target) -> Columns:
    """Take away what rounding, and nodes of negative mass, do to curves that fall."""
    x, sf, excess = rows
    most = target.spread_mass() - target.prob_zero
    sf = falling(np.minimum(np.maximum(sf, 0), most))
    return x, sf, np.minimum.accumulate(np.maximum(excess, 0))


def falling(heights: Array) -> Array:
    """Return heights that do not rise, as close as can be.

    Beside a jump of the curve a node has a negative mass, so that it is too low and those after it
    are right: the lowest so far would keep them all down. The closest falling heights are averages.
    """
    if (np.diff(heights) > RISEN * heights[:-1] + NOTHING).any():
        return np.asarray(isotonic_regression(heights, increasing=False).x)
    return np.minimum.accumulate(heights)


def with_atoms(spread: Columns, mean: float, atoms: Array, weights: Array) -> Columns:
    """Put single losses into a table: each is a node twice, before and after.

    `spread` are the columns of all other losses, and `mean` is E[L; L is not single].
    """
    x, sf, excess = spread
    if atoms.size == 0:
        return spread
    others = TabulatedLosses(x, sf, excess, mean=mean, variance=0.0)
    nodes = np.unique(np.concatenate([x[1:], atoms]))
    height = np.concatenate([sf[:1], others.exceedance(nodes)])
    above = np.concatenate([excess[:1], others.excess_at(nodes)])
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


def _with_tail(x: Array, sf: Array, excess: Array, target: Target) -> Columns:
    """Continue the table beyond the grids by the target's tail, scaled to meet it."""
    last = float(x[-1])
    if sf[-1] <= NOTHING:
        end = np.array([last * (1 + 1e-9)])
        return np.append(x, end), np.append(sf, 0.0), np.append(excess, 0.0)
    far = last * FAR
    tail, first = target.tail(far, cap_of(last))
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
