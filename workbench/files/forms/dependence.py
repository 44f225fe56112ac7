"""How a study file states what ties scenarios together: two copulas and common shocks."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from workbench.engines.copulas import LEAST_DEGREES, MOST_DEGREES, MOST_FACTORS
from workbench.engines.dependence import MOST_SHOCKS
from workbench.files.forms.fields import MOST_SCENARIOS, Id, Rate, Share, Strict

MOST_PAIRS = 20_000  # two hundred scenarios have 19,900
_Correlation = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
_Rank = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
# a file has lists only; what stands in them is checked as strictly as everywhere
_Pair = Annotated[tuple[Id, Id, _Correlation], Field(strict=False)]
_Loading = Annotated[tuple[Id, _Correlation], Field(strict=False)]
_Chance = Annotated[tuple[Id, Share], Field(strict=False)]
_Pairs = Annotated[list[_Pair], Field(min_length=1, max_length=MOST_PAIRS)]


def _way_of(stated: Any) -> str:
    return "pairs" if isinstance(stated, list | tuple) else "number"


class FactorForm(Strict):
    """Something that moves several scenarios: [id, correlation with the factor] for each."""

    id: Id
    loadings: Annotated[list[_Loading], Field(min_length=1, max_length=MOST_SCENARIOS)]


class CopulaForm(Strict):
    """A copula by factors, by rank correlations of pairs, or by one number for all pairs."""

    copula: Literal["gaussian", "t"]
    degrees: Annotated[float, Field(ge=LEAST_DEGREES, le=MOST_DEGREES)] | None = None  # of a t
    factors: Annotated[list[FactorForm], Field(min_length=1, max_length=MOST_FACTORS)] | None = None
    rank_correlation: (
        Annotated[
            Annotated[_Rank, Tag("number")] | Annotated[_Pairs, Tag("pairs")],
            Discriminator(_way_of),
        ]
        | None
    ) = None
    scenarios: Annotated[list[Id], Field(min_length=2, max_length=MOST_SCENARIOS)] | None = None


class ShockForm(Strict):
    """Events at a known rate, each of which hits each scenario with its chance: [id, chance]."""

    id: Id
    rate: Rate
    scenarios: Annotated[list[_Chance], Field(min_length=1, max_length=MOST_SCENARIOS)]


class DependenceForm(Strict):
    """What ties scenarios together; what is not named is independent."""

    frequencies: CopulaForm | None = None
    losses: CopulaForm | None = None
    shocks: Annotated[list[ShockForm], Field(max_length=MOST_SHOCKS)] | None = None
