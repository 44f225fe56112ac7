"""Blocks to HTML: boxes and fragments as they are, a place for each chart and control."""

from collections.abc import Iterable
from html import escape

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
from workbench.publishing.grid import coarse


def page_body(blocks: Iterable[Block]) -> str:
    """Return the blocks of a page, one below the other; each stands in a cell, as in a notebook."""
    return "\n".join(f"<div>{markup(block)}</div>" for block in blocks)


def markup(part: Block | Leaf) -> str:
    """Return one part; a text is a fragment that is escaped already."""
    match part:
        case Block():
            inner = "".join(map(markup, part.parts))
            box = f'<div class="{escape(f"wb-box {part.classes}".strip())}">{inner}</div>'
            return box + _steps([p for p in part.parts if isinstance(p, SliderBlock)])
        case Slot():
            live = ' aria-live="polite"' if part.is_live else ""
            return f'<div data-slot="{escape(part.name)}"{live}>{part.html}</div>'
        case ChartBlock():
            sizes = {"": part.height, "-phone": part.height_phone, "-print": part.height_print}
            style = "; ".join(f"--h{name}: {size}px" for name, size in sizes.items())
            return f'<div class="wb-chart" data-chart="{escape(part.name)}" style="{style}"></div>'
        case SliderBlock():
            return f'<div class="wb-slider" data-slider="{escape(part.name)}"></div>'
        case ResetBlock():
            return f'<div class="wb-reset" data-reset="{escape(part.name)}"></div>'
        case ChoiceBlock():
            return f'<div class="wb-choice" data-choice="{escape(part.name)}"></div>'
        case FlowBlock():
            return f'<div class="wb-flow" data-flow="{escape(part.name)}"></div>'
    return part


def _steps(sliders: list[SliderBlock]) -> str:
    """Say in which steps the sliders of a published page move."""
    if not sliders:
        return ""
    step = f"{coarse(sliders[0]).step:g}"
    told = f"In this copy the sliders move in steps of {step}: every answer was computed ahead."
    return f'<p class="note steps">{told}</p>'
