"""Survival without a family, and the points of a plot."""

from dataclasses import dataclass

import numpy as np

from workbench.distributions import Array
from workbench.fitting.data import Amounts, Flags


@dataclass(frozen=True, eq=False, slots=True)
class Points:
    """Two arrays to draw against each other, with an interval where there is one, all (m,)."""

    x: Array
    y: Array
    low: Array | None = None
    high: Array | None = None


def product_limit(data: Amounts) -> tuple[Array, Array]:
    """Survival without a family, after Kaplan and Meier, with late entry.

    At each amount x that is known in full, S falls by the factor 1 - d/r: d is the weight at x and
    r the weight of all that were in view there, entry <= x <= value. Returns the points, rising,
    and S just after each, both of shape (m,).
    """
    return steps(data.values, data.is_censored, data.entry, data.weights)


def steps(values: Array, is_censored: Flags, entry: Array, weights: Array) -> tuple[Array, Array]:
    """Return the steps of `product_limit` from arrays of shape (n,)."""
    points, at = np.unique(values[~is_censored], return_inverse=True)
    died = np.bincount(at, weights=weights[~is_censored])
    order, late = np.argsort(values), np.argsort(entry)
    gone = np.append(0.0, np.cumsum(weights[order]))
    came = np.append(0.0, np.cumsum(weights[late]))
    # an amount that equals its entry was seen there
    entered = np.searchsorted(entry[late], points, side="right")
    in_view = came[entered] - gone[np.searchsorted(values[order], points, side="left")]
    return points, np.cumprod(np.maximum(1 - died / in_view, 0.0))
