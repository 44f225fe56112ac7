"""One number, moved within bounds that only the kernel can change."""

import math
from typing import Any

import traitlets

from workbench_widgets.base import STATIC, OneWayWidget


class Slider(OneWayWidget):
    """A labelled slider whose `value` is always within [low, high] and on a step from `low`.

    `unit` and `digits` say how the value is written ("%", 0: '80%'); `note` stands below it, and
    a tick below the track marks `today`, where it is given. The browser sends only `value`, and
    only the latest one: while the kernel works on one value, later ones replace each other.
    """

    _esm = STATIC / "slider.js"
    inbound = frozenset({"value"})

    label = traitlets.Unicode().tag(sync=True)
    low = traitlets.Float(0.0).tag(sync=True)
    high = traitlets.Float(1.0).tag(sync=True)
    step = traitlets.Float(0.01).tag(sync=True)
    value = traitlets.Float(0.0).tag(sync=True, echo_update=False)  # its page shows it already
    unit = traitlets.Unicode().tag(sync=True)
    digits = traitlets.Int(0, min=0, max=6).tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    today = traitlets.Float(None, allow_none=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        value = traits.pop("value", traits.get("low", 0.0))
        self._held = float(traits.get("low", 0.0))
        super().__init__(**traits)  # bounds first: a value is capped to the bounds it meets
        if not (math.isfinite(self.low) and self.low < self.high < math.inf and self.step > 0):
            bounds = (self.low, self.high, self.step)
            message = f"a slider needs finite low < high and step > 0; got {bounds}."
            raise traitlets.TraitError(message)
        self.value = value

    @traitlets.validate("value")
    def _value(self, proposal: traitlets.Bunch) -> float:
        # While a message is taken in, `self.value` is already what it brought: keep our own copy.
        self._held = self.nearest(proposal["value"])
        return self._held

    def nearest(self, value: float) -> float:
        """Return the allowed value that is nearest to `value`; the present one if it is no number.

        The top is always allowed, also when no whole number of steps leads to it.
        """
        if not math.isfinite(value):
            return self._held
        if value >= self.high:
            return float(self.high)
        steps = round((max(value, self.low) - self.low) / self.step)
        at = float(
            f"{self.low + steps * self.step:.12g}"
        )  # as a browser counts: 0.15, not 3 * 0.05
        return min(at, float(self.high))
