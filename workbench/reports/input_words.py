"""A changed input in words: which it is, what it was, what it is now."""

import math
from collections.abc import Mapping
from typing import Any

from workbench.amounts import compact_money, percent
from workbench.distributions import Distribution
from workbench.elicitation.echo import figure
from workbench.engines.counts import Count, NegativeBinomial
from workbench.models.changes import ChangedInput
from workbench.models.scenario import Scenario
from workbench.models.study import Study
from workbench.models.tree import (
    FORMS,
    NO_TERMS,
    LossEvents,
    LossForms,
    SecondaryLoss,
    Terms,
    ThreatEvents,
    Vulnerability,
)
from workbench.reports.words import stated_money

ASSET_VALUE = "asset value"  # the field of an asset that scenarios share
NOT_STATED, NOT_THERE = "not stated", "not there"
LEAST_NAME = 8  # characters that a cut name keeps
RATE, SHARE, MONEY, NUMBER = "a year", "share", "money", ""
# the field of a change -> what it is called for people, and in what it is counted
FIELDS: dict[str, tuple[str, str]] = {
    "aro": ("how often", RATE),
    "frequency": ("how often", RATE),
    "loss_event_frequency": ("how often", RATE),
    "threat_event_frequency": ("how often it is tried", RATE),
    "contact_frequency": ("how often there is contact", RATE),
    "probability_of_action": ("how likely a contact becomes a try", SHARE),
    "vulnerability": ("how likely a try succeeds", SHARE),
    "threat_capability": ("how able the attackers are", NUMBER),
    "resistance_strength": ("how strong the defence is", NUMBER),
    "exposure_factor": ("share of the asset lost", SHARE),
    "asset_value": ("value of its asset", MONEY),
    "asset": ("which asset it hits", NUMBER),
    "loss_magnitude": ("how much", MONEY),
    "magnitude": ("how much", MONEY),
    "count": ("how its events come", NUMBER),
    "terms": ("deductibles and limits", NUMBER),
    "secondary_loss": ("the loss that follows", MONEY),
    "secondary": ("the loss that follows", MONEY),
    "secondary_loss share": ("how often a loss follows", SHARE),
    "secondary_loss magnitude": ("how much the loss that follows is", MONEY),
    "added": ("a new scenario", MONEY),
    "removed": ("no longer a scenario", MONEY),
}
FORM_WORDS = {name: name.replace("_", " ") for name in FORMS}
FIELDS |= {name: (f"how much, {said}", MONEY) for name, said in FORM_WORDS.items()}
FIELDS |= {
    f"secondary_loss {name}": (f"the loss that follows, {said}", MONEY)
    for name, said in FORM_WORDS.items()
}
COUNTS = {
    "poisson": "each on its own",
    "bernoulli": "at most one a year",
}


def input_name(
    changed: ChangedInput, before: Study, after: Study, longest: int | None = None
) -> str:
    """Name an input for people: '“Leak”: how often', 'value of “Customer records”'.

    With `longest` the name of the scenario or asset is cut so that the whole is about that long:
    which input it is stays readable.
    """
    if changed.field == ASSET_VALUE:
        assets = {a.id: a.name for a in (*before.assets, *after.assets)}
        first, name, last = "value of ", assets[changed.owner], ""
    else:
        names = {s.id: s.name for s in (*before.scenarios, *after.scenarios)}
        said = FIELDS.get(changed.field, (changed.field.replace("_", " "), NUMBER))[0]
        first, name, last = "", names[changed.owner], f": {said}"
    if longest is not None:
        room = max(longest - len(first) - len(last) - 2, LEAST_NAME)
        name = name if len(name) <= room else f"{name[: room - 1].rstrip()}…"
    return f"{first}“{name}”{last}"


def both_sides(changed: ChangedInput, currency: str) -> tuple[str, str]:
    """Say what an input was and what it is."""
    unit = MONEY if changed.field == ASSET_VALUE else FIELDS.get(changed.field, ("", NUMBER))[1]
    was, now = (
        value_words(side, unit, currency, missing=_missing(changed.field))
        for side in (changed.before, changed.after)
    )
    return was, now


def _missing(field: str) -> str:
    return NOT_THERE if field in ("added", "removed") else NOT_STATED


def value_words(value: Any, unit: str, currency: str, *, missing: str = NOT_STATED) -> str:
    """Say one side of a change: a belief by its range and average, everything else by its kind."""
    if value is None:
        return missing
    if isinstance(value, Scenario):
        return value_words(value.rate(), RATE, currency)
    if isinstance(value, LossEvents | ThreatEvents | Vulnerability | LossForms):
        return value_words(value.belief(), unit, currency)
    if isinstance(value, Distribution):
        return belief_words(value, unit, currency)
    if isinstance(value, SecondaryLoss):
        share = belief_words(value.share, SHARE, currency)
        return f"{belief_words(value.belief(), MONEY, currency)}, in {share} of the events"
    if isinstance(value, Count):
        return _count_words(value)
    if isinstance(value, Terms):
        return _terms_words(value, currency)
    if isinstance(value, Mapping):
        parts = [_part(name, part, currency) for name, part in value.items() if part is not None]
        return "; ".join(parts) or NOT_STATED
    return str(value)


def _count_words(count: Count) -> str:
    if isinstance(count, NegativeBinomial):
        return f"in clusters (variance {count.dispersion:g} times the average)"
    kind = str(count.to_dict()["type"])
    return COUNTS.get(kind, kind.replace("_", " "))


def _part(name: str, value: Any, currency: str) -> str:
    said, unit = FIELDS.get(name, (name.replace("_", " "), NUMBER))
    return f"{said}: {value_words(value, unit, currency)}"


def belief_words(belief: Distribution, unit: str, currency: str) -> str:
    """Say a belief shortly: its range of nine in ten, and its average where it has one."""
    low, high = belief.support()
    if low == high:
        return _figure(low, unit, currency)
    plain = NUMBER if unit == RATE else unit  # the average tells the unit
    p5, p95 = (_figure(float(belief.ppf(level)), plain, currency) for level in (0.05, 0.95))
    mean = belief.mean()
    average = f"{_figure(mean, unit, currency)} on average" if math.isfinite(mean) else "no average"
    return f"{p5} to {p95}, {average}"


def _figure(value: float, unit: str, currency: str) -> str:
    if unit == MONEY:
        return compact_money(value, currency)
    if unit == SHARE:
        return percent(value)
    text = float(f"{value:.2g}") if abs(value) < 100 else value  # two figures, as money has
    return figure(text, unit)


def _terms_words(terms: Terms, currency: str) -> str:
    if terms == NO_TERMS:
        return "none"
    said = []
    for name in ("deductible", "limit", "annual_deductible", "annual_limit"):
        value = getattr(terms, name)
        if 0 < value < math.inf:
            said.append(f"{name.replace('_', ' ')} {stated_money(value, currency)}")
    if terms.share != 1:
        said.append(f"share {percent(terms.share)}")
    return ", ".join(said)
