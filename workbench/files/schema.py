"""The shape of a study file, as pydantic models; `study_schema` publishes it as JSON Schema.

The models hold types and ranges. Rules that tie fields together stand in `assembly.py`, and every
sentence that a user reads in `wording.py`.
"""

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    StringConstraints,
    Tag,
)
from pydantic_core import PydanticCustomError

from workbench.currencies import CURRENCIES
from workbench.models.portfolio import HIGHEST_RATE
from workbench.models.study import LARGEST_SEED

MOST_MONEY = 1e15
MOST_SCENARIOS = 100_000
MOST_VALUES = 10_000  # of an empirical belief
LINE_BREAKS = frozenset("\t\n\r")
_BAD_IN_TEXT = frozenset({"Cc", "Cs"})
_BAD_IN_ID = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def check_text(text: str) -> str:
    """Refuse what no text may hold: blank texts, control characters other than line breaks."""
    if not text.strip():
        raise PydanticCustomError("text", "is blank")
    if not text.isprintable() and any(
        unicodedata.category(ch) in _BAD_IN_TEXT and ch not in LINE_BREAKS for ch in text
    ):
        raise PydanticCustomError("text", "holds a control character; remove it")
    return text


def check_id(text: str) -> str:
    """Refuse ids that could be mistaken for others or misused as a path."""
    if not text.strip():
        raise PydanticCustomError("text", "is blank")
    if text != text.strip():
        raise PydanticCustomError("text", "begins or ends with a space; remove it")
    if any(unicodedata.category(ch) in _BAD_IN_ID for ch in text):
        raise PydanticCustomError("text", "holds a line break or an invisible character; remove it")
    if "/" in text or "\\" in text or text.startswith("."):
        raise PydanticCustomError("text", "looks like a path; write it without / \\ and leading .")
    return text


def _check_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise PydanticCustomError("text", "is no ISO 4217 currency code; write such as USD or EUR")
    return code


Id = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(check_id)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(check_text)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(check_text)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_check_currency)]
Level = Annotated[int, Field(ge=1, le=5)]
Rate = Annotated[float, Field(ge=0, le=HIGHEST_RATE, allow_inf_nan=False)]
Money = Annotated[float, Field(ge=0, le=MOST_MONEY, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Shape = Annotated[float, Field(ge=1e-3, le=1e6, allow_inf_nan=False)]
Inside = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class Strict(BaseModel):
    """No field that is not known, no value of another type turned into the right one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PointForm(Strict):
    """A number known exactly."""

    type: Literal["point"]
    value: Money


class UniformForm(Strict):
    """Every value between `low` and `high` is equally likely."""

    type: Literal["uniform"]
    low: Money
    high: Money


class PertForm(Strict):
    """A PERT: lowest, most likely and highest value; `shape` is the weight of the mode."""

    type: Literal["pert"]
    low: Money
    mode: Money
    high: Money
    shape: Annotated[float, Field(ge=1e-3, le=1e3, allow_inf_nan=False)] = 4.0


class LogNormalForm(Strict):
    """A lognormal by the mean and standard deviation of its logarithm."""

    type: Literal["lognormal"]
    mu: Annotated[float, Field(ge=-600, le=600, allow_inf_nan=False)]
    sigma: Annotated[float, Field(ge=1e-6, le=17, allow_inf_nan=False)]


class LogNormalIntervalForm(Strict):
    """A lognormal by a central interval that holds the probability `mass`."""

    type: Literal["lognormal"]
    low: Annotated[float, Field(gt=0, le=MOST_MONEY, allow_inf_nan=False)]
    high: Annotated[float, Field(gt=0, le=MOST_MONEY, allow_inf_nan=False)]
    mass: Inside = 0.90


class LogNormalMomentsForm(Strict):
    """A lognormal by its mean and standard deviation."""

    type: Literal["lognormal"]
    mean: Annotated[float, Field(gt=0, le=MOST_MONEY, allow_inf_nan=False)]
    sd: Annotated[float, Field(gt=0, le=MOST_MONEY, allow_inf_nan=False)]


class LogNormalQuantileForm(Strict):
    """A lognormal by its median and its `quantile` at `level`."""

    type: Literal["lognormal"]
    median: Annotated[float, Field(gt=0, le=MOST_MONEY, allow_inf_nan=False)]
    quantile: Annotated[float, Field(gt=0, le=MOST_MONEY, allow_inf_nan=False)]
    level: Inside


class BetaForm(Strict):
    """A share between 0 and 1."""

    type: Literal["beta"]
    alpha: Shape
    beta: Shape


class GammaForm(Strict):
    """A positive amount: mean shape * scale."""

    type: Literal["gamma"]
    shape: Shape
    scale: Annotated[float, Field(gt=0, le=MOST_MONEY, allow_inf_nan=False)]


class EmpiricalForm(Strict):
    """Observed or listed values, equally likely unless `weights` are given."""

    type: Literal["empirical"]
    values: Annotated[list[Money], Field(min_length=1, max_length=MOST_VALUES)]
    weights: Annotated[list[Money], Field(min_length=1, max_length=MOST_VALUES)] | None = None


FAMILIES = ("point", "uniform", "pert", "lognormal", "beta", "gamma", "empirical")
_LOGNORMAL_WAYS = {
    "interval": frozenset({"low", "high", "mass"}),
    "moments": frozenset({"mean", "sd"}),
    "quantile": frozenset({"median", "quantile", "level"}),
}


def way_of(statement: Any) -> str | None:
    """Return which form a belief is written in; None where its type is missing or unknown.

    Whatever is no mapping is checked as a plain number.
    """
    if not isinstance(statement, dict):
        return "number"
    family = statement.get("type")
    if not isinstance(family, str) or family not in FAMILIES:
        return None
    if family == "lognormal":
        for way, fields in _LOGNORMAL_WAYS.items():
            if fields & statement.keys():
                return way
    return family


def _family_of(statement: Any) -> str | None:
    way = way_of(statement)
    return None if way == "number" else way


_Forms = (
    Annotated[PointForm, Tag("point")]
    | Annotated[UniformForm, Tag("uniform")]
    | Annotated[PertForm, Tag("pert")]
    | Annotated[LogNormalForm, Tag("lognormal")]
    | Annotated[LogNormalIntervalForm, Tag("interval")]
    | Annotated[LogNormalMomentsForm, Tag("moments")]
    | Annotated[LogNormalQuantileForm, Tag("quantile")]
    | Annotated[BetaForm, Tag("beta")]
    | Annotated[GammaForm, Tag("gamma")]
    | Annotated[EmpiricalForm, Tag("empirical")]
)
Belief = Annotated[_Forms, Discriminator(_family_of)]
MoneyBelief = Annotated[_Forms | Annotated[Money, Tag("number")], Discriminator(way_of)]


class PoissonForm(Strict):
    """Events arrive independently."""

    type: Literal["poisson"]


class NegativeBinomialForm(Strict):
    """Events come in clusters; `dispersion` is variance/mean."""

    type: Literal["negative_binomial"]
    dispersion: Annotated[float, Field(gt=1, le=1e6, allow_inf_nan=False)]


class BernoulliForm(Strict):
    """At most one event a year."""

    type: Literal["bernoulli"]


CountForm = Annotated[PoissonForm | NegativeBinomialForm | BernoulliForm, Discriminator("type")]


class AssumptionForm(Strict):
    """Why a field says what it says."""

    field: Name
    owner: Name
    reason: Note
    would_change: Note
    source: Note | None = None


class _Common(Strict):
    id: Id
    name: Name
    system: Name | None = None
    owner: Name | None = None
    likelihood: Level | None = None
    consequence: Level | None = None
    count: CountForm | None = None
    assumptions: Annotated[list[AssumptionForm], Field(max_length=200)] | None = None


_THREE_ARO: list[JsonValue] = ["aro_low", "aro_mode", "aro_high"]
_THREE_EF: list[JsonValue] = ["ef_low", "ef_mode", "ef_high"]


class ClassicalForm(_Common):
    """A scenario by ARO, asset value and exposure factor: as beliefs, or by a table's columns."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"oneOf": [{"required": ["aro"]}, {"required": _THREE_ARO}]},
                {"oneOf": [{"required": ["exposure_factor"]}, {"required": _THREE_EF}]},
                {"oneOf": [{"required": ["asset_value"]}, {"required": ["asset"]}]},
            ]
        }
    )

    aro_low: Rate | None = None
    aro_mode: Rate | None = None
    aro_high: Rate | None = None
    aro: Belief | None = None
    asset_value: MoneyBelief | None = None
    asset: Id | None = None
    ef_low: Share | None = None
    ef_mode: Share | None = None
    ef_high: Share | None = None
    exposure_factor: Belief | None = None


class FairForm(_Common):
    """A scenario by loss event frequency and loss magnitude."""

    loss_event_frequency: Belief
    loss_magnitude: Belief


class AssetForm(Strict):
    """Something of value that several scenarios may damage; they share its draw in a year."""

    id: Id
    name: Name
    value: MoneyBelief


class TolerancePointForm(Strict):
    """At most this `probability` in a year of losing more than `loss` is acceptable."""

    loss: Annotated[float, Field(gt=0, le=MOST_MONEY, allow_inf_nan=False)]
    probability: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


class HeadForm(Strict):
    """What concerns the study as a whole."""

    name: Name | None = None
    currency: Currency | None = None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None = None
    assets: Annotated[list[AssetForm], Field(max_length=10_000)] | None = None
    tolerance: Annotated[list[TolerancePointForm], Field(max_length=1000)] | None = None


# The mapping that stands under a field or under a tag of a union, for the wording of its faults.
FORMS: dict[str, type[Strict]] = {
    "point": PointForm,
    "uniform": UniformForm,
    "pert": PertForm,
    "lognormal": LogNormalForm,
    "interval": LogNormalIntervalForm,
    "moments": LogNormalMomentsForm,
    "quantile": LogNormalQuantileForm,
    "beta": BetaForm,
    "gamma": GammaForm,
    "empirical": EmpiricalForm,
    "poisson": PoissonForm,
    "negative_binomial": NegativeBinomialForm,
    "bernoulli": BernoulliForm,
    "assumptions": AssumptionForm,
    "assets": AssetForm,
    "tolerance": TolerancePointForm,
}


class StudyFile(Strict):
    """A study: its head and its scenarios."""

    study: HeadForm | None = None
    scenarios: Annotated[list[ClassicalForm | FairForm], Field(max_length=MOST_SCENARIOS)]


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a study file in YAML or JSON."""
    schema = StudyFile.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Study file of the risk workbench",
        "description": "YAML 1.2 or JSON. A list of scenarios alone is read as a study, too.",
    } | {key: value for key, value in schema.items() if key not in ("title", "description")}
