"""A study of hostile texts: on a page, on paper, in files and in JupyterLab they stay texts."""

import csv
import io
import json
import re
import subprocess
import sys
from types import SimpleNamespace
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.hostile import GIVEN, HOSTILE, HOSTILE_ID, Planter, few, kinds, plant_beside
from workbench.files import read_study
from workbench.files.messages import Findings
from workbench.files.suspicious import FORMULA_STARTS
from workbench.files.yaml_text import read_yaml
from workbench.resources import example_study

pytestmark = pytest.mark.browser

PATIENCE = 60.0  # s
PUBLISH = "from workbench.cli import main; main()"
# What could only have come from a planted text: elements, handlers, links, formulas.
LIVE = """() => {
  const inside = [...document.querySelectorAll('main, .jp-OutputArea')];
  const found = inside.flatMap(e => [...e.querySelectorAll(
    'img[src=x], svg[onload], mjx-container, .MathJax, title + style, extra')]);
  const wrong = e => [...e.attributes].some(({ name, value }) =>
    /^on/i.test(name) || name === 'autofocus' || /^\\s*javascript:/i.test(value));
  const all = inside.flatMap(e => [...e.querySelectorAll('*')]);
  const scripts = all.filter(e =>
    e.matches('script') && e.textContent.trim() === 'globalThis.pwned=1');
  return [...found, ...all.filter(wrong), ...scripts].map(e => e.outerHTML.slice(0, 120));
}"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Write the study, approve a run of it, change it, and return what was planted."""
    path = tmp_path_factory.mktemp("hostile") / "study.json"
    text = example_study().read_text(encoding="utf-8")
    planter = Planter()
    example = few(read_yaml(text, Findings("example")))
    shock = {"id": "outage", "rate": 0.001, "scenarios": [["S-01", 0.5]]}
    example["study"] |= {"dependence": {"shocks": [shock]}}
    tree = planter.planted(example)
    rest = tree | {"scenarios": tree["scenarios"][:-1]}
    path.write_text(json.dumps(rest), encoding="utf-8")
    said = ["--approved-by", f"{HOSTILE[0]} approver", "--note", f"{HOSTILE[1]} note"]
    workbench("save", str(path), *said)
    tree["scenarios"][0]["loss_event_frequency"] = {"type": "point", "value": 0.4}
    path.write_text(json.dumps(tree), encoding="utf-8")
    plant_beside(path, planter)
    return SimpleNamespace(path=path, planter=planter, tree=tree)


def workbench(*arguments):
    command = [sys.executable, "-c", PUBLISH, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


def guarded(browser, address, **options):
    """Open an address and note dialogs, errors and requests."""
    context = browser.new_context(
        **{"viewport": {"width": 1300, "height": 1800}, "accept_downloads": True, **options}
    )
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    seen = SimpleNamespace(page=page, dialogs=[], errors=[], requests=[])
    page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.goto(address)
    return seen


def charts_drawn(page, least):
    # selectors: a function that is polled would need the eval that a copy's policy refuses
    page.locator(".wb-chart .chart").nth(least - 1).wait_for(state="attached")
    expect(page.locator(".wb-chart .chart:not([data-drawn])")).to_have_count(0, timeout=60_000)


def is_inert(seen, host):
    """Hold that nothing of the planted texts came alive on a page."""
    page = seen.page
    assert page.evaluate("globalThis.pwned") is None
    assert seen.dialogs == []
    assert seen.errors == []
    assert page.evaluate(LIVE) == []
    places = [u for u in seen.requests if not u.startswith(("blob:", "data:"))]
    assert [u for u in places if urlsplit(u).netloc != host] == []
    assert [u for u in places if u.endswith("/x")] == [], "an image was asked for"


def said(page, selector="main"):
    """Return the page's text, one space between words; what scripts hold is none."""
    text = page.locator(selector).first.evaluate(
        "e => { const copy = e.cloneNode(true);"
        " for (const script of copy.querySelectorAll('script, style')) script.remove();"
        " return copy.textContent; }"
    )
    return " ".join(text.split())


def plain(text):
    return " ".join(text.split())


def hover_every_point(page):
    """Move over the charts, so that their hover texts are drawn too."""
    for chart in page.locator(".wb-chart .chart").all():
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        for across in (0.3, 0.5, 0.7):
            page.mouse.move(box["x"] + across * box["width"], box["y"] + 0.5 * box["height"])


def downloaded(page, kind, number):
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile(f"as {kind}$")).nth(number).click()
    return download.value.path().read_bytes()


def test_a_text_that_comes_alive_would_be_noticed(browser):
    page = browser.new_page()
    page.set_content(f"<main>{' '.join(HOSTILE)}</main>")
    assert len(page.evaluate(LIVE)) >= 4
    page.wait_for_function("globalThis.pwned === 1")
    page.context.close()


def test_every_text_of_the_example_is_planted(hostile):
    planted, example = (
        kinds(hostile.tree),
        kinds(few(read_yaml(example_study().read_text(), Findings("e")))),
    )
    assert planted >= example - {path for path in example if path[-1] in GIVEN}
    assert hostile.planter.kept <= GIVEN
    assert len(hostile.planter.texts) >= 2 * len(HOSTILE)
    loaded = read_study(hostile.path).study
    assert loaded.name == hostile.tree["study"]["name"]


@pytest.fixture(scope="module")
def dashboard(browser, hostile, serve, tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "hostile.log"
    with serve(log, None, hostile.path) as address:
        seen = guarded(browser, address)
        charts_drawn(seen.page, 3)
        seen.address, seen.host = address, urlsplit(address).netloc
        yield seen
        seen.page.context.close()


def test_on_the_dashboard_every_text_is_text(dashboard, hostile):
    page, tree = dashboard.page, hostile.tree
    text = said(page)
    for scenario in tree["scenarios"]:
        assert plain(scenario["name"]) in text
    assert plain(tree["study"]["name"]) in text
    assert "Since the approval of" in text, "the run with hostile names was read"
    assert plain(tree["study"]["dependence"]["shocks"][0]["id"]) in text
    drawn = " ".join(page.locator(".wb-chart text").all_text_contents())
    assert "<img src=x onerror=" in drawn or "<script>" in drawn
    hover_every_point(page)
    is_inert(dashboard, dashboard.host)


def test_the_story_of_every_scenario_is_text(dashboard, hostile):
    page = dashboard.page
    choice = page.get_by_role("combobox", name="Scenario", exact=True)
    for scenario in hostile.tree["scenarios"]:
        choice.select_option(scenario["id"])
        expect(page.locator(".story h3")).to_have_text(plain(scenario["name"]))
        told = said(page, ".story")
        for assumption in scenario["assumptions"]:
            for key in ("owner", "reason", "would_change"):
                assert plain(assumption[key]) in told
    assert quote(HOSTILE_ID[:4], safe="") in page.url
    is_inert(dashboard, dashboard.host)


def test_a_moved_slider_tells_text(dashboard):
    page = dashboard.page
    page.get_by_role("slider").first.focus()
    page.keyboard.press("End")
    expect(page.locator(".whatif .delta")).not_to_contain_text("No change")
    is_inert(dashboard, dashboard.host)


@pytest.mark.parametrize("name", ["threats", "readiness"])
def test_on_the_other_pages_every_text_is_text(browser, dashboard, hostile, name):
    seen = guarded(browser, f"{dashboard.address}voila/render/{name}.ipynb")
    page = seen.page
    page.locator("footer.foot").wait_for()
    if name == "threats":
        for file in hostile.path.with_suffix(".systems").glob("[!t]*.yaml"):
            system = json.loads(file.read_text(encoding="utf-8"))
            page.get_by_role("combobox").first.select_option(system["system"]["id"])
            shown = page.locator(".wb-flow svg").filter(visible=True)
            expect(shown).to_contain_text(plain(system["components"][0]["name"])[:12])
            is_inert(seen, dashboard.host)
    else:
        statement = json.loads(
            (hostile.path.with_suffix(".readiness") / "statement.yaml").read_text(encoding="utf-8")
        )
        assert plain(statement["organisation"]) in said(page)
    assert plain(hostile.tree["study"]["name"]) in said(page)
    is_inert(seen, dashboard.host)
    page.context.close()


def test_saved_charts_hold_nothing_live(dashboard):
    page = dashboard.page
    for number in range(page.locator(".wb-chart").count()):
        svg = downloaded(page, "SVG", number).decode("utf-8")
        for element in ET.fromstring(svg).iter():
            kind = element.tag.rpartition("}")[2]
            assert kind not in {"script", "a", "image", "img", "foreignObject"}
            for name, value in element.attrib.items():
                assert not name.rpartition("}")[2].lower().startswith("on"), (kind, name)
                assert "javascript:" not in value
        rows = csv.reader(
            io.StringIO(downloaded(page, "CSV", number).decode("utf-8-sig"), newline="")
        )
        cells = [cell for row in rows for cell in row]
        for cell in cells:
            is_number = re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", cell)
            assert not cell or is_number or cell.lstrip(" ")[0] not in FORMULA_STARTS
    is_inert(dashboard, dashboard.host)


def test_on_paper_it_is_text(dashboard, hostile):
    page = dashboard.page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert plain(hostile.tree["study"]["name"]) in said(page)
    is_inert(dashboard, dashboard.host)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.pdf(print_background=True).startswith(b"%PDF")
    is_inert(dashboard, dashboard.host)


def test_a_published_copy_is_text(browser, hostile, tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy") / "page"
    workbench("publish", str(folder), str(hostile.path))
    address = (folder / "index.html").as_uri()
    seen = guarded(browser, f"{address}?scenario={quote(hostile.tree['scenarios'][1]['id'])}")
    page = seen.page
    page.wait_for_selector("html[data-answers=ready]", state="attached")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    charts_drawn(page, 3)
    text = said(page)
    for scenario in hostile.tree["scenarios"]:
        assert plain(scenario["name"]) in text
    choice = page.get_by_role("combobox", name="Scenario", exact=True)
    for scenario in hostile.tree["scenarios"]:
        choice.select_option(scenario["id"])
        expect(page.locator(".story h3")).to_have_text(plain(scenario["name"]))
    page.get_by_role("slider").first.focus()
    page.keyboard.press("End")
    expect(page.locator(".whatif .delta")).not_to_contain_text("No change")
    hover_every_point(page)
    is_inert(seen, "")
    page.context.close()


CELLS = [
    """
import json
from IPython.display import display
from workbench.models.matrix_ranking import rank
from workbench.plots import heat
from workbench.reports.board import open_board
from workbench_widgets import Choice, FairTree, RangeControl, SeverityMatrix, Slider, box, built

BAD = json.loads(HOSTILE_TEXTS)
board = open_board()
found = rank(board.result)
first = board.study.scenarios[0].id
for block in board.blocks.values():
    display(built(block))
""",
    """
display(FairTree(board.study, first))
display(SeverityMatrix(heat(found.matrix, found.rows, currency="EUR"), label=BAD[0], value=first))
""",
    """
for bad in BAD:
    display(box("card", Slider(label=bad, note=bad, unit=bad), Choice(bad, [[bad, bad]]),
                RangeControl(label=bad, low_text=bad, high_text="3M")))
print("all of it is shown")
""",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory, hostile, serve_lab):
    folder, home = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("home")
    head = f"HOSTILE_TEXTS = {json.dumps(list(HOSTILE))!r}\n"
    cells = [head + CELLS[0].strip(), *(cell.strip() for cell in CELLS[1:])]
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "P"}},
    )
    nbformat.write(book, folder / "hostile.ipynb")
    with serve_lab(folder, home, WORKBENCH_STUDY=str(hostile.path)) as address:
        yield address.replace("/lab?", "/lab/tree/hostile.ipynb?")


def test_in_jupyterlab_it_is_text(browser, lab, hostile):
    seen = guarded(browser, lab, viewport={"width": 1300, "height": 12000})
    page = seen.page
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_selector("text=all of it is shown")
    charts_drawn(page, 3)
    expect(page.locator(".wb-slider label")).to_have_count(3 + len(HOSTILE))
    text = said(page, ".jp-NotebookPanel-notebook")
    for bad in HOSTILE:
        assert text.count(plain(bad)) >= 3, bad
    for scenario in hostile.tree["scenarios"]:
        assert plain(scenario["name"]) in text
    tree = page.locator(".wb-tree")
    assert plain(hostile.tree["scenarios"][0]["name"]) in said(page, ".wb-tree")
    tree.get_by_role("button").first.click()
    assert page.evaluate("globalThis.pwned") is None
    assert page.evaluate(LIVE) == []
    assert seen.dialogs == []
    assert [e for e in seen.errors if "pwned" in e or "SyntaxError" in e] == []
    host = urlsplit(lab).netloc
    places = [u for u in seen.requests if not u.startswith(("blob:", "data:"))]
    assert [u for u in places if urlsplit(u).netloc != host] == []
    page.context.close()
