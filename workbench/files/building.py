"""A checked form to a Scenario: the beliefs of its tree, its count, its terms and its states."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from workbench.distributions import Distribution
from workbench.engines.counts import Count, Poisson, count_from_dict
from workbench.errors import WorkbenchError
from workbench.files.beliefs import (
    AMOUNT,
    CONTACTS,
    LIMITED,
    RATE,
    SHARE,
    STRENGTH,
    VALUE,
    Unit,
    belief,
    disorder,
    is_within,
    table_triple,
)
from workbench.files.forms.scenario import (
    AssumptionForm,
    LossFormsForm,
    ScenarioForm,
    SecondaryForm,
    StateForm,
    TermsForm,
)
from workbench.files.messages import Spot, echo
from workbench.files.ways import ARO, DERIVING, EF, TREE, has_all, state_faults
from workbench.files.wording import plain
from workbench.models.scenario import Assumption, Scenario
from workbench.models.tree import (
    FORMS,
    NO_TERMS,
    LossEvents,
    LossForms,
    SecondaryLoss,
    Terms,
    ThreatEvents,
    Vulnerability,
)

_UNITS: dict[str, Unit] = {
    "aro": RATE,
    "loss_event_frequency": RATE,
    "threat_event_frequency": CONTACTS,
    "contact_frequency": CONTACTS,
    "probability_of_action": SHARE,
    "vulnerability": SHARE,
    "threat_capability": STRENGTH,
    "resistance_strength": STRENGTH,
    "exposure_factor": SHARE,
    "asset_value": VALUE,
}
_ASSUMED = (TREE | {"count", "likelihood", "consequence", "terms", "annual_cap"}) - {"asset"}
_DOTTED = frozenset(
    {f"{part}.{form}" for part in ("primary_loss", "secondary_loss") for form in FORMS}
    | {"secondary_loss.share", "secondary_loss.magnitude"}
)


def made(form: ScenarioForm, bare: bool, assets: frozenset[str], spot: Spot) -> Scenario | None:
    """Build a scenario with its states, or report every fault and return None."""
    before = spot.findings.error_count
    own = _state(form, form, assets, spot)
    assumptions = _assumptions(form, spot)
    states = {}
    for name in ("inherent", "residual"):
        restated = getattr(form, name)
        if restated is not None:
            there = Spot(spot.findings, spot.place, f"{name}.")
            state_faults(_fields(restated), _fields(form), there)
            if spot.findings.error_count == before:
                merged = _merged(form, restated)
                if has_all(_fields(merged), bare=bare, spot=there):
                    states[name] = _state(merged, form, assets, there)
    if own is None or spot.findings.error_count > before:
        return None
    if not (assumptions or states):
        return own  # it was checked as it was made, which takes a fifth of the time of a table
    try:
        return own.replace(assumptions=assumptions, **states)
    except WorkbenchError as error:
        named = next((name for name in states if f"the {name} state" in str(error)), "")
        spot.error(named, plain(error))
        return None


def _fields(form: StateForm) -> dict[str, Any]:
    """Return the fields that are stated, as forms."""
    return {name: getattr(form, name) for name in form.model_fields_set}


def _merged(form: ScenarioForm, state: StateForm) -> ScenarioForm:
    """Write what a state restates over the scenario's own fields."""
    changes: dict[str, Any] = _fields(state) | {"inherent": None, "residual": None}
    if "terms" in changes or "annual_cap" in changes:
        changes = {"terms": None, "annual_cap": None} | changes
    return form.model_copy(update=changes)


def _state(
    form: ScenarioForm, named: ScenarioForm, assets: frozenset[str], spot: Spot
) -> Scenario | None:
    """Build one state of a scenario."""
    before = spot.findings.error_count
    count = _count(form, spot)
    terms = _terms(form, spot)
    unit = AMOUNT if terms.limit == math.inf else LIMITED
    fields: dict[str, Any] = {
        "frequency": _frequency(form, spot),
        **_magnitude(form, assets, unit, spot),
        "secondary": _secondary(form.secondary_loss, unit, spot),
    }
    if spot.findings.error_count > before:
        return None
    try:
        found = Scenario(
            named.id,
            named.name,
            count=count,
            terms=terms,
            system=named.system or "",
            owner=named.owner or "",
            likelihood=form.likelihood,
            consequence=form.consequence,
            **fields,
        )
    except WorkbenchError as error:  # a rule that ties fields together, mostly rate and count
        spot.error("" if form.count is None else "count", plain(error))
        return None
    return found


def _belief(form: Any, name: str, spot: Spot) -> Distribution | None:
    stated = getattr(form, name)
    return None if stated is None else belief(stated, name, _UNITS[name], spot)


def _either(
    form: ScenarioForm, whole: str, three: tuple[str, str, str], spot: Spot
) -> Distribution | None:
    """Make the belief that is stated whole or by three columns, if it is."""
    if getattr(form, whole) is not None:
        return _belief(form, whole, spot)
    low, mode, high = (getattr(form, column) for column in three)
    return None if low is None else table_triple((low, mode, high), three, spot)


def _frequency(form: ScenarioForm, spot: Spot) -> Distribution | LossEvents | None:
    """Make the loss event frequency, stated or derived; None where the count states it."""
    if form.loss_event_frequency is not None:
        return _belief(form, "loss_event_frequency", spot)
    if all(getattr(form, name) is None for name in DERIVING):
        return _either(form, "aro", ARO, spot)
    threats: Distribution | ThreatEvents | None = _belief(form, "threat_event_frequency", spot)
    contacts, action = (_belief(form, name, spot) for name in DERIVING[1:3])
    vulnerable: Distribution | Vulnerability | None = _belief(form, "vulnerability", spot)
    capability, resistance = (_belief(form, name, spot) for name in DERIVING[4:])
    if contacts is not None and action is not None:
        threats = ThreatEvents(contacts, action)
    if capability is not None and resistance is not None:
        vulnerable = Vulnerability(capability, resistance)
    if threats is None or vulnerable is None:
        return None  # and has been reported
    found = LossEvents(threats, vulnerable)
    field = next(name for name in DERIVING if getattr(form, name) is not None)
    leaf = threats.contact_frequency if isinstance(threats, ThreatEvents) else threats
    with np.errstate(all="ignore"):
        reach = float(leaf.isf(RATE.tail))
    if math.isfinite(leaf.mean()) and math.isfinite(leaf.variance()) and reach <= RATE.most:
        return found  # shares only make it less; the slow product is asked where it may matter
    return found if is_within(found.belief(), field, RATE, spot) else None


def _magnitude(
    form: ScenarioForm, assets: frozenset[str], unit: Unit, spot: Spot
) -> dict[str, Any]:
    if form.loss_magnitude is not None:
        return {"loss_magnitude": belief(form.loss_magnitude, "loss_magnitude", unit, spot)}
    if form.primary_loss is not None:
        return {"loss_magnitude": _forms(form.primary_loss, "primary_loss", unit, spot)}
    if form.asset is not None and form.asset not in assets:
        known = ", ".join(sorted(assets)[:10]) or "none, since the study lists no assets"
        what = f"is not listed in study.assets, got {echo(form.asset)}, allowed {known}"
        spot.error("asset", what)
    return {
        "exposure_factor": _either(form, "exposure_factor", EF, spot),
        "asset_value": _belief(form, "asset_value", spot),
        "asset": form.asset,
    }


def _forms(form: LossFormsForm, field: str, unit: Unit, spot: Spot) -> LossForms | None:
    stated = {name: getattr(form, name) for name in FORMS if getattr(form, name) is not None}
    if not stated:
        spot.error(field, f"states no form of loss, allowed {', '.join(FORMS)}")
        return None
    found = {n: belief(one, f"{field}.{n}", unit, spot) for n, one in stated.items()}
    whole = {name: one for name, one in found.items() if one is not None}
    return LossForms(**whole, together=form.together) if len(whole) == len(found) else None


def _secondary(form: SecondaryForm | None, unit: Unit, spot: Spot) -> SecondaryLoss | None:
    if form is None:
        return None
    share = belief(form.share, "secondary_loss.share", SHARE, spot)
    names = [name for name in FORMS if getattr(form, name) is not None]
    magnitude: Distribution | LossForms | None
    if form.magnitude is None:
        magnitude = _forms(form, "secondary_loss", unit, spot)
    elif names or form.together:
        what = f"is stated, and also derived from {', '.join(names) or 'together'}; keep one"
        spot.error("secondary_loss.magnitude", what)
        return None
    else:
        magnitude = belief(form.magnitude, "secondary_loss.magnitude", unit, spot)
    return None if share is None or magnitude is None else SecondaryLoss(share, magnitude)


def _terms(form: ScenarioForm, spot: Spot) -> Terms:
    if form.annual_cap is not None:
        return Terms(annual_limit=form.annual_cap)
    if form.terms is None:
        return NO_TERMS
    stated: TermsForm = form.terms
    try:
        return Terms(**stated.model_dump(exclude_none=True))
    except WorkbenchError as error:
        spot.error("terms", plain(error))
        return NO_TERMS


def _count(form: ScenarioForm, spot: Spot) -> Count:
    if form.count is None:
        return Poisson()
    stated = {name: value for name, value in form.count.model_dump().items() if value is not False}
    try:
        return count_from_dict(stated)
    except WorkbenchError as error:
        spot.error("count", plain(error))
        return Poisson()


def _assumptions(form: ScenarioForm, spot: Spot) -> tuple[Assumption, ...]:
    found = []
    for number, one in enumerate(form.assumptions or (), 1):
        if one.field not in _ASSUMED | _DOTTED:
            known = ", ".join(sorted(_ASSUMED))
            what = f"is not a field of a scenario, got {echo(one.field)}, allowed {known}"
            spot.error(f"assumptions.{number}.field", what)
        found.append(_assumption(one))
    return tuple(found)


def _assumption(form: AssumptionForm) -> Assumption:
    return Assumption(**form.model_dump(exclude_none=True))


def tell_disorder(row: Mapping[str, Any], spot: Spot) -> None:
    """Report bounds out of order also where another field of the row cannot be read."""
    for three in (ARO, EF):
        numbers = {n: row[n] for n in three if type(row.get(n)) in (int, float)}
        wrong = disorder(numbers)
        if wrong is not None:
            spot.error(*wrong)
