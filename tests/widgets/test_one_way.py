"""A browser changes what it may change, and nothing else, whatever it sends."""

import math

import pytest
from traitlets import TraitError

from workbench_widgets import Chart, RangeControl, Slider


def sent(widget, state):
    """Deliver `state` as a browser's update message does."""
    widget.set_state(state)


@pytest.mark.parametrize(
    ("lie", "kept"),
    [
        ({"high": 500.0}, ("high", 20.0)),
        ({"low": -500.0}, ("low", 0.0)),
        ({"step": 0.001}, ("step", 5.0)),
        ({"label": "<b>free</b>"}, ("label", "Share")),
        ({"_esm": "export default {}"}, ("_view_module", "anywidget")),
    ],
)
def test_a_rewritten_bound_changes_nothing_in_the_kernel(lie, kept):
    slider = Slider(label="Share", low=0, high=20, step=5, value=10)
    code = slider._esm
    sent(slider, lie)
    assert getattr(slider, kept[0]) == kept[1]
    assert slider._esm == code


def test_a_refused_trait_is_sent_back_as_the_kernel_holds_it(monkeypatch):
    slider = Slider(low=0, high=20, step=5)
    answered = []
    monkeypatch.setattr(slider, "send_state", answered.append)
    sent(slider, {"high": 60.0, "value": 10.0})
    assert ["high"] in answered
    assert slider.value == 10


@pytest.mark.parametrize(
    ("value", "held"),
    [(55.0, 20), (-3.0, 0), (9.0, 10), (20.0, 20), (math.inf, 10), (math.nan, 10), (1e308, 20)],
)
def test_a_value_from_anywhere_is_capped_to_the_bounds_and_put_on_a_step(value, held):
    slider = Slider(low=0, high=20, step=5, value=10)
    sent(slider, {"value": value})
    assert slider.value == held


@pytest.mark.parametrize("value", ["12", None, [1], {"a": 1}])
def test_a_value_that_is_no_number_is_refused(value):
    slider = Slider(low=0, high=20, step=5, value=10)
    with pytest.raises(TraitError):
        sent(slider, {"value": value})
    assert slider.value == 10


def test_a_bound_and_a_value_in_one_message_do_not_help_each_other():
    slider = Slider(low=0, high=20, step=1)
    sent(slider, {"high": 60.0, "value": 55.0})
    assert (slider.high, slider.value) == (20, 20)


def test_the_top_is_allowed_where_no_step_leads_to_it():
    slider = Slider(low=0, high=1, step=0.3, value=0.95)
    assert slider.value == pytest.approx(0.9)
    slider.value = 1.2
    assert slider.value == 1


@pytest.mark.parametrize("bounds", [(1, 1, 0.1), (2, 1, 0.1), (0, 1, 0), (0, math.inf, 1)])
def test_a_slider_without_room_is_refused(bounds):
    low, high, step = bounds
    with pytest.raises(TraitError, match="finite low < high"):
        Slider(low=low, high=high, step=step)


def test_a_charts_figure_cannot_be_written_from_a_browser():
    chart = Chart({"data": [], "layout": {}}, label="What it shows.")
    sent(chart, {"figure": {"data": [{"x": [1]}]}, "label": "Something else", "themes": {}})
    assert chart.figure == {"data": [], "layout": {}}
    assert chart.label == "What it shows."
    assert chart.themes


def test_what_a_range_control_understood_cannot_be_written_from_a_browser():
    control = RangeControl(low_text="1", mode_text="2", high_text="3")
    sent(control, {"valid": False, "echoes": {}, "kind": "share", "message": "hello"})
    assert (control.valid, control.kind, control.message) == (True, "money", "")
    assert control.echoes["low"] == "$1"
