"""RFC 8785: the published vectors, and the hash of a study's inputs."""

import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.audit.canonical import ecmascript_number
from workbench.errors import WorkbenchError
from workbench.files import canonical_json, inputs_sha256, parse_study

# RFC 8785, appendix B: the bits of a double and its ECMAScript form.
NUMBERS = [
    "",
    "0000000000000000 0",
    "8000000000000000 0",
    "0000000000000001 5e-324",
    "8000000000000001 -5e-324",
    "7fefffffffffffff 1.7976931348623157e+308",
    "ffefffffffffffff -1.7976931348623157e+308",
    "4340000000000000 9007199254740992",
    "c340000000000000 -9007199254740992",
    "4430000000000000 295147905179352830000",
    "44b52d02c7e14af5 9.999999999999997e+22",
    "44b52d02c7e14af6 1e+23",
    "44b52d02c7e14af7 1.0000000000000001e+23",
    "444b1ae4d6e2ef4e 999999999999999700000",
    "444b1ae4d6e2ef4f 999999999999999900000",
    "444b1ae4d6e2ef50 1e+21",
    "3eb0c6f7a0b5ed8c 9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d 0.000001",
    "41b3de4355555553 333333333.3333332",
    "41b3de4355555554 333333333.33333325",
    "41b3de4355555555 333333333.3333333",
    "41b3de4355555556 333333333.3333334",
    "41b3de4355555557 333333333.33333343",
    "becbf647612f3696 -0.0000033333333333333333",
    "43143ff3c1cb0959 1424953923781206.2",
    "",
][1:-1]


@pytest.mark.parametrize("line", NUMBERS)
def test_numbers_are_written_as_appendix_b_says(line):
    bits, text = line.split()
    assert ecmascript_number(struct.unpack(">d", bytes.fromhex(bits))[0]) == text


def test_the_sample_of_section_3_2_2_has_its_published_bytes():
    sample = json.loads(
        r"""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]}"""
    )
    wanted = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical_json(sample) == wanted.encode()


def test_keys_are_sorted_by_utf16_as_section_3_2_3_shows():
    keys = {"\u20ac": "Euro Sign", "\r": "CR",
            "\ufb33": "Dalet", "1": "One", "\U0001f600": "Face", "\u0080": "Control",
            "\u00f6": "Latin Small Letter O With Diaeresis"}  # fmt: skip
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical_json(keys))) == order


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_canonical_number_reads_back_equal(value):
    assert float(ecmascript_number(value)) == value


NUMBERS_OF_JSON = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
TREES = st.recursive(
    st.none() | st.booleans() | NUMBERS_OF_JSON | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=10,
)


@given(TREES)
def test_canonical_json_is_json_and_its_own_canonical_form(tree):
    data = canonical_json(tree)
    back = json.loads(data, parse_int=float)  # to JSON, every number is a double
    assert back == tree
    assert canonical_json(back) == data


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, 2**53 + 1, 10**400, {1: 2}, {"a": object()}, "\ud800", {"\ud800": 1}],
)  # fmt: skip
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(WorkbenchError):
        canonical_json(value)


def test_the_hash_is_of_the_study_and_not_of_the_file(gate):
    table = gate.accepted(gate.csv_of({}, {"id": "A-1"})).study
    rows = json.loads(gate.json_of({"id": "A-1"}, {"id": "S-1"}))["scenarios"]
    text = json.dumps(rows).replace("0.5", "5e-1").replace("1000000", "1.0E6")
    assert inputs_sha256(parse_study("t.json", text.encode()).study) == inputs_sha256(table)
    assert inputs_sha256(parse_study("t.yaml", text.encode()).study) == inputs_sha256(table)


@pytest.mark.parametrize(
    "change", [{"aro_low": 0.2}, {"name": "x"}, {"id": "x"}, {"likelihood": 1}]
)
def test_every_change_of_the_inputs_changes_the_hash(gate, change):
    before = inputs_sha256(gate.accepted(gate.csv_of({})).study)
    assert inputs_sha256(gate.accepted(gate.csv_of(change)).study) != before
    assert len(before) == 64
