r"""What correlation simulated years have: that of their losses, and that of their ranks.

A copula fixes the rank correlation of the words that it draws; the losses that are drawn from them
have one of their own, lower where most years cost nothing. Standard errors come from influences:
what one year more moves a figure by, centred, with n years

.. math:: s = \sqrt{\frac{1}{n} \cdot \frac{1}{n} \sum_i I_i^2}

For ranks the influence has a term for the years that a loss is ranked among (Croux and Dehon,
Statistical Methods and Applications 19, 2010, without ties; here mid-ranks count half of each tie).
"""

import math
from dataclasses import dataclass

import numpy as np

from workbench.distributions import Array
from workbench.distributions.base import Index
from workbench.errors import require

LEAST_YEARS = 100


@dataclass(frozen=True, slots=True)
class AchievedCorrelation:
    """Correlations of two losses over simulated years; NaN where one loss is always the same."""

    years: int
    spearman: float  # of ranks, -1..1
    spearman_error: float  # standard error
    pearson: float  # of amounts, -1..1
    # standard error; too low for heavy tails: by a quarter for lognormals of sigma 1, 1,500 years
    pearson_error: float


def achieved_correlation(one: Array, other: Array) -> AchievedCorrelation:
    """Return what correlation two losses have, each shape (years,), in the same years.

    Raises
    ------
    WorkbenchError
        for two shapes, or fewer than 100 years.

    """
    x, y = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    require(
        x.ndim == 1 and x.shape == y.shape and x.size >= LEAST_YEARS,
        f"a correlation is of two losses in the same {LEAST_YEARS} years or more",
        got=(x.shape, y.shape),
        fix="Keep the years of both in one simulation.",
    )
    if x.min() == x.max() or y.min() == y.max():
        return AchievedCorrelation(x.size, *[math.nan] * 4)
    return AchievedCorrelation(x.size, *_spearman(x, y), *_pearson(x, y))


def _pearson(x: Array, y: Array) -> tuple[float, float]:
    """Return r and its error: I = z w - r (z^2 + w^2) / 2 of standardised z and w."""
    z, w = ((v - v.mean()) / v.std() for v in (x / np.abs(x).max(), y / np.abs(y).max()))
    r = float((z * w).mean())
    return r, _error(z * w - r * (z * z + w * w) / 2)


def _spearman(x: Array, y: Array) -> tuple[float, float]:
    """Return rho and its error, by the influences on E[a b], E[a^2] and E[b^2] of mid-ranks."""
    (a, order_a, ends_a), (b, order_b, ends_b) = _ranked(x), _ranked(y)
    a, b = a - a.mean(), b - b.mean()
    both = a * b + _among(b, order_a, ends_a) + _among(a, order_b, ends_b)
    squares = (a * a + 2 * _among(a, order_a, ends_a), b * b + 2 * _among(b, order_b, ends_b))
    sizes = float((a * a).mean()), float((b * b).mean())
    size = math.sqrt(sizes[0] * sizes[1])
    rho = float((a * b).mean()) / size
    moved = sum((v - v.mean()) / one for v, one in zip(squares, sizes, strict=True))
    return rho, _error((both - both.mean()) / size - rho / 2 * moved)


Ends = tuple[Index, Index]  # where, in rising order, the ties of each value begin and end


def _ranked(values: Array) -> tuple[Array, Index, Ends]:
    """Return P(V < v) + P(V = v) / 2 of each value, their order, and the ends of their ties."""
    order = np.argsort(values, kind="stable")
    rising = values[order]
    ends = np.searchsorted(rising, values, "left"), np.searchsorted(rising, values, "right")
    return (ends[0] + ends[1]) / (2 * values.size), order, ends


def _among(scores: Array, order: Index, ends: Ends) -> Array:
    """E[score; V > v] + E[score; V = v] / 2 at each v: what a year more at v adds to the ranks."""
    below = np.append(0.0, np.cumsum(scores[order])) / scores.size
    return np.asarray(below[-1] - (below[ends[0]] + below[ends[1]]) / 2)


def _error(influences: Array) -> float:
    return float(influences.std() / math.sqrt(influences.size))
