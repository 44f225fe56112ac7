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
SETTLED = 1e-8  # between a rule and that of half the nodes
LOOKED_AT = 64  # points of the half circle of pgfs at which rules are compared
COLUMNS = 4096  # frequencies at once, which keeps the powers small
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
    """P(N = k) of the events of a plan's year, rate averaged out; None beyond `MOST_TERMS`."""
    table = count_table(plan.count, plan.rate)
    if table is None or table.steps.size > MOST_TERMS:
        return None
    return np.diff(table.steps, prepend=0.0)


def conditional_masses(masses: Array, loading: float, factors: Array) -> Array:
    """P(N = k | f), shape (factors, terms)."""
    above = np.clip(np.cumsum(masses[::-1])[::-1][1:], 0.0, 1.0)  # P(N > k)
    edges = -special.ndtri(above)
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

    def masses(self, factors: Array) -> list[Array]:
        """P(N = k | f) of each plan, shape (factors, terms)."""
        pairs = zip(self._counts, self.loadings, strict=True)
        return [conditional_masses(masses, a, factors) for masses, a in pairs]

    @cached_property
    def size(self) -> int:
        """How many nodes of the factor a grid of the usual order gets.

        Their number is doubled until half of them say the same where every pgf runs on its circle.
        """
        z = 0.999 * np.exp(1j * np.linspace(0, math.pi, LOOKED_AT))
        size, last = LEAST_NODES, self._at(z, LEAST_NODES)
        while size < MOST_NODES:
            size *= 2
            now = self._at(z, size)
            if np.abs(now - last).max() < SETTLED:
                break
            last = now
        return size

    def _at(self, z: Complex, size: int) -> Complex:
        """E[prod z^N_i], each of shape (LOOKED_AT,)."""
        factors, weights = normal_nodes(size)
        found: Complex = np.ones((size, z.size), dtype=complex)
        for masses in self.masses(factors):
            found *= masses @ np.vander(z, masses.shape[1], increasing=True).T
        return np.asarray(weights @ found)

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
        """Return its transform on a grid; half of it has half the nodes of the factor."""
        return _transform(self, grid)

    def tail(self, far: bytes, cap: float) -> Tail:
        """Return the shape of its tail: one large event, of which the counts do not tell."""
        return largest_event(self.plans, np.frombuffer(far), cap)


def _variance(values: Array, weights: Array) -> float:
    mean = float(weights @ values)
    return float(weights @ (values - mean) ** 2)


@remembered(mebibytes=32)
def _transform(part: FactorPart, grid: Grid) -> Complex:
    factors, weights = normal_nodes(max(part.size * grid.order // USUAL_ORDER, 2))
    masses = part.masses(factors)
    events = [event_transform(plan, grid).ravel() for plan in part.plans]
    found = np.empty(events[0].size, dtype=complex)
    for start in range(0, found.size, COLUMNS):
        here = slice(start, start + COLUMNS)
        given: Complex = np.ones((factors.size, found[here].size), dtype=complex)
        for p, event in zip(masses, events, strict=True):
            given *= _polynomials(p, event[here])
        found[here] = weights @ given
    return found.reshape(grid.shape)


def _polynomials(coefficients: Array, z: Complex) -> Complex:
    """Return polynomials, shape (n, terms), at z: shape (n, z.size)."""
    powers = np.empty((coefficients.shape[1], z.size), dtype=complex)
    powers[0] = 1
    for k in range(1, coefficients.shape[1]):
        np.multiply(powers[k - 1], z, out=powers[k])
    return np.asarray((coefficients @ powers.view(float)).view(complex))


def part_of(plans: Sequence[CompoundPlan], loadings: dict[str, float]) -> FactorPart:
    """Return the part of the plans that a factor moves."""
    own = tuple(sorted((p for p in plans if p.id in loadings), key=lambda plan: plan.id))
    return FactorPart(own, tuple(loadings[plan.id] for plan in own))
