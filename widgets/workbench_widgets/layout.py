"""Put HTML fragments and widgets into the page's components."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import ipywidgets

from workbench.plots.blocks import (
    Block,
    ChartBlock,
    ChoiceBlock,
    FlowBlock,
    Leaf,
    ResetBlock,
    SliderBlock,
    Slot,
)
from workbench_widgets.chart import Chart
from workbench_widgets.choice import Choice
from workbench_widgets.data_flow import DataFlow
from workbench_widgets.reset import Reset
from workbench_widgets.slider import Slider

Kind = TypeVar("Kind")
TEXT = '<div class="mathjax_ignore" style="display: contents">{}</div>'


def box(classes: str, *children: str | ipywidgets.Widget) -> ipywidgets.Box:
    """Return a container with CSS classes, such as "card", "split", "row" or "whatif".

    A text is an HTML fragment and must be escaped already, as reports' fragments are; its top
    elements become direct children of the container, so a fragment that is to be one column of a
    "split" needs one element around it. Amounts such as $2M stay text: JupyterLab would take what
    stands between two dollar signs for a formula.
    """
    parts = [ipywidgets.HTML(TEXT.format(c)) if isinstance(c, str) else c for c in children]
    container = ipywidgets.Box(parts)
    for name in ("wb-box", *classes.split()):
        container.add_class(name)
    return container


@dataclass
class Built:
    """The widgets of a block: what to display, and its parts by their names."""

    charts: dict[str, Chart] = field(default_factory=dict)
    sliders: dict[str, Slider] = field(default_factory=dict)
    choices: dict[str, Choice] = field(default_factory=dict)
    flows: dict[str, DataFlow] = field(default_factory=dict)
    slots: dict[str, ipywidgets.HTML] = field(default_factory=dict)  # set their `value`
    widget: ipywidgets.Widget | None = None
    words: str = ""  # all that it says, as plain text
    html: str = ""  # all of it, where it is made of fragments only

    def _repr_mimebundle_(self, **options: object) -> object:
        """Show it where this is the last line of a cell: as plain HTML, or else as the widget."""
        if self.html:  # it stands before any widget does, and without a kernel
            return {"text/html": self.html, "text/plain": self.words}
        if self.widget is None:
            return None
        return {**self.widget._repr_mimebundle_(**options), "text/plain": self.words}


def built(block: Block) -> Built:
    """Make the widgets of a block.

    Raises
    ------
    ValueError
        if two charts, sliders, choices or slots of it have one name

    """
    made = Built(words=block.words())
    if all(isinstance(leaf, str) for leaf in block.leaves()):
        made.html = _fragment(block)
    made.widget = _boxed(block, made)
    return made


def _fragment(block: Block) -> str:
    """Return a block that is made of fragments only as one."""
    inner = "".join(_fragment(p) if isinstance(p, Block) else str(p) for p in block.parts)
    return f'<div class="wb-box {block.classes} mathjax_ignore">{inner}</div>'


def _boxed(block: Block, made: Built) -> ipywidgets.Box:
    parts = [_boxed(p, made) if isinstance(p, Block) else _leaf(p, made) for p in block.parts]
    return box(block.classes, *parts)


def _leaf(part: Leaf, made: Built) -> str | ipywidgets.Widget:
    """Make one control, chart or slot, and note it under its name; a text stays one."""
    match part:
        case ChartBlock():
            chart = Chart(part.figure, **_traits(part, "figure"))
            return _noted(made.charts, part.name, chart)
        case SliderBlock():
            return _noted(made.sliders, part.name, Slider(**_traits(part, "name")))
        case ResetBlock():
            return Reset(**_traits(part, "name"))
        case ChoiceBlock():
            return _noted(made.choices, part.name, Choice(**_traits(part, "name")))
        case FlowBlock():
            return _noted(made.flows, part.name, DataFlow(part.diagram, value=part.value))
        case Slot():
            slot = ipywidgets.HTML(part.html)
            slot.add_class("mathjax_ignore")
            if part.is_live:
                slot.add_class("wb-live")
            return _noted(made.slots, part.name, slot)
    return part


def _traits(
    part: ChartBlock | SliderBlock | ResetBlock | ChoiceBlock, left_out: str
) -> dict[str, Any]:
    """Return the fields of a part, which are traits of its widget by the same names."""
    return {name: value for name, value in vars(part).items() if name != left_out}


def _noted(known: dict[str, Kind], name: str, widget: Kind) -> Kind:
    if name in known:
        message = f"names are unique on a page; there are two parts {name!r}. Rename one."
        raise ValueError(message)
    known[name] = widget
    return widget
