"""The plotly.js of a published page: the installed one, less what the page's charts cannot use.

Most of a page's first second goes into reading plotly.js. Its 4.8 MB hold some fifty kinds of
charts; maps and three dimensions are the most of it. `static/plotly_parts.json` says which bytes of
one version can be left out where all traces are lines and bars; it is made, and compared with the
installed version, by tests/publishing/plotly_parts.js. Any other version is taken whole.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

PARTS = Path(__file__).parent / "static" / "plotly_parts.json"


def traces_of(figures: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the kinds of traces in figures; a trace that names none is a scatter."""
    return {trace.get("type", "scatter") for figure in figures for trace in figure.get("data", [])}


@lru_cache(maxsize=2)
def plotly_script(traces: frozenset[str]) -> str:
    """Return a classic script that draws these kinds of traces."""
    whole = installed()
    parts = json.loads(PARTS.read_text(encoding="utf-8"))
    known = hashlib.sha256(whole).hexdigest() == parts["sha256"]
    if known and traces <= set(parts["traces"]):
        whole = without(whole, parts["cuts"])
    return unwrapped(whole.decode("utf-8"))


def installed() -> bytes:
    """Return the plotly.js of the installed plotly package."""
    return files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()


def without(whole: bytes, cuts: Iterable[tuple[int, int]]) -> bytes:
    """Return the bytes that lie in none of the ranges, which rise."""
    kept, at = [], 0
    for start, end in cuts:
        kept.append(whole[at:start])
        at = end
    return b"".join([*kept, whole[at:]])


def unwrapped(plotly: str) -> str:
    """Return plotly.js without the function for module loaders around it; unchanged if it differs.

    A browser reads what is inside that function twice. Without it the script is ready a quarter
    sooner (the whole of it: 1.2 s where it was 1.6 s).
    """
    opening, closing = '"use strict";var Plotly=(()=>', "\nwindow.Plotly = Plotly;\nreturn Plotly;"
    head, found, rest = plotly.partition(opening)
    body, ended, tail = rest.rpartition(closing)
    if not (found and ended) or "factory()" not in head or tail.strip() != "}));":
        return plotly
    licence = head[: head.find("*/") + 2]
    return f"{licence}\n{opening}{body}\nwindow.Plotly = Plotly;\n"
