"""What is believed of the average year: products of held beliefs, and sums of them."""

import math
from collections.abc import Sequence

from workbench.distributions import Distribution, Point, Product, scaled
from workbench.engines.counts import Once
from workbench.engines.exact import portfolio
from workbench.engines.independent import independent_sum
from workbench.engines.ladder import tabulate_belief
from workbench.engines.plan import CompoundPlan, Group, groups
from workbench.engines.products import Computed, Held, multiplied
from workbench.losses import TabulatedLosses


def held_average(plans: Sequence[CompoundPlan], currency: str = "USD") -> TabulatedLosses | None:
    """Return what is believed of E[L | what is held] of all plans together, as a computed loss.

    Plans of one shared asset are A (sum of rate x mean), a product again. None where terms meet an
    uncertain scale, or a shared one meets a secondary loss: those are no products.
    """
    found = [_group_average(group) for group in groups(list(plans))]
    tables = [table for table in found if table is not None]
    if len(tables) < len(found) or not tables:
        return None
    whole = tables[0] if len(tables) == 1 else independent_sum(tables)
    return whole.renamed(currency, [plan.id for plan in plans])


def _group_average(group: Group) -> TabulatedLosses | None:
    if len(group) == 1 and isinstance(group[0].scale, Point):  # terms act on what it makes larger
        group = (group[0].at_scale(group[0].scale.value),)
    if all(plan.is_simple() for plan in group):
        sums = [_product([scaled(plan.rate, plan.severity.mean())], plan.id) for plan in group]
        if len(group) == 1:
            rate = scaled(group[0].rate, group[0].severity.mean())
            return _product([rate, group[0].scale], group[0].id)
        return _times(group[0].scale, independent_sum(sums))
    plan = group[0]
    uncertain = plan.terms is not None and not isinstance(plan.scale, Point)
    if len(group) > 1 or plan.shared is not None or uncertain:
        return None
    event = plan.event(1.0)
    more = event.more or event.plain
    rise = scaled(event.share, max(more.mean() - event.plain.mean(), 0.0))
    if isinstance(rise, Point):
        if rise.value == 0:
            return _product([scaled(plan.rate, event.plain.mean()), plan.scale], plan.id)
        if isinstance(plan.scale, Point):
            known = event.plain.mean() + rise.value
            return _product([scaled(plan.rate, known)], plan.id)
    parts = [scaled(plan.scale, event.plain.mean()), rise]
    once = [CompoundPlan(str(k), Point(1.0), part, Once()) for k, part in enumerate(parts)]
    return _times(plan.rate, portfolio(once))


def _product(beliefs: Sequence[Distribution], name: str) -> TabulatedLosses:
    flat: list[Distribution] = []
    for belief in beliefs:
        flat += belief.factors if isinstance(belief, Product) else [belief]
    known = math.prod(part.value for part in flat if isinstance(part, Point))
    rest = [part for part in flat if not isinstance(part, Point)]
    if len(rest) < 2:
        return tabulate_belief(scaled(rest[0], known) if rest else Point(known), ids=[name])
    return multiplied([Held(scaled(rest[0], known)), *map(Held, rest[1:])], ids=[name])


def _times(belief: Distribution, losses: TabulatedLosses) -> TabulatedLosses:
    flat = list(belief.factors) if isinstance(belief, Product) else [belief]
    return multiplied([*map(Held, flat), Computed(losses)], ids=losses.ids)
