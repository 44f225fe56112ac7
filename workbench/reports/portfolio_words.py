"""What a portfolio says beyond its year: who makes the bad years, states, changes, stress, time."""

import math
from collections.abc import Sequence
from contextlib import suppress

from workbench.amounts import compact_money, money_with_error, percent
from workbench.errors import WorkbenchError
from workbench.models.assumptions import Sheet
from workbench.models.comparison import Comparison
from workbench.models.horizon import FirstEvent, over_years
from workbench.models.portfolio import StudyResult
from workbench.models.reverse_stress import LARGEST, ReverseStress, reverse_stress
from workbench.models.scenario import State
from workbench.models.study import Study
from workbench.models.waterfall import Measure, Waterfall, between_states
from workbench.plots.waterfall import WaterfallBar
from workbench.reports import words
from workbench.reports.largest import largest_events

STATE_WORDS: dict[State, str] = {
    "inherent": "without controls",
    "current": "today",
    "residual": "after the plan",
}
MEASURED: dict[Measure, str] = {"mean": "an average year", "tvar": "the worst 1 in 20"}
LEVEL = 0.95  # the bad years: 1 in 20


def contributions_told(result: StudyResult, most: int = 5) -> str:
    """Tell whose losses fill the worst 1 year in 20, beside whose fill the average year."""
    names = {scenario.id: scenario.name for scenario in result.study.scenarios}
    shares, losses, currency = result.contributions(LEVEL), result.portfolio, result.study.currency
    errors = _sampling_errors(result)
    tail, mean = losses.tvar(LEVEL), losses.mean()
    if tail <= 0:
        return words.nothing_lost(losses)
    lines = []
    for name in sorted(shares, key=lambda name: (-shares[name], name))[:most]:
        bad, average = shares[name] / tail, result.scenarios[name].mean() / mean
        share = _share(shares[name], errors.get(name), currency)
        lines.append(
            f"{names[name]}: {share} or {percent(bad)} of the worst 1 year in 20, "
            f"{percent(average)} of an average one."
        )
    return "\n".join(lines)


def _sampling_errors(result: StudyResult) -> dict[str, float]:
    """Return the standard errors of contributions, by id; none where they are computed."""
    is_computed = result.years is None and result.study.dependence is None
    return {} if is_computed else result.contribution_errors(LEVEL)


def _share(value: float, error: float | None, currency: str) -> str:
    if error is None:
        return compact_money(value, currency)
    if not math.isfinite(error):
        return f"{compact_money(value, currency)} ({words.NO_ERROR})"
    return money_with_error(value, error, currency)


def states_told(comparison: Comparison) -> str:
    """Tell the year in each state, and what lies between two of them."""
    lines = []
    for state, result in comparison.results.items():
        losses = result.portfolio
        lines.append(
            f"{STATE_WORDS[state].capitalize()}: {words.average_year(losses)} "
            f"{words.one_year_in(losses, 20)}"
        )
    currency = next(iter(comparison.results.values())).study.currency
    for step in comparison.differences():
        if step.name != "mean":
            continue
        pair = f"“{STATE_WORDS[step.before]}” to “{STATE_WORDS[step.after]}”"
        moved = step.why
        if step.value is not None:
            moved = words.change_words(step.value, currency, step.error or 0.0)
        lines.append(f"From {pair} an average year changes by: {moved}.")
    return "\n".join(lines)


def waterfall_bars(found: Waterfall) -> list[WaterfallBar]:
    """Return what each changed input moves an average year by, for the chart."""
    return [
        WaterfallBar(step.changed.name, step.moves["mean"], step.errors["mean"])
        for step in found.steps
    ]


def plan_effects(study: Study) -> Waterfall:
    """Return what each input of the plan moves; bad years only where scenarios are independent."""
    if study.dependence is None:
        with suppress(WorkbenchError):  # then an average year alone is told
            return between_states(study, "current", "residual", measures=("mean", "tvar"))
    return between_states(study, "current", "residual", measures=("mean",))


def changed_told(found: Waterfall, most: int = 3) -> str:
    """Tell the inputs that move an average year most, and how much they move the bad years."""
    lines = [f"{words.count_of(len(found.steps), 'input')} changed."]
    for step in found.largest_first("mean")[:most]:
        said = [
            f"{words.change_words(step.moves[name], found.currency)} in {where}"
            for name, where in MEASURED.items()
            if name in step.moves
        ]
        lines.append(f"{step.changed.name}: {', '.join(said)}.")
    return "\n".join(lines)


def stressed(study: Study, most: int = 3) -> str:
    """Tell how far from its appetite a study is, as `stress_told` does; or why that is not told."""
    if study.dependence is not None:
        return f"What would cross the appetite is {words.NOT_TIED}."
    try:
        found = reverse_stress(study)
    except WorkbenchError as refusal:
        return f"What would cross the appetite is not told: {refusal}"
    return stress_told(found, study.currency, most)


def stress_told(found: ReverseStress, currency: str, most: int = 3) -> str:
    """Tell which single input has to change how far until the appetite is just met."""
    limit = words.stated_money(found.point.loss, currency)
    accepted = words.stated_chance(found.point.probability)
    where = "above" if found.above else "within"
    today = words.chance_beside(found.chance, found.point.probability)
    chance = f"The chance of more than {limit} is {today}"
    lines = [f"{chance}, {where} the {accepted} that we accept."]
    alone = [
        f"- {one.changed.name}: {one.factor:.2f} times today's"
        for one in found.single[:most]
        if one.factor is not None
    ]
    if alone:
        lines += ["It is just met where one of these alone changes:", *alone]
    else:
        lines.append(f"No single change of up to {LARGEST:g} times meets it.")
    if found.joint is None:
        return "\n".join([*lines, "No change of all together meets it."])
    together = "; ".join(f"{one.name} {v:.2f}" for one, v in found.joint.largest_first()[:most])
    return "\n".join([*lines, f"Or all together a little, most of all {together} times."])


def sheet_told(found: Sheet) -> str:
    """Tell how many assumptions there are, and what is wrong with them."""
    said = sum(row.assumption is not None for row in found.rows)
    return (
        f"{words.count_of(said, 'assumption')} on {found.day}. Past the day of review: "
        f"{len(found.stale())}. Without a date: {len(found.undated())}. "
        f"Fields that nobody explains: {len(found.without())}."
    )


def largest_told(result: StudyResult, years: Sequence[int] = (20, 100)) -> str:
    """Tell the largest single event of a year beside the year itself."""
    if result.study.dependence is not None:
        return f"The largest single event of a year is {words.NOT_TIED}."
    losses, currency = result.portfolio, result.study.currency
    events = largest_events(result.study, [1 - 1 / n for n in years], losses.figure("p99"))
    return "\n".join(
        f"{words.often(losses, n)} costs "
        f"{compact_money(losses.return_period(n), currency)} or more; "
        f"1 year in {n} has a single event of {compact_money(event, currency)} or more."
        for n, event in zip(years, events, strict=True)
    )


def horizon_told(study: Study, years: int) -> str:
    """Tell what some years cost together, and when the first loss event comes."""
    if study.dependence is not None:
        return f"Several years and the first loss event are {words.NOT_TIED}."
    try:
        several = over_years(study, years)
    except WorkbenchError as refusal:
        return f"Several years together are not told: {refusal}"
    first = FirstEvent.of(study)
    high, mean = several.var(LEVEL), several.mean()
    together = f"{years} years together" if years > 1 else "A year"
    verb = "cost" if years > 1 else "costs"
    bad = f"{compact_money(high, study.currency)} or more in 1 case in 20"
    bad = bad if high > 0 else "nothing in at least 19 of 20 cases"
    cost = f"{verb} {compact_money(mean, study.currency)} on average, and {bad}"
    if not math.isfinite(mean):
        cost = f"{verb} {bad}, and an average does not exist"
    return f"{together} {cost}.\n{_first_told(first)}"


def _first_told(first: FirstEvent) -> str:
    """Tell when the first loss event comes, if any does."""
    wait = first.mean()
    soon, span = (1 / 12, "one month") if first.at_any_time() else (1, "one year")
    chance = first.within(soon)
    if chance <= 0 and not math.isfinite(wait):
        return "No loss event comes at all."
    waits = f" after {12 * wait:.1f} months on average" if math.isfinite(wait) else " at some time"
    if 1.5 <= wait < math.inf:
        waits = f" after {wait:,.0f} years on average"
    return (
        f"The first loss event comes{waits}, and within {span} with a chance of {percent(chance)}."
    )
