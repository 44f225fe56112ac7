r"""Rank correlations with ties, and an interval that is honest for 8 to 50 pairs.

Spearman's rho is Pearson's correlation of mid-ranks. Kendall's tau-b is

.. math:: \tau_b = \frac{\sum sign(x_i - x_j) sign(y_i - y_j)}
    {\sqrt{\sum sign(x_i - x_j)^2 \sum sign(y_i - y_j)^2}}

The interval is Fisher's, tanh(atanh(r) -+ 1.96 s). s is the larger of two standard errors: that of
Bonett and Wright (Psychometrika 65, 2000), s^2 = (1 + r^2 / 2) / (n - 3) for rho and
0.437 / (n - 4) for tau, which takes the values as continuous; and that of leaving each pair out in
turn (the jackknife), which sees the ties. Alone the first is too narrow for tau-b with many ties
(it held 89 % of true values for n = 8), and a percentile bootstrap too narrow for small n (86 %).
Inside atanh a perfect order counts as the next value below it, so that eight scenarios in perfect
order are no proof. Measured for n = 8, 14 and 50 it holds 96 % of true values or more.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.distributions import Array
from workbench.errors import require

LEAST_PAIRS = 5  # the standard error of tau needs n > 4
NORMAL_95 = 1.959963984540054  # the 97.5 % quantile of the normal
METHOD = (
    "95% Fisher interval; standard error: the larger of leave-one-out and Bonett and Wright (2000)"
)


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """A rank correlation; what cannot be computed is None, and `why` says why."""

    name: str  # "Spearman rho" or "Kendall tau-b"
    pairs: int  # n
    value: float | None  # -1..1
    low: float | None  # the 95 % interval
    high: float | None
    method: str = METHOD
    why: str = ""


def spearman(x: Sequence[float], y: Sequence[float]) -> RankCorrelation:
    """Spearman's rho of two lists of the same length, with its interval."""
    n = len(x)
    most = 1 - 12 / max(n * (n * n - 1), 24)  # one step below a perfect order without ties
    return _with_interval(
        "Spearman rho", _rho, x, y, most=most, variance=lambda r: (1 + r * r / 2) / (n - 3)
    )


def kendall(x: Sequence[float], y: Sequence[float]) -> RankCorrelation:
    """Kendall's tau-b of two lists of the same length, with its interval."""
    n = len(x)
    most = 1 - 4 / max(n * (n - 1), 8)  # one step below a perfect order without ties
    return _with_interval(
        "Kendall tau-b", _tau_b, x, y, most=most, variance=lambda _: 0.437 / (n - 4)
    )


def _with_interval(
    name: str,
    measures: Callable[[Array, Array], tuple[float, Array]],
    x: Sequence[float],
    y: Sequence[float],
    *,
    most: float,
    variance: Callable[[float], float],
) -> RankCorrelation:
    """Return the measure and tanh(atanh(r) -+ 1.96 s); |r| is at most `most` inside atanh."""
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    require(
        a.shape == b.shape and a.ndim == 1 and bool(np.isfinite([a, b]).all()),
        "a rank correlation is of two lists of finite numbers of one length",
        got=(a.shape, b.shape),
        fix="Leave out the pairs that lack a number.",
    )
    n, (value, rest) = a.size, measures(a, b)
    if math.isnan(value):
        why = "all values of one list are equal, so there is no order to compare"
        return RankCorrelation(name, n, None, None, None, why=why)
    if n < LEAST_PAIRS:
        why = f"an interval needs {LEAST_PAIRS} pairs or more"
        return RankCorrelation(name, n, value, None, None, why=why)
    if np.isnan(rest).any():
        why = "only one pair differs from the others, so nothing can be said of its error"
        return RankCorrelation(name, n, value, None, None, why=why)
    z = float(np.arctanh(np.clip(value, -most, most)))
    left = np.arctanh(np.clip(rest, -most, most))
    jackknife = (n - 1) / n * float(np.sum((left - left.mean()) ** 2))
    s = math.sqrt(max(jackknife, variance(value)))
    # a perfect order is within its own interval although atanh(1) is not finite
    low = min(math.tanh(z - NORMAL_95 * s), value)
    high = max(math.tanh(z + NORMAL_95 * s), value)
    return RankCorrelation(name, n, value, low, high)


def _rho(x: Array, y: Array) -> tuple[float, Array]:
    """Pearson's correlation of mid-ranks, and that without each pair, shape (n,).

    Without pair i the ranks above x_i fall by 1 and those equal to it by 1/2. NaN where one list is
    constant.
    """
    a, b = _mid_ranks(x), _mid_ranks(y)
    rest = []
    for i in range(x.size):
        pair = (np.delete(r - (v > v[i]) - (v == v[i]) / 2, i) for v, r in ((x, a), (y, b)))
        rest.append(_pearson(*pair))
    return _pearson(a, b), np.array(rest)


def _mid_ranks(v: Array) -> Array:
    """Return the ranks of values, from 1; equal ones share the mean of theirs."""
    _, place, times = np.unique(v, return_inverse=True, return_counts=True)
    middles: Array = np.cumsum(times) - (times - 1) / 2
    return middles[place]


def _pearson(a: Array, b: Array) -> float:
    if a.size == 0:
        return math.nan
    a, b = a - a.mean(), b - b.mean()
    return _ratio(float(a @ b), float(a @ a), float(b @ b))


def _tau_b(x: Array, y: Array) -> tuple[float, Array]:
    """Kendall's tau-b, and that without each pair, shape (n,); NaN where one list is constant.

    The three sums run over ordered pairs (i, j), so pair i stands in each of them twice.
    """
    parts = np.array(list(_sign_sums(x, y))).reshape(-1, 3)
    total = parts.sum(axis=0)
    return _ratio(*total), np.array([_ratio(*(total - 2 * part)) for part in parts])


def _sign_sums(x: Array, y: Array) -> Iterator[tuple[float, float, float]]:
    """Yield, for each i, the sums over j of s t, s^2 and t^2 with the signs s and t."""
    for one, other in zip(x, y, strict=True):
        s, t = np.sign(x - one), np.sign(y - other)
        yield float(s @ t), float(s @ s), float(t @ t)


def _ratio(both: float, one: float, other: float) -> float:
    if one <= 0 or other <= 0:
        return math.nan
    return max(-1.0, min(1.0, float(both) / math.sqrt(one * other)))
