"""The overview for every pair of eyes and hands: contrast, keyboard, names, motion, zoom."""

import base64
import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

MEASURES = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
DELTA = ".whatif .delta"
DRAWN = "() => [...document.querySelectorAll('.wb-chart .chart')].map(e => Number(e.dataset.drawn))"
# Where the keyboard is: what it is called, and the outline that shows it against its ground.
FOCUSED = """() => {
  const e = document.activeElement;
  const ring = e.matches('.seg input') ? e.nextElementSibling : e;
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(ring);
  const { ratio, parsed, ground } = globalThis.measured;
  const box = ring.getBoundingClientRect();
  return {
    tag: e.tagName.toLowerCase(),
    name: e.ariaLabel || e.labels?.[0]?.textContent || e.textContent.trim(),
    ring: outlineStyle === 'solid' && parseFloat(outlineWidth) >= 2,
    contrast: ratio(parsed(outlineColor), ground(ring.parentElement)),
    seen: box.bottom > 0 && box.top < innerHeight && box.width > 0,
  };
}"""
STOPS = [  # of Tab, in the order of the page
    *("a Skip to the content", "a Risk workbench", "a Overview", "a Readiness", "a Threat model"),
    *("button Switch to the dark theme", "button Print or PDF"),
    *("input Whole curve", "button Save", "button Save", "button Save", "summary Show as a table"),
    *("button Reset the sliders to today", "input ", "input ", "input "),
]


@pytest.fixture(scope="module")
def seen(browser, overview_address, visit):
    """Return the overview with a moved curve, so that its name and change are judged too."""
    found = visit(overview_address, accept_downloads=True)
    found.page.evaluate(MEASURES)
    found.page.get_by_role("slider").first.focus()
    found.page.keyboard.press("End")
    expect(found.page.locator(DELTA)).not_to_contain_text("No change")
    yield found
    found.page.context.close()


def drawn_again(page, change):
    """Make a change that every chart follows, and wait for it."""
    before = page.evaluate(DRAWN)
    change()
    page.wait_for_function(f"old => ({DRAWN})().every((n, i) => n > old[i])", arg=before)


def faults(page, kind):
    """Return what stands out too little, each once, worst first."""
    found = page.evaluate(f"measured.{kind}()")
    assert len(found) > 20
    low = {(round(f["ratio"], 2), f["text"]) for f in found if f["ratio"] < f["least"]}
    return sorted(low)


@pytest.fixture(params=["light", "dark"])
def themed(request, seen):
    """Return the page in a theme, with all tables open and every notice shown."""
    page = seen.page
    page.evaluate(
        "for (const d of document.querySelectorAll('details')) d.open = true;"
        "for (const id of ['connection', 'freshness']) {"
        " const e = document.getElementById(id); e.hidden = false;"
        " e.innerHTML = '<span>It is gone</span><button type=button>Again</button>'; }"
    )
    if request.param == "dark":
        drawn_again(page, lambda: page.evaluate("document.documentElement.dataset.theme = 'dark'"))
    yield page
    page.evaluate(
        "for (const d of document.querySelectorAll('details')) d.open = false;"
        "for (const id of ['connection', 'freshness']) document.getElementById(id).hidden = true;"
    )
    if request.param == "dark":
        drawn_again(page, lambda: page.evaluate("document.documentElement.dataset.theme = 'light'"))


def test_every_text_can_be_read_on_what_is_behind_it(themed):
    assert faults(themed, "texts") == []


def test_every_mark_that_means_something_stands_out(themed):
    assert faults(themed, "marks") == []


def test_the_measure_of_contrast_is_that_of_wcag(seen):
    ratio = "([a, b]) => measured.ratio(measured.parsed(a), measured.parsed(b))"
    assert seen.page.evaluate(ratio, ["#000", "#fff"]) == pytest.approx(21)
    assert seen.page.evaluate(ratio, ["#767676", "#fff"]) == pytest.approx(4.54, abs=0.005)


def test_a_text_that_fades_into_its_ground_would_be_noticed(seen):
    plant = "() => { const p = document.createElement('p'); p.id = 'pale'; p.textContent = 'pale';"
    plant += " p.style.color = 'var(--line-strong)'; document.querySelector('.card').append(p); }"
    seen.page.evaluate(plant)
    assert "pale" in [text for _, text in faults(seen.page, "texts")]
    seen.page.evaluate("document.getElementById('pale').remove()")


def track(page):
    """Return how many pixels of a slider's track cannot be seen, and how many of its ring can."""
    slider = page.get_by_role("slider").nth(1)
    page.evaluate("document.activeElement.blur()")
    slider.evaluate("e => e.scrollIntoView({ block: 'center' })")
    picture = base64.b64encode(slider.screenshot()).decode()
    return page.evaluate(
        """async text => {
          const image = new Image(); image.src = 'data:image/png;base64,' + text;
          await image.decode();
          const [w, h] = [image.naturalWidth, image.naturalHeight];
          const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
          const pen = canvas.getContext('2d'); pen.drawImage(image, 0, 0);
          const behind = [...pen.getImageData(w - 2, 1, 1, 1).data];
          const strong = (x, y) =>
            measured.ratio([...pen.getImageData(x, y, 1, 1).data], behind) >= 3;
          const along = Array.from({ length: w - 8 }, (_, i) => strong(i + 4, Math.floor(h / 2)));
          let ring = 0;
          for (let y = 0; y < h / 2 - 4; y++) ring += strong(Math.floor(w / 2), y);
          return [along.filter(is => !is).length, ring]; }""",
        picture,
    )


def test_a_slider_is_seen_along_its_whole_track(themed):
    pale, ring = track(themed)
    assert pale <= 20, "px of the track that cannot be seen; the thumb's inside is 16"
    assert ring >= 1, "the thumb has an outline above the track"


def walk(page):
    """Press Tab from the top of the page to its end; return each stop."""
    page.evaluate(
        "() => { scrollTo(0, 0); const start = document.createElement('button');"
        " document.body.prepend(start); start.focus(); start.remove(); }"
    )
    stops = []
    while len(stops) < 60:
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["tag"] == "body":
            break
        stops.append(stop)
    return stops


def test_tab_reaches_every_control_in_order_and_shows_where_it_is(seen):
    page = seen.page
    stops = walk(page)
    told = [f"{stop['tag']} {stop['name']}" for stop in stops]
    for stop, start in zip(told, STOPS, strict=False):
        assert stop.startswith(start), told
    controls = page.locator(":is(a[href], button, input, select, summary):not(:disabled)").filter(
        visible=True
    )
    unchosen = page.locator(".seg input:not(:checked)").count()  # arrows go there
    assert len(stops) == controls.count() - unchosen
    assert told[-1].startswith("select Scenario")
    assert [stop for stop in stops if not stop["ring"] or stop["contrast"] < 3] == []
    assert [stop["name"] for stop in stops if not stop["name"]] == []
    assert [stop["name"] for stop in stops if not stop["seen"]] == []


def test_the_skip_link_leads_into_the_content(seen):
    page = seen.page
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "rendered_cells"


def test_theme_and_print_answer_to_keys(seen):
    page = seen.page
    page.evaluate("() => { window.print = () => { window.printed = (window.printed ?? 0) + 1; } }")
    page.locator("#print-button").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert page.evaluate("window.printed") == 2
    page.locator("#theme-button").focus()
    for theme, key in (("dark", "Enter"), ("light", "Space")):
        page.keyboard.press(key)
        assert page.evaluate("document.documentElement.dataset.theme") == theme


def test_sliders_views_and_choices_answer_to_keys(seen):
    page = seen.page
    slider = page.get_by_role("slider").nth(2)
    before = float(slider.input_value())
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert float(slider.input_value()) == pytest.approx(before + 0.05)
    page.keyboard.press("ArrowLeft")
    page.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio").nth(1).is_checked()
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("radio").first.is_checked()
    choice = page.get_by_role("combobox", name="Scenario")
    name = page.locator(".story h3").inner_text()
    choice.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".story h3")).not_to_have_text(name)


def test_what_is_read_aloud_is_the_answer_that_is_seen_and_nothing_hidden(seen):
    page = seen.page
    page.get_by_role("slider").first.focus()
    told = page.locator("[aria-live=polite], [aria-live=assertive]")
    assert told.count() == 1
    assert told.locator(".delta").filter(visible=True).count() == 1
    hidden = page.locator("[hidden] .delta")
    assert hidden.count() == 3, "kept for the test of the notebook"
    assert hidden.evaluate_all("all => all.some(e => e.closest('[aria-live]'))") is False
    assert page.locator(".wb-slider output:not([aria-live=off])").count() == 0


def test_reset_brings_every_slider_back_by_keys_and_keeps_the_place(seen):
    page = seen.page
    sliders = page.get_by_role("slider")
    for number, key in ((0, "End"), (1, "Home"), (2, "ArrowLeft")):
        sliders.nth(number).focus()
        page.keyboard.press(key)
    expect(page.locator(DELTA)).not_to_contain_text("No change")
    button = page.get_by_role("button", name="Reset the sliders to today")
    assert button.inner_text() == "Reset"
    for key in ("Enter", "Space"):
        button.focus()
        page.keyboard.press(key)
        assert [slider.input_value() for slider in sliders.all()] == ["1"] * 3
        expect(page.locator(DELTA)).to_contain_text("No change")
        assert page.evaluate("document.activeElement.textContent") == "Reset"
        sliders.first.focus()
        page.keyboard.press("End")
        expect(page.locator(DELTA)).not_to_contain_text("No change")


def test_tables_unfold_and_charts_are_saved_by_keys(seen):
    page = seen.page
    summary = page.locator("summary").first
    summary.focus()
    for key, is_open in (("Enter", True), ("Space", False)):
        page.keyboard.press(key)
        assert page.locator("details").first.evaluate("e => e.open") is is_open
    for kind, key in (("CSV", "Enter"), ("SVG", "Space")):
        page.get_by_role("button", name=re.compile(f"as {kind}$")).first.focus()
        with page.expect_download() as download:
            page.keyboard.press(key)
        assert download.value.suggested_filename == f"loss-exceedance.{kind.lower()}"


def test_colour_is_never_alone(seen):
    page = seen.page
    curves = (
        page.locator(".wb-chart")
        .first.locator(".js-line")
        .evaluate_all(
            "all => all.map(e => [e.closest('.trace'), e]).filter(([t, e]) =>"
            " getComputedStyle(t).opacity > 0 && e.style.stroke"
            " && parseFloat(e.style.strokeWidth) > 0)"
            ".map(([, e]) => [e.style.stroke, e.style.strokeDasharray])"
        )
    )
    dash = dict(curves)
    assert len(dash) == 5, "without controls, today, after the plan, the change, the appetite"
    assert len(set(dash.values())) == len(dash), curves
    words = set(
        page.locator("main td:last-child")
        .filter(has_text=re.compile("^(above|within)$"))
        .all_inner_texts()
    )
    assert words == {"above", "within"}
    assert page.locator("table.heat tbody td").all_inner_texts() != []
    for text in page.locator("table.heat tbody td").all_inner_texts():
        assert re.match(r"\d+", text)
    for text in page.locator("table.heat tbody td .sr").all_text_contents():
        assert re.match(r"[A-Z][a-z]+", text), "the band in words"


def test_everything_has_a_name(seen):
    page = seen.page
    for role in ("button", "link", "slider", "combobox", "radio", "navigation", "table"):
        all_of = page.get_by_role(role)
        named = page.get_by_role(role, name=re.compile(r"\S"))
        assert all_of.count() >= 1
        unnamed = all_of.count() - named.count()
        assert unnamed == 0, f"{unnamed} of role {role} without a name"
    for sentence in page.locator(".wb-chart .chart").evaluate_all("a => a.map(e => e.ariaLabel)"):
        assert len(sentence.split()) > 4
        assert sentence.rstrip().endswith(".")


def test_the_page_has_landmarks_one_heading_a_language_and_an_icon(seen):
    page = seen.page
    for role in ("banner", "main", "contentinfo", "navigation"):
        assert page.get_by_role(role).count() == 1, role
    levels = page.locator("main :is(h1, h2, h3, h4, h5, h6)").filter(visible=True)
    numbers = [int(tag[1]) for tag in levels.evaluate_all("all => all.map(e => e.tagName)")]
    assert numbers[0] == 1
    assert numbers.count(1) == 1
    for before, after in pairwise(numbers):
        assert after <= before + 1, numbers
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title()
    icon = page.locator("link[rel=icon]").get_attribute("href")
    assert page.request.get(page.evaluate("h => new URL(h, location).href", icon)).ok


def test_nothing_moves_for_those_who_asked_for_it(seen):
    page = seen.page
    page.emulate_media(reduced_motion="reduce")
    moving = page.evaluate(
        """() => { const waiting = document.createElement('div'); waiting.className = 'loading';
        waiting.append(document.createElement('i')); document.body.append(waiting);
        const still = s => s.animationName === 'none'
          && s.transitionDuration.split(', ').every(t => t === '0s');
        const found = [...document.querySelectorAll('body *')].flatMap(e =>
          [null, '::before', '::after'].filter(part => !still(getComputedStyle(e, part)))
            .map(part => `${e.tagName} ${e.className} ${part ?? ''}`));
        waiting.remove(); return [...new Set(found)]; }"""
    )
    page.emulate_media(reduced_motion="no-preference")
    assert moving == []


CLIPPED = """() => [...document.querySelectorAll(
    'main :is(h1, h2, h3, p, td, th, label, output, dd, button, select)')]
  .filter(e => !e.closest('.sr, .ids, .scroll, details, option') && e.offsetParent)
  .filter(e => { const b = e.getBoundingClientRect();
    return b.width > 0 && (b.left < -0.5 || b.right > innerWidth + 0.5); })
  .map(e => `${e.tagName} ${e.textContent.slice(0, 40)}`)"""


def test_at_twice_and_four_times_the_size_nothing_is_lost(overview_address, visit):
    seen = visit(overview_address, viewport={"width": 720, "height": 450}, device_scale_factor=2)
    page = seen.page
    for width in (720, 360):
        page.set_viewport_size({"width": width, "height": 450})
        page.wait_for_function("w => document.documentElement.scrollWidth <= w", arg=width)
        assert page.evaluate(CLIPPED) == []
        for role, least in (("slider", 3), ("combobox", 1), ("radio", 2), ("button", 7)):
            assert page.get_by_role(role).filter(visible=True).count() >= least
    assert seen.errors == []
    page.context.close()


@pytest.mark.parametrize(
    "scheme", ["light", "dark"] if os.environ.get("WORKBENCH_SOAK") else ["dark"]
)
def test_forced_colours_leave_the_curves_their_names_and_sliders_their_track(
    overview_address, visit, scheme
):
    seen = visit(overview_address, forced_colors="active", color_scheme=scheme)
    page = seen.page
    page.evaluate(MEASURES)
    names = page.locator(".wb-chart").first.locator(".annotation-text").all_text_contents()
    assert {"Without controls", "Today", "After the plan", "Appetite"} <= set(names)
    told = {f["text"]: f["ratio"] for f in page.evaluate("measured.texts()")}
    for name in ("Without controls", "Today", "After the plan", "Appetite"):
        assert told[name] >= 4.5, name
    pale, ring = track(page)
    assert pale <= 20
    assert ring >= 1
    page.context.close()
