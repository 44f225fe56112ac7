r"""The loss of common shocks: a compound Poisson sum in which one event may hit several plans.

.. math:: E[e^{i t L}] = \exp\left(\mu \left(\prod_i (1 - p_i + p_i \varphi_i(t)) - 1\right)\right)

for events at the rate mu, each of which hits plan i with the chance p_i. What is left of each plan
is its own part (`DependencePlan.own_part`), independent of this. The common Poisson shock model:
Lindskog and McNeil, ASTIN Bulletin 33, 2003.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import add

import numpy as np

from workbench.distributions import Point
from workbench.engines.counts import Poisson
from workbench.engines.dependence import Shock
from workbench.engines.grid import Complex, Grid
from workbench.engines.plan import ONE, CompoundPlan, Group
from workbench.engines.reach import BEYOND, Extent, extent_of, largest_event
from workbench.engines.total_tree import Facts, Tail
from workbench.engines.year import event_transforms


@dataclass(frozen=True, eq=False)
class ShockPart:
    """The losses that one shock brings to its plans, whose magnitudes have no held part."""

    shock: Shock
    plans: Group  # those that it may hit, in order of id

    @cached_property
    def hit(self) -> Group:
        """The plans as often as the shock hits each of them."""
        rates = (self.shock.rate * self.shock.chance(plan.id) for plan in self.plans)
        return tuple(
            replace(plan, rate=Point(rate))
            for plan, rate in zip(self.plans, rates, strict=True)
            if rate > 0
        )

    @cached_property
    def facts(self) -> Facts:
        r"""What is known of it without a grid.

        The variance is mu E[S^2] for the loss S of one shock, whose parts are independent:

        .. math:: E[S^2] = \sum_i (p_i E[X_i^2] - p_i^2 m_i^2) + \left(\sum_i p_i m_i\right)^2
        """
        rate = self.shock.rate
        given = [plan.given(1.0) for plan in self.hit]  # mu p m and mu p E[X^2]
        mean = math.fsum(m for m, _ in given)
        variance = math.fsum(v for _, v in given)
        if math.isfinite(variance):
            variance += (mean**2 - math.fsum(m * m for m, _ in given)) / rate if rate > 0 else 0.0
        free = math.prod(1 - self.shock.chance(p.id) * (1 - event_free(p)) for p in self.hit)
        return Facts(
            mean,
            variance,
            math.exp(rate * (free - 1)),
            self._extent(),
            has_jumps=False,
            is_discrete=False,
            is_once=False,
        )

    def _extent(self) -> Extent:
        """Return how far it goes: the largest loss, and all others of a busy year."""
        found = reduce(add, (extent_of((plan,)) for plan in self.hit))
        events, _ = Poisson().busy_year(self.shock.rate, BEYOND)
        each = found.usual / self.shock.rate + math.sqrt(found.spread / self.shock.rate)
        more = 5 * math.sqrt(found.spread) + (2 + events) * each
        return replace(found, reach=found.reach + more, beyond=found.beyond + more)

    def transform(self, grid: Grid) -> Complex:
        """Return its transform on a grid."""
        found: Complex = np.ones(grid.shape, dtype=complex)
        for plan in self.hit:
            found *= 1 + self.shock.chance(plan.id) * (event_transform(plan, grid) - 1)
        found -= 1
        found *= self.shock.rate
        return np.asarray(np.exp(found, out=found))

    def tail(self, far: bytes, cap: float) -> Tail:
        """Return the shape of its tail: one large loss."""
        return largest_event(self.hit, np.frombuffer(far), cap)


def event_transform(plan: CompoundPlan, grid: Grid) -> Complex:
    """Transform of one event of a plan without a held scale and with a known share."""
    (plain,), more = event_transforms(plan, grid, 1.0)
    if more is None:
        return plain
    return np.asarray(plain + plan.event(1.0).share.mean() * (more[0] - plain))


def event_free(plan: CompoundPlan) -> float:
    """P(an event costs nothing), of such a plan."""
    event = plan.event(1.0)
    free: float = 1 - float(event.plain.sf(0.0))
    if event.more is None:
        return free
    return free + event.share.mean() * (1 - float(event.more.sf(0.0)) - free)


def is_known(plan: CompoundPlan) -> bool:
    """Whether the events of a plan's one year are independent and alike, with nothing held."""
    share = plan.secondary is None or isinstance(plan.secondary.share, Point)
    alone = plan.scale == ONE and plan.shared is None
    return share and alone and plan.annual is None and plan.factors == (1.0,)
