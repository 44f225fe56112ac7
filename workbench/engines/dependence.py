"""What ties the years of several plans together: copulas and common shocks."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.distributions import (
    Discrete,
    Distribution,
    Empirical,
    Pert,
    Point,
    Triangular,
    Uniform,
)
from workbench.engines.copulas import Copula
from workbench.engines.counts import Poisson
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError, is_number, require

Numbers = tuple[tuple[str, float], ...] | Mapping[str, float]  # by scenario

MOST_SHOCKS = 1000
MOST_RATE = 100_000.0  # events / year
ROUNDING = 1e-12  # relative, of a sum of rates


def in_order_of_id(given: Numbers, what: str, fix: str) -> tuple[tuple[str, float], ...]:
    """Return a number for each scenario in order of id, from pairs or a mapping by id.

    Raises
    ------
    WorkbenchError
        for anything else, for no scenario, or for one that is named twice; `what` names them.

    """
    pairs = given.items() if isinstance(given, Mapping) else given
    try:
        found = tuple(sorted((name, float(number)) for name, number in pairs))
    except (TypeError, ValueError):
        raise WorkbenchError(
            f"{what} names scenarios, each with its number; got {given!r}. "
            'Write them as {"S-1": 0.5, "S-2": 0.3}.'
        ) from None
    require(
        len(dict(found)) == len(found) >= 1,
        f"{what} names one scenario or more, each once",
        got=[name for name, _ in found][:10],
        fix=fix,
    )
    return found


@dataclass(frozen=True, slots=True)
class Shock:
    """Events at `rate` a year, each of which hits each scenario independently with its chance.

    `chances` may be given as a mapping by id; it is kept in order of id.

    Raises
    ------
    WorkbenchError
        for a rate that is not finite and 0 or more, no scenario, or a chance out of 0..1.

    """

    id: str
    rate: float  # events / year, known
    chances: Numbers

    def __post_init__(self) -> None:
        """Check the rate and the chances."""
        found = in_order_of_id(self.chances, f"shock {self.id}", "Name those that it may hit.")
        object.__setattr__(self, "chances", found)
        require(
            is_number(self.rate, 0, MOST_RATE),
            f"the rate of shock {self.id} is a number of events a year, 0 to {MOST_RATE:,.0f}",
            got=self.rate,
            fix="Write 0.1 for one in ten years.",
        )
        for name, p in found:
            require(
                0 <= p <= 1,
                f"the chance that shock {self.id} hits scenario {name} lies from 0 to 1",
                got=p,
                fix="Write 0.5 for every second time.",
            )

    def chance(self, id: str) -> float:
        """Return the chance that one event of the shock hits a scenario."""
        return dict(self.chances).get(id, 0.0)

    @property
    def ids(self) -> tuple[str, ...]:
        """The scenarios that it may hit, in order of id."""
        return tuple(dict(self.chances))


@dataclass(frozen=True, slots=True)
class DependencePlan:
    """What ties the years of several plans together; what is not named is independent.

    `frequencies` joins the words from which counts are drawn, `losses` those from which whole years
    are. The stated rate of a plan includes the `shocks` that hit it: see `own_part`.

    Raises
    ------
    WorkbenchError
        where a scenario is in both copulas, where one with shocks is in the copula of losses, or
        where two shocks have one id.

    """

    frequencies: Copula | None = None
    losses: Copula | None = None
    shocks: tuple[Shock, ...] = ()

    def __post_init__(self) -> None:
        """Check that no two parts say different things of one scenario."""
        ordered = tuple(sorted(self.shocks, key=lambda shock: shock.id))
        object.__setattr__(self, "shocks", ordered)
        ids = [shock.id for shock in ordered]
        require(
            len(set(ids)) == len(ids) <= MOST_SHOCKS,
            f"there are at most {MOST_SHOCKS} shocks, each with an id of its own",
            got=ids[:10],
            fix="Rename one.",
        )
        by_losses = set() if self.losses is None else set(self.losses.ids)
        by_counts = set() if self.frequencies is None else set(self.frequencies.ids)
        require(
            not by_losses & by_counts,
            "a scenario is in the copula of frequencies or in that of losses, not in both",
            got=sorted(by_losses & by_counts)[:10],
            fix="A copula of losses draws whole years, counts included: keep one.",
        )
        require(
            not by_losses & set(self.shocked()),
            "a scenario with common shocks is not in the copula of losses",
            got=sorted(by_losses & set(self.shocked()))[:10],
            fix="A copula of losses draws whole years and sees no single event: keep one.",
        )

    def shocked(self) -> tuple[str, ...]:
        """Return the ids that some shock names, in order."""
        return tuple(sorted({name for shock in self.shocks for name in shock.ids}))

    def ids(self) -> tuple[str, ...]:
        """Return the ids that anything names, in order."""
        copulas = [one.ids for one in (self.frequencies, self.losses) if one is not None]
        return tuple(sorted({*self.shocked(), *(name for ids in copulas for name in ids)}))

    def rate_of_shocks(self, id: str) -> float:
        """Return how many events a year the shocks bring to a scenario: sum of p * rate."""
        return math.fsum(shock.rate * shock.chance(id) for shock in self.shocks)

    def own_part(self, plan: CompoundPlan) -> CompoundPlan:
        """Return the plan without the events that shocks bring: its rate is lower by their rate.

        A Poisson count is the sum of the two, so that the year of the whole plan stays as stated.

        Raises
        ------
        WorkbenchError
            where the count is not Poisson, or the rate may be lower than that of the shocks.

        """
        by = self.rate_of_shocks(plan.id)
        if by == 0:
            return plan
        require(
            isinstance(plan.count, Poisson),
            f"scenario {plan.id} has a Poisson count, as common shocks ask for",
            got=plan.count,
            fix="Leave it out of the shocks, or count its events by poisson.",
        )
        low = plan.rate.support()[0]
        require(
            by <= low * (1 + ROUNDING),
            f"the stated frequency of scenario {plan.id} includes the shocks that hit it",
            got=f"shocks that bring {by:g} events a year, and a frequency from {low:g} on",
            fix="Raise its lowest frequency, or lower the rate or the chance of the shocks.",
        )
        return replace(plan, rate=lowered(plan.rate, by, plan.id))

    def own_parts(self, plans: Sequence[CompoundPlan]) -> list[CompoundPlan]:
        """Return each plan without the events that shocks bring."""
        return [self.own_part(plan) for plan in plans]

    def check(self, plans: Iterable[CompoundPlan]) -> None:
        """Refuse plans that it does not fit: unknown ids, and what `own_part` refuses."""
        by_id = {plan.id: plan for plan in plans}
        unknown = [name for name in self.ids() if name not in by_id]
        require(
            not unknown,
            "dependence names scenarios of the study",
            got=unknown[:10],
            fix=f"It has {', '.join(sorted(by_id)[:10]) or 'none'}.",
        )
        for name in self.shocked():
            self.own_part(by_id[name])
        self._check_assets(by_id)

    def _check_assets(self, plans: Mapping[str, CompoundPlan]) -> None:
        """Refuse whole years by a copula where the asset's draw is shared with other scenarios."""
        for name in () if self.losses is None else self.losses.ids:
            asset = plans[name].shared
            others = [one.id for one in plans.values() if one.shared == asset and one.id != name]
            require(
                asset is None or not others,
                f"scenario {name}, in the copula of losses, shares no asset of unknown value",
                got=f"asset {asset}, which {', '.join(others[:5])} may lose as well",
                fix="A copula of losses draws whole years and no asset: keep one of the two ties.",
            )


def lowered(rate: Distribution, by: float, id: str) -> Distribution:
    """Return the belief in what is left of a rate: X - `by`, in its own family."""
    if isinstance(rate, Point):
        return Point(max(rate.value - by, 0.0))
    if isinstance(rate, Uniform):
        return Uniform(max(rate.low - by, 0.0), rate.high - by)
    if isinstance(rate, Pert):
        low = max(rate.low - by, 0.0)
        return Pert(low, max(rate.mode - by, low), rate.high - by, rate.shape)
    if isinstance(rate, Triangular):
        low = max(rate.low - by, 0.0)
        return Triangular(low, max(rate.mode - by, low), rate.high - by)
    found = rate.atoms() if isinstance(rate, Discrete | Empirical) else None
    require(
        found is not None,
        f"scenario {id}, which shocks hit, has a frequency that is known or stated by its ends",
        got=type(rate).__name__,
        fix="State it as a number, pert, triangular, uniform, discrete or empirical.",
    )
    assert found is not None
    values, weights = found
    return Empirical([max(v - by, 0.0) for v in values.tolist()], weights.tolist())
