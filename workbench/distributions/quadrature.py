"""Nodes and weights that average a smooth function over a belief."""

from functools import lru_cache

import numpy as np

from workbench.distributions.base import Array, Distribution
from workbench.distributions.positive import NORMAL_REACH

__all__ = ["MIDPOINTS", "NORMAL_REACH", "midpoints", "nodes"]

MIDPOINTS = 4096  # for a belief that has no rule of its own


@lru_cache(maxsize=512)
def nodes(belief: Distribution, size: int) -> tuple[Array, Array]:
    """Return values and weights, shape (n,), with sum(weights * f(values)) = E[f(X)].

    Each family has its own rule (`Distribution.rule`) that converges faster than any power for
    smooth f. Beliefs on single values are their own nodes, whatever the `size`.
    """
    return belief.rule(size) or midpoints(belief, max(size, MIDPOINTS))


def midpoints(belief: Distribution, size: int) -> tuple[Array, Array]:
    """Return the quantiles at (i + 1/2)/size, equally weighted: slow, but right for any belief."""
    u = (np.arange(size) + 0.5) / size
    return belief.ppf(u), np.full(size, 1 / size)
