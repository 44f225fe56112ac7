"""What leaves as a table comes back equal, and no spreadsheet finds a formula in it."""

import csv
import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.files.catalogues.crosswalks import (
    COLUMNS,
    crosswalk_csv,
    parse_crosswalk,
    read_crosswalk,
    shipped_crosswalk,
    write_crosswalk,
)
from workbench.files.neutralised import neutralised, restored
from workbench.files.suspicious import FORMULA_STARTS
from workbench.files.xlsx_writing import workbook
from workbench.frameworks import Crosswalk, Row

STARTS = [*sorted(FORMULA_STARTS), "'", "''", " ", "\u00a0", "a"]
TEXTS = st.lists(st.sampled_from([*STARTS, "1", "(", "b c"]), max_size=5).map("".join)
LINE = ("nist_ai_rmf_1_0", "GOVERN 1.1"), ("iso42001_2023", "4.1"), "subset", 5, "editorial"


@given(TEXTS)
def test_a_neutralised_cell_starts_no_formula_and_gives_its_text_back(text):
    calm = neutralised(text)
    assert calm.lstrip(" \u00a0")[:1] not in FORMULA_STARTS
    assert restored(calm) == text
    assert calm in (text, f"'{text}")


def test_a_calm_text_stays_as_it_is():
    for text in ("", "A.2.2", "it's", "'quoted'", "a=b", "3-4"):
        assert neutralised(text) == text == restored(text)


def test_the_shipped_crosswalk_is_written_and_read_equal(tmp_path):
    write_crosswalk(shipped_crosswalk(), tmp_path / "out.csv")
    assert read_crosswalk(tmp_path / "out.csv") == shipped_crosswalk()
    assert len(shipped_crosswalk()) == 715


def test_formulas_in_a_crosswalk_leave_as_texts_and_come_back(tmp_path):
    provenance, note = '=HYPERLINK("http://x")', "'+1, or\n@here"
    crosswalk = Crosswalk((Row(*LINE, provenance, "", note),))
    write_crosswalk(crosswalk, tmp_path / "out.csv")
    assert read_crosswalk(tmp_path / "out.csv") == crosswalk
    with (tmp_path / "out.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[:1] in FORMULA_STARTS]
    assert f"'{provenance}" in cells


def test_a_row_that_nobody_vouches_for_does_not_leave():
    with pytest.raises(WorkbenchError, match=r"row 2: provenance: is missing"):
        crosswalk_csv(Crosswalk((Row(*LINE, ""),)))


def test_a_crosswalk_is_read_from_a_workbook_and_from_columns_in_any_order(tmp_path):
    rows = [
        [*row.source, *row.target, row.relationship, row.strength, row.basis, row.provenance]
        for row in shipped_crosswalk().rows[:20]
    ]
    names = list(COLUMNS.needed)
    (tmp_path / "x.xlsx").write_bytes(workbook("Rows", names, rows))
    found = read_crosswalk(tmp_path / "x.xlsx")
    turned = [",".join(f'"{cell}"' for cell in row[::-1]) for row in (names, *rows)]
    loaded = parse_crosswalk("x.csv", "\n".join(turned).encode())
    assert loaded.crosswalk == found
    assert loaded.places == tuple(f"row {n}" for n in range(2, 22))
    bare = [replace(row, second_rating="", note="") for row in shipped_crosswalk().rows[:20]]
    assert list(found.rows) == bare


def test_a_row_with_a_wrong_word_names_its_line_and_its_field():
    text = crosswalk_csv(Crosswalk((Row(*LINE, "x"),))).replace("subset", "related")
    with pytest.raises(WorkbenchError, match=r"c\.csv: row 2: relationship: is not known"):
        parse_crosswalk("c.csv", text.encode())
    with pytest.raises(WorkbenchError, match=r"c\.csv: row 1: basis: the column is missing"):
        parse_crosswalk("c.csv", text.replace(",basis,", ",,").encode())


def sheet_of(data):
    return openpyxl.load_workbook(io.BytesIO(data)).active


# openpyxl shows the escape of a carriage return in inline texts, as it stands in the file.
@given(st.lists(TEXTS.filter(lambda t: t.strip() and "\r" not in t), min_size=1, max_size=4))
def test_another_program_sees_texts_where_texts_were_written(texts):
    (_, row) = sheet_of(workbook("T", [f"c{n}" for n, _ in enumerate(texts)], [texts]))
    for cell, text in zip(row, texts, strict=True):
        assert cell.data_type == "s"
        assert cell.quotePrefix
        assert cell.value == text


def test_numbers_are_numbers_and_nothing_is_nothing():
    (_, row) = sheet_of(workbook("T", ["a", "b", "c", "d"], [[3, 0.1, None, ""]]))
    assert [(cell.value, cell.data_type) for cell in row[:2]] == [(3, "n"), (0.1, "n")]
    assert [cell.value for cell in row[2:]] in ([], [None, None])


def test_columns_beyond_z_and_the_name_on_the_tab_are_right():
    sheet = sheet_of(workbook('R & "D"', ["x"] * 30, [list(range(30))]))
    assert sheet.title == 'R & "D"'
    assert sheet["AD2"].value == 29


def test_the_same_table_gives_the_same_bytes_and_a_whole_archive():
    data = workbook("T", ["a"], [["b"]])
    assert data == workbook("T", ["a"], [["b"]])
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None


def test_a_text_that_no_cell_holds_is_refused():
    with pytest.raises(WorkbenchError, match="at most 32767 characters"):
        workbook("T", ["a"], [["b" * 32768]])
    assert len(sheet_of(workbook("T", ["a"], [["b" * 32767]]))["A2"].value) == 32767
