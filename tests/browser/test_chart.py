"""Charts and choices in a real browser: moved curves, views, saved files, addresses."""

import base64
import csv
import io
import re
from urllib.parse import urlencode

import pytest

from workbench.files.suspicious import FORMULA_STARTS

pytestmark = pytest.mark.browser

NAME = "With this change"
PLANTED = '<img src=x onerror="window.planted=1"> & <script>window.planted=1</script>'
PAGE = "charts"
CELLS = [
    """
from workbench import LogNormal, Pert, Scenario, Study, TolerancePoint, simulate
from workbench.files.suspicious import FORMULA_STARTS
from workbench.models.tolerance import ToleranceCurve
from workbench.plots import RangeRow, loss_exceedance, loss_range, moving_curve, top_scenarios
from workbench.plots.blocks import Block, ChartBlock, ChoiceBlock, SliderBlock, Slot, Table
from workbench_widgets import built

PLANTED = '<img src=x onerror="window.planted=1"> & <script>window.planted=1</script>'
points = (TolerancePoint(1e5, 0.9), TolerancePoint(1e6, 0.1), TolerancePoint(1e7, 0.01))

def year(rate):
    cost = LogNormal.from_interval(2e4, 2e6)
    often = Pert(0.5 * rate, rate, 3 * rate)
    one = Scenario.fair("A", "Often", loss_event_frequency=often, loss_magnitude=cost)
    return simulate(Study(scenarios=(one,)), engine="exact").portfolio

years = {rate: year(rate) for rate in (0.25, 0.5, 1.0, 2.0)}
today, curve = years[1.0], ToleranceCurve(points)
figure = loss_exceedance(today, inherent=years[2.0], residual=years[0.5], tolerance=curve)
x = loss_range(today, curve, [years[2.0], years[0.5]])
rows = [(start + "1", 1.5) for start in sorted(FORMULA_STARTS)]
rows += [(PLANTED, None), (' =1, "2"', -3)]
names = Table((PLANTED, "amount"), tuple(rows))
options = (("a", "First"), ("b", PLANTED), ("c", "Third"))
ranges = top_scenarios([RangeRow(PLANTED, 0.5, 1e4, 1e6, 1e5, 2e5)], currency="USD")
page = built(Block("card", (
    "<h2>Charts</h2>",
    ChartBlock("loss-exceedance", figure, f"We are outside. {PLANTED}", names),
    SliderBlock("often", "Often", 0.25, 2, 0.25, 1.0, digits=2, today=1.0, note="today 1.00"),
    Slot("told", "<b id='told'>none</b>"),
    ChoiceBlock("one", "Scenario", options, "a", "scenario"),
    Slot("chosen", "<b id='chosen'>a</b>"),
    ChartBlock("ranges", ranges, "The ranges.", Table(("a",), ((1,),))),
)))
page.widget
""",
    """
def moved(change):
    rate = change["new"]
    after = min(years, key=lambda known: abs(known - rate))
    overlay = [] if rate == 1.0 else [moving_curve(years[after], x)]
    page.charts["loss-exceedance"].overlay = overlay
    page.slots["told"].value = f"<b id='told'>{rate:g}</b>"

def chosen(change):
    page.slots["chosen"].value = f"<b id='chosen'>{change['new']}</b>"

page.sliders["often"].observe(moved, "value")
page.choices["one"].observe(chosen, "value")
""",
]
CHART = ".wb-chart .chart"
CURVE = f"""() => {{
  const chart = document.querySelector('{CHART}');
  const trace = chart._fullData.find(t => t.name === '{NAME}');
  const group = chart.querySelector('.scatterlayer .trace' + trace.uid);
  const path = group.querySelector('.js-line');
  const box = path.getBBox();
  return {{
    opacity: Number(getComputedStyle(group).opacity),
    stroke: path.style.stroke, width: box.width,
  }};
}}"""
DRAWN = f"() => Number(document.querySelector('{CHART}').dataset.drawn)"


@pytest.fixture(scope="module")
def address(address_of):
    return address_of(PAGE)


@pytest.fixture(scope="module")
def seen(address, visit):
    found = visit(address)
    yield found
    found.page.context.close()


@pytest.fixture(scope="module")
def phone(address, visit):
    """Return the page on a phone, opened at an address with a planted id."""
    planted = f"{address}?{urlencode({'scenario': PLANTED})}"
    found = visit(planted, viewport={"width": 390, "height": 844})
    yield found.page
    found.page.context.close()


def move_to(page, value):
    """Move the slider to a value, and wait until the kernel has answered."""
    slider = page.get_by_role("slider", name="Often")
    slider.focus()
    page.keyboard.press("End")
    for _ in range(round((2 - value) / 0.25)):
        page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"document.querySelector('#told').textContent === '{value:g}'")


def rested(page, before):
    page.wait_for_function(f"n => ({DRAWN})() > n", arg=before)


def test_no_curve_of_a_change_is_seen_until_there_is_one(seen):
    assert seen.errors == []
    assert seen.page.evaluate(CURVE)["opacity"] == 0
    move_to(seen.page, 2.0)
    seen.page.wait_for_function(f"({CURVE})().opacity === 1")
    move_to(seen.page, 1.0)
    seen.page.wait_for_function(f"({CURVE})().opacity === 0")


def test_a_moved_curve_is_what_plotly_would_have_drawn(seen):
    page = seen.page
    move_to(page, 1.0)
    page.wait_for_timeout(600)
    page.evaluate(
        f"""() => {{ const c = document.querySelector('{CHART}');
        window.hand = null; new MutationObserver(() => {{ window.hand ??= ({CURVE})(); }})
          .observe(c, {{attributeFilter: ['data-moved']}}); }}"""
    )
    before = page.evaluate(DRAWN)
    move_to(page, 2.0)
    rested(page, before)
    by_hand = page.evaluate(
        f"""async () => {{ const c = document.querySelector('{CHART}');
        const t = c._fullData.find(t => t.name === '{NAME}');
        const at = (x, y) => [c._fullLayout.xaxis.d2p(x), c._fullLayout.yaxis.d2p(y)];
        const path = c.querySelector('.scatterlayer .trace' + t.uid + ' .js-line');
        const n = path.getTotalLength(); let far = 0;
        for (let i = 0; i < t.x.length; i += 8) {{
          const [px, py] = at(t.x[i], t.y[i]); let least = 1e9;
          for (let k = 0; k <= 400; k++) {{ const p = path.getPointAtLength(n * k / 400);
            least = Math.min(least, Math.hypot(p.x - px, p.y - py)); }}
          far = Math.max(far, least);
        }} return far; }}"""
    )
    assert by_hand < 2.5
    assert page.evaluate("window.hand.opacity") == 1


def test_the_moved_curve_survives_theme_size_print_and_view(seen):
    page = seen.page
    move_to(page, 2.0)
    page.wait_for_function(f"({CURVE})().opacity === 1")
    light = page.evaluate(CURVE)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"s => ({CURVE})().stroke !== s", arg=light["stroke"])
    assert page.evaluate(CURVE)["opacity"] == 1
    page.set_viewport_size({"width": 900, "height": 900})
    page.wait_for_function(f"w => ({CURVE})().width < w - 50", arg=light["width"])
    assert page.evaluate(CURVE)["opacity"] == 1
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(CURVE)["opacity"] == 1
    assert page.evaluate(CURVE)["stroke"] == light["stroke"]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.evaluate("delete document.documentElement.dataset.theme")
    page.wait_for_function(f"w => Math.abs(({CURVE})().width - w) < 2", arg=light["width"])
    assert seen.errors == []


def test_the_name_of_a_moved_curve_meets_no_other_name(seen):
    page = seen.page
    move_to(page, 2.0)
    page.wait_for_function(
        f"() => [...document.querySelectorAll('{CHART} .annotation')]"
        f".some(e => e.textContent === '{NAME}' && getComputedStyle(e).opacity === '1')"
    )
    page.wait_for_timeout(600)
    clashes = page.evaluate(
        f"""() => {{ const first = document.querySelector('{CHART}');
        const all = [...first.querySelectorAll('.annotation')].map(e => [e.textContent,
          e.querySelector('.annotation-text').getBoundingClientRect()]);
        const own = all.find(([t]) => t === '{NAME}')[1];
        return all.filter(([t, b]) => t !== '{NAME}' && own.left < b.right && own.right > b.left
          && own.top < b.bottom && own.bottom > b.top).map(([t]) => t); }}"""
    )
    assert clashes == []


def test_views_change_by_keyboard(seen):
    page = seen.page
    kind = f"document.querySelector('{CHART}')._fullLayout.yaxis.type"
    whole = page.get_by_role("radio", name="Whole curve")
    assert whole.is_checked()
    whole.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"{kind} === 'log'")
    ticks = page.locator(f"{CHART} >> nth=0").locator(".ytick text").all_text_contents()
    assert ticks == ["1 in 2", "1 in 10", "1 in 100", "1 in 1,000"]
    page.get_by_role("radio", name="Rare years").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"{kind} === 'linear'")


def saved(page, kind, chart="We are outside"):
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile(f"Save the chart “{chart}.* as {kind}")).click()
    return download.value


def test_a_chart_is_saved_as_csv_without_a_live_formula(seen):
    found = saved(seen.page, "CSV")
    assert found.suggested_filename == "loss-exceedance.csv"
    text = found.path().read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == [PLANTED, "amount"]
    starts = sorted(FORMULA_STARTS)
    assert rows[1:-2] == [[f"'{start}1", "1.5"] for start in starts]
    assert rows[-2:] == [[PLANTED, ""], ['\' =1, "2"', "-3"]]


def test_a_chart_is_saved_as_svg_on_white_with_its_sentence_and_nothing_live(seen):
    page = seen.page
    move_to(page, 2.0)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    found = saved(page, "SVG")
    page.evaluate("delete document.documentElement.dataset.theme")
    text = found.path().read_text(encoding="utf-8")
    assert found.suggested_filename == "loss-exceedance.svg"
    assert text.startswith("<svg")
    assert "<script" not in text
    assert "<img" not in text
    assert "&#60;img" in text
    assert "We are outside." in text
    assert NAME in text
    assert re.search(r"fill: rgb\(255, 255, 255\)", text)
    assert "rgb(194, 65, 12)" in text, "today's curve in the light theme"
    other = page.context.new_page()
    other.set_content(f"<div>{text}</div>")
    assert other.locator("svg").count() > 0
    assert other.evaluate("window.planted") is None
    other.close()


def test_a_chart_is_saved_as_png_at_twice_its_size(seen):
    found = saved(seen.page, "PNG")
    width = seen.page.locator(CHART).first.evaluate("e => e.clientWidth")
    packed = base64.b64encode(found.path().read_bytes()).decode()
    size, corner = seen.page.evaluate(
        """async text => {
        const image = new Image(); image.src = 'data:image/png;base64,' + text;
        await image.decode();
        const canvas = document.createElement('canvas'); const pen = canvas.getContext('2d');
        pen.drawImage(image, 0, 0);
        return [image.naturalWidth, [...pen.getImageData(1, 1, 1, 1).data]]; }""",
        packed,
    )
    assert size == 2 * max(width, 720)
    assert corner == [255, 255, 255, 255]
    assert seen.errors == []


def test_a_choice_reads_the_address_and_writes_it_back(address, visit):
    other = visit(f"{address}?{urlencode({'scenario': 'c', 'kept': 'yes'})}")
    page = other.page
    page.wait_for_function("document.querySelector('#chosen').textContent === 'c'")
    choice = page.get_by_label("Scenario")
    assert choice.input_value() == "c"
    choice.focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function("document.querySelector('#chosen').textContent === 'b'")
    assert "scenario=b" in page.url
    assert "kept=yes" in page.url
    assert choice.locator("option").all_inner_texts()[1] == PLANTED
    assert page.evaluate("window.planted") is None
    assert page.locator("main img, main script[src=x]").count() == 0
    page.context.close()


def test_an_unknown_id_in_the_address_changes_nothing(phone):
    assert phone.get_by_label("Scenario").input_value() == "a"
    assert phone.locator("#chosen").inner_text() == "a"
    assert phone.evaluate("window.planted") is None


def test_names_on_a_phone_do_not_meet_the_figures(phone):
    boxes = phone.locator(CHART).last.evaluate(
        "c => [...c.querySelectorAll('.annotation-text')].map(e => e.getBoundingClientRect())"
        ".map(b => [b.left, b.right])"
    )
    (_, name_end), (figure_start, _) = sorted(boxes)
    assert name_end < figure_start
    assert phone.locator(".wb-slider .rail i").first.is_visible()
