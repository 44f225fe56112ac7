"""Every widget in JupyterLab, in its light and its dark theme: readable, and drawn anew at once."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from types import SimpleNamespace
from urllib.parse import urlsplit

import nbformat
import pytest

pytestmark = pytest.mark.browser

PATIENCE = 60.0  # s
READABLE = 4.5  # contrast of text, WCAG 2.2 criterion 1.4.3
SETTLED = 400  # ms until a theme's styles have been loaded and the charts drawn with them
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
EDITED = "what a user made of it"
CELLS = [
    """
from workbench import Pert, Point, Scenario, Study
from workbench.plots import heat
from workbench.models.matrix_ranking import rank
from workbench.reports.board import open_board
from workbench_widgets import Chart, Choice, FairTree, RangeControl, SeverityMatrix, Slider, box

board = open_board()
Chart(board.exceedance(), label="A year's loss", height=300)
""",
    """
cost = RangeControl(label="Cost", low_text="50k", mode_text="nonsense", high_text="3M")
share = Slider(label="Share", low=0, high=20, step=1, value=10, unit="%", note="today 10%")
box("card", cost, share, Choice(label="Scenario", options=[["a", "One"], ["b", "Two"]], value="a"))
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
PROGRAM = """
import sys
from pathlib import Path
from workbench.serving import serve_lab
sys.exit(serve_lab(Path(sys.argv[1]), port=int(sys.argv[2]), open_browser=False))
"""
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


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


def written(folder):
    page = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(page, folder / "all.ipynb")
    (folder / "02-severity-matrix.ipynb").write_text(EDITED)


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser):
    """Run a notebook with every widget, and give its page, its folder and what it did."""
    folder, log = tmp_path_factory.mktemp("books"), tmp_path_factory.mktemp("log") / "log.txt"
    written(folder)
    port, token = free_port(), "a-token-for-this-test"
    home = str(tmp_path_factory.mktemp("home"))
    environment = os.environ | {"JUPYTER_TOKEN": token, "JUPYTER_CONFIG_DIR": home}
    command = [sys.executable, "-c", PROGRAM, str(folder), str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            until(process.stderr, "is running at", log)
            found = opened(
                browser, f"http://127.0.0.1:{port}/lab/tree/all.ipynb?token={token}&reset"
            )
            yield SimpleNamespace(folder=folder, **vars(found))
            found.page.context.close()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


def until(stream, pattern, log):
    with log.open("w") as target:
        while select.select([stream], [], [], PATIENCE)[0] and (line := stream.readline()):
            target.write(line)
            if re.search(pattern, line):
                return
    pytest.fail(f"no line like {pattern!r}: {log.read_text()}")


def opened(browser, address):
    page = browser.new_page(viewport={"width": 1440, "height": 2600})
    page.set_default_timeout(1000 * PATIENCE)
    seen = SimpleNamespace(page=page, requests=[], errors=[], host=urlsplit(address).netloc)
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
    page.wait_for_function(f"() => ({MARKED})().length === 1 && ({MARKED})().every(Boolean)")
    return seen


def chosen(page, theme):
    """Choose a theme in JupyterLab's menu and wait until every chart is drawn anew with it."""
    if page.evaluate("() => document.body.dataset.jpThemeName") == THEMES[theme]:
        return
    before = page.evaluate(MARKED)
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Theme$")).hover()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{THEMES[theme]}$")).click()
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=THEMES[theme])
    page.wait_for_function(f"old => ({MARKED})().every((n, k) => n !== old[k])", arg=before)
    page.wait_for_timeout(SETTLED)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_text_of_every_widget_is_readable(lab, theme):
    chosen(lab.page, theme)
    found = lab.page.evaluate(CONTRASTS)
    kinds = {f"wb-{kind}" for kind in ("chart", "range", "slider", "choice", "tree", "matrix")}
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
