"""Evidence that requirements are met, as CSV or XLSX: what it is, who recorded it, and when."""

from functools import partial
from pathlib import Path

from workbench.files.catalogues.checking import attempted, formed
from workbench.files.catalogues.frameworks import is_known, known_frameworks
from workbench.files.catalogues.tables import Columns, columns_csv, table_rows
from workbench.files.forms.fields import Day, Id, Name, Note, Strict
from workbench.files.messages import Findings
from workbench.files.opening import read_bytes
from workbench.frameworks.coverage import Record
from workbench.frameworks.requirement import Frameworks

COLUMNS = Columns(needed=("framework", "id", "evidence", "by", "day"), days=frozenset({"day"}))


class RecordForm(Strict):
    """One row."""

    framework: Id
    id: Id
    evidence: Note
    by: Name
    day: Day


def read_records(path: str | Path, frameworks: Frameworks | None = None) -> tuple[Record, ...]:
    """Read records of evidence; a requirement may have several.

    Parameters
    ----------
    frameworks : those that the ids are of; the shipped ones unless told

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    return _read(str(path), read_bytes(path, findings), frameworks, findings)


def parse_records(
    name: str, data: bytes, frameworks: Frameworks | None = None
) -> tuple[Record, ...]:
    """Read records of evidence from bytes that came by another way."""
    return _read(name, data, frameworks, Findings(name))


def _read(
    name: str, data: bytes, frameworks: Frameworks | None, findings: Findings
) -> tuple[Record, ...]:
    known = known_frameworks(frameworks)
    found = []
    for place, row in table_rows(name, data, COLUMNS, findings):
        form = formed(row, RecordForm, place, findings)
        if form is None:
            continue
        if not is_known(form.framework, form.id, known, place, findings):
            continue
        record = attempted(partial(_record, form, known), place, findings)
        if record is not None:
            found.append(record)
    findings.refuse_if_any()
    return tuple(found)


def _record(form: RecordForm, known: Frameworks) -> Record:
    return Record(known[form.framework].id, form.id, form.evidence, form.by, form.day)


def records_csv(records: tuple[Record, ...]) -> str:
    """Write records of evidence as CSV in which no cell is a live formula."""
    rows = ([getattr(one, name) for name in COLUMNS.all] for one in records)
    return columns_csv(COLUMNS, rows)
