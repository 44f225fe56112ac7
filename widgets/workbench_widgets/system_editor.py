"""An AI system edited component by component, or as YAML text."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import traitlets

from workbench.errors import WorkbenchError, require
from workbench.threats.system import EXPOSURES, KINDS, WHO, AISystem
from workbench.threats.system_edits import with_component
from workbench.threats.threat import FACTS
from workbench_widgets.base import STATIC, OneWayWidget

LONGEST_WORD = 100  # characters of an id, a kind or a fact
LONGEST_TEXT = 100_000  # characters of a system as text
MOST_FACTS = 50
MOST_LINES = 8  # of a fault
WORDS = ("action", "id", "kind", "exposure", "controlled_by")
ACTIONS = ("component", "text")


class SystemEditor(OneWayWidget):
    """A form for the chosen component, and the whole system as YAML.

    `system` is the system as it is now: observe it to find its threats anew. `read` makes a system
    of a text and `write` a text of a system; without them there is no text to edit. The browser
    sends which component is chosen, and a request with what was typed. What is refused changes
    nothing: what was typed stays, and `message` says why.
    """

    _esm = STATIC / "system_editor.js"
    inbound = frozenset({"chosen", "request"})

    system = traitlets.Instance(AISystem)  # stays in the kernel
    label = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    request = traitlets.Dict().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)  # what may be chosen, as (value, what is shown)
    form = traitlets.Dict().tag(sync=True)  # the chosen component as it is
    text = traitlets.Unicode().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    refused = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(
        self,
        system: AISystem,
        *,
        read: Callable[[str], AISystem] | None = None,
        write: Callable[[AISystem], str] | None = None,
        **traits: Any,
    ) -> None:
        self._read, self._write = read, write
        self._held = system.components[0].id
        super().__init__(**{"system": system, "label": system.name} | traits)
        self._draw()

    def edit(self, id: str, *, facts: Sequence[str] | None = None, **stated: str) -> bool:
        """Restate a component as a browser's request does; whether it was accepted.

        Parameters
        ----------
        stated : `kind`, `exposure` or `controlled_by`; what is left out stays as it is

        """
        asked: dict[str, Any] = {"action": "component", "id": id, **stated}
        return self._do(asked if facts is None else asked | {"facts": list(facts)})

    def edit_text(self, text: str) -> bool:
        """Read the whole system from a text; whether it was accepted."""
        return self._do({"action": "text", "text": text})

    @traitlets.validate("chosen")
    def _chosen(self, proposal: traitlets.Bunch) -> str:
        # While a message is taken in, `self.chosen` is already what it brought: keep our own copy.
        if any(part.id == proposal["value"] for part in self.system.components):
            self._held = str(proposal["value"])
        return self._held

    @traitlets.validate("request")
    def _request(self, proposal: traitlets.Bunch) -> dict[str, Any]:
        """Keep the known parts, capped; a number tells two equal requests apart."""
        sent = proposal["value"]
        kept: dict[str, Any] = {n: str(sent[n])[:LONGEST_WORD] for n in WORDS if n in sent}
        if isinstance(sent.get("facts"), list):
            kept["facts"] = [str(one)[:LONGEST_WORD] for one in sent["facts"][:MOST_FACTS]]
        if "text" in sent:
            kept["text"] = str(sent["text"])[: LONGEST_TEXT + 1]
        return kept | {"number": str(sent.get("number", ""))[:LONGEST_WORD]}

    @traitlets.observe("request")
    def _requested(self, change: traitlets.Bunch) -> None:
        if change["new"]:
            self._do(change["new"])

    @traitlets.observe("system", "chosen")
    def _looked_elsewhere(self, _change: traitlets.Bunch) -> None:
        self.message, self.refused = "", False
        self._draw()

    def _do(self, asked: Mapping[str, Any]) -> bool:
        """Change the system as asked, or say why not."""
        try:
            changed, said = self._answered(asked)
        except WorkbenchError as refusal:
            lines = str(refusal).splitlines()
            more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
            self.message = "\n".join([f"Not changed: {lines[0]}", *lines[1:MOST_LINES], *more])
            self.refused = True
            return False
        with self.hold_sync():
            self.system = changed
            self.message, self.refused = said, False
        return True

    def _answered(self, asked: Mapping[str, Any]) -> tuple[AISystem, str]:
        action = asked.get("action", "")
        require(action in ACTIONS, "an action is known", got=action, fix=f"One of {ACTIONS}.")
        if action == "component":
            named = {n: asked[n] for n in ("kind", "exposure", "controlled_by") if n in asked}
            changed = with_component(
                self.system, asked.get("id", ""), facts=asked.get("facts"), **named
            )
            return changed, f"{changed.component(asked['id']).name} is restated."
        text = asked.get("text", "")
        require(
            self._read is not None, "this system is edited as a form", got="a text", fix="Use it."
        )
        require(
            len(text) <= LONGEST_TEXT,
            f"a system is at most {LONGEST_TEXT:,} characters here",
            got=f"{len(text):,} or more",
            fix="Read it from a file.",
        )
        assert self._read is not None
        changed = self._read(text)
        parts, flows = len(changed.components), len(changed.flows)
        told = f"{parts} component{'s' * (parts != 1)}, {flows} flow{'s' * (flows != 1)}"
        return changed, f"Read: {told}."

    def _draw(self) -> None:
        """Tell the browser the chosen component, and the system as text."""
        system = self.system
        if all(part.id != self._held for part in system.components):
            self._held = system.components[0].id
        part = system.component(self._held)
        with self.hold_sync():
            self.chosen = part.id
            self.options = _options(system, part.id)
            self.form = {
                "id": part.id,
                "name": part.name,
                "kind": part.kind,
                "exposure": part.exposure,
                "controlled_by": part.controlled_by,
                "facts": list(part.facts),
                "whole": [one for one in system.facts if one in FACTS],
            }
            if self._write is not None:
                self.text = self._write(system)


def _options(system: AISystem, id: str) -> dict[str, list[list[str]]]:
    """Return what a form may choose from, in order."""
    own = system.zone(id).controlled_by
    return {
        "components": [[part.id, part.name] for part in system.components],
        "kind": [[kind, kind] for kind in KINDS],
        "exposure": [[one, one if one != "none" else "nobody"] for one in EXPOSURES],
        "controlled_by": [["", f"as its zone ({own})"], *([one, one] for one in WHO)],
        "facts": [[name, f"it {words}"] for name, words in FACTS.items()],
    }
