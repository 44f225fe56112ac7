"""A study's result in words and a few numbers, for a terminal."""

import math
from collections.abc import Iterable

from workbench.amounts import compact_money, money_with_error, percent
from workbench.files.messages import short
from workbench.losses import LossDistribution
from workbench.models.portfolio import StudyResult
from workbench.models.tolerance import verdict
from workbench.reports.words import count_of, stated_chance, stated_money

TOP = 8  # scenarios that are listed
_WIDTH = 44  # of the labels


def result_text(result: StudyResult) -> str:
    """Return the result as lines of text; every figure stands with its error."""
    study, losses = result.study, result.portfolio
    count = count_of(len(study.scenarios), "scenario")
    years = "" if result.years is None else f", {result.years:,} simulated years"
    lines = [
        short(study.name),
        f"{count}, {study.currency}, seed {result.seed}{years}",
        "",
        *_headlines(losses),
        *_tolerance(result),
        "",
        *_top(result),
        "",
        result.why,
        _about_errors(losses),
    ]
    return "\n".join(lines) + "\n"


def _headlines(losses: LossDistribution) -> Iterable[str]:
    currency = losses.currency
    mean = money_with_error(losses.mean(), losses.error("mean"), currency)
    yield _line("An average year costs", mean)
    for years, name in ((20, "p95"), (100, "p99")):
        value, error = losses.figure(name), losses.error(name)
        label = f"A 1-in-{years} year costs"
        if value == 0:
            yield _line(label, f"nothing: in at least {years - 1} of {years} years no loss occurs")
        else:
            yield _line(label, f"{money_with_error(value, error, currency)}, or more")
    tail = money_with_error(losses.tvar(0.99), losses.error("tvar99"), currency)
    yield _line("The worst 1 in 100 years cost on average", tail)
    chance = _chance(losses.prob_no_loss(), losses.error("prob_no_loss"))
    yield _line("Chance of a year without any loss", chance)


def _line(label: str, text: str) -> str:
    return f"{label:{_WIDTH}}{text}"


def _chance(p: float, error: float) -> str:
    """A chance and its error, where that would be seen beside it; an error is rounded up."""
    if error < 0.0005:
        return percent(p)
    return f"{100 * p:.1f}% ± {math.ceil(1000 * error - 1e-9) / 10:g}%"


def _tolerance(result: StudyResult) -> Iterable[str]:
    """Compare each tolerance point with the chance of a year above it."""
    if result.study.tolerance:
        yield ""
        yield "Against the tolerance"
    for point in result.study.tolerance:
        chance = float(result.portfolio.exceedance(point.loss))
        error = result.portfolio.exceedance_error(point.loss)
        label = f"  More than {stated_money(point.loss, result.study.currency)}"
        found = verdict(result.portfolio, point).replace("above", "EXCEEDED")
        text = f"{_chance(chance, error)}, tolerated {stated_chance(point.probability)}: {found}"
        yield _line(label, text)


def _top(result: StudyResult) -> Iterable[str]:
    """The scenarios with the largest average year, the largest first."""
    means = {name: losses.mean() for name, losses in result.scenarios.items()}
    names = {scenario.id: scenario.name for scenario in result.study.scenarios}
    order = sorted(means, key=lambda name: (-means[name], name))
    total = sum(means.values())
    yield f"{'Scenarios by their average year':{_WIDTH}}{'average':>12}{'share':>8}{'1 in 100':>12}"
    for name in order[:TOP]:
        label = f"  {short(name)}  {short(names[name])}"
        label = label if len(label) < _WIDTH else f"{label[: _WIDTH - 4]}..."
        currency = result.study.currency
        average = compact_money(means[name], currency)
        rare = compact_money(result.scenarios[name].var(0.99), currency)
        share = percent(means[name] / total) if total > 0 else "-"
        yield f"{label:{_WIDTH}}{average:>12}{share:>8}{rare:>12}"
    if len(order) > TOP:
        rest = sum(means[name] for name in order[TOP:])
        label = f"  {len(order) - TOP} more"
        share = percent(rest / total) if total > 0 else "-"
        yield f"{label:{_WIDTH}}{compact_money(rest, result.study.currency):>12}{share:>8}"


def _about_errors(losses: LossDistribution) -> str:
    if losses.exact:
        return (
            "After ±: the bound of the numerical error. The beliefs themselves may be further off."
        )
    return "After ±: one standard error of the simulation; more years make it smaller."
