"""A page with two charts, a slider and a range, in a real browser."""

import os
import re
import signal
import time
from urllib.parse import urljoin

import pytest

pytestmark = pytest.mark.browser

CHART = ".wb-chart .chart"
INK = {"light": "rgb(21, 25, 31)", "dark": "rgb(236, 238, 241)"}
LINE = {"light": "rgb(194, 65, 12)", "dark": "rgb(242, 129, 79)"}


@pytest.fixture(scope="module")
def seen(browser, scratch_address, visit):
    found = visit(scratch_address)
    yield found
    found.page.context.close()


def stroke(page):
    """Return the colour of the first curve, as it is drawn."""
    path = page.locator(f"{CHART} .scatterlayer .js-line").first
    return path.evaluate("e => getComputedStyle(e).stroke")


def test_the_page_has_no_error_and_asks_no_other_host(seen):
    assert seen.errors == []
    assert seen.outside() == []


def test_all_charts_share_one_plotly(seen):
    assert len(seen.fetched("plotly")) == 1
    assert seen.page.locator(f"{CHART} .main-svg").count() >= 2


def test_the_page_has_a_name_a_language_landmarks_and_labels(seen):
    page = seen.page
    assert page.title() == "Scratch · Risk workbench"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("main").count() == 1
    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    assert links.and_(page.locator("[aria-current=page]")).all_inner_texts() == ["Scratch"]
    assert page.get_by_role("img", name=re.compile("The first chart")).count() == 1
    assert page.get_by_role("slider", name="Share").count() == 1
    assert page.get_by_role("group", name="Cost of one event").get_by_role("textbox").count() == 3


def test_markup_in_a_name_is_text_and_money_is_no_formula(seen):
    heading = seen.page.get_by_role("heading", level=1)
    assert heading.inner_text() == (
        "A page for tests: <img src=x onerror=alert(1)> pays $2M or $3M"
    )
    assert seen.page.locator("mjx-container, .MathJax").count() == 0
    assert seen.page.locator("main img").count() == 0


def test_the_slider_moves_by_keyboard_and_the_figure_follows(seen):
    page, slider = seen.page, seen.page.get_by_role("slider", name="Share")
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_function("document.querySelector('#answer').textContent === '0'")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('#answer').textContent === '8'")
    page.wait_for_selector(f"{CHART}[aria-label='The first chart, at 4.']")
    page.wait_for_function("document.querySelector('.annotation-text').textContent === 'at 4'")
    assert slider.get_attribute("aria-valuetext") == "4%"
    assert page.locator(".wb-slider output").inner_text() == "4%"


def test_the_last_of_many_values_wins(seen):
    page, slider = seen.page, seen.page.get_by_role("slider", name="Share")
    slider.focus()
    start = time.monotonic()
    for key in ["Home", *["ArrowRight"] * 17]:
        page.keyboard.press(key)
    page.wait_for_function("document.querySelector('#answer').textContent === '34'")
    page.wait_for_function("document.querySelector('.annotation-text').textContent === 'at 17'")
    assert time.monotonic() - start < 15


def test_a_bound_rewritten_in_the_browser_does_not_reach_the_kernel(seen):
    page = seen.page
    page.evaluate(
        "() => { const s = document.querySelector('.wb-slider input'); s.max = 500; s.value = 400;"
        " s.dispatchEvent(new Event('input')); }"
    )
    page.wait_for_function("document.querySelector('#answer').textContent === '40'")
    page.wait_for_function("document.querySelector('.wb-slider input').value === '20'")
    assert page.locator("#answer").inner_text() == "40", "twice the upper bound, not twice 400"


def test_a_range_is_read_echoed_and_refused_in_place(seen):
    page = seen.page
    low = page.get_by_label("Low")
    low.fill("€70k")
    page.wait_for_function("document.querySelector('.wb-range output').textContent === '€70,000'")
    page.wait_for_selector("text=read 70000")
    low.fill("seventy")
    page.wait_for_selector(".wb-range input[aria-invalid=true]")
    assert "number" in page.locator(".wb-range output").first.inner_text()
    low.fill("70k")
    page.wait_for_selector(".wb-range input[aria-invalid=true]", state="detached")


def test_focus_is_seen(seen):
    slider = seen.page.get_by_role("slider", name="Share")
    slider.focus()
    seen.page.keyboard.press("ArrowLeft")
    assert slider.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_dark_is_one_press_away_and_charts_follow(seen):
    page = seen.page
    assert stroke(page) == LINE["light"]
    page.get_by_role("button", name="Switch to the dark theme").click()
    page.wait_for_function(
        "document.querySelector('.js-line').style.stroke === 'rgb(242, 129, 79)'"
    )
    assert page.locator("h1").evaluate("e => getComputedStyle(e).color") == INK["dark"]
    page.get_by_role("button", name="Switch to the light theme").click()
    page.wait_for_function("document.querySelector('.js-line').style.stroke === 'rgb(194, 65, 12)'")


def test_a_phone_in_the_dark_scrolls_one_way_only(browser, scratch_address, visit):
    phone = visit(scratch_address, viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = phone.page
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert stroke(page) == LINE["dark"]
    assert page.locator(".annotation-text").count() == 0, "a narrow chart takes its narrow layout"
    assert page.locator("main").bounding_box()["height"] > 844
    page.evaluate("scrollTo(0, 400)")
    assert page.evaluate("scrollY") == 400, "the page scrolls, not a window inside it"
    assert phone.errors == []
    page.context.close()


def test_printing_gives_whole_pages_in_light_colours(seen):
    page = seen.page
    for paper in ("A4", "Letter"):
        pdf = page.pdf(format=paper, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) in {1, 2}
    assert page.evaluate("document.documentElement.className") == ""


def test_on_paper_charts_are_drawn_light_and_as_wide_as_the_paper(seen):
    page = seen.page
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert stroke(page) == LINE["light"]
    width = page.locator(f"{CHART} .main-svg").first.evaluate("e => e.clientWidth")
    assert width < 182 / 25.4 * 96
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(
        "document.querySelector('.js-line').style.stroke === 'rgb(242, 129, 79)'"
    )
    page.evaluate("delete document.documentElement.dataset.theme")


def test_a_page_says_when_its_kernel_is_gone(browser, scratch_address, visit):
    page = visit(scratch_address).page
    assert page.locator("#connection").is_hidden()
    os.kill(int(page.locator("#pid").text_content()), signal.SIGKILL)
    page.wait_for_selector("#connection:not([hidden])")
    assert "gone" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("button", name="Load again").is_enabled()
    sliders = page.get_by_role("slider")
    assert sliders.count()
    assert all(one.is_disabled() for one in sliders.all()), "no answer would come"
    page.context.close()


def test_a_closed_page_takes_its_kernel_along(browser, scratch_address, visit):
    context_page = visit(scratch_address).page
    kernel = context_page.evaluate(
        "JSON.parse(document.querySelector('#jupyter-config-data').textContent).kernelId"
    )
    address = urljoin(scratch_address, f"/api/kernels/{kernel}")
    assert context_page.request.get(address).status == 200
    other = context_page.context.browser.new_context()
    context_page.close(run_before_unload=True)
    end = time.monotonic() + 10
    while (status := other.request.get(address).status) == 200 and time.monotonic() < end:
        time.sleep(0.1)
    other.close()
    assert status == 404
