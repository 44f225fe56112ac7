"""What happens together: a study's dependence in words, and what simulated years made of it."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from workbench.amounts import percent
from workbench.engines.copulas import Copula
from workbench.engines.dependence import Numbers
from workbench.models.achieved_correlation import AchievedCorrelation
from workbench.models.dependence import Dependence, StatedCopula
from workbench.models.portfolio import StudyResult
from workbench.models.whatif import by_average
from workbench.reports import words
from workbench.reports.matrix_words import signed
from workbench.reports.together_values import Group, Named, Pair, TiedBy, Together

MOST = 5  # shocks, factors, members of each, and pairs of a copula that are told
OF_ALL = 3  # scenarios that stand for all where one number ties all pairs
WHAT = {"frequencies": "How often they happen", "losses": "What their years cost"}
TIES = {"frequencies": "how often scenarios happen", "losses": "what years of scenarios cost"}
MOVED = 0.005  # of a correlation, that would be seen
CONSTANT = "not told: one of them costs the same in all simulated years"


def together(result: StudyResult) -> Together | None:
    """Say what happens together; None where scenarios are independent.

    Simulated years are looked at again for the correlation of their losses: at most `MOST` pairs of
    each copula.
    """
    stated = result.study.dependence
    if stated is None:
        return None
    names = {scenario.id: scenario.name for scenario in result.study.scenarios}
    shocks = tuple(
        replace(_group(shock.id, shock.chances, names, _chance), often=_often(shock.rate))
        for shock in sorted(stated.shocks, key=lambda shock: (-shock.rate, shock.id))[:MOST]
    )
    copulas = tuple(
        _tied_by(result, part, copula, name, names) for name, part, copula in _copulas(result)
    )
    return Together(_heading(stated), shocks, _more(len(stated.shocks)), copulas)


def dependence_record(result: StudyResult) -> dict[str, Any] | None:
    """Return the same as plain data: what is stated, what was moved, and what was achieved."""
    stated = result.study.dependence
    if stated is None:
        return None
    moved: dict[str, Any] = {}
    pairs: list[dict[str, Any]] = []
    for name, part, copula in _copulas(result):
        if copula.repair is not None:
            moved[name] = {"largest": copula.repair.largest, "distance": copula.repair.distance}
        told = _strongest(result, part, copula)
        for (one, other), found in zip(told, _achieved(result, told), strict=True):
            pairs.append(
                {
                    "copula": name,
                    "scenarios": [one, other],
                    "rank_correlation": _digits(copula.rank_correlation(one, other)),
                    "tail_dependence": _digits(copula.tail_dependence(one, other)),
                    "achieved": None if found is None else _digits(found.spearman),
                    "standard_error": None if found is None else _digits(found.spearman_error),
                }
            )
    return {"stated": stated.to_dict(), "moved": moved, "pairs": pairs}


def _digits(value: float) -> float | None:
    return float(f"{value:.12g}") + 0.0 if math.isfinite(value) else None


def _copulas(result: StudyResult) -> Iterator[tuple[str, StatedCopula, Copula]]:
    """Yield the name of each copula, how it is stated, and what is drawn from."""
    stated = result.study.dependence
    assert stated is not None
    plan = stated.plan([scenario.id for scenario in result.study.scenarios])
    for name in WHAT:
        part, copula = getattr(stated, name), getattr(plan, name)
        if part is not None:
            yield name, part, copula


def _heading(stated: Dependence) -> str:
    said = list(_shocks_told(stated))
    tied = [TIES[name] for name in WHAT if getattr(stated, name) is not None]
    if tied:
        start = "a copula ties" if said else "A copula ties"
        said.append(f"{start} {', another one '.join(tied)}")
    return f"{'; '.join(said)}."


def _shocks_told(stated: Dependence) -> Iterator[str]:
    """Yield how many shocks may hit several scenarios at once, and how many may not."""
    reach = [sum(p > 0 for _, p in dict(shock.chances).items()) for shock in stated.shocks]
    several = sum(number > 1 for number in reach)
    if several:
        yield f"{_count_of_shocks(several)} several at once"
    if several < len(reach):
        found = f"{_count_of_shocks(len(reach) - several)} one scenario at most"
        yield found[:1].lower() + found[1:] if several else found


def _count_of_shocks(number: int) -> str:
    """'One common shock hits', 'Two common shocks hit'."""
    count = words.NUMERALS[number] if number < len(words.NUMERALS) else str(number)
    return f"{count} common shock{' hits' if number == 1 else 's hit'}"


def _group(
    name: str, members: Numbers, names: Mapping[str, str], written: Callable[[float], str]
) -> Group:
    """Return the strongest members first; `written` makes text of a number."""
    order = _strongest_first(members)
    told = tuple(Named(one, names[one], written(number)) for one, number in order[:MOST])
    return Group(name, "", told, _more(len(order)))


def _strongest_first(members: Numbers) -> list[tuple[str, float]]:
    return sorted(dict(members).items(), key=lambda pair: (-abs(pair[1]), pair[0]))


def _more(number: int) -> str:
    """'and 3 more', of a number of which `MOST` are told."""
    return f"and {number - MOST} more" if number > MOST else ""


def _often(rate: float) -> str:
    """'1 in 10 years', '2.5 a year', 'never'."""
    if rate <= 0:
        return "never"
    return f"{rate:.3g} a year" if rate >= 1 else f"1 in {1 / rate:.3g} years"


def _chance(p: float) -> str:
    return "always" if p == 1 else percent(p)


def _tied_by(
    result: StudyResult, part: StatedCopula, copula: Copula, name: str, names: Mapping[str, str]
) -> TiedBy:
    factors = tuple(_group(one.id, one.loadings, names, signed) for one in part.factors[:MOST])
    stated = {(one, other): rho for one, other, rho in part.pairs}
    told = _strongest(result, part, copula)
    pairs = tuple(
        Pair(
            (one, other),
            (names[one], names[other]),
            _rank(copula.rank_correlation(one, other), stated.get((one, other))),
            _achieved_told(found),
            percent(copula.tail_dependence(one, other)) if copula.family == "t" else "",
        )
        for (one, other), found in zip(told, _achieved(result, told), strict=True)
    )
    return TiedBy(WHAT[name], _how(part, copula), factors, pairs, tuple(_notes(part, copula)))


def _how(part: StatedCopula, copula: Copula) -> str:
    size = words.count_of(len(copula.ids), "scenario")
    family = f"a Gaussian copula of {size}"
    if copula.family == "t":
        degrees = f"{copula.degrees:g} degree{'' if copula.degrees == 1 else 's'}"
        family = f"a t copula of {size} with {degrees} of freedom"
    if part.factors:
        return f"{family}, by {words.count_of(len(part.factors), 'common factor')}"
    if part.pairs:
        return f"{family}, by {words.count_of(len(part.pairs), 'stated pair')}"
    return f"{family}, all pairs alike"


def _rank(used: float, stated: float | None) -> str:
    if stated is None or abs(used - stated) < MOVED:
        return signed(used if stated is None else stated)
    return f"{signed(used)} (stated {signed(stated)})"


def _strongest(result: StudyResult, part: StatedCopula, copula: Copula) -> list[tuple[str, str]]:
    """Return the pairs with the strongest rank correlations, at most `MOST`.

    Of factor models only the scenarios with the largest loadings are looked at; where one number
    ties all pairs, the largest scenarios stand for all.
    """
    if part.pairs:
        found = [(one, other) for one, other, _ in part.pairs]
    elif part.factors:
        ids = {one for f in part.factors for one, _ in _strongest_first(f.loadings)[:MOST]}
        found = list(combinations(sorted(ids), 2))
    else:
        largest = [one.id for one in by_average(result) if one.id in set(copula.ids)]
        found = list(combinations(sorted(largest[:OF_ALL]), 2))
    return sorted(found, key=lambda pair: (-abs(copula.rank_correlation(*pair)), pair))[:MOST]


def _achieved(
    result: StudyResult, pairs: list[tuple[str, str]]
) -> Sequence[AchievedCorrelation | None]:
    """Return what simulated years of each pair have; nothing of computed ones."""
    return [None] * len(pairs) if result.years is None else result.achieved_correlations(pairs)


def _achieved_told(found: AchievedCorrelation | None) -> str:
    """'0.412 ± 0.004': as many digits as the error allows, which is rounded up."""
    if found is None:
        return ""
    if not math.isfinite(found.spearman):
        return CONSTANT
    error = max(found.spearman_error, 1e-6)
    digits = max(-math.floor(math.log10(error)), 1)
    rounded = math.ceil(error * 10**digits - 1e-9) / 10**digits
    sign = f"{found.spearman:.{digits}f}".replace("-", "\u2212")
    return f"{sign} ± {rounded:.{digits}f}"


def _notes(part: StatedCopula, copula: Copula) -> Iterator[str]:
    if copula.repair is not None:
        told = str(copula.repair)
        yield f"{told[:1].upper()}{told[1:]}."
    if copula.family == "t":
        apart = Copula.one_factor("", {"one": 0.0, "other": 0.0}, copula.degrees)
        share = percent(apart.tail_dependence("one", "other"))
        yield (
            "A t copula ties the worst years of all its scenarios, even with a rank correlation of "
            f"0: then of the very worst years of one, {share} are such years of the other, too."
        )
    count = len(part.factors) - MOST
    if count > 0:
        yield f"It has {words.count_of(count, 'factor')} more."
