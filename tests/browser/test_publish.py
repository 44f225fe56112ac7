"""A published page in a browser: from a file and from a plain web server, without a kernel."""

import re
import runpy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from workbench.publishing import NAMES, Copy, as_of, published_files, save_folder
from workbench.reports.board import open_board
from workbench.resources import example_study

pytestmark = pytest.mark.browser

SERVER = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "plain_server.py"))
MADE = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
PLANTED = "<img src=x onerror=planted()></script><script>planted()</script> \"'${planted()}"
TEXTS = {"name", "owner", "system", "reason", "would_change", "source"}
PATIENCE = 60_000  # ms, on a machine that is busy


class Opened:
    """A window on a published page, and what it asked for and complained about."""

    def __init__(self, browser, address, **options):
        self.context = browser.new_context(
            **{"viewport": {"width": 1440, "height": 900}, **options}
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.requests, self.errors = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)
        self.page.goto(address)

    def _heard(self, message):
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def ready(self):
        """Wait until all is there; the page's policy forbids what `wait_for_function` does."""
        self.page.wait_for_selector("html[data-answers]", state="attached")
        for chart in self.page.locator("[data-chart]").all():
            chart.locator(".chart[data-drawn]").wait_for(state="attached")
        return self


def published(board, folder: Path) -> Path:
    save_folder(folder, published_files(board, Copy("Overview", MADE)), force=False)
    return folder


@pytest.fixture(scope="module")
def board():
    return open_board(example_study(), fresh=as_of(MADE), computed=MADE)


@pytest.fixture(scope="module")
def folder(board, tmp_path_factory):
    return published(board, tmp_path_factory.mktemp("published") / "page")


@pytest.fixture(scope="module")
def address(folder):
    with SERVER["served"](folder) as found:
        yield found


@pytest.fixture(scope="module")
def seen(browser, folder):
    found = Opened(browser, (folder / "index.html").as_uri()).ready()
    yield found
    found.context.close()


def plain(html: str) -> str:
    """Return the words of a fragment, without tags and spaces."""
    import html as marks

    return re.sub(r"\s+", "", marks.unescape(re.sub(r"<[^>]*>", "", html)))


def words(locator) -> str:
    return re.sub(r"\s+", "", locator.text_content())


def test_a_file_opens_without_an_error_and_asks_for_its_own_files(seen, folder):
    asked = {u for u in seen.requests if not u.startswith(("data:", "blob:"))}
    assert asked <= {(folder / name).as_uri() for name in NAMES}
    assert seen.errors == []
    assert seen.page.title() == "Overview · Risk workbench"


def test_a_web_server_shows_the_same(browser, address, seen):
    other = Opened(browser, address).ready()
    asked = {u for u in other.requests if not u.startswith(("data:", "blob:"))}
    assert all(u.startswith(address) for u in asked)
    assert other.errors == []
    assert other.page.inner_text("main") == seen.page.inner_text("main")
    other.context.close()


def test_words_and_figures_are_the_boards(seen, board):
    page = seen.page
    assert page.get_by_role("heading", level=1).inner_text() == board.page.heading
    assert as_of(MADE) in page.locator(".lede").inner_text()
    assert page.locator("[data-source]").get_attribute("data-source") == board.source
    text = words(page.locator("main"))
    for block in board.blocks.values():
        for part in block.leaves():
            if isinstance(part, str):
                assert plain(part) in text
    for chart in [c for block in board.blocks.values() for c in block.charts()]:
        drawn = page.locator(f'[data-chart="{chart.name}"] .chart')
        assert drawn.get_attribute("aria-label") == chart.label
        assert drawn.locator(".main-svg").count() > 0


def test_the_smaller_plotly_draws_and_saves(seen, folder):
    assert (folder / "plotly.min.js").stat().st_size < 1_300_000
    image = seen.page.evaluate(
        "() => Plotly.toImage(document.querySelector('.chart'), { format: 'png' })"
    )
    assert image.startswith("data:image/png;base64,")
    assert len(image) > 10_000


def moved(page, number: int, value: float) -> None:
    page.locator(".wb-slider input").nth(number).evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', { bubbles: true })); }", value
    )


@pytest.mark.parametrize("times", [(2, 1, 1), (0.5, 1.75, 0), (1, 1, 1)])
def test_a_what_if_says_what_the_board_answers(seen, board, times):
    page = seen.page
    for number, value in enumerate(times):
        moved(page, number, value)
    page.wait_for_timeout(1500)  # the hand rests: plotly draws the curve
    factors = {s.name: float(v) for s, v in zip(board.drivers, times, strict=True)}
    answer = board.answer(factors)
    assert words(page.locator("[data-slot=answer]")) == plain(answer.slots["answer"])
    curve = page.evaluate(
        "() => { const chart = document.querySelector('[data-chart=loss-exceedance] .chart');"
        " const { y, visible, opacity } = chart.data.find(t => t.name === 'With this change');"
        " return { y: [...y], seen: visible !== false && opacity !== 0 }; }"
    )
    assert curve["seen"] == bool(answer.overlay)
    if answer.overlay:
        assert curve["y"] == pytest.approx(answer.overlay[0]["y"], rel=6e-4, abs=1e-6)


@pytest.mark.parametrize("kind", ["file", "http"])
def test_the_address_chooses_a_scenario(browser, board, folder, address, kind):
    chosen = board.study.scenarios[-1].id
    place = (folder / "index.html").as_uri() if kind == "file" else address
    found = Opened(browser, f"{place}?scenario={chosen}").ready()
    page = found.page
    assert page.locator(".wb-choice select").input_value() == chosen
    assert words(page.locator("[data-slot=story]")) == plain(board.chosen(chosen)["story"])
    first = board.study.scenarios[0].id
    page.locator(".wb-choice select").select_option(first)
    assert words(page.locator("[data-slot=story]")) == plain(board.chosen(first)["story"])
    assert page.url.endswith(f"?scenario={first if kind == 'http' else chosen}")
    assert found.errors == []
    found.context.close()


def test_reset_brings_the_sliders_back_and_the_steps_are_told(seen, board):
    page = seen.page
    moved(page, 0, 0)
    moved(page, 1, 2)
    assert "No change" not in page.inner_text(".whatif .delta")
    page.get_by_role("button", name="Reset the sliders to today").press("Enter")
    assert [one.input_value() for one in page.get_by_role("slider").all()] == ["1"] * 3
    assert words(page.locator("[data-slot=answer]")) == plain(board.answer({}).slots["answer"])
    assert "move in steps of 0.25" in page.inner_text(".steps")
    assert page.get_by_role("slider").first.get_attribute("step") == "0.25"


def test_without_scripts_the_text_stands_and_says_so(browser, board, folder):
    found = Opened(browser, (folder / "index.html").as_uri(), java_script_enabled=False)
    page = found.page
    assert "Scripts are off" in page.inner_text("#plain")
    assert page.get_by_role("heading", level=1).inner_text() == board.page.heading
    assert page.locator("[data-chart]").first.is_hidden()
    assert page.locator(".tools").is_hidden()
    assert page.locator(".steps").is_hidden()
    assert page.locator("details.data").count() >= 3
    found.context.close()


def test_a_phone_in_the_dark_scrolls_one_way_only(browser, folder):
    found = Opened(
        browser,
        (folder / "index.html").as_uri(),
        viewport={"width": 390, "height": 844},
        color_scheme="dark",
    ).ready()
    page = found.page
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#theme-button").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    assert found.errors == []
    found.context.close()


def test_a_page_prints_whole_before_its_charts_were_scrolled_to(browser, folder):
    found = Opened(browser, (folder / "index.html").as_uri())
    found.page.wait_for_selector(".chart[data-drawn]")
    pdf = found.page.pdf(format="A4", print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 4
    assert found.page.locator("[data-chart]:not(:has(.main-svg))").count() == 0
    found.context.close()


def test_a_missing_file_is_told(browser, board, folder, tmp_path):
    for name in ("index.html",):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    page = Opened(browser, (tmp_path / "index.html").as_uri()).page
    page.wait_for_selector("#connection:not([hidden])")
    assert "answers.js is missing" in page.inner_text("#connection")
    page.wait_for_selector("[data-chart] .missing")
    assert "could not be drawn" in page.locator("[data-chart] .missing").first.inner_text()
    page.context.close()


def planted(value: object, key: str = "") -> object:
    """Return a study's data with a script in every text that is free."""
    if isinstance(value, dict):
        return {k: planted(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [planted(v, key) for v in value]
    return f"{value} {PLANTED}" if isinstance(value, str) and key in TEXTS else value


@pytest.mark.daily(0)  # each day test_inert.py looks at a copy of hostile texts
def test_scripts_planted_in_every_text_of_a_study_stay_text(browser, tmp_path):
    yaml = YAML(typ="safe", pure=True)
    study = planted(yaml.load(example_study().read_text(encoding="utf-8")))
    with (tmp_path / "study.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(study, file)
    board = open_board(tmp_path / "study.yaml")
    assert PLANTED in board.study.name
    found = Opened(browser, (published(board, tmp_path / "page") / "index.html").as_uri()).ready()
    moved(found.page, 0, 2)
    found.page.locator(".wb-choice select").select_option(index=1)
    assert PLANTED in found.page.locator("[data-slot=story]").inner_text()
    assert found.page.locator("img[src=x]").count() == 0
    assert found.errors == []
    found.context.close()
