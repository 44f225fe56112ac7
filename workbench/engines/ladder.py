"""A table of a year's loss from a ladder of grids.

Each grid reaches 16 times less far than the one above it and is finer by as much, so that a table
has the same relative resolution from its smallest quantile to its tail. Magnitudes beyond a grid's
top are left out of it: sums below the top do not need them. What lies beyond the largest grid is
known through the closed-form mean.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from workbench.distributions import Array, Distribution
from workbench.engines.grid import Complex, Grid, to_masses
from workbench.losses import TabulatedLosses
from workbench.losses.tabulated import SAFETY

RATIO = 4  # log2 of the distance between two grids of the ladder
SIZE = 2048  # the smallest grid
FINEST = 1 << 15
ACCURACY = 3e-4  # of the bound, which overstates the error some 3 to 15 times
REACHED = 0.98  # of a grid's top: what wraps around falls beyond
MOST = 14  # grids: they span 1e16
NOTHING = 1e-12  # a probability that rounding may have made
DISTANCES = np.linspace(0.25, 30, 120)  # in mean excesses, where a tail is exponential
FAR = np.geomspace(1, 2.0**20, 161)  # how far beyond the grids a table goes on

Piece = tuple[Grid, Array, Array]  # a grid with the masses on it and on every second node


@dataclass(frozen=True, eq=False)
class Target:
    """What is known of a loss in closed form, and how to transform it."""

    mean: float
    variance: float
    prob_zero: float
    transform: Callable[[Grid], tuple[Complex, Complex]]  # on a grid, and on half of it
    # shape of P(L > x) and E[(min(L, cap) - x)+] far out, of x and the cap
    tail: Callable[[Array, float], tuple[Array, Array]]
    # single losses above 0, rising, with their probabilities, and the transform of all of them with
    # the loss of 0: they are kept off the grids and stand in the table themselves
    atoms: Array = field(default_factory=lambda: np.zeros(0))
    weights: Array = field(default_factory=lambda: np.zeros(0))
    single: Callable[[Grid], tuple[Complex, Complex]] | None = None

    def spread_mass(self) -> float:
        """Return the probability of all that is not one of the `atoms`."""
        return 1 - float(self.weights.sum())

    def spread_mean(self) -> float:
        """Return E[L; L is not one of the `atoms`]."""
        return self.mean - float(self.atoms @ self.weights)


def tabulate(
    target: Target, first: Grid, currency: str = "USD", ids: Iterable[str] = ()
) -> TabulatedLosses:
    """Return the table of a loss, from its `first` and largest grid downwards.

    Grids and quadratures are refined until VaR and TVaR at 99 % move by less than `ACCURACY`, or a
    grid of `FINEST` cells is reached; what is left is in the error bound.
    """
    names = frozenset(ids)
    table = _table(target, first, SIZE, currency, names)
    scale, size = 1, SIZE
    while not _accurate(table) and max(size, first.size * scale) < FINEST:
        scale, size = 4 * scale, 4 * size
        finer = Grid(first.log2_top, first.size * scale, first.order * int(scale**0.5))
        table = _table(target, finer, size, currency, names)
    return table


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


def _accurate(losses: TabulatedLosses) -> bool:
    """Whether half the grid says the same of the 1-in-100 year and of the years beyond it."""
    coarse = losses.coarse
    if coarse is None:
        return True
    value, tail = losses.var(0.99), losses.tvar(0.99)
    if SAFETY * abs(value - coarse.var(0.99)) > ACCURACY * value:
        return False
    # a tail without a mean has no average
    return not np.isfinite(tail) or SAFETY * abs(tail - coarse.tvar(0.99)) <= ACCURACY * tail


def _table(
    target: Target, first: Grid, size: int, currency: str, names: frozenset[str]
) -> TabulatedLosses:
    pieces = _ladder(target, first, size)

    def table(order: int, coarse: Callable[[], TabulatedLosses] | None) -> TabulatedLosses:
        seen = target if np.isfinite(target.mean) else _limited(target, pieces[0], order)
        return TabulatedLosses(
            *_join(pieces, order, seen),
            mean=target.mean,
            variance=target.variance,
            currency=currency,
            ids=names,
            coarse=coarse,
            known=REACHED * first.top,
        )

    return table(0, lambda: table(1, None))


def _limited(target: Target, largest: Piece, order: int) -> Target:
    """Return the target of a loss without a mean, cut far beyond the largest grid.

    E[min(L, cap)] is what the grid holds below its end, and beyond it the tail's own shape.
    """
    grid, *both = largest
    masses = both[order]
    step = grid.top / masses.size
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
    while True:
        fine, coarse = target.transform(grid)
        if target.single is not None:
            one, other = target.single(grid)
            fine, coarse = fine - one, coarse - other
        masses, halved = to_masses(fine, grid.size), to_masses(coarse, grid.size // 2)
        if target.single is not None:
            masses[0] += target.prob_zero
            halved[0] += target.prob_zero
        pieces.append((grid, masses, halved))
        below = float(masses[: grid.size >> RATIO].sum())
        if below <= enough or len(pieces) >= MOST:
            return pieces
        size = max(least, grid.size // 4)  # fewer events fit below a lower top
        grid = Grid(grid.log2_top - RATIO, size, grid.order)


def _edges(grid: Grid, masses: Array, target: Target) -> tuple[Array, Array, Array]:
    """P(L > x) and E[(L - x)+] at the cells' edges x = 0, 2h, 4h, ... of one grid."""
    step = grid.top / masses.size
    count = np.cumsum(masses)
    # at an edge half of its own mass belongs below it; at 0 all that costs nothing does
    below = (count - masses / 2)[::2]
    below[0] = target.prob_zero
    spent = step * np.concatenate([[0.0], np.cumsum(count)[:-1]])[::2]  # E[(x - L)+]
    x = step * np.arange(masses.size, dtype=float)[::2]
    whole = target.spread_mass()
    return x, whole - below, target.spread_mean() - whole * x + spent


def _join(pieces: list[Piece], order: int, target: Target) -> tuple[Array, Array, Array]:
    """One table from the ladder: each loss is read off the finest grid that holds it."""
    rows: list[tuple[Array, Array, Array]] = []
    reached = 0.0
    upwards = list(reversed(pieces))
    for i, (grid, *both) in enumerate(upwards):
        x, sf, excess = _edges(grid, both[order], target)
        end = _end(grid)
        if i + 1 < len(upwards):  # two grids meet at an edge of both, which is listed twice
            above, *others = upwards[i + 1]
            width = 2 * above.top / others[order].size
            end = width * np.floor(end / width)
        kept = (x >= reached) & (x <= end)
        rows.append((x[kept], sf[kept], excess[kept]))
        reached = max(end, reached)
    x, sf, excess = (np.concatenate([row[i] for row in rows]) for i in range(3))
    sf = np.minimum.accumulate(np.clip(sf, 0, target.spread_mass() - target.prob_zero))
    excess = np.minimum.accumulate(np.maximum(excess, 0))
    return _with_atoms(*_with_tail(x, sf, excess, target), target)


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
    far = last * FAR
    tail, first = target.tail(far, _cap(last))
    if sf[-1] <= NOTHING:
        end = np.array([last * (1 + 1e-9)])
        return np.append(x, end), np.append(sf, 0.0), np.append(excess, 0.0)
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
