"""Plain data to counts."""

from collections.abc import Callable, Mapping
from typing import Any

from workbench.engines.counts.base import Count
from workbench.engines.counts.clustering import NegativeBinomial, Poisson
from workbench.engines.counts.occasions import Bernoulli, Binomial
from workbench.engines.counts.stated import DiscreteCount
from workbench.engines.counts.truncated import zero_truncated
from workbench.errors import WorkbenchError, require

# type -> the fields that state it, and how to make it
_KINDS: dict[str, tuple[tuple[str, ...], Callable[..., Count]]] = {
    "poisson": ((), Poisson),
    "negative_binomial": (("dispersion",), NegativeBinomial),
    "bernoulli": ((), Bernoulli),
    "binomial": (("trials",), Binomial),
    "discrete": (("values", "probabilities"), DiscreteCount),
}


def count_from_dict(data: Mapping[str, Any]) -> Count:
    """Read a count from plain data: ``{"type": "negative_binomial", "dispersion": 2}``.

    Any but a bernoulli may be ``"zero_truncated": true``.
    """
    kind = data.get("type") if isinstance(data, Mapping) else None
    require(
        kind in _KINDS,
        "a count has a type that this version knows",
        got=data,
        fix=f"Allowed: {', '.join(_KINDS)}.",
    )
    wanted, make = _KINDS[str(kind)]
    fields = {name: value for name, value in data.items() if name != "type"}
    truncated = fields.pop("zero_truncated", False)
    if set(fields) != set(wanted) or not isinstance(truncated, bool):
        raise WorkbenchError(
            f"a {kind} count is stated by {', '.join(wanted) or 'its type alone'}; got "
            f"{sorted(fields)}. Give just these, and zero_truncated: true or false."
        )
    return zero_truncated(make(**fields)) if truncated else make(**fields)
