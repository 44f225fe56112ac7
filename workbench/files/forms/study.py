"""The head of a study file and the whole; `study_schema` publishes it as JSON Schema."""

from typing import Annotated, Any

from pydantic import Field

from workbench.files.forms.beliefs import BELIEF_FORMS, MoneyBelief
from workbench.files.forms.dependence import CopulaForm, DependenceForm, FactorForm, ShockForm
from workbench.files.forms.fields import (
    MOST_ASSETS,
    MOST_MONEY,
    MOST_SCENARIOS,
    Currency,
    Id,
    Name,
    Positive,
    Strict,
)
from workbench.files.forms.scenario import (
    AssumptionForm,
    LossFormsForm,
    ScenarioForm,
    SecondaryForm,
    StateForm,
    TermsForm,
)
from workbench.models.anchors import LEAST_LEVELS, MOST_LEVELS
from workbench.models.exact_year import HIGHEST_RATE
from workbench.models.study import DEFAULT_LEVELS, LARGEST_SEED


class AssetForm(Strict):
    """Something of value that several scenarios may damage; they share its draw in a year."""

    id: Id
    name: Name
    value: MoneyBelief


class TolerancePointForm(Strict):
    """At most this `probability` in a year of losing more than `loss` is acceptable."""

    loss: Positive
    probability: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


_Rate = Annotated[float, Field(gt=0, le=HIGHEST_RATE, allow_inf_nan=False)]
_Amount = Annotated[float, Field(gt=0, le=MOST_MONEY, allow_inf_nan=False)]


class AnchorsForm(Strict):
    """What the levels of the severity matrix stand for: a rate and an amount for each, rising."""

    likelihood: Annotated[list[_Rate], Field(min_length=LEAST_LEVELS, max_length=MOST_LEVELS)]
    consequence: Annotated[list[_Amount], Field(min_length=LEAST_LEVELS, max_length=MOST_LEVELS)]


class HeadForm(Strict):
    """What concerns the study as a whole."""

    name: Name | None = None
    currency: Currency | None = None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None = None
    assets: Annotated[list[AssetForm], Field(max_length=MOST_ASSETS)] | None = None
    tolerance: Annotated[list[TolerancePointForm], Field(max_length=1000)] | None = None
    anchors: AnchorsForm | None = None
    dependence: DependenceForm | None = None


class StudyFile(Strict):
    """A study: its head and its scenarios."""

    study: HeadForm | None = None
    scenarios: Annotated[list[ScenarioForm], Field(max_length=MOST_SCENARIOS)]


# The mapping that stands under a field or under a tag of a union, for the wording of its faults.
FORMS: dict[str, type[Strict]] = BELIEF_FORMS | {
    "assumptions": AssumptionForm,
    "assets": AssetForm,
    "tolerance": TolerancePointForm,
    "anchors": AnchorsForm,
    "dependence": DependenceForm,
    "frequencies": CopulaForm,
    "losses": CopulaForm,
    "factors": FactorForm,
    "shocks": ShockForm,
    "terms": TermsForm,
    "primary_loss": LossFormsForm,
    "secondary_loss": SecondaryForm,
    "inherent": StateForm,
    "residual": StateForm,
}


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a study file in YAML or JSON."""
    schema = StudyFile.model_json_schema()
    most = {name: {"maximum": DEFAULT_LEVELS} for name in ("likelihood", "consequence")}
    has_anchors = {"required": ["anchors"], "properties": {"anchors": {"type": "object"}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Study file of the risk workbench",
        "description": "YAML 1.2 or JSON. A list of scenarios alone is read as a study, too.",
        # Without anchors the matrix has five levels.
        "if": {"required": ["study"], "properties": {"study": has_anchors}},
        "else": {"properties": {"scenarios": {"items": {"properties": most}}}},
    } | {key: value for key, value in schema.items() if key not in ("title", "description")}
