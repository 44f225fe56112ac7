"""The JavaScript beside the widgets: there, one for each, and never markup from data."""

import re

import pytest

import workbench_widgets
from workbench.resources import PACKAGE
from workbench_widgets import Chart, Choice, RangeControl, Reset, Slider, box
from workbench_widgets.base import STATIC

SCRIPTS = sorted(STATIC.glob("*.js"))
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|"
    r"DOMParser|srcdoc|\beval\b|new Function"
)
OTHER_HOSTS = re.compile(r"https?://|//cdn|unpkg|jsdelivr|cdnjs")


@pytest.mark.parametrize("widget", [Chart, Choice, RangeControl, Reset, Slider])
def test_each_widget_has_one_script_that_draws_it(widget):
    assert "export default { render }" in str(widget._esm)
    assert ".wb-widget" in str(widget._css)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.name)
def test_no_script_parses_data_as_markup_or_asks_another_host(script):
    text = script.read_text(encoding="utf-8")
    assert MARKUP.findall(text) == []
    assert OTHER_HOSTS.findall(text) == []


def test_such_a_line_would_be_seen():
    assert MARKUP.search("el.innerHTML = model.get('label')")
    assert OTHER_HOSTS.search('import("https://esm.sh/plotly")')


def test_every_public_name_is_there():
    assert all(hasattr(workbench_widgets, name) for name in workbench_widgets.__all__)


def test_a_box_puts_texts_and_widgets_under_its_classes():
    slider = Slider()
    card = box("card c7", "<h2>Title</h2>", slider)
    assert card._dom_classes == ("wb-box", "card", "c7")
    assert "<h2>Title</h2>" in card.children[0].value
    assert "mathjax_ignore" in card.children[0].value
    assert card.children[1] is slider


def tokens(text: str) -> dict[str, str]:
    """Return the first statement of each CSS variable in a text."""
    return dict(reversed(re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{3,6})\b", text)))


@pytest.mark.parametrize(
    ("rule", "theme"),
    [("body:not(.workbench)", ":root {"), ('[data-jp-theme-light="false"]', '"dark"] {')],
)
def test_fragments_in_jupyterlab_have_the_colours_of_a_page(rule, theme):
    style = (STATIC / "widgets.css").read_text(encoding="utf-8")
    (ours,) = re.findall(
        re.escape(f"{rule} .wb-box :is(.key, .heat, .scale)") + r" \{(.*)\}", style
    )
    page = PACKAGE / "serving/template/voila/templates/workbench/static/tokens.css"
    wanted = tokens(page.read_text(encoding="utf-8").split(theme)[1])
    wide = {name: "#ffffff" if value == "#fff" else value for name, value in tokens(ours).items()}
    assert len(wide) == 16
    assert wide == {name: wanted[name] for name in wide}
