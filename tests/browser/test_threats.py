"""The threat model in a browser: a diagram for mouse and keyboard, an editor, paper, a phone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from workbench.publishing import Copy, published_files
from workbench.reports.threat_board import open_threat_board

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"
PAGE = "systems"
CELLS = [
    f"""
from IPython.display import HTML
from workbench.files.catalogues.system_text import system_from, text_of
from workbench.files.sources import source_digest
from workbench.plots.data_flow import data_flow
from workbench.resources import example_study
from workbench.threats import AISystem, Boundary, Component, Flow
from workbench_widgets import DataFlow, SystemEditor, box

zones = (Boundary("out", "{HOSTILE} out", 0, "public"), Boundary("in", "{HOSTILE} in", 1))
parts = (Component("a", "{HOSTILE} A", "people", "out"), Component("b", "B", "agent", "in"))
system = AISystem("s", "{HOSTILE} S", parts, (Flow("a", "b", "{HOSTILE}"),), zones)
digest = source_digest(example_study())  # else the page is stale, and its controls are closed
HTML(f'<section class="lede" data-source="{{digest}}"><h1>A system for tests</h1></section>')
""",
    """
editor = SystemEditor(system, read=system_from, write=text_of)
flow = DataFlow(data_flow(system, {"a": 0, "b": 7}), value="b")

def edited(_change):
    flow.show(data_flow(editor.system, {part.id: 1 for part in editor.system.components}))

editor.observe(edited, "system")
box("card", flow, editor)
""",
]
DRAWN = "() => document.querySelectorAll('.wb-flow .component').length > 0"
CHATBOT, AGENT = "customer-chatbot", "document-agent"
MEASURES = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
HIDDEN = "button, select, input, textarea, summary, nav, .skip"


@pytest.fixture(scope="module")
def board():
    return open_threat_board()


@pytest.fixture(scope="module")
def address(overview_address):
    return f"{overview_address}voila/render/threats.ipynb"


@pytest.fixture(scope="module")
def seen(browser, address, visit):
    found = visit(address, drawn=DRAWN)
    yield found
    found.page.context.close()


@pytest.fixture
def diagram(seen):
    """Return the diagram that is shown, that of the system that the page opens with."""
    seen.page.get_by_role("combobox", name="System shown below").select_option("credit-model")
    expect(seen.page.locator(".card.c8 .kicker").first).to_have_text("Data flows, Credit model")
    return seen.page.locator(".wb-flow svg").filter(visible=True)


def part(diagram, name):
    return diagram.get_by_role("button", name=name)


def element(page):
    return page.locator(".card.element")


def test_the_page_has_no_error_and_asks_no_other_host(seen, board):
    assert seen.page.title() == "Threat model · Risk workbench"
    assert seen.page.get_by_role("heading", level=1).inner_text() == board.page.heading
    assert seen.errors == []
    assert seen.outside() == []


def test_every_page_leads_to_every_other(seen):
    links = seen.page.get_by_role("navigation", name="Pages").get_by_role("link")
    names = links.all_inner_texts()
    assert names[0] == "Overview"
    assert "Threat model" in names
    current = seen.page.locator("nav a[aria-current=page]")
    expect(current).to_have_text("Threat model")


def test_each_component_is_a_button_that_says_what_it_is_and_how_many_threats(diagram, board):
    report = board.systems["credit-model"].report
    buttons = diagram.get_by_role("button")
    assert buttons.count() == len(report.system.components)
    for one in report.system.components:
        count = len(report.of(one.id))
        threats = "1 threat" if count == 1 else f"{count} threats"
        name = f"{one.name}, {one.kind} in {report.system.zone(one.id).name}, {threats}"
        assert part(diagram, name).count() == 1


def test_a_press_lists_the_threats_of_a_component(seen, diagram, board):
    part(diagram, "Loan history").click()
    card = element(seen.page)
    expect(card.get_by_role("heading", level=2)).to_have_text("Loan history")
    expect(part(diagram, "Loan history")).to_have_attribute("aria-pressed", "true")
    for line in board.systems["credit-model"].element("history").top:
        row = card.get_by_role("row").filter(has_text=line.id)
        expect(row).to_contain_text(line.title)
        expect(row).to_contain_text(line.why)
        expect(row).to_contain_text(line.letters)


def test_arrows_move_and_enter_chooses(seen, diagram):
    page = seen.page
    part(diagram, "Applicant").click()
    expect(element(page).get_by_role("heading", level=2)).to_have_text("Applicant")
    assert diagram.locator("[tabindex='0']").count() == 1, "one stop of Tab for the diagram"
    diagram.locator("[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(":focus")).to_have_attribute("data-id", "portal")
    expect(element(page).get_by_role("heading", level=2)).to_have_text("Applicant")
    page.keyboard.press("Enter")
    expect(element(page).get_by_role("heading", level=2)).to_have_text("Loan portal")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(element(page).get_by_role("heading", level=2)).to_have_text("Score service")
    expect(page.locator(":focus")).to_have_attribute("aria-pressed", "true")


def test_another_system_changes_the_whole_page_and_the_address(seen, diagram, board):
    page = seen.page
    page.get_by_role("combobox", name="System shown below").select_option(AGENT)
    view, worst = board.view(AGENT), board.systems[AGENT].worst[0]
    expect(page.get_by_role("heading", name=view.flows_heading)).to_be_visible()
    for heading in (view.stride_heading, view.worst_heading, view.coverage_heading):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(element(page).get_by_role("heading", level=2)).to_have_text(worst.name)
    expect(page.locator(".wb-flow svg").filter(visible=True)).to_have_attribute(
        "aria-label", board.diagram(AGENT)["label"]
    )
    assert page.url.endswith(f"?system={AGENT}")
    assert seen.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_on_what_is_behind_it(seen, diagram, theme):
    page = seen.page
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true;")
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    page.evaluate(MEASURES)
    found = page.evaluate("measured.texts()")
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = false;")
    page.evaluate("delete document.documentElement.dataset.theme")
    assert len(found) > 300
    assert sorted({(f["text"], f["ratio"]) for f in found if f["ratio"] < f["least"]}) == []


def test_the_table_says_what_the_diagram_says(seen, diagram, board):
    table = seen.page.locator(".wb-flow details")
    table.locator("summary").click()
    shown = board.diagram("credit-model")
    rows = table.get_by_role("row")
    expect(rows).to_have_count(2 + len(shown["components"]) + len(shown["flows"]))
    for one in shown["components"][:3]:
        assert rows.filter(has_text=f"{one['name']}{one['kind']}{one['zone']}").count() == 1
    table.locator("summary").click()


@pytest.fixture(scope="module")
def phone(address, visit):
    found = visit(
        f"{address}?system={CHATBOT}",
        drawn=DRAWN,
        viewport={"width": 390, "height": 844},
        color_scheme="dark",
    )
    yield found
    found.page.context.close()


def test_the_address_names_the_system_and_a_phone_has_the_tall_diagram(phone, board):
    page = phone.page
    expect(page.get_by_role("heading", name=board.view(CHATBOT).flows_heading)).to_be_visible()
    expect(page.locator(".wb-flow svg.tall")).to_be_visible()
    expect(page.locator(".wb-flow svg.wide")).to_be_hidden()
    assert phone.errors == []


def test_a_phone_scrolls_down_and_never_sideways(phone):
    wide = """() => [...document.querySelectorAll('main .card *')].filter(
        e => !e.closest('.scroll, .data, svg, .sr') && e.getBoundingClientRect().right > 391
    ).map(e => e.outerHTML.slice(0, 90))"""
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 390
    assert phone.page.evaluate(wide) == []
    tables = """all => all.filter(e => e.scrollWidth > e.clientWidth + 1)
        .map(e => `${e.innerText.slice(0, 60)} ${e.scrollWidth} of ${e.clientWidth}`)"""
    assert phone.page.locator("main .scroll").filter(visible=True).evaluate_all(tables) == []


def test_in_the_dark_words_and_badges_are_of_the_dark(phone):
    colour = "(e, name) => getComputedStyle(e)[name]"
    name = phone.page.locator(".wb-flow svg.tall .name").first
    assert name.evaluate(colour, "fill") == "rgb(236, 238, 241)"
    box = phone.page.locator(".wb-flow svg.tall .box").first
    assert box.evaluate(colour, "fill") == "rgb(23, 27, 33)"


def test_paper_has_the_diagram_in_light_colours_and_no_control(browser, address, visit):
    found = visit(address, drawn=DRAWN, color_scheme="dark", viewport={"width": 716, "height": 900})
    page = found.page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(HIDDEN).filter(visible=True).count() == 0
    assert page.locator("details").filter(visible=True).count() == 0
    expect(page.locator(".wb-flow svg.wide")).to_be_visible()
    fill = page.locator(".wb-flow svg.wide .name").first.evaluate("e => getComputedStyle(e).fill")
    assert fill == "rgb(21, 25, 31)"
    page.context.close()


def test_a_published_copy_answers_without_a_kernel(board, tmp_path, visit):
    made = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
    for name, content in published_files(board, Copy("Threat model", made)).items():
        (tmp_path / name).write_bytes(content)
    copy = (tmp_path / "index.html").as_uri()
    found = visit(
        f"{copy}?system={CHATBOT}", drawn="() => document.documentElement.dataset.answers"
    )
    page = found.page
    expect(page.get_by_role("heading", name=board.view(CHATBOT).flows_heading)).to_be_visible()
    page.locator(".wb-flow svg.wide").get_by_role("button", name="Account lookup").click()
    expect(element(page).get_by_role("heading", level=2)).to_have_text("Account lookup")
    page.get_by_role("combobox", name="System shown below").select_option(AGENT)
    worst = board.systems[AGENT].worst[0]
    expect(element(page).get_by_role("heading", level=2)).to_have_text(worst.name)
    shown = page.locator(".wb-flow svg.wide")
    expect(shown.locator(".component.on")).to_have_attribute("data-id", worst.id)
    assert found.errors == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in found.requests)
    page.context.close()


@pytest.fixture(scope="module")
def own(address_of, visit):
    found = visit(address_of(PAGE), drawn=DRAWN)
    yield found
    found.page.context.close()


def told(page):
    return page.locator(".wb-system").get_by_role("status")


def test_names_of_a_system_are_text_and_never_markup(own):
    page = own.page
    assert page.locator("main img").count() == 0
    label = f"{HOSTILE} A, people in {HOSTILE} out, 0 threats"
    expect(page.locator(".wb-flow svg.wide").get_by_role("button", name=label)).to_have_count(1)
    assert own.errors == []
    assert own.outside() == []


def test_a_form_restates_a_component_and_the_text_follows(own):
    page = own.page
    page.get_by_role("combobox", name="Component").select_option("b")
    page.get_by_role("combobox", name="Kind").select_option("tools")
    page.get_by_role("button", name="Set").click()
    expect(told(page)).to_have_text("B is restated.")
    shown = page.locator(".wb-flow svg.wide")
    expect(shown.get_by_role("button", name=f"B, tools in {HOSTILE} in, 1 threat")).to_have_count(1)
    page.get_by_text("Edit as text").click()
    expect(page.get_by_role("textbox")).to_have_value(
        page.get_by_role("textbox").input_value().replace("kind: agent", "kind: tools")
    )
    assert "kind: tools" in page.get_by_role("textbox").input_value()


def test_a_wrong_text_stays_as_it_was_typed_and_says_why(own):
    page = own.page
    area = page.get_by_role("textbox")
    if not area.is_visible():
        page.get_by_text("Edit as text").click()
    good = area.input_value()
    wrong = good.replace("kind: people", "kind: ghost")
    area.fill(wrong)
    page.get_by_role("button", name="Read this text").click()
    expect(told(page)).to_contain_text("(a): kind: is not known, got 'ghost'")
    assert area.input_value() == wrong
    expect(area).to_have_attribute("aria-invalid", "true")
    area.fill(good)
    page.get_by_role("button", name="Read this text").click()
    expect(told(page)).to_have_text("Read: 2 components, 1 flow.")
    expect(area).to_have_attribute("aria-invalid", "false")
    assert own.errors == []
