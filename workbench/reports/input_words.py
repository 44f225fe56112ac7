"""A changed input in words: which it is, what it was, what it is now."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.amounts import compact_money, percent
from workbench.distributions import Distribution
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


@dataclass(frozen=True)
class Writer:
    """How amounts are written: the currency, and to how many figures."""

    currency: str
    figures: int = 2

    def figure(self, value: float, unit: str) -> str:
        """Write one number of a belief."""
        if unit == MONEY:
            return compact_money(value, self.currency, self.figures)
        if unit == SHARE:
            return percent(value) if self.figures == 2 else f"{100 * value:.{self.figures}g}%"
        text = f"{value:.{self.figures}g}"
        if abs(value) >= 10**self.figures or float(text) == int(float(text)) == value:
            text = f"{value:,.0f}"
        return f"{text} {unit}" if unit else text


MOST_FIGURES = 6  # that are tried until both sides of a change differ


def both_sides(changed: ChangedInput, currency: str) -> tuple[str, str]:
    """Say what an input was and what it is, in as many figures as tell the two apart."""
    unit = MONEY if changed.field == ASSET_VALUE else FIELDS.get(changed.field, ("", NUMBER))[1]
    for figures in range(2, MOST_FIGURES + 1):
        writer = Writer(currency, figures)
        was, now = (
            value_words(side, unit, writer, missing=_missing(changed.field))
            for side in (changed.before, changed.after)
        )
        if was != now:
            return was, now
    return was, f"{now}, in another form"


def _missing(field: str) -> str:
    return NOT_THERE if field in ("added", "removed") else NOT_STATED


def value_words(value: Any, unit: str, writer: Writer, *, missing: str = NOT_STATED) -> str:
    """Say one side of a change: a belief by its range and average, everything else by its kind."""
    if value is None:
        return missing
    if isinstance(value, Scenario):
        return value_words(value.rate(), RATE, writer)
    if isinstance(value, LossEvents | ThreatEvents | Vulnerability | LossForms):
        return value_words(value.belief(), unit, writer)
    if isinstance(value, Distribution):
        return belief_words(value, unit, writer)
    if isinstance(value, SecondaryLoss):
        share = belief_words(value.share, SHARE, writer)
        return f"{belief_words(value.belief(), MONEY, writer)}, in {share} of the events"
    if isinstance(value, Count):
        return _count_words(value)
    if isinstance(value, Terms):
        return _terms_words(value, writer.currency)
    if isinstance(value, Mapping):
        parts = [_part(name, part, writer) for name, part in value.items() if part is not None]
        return "; ".join(parts) or NOT_STATED
    return str(value)


def _count_words(count: Count) -> str:
    if isinstance(count, NegativeBinomial):
        return f"in clusters (variance {count.dispersion:g} times the average)"
    kind = str(count.to_dict()["type"])
    return COUNTS.get(kind, kind.replace("_", " "))


def _part(name: str, value: Any, writer: Writer) -> str:
    said, unit = FIELDS.get(name, (name.replace("_", " "), NUMBER))
    return f"{said}: {value_words(value, unit, writer)}"


def belief_words(belief: Distribution, unit: str, writer: Writer) -> str:
    """Say a belief shortly: its range of nine in ten, and its average where it has one."""
    low, high = belief.support()
    if low == high:
        return writer.figure(low, unit)
    plain = NUMBER if unit == RATE else unit  # the average tells the unit
    p5, p95 = (writer.figure(float(belief.ppf(level)), plain) for level in (0.05, 0.95))
    mean = belief.mean()
    average = f"{writer.figure(mean, unit)} on average" if math.isfinite(mean) else "no average"
    return f"{p5} to {p95}, {average}"


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
