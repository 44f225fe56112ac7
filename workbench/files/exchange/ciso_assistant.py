"""Libraries of CISO Assistant (YAML): frameworks, and mapping sets between frameworks.

A library names everything by URN: `urn:...:framework:SLUG` and `urn:...:req_node:SLUG:ID`. Of a
framework ids, short names and the tree are read; the descriptions, which are often the text of a
standard, are left where they are. A mapping set comes with another one that says the same the other
way round: a row that only mirrors one before it is left out.

What a row says of its source is the library and the rationale. Where a row gives no rationale, its
provenance stays empty and `lint` names it: the library alone does not say why two ids are related.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.files.catalogues.checking import attempted, formed
from workbench.files.catalogues.frameworks import known_frameworks
from workbench.files.exchange.foreign import Foreign, bytes_of, opened, rows_of
from workbench.files.exchange.naming import Imported, Names, folded
from workbench.files.forms.fields import Id, Remark, is_id
from workbench.files.messages import Findings, echo, short
from workbench.frameworks.crosswalk import Crosswalk, Place, Relationship, Row
from workbench.frameworks.requirement import Framework, Frameworks, Requirement

Word = Literal["equal", "subset", "superset", "intersect", "intersects", "not_related"]
RELATIONSHIPS: dict[str, Relationship] = {
    "equal": "equal",
    "subset": "subset",
    "superset": "superset",
    "intersect": "intersects",
    "intersects": "intersects",
}
UNRANKED = 5  # the strength of a row that nobody has ranked
MOST_TITLE = 1000  # characters of a short name
Urn = Annotated[str, Field(min_length=5, max_length=400, pattern=r"^urn:\S+$")]
Rank = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]


@dataclass(frozen=True)
class Library:
    """What was read of one library."""

    name: str
    frameworks: tuple[Framework, ...]
    crosswalk: Crosswalk


class LibraryForm(Foreign):
    """The file."""

    urn: Urn
    name: Remark | None = None
    ref_id: Remark | None = None
    version: Any = None
    provider: Remark | None = None
    packager: Remark | None = None
    copyright: Remark | None = None
    objects: dict[str, Any]


class FrameworkForm(Foreign):
    """A framework."""

    urn: Urn
    name: Remark | None = None
    requirement_nodes: Annotated[list[Any], Field(min_length=1)]


class NodeForm(Foreign):
    """A numbered item, or a heading."""

    urn: Urn
    ref_id: Annotated[str, Field(max_length=1000)] | None = None
    name: str | None = None
    assessable: bool
    parent_urn: Urn | None = None


class SetForm(Foreign):
    """Rows between two frameworks."""

    source_framework_urn: Urn
    target_framework_urn: Urn
    requirement_mappings: list[Any]


class MappingForm(Foreign):
    """One row."""

    source_requirement_urn: Urn
    target_requirement_urn: Urn
    relationship: Word
    rationale: Remark | None = None
    annotation: Remark | None = None
    strength_of_relationship: Rank | None = None
    stregth_of_relationship: Rank | None = None  # as many published libraries spell it


class PlaceForm(Foreign):
    """One end of a row, as it is understood."""

    framework: Id
    id: Id


def read_library(path: str | Path, frameworks: Frameworks | None = None) -> Imported[Library]:
    """Read a library.

    Parameters
    ----------
    frameworks : those among which names and ids are looked up; the shipped ones unless told

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    return parse_library(str(path), bytes_of(path), frameworks)


def parse_library(
    name: str, data: bytes, frameworks: Frameworks | None = None
) -> Imported[Library]:
    """Read a library from bytes that came by another way."""
    form, findings = opened(name, data, LibraryForm)
    known = known_frameworks(frameworks)
    made = [
        framework
        for place, tree in _sections(form.objects, "framework", findings)
        if (framework := _framework(form, place, tree, Names(known), findings)) is not None
    ]
    reader = _MappingReader(form, Names(_joined(known, made)), findings)
    for place, tree in _sections(form.objects, "requirement_mapping_set", findings):
        reader.read(place, tree)
    findings.refuse_if_any()
    reader.tell()
    library = Library(_title(form), tuple(made), Crosswalk(tuple(reader.rows)))
    if not made and not reader.rows:
        what = "no framework and no mapping set stands under objects"
        raise findings.refuse("", "objects", f"{what}; risk matrices and others are not read")
    return Imported(library, findings.warnings(), tuple(reader.places))


def _joined(known: Frameworks, made: list[Framework]) -> Frameworks:
    """Return the known frameworks with those of the library in their place."""
    return Frameworks({one.id: one for one in (*known.values(), *made)}.values())


def _sections(objects: dict[str, Any], name: str, findings: Findings) -> Iterator[tuple[str, Any]]:
    """Yield each object of a kind, which stands by itself or in a list under the plural."""
    if name in objects:
        yield name, objects[name]
    many = objects.get(f"{name}s")
    if many is None:
        return
    if not isinstance(many, list):
        findings.error(f"{name}s", "", f"is not a list, got {echo(many)}")
        return
    for number, one in enumerate(many, 1):
        yield f"{name}s {number}", one


def _title(form: LibraryForm) -> str:
    title = form.name or form.ref_id or form.urn
    is_stated = isinstance(form.version, int | float | str)
    version = f" version {short(str(form.version))}" if is_stated else ""
    by = form.provider or form.packager
    return f"{title}{version}" + (f", {by}" if by else "")


def _tail(urn: str) -> str:
    return urn.rpartition(":")[2]


def _framework(
    library: LibraryForm, place: str, tree: Any, names: Names, findings: Findings
) -> Framework | None:
    """Return a framework of a library, under our id where it is one that we know."""
    form = formed(tree, FrameworkForm, place, findings)
    if form is None:
        return None
    nodes = rows_of(form.requirement_nodes, NodeForm, f"{place} nodes", findings, "ref_id")
    labels = Counter(node.ref_id for _, node in nodes)
    ids = {node.urn: _id_of(node, labels) for _, node in nodes}
    name = names.framework(_tail(form.urn))
    rows = [
        row
        for where, node in nodes
        if (row := _requirement(name, where, node, ids, findings)) is not None
    ]
    if findings.has_errors:
        return None
    make = partial(
        Framework,
        name,
        "" if names.is_known(name) else _tail(form.urn),
        form.name or _tail(form.urn),
        f"as in {_title(library)}",
        library.copyright or "not stated",
        tuple(rows),
        (f"imported from {library.urn}",),
    )
    return attempted(make, place, findings)


def _id_of(node: NodeForm, labels: Counter[str | None]) -> str:
    """Return what a node is called: as printed, where that is an id and stands once."""
    label = node.ref_id
    return label if label and labels[label] == 1 and is_id(label) else _tail(node.urn)


def _requirement(
    framework: str, place: str, node: NodeForm, ids: dict[str, str], findings: Findings
) -> Requirement | None:
    if node.parent_urn is not None and node.parent_urn not in ids:
        findings.error(place, "parent_urn", f"is no node here, got {echo(node.parent_urn)}")
        return None
    fields = {"framework": framework, "id": ids[node.urn]}
    if formed(fields, PlaceForm, place, findings) is None:
        return None
    title = " ".join((node.name or "").split())[:MOST_TITLE]
    kind = "control" if node.assessable else "group"
    parent = ids[node.parent_urn] if node.parent_urn else ""
    return Requirement(framework, fields["id"], title, kind, parent)


class _MappingReader:
    """Reads mapping sets one after the other."""

    def __init__(self, library: LibraryForm, names: Names, findings: Findings) -> None:
        self.rows: list[Row] = []
        self.places: list[str] = []
        self._library = _title(library)
        self._names = names
        self._findings = findings
        self._seen: set[tuple[Place, Place, Relationship]] = set()  # of the sets before
        self._mirrors = self._unrelated = self._strangers = 0

    def read(self, place: str, tree: Any) -> None:
        """Read one set."""
        form = formed(tree, SetForm, place, self._findings)
        if form is None:
            return
        ends = [_tail(form.source_framework_urn), _tail(form.target_framework_urn)]
        source, target = (self._names.framework(end) for end in ends)
        mappings = form.requirement_mappings
        checked = rows_of(mappings, MappingForm, f"{place} mappings", self._findings)
        here: set[tuple[Place, Place, Relationship]] = set()
        for where, one in checked:
            row = self._row(where, one, source, target)
            if row is None:
                continue
            back = row.reversed()
            if (back.source, back.target, back.relationship) in self._seen:
                self._mirrors += 1
                continue
            here.add((row.source, row.target, row.relationship))
            self.rows.append(row)
            self.places.append(where)
        self._seen |= here

    def _row(self, place: str, form: MappingForm, source: str, target: str) -> Row | None:
        relationship = RELATIONSHIPS.get(form.relationship)
        if relationship is None:
            self._unrelated += 1
            return None
        start = self._end(place, "source_requirement_urn", form.source_requirement_urn, source)
        end = self._end(place, "target_requirement_urn", form.target_requirement_urn, target)
        if start is None or end is None:
            return None
        ranked = form.strength_of_relationship
        ranked = form.stregth_of_relationship if ranked is None else ranked
        strength = UNRANKED if ranked is None else max(1, round(ranked))
        said = ". ".join(text for text in (form.rationale, form.annotation) if text)
        provenance = f"published: {self._library}; {said}" if said else ""
        note = "" if said else f"from {self._library}"
        make = partial(Row, start, end, relationship, strength, "published", provenance, "", note)
        return attempted(make, place, self._findings)

    def _end(self, place: str, field: str, urn: str, framework: str) -> Place | None:
        parts = urn.split(":")
        slug = self._names.framework(parts[-2]) if len(parts) > 2 else framework
        if self._names.is_known(slug) and folded(slug) != folded(framework):
            self._strangers += 1
        fields = {"framework": framework, "id": self._names.requirement(framework, parts[-1])}
        form = formed(fields, PlaceForm, f"{place}: {field}", self._findings)
        return None if form is None else (form.framework, form.id)

    def tell(self) -> None:
        """Warn of what was left out, and of what is odd."""
        told = (
            (self._mirrors, "say what a row before says the other way round: left out"),
            (self._unrelated, "say not_related: left out"),
            (self._strangers, "ends name another framework than their set: read as the set's"),
        )
        for count, what in told:
            if count:
                self._findings.warning("", "", f"{count} rows {what}".replace("rows ends", "ends"))
