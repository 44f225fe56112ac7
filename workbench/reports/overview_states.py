"""What the overview says of a study's other states: without controls, and after the plan."""

import math
from collections.abc import Iterator, Mapping, Sequence

from workbench.amounts import compact_money
from workbench.losses import LossDistribution
from workbench.models.scenario import State
from workbench.models.study import TolerancePoint
from workbench.models.tolerance import Breach, most_exceeded, verdict
from workbench.reports import words

NAMES: dict[State, str] = {
    "inherent": "Without controls",
    "current": "Today",
    "residual": "After the plan",
}


def plan_told(
    planned: LossDistribution,
    worst: TolerancePoint | None,
    points: Sequence[TolerancePoint] = (),
) -> str:
    """Say where the plan leads: the chance that matters most today, or else the average.

    Where the plan leaves another of the stated `points` passed, and not that one, it is told too.
    """
    if worst is None:
        average = words.average_year(planned)
        return f"After the plan, {average[:1].lower()}{average[1:]}"
    limit, chance, where = _planned_at(planned, worst)
    said = [f"The plan brings the chance of more than {limit} to {chance}, {where}."]
    left = most_exceeded(planned, points)
    if left not in (None, worst) and verdict(planned, left) == "above" != verdict(planned, worst):
        limit, chance, where = _planned_at(planned, left)
        said.append(f"It leaves that of more than {limit} at {chance}, {where}.")
    return " ".join(said)


def _planned_at(planned: LossDistribution, point: TolerancePoint) -> tuple[str, str, str]:
    """Return a limit, its chance after the plan, and how that lies to what is accepted."""
    chance = words.chance_beside(float(planned.exceedance(point.loss)), point.probability)
    accepted = words.stated_chance(point.probability)
    where = {
        "above": f"still above the {accepted} that we accept",
        "within": f"within the {accepted} that we accept",
        "too close to call": f"too close to the {accepted} that we accept to call",
    }[verdict(planned, point)]
    return words.stated_money(point.loss, planned.currency), chance, where


def averages_told(beside: Mapping[State, LossDistribution]) -> Iterator[str]:
    """Yield the averages of the other states, as one sentence."""
    parts = [
        f"{NAMES[state].lower()} "
        + words.amount(losses.mean(), losses.error("mean"), losses.currency)
        if math.isfinite(losses.mean())
        else f"{NAMES[state].lower()} there is none"
        for state, losses in beside.items()
    ]
    if parts:
        yield _sentence(parts)


def chances_told(beside: Mapping[State, LossDistribution], worst: TolerancePoint) -> Iterator[str]:
    """Yield the chances of the other states, as one sentence."""
    parts = [
        f"{NAMES[state].lower()} "
        + words.chance_beside(float(losses.exceedance(worst.loss)), worst.probability)
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
    told = words.crossing(planned, currency)
    said = told.removeprefix("We exceed our appetite ")
    if said == told:
        return f"After the plan: {told[:1].lower()}{told[1:]}"
    return f"After the plan we {'still ' if today else ''}exceed it {said}"


def at_period(losses: LossDistribution | None, years: int) -> str:
    """Return what one year in `years` costs, or '' where the study does not tell the state."""
    if losses is None:
        return ""
    value = losses.return_period(years)
    return compact_money(value, losses.currency) if value > 0 else "nothing"
