"""The loss exceedance curve between the nodes of a table."""

import math
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.distributions.base import Array
from workbench.losses.base import check_level

Index = NDArray[np.intp]


class Curve:
    """P(L > x) by its nodes: losses `x` rising from 0, `sf` and `excess` falling, shape (n,).

    Between two nodes of a continuous loss the curve is the quadratic that meets both heights and
    encloses the right area, excess[i] - excess[i+1]. A discrete loss is a `step` at each node.
    """

    def __init__(self, x: Array, sf: Array, excess: Array, *, step: bool) -> None:
        self._fill(x, sf, excess)
        self.step = step

    def _fill(self, *columns: Array) -> None:
        """Take the columns of the table, as copies that nobody writes to."""
        self._x, self._sf, self._excess = (np.array(a, dtype=float) for a in columns)
        for array in (self._x, self._sf, self._excess):
            array.flags.writeable = False
        self._rising = -self._sf

    def _bend(self, i: Index | slice) -> tuple[Array, Array]:
        """Coefficients b, c of S(u) = s0 + b u + c u^2 in some cells, u from 0 to 1."""
        width, s0, s1 = self._width[i], self._sf[:-1][i], self._sf[1:][i]
        fall = self._excess[:-1][i] - self._excess[1:][i]
        area = np.where(width > 0, fall / np.where(width > 0, width, 1.0), (s0 + s1) / 2)
        c = 3 * (s0 + s1) - 6 * area
        b = s1 - s0 - c
        bends = (b > 0) | (b + 2 * c > 0)  # not falling all along: a kink lies in the cell
        return np.where(bends, s1 - s0, b), np.where(bends, 0.0, c)

    def _cell_at(self, i: int) -> tuple[float, float, float, float, float, float, float]:
        """Return one cell as numbers: x, width, s0, b, c, and the excess at both of its ends."""
        x, s0, above = (a.item(i) for a in (self._x, self._sf, self._excess))
        end, s1, beyond = (a.item(i + 1) for a in (self._x, self._sf, self._excess))
        width = end - x
        area = (above - beyond) / width if width > 0 else (s0 + s1) / 2
        c = 3 * (s0 + s1) - 6 * area
        b = s1 - s0 - c
        if b > 0 or b + 2 * c > 0:
            b, c = s1 - s0, 0.0
        return x, width, s0, b, c, above, beyond

    @cached_property
    def _width(self) -> Array:
        """Widths of the cells, currency."""
        return np.diff(self._x)

    def _cell(self, loss: Array) -> tuple[Index, Array]:
        """Return the index of the cell that holds `loss`, and where in it, from 0 to 1."""
        last = self._x.size - 2
        index = np.clip(np.searchsorted(self._x, loss, side="right") - 1, 0, last)
        width = self._width[index]
        u = np.divide(loss - self._x[index], width, out=np.ones_like(loss), where=width > 0)
        return np.asarray(index), np.clip(u, 0, 1)

    def _atom(self, loss: Array) -> Index:
        """Return the index of the last node that is not above `loss`, but for rounding."""
        index = np.searchsorted(self._x, loss * (1 + 1e-12), side="right") - 1
        return np.asarray(np.maximum(index, 0))

    def exceedance(self, loss: ArrayLike) -> Array:
        at = np.asarray(loss, dtype=float)
        if self._x.size == 1 or self.step:
            return np.where(at < 0, 1.0, self._sf[self._atom(at)])
        index, u = self._cell(at)
        b, c = self._bend(index)
        height = self._sf[index] + b * u + c * u * u
        height = np.where(at >= self._x[-1], self._sf[-1], height)
        return np.where(at < 0, 1.0, np.clip(height, 0, 1))

    def var(self, level: float) -> float:
        check_level(level)
        target = 1 - level
        # the first node at which the falling curve has come down to the target, but for rounding
        i = int(self._rising.searchsorted(-(target * (1 + 1e-12) + 1e-15)))
        if i == self._x.size:
            return float(self._x[-1])
        if i == 0 or self.step or self._x[i] == self._x[i - 1]:
            return float(self._x[i])
        # where the curve falls to the target: the root of c u^2 + b u + (s0 - target)
        x, width, s0, b, c, *_ = self._cell_at(i - 1)
        gap = s0 - target
        root = math.sqrt(max(b * b - 4 * c * gap, 0.0))
        return x + width * min(max(2 * gap / (root - b) if root > b else 1.0, 0.0), 1.0)

    def quantiles(self, levels: Array) -> Array:
        """Return `var` at many levels in [0, 1), of their shape."""
        target = 1 - levels
        i = np.searchsorted(self._rising, -(target * (1 + 1e-12) + 1e-15))
        i = np.minimum(i, self._x.size - 1)
        if self._x.size == 1 or self.step:
            return self._x[i]
        k = np.maximum(i - 1, 0)
        gap, (b, c) = self._sf[k] - target, self._bend(k)
        root = np.sqrt(np.maximum(b * b - 4 * c * gap, 0.0))
        u = np.divide(2 * gap, root - b, out=np.ones_like(gap), where=root > b)
        width = self._x[i] - self._x[k]
        inside = self._x[k] + width * np.clip(u, 0, 1)
        return np.where(width == 0, self._x[i], inside)

    @cached_property
    def _parts(self) -> tuple[Array, Array]:
        """Int S(u) du and int u S(u) du over each cell, u from 0 to 1."""
        s = self._sf[:-1]
        b, c = (np.zeros_like(s), np.zeros_like(s)) if self.step else self._bend(slice(None))
        return s + b / 2 + c / 3, s / 2 + b / 3 + c / 4

    @cached_property
    def _areas(self) -> Array:
        """int_x^end S(t) dt at each node."""
        return np.append(np.cumsum((self._width * self._parts[0])[::-1])[::-1], 0.0)

    @cached_property
    def _squares(self) -> Array:
        """int_0^x 2 t S(t) dt at each node."""
        whole, turned = self._parts
        gain = 2 * self._width * (self._x[:-1] * whole + self._width * turned)
        return np.append(0.0, np.cumsum(gain))

    def _within(self, x: Array) -> tuple[Index, Array, Array, Array]:
        """Return the cell of each x, and up to x its width, int S and int u S by that width."""
        i, u = self._cell(x)
        s = self._sf[i]
        b, c = (0.0, 0.0) if self.step else self._bend(i)
        whole = s + b * u / 2 + c * u * u / 3
        return i, u * self._width[i], whole, s / 2 + b * u / 3 + c * u * u / 4

    def _above(self, x: Array) -> Array:
        """int_x^end S(t) dt."""
        if self._x.size == 1:
            return np.zeros_like(x)
        i, width, whole, _ = self._within(np.minimum(x, self._x[-1]))
        return np.asarray(self._areas[i] - width * whole)

    def _below(self, x: Array) -> Array:
        """int_0^x 2 t S(t) dt."""
        if self._x.size == 1:
            return np.zeros_like(x)
        i, width, whole, turned = self._within(np.minimum(x, self._x[-1]))
        return np.asarray(self._squares[i] + 2 * width * (self._x[i] * whole + width * turned))

    def _height_before(self, loss: Array) -> Array:
        """P(L >= `loss`)."""
        i = np.minimum(np.searchsorted(self._x, loss), self._x.size - 1)
        is_node = self._x[i] == loss
        if self.step:
            return np.where(is_node & (i > 0), self._sf[i - 1], self.exceedance(loss))
        return np.where(is_node, self._sf[i], self.exceedance(loss))
