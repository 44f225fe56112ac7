"""Reference values of compound Poisson sums of lognormal losses, by plain means.

    python tests/reference/compound_lognormal.py

writes compound_lognormal.json beside this file. It shares no code with the package. The severity is
spread over a lattice so that its mean is kept (Gerber's first order: second differences of the
limited mean). What lies beyond the lattice is left out: sums below its top do not need it. There is
one transform of 2^22 points, half of them padding, with exponential tilting against wrap-around.
VaR stands at half of the top, so that the lattice is fine where it matters;
TVaR = VaR + (E[L] - E[min(L, VaR)]) / (1 - p) needs the tail only through the closed form
E[L] = rate exp(sigma^2 / 2).
"""

import json
from pathlib import Path

import numpy as np
from scipy import special

POINTS = 1 << 22
RATES = (0.02, 0.1, 0.3, 3, 30, 300)
SIGMAS = (0.3, 1, 1.5, 2.5)
LEVEL = 0.99
TILT = 20.0
FILE = Path(__file__).with_suffix(".json")


def distribution(rate, sigma, top, points):
    """P(L <= k h) for k = 0 .. points/2 - 1 with h = top / (points / 2)."""
    half = points // 2
    h = top / half
    x = h * np.arange(half + 1)
    with np.errstate(divide="ignore"):
        z = np.log(x) / sigma
    limited = np.exp(sigma**2 / 2) * special.ndtr(z - sigma) + x * special.ndtr(-z)
    slope = np.append(1.0, np.diff(limited) / h)  # mean of P(X > x) in each cell, 1 below 0
    tilt = np.exp(-TILT / half * np.arange(half))
    transform = np.fft.rfft((slope[:-1] - slope[1:]) * tilt, points)
    year = np.fft.irfft(np.exp(rate * (transform - 1)), points)[:half] / tilt
    return h, np.cumsum(year)


def quantile(rate, sigma, top, points):
    """VaR at LEVEL, or None where the lattice ends below it."""
    h, below = distribution(rate, sigma, top, points)
    if below[-1] < LEVEL:
        return None
    k = int(np.searchsorted(below, LEVEL))
    # the lattice stands for a continuous loss: P(L <= k h) holds at the middle of two points
    before = below[k - 1] if k else 0.0
    return h * (k - 0.5 + (LEVEL - before) / (below[k] - before))


def cell(rate, sigma, points=POINTS):
    """VaR and TVaR at LEVEL of one rate and sigma; the median loss of an event is 1."""
    top = 1.0
    while (var := quantile(rate, sigma, top, 1 << 14)) is None:
        top *= 8
    for _ in range(3):  # move the top to twice VaR
        var = quantile(rate, sigma, 2 * var, 1 << 14)
    top = 2 * var
    var = quantile(rate, sigma, top, points)
    h, below = distribution(rate, sigma, top, points)
    # E[min(L, VaR)] = integral of P(L > x) from 0 to VaR, straight between (k + 1/2) h
    above = 1 - below
    k = int(var / h - 0.5)
    limited = h * (np.sum(above[: k + 1]) - above[k] / 2)
    limited += (above[k] + 1 - LEVEL) / 2 * (var - h * (k + 0.5))
    mean = rate * float(np.exp(sigma**2 / 2))
    return {
        "rate": rate,
        "sigma": sigma,
        "var99": float(var),
        "tvar99": float(var + (mean - limited) / (1 - LEVEL)),
    }


if __name__ == "__main__":
    found = [cell(rate, sigma) for rate in RATES for sigma in SIGMAS]
    told = {"script": "tests/reference/compound_lognormal.py", "points": POINTS, "cells": found}
    FILE.write_text(json.dumps(told, indent=1) + "\n")
