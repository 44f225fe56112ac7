"""The JSON Schema (draft 2020-12) of what `simulate --json` prints."""

from typing import Any

from workbench.losses import FIGURES
from workbench.reports.result import EXCEEDANCE_PROBABILITIES

_COUNT = len(EXCEEDANCE_PROBABILITIES)
_MEANINGS = {
    "mean": "E[L], the average annual loss",
    "sd": "standard deviation of the annual loss",
    "p50": "median: smallest x with P(L <= x) >= 0.50",
    "p90": "smallest x with P(L <= x) >= 0.90",
    "p95": "smallest x with P(L <= x) >= 0.95: passed in 1 year in 20",
    "p99": "smallest x with P(L <= x) >= 0.99: passed in 1 year in 100",
    "tvar95": "average of the quantiles above 0.95",
    "tvar99": "average of the quantiles above 0.99",
    "prob_no_loss": "P(L = 0)",
}


def result_schema() -> dict[str, Any]:
    """Return the schema; each use of it may be changed freely."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Result of a simulated or computed year",
        "description": "Amounts are in `currency`; numbers have 12 significant digits.",
        **_object(
            {
                "study": {"type": "string", "description": "name of the study"},
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                "seed": {"type": "integer", "minimum": 0},
                "engine": {"enum": ["exact", "montecarlo"]},
                "years": {
                    "type": ["integer", "null"],
                    "minimum": 1,
                    "description": "simulated years; null when exact",
                },
                "version": {"type": "string"},
                "inputs_sha256": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{64}$",
                    "description": "of the canonical JSON (RFC 8785) of the study that was read",
                },
                "scenarios": {"type": "array", "items": {"$ref": "#/$defs/scenario"}},
                "portfolio": {"$ref": "#/$defs/losses"},
                "dependence": {
                    "description": "how scenarios go together; null where they are independent",
                    "oneOf": [{"type": "null"}, {"$ref": "#/$defs/dependence"}],
                },
                "to_be_elicited": {
                    "description": "ranges that are placeholders; absent where there are none",
                    "type": "array",
                    "minItems": 1,
                    "items": _object({"scenario": {"type": "string"}, "field": {"type": "string"}}),
                },
            },
            optional=("to_be_elicited",),
        ),
        "allOf": [
            {
                "if": {"properties": {"engine": {"const": "exact"}}},
                "then": {"properties": {"years": {"type": "null"}}},
                "else": {"properties": {"years": {"type": "integer"}}},
            }
        ],
        "$defs": _definitions(),
    }


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _definitions() -> dict[str, Any]:
    figures = {name: _number(_MEANINGS[name]) for name in FIGURES}
    figures["prob_no_loss"]["maximum"] = 1
    point = {
        "type": "array",
        "prefixItems": [{"type": "number", "minimum": 0}, {"enum": [*EXCEEDANCE_PROBABILITIES]}],
        "items": False,
        "minItems": 2,
    }
    figures["exceedance"] = {
        "description": "[x, p]: the smallest x with P(L > x) <= p, from p = 0.99 to 0.0001",
        **_sixty(point),
    }
    errors = {name: _number("error of the figure of this name") for name in FIGURES}
    errors["exceedance"] = {
        "description": "errors of the losses of `exceedance`",
        **_sixty(_number("")),
    }
    both = ("standard_error", "error_bound")
    undefined = {
        "type": "object",
        "description": "why a figure, or its error (standard_error.mean), is null",
        "propertyNames": {
            "enum": [*FIGURES, *(f"{kind}.{name}" for kind in both for name in FIGURES)]
        },
        "additionalProperties": {"type": "string"},
    }
    parts = figures | {name: {"$ref": "#/$defs/errors"} for name in both} | {"undefined": undefined}
    one_error = {"oneOf": [{"required": [name]} for name in both]}
    names = {"id": {"type": "string", "minLength": 1}, "name": {"type": "string"}}
    return {
        "errors": _object(errors),
        "losses": _object(parts, both) | one_error,
        "scenario": _object(names | parts, both) | one_error,
        "dependence": _dependence(),
    }


def _dependence() -> dict[str, Any]:
    by_copula = {"enum": ["frequencies", "losses"]}
    moved = _object({"largest": _number("of an entry"), "distance": _number("Frobenius")})
    pair = {
        "copula": by_copula,
        "scenarios": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 2,
            "maxItems": 2,
        },
        "rank_correlation": _correlation("Spearman's, of what the copula draws"),
        "tail_dependence": _number("limit of the share of worst years in common"),
        "achieved": _correlation("Spearman's, of simulated losses; null where computed"),
        "standard_error": _number("of `achieved`"),
    }
    return _object(
        {
            "stated": {"type": "object", "description": "as in a study file; see `schema`"},
            "moved": {
                "type": "object",
                "description": "how far correlations that contradict each other were moved",
                "propertyNames": by_copula,
                "additionalProperties": moved,
            },
            "pairs": {
                "type": "array",
                "description": "the pairs that each copula ties most, at most 5 of each",
                "items": _object(pair),
            },
        }
    )


def _correlation(description: str) -> dict[str, Any]:
    return {
        "type": ["number", "null"],
        "minimum": -1,
        "maximum": 1,
        "description": description,
    }


def _number(description: str) -> dict[str, Any]:
    return {"type": ["number", "null"], "minimum": 0, "description": description}


def _sixty(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": _COUNT, "maxItems": _COUNT}
