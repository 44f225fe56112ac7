"""The overview page of one study, as plain values: what is said, and from which figures."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from workbench.amounts import compact_money
from workbench.audit.checkpoints import Note
from workbench.engines.kernels.either import is_fast
from workbench.errors import WorkbenchError
from workbench.losses import LossDistribution
from workbench.losses.base import OFTENER, SPREAD
from workbench.models.assumptions import sheet
from workbench.models.horizon import LargestEvent
from workbench.models.portfolio import StudyResult
from workbench.models.scenario import Scenario, State
from workbench.models.study import TolerancePoint
from workbench.models.tolerance import ToleranceCurve, breaches, most_exceeded, verdict
from workbench.models.views import mean_belief
from workbench.models.whatif import by_average, drivers
from workbench.reports import overview_states as states
from workbench.reports import words
from workbench.reports.footers import footer
from workbench.reports.largest import largest_events
from workbench.reports.missing import why_missing
from workbench.reports.overview_scenarios import FEW, largest, leaders, line, question, row
from workbench.reports.overview_values import Headline, HowSure, OverviewPage, Period, Tolerated
from workbench.reports.together import together
from workbench.reports.words import BAD_YEAR

PERIODS = (2, 5, 10, 20, 100)
TOP = 8  # scenarios in the chart; the table holds all
HOW_TO_READ = (
    "Bar: nine in ten of the years in which it happens. Dot: their average. "
    "At the right: all years."
)
WHAT_VARIES = (
    "Only the rates and values that we are unsure of vary here. "
    "The luck of a single year is averaged out: this is not the range of a year."
)


OPENED = "Up to date with its inputs when this page was opened"


def overview_page(
    result: StudyResult,
    computed: datetime | None = None,
    *,
    others: Mapping[State, StudyResult] | None = None,
    fresh: str = OPENED,
    kept: Note | None = None,
) -> OverviewPage:
    """Say what a result says.

    Parameters
    ----------
    computed : when it was; the present moment unless given
    others : the same study's year without controls ("inherent") and after the plan ("residual")
    fresh : how up to date the page is, in words
    kept : the checkpoint of the register that the study is kept in, if it is

    """
    losses, study = result.portfolio, result.study
    computed = computed or datetime.now(UTC)
    order = by_average(result)
    beside = {name: other.portfolio for name, other in (others or {}).items()}
    planned = beside.get("residual")
    worst = most_exceeded(losses, study.tolerance)
    curve = ToleranceCurve.of(study)
    return OverviewPage(
        heading=_heading(losses, worst),
        summary=_summary(result, order, planned, worst),
        state=_state(result, fresh, computed),
        headlines=_headlines(result, order, worst, beside),
        crossing=_crossing(losses, curve, study.tolerance, planned),
        periods=tuple(_period(losses, years, beside) for years in PERIODS),
        periods_error=_periods_error(losses),
        reading=_reading(losses),
        largest_event=_largest_event(result),
        appetite=_appetite(losses, study.tolerance),
        tolerance=tuple(_tolerated(losses, point) for point in study.tolerance),
        question=question(len(drivers(result))),
        scenarios_heading=leaders(result, order),
        how_to_read=HOW_TO_READ,
        rows=tuple(row(result, scenario) for scenario in order[:TOP]),
        scenarios=tuple(line(result, scenario) for scenario in order),
        sure=_how_sure(result),
        about_errors=_about_errors(losses),
        footer=_footer(result, computed, kept),
        together=together(result),
        largest=order[0].id if order and losses.mean() > 0 else None,
    )


def _heading(losses: LossDistribution, worst: TolerancePoint | None) -> str:
    if worst is None:
        return f"{words.average_year(losses)} {words.one_year_in(losses, BAD_YEAR)}"
    opening = {
        "above": "We are outside our appetite",
        "within": "We are within our appetite",
        "too close to call": "We are at the edge of our appetite",
    }[verdict(losses, worst)]
    return f"{opening}: {words.against_appetite(losses, worst)}."


def _summary(
    result: StudyResult,
    order: list[Scenario],
    planned: LossDistribution | None,
    worst: TolerancePoint | None,
) -> str:
    losses = result.portfolio
    between = _between_points(losses, worst, result.study.tolerance)
    sentences = [between] if between else []
    if worst is not None:  # else the heading has said it
        sentences.append(words.average_year(losses))
    if not math.isfinite(losses.mean()):
        why = why_missing(result, "mean")
        sentences.append(f"{_sentence(why)} Bad years can still be told.")
    elif losses.mean() > 0 and len(order) > 2:
        costly = [s.name for s in order[:FEW] if result.scenarios[s.id].mean() > 0]
        sentences.append(f"It is led by {' and '.join(f'“{name}”' for name in costly)}.")
    if planned is not None:
        sentences.append(states.plan_told(planned, worst, result.study.tolerance))
    return " ".join(sentences)


def _state(result: StudyResult, fresh: str, computed: datetime) -> tuple[str, ...]:
    systems = {s.system for s in result.study.scenarios if s.system}
    parts = [words.count_of(len(result.scenarios), "scenario")]
    parts += [words.count_of(len(systems), "system")] if systems else []
    overdue = len(sheet(result.study, computed.date().isoformat()).stale())
    late = [f"{words.count_of(overdue, 'assumption')} past review"] if overdue else []
    return (fresh, result.study.name, ", ".join(parts), *late)


def _headlines(
    result: StudyResult,
    order: list[Scenario],
    worst: TolerancePoint | None,
    beside: Mapping[State, LossDistribution],
) -> tuple[Headline, ...]:
    losses = result.portfolio
    mean, error = losses.mean(), losses.error("mean")
    quiet = words.quiet_years(losses)
    average = Headline(
        "Average year", "Does not exist", note=f"{_sentence(words.TOO_LARGE)} {quiet}", is_text=True
    )
    if math.isfinite(mean):
        average = Headline(
            "Average year",
            words.amount(mean, error, losses.currency),
            words.error_words(mean, error, losses.currency, exact=losses.exact),
            note=" ".join([f"All years counted. {quiet}", *states.averages_told(beside)]),
        )
    chance = _chance(losses, worst, beside, stated=bool(result.study.tolerance))
    return average, _bad_year(losses), chance, largest(result, order)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _bad_year(losses: LossDistribution) -> Headline:
    value, error = losses.return_period(BAD_YEAR), losses.var_error(1 - 1 / BAD_YEAR)
    after = words.such_a_year(losses, BAD_YEAR)
    if value <= 0:
        note = f"{words.one_year_in(losses, BAD_YEAR)} {after}"
        return Headline(f"1 year in {BAD_YEAR} costs", "Nothing", note=note, is_text=True)
    how_often = words.often(losses, BAD_YEAR)
    said = words.error_words(value, error, losses.currency, exact=losses.exact)
    note = f"{said[:1].upper()}{said[1:]}. {after}"
    text = words.amount(value, error, losses.currency)
    return Headline(f"{how_often} costs", text, "or more", note=note)


def _chance(
    losses: LossDistribution,
    worst: TolerancePoint | None,
    beside: Mapping[State, LossDistribution],
    *,
    stated: bool,
) -> Headline:
    if worst is None:
        if stated:
            note = "Each point of our appetite accepts every year, so that none can be exceeded."
            return Headline("Appetite", "Every year", note=note, is_text=True)
        note = "Add tolerance points to the study, and the page compares the year with them."
        return Headline("Appetite", "Not stated", note=note, is_text=True)
    accepted = words.stated_chance(worst.probability)
    found = verdict(losses, worst)
    said = {
        "above": (f"Above the {accepted} we accept.", ""),
        "within": ("", f"Within the {accepted} we accept."),
        "too close to call": ("", f"Too close to the {accepted} we accept to call."),
    }[found]
    error = losses.exceedance_error(worst.loss)
    return Headline(
        f"Chance of over {words.stated_money(worst.loss, losses.currency)} this year",
        words.chance_beside(float(losses.exceedance(worst.loss)), worst.probability),
        words.chance_error_words(error, exact=losses.exact),
        verdict=said[0],
        note=" ".join(filter(None, [said[1], *states.chances_told(beside, worst)])),
        is_alert=found == "above",
    )


def _crossing(
    losses: LossDistribution,
    curve: ToleranceCurve | None,
    points: Sequence[TolerancePoint],
    planned: LossDistribution | None,
) -> str:
    if curve is not None:
        today = breaches(losses, curve)
        between = _between_points(losses, most_exceeded(losses, points), points)
        said = [between or words.crossing(today, losses.currency)]
        if planned is not None:
            said.append(states.plan_crossing(today, breaches(planned, curve), losses.currency))
        return " ".join(filter(None, said))
    if points:
        return f"There is {words.against_appetite(losses, points[0])}."
    return words.one_year_in(losses, BAD_YEAR)


def _between_points(
    losses: LossDistribution, worst: TolerancePoint | None, points: Sequence[TolerancePoint]
) -> str:
    """Say where the line between stated points is passed though none of them is; '' elsewhere."""
    curve = ToleranceCurve(tuple(points)) if len(points) > 1 else None
    if curve is None or worst is None or verdict(losses, worst) != "within":
        return ""
    sure = [one for one in breaches(losses, curve) if one.is_sure]
    if not sure:
        return ""
    said = words.crossing(sure, losses.currency).removeprefix("We exceed our appetite ")
    return f"No stated point is exceeded, but the line between them is: {said}"


def _period(
    losses: LossDistribution, years: int, beside: Mapping[State, LossDistribution]
) -> Period:
    value, error = losses.return_period(years), losses.var_error(1 - 1 / years)
    bare, planned = (states.at_period(beside.get(s), years) for s in ("inherent", "residual"))
    if value <= 0:
        return Period(years, "nothing", "", bare, planned)
    said = words.error_words(value, error, losses.currency, exact=losses.exact)
    text = words.amount(value, error, losses.currency)
    return Period(years, text, said.removeprefix("error "), bare, planned)


def _periods_error(losses: LossDistribution) -> str:
    """Say the error of today's column: the largest bound, or that each has its own."""
    if not losses.exact:
        return "±: one standard error of today's figures."
    worst = max(losses.var_error(1 - 1 / years) for years in PERIODS)
    said = words.error_words(1.0, worst, losses.currency, exact=True)
    return f"Computed; each {said}." if said != words.NO_ERROR else ""


def _reading(losses: LossDistribution) -> str:
    value = losses.return_period(BAD_YEAR)
    if value <= 0:
        return f"Read it so: {words.one_year_in(losses, BAD_YEAR)}"
    text = words.amount(value, losses.var_error(1 - 1 / BAD_YEAR), losses.currency)
    count = f"{'at least ' if losses.comes_oftener(BAD_YEAR) else ''}{100 // BAD_YEAR}"
    return f"Read it so: of 100 years like this one, {count} cost {text} or more."


def _largest_event(result: StudyResult) -> str:
    """Say how large the largest single event of a year is: at the same chance as the bad year."""
    study, near = result.study, result.portfolio.figure("p99")
    if study.dependence is not None:
        return f"The largest single event and how sure we are of the curve are {words.NOT_TIED}."
    (event,) = largest_events(study, [1 - 1 / BAD_YEAR], near)
    if event <= 0:
        return ""
    capped = any(scenario.terms.per_year() for scenario in study.scenarios)
    before = ", before terms of the year" if capped else ""
    amount = compact_money(event, study.currency)
    reached = float(LargestEvent.of(study).exceedance([event * (1 - SPREAD)])[0])
    often = f"{'At least ' if reached > OFTENER / BAD_YEAR else ''}1 year in {BAD_YEAR}"
    return f"{often} brings a single event of {amount} or more{before}."


def _appetite(losses: LossDistribution, points: Sequence[TolerancePoint]) -> str:
    """Say how many of the stated points are exceeded."""
    if not points:
        return "No appetite is stated. Add tolerance points to the study to compare the year with."
    exceeded = sum(verdict(losses, point) == "above" for point in points)
    if exceeded == 0:
        return "No point of our appetite is exceeded."
    if len(points) == 1:
        return "The point of our appetite is exceeded."
    verb = "is" if exceeded == 1 else "are"
    return (
        f"{exceeded} of the {words.count_of(len(points), 'point')} of our appetite {verb} exceeded."
    )


def _tolerated(losses: LossDistribution, point: TolerancePoint) -> Tolerated:
    chance = float(losses.exceedance(point.loss))
    error = losses.exceedance_error(point.loss)
    return Tolerated(
        words.stated_money(point.loss, losses.currency),
        words.stated_chance(point.probability),
        words.chance_beside(chance, point.probability),
        words.chance_error_words(error, exact=losses.exact),
        verdict(losses, point),
    )


def _how_sure(result: StudyResult) -> HowSure:
    currency = result.study.currency
    try:
        view = mean_belief(result.study)
    except WorkbenchError as refusal:
        return HowSure(
            "How sure we are of the average is not told for this study.",
            _sentence(str(refusal).rstrip(".")),
        )
    low, middle, high = (view.var(level) for level in (0.05, 0.5, 0.95))
    return HowSure(
        words.how_sure(low, view.mean(), high, currency),
        WHAT_VARIES,
        low=compact_money(low, currency),
        middle=compact_money(middle, currency),
        mean=compact_money(view.mean(), currency),
        high=compact_money(high, currency),
        view=view,
    )


def _about_errors(losses: LossDistribution) -> str:
    if losses.exact:
        return "Computed without simulation; each error is a bound of the numerical error."
    return "± is one standard error of the simulation; more years make it smaller."


def _footer(
    result: StudyResult, computed: datetime, kept: Note | None
) -> tuple[tuple[str, str, str], ...]:
    years = "" if result.years is None else f", {result.years:,} years"
    engine = {"exact": "exact", "montecarlo": "Monte Carlo"}[result.engine]
    why = result.why if is_fast() or result.years is None else f"{result.why} {words.HOW_SLOW}"
    between = [("Seed", str(result.seed), ""), ("Engine", engine + years, why)]
    return footer(result.study, computed, kept, between)
