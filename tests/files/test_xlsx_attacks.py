"""Workbooks made to hurt: refused by the ZIP's directory or bounded while they are unpacked."""

import io
import struct
import time
import zipfile

import pytest

from workbench.files.xlsx_archive import LARGEST_UNPACKED, MOST_MEMBERS
from workbench.files.xlsx_xml import MOST_ELEMENTS

BILLION = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><w>&b;</w>'
ELSEWHERE = "file:" + "///etc/passwd"
OUTSIDE = f'<!DOCTYPE w [<!ENTITY a SYSTEM "{ELSEWHERE}">]><w>&a;</w>'


@pytest.fixture
def soon():
    begin = time.process_time()
    yield
    assert time.process_time() - begin < 10


def said(gate, data, name="t.xlsx"):
    (message,) = gate.refusal(data, name)
    return message


def with_more(data, *members):
    """The bytes of a ZIP with further members, each (name or ZipInfo, content)."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return out.getvalue()


def patched(data, name, offset, value, layout):
    """The bytes of a ZIP with one number of a member's directory entry changed."""
    spoiled = bytearray(data)
    at = data.rindex(name.encode(), 0, len(data)) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    struct.pack_into(layout, spoiled, at + offset, value)
    return bytes(spoiled)


@pytest.fixture
def good(books):
    return books.book_of(books.sheet_xml({}))


@pytest.mark.parametrize(
    "name",
    ["../../etc/x", "/etc/x", "a/../../x", "..", "c:/x", "a\\..\\x", "\\\\host\\x", "xl/a:b"],
)
def test_a_member_that_leads_out_of_the_archive_is_refused(gate, good, name):
    assert "has a path that leads out of it" in said(gate, with_more(good, (name, "x")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["xl/workbook.xml", "XL/Workbook.XML", "xl/worksheets/S1.xml"])
def test_a_member_that_stands_twice_is_refused(gate, good, name):
    assert "a member stands in the ZIP twice" in said(gate, with_more(good, (name, "<x/>")))


def test_too_many_members_are_refused(gate, good):
    more = [(f"m{n}", "") for n in range(MOST_MEMBERS)]
    assert "too many members" in said(gate, with_more(good, *more))


@pytest.mark.usefixtures("soon")
def test_a_bomb_is_refused_by_its_directory(gate, good):
    many = with_more(good, ("xl/media/a.bin", bytes(LARGEST_UNPACKED)))
    assert "unpacks to more than 192 MiB" in said(gate, many)
    dense = with_more(good, ("xl/media/a.bin", bytes(20 * 2**20)))
    assert "times its size, allowed 200" in said(gate, dense)


@pytest.mark.usefixtures("soon")
def test_a_bomb_that_lies_about_its_size_is_cut_at_the_size_that_it_tells(gate, books):
    huge = books.sheet_xml({}) + " " * (100 * 2**20)
    data = books.zip_of(books.parts_of(huge))
    for told in (1000, 0, 2**20):
        lying = patched(data, "xl/worksheets/s1.xml", 24, told, "<I")
        found = gate.refusal(lying, "t.xlsx")[0]
        assert "is broken" in found or "is not well-formed XML" in found
    larger = patched(data, "xl/workbook.xml", 24, 2**31, "<I")
    assert "unpacks to more than" in said(gate, larger)


def test_encryption_and_unusual_packing_are_refused(gate, good):
    for flag in (0x1, 0x41):
        data = patched(good, "xl/workbook.xml", 8, flag, "<H")
        assert "is encrypted; save it without a password" in said(gate, data)
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 99):
        data = patched(good, "xl/workbook.xml", 10, method, "<H")
        assert "is packed in an unusual way, got 'xl/workbook.xml'" in said(gate, data)


@pytest.mark.parametrize("size", [4, 22, 100, 500, -22, -1])
def test_a_cut_file_is_refused(gate, good, size):
    found = said(gate, good[:size])
    assert "the ZIP of the workbook" in found


def test_huge_zips_and_lying_directories_are_refused(gate, good):
    end = good.rindex(b"PK\x05\x06")
    locator = b"PK\x06\x07" + bytes(16)
    assert "ZIP64" in said(gate, good[:end] + locator + good[end:])
    for offset, layout, value in ((10, "<H", 65535), (12, "<I", 2**31)):
        spoiled = bytearray(good)
        struct.pack_into(layout, spoiled, end + offset, value)
        assert "too many members" in said(gate, bytes(spoiled))
    spoiled = bytearray(good)
    struct.pack_into("<I", spoiled, end + 16, 2**31)
    assert "is broken" in said(gate, bytes(spoiled))


def test_a_version_of_zip_that_nobody_knows_is_refused(gate, good):
    data = patched(good, "xl/workbook.xml", 6, 148, "<H")
    assert "is broken: zip file version 14.8" in said(gate, data)


def test_a_wrong_checksum_is_refused(gate, good):
    data = patched(good, "xl/worksheets/s1.xml", 16, 12345, "<I")
    assert "is broken: Bad CRC-32" in said(gate, data)


def test_zips_that_are_no_workbook_are_refused(gate, books, good):
    nested = books.zip_of({"inner.xlsx": good})
    assert "is a ZIP and is not an XLSX workbook; unpack it first" in said(gate, nested)
    kinds = '<Types><Override PartName="/x" ContentType="application/{}"/></Types>'
    for kind, words in (
        ("vnd.ms-excel.sheet.macroEnabled.main+xml", "holds macros, which are never read"),
        ("vnd.ms-excel.sheet.binary.macroEnabled.main", "holds macros"),
        ("vnd.ms-excel.sheet.binary.main", "is binary (.xlsb)"),
    ):
        parts = books.parts_of(books.sheet_xml({})) | {"[Content_Types].xml": kinds.format(kind)}
        assert words in said(gate, books.zip_of(parts))
    assert "holds macros" in said(gate, with_more(good, ("xl/vbaProject.bin", b"x")))
    parts = books.parts_of(books.sheet_xml({}))
    del parts["_rels/.rels"]
    assert "is an Office document and is not an XLSX" in said(gate, books.zip_of(parts))
    assert "macros are never read; save it as .xlsx" in said(gate, good, "t.xlsm")
    assert "content is no workbook" in said(gate, b"id,name", "t.xlsx")
    assert "the file is empty" in said(gate, b"", "t.xlsx")


def test_a_zip_within_is_told_and_not_opened(gate, good, books):
    more = [("xl/embeddings/a.xlsx", good), ("xl/externalLinks/externalLink1.xml", BILLION)]
    (warning,) = gate.accepted(with_more(good, *more), "t.xlsx").warnings
    assert warning == "t.xlsx: the workbook links to or embeds other files; they are not read"


@pytest.mark.parametrize(
    "xml", [BILLION, OUTSIDE, "<!DOCTYPE w><w/>", "<!DOCTYPE w SYSTEM 'x'><w/>"]
)
@pytest.mark.parametrize(
    "part",
    ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
     "xl/worksheets/s1.xml", "xl/sharedStrings.xml", "xl/styles.xml"],
)  # fmt: skip
def test_no_part_may_have_a_document_type(gate, books, part, xml):
    parts = books.parts_of(books.sheet_xml({}), shared="<sst/>", styles="<styleSheet/>")
    found = said(gate, books.zip_of(parts | {part: xml}))
    assert f"the part '{part}' has a document type or an entity, which are never read" in found


@pytest.mark.parametrize(
    "xml",
    ["x", "<a>", "<a></b>", "<a/><b/>", "<a b='1' b='2'/>", "<a>&nbsp;</a>", "\0", "<\x01/>",
     '<?xml version="1.0" encoding="utf-7"?><a/>', '<?xml version="1.0" encoding="no-such"?><a/>',
     b"<a>\xff</a>", b"\xff\xfe<\x00a"],
)  # fmt: skip
def test_broken_xml_is_named_with_its_part(gate, books, xml):
    parts = books.parts_of(xml)
    assert "the part 'xl/worksheets/s1.xml' is not well-formed XML: " in said(
        gate, books.zip_of(parts)
    )


@pytest.mark.parametrize(
    "target", ["../../x.xml", "/../x.xml", "http://x.test/a", ELSEWHERE, "", "%2e%2e/x"]
)
def test_a_part_that_lies_outside_is_refused(gate, books, target):
    link = books.relations_xml(("rId1", "worksheet", target))
    parts = books.parts_of(books.sheet_xml({})) | {"xl/_rels/workbook.xml.rels": link}
    found = said(gate, books.zip_of(parts))
    assert "points to a part that it does not hold, got '" in found
    parts["xl/_rels/workbook.xml.rels"] = books.relations_xml(
        ("rId1", "worksheet", "worksheets/s1.xml")
    ).replace("/>", ' TargetMode="External"/>')
    assert "points to a part that it does not hold" in said(gate, books.zip_of(parts))


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "row",
    [f"<row>{'<c/>' * 16_384}</row>" * 60, "<row/>" * 1_000_000, "<c>" * 70,
     f"<row><c t='inlineStr'><is>{'<t>a</t>' * 400_000}</is></c></row>",
     f"<row><c><v>{'1' * 30_000_000}</v></c></row>",
     f"<row><c{' ' * 30_000_000}/></row>",
     "<row><c " + " ".join(f"a{n}='1'" for n in range(300_000)) + "/></row>",
     "<row>" + "<c t='str'><v>a</v></c>" * 16_384 + "</row>"],
    ids=["columns", "rows", "deep", "pieces", "long number", "long token", "attributes", "wide"],
)  # fmt: skip
def test_floods_within_a_sheet_end(gate, books, row):
    data = books.zip_of(
        books.parts_of(books.sheet_xml(row)) | {"pad": "".join(map(chr, range(32, 9000)))}
    )
    try:
        gate.accepted(data, "t.xlsx")
    except ValueError as error:
        assert len(str(error)) < 20_000  # noqa: PT017 - both ends are right, and both are short


def test_more_elements_than_any_table_has_are_refused(gate, books, monkeypatch):
    assert MOST_ELEMENTS >= 100_000 * 26
    monkeypatch.setattr("workbench.files.xlsx_xml.MOST_ELEMENTS", 500)
    rows = books.sheet_xml(*["<row/>"] * 600)
    assert "has more than 500 XML elements" in said(gate, books.book_of(rows))
    monkeypatch.setattr("workbench.files.xlsx_book.MOST_TEXT", 10)
    shared = "<sst><si><t>long enough</t></si></sst>"
    assert "more than 10 characters of text" in said(
        gate, books.book_of(books.sheet_xml({}), shared=shared)
    )


def test_one_scenario_too_many_is_named_by_its_row(gate, books, monkeypatch):
    monkeypatch.setattr("workbench.files.xlsx_table.MOST_SCENARIOS", 2)
    found = gate.refusal(books.book_of(books.sheet_xml({}, {}, {}, {})), "t.xlsx")
    assert found == ("t.xlsx: row 4: is one too many, allowed 2 scenarios",)
