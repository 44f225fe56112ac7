"""A quantile function kept as series: its inverse and its partial moments.

With t = -log q the upper half of a belief is P(X > x) = q <= 1/2, and with t = -log u its lower
half is P(X <= x) = u <= 1/2. Each half is cut into panels of t that begin and end where the
quantile function is not smooth. On each panel two things are kept as Legendre series: x itself,
for inversion, and the integrals of (x - median)^k exp(-t) dt, which are those of (x - median)^k dq.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.polynomial import legendre as series

from workbench.distributions.base import Array, Index
from workbench.distributions.gauss import legendre

Quantile = Callable[[Array], Array]
ORDER = 16  # nodes per panel
START, LAST = math.log(2), 690.0  # t of a probability of 1/2 and of 1e-300
NEAR, FINE, WIDE = 40.0, 0.75, 2.5  # panels as wide as FINE below NEAR, as WIDE above
LARGEST = 1e140  # its square fits in a float
NUDGE = 1e-13  # from the edge of a panel to what counts as its inside
STEPS, POLISH = 10, 2  # Newton steps on the series, and on the quantile function itself


@dataclass(frozen=True)
class Half:
    """One half of a belief on p panels; `x` is the value in the upper half, minus it in the lower.

    So x rises with t in both. `integrals` are of (x - centre)^k exp(-t) from a place in a panel to
    its end, `totals` from each edge to infinity; where that is infinite (`whole` is False) they
    count from the first edge instead, and their differences are still right.
    """

    edges: Array  # (p + 1,) of t, rising
    first: Array  # (p,) x just inside the beginning of each panel
    last: Array  # (p,) x just inside its end
    shape: Array  # (ORDER, p) series of x
    integrals: tuple[Array, Array]  # (ORDER + 1, p), for k = 1, 2
    totals: tuple[Array, Array]  # (p + 1,), for k = 1, 2
    whole: tuple[bool, bool]

    def beyond(self, k: int, t: Array) -> Array:
        """Integral of (x - centre)^(k + 1) exp(-t) from `t` to infinity (but see `whole`)."""
        cell = np.clip(np.searchsorted(self.edges, t, side="right") - 1, 0, self.first.size - 1)
        at = self._unit(np.minimum(t, self.edges[-1]), cell)
        inside = series.legval(at, self.integrals[k][:, cell], tensor=False)
        found = inside + self.totals[k][cell + 1]
        found = np.where(t >= self.edges[-1], self.totals[k][-1], found)
        return np.where(np.isinf(t), 0.0, found) if self.whole[k] else found

    def invert(self, x: Array, quantile: Quantile, side: Literal["left", "right"]) -> Array:
        """Return t with quantile(t) = `x`; a flat piece gives its far end for side 'right'.

        The answer is infinite for x beyond the last value.
        """
        cell = np.clip(np.searchsorted(self.first, x, side=side) - 1, 0, self.first.size - 1)
        t = np.where(x <= self.first[cell], self.edges[cell], self.edges[cell + 1])
        inside = (x > self.first[cell]) & (x < self.last[cell])
        if inside.any():
            t[inside] = self._solve(x[inside], cell[inside], quantile)
        over = x >= self.last[-1] if side == "right" else x > self.last[-1]
        return np.where(over, np.inf, t)

    def _unit(self, t: Array, cell: Index) -> Array:
        left, right = self.edges[cell], self.edges[cell + 1]
        return np.asarray((2 * t - left - right) / (right - left))

    def _solve(self, x: Array, cell: Index, quantile: Quantile) -> Array:
        """Newton inside a bracket on the series, then on the function with the series' slope."""
        shape = self.shape[:, cell]
        slope = series.legder(shape, axis=0)
        low, high = -np.ones(x.shape), np.ones(x.shape)
        z = 2 * (x - self.first[cell]) / (self.last[cell] - self.first[cell]) - 1
        for _ in range(STEPS):
            miss = series.legval(z, shape, tensor=False) - x
            low, high = np.where(miss < 0, z, low), np.where(miss >= 0, z, high)
            steep = np.maximum(series.legval(z, slope, tensor=False), 1e-300)
            newton = z - miss / steep
            z = np.where((newton >= low) & (newton <= high), newton, (low + high) / 2)
        left, right = self.edges[cell], self.edges[cell + 1]
        half = (right - left) / 2
        t = left + half * (1 + z)
        steep = np.maximum(series.legval(z, slope, tensor=False), 1e-300) / half
        for _ in range(POLISH):
            t = np.clip(t - (quantile(t) - x) / steep, left, right)
        return np.asarray(t)


@lru_cache(maxsize=1)
def _projection() -> tuple[Array, Array]:
    """Values at the Gauss nodes to the series, and the series to those of its integral to z = 1.

    c_k = (2k + 1)/2 sum of w_j P_k(z_j) f(z_j), and the integral of P_k from z to 1 is
    (P_(k-1)(z) - P_(k+1)(z))/(2k + 1), that of P_0 is 1 - z.
    """
    z, w = legendre(ORDER)
    degrees = np.arange(ORDER)
    to_series = ((2 * degrees + 1) / 2)[:, None] * (series.legvander(z, ORDER - 1) * w[:, None]).T
    to_integral = np.zeros((ORDER + 1, ORDER))
    to_integral[[0, 1], 0] = 1.0, -1.0
    for k in range(1, ORDER):
        to_integral[k - 1, k], to_integral[k + 1, k] = 1 / (2 * k + 1), -1 / (2 * k + 1)
    return to_series, to_integral


def make_half(quantile: Quantile, centre: float, breaks: Array, whole: tuple[bool, bool]) -> Half:
    """Tabulate one half; `breaks` are places in t, `whole` says which moments are finite."""
    edges = _edges(quantile, breaks)
    z, w = legendre(ORDER)
    half = np.diff(edges) / 2
    t = edges[:-1] + half + half * z[:, None]  # (ORDER, p)
    x = quantile(t)
    to_series, to_integral = _projection()
    integrals, totals = [], []
    for k in (1, 2):
        y = (x - centre) ** k * np.exp(-t)
        integrals.append(half * (to_integral @ (to_series @ y)))
        pieces = half * (w @ y)
        if whole[k - 1]:
            rest = _remainder(x[-2:, -1] - centre, t[-2:, -1], float(edges[-1]), k)
            totals.append(np.append(np.cumsum(pieces[::-1])[::-1] + rest, rest))
        else:
            totals.append(-np.append(0.0, np.cumsum(pieces)))
    inside = NUDGE * (1 + edges)
    first = quantile(np.minimum(edges[:-1] + inside[:-1], edges[1:]))
    last = np.maximum(quantile(np.maximum(edges[1:] - inside[1:], edges[:-1])), first)
    return Half(
        edges, first, last, to_series @ x,
        (integrals[0], integrals[1]), (totals[0], totals[1]), whole,
    )  # fmt: skip


def _edges(quantile: Quantile, breaks: Array) -> Array:
    near = np.arange(START, NEAR, FINE)
    far = np.arange(near[-1] + WIDE, LAST, WIDE)
    edges = np.concatenate([near, far, [LAST], breaks[(breaks > START) & (breaks < LAST)]])
    edges = np.unique(edges)
    with np.errstate(over="ignore"):
        fits = np.abs(quantile(edges)) < LARGEST
    return edges[fits] if fits[:2].all() else edges[:2]


def _remainder(y: Array, t: Array, end: float, k: int) -> float:
    """Integral of y^k exp(-t) from `end` on, for y growing by a constant rate in log y there."""
    if not (y > 0).all():
        return 0.0
    rate = float((np.log(y[1]) - np.log(y[0])) / (t[1] - t[0]))
    at_end = k * (math.log(y[1]) + rate * (end - t[1])) - end
    return math.exp(at_end) / (1 - k * rate) if k * rate < 1 else 0.0
