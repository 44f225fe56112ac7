"""Crosswalks as OSCAL mapping collections (NIST OSCAL 1.2, JSON), in and out.

A map says how the requirements of its sources, taken together, relate to those of its targets. Of a
map with several on a side only what holds for each pair is kept, with A, B... for the sources and T
for a target, S for a source and T, U... for the targets:

    S superset-of T, U   gives   S superset of T, S superset of U
    A, B subset-of T     gives   A subset of T, B subset of T
    S equal-to T, U      gives   S superset of T, S superset of U
    A, B equal-to T      gives   A subset of T, B subset of T

and every other pair intersects. So does a pair whose map has qualifiers: it holds on conditions
that a crosswalk cannot say. The rank of strength stands in `confidence-score` as a tenth of itself.
"""

import re
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.errors import require
from workbench.files.catalogues.checking import attempted
from workbench.files.catalogues.frameworks import known_frameworks
from workbench.files.exchange.foreign import (
    MOST_ROWS,
    Foreign,
    bytes_of,
    opened,
    rows_of,
    whole,
)
from workbench.files.exchange.naming import Imported, Names
from workbench.files.exchange.oscal import (
    BackMatterForm,
    MetadataForm,
    PropertyForm,
    Text,
    framework_id,
    line,
    metadata,
    name_of,
    ours,
    properties,
)
from workbench.files.exchange.sssom import UNRANKED, strength_of
from workbench.files.forms.fields import LONGEST_NOTE, Id
from workbench.files.json_printing import json_text
from workbench.files.messages import Findings, echo
from workbench.frameworks.crosswalk import BASES, Crosswalk, Place, Relationship, Row
from workbench.frameworks.requirement import Frameworks

WORDS: dict[Relationship, str] = {
    "equal": "equivalent-to",
    "subset": "subset-of",
    "superset": "superset-of",
    "intersects": "intersects-with",
}
RELATIONSHIPS = {word: kind for kind, word in WORDS.items()} | {"equal-to": "equal"}
_NONE = "no-relationship"
_OSCAL = ("", "http://csrc.nist.gov/ns/oscal")
_CATEGORIES = {"high": 8, "medium": 5, "low": 3}  # a rank where no number is given
_PAST = ("deprecated", "superseded")


def mapping_collection(
    crosswalk: Crosswalk,
    *,
    title: str,
    stamp: str,
    version: str = "1",
    frameworks: Frameworks | None = None,
) -> str:
    """Write a crosswalk as an OSCAL mapping collection; it reads back equal.

    Parameters
    ----------
    title : what the collection is called
    stamp : when it was last changed, RFC 3339 with the zone
    version : of the crosswalk
    frameworks : those whose names are written; the shipped ones unless told

    Raises
    ------
    WorkbenchError
        for a crosswalk without rows, a stamp that is none, and texts that OSCAL does not take.

    """
    require(
        len(crosswalk) > 0,
        "a mapping collection has a row",
        got="a crosswalk without any",
        fix="Write it as CSV.",
    )
    known = known_frameworks(frameworks)
    has_rules = any(row.basis == "derived" for row in crosswalk.rows)
    body = {
        "metadata": metadata(title, version, stamp),
        "provenance": {
            "method": "hybrid" if has_rules else "human",
            "matching-rationale": "semantic",
            "status": "complete",
            "mapping-description": "Set theory relationships after NIST IR 8477, read for what "
            "meeting the requirements does. Each map says whose word it is (basis) and where it "
            "comes from (remarks); its confidence score is the tenth of a rank from 1 to 10.",
        },
        "mappings": list(_mappings(crosswalk)),
        "back-matter": {"resources": [_resource(name, known) for name in crosswalk.frameworks()]},
    }
    name = name_of("mapping-collection", json_text(body))
    return json_text({"mapping-collection": {"uuid": name} | body})


def _mappings(crosswalk: Crosswalk) -> Iterator[dict[str, Any]]:
    """Yield a mapping for each run of rows between the same two frameworks, in their order."""
    runs = groupby(crosswalk.rows, key=lambda row: (row.source[0], row.target[0]))
    seen: dict[object, int] = {}  # how often a pair came before: names must differ
    for (source, target), rows in runs:
        turn = seen[source, target] = seen.get((source, target), 0) + 1
        maps = []
        for row in rows:
            pair = row.source, row.target
            again = seen[pair] = seen.get(pair, 0) + 1
            maps.append({"uuid": name_of("map", *row.source, *row.target, again)} | _map(row))
        yield {
            "uuid": name_of("mapping", source, target, turn),
            "source-resource": {"type": "catalog", "href": f"#{name_of('framework', source)}"},
            "target-resource": {"type": "catalog", "href": f"#{name_of('framework', target)}"},
            "maps": maps,
        }


def _map(row: Row) -> dict[str, Any]:
    facts = {"basis": row.basis, "second-rating": row.second_rating, "note": row.note}
    found = {
        "relationship": WORDS[row.relationship],
        "sources": [{"type": "control", "id-ref": row.source[1]}],
        "targets": [{"type": "control", "id-ref": row.target[1]}],
        "confidence-score": {"percentage": row.strength / 10},
        "props": properties(facts),
    }
    return found | ({"remarks": row.provenance} if row.provenance else {})


def _resource(name: str, known: Frameworks) -> dict[str, Any]:
    title = line(known[name].name) if name in known else name
    facts = {"framework": name, "edition": known[name].edition if name in known else ""}
    return {"uuid": name_of("framework", name), "title": title, "props": properties(facts)}


class ItemForm(Foreign):
    """One of the sources or targets."""

    type: Literal["control", "statement"]
    id_ref: Id = Field(alias="id-ref")


Items = Annotated[list[ItemForm], Field(min_length=1)]


class ScoreForm(Foreign):
    """How sure somebody is."""

    percentage: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    category: Text | None = None


class QualifierForm(Foreign):
    """On what condition a map holds."""

    description: Text


class MapForm(Foreign):
    """One map."""

    relationship: Text
    sources: Items
    targets: Items
    ns: Text = ""
    qualifiers: list[QualifierForm] = Field(default_factory=list)
    score: ScoreForm | None = Field(default=None, alias="confidence-score")
    props: list[PropertyForm] = Field(default_factory=list)
    remarks: Text = ""


class MappedForm(Foreign):
    """A catalogue that is mapped."""

    href: Text
    props: list[PropertyForm] = Field(default_factory=list)


class MappingForm(Foreign):
    """The maps between two catalogues."""

    source: MappedForm = Field(alias="source-resource")
    target: MappedForm = Field(alias="target-resource")
    maps: Annotated[list[Any], Field(min_length=1)]
    status: Text = ""


class ProvenanceForm(Foreign):
    """How all of it came about."""

    method: Text = ""
    rationale: Text = Field(default="", alias="matching-rationale")
    status: Text = ""


class CollectionForm(Foreign):
    """What stands under `mapping-collection`."""

    metadata: MetadataForm
    provenance: ProvenanceForm = ProvenanceForm()
    mappings: dict[str, Any] | list[Any]
    back_matter: BackMatterForm = Field(default=BackMatterForm(), alias="back-matter")


class FileForm(Foreign):
    """The file."""

    collection: dict[str, Any] = Field(alias="mapping-collection")


def read_mapping_collection(
    path: str | Path, frameworks: Frameworks | None = None
) -> Imported[Crosswalk]:
    """Read a mapping collection.

    Maps without a relationship, of another namespace, or of mappings that are deprecated or
    superseded are left out with a warning.

    Parameters
    ----------
    frameworks : those among which names and ids are looked up; the shipped ones unless told

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    return parse_mapping_collection(str(path), bytes_of(path), frameworks)


def parse_mapping_collection(
    name: str, data: bytes, frameworks: Frameworks | None = None
) -> Imported[Crosswalk]:
    """Read a mapping collection from bytes that came by another way."""
    file, findings = opened(name, data, FileForm)
    form = whole(file.collection, CollectionForm, findings, "mapping-collection")
    known = known_frameworks(frameworks)
    reader = _Reader(form, Names(known), findings)
    many = form.mappings if isinstance(form.mappings, list) else [form.mappings]
    for place, mapping in rows_of(many, MappingForm, "mappings", findings, "uuid"):
        reader.read(place.partition(" (")[0], mapping)
    findings.refuse_if_any()
    reader.tell()
    crosswalk = Crosswalk(tuple(reader.rows))
    return Imported(crosswalk, findings.warnings(), tuple(reader.places))


class _Reader:
    """Reads the mappings of one collection."""

    def __init__(self, form: CollectionForm, names: Names, findings: Findings) -> None:
        self.rows: list[Row] = []
        self.places: list[str] = []
        self._resources = {one.uuid: one for one in form.back_matter.resources}
        self._names = names
        self._findings = findings
        self._left_out = {"without a relationship": 0, "of another namespace": 0}
        self._past = self._weaker = 0
        version = f" version {form.metadata.version}" if form.metadata.version else ""
        how = (form.provenance.method, form.provenance.rationale, form.provenance.status)
        said = ", ".join(text for text in how if text)
        self._said = line(f"published: {form.metadata.title}{version}; {said}".rstrip("; "))

    def read(self, place: str, mapping: MappingForm) -> None:
        """Read one mapping."""
        if mapping.status in _PAST:
            self._past += 1
            return
        source = self._framework(f"{place}: source-resource", mapping.source)
        target = self._framework(f"{place}: target-resource", mapping.target)
        maps = rows_of(mapping.maps, MapForm, f"{place} maps", self._findings, "uuid")
        if source is None or target is None:
            return
        for where, one in maps:
            self._map(where.partition(" (")[0], one, source, target)

    def _framework(self, place: str, mapped: MappedForm) -> str | None:
        """Return the framework of a resource: as we wrote it, by its title, or by its file."""
        props, title = mapped.props, mapped.href
        if mapped.href.startswith("#"):
            found = self._resources.get(mapped.href[1:])
            if found is None:
                what = f"is not in the back matter, got {echo(mapped.href)}"
                self._findings.error(place, "href", what)
                return None
            props, title = [*props, *found.props], found.title or mapped.href[1:]
        else:
            title = re.split(r"[/\\]", title.partition("?")[0].rstrip("/"))[-1]
            title = re.sub(r"\.(json|xml|ya?ml)$", "", title)
        written = ours(props).get("framework", title)
        known = self._names.framework(written)
        return known if self._names.is_known(known) else framework_id(written)

    def _map(self, place: str, form: MapForm, source: str, target: str) -> None:
        """Add the rows of one map."""
        if form.ns not in _OSCAL:
            self._left_out["of another namespace"] += 1
            return
        if form.relationship == _NONE:
            self._left_out["without a relationship"] += 1
            return
        kind = RELATIONSHIPS.get(form.relationship)
        if kind is None:
            what = f"is not known, got {echo(form.relationship)}"
            allowed = ", ".join((*RELATIONSHIPS, _NONE))
            self._findings.error(place, "relationship", f"{what}, allowed {allowed}")
            return
        if len(self.rows) + len(form.sources) * len(form.targets) > MOST_ROWS:
            raise self._findings.refuse(place, "", f"is one too many, allowed {MOST_ROWS} pairs")
        each = of_each_pair(kind, len(form.sources), len(form.targets))
        if form.qualifiers:
            each = "intersects"
        self._weaker += each != kind
        for one in form.sources:
            for other in form.targets:
                start = source, self._names.requirement(source, one.id_ref)
                end = target, self._names.requirement(target, other.id_ref)
                make = partial(self._row, form, each, start, end)
                row = attempted(make, place, self._findings)
                if row is not None:
                    self.rows.append(row)
                    self.places.append(place)

    def _row(self, form: MapForm, kind: Relationship, start: Place, end: Place) -> Row:
        strength = _strength(form.score)
        facts = ours(form.props)
        if facts.get("basis") in BASES:
            rest = form.remarks, facts.get("second-rating", ""), facts.get("note", "")
            return Row(start, end, kind, strength, facts["basis"], *rest)
        conditions = [f"only if: {one.description}" for one in form.qualifiers]
        is_less = kind != RELATIONSHIPS[form.relationship]
        told = [f"the source says {form.relationship} of all together"] if is_less else []
        note = line(". ".join(text for text in (*told, *conditions, form.remarks) if text))
        said = self._said[:LONGEST_NOTE], "", note[:LONGEST_NOTE]
        return Row(start, end, kind, strength, "published", *said)

    def tell(self) -> None:
        """Warn of what was left out, or read as less than it says."""
        told = [(count, f"maps {what}: left out") for what, count in self._left_out.items()]
        told += [
            (self._past, "mappings are deprecated or superseded: left out"),
            (
                self._weaker,
                "maps say less of each pair than of all, or hold on conditions",
            ),
        ]
        for count, what in told:
            if count:
                self._findings.warning("", "", f"{count} {what}")


def of_each_pair(kind: Relationship, sources: int, targets: int) -> Relationship:
    """Return what a relationship of all sources to all targets says of each pair of them."""
    if kind == "equal" and sources == targets == 1:
        return "equal"
    if kind in ("equal", "superset") and sources == 1:
        return "superset"
    if kind in ("equal", "subset") and targets == 1:
        return "subset"
    return "intersects"


def _strength(score: ScoreForm | None) -> int:
    if score is None:
        return UNRANKED
    if score.percentage is not None:
        return strength_of(score.percentage)
    return _CATEGORIES.get(score.category or "", UNRANKED)
