"""MITRE ATLAS as its YAML: formats 4 and 5 (lists in matrices) and 6 (mappings and relationships).

Read are ids, names, parents, and as facts of a requirement: the tactics of a technique, how mature
it is, what a mitigation is against, what a case study employs. Descriptions are left in the file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from workbench.files.catalogues.checking import attempted
from workbench.files.exchange.atlas_relations import related_of, told
from workbench.files.exchange.foreign import (
    Foreign,
    bytes_of,
    foreign_tree,
    report_twice,
    rows_of,
    whole,
)
from workbench.files.forms.fields import Id, Name
from workbench.files.messages import Findings, Spot, echo
from workbench.frameworks.requirement import Framework, Requirement

LICENCE = "Apache-2.0 (MITRE): ids and names."
Version = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){1,3}$")]
Ids = Annotated[list[Id], Field(max_length=1_000)]


class NamedForm(Foreign):
    """What every object has."""

    id: Id
    name: Name


class TechniqueForm(NamedForm):
    """A technique; in format 6 its tactics and its parent are relationships."""

    maturity: Name | None = None
    tactics: Ids = Field(default_factory=list)
    parent: Annotated[Id | None, Field(alias="subtechnique-of")] = None
    specializes: Id | None = None  # what the last file of format 5 calls it


class UseForm(Foreign):
    """A technique that a mitigation is against."""

    id: Id


class MitigationForm(NamedForm):
    """A mitigation."""

    techniques: Annotated[list[UseForm], Field(max_length=1_000)] = Field(default_factory=list)


class StepForm(Foreign):
    """One step of a case study."""

    technique: Id


class StudyForm(NamedForm):
    """A case study; the two formats name its fields differently."""

    kind: Annotated[Name | None, Field(alias="case-study-type")] = None
    type: Name | None = None
    date: Name | None = None
    incident_date: Annotated[Name | None, Field(alias="incident-date")] = None
    procedure: Annotated[list[StepForm], Field(max_length=1_000)] = Field(default_factory=list)


class MatrixForm(Foreign):
    """A matrix of formats 4 and 5."""

    tactics: list[Any]
    techniques: list[Any]
    mitigations: list[Any] = Field(default_factory=list)


class FiveForm(Foreign):
    """The file in formats 4 and 5."""

    name: Name
    version: Version
    matrices: Annotated[list[MatrixForm], Field(min_length=1, max_length=20)]
    studies: Annotated[list[Any], Field(alias="case-studies")] = Field(default_factory=list)


class CollectionForm(Foreign):
    """Which release a file of format 6 holds."""

    version: Version


class SixForm(Foreign):
    """The file in format 6: objects by their ids, and what relates them."""

    collection: CollectionForm
    tactics: dict[str, Any]
    techniques: dict[str, Any]
    mitigations: dict[str, Any] = Field(default_factory=dict)
    studies: Annotated[dict[str, Any], Field(alias="case-studies")] = Field(default_factory=dict)
    relationships: dict[str, Any]


SECTIONS: dict[str, tuple[type[NamedForm], str]] = {
    "tactics": (NamedForm, "tactic"),
    "techniques": (TechniqueForm, "technique"),
    "mitigations": (MitigationForm, "mitigation"),
    "case-studies": (StudyForm, "case study"),
}


@dataclass
class Objects:
    """The objects of one file as they are read."""

    findings: Findings
    places: dict[str, str] = field(default_factory=dict)  # of each id
    rows: dict[str, tuple[NamedForm, str]] = field(default_factory=dict)  # id -> row, kind

    def add(self, section: str, rows: list[Any]) -> None:
        """Check the rows of a section and take them in."""
        form, kind = SECTIONS[section]
        checked = rows_of(rows, form, section, self.findings)
        before = [(place, name) for name, place in self.places.items()]
        report_twice(before + [(place, row.id) for place, row in checked], self.findings)
        for place, row in checked:
            self.places.setdefault(row.id, place)
            self.rows.setdefault(row.id, (row, kind))

    def kind(self, name: str) -> str:
        """Return what an id is: a tactic, a technique; nothing where it is not in the file."""
        return self.rows[name][1] if name in self.rows else ""


def read_atlas(path: str | Path) -> Framework:
    """Read a release of ATLAS, such as `atlas_5_6` or `atlas_2026_07`.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    return parse_atlas(str(path), bytes_of(path))


def parse_atlas(name: str, data: bytes) -> Framework:
    """Read a release of ATLAS from bytes that came by another way.

    Raises
    ------
    FileRefused
        as `read_atlas` does.

    """
    findings = Findings(name)
    tree = foreign_tree(name, data, findings)
    if isinstance(tree, dict) and "format-version" in tree:
        return _six(tree, findings)
    if isinstance(tree, dict) and "matrices" not in tree:
        what = "is no ATLAS data of format 4, 5 or 6: neither matrices nor format-version"
        raise findings.refuse("", "", what)
    return _five(tree, findings)


def _five(tree: Any, findings: Findings) -> Framework:
    form = whole(tree, FiveForm, findings)
    objects = Objects(findings)
    for section in ("tactics", "techniques", "mitigations"):
        objects.add(section, [row for one in form.matrices for row in getattr(one, section)])
    objects.add("case-studies", form.studies)
    related: dict[str, dict[str, list[str]]] = {}
    for name, (row, _) in objects.rows.items():
        related[name] = _stated(row)
        spot = Spot(findings, objects.places[name])
        told(spot, related[name], objects.kind, by_type=False)
    return _framework(form.version, objects, related)


def _stated(row: NamedForm) -> dict[str, list[str]]:
    """Return the relationships that stand in a row of formats 4 and 5, named as in format 6."""
    found: dict[str, list[str]] = {}
    if isinstance(row, TechniqueForm):
        parent = row.parent or row.specializes
        found = {"achieves": row.tactics, "specializes": [parent] if parent else []}
    if isinstance(row, MitigationForm):
        found = {"mitigates": [use.id for use in row.techniques]}
    if isinstance(row, StudyForm):
        found = {"employs": [step.technique for step in row.procedure]}
    return {name: ids for name, ids in found.items() if ids}


def _six(tree: Any, findings: Findings) -> Framework:
    version = tree["format-version"]
    if not isinstance(version, str) or not version.startswith("6."):
        what = f"is not known, got {echo(version)}, allowed 6.0.0 and later ones of 6"
        raise findings.refuse("", "format-version", what)
    form = whole(tree, SixForm, findings)
    objects = Objects(findings)
    for section, rows in (
        ("tactics", form.tactics),
        ("techniques", form.techniques),
        ("mitigations", form.mitigations),
        ("case-studies", form.studies),
    ):
        objects.add(section, list(rows.values()))
        _check_keys(section, rows, findings)
    related = related_of(form.relationships, objects.kind, findings)
    return _framework(form.collection.version, objects, related)


def _check_keys(section: str, rows: Mapping[str, Any], findings: Findings) -> None:
    for number, (key, row) in enumerate(rows.items(), 1):
        given = row.get("id") if isinstance(row, dict) else None
        if isinstance(given, str) and given != key:
            what = f"is not the key under which it stands, got {echo(given)} under {echo(key)}"
            findings.error(f"{section} row {number}", "id", what)


def _framework(
    version: str, objects: Objects, related: Mapping[str, Mapping[str, list[str]]]
) -> Framework:
    objects.findings.refuse_if_any()
    name = "atlas_" + "_".join(version.split(".")[:2])
    rows = tuple(
        _requirement(name, row, kind, related.get(row.id, {})) for row, kind in _in_order(objects)
    )
    made = attempted(
        lambda: Framework(name, name, f"MITRE ATLAS {version}", version, LICENCE, rows),
        "",
        objects.findings,
    )
    objects.findings.refuse_if_any()
    assert made is not None
    return made


def _in_order(objects: Objects) -> Iterable[tuple[NamedForm, str]]:
    kinds = [kind for _, kind in SECTIONS.values()]
    return sorted(objects.rows.values(), key=lambda one: (kinds.index(one[1]), one[0].id))


def _requirement(
    framework: str, row: NamedForm, kind: str, related: Mapping[str, list[str]]
) -> Requirement:
    facts = {
        "tactics": ", ".join(related.get("achieves", ())),
        "techniques": ", ".join(
            dict.fromkeys((*related.get("mitigates", ()), *related.get("employs", ())))
        ),
    }
    if isinstance(row, TechniqueForm):
        facts["maturity"] = (row.maturity or "").lower()
    if isinstance(row, StudyForm):
        facts["type"] = (row.type or row.kind or "").lower()
        facts["date"] = row.date or row.incident_date or ""
    parent = next(iter(related.get("specializes", ())), "")
    stated = {name: text for name, text in facts.items() if text}
    return Requirement(framework, row.id, row.name, kind, parent, stated)
