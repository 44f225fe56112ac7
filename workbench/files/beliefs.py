"""Checked statements to distributions, within the range of the field that they stand in."""

import functools
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.distributions import Distribution, Point, from_dict, triple
from workbench.distributions.mixtures import Mixture, Truncated
from workbench.errors import WorkbenchError
from workbench.files.forms.beliefs import DEEPEST_BELIEF, MixtureForm, TruncatedForm
from workbench.files.forms.fields import MOST_MONEY, Strict
from workbench.files.messages import Spot, echo, figure
from workbench.files.wording import ALLOWED_MONEY, ALLOWED_RATE, plain
from workbench.models.exact_year import HIGHEST_RATE


@dataclass(frozen=True, slots=True)
class Unit:
    """What a field counts, how far it may go, and which tail must stay below that."""

    most: float
    words: str
    tail: float  # P(X > most) may be at most this
    is_signed: bool = False  # may be below 0
    needs_mean: bool = True
    tells_moments: bool = False  # warn where a moment does not exist


MOST_CONTACTS = 1e12
RATE = Unit(HIGHEST_RATE, ALLOWED_RATE, 1e-6)
CONTACTS = Unit(MOST_CONTACTS, f"0 to {figure(MOST_CONTACTS)} a year", 1e-6)
VALUE = Unit(MOST_MONEY, ALLOWED_MONEY, 1e-3)  # of an asset: held for the year
AMOUNT = Unit(MOST_MONEY, ALLOWED_MONEY, 1e-3, needs_mean=False, tells_moments=True)  # per event
LIMITED = Unit(MOST_MONEY, ALLOWED_MONEY, 1e-3, needs_mean=False)  # per event, up to a limit
SHARE = Unit(1.0, "0 to 1", 0.0)
STRENGTH = Unit(MOST_MONEY, f"at most {figure(MOST_MONEY)}", 1.0, is_signed=True, needs_mean=False)
_IN_UNIT = ("value", "low", "mode", "high", "mean", "median", "quantile", "lower", "upper")
_RANGES = frozenset({"uniform", "pert", "triangular", "lognormal"})


def belief(form: Strict | float, field: str, unit: Unit, spot: Spot) -> Distribution | None:
    """Make the distribution that a field states; report and return None where there is none."""
    if isinstance(form, int | float):
        return Point(form)
    if _depth(form) > DEEPEST_BELIEF:
        spot.error(field, f"nests beliefs deeper than {DEEPEST_BELIEF} levels; write fewer parts")
        return None
    found = _made(form, field, unit, spot)
    if found is None:
        return None
    if not is_within(found, field, unit, spot):
        return None
    if unit.tells_moments and (missing := _missing_moment(found)):
        spot.warning(field, missing)
    return found


def is_within(found: Distribution, field: str, unit: Unit, spot: Spot) -> bool:
    """Whether a belief stays in the range of its unit; report it where it does not."""
    with np.errstate(all="ignore"):
        what = _outside(found, unit)
    if what:
        spot.error(field, what)
    return not what


def _depth(form: Strict) -> int:
    if isinstance(form, MixtureForm):
        return 1 + max(map(_depth, form.parts))
    return 1 + _depth(form.base) if isinstance(form, TruncatedForm) else 1


def _made(form: Strict, field: str, unit: Unit, spot: Spot) -> Distribution | None:
    """Make a belief and those within it, each reported by its own path."""
    faults = [*_too_large(form, unit), *_disorder(form)]
    for name, what in faults:
        spot.error(f"{field}.{name}", what)
    if isinstance(form, MixtureForm):
        numbered = enumerate(form.parts, 1)
        parts = [_made(part, f"{field}.parts.{n}", unit, spot) for n, part in numbered]
        whole = [part for part in parts if part is not None]
        if faults or len(whole) < len(parts):
            return None
        return _tried(lambda: Mixture(whole, form.weights), field, spot)
    if isinstance(form, TruncatedForm):
        base = _made(form.base, f"{field}.base", unit, spot)
        high = math.inf if form.high is None else form.high
        if faults or base is None:
            return None
        return _tried(lambda: Truncated(base, form.low, high), field, spot)
    if faults:
        return None
    return _tried(lambda: from_dict(form.model_dump(exclude_none=True)), field, spot)


def _tried(make: Callable[[], Distribution], field: str, spot: Spot) -> Distribution | None:
    """Make a belief; the rules of the models have the last word."""
    try:
        with np.errstate(all="ignore"):
            found = make()
            found.mean()
    except WorkbenchError as error:
        spot.error(field, plain(error))
        return None
    except ArithmeticError:
        spot.error(field, "is beyond any real amount")
        return None
    return found


def table_triple(
    numbers: tuple[float, float, float], names: tuple[str, str, str], spot: Spot
) -> Distribution | None:
    """Make the PERT of three columns; the column that is out of order is reported."""
    wrong = disorder(dict(zip(names, numbers, strict=True)))
    if wrong is not None:
        spot.error(*wrong)
        return None
    return _triple(*numbers)


_triple = functools.lru_cache(maxsize=4096)(triple)  # frozen values, and tables repeat them


def disorder(bounds: dict[str, float]) -> tuple[str, str] | None:
    """Return the first of two neighbouring bounds that is above the next, and what is wrong."""
    for lower, upper in itertools.pairwise(bounds):
        if bounds[lower] > bounds[upper]:
            what = f"is above {upper}, got {echo(bounds[lower])}, allowed at most"
            return lower, f"{what} {bounds[upper]:.15g}"
    return None


def _too_large(form: Strict, unit: Unit) -> list[tuple[str, str]]:
    named: list[tuple[str, Any]] = [(name, getattr(form, name, None)) for name in _IN_UNIT]
    values = getattr(form, "values", ())
    named += [(f"values.{number}", value) for number, value in enumerate(values, 1)]
    return [
        (name, f"is too large, got {echo(value)}, allowed {unit.words}")
        for name, value in named
        if value is not None and value > unit.most
    ]


def _disorder(form: Strict) -> list[tuple[str, str]]:
    """The first pair of bounds that is out of order, or bounds that leave no range."""
    family = getattr(form, "type", "")
    bounds = {
        n: getattr(form, n) for n in ("low", "mode", "high") if getattr(form, n, None) is not None
    }
    wrong = disorder(bounds)
    if wrong is not None:
        return [wrong]
    if family in _RANGES and "high" in bounds and bounds["low"] == bounds["high"]:
        what = f"equals low, got {echo(bounds['high'])}"
        return [("high", f"{what}; write {{type: point, value: {bounds['high']:.15g}}}")]
    return []


def _outside(found: Distribution, unit: Unit) -> str:
    """Say how a distribution leaves the range of its unit; empty where it does not."""
    low, high = found.support()
    if low < 0 and not unit.is_signed:
        bound = "it has no lower bound" if low == -math.inf else f"it begins at {low:.6g}"
        return f"can be below 0, since {bound}; write lower: 0, or truncate it there"
    if math.isnan(found.mean()):
        return "is beyond any real amount"
    if unit.tail == 0:
        fix = "; use beta, or bounds within 0 to 1"
        return f"can be above 1, allowed {unit.words}{fix}" if high > unit.most else ""
    reach = float(found.isf(unit.tail)) if unit.tail < 1 else 0.0
    if not reach <= unit.most:
        return f"reaches {reach:.3g} in its upper tail, allowed {unit.words}"
    if unit.needs_mean and not math.isfinite(found.mean()):
        return "has no mean, which is allowed in amounts of loss only; use a lighter tail"
    if unit.needs_mean and not math.isfinite(found.variance()):
        return "has no variance, which is allowed in amounts of loss only; use a lighter tail"
    return ""


def _missing_moment(found: Distribution) -> str:
    """Say which moments an amount lacks, and what is then not printed."""
    with np.errstate(all="ignore"):
        if not math.isfinite(found.mean()):
            what = "has no mean: no average loss and no tail average is printed"
            return f"{what}; a limit per event gives it one"
        if not math.isfinite(found.variance()):
            what = "has no variance: no standard deviation is printed"
            return f"{what}; a limit per event gives it one"
    return ""
