"""The rows of a workbook's first visible sheet, for tables of other columns than scenarios."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from workbench.files.messages import Findings, echo
from workbench.files.numerals import number
from workbench.files.tree import Unreadable
from workbench.files.xlsx_archive import Archive
from workbench.files.xlsx_book import Book, read_book
from workbench.files.xlsx_sheet import SHOWN_AS_DATE, SheetListener, Value
from workbench.files.xlsx_xml import XmlReader

MOST_TOLD = 10  # sheets that one warning names


def xlsx_rows(data: bytes, findings: Findings) -> Iterator[tuple[int, dict[int, Value]]]:
    """Yield the number of each row that holds something, and its cells by column from 1.

    Other sheets are named in a warning. Formulas, dates and errors come as `Unreadable`; the text
    of a whole day is that day, ISO 8601.

    Raises
    ------
    FileRefused
        for a file that is no sound workbook.

    """
    reader = XmlReader(Archive(data, findings), findings)
    book = read_book(reader)
    sheet = next(one for one in book.sheets if one.is_visible)
    others = [one.name for one in book.sheets if one is not sheet]
    if others:
        named = ", ".join(echo(name) for name in others[:MOST_TOLD])
        findings.warning("", "", f"only the first visible sheet is read, not {named}")
    listener = SheetListener(book, findings)
    last = 0
    for _ in reader.steps(sheet.part, listener):
        rows, listener.rows = listener.rows, []
        for row in rows:
            last = row.number
            yield row.number, {c: _dated(v, book) for c, v in row.cells.items()}
    for area in listener.merged:
        if area.first_row <= last:
            what = f"the cells {echo(area.text)} are merged; unmerge them and fill every cell"
            findings.error(f"row {area.first_row}", "", what)


def _dated(value: Value, book: Book) -> Value:
    """Return a date with its day as text, where it is a whole one after February 1900.

    Workbooks number the days from 1 January 1900 as day 1 and count a 29 February 1900 that never
    was (ECMA-376 part 1, 18.17.4.1), or from 1 January 1904 as day 0.
    """
    if not isinstance(value, Unreadable) or value.what != SHOWN_AS_DATE:
        return value
    serial = number(value.text)
    first = dt.date(1904, 1, 1) if book.counts_from_1904 else dt.date(1899, 12, 30)
    last = (dt.date.max - first).days
    if not isinstance(serial, int | float) or not 60 < serial <= last or serial % 1:
        return value
    return replace(value, text=(first + dt.timedelta(days=int(serial))).isoformat())
