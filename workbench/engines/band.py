"""Exceedance curves of the year given what is held for it: rates, and values of assets."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from workbench.distributions import Array, Distribution
from workbench.engines.grid import Complex, Grid, to_masses, to_transform, untilt
from workbench.engines.plan import CompoundPlan
from workbench.engines.sampling import at_words
from workbench.engines.streams import words
from workbench.engines.year import event_transforms

REACHING = 4096  # cells of the grid on which annual terms act
SCALES = 40  # parts of the values that stand for a held asset


def conditional_curves(plans: list[CompoundPlan], seed: int, draws: int, at: Array) -> Array:
    """P(L > x | held) at the losses `at` for every draw of what is held, shape (draws, losses).

    What is held for the year is drawn from addressed words (a Latin hypercube, so that few draws
    cover each belief evenly); each loss is read off the finest grid that holds it. All plans can
    lose something, and there is one at least.
    """
    held = [_held(plan, seed, draws) for plan in plans]
    curves = np.zeros((draws, at.size))
    done = np.zeros(at.shape, dtype=bool)
    for grid in _grids(at):
        here = ~done & (at <= 0.95 * grid.top)
        transform = _conditional_transforms(plans, grid, held)
        masses = fft.irfft(transform, 2 * grid.size, axis=1)[:, : grid.size] * untilt(grid.size)
        below = (np.cumsum(masses, axis=1) - masses / 2)[:, ::2]
        x = grid.step * np.arange(grid.size)[::2]
        for i in range(draws):
            curves[i, here] = 1 - np.interp(at[here], x, below[i])
        done |= here
    curves[:, at <= 0] = 1 - _nothing(plans, held)[:, None]
    most = sum(np.inf if plan.annual is None else plan.annual.limit for plan in plans)
    curves[:, at >= most] = 0.0
    return np.clip(curves, 0, 1)


def _grids(at: Array) -> list[Grid]:
    """Return grids that between them resolve every loss of interest, from fine to coarse."""
    positive = at[at > 0]
    top = int(np.ceil(np.log2(1.1 * positive.max()))) if positive.size else 1
    bottom = int(np.ceil(np.log2(1.1 * positive.min()))) if positive.size else 1
    return [Grid(k, 2048) for k in range(top, bottom - 1, -4)][::-1] or [Grid(top, 2048)]


class _Held(NamedTuple):
    """What is held for one plan in each draw, all of shape (draws,)."""

    rates: Array
    scale: NDArray[np.intp]  # index of the value that stands for the asset
    shares: Array  # of the events that have a secondary loss


def _held(plan: CompoundPlan, seed: int, draws: int) -> _Held:
    rates = _drawn(plan.rate, seed, plan.id, "band rate", draws)
    _, weights = _scales(plan.scale)
    own = plan.shared is None
    # an asset and a scenario may have the same id: their purposes keep them apart
    owner, purpose = (plan.id, "band scale") if own else (str(plan.shared), "band asset")
    index = np.searchsorted(np.cumsum(weights), _stratified(seed, owner, purpose, draws))
    shares = np.zeros(draws)
    if plan.secondary is not None:
        shares = _drawn(plan.secondary.share, seed, plan.id, "band share", draws)
    return _Held(rates, np.minimum(index, weights.size - 1), shares)


def _drawn(belief: Distribution, seed: int, owner: str, purpose: str, draws: int) -> Array:
    """Stratified draws of a held belief."""
    return at_words(belief, purpose, lambda name: _stratified(seed, owner, name, draws))


def _scales(scale: Distribution) -> tuple[Array, Array]:
    """Values that stand for a held asset: its quantiles at k/40, so that 5 % and 95 % are its own.

    The two outer parts are half as wide; the quantile in their middle stands for them. Where it may
    be worth nothing that is a value with its own chance, and the quantiles are those of the rest.
    """
    if (atoms := scale.atoms()) is not None:
        return atoms
    u = np.arange(SCALES + 1) / SCALES
    u[0], u[-1] = 0.25 / SCALES, 1 - 0.25 / SCALES
    weights = np.full(u.size, 1 / SCALES)
    weights[0] = weights[-1] = 0.5 / SCALES
    above = float(scale.sf(0.0))
    if above == 1:
        return scale.ppf(u), weights
    return np.append(0.0, scale.isf(above * (1 - u))), np.append(1 - above, above * weights)


def _stratified(seed: int, owner: str, purpose: str, draws: int) -> Array:
    """One word in each of `draws` equal parts of (0, 1), in an order of the owner's own."""
    u = words(seed, owner, purpose, 0, 2 * draws)
    return np.asarray((np.argsort(u[:draws]) + u[draws:]) / draws)


def _nothing(plans: list[CompoundPlan], held: list[_Held]) -> Array:
    """P(L = 0 | held) for each draw, shape (draws,): at 0 a grid knows only the nearest cell."""
    chance = np.ones(held[0].rates.size)
    for plan, known in zip(plans, held, strict=True):
        if plan.annual is not None and plan.annual.deductible > 0:
            chance *= 1 - _passing(plan, known, np.array([plan.annual.deductible]))[:, 0]
            continue
        for k in np.unique(known.scale):
            rows = np.flatnonzero(known.scale == k)
            event = plan.event(float(_scales(plan.scale)[0][k]))
            free = np.full(rows.size, 1 - float(event.plain.sf(0.0)))
            if event.more is not None:
                free += known.shares[rows] * (1 - float(event.more.sf(0.0)) - free)
            chance[rows] *= plan.count.pgf(free.astype(complex), known.rates[rows]).real
    return chance


def _conditional_transforms(plans: list[CompoundPlan], grid: Grid, held: list[_Held]) -> Complex:
    """Transform of the total year for each draw of what is held, shape (draws, frequencies)."""
    exponent = np.zeros((held[0].rates.size, grid.size + 1), dtype=complex)
    product = np.ones_like(exponent)
    for plan, known in zip(plans, held, strict=True):
        if plan.annual is not None:
            product *= _after_annual_terms(plan, known, grid)
            continue
        values = _scales(plan.scale)[0]
        for k in np.unique(known.scale):
            rows = np.flatnonzero(known.scale == k)
            rates = known.rates[rows, None]
            phi = _event_transforms(plan, grid, float(values[k]), known.shares[rows])
            g = plan.count.exponent(phi)
            if g is None:
                product[rows] *= plan.count.pgf(phi, rates)
            else:
                exponent[rows] += rates * g
    return np.asarray(np.exp(exponent) * product)


def _event_transforms(plan: CompoundPlan, grid: Grid, scale: float, shares: Array) -> Complex:
    """Transform of one event for each share, shape (draws, frequencies); one row without shares."""
    plain, more = event_transforms(plan, grid, scale)
    if more is None:
        return plain[0][None, :]
    return np.asarray(plain[0] + shares[:, None] * (more[0] - plain[0]))


def _after_annual_terms(plan: CompoundPlan, known: _Held, grid: Grid) -> Complex:
    """Transforms of the years after their annual terms, shape (draws, frequencies)."""
    terms = plan.annual
    assert terms is not None
    # the ends of the cells around each node
    ends = np.asarray(grid.step * (np.arange(grid.size) + 0.5), dtype=float)
    tails = np.where(ends < terms.limit, _passing(plan, known, terms.deductible + ends), 0.0)
    masses = -np.diff(tails, prepend=1.0, axis=1)
    return np.array([to_transform(row) for row in masses])


def _passing(plan: CompoundPlan, known: _Held, losses: Array) -> Array:
    """P(the year before its annual terms > each of `losses` | held), shape (draws, losses)."""
    found = np.zeros((known.rates.size, losses.size))
    grid = Grid(int(np.ceil(np.log2(1.1 * losses.max()))), REACHING)
    x = grid.step * np.arange(grid.size)[::2]
    values = _scales(plan.scale)[0]
    for k in np.unique(known.scale):
        rows = np.flatnonzero(known.scale == k)
        phi = _event_transforms(plan, grid, float(values[k]), known.shares[rows])
        for i, one in zip(rows, plan.count.pgf(phi, known.rates[rows, None]), strict=True):
            masses = to_masses(one, grid.size)
            found[i] = 1 - np.interp(losses, x, (np.cumsum(masses) - masses / 2)[::2])
    return found
