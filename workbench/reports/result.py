"""A study's result as plain data, as text of JSON, and as a table: what other programs read."""

import json
import math
from collections.abc import Callable
from functools import partial
from typing import Any

from workbench import __version__
from workbench.files import inputs_sha256, table_csv
from workbench.losses import FIGURES, LossDistribution
from workbench.models.portfolio import StudyResult
from workbench.models.study import Study
from workbench.reports.missing import why_missing, why_no_error
from workbench.reports.together import dependence_record
from workbench.threats.drafting import to_be_elicited

DIGITS = 12  # significant; what one machine and another agree on is nine
_COUNT = 60
_FIRST, _LAST = 0.99, 0.0001


def _probability(step: int) -> float:
    """Evenly spaced in the logarithm, so dense in the tail; four digits, both ends exact."""
    return float(f"{_FIRST * (_LAST / _FIRST) ** (step / (_COUNT - 1)):.4g}")


# P(annual loss > x) at which every result states its x: 0.99 ... 0.0001, about 15 in a decade.
EXCEEDANCE_PROBABILITIES = tuple(_probability(step) for step in range(_COUNT))


def result_record(result: StudyResult, inputs: Study | None = None) -> dict[str, Any]:
    """Return the record of a result that `simulate --json` prints; `result_schema` describes it.

    `inputs` is the study as it was read, where the result was computed with another seed: the hash
    is that of the file's content. Ranges that are to be elicited are named where there are any.
    """
    waiting = to_be_elicited(result.study.scenarios)
    drafted = [{"scenario": name, "field": field} for name, field in waiting]
    names = {scenario.id: scenario.name for scenario in result.study.scenarios}
    return {
        "study": result.study.name,
        "currency": result.study.currency,
        "seed": result.seed,
        "engine": result.engine,
        "years": result.years,
        "version": __version__,
        "inputs_sha256": inputs_sha256(inputs or result.study),
        "scenarios": [
            {"id": name, "name": names[name]} | figures(losses, *_reasons(result, name))
            for name, losses in sorted(result.scenarios.items())
        ],
        "portfolio": figures(result.portfolio, *_reasons(result)),
        "dependence": dependence_record(result),
    } | ({"to_be_elicited": drafted} if drafted else {})


def _reasons(result: StudyResult, scenario_id: str | None = None) -> list[Callable[[str], str]]:
    return [partial(why, result, scenario_id=scenario_id) for why in (why_missing, why_no_error)]


def figures(
    losses: LossDistribution, why: Callable[[str], str], why_unsure: Callable[[str], str]
) -> dict[str, Any]:
    """Return the figures of one loss distribution with their errors, and why any is not there.

    `why` says why a figure of this name does not exist, `why_unsure` why it has no error.
    """
    kind = "error_bound" if losses.exact else "standard_error"
    undefined: dict[str, str] = {}
    found: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name in FIGURES:
        found[name] = _finite(losses.figure(name))
        errors[name] = _finite(losses.error(name))
        if found[name] is None:
            undefined[name] = why(name)
        elif errors[name] is None:
            undefined[f"{kind}.{name}"] = why_unsure(name)
    points = [(losses.var(1 - p), p) for p in EXCEEDANCE_PROBABILITIES]
    found["exceedance"] = [[rounded(loss), p] for loss, p in points]
    errors["exceedance"] = [_finite(losses.var_error(1 - p)) for p in EXCEEDANCE_PROBABILITIES]
    return found | {kind: errors, "undefined": undefined}


def _finite(number: float) -> float | None:
    """Return a number at 12 digits; None where it is not finite, since it does not exist."""
    return rounded(number) if math.isfinite(number) else None


def rounded(value: float) -> float:
    """Return `value` at 12 significant digits; never -0."""
    return float(f"{value:.{DIGITS}g}") + 0.0


def result_json(record: dict[str, Any]) -> str:
    """Write a record as one JSON object; equal records have equal bytes."""
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def result_csv(result: StudyResult) -> str:
    """Write one line for each scenario and one for the portfolio, each figure beside its error."""
    kind = "error_bound" if result.portfolio.exact else "standard_error"
    header = ["scope", "id", "name", "currency"]
    header += [column for name in FIGURES for column in (name, f"{name}_{kind}")]
    names = {scenario.id: scenario.name for scenario in result.study.scenarios}
    lines: list[tuple[str, str, str, LossDistribution]] = [
        ("scenario", name, names[name], one) for name, one in sorted(result.scenarios.items())
    ]
    lines.append(("portfolio", "", result.study.name, result.portfolio))
    currency = result.study.currency
    rows = ([*line[:3], currency, *_pairs(line[3])] for line in lines)
    return table_csv(header, rows)


def _pairs(losses: LossDistribution) -> list[float | None]:
    pairs = ((_finite(losses.figure(name)), _finite(losses.error(name))) for name in FIGURES)
    return [number for pair in pairs for number in pair]
