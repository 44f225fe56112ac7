"""Lineage as a CycloneDX 1.6 bill of materials: data and models, hashes, what rests on what.

A dependency of the format is what a component rests on: here, what it was made from.
"""

from typing import Any

from workbench.audit.lineage import MODEL, Lineage, Subject
from workbench.files.json_printing import json_text

SPECIFICATION = "1.6"
TYPES = {MODEL: "machine-learning-model"}
OTHER = "data"
RUNS = "risk-workbench:run"  # the name of a property


def ml_bom_json(lineage: Lineage, subject: str | None = None) -> str:
    """Return a bill of materials of all subjects, or of one and what it was made from.

    Raises
    ------
    WorkbenchError
        for a subject that is not there.

    """
    wanted = set(lineage.by_key)
    if subject is not None:
        wanted = {lineage.subject(subject).key, *lineage.before(subject)}
    told = [one for one in lineage.subjects if one.key in wanted]
    document: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "version": 1,
        "components": [_component(one, wanted) for one in told],
        "dependencies": [
            {"ref": one.key, "dependsOn": [name for name in one.parents if name in wanted]}
            for one in told
        ],
    }
    return json_text(document)


def _component(one: Subject, wanted: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": TYPES.get(one.type, OTHER),
        "bom-ref": one.key,
        "name": one.name,
    }
    if one.version:
        found["version"] = one.version
    if one.sha256:
        found["hashes"] = [{"alg": "SHA-256", "content": one.sha256}]
    made_of = [{"ref": parent} for parent in one.parents if parent in wanted]
    if one.type == MODEL and made_of:
        found["modelCard"] = {"modelParameters": {"datasets": made_of}}
    if one.runs:
        found["properties"] = [{"name": RUNS, "value": run} for run in one.runs]
    return found
