"""What changed since a study was last approved, or else last saved: words, a chart, a table.

Both sides are computed by the version that runs now, so that only the inputs differ. Where the
figure that was recorded then is another, the page says so.
"""

import math
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Literal

from workbench.amounts import MINUS, compact_money, percent
from workbench.errors import WorkbenchError
from workbench.files.runs import LastRun, SavedRun
from workbench.losses import LossDistribution, SampledLosses
from workbench.models.changes import ChangedInput, changed_inputs
from workbench.models.choosing import is_reached
from workbench.models.comparison import paired_error
from workbench.models.exact_year import exact_year, refuse_high_rates
from workbench.models.portfolio import YEARS, StudyResult, simulate
from workbench.models.study import Study
from workbench.models.tolerance import most_exceeded
from workbench.models.waterfall import Step, Waterfall, waterfall
from workbench.plots import Figure
from workbench.plots.text import LONGEST_LINE
from workbench.plots.waterfall import WaterfallBar
from workbench.plots.waterfall import waterfall as waterfall_figure
from workbench.reports import words
from workbench.reports.input_words import both_sides, input_name
from workbench.reports.since_values import Change, Moved, Since
from workbench.reports.words import BAD_YEAR

BAD = "p95"  # the figure that 1 year in 20 passes
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NONE_READABLE = "There are saved runs, but none of them can be read."
REMEDY = "Run “workbench save STUDY” to keep a run, and add --approved-by NAME once it is approved."
IN_REGISTER = (
    "Run “workbench register save-run ID” to keep a run of the registered study, and add "
    "--approved-by NAME once it is approved."
)
HOW_TO_READ = (
    "Each bar is what one changed input moves, whatever the order in which they are changed; "
    "together they are the whole change."
)


def since(
    result: StudyResult, last: LastRun, *, today: date | None = None, is_registered: bool = False
) -> Since:
    """Say what changed from a saved run to a result; takes milliseconds beside the result.

    Parameters
    ----------
    result : of the study as it is now
    last : `files.runs.last_run(path)`
    today : years that are not this one are written out; the present day unless given
    is_registered : whether the study is kept in a register, which keeps its runs as well

    A run in another currency is not compared; one of a study with another name is, since the file
    is the same, and the note says so. Both years are computed by the exact engine wherever it
    reaches, also where the result was simulated: its luck would else look like a change. Where
    scenarios are tied so that it does not reach, both are simulated with the same luck.

    """
    found = replace(_since(result, last, today), warnings=last.warnings)
    return replace(found, note=IN_REGISTER) if is_registered and last.run is None else found


def _since(result: StudyResult, last: LastRun, today: date | None) -> Since:
    run = last.run
    if run is None:
        unread = bool(last.warnings)
        return Since(
            "never",
            "Since the last approval",
            NONE_READABLE if unread else "No run of this study has been saved yet.",
            note=REMEDY,
            value="None readable" if unread else "Nothing saved",
            is_text=True,
        )
    day = _day(run.day(), today or datetime.now(UTC).date())
    kicker = f"Since the approval of {day}"
    if run.approval is None:
        kicker = f"Since the run of {day}, not approved"
    if run.study.currency != result.study.currency:
        return _apart(result, run, kicker)
    try:
        refuse_high_rates(run.study)
        return _compared(result, run, kicker, day)
    except WorkbenchError as refusal:
        why = f"The run cannot be computed by this version: {refusal}"
        return Since("apart", kicker, why, value="Not compared", is_text=True)


def _day(day: date, today: date) -> str:
    """'14 Aug', with the year where it is another one; the same in every language setting."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]}{year}"


def _apart(result: StudyResult, run: SavedRun, kicker: str) -> Since:
    then, now = run.study.currency, result.study.currency
    return Since(
        "apart",
        kicker,
        f"That run was in {then}, the study is in {now}: the two are not compared.",
        note="Save a run in the present currency.",
        value="Not compared",
        is_text=True,
    )


def _compared(result: StudyResult, run: SavedRun, kicker: str, day: str) -> Since:
    before, after = run.study, result.study
    then, now = _year(before, result), result.portfolio
    if not now.exact and is_reached(after):
        now = _year(after, result)
    approved = run.approval is not None
    by = f"Approved by {run.approval.by}." if run.approval is not None else ""
    inputs, elsewhere = changed_inputs(before, after), _elsewhere(before, after)
    notes = _notes(run, then, after)
    same = Since(
        "same",
        kicker,
        _unchanged(elsewhere, "the approval" if approved else "that run"),
        note=" ".join(notes),
        value="Nothing changed" if not elsewhere else "Nothing of today",
        is_text=True,
        figures=_figures(then, now, after),
        currency=after.currency,
        elsewhere=tuple(elsewhere),
        about=" ".join(filter(None, [by, f"“{run.note}”" if run.note else ""])),
    )
    if not inputs:
        return same if before.dependence == after.dependence else _tied_anew(same, then, now)
    moves, why = _moves(before, after, then, now)
    rows = _told(moves, before, after) if moves else _untold(inputs, before, after)
    also = [f"Also changed: {', '.join(elsewhere)}."] if elsewhere else []
    reference = "when it was approved" if approved else f"in the run of {day}"
    value, heading = _headline(then, now, reference, len(rows))
    names = {s.id: s.name for s in (*before.scenarios, *after.scenarios)}
    added, removed = (
        tuple(names[one.owner] for one in inputs if one.field == field)
        for field in ("added", "removed")
    )
    name = "When approved" if approved else f"Run of {day}"
    return replace(
        same,
        state="changed",
        heading=heading,
        note=" ".join([why or HOW_TO_READ, *also, *notes]),
        value=value,
        is_text=not _has_average(then, now),
        rows=rows,
        added=added,
        removed=removed,
        figure=_figure(moves, rows, name) if moves else None,
    )


def _year(study: Study, result: StudyResult) -> LossDistribution:
    """Return the year of a study: exact where that is possible, else simulated as `result` is."""
    if study.dependence is None and is_reached(study):
        return exact_year(study)
    return simulate(study, years=result.years or YEARS, seed=result.seed).portfolio


def _gap_error(then: LossDistribution, now: LossDistribution, name: str) -> float:
    """Return the error of the change of a figure; years of one run have most of theirs in common.

    Years that have none in common with the others have no more than the sum.
    """
    if isinstance(then, SampledLosses) and isinstance(now, SampledLosses):
        is_paired = now.run is not None and now.run == then.run and now.ids == then.ids
        if is_paired:
            return paired_error(then, now, name)
    return then.error(name) + now.error(name)


def _has_average(then: LossDistribution, now: LossDistribution) -> bool:
    return math.isfinite(then.mean()) and math.isfinite(now.mean())


def _elsewhere(before: Study, after: Study) -> list[str]:
    """Say what is another than it was beside the inputs of today's year."""
    return [
        *(["the dependence"] if before.dependence != after.dependence else []),
        *(["the appetite"] if before.tolerance != after.tolerance else []),
        *(["the year without controls"] if _differs(before, after, "inherent") else []),
        *(["the plan"] if _differs(before, after, "residual") else []),
    ]


def _differs(before: Study, after: Study, state: Literal["inherent", "residual"]) -> bool:
    """Say whether a state changed by more than today's inputs did."""
    today = changed_inputs(before, after)
    return any(one not in today for one in changed_inputs(before.at(state), after.at(state)))


def _unchanged(elsewhere: list[str], reference: str) -> str:
    if not elsewhere:
        return f"No input has changed since {reference}."
    return f"Today's year has the same inputs as at {reference}; changed: {', '.join(elsewhere)}."


def _tied_anew(same: Since, then: LossDistribution, now: LossDistribution) -> Since:
    """Say what another dependence alone moves: bad years, and no average."""
    old, new = (words.amount(one.figure(BAD), one.error(BAD), one.currency) for one in (then, now))
    told = f"1 year in {BAD_YEAR} costs {new} or more; with the dependence of then it is {old}."
    return replace(same, heading=f"{same.heading} {told}", value="The dependence")


def _notes(run: SavedRun, then: LossDistribution, after: Study) -> list[str]:
    """Say what else a reader should know of that run."""
    notes = []
    if run.study.name != after.name:
        notes.append(f"The study was called “{run.study.name}” then.")
    mean, error = run.recorded("mean")
    if mean is not None and math.isfinite(then.mean()):
        gap = abs(mean - then.mean())
        was, now = (compact_money(v, after.currency, 3) for v in (mean, then.mean()))
        is_other = gap > 5 * (error or 0.0) + then.error("mean") + 1e-9 * abs(mean)
        is_known = run.years is None or error is not None  # a simulation without an error is not
        if is_other and is_known and was != now:
            notes.append(
                f"Version {run.version} computed {was} for an average year then; "
                f"this version computes {now} from the same inputs."
            )
    return notes


def _moves(
    before: Study, after: Study, then: LossDistribution, now: LossDistribution
) -> tuple[Waterfall | None, str]:
    """Share out the change of the average year; where that cannot be, say why."""
    start = "What each input moves is not told:"
    if not _has_average(then, now):
        return None, f"{start} {words.TOO_LARGE}, so that there is no average."
    try:
        return waterfall(before, after, measures=("mean",)), ""
    except WorkbenchError as refusal:
        return None, f"{start} a year with only some of them changed is refused: {refusal}"


def _told(found: Waterfall, before: Study, after: Study) -> tuple[Moved, ...]:
    rows = []
    for step in found.largest_first("mean"):
        sides = both_sides(step.changed, after.currency)
        move, error = step.moves["mean"], _error(step)
        rows.append(
            Moved(
                input_name(step.changed, before, after),
                *sides,
                words.change_words(move, after.currency, error),
                _error_words(step, after.currency),
                move,
                error,
                input_name(step.changed, before, after, LONGEST_LINE),
            )
        )
    return tuple(rows)


def _error(step: Step) -> float:
    """Return the error of a move: the bound, and the standard error of the averaged orders."""
    return step.bounds["mean"] + step.errors["mean"]


def _error_words(step: Step, currency: str) -> str:
    if step.errors["mean"] > 0:
        return f"± {compact_money(_error(step), currency)}"
    return words.error_words(step.moves["mean"], _error(step), currency, exact=True)


def _untold(inputs: list[ChangedInput], before: Study, after: Study) -> tuple[Moved, ...]:
    return tuple(
        Moved(input_name(one, before, after), *both_sides(one, after.currency)) for one in inputs
    )


def _headline(
    then: LossDistribution, now: LossDistribution, reference: str, inputs: int
) -> tuple[str, str]:
    """Return the figure and the sentence that a reader sees first."""
    currency = now.currency
    if not _has_average(then, now):
        old, new = (compact_money(one.return_period(BAD_YEAR), currency) for one in (then, now))
        sentence = f"1 year in {BAD_YEAR} costs {new} or more; {reference} it was {old}."
        return words.count_of(inputs, "input"), sentence
    change, error = now.mean() - then.mean(), _gap_error(then, now, "mean")
    value = words.change_words(change, currency, error)
    if value in words.NO_CHANGES:
        return value, f"An average year costs as much as {reference}."
    more = "more" if change > 0 else "less"
    size = compact_money(abs(change), currency)
    return value, f"An average year costs {size} {more} than {reference}."


def _figures(then: LossDistribution, now: LossDistribution, study: Study) -> tuple[Change, ...]:
    currency = study.currency
    found = []
    if math.isfinite(then.mean()) and math.isfinite(now.mean()):
        found.append(_money_change("Average year", "mean", then, now))
    found.append(_money_change(f"1 year in {BAD_YEAR} costs or more", BAD, then, now))
    point = most_exceeded(now, study.tolerance)
    if point is not None:
        old, new = (float(one.exceedance(point.loss)) for one in (then, now))
        error = then.exceedance_error(point.loss) + now.exceedance_error(point.loss)
        found.append(
            Change(
                f"Chance of over {words.stated_money(point.loss, currency)} a year",
                _chance(old),
                _chance(new),
                _points(new - old, error),
                words.chance_error_words(error, exact=then.exact and now.exact),
            )
        )
    return tuple(found)


def _money_change(label: str, name: str, then: LossDistribution, now: LossDistribution) -> Change:
    currency = now.currency
    change, error = now.figure(name) - then.figure(name), _gap_error(then, now, name)
    old, new = (words.amount(one.figure(name), one.error(name), currency) for one in (then, now))
    said = words.error_words(change, error, currency, exact=then.exact and now.exact)
    return Change(label, old, new, words.change_words(change, currency, error), said)


def _chance(p: float) -> str:
    """Write a chance that is compared: one decimal, so that small changes are seen."""
    return f"{100 * p:.1f}%" if 0.001 <= p < 0.9995 else percent(p)


def _points(change: float, error: float) -> str:
    """Say a change of a chance: '+1.4 points', of percent; '+<0.1 points' for a small one."""
    size = abs(100 * change)
    if change == 0:
        return words.NO_CHANGES[0]
    if abs(change) <= 2 * error:
        return words.NO_CHANGES[2]
    return f"{'+' if change > 0 else MINUS}{'<0.1' if size < 0.1 else f'{size:.1f}'} points"


def _figure(found: Waterfall, rows: tuple[Moved, ...], before: str) -> Figure:
    bars = [WaterfallBar(row.short, row.amount or 0.0, _seen(row)) for row in rows]
    return waterfall_figure(
        bars,
        before=found.before["mean"],
        after=found.after["mean"],
        currency=found.currency,
        names=(before, "Today"),
    )


def _seen(row: Moved) -> float:
    """Return the error that a bar tells: a bound far below its digits is left to the table."""
    return row.amount_error if row.error.startswith("±") else 0.0
