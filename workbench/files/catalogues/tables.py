"""Tables of named columns, in CSV and in XLSX: the header first, then the shape of every row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from workbench.errors import nearest
from workbench.files.csv_table import csv_records
from workbench.files.messages import Findings, echo, glimpse
from workbench.files.neutralised import restored
from workbench.files.numerals import number
from workbench.files.opening import LARGEST_FILE, decode, kind_of
from workbench.files.tree import Unreadable
from workbench.files.writing import table_csv
from workbench.models.scenario import is_day

MOST_ROWS = 100_000
_APART = {";": "semicolons", "\t": "tabs"}
MOST_COLUMNS = 100
MOST_BLANK = 50  # blank rows that are told
Row = tuple[str, dict[str, Any]]  # where it stands ('row 3'), and its cells that hold something


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a kind of table; they may stand in any order."""

    needed: tuple[str, ...]
    more: tuple[str, ...] = ()  # may be absent
    numbers: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()  # texts, which a workbook may hold as dates

    @property
    def all(self) -> tuple[str, ...]:
        """Every column, in the order in which they are written."""
        return (*self.needed, *self.more)

    def names(self, cells: list[str], place: str, findings: Findings) -> list[str]:
        """Return a header's names in lower case.

        Raises
        ------
        FileRefused
            with every column that is missing, unknown, twice there or without a name.

        """
        names = [cell.strip().lower() for cell in cells]
        while names and not names[-1]:
            names.pop()
        if not set(names) & set(self.needed):
            apart = next((words for mark, words in _APART.items() if mark in cells[0]), "")
            told = echo(",".join(cells)) if len(cells) > 1 else glimpse(cells[0])
            what = f"there is no header line, got {told}"
            fix = f"separate the columns by commas, not {apart}" if apart else "the columns are "
            columns = "" if apart else ", ".join(self.all)
            raise findings.refuse(place, "", f"{what}; {fix}{columns}")
        if len(names) > MOST_COLUMNS:
            what = f"has {len(names)} columns; the columns are {', '.join(self.all)}"
            raise findings.refuse(place, "", what)
        missing = [name for name in self.needed if name not in names]
        for column, name in enumerate(names, 1):
            if not name:
                findings.error(place, "", f"column {column} has no name; remove it")
            elif name not in self.all:
                near = nearest(name, missing or self.all, 1)
                fix = f"did you mean {near[0]!r}?" if near else f"allowed {', '.join(self.all)}"
                findings.error(place, name, f"is not a known column, {fix}")
            elif name in names[: column - 1]:
                findings.error(place, name, "the column stands in the header twice; keep one")
        for name in missing:
            findings.error(place, name, "the column is missing")
        findings.refuse_if_any()
        return names


def table_rows(name: str, data: bytes, columns: Columns, findings: Findings) -> Iterator[Row]:
    """Yield the rows of a CSV or XLSX file; N of 'row N' is the line or the sheet's own row.

    Raises
    ------
    FileRefused
        for another kind of file, a faulty header, and what cannot be split into rows.

    """
    kind = kind_of(name, data, findings)
    if len(data) > LARGEST_FILE:
        raise findings.refuse("", "", f"the file is too large, allowed {LARGEST_FILE >> 20} MiB")
    if kind == "xlsx":
        from workbench.files.xlsx_named import xlsx_rows  # its parsers, for XLSX only

        lines = xlsx_rows(data, findings)
    elif kind == "csv":
        lines = _csv_rows(decode(data, findings), findings)
    else:
        raise findings.refuse("", "", "this is no table; write it as CSV or XLSX")
    return _named(lines, columns, findings)


def _csv_rows(text: str, findings: Findings) -> Iterator[tuple[int, dict[int, Any]]]:
    """Yield the line and the cells of each row by their place, counted from 1."""
    size = 0
    for line, cells in csv_records(text, findings):
        place = f"row {line}"
        if size and cells and len(cells) != size:
            what = f"has {len(cells)} cells, the header has {size}"
            findings.error(place, "", f"{what}; put a text that holds a comma in quotes")
            continue
        size = size or len(cells)
        yield line, {column: restored(cell) for column, cell in enumerate(cells, 1)}


def _named(
    lines: Iterator[tuple[int, dict[int, Any]]], columns: Columns, findings: Findings
) -> Iterator[Row]:
    """Yield each row by the names of its columns; the first that holds something is the header."""
    names: list[str] = []
    count = blank = 0
    for line, cells in lines:
        place = f"row {line}"
        filled = {c: v for c, v in cells.items() if not (isinstance(v, str) and not v.strip())}
        if not names and filled:
            texts = [str(cells.get(column, "")) for column in range(1, max(filled) + 1)]
            names = columns.names(texts, place, findings)
        elif not filled:
            blank += 1
            if names and blank <= MOST_BLANK:
                findings.warning(place, "", "the row is blank and was left out")
        elif beyond := [column for column in filled if column > len(names)]:
            what = f"column {beyond[0]} has no name in the header, got {echo(filled[beyond[0]])}"
            findings.error(place, "", f"{what}; remove the cell")
        elif (count := count + 1) > MOST_ROWS:
            raise findings.refuse(place, "", f"is one too many, allowed {MOST_ROWS} rows")
        else:
            yield (
                place,
                {n: _cell(n, filled[c], columns) for c, n in enumerate(names, 1) if c in filled},
            )
    if not names:
        what = f"the table is empty; its columns are {', '.join(columns.all)}"
        raise findings.refuse("", "", what)


def _cell(name: str, value: Any, columns: Columns) -> Any:
    """Return a number where the column holds numbers and the cell is one; a text elsewhere."""
    if name in columns.numbers:
        found = number(value.strip()) if isinstance(value, str) else value
        return value if found is None else found
    if name in columns.days and isinstance(value, Unreadable) and is_day(value.text):
        return value.text
    if isinstance(value, int | float):
        fix = "format the cell as text and write it again"
        return Unreadable(f"{value:.15g}", "is a number, not text", fix, never_text=True)
    return value


def columns_csv(columns: Columns, rows: Iterable[Iterable[str | int | None]]) -> str:
    """Write a table as CSV that reads back equal, in which no cell is a live formula."""
    return table_csv(columns.all, rows)
