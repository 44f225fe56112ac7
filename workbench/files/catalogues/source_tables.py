"""The tables of the source document, and what is right beside each row."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from workbench.files.catalogues.checking import headed, made_rows
from workbench.files.forms.fields import Day, Id, Name, Note, Strict
from workbench.files.messages import Findings
from workbench.frameworks.source_tables import Correction, SourceRow, SourceTables, Written
from workbench.resources import bundled


class WrittenForm(Strict):
    """An id as the document has it."""

    framework: Id
    id: Id
    label: Name


class CorrectionForm(Strict):
    """What is right."""

    of: Id
    framework: str
    ids: list[Id]
    basis: Name
    why: Note


class RowForm(Strict):
    """One row."""

    id: Id
    table: Name
    line: Annotated[int, Field(ge=1)]
    written: Annotated[list[WrittenForm], Field(min_length=1, max_length=10)]
    says: Note
    corrected: Annotated[list[CorrectionForm], Field(min_length=1, max_length=10)]
    notes: list[Id]


class TablesForm(Strict):
    """The file."""

    document: Note
    reviewed: Day
    rows: Annotated[list[Any], Field(min_length=1, max_length=1000)]


@cache
def shipped_source_tables() -> SourceTables:
    """Return the tables that ship with the workbench, read once."""
    return read_source_tables(bundled("datasets") / "source-tables" / "tables.json")


def read_source_tables(path: str | Path) -> SourceTables:
    """Read the tables of a document.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    form = headed(path, TablesForm, findings)
    rows = made_rows(form.rows, RowForm, _row, findings)
    findings.refuse_if_any()
    return SourceTables(form.document, tuple(rows))


def _row(form: RowForm) -> SourceRow:
    return SourceRow(
        form.id,
        form.table,
        form.line,
        tuple(Written(one.framework, one.id, one.label) for one in form.written),
        form.says,
        tuple(
            Correction(one.of, one.framework, tuple(one.ids), one.basis, one.why)
            for one in form.corrected
        ),
        tuple(form.notes),
    )
