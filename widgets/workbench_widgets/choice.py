"""One of a few things, chosen from a list; a page's address may hold the choice."""

from collections.abc import Sequence
from typing import Any

import traitlets

from workbench_widgets.base import STATIC, OneWayWidget


class Choice(OneWayWidget):
    """A labelled list of `options`, pairs (id, what is shown); `value` is the id of the chosen one.

    `address` is a word of the page's address, such as "scenario" in `?scenario=ID`. Where the page
    is opened with it, the browser chooses that option, and it writes later choices back. A browser
    sends only `value`; what is no option changes nothing. Without a `value` the first one counts.
    """

    _esm = STATIC / "choice.js"
    inbound = frozenset({"value"})

    label = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)
    address = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, label: str = "", options: Sequence[Sequence[str]] = (), value: str = "", **traits: Any
    ) -> None:
        given = [[str(part) for part in option] for option in options]
        ids = [option[0] for option in given if len(option) == 2]
        if len(ids) != len(given) or not ids or len(set(ids)) != len(ids):
            message = f"a choice has options of an id of their own and a name; got {given[:5]}."
            raise traitlets.TraitError(message)
        if value and value not in ids:
            message = f"the chosen option is one of {ids[:5]}; got {value!r}."
            raise traitlets.TraitError(message)
        self._held = value or ids[0]
        super().__init__(label=label, options=given, value=self._held, **traits)

    @traitlets.validate("value")
    def _value(self, proposal: traitlets.Bunch) -> str:
        # While a message is taken in, `self.value` is already what it brought: keep our own copy.
        if any(option[0] == proposal["value"] for option in self.options):
            self._held = str(proposal["value"])
        return self._held
