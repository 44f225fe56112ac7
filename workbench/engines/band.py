"""Exceedance curves of the year given what is held for it: rates, and values of assets."""

from functools import lru_cache

import numpy as np
from scipy import fft

from workbench.distributions import Array, Distribution, Empirical, Point
from workbench.engines.counts import Bernoulli, Complex
from workbench.engines.grid import Grid, severity_transforms, tilt
from workbench.engines.plan import CompoundPlan
from workbench.engines.streams import words

SCALES = 40  # parts of the values that stand for a held asset


def conditional_curves(plans: list[CompoundPlan], seed: int, draws: int, at: Array) -> Array:
    """P(L > x | held) at the losses `at` for every draw of what is held, shape (draws, losses).

    What is held for the year is drawn from addressed words (a Latin hypercube, so that few draws
    cover each belief evenly); each loss is read off the finest grid that holds it. All plans can
    lose something, and there is one at least.
    """
    rates, scales = _held(plans, seed, draws)
    curves = np.zeros((draws, at.size))
    done = np.zeros(at.shape, dtype=bool)
    for grid in _grids(at):
        here = ~done & (at <= 0.95 * grid.top)
        transform = _conditional_transforms(plans, grid, rates, scales)
        masses = fft.irfft(transform, 2 * grid.size, axis=1)[:, : grid.size] / tilt(grid.size)
        below = (np.cumsum(masses, axis=1) - masses / 2)[:, ::2]
        x = grid.step * np.arange(grid.size)[::2]
        for i in range(draws):
            curves[i, here] = 1 - np.interp(at[here], x, below[i])
        done |= here
    curves[:, at <= 0] = 1 - _nothing(plans, rates, scales)[:, None]
    return np.clip(curves, 0, 1)


def _grids(at: Array) -> list[Grid]:
    """Return grids that between them resolve every loss of interest, from fine to coarse."""
    positive = at[at > 0]
    top = int(np.ceil(np.log2(1.1 * positive.max()))) if positive.size else 1
    bottom = int(np.ceil(np.log2(1.1 * positive.min()))) if positive.size else 1
    return [Grid(k, 2048) for k in range(top, bottom - 1, -4)][::-1] or [Grid(top, 2048)]


def _held(plans: list[CompoundPlan], seed: int, draws: int) -> tuple[list[Array], list[Array]]:
    """Rates and the indices of scale nodes of each plan, each of shape (draws,)."""
    rates, scales = [], []
    for plan in plans:
        rates.append(plan.rate.ppf(_stratified(seed, plan.id, "band rate", draws)))
        _, weights = _scales(plan.scale)
        own = plan.shared is None
        # an asset and a scenario may have the same id: their purposes keep them apart
        owner, purpose = (plan.id, "band scale") if own else (str(plan.shared), "band asset")
        u = _stratified(seed, owner, purpose, draws)
        index = np.searchsorted(np.cumsum(weights), u)
        scales.append(np.minimum(index, weights.size - 1))
    return rates, scales


def _scales(scale: Distribution) -> tuple[Array, Array]:
    """Values that stand for a held asset: its quantiles at k/40, so that 5 % and 95 % are its own.

    The two outer parts are half as wide; the quantile in their middle stands for them.
    """
    if isinstance(scale, Point | Empirical):
        return scale.atoms()
    u = np.arange(SCALES + 1) / SCALES
    u[0], u[-1] = 0.25 / SCALES, 1 - 0.25 / SCALES
    weights = np.full(u.size, 1 / SCALES)
    weights[0] = weights[-1] = 0.5 / SCALES
    return scale.ppf(u), weights


def _stratified(seed: int, owner: str, purpose: str, draws: int) -> Array:
    """One word in each of `draws` equal parts of (0, 1), in an order of the owner's own."""
    u = words(seed, owner, purpose, 0, 2 * draws)
    return np.asarray((np.argsort(u[:draws]) + u[draws:]) / draws)


@lru_cache(maxsize=1024)
def _exponent(plan: CompoundPlan, grid: Grid, scale: float) -> Complex:
    """g(phi) of a plan with its scale held; for a Bernoulli count phi - 1."""
    phi = severity_transforms(plan.severity, grid, scale)[0]
    g = plan.count.exponent(phi)
    return phi - 1 if g is None else g


def _nothing(plans: list[CompoundPlan], rates: list[Array], scales: list[Array]) -> Array:
    """P(L = 0 | held) for each draw, shape (draws,): at 0 a grid knows only the nearest cell."""
    chance = np.ones(rates[0].size)
    for plan, rate, index in zip(plans, rates, scales, strict=True):
        free = np.array([1 - plan.severity.excess_moments(0.0)[0]], dtype=complex)
        g = plan.count.exponent(free)
        own = 1 + rate * (free - 1) if g is None else np.exp(rate * g)
        chance *= np.where(_scales(plan.scale)[0][index] > 0, own.real, 1.0)
    return chance


def _conditional_transforms(
    plans: list[CompoundPlan], grid: Grid, rates: list[Array], scales: list[Array]
) -> Complex:
    """Transform of the total year for each draw of the held beliefs, shape (draws, frequencies)."""
    exponent = np.zeros((rates[0].size, grid.size + 1), dtype=complex)
    product = np.ones_like(exponent)
    for plan, rate, index in zip(plans, rates, scales, strict=True):
        values = _scales(plan.scale)[0]
        for k in np.unique(index):
            rows = np.flatnonzero(index == k)
            term = rate[rows, None] * _exponent(plan, grid, float(values[k]))
            if isinstance(plan.count, Bernoulli):
                product[rows] *= 1 + term
            else:
                exponent[rows] += term
    return np.asarray(np.exp(exponent) * product)
