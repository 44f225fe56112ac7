"""What changed since a study was last approved, or else last saved: words, a chart, a table.

Both sides are computed by the version that runs now, so that only the inputs differ. Where the
figure that was recorded then is another, the page says so.
"""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from workbench.amounts import MINUS, compact_money, percent
from workbench.engines import exact
from workbench.errors import WorkbenchError
from workbench.files.runs import SavedRun
from workbench.losses import LossDistribution
from workbench.models.changes import ChangedInput, changed_inputs
from workbench.models.planning import plans_of
from workbench.models.portfolio import StudyResult, refuse_high_rates
from workbench.models.study import Study
from workbench.models.tolerance import most_exceeded
from workbench.models.waterfall import Step, Waterfall, waterfall
from workbench.plots import Figure
from workbench.plots.blocks import Block, ChartBlock, Table
from workbench.plots.text import LONGEST_LINE
from workbench.plots.waterfall import WaterfallBar
from workbench.plots.waterfall import waterfall as waterfall_figure
from workbench.reports import words
from workbench.reports.html import render
from workbench.reports.input_words import both_sides, input_name

State = Literal["changed", "same", "never", "apart"]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FEW = 3  # inputs that the headline names
BAD_YEAR = 20
REMEDY = "Run “workbench save STUDY” to keep a run, and add --approved-by NAME once it is approved."
HOW_TO_READ = (
    "Each bar is what one changed input moves, whatever the order in which they are changed; "
    "together they are the whole change."
)


@dataclass(frozen=True)
class Moved:
    """One changed input: what it was, what it is, and what it moves an average year by."""

    name: str
    before: str
    after: str
    moved: str = ""  # signed money a year; empty where no average can be told
    error: str = ""
    amount: float | None = None  # currency / year
    amount_error: float = 0.0
    short: str = ""  # the name beside its bar


@dataclass(frozen=True)
class Change:
    """One figure of the whole year, then and now, and how it changed."""

    label: str
    before: str
    after: str
    moved: str
    error: str = ""


@dataclass(frozen=True)
class Since:
    """What the page says about the time since the last approval or saved run."""

    state: State
    kicker: str
    heading: str
    note: str = ""
    value: str = ""  # of the headline: the change of the average year
    is_text: bool = False
    figures: tuple[Change, ...] = ()  # average year, 1-in-20 year, chance above the worst point
    rows: tuple[Moved, ...] = ()  # every changed input, the largest move first
    added: tuple[str, ...] = ()  # scenarios by name
    removed: tuple[str, ...] = ()
    figure: Figure | None = None  # the waterfall, where there is one
    currency: str = ""

    @property
    def top(self) -> tuple[Moved, ...]:
        """The largest three."""
        return self.rows[:FEW]

    @property
    def more(self) -> str:
        """How many inputs changed beyond these: 'and 4 more'."""
        rest = len(self.rows) - FEW
        return f"and {rest} more" if rest > 0 else ""


def since(result: StudyResult, run: SavedRun | None, *, today: date | None = None) -> Since:
    """Say what changed from a saved run to a result; takes milliseconds beside the result.

    Parameters
    ----------
    result : of the study as it is now
    run : `files.runs.last_run(path).run`
    today : years that are not this one are written out; the present day unless given

    A run in another currency is not compared; one of a study with another name is, since the file
    is the same, and the note says so.

    """
    if run is None:
        return Since(
            "never",
            "Since the last approval",
            "No run of this study has been saved yet.",
            note=REMEDY,
            value="Nothing saved",
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
    then = exact.portfolio(plans_of(before), before.currency)
    now = result.portfolio
    approved = run.approval is not None
    reference = "when it was approved" if approved else f"in the run of {day}"
    inputs = changed_inputs(before, after)
    notes = [*_notes(run, then, after)]
    if not inputs:
        return Since(
            "same",
            kicker,
            _unchanged(before, after, "the approval" if approved else "that run"),
            note=" ".join(notes),
            value="Nothing changed",
            is_text=True,
            figures=_figures(then, now, after),
            currency=after.currency,
        )
    found = _moves(before, after)
    if isinstance(found, str):
        notes.insert(0, found)
    names = {s.id: s.name for s in (*before.scenarios, *after.scenarios)}
    finite = math.isfinite(then.mean()) and math.isfinite(now.mean())
    change = now.mean() - then.mean() if finite else math.nan
    shown = isinstance(found, Waterfall)
    rows = (
        _told(found, before, after)
        if isinstance(found, Waterfall)
        else _untold(inputs, before, after)
    )
    figure = None
    if isinstance(found, Waterfall) and found.steps:
        figure = _figure(found, rows, "When approved" if approved else f"Run of {day}")
    return Since(
        "changed",
        kicker,
        _heading(change, reference, after.currency, then, now),
        note=" ".join(([HOW_TO_READ] if shown else []) + notes),
        value=words.change_words(change, after.currency)
        if finite
        else words.count_of(len(rows), "input"),
        is_text=not finite,
        figures=_figures(then, now, after),
        rows=rows,
        added=tuple(names[one.owner] for one in inputs if one.field == "added"),
        removed=tuple(names[one.owner] for one in inputs if one.field == "removed"),
        figure=figure,
        currency=after.currency,
    )


def _unchanged(before: Study, after: Study, reference: str) -> str:
    """Say that today's year rests on the same inputs, and what else is another than it was."""
    parts = [
        *(["the appetite"] if before.tolerance != after.tolerance else []),
        *(["the year without controls"] if _differs(before, after, "inherent") else []),
        *(["the plan"] if _differs(before, after, "residual") else []),
    ]
    if not parts:
        return f"No input has changed since {reference}."
    return f"Today's year has the same inputs as at {reference}; changed: {', '.join(parts)}."


def _differs(before: Study, after: Study, state: Literal["inherent", "residual"]) -> bool:
    return bool(changed_inputs(before.at(state), after.at(state)))


def _notes(run: SavedRun, then: LossDistribution, after: Study) -> list[str]:
    """Say what else a reader should know of that run."""
    notes = []
    if run.study.name != after.name:
        notes.append(f"The study was called “{run.study.name}” then.")
    mean, error = run.recorded("mean")
    if mean is not None and math.isfinite(then.mean()):
        gap = abs(mean - then.mean())
        if gap > 5 * (error or 0.0) + then.error("mean") + 1e-9 * abs(mean) and gap >= 0.5:
            was, now = (compact_money(v, after.currency, 3) for v in (mean, then.mean()))
            notes.append(
                f"Version {run.version} computed {was} for an average year then; "
                f"this version computes {now} from the same inputs."
            )
    return notes


def _moves(before: Study, after: Study) -> Waterfall | str:
    """Share out the change of the average year; the reason in words where that cannot be."""
    try:
        return waterfall(before, after, measures=("mean",))
    except WorkbenchError:
        return (
            f"What each input moves is not told: {words.TOO_LARGE}, so that there is no average, "
            "then, now or on the way."
        )


def _told(found: Waterfall, before: Study, after: Study) -> tuple[Moved, ...]:
    rows = []
    for step in found.largest_first("mean"):
        sides = both_sides(step.changed, after.currency)
        move, error = step.moves["mean"], _error(step)
        rows.append(
            Moved(
                input_name(step.changed, before, after),
                *sides,
                words.change_words(move, after.currency),
                _error_words(step, after.currency),
                move,
                error,
                input_name(step.changed, before, after, LONGEST_LINE),
            )
        )
    return tuple(rows)


def _error(step: Step) -> float:
    """Return the error of a move: the bound, and three standard errors of the averaged orders."""
    return step.bounds["mean"] + 3 * step.errors["mean"]


def _error_words(step: Step, currency: str) -> str:
    if step.errors["mean"] > 0:
        return f"± {compact_money(step.errors['mean'], currency)}"
    return words.error_words(step.moves["mean"], step.bounds["mean"], currency, exact=True)


def _untold(inputs: list[ChangedInput], before: Study, after: Study) -> tuple[Moved, ...]:
    return tuple(
        Moved(input_name(one, before, after), *both_sides(one, after.currency)) for one in inputs
    )


def _heading(
    change: float, reference: str, currency: str, then: LossDistribution, now: LossDistribution
) -> str:
    if not math.isfinite(change):
        old, new = (compact_money(one.return_period(BAD_YEAR), currency) for one in (then, now))
        return f"1 year in {BAD_YEAR} costs {new} or more; {reference} it was {old}."
    if words.change_words(change, currency) in words.NO_CHANGES:
        return f"An average year costs as much as {reference}."
    size = compact_money(abs(change), currency)
    return f"An average year costs {size} {'more' if change > 0 else 'less'} than {reference}."


def _figures(then: LossDistribution, now: LossDistribution, study: Study) -> tuple[Change, ...]:
    currency = study.currency
    found = []
    if math.isfinite(then.mean()) and math.isfinite(now.mean()):
        values = (then.mean(), now.mean()), (then.error("mean"), now.error("mean"))
        found.append(_money_change("Average year", *values, now, currency))
    level = 1 - 1 / BAD_YEAR
    values = (then.var(level), now.var(level)), (then.var_error(level), now.var_error(level))
    found.append(_money_change(f"1 year in {BAD_YEAR} costs or more", *values, now, currency))
    point = most_exceeded(now, study.tolerance)
    if point is not None:
        old, new = (float(one.exceedance(point.loss)) for one in (then, now))
        error = then.exceedance_error(point.loss) + now.exceedance_error(point.loss)
        found.append(
            Change(
                f"Chance of over {words.stated_money(point.loss, currency)} a year",
                _chance(old),
                _chance(new),
                _points(new - old),
                words.chance_error_words(error, exact=now.exact),
            )
        )
    return tuple(found)


def _money_change(
    label: str,
    values: tuple[float, float],
    errors: tuple[float, float],
    now: LossDistribution,
    currency: str,
) -> Change:
    change, error = values[1] - values[0], sum(errors)
    old, new = (words.amount(v, e, currency) for v, e in zip(values, errors, strict=True))
    said = words.error_words(change, error, currency, exact=now.exact)
    return Change(label, old, new, words.change_words(change, currency), said)


def _chance(p: float) -> str:
    """Write a chance that is compared: one decimal, so that small changes are seen."""
    return f"{100 * p:.1f}%" if 0.001 <= p < 0.9995 else percent(p)


def _points(change: float) -> str:
    """Say a change of a chance: '+1.4 points', of percent."""
    size = abs(100 * change)
    if size < 0.05:
        return words.NO_CHANGES[0]
    return f"{'+' if change > 0 else MINUS}{size:.1f} points"


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


def since_block(found: Since) -> Block:
    """Return the card: what happened, the waterfall, and every changed input as a table."""
    parts: list[str | Block | ChartBlock] = [render("since", since=found, part="head")]
    if found.figure is not None:
        parts.append(
            ChartBlock(
                "changes-since",
                found.figure,
                f"{found.kicker}: {found.heading}",
                since_table(found),
                height=max(180, 92 + 34 * min(len(found.rows), 12)),
                height_phone=max(220, 120 + 46 * min(len(found.rows), 12)),
                height_print=max(150, 80 + 26 * min(len(found.rows), 12)),
            )
        )
    if found.rows:
        parts.append(render("since", since=found, part="table"))
    return Block("card since mathjax_ignore", tuple(parts))


def since_table(found: Since) -> Table:
    """Return the numbers of the chart for its CSV; amounts in currency / year."""
    unit = f"{found.currency} a year"
    head = ("Changed input", "Before", "Now", f"Moves an average year by ({unit})", "Error")
    rows = tuple((r.name, r.before, r.after, r.amount, r.amount_error) for r in found.rows)
    return Table(head, rows)


def since_headline(found: Since) -> str:
    """Return the figure for the card of headline figures: the change and its largest causes."""
    return render("since", since=found, part="headline").strip()
