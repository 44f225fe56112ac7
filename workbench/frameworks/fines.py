"""The ceiling of a fine as a bound of a scenario's magnitude: what is above it does not happen.

A ceiling is no estimate: it says nothing of how likely a fine is, nor of its size below it.
"""

from dataclasses import replace

from workbench.distributions import Distribution, Truncated
from workbench.errors import require
from workbench.models.scenario import Scenario
from workbench.models.tree import LossForms, SecondaryLoss


def below_the_ceiling(fine: Distribution, ceiling: float) -> Distribution:
    """Return a belief about a fine, given that it is no higher than its ceiling.

    Raises
    ------
    WorkbenchError
        for a ceiling of 0 or less, and a belief that lies above it.

    """
    require(ceiling > 0, "a ceiling is above 0", got=ceiling, fix="State it in the currency.")
    if fine.support()[1] <= ceiling:
        return fine
    return Truncated(fine, 0.0, ceiling)


def bounded_by_ceiling(scenario: Scenario, ceiling: float) -> Scenario:
    """Return a scenario whose fines and judgments stay below a ceiling, in today's state.

    The law bounds a fine and no judgment: damages that a court awards have no such ceiling. It is
    for scenarios whose form of loss is stated as the fine alone.

    Parameters
    ----------
    ceiling : currency of the study / event, such as `Classification.bound()` in EUR

    Raises
    ------
    WorkbenchError
        where the scenario states no fines and judgments by themselves.

    """
    primary, secondary = scenario.loss_magnitude, scenario.secondary
    after = None if secondary is None else secondary.magnitude
    stated = [forms for forms in (primary, after) if isinstance(forms, LossForms)]
    require(
        any(forms.fines_and_judgments is not None for forms in stated),
        f"scenario {scenario.id} states its fines and judgments by themselves",
        got="a magnitude that is not by its forms",
        fix="State primary_loss or secondary_loss by the six forms of loss.",
    )
    changes: dict[str, object] = {}
    if isinstance(primary, LossForms):
        changes["loss_magnitude"] = _bounded(primary, ceiling)
    if isinstance(after, LossForms) and secondary is not None:
        changes["secondary"] = SecondaryLoss(secondary.share, _bounded(after, ceiling))
    return scenario.replace(**changes)


def _bounded(forms: LossForms, ceiling: float) -> LossForms:
    fine = forms.fines_and_judgments
    if fine is None:
        return forms
    return replace(forms, fines_and_judgments=below_the_ceiling(fine, ceiling))
