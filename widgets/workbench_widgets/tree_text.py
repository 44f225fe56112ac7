"""The nodes of a tree as text, and three texts as a belief."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from workbench.amounts import Amount, compact_money, parse_amount, parse_rate, parse_share, percent
from workbench.distributions import (
    Distribution,
    LogNormal,
    Pert,
    Point,
    Triangular,
    Uniform,
    triple,
)
from workbench.elicitation.echo import echo
from workbench.errors import WorkbenchError, require
from workbench.models.scenario import Scenario
from workbench.models.tree_edits import COMPUTED, FROM
from workbench.models.tree_nodes import Kind, Node
from workbench_widgets.range_control import FIELDS, LARGEST, NAMES, Reading, in_order

READERS: dict[str, Callable[..., Amount]] = {
    "money": parse_amount,
    "rate": parse_rate,
    "share": parse_share,
    "number": parse_amount,
}
LARGEST_NUMBER = 1e6  # of a score of capability or resistance
YEARLY = ("year", "ale", "beside")
HELD = {True: "held for the year", False: "drawn for each event"}


def belief_of(kind: Kind, texts: Sequence[str], currency: str) -> Distribution:
    """Read low, most likely and high (any may be empty) as a belief.

    One number is known exactly; two ends are a 90 % interval of a lognormal (of a plain number:
    evenly spread between them); three are a PERT.

    Raises
    ------
    WorkbenchError
        for a text that has no one meaning, ends out of order, or a share without its middle.

    """
    given = {n: t for n, t in zip(FIELDS, texts, strict=True) if t.strip()}
    readings = {name: _reading(kind, text, currency) for name, text in given.items()}
    ends = set(given) == {"low", "high"}
    strict = ends and kind != "number"
    for name, (_, fault) in in_order(readings, strict=strict).items():
        if fault:
            raise WorkbenchError(f"{NAMES[name]}: {fault}")
    values = {n: r.amount.value for n, r in readings.items() if r.amount is not None}
    if len(values) == 1:
        return Point(next(iter(values.values())))
    if ends:
        require(
            kind != "share",
            "a share has its most likely value",
            got=f"{texts[0]} to {texts[2]}",
            fix="State it too, or one number alone.",
        )
        make = Uniform if kind == "number" else LogNormal.from_interval
        return make(values["low"], values["high"])
    require(
        len(values) == len(FIELDS),
        "a range has both ends",
        got=" and ".join(f"{n} {t}" for n, t in given.items()) or "nothing",
        fix="State low, most likely and high; or both ends; or one number.",
    )
    return triple(*(values[name] for name in FIELDS))


def _reading(kind: Kind, text: str, currency: str) -> Reading:
    try:
        amount = READERS[kind](text, **({"currency": currency} if kind == "money" else {}))
    except WorkbenchError as refusal:
        return Reading(None, str(refusal))
    if kind == "number" and (amount.currency is not None or amount.is_percent):
        return Reading(amount, f"is a score without a unit; got {text!r}. Write it such as 60.")
    largest = LARGEST.get(kind, LARGEST_NUMBER)
    if amount.value > largest:
        return Reading(amount, f"at most {largest:g} can be stated here; got {text!r}.")
    return Reading(amount)


def texts_of(node: Node) -> tuple[str, str, str]:
    """Return the texts that state a node's belief; empty where it was stated another way."""
    belief = node.belief
    if node.how == "stated":
        if isinstance(belief, Pert | Triangular):
            low, mode, high = (_exact(v, node.kind) for v in (belief.low, belief.mode, belief.high))
            return low, mode, high
        if isinstance(belief, Point):
            return "", _exact(belief.value, node.kind), ""
        if isinstance(belief, LogNormal) and node.low is not None and node.high is not None:
            return _exact(node.low, node.kind), "", _exact(node.high, node.kind)
    return "", "", ""


def _exact(value: float, kind: Kind) -> str:
    if kind == "share":
        return f"{float(f'{100 * value:.9g}'):.9g}%"
    text = f"{value:.9g}"
    return text if "e" in text or kind != "money" else f"{float(text):,.10g}"


def figure(value: float | None, kind: Kind, currency: str) -> str:
    """Write one value of a node for people."""
    if value is None:
        return ""
    if not math.isfinite(value):
        return "no average"
    if kind == "money":
        return compact_money(value, currency)
    if kind == "share":
        return percent(value)
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def node_dict(node: Node, currency: str) -> dict[str, Any]:
    """Return a node and all below it as text for the browser."""
    value, low, high = (figure(v, node.kind, currency) for v in (node.mean, node.low, node.high))
    unit = {"rate": "a year", "money": "an event"}.get(node.kind, "")
    if node.path in YEARLY:
        unit = "a year"
    elif node.path == "asset_value":
        unit = ""
    known = low == high
    return {
        "path": node.path,
        "label": node.label,
        "how": node.how,
        "value": value or "not stated",
        "unit": unit if value else "",
        "range": "" if known or not low else f"{low} to {high}",
        "origin": _origin(node),
        "children": [node_dict(child, currency) for child in node.children],
    }


def _origin(node: Node) -> str:
    if node.how == "derived":
        return f"derived: {node.rule}"
    if node.how == "absent":
        return ""
    held = "" if node.kind == "number" else f", {HELD[node.held]}"
    return f"{node.rule or 'stated'}{held}"


def choices(node: Node, scenario: Scenario) -> dict[str, Any]:
    """Return what may be done with a node: a note, and buttons beside the one that sets it."""
    buttons: list[dict[str, str]] = []
    note = "Low, most likely and high; or both ends, nine in ten between them; or one number."
    if node.path in COMPUTED:
        note = f"Computed from {COMPUTED[node.path]}: edit those."
    elif node.how == "derived":
        source = node.rule.partition(",")[0]
        note = f"Derived from {source}: edit those, or state it instead."
        buttons.append({"action": "state", "by": "", "label": "State it instead"})
    elif node.how == "shared":
        by_asset = node.path == "asset_value"
        note = f"It is {node.rule}." if by_asset else f"It is {node.rule}: edit that in the file."
        if by_asset:
            buttons.append({"action": "state", "by": "", "label": "State a value of its own"})
    elif node.path in FROM:
        text = f"Derive it from {FROM[node.path]}"
        buttons.append({"action": "derive", "by": "", "label": text})
        if node.path == "primary":
            buttons.append({"action": "derive", "by": "asset", "label": "Derive it from AV × EF"})
    if node.how == "stated" and not any(texts_of(node)) and node.belief is not None:
        kind = node.belief.to_dict()["type"]
        note = f"Now stated as a {kind} belief; what you set takes its place. {note}"
    if scenario.inherent is not None or scenario.residual is not None:
        note += " Other states of the scenario follow where they do not restate it."
    return {"note": note, "buttons": buttons, "computed": node.path in COMPUTED}


def sentence(node: Node, belief: Distribution, currency: str) -> str:
    """Say what was understood, in plain words."""
    unit = {"money": currency, "rate": "a year"}.get(node.kind, "")
    return f"{node.label}. {echo(belief, unit)}"
