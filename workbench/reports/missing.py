"""Why a figure is not there: which moment of which belief of which scenario does not exist."""

import math
from collections.abc import Iterator

from workbench.distributions import Distribution
from workbench.losses import BinnedLosses, SampledLosses
from workbench.losses.base import MOMENTS, TAILS
from workbench.models.portfolio import StudyResult
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.models.tree import LossEvents, LossForms, ThreatEvents

MOST_NAMED = 2  # scenarios that a reason names
# type of a file -> its name for people, its parameters, and what the moment of an order k needs
HEAVY = {
    "pareto": ("Pareto", ("alpha",), "alpha above {k}"),
    "pareto2": ("Pareto II", ("alpha",), "alpha above {k}"),
    "burr": ("Burr XII", ("alpha", "shape"), "alpha times shape above {k}"),
    "gpd": ("generalised Pareto", ("shape",), "a shape below {inverse}"),
    "metalog": ("metalog", ("coefficients",), "a2 + a3/2 below {inverse}"),
}


def why_missing(result: StudyResult, figure: str, scenario_id: str | None = None) -> str:
    """Return the reason why a figure of a result, or of one of its scenarios, does not exist.

    `figure` is one of `losses.FIGURES`. The reason names the scenario, the field and the belief:
    'the mean of loss_magnitude of scenario S-1 does not exist: it is a Pareto with alpha 0.8, and a
    mean needs alpha above 1'.
    """
    moment = "variance" if figure == "sd" else "mean"
    scenarios = {scenario.id: scenario for scenario in result.study.scenarios}
    losses = result.scenarios if scenario_id is None else {scenario_id: None}
    guilty = [
        name
        for name, one in losses.items()
        if one is None or not math.isfinite(one.mean() if moment == "mean" else one.variance())
    ]
    reasons = [_reason(scenarios[name], result.study, moment) for name in guilty[:MOST_NAMED]]
    rest = len(guilty) - MOST_NAMED
    more = f"; and that of {rest} other{'s' if rest > 1 else ''}" if rest > 0 else ""
    said = "; ".join(reasons) + more
    return f"the average of the worst years needs a mean, and {said}" if figure in TAILS else said


def why_no_error(result: StudyResult, figure: str, scenario_id: str | None = None) -> str:
    """Return the reason why a simulated figure that exists has no standard error."""
    chosen = result.scenarios if scenario_id is None else {scenario_id: None}
    simulated = {name: result.scenarios[name] for name in chosen}
    if figure in {"mean", "sd", *TAILS}:
        if not all(math.isfinite(one.variance()) for one in simulated.values()):
            why = why_missing(result, "sd", scenario_id)
            return f"a standard error needs a variance, and {why}"
        heavy = [
            name
            for name, one in simulated.items()
            if isinstance(one, SampledLosses | BinnedLosses) and one.moments < MOMENTS
        ]
        if figure == "sd" and heavy:
            names = ", ".join(heavy[:MOST_NAMED])
            more = f" and {len(heavy) - MOST_NAMED} more" if len(heavy) > MOST_NAMED else ""
            return f"a standard error of sd needs a fourth moment, which {names}{more} has not"
    return "a standard error needs 10 simulated years or more that show the figure"


def _reason(scenario: Scenario, study: Study, moment: str) -> str:
    for field, belief in _fields(scenario, study):
        found = _culprit(belief, moment)
        if found is not None:
            what = f"the {moment} of {field} of scenario {scenario.id} does not exist"
            return f"{what}: it {'is' if found == belief else 'holds'} {_told(found, moment)}"
    return f"the {moment} of the annual loss of scenario {scenario.id} does not exist"


def _fields(scenario: Scenario, study: Study) -> Iterator[tuple[str, Distribution]]:
    """Return the stated beliefs of a scenario by the names that a study file gives them."""
    yield from _rates(scenario)
    if scenario.exposure_factor is not None:
        yield "exposure_factor", scenario.exposure_factor
    if scenario.asset_value is not None:
        yield "asset_value", scenario.asset_value
    if scenario.asset is not None:
        yield f"asset {scenario.asset}", study.asset(scenario.asset).value
    if scenario.loss_magnitude is not None:
        yield from _amounts("loss_magnitude", "primary_loss", scenario.loss_magnitude)
    if scenario.secondary is not None:
        place = "secondary_loss"
        yield from _amounts(f"{place}.magnitude", place, scenario.secondary.magnitude)


def _rates(scenario: Scenario) -> Iterator[tuple[str, Distribution]]:
    node = scenario.frequency
    if not isinstance(node, LossEvents):
        yield "aro" if scenario.lens == "classical" else "loss_event_frequency", scenario.rate()
    elif isinstance(node.threat_event_frequency, ThreatEvents):
        yield "contact_frequency", node.threat_event_frequency.contact_frequency
    else:
        yield "threat_event_frequency", node.threat_event_frequency


def _amounts(
    one: str, several: str, node: Distribution | LossForms
) -> Iterator[tuple[str, Distribution]]:
    if isinstance(node, LossForms):
        yield from ((f"{several}.{name}", belief) for name, belief in node.stated().items())
    else:
        yield one, node


def _culprit(belief: Distribution, moment: str) -> Distribution | None:
    """Return the innermost belief whose moment does not exist; None where this one's does."""
    if math.isfinite(belief.mean() if moment == "mean" else belief.variance()):
        return None
    parts = [*getattr(belief, "parts", ()), *getattr(belief, "factors", ())]
    base = getattr(belief, "base", None)
    parts += [base] if isinstance(base, Distribution) else []
    return next((found for part in parts if (found := _culprit(part, moment))), belief)


def _told(belief: Distribution, moment: str) -> str:
    stated = belief.to_dict()
    if stated["type"] not in HEAVY:
        return f"a {stated['type']} with too heavy a tail"
    name, fields, needs = HEAVY[stated["type"]]
    order = 1 if moment == "mean" else 2
    values = " and ".join(f"{field} {_number(stated[field])}" for field in fields)
    said = needs.format(k=order, inverse="1" if order == 1 else "1/2")
    return f"a {name} with {values}, and a {moment} needs {said}"


def _number(value: float | list[float]) -> str:
    if isinstance(value, int | float):
        return f"{value:.4g}"
    return f"[{', '.join(f'{one:.4g}' for one in value)}]"
