"""The severity matrix as a table: a score in each cell, the scenarios as chips in theirs."""

from collections.abc import Mapping
from typing import Any

import traitlets

from workbench_widgets.base import STATIC, OneWayWidget


class SeverityMatrix(OneWayWidget):
    """An n x n table whose cells and scenarios can be chosen with a mouse or the keyboard.

    `matrix` is what `workbench.plots.heat` returns. `value` is the id of the chosen scenario, or
    empty; `cell` is the chosen cell (likelihood, consequence), or empty. A chosen scenario chooses
    its cell. The browser sends these two, and what is not in the matrix changes nothing.
    """

    _esm = STATIC / "severity_matrix.js"
    inbound = frozenset({"value", "cell"})

    label = traitlets.Unicode().tag(sync=True)
    matrix = traitlets.Dict().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)
    cell = traitlets.List(traitlets.Int(), maxlen=2).tag(sync=True)

    def __init__(self, matrix: Mapping[str, Any], **traits: Any) -> None:
        value, cell = traits.pop("value", ""), traits.pop("cell", [])
        self._held: tuple[str, list[int]] = ("", [])
        super().__init__(matrix=dict(matrix), **traits)
        if cell:
            self.cell = list(cell)
        if value:
            self.value = value

    def show(self, matrix: Mapping[str, Any]) -> None:
        """Draw another matrix; a choice that it does not have is dropped."""
        value, cell = self.value, self.cell
        with self.hold_sync():
            self.value, self.cell = "", []
            self.matrix = dict(matrix)
            self.cell = cell
            self.value = value

    def place(self, name: str) -> list[int] | None:
        """Return the cell of the scenario with this id, or None where there is none."""
        found = (s for s in self.matrix["scenarios"] if s["id"] == name)
        return next(([s["likelihood"], s["consequence"]] for s in found), None)

    @traitlets.validate("value")
    def _value(self, proposal: traitlets.Bunch) -> str:
        # While a message is taken in, `self.value` is already what it brought: keep our own copy.
        name = str(proposal["value"])
        if name == "" or self.place(name) is not None:
            self._held = (name, self._held[1])
        return self._held[0]

    @traitlets.validate("cell")
    def _cell(self, proposal: traitlets.Bunch) -> list[int]:
        cell, levels = list(proposal["value"]), self.matrix["levels"]
        if cell == [] or (len(cell) == 2 and all(1 <= level <= levels for level in cell)):
            self._held = (self._held[0], cell)
        return self._held[1]

    @traitlets.observe("value")
    def _value_changed(self, _change: traitlets.Bunch) -> None:
        place = self.place(self.value)
        if place is not None:
            self.cell = place

    @traitlets.observe("cell")
    def _cell_changed(self, _change: traitlets.Bunch) -> None:
        if self.value and self.place(self.value) != self.cell:
            self.value = ""
