"""Ranges as people write them; the numbers that come out are the ones that were understood."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench_widgets import RangeControl


def typed(control, low, mode, high):
    control.set_state({"low_text": low, "mode_text": mode, "high_text": high})


@pytest.mark.parametrize(
    ("kind", "texts", "value"),
    [
        ("money", ("50k", "€200k", "3 million"), (5e4, 2e5, 3e6)),
        ("rate", ("1 in 5 years", "0.5", "2 a year"), (0.2, 0.5, 2.0)),
        ("share", ("1%", "9%", "0.3"), (0.01, 0.09, 0.3)),
        ("money", ("7", "7", "7"), (7, 7, 7)),
    ],
)
def test_a_triple_is_read_as_it_is_written(kind, texts, value):
    control = RangeControl(kind=kind, currency="EUR")
    typed(control, *texts)
    assert control.valid
    assert control.value == pytest.approx(value)
    assert control.faulty == []


def test_each_amount_is_echoed():
    control = RangeControl(currency="EUR", low_text="50k", mode_text="€200k", high_text="3 million")
    assert control.echoes == {"low": "€50,000", "mode": "€200,000", "high": "€3,000,000"}


def test_an_interval_has_no_most_likely_value():
    control = RangeControl(has_mode=False, low_text="50k", high_text="1M")
    assert control.valid
    assert (control.low, control.high) == (5e4, 1e6)
    assert math.isnan(control.mode)


@pytest.mark.parametrize(
    ("texts", "field", "word"),
    [
        (("3M", "2M", "5M"), "mode", "at least the low end, $3,000,000"),
        (("1M", "2M", "500k"), "high", "at least the most likely, $2,000,000"),
        (("1M", "two", "3M"), "mode", "an amount has a number in it"),
        (("1M", "2M", "€3M"), "high", "USD"),
        (("1M", "2M", "1e18"), "high", "at most 1e+15"),
        (("", "2M", "3M"), "low", "an amount is needed"),
    ],
)
def test_a_fault_is_told_at_its_field(texts, field, word):
    control = RangeControl(currency="USD")
    typed(control, *texts)
    assert not control.valid
    assert control.faulty == [field]
    assert word in control.echoes[field]
    assert control.message


@pytest.mark.parametrize("texts", [("0", "5"), ("5", "5"), ("5", "4")])
def test_an_interval_needs_room_above_zero(texts):
    control = RangeControl(has_mode=False, low_text=texts[0], high_text=texts[1])
    assert not control.valid


def test_the_last_range_that_could_be_read_stays():
    control = RangeControl(low_text="1", mode_text="2", high_text="3")
    typed(control, "1", "x", "3")
    assert not control.valid
    assert control.value == (1, 2, 3)


def test_the_three_numbers_change_together():
    control = RangeControl(low_text="1", mode_text="2", high_text="3")
    seen = []
    control.observe(lambda _change: seen.append(control.value), ["low", "mode", "high"])
    typed(control, "10", "20", "30")
    assert set(seen) == {(10, 20, 30)}


@given(st.lists(st.text(max_size=200), min_size=3, max_size=3))
def test_any_text_is_read_or_refused_and_never_kept_at_length(texts):
    control = RangeControl()
    typed(control, *texts)
    assert len(control.low_text) <= 61
    if control.valid:
        assert control.low <= control.mode <= control.high <= 1e15
    else:
        assert control.faulty


def test_a_rate_that_no_engine_computes_is_refused_where_it_is_typed():
    control = RangeControl(kind="rate", low_text="1", mode_text="2", high_text="1,000,000 a year")
    assert control.valid
    control.high_text = "1,000,001 a year"
    assert not control.valid
    assert control.faulty == ["high"]
