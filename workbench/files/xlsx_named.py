"""The rows of a workbook's first visible sheet, for tables of other columns than scenarios."""

from collections.abc import Iterator

from workbench.files.messages import Findings, echo
from workbench.files.xlsx_archive import Archive
from workbench.files.xlsx_book import read_book
from workbench.files.xlsx_sheet import SheetListener, Value
from workbench.files.xlsx_xml import XmlReader

MOST_TOLD = 10  # sheets that one warning names


def xlsx_rows(data: bytes, findings: Findings) -> Iterator[tuple[int, dict[int, Value]]]:
    """Yield the number of each row that holds something, and its cells by column from 1.

    Other sheets are named in a warning. Formulas, dates and errors come as `Unreadable`.

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
            yield row.number, dict(row.cells)
    for area in listener.merged:
        if area.first_row <= last:
            what = f"the cells {echo(area.text)} are merged; unmerge them and fill every cell"
            findings.error(f"row {area.first_row}", "", what)
