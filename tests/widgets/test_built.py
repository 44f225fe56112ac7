"""A block of plain values becomes widgets, found by their names."""

import ipywidgets
import pytest

from workbench.plots.blocks import (
    Block,
    ChartBlock,
    ChoiceBlock,
    ResetBlock,
    SliderBlock,
    Slot,
    Table,
)
from workbench_widgets import Reset, built

CHART = ChartBlock("curve", {"data": [], "layout": {}}, "What it shows.", Table(("a",), ((1,),)))
SLIDER = SliderBlock("often", "Often", 0, 2, 0.05, 1.0, digits=2, note="today 1.00", today=1.0)
CHOICE = ChoiceBlock("which", "Scenario", (("a", "A"), ("b", "B")), "b", "scenario")
PAGE = Block(
    "card", ("<h2>Title</h2>", CHART, Block("whatif", (SLIDER, Slot("told", "<b>0</b>"), CHOICE)))
)


def test_each_part_is_found_by_its_name_with_what_the_block_says():
    made = built(PAGE)
    chart, slider, choice = made.charts["curve"], made.sliders["often"], made.choices["which"]
    assert (chart.label, chart.name, chart.height) == ("What it shows.", "curve", CHART.height)
    assert chart.table == {"head": ["a"], "rows": [[1]]}
    assert (slider.value, slider.high, slider.today, slider.note) == (1.0, 2.0, 1.0, "today 1.00")
    assert (choice.value, choice.address) == ("b", "scenario")
    assert made.slots["told"].value == "<b>0</b>"


def test_the_widgets_stand_in_boxes_in_the_order_of_the_block():
    made = built(PAGE)
    title, chart, inner = made.widget.children
    assert made.widget._dom_classes == ("wb-box", "card")
    assert "<h2>Title</h2>" in title.value
    assert chart is made.charts["curve"]
    assert isinstance(inner, ipywidgets.Box)
    assert inner.children == (made.sliders["often"], made.slots["told"], made.choices["which"])


@pytest.mark.parametrize("part", [CHART, SLIDER, CHOICE, Slot("told", "")])
def test_two_parts_with_one_name_are_refused(part):
    with pytest.raises(ValueError, match="unique"):
        built(Block("card", (part, Block("row", (part,)))))


def test_blocks_list_their_parts_in_order():
    assert PAGE.charts() == [CHART]
    assert PAGE.sliders() == [SLIDER]
    assert PAGE.choices() == [CHOICE]
    assert [slot.name for slot in PAGE.slots()] == ["told"]


def test_a_button_that_resets_stands_where_its_block_does_and_hears_no_browser():
    made = built(Block("titled", ("<h2>What if</h2>", ResetBlock("reset"))))
    button = made.widget.children[1]
    assert isinstance(button, Reset)
    assert (button.label, button.about) == ("Reset", "Reset the sliders to today")
    assert button.about.startswith(button.label), "its name holds what is seen"
    button.set_state({"label": "Press"})
    assert button.label == "Reset"
    assert "Reset" not in made.words


def test_only_a_slot_that_says_so_is_read_aloud():
    made = built(Block("card", (Slot("told", "<b>0</b>", is_live=True), Slot("story", "<b>1</b>"))))
    assert "wb-live" in made.slots["told"]._dom_classes
    assert "wb-live" not in made.slots["story"]._dom_classes
