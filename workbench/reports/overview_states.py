"""What the overview says of a study's other states: without controls, and after the plan."""

import math
from collections.abc import Iterator, Mapping, Sequence

from workbench.amounts import compact_money, percent
from workbench.losses import LossDistribution
from workbench.models.scenario import State
from workbench.models.study import TolerancePoint
from workbench.models.tolerance import Breach, verdict
from workbench.reports import words

NAMES: dict[State, str] = {
    "inherent": "Without controls",
    "current": "Today",
    "residual": "After the plan",
}


def plan_told(planned: LossDistribution, worst: TolerancePoint | None) -> str:
    """Say where the plan leads: the chance that matters most, or else the average."""
    if worst is None:
        return (
            f"After the plan, {words.average_year(planned)[:1].lower()}"
            + (words.average_year(planned)[1:])
        )
    chance = words.chance_beside(float(planned.exceedance(worst.loss)), worst.probability)
    accepted = words.stated_chance(worst.probability)
    where = {
        "above": f"still above the {accepted} that we accept",
        "within": f"within the {accepted} that we accept",
        "too close to call": f"too close to the {accepted} that we accept to call",
    }[verdict(planned, worst)]
    limit = words.stated_money(worst.loss, planned.currency)
    return f"The plan brings the chance of more than {limit} to {chance}, {where}."


def averages_told(beside: Mapping[State, LossDistribution]) -> Iterator[str]:
    """Yield the averages of the other states, as one sentence."""
    parts = [
        f"{NAMES[state].lower()} {words.amount(m, losses.error('mean'), losses.currency)}"
        for state, losses in beside.items()
        if math.isfinite(m := losses.mean())
    ]
    if parts:
        yield _sentence(parts)


def chances_told(beside: Mapping[State, LossDistribution], worst: TolerancePoint) -> Iterator[str]:
    """Yield the chances of the other states, as one sentence."""
    parts = [
        f"{NAMES[state].lower()} {percent(float(losses.exceedance(worst.loss)))}"
        for state, losses in beside.items()
    ]
    if parts:
        yield _sentence(parts)


def _sentence(parts: Sequence[str]) -> str:
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def plan_crossing(today: Sequence[Breach], planned: Sequence[Breach], currency: str) -> str:
    """Say what the plan does to the crossing: nothing where there is none on either side."""
    if not planned:
        return "The plan brings us back within it everywhere." if today else ""
    said = words.crossing(planned, currency).removeprefix("We exceed our appetite ")
    return f"After the plan we {'still ' if today else ''}exceed it {said}"


def at_period(losses: LossDistribution | None, years: int) -> str:
    """Return what one year in `years` costs, or '' where the study does not tell the state."""
    if losses is None:
        return ""
    value = losses.return_period(years)
    return compact_money(value, losses.currency) if value > 0 else "nothing"
