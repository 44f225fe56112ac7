"""The sum of amounts that move together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array, Distribution, freeze
from workbench.distributions.by_quantile import ByQuantile
from workbench.distributions.derived import scaled
from workbench.errors import require


@dataclass(frozen=True, slots=True)
class Comonotone(ByQuantile):
    """The sum of `parts` that are all low or all high at once: their quantiles add.

    It is the riskiest sum of these parts in convex order. Source: Dhaene and others, The concept of
    comonotonicity in actuarial science and finance, Insurance: Mathematics and Economics 31, 2002.
    """

    parts: Sequence[Distribution]

    def __post_init__(self) -> None:
        """Check that there are parts."""
        freeze(self, parts=tuple(self.parts))
        require(
            len(self.parts) > 0, "a sum has parts", got=(), fix="List the amounts that are added."
        )

    def ppf(self, u: ArrayLike) -> Array:
        return np.asarray(sum(part.ppf(u) for part in self.parts))

    def isf(self, q: ArrayLike) -> Array:
        return np.asarray(sum(part.isf(q) for part in self.parts))

    def exists(self, moment: int) -> tuple[bool, bool]:
        found = [part.mean() if moment == 1 else part.variance() for part in self.parts]
        return all(value < np.inf for value in found), all(value > -np.inf for value in found)

    def pdf(self, x: ArrayLike) -> Array:
        # the quantile density 1/f(Q(q)) of the sum is the sum of those of the parts
        x = np.asarray(x, dtype=float)
        low, high = self.support()
        inside = (x > low) & (x < high)
        tail, below = self._both(np.where(inside, x, self.centre()))
        upper = tail < 0.5
        places = [np.where(upper, p.isf(tail), p.ppf(below)) for p in self.parts]
        with np.errstate(divide="ignore"):
            spread = sum(
                0.0 if part.variance() == 0 else 1 / part.pdf(place)
                for part, place in zip(self.parts, places, strict=True)
            )
            return np.where(inside, 1 / np.asarray(spread), 0.0)

    def breaks(self) -> Array:
        return np.unique(np.concatenate([part.breaks() for part in self.parts]))

    def atoms(self) -> tuple[Array, Array] | None:
        if any(part.atoms() is None for part in self.parts):
            return None
        return self.jumps()

    def scaled_by(self, factor: float) -> "Comonotone":
        return Comonotone([scaled(part, factor) for part in self.parts])

    def mean(self) -> float:
        return sum(part.mean() for part in self.parts)

    def support(self) -> tuple[float, float]:
        ends = [part.support() for part in self.parts]
        return sum(low for low, _ in ends), sum(high for _, high in ends)

    def to_dict(self) -> dict[str, Any]:
        return {"type": "comonotone", "parts": [part.to_dict() for part in self.parts]}
