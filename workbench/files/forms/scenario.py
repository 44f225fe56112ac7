"""One scenario of a study file: its tree, its counts, its terms, its states."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, JsonValue

from workbench.engines.counts.occasions import MOST_TRIALS
from workbench.engines.counts.stated import MOST_EVENTS
from workbench.files.forms.beliefs import Belief, MoneyBelief, ShareBelief
from workbench.files.forms.fields import (
    Day,
    Id,
    Level,
    Money,
    Name,
    Note,
    Positive,
    Rate,
    Share,
    Strict,
)


class PoissonForm(Strict):
    """Events arrive independently."""

    type: Literal["poisson"]
    zero_truncated: bool = False


class NegativeBinomialForm(Strict):
    """Events come in clusters; `dispersion` is variance/mean."""

    type: Literal["negative_binomial"]
    dispersion: Annotated[float, Field(gt=1, le=1e6, allow_inf_nan=False)]
    zero_truncated: bool = False


class BernoulliForm(Strict):
    """At most one event a year."""

    type: Literal["bernoulli"]


class BinomialForm(Strict):
    """At most one event at each of `trials` occasions a year."""

    type: Literal["binomial"]
    trials: Annotated[int, Field(ge=1, le=MOST_TRIALS)]
    zero_truncated: bool = False


class DiscreteCountForm(Strict):
    """Numbers of events with their probabilities; it states the frequency by itself."""

    type: Literal["discrete"]
    values: Annotated[
        list[Annotated[int, Field(ge=0, lt=MOST_EVENTS)]], Field(min_length=1, max_length=1000)
    ]
    probabilities: Annotated[list[Share], Field(min_length=1, max_length=1000)]
    zero_truncated: bool = False


COUNT_FORMS: dict[str, type[Strict]] = {
    "poisson": PoissonForm,
    "negative_binomial": NegativeBinomialForm,
    "bernoulli": BernoulliForm,
    "binomial": BinomialForm,
    "discrete": DiscreteCountForm,
}
CountForm = Annotated[
    PoissonForm | NegativeBinomialForm | BernoulliForm | BinomialForm | DiscreteCountForm,
    Discriminator("type"),
]


class LossFormsForm(Strict):
    """A loss by FAIR's six forms; `together`: one draw decides how bad the event is in all."""

    productivity: Belief | None = None
    response: Belief | None = None
    replacement: Belief | None = None
    competitive_advantage: Belief | None = None
    fines_and_judgments: Belief | None = None
    reputation: Belief | None = None
    together: bool = False


class SecondaryForm(LossFormsForm):
    """What others do after the event, in a `share` of the events: a magnitude or its forms."""

    share: ShareBelief
    magnitude: Belief | None = None


class TermsForm(Strict):
    """What of the loss counts: deductible, limit and share of an event, then those of the year."""

    deductible: Money = 0.0
    limit: Positive | None = None
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    annual_deductible: Money = 0.0
    annual_limit: Positive | None = None


class AssumptionForm(Strict):
    """Why a field says what it says."""

    field: Name
    owner: Name
    reason: Note
    would_change: Note
    source: Note | None = None
    date: Day | None = None
    review_by: Day | None = None


class StateForm(Strict):
    """What a state restates of the scenario; all else stays."""

    aro_low: Rate | None = None
    aro_mode: Rate | None = None
    aro_high: Rate | None = None
    aro: Belief | None = None
    loss_event_frequency: Belief | None = None
    threat_event_frequency: Belief | None = None
    contact_frequency: Belief | None = None
    probability_of_action: Belief | None = None
    vulnerability: Belief | None = None
    threat_capability: Belief | None = None
    resistance_strength: Belief | None = None
    asset_value: MoneyBelief | None = None
    asset: Id | None = None
    ef_low: Share | None = None
    ef_mode: Share | None = None
    ef_high: Share | None = None
    exposure_factor: Belief | None = None
    loss_magnitude: Belief | None = None
    primary_loss: LossFormsForm | None = None
    secondary_loss: SecondaryForm | None = None
    terms: TermsForm | None = None
    annual_cap: Positive | None = None
    count: CountForm | None = None
    likelihood: Level | None = None
    consequence: Level | None = None


def _need(*names: str) -> dict[str, JsonValue]:
    return {"required": list(names)}


_FREQUENCY: list[JsonValue] = [
    _need("aro"),
    _need("aro_low", "aro_mode", "aro_high"),
    _need("loss_event_frequency"),
    {
        "allOf": [
            {"oneOf": [_need("threat_event_frequency"), _need("contact_frequency")]},
            {"oneOf": [_need("vulnerability"), _need("threat_capability")]},
        ]
    },
    {
        "required": ["count"],
        "properties": {
            "count": {"required": ["type"], "properties": {"type": {"const": "discrete"}}}
        },
    },
]
_SHARE_OF_ASSET: dict[str, JsonValue] = {
    "allOf": [
        {"oneOf": [_need("exposure_factor"), _need("ef_low", "ef_mode", "ef_high")]},
        {"oneOf": [_need("asset_value"), _need("asset")]},
    ]
}
_TOGETHER: dict[str, JsonValue] = {
    "contact_frequency": ["probability_of_action"],
    "probability_of_action": ["contact_frequency"],
    "threat_capability": ["resistance_strength"],
    "resistance_strength": ["threat_capability"],
}
_FAIR_ONLY = ("loss_event_frequency", "loss_magnitude", "primary_loss")
_CLASSICAL_ONLY = ("aro", "aro_low", "exposure_factor", "ef_low", "asset_value", "asset")


def _rules(schema: dict[str, Any]) -> None:
    """Write into the JSON Schema which fields go together."""
    mixed: dict[str, JsonValue] = {
        "allOf": [
            {"anyOf": [_need(name) for name in names]} for names in (_FAIR_ONLY, _CLASSICAL_ONLY)
        ]
    }
    schema["dependentRequired"] = _TOGETHER
    schema["not"] = {"anyOf": [_need("terms", "annual_cap"), mixed]}
    schema["allOf"] = [
        {"oneOf": _FREQUENCY},
        {"oneOf": [_need("loss_magnitude"), _need("primary_loss"), _SHARE_OF_ASSET]},
    ]


class ScenarioForm(StateForm):
    """One kind of loss event: how often, how much, and who assumed what."""

    model_config = ConfigDict(json_schema_extra=_rules)

    id: Id
    name: Name
    system: Name | None = None
    owner: Name | None = None
    assumptions: Annotated[list[AssumptionForm], Field(max_length=200)] | None = None
    inherent: StateForm | None = None
    residual: StateForm | None = None
