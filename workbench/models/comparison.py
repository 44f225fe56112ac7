"""The states of one study side by side: inherent, current and residual, and what differs.

All states are computed with one engine. Exact figures have no noise. In a simulation a scenario has
the same words in every state, since words are addressed by its id: what chance does to one state it
does to the others, and a difference is known far better than either of its sides.
"""

import math
from dataclasses import dataclass

import numpy as np

from workbench.distributions import Array
from workbench.errors import require
from workbench.losses import SampledLosses
from workbench.losses.base import QUANTILES, TAILS, tells_spread
from workbench.models.planning import marginal_plans
from workbench.models.portfolio import YEARS, Engine, StudyResult, simulate
from workbench.models.scenario import State
from workbench.models.study import Study, as_study

COMPARED = ("mean", "p95", "tvar95")
FIGURES = ("mean", *QUANTILES, *TAILS)  # of which a difference has an error of its own


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a figure moves from one state to another, currency / year."""

    name: str  # of the figure
    before: State
    after: State
    value: float | None  # None where one side does not exist
    error: float | None  # standard error of the paired difference, or error bound of the exact one
    why: str = ""  # why there is no value or no error


@dataclass(frozen=True)
class Comparison:
    """The year of one study in each of its states."""

    engine: str  # "exact" or "montecarlo"
    results: dict[State, StudyResult]  # in the order inherent, current, residual

    def states(self) -> tuple[State, ...]:
        """Return the states that the study tells apart."""
        return tuple(self.results)

    def figure(self, state: State, name: str) -> float:
        """Return a figure of a state's total; infinite where it does not exist."""
        return self._result(state).portfolio.figure(name)

    def error(self, state: State, name: str) -> float:
        """Return the standard error or error bound of `figure`."""
        return self._result(state).portfolio.error(name)

    def difference(self, before: State, after: State, name: str) -> Difference:
        """Return figure(after) - figure(before) with the error of the difference itself.

        Raises
        ------
        WorkbenchError
            for a state that the study does not tell apart, or a figure without such an error.

        """
        require(
            name in FIGURES, "a difference has a known name", got=name, fix=f"One of {FIGURES}."
        )
        old, new = (self._result(state).portfolio for state in (before, after))
        low, high = old.figure(name), new.figure(name)
        if not (math.isfinite(low) and math.isfinite(high)):
            why = f"{name} does not exist, because the average of a loss is infinite"
            return Difference(name, before, after, None, None, why)
        if self._are_same(before, after):
            error = 0.0
        elif isinstance(old, SampledLosses) and isinstance(new, SampledLosses):
            error = paired_error(old, new, name)
        else:
            error = old.error(name) + new.error(name)
        if math.isfinite(error):
            return Difference(name, before, after, high - low, error)
        why = "there is no standard error without a variance, nor of a few years"
        return Difference(name, before, after, high - low, None, why)

    def differences(self) -> list[Difference]:
        """Return the differences of `COMPARED` from each state to the next."""
        steps = list(zip(self.states()[:-1], self.states()[1:], strict=True))
        return [self.difference(a, b, name) for a, b in steps for name in COMPARED]

    def _are_same(self, before: State, after: State) -> bool:
        """Whether both states have the same years by what was stated, and not by luck."""
        one, other = (marginal_plans(self._result(state).study) for state in (before, after))
        return one == other

    def _result(self, state: State) -> StudyResult:
        require(
            state in self.results,
            "a state is one that the study tells apart",
            got=state,
            fix=f"It has {', '.join(self.results)}; state the scenarios' {state} fields.",
        )
        return self.results[state]


def compare(
    study: Study, *, engine: Engine = "auto", years: int = YEARS, seed: int | None = None
) -> Comparison:
    """Compute or simulate every state of a study with one engine; parameters of `simulate`.

    With "auto" all states are simulated where one of them has to be.

    Raises
    ------
    WorkbenchError
        as `simulate` does.

    """

    def at(state: State, engine: Engine) -> StudyResult:
        return simulate(study.at(state), engine=engine, years=years, seed=seed)

    results = {state: at(state, engine) for state in as_study(study).states()}
    if len({result.engine for result in results.values()}) > 1:
        results = {
            state: found if found.engine == "montecarlo" else at(state, "montecarlo")
            for state, found in results.items()
        }
    return Comparison(results["current"].engine, results)


def paired_error(before: SampledLosses, after: SampledLosses, name: str) -> float:
    r"""Return the standard error of figure(after) - figure(before), which share their words.

    With the influence of year i on a figure, s its standard deviation over n years:

    .. math:: error = s(I_{after} - I_{before}) / \sqrt n

    It takes what the two have in common out, as a difference year by year does. Where a frequency
    changes, an event more in one year hands the words of the amounts on to later years; what the
    years share across each other is not taken out, and the error is on the safe side. Infinite
    where a variance does not exist or fewer than 10 years differ, but for quantiles, and for two
    states that are one and the same.

    Raises
    ------
    WorkbenchError
        for samples of two runs: their years are no pairs.

    """
    require(
        before.run is not None and before.run == after.run and before.ids == after.ids,
        "paired years have the same words: one seed, one number of years, the same scenarios",
        got=(before.run, after.run),
        fix="Use compare(), which simulates the states so.",
    )
    if before is after or (before.nothing and after.nothing):
        return 0.0
    differing = int(np.count_nonzero(before.annual != after.annual))
    has_variance = all(math.isfinite(one.variance()) for one in (before, after))
    is_told = has_variance and tells_spread(differing, before.years)
    if name not in QUANTILES and not is_told:
        return math.inf
    gap = _influence(after, name) - _influence(before, name)
    return float(gap.std(ddof=1) / math.sqrt(gap.size))


def _influence(losses: SampledLosses, name: str) -> Array:
    r"""Return how much each year moves a figure, times n, but for a constant.

    .. math:: mean: L, \qquad
              VaR_p: 1\{L > VaR_p\} / f(VaR_p), \qquad
              TVaR_p: (L - VaR_p)_+ / (1 - p)

    1 / f is the slope of the quantile function, from the order statistics one binomial standard
    deviation below and above. Source: Hampel 1974; for TVaR, Manistre and Hancock 2005.
    """
    if name == "mean":
        return losses.annual
    if name in TAILS:
        level = TAILS[name]
        return np.maximum(losses.annual - losses.var(level), 0) / (1 - level)
    level = QUANTILES[name]
    spread = math.sqrt(level * (1 - level))
    slope = losses.var_error(level) * math.sqrt(losses.years) / spread
    return np.where(losses.annual > losses.var(level), slope, 0.0)
