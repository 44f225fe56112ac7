"""The cells of a sheet, strictly: no formula's stored result, no date, no error is a value."""

import functools
import re
import string
from dataclasses import dataclass

from workbench.files.columns import MOST_COLUMNS
from workbench.files.messages import FileRefused, Findings, echo
from workbench.files.numerals import number
from workbench.files.tree import Unreadable
from workbench.files.xlsx_book import LONGEST_TEXT, Book, text_of
from workbench.files.xlsx_xml import Attributes, Enough

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MOST_MERGED = 1000  # areas that are kept
LARGEST_EXACT = 2**53  # up to here, a whole number and a spreadsheet's double are the same
SHOWN_AS_DATE = "is shown as a date or a time"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_LETTERS = frozenset(string.ascii_uppercase)
_SAVE = "save it again from a spreadsheet program"
Value = str | int | float | Unreadable


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that holds something."""

    number: int  # from 1, as the sheet shows it
    cells: dict[int, Value]  # by column from 1; those beyond MOST_COLUMNS only if they hold much
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Area:
    """A block of cells; rows and columns from 1, both ends included."""

    first_column: int
    first_row: int
    last_column: int
    last_row: int
    text: str  # as the sheet writes it, 'F3:F5'


class SheetListener:
    """Collects the rows of worksheet/sheetData in `rows`, and afterwards what is merged."""

    def __init__(self, book: Book, findings: Findings, *, most: int | None = None) -> None:
        self.rows: list[SheetRow] = []
        self.merged: list[Area] = []
        self.hidden_columns: list[tuple[int, int]] = []
        self._texts = book.texts
        self._are_dates = {str(style): is_date for style, is_date in enumerate(book.are_dates)}
        self._findings = findings
        self._most = most  # rows that are enough
        self._row = 0
        self._row_text = "0"
        self._column = 0
        self._is_hidden = False
        self._cells: dict[int, Value] | None = None
        self._type = "n"
        self._style = ""
        self._parts: dict[str, list[str]] = {}  # the texts of v, f and t of one cell
        self._into: list[str] | None = None
        self._hints = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name in ("v", "f", "t"):
            if self._cells is not None and not self._hints:
                if name != "t" and name in self._parts:
                    raise self._broken("second value", name)
                self._into = self._parts.setdefault(name, [])
        elif name == "row":
            self._begin_row(attributes)
        elif name == "rPh":
            self._hints += 1
        elif name == "mergeCell" and len(self.merged) < MOST_MERGED:
            self.merged.append(self._area(attributes.get("ref") or ""))
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            low, high = attributes.get("min") or "", attributes.get("max") or ""
            if _is_index(low, LAST_COLUMN) and _is_index(high, LAST_COLUMN):
                self.hidden_columns.append((int(low), int(high)))

    def text(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)

    def end(self, name: str) -> None:
        if name in ("v", "f", "t"):
            self._into = None
        elif name == "c":
            if self._cells is not None:
                self._end_cell(self._cells)
        elif name == "rPh":
            self._hints -= 1
        elif name == "row" and self._cells is not None:
            if self._cells:
                self.rows.append(SheetRow(self._row, self._cells, self._is_hidden))
            self._cells = None
            if self._most is not None and len(self.rows) >= self._most:
                raise Enough

    def _begin_row(self, attributes: Attributes) -> None:
        stated = attributes.get("r")
        row = self._row + 1
        if stated is not None:
            row = int(stated) if _is_index(stated, LAST_ROW) else 0
        if self._cells is not None or not self._row < row <= LAST_ROW:
            raise self._broken("row", stated or "one too many")
        self._row, self._row_text, self._column, self._cells = row, str(row), 0, {}
        self._is_hidden = attributes.get("hidden") in ("1", "true")

    def _begin_cell(self, attributes: Attributes) -> None:
        if self._cells is None:
            return  # a cell of something else, outside the rows
        stated = attributes.get("r")
        column = self._column + 1
        if stated is not None:
            letters = stated.rstrip("0123456789")
            column = column_of(letters) if stated[len(letters) :] == self._row_text else 0
        if not self._column < column <= LAST_COLUMN:
            raise self._broken("cell", stated or "one too many")
        self._column = column
        self._type = attributes.get("t") or "n"
        self._style = attributes.get("s") or "0"
        self._parts = {}

    def _broken(self, what: str, got: str) -> FileRefused:
        place = f"row {max(1, self._row)}"
        said = f"a {what} of the sheet stands out of its order, got {echo(got)}; {_SAVE}"
        return self._findings.refuse(place, "", said)

    def _area(self, reference: str) -> Area:
        first, colon, last = reference.partition(":")
        one, other = split_reference(first), split_reference(last if colon else first)
        if one is None or other is None:
            what = f"a merged block of the sheet cannot be read, got {echo(reference)}; {_SAVE}"
            raise self._findings.refuse("", "", what)
        low, high = tuple(map(min, one, other)), tuple(map(max, one, other))
        return Area(low[0], low[1], high[0], high[1], reference)

    def _end_cell(self, cells: dict[int, Value]) -> None:
        value = self._value()
        if value == "" or (self._column > MOST_COLUMNS and len(cells) > MOST_COLUMNS):
            return
        cells[self._column] = value

    def _value(self) -> Value:
        """Return the value of the cell that ends; an empty text where it holds none."""
        parts, kind = self._parts, self._type
        if "f" in parts:
            formula = "=" + "".join(parts["f"])
            what = "is a formula, whose stored result is not trusted"
            return _never(formula, what, "copy the cells and paste them as values")
        if kind == "inlineStr":
            return _text(text_of(parts.get("t", [])))
        raw = "".join(parts.get("v", ()))
        if kind == "n":
            return self._number(raw.strip()) if raw else ""
        if kind == "s":
            index, texts = raw.strip(), self._texts
            if _is_index(index, len(texts) - 1, low=0):
                return _text(texts[int(index)])
            return _never(raw, "points to a text that the workbook does not hold", _SAVE)
        if kind == "str":
            return _text(text_of([raw]))
        return _odd(kind, raw) if raw or kind not in ("b", "e", "d") else ""

    def _number(self, raw: str) -> Value:
        found = number(raw)
        if found is None:
            return _never(raw, "is not a number, though the cell is one of numbers", _SAVE)
        if isinstance(found, Unreadable):
            return _never(raw, found.what, found.fix)
        is_date = self._are_dates.get(self._style)
        if is_date is None:
            what = f"has the cell style {echo(self._style)}, which the workbook does not hold"
            return _never(raw, what, _SAVE)
        if is_date:
            return _never(raw, SHOWN_AS_DATE, "format the cell as a number")
        is_whole = isinstance(found, float) and found.is_integer() and abs(found) < LARGEST_EXACT
        return int(found) if is_whole else found  # a spreadsheet knows one kind of number


def _never(text: str, what: str, fix: str) -> Unreadable:
    return Unreadable(text, what, fix, never_text=True)


def _odd(kind: str, raw: str) -> Unreadable:
    """A cell of a type that is neither number nor text."""
    if kind == "b":
        return _never("TRUE" if raw.strip() == "1" else "FALSE", "is a logical value", "")
    if kind == "e":
        return _never(raw, "is an error of the spreadsheet", "mend what it is computed from")
    if kind == "d":
        return _never(raw, "is a date", "format the cell as a number")
    return _never(raw, f"is in a cell of the unknown type {echo(kind)}", _SAVE)


def _text(text: str) -> Value:
    if len(text) > LONGEST_TEXT:
        what = f"is too long for a cell, which holds {LONGEST_TEXT} characters"
        return _never(text, what, "shorten it")
    return text


def _is_index(text: str, most: int, *, low: int = 1) -> bool:
    """Whether `text` is a plain whole number from `low` to `most`."""
    return text.isascii() and text.isdecimal() and len(text) < 9 and low <= int(text) <= most


def split_reference(reference: str) -> tuple[int, int] | None:
    """Return (column, row) of 'F3', both from 1; None for what is no cell."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return None
    column, row = column_of(found[1]), int(found[2])
    return (column, row) if column > 0 and row <= LAST_ROW else None


@functools.lru_cache(maxsize=1024)
def column_of(letters: str) -> int:
    """Return the number of a column, 1 for 'A' and 28 for 'AB'; 0 for what is no column."""
    if not 0 < len(letters) <= 3 or not set(letters) <= _LETTERS:
        return 0
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column if column <= LAST_COLUMN else 0
