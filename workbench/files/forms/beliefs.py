"""Every way in which a file states a belief."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from workbench.distributions.heavy import STEEPEST
from workbench.distributions.metalog import FEWEST, MOST_TERMS
from workbench.files.forms.fields import MOST_VALUES, Inside, Money, Number, Positive, Shape, Strict
from workbench.files.forms.fields import Share as Chance

MOST_PARTS = 20  # of a mixture
DEEPEST_BELIEF = 4  # beliefs within each other
_Index = Annotated[float, Field(ge=1 / STEEPEST, le=1e6, allow_inf_nan=False)]


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


class TriangularForm(Strict):
    """A triangle: lowest, most likely and highest value."""

    type: Literal["triangular"]
    low: Money
    mode: Money
    high: Money


class LogNormalForm(Strict):
    """A lognormal by the mean and standard deviation of its logarithm."""

    type: Literal["lognormal"]
    mu: Annotated[float, Field(ge=-600, le=600, allow_inf_nan=False)]
    sigma: Annotated[float, Field(ge=1e-6, le=17, allow_inf_nan=False)]


class LogNormalIntervalForm(Strict):
    """A lognormal by a central interval that holds the probability `mass`."""

    type: Literal["lognormal"]
    low: Positive
    high: Positive
    mass: Inside = 0.90


class LogNormalMomentsForm(Strict):
    """A lognormal by its mean and standard deviation."""

    type: Literal["lognormal"]
    mean: Positive
    sd: Positive


class LogNormalQuantileForm(Strict):
    """A lognormal by its median and its `quantile` at `level`."""

    type: Literal["lognormal"]
    median: Positive
    quantile: Positive
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
    scale: Positive


class WeibullForm(Strict):
    """A positive amount: P(X > x) = exp(-(x/scale)^shape)."""

    type: Literal["weibull"]
    shape: _Index
    scale: Positive


class ParetoForm(Strict):
    """A Pareto of type I: P(X > x) = (low/x)^alpha from `low` on."""

    type: Literal["pareto"]
    alpha: _Index
    low: Positive


class Pareto2Form(Strict):
    """A Pareto of type II (Lomax): P(X > x) = (1 + x/scale)^-alpha."""

    type: Literal["pareto2"]
    alpha: _Index
    scale: Positive


class GpdForm(Strict):
    """A generalised Pareto above `low`; `shape` is xi, the heaviness of the tail."""

    type: Literal["gpd"]
    shape: Annotated[float, Field(ge=-STEEPEST, le=STEEPEST, allow_inf_nan=False)]
    scale: Positive
    low: Money = 0.0


class BurrForm(Strict):
    """A Burr of type XII: P(X > x) = (1 + (x/scale)^shape)^-alpha."""

    type: Literal["burr"]
    alpha: _Index
    shape: _Index
    scale: Positive


class MetalogForm(Strict):
    """A metalog by its coefficients, with bounds where it has some."""

    type: Literal["metalog"]
    coefficients: Annotated[list[Number], Field(min_length=FEWEST, max_length=MOST_TERMS)]
    lower: Number | None = None
    upper: Number | None = None


class MetalogQuantilesForm(Strict):
    """A metalog through `values` at `levels`, with bounds where it has some."""

    type: Literal["metalog"]
    levels: Annotated[list[Inside], Field(min_length=FEWEST, max_length=1000)]
    values: Annotated[list[Number], Field(min_length=FEWEST, max_length=1000)]
    terms: Annotated[int, Field(ge=FEWEST, le=MOST_TERMS)] | None = None
    lower: Number | None = None
    upper: Number | None = None


class DiscreteForm(Strict):
    """Listed values with probabilities that sum to 1."""

    type: Literal["discrete"]
    values: Annotated[list[Money], Field(min_length=1, max_length=MOST_VALUES)]
    probabilities: Annotated[list[Chance], Field(min_length=1, max_length=MOST_VALUES)]


class EmpiricalForm(Strict):
    """Observed or listed values, equally likely unless `weights` are given."""

    type: Literal["empirical"]
    values: Annotated[list[Money], Field(min_length=1, max_length=MOST_VALUES)]
    weights: Annotated[list[Money], Field(min_length=1, max_length=MOST_VALUES)] | None = None


class MixtureForm(Strict):
    """One of several beliefs; a part of weight w holds in a share w of the cases."""

    type: Literal["mixture"]
    parts: Annotated[list["Belief"], Field(min_length=1, max_length=MOST_PARTS)]
    weights: Annotated[list[Positive], Field(min_length=1, max_length=MOST_PARTS)]


class TruncatedForm(Strict):
    """A belief of which only the values above `low` and up to `high` are possible."""

    type: Literal["truncated"]
    base: "Belief"
    low: Money = 0.0
    high: Money | None = None


# The form of each way to state a belief. A family with one way has its own name.
BELIEF_FORMS: dict[str, type[Strict]] = {
    "point": PointForm,
    "uniform": UniformForm,
    "pert": PertForm,
    "triangular": TriangularForm,
    "lognormal": LogNormalForm,
    "interval": LogNormalIntervalForm,
    "moments": LogNormalMomentsForm,
    "quantile": LogNormalQuantileForm,
    "beta": BetaForm,
    "gamma": GammaForm,
    "weibull": WeibullForm,
    "pareto": ParetoForm,
    "pareto2": Pareto2Form,
    "gpd": GpdForm,
    "burr": BurrForm,
    "metalog": MetalogForm,
    "quantiles": MetalogQuantilesForm,
    "discrete": DiscreteForm,
    "empirical": EmpiricalForm,
    "mixture": MixtureForm,
    "truncated": TruncatedForm,
}
# Ways of a family with more than one, told apart by the fields that only they have.
_WAYS = {
    "lognormal": {
        "interval": frozenset({"low", "high", "mass"}),
        "moments": frozenset({"mean", "sd"}),
        "quantile": frozenset({"median", "quantile", "level"}),
    },
    "metalog": {"quantiles": frozenset({"levels", "values", "terms"})},
}
FAMILIES = tuple(name for name in BELIEF_FORMS if not any(name in ways for ways in _WAYS.values()))


def way_of(statement: Any) -> str | None:
    """Return which form a belief is written in; None where its type is missing or unknown.

    Whatever is no mapping is checked as a plain number.
    """
    if not isinstance(statement, dict):
        return "number"
    family = statement.get("type")
    if not isinstance(family, str) or family not in FAMILIES:
        return None
    for way, fields in _WAYS.get(family, {}).items():
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
    | Annotated[TriangularForm, Tag("triangular")]
    | Annotated[LogNormalForm, Tag("lognormal")]
    | Annotated[LogNormalIntervalForm, Tag("interval")]
    | Annotated[LogNormalMomentsForm, Tag("moments")]
    | Annotated[LogNormalQuantileForm, Tag("quantile")]
    | Annotated[BetaForm, Tag("beta")]
    | Annotated[GammaForm, Tag("gamma")]
    | Annotated[WeibullForm, Tag("weibull")]
    | Annotated[ParetoForm, Tag("pareto")]
    | Annotated[Pareto2Form, Tag("pareto2")]
    | Annotated[GpdForm, Tag("gpd")]
    | Annotated[BurrForm, Tag("burr")]
    | Annotated[MetalogForm, Tag("metalog")]
    | Annotated[MetalogQuantilesForm, Tag("quantiles")]
    | Annotated[DiscreteForm, Tag("discrete")]
    | Annotated[EmpiricalForm, Tag("empirical")]
    | Annotated[MixtureForm, Tag("mixture")]
    | Annotated[TruncatedForm, Tag("truncated")]
)
Belief = Annotated[_Forms, Discriminator(_family_of)]
MoneyBelief = Annotated[_Forms | Annotated[Money, Tag("number")], Discriminator(way_of)]
ShareBelief = Annotated[_Forms | Annotated[Chance, Tag("number")], Discriminator(way_of)]
MixtureForm.model_rebuild()
TruncatedForm.model_rebuild()
