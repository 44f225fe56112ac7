"""A small board: two sliders, a choice, a chart and hostile names."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest

from workbench.plots.blocks import (
    Block,
    ChartBlock,
    ChoiceBlock,
    ResetBlock,
    SliderBlock,
    Slot,
    Table,
)
from workbench.publishing import Copy

HOSTILE = "</script><script>globalThis.planted = 1</script><!--\u2028' onload=\"x"


@dataclass(frozen=True)
class Told:
    slots: dict[str, str]
    overlay: list[dict[str, Any]]


@dataclass
class SmallBoard:
    """A year costs a + 2 b; nothing is drawn over the curve at a = b = 1."""

    name: str = HOSTILE
    asked: list[dict[str, float]] = field(default_factory=list)

    @property
    def drivers(self) -> tuple[SliderBlock, ...]:
        return tuple(SliderBlock(n, self.name, 0, 2, 0.05, 1.0, 2, " times") for n in ("a", "b"))

    def answer(self, factors: dict[str, float]) -> Told:
        self.asked.append(factors)
        cost = factors["a"] + 2 * factors["b"]
        html = f"<p>{escape(self.name)} costs <b>{cost:g}</b></p>"
        curve = [{"name": "After", "x": [1.0, 10.0], "y": [cost / 7, cost / 7e4]}]
        curve[0]["text"] = [f"{cost / 7:.1%} over 1", f"{cost / 7e4:.1%} over 10"]
        return Told({"answer": html}, [] if cost == 3 else curve)

    def chosen(self, one: str) -> dict[str, str]:
        return {"story": f"<p>{escape(f'{one}: {self.name}')}</p>"}

    @property
    def blocks(self) -> dict[str, Block]:
        figure = {
            "data": [{"type": "scatter", "name": "After", "x": [1.0, 10.0], "y": [0.5, 0.1]}],
            "layout": {"title": {"text": "x"}},
        }
        chart = ChartBlock("one", figure, self.name, Table(("a",), ((self.name,), (1.5,))))
        choice = ChoiceBlock("which", self.name, (("s1", self.name), ("s2", "b")), "s1", "scenario")
        lede = f'<section class="lede"><h1>{escape(self.name)}</h1></section>'
        answer = Slot("answer", self.answer({"a": 1.0, "b": 1.0}).slots["answer"], is_live=True)
        return {
            "lede": Block("plain", (lede,)),
            "curve": Block("card", (chart,)),
            "what-if": Block(
                "card",
                (
                    Block("titled", ("<h2>What if</h2>", ResetBlock("reset", about=self.name))),
                    Block("whatif", (*self.drivers, answer)),
                ),
            ),
            "one": Block("card", (choice, Slot("story", self.chosen("s1")["story"]))),
        }


@pytest.fixture
def board() -> SmallBoard:
    return SmallBoard()


@pytest.fixture
def copy() -> Copy:
    return Copy(f"{HOSTILE}", datetime(2026, 11, 24, 9, 12, tzinfo=UTC), {"study": HOSTILE})
