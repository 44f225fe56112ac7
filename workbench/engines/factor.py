r"""Counts that share one normal factor, exactly: given the factor they are independent.

With the loading a of a plan and its count's own distribution F, averaged over its held rate,

.. math:: P(N > k | f) = \Phi\left(\frac{a f - \Phi^{-1}(F(k))}{\sqrt{1 - a^2}}\right), \qquad
    E[e^{i t L}] = \sum_m w_m \prod_i \sum_k P(N_i = k | f_m)\, \varphi_i(t)^k

over nodes f_m in equal steps, whose error falls exponentially with their number (Trefethen and
Weideman, SIAM Review 56, 2014) and, where a loading is high, faster than that of Gauss-Hermite. A
Gaussian copula of one factor on the words of the counts says the
same (Vasicek's conditioning; McNeil, Frey and Embrechts, 11.2).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, reduce
from operator import add
from typing import NamedTuple

import numpy as np
from scipy import special

from workbench.distributions import Array
from workbench.distributions.quadrature import NORMAL_REACH
from workbench.engines.copulas import Copula
from workbench.engines.count_tables import count_table
from workbench.engines.grid import Complex, Grid
from workbench.engines.memo import remembered
from workbench.engines.plan import CompoundPlan, Group
from workbench.engines.reach import extent_of, largest_event
from workbench.engines.shocks import event_free, event_transform
from workbench.engines.total_tree import Facts, Tail

LARGEST_LOADING = 0.99  # above it a count is nearly a step of the factor
MOST_TERMS = 1000  # of the polynomial of a count
LEAST_NODES, MOST_NODES = 24, 384  # of the factor, on a grid of the usual order
USUAL_ORDER = 24  # of a grid
SETTLED = 1e-8  # between a rule and that of three quarters of the nodes
LOOKED_AT = 32  # points of the half circle of pgfs at which rules are compared
COLUMNS = 1024  # frequencies at once: neighbours, of which the higher ones need few powers
ROUNDING = 1e-15  # of a sum of masses
NEGLIGIBLE = 1e-17  # of a pgf, which is rounded to more
ALONE = 1 << 18  # multiplications of a matrix product below which OpenBLAS starts no threads
SAME = 1e-12  # of two correlations


def loadings_of(copula: Copula) -> dict[str, float] | None:
    """Return the loadings on one factor that say the same as a Gaussian copula, where some do.

    Two scenarios always have such a factor; more have one where their matrix is a product.
    """
    if copula.family != "gaussian":
        return None
    if len(copula.factors) == 1:
        return {name: row[0] for name, row in zip(copula.ids, copula.weights, strict=True)}
    first, second, *rest = copula.ids
    both = copula.correlation(first, second)
    if not rest:
        return {first: math.sqrt(abs(both)), second: math.copysign(math.sqrt(abs(both)), both)}
    third = copula.correlation(second, rest[0])
    square = both * copula.correlation(first, rest[0]) / third if third != 0 else 0.0
    if not 0 < square <= 1:
        return None
    a = math.sqrt(square)
    found = {first: a} | {name: copula.correlation(first, name) / a for name in copula.ids[1:]}
    alike = all(
        abs(found[one] * found[other] - copula.correlation(one, other)) < SAME
        for i, one in enumerate(copula.ids)
        for other in copula.ids[:i]
    )
    return found if alike else None


def count_masses(plan: CompoundPlan) -> Array | None:
    """P(N = k) of the events of a plan's year, rate averaged out; None beyond `MOST_TERMS`.

    Numbers beyond the last that rounding lets be told count as it.
    """
    table = count_table(plan.count, plan.rate)
    if table is None or table.steps.size > MOST_TERMS:
        return None
    masses = np.diff(table.steps, prepend=0.0)
    last = int((at_least(masses) > ROUNDING).sum())
    return masses[:last]


def at_least(masses: Array) -> Array:
    """P(N >= k), shape (terms,)."""
    return np.asarray(np.clip(np.cumsum(masses[::-1])[::-1], 0.0, 1.0))


def conditional_masses(masses: Array, loading: float, factors: Array) -> Array:
    """P(N = k | f), shape (factors, terms)."""
    edges = -special.ndtri(at_least(masses)[1:])
    own = math.sqrt(1 - loading**2)
    beyond = special.ndtr((loading * factors[:, None] - edges) / own)
    ends = np.ones((factors.size, 1)), np.zeros((factors.size, 1))
    return np.asarray(-np.diff(beyond, axis=1, prepend=ends[0], append=ends[1]))


@lru_cache(maxsize=64)
def normal_nodes(size: int) -> tuple[Array, Array]:
    """Nodes in equal steps and their weights, which average over the standard normal."""
    f = np.linspace(-NORMAL_REACH, NORMAL_REACH, size)
    w = np.exp(-f * f / 2)
    return f, np.asarray(w / w.sum())


@dataclass(frozen=True, eq=False)
class FactorPart:
    """The summed year of plans whose counts share one factor, and whose events hold nothing."""

    plans: Group
    loadings: tuple[float, ...]  # of each

    @cached_property
    def _counts(self) -> list[Array]:
        found = [count_masses(plan) for plan in self.plans]
        return [one for one in found if one is not None]

    @cached_property
    def above(self) -> list[Array]:
        """P(N >= k) of each plan, shape (terms,)."""
        return [at_least(masses) for masses in self._counts]

    def masses(self, factors: Array) -> list[Array]:
        """P(N = k | f) of each plan, shape (factors, terms)."""
        pairs = zip(self._counts, self.loadings, strict=True)
        return [conditional_masses(masses, a, factors) for masses, a in pairs]

    @cached_property
    def size(self) -> int:
        """How many nodes of the factor a grid of the usual order gets.

        Their number grows until three quarters of them say the same where every pgf runs on its
        circle.
        """
        z = 0.999 * np.exp(1j * np.linspace(0, math.pi, LOOKED_AT))
        size, last = LEAST_NODES, self._at(z, LEAST_NODES)
        while size < MOST_NODES:
            size = size * 4 // 3
            now = self._at(z, size)
            if np.abs(now - last).max() < SETTLED:
                break
            last = now
        return size

    def _at(self, z: Complex, size: int) -> Complex:
        """E[prod z^N_i], each of shape (LOOKED_AT,)."""
        factors, weights = normal_nodes(size)
        events = [z] * len(self.plans)
        return _averaged(_Polynomials(self.masses(factors), self.above), events, weights)

    @cached_property
    def facts(self) -> Facts:
        r"""What is known of it without a grid.

        Given the factor the years are independent, so that the covariances are those of their
        conditional means m_i E[N_i | f].
        """
        factors, weights = normal_nodes(max(self.size, 64))
        masses = self.masses(factors)
        means = [plan.event(1.0).moments()[0] for plan in self.plans]
        given = [plan.given(1.0) for plan in self.plans]
        mean, variance = (math.fsum(pair[k] for pair in given) for k in (0, 1))
        if math.isfinite(variance):
            known = [m * (p @ np.arange(p.shape[1])) for m, p in zip(means, masses, strict=True)]
            apart = math.fsum(_variance(one, weights) for one in known)
            variance += _variance(np.sum(known, axis=0), weights) - apart
        free = np.ones(factors.size)
        for plan, p in zip(self.plans, masses, strict=True):
            free *= p @ event_free(plan) ** np.arange(p.shape[1])
        extent = reduce(add, (extent_of((plan,)) for plan in self.plans))
        spread = max(variance, extent.spread) if math.isfinite(variance) else extent.spread
        more = 4 * math.sqrt(spread)
        extent = replace(
            extent, spread=spread, reach=extent.reach + more, beyond=extent.beyond + more
        )
        nothing = float(weights @ free)
        return Facts(
            mean, variance, nothing, extent, has_jumps=False, is_discrete=False, is_once=False
        )

    def transform(self, grid: Grid) -> Complex:
        """Return its transform on a grid; half of it has three quarters of the factor's nodes."""
        return _transform(self, grid)

    def tail(self, far: bytes, cap: float) -> Tail:
        """Return the shape of its tail: one large event, of which the counts do not tell."""
        return largest_event(self.plans, np.frombuffer(far), cap)


def _variance(values: Array, weights: Array) -> float:
    mean = float(weights @ values)
    return float(weights @ (values - mean) ** 2)


@remembered(mebibytes=32)
def _transform(part: FactorPart, grid: Grid) -> Complex:
    size = part.size * (USUAL_ORDER + grid.order) // (2 * USUAL_ORDER)
    factors, weights = normal_nodes(size)
    counts = _Polynomials(part.masses(factors), part.above)
    events = [np.atleast_2d(event_transform(plan, grid)) for plan in part.plans]
    found: Complex = np.empty(events[0].shape, dtype=complex)
    for row in range(grid.rungs):
        for start in range(0, grid.size + 1, COLUMNS):
            here = row, slice(start, start + COLUMNS)
            found[here] = _averaged(counts, [event[here] for event in events], weights)
    return found.reshape(grid.shape)


class _Polynomials(NamedTuple):
    """The generating functions of the counts of some plans at each node of the factor."""

    masses: list[Array]  # each of shape (nodes, terms)
    above: list[Array]  # what their averages from each term on add up to, each of shape (terms,)

    def needed(self, events: Sequence[Complex]) -> list[Array]:
        """Return the masses of the terms that are not `NEGLIGIBLE` at arguments of this size."""
        sizes = [float(np.abs(z).max()) for z in events]
        terms = [
            max(int((above * size ** np.arange(above.size) > NEGLIGIBLE).sum()), 1)
            for above, size in zip(self.above, sizes, strict=True)
        ]
        return [masses[:, :last] for masses, last in zip(self.masses, terms, strict=True)]


def _averaged(counts: _Polynomials, events: Sequence[Complex], weights: Array) -> Complex:
    """E[prod_i of the polynomial of plan i at its z], each of shape (n,), over the nodes.

    Columns are multiplied in blocks so small that no library starts threads for them, which would
    wait for each other longer than they compute.
    """
    needed, columns = counts.needed(events), events[0].size
    widest = weights.size * max(masses.shape[1] for masses in needed)
    width = max(ALONE // (2 * widest), 1)
    blocks = -(-columns // width)
    given: Complex = np.ones((blocks, weights.size, width), dtype=complex)
    for masses, z in zip(needed, events, strict=True):
        padded = np.zeros((blocks, width), dtype=complex)
        padded.ravel()[:columns] = z
        powers = np.empty((blocks, masses.shape[1], width), dtype=complex)
        powers[:, 0] = 1
        for k in range(1, masses.shape[1]):
            np.multiply(powers[:, k - 1], padded, out=powers[:, k])
        given *= (masses @ powers.view(float)).view(complex)
    return np.asarray((weights @ given.view(float)).view(complex).ravel()[:columns])


def part_of(plans: Sequence[CompoundPlan], loadings: dict[str, float]) -> FactorPart:
    """Return the part of the plans that a factor moves."""
    own = tuple(sorted((p for p in plans if p.id in loadings), key=lambda plan: plan.id))
    return FactorPart(own, tuple(loadings[plan.id] for plan in own))
