"""The shipped readiness page on the shipped example: its words, its ribbons, phone and paper."""

import re

import pytest
from playwright.sync_api import expect

from workbench.reports.readiness import open_readiness

pytestmark = pytest.mark.browser

MM = 96 / 25.4  # px
PAPERS = {"A4": 297 - 28, "Letter": 279.4 - 28}  # mm between margins
# Cards that are higher or wider than the paper between its margins.
TOO_LARGE = """([width, height]) => [...document.querySelectorAll('main :is(.card, .lede, .foot)')]
  .filter(e => e.getBoundingClientRect().height > height || e.scrollWidth > width + 1)
  .map(e => e.className)"""


@pytest.fixture(scope="module")
def board():
    return open_readiness()


@pytest.fixture(scope="module")
def address(overview_address):
    return f"{overview_address}voila/render/readiness.ipynb"


@pytest.fixture(scope="module")
def seen(browser, address, visit):
    found = visit(address)
    yield found
    found.page.context.close()


def test_the_page_stands_without_an_error_or_an_outside_request(seen, board):
    assert seen.page.title() == "Readiness · Risk workbench"
    assert seen.page.get_by_role("heading", level=1).inner_text() == board.page.heading
    assert seen.errors == []
    assert seen.outside() == []


def test_each_bar_says_in_words_what_it_shows(seen, board):
    bars = seen.page.locator(".bar")
    assert bars.count() == len(board.page.bars)
    for shown, bar in zip(bars.all(), board.page.bars, strict=True):
        assert f"{bar.met} of {bar.size}" in shown.inner_text()
        assert shown.get_by_role("img").get_attribute("aria-label") == f"{bar.name}: {bar.label}"
        widths = shown.locator(".track i").evaluate_all("all => all.map(e => e.clientWidth)")
        assert abs(widths[0] / sum(widths) - bar.met / bar.size) < 0.03


def test_the_matrix_is_a_table_of_numbers(seen, board):
    cells = seen.page.locator("table.cross tbody td:not(.self)")
    wanted = [c for _, _, row in board.page.coverage.rows for c in row if c is not None]
    assert cells.count() == len(wanted) == 30
    shown = cells.locator("small").all_inner_texts()
    assert shown == [f"+{cell.candidates}" for cell in wanted]
    sizes = seen.page.locator("table.cross td").evaluate_all("all => all.map(e => e.offsetWidth)")
    assert max(sizes) - min(sizes) <= 2, "columns are of one width"


def test_gaps_stand_in_the_order_of_the_money_that_they_touch(seen, board):
    rows = seen.page.locator(".ranked li:not(.head)")
    assert rows.locator("strong").first.inner_text() == board.gaps.top[0].title
    widths = rows.locator(".rail .pale").evaluate_all("all => all.map(e => e.clientWidth)")
    assert widths == sorted(widths, reverse=True)


def test_another_pair_of_frameworks_is_drawn_and_told(seen, board):
    page = seen.page
    choice = page.get_by_role("combobox", name="Frameworks")
    wanted = board.flow("iso27001_2013-iso27001_2022")
    choice.select_option("iso27001_2013-iso27001_2022")
    card = page.locator(".card.flow")
    expect(card.get_by_role("heading")).to_have_text(wanted.label)
    expect(card.locator(".wb-chart .chart")).to_have_attribute("aria-label", wanted.label)
    number = len(wanted.figure["data"])
    drawn = "n => document.querySelector('.card.flow .chart')._fullData.length === n"
    page.wait_for_function(drawn, arg=number)
    assert seen.errors == []


def test_notes_on_the_document_open_beside_what_they_are_about(seen):
    page = seen.page
    folded = page.locator("details.notes")
    assert folded.count() == 4
    folded.first.locator("summary").click()
    assert folded.first.locator("table").is_visible()
    folded.first.locator("summary").click()


@pytest.fixture(scope="module")
def phone(browser, address, visit):
    found = visit(address, viewport={"width": 390, "height": 844}, color_scheme="dark")
    yield found
    found.page.context.close()


def test_a_dark_phone_shows_the_page_without_sideways_scrolling(phone):
    page = phone.page
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    wide = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)"
    assert page.locator("main .card").evaluate_all(wide) == []
    assert phone.errors == []
    card = page.locator(".card").first.evaluate("e => getComputedStyle(e).backgroundColor")
    assert card == "rgb(23, 27, 33)"


@pytest.fixture(scope="module")
def paper(browser, address, visit):
    found = visit(address, color_scheme="dark")
    yield found.page
    found.page.context.close()


@pytest.mark.parametrize("name", PAPERS)
def test_no_card_is_larger_than_a_page(paper, name):
    paper.emulate_media(media="print")
    paper.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert paper.evaluate(TOO_LARGE, [182 * MM, PAPERS[name] * MM]) == []
    assert paper.locator(".card.flow, button, summary, nav").filter(visible=True).count() == 0
    body = paper.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert body == "rgb(255, 255, 255)"
    paper.evaluate("dispatchEvent(new Event('afterprint'))")
    paper.emulate_media(media="null")


@pytest.mark.parametrize("name", PAPERS)
def test_the_page_prints_on_whole_pages(paper, name):
    pdf = paper.pdf(format=name, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 4
