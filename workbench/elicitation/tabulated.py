"""A belief held as a table of cells: within a cell every value is equally likely."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions import Array, Distribution
from workbench.distributions.base import as_number, freeze
from workbench.errors import require

CELLS = 2_000
FINE = 10_000  # cells of the table from which the edges are chosen
WIDE = 50.0  # ratio of the ends from which cells are even in log x
NODES, WEIGHTS = np.polynomial.legendre.leggauss(4)
RARE = 1e-11  # probability that may be cut off at each end
STEEP_CELLS = 100  # tables with no more cells tell the engines where their density jumps


@dataclass(frozen=True, slots=True)
class Tabulated(Distribution):
    """Probability `masses[i]` spread evenly over `edges[i]` to `edges[i + 1]`."""

    edges: Sequence[float]
    masses: Sequence[float]

    def __post_init__(self) -> None:
        """Check rising edges of 0 or more and positive masses; scale these to sum to 1."""
        edges = [as_number("each edge", e) for e in self.edges]
        masses = np.array([as_number("each mass", m) for m in self.masses])
        require(
            len(edges) == masses.size + 1 >= 2
            and edges[0] >= 0
            and bool(np.all(np.diff(edges) > 0)),
            "a table has rising edges from 0 on, one more than masses",
            got=f"{len(edges)} edges, {masses.size} masses",
            fix="Sort the edges.",
        )
        fix = "Join cells that hold nothing to their neighbours."
        require(bool((masses > 0).all()), "masses are above 0", got=float(masses.min()), fix=fix)
        total = masses.sum()
        shares = masses if abs(total - 1) < 1e-14 else masses / total
        freeze(self, edges=tuple(edges), masses=tuple(shares.tolist()))

    def ppf(self, u: ArrayLike) -> Array:
        edges, _, below, _ = _table(self)
        return np.asarray(np.interp(np.asarray(u, dtype=float), below, edges))

    def isf(self, q: ArrayLike) -> Array:
        edges, _, _, above = _table(self)
        return np.asarray(np.interp(np.asarray(q, dtype=float), above[::-1], edges[::-1]))

    def sf(self, x: ArrayLike) -> Array:
        edges, _, _, above = _table(self)
        return np.asarray(np.interp(np.asarray(x, dtype=float), edges, above))

    def cdf(self, x: ArrayLike) -> Array:
        edges, _, below, _ = _table(self)
        return np.asarray(np.interp(np.asarray(x, dtype=float), edges, below))

    def pdf(self, x: ArrayLike) -> Array:
        edges, masses, _, _ = _table(self)
        x = np.asarray(x, dtype=float)
        cell = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, masses.size - 1)
        inside = (x >= edges[0]) & (x <= edges[-1])
        return np.where(inside, (masses / np.diff(edges))[cell], 0.0)

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        # Over one cell [a, b] of mass m with y = max(x, a): m/(b - a) times (b - y)^2/2 and
        # (b - y)^3/3; cells above x add their moments about their own lower edge, moved to x.
        edges, masses, _, above = _table(self)
        x = np.asarray(x, dtype=float)
        at = np.minimum(x, edges[-1])
        cell = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, masses.size - 1)
        width = np.diff(edges)
        left = np.clip(edges[cell + 1] - np.maximum(at, edges[0]), 0, None)
        part0 = masses[cell] * left / width[cell]
        one, two = _edge_moments(self)
        gap = edges[cell + 1] - np.maximum(at, edges[0])
        tail = above[cell + 1]
        first = one[cell + 1] + gap * tail + part0 * left / 2
        second = two[cell + 1] + 2 * gap * one[cell + 1] + gap**2 * tail + part0 * left**2 / 3
        below = np.maximum(edges[0] - x, 0)
        second = second + 2 * below * first + below**2
        return part0 + tail, first + below, second

    def breaks(self) -> Array:
        _, masses, _, above = _table(self)
        return above[1:-1] if masses.size <= STEEP_CELLS else np.empty(0)

    def scaled_by(self, factor: float) -> "Tabulated":
        return Tabulated([edge * factor for edge in self.edges], self.masses)

    def mean(self) -> float:
        edges, masses, _, _ = _table(self)
        return float(masses @ (edges[1:] + edges[:-1]) / 2)

    def variance(self) -> float:
        edges, masses, _, _ = _table(self)
        off = (edges[1:] + edges[:-1]) / 2 - self.mean()
        return float(masses @ (off**2 + np.diff(edges) ** 2 / 12))

    def support(self) -> tuple[float, float]:
        return float(self.edges[0]), float(self.edges[-1])

    def to_dict(self) -> dict[str, Any]:
        """Return a mixture of uniforms: the same belief, in the words of a study file."""
        cells = zip(self.edges, self.edges[1:], strict=False)
        parts = [{"type": "uniform", "low": low, "high": high} for low, high in cells]
        return {"type": "mixture", "parts": parts, "weights": list(self.masses)}


@lru_cache(maxsize=64)
def _table(belief: Tabulated) -> tuple[Array, Array, Array, Array]:
    """Return edges, masses, and the probabilities below and above each edge."""
    masses = np.array(belief.masses)
    below = np.append(0.0, np.cumsum(masses))
    above = np.append(np.cumsum(masses[::-1])[::-1], 0.0)
    below[-1] = above[0] = 1.0
    return np.array(belief.edges), masses, below, above


@lru_cache(maxsize=64)
def _edge_moments(belief: Tabulated) -> tuple[Array, Array]:
    """E[(X - e)+] and E[((X - e)+)^2] at each edge e, shape (cells + 1,), from the top down."""
    edges, masses, _, above = _table(belief)
    one, two = np.zeros(edges.size), np.zeros(edges.size)
    for i in range(masses.size - 1, -1, -1):
        width = edges[i + 1] - edges[i]
        one[i] = one[i + 1] + width * above[i + 1] + masses[i] * width / 2
        two[i] = two[i + 1] + 2 * width * one[i + 1] + width**2 * above[i + 1]
        two[i] += masses[i] * width**2 / 3
    return one, two


def tabulate(log_density: Callable[[Array], Array], low: float, high: float) -> Tabulated:
    """Make the table of a density known up to a factor, between `low` and `high`.

    Cell masses come from Gauss-Legendre quadrature. Half of the edges are spread evenly over the
    range (in log x where its ends are far apart), half by probability.
    """
    even = np.linspace if low <= 0 or high / low < WIDE else np.geomspace
    fine = even(low, high, FINE + 1)
    masses = _masses(log_density, fine)
    total = np.append(0.0, np.cumsum(masses))
    total /= total[-1]
    start = max(int(np.searchsorted(total, RARE)) - 1, 0)
    stop = min(int(np.searchsorted(total, 1 - RARE)) + 1, FINE)
    spread = even(fine[start], fine[stop], CELLS // 2 + 1)
    rising, first = np.unique(total, return_index=True)
    likely = np.interp(np.linspace(0, 1, CELLS // 2 + 1)[1:-1], rising, fine[first])
    edges = np.unique(np.concatenate([spread, likely]))
    edges = edges[np.append(True, np.diff(edges) > 1e-12 * edges[1:])]
    cells = _masses(log_density, edges)
    kept = cells > 1e-300
    return Tabulated(np.append(edges[:-1][kept], edges[-1]).tolist(), cells[kept].tolist())


def _masses(log_density: Callable[[Array], Array], edges: Array) -> Array:
    """Integral of the density over each cell, in units of its largest value, shape (cells,)."""
    half = np.diff(edges)[:, None] / 2
    logs = log_density((edges[:-1, None] + half + half * NODES).ravel()).reshape(-1, NODES.size)
    return np.asarray((np.exp(logs - logs.max()) * half) @ WEIGHTS)
