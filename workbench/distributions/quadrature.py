"""Nodes and weights that average a smooth function over a belief."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from workbench.distributions.base import Array, Distribution
from workbench.distributions.gauss import legendre
from workbench.distributions.positive import NORMAL_REACH

__all__ = ["NORMAL_REACH", "nodes", "panel_nodes"]

# Levels between which a quantile function is smooth enough for a Gauss rule, from the middle out.
LEVELS = np.array([0.5, 0.3, 0.15, 0.06, 0.02, 5e-3, 1e-3, 1e-4, 1e-5, 1e-7, 1e-9, 1e-12, 1e-16])
FEWEST = 10  # nodes on a panel


@lru_cache(maxsize=512)
def nodes(belief: Distribution, size: int) -> tuple[Array, Array]:
    """Return values and weights, shape (n,), with sum(weights * f(values)) = E[f(X)].

    Each family has its own rule (`Distribution.rule`) that converges faster than any power for
    smooth f. Beliefs on single values are their own nodes, whatever the `size`.
    """
    return belief.atoms() or belief.rule(size) or panel_nodes(belief, size)


def panel_nodes(belief: Distribution, size: int, cuts: Sequence[float] = ()) -> tuple[Array, Array]:
    """Gauss-Legendre panels of the level, finer towards both ends and cut where there are breaks.

    A panel that spans a share s of the range of values has FEWEST + size sqrt(s) nodes, so that a
    function that turns with x is followed. What lies beyond a level of 1e-16 is left out. At the
    values `cuts` the function may have kinks.
    """
    breaks = np.union1d(belief.breaks(), belief.sf(np.asarray(cuts, dtype=float)))
    found = []
    for quantile, levels in ((belief.isf, breaks), (belief.ppf, 1 - breaks)):
        within = levels[(levels > LEVELS[-1]) & (levels < 0.5)]
        edges = np.unique(np.concatenate([LEVELS, within]))
        places = quantile(edges)
        found.append((quantile, edges, np.abs(np.diff(places))))
    whole = sum(float(widths.sum()) for _, _, widths in found)
    values, weights = [], []
    for quantile, edges, widths in found:
        for left, right, width in zip(edges[:-1], edges[1:], widths, strict=True):
            t, w = legendre(FEWEST + int(size * np.sqrt(width / whole)))
            values.append(quantile(left + (right - left) * (1 + t) / 2))
            weights.append(w * (right - left) / 2)
    weight = np.concatenate(weights)
    return np.concatenate(values), weight / weight.sum()
