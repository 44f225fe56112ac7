"""Tables of named columns: what is blank, too long, too large or no table is told by its row."""

import pytest

from workbench.files import FileRefused
from workbench.files.catalogues import tables
from workbench.files.catalogues.tables import Columns, columns_csv, table_rows
from workbench.files.messages import Findings
from workbench.files.opening import LARGEST_FILE

COLUMNS = Columns(("a", "b"), more=("n",), numbers=frozenset({"n"}))


def read(data, name="t.csv"):
    findings = Findings(name)
    rows = list(table_rows(name, data, COLUMNS, findings))
    findings.refuse_if_any()
    return rows, findings.warnings()


def refusal(data, name="t.csv"):
    with pytest.raises(FileRefused) as caught:
        read(data, name)
    return caught.value.messages


def test_rows_come_with_their_line_and_without_what_is_empty():
    rows, warnings = read(b"B,A,n\n1,x,2\n,y,\n2,z,word\n")
    assert rows == [
        ("row 2", {"b": "1", "a": "x", "n": 2}),
        ("row 3", {"a": "y"}),
        ("row 4", {"b": "2", "a": "z", "n": "word"}),
    ]
    assert warnings == ()


def test_blank_rows_are_told_one_by_one_up_to_a_number():
    rows, warnings = read(b"a,b\n1,2\n,\n3,4\n")
    assert [place for place, _ in rows] == ["row 2", "row 4"]
    assert warnings == ("t.csv: row 3: the row is blank and was left out",)
    many = read(b"a,b\n" + b",\n" * (tables.MOST_BLANK + 9))[1]
    assert len(many) == tables.MOST_BLANK


def test_blank_lines_before_the_header_are_no_rows_and_columns_without_any_name_neither():
    assert read(b"\n\na,b,,\n1,2,,\n") == ([("row 4", {"a": "1", "b": "2"})], ())
    assert refusal(b"a,b,\n1,2,3\n") == (
        "t.csv: row 2: column 3 has no name in the header, got '3'; remove the cell",
    )
    assert refusal(b"a,,b\n") == ("t.csv: row 1: column 2 has no name; remove it",)


def test_the_last_row_that_is_allowed_is_read_and_the_next_one_refused(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    assert len(read(b"a,b\n1,2\n1,2\n")[0]) == 2
    assert refusal(b"a,b\n1,2\n1,2\n1,2\n") == ("t.csv: row 4: is one too many, allowed 2 rows",)


def test_every_column_that_stands_twice_is_told_once_more():
    assert refusal(b"a,b,a,b\n") == (
        "t.csv: row 1: a: the column stands in the header twice; keep one",
        "t.csv: row 1: b: the column stands in the header twice; keep one",
    )


def test_bytes_that_came_by_another_way_have_the_same_limit():
    assert "the file is too large, allowed 16 MiB" in refusal(b" " * (LARGEST_FILE + 1))[0]


def test_a_tree_is_no_table():
    assert refusal(b"[]", "t.json") == ("t.json: this is no table; write it as CSV or XLSX",)


def test_a_written_table_has_no_live_cell_and_its_numbers_are_numbers():
    text = columns_csv(COLUMNS, [["=1+1", "x", -3], ["'=2", "", None]])
    assert text == "a,b,n\r\n'=1+1,x,-3\r\n''=2,,\r\n"
    assert read(text.encode())[0] == [
        ("row 2", {"a": "=1+1", "b": "x", "n": -3}),
        ("row 3", {"a": "'=2"}),
    ]
