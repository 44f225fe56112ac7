"""The page's template: one set of colours, no other host, nothing parsed as markup."""

import json
import re

import pytest

import workbench_widgets
from workbench.serving.dashboards import SHARE
from workbench.serving.settings import TEMPLATE, configuration, pages

FOLDER = SHARE / "voila" / "templates" / TEMPLATE
STATIC = FOLDER / "static"
TOKENS = (STATIC / "tokens.css").read_text(encoding="utf-8")
COLOUR = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6}|rgba\([^)]*\))")
TEXTS = sorted(p for p in FOLDER.rglob("*") if p.suffix in {".j2", ".js", ".css"})


def block(start):
    """Return {token: colour} of the block of tokens.css that begins with `start`."""
    after = TOKENS.split(start, 1)[1]
    return dict(COLOUR.findall(after[: after.index("}")]))


LIGHT = block(":root {")
SYSTEM_DARK = block(':root:not([data-theme="light"]) {')
CHOSEN_DARK = block(':root[data-theme="dark"] {')


def test_the_two_dark_themes_are_one():
    assert SYSTEM_DARK == CHOSEN_DARK
    assert set(CHOSEN_DARK) <= set(LIGHT)


@pytest.mark.parametrize(("name", "colours"), [("light", LIGHT), ("dark", CHOSEN_DARK)])
def test_charts_and_pages_have_the_same_colours(name, colours):
    path = workbench_widgets.base.STATIC / "themes.json"
    assert json.loads(path.read_text(encoding="utf-8"))[name]["token"] == colours


def luminance(colour):
    """Relative luminance of WCAG 2.2."""
    channels = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, CHOSEN_DARK], ids=["light", "dark"])
@pytest.mark.parametrize("surface", ["page", "card"])
@pytest.mark.parametrize(
    ("mark", "least"),
    [
        *((text, 4.5) for text in ("ink", "ink-2", "ink-3", "current", "residual", "fail")),
        *((line, 3.0) for line in ("line-strong", "focus", "inherent", "appetite")),
    ],
)
def test_text_and_marks_stand_out_from_their_surface(colours, surface, mark, least):
    pair = sorted((luminance(colours[mark]), luminance(colours[surface])))
    assert (pair[1] + 0.05) / (pair[0] + 0.05) >= least


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.name)
def test_no_file_of_the_page_names_another_host_or_parses_markup(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"(?:https?:)?//[\w-]+\.\w+", text) == []
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", text) == []


def test_every_token_that_a_page_uses_is_there():
    made = set(re.findall(r"--([\w-]+):", TOKENS))
    own = {"sliders", "columns", "at", "h", "h-phone", "h-print", "share"}  # of an element
    for path in TEXTS:
        used = set(re.findall(r"var\(--([\w-]+)", path.read_text(encoding="utf-8")))
        assert used - made - own == set(), path.name


def test_what_is_closed_is_closed(tmp_path):
    (tmp_path / "a.ipynb").write_text(json.dumps({"metadata": {"title": "A <b>page</b>"}}))
    config = configuration(tmp_path)
    assert config.VoilaConfiguration.allow_template_override == "NO"
    assert config.VoilaConfiguration.allow_theme_override == "NO"
    assert config.VoilaConfiguration.strip_sources is True
    assert config.VoilaConfiguration.show_tracebacks is False
    assert config.VoilaConfiguration.file_allowlist == []
    assert config.MappingKernelManager.cull_idle_timeout > 0
    assert config.MappingKernelManager.cull_connected is False
    needed = {"@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8"}
    assert needed < set(config.VoilaConfiguration.extension_allowlist)
    assert pages(tmp_path)[0]["title"] == "A <b>page</b>"
