"""The readiness table: every way in, every fault by its row, and back again equal."""

import datetime as dt
import io
import json

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.files import FileRefused
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.readiness import (
    parse_readiness,
    read_readiness,
    readiness_csv,
    readiness_xlsx,
    write_readiness,
)
from workbench.frameworks.readiness import Readiness, Standing

HEADER = "framework,id,status,maturity,target,owner,due,evidence,justification"
ISO = "iso42001_2023"
GOOD = f"{ISO},A.2.2,met,3,4,Ann,2026-12-01,policy v3,"


def table(*rows, header=HEADER):
    return "\n".join((header, *rows, "")).encode()


def refusal(data, name="r.csv"):
    with pytest.raises(FileRefused) as caught:
        parse_readiness(name, data)
    assert all("\n" not in line for line in caught.value.messages)
    return caught.value.messages


def book(*rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


WANTED = (
    Standing(ISO, "A.2.2", "met", 3, 4, "Ann", "2026-12-01", "policy v3"),
    Standing("nist_ai_rmf_1_0", "GOVERN 1.1", "not applicable", justification="no such use"),
)


@pytest.mark.parametrize("way", ["csv", "xlsx", "yaml", "json", "list"])
def test_every_way_in_gives_the_same_readiness(way):
    second = "nist_ai_rmf,GOVERN 1.1,not applicable,,,,,,no such use"
    rows = [GOOD.split(","), second.split(",")]
    names = HEADER.split(",")
    cells = [[int(c) if c.isdecimal() else c or None for c in row] for row in rows]
    mappings = [{n: c for n, c in zip(names, row, strict=True) if c is not None} for row in cells]
    data = {
        "csv": table(GOOD, second),
        "xlsx": book(names, *cells),
        "json": json.dumps({"standings": mappings}).encode(),
        "list": json.dumps(mappings).encode(),
        "yaml": b"standings:\n"
        + b"".join(b"  - " + json.dumps(row).encode() + b"\n" for row in mappings),
    }[way]
    name = f"r.{'json' if way == 'list' else way}"
    assert parse_readiness(name, data).readiness.standings == WANTED


def test_columns_stand_in_any_order_and_what_is_not_needed_may_be_absent():
    data = table(f"open,A.2.2,{ISO}", header="Status,ID,framework")
    (standing,) = parse_readiness("r.csv", data).readiness.standings
    assert standing == Standing(ISO, "A.2.2", "open")


BAD = {
    "xx,A.2.2,open,,,,,,": "row 2: framework: is not known, got 'xx'",
    f"{ISO},A.99,open,,,,,,": f"row 2: id: is not in {ISO}, got 'A.99'",
    f"{ISO},A.2.2,done,,,,,,": "row 2: status: is not known, got 'done'",
    f"{ISO},A.2.2,,,,,,,": "row 2: status: is missing",
    f"{ISO},A.2.2,open,6,,,,,": "row 2: maturity: is out of range, got '6'",
    f"{ISO},A.2.2,open,2.5,,,,,": "row 2: maturity: is not a whole number, got '2.5'",
    f"{ISO},A.2.2,open,,-1,,,,": "row 2: target: is out of range, got '-1'",
    f"{ISO},A.2.2,open,,high,,,,": "row 2: target: is not a whole number, got 'high'",
    f"{ISO},A.2.2,open,,,,2026-02-30,,": "due of iso42001_2023 A.2.2 is a day; got '2026-02-30'",
    f"{ISO},A.2.2,met,,,,,,": "has evidence that it is met",
    f"{ISO},A.2.2,not applicable,,,,,,": "has a reason why it does not apply",
    f"{ISO},A.2.2,open": "row 2: has 3 cells, the header has 9",
    f"{ISO},A.2.2,open,,,a\x1bb,,,": "row 2: owner: holds a control character",
    f"{ISO},../x,open,,,,,,": "row 2: id: looks like a path",
}


@pytest.mark.parametrize(("row", "words"), BAD.items(), ids=list(BAD.values()))
def test_a_bad_row_of_each_sort_is_refused_and_the_good_one_beside_it_is_not_named(row, words):
    (message,) = refusal(table(row, GOOD.replace("A.2.2", "A.2.3")))
    assert message.startswith("r.csv: row 2: ")
    assert words in message


def test_a_requirement_that_stands_twice_is_named_with_both_rows_whatever_the_alias():
    (message,) = refusal(table(GOOD, GOOD.replace(ISO, "iso42001")))
    assert message == "r.csv: row 3: id: stands in row 2, too, got 'A.2.2'; keep one"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("framework,id", "row 1: status: the column is missing"),
        ("framework,id,status,id", "row 1: id: the column stands in the header twice"),
        ("framework,id,status,ownr", "row 1: ownr: is not a known column, did you mean"),
        ("framework,,id,status", "row 1: column 2 has no name"),
        ("a,b,c", "row 1: there is no header line, got 'a,b,c'; the columns are framework, id"),
        ("framework;id;status", "separate the columns by commas, not semicolons"),
    ],
)
def test_a_faulty_header_is_told(header, words):
    assert words in "\n".join(refusal(table(header=header)))


def test_fifty_faults_are_told_and_the_others_counted():
    messages = refusal(table(*["xx,A.1,open,,,,,,"] * 80))
    assert len(messages) == 51
    assert messages[-1] == "r.csv: and 30 more"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("r.json", b"{}", "a readiness is a list of rows"),
        ("r.json", b'[{"framework": 1}]', "row 1: framework: is not text, got '1'"),
        ("r.json", b'[{"id": "a", "id": "b"}]', "is written twice"),
        ("r.json", b"[3]", "row 1: is not a mapping of fields"),
        ("r.json", b"[]", "the table has no row"),
        ("r.csv", b"framework,id,status\n", "the table has no row"),
        ("r.csv", b"", "the file is empty"),
        ("r.csv", b"\n\n", "the file is empty"),
        ("r.csv", b'framework,id,status\n"a', "is never closed"),
        ("r.csv", b"framework,id,status\n\xff", "is not UTF-8"),
        ("r.xlsx", b"PK\x03\x04 nothing", "the ZIP of the workbook has no end"),
        ("r.pdf", b"x", "files of type '.pdf' are not read"),
    ],
)
def test_a_file_that_is_no_readiness_is_refused(name, data, words):
    assert words in "\n".join(refusal(data, name))


def test_a_workbook_with_formulas_dates_and_numbers_for_texts_is_refused_cell_by_cell():
    names = HEADER.split(",")
    formula = [ISO, "A.2.2", "open", "=1+1", None, None, None, None, None]
    numbered = [ISO, 4.1, "open", None, None, None, None, None, None]
    dated = [ISO, "A.2.3", "open", None, None, None, None, None, None]
    made = openpyxl.load_workbook(io.BytesIO(book(names, formula, numbered, dated)))
    made.active["F4"] = 46000
    made.active["F4"].number_format = "yyyy-mm-dd"
    made.create_sheet("Notes")
    out = io.BytesIO()
    made.save(out)
    messages = refusal(out.getvalue(), "r.xlsx")
    assert "row 2: maturity: is a formula" in messages[0]
    assert "row 3: id: is a number, not text, got '4.1'" in messages[1]
    assert "row 4: owner: is shown as a date or a time, got '2025-12-09'" in messages[2]
    assert len(messages) == 3


@pytest.mark.parametrize("epoch", ["1900", "1904"])
@pytest.mark.parametrize("day", ["2026-12-01", "2000-02-29", "1970-01-01"])
def test_a_day_that_a_spreadsheet_made_a_date_of_is_that_day(epoch, day):
    made = openpyxl.Workbook()
    if epoch == "1904":
        made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    made.active.append(["framework", "id", "status", "due"])
    made.active.append([ISO, "A.2.2", "open", dt.date.fromisoformat(day)])
    out = io.BytesIO()
    made.save(out)
    (one,) = parse_readiness("r.xlsx", out.getvalue()).readiness.standings
    assert one.due == day


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        (61, "1900-03-01"),
        (45292, "2024-01-01"),
        (2958465, "9999-12-31"),
        (2958466, None),
        (60, None),
    ],
)
def test_days_are_counted_as_spreadsheets_count_them_and_the_day_that_never_was_is_none(
    serial, day
):
    made = openpyxl.load_workbook(io.BytesIO(book(["framework", "id", "status", "due"])))
    made.active.append([ISO, "A.2.2", "open", serial])
    made.active["D2"].number_format = "yyyy-mm-dd"
    out = io.BytesIO()
    made.save(out)
    if day is None:
        assert f"due: is shown as a date or a time, got '{serial}'" in str(
            refusal(out.getvalue(), "r.xlsx")
        )
    else:
        (one,) = parse_readiness("r.xlsx", out.getvalue()).readiness.standings
        assert one.due == day


def test_a_time_is_no_day():
    made = openpyxl.Workbook()
    made.active.append(["framework", "id", "status", "due"])
    made.active.append([ISO, "A.2.2", "open", dt.datetime.fromisoformat("2026-12-01T06:00:00")])
    out = io.BytesIO()
    made.save(out)
    assert "row 2: due: is shown as a date or a time" in refusal(out.getvalue(), "r.xlsx")[0]


def test_merged_cells_are_refused_and_another_sheet_is_told():
    names = HEADER.split(",")
    made = openpyxl.load_workbook(io.BytesIO(book(names, GOOD.split(",")[:3])))
    made.create_sheet("Notes")
    out = io.BytesIO()
    made.save(out)
    loaded = parse_readiness("r.xlsx", book(names, [ISO, "A.2.2", "open"]))
    assert loaded.warnings == ()
    made.active["C2"] = "open"
    out = io.BytesIO()
    made.save(out)
    (warning,) = parse_readiness("r.xlsx", out.getvalue()).warnings
    assert warning == "r.xlsx: only the first visible sheet is read, not 'Notes'"
    made.active.merge_cells("A2:A3")
    out = io.BytesIO()
    made.save(out)
    assert "the cells 'A2:A3' are merged" in refusal(out.getvalue(), "r.xlsx")[-1]


WORDS = st.text(st.sampled_from("=+-@' \u00a0ab,\"\n\t_x0041"), max_size=9).filter(
    lambda text: text == "" or text.strip()
)


LEVELS = st.none() | st.integers(0, 5)


@given(
    st.tuples(LEVELS, LEVELS, WORDS, st.just(""), WORDS, WORDS), st.sampled_from(["4.1", "10.2"])
)
def test_both_tables_read_back_equal_whatever_the_texts_are(fields, id):
    one = Standing(ISO, id, "in part", *fields)
    two = Standing("nist_ai_rmf_1_0", "MAP 1.1", "open", owner="x")
    readiness = Readiness(shipped_frameworks(), (one, two))
    csv = readiness_csv(readiness).encode()
    assert parse_readiness("r.csv", csv).readiness == readiness
    assert parse_readiness("r.xlsx", readiness_xlsx(readiness)).readiness == readiness


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_readiness_is_written_to_a_file_and_read_from_it(tmp_path, suffix):
    readiness = Readiness(shipped_frameworks(), WANTED)
    path = tmp_path / f"readiness{suffix}"
    write_readiness(readiness, path)
    assert read_readiness(path).readiness == readiness


def test_another_type_of_file_is_refused(tmp_path):
    with pytest.raises(WorkbenchError, match=r"written as \.csv or \.xlsx; got '\.ods'"):
        write_readiness(Readiness(shipped_frameworks(), WANTED), tmp_path / "r.ods")
