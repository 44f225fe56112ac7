"""Whatever a study says is shown literally in a figure."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plots import RangeRow, escaped, top_scenarios
from workbench.plots.text import money, share

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "%{x}",
    "{{7*7}}",
    "<a href='javascript:alert(1)'>x</a>",
    "$\\href{javascript:alert(1)}{x}$",
    "&lt;b&gt;",
    "a<br>b",
    "line\nbreak\u202e",
]
ENTITY = re.compile(r"&(amp|lt|gt|#123|#125|#36|#92);")
DECODED = {"amp": "&", "lt": "<", "gt": ">", "#123": "{", "#125": "}", "#36": "$", "#92": "\\"}


def decoded(text: str) -> str:
    """Return what plotly shows of an escaped text."""
    return ENTITY.sub(lambda found: DECODED[found.group(1)], text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_leaves_no_markup_no_template_and_no_tex(text: str) -> None:
    assert not set(ENTITY.sub("", escaped(text))) & set("<>{}$&\\")


@given(st.text(max_size=200))
def test_escaping_loses_nothing_but_white_space_and_unprintable_marks(text: str) -> None:
    plain = "".join(ch for ch in " ".join(text.split()) if ch.isprintable())
    assert decoded(escaped(text)) == plain


@given(st.text(max_size=200), st.integers(2, 60))
def test_a_cut_text_is_never_longer_than_asked(text: str, longest: int) -> None:
    assert len(decoded(escaped(text, longest))) <= longest


def texts(value: object) -> list[str]:
    """Return every text in a figure."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in texts(part)]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_scenario_name_is_escaped_wherever_the_figure_shows_it(name: str) -> None:
    figure = top_scenarios([RangeRow(name, 0.5, 1e4, 1e6, 3e5, 1.5e5)], currency="USD")
    allowed = re.compile(r"</?b>|<br>|<extra></extra>|%\{text\}")
    for text in texts(figure):
        assert not set(allowed.sub("", text)) & set("<>{}"), text


def test_money_and_chances_are_escaped_too() -> None:
    assert money(2.4e6, "USD") == "&#36;2.4M"
    assert money(0.25, None) == "0.25"
    assert share(0.0004) == "&lt;0.1%"
