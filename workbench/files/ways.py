"""Which fields of a scenario go together: each node of the tree is stated or derived, never both.

Magnitude is stated by AV and EF (the classical lens), by `loss_magnitude`, or by its six forms;
frequency by `aro` or `loss_event_frequency`, by what they derive from, or by a discrete count.
"""

from collections.abc import Mapping
from typing import Any

from workbench.files.messages import Spot
from workbench.files.wording import ALLOWED

ARO = ("aro_low", "aro_mode", "aro_high")
EF = ("ef_low", "ef_mode", "ef_high")
FAIR = frozenset({"loss_event_frequency", "loss_magnitude", "primary_loss"})
CLASSICAL = frozenset({*ARO, *EF, "aro", "exposure_factor", "asset_value", "asset"})
_CONTACTS = ("contact_frequency", "probability_of_action")
_STRENGTHS = ("threat_capability", "resistance_strength")
_THREATS = ("threat_event_frequency", *_CONTACTS)
_VULNERABLE = ("vulnerability", *_STRENGTHS)
DERIVING = (*_THREATS, *_VULNERABLE)  # what a loss event frequency is derived from
TREE = frozenset({*FAIR, *CLASSICAL, *DERIVING, "secondary_loss"})
_FULL_FORM = frozenset({*FAIR, *DERIVING, "aro", "exposure_factor", "asset", "secondary_loss"})


def has_all(row: Mapping[str, Any], *, bare: bool, spot: Spot) -> bool:
    """Report fields that are missing, or of which one too many is stated; return whether none is.

    `bare` tables have no study section, and need both levels of the matrix.
    """
    before = spot.findings.error_count
    stated = {name for name, value in row.items() if value is not None}
    if bare and not _FULL_FORM & stated:
        for name in ("likelihood", "consequence"):
            _needed(name, stated, spot)
    mixed = _mixed(stated, spot)
    if not mixed:
        _frequency(row, stated, bare, spot)
        _magnitude(stated, bare, spot)
    if {"terms", "annual_cap"} <= stated:
        what = "is stated beside terms, allowed as terms.annual_limit there"
        spot.error("annual_cap", what)
    return spot.findings.error_count == before


def _mixed(stated: set[str], spot: Spot) -> bool:
    classical, fair = CLASSICAL & stated, FAIR & stated
    if classical and fair:
        what = f"mixes two lenses with {', '.join(sorted(classical))}"
        fix = "allowed loss_event_frequency with loss_magnitude, or aro, asset_value and ef"
        spot.error(min(fair), f"{what}, {fix}")
        return True
    return False


def _needed(name: str, stated: set[str], spot: Spot) -> None:
    if name not in stated:
        spot.error(name, f"is missing{f', allowed {ALLOWED[name]}' if name in ALLOWED else ''}")


def _also(name: str, others: list[str], spot: Spot) -> None:
    spot.error(name, f"is stated, and also derived from {', '.join(others)}; keep one")


def _frequency(row: Mapping[str, Any], stated: set[str], bare: bool, spot: Spot) -> None:
    ways = [name for name in ("loss_event_frequency", "aro", *ARO) if name in stated]
    parts = [name for name in DERIVING if name in stated]
    count = row.get("count")
    kind = count.get("type") if isinstance(count, dict) else getattr(count, "type", None)
    if kind == "discrete":
        for name in [*ways, *parts][:1]:
            spot.error(name, "is stated beside a discrete count, which states it; keep one")
    elif ways and parts:
        _also(ways[0], parts, spot)
    elif parts:
        _derived("threat_event_frequency", _CONTACTS, stated, spot)
        _derived("vulnerability", _STRENGTHS, stated, spot)
    elif "loss_event_frequency" not in stated:
        _one_way("aro", ARO, stated, bare or not FAIR & stated, spot, bare=bare)


def _derived(node: str, parts: tuple[str, str], stated: set[str], spot: Spot) -> None:
    """A node with two parts is stated, or both of the parts are."""
    found = [name for name in parts if name in stated]
    if node in stated and found:
        _also(node, found, spot)
    elif node not in stated and not found:
        spot.error(node, f"is missing, allowed {node}, or {parts[0]} with {parts[1]}")
    elif len(found) == 1:
        missing = parts[1] if found[0] == parts[0] else parts[0]
        spot.error(missing, f"is missing beside {found[0]}")


def _magnitude(stated: set[str], bare: bool, spot: Spot) -> None:
    if {"loss_magnitude", "primary_loss"} <= stated:
        _also("loss_magnitude", ["primary_loss"], spot)
    elif FAIR & stated and not {"loss_magnitude", "primary_loss"} & stated:
        spot.error("loss_magnitude", "is missing, allowed loss_magnitude, or primary_loss")
    elif not FAIR & stated:
        if not CLASSICAL & stated and not bare:
            fix = "allowed loss_magnitude, primary_loss, or asset_value with exposure_factor"
            spot.error("loss_magnitude", f"is missing, {fix}")
            return
        _one_way("exposure_factor", EF, stated, True, spot, bare=bare)
        if {"asset_value", "asset"} <= stated:
            spot.error("asset", "is stated beside asset_value, allowed one of the two")
        elif "asset" not in stated:
            _needed("asset_value", stated, spot)


def _one_way(
    whole: str,
    three: tuple[str, str, str],
    stated: set[str],
    classical: bool,
    spot: Spot,
    *,
    bare: bool,
) -> None:
    """A belief is stated whole, or by three columns."""
    columns = [name for name in three if name in stated]
    if whole in stated:
        if columns:
            spot.error(whole, f"is stated twice, also by {', '.join(columns)}")
    elif columns or bare:
        for name in three:
            _needed(name, stated, spot)
    elif classical:
        fix = ", allowed aro, or loss_event_frequency with loss_magnitude" if whole == "aro" else ""
        spot.error(whole, f"is missing{fix}")
    else:
        spot.error("loss_event_frequency", "is missing, allowed it, or what it derives from")


def state_faults(state: Mapping[str, Any], row: Mapping[str, Any], spot: Spot) -> None:
    """Report what a state restates and the scenario itself does not state."""
    stated = sorted(name for name in TREE if row.get(name) is not None)
    for name in state:
        if name in TREE and name != "secondary_loss" and row.get(name) is None:
            what = "restates what the scenario itself does not state, allowed"
            spot.error(name, f"{what} {', '.join(stated)}")
