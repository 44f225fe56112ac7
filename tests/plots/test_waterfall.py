"""A waterfall's bars begin where the last one ended, and say their signs in words."""

import json
import math

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plots import Figure
from workbench.plots.waterfall import MOST_BARS, WaterfallBar, shown_bars, waterfall

HOSTILE = "<img src=x onerror=alert(1)> %{x} $x$"
MOVES = st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), max_size=30)


def drawn(moves: list[float], before: float = 5e6, **more) -> Figure:
    bars = [WaterfallBar(f"input {i}", move) for i, move in enumerate(moves)]
    after = before + math.fsum(moves)
    found = waterfall(bars, before=before, after=after, currency="EUR", **more)
    go.Figure({"data": found["data"], "layout": found["layout"]})
    return dict(json.loads(json.dumps(found, allow_nan=False)))


@given(MOVES)
def test_the_bars_lead_from_one_total_to_the_other(moves: list[float]) -> None:
    bar = drawn(moves)["data"][0]
    ends = [base + length for base, length in zip(bar["base"], bar["x"], strict=True)]
    assert bar["base"][0] == bar["base"][-1] == 0
    for start, end in zip(bar["base"][1:-1], ends[:-2], strict=True):
        assert start == pytest.approx(end, abs=1e-3)
    assert ends[-1] == pytest.approx(ends[-2], abs=1e-3)
    assert len(bar["x"]) <= MOST_BARS + 2


@given(MOVES)
def test_what_is_left_out_stands_together_and_nothing_is_lost(moves: list[float]) -> None:
    bars = [WaterfallBar(str(i), move, 1.0) for i, move in enumerate(moves)]
    shown = shown_bars(bars)
    assert math.fsum(b.move for b in shown) == pytest.approx(math.fsum(moves), abs=1e-3)
    assert math.fsum(b.error for b in shown) == len(moves)
    named = [b for b in shown if not b.name.startswith("other")]
    assert [abs(b.move) for b in named] == sorted((abs(b.move) for b in named), reverse=True)
    if len(moves) > MOST_BARS:
        assert shown[-1].name == f"other {len(moves) - MOST_BARS + 1} inputs"
        assert abs(named[-1].move) == sorted(map(abs, moves), reverse=True)[MOST_BARS - 2]


def test_signs_stand_in_the_text_and_in_the_colour() -> None:
    figure = drawn([1.2e6, -3.4e5, 0.0])
    texts = [note["text"] for note in figure["layout"]["annotations"]]
    assert texts == [
        "<b>€5.0M</b>",
        "<b>+€1.2M</b>",
        "<b>\N{MINUS SIGN}€340k</b>",
        "<b>€0</b>",
        "<b>€5.9M</b>",
    ]
    assert figure["data"][0]["marker"]["color"] == [
        "var(--ink-3)",
        "var(--current)",
        "var(--residual)",
        "var(--ink-3)",
        "var(--ink-3)",
    ]


def test_an_error_is_told_beside_its_move() -> None:
    figure = waterfall([WaterfallBar("S-1: aro", -2e6, 5e4)], before=3e6, after=1e6, currency="USD")
    told = figure["layout"]["annotations"][1]["text"]
    assert told.startswith("<b>\N{MINUS SIGN}")
    assert "± " in told
    assert "50k" in told


def test_the_axis_holds_zero_and_every_bar() -> None:
    for moves in ([2e6, -1e6], [-6e6, 3e6], [0.0], []):
        figure = drawn(moves)
        low, high = figure["layout"]["xaxis"]["range"]
        bar = figure["data"][0]
        ends = [base + length for base, length in zip(bar["base"], bar["x"], strict=True)]
        assert low <= min(0.0, *ends)
        assert max(0.0, *ends) <= high


def test_nothing_at_all_can_be_drawn() -> None:
    assert drawn([], before=0.0)["data"][0]["x"] == [0, 0]


def test_no_text_of_a_study_is_markup() -> None:
    bars = [WaterfallBar(HOSTILE, 1e6)]
    figure = waterfall(
        bars, before=0, after=1e6, currency="EUR", title="Mean", names=(HOSTILE, HOSTILE)
    )
    text = json.dumps(figure)
    assert "<img" not in text
    assert "%{x}" not in text
    assert "$x$" not in text


def test_a_narrow_screen_has_names_above_thinner_bars_and_values_beside_them() -> None:
    figure = drawn([1e6, 2e6])
    narrow = figure["layout"]["meta"]["narrow"]
    assert len(narrow["annotations"]) == 2 * len(figure["data"][0]["x"])
    assert narrow["yaxis"]["tickvals"] == []
    names, values = narrow["annotations"][::2], narrow["annotations"][1::2]
    row = 30  # px between two bars, at the least
    for name in names:  # half a line of text stands clear of the bar below it
        assert name["yshift"] - 0.5 * name["font"]["size"] > 0.5 * row * (1 - narrow["bargap"])
    for value in values:  # right of the axis, within its margin
        assert 0 < value["xshift"] <= narrow["margin"]["r"]
        assert "yshift" not in value
