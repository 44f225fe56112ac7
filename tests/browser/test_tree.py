"""The FAIR tree in a browser: a nested list, an editor, edits that move it or say why not."""

import os

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"
PAGE = "tree"
CELLS = [
    f"""
from IPython.display import HTML
from ipywidgets import HTML as Told
from workbench import Pert, Point, Scenario, Study
from workbench.models.tree import LossEvents, LossForms, SecondaryLoss, ThreatEvents, Vulnerability
from workbench_widgets import Chart, FairTree, box

events = LossEvents(ThreatEvents(Pert(10, 40, 100), Point(0.2)),
                    Vulnerability(Pert(20, 50, 90), Pert(40, 60, 80)))
short = Scenario.classical("A", "{HOSTILE} leaks", aro=events, exposure_factor=Pert(0.01, 0.1, 0.6),
                           asset_value=Point(4e6), secondary=SecondaryLoss(Point(0.2), Point(1e5)))
forms = LossForms(response=Pert(1e3, 2e3, 9e3), reputation=Pert(1e4, 2e4, 9e4))
long = Scenario.fair("B", "Forms", loss_event_frequency=events, loss_magnitude=forms,
                     secondary=SecondaryLoss(Point(0.2), forms))
study = Study(scenarios=(short, long))
HTML('<section class="lede"><h1>A tree for tests</h1></section>')
""",
    """
shown = FairTree(study, "A")
told = Told()

def changed(_change):
    told.value = f'<p id="answer">{shown.scenario.rate().mean():.6g}</p>'

shown.observe(changed, "scenario")
changed(None)
box("card", shown, told)
""",
    'box("card", FairTree(study, "B", label="Long"))',
    """
line = {"type": "scatter", "x": [1, 2], "y": [1, 2]}
charts = [Chart({"data": [line], "layout": {}}, label=f"A line {i}", height=120) for i in (1, 2)]
box("card", "<header><div><h2>Charts</h2></div></header>", *charts)
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
def tree(seen):
    """Return the first tree, in the FAIR lens."""
    found = seen.page.locator(".wb-tree").first
    found.get_by_label("FAIR").check()
    expect(node(found, "year")).to_be_visible()
    return found


def node(tree, path):
    return tree.locator(f'.node[data-path="{path}"]')


def value(tree, path):
    return node(tree, path).locator(".v").inner_text()


def typed(tree, path, **texts):
    """Choose a node, type into its fields and press Enter in the last."""
    node(tree, path).click()
    expect(node(tree, path)).to_have_attribute("aria-pressed", "true")
    for label in ("Low", "Most likely", "High"):
        tree.get_by_label(label, exact=True).fill(texts.get(label.split()[0].lower(), ""))
    tree.get_by_label("High", exact=True).press("Enter")


def test_the_page_has_no_error_and_asks_no_other_host(seen):
    assert seen.errors == []
    assert seen.outside() == []


def test_the_tree_is_a_list_of_lists_and_names_are_text(seen, tree):
    assert tree.get_by_role("list").count() == 8
    inner = tree.get_by_role("list", name="Loss event frequency is made of")
    assert inner.get_by_role("listitem").count() == 6
    expect(tree.locator("legend").first).to_have_text(f"{HOSTILE} leaks")
    assert seen.page.locator("main img").count() == 0


def test_editing_a_leaf_moves_the_nodes_derived_from_it(seen, tree):
    paths = ("threat_event_frequency", "frequency", "year")
    before = [value(tree, path) for path in paths]
    kept = value(tree, "exposure_factor")
    typed(tree, "contact_frequency", low="20", most="80", high="200")
    expect(tree.get_by_role("status")).to_contain_text("Contact frequency. You say:")
    for path, old in zip(paths, before, strict=True):  # drawn after the sentence, one by one
        expect(node(tree, path).locator(".v")).not_to_have_text(old)
    assert value(tree, "exposure_factor") == kept
    assert float(seen.page.locator("#answer").inner_text()) > 3


def test_a_refused_edit_keeps_the_value_and_says_why(seen, tree):
    before, answer = value(tree, "frequency"), seen.page.locator("#answer").inner_text()
    typed(tree, "frequency", most="9")
    status = tree.get_by_role("status")
    expect(status).to_contain_text(
        "derived from threat event frequency × vulnerability: edit those"
    )
    field = tree.get_by_label("Most likely", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("9")  # what was typed stays, to be corrected
    assert value(tree, "frequency") == before
    assert seen.page.locator("#answer").inner_text() == answer


def test_the_classical_lens_edits_the_same_tree(seen, tree):
    typed(tree, "exposure_factor", most="5%")
    expect(node(tree, "primary").locator(".v")).to_have_text("$200k")
    tree.get_by_label("Classical: ARO, AV, EF").check()
    expect(node(tree, "ale")).to_be_visible()
    expect(node(tree, "primary")).to_contain_text("SLE")
    assert value(tree, "primary") == "$200k"
    typed(tree, "asset_value", most="2M")
    expect(node(tree, "primary").locator(".v")).to_have_text("$100k")
    expect(node(tree, "beside")).to_contain_text("stands outside ALE")


def test_a_derived_node_is_stated_and_derived_again_by_keyboard(seen, tree):
    node(tree, "vulnerability").focus()
    seen.page.keyboard.press("Enter")
    expect(node(tree, "vulnerability")).to_have_attribute("aria-pressed", "true")
    expect(seen.page.locator(":focus")).to_have_attribute("data-path", "vulnerability")
    tree.get_by_role("button", name="State it instead").focus()
    seen.page.keyboard.press("Space")
    expect(node(tree, "threat_capability")).to_have_count(0)
    again = tree.get_by_role("button", name="Derive it from threat capability")
    again.focus()
    seen.page.keyboard.press("Enter")
    expect(node(tree, "threat_capability")).to_have_count(1)


@pytest.mark.parametrize("width", [390, 900, 1440] if os.environ.get("WORKBENCH_SOAK") else [390])
def test_nothing_runs_out_of_the_page(browser, address, visit, width):
    seen = visit(address, viewport={"width": width, "height": 900})
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    first = seen.page.locator(".wb-tree").first
    assert node(first, "frequency").evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    left, right = (node(first, p).bounding_box()["x"] for p in ("year", "frequency"))
    assert (right - left > 150) == (width == 1440)  # a tree where there is room, else a list
    seen.page.context.close()


def test_on_paper_the_nodes_stay_and_the_editor_goes(seen, tree):
    seen.page.emulate_media(media="print")
    assert tree.locator(".node").filter(visible=True).count() == tree.locator(".node").count()
    assert tree.locator(".editor").filter(visible=True).count() == 0
    seen.page.emulate_media(media="screen")
