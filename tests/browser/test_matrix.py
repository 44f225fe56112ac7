"""The severity matrix in a browser: a grid for mouse and keyboard, and names that stay text."""

import os
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"
PAGE = "matrix"
CELLS = [
    f"""
from IPython.display import HTML
from workbench import Point, Scenario, Study, simulate
from workbench.models.matrix_ranking import place, rank
from workbench.models.severity_matrix import SeverityMatrix as Matrix
from workbench.plots import heat, rank_scatter
from workbench_widgets import Chart, SeverityMatrix, box

def scenario(name, likelihood, consequence, ale):
    return Scenario.fair(name, "{HOSTILE} " + name, loss_event_frequency=Point(1),
        loss_magnitude=Point(ale), likelihood=likelihood, consequence=consequence)

rows = [("S-1", 5, 2, 10), ("S-2", 3, 4, 90), ("S-3", 3, 4, 20), ("S-4", 1, 1, 70)]
found = rank(simulate(Study(scenarios=tuple(scenario(*row) for row in rows))))
HTML('<section class="lede"><h1>A matrix for tests</h1></section>')
""",
    """
shown = SeverityMatrix(heat(found.matrix, found.rows, currency="USD"), label="Five levels")
from ipywidgets import HTML as Told
told = Told('<p id="answer">nothing</p>')

def chosen(_change):
    told.value = f'<p id="answer">{shown.value or "no scenario"} {shown.cell}</p>'

shown.observe(chosen, ["value", "cell"])
box("card", shown, told)
""",
    """
charts = [Chart(rank_scatter(found), label=f"Two orders {i}", height=320) for i in (1, 2)]
box("card", "<header><div><h2>Two orders</h2></div></header>", *charts)
""",
    """
ten = Matrix(10)
many = tuple(scenario(f"R-{i}", 1 + i % 5, 1 + i * 3 % 5, 1) for i in range(60))
box("card", SeverityMatrix(heat(ten, place(Study(scenarios=many), ten)), label="Ten levels"))
""",
]


@pytest.fixture(scope="module")
def address(address_of):
    return address_of(PAGE)


@pytest.fixture(scope="module")
def seen(browser, address, visit):
    found = visit(address)
    yield found
    found.page.context.close()


@pytest.fixture
def grid(seen):
    """Return the first matrix with nothing chosen and nothing focused."""
    found = seen.page.get_by_role("grid", name="Five levels")
    found.wait_for()
    chosen = found.locator("td.sel")
    if chosen.count():
        chosen.locator(".score").click()
        if chosen.count():  # the first press dropped the scenario, the second drops the cell
            chosen.locator(".score").click()
        expect(chosen).to_have_count(0)
    return found


def answer(seen, text):
    expect(seen.page.locator("#answer")).to_have_text(text)


def test_the_page_has_no_error_and_asks_no_other_host(seen):
    assert seen.errors == []
    assert seen.outside() == []


def test_the_matrix_is_a_grid_with_a_score_in_each_cell(grid):
    assert grid.get_by_role("gridcell").count() >= 25
    assert grid.get_by_role("rowheader").count() == 5
    scores = [int(text) for text in grid.locator(".score").all_inner_texts()]
    assert sorted(scores) == sorted(a * a + b * b for a in range(1, 6) for b in range(1, 6))
    assert scores[4] == 50  # the worst cell stands at the top right
    name = "Likelihood 3, consequence 4: score 25, High, 2 scenarios"
    assert grid.get_by_role("button", name=name).count() == 1


def test_names_are_text_and_never_markup(seen, grid):
    grid.get_by_text("S-4", exact=True).click()
    row = seen.page.locator(".wb-matrix .listed li").first
    expect(row.locator(".name")).to_have_text(f"{HOSTILE} S-4")
    assert seen.page.locator("main img").count() == 0


def test_a_press_on_a_chip_chooses_the_scenario_and_its_cell(seen, grid):
    grid.get_by_text("S-3", exact=True).click()
    answer(seen, "S-3 [3, 4]")
    panel = seen.page.locator(".wb-matrix .chosen").first
    expect(panel).to_contain_text("score 25, High. 2 scenarios. The same score as (4,\u00a03).")
    expect(grid.locator("td[aria-selected=true]")).to_have_count(1)
    expect(seen.page.locator(".wb-matrix .listed li.sel .name")).to_have_text(f"{HOSTILE} S-3")


def test_arrows_move_and_enter_chooses(seen, grid):
    page = seen.page
    start = grid.locator(".score[tabindex='0']")
    assert start.count() == 1  # one stop of Tab for the whole grid
    start.focus()
    for key in ["End", *["ArrowUp"] * 6, "Home", "ArrowRight"]:
        page.keyboard.press(key)
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("data-cell", "5,2")
    page.keyboard.press("Enter")
    answer(seen, "no scenario [5, 2]")
    expect(page.locator(":focus")).to_have_attribute("data-cell", "5,2")
    page.keyboard.press("Tab")  # to the scenarios of that cell
    expect(page.locator(":focus")).to_have_text("S-1")
    page.keyboard.press("Space")
    answer(seen, "S-1 [5, 2]")
    expect(page.locator(":focus")).to_have_text("S-1")
    expect(page.locator(":focus")).to_have_attribute("aria-pressed", "true")


def test_the_bands_are_told_in_words(seen):
    scale = seen.page.get_by_role("list", name="Bands").first
    assert scale.inner_text().split("\n") == [
        "Low: up to 8",
        "Moderate: up to 18",
        "High: up to 32",
        "Critical: above 32",
    ]


def contrast(cell):
    """Return the contrast of a cell's number with the cell (WCAG 2)."""
    colours = cell.evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")

    def light(colour):
        parts = [int(v) / 255 for v in re.findall(r"\d+", colour)[:3]]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted(map(light, colours))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_number_can_be_read_on_its_cell(seen, grid, theme):
    seen.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    for tone in (0, 1, 3, 4):
        assert contrast(grid.locator(f"td.a{tone}").first) >= 4.5
    seen.page.evaluate("delete document.documentElement.dataset.theme")


@pytest.mark.parametrize("width", [390, 900] if os.environ.get("WORKBENCH_SOAK") else [390])
def test_on_narrow_screens_nothing_runs_out_of_the_page(browser, address, visit, width):
    seen = visit(address, viewport={"width": width, "height": 844})
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    ten = seen.page.get_by_role("grid", name="Ten levels")
    cell = ten.locator(".score[data-cell='1,1']")
    assert cell.evaluate("e => e.scrollWidth <= e.parentElement.clientWidth")
    counts = ten.locator(".count").filter(visible=True).count()
    assert (counts > 0) == (width == 390)  # chips give way to their number
    seen.page.context.close()


def test_on_paper_the_scores_stay(seen, grid):
    seen.page.emulate_media(media="print")
    assert grid.locator(".score").filter(visible=True).count() == 25
    assert grid.locator(".chip").filter(visible=True).count() == 4
    seen.page.emulate_media(media="screen")
