"""What an engine is given: frozen plans of compound losses, never a scenario."""

from dataclasses import dataclass

from workbench.distributions import Distribution, Point
from workbench.engines.counts import Count, Poisson

POISSON, ONE = Poisson(), Point(1.0)


@dataclass(frozen=True, slots=True)
class CompoundPlan:
    r"""One scenario's year.

    .. math:: L = A \sum_{i=1}^{N} X_i

    with the rate of N and the scale A held for the year and the X_i independent.
    """

    id: str
    rate: Distribution  # loss events / year, held
    severity: Distribution  # per event: currency, or a share of the scale
    count: Count = POISSON
    scale: Distribution = ONE  # held: currency, or 1
    shared: str | None = None  # plans with the same name share one draw of the scale

    def mean(self) -> float:
        """E[L] = E[A] E[N] E[X] (Wald), currency / year."""
        return self.scale.mean() * self.rate.mean() * self.severity.mean()

    def unscaled(self) -> tuple[float, float]:
        """Mean and variance of the sum S = L / A.

        Var(S) = E[N] Var(X) + Var(N) E[X]^2.
        """
        mean_n, mean_x = self.rate.mean(), self.severity.mean()
        variance = mean_n * self.severity.variance() + self.count.variance(self.rate) * mean_x**2
        return mean_n * mean_x, variance

    def variance(self) -> float:
        """Var(L) = E[A^2] E[S^2] - (E[A] E[S])^2."""
        return group_variance((self,))

    def is_nothing(self) -> bool:
        """Whether no loss is possible at all."""
        parts = (self.rate, self.severity, self.scale)
        return any(part.support()[1] == 0 for part in parts)


Group = tuple[CompoundPlan, ...]  # plans that share one scale


def group_variance(plans: Group) -> float:
    """Variance of the summed loss of plans that share one scale, currency^2 / year^2."""
    scale = plans[0].scale
    moments = [plan.unscaled() for plan in plans]
    mean, variance = sum(m for m, _ in moments), sum(v for _, v in moments)
    return scale.second_moment() * (variance + mean**2) - (scale.mean() * mean) ** 2


def groups(plans: list[CompoundPlan]) -> list[Group]:
    """Plans that share a scale together, every other plan alone, in order of id."""
    found: dict[tuple[str, str], list[CompoundPlan]] = {}
    for plan in sorted(plans, key=lambda p: p.id):
        key = ("own", plan.id) if plan.shared is None else ("shared", plan.shared)
        found.setdefault(key, []).append(plan)
    return [tuple(group) for group in found.values()]
