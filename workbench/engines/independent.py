"""Computed losses back onto a grid, and the total of those that are independent."""

import math
from collections.abc import Iterable
from functools import reduce
from itertools import combinations

import numpy as np

from workbench.distributions import Array
from workbench.engines.columns import Target
from workbench.engines.grid import (
    ROUGH,
    Complex,
    Grid,
    atom_masses,
    cell_masses,
    smooth_masses,
    to_transform,
)
from workbench.engines.ladder import SIZE, tabulate
from workbench.engines.reach import BEYOND
from workbench.errors import WorkbenchError, require
from workbench.losses import LossDistribution, TabulatedLosses
from workbench.losses.base import named

FAR = 4.0  # times the grid's top: no cell sees what lies beyond it


def table_transform(losses: TabulatedLosses, grid: Grid) -> Complex:
    """Transform of a computed loss on a grid."""
    masses = np.array([_masses(losses, one) for one in grid.each()])
    if not losses.step:
        # where a kink lies in a cell of the table its curve misses some of its mean, which would
        # be looked for in the tail of a total
        more = losses.missed_mean()
        masses[:, 1:] *= 1 + more
        masses[:, 0] -= more * float(losses.exceedance(0.0))
    return to_transform(masses if grid.rungs > 1 else masses[0])


def _masses(losses: TabulatedLosses, grid: Grid) -> Array:
    x, sf, _ = losses.nodes()
    if losses.step:
        return atom_masses(x, -np.diff(sf, prepend=1.0), grid.size, grid.step)
    if losses.spread() > ROUGH * grid.step**2:
        at = grid.step * np.arange(grid.size + 1, dtype=float)
        return smooth_masses(losses.exceedance(at))
    edges = 2 * grid.step * np.arange(grid.size // 2 + 1, dtype=float)
    moments = losses.exceedance(edges), *losses.layer_moments(edges, edges[-1:] * FAR)
    return cell_masses(moments, grid.step)


def independent_sum(losses: Iterable[LossDistribution] | LossDistribution) -> TabulatedLosses:
    """Return the total of exact losses that are independent of each other, currency / year.

    Percentiles are never added: the distributions are convolved.

    Raises
    ------
    WorkbenchError
        for losses that are not exact, of two currencies, or with a scenario in common.

    """
    listed = [losses] if isinstance(losses, LossDistribution) else list(losses)
    known = [one for one in listed if isinstance(one, TabulatedLosses)]
    require(
        0 < len(known) == len(listed),
        "an independent sum is made of exact losses",
        got=[type(one).__name__ for one in listed],
        fix="Simulate samples in one study instead.",
    )
    for one, other in combinations(known, 2):
        if one is other or one.ids & other.ids or one.currency != other.currency:
            raise WorkbenchError(
                "an independent sum counts each scenario once, in one currency; got "
                f"{named(one)} in {one.currency} and {named(other)} in {other.currency}. "
                "Leave the shared scenario out, or convert one of them."
            )
    ids = frozenset().union(*(one.ids for one in known))
    live = [one for one in known if one.mean() > 0]
    if len(live) < 2:
        kept = live[0] if live else known[0]
        return kept.renamed(kept.currency, ids)
    target = Target(
        mean=math.fsum(one.mean() for one in live),
        variance=math.fsum(one.variance() for one in live),
        prob_zero=math.prod(one.prob_no_loss() for one in live),
        transform=lambda grid: reduce(np.multiply, (table_transform(one, grid) for one in live)),
        tail=lambda far, _: _summed_tails(live, far),
    )
    # a loss that is rarer than that still has a place on the grid
    tops = [one.var(1 - min(BEYOND, float(one.exceedance(0.0)) / 10)) for one in live]
    moments = target.mean, math.sqrt(target.variance)
    top = max(tops) + (moments[0] + 3 * moments[1] if math.isfinite(moments[1]) else sum(tops))
    return tabulate(target, Grid(math.ceil(math.log2(top)), SIZE), known[0].currency, ids)


def _summed_tails(live: list[TabulatedLosses], far: Array) -> tuple[Array, Array]:
    parts = [one.tail(far) for one in live]
    return np.sum([p[0] for p in parts], axis=0), np.sum([p[1] for p in parts], axis=0)
