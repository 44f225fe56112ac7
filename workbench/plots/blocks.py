"""A page as plain values: boxes, charts, controls and fragments, before anyone draws them.

A notebook builds widgets from them (`workbench_widgets.built`), `workbench publish` writes files.
Both are made from the same blocks, so that they cannot say different things.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from workbench.plots.text import Figure

Cell = str | float | int | None


@dataclass(frozen=True)
class Table:
    """What a chart shows, in raw numbers and full words: the content of its CSV."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class ChartBlock:
    """A chart: the figure, the sentence that says what it shows, and its numbers."""

    name: str  # of the files it is saved as, such as "loss-exceedance"; unique on a page
    figure: Figure
    label: str
    table: Table
    height: int = 360  # px, on wide screens
    height_phone: int = 300
    height_print: int = 240


@dataclass(frozen=True)
class SliderBlock:
    """One number that a visitor moves, as `workbench_widgets.Slider` takes it."""

    name: str  # unique on a page
    label: str
    low: float
    high: float
    step: float
    value: float
    digits: int = 0
    unit: str = ""
    note: str = ""
    today: float | None = None  # marked by a tick below the track


@dataclass(frozen=True)
class ResetBlock:
    """A button that brings the sliders of its card back to today, as `Reset` takes it."""

    name: str  # unique on a page
    label: str = "Reset"
    about: str = "Reset the sliders to today"  # its name for those who do not see the card


@dataclass(frozen=True)
class ChoiceBlock:
    """One of a few things that a visitor chooses, as `workbench_widgets.Choice` takes it."""

    name: str  # unique on a page
    label: str
    options: tuple[tuple[str, str], ...]  # (id, what is shown), in order
    value: str  # one of the ids
    address: str = ""  # the word of the page's address that holds it, such as "scenario"


@dataclass(frozen=True)
class FlowBlock:
    """A data-flow diagram whose components can be chosen, as `DataFlow` takes it."""

    name: str  # unique on a page
    diagram: dict[str, Any]  # of `plots.data_flow`
    value: str = ""  # the chosen component
    follows: str = ""  # the name of the choice that decides which system is shown
    systems: tuple[tuple[str, dict[str, Any], str], ...] = ()  # its options: diagram and value


@dataclass(frozen=True)
class Slot:
    """A fragment that a control changes; `html` is what it holds at first."""

    name: str  # unique on a page
    html: str
    is_live: bool = False  # what changes in it is read aloud, politely


Leaf = str | ChartBlock | SliderBlock | ResetBlock | ChoiceBlock | FlowBlock | Slot


@dataclass(frozen=True)
class Block:
    """A box with CSS classes, such as "card" or "split"; a text in it is an escaped fragment."""

    classes: str
    parts: tuple["Leaf | Block", ...]

    def leaves(self) -> Iterator[Leaf]:
        """Yield everything in it that is no box, in order."""
        for part in self.parts:
            if isinstance(part, Block):
                yield from part.leaves()
            else:
                yield part

    def words(self) -> str:
        """Return all that it says as plain text, for readers that see no page."""
        return "\n".join(line for leaf in self.leaves() if (line := _words(leaf)))

    def charts(self) -> list[ChartBlock]:
        """Return the charts in it."""
        return [part for part in self.leaves() if isinstance(part, ChartBlock)]

    def sliders(self) -> list[SliderBlock]:
        """Return the sliders in it."""
        return [part for part in self.leaves() if isinstance(part, SliderBlock)]

    def choices(self) -> list[ChoiceBlock]:
        """Return the choices in it."""
        return [part for part in self.leaves() if isinstance(part, ChoiceBlock)]

    def slots(self) -> list[Slot]:
        """Return the fragments in it that a control changes."""
        return [part for part in self.leaves() if isinstance(part, Slot)]


def _words(leaf: Leaf) -> str:
    match leaf:
        case ChartBlock():
            return leaf.label
        case SliderBlock():
            return f"{leaf.label}: {leaf.value:.{leaf.digits}f}{leaf.unit}"
        case ResetBlock():
            return ""  # it says nothing of the study
        case ChoiceBlock():
            return f"{leaf.label}: {leaf.value}"
        case FlowBlock():
            return f"{leaf.diagram['label']}: {leaf.value}"
        case Slot():
            return _text(leaf.html)
    return _text(leaf)


def _text(fragment: str) -> str:
    """A fragment without its tags; the end of a cell, a line or a heading parts two words."""
    return " ".join(unescape(re.sub(r"<[^<>]*>", " ", fragment)).split())
