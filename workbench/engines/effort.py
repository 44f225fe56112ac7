"""Which years are not begun: those without an error bound that holds, and those that take long.

The unit is one transform of a year on the grids of its ladder, about a millisecond of a processor.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from workbench.distributions import Gamma, Point
from workbench.engines.exact import group_knots, is_held
from workbench.engines.plan import CompoundPlan, Group
from workbench.engines.rates import counted_nodes, is_narrow, rate_nodes

MOST = 30_000.0  # transforms that are begun unasked: about a minute
NARROW = 0.1  # deviations by their mean of shares that are nearly a single value
ROUNDING = 1e-12  # of a chance
SHORT = 30.0  # nodes of a rate as long as one transform: most frequencies fade after few of them
ANNUAL = 6  # times as long: the table of a year on grids of its own, to which its terms apply
DOUBLED = 3  # times as many knots as at first, since they are doubled until two sets agree
TABLE = 30.0  # transforms that take as long as the magnitudes and the table of a year


def why_rough(parts: Iterable[Group]) -> str:
    """Return why the error of an exact year of these parts would not be told rightly, else "".

    Between values of the asset such a year goes by steps, so that two sets of them may agree by
    luck.
    """
    for group in filter(is_held, parts):
        if rough := [plan.id for plan in group if _is_rough(plan)]:
            return (
                f"terms of scenario {rough[0]} cut off shares of an uncertain asset, or the asset "
                "itself, that are single values or nearly"
            )
        if why := _why_apart(group):
            return why
        limited = [own.id for own in group if own.annual and math.isfinite(own.annual.limit)]
        if limited and len(group) > 1:
            return (
                f"a limit of the year of scenario {limited[0]} makes a single loss of many years, "
                "beside others on the same uncertain asset"
            )
    return ""


def _why_apart(group: Group) -> str:
    """Return which single losses stand at no value of the scale from which years are told."""
    worthless = float(group[0].scale.sf(0.0)) < 1 - ROUNDING
    for plan in group:
        if worthless and plan.secondary is not None:
            return (
                f"the asset of scenario {plan.id} may be worth nothing, and its secondary loss is "
                "lost all the same"
            )
        is_limited = plan.terms is not None and math.isfinite(plan.terms.limit)
        if is_limited and any(factor != 1 for factor in plan.factors):
            return (
                f"a limit of scenario {plan.id} on an uncertain asset is discounted, and makes a "
                "single loss of its own in each year"
            )
    return ""


def is_reached(parts: Sequence[Group], *, waits: bool = False) -> bool:
    """Whether an exact year of these parts is told rightly, and begun unless somebody waits."""
    return not (why_rough(parts) or ("" if waits else why_too_dear(parts)))


def _is_rough(plan: CompoundPlan) -> bool:
    """Whether its year at one scale is made of values that the terms cut off one by one."""
    if plan.terms is None:
        return False
    share = plan.severity
    is_narrow_share = share.variance() < (NARROW * share.mean()) ** 2
    return is_narrow_share or any((one.jumps()[0] > 0).any() for one in (share, plan.scale))


def why_too_dear(parts: Iterable[Group], times: int = 1) -> str:
    """Return why a year of these parts, so many `times`, is not begun unasked, else "".

    It is the end of a sentence.
    """
    found = {group: times * transforms(group) for group in parts}
    whole = math.fsum(found.values())
    if whole <= MOST:
        return ""
    dearest = max(found, key=lambda group: found[group])
    return (
        f"to convolve it takes some {whole:,.0f} transforms, more than the {MOST:,.0f} that are "
        f"begun unasked, most of them for scenario {dearest[0].id}"
    )


def transforms(group: Group) -> float:
    """Return how many transforms the year of plans that share a scale takes, about."""
    if is_held(group) and not all(plan.is_simple() for plan in group):
        knots = DOUBLED * group_knots(group).size
        return knots * math.fsum(TABLE + _nodes(plan) for plan in group)
    return _values(group) * math.fsum(_at_one_scale(plan) for plan in group)


def _at_one_scale(plan: CompoundPlan) -> float:
    """Return how many transforms the year of a plan takes whose scale is known."""
    return (1 + _nodes(plan) / SHORT) * (1 if plan.annual is None else ANNUAL)


def _values(group: Group) -> int:
    """Return over how many values the scale is averaged; 1 of one that is multiplied."""
    found = group[0].scale.atoms()
    return 1 if found is None else found[0].size


def _nodes(plan: CompoundPlan) -> int:
    """Return over how many values of what is held a year's transform is averaged."""
    shares = 1 if plan.secondary is None else plan.shares()[0].size
    return shares * _rate_nodes(plan) * len(plan.factors)


def _rate_nodes(plan: CompoundPlan) -> int:
    if plan.count.exponent(np.zeros(1, dtype=complex)) is None:
        return counted_nodes(plan.rate, plan.count.degree(), len(plan.factors))[0].size
    closed = isinstance(plan.rate, Point | Gamma) or is_narrow(plan.rate)
    return 1 if closed else rate_nodes(plan.rate)[0].size
