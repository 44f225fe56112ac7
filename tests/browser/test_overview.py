"""The shipped overview on the shipped example, as an executive sees it."""

import re

import pytest
from playwright.sync_api import expect

from workbench.reports.board import open_board

pytestmark = pytest.mark.browser

FIRST, SECOND = "times-1", "times-2"
NAME = "With this change"
MOVED = (
    f"""() => document.querySelector('.wb-chart .chart')._fullData.find(t => t.name === '{NAME}')"""
)
# The curve has the wanted heights, as they were computed.
FOLLOWED = f"""wanted => {{
  const {{ x, y, opacity }} = ({MOVED})();
  return opacity === 1 && y.length === wanted.y.length
    && y.every((v, i) => Math.abs(v - wanted.y[i]) < 1e-12 && x[i] === wanted.x[i]);
}}"""
SAID = """html => {
  const plain = e => e.textContent.replace(/\\s+/g, ' ').trim();
  const wanted = new DOMParser().parseFromString(html, 'text/html').body;
  return plain(document.querySelector('.whatif .delta')) === plain(wanted);
}"""
# Columns break as pages do, and say where: a box that is cut has two rectangles.
PAGED = """([width, height]) => {
  const main = document.querySelector('main');
  main.style.cssText = `columns: ${width}px; column-fill: auto; column-gap: 40px;
    height: ${height}px !important; width: ${width}px !important; overflow: visible`;
  const whole = 'main :is(.card, .lede, .card header, .wb-chart, .source-note, .foot)';
  const boxes = [...document.querySelectorAll(whole)];
  const parts = boxes.map(e => [e.className, [...e.getClientRects()].filter(r => r.height > 0)]);
  const { left, top } = main.getBoundingClientRect();
  const page = r => Math.round((r.left - left) / (width + 40) - 0.3);
  const full = [];
  for (const r of parts.flatMap(([, all]) => all))
    full[page(r)] = Math.max(full[page(r)] ?? 0, (r.bottom - top) / height);
  const found = {
    cut: parts.filter(([, all]) => all.length > 1).map(([name]) => name),
    high: parts.filter(([, all]) => all.some(r => r.height > height)).map(([name]) => name),
    wide: parts.filter(([, all]) => all.some(r => r.width > width + 1)).map(([name]) => name),
    full,
  };
  main.style.cssText = '';
  return found;
}"""
MM = 96 / 25.4  # px
PAPERS = {"A4": 297 - 28, "Letter": 279.4 - 28}  # mm between margins


@pytest.fixture(scope="module")
def board():
    return open_board()


@pytest.fixture(scope="module")
def seen(browser, overview_address, visit):
    found = visit(overview_address)
    yield found
    found.page.context.close()


def slider(page, number):
    return page.get_by_role("slider").nth(number)


def press(page, number, *keys):
    """Move one slider by keyboard."""
    slider(page, number).focus()
    for key in keys:
        page.keyboard.press(key)


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
    assert seen.page.locator(".figures .figure").count() == 5, "what changed is the fifth"


def test_a_slider_at_its_ends_tells_and_draws_the_edited_study(seen, board):
    page, block = seen.page, board.drivers[0]
    assert block.name == FIRST
    told = []
    for key, factor in (("End", block.high), ("Home", block.low)):
        press(page, 0, key)
        wanted = board.answer({FIRST: factor})
        page.wait_for_function(SAID, arg=wanted.slots["answer"])
        page.wait_for_function(FOLLOWED, arg=wanted.overlay[0])
        told.append(page.locator(".whatif .delta").inner_text())
    assert told[0] != told[1]


def test_two_sliders_together_are_one_study(seen, board):
    page = seen.page
    press(page, 0, "Home")
    press(page, 1, "End")
    wanted = board.answer({FIRST: board.drivers[0].low, SECOND: board.drivers[1].high})
    page.wait_for_function(SAID, arg=wanted.slots["answer"])
    page.wait_for_function(FOLLOWED, arg=wanted.overlay[0])
    assert wanted.slots["answer"] != board.answer({FIRST: 0.0}).slots["answer"]


def test_back_at_today_nothing_has_changed_and_no_curve_is_shown(seen, board):
    page = seen.page
    steps = [
        round((1 - board.drivers[0].low) / board.drivers[0].step),
        round((board.drivers[1].high - 1) / board.drivers[1].step),
    ]
    press(page, 0, "Home", *["ArrowRight"] * steps[0])
    press(page, 1, "End", *["ArrowLeft"] * steps[1])
    page.wait_for_function(SAID, arg=board.answer({}).slots["answer"])
    assert "No change" in page.locator(".whatif .delta").inner_text()
    page.wait_for_function(f"({MOVED})().opacity === 0")
    assert [slider(page, i).input_value() for i in range(3)] == ["1"] * 3


def test_bad_years_are_told_without_controls_today_and_after_the_plan(seen, board):
    table = seen.page.locator("table.periods")
    heads = table.get_by_role("columnheader").all_inner_texts()
    assert heads[1:] == ["Without controls", "Today", "After the plan"]
    for row, period in zip(table.locator("tbody tr").all(), board.page.periods, strict=True):
        cells = row.get_by_role("cell").all_inner_texts()
        assert [cell.split("\n")[0] for cell in cells] == [period.bare, period.loss, period.planned]


def test_the_matrix_is_a_table_with_a_score_and_its_scenarios_in_each_cell(seen, board):
    table = seen.page.locator("main table.heat")
    scores = [int(text) for text in table.locator("td i").all_inner_texts()]
    levels = range(1, 6)
    assert scores == [down**2 + right**2 for down in reversed(levels) for right in levels]
    assert table.get_by_role("rowheader").count() == 5
    assert table.get_by_role("columnheader").count() == 5
    placed = [one for text in table.locator(".ids").all_inner_texts() for one in text.split(", ")]
    assert sorted(placed) == sorted(scenario.id for scenario in board.study.scenarios)
    counts = [int(text) for text in table.locator("td b").all_inner_texts()]
    assert sum(counts) == len(placed)


def test_every_chart_has_a_sentence_a_table_and_buttons_that_save_it(seen):
    page = seen.page
    charts = page.locator(".wb-chart").all()
    assert len(charts) >= 3
    for chart in charts:
        assert len(chart.locator(".chart").get_attribute("aria-label").split()) > 4
        save = chart.get_by_role("button").all_inner_texts()
        assert save == ["CSV", "SVG", "PNG"]
        card = chart.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' card ')][1]")
        assert card.locator("details.data table").count() >= 1
    table = page.locator("details.data").first
    table.locator("summary").click()
    assert table.locator("table").is_visible()
    table.locator("summary").click()


def test_the_footer_names_seed_version_hash_and_time(seen, board):
    footer = seen.page.locator("footer.foot").inner_text()
    for term, short, _ in board.page.footer:
        assert term in footer
        if not re.search(r"\d\d:\d\d", short):  # the time is that of this page
            assert short in footer


@pytest.fixture(scope="module")
def phone(overview_address, visit):
    """Return the overview on a phone, opened at the address of a scenario."""
    found = visit(f"{overview_address}?scenario=S-05", viewport={"width": 390, "height": 844})
    yield found
    found.page.context.close()


def test_the_address_chooses_a_scenario_and_follows_the_choice(phone, board):
    page = phone.page
    choice, story = page.get_by_role("combobox", name="Scenario"), page.locator(".story h3")
    expect(story).to_have_text(board.study.scenario("S-05").name)
    assert choice.input_value() == "S-05"
    choice.select_option("S-02")
    expect(story).to_have_text(board.study.scenario("S-02").name)
    assert page.url.endswith("?scenario=S-02")
    assert phone.errors == []


def test_a_phone_shows_the_overview_without_sideways_scrolling(phone):
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 390
    assert phone.errors == []


@pytest.fixture(scope="module")
def paper(browser, overview_address, visit):
    """Return a page of a dark screen, moved away from today, and on its way to paper."""
    found = visit(overview_address, color_scheme="dark")
    press(found.page, 0, "End")
    found.page.wait_for_function(f"({MOVED})().opacity === 1")
    yield found.page
    found.page.context.close()


@pytest.fixture
def printing(paper):
    paper.emulate_media(media="print")
    paper.evaluate("dispatchEvent(new Event('beforeprint'))")
    yield paper
    paper.evaluate("dispatchEvent(new Event('afterprint'))")
    paper.emulate_media(media="null")  # a page that is told to be a screen prints as one


@pytest.mark.parametrize("name", PAPERS)
def test_no_card_and_no_chart_is_cut_at_the_end_of_a_page(printing, name):
    found = printing.evaluate(PAGED, [182 * MM, PAPERS[name] * MM])
    assert {key: found[key] for key in ("cut", "high", "wide")} == {
        "cut": [],
        "high": [],
        "wide": [],
    }
    assert len(found["full"]) == 4
    assert min(found["full"]) > 0.75, "of the height: no page is left half empty"


def test_a_page_too_low_for_a_card_would_be_noticed(printing):
    found = printing.evaluate(PAGED, [182 * MM, 60 * MM])
    assert found["cut"] != []
    assert len(found["full"]) > 4


@pytest.mark.parametrize("name", PAPERS)
def test_the_overview_prints_on_whole_pages(paper, name):
    pdf = paper.pdf(format=name, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 4
    assert "printing" not in paper.evaluate("document.documentElement.className")


def test_what_only_a_hand_can_use_is_not_on_paper(printing):
    useless = "button, summary, nav, .skip, .seg, .save, #connection, #freshness, .top"
    assert printing.locator(useless).filter(visible=True).count() == 0
    assert printing.get_by_role("slider").filter(visible=True).count() == 3
    assert printing.locator("details.data").filter(visible=True).count() == 0


def test_paper_is_light_also_from_a_dark_screen(printing):
    colour = "(e, name) => getComputedStyle(e)[name]"
    assert printing.locator("h1").evaluate(colour, "color") == "rgb(21, 25, 31)"
    card = printing.locator(".card").nth(1)
    assert card.evaluate(colour, "backgroundColor") == "rgb(255, 255, 255)"
    assert printing.locator("body").evaluate(colour, "backgroundColor") == "rgb(255, 255, 255)"
    for path in printing.locator(".wb-chart").first.locator(".js-line").all():
        assert path.evaluate(colour, "stroke") != "rgb(242, 129, 79)", "today's curve in the dark"
    strokes = printing.locator(".js-line").evaluate_all("all => all.map(e => e.style.stroke)")
    assert "rgb(194, 65, 12)" in strokes
