"""One page and the files beside it, from the blocks of a board."""

import hashlib
import importlib.util
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from workbench.errors import require
from workbench.plots.blocks import (
    Block,
    ChartBlock,
    ChoiceBlock,
    FlowBlock,
    ResetBlock,
    SliderBlock,
)
from workbench.publishing.grid import Answer, Progress, coarse, computed_grid
from workbench.publishing.markup import page_body
from workbench.publishing.plotly import plotly_script, traces_of
from workbench.publishing.scripts import (
    classic,
    inline_styles,
    json_text,
    read,
    source_hash,
)
from workbench.resources import PACKAGE

HERE = Path(__file__).parent / "static"
FRAME = PACKAGE / "serving" / "template" / "voila" / "templates" / "workbench" / "static"
STYLES = ("tokens.css", "components.css", "page.css")
MODULES = {  # of each widget, the scripts that are its module, in order
    "chart": ("saving.js", "chart.js"),
    "slider": ("slider.js",),
    "reset": ("reset.js",),
    "choice": ("choice.js",),
    "flow": ("data_flow.js",),
}
INDEX, PLOTLY, ANSWERS, MANIFEST = "index.html", "plotly.min.js", "answers.js", "manifest.json"
NAMES = frozenset({INDEX, PLOTLY, ANSWERS, MANIFEST})
Kind = TypeVar("Kind", ChartBlock, SliderBlock, ResetBlock, ChoiceBlock, FlowBlock)


class Board(Protocol):
    """What a published page is made from."""

    @property
    def blocks(self) -> Mapping[str, Block]:
        """The boxes of the page, in order."""
        ...

    @property
    def drivers(self) -> Sequence[SliderBlock]:
        """The sliders of its what-if."""
        ...

    def answer(self, factors: dict[str, float]) -> Answer:
        """What the page says when its sliders are moved."""
        ...

    def chosen(self, one: str, /) -> Mapping[str, str]:
        """The fragment of each slot once something is chosen from a list."""
        ...


@dataclass(frozen=True)
class Copy:
    """What a copy is a copy of, and of when: it goes into the page and its manifest."""

    title: str
    made: datetime
    about: Mapping[str, object] = field(default_factory=dict)  # for the manifest, plain data


def as_of(made: datetime) -> str:
    """Return the sentence that stands where a live page tells when it was computed."""
    return f"As of {made.astimezone(UTC):%d %b %Y, %H:%M} UTC; this copy does not change"


def published_files(board: Board, copy: Copy, progress: Progress | None = None) -> dict[str, bytes]:
    """Return the files of a page by name; equal for an equal board and copy.

    Raises
    ------
    WorkbenchError
        where two parts of the page have one name, or its what-ifs cannot be packed.

    """
    blocks = list(board.blocks.values())
    found: dict[str, bytes] = {
        INDEX: page(blocks, copy).encode("utf-8"),
        PLOTLY: _plotly(blocks).encode("utf-8"),
    }
    answers = _answers(board, blocks, progress)
    if any(answers.values()):
        found[ANSWERS] = f"globalThis.workbenchAnswers = {json_text(answers)};\n".encode()
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
    made = {"computed": copy.made.astimezone(UTC).isoformat(timespec="seconds")}
    manifest = {"title": copy.title, **copy.about, **made, "sha256": digests}
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    return found | {MANIFEST: text.encode("utf-8")}


def _answers(board: Board, blocks: Sequence[Block], progress: Progress | None) -> dict[str, Any]:
    """Return what the page's controls tell, for every value that they can have."""
    shown = {slider.name for slider in _of(SliderBlock, blocks)}
    drivers = [slider for slider in board.drivers if slider.name in shown]
    choices = {
        choice.name: {one: dict(board.chosen(one)) for one, _ in choice.options}
        for choice in _of(ChoiceBlock, blocks)
    }
    for flow in _of(FlowBlock, blocks):
        choices[flow.name] = {
            one: dict(board.chosen(one)) for one in map("/".join, _components(flow))
        }
    grid = computed_grid(drivers, board.answer, progress) if drivers else None
    return {"choices": choices, "grid": grid}


def _components(flow: FlowBlock) -> list[tuple[str, ...]]:
    """Return each component that can be chosen: behind its system, where the page has several."""
    if not flow.follows:
        return [(part["id"],) for part in flow.diagram["components"]]
    return [(one, part["id"]) for one, diagram, _ in flow.systems for part in diagram["components"]]


def page(blocks: Sequence[Block], copy: Copy) -> str:
    """Return index.html."""
    data = {
        "charts": {c.name: _state(c) for c in _of(ChartBlock, blocks)},
        "sliders": {s.name: _state(coarse(s)) for s in _of(SliderBlock, blocks)},
        "resets": {r.name: _state(r) for r in _of(ResetBlock, blocks)},
        "choices": {c.name: _state(c) for c in _of(ChoiceBlock, blocks)},
        "flows": {f.name: _flow(f) for f in _of(FlowBlock, blocks)},
        "themes": json.loads(read(_widgets() / "themes.json")),
    }
    loader, frame, script = read(HERE / "loader.js"), read(FRAME / "frame.js"), page_script()
    style = page_style()
    return (
        _templates()
        .get_template("page.html")
        .render(
            policy=policy([loader, frame, script], [style, *inline_styles(_plotly(blocks))]),
            title=copy.title,
            icon=f"data:image/svg+xml,{quote(read(FRAME / 'icon.svg'))}",
            loader=loader,
            frame=frame,
            script=script,
            style=style,
            data=json_text(data),
            body=page_body(blocks),
        )
    )


def _plotly(blocks: Sequence[Block]) -> str:
    return plotly_script(frozenset(traces_of(c.figure for c in _of(ChartBlock, blocks))))


def policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Return the Content Security Policy of a page with these inline texts.

    Nothing is loaded but what these scripts load: 'self' means nothing for a page that is a file,
    'strict-dynamic' means the same for files and for a server. plotly.js adds an empty style
    element and fills it by script; charts and fragments set styles of single elements.
    """
    allowed = " ".join(map(source_hash, scripts))
    sheets = " ".join(map(source_hash, [*styles, ""]))
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {allowed} 'strict-dynamic'",
            "style-src 'unsafe-inline'",
            f"style-src-elem {sheets}",
            "style-src-attr 'unsafe-inline'",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


@lru_cache(maxsize=1)
def page_script() -> str:
    """Return the widgets' modules and the page's own script, as one classic script."""
    texts = {k: "\n".join(read(_widgets() / n) for n in names) for k, names in MODULES.items()}
    modules = [f"{name}: {classic(text, f'{name}.js')}" for name, text in texts.items()]
    inside = ",\n".join(modules)
    own = read(HERE / "published.js")
    script = f'(() => {{\n"use strict";\nconst MODULES = {{\n{inside},\n}};\n{own}}})();'
    require(
        "</script" not in script.lower(),
        "a script cannot end itself",
        got="</script",
        fix="Split it.",
    )
    return script


def page_style() -> str:
    """Return the style sheets of a page as one text."""
    paths = [FRAME / name for name in STYLES] + [_widgets() / "widgets.css", HERE / "published.css"]
    style = "\n".join(map(read, paths))
    require(
        "</style" not in style.lower(), "a style cannot end itself", got="</style", fix="Split it."
    )
    return re.sub(r"\n{2,}", "\n", style)


def _of(kind: type[Kind], blocks: Sequence[Block]) -> list[Kind]:
    """Return the parts of one kind.

    Raises
    ------
    WorkbenchError
        where two of them have one name.

    """
    leaves: list[object] = [part for block in blocks for part in block.leaves()]
    found = [part for part in leaves if isinstance(part, kind)]
    names = [str(vars(part)["name"]) for part in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    require(not twice, "names are unique on a page", got=twice, fix="Rename one of the parts.")
    return found


def _state(part: ChartBlock | SliderBlock | ResetBlock | ChoiceBlock) -> dict[str, Any]:
    """Return the traits of the part's widget, which have the names of its fields."""
    state = dict(vars(part))
    if isinstance(part, ChartBlock):
        table = {"head": list(part.table.head), "rows": [list(row) for row in part.table.rows]}
        state |= {"table": table, "overlay": []}
    return state


def _flow(flow: FlowBlock) -> dict[str, Any]:
    """Return the traits of a diagram's widget, and those that it takes when another is chosen."""
    systems = {one: _drawn(diagram, value) for one, diagram, value in flow.systems}
    return _drawn(flow.diagram, flow.value) | {"follows": flow.follows, "systems": systems}


def _drawn(diagram: dict[str, Any], value: str) -> dict[str, Any]:
    return {"diagram": diagram, "label": diagram["label"], "value": value}


def _widgets() -> Path:
    """Return the folder of the widgets' scripts, without importing their classes."""
    spec = importlib.util.find_spec("workbench_widgets")
    places = list(spec.submodule_search_locations or []) if spec else []
    require(
        bool(places), "the widgets are installed", got=places, fix="Install risk-workbench again."
    )
    return Path(places[0]) / "static"


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("workbench.publishing"), autoescape=True, undefined=StrictUndefined
    )
