"""What a level of the severity matrix stands for: a rate, or an amount of money.

Without anchors a level is a rank and nothing more, and what needs numbers is not testable.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from workbench.errors import WorkbenchError, require

LEAST_LEVELS, MOST_LEVELS = 2, 10  # of a matrix


@dataclass(frozen=True, slots=True)
class Anchors:
    """One rate for each level of likelihood and one amount for each level of consequence.

    Raises
    ------
    WorkbenchError
        unless there are 2 to 10 levels of each, as many rates as amounts, all above 0, finite and
        strictly rising.

    """

    rates: tuple[float, ...]  # events / year, shape (n,), for likelihood 1..n
    amounts: tuple[float, ...]  # currency / event, shape (n,), for consequence 1..n

    def __post_init__(self) -> None:
        """Check both scales."""
        object.__setattr__(self, "rates", _scale("likelihood", self.rates))
        object.__setattr__(self, "amounts", _scale("consequence", self.amounts))
        require(
            len(self.rates) == len(self.amounts),
            "anchors name as many levels of likelihood as of consequence",
            got=(len(self.rates), len(self.amounts)),
            fix="Give one number for each level of the matrix.",
        )

    @property
    def levels(self) -> int:
        """How many levels each side of the matrix has."""
        return len(self.rates)

    def ale(self, likelihood: int, consequence: int) -> float:
        """Return the anchor ALE of a cell: rate x amount, currency / year. Levels count from 1."""
        for level in (likelihood, consequence):
            require(
                1 <= level <= self.levels,
                f"a level of these anchors is a whole number from 1 to {self.levels}",
                got=level,
                fix="Use a level of the matrix.",
            )
        return self.rates[likelihood - 1] * self.amounts[consequence - 1]

    def to_dict(self) -> dict[str, list[float]]:
        """Plain data, as a study file writes it."""
        return {"likelihood": list(self.rates), "consequence": list(self.amounts)}


def _scale(name: str, values: Iterable[float]) -> tuple[float, ...]:
    """Return the numbers of one scale, checked."""
    try:
        scale = tuple(float(value) for value in values)
    except (TypeError, ValueError):
        raise WorkbenchError(
            f"the anchors of {name} are numbers; got {values!r}. Write one number for each level."
        ) from None
    require(
        LEAST_LEVELS <= len(scale) <= MOST_LEVELS,
        f"a matrix has {LEAST_LEVELS} to {MOST_LEVELS} levels of {name}",
        got=len(scale),
        fix="Give one anchor for each level.",
    )
    require(
        all(0 < value < math.inf for value in scale),
        f"the anchors of {name} are above 0 and finite",
        got=list(scale),
        fix="Give the middle of each level.",
    )
    require(
        all(low < high for low, high in pairwise(scale)),
        f"the anchors of {name} rise from level to level",
        got=list(scale),
        fix="List them from level 1 upwards.",
    )
    return scale
