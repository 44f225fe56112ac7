"""What an engine is given: frozen plans of compound losses, never a scenario."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from workbench.distributions import Array, Distribution, Point, WithTerms, scaled
from workbench.distributions.quadrature import nodes
from workbench.engines.counts import Count, Poisson
from workbench.engines.sums import passed, total

FAR = 1e-9  # chance of a rate beyond which a year need not be resolved
POISSON, ONE, NEVER = Poisson(), Point(1.0), Point(0.0)


@dataclass(frozen=True, slots=True)
class EventTerms:
    """What of one event counts, in money: share * min((X - deductible)+, limit)."""

    deductible: float = 0.0  # currency / event
    limit: float = math.inf  # currency / event
    share: float = 1.0  # above 0, at most 1

    def of(self, event: Distribution) -> Distribution:
        """Return what counts of an event."""
        return WithTerms(event, self.deductible, self.limit, self.share)

    def kept(self, losses: Array) -> Array:
        """Return what counts of each of these events, currency."""
        above = np.maximum(losses - self.deductible, 0)
        return np.asarray(self.share * np.minimum(above, self.limit))


@dataclass(frozen=True, slots=True)
class AnnualTerms:
    """What of a year counts: min((L - deductible)+, limit)."""

    deductible: float = 0.0  # currency / year
    limit: float = math.inf  # currency / year


@dataclass(frozen=True, slots=True)
class Secondary:
    """A further loss in a `share` of the events; the share is held for the year."""

    share: Distribution  # 0..1
    amount: Distribution  # currency / event that has it


@dataclass(frozen=True, slots=True)
class Event:
    r"""One event with its scale given: `plain`, or `more` in a held share Q of the events.

    .. math:: E[X | Q] = (1 - Q) \mu_0 + Q \mu_1
    """

    plain: Distribution  # currency
    more: Distribution | None = None  # with the secondary loss
    share: Distribution = NEVER

    def largest(self) -> Distribution:
        """Return the larger of the two kinds of event."""
        return self.plain if self.more is None else self.more

    def shares(self, rate: float) -> tuple[Array, Array]:
        """Return values and weights that average a year's transform over the held share.

        exp(rate * share * (phi_1 - phi_0)) turns by 2 * rate * width at most; see `rates`.
        """
        low, high = self.share.support()
        turn = 2 * rate * (high - low)
        return nodes(self.share, 8 + math.ceil(min(turn, 9 * math.sqrt(turn)) / 3))

    def moments(self) -> tuple[float, float, float]:
        """E[m], E[m^2] and E[X^2], where m = E[X | share] is averaged over the share."""
        first, second = self.plain.mean(), self.plain.second_moment()
        if self.more is None:
            return first, first**2, second
        more, rise = self.more, self.more.mean() - first
        share, square = self.share.mean(), self.share.second_moment()
        if not math.isfinite(more.mean()):
            return math.inf, math.inf, math.inf
        mean_square = first**2 + 2 * first * rise * share + rise**2 * square
        return (
            first + share * rise,
            mean_square,
            (1 - share) * second + share * more.second_moment(),
        )


@dataclass(frozen=True, slots=True)
class CompoundPlan:
    r"""One scenario's year.

    .. math:: L = \sum_{i=1}^{N} T(A X_i + B_i Y_i), \qquad B_i \sim Bernoulli(Q)

    with the rate of N, the scale A and the share Q held for the year, the X_i, Y_i and B_i
    independent, and T the terms of an event; the terms of the year act on L. `factors` has a factor
    for each of several years that keep what is held (discounting); one year has the factor 1.
    """

    id: str
    rate: Distribution  # loss events / year, held
    severity: Distribution  # per event: currency, or a share of the scale
    count: Count = POISSON
    scale: Distribution = ONE  # held: currency, or 1
    shared: str | None = None  # plans with the same name share one draw of the scale
    secondary: Secondary | None = None
    terms: EventTerms | None = None
    annual: AnnualTerms | None = None
    factors: tuple[float, ...] = (1.0,)

    def is_simple(self) -> bool:
        """Whether the year is A times a plain compound sum."""
        extras = (self.secondary, self.terms, self.annual)
        return self.factors == (1.0,) and all(extra is None for extra in extras)

    def event(self, scale: float) -> Event:
        """Return one event, given the scale."""
        return _event(self.severity, self.secondary, self.terms, scale)

    def shares(self) -> tuple[Array, Array]:
        """Return values and weights of the held share of events with a secondary loss."""
        high = self.rate.support()[1]
        high = high if math.isfinite(high) else passed(self.rate, FAR)
        return self.event(1.0).shares(high)

    def at_scale(self, scale: float) -> "CompoundPlan":
        """Return the plan once its scale is known, which then belongs to the severity.

        Terms of an event do too where nothing else is added to it: what single values make of them
        is then seen.
        """
        severity, terms = scaled(self.severity, scale), self.terms
        if terms is not None and self.secondary is None:
            severity, terms = terms.of(severity), None
        return replace(self, severity=severity, scale=ONE, shared=None, terms=terms)

    def before_annual_terms(self) -> "CompoundPlan":
        """Return the plan without the terms of the year."""
        return replace(self, annual=None)

    def given(self, scale: float) -> tuple[float, float]:
        """Mean and variance of the year before annual terms, given the scale.

        Wald: E[L] = E[N] E[X] and Var(L) = E[N] E[Var(X)] + (E[Var(N | rate)]) E[m^2] for one year,
        with the variance of lambda m between the draws of what is held on top.
        """
        m, m2, second = self.event(scale).moments()
        if not (math.isfinite(m) and math.isfinite(second)):
            return self.rate.mean() * m * math.fsum(self.factors), math.inf
        rate, square = self.rate.mean(), self.rate.second_moment()
        if not math.isfinite(square):
            return rate * m * math.fsum(self.factors), math.inf
        counted = self.count.variance(self.rate) - self.rate.variance()
        held = square * m2 - (rate * m) ** 2
        sums = math.fsum(self.factors), math.fsum(v * v for v in self.factors)
        within = rate * (second - m2) + counted * m2
        return rate * m * sums[0], sums[1] * within + sums[0] ** 2 * held

    def is_nothing(self) -> bool:
        """Whether no loss is possible at all."""
        if self.rate.support()[1] == 0:
            return True
        parts = [self.scale.support()[1], self.severity.support()[1]]
        largest = 0.0 if 0 in parts else math.prod(parts)  # infinity times 0 is no loss
        if self.secondary is not None and self.secondary.share.support()[1] > 0:
            largest += self.secondary.amount.support()[1]
        if self.terms is not None:
            largest = float(self.terms.kept(np.asarray(largest)))
        return largest == 0


@lru_cache(maxsize=4096)
def _event(
    severity: Distribution, secondary: Secondary | None, terms: EventTerms | None, scale: float
) -> Event:
    plain = scaled(severity, scale)
    if secondary is None:
        return Event(plain if terms is None else terms.of(plain))
    more = total((plain, secondary.amount))
    if terms is not None:
        plain, more = terms.of(plain), terms.of(more)
    return Event(plain, more, secondary.share)


Group = tuple[CompoundPlan, ...]  # plans that share one scale


def groups(plans: list[CompoundPlan]) -> list[Group]:
    """Plans that share a scale together, every other plan alone, in order of id.

    One that is alone has no terms where its events are told by its scale.
    """
    found: dict[tuple[str, str], list[CompoundPlan]] = {}
    for plan in sorted(plans, key=lambda p: p.id):
        key = ("own", plan.id) if plan.shared is None else ("shared", plan.shared)
        found.setdefault(key, []).append(plan)
    return [(_as_product(*group),) if len(group) == 1 else tuple(group) for group in found.values()]


def _as_product(plan: CompoundPlan) -> CompoundPlan:
    """Return a plan whose events all cost the same share of its scale as one without terms.

    Each event of a year costs T(A v), which is known once the scale is: so the year is N T(A v).
    """
    terms, share = plan.terms, plan.severity
    if terms is None or plan.secondary is not None or not isinstance(share, Point):
        return plan
    worth = terms.of(scaled(plan.scale, share.value))
    return replace(plan, scale=worth, severity=ONE, terms=None, shared=None)
