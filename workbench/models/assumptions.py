"""The assumption sheet: every belief of a study with who stated it, when and why.

A model knows no clock: the day that the sheet is read is an argument.
"""

from dataclasses import dataclass
from typing import Any

from workbench.errors import require
from workbench.models.scenario import Assumption, Scenario, is_day
from workbench.models.study import Asset, Study
from workbench.models.tree import LossEvents, LossForms

# Words for a field that a scenario has one of; the classical and the FAIR lens name it differently.
SYNONYMS = {"aro": "frequency", "loss_event_frequency": "frequency", "asset": "asset_value"}
FREQUENCY = ("aro", "loss_event_frequency", "frequency")
PARENTS = {  # the nodes of the tree that a field belongs to
    "contact_frequency": ("threat_event_frequency", *FREQUENCY),
    "probability_of_action": ("threat_event_frequency", *FREQUENCY),
    "threat_event_frequency": FREQUENCY,
    "vulnerability": FREQUENCY,
    "threat_capability": ("vulnerability", *FREQUENCY),
    "resistance_strength": ("vulnerability", *FREQUENCY),
}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One assumption, or one field that has none."""

    scenario: str  # id
    field: str  # as the study file names it
    value: Any  # the belief as plain data; None for an assumption about no field of the tree
    assumption: Assumption | None  # None: nobody says why
    stale: bool = False  # its day of review is before today
    undated: bool = False  # nobody says when it was made

    @property
    def without(self) -> bool:
        """Whether the field is stated and no assumption says why."""
        return self.assumption is None


@dataclass(frozen=True, slots=True)
class Sheet:
    """All assumptions of a study on one day."""

    day: str  # on which it is read, ISO 8601
    rows: tuple[SheetRow, ...]  # in order of scenario; of a scenario, in order of its fields

    def stale(self) -> list[SheetRow]:
        """Return the assumptions whose day of review has passed."""
        return [row for row in self.rows if row.stale]

    def undated(self) -> list[SheetRow]:
        """Return the assumptions without the day on which they were made."""
        return [row for row in self.rows if row.undated]

    def without(self) -> list[SheetRow]:
        """Return the fields that are stated and not explained."""
        return [row for row in self.rows if row.without]

    def to_dict(self) -> dict[str, Any]:
        """Plain data: one mapping for each row."""
        return {"day": self.day, "rows": [_row_dict(row) for row in self.rows]}


def sheet(study: Study, today: str) -> Sheet:
    """Return all assumptions of a study, marked by what is wrong with them.

    Parameters
    ----------
    study : in its current state; the other states restate its fields
    today : the day that the sheet is read, ISO 8601 (2026-11-24); an assumption is stale from the
        day after its `review_by`

    Raises
    ------
    WorkbenchError
        for a day that is none.

    """
    require(
        is_day(today), "today is a day such as 2026-11-24", got=today, fix="Write year, month, day."
    )
    assets = {asset.id: asset for asset in study.assets}
    rows: list[SheetRow] = []
    for scenario in sorted(study.scenarios, key=lambda s: s.id):
        rows += _rows(scenario, assets, today)
    return Sheet(today, tuple(rows))


def _rows(scenario: Scenario, assets: dict[str, Asset], today: str) -> list[SheetRow]:
    stated = stated_fields(scenario, assets)
    found: list[SheetRow] = []
    said = [(assumption, _about(assumption.field, stated)) for assumption in scenario.assumptions]
    for name, value in stated.items():
        mine = [assumption for assumption, about in said if name in about]
        found += [_row(scenario, name, value, one, today) for one in mine]
        if not mine:
            found.append(SheetRow(scenario.id, name, value, None))
    other = [assumption for assumption, about in said if not about]
    return found + [_row(scenario, one.field, None, one, today) for one in other]


def _row(scenario: Scenario, name: str, value: Any, assumption: Assumption, today: str) -> SheetRow:
    stale = assumption.review_by != "" and assumption.review_by < today  # ISO days sort as text
    return SheetRow(scenario.id, name, value, assumption, stale, undated=assumption.date == "")


def _about(named: str, stated: dict[str, Any]) -> set[str]:
    """Return the stated fields that an assumption explains.

    One about a node of the tree ("loss_event_frequency", "primary_loss") explains every field that
    the node is derived from; one about "secondary_loss" its share and its magnitude.
    """
    if named in stated:
        return {named}
    same = {name for name in stated if SYNONYMS.get(name, name) == SYNONYMS.get(named, named)}
    return same or {name for name in stated if _parent(name, named)}


def _parent(name: str, named: str) -> bool:
    head = name.split(".", maxsplit=1)[0]
    above = PARENTS.get(name, ()) if head == name else (head,)
    return named in above or (head, named) == ("primary_loss", "loss_magnitude")


def stated_fields(scenario: Scenario, assets: dict[str, Asset]) -> dict[str, Any]:
    """Return every field of a scenario that someone has stated, by its name in a study file.

    Leaves of a derived node stand in its place; the count and the terms only where they differ from
    what a study means without them. Values are plain data.
    """
    found = _frequency_fields(scenario)
    if scenario.count.to_dict() != {"type": "poisson"}:
        found["count"] = scenario.count.to_dict()
    for name in ("exposure_factor", "asset_value"):
        if getattr(scenario, name) is not None:
            found[name] = getattr(scenario, name).to_dict()
    if scenario.asset is not None:
        found["asset_value"] = assets[scenario.asset].to_dict()
    if scenario.loss_magnitude is not None:
        found |= _magnitude_fields("loss_magnitude", "primary_loss", scenario.loss_magnitude)
    if scenario.secondary is not None:
        found["secondary_loss.share"] = scenario.secondary.share.to_dict()
        whole = "secondary_loss.magnitude"
        found |= _magnitude_fields(whole, "secondary_loss", scenario.secondary.magnitude)
    return found | ({"terms": terms} if (terms := scenario.terms.to_dict()) else {})


def _frequency_fields(scenario: Scenario) -> dict[str, Any]:
    if isinstance(scenario.frequency, LossEvents):
        return scenario.frequency.to_dict()
    plain = scenario.to_dict()
    names = [name for name in ("aro", "loss_event_frequency") if name in plain]  # a discrete count
    return {name: plain[name] for name in names}  # states neither


def _magnitude_fields(whole: str, head: str, node: Any) -> dict[str, Any]:
    if isinstance(node, LossForms):
        return {f"{head}.{name}": belief.to_dict() for name, belief in node.stated().items()}
    return {whole: node.to_dict()}


def _row_dict(row: SheetRow) -> dict[str, Any]:
    said = {} if row.assumption is None else row.assumption.to_dict()
    marks = {"stale": row.stale, "undated": row.undated, "without_assumption": row.without}
    return {"scenario": row.scenario, "value": row.value} | said | {"field": row.field} | marks
