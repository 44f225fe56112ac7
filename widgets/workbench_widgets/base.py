"""What every widget here shares: a browser may change the traits that are named, and no others.

ipywidgets lets the other side of the wire write any synchronised trait, a slider's bounds and a
figure's data among them. Viewers of a page are untrusted, so the kernel keeps its own word.
"""

from pathlib import Path
from typing import Any, ClassVar

import anywidget

STATIC = Path(__file__).parent / "static"


def script(*names: str) -> str:
    """Return static scripts joined to one module, which is all that a page is given."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


class OneWayWidget(anywidget.AnyWidget):
    """A widget whose traits flow to the browser, except those in `inbound`."""

    inbound: ClassVar[frozenset[str]] = frozenset()
    _css = STATIC / "widgets.css"

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take from a browser what it may say; answer everything else with the kernel's value."""
        refused = [key for key in sync_data if key not in self.inbound and key in self.keys]
        super().set_state({key: sync_data[key] for key in sync_data if key in self.inbound})
        if refused:
            self.log.warning("%s: refused from a browser: %s", type(self).__name__, refused)
            self.send_state(refused)

    def __repr__(self) -> str:
        """Return the class and its label: the same in every run, unlike an address in memory."""
        return f"{type(self).__name__}({getattr(self, 'label', '')!r})"
