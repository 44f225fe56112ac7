"""The overview page of one study, as plain values: what is said, and from which figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from workbench import __version__
from workbench.amounts import compact_money, full_money, percent
from workbench.files import inputs_sha256
from workbench.losses import LossDistribution
from workbench.models.portfolio import StudyResult
from workbench.models.study import TolerancePoint
from workbench.models.tolerance import (
    ToleranceCurve,
    Verdict,
    breaches,
    most_exceeded,
    verdict,
)
from workbench.models.views import mean_belief
from workbench.plots import RangeRow
from workbench.reports import words

PERIODS = (2, 5, 10, 20, 100)
TOP = 8  # scenarios in the chart; the table holds all
BAD_YEAR = 20
HOW_TO_READ = (
    "Bar: nine in ten of the years in which it happens. Dot: their average. "
    "At the right: all years."
)
WHAT_VARIES = (
    "Only the rates and values that we are unsure of vary here. "
    "The luck of a single year is averaged out: this is not the range of a year."
)


@dataclass(frozen=True)
class Headline:
    """One headline figure: a small line above, the value, what stands beside it, and a note."""

    kicker: str
    value: str
    beside: str = ""
    verdict: str = ""  # printed strong; only where appetite is exceeded
    note: str = ""
    is_text: bool = False
    is_alert: bool = False


@dataclass(frozen=True)
class Period:
    """What is lost in one year out of `years`."""

    years: int
    loss: str
    error: str


@dataclass(frozen=True)
class Tolerated:
    """One tolerance point beside the chance of a year above it."""

    loss: str
    accepted: str
    chance: str
    error: str
    verdict: Verdict


@dataclass(frozen=True)
class ScenarioLine:
    """One scenario of the table, all amounts as text."""

    id: str
    name: str
    system: str
    chance: str
    loss_years: str  # nine in ten of the years in which it happens
    loss_year_mean: str
    mean: str
    error: str


@dataclass(frozen=True)
class HowSure:
    """The other question: how sure we are of the average, of which only held beliefs are left."""

    sentence: str
    note: str
    low: str
    middle: str
    mean: str
    high: str
    view: LossDistribution


@dataclass(frozen=True)
class OverviewPage:
    """All that the page says about a study's year."""

    heading: str
    summary: str
    state: tuple[str, ...]
    headlines: tuple[Headline, ...]
    crossing: str
    periods: tuple[Period, ...]
    reading: str
    appetite: str
    tolerance: tuple[Tolerated, ...]
    question: str  # of the what-if
    scenarios_heading: str
    how_to_read: str
    rows: tuple[RangeRow, ...]  # of the chart
    scenarios: tuple[ScenarioLine, ...]
    sure: HowSure
    about_errors: str
    footer: tuple[tuple[str, str, str], ...]  # term, short text, full text
    largest: str | None  # id of the scenario with the largest average year


def overview_page(result: StudyResult, computed: datetime | None = None) -> OverviewPage:
    """Say what a result says; `computed` is when it was (the present moment unless given)."""
    losses, study = result.portfolio, result.study
    order = sorted(result.scenarios, key=lambda name: (-result.scenarios[name].mean(), name))
    worst = most_exceeded(losses, study.tolerance)
    curve = ToleranceCurve.of(study)
    return OverviewPage(
        heading=_heading(losses, worst),
        summary=_summary(result, order),
        state=_state(result),
        headlines=_headlines(result, order, worst),
        crossing=_crossing(losses, curve, study.tolerance),
        periods=tuple(_period(losses, years) for years in PERIODS),
        reading=_reading(losses),
        appetite=_appetite(losses, study.tolerance),
        tolerance=tuple(_tolerated(losses, point) for point in study.tolerance),
        question=_question(result, order),
        scenarios_heading=_leaders(result, order),
        how_to_read=HOW_TO_READ,
        rows=tuple(_row(result, name) for name in order[:TOP]),
        scenarios=tuple(_line(result, name) for name in order),
        sure=_how_sure(result),
        about_errors=_about_errors(losses),
        footer=_footer(result, computed or datetime.now(UTC)),
        largest=order[0] if order and losses.mean() > 0 else None,
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


def _summary(result: StudyResult, order: list[str]) -> str:
    losses = result.portfolio
    sentences = [words.average_year(losses)]
    names = [result.study.scenario(name).name for name in order[:2]]
    if losses.mean() > 0 and len(order) > 2:
        sentences.append(f"It is led by “{names[0]}” and “{names[1]}”.")
    return " ".join(sentences)


def _state(result: StudyResult) -> tuple[str, ...]:
    systems = {s.system for s in result.study.scenarios if s.system}
    parts = [words.count_of(len(result.scenarios), "scenario")]
    parts += [words.count_of(len(systems), "system")] if systems else []
    return ("Computed when this page was opened", result.study.name, ", ".join(parts))


def _headlines(
    result: StudyResult, order: list[str], worst: TolerancePoint | None
) -> tuple[Headline, ...]:
    losses = result.portfolio
    mean, error = losses.mean(), losses.error("mean")
    average = Headline(
        "Average year",
        words.amount(mean, error, losses.currency),
        words.error_words(mean, error, losses.currency, exact=losses.exact),
        note=f"All years counted. {words.quiet_years(losses)}",
    )
    return average, _bad_year(losses), _chance(losses, worst), _largest(result, order)


def _bad_year(losses: LossDistribution) -> Headline:
    value, error = losses.return_period(BAD_YEAR), losses.var_error(1 - 1 / BAD_YEAR)
    after = words.such_a_year(losses, BAD_YEAR)
    if value <= 0:
        note = f"{words.one_year_in(losses, BAD_YEAR)} {after}"
        return Headline(f"1 year in {BAD_YEAR} costs", "Nothing", note=note, is_text=True)
    said = words.error_words(value, error, losses.currency, exact=losses.exact)
    note = f"{said[:1].upper()}{said[1:]}. {after}"
    text = words.amount(value, error, losses.currency)
    return Headline(f"1 year in {BAD_YEAR} costs", text, "or more", note=note)


def _chance(losses: LossDistribution, worst: TolerancePoint | None) -> Headline:
    if worst is None:
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
        percent(float(losses.exceedance(worst.loss))),
        words.chance_error_words(error, exact=losses.exact),
        verdict=said[0],
        note=said[1],
        is_alert=found == "above",
    )


def _largest(result: StudyResult, order: list[str]) -> Headline:
    total = result.portfolio.mean()
    if total <= 0:
        return Headline("Largest scenario", "None", note="Nothing is ever lost.", is_text=True)
    losses = result.scenarios[order[0]]
    mean, error = losses.mean(), losses.error("mean")
    said = words.error_words(mean, error, losses.currency, exact=losses.exact)
    value = words.amount(mean, error, losses.currency)
    note = f"{value} in an average year ({said}), {percent(mean / total)} of the total."
    name = result.study.scenario(order[0]).name
    return Headline("Largest scenario", name, note=note, is_text=True)


def _crossing(
    losses: LossDistribution, curve: ToleranceCurve | None, points: Sequence[TolerancePoint]
) -> str:
    if curve is not None:
        return words.crossing(breaches(losses, curve), losses.currency)
    if points:
        return f"There is {words.against_appetite(losses, points[0])}."
    return words.one_year_in(losses, BAD_YEAR)


def _period(losses: LossDistribution, years: int) -> Period:
    value, error = losses.return_period(years), losses.var_error(1 - 1 / years)
    if value <= 0:
        return Period(years, "nothing", "")
    said = words.error_words(value, error, losses.currency, exact=losses.exact)
    return Period(years, words.amount(value, error, losses.currency), said.removeprefix("error "))


def _reading(losses: LossDistribution) -> str:
    value = losses.return_period(BAD_YEAR)
    if value <= 0:
        return f"Read it so: {words.one_year_in(losses, BAD_YEAR)}"
    text = words.amount(value, losses.var_error(1 - 1 / BAD_YEAR), losses.currency)
    return f"Read it so: of 100 years like this one, 5 cost {text} or more."


def _appetite(losses: LossDistribution, points: Sequence[TolerancePoint]) -> str:
    """Say how many of the stated points are exceeded."""
    if not points:
        return "No appetite is stated. Add tolerance points to the study to compare the year with."
    exceeded = sum(verdict(losses, point) == "above" for point in points)
    if exceeded == 0:
        return "No point of our appetite is exceeded."
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
        percent(chance),
        words.chance_error_words(error, exact=losses.exact),
        verdict(losses, point),
    )


def _question(result: StudyResult, order: list[str]) -> str:
    """Ask what the slider answers."""
    if result.portfolio.mean() <= 0:
        return "What would a year cost if the largest scenario came more or less often?"
    name = result.study.scenario(order[0]).name
    return f"What would a year cost if “{name}” came more or less often?"


def _leaders(result: StudyResult, order: list[str]) -> str:
    total = result.portfolio.mean()
    if total <= 0:
        return "Nothing is ever lost."
    count = min(2, len(order))
    return words.largest_share(
        count, sum(result.scenarios[name].mean() for name in order[:count]) / total
    )


def _row(result: StudyResult, name: str) -> RangeRow:
    losses = result.scenarios[name]
    chance = 1 - losses.prob_no_loss()
    title = result.study.scenario(name).name
    if chance <= 0:
        return RangeRow(title, 0.0, 0.0, 0.0, 0.0, 0.0)
    low, high = (losses.var(max(1 - share * chance, 0.0)) for share in (0.95, 0.05))
    return RangeRow(title, chance, low, high, losses.mean() / chance, losses.mean())


def _line(result: StudyResult, name: str) -> ScenarioLine:
    row, losses = _row(result, name), result.scenarios[name]
    scenario, currency = result.study.scenario(name), losses.currency
    error = losses.error("mean")
    return ScenarioLine(
        name,
        scenario.name,
        scenario.system,
        percent(row.chance),
        f"{compact_money(row.low, currency)} to {compact_money(row.high, currency)}",
        compact_money(row.loss_year_mean, currency),
        full_money(row.mean, currency) if losses.exact else words.amount(row.mean, error, currency),
        words.error_words(row.mean, error, currency, exact=losses.exact).removeprefix("error "),
    )


def _how_sure(result: StudyResult) -> HowSure:
    view, currency = mean_belief(result.study), result.study.currency
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


def _footer(result: StudyResult, computed: datetime) -> tuple[tuple[str, str, str], ...]:
    digest = inputs_sha256(result.study)
    years = "" if result.years is None else f", {result.years:,} years"
    engine = {"exact": "exact", "montecarlo": "Monte Carlo"}[result.engine]
    when = f"{computed.astimezone(UTC):%d %b %Y, %H:%M} UTC"
    return (
        ("Study", result.study.name, result.study.name),
        ("Seed", str(result.seed), ""),
        ("Engine", engine + years, result.why),
        ("Version", __version__, ""),
        ("Input hash", f"sha256 {digest[:8]}…{digest[-4:]}", digest),
        ("Computed", when, computed.isoformat(timespec="seconds")),
    )
