"""The largest single event of a year, and the time to the first, in closed form."""

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from workbench.distributions import Array, Distribution, Point
from workbench.distributions.gauss import legendre
from workbench.engines.exact import is_held
from workbench.engines.memo import remembered
from workbench.engines.plan import ONE, CompoundPlan, Group, groups
from workbench.engines.products import Computed, Held, multiplied
from workbench.engines.rates import year_transform
from workbench.engines.year import scale_nodes
from workbench.losses import TabulatedLosses

ORDER = 80  # nodes over a held scale
SHARES = 4096  # values at which the largest share is known
BEFORE = 1e-12  # relative distance of the curve before a jump


def largest_single(plans: list[CompoundPlan], x: Array) -> Array:
    r"""P(the largest single event of a year > `x`), before annual terms, of the shape of `x`.

    .. math:: P(M \le x) = E[\, z^N ], \qquad z = P(X \le x)

    over the rate, the share of secondary losses and the scale; plans that share a scale are
    independent given it.
    """
    live = [plan for plan in plans if not plan.is_nothing()]
    at = np.asarray(x, dtype=float)
    below = np.ones(at.shape)
    for group in groups(live):
        if is_held(group) and all(plan.is_simple() for plan in group):
            below = below * (1 - _largest_of_shares(group).exceedance(at))
        else:
            below = below * _averaged(group, at.tobytes()).reshape(at.shape)
    return 1 - below


@remembered(mebibytes=16)
def _largest_of_shares(group: Group) -> TabulatedLosses:
    """Return the largest event of plans that share an uncertain scale: A times the largest share.

    A product, so that a share that is a single value has the law of the scale itself.
    """
    kinds = [Held(plan.severity) for plan in group]
    ends, jumps = zip(*[(kind.ends(), kind.jumps()[0]) for kind in kinds], strict=True)
    single = np.concatenate(jumps)
    single = np.unique(single[single > 0])
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    x = np.sort(np.concatenate([[0.0], np.geomspace(low, high, SHARES), single, single]))
    seen = np.where(np.diff(x, append=np.inf) == 0, x * (1 - BEFORE), x)
    sf = 1 - np.prod([_below(plan, 1.0, seen) for plan in group], axis=0)
    areas = np.diff(x) * (sf[1:] + sf[:-1]) / 2
    excess = np.append(np.cumsum(areas[::-1])[::-1], 0.0)
    largest = TabulatedLosses(x, sf, excess, mean=float(excess[0]), variance=0.0)
    return multiplied([Held(group[0].scale), Computed(largest)])


@remembered(mebibytes=2)
def _averaged(group: Group, places: bytes) -> Array:
    x, scale = np.frombuffer(places), group[0].scale
    values, weights = scale_nodes(scale, ORDER)
    found = np.zeros(x.size)
    for value, weight in zip(values, weights, strict=True):
        found += weight * np.prod([_below(plan, float(value), x) for plan in group], axis=0)
    return found


def _below(plan: CompoundPlan, scale: float, x: Array) -> Array:
    """P(no event of the plan's years costs more than x), given the scale."""
    event = plan.event(scale)
    plain = 1 - event.plain.sf(x)
    if event.more is None:
        return _no_such_event(plan, plain)
    more = 1 - event.more.sf(x)
    pairs = zip(*plan.shares(), strict=True)
    parts = [weight * _no_such_event(plan, plain + q * (more - plain)) for q, weight in pairs]
    return np.asarray(np.sum(parts, axis=0))


def _no_such_event(plan: CompoundPlan, chance: Array) -> Array:
    # the first value keeps the largest term in view
    z = np.append(1.0, chance).astype(complex)
    return year_transform(plan.count, plan.rate, [z] * len(plan.factors))[1:].real


def no_event(plans: list[CompoundPlan], years: float, *, parts: bool = False) -> float:
    """P(no event that costs something in `years` years), with what is held kept for all of them.

    Events of a count with an exponent come at any time of a year; those of the others belong to
    whole years, so that a part of a year is counted as none of them. With `parts` it counts in
    proportion instead: a curve through the whole years, half a year behind the middle of each.
    """
    live = [replace(plan, annual=None) for plan in plans if not plan.is_nothing()]
    return math.prod(_kept(group, years, parts) for group in groups(live))


def whole_years(plans: list[CompoundPlan]) -> bool:
    """Whether some count tells its events by whole years only."""
    return any(plan.count.exponent(np.ones(1, dtype=complex)) is None for plan in plans)


def _kept(group: Group, years: float, parts: bool) -> float:
    """P(no such event of plans that share a scale), given which they are independent."""
    scale = group[0].scale
    values, weights = scale.atoms() if isinstance(scale, Point) else _worths(group)
    chances = [math.prod(_spared(plan, float(a), years, parts) for plan in group) for a in values]
    return float(weights @ np.array(chances))


def _worths(group: Group) -> tuple[Array, Array]:
    scale = group[0].scale
    if all(plan.terms is None for plan in group):  # whatever A > 0 is, no loss is no loss
        worth = float(scale.excess_moments(0.0)[0])
        return np.array([0.0, 1.0]), np.array([1 - worth, worth])
    return scale_nodes(scale, ORDER)


def _spared(plan: CompoundPlan, scale: float, years: float, parts: bool) -> float:
    values, weights = _logs(replace(plan, scale=ONE), scale)
    if plan.count.exponent(np.ones(1, dtype=complex)) is None:
        years = max(years - 0.5, 0.0) if parts else math.floor(years + 1e-9)
    if years == 0:
        return 1.0
    return float(np.sum(weights * np.exp(years * values)))


@lru_cache(maxsize=256)
def _logs(plan: CompoundPlan, scale: float) -> tuple[Array, Array]:
    """Log of P(no event in one year | held), and the weight of what is held: rates, shares."""
    event = plan.event(scale)
    free = np.array([1 - float(event.plain.sf(0.0))])
    rates, weights = low_rates(plan.rate)
    if event.more is not None:
        shares, more = plan.shares()
        free = free + shares * (1 - float(event.more.sf(0.0)) - free)
        weights = weights[:, None] * more
    z = free.astype(complex)
    if (g := plan.count.exponent(z)) is not None:
        logs = rates[:, None] * g.real
    else:
        chance = plan.count.pgf(z[None, :], rates[:, None]).real
        logs = np.log(np.clip(chance, 1e-300, 1))
    return logs, weights.reshape(rates.size, -1)


@lru_cache(maxsize=256)
def low_rates(rate: Distribution) -> tuple[Array, Array]:
    """Nodes and weights that average exp(-lambda t) for every t >= 0, however small lambda may be.

    Each panel is a factor of 2 of the level at the low end, so that none is too wide for any t.
    """
    if (atoms := rate.atoms()) is not None:
        return atoms
    low, high = np.geomspace(1e-16, 0.5, 54), 1 - np.geomspace(0.5, 1e-13, 40)
    edges = np.unique(np.concatenate([[0.0], low, high, 1 - rate.breaks(), [1.0]]))
    t, w = legendre(8)
    width = np.diff(edges)[:, None]
    return rate.ppf(edges[:-1, None] + width * (1 + t) / 2).ravel(), (width * w / 2).ravel()
