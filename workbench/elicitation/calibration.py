"""How well somebody's ranges and chances match the truth: scores, hit rates, verdicts, weights.

A person is calibrated when their 90 % ranges hold the truth in nine of ten cases. A few questions
tell little; every verdict here says how little.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from workbench.distributions import Array
from workbench.errors import require

SURE = 0.05  # a verdict is spoken where chance alone would do it less often
LEVEL = 0.90  # of the interval of a hit rate


def brier(forecasts: ArrayLike, outcomes: ArrayLike) -> Array:
    """Brier score of each forecast, (f - o)^2: 0 is perfect, 0.25 is always saying 50 %.

    `forecasts` are probabilities, `outcomes` 1 for what came true and 0 for what did not.
    """
    f, o = _forecasts(forecasts, outcomes)
    return (f - o) ** 2


def _forecasts(forecasts: ArrayLike, outcomes: ArrayLike) -> tuple[Array, Array]:
    f, o = np.asarray(forecasts, dtype=float).ravel(), np.asarray(outcomes, dtype=float).ravel()
    fix = "Give 1 for what came true, 0 for what did not, and a probability for each."
    same = f.size == o.size > 0
    require(same, "each forecast has its outcome", got=(f.size, o.size), fix=fix)
    require(bool(np.isin(o, (0, 1)).all()), "an outcome is 0 or 1", got=o.tolist(), fix=fix)
    inside = bool(((f >= 0) & (f <= 1)).all())
    require(inside, "a forecast lies between 0 and 1", got=f.tolist(), fix=fix)
    return f, o


@dataclass(frozen=True, slots=True)
class BrierScore:
    """Murphy's parts of the average Brier score: score = reliability - resolution + uncertainty.

    Reliability is how far the shares that came true lie from what was said (0 is best); resolution
    how far they differ from the overall share (more is better); uncertainty is the questions' own.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    forecasts: int


def brier_score(forecasts: ArrayLike, outcomes: ArrayLike) -> BrierScore:
    r"""Return the average Brier score and its parts, by distinct forecasts.

    .. math:: \frac1n\sum_k n_k (f_k - \bar o_k)^2 - \frac1n\sum_k n_k (\bar o_k - \bar o)^2
              + \bar o (1 - \bar o)

    Source: Murphy (1973), A new vector partition of the probability score.
    """
    f, o = _forecasts(forecasts, outcomes)
    said, group = np.unique(f, return_inverse=True)
    share = np.bincount(group) / f.size
    true = np.bincount(group, weights=o) / np.bincount(group)
    base = float(o.mean())
    return BrierScore(
        float(np.mean((f - o) ** 2)),
        float(share @ (said - true) ** 2),
        float(share @ (true - base) ** 2),
        base * (1 - base),
        f.size,
    )


def interval_score(low: ArrayLike, high: ArrayLike, truth: ArrayLike, mass: float = 0.90) -> Array:
    r"""Score of central intervals: smaller is better, in the unit of the values.

    .. math:: (u - l) + \frac{2}{\alpha}(l - x)_+ + \frac{2}{\alpha}(x - u)_+, \quad
              \alpha = 1 - mass

    Wide ranges cost their width, missed truths cost twenty times the miss at 90 %. It is proper:
    nobody gains by stating other quantiles than they believe. Source: Gneiting and Raftery (2007),
    equation 43.
    """
    lower, upper, x = (np.asarray(v, dtype=float) for v in (low, high, truth))
    fix = "Give the lower end first."
    require(
        bool((lower <= upper).all()), "an interval has low <= high", got=lower.tolist(), fix=fix
    )
    require(0 < mass < 1, "the mass lies between 0 and 1", got=mass, fix="Write 0.90 for 90 %.")
    penalty = 2 / (1 - mass)
    missed = np.maximum(lower - x, 0) + np.maximum(x - upper, 0)
    return np.asarray(upper - lower + penalty * missed)


def clopper_pearson(hits: int, trials: int, level: float = LEVEL) -> tuple[float, float]:
    """Exact interval of a share (Clopper and Pearson 1934); it errs on the wide side."""
    fix = "Count the questions that were answered, and the hits among them."
    require(0 <= hits <= trials, "hits are at most the trials", got=(hits, trials), fix=fix)
    tail = (1 - level) / 2
    low = float(special.betaincinv(hits, trials - hits + 1, tail)) if hits > 0 else 0.0
    high = float(special.betaincinv(hits + 1, trials - hits, 1 - tail)) if hits < trials else 1.0
    return low, high


@dataclass(frozen=True, slots=True)
class HitRate:
    """How many of the stated ranges held the truth."""

    hits: int
    trials: int
    mass: float  # what the ranges were to hold

    @property
    def share(self) -> float:
        """Share of hits."""
        return self.hits / self.trials

    @property
    def interval(self) -> tuple[float, float]:
        """Exact 90 % interval of the share that this person would reach over many questions."""
        return clopper_pearson(self.hits, self.trials)

    @property
    def p_value(self) -> float:
        """Chance that a calibrated person does as badly, either way (exact binomial test)."""
        from scipy import stats  # takes a quarter of a second, and pages that start do not need it

        return float(stats.binomtest(self.hits, self.trials, self.mass).pvalue)

    def verdict(self) -> str:
        """Say what the hits tell, and what they do not."""
        said = f"{self.hits} of {self.trials} ranges held the truth, {self.mass:.0%} were meant to"
        if self.p_value >= SURE:
            low, high = self.interval
            return (
                f"{said}. With {self.trials} questions this cannot be told apart from calibrated: "
                f"anything from {low:.0%} to {high:.0%} would fit."
            )
        chance = f"a calibrated person does as badly in {self.p_value:.1%} of such quizzes"
        if self.share < self.mass:
            return f"{said}: the ranges are too narrow ({chance}). Widen them."
        return f"{said}: the ranges are wider than they need be ({chance}). Narrow them."


def hit_rate(
    low: Sequence[float], high: Sequence[float], truth: Sequence[float], mass: float = 0.90
) -> HitRate:
    """Count how many intervals, ends included, hold the truth."""
    lower, upper, x = (np.asarray(v, dtype=float).ravel() for v in (low, high, truth))
    fix = "Leave out what was not answered."
    same = lower.size == upper.size == x.size > 0
    require(same, "each interval has its truth", got=(lower.size, upper.size, x.size), fix=fix)
    require(
        bool((lower <= upper).all()), "an interval has low <= high", got=lower.tolist(), fix=fix
    )
    require(0 < mass < 1, "the mass lies between 0 and 1", got=mass, fix="Write 0.90 for 90 %.")
    return HitRate(int(np.sum((lower <= x) & (x <= upper))), x.size, mass)
