"""Figures that are read off a year's masses on a lattice."""

import numpy as np


class Curve:
    """A year on a lattice: single values stand on it, the rest is spread around each point.

    `masses` at 0, h, 2h, ... are of the whole year, `single` of the years on single values alone.
    """

    def __init__(self, h, masses, single):
        self.h, self.single = h, np.cumsum(single)
        rest = np.cumsum(masses - single)
        self.middle = rest  # P(L <= (k + 1/2) h) but for single values
        self.at = rest - (masses - single) / 2  # at k h
        self.at[0] = 0.0
        below = np.concatenate([[0.0], np.cumsum(np.cumsum(masses))[:-1]])
        self.short = h * below  # E[(k h - L)+]

    def below(self, k):
        """P(L <= k h) and P(L < k h) at a whole k."""
        before = self.single[k - 1] if k else 0.0
        return self.at[k] + self.single[k], self.at[k] + before

    def chance(self, x):
        """P(L <= x)."""
        k = int(x / self.h * (1 + 1e-13))
        place = x / self.h - k
        ends = self.at[k], self.middle[k], self.at[k + 1]
        inside = np.interp(place, [0.0, 0.5, 1.0], ends)
        return float(inside + self.single[k])

    def quantile(self, level):
        """The smallest x with P(L <= x) >= level; None beyond the lattice."""
        whole = self.at + self.single
        k = int(np.searchsorted(whole, level * (1 - 1e-15)))
        if k == whole.size:
            return None
        if k == 0 or self.below(k)[1] < level:
            return k * self.h
        target = level - self.single[k - 1]
        ends = self.at[k - 1], self.middle[k - 1], self.at[k]
        return float(self.h * (k - 1 + np.interp(target, ends, [0.0, 0.5, 1.0])))

    def shortfall(self, x):
        """E[(x - L)+]."""
        k = int(x / self.h * (1 + 1e-13))
        start = self.at[k] + self.single[k]
        return float(self.short[k] + (x - k * self.h) * (start + self.chance(x)) / 2)

    def variance_within(self, low, high):
        """E[Y^2] of Y = min((L - low)+, high - low): twice the integral of its premium."""
        x = np.linspace(low, high, 200_001)
        k = np.minimum((x / self.h).astype(int), self.short.size - 2)
        start = self.at[k] + self.single[k]
        short = self.short[k] + (x - k * self.h) * start
        premium = (high - x) - (short[-1] - short)
        return float(2 * (x[1] - x[0]) * (premium.sum() - premium[0] / 2 - premium[-1] / 2))
