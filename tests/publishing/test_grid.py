"""What is packed for a page is what was computed."""

import base64
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.plots.blocks import SliderBlock
from workbench.publishing.grid import computed_grid, encoded, positions, top_decade

SLIDER = SliderBlock("a", "A", 0, 2, 0.05, 1.0)


def codes(text: str) -> list[int]:
    return np.frombuffer(base64.b64decode(text), "<u2").tolist()


def height(code: int, top: int) -> float:
    """Read a code as published.js does."""
    place, digits = divmod(code - 1, 9000)
    return float(f"{1000 + digits}e{top - 10 + place}") if code else 0.0


@given(st.lists(st.just(0.0) | st.floats(1e-200, 1e6), min_size=1, max_size=30))
def test_heights_come_back_in_four_digits_over_seven_decades(values):
    top = top_decade(np.array(values))
    back = [height(code, top) for code in codes(encoded(values, top))]
    for value, read in zip(values, back, strict=True):
        small = value < 10.0 ** (top - 7)
        assert read == 0 if small else math.isclose(read, value, rel_tol=0.51e-3)


@pytest.mark.parametrize(
    ("value", "read"), [(1.0, 1.0), (0.99996, 1.0), (0.09702, 0.09702), (1e-6, 1e-6), (0, 0)]
)
def test_known_heights(value, read):
    assert height(codes(encoded([value], 1))[0], 1) == read


def test_a_published_slider_has_its_ends_and_today():
    assert positions(SLIDER) == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]


@pytest.mark.parametrize(
    ("low", "published"), [(0.0, 0.0), (0.3, 0.5), (0.5, 0.5), (0.8, 1.0), (1.0, 1.0)]
)
def test_a_published_slider_has_today_and_nothing_below_its_lowest(low, published):
    found = positions(SliderBlock("a", "A", low, 2, 0.1, 1.0, today=1.0))
    assert found[0] == published
    assert 1 in found
    assert found[-1] == 2


def test_every_combination_is_asked_once_and_told_as_answered(board):
    done = []
    grid = computed_grid(board.drivers, board.answer, lambda *at: done.append(at))
    assert len({tuple(f.items()) for f in board.asked}) == len(board.asked) == 81
    assert done[-1] == (81, 81)
    slot = grid["slots"]["answer"]
    for at, factors in enumerate(list(board.asked)):
        pieces = [slot["pieces"][i] for i in slot["rows"][slot["which"][at]]]
        assert "".join(pieces) == board.answer(factors).slots["answer"]
        assert at == 9 * grid["axes"][0].index(factors["a"]) + grid["axes"][1].index(factors["b"])


def test_curves_and_what_is_told_at_their_points_come_back(board):
    grid = computed_grid(board.drivers, board.answer)
    (trace,) = grid["traces"]
    heights, told = codes(trace["y"]), codes(trace["text"]["codes"])
    for at, factors in enumerate(list(board.asked)):
        row, overlay = trace["rows"][at], board.answer(factors).overlay
        assert (row == -1) == (overlay == [])
        if overlay:
            cut = slice(2 * row, 2 * row + 2)
            read = [height(code, trace["top"]) for code in heights[cut]]
            assert read == pytest.approx(overlay[0]["y"], rel=1e-3)
            ends = zip(told[cut], trace["text"]["ends"], strict=True)
            assert [trace["text"]["starts"][c] + end for c, end in ends] == overlay[0]["text"]


def test_four_sliders_are_refused(board):
    with pytest.raises(WorkbenchError, match="at most 3 sliders"):
        computed_grid([SLIDER] * 4, board.answer)
