"""The shipped overview on the shipped example, as an executive sees it."""

import re

import pytest

from workbench.reports.board import open_board

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def board():
    return open_board()


@pytest.fixture(scope="module")
def seen(browser, overview_address, visit):
    found = visit(overview_address)
    yield found
    found.page.context.close()


def test_the_overview_stands_without_an_error_or_an_outside_request(seen, board):
    assert seen.page.title() == "Overview · Risk workbench"
    assert seen.page.get_by_role("heading", level=1).inner_text() == board.page.heading
    assert seen.errors == []
    assert seen.outside() == []
    assert len(seen.fetched("plotly")) == 1


def test_each_headline_is_the_computed_one_with_its_error(seen, board):
    text = seen.page.locator(".figures").inner_text()
    for headline in board.page.headlines:
        assert headline.value in text
        assert headline.beside in text


def test_the_what_if_figure_equals_the_edited_study(seen, board):
    page = seen.page
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("End")
    wanted = board.what_if(float(slider.get_attribute("max")))
    page.wait_for_function(
        "text => document.querySelector('.delta').textContent.includes(text)",
        arg=wanted.mean,
    )
    shown = page.locator(".delta").inner_text()
    assert wanted.bad_year in shown
    page.keyboard.press("Home")
    none = board.what_if(float(slider.get_attribute("min")))
    page.wait_for_function(
        "text => document.querySelector('.delta').textContent.includes(text)", arg=none.mean
    )
    assert none.mean != wanted.mean


def test_a_table_says_what_each_chart_says(seen):
    page = seen.page
    charts = page.locator(".wb-chart").count()
    assert charts >= 2
    assert page.locator("details.data").count() >= charts
    for label in page.locator(".wb-chart .chart").evaluate_all("all => all.map(e => e.ariaLabel)"):
        assert len(label.split()) > 4


def test_the_footer_names_seed_version_hash_and_time(seen, board):
    footer = seen.page.locator("footer.foot").inner_text()
    for term, short, _ in board.page.footer:
        assert term in footer
        if not re.search(r"\d\d:\d\d", short):  # the time is that of this page
            assert short in footer


def test_a_phone_shows_the_overview_without_sideways_scrolling(overview_address, visit):
    phone = visit(overview_address, viewport={"width": 390, "height": 844})
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 390
    assert phone.errors == []
    phone.page.context.close()


def test_the_overview_prints_on_whole_pages(seen):
    pdf = seen.page.pdf(format="A4", print_background=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 4
