"""What a measured interval says of a threshold."""

import math
from dataclasses import dataclass
from typing import Literal

from workbench.errors import require

Verdict = Literal["pass", "fail", "inconclusive", "invalid"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """The most that is accepted, and who says so.

    Raises
    ------
    WorkbenchError
        for a value that is not positive and finite, and without a source.

    """

    value: float
    source: str  # a clause, a policy, a person; a threshold without one is nobody's

    def __post_init__(self) -> None:
        """Check the value and the source."""
        require(
            math.isfinite(self.value) and self.value > 0,
            "a threshold is positive and finite",
            got=self.value,
            fix="State the most that is accepted.",
        )
        require(
            bool(self.source.strip()),
            "a threshold has a source",
            got=self.source,
            fix="Name the clause, the policy or the person that set it.",
        )


def verdict_of(low: float, high: float, most: float) -> Verdict:
    """Return pass where the whole interval is below, fail where it is above, else inconclusive."""
    if high < most:
        return "pass"
    return "fail" if low > most else "inconclusive"
