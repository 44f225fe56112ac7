"""What one event costs: its transform on a grid, and amounts that are added within an event."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions import Array, Distribution, Point, Scaled, scaled
from workbench.distributions.derived import atoms_of, jumps_of
from workbench.distributions.mixtures import Mixture
from workbench.distributions.products import Product
from workbench.engines.cells import rungs_of, transformed
from workbench.engines.columns import Target
from workbench.engines.grid import Complex, Grid, atom_masses, to_transform
from workbench.engines.ladder import SIZE, tabulate
from workbench.engines.memo import remembered
from workbench.errors import require
from workbench.losses import TabulatedLosses

BEYOND = 1e-9  # chance that a sum outdoes its largest grid, for each of its amounts
ROUNDED = 1e-9  # of a mean: less is not looked for
MOST_ATOMS = 4096  # single values that a sum of single values lists


def passed(belief: Distribution, q: float) -> float:
    """Return a value that a belief passes with a chance of about `q` or less, at little cost.

    P(XY > ab) <= P(X > a) + P(Y > b); and what makes a sum large is mostly one of its parts.
    """
    if isinstance(belief, Point):
        return belief.value
    if isinstance(belief, Sum):
        return math.fsum(passed(part, q) for part in belief.parts)
    if isinstance(belief, Product):
        return math.prod(passed(part, q / len(belief.factors)) for part in belief.factors)
    if isinstance(belief, Scaled):
        return belief.factor * passed(belief.base, q)
    return float(belief.isf(q))


def total(parts: Sequence[Distribution]) -> Distribution:
    """Return the sum of independent amounts as a belief; single values are added outright.

    Raises
    ------
    WorkbenchError
        for no amount at all.

    """
    require(len(parts) > 0, "a sum has an amount", got="none", fix="State one.")
    known = math.fsum(part.value for part in parts if isinstance(part, Point))
    open_parts = [part for part in parts if not isinstance(part, Point)]
    flat: list[Distribution] = []
    for part in open_parts:
        flat += part.parts if isinstance(part, Sum) else [part]
    if known > 0 or not flat:
        flat.append(Point(known))
    return flat[0] if len(flat) == 1 else Sum(tuple(flat))


@dataclass(frozen=True, slots=True)
class Sum(Distribution):
    """Independent amounts of one event, added. What is not in closed form is read off a table."""

    parts: tuple[Distribution, ...]

    def table(self) -> TabulatedLosses:
        """Return the computed distribution of the sum."""
        return _table(self.parts)

    def scaled_by(self, factor: float) -> "Sum":
        """Return `factor` times the sum."""
        return Sum(tuple(scaled(part, factor) for part in self.parts))

    def known(self) -> float:
        """Return what is known of it: it starts there, and no grid need hold that."""
        return math.fsum(part.value for part in self.parts if isinstance(part, Point))

    def rest(self) -> Distribution:
        """Return what comes on top of the known amount: one part, or a sum of several."""
        found = tuple(part for part in self.parts if not isinstance(part, Point))
        return found[0] if len(found) == 1 else Sum(found)

    def atoms(self) -> tuple[Array, Array] | None:
        """Return the values and weights of a sum of single values; None for any other."""
        values, weights = np.zeros(1), np.ones(1)
        for part in self.parts:
            own = atoms_of(part)
            if own is None or own[0].size * values.size > MOST_ATOMS:
                return None
            values = np.add.outer(values, own[0]).ravel()
            weights = np.multiply.outer(weights, own[1]).ravel()
        values, inverse = np.unique(values, return_inverse=True)
        return values, np.asarray(np.bincount(inverse, weights=weights), dtype=float)

    def jumps(self) -> tuple[Array, Array]:
        """Return the sums of the parts' single values: those of all at once are single, too."""
        rest = self.rest()
        places, chances = _joint_jumps(rest.parts) if isinstance(rest, Sum) else rest.jumps()
        return places + self.known(), chances

    def ppf(self, u: ArrayLike) -> Array:
        rest = self.rest()
        levels = np.asarray(u, dtype=float)
        if not isinstance(rest, Sum):
            return np.asarray(self.known() + rest.ppf(levels))
        table = rest.table()
        found = [table.var(min(float(level), 1 - 1e-15)) for level in levels.ravel()]
        sums = self.known() + np.array(found).reshape(levels.shape)
        return np.clip(sums, *self.support())  # a table's tail may go on beyond its last loss

    def isf(self, q: ArrayLike) -> Array:
        rest = self.rest()
        if not isinstance(rest, Sum):
            return np.asarray(self.known() + rest.isf(q))
        return self.ppf(1 - np.asarray(q, dtype=float))

    def sf(self, x: ArrayLike) -> Array:
        at = np.asarray(x, dtype=float)
        if at.ndim == 0 and at == 0:  # asked for at every value of a shared scale: no table for it
            return np.asarray(1 - math.prod(1 - float(part.sf(0.0)) for part in self.parts))
        rest, above = self.rest(), at - self.known()
        tail = rest.table().exceedance(above) if isinstance(rest, Sum) else rest.sf(above)
        return np.where(above < 0, 1.0, tail)

    def pdf(self, x: ArrayLike) -> Array:
        rest, above = self.rest(), np.asarray(x, dtype=float) - self.known()
        inside = np.maximum(above, 0.0)
        if isinstance(rest, Sum):
            width = np.maximum(1e-3 * inside, 1e-9)
            low, high = np.maximum(inside - width, 0.0), inside + width
            density = (rest.sf(low) - rest.sf(high)) / (high - low)
        else:
            density = rest.pdf(inside)
        return np.where(above < 0, 0.0, density)

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        return self.sf(x), *self.layer_moments(x, np.inf)

    def layer_moments(self, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
        # X = k + R with R >= 0: it is the layer of R from a - k to b - k, and what of that lies
        # below 0 is lost for certain: (d + R)^2 = d^2 + 2 d R + R^2
        rest, known = self.rest(), self.known()
        edges = (np.asarray(edge, dtype=float) - known for edge in (a, b))
        low, high = np.broadcast_arrays(*edges)
        start, end = np.maximum(low, 0.0), np.maximum(high, 0.0)
        if isinstance(rest, Sum):
            first, second = _layer_of_table(rest, start, end)
        else:
            first, second = rest.layer_moments(start, end)
        below = np.maximum(np.minimum(high, 0.0) - low, 0.0)
        with np.errstate(invalid="ignore"):  # 0 times an infinite moment
            twice = np.where(below > 0, 2 * below * first, 0.0)
        return first + below, second + twice + below**2

    def mean(self) -> float:
        return math.fsum(part.mean() for part in self.parts)

    def variance(self) -> float:
        return math.fsum(part.variance() for part in self.parts)

    def support(self) -> tuple[float, float]:
        bounds = [part.support() for part in self.parts]
        return math.fsum(low for low, _ in bounds), math.fsum(high for _, high in bounds)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "sum", "parts": [part.to_dict() for part in self.parts]}


@lru_cache(maxsize=1024)
def _joint_jumps(parts: tuple[Distribution, ...]) -> tuple[Array, Array]:
    """Return the sums of single values of all parts, rising, and their chances; none if many."""
    values, weights = np.zeros(1), np.ones(1)
    for part in parts:
        own = jumps_of(part)
        if own[0].size * values.size > MOST_ATOMS:
            return np.zeros(0), np.zeros(0)
        values = np.add.outer(values, own[0]).ravel()
        weights = np.multiply.outer(weights, own[1]).ravel()
    values, inverse = np.unique(values, return_inverse=True)
    return values, np.asarray(np.bincount(inverse, weights=weights, minlength=values.size))


def _layer_of_table(rest: Sum, start: Array, end: Array) -> tuple[Array, Array]:
    r"""`Sum.layer_moments` of a sum without a known amount, whose table ends; a layer may not.

    With what lies beyond the last loss x of the table, e = E[(R - x)+] and k of E[R^2], on top:

    .. math:: \int_a^x S(t) dt + e, \qquad \int_a^x 2 (t - a) S(t) dt + 2 e (x - a) + k
    """
    table, square = rest.table(), rest.second_moment()
    first, second = table.layer_moments(start, end)
    endless = np.isposinf(end)
    if not endless.any():
        return first, second
    x, _, excess = (float(column[-1]) for column in table.nodes())
    reached = float(table.layer_moments(np.zeros(1), np.array([np.inf]))[1][0])
    one, two = _missed(rest, start)
    more = max(square - reached - 2 * excess * x - float(_missed(rest, np.zeros(1))[1][0]), 0.0)
    one = one + np.where(start < x, excess, table.excess_at(start))
    two = two + 2 * excess * np.maximum(x - start, 0.0) + more
    return first + np.where(endless, one, 0.0), np.where(endless, second + two, second)


def _missed(rest: Sum, start: Array) -> tuple[Array, Array]:
    """Return E[(R - a)+] and of its square what the curve of the table misses, at each `start`.

    Two grids differ a little where they meet. A step there would be large in narrow cells, so that
    it is a ramp over half of the way to 0.
    """
    first, second = np.zeros_like(start), np.zeros_like(start)
    for x, missed in zip(*_missed_at(rest.parts), strict=True):
        below, ramp = np.maximum(x / 2 - start, 0.0), np.clip(x - start, 0.0, x / 2)
        first += missed * ramp / (x / 2)
        second += 2 * missed * (below + ramp**2 / x)
    return first, second


@lru_cache(maxsize=256)
def _missed_at(parts: tuple[Distribution, ...]) -> tuple[list[float], list[float]]:
    """Return where the curve of a sum's table misses some of its mean, and how much."""
    x, missed = _table(parts).missed()
    seen = np.abs(missed) > ROUNDED * math.fsum(part.mean() for part in parts)
    return x[seen].tolist(), missed[seen].tolist()


@remembered(mebibytes=16)
def _table(parts: tuple[Distribution, ...]) -> TabulatedLosses:
    target = Target(
        mean=math.fsum(part.mean() for part in parts),
        variance=math.fsum(part.variance() for part in parts),
        prob_zero=math.prod(1 - float(part.sf(0.0)) for part in parts),
        transform=lambda grid: sum_transform(parts, grid, 1.0),
        tail=lambda far, cap: _largest_part(parts, far, cap),
    )
    values, weights = _joint_jumps(parts)
    if (values > 0).any():
        seen = values > 0
        target = replace(
            target,
            atoms=values[seen],
            weights=weights[seen],
            single=lambda grid: _single(parts, grid),
        )
    top = math.fsum(passed(part, BEYOND) for part in parts)
    return tabulate(target, Grid(math.ceil(math.log2(top)), SIZE)).with_kinks()


def _single(parts: tuple[Distribution, ...], grid: Grid) -> Complex:
    """Transform of the sums of single values."""
    steps = rungs_of(grid.step, grid.rungs, grid.ratio)
    kinds = (atom_masses(*jumps_of(part), grid.size, steps) for part in parts)
    return reduce(np.multiply, map(to_transform, kinds))


def _largest_part(parts: tuple[Distribution, ...], far: Array, cap: float) -> tuple[Array, Array]:
    """Shape of the tail where one large amount makes the sum."""
    tail = np.sum([part.sf(far) for part in parts], axis=0)
    return tail, np.sum([part.layer_moments(far, cap)[0] for part in parts], axis=0)


def sum_transform(parts: tuple[Distribution, ...], grid: Grid, scale: float) -> Complex:
    """Transform of `scale` times a sum of independent amounts."""
    return reduce(np.multiply, (severity_transform(part, grid, scale) for part in parts))


@remembered(mebibytes=48)
def severity_transform(severity: Distribution, grid: Grid, scale: float) -> Complex:
    """Transform of `scale` * X on the grid."""
    if scale == 0:  # an asset that may be worth nothing: no event costs anything
        return np.ones(grid.shape, dtype=complex)
    step = grid.step / scale
    if (atoms := atoms_of(severity)) is not None:
        return to_transform(atom_masses(*atoms, grid.size, rungs_of(step, grid.rungs, grid.ratio)))
    if isinstance(severity, Sum):
        return sum_transform(severity.parts, grid, scale)
    if isinstance(severity, Scaled):
        return severity_transform(severity.base, grid, scale * severity.factor)
    if isinstance(severity, Mixture):  # each part in the way that suits it
        weights = severity.weights or ()
        parts = [severity_transform(part, grid, scale) for part in severity.parts]
        return np.asarray(sum(w * part for w, part in zip(weights, parts, strict=True)))
    return transformed(severity, grid.size, step, grid.rungs, grid.ratio)
