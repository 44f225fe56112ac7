"""The data-flow diagram of an AI system: components that can be chosen, threats counted."""

from collections.abc import Mapping
from typing import Any

import traitlets

from workbench_widgets.base import STATIC, OneWayWidget


class DataFlow(OneWayWidget):
    """A diagram whose components can be chosen with a mouse or the keyboard.

    `diagram` is what `workbench.plots.data_flow.data_flow` returns: a wide layout, a tall one for
    narrow places, and what the table beside it says. `value` is the id of the chosen component, or
    empty. The browser sends only that, and what is not in the diagram changes nothing.
    """

    _esm = STATIC / "data_flow.js"
    inbound = frozenset({"value"})

    label = traitlets.Unicode().tag(sync=True)
    diagram = traitlets.Dict().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)

    def __init__(self, diagram: Mapping[str, Any], **traits: Any) -> None:
        value = traits.pop("value", "")
        self._held = ""
        super().__init__(**{"diagram": dict(diagram), "label": diagram["label"]} | traits)
        self.value = value

    def show(self, diagram: Mapping[str, Any], value: str = "") -> None:
        """Draw another diagram; without a value the choice stays where it has the component."""
        kept = value or self.value
        with self.hold_sync():
            self.value = ""
            self.diagram, self.label = dict(diagram), diagram["label"]
            self.value = kept

    @traitlets.validate("value")
    def _value(self, proposal: traitlets.Bunch) -> str:
        # While a message is taken in, `self.value` is already what it brought: keep our own copy.
        name = str(proposal["value"])
        if name == "" or any(part["id"] == name for part in self.diagram["components"]):
            self._held = name
        return self._held
