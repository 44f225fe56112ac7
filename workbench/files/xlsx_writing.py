"""One table as a workbook of one sheet: texts that are texts, numbers that are numbers, no formula.

A text is written inline, in a cell style of the format 'text' that keeps a spreadsheet from reading
it as a formula even after an edit (`quotePrefix`; ECMA-376 part 1, 18.8.45). The same table gives
the same bytes.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from workbench.errors import require
from workbench.files.xlsx_book import LONGEST_TEXT
from workbench.files.xlsx_sheet import LAST_ROW

Cell = str | int | float | None
_OPEN = "http://schemas.openxmlformats.org"
_MAIN = f"{_OPEN}/spreadsheetml/2006/main"
_RELATIONS = f"{_OPEN}/officeDocument/2006/relationships"
_PACKAGE = f"{_OPEN}/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WHEN = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP knows: no clock is asked
_TEXT, _HEADER = 1, 2  # cell styles, by their place in _STYLES
# What XML cannot hold, or would change: written as _xHHHH_ (ST_Xstring, part 1, 22.9.2.19).
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
    ' quotePrefix="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
    ' applyFont="1" quotePrefix="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_FIXED = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": _STYLES,
}


def workbook(sheet: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the bytes of an XLSX file with one sheet.

    Parameters
    ----------
    sheet : the name on its tab
    header : the names of the columns, in the first row
    rows : cells; None and an empty text leave a cell empty

    Raises
    ------
    WorkbenchError
        for a text longer than a cell holds, or more rows than a sheet has.

    """
    lines = [_row(1, header, _HEADER)]
    lines += [_row(number, cells, _TEXT) for number, cells in enumerate(rows, 2)]
    require(
        len(lines) <= LAST_ROW,
        f"a sheet has at most {LAST_ROW} rows",
        got=len(lines),
        fix="Write the table as CSV.",
    )
    parts = _FIXED | {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><bookViews>'
        f'<workbookView/></bookViews><sheets><sheet name="{escape(sheet, {chr(34): "&quot;"})}"'
        ' sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView'
        ' workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft"'
        f' state="frozen"/></sheetView></sheetViews><sheetData>{"".join(lines)}</sheetData>'
        "</worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, (_HEAD + text).encode("utf-8"))
    return out.getvalue()


def _row(number: int, cells: Sequence[Cell], style: int) -> str:
    inner = "".join(
        _cell(f"{_letters(column)}{number}", cell, style)
        for column, cell in enumerate(cells, 1)
        if cell is not None and cell != ""
    )
    return f'<row r="{number}">{inner}</row>'


def _cell(place: str, cell: str | float, style: int) -> str:
    if not isinstance(cell, str):
        return f'<c r="{place}"><v>{cell!r}</v></c>'
    require(
        len(cell) <= LONGEST_TEXT,
        f"a cell holds at most {LONGEST_TEXT} characters",
        got=f"{len(cell)} in {place}",
        fix="Write the table as CSV.",
    )
    text = escape(_ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", cell))
    return (
        f'<c r="{place}" t="inlineStr" s="{style}"><is><t xml:space="preserve">{text}</t></is></c>'
    )


def _letters(column: int) -> str:
    """Return 'A' for 1, 'Z' for 26, 'AA' for 27."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
