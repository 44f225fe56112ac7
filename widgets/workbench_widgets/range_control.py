"""State a range as people write it: '3M', '9%', '€50k', '1 in 5 years'."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

import traitlets

from workbench.amounts import LONGEST_TEXT, Amount, parse_amount, parse_rate, parse_share
from workbench.errors import WorkbenchError
from workbench.models.exact_year import HIGHEST_RATE
from workbench_widgets.base import STATIC, OneWayWidget

FIELDS = ("low", "mode", "high")
LARGEST = {"money": 1e15, "rate": HIGHEST_RATE, "share": 1.0}  # what a study file may state
NAMES = {"low": "the low end", "mode": "the most likely", "high": "the high end"}


class Reading(NamedTuple):
    """What one field's text was understood as: an amount, or the reason why not."""

    amount: Amount | None
    fault: str = ""


class RangeControl(OneWayWidget):
    """Low, most likely and high (or a 90 % interval) as text, with an echo of what was understood.

    `kind` is "money", "rate" (events a year) or "share" (0 to 1). With `has_mode` the range is a
    triple low ≤ most likely ≤ high; without, a 90 % interval 0 < low < high and `mode` stays NaN.
    `low`, `mode`, `high` are the numbers understood last; they change together, and only while
    `valid` is true. The browser sends the three texts and nothing else.
    """

    _esm = STATIC / "range_control.js"
    inbound = frozenset({"low_text", "mode_text", "high_text"})
    readers: ClassVar[dict[str, Callable[..., Amount]]] = {
        "money": parse_amount,
        "rate": parse_rate,
        "share": parse_share,
    }

    label = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    kind = traitlets.Enum(("money", "rate", "share"), "money").tag(sync=True)
    currency = traitlets.Unicode("USD")
    has_mode = traitlets.Bool(default_value=True).tag(sync=True)
    low_text = traitlets.Unicode().tag(sync=True)
    mode_text = traitlets.Unicode().tag(sync=True)
    high_text = traitlets.Unicode().tag(sync=True)

    low = traitlets.Float(float("nan"))
    mode = traitlets.Float(float("nan"))
    high = traitlets.Float(float("nan"))
    valid = traitlets.Bool(default_value=False).tag(sync=True)
    echoes = traitlets.Dict().tag(sync=True)  # field -> what was understood, or why not
    faulty = traitlets.List(traitlets.Unicode()).tag(sync=True)  # fields with a fault
    message = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._read()

    @property
    def value(self) -> tuple[float, float, float]:
        """(low, mode, high) as understood last."""
        return self.low, self.mode, self.high

    @traitlets.validate("low_text", "mode_text", "high_text")
    def _text(self, proposal: traitlets.Bunch) -> str:
        return str(proposal["value"])[
            : LONGEST_TEXT + 1
        ]  # enough to be refused, and no more is echoed

    @traitlets.observe("low_text", "mode_text", "high_text", "kind", "currency", "has_mode")
    def _texts_changed(self, _change: traitlets.Bunch) -> None:
        self._read()

    def _read(self) -> None:
        names = FIELDS if self.has_mode else ("low", "high")
        readings = in_order({name: self._field(name) for name in names}, strict=not self.has_mode)
        amounts = {name: r.amount for name, r in readings.items() if r.amount and not r.fault}
        valid = len(amounts) == len(names)
        with self.hold_trait_notifications():
            self.echoes = {n: r.fault or understood(r.amount) for n, r in readings.items()}
            self.faulty = [n for n, r in readings.items() if r.fault]
            self.message = "" if valid else "Waiting for a range that can be read."
            if valid:
                for name, amount in amounts.items():
                    setattr(self, name, amount.value)
                if not self.has_mode:
                    self.mode = float("nan")
            self.valid = valid

    def _field(self, name: str) -> Reading:
        text = getattr(self, f"{name}_text")
        options = {"currency": self.currency} if self.kind == "money" else {}
        try:
            amount = self.readers[self.kind](text, **options)
        except WorkbenchError as refusal:
            return Reading(None, str(refusal))
        if amount.value > LARGEST[self.kind]:
            largest = LARGEST[self.kind]
            return Reading(None, f"at most {largest:g} can be stated here; got {text!r}.")
        return Reading(amount)


def understood(amount: Amount | None) -> str:
    """Return the echo of an amount."""
    return amount.understood() if amount else ""


def in_order(readings: dict[str, Reading], *, strict: bool) -> dict[str, Reading]:
    """Mark the first field that is out of order: low ≤ mode ≤ high, or 0 < low < high if `strict`.

    The field that is named is the later one, where the hand is when the fault appears.
    """
    found = dict(readings)
    read = [(name, r.amount) for name, r in readings.items() if r.amount is not None]
    if strict and read and read[0][0] == "low" and read[0][1].value <= 0:
        found["low"] = Reading(read[0][1], "must be above zero for a 90% interval.")
    for (before, smaller), (after, larger) in pairwise(read):
        is_wrong = larger.value <= smaller.value if strict else larger.value < smaller.value
        if is_wrong:
            how = "more than" if strict else "at least"
            fault = f"must be {how} {NAMES[before]}, {smaller.understood()}."
            found[after] = Reading(larger, fault)
            break
    return found
