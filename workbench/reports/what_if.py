"""The what-ifs of a page: how often its largest scenarios happen, and what a year then costs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.amounts import percent
from workbench.errors import WorkbenchError
from workbench.losses import LossDistribution
from workbench.models.portfolio import StudyResult
from workbench.models.study import Study, TolerancePoint
from workbench.models.whatif import Change, Driver, change_frequencies
from workbench.plots import moving_curve
from workbench.plots.blocks import SliderBlock
from workbench.reports import words
from workbench.reports.html import render

LEAST, MOST, STEP = 0.0, 2.0, 0.05  # times as often as today
STEP_TIED = 0.1  # where scenarios are tied together: an answer takes longer
NOISE = {
    True: "Both years are computed, so that no luck is left in the difference.",
    False: "Both years were simulated with the same luck; ± is the error of their difference.",
}
NOT_BELOW = "; not below its common shocks"
ANSWER = "answer"  # the slot that tells the result


@dataclass(frozen=True)
class Answer:
    """What a year costs once some scenarios happen more or less often, all of it as text."""

    factors: Mapping[str, float]  # scenario id -> times as often as today
    after: LossDistribution
    is_today: bool
    moved: str  # the change of an average year
    is_sized: bool  # it is an amount, and not that there is none to tell
    moved_error: str
    mean: str
    error: str
    bad_year: str
    chance: str  # of a year above the tolerance point that matters most
    noise: str  # why the difference is known so well
    words: str  # all of it in one sentence
    refused: str  # why there is no such year; the rest is then today's
    overlay: list[dict[str, Any]]  # of the loss exceedance curve

    @property
    def slots(self) -> dict[str, str]:
        """Return the new fragment of each slot."""
        return {ANSWER: render("delta", change=self)}

    def __str__(self) -> str:
        """Return the sentence."""
        return self.words


def slider_blocks(found: Iterable[Driver], step: float = STEP) -> tuple[SliderBlock, ...]:
    """Return a slider for each driver; a share of the average stands beside today's value.

    The slider of a scenario that common shocks hit starts at the first step that is not below them,
    counted from today, and says so.
    """
    return tuple(
        SliderBlock(
            name=f"times-{i}",
            label=driver.scenario.name,
            low=_lowest(driver.least, step),
            high=MOST,
            step=step,
            value=1.0,
            digits=2,
            unit="×",
            note="today 1.00×"
            + (f", {percent(driver.share)} of an average year" if driver.share > 0 else "")
            + (NOT_BELOW if driver.least > LEAST else ""),
            today=1.0,
        )
        for i, driver in enumerate(found, 1)
    )


def _lowest(least: float, step: float) -> float:
    """Return the lowest value of a slider, a whole number of steps below today."""
    if least <= LEAST:
        return LEAST
    return float(f"{1 - step * math.floor((1 - least) / step + 1e-9):.12g}")


def bounded(times: float) -> float:
    """Bring a factor into 0 to 2, whatever a page sends; what is no number changes nothing."""
    return min(max(float(times), LEAST), MOST) if math.isfinite(times) else 1.0


def answer_of(
    result: StudyResult,
    factors: Mapping[str, float],
    losses: Iterable[float],
    worst: TolerancePoint | None = None,
) -> Answer:
    """Compute and say what a year costs.

    Parameters
    ----------
    result : of the study as it is
    factors : scenario id -> times as often as today, brought into 0 to 2
    losses : of the figure, at which the moved curve is drawn; currency / year
    worst : the tolerance point whose chance is told, `tolerance.most_exceeded` of today

    """
    used = {name: bounded(times) for name, times in factors.items()}
    refused = ""
    try:
        change = change_frequencies(result, used)
    except WorkbenchError as refusal:
        change, refused = change_frequencies(result, {}), f"{str(refusal).rstrip('.')}."
    told = _told(used, change, refused, worst)
    if refused:
        return replace(told, words=f"{_often(change.study, used)}: not possible. {refused}")
    if told.is_today:
        return told
    return replace(told, overlay=[moving_curve(change.after, list(losses))])


def _told(
    factors: Mapping[str, float], change: Change, refused: str, worst: TolerancePoint | None
) -> Answer:
    after, currency = change.after, change.after.currency
    mean, error, exact = after.mean(), after.error("mean"), after.exact
    exists, is_today = math.isfinite(mean), after is change.before
    moved, moved_error = _moved(change)
    is_sized = moved not in words.NO_CHANGES
    a_year = " a year" if is_sized else ""
    value = words.amount(mean, error, currency)
    costs = f", so that an average year costs {value}" if exists else ""
    bad_year = words.one_year_in(after, words.BAD_YEAR)
    chance = "" if worst is None else _chance(after, worst)
    often = _often(change.study, factors)
    return Answer(
        factors=factors,
        after=after,
        is_today=is_today,
        moved=moved,
        is_sized=is_sized,
        moved_error=moved_error,
        mean=value,
        error=words.error_words(mean, error, currency, exact=exact),
        bad_year=bad_year,
        chance=chance,
        noise="" if is_today else NOISE[exact],
        words=" ".join(
            filter(
                None,
                [
                    f"{often or 'As often as today'}: {moved}{a_year}{costs}.",
                    bad_year,
                    chance,
                ],
            )
        ),
        refused=refused,
        overlay=[],
    )


def _often(study: Study, factors: Mapping[str, float]) -> str:
    """Say which scenarios happen how many times as often."""
    return ", ".join(
        f"“{study.scenario(name).name}” {times:.2f} times as often"
        for name, times in factors.items()
        if times != 1
    )


def _moved(change: Change) -> tuple[str, str]:
    """Say how far an average year moves, and the error of that."""
    after = change.after
    if after is change.before:
        return words.NO_CHANGES[0], ""
    if not math.isfinite(after.mean()):
        return words.NO_CHANGES[1], ""
    by, error = change.mean(), change.mean_error()
    if by == 0 and not after.exact:  # not one simulated year differs, which tells no error either
        return words.NO_CHANGES[2], ""
    said = words.error_words(by, error, after.currency, exact=after.exact)
    return words.change_words(by, after.currency, error), said


def _chance(after: LossDistribution, point: TolerancePoint) -> str:
    limit = words.stated_money(point.loss, after.currency)
    chance = words.chance_beside(float(after.exceedance(point.loss)), point.probability)
    error = words.chance_error_words(after.exceedance_error(point.loss), exact=after.exact)
    return f"Chance of more than {limit}: {chance} ({error})."
