"""Crosswalks as CSV or XLSX: one row for each pair of requirements, below a header."""

from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Annotated

from pydantic import Field

from workbench.errors import WorkbenchError, require
from workbench.files.catalogues.checking import attempted, formed
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.tables import Columns, columns_csv, table_rows
from workbench.files.forms.fields import Id, Name, Note, Strict
from workbench.files.messages import FileRefused, Findings
from workbench.files.opening import read_bytes
from workbench.files.saving import save
from workbench.frameworks.crosswalk import Crosswalk, Relationship, Row
from workbench.resources import bundled

COLUMNS = Columns(
    needed=(
        "source_framework",
        "source_id",
        "target_framework",
        "target_id",
        "relationship",
        "strength",
        "basis",
        "provenance",
    ),
    more=("second_rating", "note"),
    numbers=frozenset({"strength"}),
)


@dataclass(frozen=True, slots=True)
class LoadedCrosswalk:
    """A crosswalk that passed the gate, and what a reader of the file should know."""

    crosswalk: Crosswalk
    warnings: tuple[str, ...] = ()
    places: tuple[str, ...] = ()  # where each row stands in the file: 'row 2' is the first one


class RowForm(Strict):
    """One row."""

    source_framework: Id
    source_id: Id
    target_framework: Id
    target_id: Id
    relationship: Relationship
    strength: Annotated[int, Field(ge=1, le=10)]
    basis: Name
    provenance: Note
    second_rating: str = ""
    note: str = ""


def shipped_crosswalk() -> Crosswalk:
    """Return the crosswalk that ships with the workbench, read once."""
    return _read_once(bundled("datasets") / "crosswalk" / "rows.csv")


@cache
def _read_once(path: Path) -> Crosswalk:
    return replace(read_crosswalk(path), names=shipped_frameworks().names())


def read_crosswalk(path: str | Path) -> Crosswalk:
    """Read a crosswalk; whether its ids are known is a question for `lint`.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    return _read(str(path), read_bytes(path, findings), findings).crosswalk


def parse_crosswalk(name: str, data: bytes) -> LoadedCrosswalk:
    """Read a crosswalk from bytes that came by another way; `name` is the file's name."""
    return _read(name, data, Findings(name))


def _read(name: str, data: bytes, findings: Findings) -> LoadedCrosswalk:
    rows, places = [], []
    for place, cells in table_rows(name, data, COLUMNS, findings):
        form = formed(cells, RowForm, place, findings)
        row = None if form is None else attempted(partial(_row, form), place, findings)
        if row is not None:
            rows.append(row)
            places.append(place)
    findings.refuse_if_any()
    return LoadedCrosswalk(Crosswalk(tuple(rows)), findings.warnings(), tuple(places))


def _row(form: RowForm) -> Row:
    return Row(
        (form.source_framework, form.source_id),
        (form.target_framework, form.target_id),
        form.relationship,
        form.strength,
        form.basis,
        form.provenance,
        form.second_rating,
        form.note,
    )


def crosswalk_csv(crosswalk: Crosswalk) -> str:
    """Write a crosswalk as CSV in which no cell is a live formula; it reads back equal.

    Raises
    ------
    WorkbenchError
        for a row that could not be read back, such as one without provenance.

    """
    text = columns_csv(COLUMNS, (_cells(row) for row in crosswalk.rows))
    try:
        back = parse_crosswalk("crosswalk.csv", text.encode("utf-8", "replace")).crosswalk
    except FileRefused as error:
        first = error.messages[0]
        raise WorkbenchError(f"a crosswalk holds what the gate reads back; {first}") from None
    require(back == crosswalk, "a crosswalk reads back equal", got="another", fix="Report this.")
    return text


def write_crosswalk(crosswalk: Crosswalk, path: str | Path) -> None:
    """Write a crosswalk to a CSV file, whole or not at all.

    Raises
    ------
    WorkbenchError
        as `crosswalk_csv` does, and where writing fails.

    """
    save(path, crosswalk_csv(crosswalk))


def _cells(row: Row) -> list[str | int]:
    head: list[str | int] = [*row.source, *row.target, row.relationship, row.strength]
    return [*head, row.basis, row.provenance, row.second_rating, row.note]
