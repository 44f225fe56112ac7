"""One column of a CSV file of data, as texts or as numbers: a sample to measure on."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import nearest
from workbench.files.csv_table import csv_records
from workbench.files.messages import Findings, echo
from workbench.files.neutralised import restored
from workbench.files.numerals import number
from workbench.files.opening import decode, kind_of, read_bytes
from workbench.files.tree import Unreadable

MOST_ROWS = 1_000_000


def read_categories(path: str | Path, column: str) -> tuple[str, ...]:
    """Read a column as texts; an empty cell is an empty text.

    Raises
    ------
    FileRefused
        for what is no CSV, a column that is not there once, and rows of another length.

    """
    findings = Findings(str(path))
    cells = [cell for _, cell in _column(path, column, findings)]
    findings.refuse_if_any()
    return tuple(cells)


def read_numbers(path: str | Path, column: str) -> NDArray[np.float64]:
    """Read a column as numbers, shape (n,); an empty cell is NaN.

    Raises
    ------
    FileRefused
        as `read_categories`, and for each cell that is no number.

    """
    findings = Findings(str(path))
    values = []
    for place, cell in _column(path, column, findings):
        found = number(cell) if cell else math.nan
        if isinstance(found, Unreadable):
            findings.error(place, column, f"{found.what}, got {echo(cell)}; {found.fix}")
        elif found is None:
            what = f"is no number, got {echo(cell)}; count it as categories, or mend the cell"
            findings.error(place, column, what)
        else:
            values.append(float(found))
    findings.refuse_if_any()
    return np.asarray(values, dtype=float)


def _column(path: str | Path, column: str, findings: Findings) -> list[tuple[str, str]]:
    """Return the place and the text of each cell of a column."""
    data = read_bytes(path, findings)
    if kind_of(str(path), data, findings) != "csv":
        raise findings.refuse("", "", "a sample is a column of a CSV file; export it as CSV")
    records = csv_records(decode(data, findings), findings)
    _, header = next(records, (1, []))
    names = [name.strip() for name in header]
    if names.count(column) != 1:
        raise findings.refuse("row 1", column, _not_once(column, names))
    at, cells = names.index(column), []
    for line, row in records:
        if len(row) == len(names):
            cells.append((f"row {line}", restored(row[at]).strip()))
        elif row:
            what = f"has {len(row)} cells, the header has {len(names)}"
            findings.error(f"row {line}", "", what)
        if len(cells) > MOST_ROWS:
            raise findings.refuse(f"row {line}", "", f"is one too many, allowed {MOST_ROWS} rows")
    if not cells:
        findings.error("", column, "there is no row below the header; a sample needs some")
    return cells


def _not_once(column: str, names: list[str]) -> str:
    """Say how a column fails to be there; of what the file says only what is near to it."""
    if column in names:
        return "stands in the header twice; name each column once"
    near = nearest(column, names, 1)
    fix = f"did you mean {echo(near[0])}?" if near else "its first line names the columns"
    return f"is none of the {len(names)} columns of the header; {fix}"
