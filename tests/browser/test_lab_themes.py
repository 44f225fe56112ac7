"""Every widget in JupyterLab: readable in both themes, drawn anew at once, from one plotly.js."""

import re
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PATIENCE = 60.0  # s
READABLE = 4.5  # contrast of text, WCAG 2.2 criterion 1.4.3
SETTLED = 400  # ms until a theme's styles have been loaded and the charts drawn with them
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
EDITED = "what a user made of it"
CELLS = [
    """
from IPython.display import display
from ipywidgets import HTML
from workbench import Pert, Point, Scenario, Study
from workbench.plots import heat
from workbench.models.matrix_ranking import rank
from workbench.reports.board import open_board
from workbench_widgets import Chart, Choice, FairTree, RangeControl, Reset, SeverityMatrix
from workbench_widgets import Slider, box

board = open_board()
display(*(Chart(board.exceedance(), label=f"A year's loss, {n}", height=300) for n in (1, 2)))
""",
    """
cost = RangeControl(label="Cost", low_text="50k", mode_text="nonsense", high_text="3M")
share = Slider(label="Share", high=20, step=1, value=10, unit="%", note="today 10%", today=10)
heard = HTML("<p id='heard'>not moved</p>")
share.observe(lambda _: setattr(heard, "value", f"<p id='heard'>{share.value:g}</p>"), "value")
which = Choice(label="Scenario", options=[["a", "One"], ["b", "Two"]], value="a")
head = box("titled", "<h3>A share</h3>", Reset(about="Reset the share to today"))
box("card", head, cost, share, which, heard)
""",
    """
ranges = {"aro": Pert(0.05, 0.2, 0.6), "exposure_factor": Pert(0.01, 0.08, 0.6)}
leak = Scenario.classical("S-2", "Leak", asset_value=Point(12_000_000), **ranges)
FairTree(Study(scenarios=(leak,)), "S-2", lens="classical")
""",
    """
ranking = rank(board.result)
matrix = SeverityMatrix(heat(ranking.matrix, ranking.rows, currency="EUR"), label="The matrix")
matrix.value = "S-09"
matrix
""",
]
# Every text that is seen in a widget, with its contrast against what lies behind it. Colours are
# made numbers by a canvas, since a browser gives them in several notations.
CONTRASTS = """
() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, low) => top.slice(0, 3).map((v, k) => v * top[3] + low[k] * (1 - top[3]));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      layers.push(rgba(getComputedStyle(at).backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((low, top) => over(top, low), [255, 255, 255]);
  };
  const found = [];
  for (const element of document.querySelectorAll(".wb-widget, .wb-widget *")) {
    const shown = element.matches("input:not([type=range], [type=radio]), select")
      ? element.value
      : [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join("");
    const box = element.getBoundingClientRect();
    if (!shown || element.matches("style, script") || box.width < 2 || box.height < 2) continue;
    const style = getComputedStyle(element);
    if (style.visibility === "hidden" || style.clipPath !== "none") continue;
    const ink = rgba(element instanceof SVGElement ? style.fill : style.color);
    let opacity = element instanceof SVGElement ? Number(style.fillOpacity) : 1;
    for (let at = element; at; at = at.parentElement) opacity *= getComputedStyle(at).opacity;
    if (opacity === 0) continue;
    const ground = behind(element);
    const pair = [light(over([...ink.slice(0, 3), ink[3] * opacity], ground)), light(ground)];
    const [high, low] = pair.sort((a, b) => b - a);
    const kind = element.closest(".wb-widget").className;
    found.push([shown.slice(0, 40), kind, (high + 0.05) / (low + 0.05)]);
  }
  return found;
}
"""
MARKED = "() => [...document.querySelectorAll('.wb-chart .chart')].map(c => c.dataset.drawn)"


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser, serve_lab, write_scratch):
    """Run a notebook with every widget, and give its page, its folder and what it did."""
    folder = tmp_path_factory.mktemp("books")
    write_scratch(folder, "all", CELLS)
    (folder / "02-severity-matrix.ipynb").write_text(EDITED)
    with serve_lab(folder, tmp_path_factory.mktemp("home")) as address:
        found = opened(browser, address.replace("/lab?", "/lab/tree/all.ipynb?"))
        yield SimpleNamespace(folder=folder, **vars(found))
        found.page.context.close()


def opened(browser, address):
    page = browser.new_page(viewport={"width": 1440, "height": 2600})
    page.set_default_timeout(1000 * PATIENCE)
    host = urlsplit(address).netloc
    seen = SimpleNamespace(page=page, host=host, requests=[], errors=[], frames=[])
    page.on("websocket", lambda s: s.on("framereceived", lambda f: seen.frames.append(len(f))))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_selector(".wb-matrix td.sel")
    page.wait_for_selector(".wb-tree .node.on")
    page.wait_for_function(f"() => ({MARKED})().length === 2 && ({MARKED})().every(Boolean)")
    return seen


def chosen(page, theme):
    """Choose a theme in JupyterLab's menu and wait until every chart is drawn anew with it."""
    if page.evaluate("() => document.body.dataset.jpThemeName") == THEMES[theme]:
        return
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Theme$")).hover()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{THEMES[theme]}$")).click()
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=THEMES[theme])
    drawn = (
        "name => [...document.querySelectorAll('.chart')].every(c => c.dataset.drawnIn === name)"
    )
    page.wait_for_function(drawn, arg=theme)
    page.wait_for_timeout(SETTLED)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_text_of_every_widget_is_readable(lab, theme):
    chosen(lab.page, theme)
    found = lab.page.evaluate(CONTRASTS)
    names = ("chart", "range", "slider", "reset", "choice", "tree", "matrix")
    kinds = {f"wb-{name}" for name in names}
    assert kinds <= {word for _, name, _ in found for word in name.split()}
    assert [row for row in found if row[2] < READABLE] == []


def test_charts_follow_a_theme_without_a_reload(lab):
    lines = "() => document.querySelector('.wb-chart .main-svg .xtick text').style.fill"
    colours = []
    for theme in ("light", "dark", "light"):
        chosen(lab.page, theme)
        colours.append(lab.page.evaluate(lines))
    assert colours[0] == colours[2] != colours[1]
    assert sum("/lab/tree/" in url for url in lab.requests) == 1


def test_all_charts_of_a_notebook_share_one_plotly_from_the_kernel(lab):
    bundles = [size for size in lab.frames if size > 500_000]
    assert len(bundles) == 1
    assert bundles[0] < 1_700_000


def test_nothing_comes_from_elsewhere_nothing_fails_and_nobody_is_asked_about_news(lab):
    places = [url for url in lab.requests if not url.startswith(("blob:", "data:"))]
    assert [url for url in places if urlsplit(url).netloc != lab.host] == []
    assert lab.errors == []
    assert lab.page.get_by_text("official Jupyter news").count() == 0


def test_the_folder_has_the_copies_and_keeps_an_edit(lab):
    assert {"01-first-scenario.ipynb", "03-portfolio.ipynb"} <= {
        path.name for path in lab.folder.glob("*.ipynb")
    }
    assert (lab.folder / "02-severity-matrix.ipynb").read_text() == EDITED


def test_reset_brings_a_slider_back_and_the_kernel_hears_it(lab):
    slider, heard = lab.page.get_by_role("slider", name="Share"), lab.page.locator("#heard")
    slider.focus()
    lab.page.keyboard.press("End")
    expect(heard).to_have_text("20")
    lab.page.get_by_role("button", name="Reset the share to today").focus()
    lab.page.keyboard.press("Enter")
    expect(heard).to_have_text("10")
    assert slider.input_value() == "10"
