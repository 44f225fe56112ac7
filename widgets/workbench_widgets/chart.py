"""A plotly figure on a page, with one plotly.js for all charts of that page and no outside request.

Where plotly.js comes from was measured (plotly 7.1 on loopback). A `FigureWidget` sends 4.8 MB for
each chart. Here a page loads it once: Voila's template names it in a script element, served from
the installed plotly package and cached by the browser. JupyterLab offers no address for it: the
plotly extension of JupyterLab keeps its copy inside a private bundle. So the first chart of a page
asks its kernel, which answers with one compressed binary message of 1.5 MB; the others wait for it.
Nothing of it is a trait, so nothing of it is ever saved in a notebook.
"""

import gzip
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import traitlets

from workbench.plots.blocks import Table
from workbench_widgets.base import STATIC, OneWayWidget, script

THEMES: dict[str, Any] = json.loads((STATIC / "themes.json").read_text(encoding="utf-8"))
PLOTLY_MESSAGE = "plotly.js"
TALLEST = 2000  # px
LONGEST_NAME = 80  # of a file


@lru_cache(maxsize=1)
def compressed_plotly() -> bytes:
    """Return the plotly.js of the installed plotly package, compressed with gzip."""
    script = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    return gzip.compress(script, compresslevel=6, mtime=0)


class Chart(OneWayWidget):
    """A figure as plain data, drawn in the page's theme.

    Colours may be design tokens, such as "var(--current)". Where the chart is narrower than
    `layout.meta.narrow_below` px, the patch `layout.meta.narrow` is merged into the layout.

    `label` says in one sentence what the chart shows; it is what a screen reader reads.
    Heights are in px: on wide screens, below 640 px, and on paper (0: two thirds of `height`).

    `overlay` is the fast way to move a curve: partial traces {"name", "x", "y"} that take the place
    of what the traces of these names hold; [] hides them. Only it is sent, and only it is drawn.
    `table` is what the chart shows in raw numbers (a `workbench.plots.blocks.Table`, or
    {"head", "rows"}); with it and `name`, the stem of the files, a visitor can save the chart.
    `layout.meta.views`, [{"name": ...}, {"name": ..., "patch": {...}}], lets a visitor choose
    between layouts; a patch may hold a "narrow" patch of its own.
    """

    _esm = script("saving.js", "chart.js")

    figure = traitlets.Dict().tag(sync=True)
    overlay = traitlets.List(traitlets.Dict()).tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(360, min=80, max=TALLEST).tag(sync=True)
    height_phone = traitlets.Int(300, min=80, max=TALLEST).tag(sync=True)
    height_print = traitlets.Int(0, min=0, max=TALLEST).tag(sync=True)
    themes = traitlets.Dict(THEMES).tag(sync=True)

    def __init__(self, figure: object = None, **traits: Any) -> None:
        table = table_of(traits.pop("table", {}))
        super().__init__(figure=plain(figure if figure is not None else {}), table=table, **traits)
        self.on_msg(self._answer)

    @traitlets.validate("figure")
    def _figure(self, proposal: traitlets.Bunch) -> dict[str, Any]:
        return plain(proposal["value"])

    @traitlets.validate("overlay")
    def _overlay(self, proposal: traitlets.Bunch) -> list[dict[str, Any]]:
        return [moving(trace) for trace in proposal["value"]]

    @traitlets.validate("name")
    def _name(self, proposal: traitlets.Bunch) -> str:
        """Keep what is safe in the name of a file."""
        return re.sub(r"[^A-Za-z0-9_-]+", "-", proposal["value"]).strip("-")[:LONGEST_NAME]

    def show(self, figure: object, label: str | None = None) -> None:
        """Draw another figure (a plotly figure or its plain form) and change its sentence."""
        with self.hold_sync():
            self.figure = plain(figure)
            if label is not None:
                self.label = label

    def _answer(self, _widget: object, content: object, _buffers: object) -> None:
        if isinstance(content, Mapping) and content.get("kind") == PLOTLY_MESSAGE:
            self.send({"kind": PLOTLY_MESSAGE}, buffers=[compressed_plotly()])


def plain(figure: object) -> dict[str, Any]:
    """Return {data, layout} as plain data; the template is left out, since the page brings its own.

    Raises
    ------
    TraitError
        if `figure` is neither a plotly figure nor a mapping

    """
    if hasattr(figure, "to_json"):
        figure = json.loads(figure.to_json())
    if not isinstance(figure, Mapping):
        message = f"a figure is {{data, layout}} or a plotly figure; got {type(figure).__name__}."
        raise traitlets.TraitError(message)
    layout = {k: v for k, v in dict(figure.get("layout", {})).items() if k != "template"}
    return {"data": list(figure.get("data", [])), "layout": layout}


def moving(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Return a partial trace of an overlay as it is: a name, and as many x as y.

    Raises
    ------
    TraitError
        if one of them is missing or their lengths differ

    """
    name, x, y = (trace.get(key) for key in ("name", "x", "y"))
    if isinstance(name, str) and isinstance(x, list) and isinstance(y, list) and len(x) == len(y):
        return dict(trace)
    message = f'an overlay trace has "name", "x" and as many "y"; got {sorted(trace)} of {name!r}.'
    raise traitlets.TraitError(message)


def table_of(table: object) -> dict[str, Any]:
    """Return {head, rows} as plain lists; {} where there is no table.

    Raises
    ------
    TraitError
        if a row is not as long as the head

    """
    if isinstance(table, Table):
        table = {"head": table.head, "rows": table.rows}
    if not isinstance(table, Mapping):
        message = f"a table is {{head, rows}}; got {type(table).__name__}."
        raise traitlets.TraitError(message)
    if not table:
        return {}
    head, rows = list(table["head"]), [list(row) for row in table["rows"]]
    if any(len(row) != len(head) for row in rows):
        message = f"every row of a table has the {len(head)} cells of its head."
        raise traitlets.TraitError(message)
    return {"head": head, "rows": rows}
