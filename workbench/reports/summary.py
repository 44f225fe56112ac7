"""A study's result in words and a few numbers, for a terminal."""

import math
from collections.abc import Iterable

from workbench.amounts import compact_money, money_with_error, percent
from workbench.engines.kernels.either import is_fast
from workbench.files.messages import short
from workbench.losses import LossDistribution
from workbench.models.portfolio import StudyResult
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.models.tolerance import verdict
from workbench.models.tree_nodes import Parts
from workbench.models.views import chance_above_asset
from workbench.reports.largest import largest_events
from workbench.reports.missing import why_missing
from workbench.reports.overview_scenarios import SEEN
from workbench.reports.together import together
from workbench.reports.together_values import Group, Pair
from workbench.reports.words import (
    HOW_SLOW,
    NO_AVERAGE,
    NO_ERROR,
    NOT_TIED,
    chance_beside,
    count_of,
    main_parts,
    stated_chance,
    stated_money,
)
from workbench.threats.drafting import to_be_elicited

SEEN_ERROR = 0.0005  # of a chance, that would be seen beside it
UNSEEN = "in no simulated year"
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
        *_placeholders(study),
        "",
        *_headlines(result),
        *_tolerance(result),
        "",
        *_top(result),
        "",
        *_together(result),
        result.why,
        *([HOW_SLOW] if result.years is not None and not is_fast() else []),
        _about_errors(losses),
    ]
    return "\n".join(lines) + "\n"


def _placeholders(study: Study) -> Iterable[str]:
    """Say how much of a study nobody has stated; nothing where there is no placeholder."""
    waiting = to_be_elicited(study.scenarios)
    if waiting:
        where = f"{len({name for name, _ in waiting})} of {len(study.scenarios)} scenarios"
        yield (
            f"{count_of(len(waiting), 'range')} in {where} "
            f"{'is a placeholder' if len(waiting) == 1 else 'are placeholders'}, to be elicited: "
            "what follows from them says nothing about a firm."
        )


def _headlines(result: StudyResult) -> Iterable[str]:
    losses = result.portfolio
    yield _line("An average year costs", _figure(losses, "mean"))
    is_tied = result.study.dependence is not None
    levels, near = (0.95, 0.99), losses.figure("p99")
    events = [] if is_tied else largest_events(result.study, levels, near)
    for i, (years, name) in enumerate(((20, "p95"), (100, "p99"))):
        label = f"A 1-in-{years} year costs"
        if losses.figure(name) == 0:
            yield _line(label, f"nothing: in at least {years - 1} of {years} years no loss occurs")
        else:
            yield _line(label, f"{_figure(losses, name)}, or more")
            for event in events[i : i + 1]:
                told = compact_money(event, losses.currency)
                yield _line(f"  The largest single event, 1 year in {years}", f"{told}, or more")
    yield _line("The worst 1 in 100 years cost on average", _figure(losses, "tvar99"))
    yield _line("Chance of a year without any loss", _quiet(losses))
    if is_tied:
        yield f"The largest single event of a year is {NOT_TIED}."
    if not math.isfinite(losses.mean()):
        yield f"No average: {why_missing(result, 'mean')}."


def _figure(losses: LossDistribution, name: str) -> str:
    """A figure with its error, or in words that it does not exist."""
    value, error = losses.figure(name), losses.error(name)
    if not math.isfinite(value):
        return NO_AVERAGE
    if not math.isfinite(error):
        return f"{money_with_error(value, None, losses.currency)} ({NO_ERROR})"
    return money_with_error(value, error, losses.currency)


def _quiet(losses: LossDistribution) -> str:
    """The chance of no loss, and which of two ends it is of simulated years."""
    chance = losses.prob_no_loss()
    if not losses.exact and chance == 0:
        return "no simulated year is without"
    if not losses.shows_losses():
        return "every simulated year is without"
    return _chance(chance, losses.error("prob_no_loss"))


def _line(label: str, text: str) -> str:
    return f"{label:{_WIDTH}}{text}"


def _chance(p: float, error: float) -> str:
    """A chance and its error, where that would be seen beside it; an error is rounded up."""
    if error < SEEN_ERROR:
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
        said = chance_beside(chance, point.probability)
        said = said if error < SEEN_ERROR else _chance(chance, error)
        text = f"{said}, tolerated {stated_chance(point.probability)}: {found}"
        yield _line(label, text)


def _top(result: StudyResult) -> Iterable[str]:
    """The scenarios with the largest average year, the largest first."""
    study = result.study
    scenarios = {scenario.id: scenario for scenario in study.scenarios}
    means = {name: losses.mean() for name, losses in result.scenarios.items()}
    order = sorted(means, key=lambda name: (-means[name], name))
    total = math.fsum(means.values())
    yield f"{'Scenarios by their average year':{_WIDTH}}{'average':>12}{'share':>8}{'1 in 100':>12}"
    for name in order[:TOP]:
        rare = compact_money(result.scenarios[name].var(0.99), study.currency)
        title = f"  {short(name)}  {short(scenarios[name].name)}"
        if result.scenarios[name].shows_losses():
            yield f"{_row(title, means[name], total, study.currency)}{rare:>12}"
        else:
            yield f"{_label(title)}{UNSEEN:>32}"
        yield from _parts(scenarios[name], study)
    if len(order) > TOP:
        rest = math.fsum(means[name] for name in order[TOP:])
        yield _row(f"  {len(order) - TOP} more", rest, total, study.currency)


def _row(title: str, mean: float, total: float, currency: str) -> str:
    """A scenario's average and its share of the whole, where there are any."""
    average = compact_money(mean, currency) if math.isfinite(mean) else "none"
    share = percent(mean / total) if total > 0 and math.isfinite(total) else "-"
    return f"{_label(title)}{average:>12}{share:>8}"


def _label(title: str) -> str:
    return f"{title if len(title) < _WIDTH else f'{title[: _WIDTH - 4]}...':{_WIDTH}}"


def _parts(scenario: Scenario, study: Study) -> Iterable[str]:
    """A secondary loss stands beside the ALE; a year may cost more than the asset is worth."""
    parts = main_parts(Parts.of(scenario, study), study.currency)
    if parts:
        yield f"      {parts}"
    above = chance_above_asset(study, scenario.id)
    if above is not None and above >= SEEN:
        yield f"      more than the asset is worth in {percent(above)} of years"


def _together(result: StudyResult) -> Iterable[str]:
    """What happens together: shocks, then each copula with the pairs that it ties most."""
    found = together(result)
    if found is None:
        return
    yield "What happens together"
    for shock in found.shocks:
        yield f"  The shock {short(shock.id)}, {shock.often}, hits {_members(shock)}"
    if found.more_shocks:
        yield f"  {found.more_shocks}"
    for one in found.copulas:
        yield f"  {one.what}: {one.how}"
        for factor in one.factors:
            yield f"    the factor {short(factor.id)} moves {_members(factor)}"
        yield from map(_pair, one.pairs)
        yield from (f"    {note}" for note in one.notes)
    yield ""


def _members(group: Group) -> str:
    told = [f"{short(one.id)} {one.number}" for one in group.members]
    return ", ".join([*told, *([group.more] if group.more else [])])


def _pair(pair: Pair) -> str:
    said = [f"rank correlation {pair.rank}"]
    said += [f"that of simulated losses {pair.achieved}"] if pair.achieved else []
    said += [f"{pair.worst} of the very worst years in common"] if pair.worst else []
    return f"    {' and '.join(map(short, pair.ids))}: {'; '.join(said)}"


def _about_errors(losses: LossDistribution) -> str:
    if losses.exact:
        return (
            "After ±: the numerical error is below it, which is rounded up to the figures shown.\n"
            "The beliefs themselves may be further off."
        )
    return "After ±: one standard error of the simulation; more years make it smaller."
