"""The transform of a year's count, with its rate averaged out."""

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy import special

from workbench.distributions import (
    Array,
    Beta,
    Distribution,
    Gamma,
    LogNormal,
    Pert,
    Point,
    Scaled,
    scaled,
)
from workbench.distributions.gauss import compressed
from workbench.distributions.quadrature import NORMAL_REACH, nodes
from workbench.engines.counts import Count
from workbench.engines.grid import Complex
from workbench.engines.sums import passed

GROWN = 3.0  # rounding grows by e to this power at most where a rate is averaged by its moments
WIDE = 20.0  # events / year: rates that vary by more need too many moments
SCORE = 5.2  # above it (1 in 10 million) a rate needs no nodes of its own
NEGLIGIBLE = 42.0  # exp(-42) = 6e-19
COUNTED = 48  # nodes over the rate of a count that has no exponent
MOST_TRIED = 800  # nodes of a rule that may have a shorter one
SAME = 1e-13  # of two rules
FAR = 1e-15  # chance beyond which a rate without an upper end is not resolved


@lru_cache(maxsize=256)
def rate_nodes(rate: Distribution) -> tuple[Array, Array]:
    """Nodes and weights that average exp(lambda g) over a rate to rounding.

    The phase of exp(lambda g) turns by at most min(2 w, 9 sqrt(w), 8.5 w/sqrt(low)) over a width w
    from `low`, as far as it is not negligible, and n Gauss nodes resolve a phase of 4 (n - 10).
    """
    if not isinstance(rate, LogNormal):
        low, high = rate.support()
        high = high if math.isfinite(high) else passed(rate, FAR)
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
    return _fewer(values, weights / weights.sum())


def _fewer(values: Array, weights: Array) -> tuple[Array, Array]:
    """Return a rule of fewer nodes with the same E[exp(lambda g)], if a short one is found.

    The distance of two rules is analytic in g, so that it is largest on the edge of the disc
    |g + 1| <= 1 in which g = phi - 1 lies; there it is looked at.
    """
    if values.size > MOST_TRIED:
        return values, weights
    edge = np.exp(1j * np.linspace(0, math.pi, 64)) - 1
    known = np.exp(edge[:, None] * values) @ weights
    for size in (24, 40, 64, 96):
        logs, shares = compressed(np.log(values), weights, size)
        rule = np.exp(logs)
        if np.abs(np.exp(edge[:, None] * rule) @ shares - known).max() < SAME:
            return rule, shares
    return values, weights


def _phase(low: float, high: float) -> float:
    width = high - low
    return min(2 * width, 9 * math.sqrt(width), 8.5 * width / math.sqrt(max(low, 1e-12)))


roots_legendre = lru_cache(maxsize=256)(special.roots_legendre)


def exponential(z: Complex) -> Complex:
    r"""exp(z), from functions of real numbers that processors compute several at a time.

    .. math:: t = \tan(\Im z / 2), \qquad e^{i \Im z} = \frac{1 - t^2 + 2 i t}{1 + t^2}

    No digit is lost where t is large: both quotients then approach -1 and 0 as they should.
    """
    found = np.empty_like(z)
    turn = np.tan(z.imag / 2)
    square = turn * turn
    size = np.exp(z.real.copy())
    size /= 1 + square
    np.multiply(1 - square, size, out=found.real)
    turn *= size
    np.multiply(turn, 2, out=found.imag)
    return found


def average_exponential(rate: Distribution, g: Complex) -> Complex:
    """E[exp(lambda g)] over the rate: closed for Point and Gamma, else by moments or quadrature."""
    if isinstance(rate, Point):
        return exponential(rate.value * g)
    if isinstance(rate, Gamma):
        logs: Complex = np.log(1 - rate.scale * g)
        return exponential(-rate.shape * logs)
    if is_narrow(rate):
        low, high = rate.support()
        return _by_moments(rate, g, (low + high) / 2, (high - low) / 2)
    return _by_nodes(rate, np.ravel(g)).reshape(g.shape)


def is_narrow(rate: Distribution) -> bool:
    """Whether a rate is averaged by few of its moments, about some value."""
    low, high = rate.support()
    centre, half = (low + high) / 2, (high - low) / 2
    return 0 < 2 * half <= WIDE and half**2 <= 2 * centre * GROWN


def _by_nodes(rate: Distribution, g: Complex) -> Complex:
    """E[exp(lambda g)] by quadrature, shape (n,)."""
    values, weights = rate_nodes(rate)
    # Frequencies from the shallowest down: of exp(lambda g) only the first few are to be seen where
    # lambda is large. The zero frequency is the largest.
    order = np.argsort(-g.real)
    sorted_g = g[order]
    depth = sorted_g.real[0] - sorted_g.real
    live = np.searchsorted(depth, NEGLIGIBLE / np.maximum(values, 1e-300), side="right")
    summed = np.zeros_like(g)
    for value, weight, count in zip(values, weights, live, strict=True):
        summed[:count] += weight * exponential(value * sorted_g[:count])
    total = np.empty_like(g)
    total[order] = summed
    return total


def _by_moments(rate: Distribution, g: Complex, centre: float, half: float) -> Complex:
    """E[exp(lambda g)] = exp(c g) sum of E[s^k] (w g)^k / k! with lambda = c + w s, |s| <= 1.

    |w g| <= 2 w, so that some 30 to 80 terms reach rounding, at the cost of one exponential. On the
    disc |g + 1| <= 1 the terms are at most exp(w |g| + c Re g) <= exp(w^2 / (2 c)) together.
    """
    terms = _moments(rate, centre, half)
    y = half * g
    total = terms[-1] * y
    for term in terms[-2:0:-1]:
        total += term
        total *= y
    total += terms[0]
    total *= exponential(centre * g)
    return total


@lru_cache(maxsize=256)
def _moments(rate: Distribution, centre: float, half: float) -> list[float]:
    """E[s^k] / k! with lambda = c + w s, for all k that a disc of |w g| <= 2 w needs.

    A Gauss rule of n nodes has the moments up to 2 n - 1; families without one have many nodes.
    """
    size, k, bound = 2 * half, 0, 1.0
    while k < 6 or bound > 1e-17:
        k += 1
        bound *= size / k
    base = rate.base if isinstance(rate, Scaled) else rate
    if isinstance(base, Pert | Beta):
        moments = _beta_moments(*base.beta_parameters()[:2], k)
    else:
        values, weights = nodes(rate, k // 2 + 1 if rate.rule(1) is not None else 40)
        s = (values - centre) / half
        moments = [float(weights @ s**j) for j in range(k + 1)]
    return [moment / math.factorial(j) for j, moment in enumerate(moments)]


def _beta_moments(a: float, b: float, most: int) -> list[float]:
    r"""E[s^k] for s = 2 B - 1 with B ~ Beta(a, b), k up to `most`.

    The integral of the derivative of t^k (1 - t)^b (1 + t)^a over (-1, 1) is 0, so that

    .. math:: (k + a + b) m_{k+1} = k\, m_{k-1} + (a - b)\, m_k

    Terms of one sign only are added, once s is turned so that a >= b: no digit is lost.
    """
    lean = abs(a - b)
    moments = [1.0, lean / (a + b)]
    for k in range(1, most):
        moments.append((k * moments[k - 1] + lean * moments[k]) / (k + a + b))
    return moments if a >= b else [(-1) ** k * m for k, m in enumerate(moments)]


def year_transform(count: Count, rate: Distribution, phis: list[Complex]) -> Complex:
    """E over the rate of the product of E[z^N | lambda] at each z = phi: one for each year.

    The rate is one draw for all the years; the counts are independent given it.
    """
    g = [count.exponent(phi) for phi in phis]
    exponents = [one for one in g if one is not None]
    if len(exponents) == len(g):
        mean = exponents[0] if len(g) == 1 else np.sum(exponents, axis=0) / len(g)
        return average_exponential(scaled(rate, len(g)), mean)
    values, weights = counted_nodes(rate, count.degree(), len(phis))
    total: Complex = np.zeros_like(phis[0])
    for value, weight in zip(values, weights, strict=True):
        total += weight * math.prod(count.pgf(phi, np.asarray(value)) for phi in phis)
    return total


@lru_cache(maxsize=256)
def counted_nodes(rate: Distribution, degree: int | None, years: int) -> tuple[Array, Array]:
    """Nodes and weights that average the product of `years` generating functions over a rate.

    A polynomial of degree d in the rate is averaged exactly by d / 2 + 1 nodes of Gauss.
    """
    values, weights = nodes(rate, COUNTED)
    enough = values.size if degree is None else degree * years // 2 + 1
    return (values, weights) if enough >= values.size else compressed(values, weights, enough)
