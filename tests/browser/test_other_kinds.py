"""A chart that is neither lines nor bars on a served page: it loads all of plotly.js, and draws."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAGE = "heat"
CELLS = [
    """
from IPython.display import HTML
from workbench_widgets import Chart, Slider, box
HTML('<section class="lede"><h1>Two kinds of charts</h1></section>')
""",
    """
line = {"type": "scatter", "mode": "lines", "x": [1, 2, 3], "y": [3, 1, 2], "name": "A line"}
heat = {"type": "heatmap", "z": [[1, 2, 3], [4, 5, 6]], "showscale": True}
first = Chart({"data": [line], "layout": {}}, label="A line of three points.")
second = Chart({"data": [heat], "layout": {}}, label="A heatmap of six cells.")
box("card", "<header><div><h2>Both</h2></div></header>", first, second)
""",
    """
slider = Slider(label="Which", low=1, high=2, step=1, value=1)

def other(_change):
    cells = heat | {"z": [[6, 5], [4, 3], [2, 1]]}
    second.show({"data": [cells], "layout": {}}, "Another heatmap.")
    first.show({"data": [line | {"y": [1, 2, 3]}], "layout": {}}, "Another line.")

slider.observe(other, "value")
slider
""",
]


@pytest.fixture(scope="module")
def seen(address_of, visit):
    found = visit(address_of(PAGE))
    yield found
    found.page.context.close()


def test_the_page_names_both_plotlys_and_loads_each_once(seen):
    named = seen.page.locator("#workbench-plotly")
    first, whole = (named.get_attribute(name) for name in ("src", "data-whole"))
    assert first != whole
    assert [len(seen.fetched(address)) for address in (first, whole)] == [1, 1]
    assert seen.outside() == []
    assert seen.errors == []


def test_both_kinds_are_drawn(seen):
    page = seen.page
    heat = page.get_by_role("img", name="A heatmap of six cells.")
    assert heat.evaluate("e => e._fullData.map(t => t.type)") == ["heatmap"]
    picture = heat.locator(".heatmaplayer image")
    assert picture.evaluate("e => e.href.baseVal").startswith("data:image/png")
    box = picture.bounding_box()
    assert min(box["width"], box["height"]) > 100
    line = page.get_by_role("img", name="A line of three points.")
    assert line.locator(".js-line").get_attribute("d").count("L") == 2


def test_both_kinds_follow_their_kernel(seen):
    page = seen.page
    page.get_by_role("slider", name="Which").press("End")
    heat = page.get_by_role("img", name="Another heatmap.")
    expect(heat).to_have_count(1)
    page.wait_for_function("e => e._fullData[0].z.length === 3", arg=heat.element_handle())
    assert heat.evaluate("e => e._fullData[0].z") == [[6, 5], [4, 3], [2, 1]]
    line = page.get_by_role("img", name="Another line.")
    page.wait_for_function("e => e._fullData[0].y[0] === 1", arg=line.element_handle())
    assert seen.errors == []
