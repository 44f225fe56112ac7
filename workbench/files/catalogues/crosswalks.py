"""Crosswalks as CSV: one row for each pair of requirements, its header first."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Annotated

from pydantic import Field

from workbench.errors import WorkbenchError, require
from workbench.files.catalogues.checking import attempted, formed
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.forms.fields import Id, Name, Note, Strict
from workbench.files.messages import FileRefused, Findings, echo
from workbench.files.neutralised import neutralised, restored
from workbench.files.opening import decode, read_bytes
from workbench.files.saving import save
from workbench.files.writing import table_csv
from workbench.frameworks.crosswalk import Crosswalk, Relationship, Row
from workbench.resources import bundled

COLUMNS = (
    "source_framework",
    "source_id",
    "target_framework",
    "target_id",
    "relationship",
    "strength",
    "basis",
    "provenance",
    "second_rating",
    "note",
)
MOST_ROWS = 100_000


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
    second_rating: str
    note: str


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
    return crosswalk_of(decode(read_bytes(path, findings), findings), findings)


def parse_crosswalk(name: str, data: bytes) -> Crosswalk:
    """Read a crosswalk from bytes that came by another way."""
    findings = Findings(name)
    return crosswalk_of(decode(data, findings), findings)


def crosswalk_of(text: str, findings: Findings) -> Crosswalk:
    """Read the text of a crosswalk in CSV."""
    rows = []
    for place, cells in _records(text, findings):
        number = cells["strength"]
        fields: dict[str, object] = dict(cells)
        if number.isascii() and number.isdigit() and len(number) < 4:
            fields["strength"] = int(number)
        form = formed(fields, RowForm, place, findings)
        row = None if form is None else attempted(partial(_row, form), place, findings)
        if row is not None:
            rows.append(row)
    findings.refuse_if_any()
    return Crosswalk(tuple(rows))


def _records(text: str, findings: Findings) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the place and the cells of each row; N of 'row N' is the line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = True
    count = 0
    while True:
        place = f"row {reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise findings.refuse(place, "", f"the row cannot be split: {error}") from None
        if header:
            if tuple(cells) != COLUMNS:
                what = f"the header is {echo(','.join(cells))}, allowed {','.join(COLUMNS)}"
                raise findings.refuse(place, "", what)
            header = False
        elif any(cell.strip() for cell in cells):
            count += 1
            if count > MOST_ROWS:
                raise findings.refuse(place, "", f"is one too many, allowed {MOST_ROWS} rows")
            if len(cells) == len(COLUMNS):
                yield place, dict(zip(COLUMNS, map(restored, cells), strict=True))
            else:
                what = f"has {len(cells)} cells, the header has {len(COLUMNS)}"
                findings.error(place, "", what)


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
    text = table_csv(COLUMNS, (_cells(row) for row in crosswalk.rows))
    try:
        back = crosswalk_of(text, Findings("crosswalk.csv"))
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
    texts = (*row.source, *row.target, row.relationship, row.basis, row.provenance)
    one, its_id, other, other_id, relationship, basis, provenance = map(neutralised, texts)
    head: list[str | int] = [one, its_id, other, other_id, relationship, row.strength]
    return [*head, basis, provenance, neutralised(row.second_rating), neutralised(row.note)]
