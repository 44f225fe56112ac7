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
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import traitlets

from workbench_widgets.base import STATIC, OneWayWidget

THEMES: dict[str, Any] = json.loads((STATIC / "themes.json").read_text(encoding="utf-8"))
PLOTLY_MESSAGE = "plotly.js"
TALLEST = 2000  # px


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
    """

    _esm = STATIC / "chart.js"

    figure = traitlets.Dict().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(360, min=80, max=TALLEST).tag(sync=True)
    height_phone = traitlets.Int(300, min=80, max=TALLEST).tag(sync=True)
    height_print = traitlets.Int(0, min=0, max=TALLEST).tag(sync=True)
    themes = traitlets.Dict(THEMES).tag(sync=True)

    def __init__(self, figure: object = None, **traits: Any) -> None:
        super().__init__(figure=plain(figure if figure is not None else {}), **traits)
        self.on_msg(self._answer)

    @traitlets.validate("figure")
    def _figure(self, proposal: traitlets.Bunch) -> dict[str, Any]:
        return plain(proposal["value"])

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
