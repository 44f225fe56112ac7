"""Averages over one belief of functions that are smooth but for kinks that move with x."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from workbench.distributions.base import Array, Distribution
from workbench.distributions.gauss import compressed, legendre
from workbench.distributions.quadrature import nodes

# Levels that part the values of the belief that is averaged over, from both ends.
TAIL = (1e-16, 1e-12, 1e-9, 1e-6, 1e-4, 2e-3, 0.02, 0.1, 0.3)
FAR = (1e-160, 1e-80, 1e-40, 1e-24)  # above, where there is no end
POINTS = 20  # Gauss nodes between two of them
ROUGH = 400  # nodes of a belief with single values among others
FURTHER = 20  # nodes of a third and any later factor
BLOCK = 400_000  # values at once

Of = Callable[..., tuple[Array, ...]]


def average(
    inner: Distribution, others: Sequence[Distribution], places: Sequence[Array], of: Of
) -> tuple[Array, ...]:
    """E[of(inner, y, place/y, ...)] over y, the product of `others`; places of shape (n,).

    The first of `others` is integrated over panels that are cut where place/y passes an end or a
    break of `inner`; further ones by their own nodes. Where y is 0 nothing is added.
    """
    first, *rest = others
    total: list[Array] | None = None
    for z, weight in _further(rest):
        scaled = [place / z for place in places]
        found = _over_one(inner, first, scaled, z, of)
        total = (
            [weight * f for f in found]
            if total is None
            else [old + weight * f for old, f in zip(total, found, strict=True)]
        )
    return tuple(total or ())


def _further(rest: Sequence[Distribution]) -> list[tuple[float, float]]:
    pairs = [(1.0, 1.0)]
    for belief in rest:
        values, weights = _few(belief)
        pairs = [
            (z * float(v), p * float(w))
            for z, p in pairs
            for v, w in zip(values, weights, strict=True)
        ]
    return pairs


@lru_cache(maxsize=64)
def _few(belief: Distribution) -> tuple[Array, Array]:
    values, weights = nodes(belief, FURTHER)
    values, weights = values[values > 0], weights[values > 0]
    if belief.atoms() is not None or values.size <= FURTHER:
        return values, weights
    logs, shares = compressed(np.log(values), weights, FURTHER)
    return np.exp(logs), shares * weights.sum()


def _over_one(
    inner: Distribution, outer: Distribution, places: Sequence[Array], z: float, of: Of
) -> list[Array]:
    single = outer.jumps()[0].size > 0
    edges = None if single else _edges(outer)
    kinks = _kinks(inner)
    columns = ROUGH if edges is None else (edges.size + kinks.size * len(places)) * POINTS
    step = max(BLOCK // columns, 1)
    pieces: list[list[Array]] = []
    for start in range(0, max(places[0].size, 1), step):
        block = [place[start : start + step, None] for place in places]
        if edges is None:
            values, weights = nodes(outer, ROUGH)
            y, weight = values[None, values > 0], weights[None, values > 0]
        else:
            y, weight = _panels(outer, edges, kinks, block)
        found = of(inner, z * y, *(part / y for part in block))
        pieces.append([np.sum(weight * f, axis=1) for f in found])
    return [np.concatenate([piece[k] for piece in pieces]) for k in range(len(pieces[0]))]


@lru_cache(maxsize=256)
def _edges(outer: Distribution) -> Array:
    """Values that part the outer belief, all above 0."""
    levels = np.array(TAIL)
    upper = np.array(FAR + TAIL) if outer.support()[1] == np.inf else levels
    low, high = outer.support()
    ends = [end for end in (low, high) if 0 < end < np.inf]
    lower = np.append(1e-24, levels) if low == 0 else levels
    parts = [outer.ppf(lower), outer.isf(upper), outer.isf(outer.breaks()), np.array(ends)]
    edges = np.unique(np.concatenate(parts))
    return edges[(edges > 0) & (edges < 1e140)]


@lru_cache(maxsize=256)
def _kinks(inner: Distribution) -> Array:
    low, high = inner.support()
    ends = np.array([end for end in (low, high) if 0 < end < np.inf])
    return np.unique(np.concatenate([ends, inner.isf(inner.breaks())]))


def _panels(
    outer: Distribution, edges: Array, kinks: Array, block: Sequence[Array]
) -> tuple[Array, Array]:
    """Nodes and weights, shape (n, m), on panels of log y.

    A law that begins like a broken power at a cut is smoothed by s = 3 r^2 - 2 r^3 on each panel.
    """
    count = block[0].shape[0]
    cuts = [np.clip(place / kinks[None, :], edges[0], edges[-1]) for place in block]
    rows = np.concatenate([np.broadcast_to(edges, (count, edges.size)), *cuts], axis=1)
    logs = np.log(np.sort(rows, axis=1))
    t, w = legendre(POINTS)
    r = (1 + t) / 2
    width = np.diff(logs, axis=1)[:, :, None]
    y = np.exp(logs[:, :-1, None] + width * (r * r * (3 - 2 * r)))
    weight = width * (w * 3 * r * (1 - r)) * y * outer.pdf(y)
    return y.reshape(count, -1), weight.reshape(count, -1)
