"""The scenarios of the overview page: which leads, what each costs, and what that is made of."""

import math

from workbench.amounts import compact_money, full_money, percent
from workbench.models.portfolio import StudyResult
from workbench.models.scenario import Scenario
from workbench.models.tree_nodes import Parts
from workbench.models.views import chance_above_asset
from workbench.plots import RangeRow
from workbench.reports import words
from workbench.reports.missing import why_missing
from workbench.reports.overview_values import Headline, ScenarioLine

SEEN = 0.0005  # a smaller chance of losing more than the asset in a year is not told
FEW = 2  # scenarios whose share is told
NUMBERS = {2: "two", 3: "three"}


def largest(result: StudyResult, order: list[Scenario]) -> Headline:
    """Tell the scenario with the largest average year."""
    total = result.portfolio.mean()
    if total <= 0:
        note = words.nothing_lost(result.portfolio)
        return Headline("Largest scenario", "None", note=note, is_text=True)
    first = order[0]
    losses = result.scenarios[first.id]
    mean, error = losses.mean(), losses.error("mean")
    note = f"It has no average year: {words.TOO_LARGE}."
    if math.isfinite(mean):
        said = words.error_words(mean, error, losses.currency, exact=losses.exact)
        value = words.amount(mean, error, losses.currency)
        note = f"{value} in an average year ({said}), {percent(mean / total)} of the total."
    return Headline("Largest scenario", first.name, note=note, is_text=True)


def question(count: int) -> str:
    """Ask what `count` sliders answer."""
    if count == 0:
        return "Nothing that could come more or less often costs anything."
    if count == 1:
        return "What would a year cost if this came more or less often?"
    return f"What would a year cost if the {NUMBERS[count]} largest came more or less often?"


def leaders(result: StudyResult, order: list[Scenario]) -> str:
    """Say what the first few make of an average year."""
    total = result.portfolio.mean()
    if total <= 0:
        return words.nothing_lost(result.portfolio)
    if not math.isfinite(total):
        count = sum(not math.isfinite(one.mean()) for one in result.scenarios.values())
        verb = "has" if count == 1 else "have"
        return f"{words.count_of(count, 'scenario')} {verb} no average year."
    means = [result.scenarios[scenario.id].mean() for scenario in order[:FEW]]
    costly = [mean for mean in means if mean > 0]
    return words.largest_share(len(costly), math.fsum(costly) / total)


def row(result: StudyResult, scenario: Scenario) -> RangeRow:
    """Return one line of the chart."""
    losses = result.scenarios[scenario.id]
    chance = 1 - losses.prob_no_loss()
    if chance <= 0:
        return RangeRow(scenario.name, 0.0, 0.0, 0.0, 0.0, 0.0)
    low, high = (losses.var(max(1 - share * chance, 0.0)) for share in (0.95, 0.05))
    return RangeRow(scenario.name, chance, low, high, losses.mean() / chance, losses.mean())


def line(result: StudyResult, scenario: Scenario) -> ScenarioLine:
    """Return one line of the table."""
    at, losses = row(result, scenario), result.scenarios[scenario.id]
    currency, error = losses.currency, losses.error("mean")
    mean, said = words.NO_AVERAGE, why_missing(result, "mean", scenario.id)
    of_loss_years = words.NO_AVERAGE
    if math.isfinite(at.mean):
        mean = (
            full_money(at.mean, currency)
            if losses.exact
            else words.amount(at.mean, error, currency)
        )
        said = words.error_words(at.mean, error, currency, exact=losses.exact)
        of_loss_years = compact_money(at.loss_year_mean, currency)
    above = chance_above_asset(result.study, scenario.id)
    return ScenarioLine(
        scenario.id,
        scenario.name,
        scenario.system,
        percent(at.chance),
        f"{compact_money(at.low, currency)} to {compact_money(at.high, currency)}",
        of_loss_years,
        mean,
        said.removeprefix("error "),
        words.main_parts(Parts.of(scenario, result.study), currency),
        "" if above is None or above < SEEN else f"{percent(above)} above the asset's value",
    )
