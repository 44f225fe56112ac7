"""Loss grids and the transforms of compound sums on them."""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

import numpy as np
from scipy import fft, special

from workbench.distributions import Array, Distribution, Gamma, LogNormal, Point
from workbench.distributions.derived import atoms_of, jump_of
from workbench.distributions.quadrature import NORMAL_REACH, nodes
from workbench.engines.counts import Complex, Count, Once
from workbench.engines.plan import CompoundPlan, Group

# exp(-TILT) is what wraps around, exp(TILT / 2) what rounding grows by (Gruebel and Hermesmeier,
# Computation of compound distributions II, ASTIN Bulletin 2000).
TILT = 24.0
NARROW = 5.0  # events / year: rates that vary by less are averaged by their moments
ROUGH = 1e8  # E[X^2] in units of h^2 above which closed forms lose their digits
SCORE = 5.2  # above it (1 in 10 million) a rate needs no nodes of its own
NEGLIGIBLE = 42.0  # exp(-42) = 6e-19

Moments = tuple[Array, Array, Array]  # P(X > x), E[(X - x)+], E[(X - x)+^2] at some x


@dataclass(frozen=True, slots=True)
class Grid:
    """`size` losses 0, h, 2h, ... below 2**log2_top, so that edits reuse transforms."""

    log2_top: int
    size: int
    order: int = 24  # nodes that average over a held scale

    @property
    def top(self) -> float:
        """The first loss beyond the grid, currency."""
        return 2.0**self.log2_top

    @property
    def step(self) -> float:
        """h, currency."""
        return self.top / self.size


@lru_cache(maxsize=64)
def tilt(size: int) -> Array:
    """Exponential weights that keep what wraps around the transform's end negligible."""
    return np.asarray(np.exp(-TILT / (2 * size) * np.arange(size)))


def to_masses(transform: Complex, size: int) -> Array:
    """Invert a transform into the masses at 0, h, 2h, ..., shape (size,)."""
    return np.asarray(fft.irfft(transform, 2 * size)[:size] / tilt(size))


def to_transform(masses: Array) -> Complex:
    """Transform masses at 0, h, 2h, ..., padded to twice their length and tilted."""
    return np.asarray(fft.rfft(masses * tilt(masses.size), 2 * masses.size))


def cell_masses(moments: Moments, step: float) -> Array:
    r"""Masses on the grid that keep each cell's probability, mean and second moment.

    `moments` are P(X > x), E[(X-x)+], E[(X-x)+^2] at the cell edges x = 0, 2h,
    4h, ..., shape (cells + 1,). With u = (X - edge)/h in [0, 2] and m_k = E[u^k; cell] the nodes
    0, 1, 2 of the cell get

    .. math:: m_0 - \tfrac32 m_1 + \tfrac12 m_2, \quad 2 m_1 - m_2, \quad
              -\tfrac12 m_1 + \tfrac12 m_2

    Source: Gerber 1982, local moment matching of order 2; single masses may be negative. What lies
    beyond the last edge is left out, which changes no probability below it.
    """
    tail, first, second = moments
    m0 = tail[:-1] - tail[1:]
    m1 = (first[:-1] - first[1:]) / step - 2 * tail[1:]
    m2 = (second[:-1] - second[1:]) / step**2 - 4 * first[1:] / step - 4 * tail[1:]
    masses = np.zeros(2 * m0.size + 1)
    masses[0:-1:2] += m0 - 1.5 * m1 + 0.5 * m2
    masses[1::2] += 2 * m1 - m2
    masses[2::2] += 0.5 * (m2 - m1)
    masses[0] += 1 - tail[0]  # the events that cost nothing
    return masses[:-1]


def smooth_masses(tail: Array) -> Array:
    """`cell_masses` from P(X > x) at every node alone, moments by Simpson's rule."""
    s0, s1, s2 = tail[:-1:2], tail[1::2], tail[2::2]
    masses = np.zeros(tail.size)
    masses[0:-1:2] += s0 / 2 - 2 * s1 / 3 + s2 / 6
    masses[1::2] += 2 * (s0 - s2) / 3
    masses[2::2] += -s0 / 6 + 2 * s1 / 3 - s2 / 2
    masses[0] += 1 - tail[0]
    return masses[:-1]


def atom_masses(values: Array, weights: Array, size: int, step: float) -> Array:
    """`cell_masses` of single values: each is shared by the three nodes of its cell."""
    below = values < size * step
    at, weights = values[below] / step, weights[below]
    cell = 2 * np.floor(at / 2).astype(int)
    u = at - cell
    masses = np.zeros(size + 2)
    np.add.at(masses, cell, weights * (1 - u) * (2 - u) / 2)
    np.add.at(masses, cell + 1, weights * u * (2 - u))
    np.add.at(masses, cell + 2, weights * u * (u - 1) / 2)
    return masses[:size]


def every_second(moments: Moments) -> Moments:
    """Return the moments at the edges of cells twice as wide."""
    tail, first, second = moments
    return tail[::2], first[::2], second[::2]


class Magnitude(Protocol):
    """What cells are made from: a belief, or a sum whose tail is known in the same three ways."""

    def sf(self, x: Array) -> Array:
        """P(X > x)."""

    def excess_moments(self, x: Array) -> Moments:
        """P(X > x), E[(X - x)+], E[(X - x)+^2]."""

    def second_moment(self) -> float:
        """E[X^2]."""


def transforms(magnitude: Magnitude, size: int, step: float) -> tuple[Complex, Complex]:
    """Transforms of a magnitude on `size` nodes `step` apart, and on every second of them."""
    if magnitude.second_moment() > ROUGH * step**2:
        # the closed forms would cancel, and the tail is smooth at this scale but for one jump
        x = step * np.arange(size + 1, dtype=float)
        place, chance = jump_of(magnitude)
        tail = magnitude.sf(x)
        if chance > 0:
            tail = np.where(x < place, tail - chance, 0.0)
        fine, coarse = smooth_masses(tail), smooth_masses(tail[::2])
        if chance > 0:
            at, mass = np.array([0.0, place]), np.array([-chance, chance])
            fine += atom_masses(at, mass, size, step)
            coarse += atom_masses(at, mass, size // 2, 2 * step)
        return to_transform(fine), to_transform(coarse)
    moments = magnitude.excess_moments(2 * step * np.arange(size // 2 + 1, dtype=float))
    fine, coarse = cell_masses(moments, step), cell_masses(every_second(moments), 2 * step)
    return to_transform(fine), to_transform(coarse)


@lru_cache(maxsize=512)
def severity_transforms(
    severity: Distribution, grid: Grid, scale: float
) -> tuple[Complex, Complex]:
    """Transforms of `scale` * X on the grid, and on every second node of it."""
    if scale == 0:  # an asset that may be worth nothing: no event costs anything
        return np.ones(grid.size + 1, dtype=complex), np.ones(grid.size // 2 + 1, dtype=complex)
    step = grid.step / scale
    if (atoms := atoms_of(severity)) is not None:
        fine = atom_masses(*atoms, grid.size, step)
        return to_transform(fine), to_transform(atom_masses(*atoms, grid.size // 2, 2 * step))
    return transforms(severity, grid.size, step)


def rate_nodes(rate: Distribution) -> tuple[Array, Array]:
    """Nodes and weights that average exp(lambda g) over a rate to rounding.

    The phase of exp(lambda g) turns by at most min(2 w, 9 sqrt(w), 8.5 w/sqrt(low)) over a width w
    from `low`, as far as it is not negligible, and n Gauss nodes resolve a phase of 4 (n - 10).
    """
    if not isinstance(rate, LogNormal):
        low, high = rate.support()
        return nodes(rate, 12 + math.ceil(_phase(low, high) / 3))
    # panels of the normal score, each with the nodes that its own rates need
    found: list[tuple[Array, Array]] = []
    edges = np.linspace(-NORMAL_REACH, NORMAL_REACH, 34)
    for left, right in pairwise(edges):
        low, high = np.exp(rate.mu + rate.sigma * np.array([left, min(right, SCORE)]))
        t, w = roots_legendre(10 + math.ceil(_phase(low, max(low, high)) / 3))
        z = left + (right - left) * (1 + t) / 2
        found.append((np.exp(rate.mu + rate.sigma * z), w * np.exp(-z * z / 2)))
    values, weights = (np.concatenate([pair[k] for pair in found]) for k in (0, 1))
    return values, weights / weights.sum()


def _phase(low: float, high: float) -> float:
    width = high - low
    return min(2 * width, 9 * math.sqrt(width), 8.5 * width / math.sqrt(max(low, 1e-12)))


roots_legendre = lru_cache(maxsize=256)(special.roots_legendre)


def average_exponential(rate: Distribution, g: Complex) -> Complex:
    """E[exp(lambda g)] over the rate: closed for Point, Gamma, Uniform, by quadrature otherwise."""
    if isinstance(rate, Point):
        return np.exp(rate.value * g)
    if isinstance(rate, Gamma):
        return np.exp(-rate.shape * np.log(1 - rate.scale * g))
    low, high = rate.support()
    if 0 < high - low <= NARROW:
        return _by_moments(rate, g, (low + high) / 2, (high - low) / 2)
    values, weights = rate_nodes(rate)
    # Frequencies from the shallowest down: of exp(lambda g) only the first few are to be seen where
    # lambda is large. The zero frequency is the largest.
    order = np.argsort(-g.real)
    sorted_g = g[order]
    depth = sorted_g.real[0] - sorted_g.real
    live = np.searchsorted(depth, NEGLIGIBLE / np.maximum(values, 1e-300), side="right")
    summed = np.zeros_like(g)
    for value, weight, count in zip(values, weights, live, strict=True):
        summed[:count] += weight * np.exp(value * sorted_g[:count])
    total = np.empty_like(g)
    total[order] = summed
    return total


def _by_moments(rate: Distribution, g: Complex, centre: float, half: float) -> Complex:
    """E[exp(lambda g)] = exp(c g) sum of E[s^k] (w g)^k / k! with lambda = c + w s, |s| <= 1.

    |w g| <= `NARROW`, so that some 40 terms reach rounding, at the cost of one exponential.
    """
    values, weights = nodes(rate, 40)
    s = (values - centre) / half
    y = half * g
    size = float(np.abs(y).max())
    terms = [1.0]
    k = 0
    while k < 6 or size**k / math.factorial(k) > 1e-17:
        k += 1
        terms.append(float(weights @ s**k) / math.factorial(k))
    total = np.full_like(g, terms[-1])
    for term in reversed(terms[:-1]):
        total *= y
        total += term
    total *= np.exp(centre * g)
    return total


def count_transform(count: Count, rate: Distribution, phi: Complex) -> Complex:
    """E[z^N] at z = `phi` with the rate averaged out."""
    if isinstance(count, Once):
        return phi
    g = count.exponent(phi)
    if g is None:  # Bernoulli: 1 + lambda (z - 1) is linear in the rate
        return 1 + rate.mean() * (phi - 1)
    return average_exponential(rate, g)


@lru_cache(maxsize=1024)
def plan_transforms(
    rate: Distribution, count: Count, severity: Distribution, grid: Grid, scale: float
) -> tuple[Complex, Complex]:
    """Transforms of one plan's year with the scale held, on the grid and on half of it."""
    fine, coarse = severity_transforms(severity, grid, scale)
    return count_transform(count, rate, fine), count_transform(count, rate, coarse)


def conditional(plan: CompoundPlan, grid: Grid, scale: float) -> tuple[Complex, Complex]:
    """`plan_transforms` of a plan."""
    return plan_transforms(plan.rate, plan.count, plan.severity, grid, scale)


def scale_nodes(scale: Distribution, order: int) -> tuple[Array, Array]:
    """Nodes and weights of a held scale; a lognormal one needs them in proportion to its width."""
    wide = 1 + 4 * scale.sigma if isinstance(scale, LogNormal) else 1
    return nodes(scale, int(order * wide))


@lru_cache(maxsize=512)
def group_transforms(group: Group, grid: Grid) -> tuple[Complex, Complex]:
    """Transforms of the summed year of plans that share a scale, which is averaged out."""
    if isinstance(group[0].scale, Point):
        return conditional(group[0], grid, group[0].scale.value)
    return _averaged(group, grid, grid.order)[0], _averaged(group, grid, grid.order // 2)[1]


def _averaged(group: Group, grid: Grid, order: int) -> tuple[Complex, Complex]:
    values, weights = scale_nodes(group[0].scale, order)
    fine: Complex = np.zeros(grid.size + 1, dtype=complex)
    coarse: Complex = np.zeros(grid.size // 2 + 1, dtype=complex)
    for value, weight in zip(values, weights, strict=True):
        parts = [conditional(plan, grid, float(value)) for plan in group]
        fine += weight * math.prod(part[0] for part in parts)
        coarse += weight * math.prod(part[1] for part in parts)
    return fine, coarse


@lru_cache(maxsize=1024)
def prob_nothing(group: Group) -> float:
    """P(L = 0) for plans that share a scale A: P(A = 0) + P(A > 0) prod of P(S_i = 0)."""
    worth = float(group[0].scale.excess_moments(0.0)[0])
    return 1 - worth + worth * math.prod(_prob_free(plan) for plan in group)


def _prob_free(plan: CompoundPlan) -> float:
    """P(S = 0): the count's transform at P(X = 0)."""
    free = 1 - float(plan.severity.excess_moments(0.0)[0])
    at = np.array([1.0 + 0j, free + 0j])  # the first keeps the largest term in view
    return float(count_transform(plan.count, plan.rate, at)[1].real)
