"""A study in the register: a head, and each asset, scenario and the appetite for itself.

So that two people can change two scenarios of one study at once, and the history of one scenario is
its own. The study as it was after any act is put together from what was current then.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from workbench.audit.lineage import Lineage
from workbench.errors import WorkbenchError, require
from workbench.files.assembly import study_from_tree
from workbench.files.messages import Findings
from workbench.files.writing import study_document
from workbench.models.study import Study
from workbench.register.acts import acts_on
from workbench.register.history import (
    bodies_at,
    current_of,
    head_of,
    is_there,
    version_of,
)
from workbench.register.kinds import KINDS, appetite_title, body_of
from workbench.register.naming import APPETITE, ASSET, IN_A_STUDY, PARTS, SCENARIO, STUDY, SUBJECT
from workbench.register.records import GONE, Change

ROWS = {SCENARIO: "scenarios", ASSET: "assets"}  # kind -> the list of the head that has its order


def lineage_of(connection: Connection) -> Lineage:
    """Return the subjects that are kept; one under another id than its key is none of them."""
    kind = KINDS[SUBJECT]
    rows = [(kind.load(json.loads(body), at), at) for at, _, body in bodies_at(connection, SUBJECT)]
    return Lineage(tuple(one for one, at in rows if one.key == at))


def check_study_id(name: str) -> None:
    """Refuse an id that cannot stand before those of its parts."""
    good = bool(name.strip()) and name.isprintable() and IN_A_STUDY not in name and len(name) <= 100
    rule = f"a study's id is one line without {IN_A_STUDY}, of at most 100 characters"
    require(good, rule, got=name[:120], fix="Such as ai-lender.")


def check_study(name: str, study: Study) -> None:
    """Refuse a study that no file could hold: what a program made has passed no gate.

    Raises
    ------
    FileRefused
        with a line for each fault.

    """
    back = study_from_tree(study_document(study), "json", Findings(name))
    rule, fix = "a study comes out of the register as it went in", "Report this."
    require(back == study, rule, got=name[:80], fix=fix)


def parts_of(name: str, study: Study) -> list[Change]:
    """Return a study as the items that are stored, its head first."""
    check_study_id(name)
    document = study_document(study)
    told, scenarios = dict(document["study"]), document["scenarios"]
    assets = told.pop("assets", [])
    tolerance = told.pop("tolerance", [])
    rows = {SCENARIO: scenarios, ASSET: assets}
    head = told | {ROWS[kind]: [row["id"] for row in rows[kind]] for kind in rows}
    found = [Change(STUDY, name, body_of(head), study.name)]
    for kind, listed in rows.items():
        found += [
            Change(kind, f"{name}{IN_A_STUDY}{row['id']}", body_of(row), row.get("name", ""))
            for row in listed
        ]
    if tolerance:
        place, shown = f"{name}{IN_A_STUDY}{APPETITE}", appetite_title(tolerance)
        found.append(Change(APPETITE, place, body_of(tolerance), shown))
    return found


def study_at(
    connection: Connection, name: str, at: int | None = None
) -> tuple[Study, dict[tuple[str, str], int]]:
    """Return a study as it was just after an act, now unless told, and the versions in it.

    Raises
    ------
    WorkbenchError
        where there is, or was, no such study.

    """
    tree, versions = _tree_at(connection, name, at)
    return study_from_tree(tree, "json", Findings(name)), versions


def whole_study(connection: Connection, name: str) -> dict[tuple[str, str], int]:
    """Return the versions of a study and its parts as they are, once each was read and is whole.

    Raises
    ------
    WorkbenchError
        where there is no such study, and where anything of it is damaged.

    """
    return _tree_at(connection, name, None)[1]


def refuse_torn(connection: Connection, name: str, changes: Sequence[Change]) -> None:
    """Refuse changes after which a study cannot be read: another's scenario names an asset, say.

    All of it is read only where its head is among them, or ties or grades all of its scenarios.

    Raises
    ------
    WorkbenchError
        with what the study would say, and for parts that would be left without their study.

    """
    prefix = name + IN_A_STUDY
    if not is_there(connection, STUDY, name):
        left = [f"{kind} {one}" for kind, one in current_of(connection, PARTS, prefix)]
        fix = "Leave the study, or delete them first."
        require(not left, "a part stands in a study", got=sorted(left)[:5], fix=fix)
        return
    version = head_of(connection, STUDY, name).version
    head = json.loads(version_of(connection, STUDY, name, version).body or "{}")
    is_whole = any(one.kind == STUDY for one in changes) or head.keys() & {"anchors", "dependence"}
    there = current_of(connection, [ASSET], prefix)
    if is_whole or not _named(connection, prefix, changes) <= there.keys():
        study_at(connection, name)


def _named(connection: Connection, prefix: str, changes: Sequence[Change]) -> set[tuple[str, str]]:
    """Return the assets that changed scenarios name; where an asset goes, those that any names."""
    bodies = [one.body for one in changes if one.kind == SCENARIO and one.body is not None]
    if any(one.kind == ASSET and one.body is None for one in changes):
        bodies = [body for _, _, body in bodies_at(connection, SCENARIO, prefix)]
    found = {json.loads(body).get("asset") for body in bodies}
    return {(ASSET, prefix + one) for one in found if one}


def _tree_at(
    connection: Connection, name: str, at: int | None
) -> tuple[dict[str, Any], dict[tuple[str, str], int]]:
    """Return a study as plain data, and the versions in it."""
    prefix = name + IN_A_STUDY
    heads = {found: (version, body) for found, version, body in _heads(connection, name, at)}
    rule = "a study is in the register" if at is None else f"a study was there after entry {at}"
    fix = "`workbench register list --kind study` shows all."
    require(name in heads, rule, got=name[:80], fix=fix)
    version, body = heads[name]
    versions = {(STUDY, name): version}
    head = json.loads(body)
    document: dict[str, list[object]] = {}
    for kind, field in ROWS.items():
        order = head.pop(field)
        found = {}
        for one, number, text in bodies_at(connection, kind, prefix, at):
            found[one.removeprefix(prefix)] = text
            versions[kind, one] = number
        document[field] = [json.loads(found[one]) for one in order if one in found]
        _refuse_lost(connection, [(kind, prefix + one) for one in order if one not in found])
    for one, number, text in bodies_at(connection, APPETITE, prefix, at):
        head["tolerance"] = json.loads(text)
        versions[APPETITE, one] = number
    if at is None:
        _refuse_other_parts(connection, prefix, versions)
    if document["assets"]:
        head["assets"] = document["assets"]
    return {"study": head, "scenarios": document["scenarios"]}, versions


def versions_in(connection: Connection, name: str) -> dict[tuple[str, str], int]:
    """Return the versions of a study and its parts as they are, without reading any of them."""
    found = current_of(connection, [STUDY], name)
    own = {key: number for key, number in found.items() if key[1] == name}
    return own | current_of(connection, PARTS, name + IN_A_STUDY)


def _refuse_other_parts(
    connection: Connection, prefix: str, versions: Mapping[tuple[str, str], int]
) -> None:
    """Refuse a study whose parts are others than its items: an index of the file is damaged."""
    found = {key: number for key, number in versions.items() if key[0] in PARTS}
    if current_of(connection, PARTS, prefix) != found:
        raise WorkbenchError(
            f"a study is whole; parts of {prefix[:-1]} are lost. The register is damaged: run "
            "`workbench register check`, and restore a backup."
        )


def _refuse_lost(connection: Connection, parts: Sequence[tuple[str, str]]) -> None:
    """Refuse to show a study without a part that nobody has deleted."""
    acts = acts_on(connection, parts) if parts else ()
    deleted = {part for part, _, _, state in acts if state == GONE}
    for kind, name in parts:
        if (kind, name) not in deleted:
            raise WorkbenchError(
                f"a study is whole; {kind} {name} is lost. The register is damaged: run `workbench "
                "register check`, and restore a backup."
            )


def _heads(connection: Connection, name: str, at: int | None) -> Sequence[tuple[str, int, str]]:
    return [row for row in bodies_at(connection, STUDY, name, at) if row[0] == name]


def gone_parts(kept: Sequence[Change], versions: Mapping[tuple[str, str], int]) -> list[Change]:
    """Return the deletion of every part that a study had and has no longer."""
    names = {(change.kind, change.id) for change in kept}
    return [
        Change(kind, one, None, base=version)
        for (kind, one), version in versions.items()
        if (kind, one) not in names
    ]
