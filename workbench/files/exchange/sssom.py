"""Crosswalks as SSSOM TSV: rows of SKOS predicates under a block of YAML in comments.

SKOS and the set theory of a crosswalk say the same in other words (SKOS Reference 8.1 and 10.1):
`A skos:broadMatch B` says that B is the broader one, so that A is a subset of B and meeting B meets
A; `A skos:narrowMatch B` says that A is the broader one, a superset: meeting A meets B. Exact is
equal, related and close are intersects. The rank of strength stands in `confidence` as a tenth of
itself, which is what that column can hold, and no probability.

What the columns of SSSOM have no place for stands in `other` as `key=value|key=value`. Rows of
others name their mapping set as provenance and keep their comment as note.
"""

import csv
import io
import json
import math
import re
import uuid
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, unquote

from pydantic import Field

from workbench.files.catalogues.checking import attempted, formed
from workbench.files.catalogues.frameworks import known_frameworks
from workbench.files.exchange.foreign import MOST_ROWS, Foreign, bytes_of
from workbench.files.exchange.naming import Imported, Names
from workbench.files.forms.fields import Id, Name, Note, Remark
from workbench.files.messages import Findings, echo
from workbench.files.neutralised import neutralised, restored
from workbench.files.numerals import number
from workbench.files.opening import decode
from workbench.files.tree import FOREIGN
from workbench.frameworks.crosswalk import BASES, Crosswalk, Place, Relationship, Row
from workbench.frameworks.requirement import Frameworks

COLUMNS = (
    "subject_id",
    "predicate_id",
    "object_id",
    "mapping_justification",
    "subject_source",
    "object_source",
    "confidence",
    "comment",
    "other",
)
NEEDED = ("subject_id", "predicate_id", "object_id", "mapping_justification")
PREDICATES: dict[Relationship, str] = {
    "equal": "skos:exactMatch",
    "subset": "skos:broadMatch",
    "superset": "skos:narrowMatch",
    "intersects": "skos:relatedMatch",
}
RELATIONSHIPS = {word: kind for kind, word in PREDICATES.items()} | {
    "skos:closeMatch": "intersects"
}
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_PREFIXES = {
    "skos": _SKOS,
    "semapv": "https://w3id.org/semapv/vocab/",
    "framework": "urn:workbench:framework:",
}
_JUSTIFIED = {"derived": "semapv:UnspecifiedMatching"}  # by a rule; the others by people
_BY_PEOPLE = "semapv:ManualMappingCuration"
UNSTATED = "https://w3id.org/sssom/license/unspecified"
_NOTHING = "sssom:NoTermFound"
_MARKS = re.compile(r"\\.|[^|\\]+|[|\\]", re.DOTALL)
MOST_COLUMNS = 200  # SSSOM has some sixty
UNRANKED = 5  # the strength of a row that nobody has ranked


def sssom_tsv(crosswalk: Crosswalk, *, title: str, licence: str = UNSTATED, day: str = "") -> str:
    """Write a crosswalk as SSSOM TSV; it reads back equal, and no cell of it is a live formula.

    Parameters
    ----------
    title : what the mapping set is called
    licence : the address of its licence
    day : when it was made, ISO 8601

    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in crosswalk.rows:
        writer.writerow([neutralised(cell) for cell in _cells(row)])
    table = out.getvalue()
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:workbench:sssom:{title}\n{table}").urn
    head = {"mapping_set_id": name, "mapping_set_title": title, "license": licence}
    lines = [f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in head.items()]
    lines += [f"mapping_date: {json.dumps(day)}"] if day else []
    lines += _curies(crosswalk)
    return "".join(f"# {line}\n" for line in lines) + table


def _curies(crosswalk: Crosswalk) -> list[str]:
    """Return what the prefixes stand for."""
    own = {name: f"urn:workbench:requirement:{name}:" for name in crosswalk.frameworks()}
    pairs = (_PREFIXES | own).items()
    return ["curie_map:", *(f"  {json.dumps(a)}: {json.dumps(b)}" for a, b in pairs)]


def _cells(row: Row) -> Iterable[str]:
    other = {"basis": row.basis, "second_rating": row.second_rating, "note": row.note}
    return (
        _curie(row.source),
        PREDICATES[row.relationship],
        _curie(row.target),
        _JUSTIFIED.get(row.basis, _BY_PEOPLE),
        f"framework:{row.source[0]}",
        f"framework:{row.target[0]}",
        str(row.strength / 10),
        row.provenance,
        "|".join(f"{key}={_escaped(text)}" for key, text in other.items() if text),
    )


def _curie(place: Place) -> str:
    return f"{place[0]}:{quote(place[1], safe='():.-_')}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


class SetForm(Foreign):
    """What the block above the table says of all rows."""

    mapping_set_id: Remark | None = None
    mapping_set_title: Remark | None = None
    mapping_provider: Remark | None = None
    subject_source: Remark | None = None
    object_source: Remark | None = None
    curie_map: dict[str, Any] | None = None


class MappingForm(Foreign):
    """One row; what is empty is left out."""

    subject_id: Name
    predicate_id: Name
    object_id: Name
    mapping_justification: Name
    predicate_modifier: Name = ""
    subject_source: Name = ""
    object_source: Name = ""
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    author_id: Name = ""
    author_label: Name = ""
    mapping_source: Name = ""
    comment: Note = ""
    other: Annotated[str, Field(max_length=3 * 4000)] = ""


class PlaceForm(Foreign):
    """One end of a row, as it is understood."""

    framework: Id
    id: Id


def read_sssom(path: str | Path, frameworks: Frameworks | None = None) -> Imported[Crosswalk]:
    """Read a mapping set; `value` is a Crosswalk.

    Rows that say 'not', or that nothing matches, are left out with a warning.

    Parameters
    ----------
    frameworks : those among which names and ids are looked up; the shipped ones unless told

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    return parse_sssom(str(path), bytes_of(path), frameworks)


def parse_sssom(
    name: str, data: bytes, frameworks: Frameworks | None = None
) -> Imported[Crosswalk]:
    """Read a mapping set from bytes that came by another way."""
    findings = Findings(name)
    known = Names(known_frameworks(frameworks))
    lines = decode(data, findings).split("\n")
    count = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    reader = _Reader(_set_of(lines[:count], findings), known, findings)
    rows = [
        (place, row)
        for place, cells in _records("\n".join(lines[count:]), count, findings)
        if (row := reader.row(place, cells)) is not None
    ]
    findings.refuse_if_any()
    reader.tell()
    crosswalk = Crosswalk(tuple(row for _, row in rows))
    return Imported(crosswalk, findings.warnings(), tuple(place for place, _ in rows))


def _set_of(lines: list[str], findings: Findings) -> SetForm:
    text = "\n".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)
    if not text.strip():
        return SetForm()
    from workbench.files.yaml_text import read_yaml  # a tenth of a second, for YAML only

    tree = read_yaml(text, findings, FOREIGN)
    form = formed({} if tree is None else tree, SetForm, "the block above", findings)
    findings.refuse_if_any()
    assert form is not None
    return form


def _records(text: str, before: int, findings: Findings) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the place and the cells of each row by name; N of 'row N' is the line of the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True)
    names: list[str] = []
    while True:
        place = f"row {before + reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise findings.refuse(place, "", f"the row cannot be split: {error}") from None
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = _checked_header(cells, place, findings)
        elif reader.line_num > MOST_ROWS:
            raise findings.refuse(place, "", f"is one too many, allowed {MOST_ROWS} rows")
        elif len(cells) == len(names):
            pairs = zip(names, map(restored, cells), strict=True)
            yield place, {name: cell for name, cell in pairs if cell.strip()}
        else:
            what = f"has {len(cells)} cells, the header has {len(names)}; separate them by tabs"
            findings.error(place, "", what)
    if not names:
        raise findings.refuse("", "", f"there is no header; it has {', '.join(NEEDED)}")


def _checked_header(cells: list[str], place: str, findings: Findings) -> list[str]:
    names = [cell.strip() for cell in cells]
    if len(names) > MOST_COLUMNS:
        what = f"the header has {len(names)} columns, allowed {MOST_COLUMNS}"
        raise findings.refuse(place, "", what)
    for name in NEEDED:
        if name not in names:
            findings.error(place, name, "the column is missing; columns are separated by tabs")
    for name in dict.fromkeys(name for name in names if name and names.count(name) > 1):
        findings.error(place, name, "the column stands in the header twice; keep one")
    findings.refuse_if_any()
    return names


class _Reader:
    """Reads the rows of one mapping set."""

    def __init__(self, head: SetForm, known: Names, findings: Findings) -> None:
        self._head = head
        self._known = known
        self._findings = findings
        self._denied = self._unmatched = self._close = 0
        expansions = (head.curie_map or {}).items()
        self._prefixes = {
            text: prefix for prefix, text in expansions if isinstance(text, str) and text
        }
        self._addresses = {prefix: text for text, prefix in self._prefixes.items()}
        said = (head.mapping_set_title, head.mapping_set_id, head.mapping_provider)
        self._set = ", ".join(text for text in said if text)

    def row(self, place: str, cells: dict[str, str]) -> Row | None:
        """Return a row, or None where it is faulty or says that nothing matches."""
        fields: dict[str, Any] = dict(cells)
        if "confidence" in cells:
            found = number(cells["confidence"].strip())
            fields["confidence"] = float(found) if isinstance(found, int) else found
            if found is None:
                fields["confidence"] = cells["confidence"]
        form = formed(fields, MappingForm, place, self._findings)
        if form is None:
            return None
        if form.predicate_modifier:
            self._denied += 1
            return None
        if _NOTHING in (form.subject_id, form.object_id):
            self._unmatched += 1
            return None
        predicate = form.predicate_id.replace(_SKOS, "skos:")
        relationship = RELATIONSHIPS.get(predicate)
        if relationship is None:
            what = (
                f"is not known, got {echo(form.predicate_id)}, allowed {', '.join(RELATIONSHIPS)}"
            )
            self._findings.error(place, "predicate_id", what)
            return None
        self._close += predicate == "skos:closeMatch"
        source = self._end(place, "subject", form.subject_id, form.subject_source)
        target = self._end(place, "object", form.object_id, form.object_source)
        if source is None or target is None:
            return None
        make = partial(self._made, form, predicate, relationship, (source, target))
        return attempted(make, place, self._findings)

    def _end(self, place: str, side: str, written: str, source: str) -> Place | None:
        """Return the framework and the id of one end."""
        source = source or getattr(self._head, f"{side}_source") or ""
        prefix, local = self._split(written)
        framework = self._framework(source or prefix)
        fields = {"framework": framework, "id": self._known.requirement(framework, local)}
        form = formed(fields, PlaceForm, f"{place}: {side}_id", self._findings)
        return None if form is None else (form.framework, form.id)

    def _framework(self, written: str) -> str:
        """Return the framework that a source or a prefix names, or what the map says it stands for.

        A prefix is a word of the file's own, so that the address behind it goes first.
        """
        own = self._known.framework(_last(written))
        meant = self._known.framework(_last(self._addresses.get(written, "")))
        return meant if self._known.is_known(meant) else own

    def _split(self, written: str) -> tuple[str, str]:
        """Return the prefix and the local part of a CURIE or an address, decoded."""
        for address, prefix in self._prefixes.items():
            if written.startswith(address):
                return prefix, unquote(written[len(address) :])
        if "//" in written:
            prefix, _, local = written.rstrip("/#").replace("#", "/").rpartition("/")
        else:
            prefix, colon, local = written.partition(":")
            prefix, local = (prefix, local) if colon else ("", written)
        return prefix, unquote(local)

    def _made(
        self,
        form: MappingForm,
        predicate: str,
        relationship: Relationship,
        ends: tuple[Place, Place],
    ) -> Row:
        strength = UNRANKED if form.confidence is None else strength_of(form.confidence)
        other = _pairs(form.other)
        if other.get("basis") in BASES:
            said = form.comment, other.get("second_rating", ""), other.get("note", "")
            return Row(*ends, relationship, strength, other["basis"], *said)
        source = [self._set, form.mapping_source, form.author_label or form.author_id]
        named = ", ".join(text for text in source if text)
        how = f"{predicate}, {form.mapping_justification}"
        provenance = f"published: {named}, {how}" if named else ""
        note = form.comment if named else f"{how}. {form.comment}".strip()
        return Row(*ends, relationship, strength, "published", provenance, "", note)

    def tell(self) -> None:
        """Warn of what was left out, or read as less than it says."""
        told = (
            (self._denied, "a predicate_modifier (such as Not)", "were left out"),
            (self._unmatched, "no match", "were left out"),
            (self._close, "skos:closeMatch", "are read as intersects"),
        )
        for count, what, how in told:
            if count:
                self._findings.warning("", "", f"{count} rows with {what} {how}")


def _last(address: str) -> str:
    """Return the last part of an address or a CURIE."""
    return re.split(r"[:/#]", address.rstrip(":/#"))[-1]


def strength_of(confidence: float) -> int:
    """Return the rank of a confidence from 0 to 1: its tenth, rounded half up, at least 1."""
    return min(10, max(1, math.floor(round(confidence * 10, 9) + 0.5)))


def _pairs(text: str) -> dict[str, str]:
    r"""Read `key=value|key=value`, in which `\|` and `\\` stand for themselves."""
    pieces = [""]
    for mark in _MARKS.findall(text):
        if mark == "|":
            pieces.append("")
        else:
            pieces[-1] += mark[1:] if mark[0] == "\\" else mark
    pairs = (piece.partition("=") for piece in pieces)
    return {key: value for key, equals, value in pairs if equals}
