"""Every fault that the schema finds in a sentence: what is wrong, what was got, what is allowed."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from workbench.amounts import Amount, parse_amount, parse_rate, parse_share
from workbench.engines.counts.occasions import MOST_TRIALS
from workbench.errors import WorkbenchError, nearest
from workbench.files.forms.beliefs import FAMILIES
from workbench.files.forms.fields import LONGEST_ID, LONGEST_NAME, MOST_MONEY
from workbench.files.forms.scenario import COUNT_FORMS
from workbench.files.forms.study import FORMS
from workbench.files.messages import cut, echo, figure, printable
from workbench.files.tree import Unreadable
from workbench.models.exact_year import HIGHEST_RATE
from workbench.models.study import DEFAULT_LEVELS, LARGEST_SEED
from workbench.models.tree import FORMS as LOSS_FORMS

RATES = frozenset({"aro_low", "aro_mode", "aro_high"})
SHARES = frozenset({"ef_low", "ef_mode", "ef_high", "probability", "mass", "level", "share"})
ALLOWED_RATE = (
    f"0 to {figure(HIGHEST_RATE)} events a year (what is above is not computed in this version)"
)
ALLOWED_MONEY = f"0 to {figure(MOST_MONEY)}"
_ALLOWED_LEVEL = f"a whole number from 1 to {DEFAULT_LEVELS}, or to as many as study.anchors has"
ALLOWED = {
    **dict.fromkeys(RATES, ALLOWED_RATE),
    **dict.fromkeys(("ef_low", "ef_mode", "ef_high"), "0 to 1 (0.8 is 80 %)"),
    **dict.fromkeys(("likelihood", "consequence"), _ALLOWED_LEVEL),
    **dict.fromkeys(("mass", "level"), "above 0 and below 1"),
    "asset_value": ALLOWED_MONEY,
    "id": f"a text of 1 to {LONGEST_ID} characters",
    "name": f"a text of 1 to {LONGEST_NAME} characters",
    "currency": "an ISO 4217 code of three capitals such as USD",
    "seed": f"a whole number from 0 to {LARGEST_SEED}",
    "probability": "above 0, at most 1",
    "loss": f"above 0, at most {figure(MOST_MONEY)}",
    "dispersion": "above 1 (variance/mean)",
    "trials": f"a whole number from 1 to {MOST_TRIALS}",
    "date": "a day such as 2026-11-24",
    "review_by": "a day such as 2026-11-24",
}
# Known words of risk analysis that a study file may not use yet: refused by name, never ignored.
NOT_COMPUTED = frozenset(
    """matrix threats components controls treatments secondary_loss_event_frequency
    insurance severity evidence links correlation correlations layers reinsurance
    requirements frameworks""".split()
)
OTHER_FAMILIES = frozenset(
    """normal exponential histogram kumaraswamy betapert student loggamma logistic poisson binomial
    scaled with_terms product comonotone""".split()
)
LATER = "is not computed in this version"
_KINDS = {
    "float_type": "is not a number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "int_parsing_size": "is not a whole number",
    "finite_number": "is not a finite number",
    "string_type": "is not text",
    "string_unicode": "holds half of a surrogate pair, which is no character",
    "string_sub_type": "is not text",
    "list_type": "is not a list",
    "tuple_type": "is not a list",
    "dict_type": "is not a mapping",
    "bool_type": "is neither true nor false",
    "model_type": "is not a mapping",
    "model_attributes_type": "is not a mapping",
    "string_too_short": "is empty",
    "string_pattern_mismatch": "is not of the right form",
}
_BELIEFS = frozenset(
    """aro asset_value exposure_factor loss_event_frequency loss_magnitude value base share
    magnitude threat_event_frequency contact_frequency probability_of_action vulnerability
    threat_capability resistance_strength""".split()
) | frozenset(LOSS_FORMS)


def _untagged(location: tuple[int | str, ...]) -> list[int | str]:
    """Return a location without the tags of the schema's unions: 'pert', 'interval', 'number'."""
    parts: list[int | str] = []
    is_tag = False
    for before, part in zip((None, *location), location, strict=False):
        if not is_tag:
            parts.append(part)
            in_list = isinstance(part, int) and before == "parts"
            is_tag = part in _BELIEFS or part in ("count", "rank_correlation") or in_list
        else:
            is_tag = False
    return parts


def path_of(location: tuple[int | str, ...]) -> str:
    """Write where in a row a fault is: names and numbers from 1, joined by points."""
    parts = _untagged(location)
    return ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in parts)


def _fields_around(location: tuple[int | str, ...], fields: Iterable[str]) -> Iterable[str]:
    """Return the names that the mapping around a fault may have; `fields` at the top."""
    around = location[:-1]
    for index in reversed(range(len(around))):
        part = str(around[index])
        if index > 0 and around[index - 1] == "count" and part in COUNT_FORMS:
            return COUNT_FORMS[part].model_fields
        if part in FORMS:
            return FORMS[part].model_fields
    return fields


def sentence(error: Mapping[str, Any], fields: Iterable[str], later: Collection[str] = ()) -> str:
    """Return the fault in words.

    Parameters
    ----------
    fields : the names that the checked mapping may have
    later : names that it may have in a later version

    """
    kind, got = str(error["type"]), error["input"]
    location = error["loc"] or ("",)
    name = str(_untagged(location)[-1])
    context = error.get("ctx") or {}
    if kind == "missing":
        return f"is missing{_allowed(name)}"
    if kind == "extra_forbidden":
        return unknown_field(name, _fields_around(location, fields), later)
    if kind == "invalid_key":
        return "is no field; a field's name is text"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        known = tuple(COUNT_FORMS) if name == "count" else FAMILIES
        return _no_type(got, known)
    if kind in ("too_long", "string_too_long"):
        what = f"{context.get('max_length')} {'entries' if kind == 'too_long' else 'characters'}"
        size = echo(got) if isinstance(got, str) else f"{len(got)} entries"
        return f"is too long, got {size}, allowed at most {what}"
    if kind == "too_short":
        if not got:
            return "is an empty list, allowed one entry or more"
        least = context.get("min_length", 1)
        return f"is too short, got {len(got)} entries, allowed {least} or more"
    if kind == "text":
        return f"{error['msg']}, got {echo(got)}"
    if kind in ("literal_error", "enum"):
        return f"is not known, got {echo(got)}, allowed {context.get('expected')}"
    return _wrong_value(kind, got, name, context)


def _allowed(name: str) -> str:
    return f", allowed {ALLOWED[name]}" if name in ALLOWED else ""


def _wrong_value(kind: str, got: Any, name: str, context: Mapping[str, Any]) -> str:
    """A value of the wrong type or out of range."""
    text_wanted = kind.startswith("string")
    allowed = _allowed(name) or _bounds(context)
    if got is None:
        fix = "; put it in quotes if the word is meant" if text_wanted else ""
        return f"is missing, got {echo(got)}{allowed}{fix}"
    what = _KINDS.get(kind, "is out of range")
    if text_wanted and kind == "string_type" and not getattr(got, "never_text", False):
        fix = "" if isinstance(got, dict | list) else "; put it in quotes"
        return f"{what}, got {echo(_written(got))}{fix}"
    if isinstance(got, Unreadable):
        fix = f"; {got.fix}" if got.fix else ""
        allowed = "" if got.never_text else allowed
        return f"{got.what}, got {echo(got.text)}{allowed}{fix}"
    fix = number_fix(got, name) if isinstance(got, str) and kind == "float_type" else ""
    if kind == "int_type" and isinstance(got, float) and got.is_integer():
        fix = f"; write {int(got)}"
    return f"{what}, got {echo(got)}{allowed}{fix}"


def _written(got: Any) -> Any:
    return got.text if isinstance(got, Unreadable) else got


def _bounds(context: Mapping[str, Any]) -> str:
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    bounds = [f"{word} {context[key]:g}" for key, word in words.items() if key in context]
    return f", allowed {' and '.join(bounds)}" if bounds else ""


def number_fix(text: str, name: str) -> str:
    """Return what to write instead of a text such as '3M', '80%' or '2,500,000'."""
    read = parse_rate if name in RATES else parse_share if name in SHARES else parse_amount
    try:
        amount: Amount = read(text)
    except WorkbenchError as error:
        fix = str(error).rpartition(". Write ")[2].rstrip(".")
        readings = fix[:1].isdigit() and len(fix) < 40  # such as '1.5 or 1500'
        return f"; write {fix if readings else 'a plain number such as 1500000 or 0.25'}"
    if amount.is_percent and name not in SHARES:
        return "; write a plain number such as 1500000 or 0.25"
    return f"; write {amount.value:.15g}"


def unknown_field(name: str, fields: Iterable[str], later: Collection[str] = ()) -> str:
    """Return why a field is refused: not computed yet, misspelt, or unknown."""
    known = list(fields)
    if name == "dependence" and later:
        return "stands elsewhere; write it under study:"
    if name in later:
        return f"{LATER}; remove it"
    near = nearest(name.lower(), known, 1)
    if near:
        return f"is not a known field, did you mean {near[0]!r}?"
    return f"is not a known field, allowed {', '.join(known)}"


def _no_type(got: Any, known: tuple[str, ...]) -> str:
    """Return why no member of a union of typed mappings was found."""
    choices = ", ".join(known)
    if isinstance(got, int | float) and not isinstance(got, bool):
        return f"is a plain number, got {echo(got)}; write {{type: point, value: {got:.15g}}}"
    if not isinstance(got, dict):
        return f"is not a mapping with a type, got {echo(_written(got))}, allowed types {choices}"
    family = got.get("type")
    if family is None:
        return f"has no type, allowed type: {choices}"
    if isinstance(family, str) and family.lower() in OTHER_FAMILIES - set(known):
        return f"type {echo(family)} {LATER}, allowed {choices}"
    near = nearest(family, known, 1) if isinstance(family, str) else []
    fix = f"; did you mean {near[0]!r}?" if near else ""
    return f"type is not known, got {echo(family)}, allowed {choices}{fix}"


def plain(error: WorkbenchError) -> str:
    """Return a model's own message on one line, cut to a readable length."""
    return cut(printable(str(error).replace("\n", " ")), 320)
