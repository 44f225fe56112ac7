"""The largest single event of a year, and the time to the first, in closed form."""

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from workbench.distributions import Array
from workbench.distributions.quadrature import panel_nodes
from workbench.engines.counts import Count
from workbench.engines.exact import is_held
from workbench.engines.memo import remembered
from workbench.engines.plan import ONE, CompoundPlan, Group, groups
from workbench.engines.products import Computed, Held, multiplied
from workbench.engines.rates import year_transform
from workbench.engines.waiting import low_rates, no_event_by
from workbench.engines.year import scale_nodes
from workbench.losses import TabulatedLosses

ORDER = 40  # nodes over a held scale: 1e-7 of a chance
MANY = 160  # the same where single shares make steps
BETWEEN = 40  # nodes of one without kinks
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
        if is_held(group) and _is_product(group):
            below = below * (1 - _above_terms(group, at))
        else:
            below = below * _averaged(group, at.tobytes()).reshape(at.shape)
    return np.maximum(1 - below, 0.0)  # an average of chances has rounding


def _is_product(group: Group) -> bool:
    """Whether the largest event is that of shares of the scale, under terms that all have."""
    return all(plan.secondary is None and plan.terms == group[0].terms for plan in group)


def _above_terms(group: Group, x: Array) -> Array:
    """P(the largest event > x) of shares of an uncertain scale, under terms that all have.

    It is above x where the largest loss before terms is above d + x / share, up to the limit.
    """
    bare = tuple(replace(plan, terms=None, annual=None) for plan in group)
    losses, terms = _largest_of_shares(bare), group[0].terms
    if terms is None:
        return losses.exceedance(x)
    reached = losses.exceedance(terms.deductible + x / terms.share)
    return np.where(x < terms.share * terms.limit, reached, 0.0)


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
    areas, middles = np.diff(x) * (sf[1:] + sf[:-1]) / 2, (x[1:] + x[:-1]) / 2
    excess = np.append(np.cumsum(areas[::-1])[::-1], 0.0)
    mean = float(excess[0])
    variance = max(2 * float(areas @ middles) - mean**2, 0.0)
    largest = TabulatedLosses(x, sf, excess, mean=mean, variance=variance)
    return multiplied([Held(group[0].scale), Computed(largest)])


@remembered(mebibytes=2)
def _averaged(group: Group, places: bytes) -> Array:
    x = np.frombuffer(places)
    is_single = any(plan.severity.jumps()[0].size > 0 for plan in group)
    values, weights = scale_nodes(group[0].scale, MANY if is_single else ORDER)
    found = np.zeros(x.size)
    for value, weight in zip(values, weights, strict=True):
        found += weight * np.prod([_below(plan, float(value), x) for plan in group], axis=0)
    return found


def _below(plan: CompoundPlan, scale: float, x: Array) -> Array:
    """P(no event of the plan's years costs more than x), given the scale."""
    event = plan.event(scale)
    plain = event.plain.sf(x)
    if event.more is None:
        return _none(plan, plain)
    shares, weights = plan.shares()
    more = event.more.sf(x)
    return weights @ _none(plan, plain + shares[:, None] * (more - plain))


def _none(plan: CompoundPlan, chance: Array) -> Array:
    """P(no event of the plan's years is of a kind that has this `chance` in each), of its shape."""
    years = len(plan.factors)
    fading = _fading(plan.count, chance)
    if fading is not None:
        return no_event_by(plan.rate, years * fading)
    # the first value keeps the largest term in view
    z = np.append(1.0, 1 - chance.ravel()).astype(complex)
    found = year_transform(plan.count, plan.rate, [z] * years)[1:].real
    return found.reshape(chance.shape)


def _fading(count: Count, chance: Array) -> Array | None:
    """Return h with P(no such event | lambda) = exp(-lambda h), of its shape; None without one."""
    exponent = count.exponent(1 - chance.astype(complex))
    return None if exponent is None else np.maximum(-exponent.real, 0.0)


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
    return any(_fading(plan.count, np.zeros(1)) is None for plan in plans)


def _kept(group: Group, years: float, parts: bool) -> float:
    """P(no such event of plans that share a scale), given which they are independent."""
    values, weights = _worths(group)
    spared = [_spared(plan, values.tobytes(), years, parts) for plan in group]
    return float(weights @ np.prod(spared, axis=0))


def _worths(group: Group) -> tuple[Array, Array]:
    """Values of the scale that differ in what brings no loss at all, and their weights."""
    if all(plan.terms is None for plan in group):  # whatever A > 0 is, no loss is no loss
        worth = float(group[0].scale.sf(0.0))
        return np.array([0.0, 1.0]), np.array([1 - worth, worth])
    scale = group[0].scale
    return scale.atoms() or panel_nodes(scale, BETWEEN, _first_losses(group))


def _first_losses(group: Group) -> list[float]:
    """Return values of the scale at which shares, single ones or all, pass a deductible."""
    found = []
    for plan in group:
        shares = [*plan.severity.support(), *plan.severity.jumps()[0].tolist()]
        if plan.terms is not None:
            found += [plan.terms.deductible / share for share in shares if 0 < share < math.inf]
    return found


def _spared(plan: CompoundPlan, scales: bytes, years: float, parts: bool) -> Array:
    """P(no event that costs something in `years` years), at each of the scales."""
    chances, weights = _losing(replace(plan, scale=ONE), scales)
    fading = _fading(plan.count, chances)
    if fading is not None:
        return no_event_by(plan.rate, years * fading) @ weights
    years = max(years - 0.5, 0.0) if parts else math.floor(years + 1e-9)
    rates, more = low_rates(plan.rate)
    spared = plan.count.pgf(1 - chances[..., None].astype(complex), rates).real
    return np.asarray((np.clip(spared, 0, 1) ** years @ more) @ weights)


@lru_cache(maxsize=256)
def _losing(plan: CompoundPlan, scales: bytes) -> tuple[Array, Array]:
    """P(an event costs something) at each scale and held share, and the weights of the shares."""
    events = [plan.event(scale) for scale in np.frombuffer(scales).tolist()]
    plain = np.array([[float(event.plain.sf(0.0))] for event in events])
    if plan.secondary is None:
        return plain, np.ones(1)
    more = np.array([[float((event.more or event.plain).sf(0.0))] for event in events])
    shares, weights = plan.shares()
    return plain + shares * (more - plain), weights
