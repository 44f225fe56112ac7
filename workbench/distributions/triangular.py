"""Triangular: two bounds and a most likely value, with straight sides."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array, Distribution, as_number, freeze
from workbench.distributions.gauss import legendre
from workbench.errors import require


@dataclass(frozen=True, slots=True)
class Triangular(Distribution):
    """Density rising in a straight line from `low` to `mode` and falling to `high`.

    The mean is (low + mode + high)/3: a long side weighs more than in a PERT.
    """

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        """Check 0 <= low <= mode <= high and low < high."""
        names = ("low", "mode", "high")
        freeze(self, **{name: as_number(name, getattr(self, name)) for name in names})
        require(
            0 <= self.low <= self.mode <= self.high and self.low < self.high,
            "a triangular needs 0 <= low <= mode <= high and low < high",
            got=(self.low, self.mode, self.high),
            fix="Check the order of the three; use Point for a number known exactly.",
        )

    def _sides(self) -> tuple[float, float, float]:
        """Return the widths below and above the mode, and of both."""
        return self.mode - self.low, self.high - self.mode, self.high - self.low

    def ppf(self, u: ArrayLike) -> Array:
        u = np.asarray(u, dtype=float)
        rise, fall, width = self._sides()
        lower = self.low + np.sqrt(u * width * rise)
        return np.where(u * width < rise, lower, self.high - np.sqrt((1 - u) * width * fall))

    def isf(self, q: ArrayLike) -> Array:
        q = np.asarray(q, dtype=float)
        rise, fall, width = self._sides()
        upper = self.high - np.sqrt(q * width * fall)
        return np.where(q * width < fall, upper, self.low + np.sqrt((1 - q) * width * rise))

    def sf(self, x: ArrayLike) -> Array:
        return self.excess_moments(x)[0]

    def cdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=float)
        rise, _, width = self._sides()
        lower = np.clip(x - self.low, 0, rise) ** 2 / (width * (rise or 1))
        return np.where(x < self.mode, lower, 1 - self.sf(x))

    def pdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=float)
        rise, fall, width = self._sides()
        up = (x - self.low) / (rise or 1)
        down = (self.high - x) / (fall or 1)
        height = np.where((x < self.mode) | (fall == 0), up, down)
        inside = (x >= self.low) & (x <= self.high)
        return np.where(inside, height * 2 / width, 0.0)

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        # With r = rise, f = fall, w = width: above the mode the tail is (high - x)^2/(w f) and its
        # integrals are that times (high - x)/3 and (high - x)^2/6. Below, with y = x - low,
        # P(X > x) = 1 - y^2/(w r), E[(X - x)+] = mean - x + y^3/(3 w r), and the second moment is
        # variance + (mean - x)^2 - y^4/(6 w r).
        x = np.asarray(x, dtype=float)
        rise, fall, width = self._sides()
        left = np.clip(self.high - x, 0, fall)
        top = left**2 / (width * (fall or 1))
        y = np.clip(x - self.low, 0, rise)
        cut = y**2 / (width * (rise or 1))
        gap = self.mean() - x
        below = x < self.mode
        return (
            np.where(below, 1 - cut, top),
            np.where(below, gap + cut * y / 3, top * left / 3),
            np.where(below, self.variance() + gap**2 - cut * y**2 / 6, top * left**2 / 6),
        )

    def breaks(self) -> Array:
        _, fall, width = self._sides()
        return np.array([fall / width]) if self.low < self.mode < self.high else np.empty(0)

    def rule(self, size: int) -> tuple[Array, Array]:
        """Gauss-Legendre on each side of the mode."""
        t, w = legendre(size)
        edges = np.unique([self.low, self.mode, self.high])
        half = np.diff(edges)[:, None] / 2
        values = (edges[:-1, None] + half + half * t).ravel()
        weights = (half * w).ravel() * self.pdf(values)
        return values, weights / weights.sum()

    def scaled_by(self, factor: float) -> "Triangular":
        return Triangular(self.low * factor, self.mode * factor, self.high * factor)

    def mean(self) -> float:
        return (self.low + self.mode + self.high) / 3

    def variance(self) -> float:
        rise, fall, width = self._sides()
        return (width**2 - rise * fall) / 18

    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def to_dict(self) -> dict[str, Any]:
        return {"type": "triangular", "low": self.low, "mode": self.mode, "high": self.high}
