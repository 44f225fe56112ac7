"""Checked statements to distributions, within the range of the field that they stand in."""

import functools
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.distributions import Distribution, Point, from_dict, triple
from workbench.errors import WorkbenchError
from workbench.files.messages import echo
from workbench.files.schema import MOST_MONEY, Strict
from workbench.files.wording import ALLOWED_RATE, plain
from workbench.models.portfolio import HIGHEST_RATE

Report = Callable[[str, str], None]  # field, what is wrong


@dataclass(frozen=True, slots=True)
class Unit:
    """What a field counts, how far it may go, and which tail must stay below that."""

    most: float
    words: str
    tail: float  # P(X > most) may be at most this


RATE = Unit(HIGHEST_RATE, ALLOWED_RATE, 1e-6)
MONEY = Unit(MOST_MONEY, "0 to 1e15", 1e-3)
SHARE = Unit(1.0, "0 to 1", 0.0)
_IN_UNIT = ("value", "low", "mode", "high", "mean", "median", "quantile")


def belief(form: Strict | float, field: str, unit: Unit, report: Report) -> Distribution | None:
    """Make the distribution that a field states; report and return None where there is none."""
    if isinstance(form, int | float):
        return Point(form)
    statement = form.model_dump(exclude_none=True)
    faults = [*_too_large(statement, unit), *_disorder(statement)]
    for name, what in faults:
        report(f"{field}.{name}", what)
    if faults:
        return None
    try:
        with np.errstate(all="ignore"):
            found = from_dict(statement)
            what = _outside(found, unit)
    except (WorkbenchError, ArithmeticError) as error:
        message = plain(error) if isinstance(error, WorkbenchError) else "is beyond any real amount"
        report(field, message)
        return None
    if what:
        report(field, what)
        return None
    return found


def table_triple(
    numbers: tuple[float, float, float], names: tuple[str, str, str], report: Report
) -> Distribution | None:
    """Make the PERT of three columns; the column that is out of order is reported."""
    low, mode, high = numbers
    if low > mode:
        report(names[0], f"is above {names[1]}, got {echo(low)}, allowed at most {mode:.15g}")
        return None
    if mode > high:
        report(names[1], f"is above {names[2]}, got {echo(mode)}, allowed at most {high:.15g}")
        return None
    return _triple(low, mode, high)


_triple = functools.lru_cache(maxsize=4096)(triple)  # frozen values, and tables repeat them


def _too_large(statement: dict[str, Any], unit: Unit) -> list[tuple[str, str]]:
    named = [(name, statement[name]) for name in _IN_UNIT if name in statement]
    named += [(f"values.{i}", value) for i, value in enumerate(statement.get("values", ()), 1)]
    return [
        (name, f"is too large, got {echo(value)}, allowed {unit.words}")
        for name, value in named
        if value > unit.most
    ]


def _disorder(statement: dict[str, Any]) -> list[tuple[str, str]]:
    """The first pair of bounds that is out of order."""
    names = [name for name in ("low", "mode", "high") if name in statement]
    for lower, upper in itertools.pairwise(names):
        if statement[lower] > statement[upper]:
            got, most = statement[lower], statement[upper]
            return [(lower, f"is above {upper}, got {echo(got)}, allowed at most {most:.15g}")]
    if names and statement[names[0]] == statement[names[-1]]:
        what = f"equals low, got {echo(statement['high'])}"
        return [("high", f"{what}; write {{type: point, value: {statement['high']:.15g}}}")]
    return []


def _outside(found: Distribution, unit: Unit) -> str:
    """Say how a distribution leaves the range of its unit; empty where it does not."""
    if not (math.isfinite(found.mean()) and math.isfinite(found.variance())):
        return "is beyond any real amount"
    if unit.tail == 0:
        reach = found.support()[1]
        fix = "; use beta, or bounds within 0 to 1"
        return f"can be above 1, allowed {unit.words}{fix}" if reach > unit.most else ""
    reach = float(found.isf(unit.tail))
    if not reach <= unit.most:
        return f"reaches {reach:.3g} in its upper tail, allowed {unit.words}"
    return ""
