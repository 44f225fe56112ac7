"""More than one year: the same held beliefs for all of them, counts and amounts drawn anew.

The one-year view redraws what is held for each year. Over several years that would average away
what we do not know; here one draw of the rates, assets and shares is kept for the whole horizon.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions import Array
from workbench.distributions.gauss import legendre
from workbench.engines import exact, extremes
from workbench.engines.plan import CompoundPlan
from workbench.errors import is_number, is_whole, require
from workbench.losses import TabulatedLosses
from workbench.losses.base import check_level
from workbench.models.exact_year import check_reached, refuse_high_rates
from workbench.models.planning import plan_of, plans_of
from workbench.models.study import TOLD, Study

MOST_YEARS = 100
STEP, NODES = 0.5, 8  # of the quadrature in log time
SOON = 1e-9  # years: before it no event is looked for
WHOLE = 256  # years that are summed one by one where a count tells whole years only
UNSEEN = 1e-11  # a chance below which the rest is taken from how the curve falls
SLOWEST = 0.02  # power of t below which a mean is called infinite
FARTHEST = 1e18  # currency: a loss above all that is looked for


def over_years(
    study: Study, years: int, *, discount_rate: float = 0.0, wait: bool = False
) -> TabulatedLosses:
    r"""Return the loss of `years` years together, exactly, in the currency of today.

    .. math:: L = \sum_{t=1}^{T} (1 + r)^{-t} L_t

    `discount_rate` r is a share a year; a loss of year t is taken at its end. What takes more than
    about a minute is begun with `wait` only.

    Raises
    ------
    WorkbenchError
        for a horizon outside 1..100 years, a discount rate outside 0..1, a scenario with terms of
        the year, whose years do not add up in this way, or a study that `exact_year` refuses.

    """
    _check_years(years)
    require(
        is_number(discount_rate) and 0 <= discount_rate < 1,
        "a discount rate is a number from 0 to below 1 a year",
        got=discount_rate,
        fix="Write 0.03 for 3 %.",
    )
    refuse_high_rates(study)
    factors = tuple((1 + discount_rate) ** -t for t in range(1, years + 1))
    plans = [_several(plan, factors) for plan in plans_of(study)]
    check_reached(plans, wait=wait)
    return exact.portfolio(plans, study.currency)


def _several(plan: CompoundPlan, factors: tuple[float, ...]) -> CompoundPlan:
    require(
        plan.annual is None or factors == (1.0,),
        f"the years of scenario {plan.id} add up without terms of the year",
        got="annual terms",
        fix="Not computed in this version over several or discounted years: leave them out.",
    )
    return replace(plan, factors=factors)


def _check_years(years: int) -> None:
    require(
        is_whole(years, 1, MOST_YEARS),
        f"a horizon is a whole number of years from 1 to {MOST_YEARS}",
        got=years,
        fix="Say 3 or 5.",
    )


def _named(plans: tuple[CompoundPlan, ...]) -> str:
    more = f" and {len(plans) - TOLD} more" if len(plans) > TOLD else ""
    return (", ".join(plan.id for plan in plans[:TOLD]) or "no scenario") + more


@dataclass(frozen=True)
class LargestEvent:
    """The largest single event of a year; a year without an event counts as 0."""

    plans: tuple[CompoundPlan, ...]
    currency: str

    def __repr__(self) -> str:
        """Say of which scenarios; their plans are long."""
        return f"LargestEvent(of {_named(self.plans)} in {self.currency})"

    @classmethod
    def of(cls, study: Study, scenario_id: str | None = None) -> "LargestEvent":
        """Return that of a study, or of one of its scenarios.

        Raises
        ------
        WorkbenchError
            for an unknown scenario, a rate that is not computed, or, of a whole study, a
            dependence.

        """
        refuse_high_rates(study)
        if scenario_id is not None:
            return cls((plan_of(study.scenario(scenario_id), study),), study.currency)
        return cls(tuple(plans_of(study)), study.currency)

    def exceedance(self, loss: ArrayLike) -> Array:
        """P(some event of the year costs more than `loss`), of the shape of `loss`.

        In closed form for a known asset; beside an uncertain one to 1e-7 of a chance, and to 1e-3
        where single shares of it meet a secondary loss or terms of several scenarios.
        """
        at = np.asarray(loss, dtype=float)
        found = extremes.largest_single(list(self.plans), np.maximum(at, 0.0))
        return np.where(np.isnan(at), np.nan, np.where(at < 0, 1.0, found))

    def var(self, level: float) -> float:
        """Return the smallest x with P(M <= x) >= `level`, currency, by bisection to rounding.

        Infinite where it lies beyond 1e18.

        Raises
        ------
        WorkbenchError
            for a level that is not one number in [0, 1).

        """
        check_level(level)
        if float(self.exceedance(0.0)) <= 1 - level:
            return 0.0
        low, high = 0.0, 1.0
        while float(self.exceedance(high)) > 1 - level and high < FARTHEST:
            low, high = high, 8 * high
        if high >= FARTHEST:
            return math.inf
        while high - low > 1e-13 * high:
            marks = np.linspace(low, high, 17)
            over = int(np.count_nonzero(self.exceedance(marks[1:-1]) > 1 - level))
            low, high = float(marks[over]), float(marks[over + 1])
        return high


LONGEST = 1e12  # years: a mean that is not reached by then is not given


@dataclass(frozen=True)
class FirstEvent:
    """The time to the first loss event of a study, with what is held kept.

    For a known rate lambda of a Poisson count it is exponential: 1 - exp(-lambda t), mean 1/lambda.
    """

    plans: tuple[CompoundPlan, ...]

    def __repr__(self) -> str:
        """Say of which scenarios; their plans are long."""
        return f"FirstEvent(of {_named(self.plans)})"

    @classmethod
    def of(cls, study: Study) -> "FirstEvent":
        """Return that of all scenarios of a study together.

        Raises
        ------
        WorkbenchError
            for a study with a dependence, or a rate that is not computed.

        """
        refuse_high_rates(study)
        return cls(tuple(plans_of(study)))

    def at_any_time(self) -> bool:
        """Whether events come at any time of a year, as those of a Poisson count do."""
        return not extremes.whole_years(list(self.plans))

    def within(self, years: float) -> float:
        """P(a loss event within `years` years).

        Raises
        ------
        WorkbenchError
            for a time that is no number from 0 to 1e12, or a part of a year where a count tells its
            events by whole years only.

        """
        require(
            is_number(years, 0, LONGEST),
            f"a time is a number of years, 0 to {LONGEST:g}",
            got=years,
            fix="Say 1, 5 or 10.",
        )
        require(
            float(years).is_integer() or self.at_any_time(),
            "a count without a time within the year is asked for whole years",
            got=years,
            fix="Say 1, 5 or 10; events of a Poisson or a negative binomial come at any time.",
        )
        return 1 - extremes.no_event(list(self.plans), years)

    def mean(self) -> float:
        r"""Mean time to the first event, years; infinite where the rate may be too close to 0.

        .. math:: E[T] = \int_0^\infty P(T > t)\, dt = \int P(T > e^s)\, e^s\, ds

        by Gauss panels of s. Where a rate may be close to 0 the chance falls like a power of t in
        the end, which gives the rest. Counts of whole years are summed for the first of them.
        """
        plans = list(self.plans)
        if not plans:
            return math.inf
        counted = extremes.whole_years(plans)
        total, start = (self._first_years(), float(WHOLE)) if counted else (SOON, SOON)
        t, w = legendre(NODES)
        last, part = math.nan, math.nan
        for left in np.arange(math.log(start), math.log(LONGEST), STEP):
            times = np.exp(left + STEP * (1 + t) / 2)
            chances = np.array([extremes.no_event(plans, float(at), parts=True) for at in times])
            last, part = part, float(STEP / 2 * w @ (times * chances))
            total += part
            if chances[-1] < UNSEEN:
                break
        if part == 0 or math.isnan(last):
            return total
        fall = math.log(last / part) / STEP  # of t P(T > t), in log time
        return total + part / math.expm1(fall * STEP) if fall > SLOWEST else math.inf

    def _first_years(self) -> float:
        """Return the integral of P(T > t) over the first years, one by one."""
        t, w = legendre(3)
        years = range(WHOLE)
        parts = [extremes.no_event(list(self.plans), k + (1 + x) / 2) for k in years for x in t]
        return float(np.sum(np.reshape(parts, (WHOLE, 3)) @ w) / 2)
