"""Edits of a study that the controls of a page may make, and what they change."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.distributions import scaled
from workbench.errors import require
from workbench.losses import LossDistribution, SampledLosses
from workbench.models.comparison import paired_error
from workbench.models.exact_year import refuse_high_rate
from workbench.models.portfolio import StudyResult
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.models.tree import LossEvents

LEAST, MOST = 0.0, 5.0  # how far a control may scale a frequency


@dataclass(frozen=True, slots=True)
class Driver:
    """A frequency that a control may scale, and how much of an average year hangs on it."""

    scenario: Scenario
    share: float  # of the average year; infinite averages share nothing
    least: float = LEAST  # below it the frequency is less than that of its common shocks


def by_average(result: StudyResult) -> list[Scenario]:
    """Return the scenarios, the largest average year first; ties by the 1-in-100 year, then id."""
    losses = result.scenarios

    def size(scenario: Scenario) -> tuple[float, float, str]:
        mean = losses[scenario.id].mean()
        rare = 0.0 if np.isfinite(mean) else losses[scenario.id].var(0.99)
        return -mean, -rare, scenario.id

    return sorted(result.study.scenarios, key=size)


def drivers(result: StudyResult, most: int = 3) -> list[Driver]:
    r"""Return the frequencies that move an average year most, at most `most` of them.

    An average year is linear in each frequency, so that what one per cent of it moves is the
    scenario's share of the average year:

    .. math:: \frac{\partial E[L]}{\partial f_i} \frac{f_i}{E[L]} = \frac{E[L_i]}{E[L]}

    Scenarios that never cost anything are no drivers.
    """
    total = result.portfolio.mean()
    found = []
    for scenario in by_average(result)[:most]:
        mean = result.scenarios[scenario.id].mean()
        if mean > 0:
            share = mean / total if np.isfinite(mean) and np.isfinite(total) else 0.0
            found.append(Driver(scenario, float(share), least_factor(result.study, scenario)))
    return found


def least_factor(study: Study, scenario: Scenario) -> float:
    """Return how far down a frequency may be scaled: to that of the common shocks, 0..1.

    The stated frequency includes the shocks; its lowest value must not be below theirs.
    """
    dependence = study.dependence
    shocks = () if dependence is None else dependence.shocks
    by = math.fsum(shock.rate * shock.chance(scenario.id) for shock in shocks)
    low = scenario.rate().support()[0]
    return min(by / low, 1.0) if by > 0 and low > 0 else LEAST


def scale_frequency(study: Study, scenario_id: str, factor: float) -> Study:
    """Return the study in which one scenario happens `factor` times as often.

    Raises
    ------
    WorkbenchError
        for an unknown scenario or a factor outside 0 to 5.

    """
    require(
        LEAST <= factor <= MOST,
        f"a frequency is scaled by {LEAST:g} to {MOST:g}",
        got=factor,
        fix="Edit the scenario itself for more.",
    )
    scenario = study.scenario(scenario_id)
    if factor == 1:
        return study
    node = scenario.frequency
    changed = (
        node.scaled(factor) if isinstance(node, LossEvents) else scaled(scenario.rate(), factor)
    )
    return study.replace_scenario(scenario.replace(frequency=changed))


@dataclass(frozen=True)
class Change:
    """What an edit does to the year.

    Both sides are computed by one engine. Exact sides have no noise; simulated ones share their
    random words, so that much of what chance does to one it does to the other; see `paired_error`.
    """

    study: Study  # after the edit
    before: LossDistribution
    after: LossDistribution

    def mean(self) -> float:
        """Change of the average year, currency / year."""
        return self.after.mean() - self.before.mean()

    def mean_error(self) -> float:
        """Error of `mean`: a bound where both sides are exact, else the paired standard error."""
        if self.after is self.before:
            return 0.0
        if isinstance(self.before, SampledLosses) and isinstance(self.after, SampledLosses):
            return paired_error(self.before, self.after, "mean")
        return self.after.error("mean") + self.before.error("mean")


def change_frequencies(result: StudyResult, factors: Mapping[str, float]) -> Change:
    """Return what a year costs once each scenario of `factors` happens that many times as often.

    Parameters
    ----------
    result : of the study as it is, by either engine
    factors : scenario id -> 0 to 5; 1 leaves it as it is

    The transforms of scenarios that stay as they are come from the exact engine's cache; simulated
    years have the same words as before, so that a slider's step costs the scenarios that change.

    Raises
    ------
    WorkbenchError
        for an unknown scenario, a factor out of range, or a rate that is not computed.

    """
    edited = result.study
    for name in sorted(factors):
        edited = scale_frequency(edited, name, factors[name])
    if edited is result.study:
        return Change(edited, result.portfolio, result.portfolio)
    changed = [name for name in factors if factors[name] != 1]
    for name in changed:
        refuse_high_rate(edited.scenario(name))
    after = result.edited(edited, changed)
    return Change(edited, result.portfolio, after)
