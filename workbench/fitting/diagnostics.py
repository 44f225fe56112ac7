"""What to look at before a fit is believed: plain arrays for plots, and distances.

No p-value comes from a printed table: those hold for a family fixed in advance, not for one fitted
to the same data. `bootstrap` makes the right one by simulation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from workbench.distributions import Array
from workbench.errors import require
from workbench.fitting.data import amounts
from workbench.fitting.families import FAMILIES
from workbench.fitting.fits import Fit, fit_family
from workbench.fitting.survival import Points, steps

Z95 = float(special.ndtri(0.975))
FEWEST_ABOVE = 10  # amounts above a threshold; the interval of a mean of fewer means little


@dataclass(frozen=True, slots=True)
class Distances:
    """How far a fit is from the data, on the scale of probability."""

    kolmogorov_smirnov: float  # the largest gap between fitted and observed
    anderson_darling: float  # squared gaps, weighed towards both tails
    reach: float  # up to which probability the data reach; 1 without censoring


def distances(fit: Fit) -> Distances:
    r"""Distances of the probability transforms u = 1 - S(x)/S(t) from their uniform law.

    With t the point from which each amount would be seen this holds under truncation. With
    censoring the observed law is the product-limit estimate, and both are taken over its reach.

    .. math:: A^2 = n \int \frac{(F_n(u) - u)^2}{u (1 - u)}\,du

    Source: Anderson and Darling (1954), the same integral; D'Agostino and Stephens (1986).
    """
    data = fit.data
    start = fit.log_survival(data.entry)
    u = -np.expm1(np.minimum(fit.log_survival(data.values) - start, 0.0))
    points, after = steps(u, data.is_censored, np.zeros(u.size), data.weights)
    below, above = 1 - np.append(1.0, after[:-1]), 1 - after
    gap = float(np.maximum(np.abs(points - below), np.abs(above - points)).max())
    has_end = bool(data.is_censored.any())
    reach = float(points[-1]) if has_end else 1.0
    edges = np.concatenate([[0.0], points, [] if has_end else [1.0]])
    heights = np.concatenate([[0.0], above])[: edges.size - 1]
    edges = np.clip(edges, 1e-15, 1 - 1e-15)

    def integral(c: Array, at: Array) -> Array:
        # the integral over u of the squared gap to c, over u (1 - u)
        return np.asarray(c**2 * np.log(at) - (1 - c) ** 2 * np.log1p(-at) - at)

    total = float(np.sum(integral(heights, edges[1:]) - integral(heights, edges[:-1])))
    return Distances(gap, max(data.count * total, 0.0), reach)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How often data from the fitted family itself lie as far from their own fit."""

    size: int
    kolmogorov_smirnov: float  # p-value
    anderson_darling: float  # p-value


def bootstrap(fit: Fit, *, size: int = 99, rng: np.random.Generator) -> Bootstrap:
    """Parametric bootstrap p-values of the two distances, (1 + worse)/(1 + size).

    Each round draws amounts from the fit, with the truncation and the censoring of the data, and
    fits the family again. Source: Stute, Gonzáles Manteiga and Presedo Quindimil (1993).

    Raises
    ------
    WorkbenchError
        where a limit hides which amounts it would censor (only one limit for all can be redrawn)

    """
    data, family = fit.data, FAMILIES[fit.family]
    limits = np.unique(data.values[data.is_censored])
    require(
        limits.size <= 1,
        "a bootstrap needs one limit for all amounts",
        got=f"{limits.size} limits",
        fix="Compare the QQ points instead.",
    )
    require(size >= 19, "a bootstrap has 19 rounds or more", got=size, fix="Ask for 99.")
    limit = float(limits[0]) if limits.size else None
    seen = distances(fit)
    worse = np.zeros(2)
    for _ in range(size):
        drawn = fit.quantile_above(data.entry, rng.random(data.values.size))
        drawn = np.maximum(drawn, data.entry)  # a rounding below the point itself
        again = amounts(
            drawn, truncated_below=data.entry, censored_above=limit, weights=data.weights
        )
        found = distances(fit_family(family, again))
        worse += [
            found.kolmogorov_smirnov >= seen.kolmogorov_smirnov,
            found.anderson_darling >= seen.anderson_darling,
        ]
    chances = (1 + worse) / (1 + size)
    return Bootstrap(size, float(chances[0]), float(chances[1]))


def mean_excess(values: ArrayLike, *, truncated_below: float = 0.0) -> Points:
    """Mean of x - u over all x > u, against each threshold u, with its 95 % interval.

    A line that rises tells of a Pareto tail (slope xi/(1 - xi)), a level one of an exponential
    tail, a falling one of a bound. Thresholds with fewer than ten amounts above are left out.
    Source: Embrechts, Klüppelberg and Mikosch, Modelling Extremal Events, section 6.2.
    """
    x = np.sort(_plain(values))
    points = np.unique(np.append(truncated_below, x[:-FEWEST_ABOVE]))
    above = x.size - np.searchsorted(x, points, side="right")
    points, above = points[above >= FEWEST_ABOVE], above[above >= FEWEST_ABOVE]
    sums = np.append(np.cumsum(x[::-1])[::-1], 0.0)[x.size - above]
    squares = np.append(np.cumsum(x[::-1] ** 2)[::-1], 0.0)[x.size - above]
    mean = sums / above
    spread = np.sqrt(np.maximum(squares / above - mean**2, 0.0) * above / (above - 1))
    error = Z95 * spread / np.sqrt(above)
    excess = mean - points
    return Points(points, excess, excess - error, excess + error)


def hill(values: ArrayLike, *, most: int | None = None) -> Points:
    r"""Hill's estimate of the tail index alpha from the k largest amounts, against k.

    .. math:: \hat\alpha_k = \left(\frac1k \sum_{i=1}^k \log \frac{x_{(i)}}{x_{(k+1)}}\right)^{-1}

    with the 95 % interval alpha (1 -+ 1.96/sqrt(k)). At alpha <= 1 there is no mean. Source: Hill
    (1975). k runs from 10 to `most`, half of the amounts unless told.
    """
    x = np.sort(_plain(values))[::-1]
    end = min(x.size - 1, most or x.size // 2)
    fix = "Add data; so few say nothing about a tail."
    require(end >= FEWEST_ABOVE, "a Hill plot needs 20 amounts", got=x.size, fix=fix)
    k = np.arange(FEWEST_ABOVE, end + 1)
    logs = np.log(x)
    gaps = np.cumsum(logs)[k - 1] / k - logs[k]
    k, gaps = k[gaps > 0], gaps[gaps > 0]  # ties at the top hold no index
    alpha = 1 / gaps
    error = Z95 * alpha / np.sqrt(k)
    return Points(k.astype(float), alpha, alpha - error, alpha + error)


def _plain(values: ArrayLike) -> Array:
    """Check amounts without limits or weights, shape (n,)."""
    return amounts(values).values
