"""One part of a study changed by itself: checked as its study would check it, and no other read.

A study of 100,000 scenarios is not put together to change one of them.
"""

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from workbench.errors import require
from workbench.files.dependence import check_ties
from workbench.files.forms.fields import MOST_ASSETS, MOST_SCENARIOS
from workbench.files.messages import Findings
from workbench.files.parts import Part, asset_of, part_tree, scenario_of, tolerance_of
from workbench.files.rows import Ids
from workbench.models.scenario import Scenario
from workbench.models.study import Asset, Study
from workbench.register.history import head_of, is_there, version_of
from workbench.register.kinds import appetite_title, body_of
from workbench.register.naming import APPETITE, ASSET, IN_A_STUDY, SCENARIO, STUDY
from workbench.register.records import Change
from workbench.register.studies import ROWS, study_at

Head = dict[str, Any]  # of a study, as plain data
MOST = {SCENARIO: MOST_SCENARIOS, ASSET: MOST_ASSETS}  # of a study: a file holds no more


def changes_of(connection: Connection, study: str, part: Part, base: int | None) -> list[Change]:
    """Return what keeping a part changes: the part, and before it the head where the part is new.

    Raises
    ------
    WorkbenchError
        for what the study would refuse.

    """
    head = _current(connection, STUDY, study)
    if isinstance(part, tuple):
        return [change_of(study, part, base)]
    _check(connection, study, head, part)
    change = change_of(study, part, base)
    kind = change.kind
    order = head[ROWS[kind]]
    if part.id in order:
        return [change]
    rule, fix = f"a study has at most {MOST[kind]:,} {ROWS[kind]}", "Delete one, or make another."
    require(len(order) < MOST[kind], rule, got=len(order) + 1, fix=fix)
    _refuse_alike(order, part.id, study)
    head[ROWS[kind]] = [*order, part.id]
    return [Change(STUDY, study, body_of(head), str(head["name"])), change]


def change_of(study: str, part: Part, base: int | None) -> Change:
    """Return what keeping a part changes of the part itself, whatever its study says of it."""
    if isinstance(part, tuple):
        return _tolerance(study, part, base)
    kind = SCENARIO if isinstance(part, Scenario) else ASSET
    place = f"{study}{IN_A_STUDY}{part.id}"
    return Change(kind, place, body_of(part_tree(part)), part.name, base)


def part_at(connection: Connection, kind: str, study: str, name: str) -> Part:
    """Return a part of a study as it is; `name` is its own id, none of a tolerance."""
    row = _current(connection, kind, place_of(kind, study, name))
    if kind == APPETITE:
        return tolerance_of(row)
    if kind == ASSET:
        return asset_of(row)
    return scenario_of(row, around(connection, study, row.get("asset")))


def place_of(kind: str, study: str, name: str) -> str:
    """Return the id that a part of a study has in the register."""
    return f"{study}{IN_A_STUDY}{APPETITE if kind == APPETITE else name}"


def around(connection: Connection, study: str, asset: str | None) -> dict[str, Any]:
    """Return the head of a study as far as one scenario is checked against it.

    That is its anchors, and of its assets the one that is named, where it has that.
    """
    return _around(connection, study, _current(connection, STUDY, study), asset)


def _around(connection: Connection, study: str, head: Head, asset: str | None) -> dict[str, Any]:
    found = {"anchors": head["anchors"]} if "anchors" in head else {}
    place = f"{study}{IN_A_STUDY}{asset}"
    if asset and asset in head[ROWS[ASSET]] and is_there(connection, ASSET, place):
        found["assets"] = [_current(connection, ASSET, place)]
    return found


def _tolerance(study: str, part: Part, base: int | None) -> Change:
    rows = part_tree(part)
    place = f"{study}{IN_A_STUDY}{APPETITE}"
    if not rows:
        return Change(APPETITE, place, None, "", base)
    return Change(
        APPETITE, place, body_of(part_tree(tolerance_of(rows))), appetite_title(rows), base
    )


def _check(connection: Connection, study: str, head: Head, part: Scenario | Asset) -> None:
    """Let the gate take a part as one of this study."""
    row = part_tree(part)
    if isinstance(part, Asset):
        asset_of(row)
        return
    scenario_of(row, _around(connection, study, head, part.asset))
    if "dependence" in head:
        _check_ties(study_at(connection, study)[0], part)


def _check_ties(study: Study, scenario: Scenario) -> None:
    """Check what is tied, of which only the whole study knows."""
    rest = tuple(one for one in study.scenarios if one.id != scenario.id)
    findings = Findings(study.name)
    check_ties(replace(study, scenarios=(*rest, scenario)), findings)
    findings.refuse_if_any()


def _refuse_alike(order: list[str], name: str, study: str) -> None:
    """Refuse a new id that differs from another only by its writing."""
    folded = name.casefold()
    near = [one for one in order if not one.isascii() or one.casefold() == folded]
    findings = Findings(study)
    seen = Ids(findings)
    for one in [*(near if name.isascii() else order), name]:
        seen.add(one, one)
    findings.refuse_if_any()


def _current(connection: Connection, kind: str, name: str) -> Any:
    """Return what is current of an item as plain data."""
    found = version_of(connection, kind, name, head_of(connection, kind, name).version)
    require(found.body is not None, f"a {kind} is there", got=name, fix="Undo its deletion.")
    assert found.body is not None
    return json.loads(found.body)
