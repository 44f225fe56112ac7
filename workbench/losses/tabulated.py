"""Computed losses: a table of the loss exceedance curve."""

import math
from collections.abc import Callable, Iterable
from copy import copy
from functools import cached_property

import numpy as np

from workbench.distributions.base import Array
from workbench.losses.base import LossDistribution, check_layer, check_level
from workbench.losses.curve import Curve
from workbench.losses.jumps import NO_JUMP, Beside, Jump, hidden_jump, is_abrupt

SAFETY = 2.0  # times the distance between two grids is the bound; the finer one errs by a third
NEAR = (0.97, 0.985, 1.015, 1.03)  # places close by, where two grids differ as well
CELLS = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0)  # the same for a chance, in cells of the grid
WIDER = (0.7, 0.85, 1.15, 1.3)  # the same for averages of a tail, which change more slowly
TAIL_SAFETY = 2.5  # the same for averages of a tail
JUMP_SAFETY = 3.0  # the same around a jump: a cell is wrong by half of it, two grids by a quarter
AROUND = np.linspace(-1.5, 1.5, 61)  # places around a jump, in its widths
MISSED = 1e-9  # of a height: a curve that misses less of a cell's area has no kink there
CANCELLED = 2e-9  # of a loss: what the difference of a mean and a limited mean loses
TABLED = 2e-11  # of a chance in a table: what tilted transforms lose to rounding


class TabulatedLosses(Curve, LossDistribution):
    r"""A computed distribution, held as a table of its loss exceedance curve.

    Parameters
    ----------
    x : losses, rising from 0, shape (n,)
    sf : P(L > x), falling
    excess : E[(L - x)+], falling
    mean, variance : from closed forms; infinite where the moment does not exist, and then `excess`
        is that of the loss cut far beyond the table
    step : True where L takes no value between the `x` (a discrete loss)
    coarse : makes the same from a grid of half the size; the distance to it bounds the error
    known : the loss beyond which the curve is continued by a formula and no longer computed
    is_read : True where the mean is an integral of another table, as that of a layer is
    beside : what a grid has of the loss where single losses stand in the table themselves

    """

    exact = True

    def __init__(
        self,
        x: Array,
        sf: Array,
        excess: Array,
        *,
        mean: float,
        variance: float,
        step: bool = False,
        currency: str = "USD",
        ids: Iterable[str] = (),
        coarse: Callable[[], "TabulatedLosses"] | None = None,
        known: float = float("inf"),
        is_read: bool = False,
        beside: Beside | None = None,
    ) -> None:
        super().__init__(x, sf, excess, step=step)
        self._mean, self._variance = mean, variance
        self.currency, self.ids, self._make_coarse = currency, frozenset(ids), coarse
        self._known, self._beside = known, beside
        self._read = TABLED * float(self._x[-1]) if is_read else 0.0  # currency

    @cached_property
    def coarse(self) -> "TabulatedLosses | None":
        """The same from half the grid, made when an error is asked for."""
        return None if self._make_coarse is None else self._make_coarse()

    @property
    def nbytes(self) -> int:
        """Bytes of the table: four columns and what is derived from them, and the coarse one's."""
        return 9 * self._x.nbytes * 3 // 2

    def renamed(self, currency: str, ids: Iterable[str]) -> "TabulatedLosses":
        """Return the same distribution in another currency's name, for other scenarios."""
        copied = copy(self)
        copied.currency, copied.ids = currency, frozenset(ids)
        return copied

    def spread(self) -> float:
        """E[L^2], where it exists; else that of the loss cut beyond the table."""
        square = self._variance + self._mean**2
        return square if np.isfinite(square) else float(self._squares[-1])

    def computed_to(self) -> float:
        """Return the loss beyond which the curve is continued by a formula; else infinity."""
        return self._known

    def nodes(self) -> tuple[Array, Array, Array]:
        """Return the table itself: x, P(L > x), E[(L - x)+]."""
        return self._x, self._sf, self._excess

    def mean(self) -> float:
        return self._mean

    def variance(self) -> float:
        return self._variance

    def prob_no_loss(self) -> float:
        return float(1 - self._sf[0])

    def excess(self, loss: float) -> float:
        if self.step or not 0 < loss < self._x[-1] or not math.isfinite(self._mean):
            return float(self.excess_at(np.asarray(float(loss))))
        # `_excess_at` of a single loss inside the table, in plain numbers
        i = int(self._x.searchsorted(loss, side="right")) - 1
        x, width, s0, b, c, above, beyond = self._cell_at(i)
        u = (loss - x) / width
        whole, part = s0 + b / 2 + c / 3, s0 * u + b * u**2 / 2 + c * u**3 / 3
        share = 1 - part / whole if whole > 0 else 0.0
        return beyond + share * (above - beyond)

    def tail(self, loss: Array) -> tuple[Array, Array]:
        """P(L > x) and E[(L - x)+] at each x; a loss without a mean is cut far out."""
        return self.exceedance(loss), self._excess_at(loss)

    def excess_at(self, loss: Array) -> Array:
        """E[(L - `loss`)+] for many losses; infinite where the mean is."""
        inside = self._excess_at(loss)
        return inside if np.isfinite(self._mean) else np.full_like(inside, np.inf)

    def tvar(self, level: float) -> float:
        check_level(level)
        return super().tvar(level) if np.isfinite(self._mean) else float("inf")

    def layer_moments(self, a: Array, b: Array) -> tuple[Array, Array]:
        r"""E[(min(L, b) - a)+] and its square's, for 0 <= a <= b; L is cut at the table's end.

        .. math:: \int_a^b S(t) dt, \qquad \int_a^b 2 (t - a) S(t) dt

        They are those of the table's own curve to rounding, so that differences over narrow cells
        are its masses. The first is summed from the top, where tails are small, and the second
        from the bottom, where a layer is small beside a heavy tail.
        """
        first = self._above(a) - self._above(b)
        return first, np.maximum(self._below(b) - self._below(a) - 2 * a * first, 0.0)

    def missed(self) -> tuple[Array, Array]:
        """Return the upper ends of the cells, and what of the mean the curve misses in each."""
        areas = np.diff(self._x) * self._parts[0]
        return self._x[1:], self._excess[:-1] - self._excess[1:] - areas

    def with_kinks(self) -> "TabulatedLosses":
        """Return the same with a node more in each cell whose curve misses some of its area.

        There the curve has a kink or a jump: it stays level up to the node, or from the node on.
        """
        x, sf, excess = self.nodes()
        fall, width = excess[:-1] - excess[1:], np.diff(x)
        area = np.divide(fall, width, out=np.zeros_like(fall), where=width > 0)
        high, low = sf[:-1], sf[1:]
        middle, missed = (high + low) / 2, np.abs(area - self._parts[0])
        at = np.flatnonzero((missed > MISSED * high) & (area > low) & (area < high) & (width > 0))
        above = area[at] > middle[at]
        part = np.where(above, area[at] - middle[at], area[at] - low[at])
        half = (high - low)[at] / 2
        height = np.where(above, high[at], low[at])
        u = np.clip(part / half, 0.0, 1.0)
        lost = width[at] * u * np.where(above, high[at], middle[at])
        columns = (
            np.insert(x, at + 1, x[at] + u * width[at]),
            np.insert(sf, at + 1, height),
            np.insert(excess, at + 1, excess[at] - lost),
        )
        return TabulatedLosses(
            *columns, mean=self._mean, variance=self._variance, known=self._known
        )

    def missed_mean(self) -> float:
        """Return how much of its mean the curve misses, as a share of what it has; often negative.

        0 where the mean does not exist.
        """
        area = self._areas[0] if self._x.size > 1 else 0.0
        return float(self._mean / area - 1) if area > 0 and math.isfinite(self._mean) else 0.0

    def _excess_at(self, loss: Array) -> Array:
        if self.step or self._x.size == 1:
            i = self._atom(loss)
            inside = np.maximum(self._excess[i] - self._sf[i] * (loss - self._x[i]), 0)
        else:
            i, u = self._cell(loss)
            s, (b, c) = self._sf[i], self._bend(i)
            whole = s + b / 2 + c / 3
            part = s * u + b * u**2 / 2 + c * u**3 / 3
            share = 1 - np.divide(part, whole, out=np.ones_like(part), where=whole > 0)
            inside = self._excess[i + 1] + share * (self._excess[i] - self._excess[i + 1])
        inside = np.where(loss >= self._x[-1], self._excess[-1], inside)
        whole_mean = self._mean if np.isfinite(self._mean) else self._excess[0]
        return np.where(loss <= 0, whole_mean - loss, inside)

    def _bound(self, fine: float, coarse: float | None, scale: float) -> float:
        """`SAFETY` times the distance between two grids, and what rounding may do."""
        if not np.isfinite(fine):
            return float("inf")
        rounding = 1e-9 * scale
        return rounding if coarse is None else SAFETY * abs(fine - coarse) + rounding

    def var_error(self, level: float) -> float:
        # The distance can be 0 by luck where two curves cross: take the largest close by.
        levels = [q for q in (1 - (1 - level) * f for f in NEAR) if 0 <= q < 1]
        coarse = self.coarse
        bound = max(
            self._bound(self.var(q), None if coarse is None else coarse.var(q), self.var(q))
            for q in (level, *levels)
        )
        value = self.var(level)
        return bound + self._shift(level, value) + max(value - self._known, 0.0)

    def _shift(self, level: float, value: float) -> float:
        """Return how far what cells hide may move a quantile.

        No farther than levels lie that are apart by what is hidden: not at all, where the quantile
        is a single loss and stands well within its jump.
        """
        jump = self._jump(value)
        if self._beside is None or jump.fall <= 0:
            return jump.shift
        low, high = level - jump.fall, level + jump.fall
        below = value - self.var(low) if low > 0 else value
        above = self.var(high) - value if high < 1 else jump.shift
        return min(jump.shift, max(below, above))

    def tvar_error(self, level: float) -> float:
        value, coarse = self.tvar(level), self.coarse
        bound = self._bound(value, None, value) + (self._read + CANCELLED * value) / (1 - level)
        if coarse is not None and np.isfinite(value):  # see `var_error`
            levels = [q for q in (1 - (1 - level) * f for f in WIDER) if 0 <= q < 1]
            gaps = (abs(self.tvar(q) - coarse.tvar(q)) for q in (level, *levels))
            bound += TAIL_SAFETY * max(gaps)
        # a jump that is spread over a width moves the excess inside it by less than an eighth of it
        jump = self._jump(self.var(level))
        return bound + jump.width * jump.fall / (8 * (1 - level))

    def exceedance_error(self, loss: float) -> float:
        x = float(loss)
        width = self._cell_width(x)
        at = np.array([*(x * f for f in (1.0, *NEAR)), *(max(x + d * width, 0.0) for d in CELLS)])
        fine = self.exceedance(at)
        coarse = fine if self.coarse is None else self.coarse.exceedance(at)
        bound = self._bound(0.0, float(np.abs(fine - coarse).max()), 10.0)  # 1e-8: no one sees it
        if x > self._known:
            return bound + float(fine[0])
        return bound + self._jump(x).fall

    def _cell_width(self, loss: float) -> float:
        """Return the width of the grid's cell that holds a loss; 0 at the ends of the table."""
        if not 0 < loss < self._x[-1]:
            return 0.0
        if self._beside is not None:
            i = self._beside.cell(loss)
            return float(self._beside.x[i + 1] - self._beside.x[i])
        return float(self._width[self._cell(np.asarray(loss))[0]])

    def _jump(self, loss: float) -> Jump:
        """Return what the cells around `loss` hide, if they hold a jump of the curve."""
        if self.step or not 0 < loss < self._x[-1]:
            return NO_JUMP
        beside = self._beside
        if beside is None:
            i = int(self._cell(np.asarray(float(loss)))[0])
            jump = hidden_jump(self._x, self._sf, i)
            is_jump = is_abrupt(self._x, self._sf, i)
            return jump if is_jump else self._seen_twice(loss, jump)
        found = self._seen_twice(loss, hidden_jump(beside.x, beside.sf, beside.cell(loss)))
        steps = beside.staircase(loss)
        return steps if steps.fall > found.fall else found

    def _seen_twice(self, loss: float, jump: Jump) -> Jump:
        """Return a jump that is no larger than what two grids say of its surroundings."""
        coarse = self.coarse
        if coarse is None or jump.fall <= 0:
            return jump
        around = loss + jump.width * AROUND
        gap = np.abs(self.exceedance(around) - coarse.exceedance(around)).max()
        share = min(JUMP_SAFETY * float(gap) / jump.fall, 1.0)
        return Jump(jump.width, share * jump.fall, share * jump.shift)

    def moment_errors(self) -> tuple[float, float]:
        # closed forms, which rounding alone can hurt; those of a layer are read off the table
        own, coarse = (self.mean(), self.sd()), self.coarse
        other = own if coarse is None else (coarse.mean(), coarse.sd())
        gaps = [abs(a - b) if np.isfinite(a) else np.inf for a, b in zip(own, other, strict=True)]
        read = self._read, self._read * float(self._x[-1]) / own[1] if own[1] > 0 else 0.0
        bounds = [SAFETY * gap + 1e-12 * value for gap, value in zip(gaps, own, strict=True)]
        return bounds[0] + read[0], bounds[1] + read[1]

    def layer(self, attachment: float, limit: float = float("inf")) -> "TabulatedLosses":
        check_layer(attachment, limit)
        top = attachment + limit
        inside = (self._x > attachment) & (self._x < top)
        marks = np.concatenate(
            [[attachment], self._x[inside], [max(min(top, self._x[-1]), attachment)]]
        )
        # a jump inside stands in two nodes, and one at the top is seen from below: it is the limit
        ends = self.exceedance(marks[:1]), self._height_before(marks[-1:])
        beyond = [0.0 if np.isfinite(limit) else self._sf[-1]]
        sf = np.concatenate([ends[0], self._sf[inside], ends[1], beyond])
        rest = self._excess_at(marks)
        cut = self._excess_at(np.array([top])) if np.isfinite(limit) else 0.0
        rest = np.append(rest - cut, 0.0)
        x = np.append(marks, marks[-1]) - attachment
        # E[Y^2] = 2 int E[(Y - y)+] dy, by the trapezoidal rule with its end correction; between
        # the values of a discrete loss E[(Y - y)+] is a straight line and needs none
        gaps = np.diff(x)
        bent = 0.0 if self.step else gaps**2 * (sf[:-1] - sf[1:]) / 12
        second = 2 * np.sum(gaps * (rest[1:] + rest[:-1]) / 2 - bent)
        mean = float(rest[0])
        if not np.isfinite(limit) and not np.isfinite(self._variance):
            second = np.inf
            mean = mean if np.isfinite(self._mean) else np.inf
        coarse = self.coarse
        return TabulatedLosses(
            x,
            sf,
            np.maximum(rest, 0),
            mean=mean,
            variance=max(float(second) - mean**2, 0.0) if np.isfinite(second) else np.inf,
            step=self.step,
            currency=self.currency,
            ids=self.ids,
            coarse=None if coarse is None else lambda: coarse.layer(attachment, limit),
            known=max(self._known - attachment, 0.0),
            is_read=np.isfinite(limit) or self._read > 0,
            beside=None if self._beside is None else self._beside.above(attachment),
        )
