"""Edits of a study that a control on a page may make, and what they change."""

from dataclasses import dataclass

from workbench.distributions import scaled
from workbench.engines import exact
from workbench.errors import require
from workbench.losses import LossDistribution
from workbench.models.planning import plans_of
from workbench.models.portfolio import refuse_high_rates
from workbench.models.study import Study
from workbench.models.tree import LossEvents

LEAST, MOST = 0.0, 5.0  # how far a control may scale a frequency


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
    """What an edit does to the year; both sides are exact, so their difference has no noise."""

    study: Study  # after the edit
    before: LossDistribution
    after: LossDistribution

    def mean(self) -> float:
        """Change of the average year, currency / year."""
        return self.after.mean() - self.before.mean()

    def mean_error(self) -> float:
        """Error bound of `mean`."""
        return self.after.error("mean") + self.before.error("mean")


def change_frequency(
    study: Study, before: LossDistribution, scenario_id: str, factor: float
) -> Change:
    """Return what a year costs once a scenario happens `factor` times as often.

    `before` is the portfolio of `study`. The transforms of scenarios that stay as they are come
    from the engine's cache, so that a slider's step costs one scenario and one inversion.
    """
    edited = scale_frequency(study, scenario_id, factor)
    refuse_high_rates(edited)
    after = before if edited is study else exact.portfolio(plans_of(edited), edited.currency)
    return Change(edited, before, after)
