"""Plain data to beliefs, and the ways in which people state one."""

from collections.abc import Callable, Mapping
from typing import Any

from workbench.distributions.base import Distribution
from workbench.distributions.bounded import Beta, Pert, Uniform
from workbench.distributions.comonotone import Comonotone
from workbench.distributions.derived import Scaled, WithTerms
from workbench.distributions.discrete import Discrete, Empirical, Point
from workbench.distributions.heavy import Burr, GeneralisedPareto, Lomax, Pareto
from workbench.distributions.metalog import Metalog
from workbench.distributions.mixtures import Mixture, Truncated
from workbench.distributions.positive import Gamma, LogNormal
from workbench.distributions.products import Product
from workbench.distributions.triangular import Triangular
from workbench.distributions.weibull import Weibull
from workbench.errors import WorkbenchError, require

Maker = Callable[..., Distribution]


def _listed(kind: str, **lists: Any) -> None:
    """Refuse what is not a list, by its name."""
    for name, given in lists.items():
        require(
            isinstance(given, list | tuple),
            f"the {name} of {kind} belief are a list",
            got=given,
            fix="Write them between [ and ].",
        )


def _empirical(values: Any, weights: Any = None) -> Empirical:
    _listed("an empirical", values=values, **({} if weights is None else {"weights": weights}))
    return Empirical(values, weights)


def _discrete(values: Any, probabilities: Any) -> Discrete:
    _listed("a discrete", values=values, probabilities=probabilities)
    return Discrete(values, probabilities)


def _metalog(coefficients: Any, lower: Any = None, upper: Any = None) -> Metalog:
    _listed("a metalog", coefficients=coefficients)
    return Metalog(coefficients, lower, upper)


def _through(levels: Any, values: Any, **other: Any) -> Metalog:
    _listed("a metalog", levels=levels, values=values)
    return Metalog.from_quantiles(levels, values, **other)


def _mixture(parts: Any, weights: Any) -> Mixture:
    _listed("a mixture", parts=parts, weights=weights)
    return Mixture([from_dict(part) for part in parts], weights)


def _product(factors: Any) -> Product:
    _listed("a product", factors=factors)
    return Product([from_dict(factor) for factor in factors])


def _comonotone(parts: Any) -> Comonotone:
    _listed("a comonotone", parts=parts)
    return Comonotone([from_dict(part) for part in parts])


# type -> the ways to state it: (required fields, optional fields, maker)
STATEMENTS: dict[str, list[tuple[tuple[str, ...], tuple[str, ...], Maker]]] = {
    "point": [(("value",), (), Point)],
    "uniform": [(("low", "high"), (), Uniform)],
    "pert": [(("low", "mode", "high"), ("shape",), Pert)],
    "lognormal": [
        (("mu", "sigma"), (), LogNormal),
        (("low", "high"), ("mass",), LogNormal.from_interval),
        (("mean", "sd"), (), LogNormal.from_mean_sd),
        (
            ("median", "quantile", "level"),
            (),
            LogNormal.from_median_quantile,
        ),
    ],
    "beta": [(("alpha", "beta"), (), Beta)],
    "gamma": [(("shape", "scale"), (), Gamma)],
    "triangular": [(("low", "mode", "high"), (), Triangular)],
    "discrete": [(("values", "probabilities"), (), _discrete)],
    "empirical": [(("values",), ("weights",), _empirical)],
    "weibull": [(("shape", "scale"), (), Weibull)],
    "pareto": [(("alpha", "low"), (), Pareto)],
    "pareto2": [(("alpha", "scale"), (), Lomax)],
    "gpd": [(("shape", "scale"), ("low",), GeneralisedPareto)],
    "burr": [(("alpha", "shape", "scale"), (), Burr)],
    "metalog": [
        (("coefficients",), ("lower", "upper"), _metalog),
        (("levels", "values"), ("terms", "lower", "upper"), _through),
    ],
    "mixture": [(("parts", "weights"), (), _mixture)],
    "truncated": [
        (("base",), ("low", "high"), lambda base, **ends: Truncated(from_dict(base), **ends))
    ],
    "product": [(("factors",), (), _product)],
    "comonotone": [(("parts",), (), _comonotone)],
    "scaled": [(("base", "factor"), (), lambda base, factor: Scaled(from_dict(base), factor))],
    "with_terms": [
        (
            ("base",),
            ("deductible", "limit", "share"),
            lambda base, **terms: WithTerms(from_dict(base), **terms),
        )
    ],
}


def from_dict(data: Mapping[str, Any]) -> Distribution:
    """Read a belief from plain data: ``{"type": "pert", "low": 1, "mode": 2, "high": 5}``.

    Raises
    ------
    WorkbenchError
        for an unknown type, fields that do not state it, or values that its rule refuses.

    """
    require(
        isinstance(data, Mapping) and isinstance(data.get("type"), str),
        "a belief is a mapping with a type",
        got=data,
        fix=f"Write type: and one of {', '.join(STATEMENTS)}.",
    )
    kind = data["type"]
    require(
        kind in STATEMENTS,
        "the type of a belief is one that this version knows",
        got=kind,
        fix=f"Allowed: {', '.join(STATEMENTS)}.",
    )
    given = {name: value for name, value in data.items() if name != "type"}
    for required, optional, make in STATEMENTS[kind]:
        if set(required) <= set(given) <= {*required, *optional}:
            return make(**given)
    ways = " or ".join(
        ", ".join(required) + "".join(f" [{name}]" for name in optional)
        for required, optional, _ in STATEMENTS[kind]
    )
    raise WorkbenchError(f"a {kind} is stated by {ways}; got {sorted(given)!r}. Give just these.")


def triple(low: float, mode: float, high: float) -> Distribution:
    """Make the belief of a table's three columns: a PERT, or a Point when all three are equal."""
    return Point(low) if low == mode == high else Pert(low, mode, high)
