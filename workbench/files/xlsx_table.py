"""The scenario table of a workbook: which sheet is read, and its rows as a CSV table's."""

from collections.abc import Iterator
from typing import Any

from workbench.files.columns import COLUMNS, TEXTS, column_names, is_header
from workbench.files.forms.fields import MOST_SCENARIOS
from workbench.files.messages import Findings, echo
from workbench.files.numerals import number
from workbench.files.tree import Unreadable
from workbench.files.xlsx_archive import Archive
from workbench.files.xlsx_book import Book, Sheet, read_book
from workbench.files.xlsx_sheet import SheetListener, SheetRow, Value
from workbench.files.xlsx_xml import XmlReader

MOST_TOLD = 10  # sheets, rows or columns that one warning names
MOST_LOOKED_AT = 50  # sheets in which another table is looked for


def read_xlsx(data: bytes, findings: Findings) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of the scenario table in the first visible sheet; N is the sheet's own row.

    The header is row 1. Other sheets are named in a warning. Cells that hold a number are numbers,
    and nothing else is.

    Raises
    ------
    FileRefused
        for a file that is no sound workbook, a faulty header, and two sheets with a table.

    """
    reader = XmlReader(Archive(data, findings), findings)
    book = read_book(reader)
    sheet = _chosen(reader, book, findings)
    listener = SheetListener(book, findings)
    table = _Table(sheet, listener, findings)
    for _ in reader.steps(sheet.part, listener):
        yield from table.rows()
        if table.is_full:
            return
    table.end()


def _chosen(reader: XmlReader, book: Book, findings: Findings) -> Sheet:
    """Take the first visible sheet; refuse another with a table, and name all others."""
    visible = [sheet for sheet in book.sheets if sheet.is_visible]
    first = visible[0]
    tables = [
        sheet.name for sheet in visible[:MOST_LOOKED_AT] if _has_header(reader, book, sheet)
    ] if len(visible) > 1 else []  # fmt: skip
    if len(tables) > 1:
        what = f"more than one sheet holds a scenario table: {_listed(tables)}"
        raise findings.refuse("", "", f"{what}; keep one in the file")
    if tables and tables[0] != first.name:
        what = f"the scenario table stands in sheet {echo(tables[0])}, and {echo(first.name)} comes"
        raise findings.refuse("", "", f"{what} first; move the sheet to the front")
    for is_visible, words in ((True, "not read"), (False, "hidden and not read")):
        others = [s.name for s in book.sheets if s.is_visible is is_visible and s is not first]
        if others:
            many = "sheets are" if len(others) > 1 else "sheet is"
            findings.warning("", "", f"{len(others)} other {many} {words}: {_listed(others)}")
    return first


def _has_header(reader: XmlReader, book: Book, sheet: Sheet) -> bool:
    listener = SheetListener(book, reader.findings, most=1)
    reader.read(sheet.part, listener)
    cells = listener.rows[0].cells.values() if listener.rows else ()
    return is_header([cell.strip().lower() for cell in cells if isinstance(cell, str)])


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_TOLD} more" if len(names) > MOST_TOLD else ""
    return ", ".join(echo(name) for name in names[:MOST_TOLD]) + more


class _Table:
    """The rows of one sheet, checked as they come."""

    def __init__(self, sheet: Sheet, listener: SheetListener, findings: Findings) -> None:
        self.is_full = False
        self._sheet = sheet
        self._listener = listener
        self._findings = findings
        self._names: list[str] = []
        self._last = 0  # row of the sheet
        self._count = 0
        self._hidden: list[int] = []

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the rows that have been read since the last call."""
        found, self._listener.rows = self._listener.rows, []
        for row in found:
            filled = {c: v for c, v in row.cells.items() if not _is_blank(v)}
            if not filled:
                continue
            if not self._names:
                self._begin(row.number, filled)
                continue
            self._tell_gap(row.number)
            self._count += 1
            if self._count > MOST_SCENARIOS:
                what = f"is one too many, allowed {MOST_SCENARIOS} scenarios"
                self._findings.error(f"row {row.number}", "", what)
                self.is_full = True
                return
            if row.is_hidden:
                self._hidden.append(row.number)
            yield from self._row(row, filled)

    def _begin(self, line: int, cells: dict[int, Value]) -> None:
        """Take the header."""
        place = f"row {line}"
        if line > 1:
            what = f"the header stands in row 1, got row {line} of sheet {echo(self._sheet.name)}"
            raise self._findings.refuse(place, "", f"{what}; remove the rows above the table")
        for column, value in cells.items():
            if not isinstance(value, str):
                text = value.text if isinstance(value, Unreadable) else value
                what = f"column {column} of the header is no text, got {echo(text)}"
                self._findings.error(place, "", what)
        self._findings.refuse_if_any()
        names = [str(cells.get(column, "")) for column in range(1, max(cells) + 1)]
        self._names = column_names(names, line, self._findings)
        self._last = line

    def _tell_gap(self, row: int) -> None:
        first, last = self._last + 1, row - 1
        if first == last:
            self._findings.warning(f"row {first}", "", "the row is blank and was left out")
        elif first < last:
            what = f"blank up to row {last}; the rows were left out"
            self._findings.warning(f"row {first}", "", what)
        self._last = row

    def _row(self, row: SheetRow, cells: dict[int, Value]) -> Iterator[tuple[str, dict[str, Any]]]:
        place, names = f"row {row.number}", self._names
        beyond = [column for column in cells if column > len(names)]
        if beyond:
            what = f"column {beyond[0]} has no name in the header, got {_shown(cells[beyond[0]])}"
            self._findings.error(place, "", f"{what}; remove the cell")
        elif [str(cells.get(c, "")).strip().lower() for c in range(1, len(names) + 1)] == names:
            self._findings.error(place, "", "the header line is repeated; remove it")
        else:
            pairs = {name: row.cells.get(c, "") for c, name in enumerate(names, 1)}
            yield (
                place,
                {n: _cell(n, v) for n, v in pairs.items() if n in TEXTS or not _is_blank(v)},
            )

    def end(self) -> None:
        """Say what concerns the sheet as a whole, once all of it is read."""
        findings, listener = self._findings, self._listener
        if not self._names:
            what = f"sheet {echo(self._sheet.name)} is empty; its row 1 holds the columns' names"
            raise findings.refuse("", "", f"{what}: {', '.join(COLUMNS)}")
        for area in listener.merged:
            if area.first_column <= len(self._names) and area.first_row <= self._last:
                name = self._names[area.first_column - 1]
                what = f"the cells {echo(area.text)} are merged; unmerge them and fill every cell"
                findings.error(f"row {area.first_row}", name, what)
        hidden = [
            name
            for column, name in enumerate(self._names, 1)
            if any(low <= column <= high for low, high in listener.hidden_columns)
        ]
        if self._hidden:
            what = f"hidden rows are read as well: {_listed([str(row) for row in self._hidden])}"
            findings.warning("", "", what)
        if hidden:
            findings.warning("", "", f"hidden columns are read as well: {_listed(hidden)}")


def _is_blank(value: Value) -> bool:
    return isinstance(value, str) and not value.strip()


def _shown(value: Value) -> str:
    return echo(value.text if isinstance(value, Unreadable) else value)


def _cell(name: str, value: Value) -> Any:
    """A text in a column of numbers stays a text; one that looks like a number is told apart."""
    if name in TEXTS:
        if isinstance(value, int | float):
            fix = "format the cell as text and write it again"
            return Unreadable(f"{value:.15g}", "is a number, not text", fix, never_text=True)
        return value
    if isinstance(value, str) and isinstance(number(value.strip()), int | float):
        fix = "convert the cell to a number"
        return Unreadable(value, "is text that looks like a number", fix, never_text=True)
    return value
