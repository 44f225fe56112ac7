"""The readiness table: how far each requirement is, as CSV, XLSX, YAML or JSON; and back as tables.

In YAML and JSON it is a list of rows, or a mapping with that list under `standings`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.errors import require
from workbench.files.catalogues.checking import attempted, formed, parsed, placed
from workbench.files.catalogues.frameworks import is_known, known_frameworks
from workbench.files.catalogues.tables import Columns, table_rows
from workbench.files.forms.fields import Id, Remark, Strict
from workbench.files.messages import Findings, echo
from workbench.files.opening import kind_of, read_bytes
from workbench.files.saving import save, save_bytes
from workbench.files.writing import table_csv
from workbench.files.xlsx_writing import workbook
from workbench.frameworks.readiness import Readiness, Standing
from workbench.frameworks.requirement import Frameworks

COLUMNS = Columns(
    needed=("framework", "id", "status"),
    more=("maturity", "target", "owner", "due", "evidence", "justification"),
    numbers=frozenset({"maturity", "target"}),
    days=frozenset({"due"}),
)
MOST_STANDINGS = 10_000


Level = Annotated[int, Field(ge=0, le=5)]


class StandingForm(Strict):
    """One row."""

    framework: Id
    id: Id
    status: Literal["met", "in part", "open", "not applicable"]
    maturity: Level | None = None
    target: Level | None = None
    owner: Remark = ""
    due: Remark = ""
    evidence: Remark = ""
    justification: Remark = ""


@dataclass(frozen=True, slots=True)
class LoadedReadiness:
    """A readiness that passed the gate, and what a reader of the file should know."""

    readiness: Readiness
    warnings: tuple[str, ...] = ()


def read_readiness(path: str | Path, frameworks: Frameworks | None = None) -> LoadedReadiness:
    """Read a readiness table.

    Parameters
    ----------
    frameworks : those that its ids are of; the shipped ones unless told

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    return _read(str(path), read_bytes(path, findings := Findings(str(path))), frameworks, findings)


def parse_readiness(
    name: str, data: bytes, frameworks: Frameworks | None = None
) -> LoadedReadiness:
    """Read a readiness table from bytes that came by another way; `name` is the file's name."""
    return _read(name, data, frameworks, Findings(name))


def _read(
    name: str, data: bytes, frameworks: Frameworks | None, findings: Findings
) -> LoadedReadiness:
    known = known_frameworks(frameworks)
    seen: dict[tuple[str, str], str] = {}
    found = []
    for place, row in _rows(name, data, findings):
        form = formed(row, StandingForm, place, findings)
        if form is None or not is_known(form.framework, form.id, known, place, findings):
            continue
        standing = attempted(partial(_standing, form, known), place, findings)
        if standing is None:
            continue
        first = seen.setdefault((standing.framework, standing.id), place)
        if first is not place:
            what = f"stands in {first.partition(' (')[0]}, too, got {echo(standing.id)}; keep one"
            findings.error(place, "id", what)
        found.append(standing)
    findings.refuse_if_any()
    if not found:
        raise findings.refuse("", "", "the table has no row below its header")
    return LoadedReadiness(Readiness(known, tuple(found)), findings.warnings())


def _rows(name: str, data: bytes, findings: Findings) -> Iterator[tuple[str, Any]]:
    if kind_of(name, data, findings) in ("csv", "xlsx"):
        return table_rows(name, data, COLUMNS, findings)
    tree = parsed(name, data, findings)
    rows = tree.get("standings") if isinstance(tree, dict) and len(tree) == 1 else tree
    if not isinstance(rows, list):
        what = "a readiness is a list of rows, or a mapping with that list under standings"
        raise findings.refuse("", "", what)
    if len(rows) > MOST_STANDINGS:
        raise findings.refuse("", "", f"has {len(rows)} rows, allowed {MOST_STANDINGS}")
    return placed(rows)


def _standing(form: StandingForm, known: Frameworks) -> Standing:
    fields = form.model_dump()
    return Standing(**(fields | {"framework": known[form.framework].id}))


def _cells(readiness: Readiness) -> list[list[str | int | None]]:
    return [[getattr(one, name) for name in COLUMNS.all] for one in readiness.standings]


def readiness_csv(readiness: Readiness) -> str:
    """Write a readiness as CSV in which no cell is a live formula; it reads back equal."""
    return table_csv(COLUMNS.all, _cells(readiness))


def readiness_xlsx(readiness: Readiness) -> bytes:
    """Write a readiness as a workbook of one sheet; it reads back equal."""
    return workbook("Readiness", COLUMNS.all, _cells(readiness))


def write_readiness(readiness: Readiness, path: str | Path) -> None:
    """Write a readiness to a .csv or .xlsx file, whole or not at all.

    Raises
    ------
    WorkbenchError
        for another type of file, and where writing fails.

    """
    suffix = Path(path).suffix.lower()
    require(
        suffix in (".csv", ".xlsx"),
        "a readiness is written as .csv or .xlsx",
        got=suffix,
        fix="Choose one of these.",
    )
    if suffix == ".csv":
        save(path, readiness_csv(readiness))
    else:
        save_bytes(path, readiness_xlsx(readiness))
