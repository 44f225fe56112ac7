"""Numerals: those of YAML 1.2 and JSON in base ten, and a remedy for each of the others."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.files.numerals import number
from workbench.files.tree import Unreadable


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_is_read_back(value):
    read = number(repr(value))
    assert read == value
    assert math.copysign(1, read) == 1 or value < 0


@given(st.integers(-(10**17), 10**17))
def test_whole_numbers_stay_whole(value):
    assert number(str(value)) == value
    assert isinstance(number(str(value)), int)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_a_text_is_a_number_only_in_ascii_decimals(text):
    if isinstance(number(text), int | float):
        assert set(text) <= set("0123456789+-.eE")


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", "e5", "1e", "1.2.3", "1 2", "1,5", "1_0", "１", "٣", "½", "1e5.5", "0x", "0b2",
     "0o8", "5%", "true", "null"],
)  # fmt: skip
def test_what_is_no_numeral_is_none(text):
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "fix"),
    [("007", "write 7 without the leading zero"), ("-00.5", "write -0.5 without the leading zero"),
     ("0x1F", "write 31"), ("-0o17", "write -15"), ("0b101", "write 5"), ("1e-999", "write 0"),
     ("1e999", ""), (".inf", ""), ("-.NaN", ""), ("Infinity", ""), ("nan", ""),
     ("9" * 301, "write it with at most 17 digits")],
)  # fmt: skip
def test_what_programs_read_differently_has_a_remedy(text, fix):
    found = number(text)
    assert isinstance(found, Unreadable)
    assert found.fix == fix


def test_zero_has_no_sign():
    assert math.copysign(1, number("-0.0")) == 1
    assert number("0e999999") == 0
