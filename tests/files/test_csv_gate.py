"""Bad tables: each fault in one line that names the row, the column, the value and the remedy."""

import pytest


def test_a_table_becomes_a_study_by_the_stated_defaults(gate):
    study = gate.accepted(gate.csv_of({}, {})).study
    assert (study.name, study.currency, study.seed) == ("Scenario table", "USD", 1)
    assert [scenario.id for scenario in study.scenarios] == ["S-1", "S-2"]
    assert study.scenarios[0].frequency.to_dict() == {
        "type": "pert", "low": 0.1, "mode": 0.5, "high": 2.0, "shape": 4.0,
    }  # fmt: skip
    assert study.scenarios[0].likelihood == 3


@pytest.mark.parametrize(
    ("field", "cell", "said"),
    [
        ("aro_low", "-0.1", "got '-0.1', allowed 0 to 1000000 events a year"),
        ("aro_mode", "nan", "is not a finite number, got 'nan'"),
        ("aro_mode", "NaN", "is not a finite number, got 'NaN'"),
        ("aro_high", "inf", "is not a finite number, got 'inf'"),
        ("aro_high", "-Infinity", "is not a finite number"),
        ("aro_high", "1000001", "is not computed in this version"),
        ("aro_mode", "once a year", "is not a number, got 'once a year'"),
        ("aro_mode", "9%", "is not a number, got '9%'"),
        ("asset_value", "3M", "is not a number, got '3M', allowed 0 to 1e15; write 3000000"),
        ("asset_value", "1e400", "is larger than any number can be, got '1e400'"),
        ("asset_value", "1e-400", "is smaller than any number can be"),
        ("asset_value", "1e16", "is out of range, got '1e+16'"),
        ("asset_value", "0x10", "is not a decimal number, got '0x10', allowed 0 to 1e15; write 16"),
        ("asset_value", "1_000", "is not a number, got '1_000', allowed 0 to 1e15; write 1000"),
        ("asset_value", '"1,5"', "is not a number, got '1,5', allowed 0 to 1e15; write 1.5"),
        ("asset_value", '"2,500,000"', "write 2500000"),
        ("asset_value", "١٢٣", "is not a number, got '١٢٣'"),
        ("asset_value", "１２３", "is not a number, got '１２３'"),
        ("asset_value", "1\u00a0000", r"got '1\xa0000'"),
        ("asset_value", "€50k", "write 50000"),
        ("asset_value", "True", "is not a number, got 'True'"),
        ("asset_value", "0100", "begins with 0"),
        ("asset_value", "1e", "is not a number, got '1e'"),
        ("asset_value", "--5", "is not a number, got '--5'"),
        ("asset_value", "5.", None),
        ("asset_value", "+5", None),
        ("asset_value", ".5", None),
        ("asset_value", "1E6", None),
        ("asset_value", " 7 ", None),
        ("asset_value", "-0", None),
        ("asset_value", "", "is missing"),
        ("ef_high", "80%", "is not a number, got '80%', allowed 0 to 1 (0.8 is 80 %); write 0.8"),
        ("ef_high", "80", "is out of range, got '80'"),
        ("ef_low", "0.9", "is above ef_mode, got '0.9', allowed at most 0.3"),
        ("ef_mode", "0.9", "is above ef_high, got '0.9', allowed at most 0.8"),
        ("likelihood", "3.0", "is not a whole number, got '3', allowed a whole number from 1 to 5"),
        ("likelihood", "0", "is out of range, got '0'"),
        ("likelihood", "6", "is out of range, got '6'"),
        ("consequence", "high", "is not a whole number, got 'high'"),
        ("consequence", "", "is missing, allowed a whole number from 1 to 5"),
        ("id", "", "is empty"),
        ("id", "   ", "is blank"),
        ("id", " S-9", "begins or ends with a space"),
        ("id", "S\u200b9", r"invisible character; remove it, got 'S\u200b9'"),
        ("id", "S\u202e9", r"got 'S\u202e9'"),
        ("id", "..", "looks like a path"),
        ("id", "a/b", "looks like a path"),
        ("id", "x" * 101, "is too long"),
        ("name", "", "is empty"),
        ("name", "\u3000", "is blank"),
        ("name", "x\x1b[31m", r"control character; remove it, got 'x\x1b[31m'"),
        ("name", "x\x85y", r"control character; remove it, got 'x\x85y'"),
        ("name", "x" * 1001, "(1001 characters)', allowed at most 1000 characters"),
    ],
)  # fmt: skip
def test_a_cell_is_refused_with_its_row_column_and_remedy(gate, field, cell, said):
    text = gate.csv_of({}, {field: cell})
    if said is None:
        gate.accepted(text)
        return
    messages = gate.refusal(text)
    assert len(messages) == 1
    assert messages[0].startswith(f"t.csv: row 3: {field}: ")
    assert said in messages[0]


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [("id", "007", "007"), ("id", "1e5", "1e5"), ("id", "NA", "NA"), ("id", "=1", "=1"),
     ("id", "ä ö", "ä ö"), ("name", "null", "null"), ("name", "1e5", "1e5"),
     ("name", '"a ""b"", c"', 'a "b", c'), ("name", "<script>alert(1)</script>", None),
     ("name", "=HYPERLINK()", None), ("name", "{{ 7*7 }}", None), ("name", "📈", None)],
)  # fmt: skip
def test_texts_stay_the_texts_they_are(gate, field, cell, value):
    study = gate.accepted(gate.csv_of({field: cell})).study
    assert getattr(study.scenarios[0], field) == (cell if value is None else value)


@pytest.mark.parametrize(
    ("name", "said"),
    [("=1+1", "begins like a formula"), ("@x", "begins like a formula"),
     ("\uff1d1", "begins like a formula"), ("a\u202eb", "reorder"), ("a\u200bb", "invisible"),
     ('"a\nb"', "line break")],
)  # fmt: skip
def test_doubtful_names_are_accepted_with_a_warning(gate, name, said):
    (warning,) = gate.accepted(gate.csv_of({}, {"name": name})).warnings
    assert warning.startswith("t.csv: row 3: name: ")
    assert said in warning
    assert "\n" not in warning


def test_the_row_of_a_fault_is_the_line_on_which_it_begins(gate):
    text = gate.csv_of({"name": '"two\nlines"'}, {"aro_low": "x"})
    assert gate.refusal(text)[0].startswith("t.csv: row 4: aro_low")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id;name;aro_low\n1;2;3\n", "row 1: the columns are separated by ';'"),
        ("id\tname\taro_low\n", "separated by a tab"),
        ("id|name|aro_low\n", "separated by '|'"),
        ("S-1,Leak,1,2,3,4,5,6,7,1,2\n", "row 1: there is no header line, got 'S-1,Leak"),
        ("sep=,\nid,name\n", "remove the line 'sep='"),
        ("\n\n", "the file is empty"),
        ("", "the file is empty"),
        ("\ufeff", "the file is empty"),
        ("," * 200 + "\n", "has 201 columns"),
    ],
)
def test_what_is_no_header_is_said_to_be_none(gate, text, said):
    messages = gate.refusal(text)
    assert len(messages) == 1
    assert said in messages[0]


def test_every_fault_of_a_header_is_named(gate):
    header = gate.columns.replace("aro_low", "aro_lo").replace("likelihood", "id") + ",extra,"
    text = "\n".join(gate.refusal(gate.csv_of(header=header)))
    for said in (
        "row 1: aro_lo: is not a known column, did you mean 'aro_low'?",
        "row 1: aro_low: the column is missing",
        "row 1: likelihood: the column is missing",
        "row 1: id: the column stands in the header twice",
        "row 1: extra: is not a known column, allowed id, name",
        "row 1: column 13 has no name",
    ):
        assert said in text


def test_columns_come_in_any_order_and_case_and_with_a_byte_order_mark(gate):
    names = gate.columns.upper().split(",")
    cells = [str(gate.cells[name.lower()]) for name in names]
    text = ",".join(names[::-1]) + "\r\n" + ",".join(cells[::-1]) + "\r\n"
    loaded = gate.accepted(b"\xef\xbb\xbf" + text.encode())
    assert loaded.study == gate.accepted(gate.csv_of({})).study
    assert "lower case" in loaded.warnings[0]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_system_are_read(gate, ending):
    text = gate.csv_of({}, {}).replace("\n", ending)
    assert gate.accepted(text).study == gate.accepted(gate.csv_of({}, {})).study


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("S-2,Leak", "row 3: has 2 cells, the header has 11"),
        ("S-2,Leak,0.1,0.5,2,1000000,0.1,0.3,0.8,3,4,", "row 3: has 12 cells"),
        ("S-2,Leak,0,5,2,1000000,0,1,0.3,0.8,3,4", "row 3: has 12 cells"),
        ('S-2,"Leak,0.1,0.5,2,1,0.1,0.3,0.8,3,4', "row 3: a quote that opens here"),
        ('S-2,"Leak"x,0.1,0.5,2,1,0.1,0.3,0.8,3,4', "row 3: text stands after a closing quote"),
        ('S-2,"' + "x" * 200_000 + '",1', "row 3: a quote that opens here"),
        (",".join(("id", "name", "aro_low", "aro_mode", "aro_high", "asset_value", "ef_low",
                   "ef_mode", "ef_high", "likelihood", "consequence")), "header line is repeated"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_is_named(gate, line, said):
    messages = gate.refusal(gate.csv_of({}, line, {}))
    assert said in messages[0]


def test_blank_lines_are_left_out_and_told_in_the_middle_only(gate):
    loaded = gate.accepted(gate.csv_of({}, "", ",,,,,,,,,,", {"id": "S-2"}) + "\n\n\n")
    assert len(loaded.study.scenarios) == 2
    assert [w.partition(": ")[2] for w in loaded.warnings] == [
        "row 3: the row is blank and was left out",
        "row 4: the row is blank and was left out",
    ]


def test_blank_lines_before_the_header_are_passed_over_and_counted(gate):
    message = gate.refusal("\n\r\n" + gate.csv_of({"aro_low": "x"}))[0]
    assert message.startswith("t.csv: row 4: aro_low: ")


def test_a_header_alone_is_an_empty_study_with_a_warning(gate):
    loaded = gate.accepted(gate.csv_of())
    assert loaded.study.scenarios == ()
    assert "there are none" in loaded.warnings[0]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [("S-1", "S-1", "is used twice, got 'S-1', first in row 2"),
     ("s-1", "S-1", "differs from 's-1' only by its writing, got 'S-1', first in row 2"),
     ("é", "e\u0301", "only by its writing"), ("ﬁ", "fi", "only by its writing")],
)  # fmt: skip
def test_ids_that_could_be_taken_for_each_other_are_refused_at_the_second(
    gate, first, second, said
):
    (message,) = gate.refusal(gate.csv_of({"id": first}, {"id": second}))
    assert message.startswith("t.csv: row 3: id: ")
    assert said in message


def test_all_faults_of_all_rows_are_told_at_once(gate):
    rows = [{"aro_low": "x", "ef_high": "2"}, {"id": "S-1", "asset_value": "-1"}]
    assert [message.split(": ")[1:3] for message in gate.refusal(gate.csv_of(*rows))] == [
        ["row 2", "aro_low"],
        ["row 2", "ef_high"],
        ["row 3", "id"],
        ["row 3", "asset_value"],
    ]


def test_fifty_errors_are_told_and_the_rest_counted(gate):
    messages = gate.refusal(gate.csv_of(*[{"aro_low": "x"}] * 120))
    assert len(messages) == 51
    assert messages[-1] == "t.csv: and 70 more"


def test_equal_bounds_are_a_number_known_exactly(gate):
    bounds = dict.fromkeys(("aro_low", "aro_mode", "aro_high"), 2)
    scenario = gate.accepted(gate.csv_of(bounds)).study.scenarios[0]
    assert scenario.frequency.to_dict() == {"type": "point", "value": 2.0}


def test_zero_rates_values_and_shares_are_accepted(gate):
    zeros = dict.fromkeys(gate.columns.split(",")[2:9], 0)
    assert gate.accepted(gate.csv_of(zeros)).study.scenarios[0].frequency.mean() == 0
