"""A workbook's table is read as strictly as CSV; what a cell only shows is never a value."""

import datetime as dt
import io
import random

import openpyxl
import pytest

from workbench.files import FileRefused, parse_study
from workbench.files.xlsx_book import is_date_format
from workbench.files.xlsx_sheet import column_of, split_reference

STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="&quot;years&quot; 0.0_s[Red]"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/>'
    '<xf numFmtId="9"/></cellXfs></styleSheet>'
)


def said(gate, data):
    return "\n".join(gate.refusal(data, "t.xlsx"))


def made(rows, change=None):
    """A workbook as another program writes it."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_table_of_another_program_is_read_as_its_csv(gate):
    rows = [
        gate.cells,
        gate.cells | {"id": "S-2", "name": "Größe 漢字 📈 =1+1 _x", "aro_mode": 0.25},
    ]
    data = made([gate.columns.split(","), *(list(row.values()) for row in rows)])
    table = gate.csv_of(*rows)
    assert gate.accepted(data, "t.xlsx").study == gate.accepted(table).study


def test_numbers_of_any_form_are_the_numbers_of_csv(gate, books):
    row = {"aro_low": "<c><v>1E-1</v></c>", "likelihood": "<c><v>3.0</v></c>",
           "asset_value": '<c t="n" s="3"><v> 2500000 </v></c>',
           "ef_high": '<c s="4"><v>.8</v></c>'}  # fmt: skip
    xml = books.sheet_xml(
        f"<row>{''.join(books.cell_xml(v) for v in (gate.cells | row).values())}</row>"
    )
    study = gate.accepted(books.book_of(xml, styles=STYLES), "t.xlsx").study
    assert study == gate.accepted(gate.csv_of({"asset_value": 2500000})).study


def test_texts_are_shared_inline_or_rich_and_their_escapes_are_read(gate, books):
    shared = (
        "<sst><si><t>S-1</t></si><si><r><rPr><b/></rPr><t>Le</t></r><r><t>ak</t></r>"
        "<rPh sb='0' eb='1'><t>hint</t></rPh></si></sst>"
    )
    row = {"id": '<c t="s"><v>0</v></c>', "name": '<c t="s"><v>1</v></c>'}
    data = books.book_of(books.sheet_xml(row), shared=shared)
    assert gate.accepted(data, "t.xlsx").study == gate.accepted(gate.csv_of({})).study
    row = {
        "name": '<c t="inlineStr"><is><r><t>a_x0041_</t></r><r><t>_x005F_x0042_</t></r></is></c>'
    }
    study = gate.accepted(books.book_of(books.sheet_xml(row)), "t.xlsx").study
    assert study.scenarios[0].name == "aA_x0042_"
    row = {"name": '<c t="str"><v>plain</v></c>'}
    study = gate.accepted(books.book_of(books.sheet_xml(row)), "t.xlsx").study
    assert study.scenarios[0].name == "plain"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('<c r="F2"><f>1+1</f><v>2</v></c>', "is a formula, whose stored result is not"),
        ('<c r="F2"><f t="shared" si="0"/><v>2</v></c>', "is a formula"),
        ('<c r="F2" t="str"><f>A1</f><v>5</v></c>', "is a formula"),
        ('<c r="F2" t="b"><v>1</v></c>', "is a logical value, got 'TRUE'"),
        ('<c r="F2" t="e"><v>#REF!</v></c>', "is an error of the spreadsheet, got '#REF!'; mend"),
        ('<c r="F2" t="d"><v>2024-01-01</v></c>', "is a date, got '2024-01-01'; format"),
        ('<c r="F2" t="zz"><v>1</v></c>', "is in a cell of the unknown type 'zz', got '1'"),
        ('<c r="F2" s="1"><v>45000</v></c>', "is shown as a date or a time, got '45000'"),
        ('<c r="F2" s="2"><v>45000</v></c>', "is shown as a date or a time"),
        ('<c r="F2" s="5"><v>1</v></c>', "has the cell style '5'"),
        ('<c r="F2" s="-1"><v>1</v></c>', "has the cell style '-1'"),
        ('<c r="F2"><v>1,5</v></c>', "is not a number, though the cell is one of"),
        ('<c r="F2"><v>١</v></c>', "is not a number, though"),
        ('<c r="F2"><v>NaN</v></c>', "is not a finite number, got 'NaN'"),
        ('<c r="F2"><v>1e309</v></c>', "is larger than any number can be"),
        ('<c r="F2"><v>0x10</v></c>', "is not a decimal number"),
        ('<c r="F2" t="s"><v>7</v></c>', "points to a text that the workbook does not"),
        ('<c r="F2" t="s"><v>-1</v></c>', "points to a text that the workbook does not hold"),
        ('<c r="F2" t="s"><v></v></c>', "points to a text that the workbook does not hold"),
        ('<c r="F2" t="str"><v>5</v></c>', "is text that looks like a number, got '5'; con"),
        ('<c r="F2" t="str"><v>3M</v></c>', "is not a number, got '3M', allowed 0 to 1e15; wri"),
        ('<c r="F2" t="str"><v>  </v></c>', "is missing"),
        ('<c r="F2"/>', "is missing"),
        ('<c r="F2" t="e"/>', "is missing"),
    ],
)  # fmt: skip
def test_a_cell_that_is_no_number_is_named_with_its_remedy(gate, books, cell, words):
    data = books.book_of(books.sheet_xml({"asset_value": cell}), styles=STYLES)
    (message,) = gate.refusal(data, "t.xlsx")
    assert message.startswith("t.xlsx: row 2: asset_value: ")
    assert words in message


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("id", '<c r="A2"><v>7</v></c>', "id: is a number, not text, got '7'; format the"),
        ("id", '<c r="A2" t="e"><v>#N/A</v></c>', "id: is an error of the spreadsheet"),
        ("id", '<c r="A2" t="str"><f>B2</f><v>x</v></c>', "id: is a formula"),
        ("name", '<c r="B2" t="b"><v>0</v></c>', "name: is a logical value, got 'FALSE'"),
        ("name", '<c r="B2" t="inlineStr"><is><t></t></is></c>', "name: is empty"),
        ("name", '<c r="B2" t="inlineStr"><is><t>a_x0007_b</t></is></c>', "name: holds a control"),
        ("name", f'<c r="B2" t="str"><v>{"x" * 40_000}</v></c>', "name: is too long for a cell"),
        ("id", '<c r="A2" t="inlineStr"><is><t>a&#10;b</t></is></c>', "id: holds a line break"),
    ],
)  # fmt: skip
def test_a_cell_that_is_no_text_is_named_with_its_remedy(gate, books, column, cell, words):
    assert f"row 2: {words}" in said(gate, books.book_of(books.sheet_xml({column: cell})))


def test_every_fault_of_every_row_is_told(gate, books):
    xml = books.sheet_xml({"aro_low": 9.0}, {}, {"ef_high": 80, "id": "S-2"})
    messages = gate.refusal(books.book_of(xml), "t.xlsx")
    assert [m.split(": ")[1:3] for m in messages] == [
        ["row 2", "aro_low"], ["row 4", "id"], ["row 4", "ef_high"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (['<row r="2"><c r="A3"/></row>'], "row 2: a cell of the sheet stands out"),
        (['<row r="2"><c r="B2"/><c r="A2"/></row>'], "a cell of the sheet stands out"),
        (['<row r="2"><c r="A2"/><c r="A2"/></row>'], "a cell of the sheet stands out"),
        (['<row r="2"><c r="a2"/></row>'], "got 'a2'"),
        (['<row r="2"><c r="XFE2"/></row>'], "got 'XFE2'"),
        (['<row r="2"><c r="A-2"/></row>'], "got 'A-2'"),
        (['<row r="2"><c r="A02"/></row>'], "got 'A02'"),
        (['<row r="-1"/>'], "a row of the sheet stands out of its order, got '-1'"),
        (['<row r="0"/>'], "got '0'"),
        (['<row r="1"/>'], "got '1'"),
        (['<row r="1048577"/>'], "got '1048577'"),
        (['<row r="99999999999999999999"/>'], "a row of the sheet stands out of its order"),
        (['<row r="5"/>', '<row r="4"/>'], "got '4'"),
        (['<row r="1048576"/>', "<row/>"], "got 'one too many'"),
        (['<row r="2"><row r="3"/></row>'], "a row of the sheet stands out of its order"),
        (['<row r="2"><c><v>1</v><v>2</v></c></row>'], "a second value of the sheet stands out"),
        ([f'<row r="2">{"<c/>" * 16_385}</row>'], "a cell of the sheet stands out"),
    ],
)  # fmt: skip
def test_rows_and_cells_out_of_order_are_refused(gate, books, rows, words):
    assert words in said(gate, books.book_of(books.sheet_xml(*rows)))


def test_blank_rows_between_rows_are_told_and_those_after_are_not(gate, books):
    last = books.row_xml((gate.cells | {"id": "S-9"}).values(), 9)
    rows = ['<row r="3"><c r="A3" s="0"/></row>', last, '<row r="12"><c r="B12"/></row>']
    loaded = gate.accepted(books.book_of(books.sheet_xml({}, *rows)), "t.xlsx")
    assert [s.id for s in loaded.study.scenarios] == ["S-1", "S-9"]
    assert loaded.warnings == ("t.xlsx: row 3: blank up to row 8; the rows were left out",)


def test_one_far_cell_costs_nothing_and_is_refused(gate, books):
    row = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    words = "row 1048576: column 16384 has no name in the header, got '1'; remove the cell"
    assert words in said(gate, books.book_of(books.sheet_xml({}, row)))


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        ("<worksheet/>", "sheet 'Sheet1' is empty; its row 1 holds the columns' names: id, name"),
        ("<worksheet><sheetData><row r='3'><c><v>1</v></c></row></sheetData></worksheet>",
         "row 3: the header stands in row 1, got row 3 of sheet 'Sheet1'; remove the rows above"),
        ("<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>",
         "row 1: column 1 of the header is no text, got '1'"),
        ("<worksheet><sheetData><row><c><f>A2</f><v>1</v></c></row></sheetData></worksheet>",
         "row 1: column 1 of the header is no text, got '=A2'"),
        ("<worksheet><sheetData><row><c t='str'><v>Risks</v></c></row></sheetData></worksheet>",
         "row 1: there is no header line, got 'Risks'; the columns are id, name"),
        ("<html><body>no sheet</body></html>", "sheet 'Sheet1' is empty"),
    ],
)  # fmt: skip
def test_a_sheet_without_its_header_in_row_1_is_refused(gate, books, sheet, words):
    assert words in said(gate, books.book_of(sheet))


def test_the_columns_come_in_any_order_and_case_and_none_twice(gate, books):
    names = gate.columns.split(",")[::-1]
    rows = [names, list(gate.cells.values())[::-1]]
    assert gate.accepted(made(rows), "t.xlsx").study == gate.accepted(gate.csv_of({})).study
    rows[0] = [name.upper() for name in names]
    assert "read in lower case" in gate.accepted(made(rows), "t.xlsx").warnings[0]
    rows[0] = ["ef_low" if name == "ef_high" else name for name in names]
    assert "row 1: ef_low: the column stands in the header twice" in said(gate, made(rows))
    rows[0] = [None if name == "name" else name for name in names]
    assert "column 10 has no name" in said(gate, made(rows))
    rows[0] = [f"c{n}" for n in range(16_384)]
    assert "row 1: has 1" in said(gate, made(rows))
    rows[0] = names
    assert "row 3: the header line is repeated" in said(gate, made([*rows, names]))


@pytest.mark.parametrize(("area", "row"), [("F2:F3", 2), ("A1:XFD1048576", 1), ("D3:C2", 2)])
def test_merged_cells_in_the_table_are_refused(gate, books, area, row):
    after = f'<mergeCells count="1"><mergeCell ref="{area}"/></mergeCells>'
    words = f"the cells '{area}' are merged; unmerge them"
    found = said(gate, books.book_of(books.sheet_xml({}, {}, after=after)))
    assert f"row {row}: " in found
    assert words in found


def test_merged_cells_beside_the_table_are_no_matter_and_broken_ones_are(gate, books):
    after = '<mergeCells><mergeCell ref="M1:N9"/><mergeCell ref="A9:B9"/></mergeCells>'
    assert not gate.accepted(books.book_of(books.sheet_xml({}, after=after)), "t.xlsx").warnings
    for broken in ("", "A1:", "A0:B1", "A1:ZZZ1", "x"):
        after = f'<mergeCells><mergeCell ref="{broken}"/></mergeCells>'
        assert "cannot be read" in said(gate, books.book_of(books.sheet_xml({}, after=after)))


def test_hidden_rows_and_columns_are_read_and_told(gate, books):
    row = books.row_xml(gate.cells.values(), 2, ' hidden="1"')
    xml = books.sheet_xml(
        row, before='<cols><col min="3" max="4" hidden="1"/><col min="x"/></cols>'
    )
    assert gate.accepted(books.book_of(xml), "t.xlsx").warnings == (
        "t.xlsx: hidden rows are read as well: '2'",
        "t.xlsx: hidden columns are read as well: 'aro_low', 'aro_mode'",
    )


def test_the_first_visible_sheet_is_read_and_the_others_are_named(gate, books):
    table, notes = books.sheet_xml({}), "<worksheet><sheetData/></worksheet>"
    sheets = [("old", 'state="hidden"', table), ("risks", "", table), ("notes", "", notes),
              ("very", 'state="veryHidden"', table)]  # fmt: skip
    loaded = gate.accepted(books.book_of(*sheets), "t.xlsx")
    assert len(loaded.study.scenarios) == 1
    assert loaded.warnings == (
        "t.xlsx: 1 other sheet is not read: 'notes'",
        "t.xlsx: 2 other sheets are hidden and not read: 'old', 'very'",
    )
    assert "the scenario table stands in sheet 'b', and 'a' comes first" in said(
        gate, books.book_of(("a", "", notes), ("b", "", table))
    )
    assert "more than one sheet holds a scenario table: 'a', 'b'; keep one" in said(
        gate, books.book_of(("a", "", table), ("b", "", table))
    )
    assert "no visible sheet" in said(gate, books.book_of(("a", 'state="hidden"', table)))


def test_comments_names_and_pictures_are_no_matter_and_formulas_outside_are(gate):
    def change(book):
        book.active["A2"].comment = openpyxl.comments.Comment("=1+1", "x")
        book.defined_names["evil"] = openpyxl.workbook.defined_name.DefinedName(
            "evil", attr_text="#REF!"
        )
        book.active.auto_filter.ref = "A1:K2"
        book.active["F2"].number_format = '#,##0.0,,"M"'

    rows = [gate.columns.split(","), list(gate.cells.values())]
    assert gate.accepted(made(rows, change), "t.xlsx").study == gate.accepted(gate.csv_of({})).study
    assert "column 12 has no name in the header, got '=F2*2'" in said(
        gate, made([rows[0], [*rows[1], "=F2*2"]])
    )


@pytest.mark.parametrize(
    "epoch", [openpyxl.utils.datetime.WINDOWS_EPOCH, openpyxl.utils.datetime.MAC_EPOCH]
)
def test_dates_of_both_epochs_are_refused(gate, epoch):
    day = dt.datetime(2024, 2, 29)  # noqa: DTZ001 - a cell has no time zone
    for value in (day, day.date(), day.time(), dt.timedelta(hours=30)):
        cells = gate.cells | {"asset_value": value}
        data = made(
            [gate.columns.split(","), list(cells.values())],
            lambda book: setattr(book, "epoch", epoch),
        )
        assert "row 2: asset_value: is shown as a date or a time" in said(gate, data)


@pytest.mark.parametrize(
    ("code", "is_date"),
    [("General", False), ("0.00E+00", False), ("#,##0", False), ('"day" 0', False), ("\\d0", False),
     ("[Red]0", False), ("_(* #,##0_)", False), ("0.0,,\\M", False), ("[$$-409]#,##0.00", False),
     ("yyyy-mm-dd", True), ("[h]:mm", True), ("[$-409]d. mmm", True), ("0;[ss]", True),
     ("h:mm AM/PM", True)],
)  # fmt: skip
def test_a_format_code_shows_a_date_by_its_letters(code, is_date):
    assert is_date_format(code) is is_date


def test_a_reference_is_a_column_and_a_row():
    for column in (1, 26, 27, 52, 702, 703, 16_384):
        letters = openpyxl.utils.get_column_letter(column)
        assert column_of(letters) == column
        assert split_reference(f"{letters}7") == (column, 7)
    for wrong in ("", "A", "7", "A0", "XFE1", "AAAA1", "A1048577", "$A$1", "a1", "A1 ", "А1"):
        assert split_reference(wrong) is None


def test_a_spoiled_workbook_never_leaves_by_another_way(gate, books):
    good = books.book_of(
        books.sheet_xml({}, {}), styles=STYLES, shared="<sst><si><t>a</t></si></sst>"
    )
    draw = random.Random(7)
    outcomes, starts = set(), set()
    for _ in range(400):
        data = bytearray(good)
        for _ in range(draw.randint(1, 4)):
            where = draw.randrange(len(data))
            if draw.random() < 0.5:
                data[where] = draw.randrange(256)
            else:
                del data[where : where + draw.randint(1, 40)]
        try:
            outcomes.add(len(parse_study("t.xlsx", bytes(data)).study.scenarios))
        except FileRefused as error:
            outcomes.add("refused")
            starts.update(message[:8] for message in error.messages)
    assert outcomes >= {"refused", 2}
    assert starts == {"t.xlsx: "}


def test_spoiled_xml_never_leaves_by_another_way(gate, books):
    good = books.parts_of(
        books.sheet_xml({}, {}), styles=STYLES, shared="<sst><si><t>a</t></si></sst>"
    )
    draw = random.Random(8)
    starts = set()
    for _ in range(600):
        name = draw.choice(list(good))
        text = good[name]
        where = draw.randrange(len(text))
        piece = draw.choice(
            ["<", ">", "&", "", "<c>", "</c>", '"', "\0", "é", "9", "-", "<v/>", "<row/>", "id"]
        )
        spoiled = text[:where] + piece + text[where + draw.randint(0, 9) :]
        try:
            parse_study("t.xlsx", books.zip_of(good | {name: spoiled}))
        except FileRefused as error:
            starts.update(message[:8] for message in error.messages)
    assert starts == {"t.xlsx: "}
