"""Small study files to spoil, and what the gate says of them."""

import io
import json
import zipfile
from xml.sax.saxutils import escape

import pytest

from workbench.files import FileRefused, parse_study

COLUMNS = (
    "id,name,aro_low,aro_mode,aro_high,asset_value,ef_low,ef_mode,ef_high,likelihood,consequence"
)
CELLS = {
    "id": "S-1",
    "name": "Leak",
    "aro_low": 0.1,
    "aro_mode": 0.5,
    "aro_high": 2,
    "asset_value": 1000000,
    "ef_low": 0.1,
    "ef_mode": 0.3,
    "ef_high": 0.8,
    "likelihood": 3,
    "consequence": 4,
}


def refusal(data, name="t.csv"):
    """The messages with which the gate refuses a file; it must refuse it."""
    with pytest.raises(FileRefused) as caught:
        parse_study(name, data if isinstance(data, bytes) else data.encode())
    return caught.value.messages


def accepted(data, name="t.csv"):
    """The loaded study of a file that the gate must accept."""
    return parse_study(name, data if isinstance(data, bytes) else data.encode())


def csv_of(*rows, header=COLUMNS):
    """A table whose rows are the usual cells with some of them changed, or whole lines."""
    lines = [header]
    for number, row in enumerate(rows, 1):
        cells = (CELLS | {"id": f"S-{number}"} | row).values() if isinstance(row, dict) else [row]
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines) + "\n"


def json_of(*rows, study=None):
    """A JSON study file of the usual scenario with some fields changed; None leaves a field out."""
    scenarios = []
    for number, row in enumerate(rows, 1):
        fields = CELLS | {"id": f"S-{number}"} | row
        scenarios.append({name: value for name, value in fields.items() if value is not None})
    whole = {"scenarios": scenarios} if study is None else {"study": study, "scenarios": scenarios}
    return json.dumps(whole)


def full_of(study=None, **scenario):
    """A JSON study file in the full form with one scenario of these fields."""
    fields = {"id": "F-1", "name": "Outage", **scenario}
    return json.dumps({"study": study or {}, "scenarios": [fields]})


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def cell_xml(value, reference=""):
    """One cell: a text inline, a number as a number; what begins with '<' is XML already."""
    where = f' r="{reference}"' if reference else ""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith("<"):
        return value
    if isinstance(value, str):
        return f'<c{where} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"<c{where}><v>{value!r}</v></c>"


def row_xml(values, number, attributes=""):
    """One row, its cells with references."""
    cells = "".join(cell_xml(v, f"{chr(64 + c)}{number}") for c, v in enumerate(values, 1))
    return f'<row r="{number}"{attributes}>{cells}</row>'


def sheet_xml(*rows, after="", before=""):
    """A sheet with the header and the usual rows with some cells changed; a text is a row's XML."""
    lines = [row_xml(COLUMNS.split(","), 1)]
    for number, row in enumerate(rows, 2):
        if isinstance(row, str):
            lines.append(row)
        else:
            cells = CELLS | {"id": f"S-{number - 1}"} | row
            lines.append(row_xml(cells.values(), number))
    data = f"<sheetData>{''.join(lines)}</sheetData>"
    return f'<worksheet xmlns="{MAIN}">{before}{data}{after}</worksheet>'


def relations_xml(*rows):
    """A part of relations from (id, kind, target)."""
    inner = "".join(
        f'<Relationship Id="{name}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for name, kind, target in rows
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def parts_of(*sheets, shared=None, styles=None):
    """The parts of a workbook whose sheets are XML, or (name, attributes, XML)."""
    rows = [s if isinstance(s, tuple) else (f"Sheet{n}", "", s) for n, s in enumerate(sheets, 1)]
    tabs = "".join(
        f'<sheet name="{name}" sheetId="{n}" {more} r:id="rId{n}"/>'
        for n, (name, more, _) in enumerate(rows, 1)
    )
    links = [(f"rId{n}", "worksheet", f"worksheets/s{n}.xml") for n in range(1, len(rows) + 1)]
    links += [("rId98", "sharedStrings", "sharedStrings.xml")] if shared is not None else []
    links += [("rId99", "styles", "/xl/styles.xml")] if styles is not None else []
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": relations_xml(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        f"<sheets>{tabs}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations_xml(*links),
    }
    parts |= {f"xl/worksheets/s{n}.xml": xml for n, (_, _, xml) in enumerate(rows, 1)}
    parts |= {"xl/sharedStrings.xml": shared} if shared is not None else {}
    return parts | ({"xl/styles.xml": styles} if styles is not None else {})


def zip_of(parts):
    """The bytes of a ZIP with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return out.getvalue()


def book_of(*sheets, **parts):
    """The bytes of a workbook; see `parts_of`."""
    return zip_of(parts_of(*sheets, **parts))


@pytest.fixture(scope="session")
def books():
    """The makers of workbooks above, under one name."""

    class Books:
        pass

    for helper in (cell_xml, row_xml, sheet_xml, parts_of, zip_of, book_of, relations_xml):
        setattr(Books, helper.__name__, staticmethod(helper))
    return Books


@pytest.fixture(scope="session")
def gate():
    """The helpers above, under one name."""

    class Gate:
        pass

    for helper in (refusal, accepted, csv_of, json_of, full_of):
        setattr(Gate, helper.__name__, staticmethod(helper))
    Gate.cells, Gate.columns, Gate.dumps = CELLS, COLUMNS, staticmethod(json.dumps)
    return Gate
