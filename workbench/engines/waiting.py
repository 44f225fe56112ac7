r"""The chance that an event is waited for in vain, over a rate that is held.

.. math:: \psi(u) = E[e^{-\lambda u}]

for real u >= 0: years times the chance of such an event. For a rate without a closed form it is
computed once, as a curve. Asked at many places, of scales and shares that are held as well, it
costs no more than their number.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import logsumexp

from workbench.distributions import Array, Distribution, Gamma, Point
from workbench.distributions.gauss import legendre

SOON = 1e-9  # of an event: below it the chance of none falls in a straight line
LATE = 1e13  # years that are looked at
STEPS = 96  # nodes of the curve for each power of ten


def no_event_by(rate: Distribution, years: Array) -> Array:
    """E[exp(-lambda u)] over the rate at each u = `years`, of their shape.

    Closed for Point and Gamma; else to about 1e-8 of its logarithm.
    """
    if isinstance(rate, Point):
        return np.exp(-rate.value * years)
    if isinstance(rate, Gamma):
        return np.exp(-rate.shape * np.log1p(rate.scale * years))
    return np.exp(-_expected(rate)(years))


@lru_cache(maxsize=256)
def _expected(rate: Distribution) -> Callable[[Array], Array]:
    r"""Return D(u) = -log E[exp(-lambda u)], a curve through log D over log u."""
    mean = rate.mean()
    first = SOON / mean if mean > 0 else LATE
    if first >= LATE:  # hardly an event ever
        return lambda years: mean * years
    logs = np.linspace(math.log(first), math.log(LATE), math.ceil(STEPS * math.log10(LATE / first)))
    curve = CubicSpline(logs, np.log(_hazard(rate, np.exp(logs))))

    def expected(years: Array) -> Array:
        at = np.clip(years, first, LATE)
        along: Array = np.exp(curve(np.log(at))) * np.minimum(years / first, 1.0)
        return along

    return expected


def _hazard(rate: Distribution, years: Array) -> Array:
    """-log E[exp(-lambda u)] at each u: by what is lost where that is little, else what is left."""
    rates, weights = low_rates(rate)
    turned = years[:, None] * rates
    lost = -np.expm1(-turned) @ weights
    left = -logsumexp(-turned, b=weights, axis=1)
    return np.where(lost < 0.5, -np.log1p(-np.minimum(lost, 0.5)), left)


@lru_cache(maxsize=256)
def low_rates(rate: Distribution) -> tuple[Array, Array]:
    """Nodes and weights that average exp(-lambda t) for every t >= 0, however small lambda may be.

    Each panel is a factor of 2 of the level at the low end, so that none is too wide for any t.
    """
    if (atoms := rate.atoms()) is not None:
        return atoms
    low, high = np.geomspace(1e-16, 0.5, 54), 1 - np.geomspace(0.5, 1e-13, 40)
    edges = np.unique(np.concatenate([[0.0], low, high, 1 - rate.breaks(), [1.0]]))
    t, w = legendre(8)
    width = np.diff(edges)[:, None]
    return rate.ppf(edges[:-1, None] + width * (1 + t) / 2).ravel(), (width * w / 2).ravel()
