"""What a year of Poisson events costs, by other means than the workbench's: see reference.py.

Here for several risks and any severity whose stop-loss premium E[(X - x)+] is known.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from reference import LEVEL, TILT, stop_loss
from scipy import fft, special

Array = NDArray[np.float64]
SIZE = 1 << 19


@dataclass(frozen=True)
class Risk:
    """Poisson events with the premium of their severity."""

    rate: float  # events / year
    mean: float  # currency / event
    premium: Callable[[Array], Array]  # E[(X - x)+] for x >= 0


def lognormal(rate: float, median: float, sigma: float) -> Risk:
    """Return a risk of lognormal losses."""
    mean = median * float(np.exp(sigma**2 / 2))
    return Risk(rate, mean, lambda x: median * stop_loss(x / median, sigma))


def pert(rate: float, low: float, mode: float, high: float) -> Risk:
    """Return a risk of PERT losses: low + (high - low) Beta(a, b)."""
    width = high - low
    a, b = 1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width
    mean = low + width * a / (a + b)

    def premium(x: Array) -> Array:
        u = np.clip((x - low) / width, 0, 1)
        above = 1 - special.betainc(a, b, u)
        part = width * a / (a + b) * (1 - special.betainc(a + 1, b, u)) + (low - x) * above
        return np.where(x <= low, mean - x, part)

    return Risk(rate, mean, premium)


def hats(risk: Risk, step: float, size: int) -> Array:
    """Probabilities of 0, h, 2h, ... that keep the mean; events beyond are left out."""
    premium = risk.premium(step * np.arange(size + 1, dtype=float))
    return np.diff(np.concatenate([[premium[0] + step], premium]), 2) / step


def once(risks: list[Risk], top: float, size: int) -> tuple[float, float]:
    """VaR and TVaR of the risks' total from one lattice of `size` nodes below `top`."""
    step = top / size
    tilt = np.exp(-TILT / size * np.arange(size))
    spread = sum(risk.rate * hats(risk, step, size) for risk in risks)
    rate = sum(risk.rate for risk in risks)
    masses = fft.irfft(np.exp(fft.rfft(spread * tilt, 2 * size) - rate), 2 * size)[:size] / tilt
    below = np.cumsum(masses) - masses / 2
    unspent = step * np.concatenate([[0.0], np.cumsum(np.cumsum(masses))[:-1]])
    k = int(np.searchsorted(below, LEVEL))
    part = (LEVEL - below[k - 1]) / (below[k] - below[k - 1])
    var = step * (k - 1 + part)
    gap = unspent[k - 1] + step * part * (below[k - 1] + part * (below[k] - below[k - 1]) / 2)
    mean = sum(risk.rate * risk.mean for risk in risks)
    return var, var + (mean - var + gap) / (1 - LEVEL)


def measures(risks: list[Risk], top: float) -> tuple[float, float]:
    """VaR and TVaR at 0.99, extrapolated from two lattices below `top`, which lies above VaR."""
    fine, coarse = once(risks, top, SIZE), once(risks, top, SIZE // 2)
    return (4 * fine[0] - coarse[0]) / 3, (4 * fine[1] - coarse[1]) / 3
