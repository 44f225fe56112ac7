r"""Reference values of compound Poisson lognormals, computed by other means than the workbench's.

The severity is spread over a lattice of step h by hat functions, which keep its mean:

.. math:: p_k = \frac{E[(X-(k-1)h)_+] - 2 E[(X-kh)_+] + E[(X-(k+1)h)_+]}{h}

Only losses below the lattice's end matter to VaR, and TVaR needs no tail, since
E[(L - x)+] = E[L] - x + E[(x - L)+] with E[L] in closed form. What hats add to the second moment is
of order h^2, so that two lattices extrapolate to h = 0 (Richardson); the distance of the answer to
a second extrapolation, from lattices of half the size, is stored as its error.

Run this file to make reference.json anew (about three minutes).
"""

import json
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import fft, special

STORED = Path(__file__).with_name("reference.json")
RATES = (0.02, 0.1, 0.3, 3.0, 30.0, 300.0)  # events / year
SIGMAS = (0.3, 1.0, 1.5, 2.5)  # of the lognormal, its median 1
LEVEL = 0.99
SIZE = 1 << 21
TILT = 12.0  # exp(-24) of what passes the padded end comes round again; rounding grows by exp(12)


def stop_loss(x: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """E[(X - x)+] of a lognormal with median 1 (the Black-Scholes formula)."""
    with np.errstate(divide="ignore"):
        z = -np.log(np.maximum(x, 0.0)) / sigma
    part = math.exp(sigma**2 / 2) * special.ndtr(z + sigma) - x * special.ndtr(z)
    return np.where(x <= 0, math.exp(sigma**2 / 2) - x, part)


def lattice(sigma: float, step: float, size: int) -> NDArray[np.float64]:
    """Probabilities of 0, h, 2h, ...; events beyond the lattice are left out."""
    at = stop_loss(step * np.arange(-1, size + 1), sigma)
    at[0] = at[1] + step  # below 0 the premium falls by h in h
    return np.asarray(np.diff(at, 2) / step)


def year_below(rate: float, sigma: float, top: float, size: int) -> tuple[float, float]:
    """VaR and TVaR from one lattice of `size` nodes below `top`."""
    step = top / size
    tilt = np.exp(-TILT / size * np.arange(size))
    transform = fft.rfft(lattice(sigma, step, size) * tilt, 2 * size)
    masses = fft.irfft(np.exp(rate * (transform - 1)), 2 * size)[:size] / tilt
    below = np.cumsum(masses) - masses / 2  # P(L <= x) at the nodes
    unspent = step * np.concatenate([[0.0], np.cumsum(np.cumsum(masses))[:-1]])  # E[(x - L)+]
    k = int(np.searchsorted(below, LEVEL))
    part = (LEVEL - below[k - 1]) / (below[k] - below[k - 1])
    var = step * (k - 1 + part)
    gap = unspent[k - 1] + step * part * (below[k - 1] + part * (below[k] - below[k - 1]) / 2)
    mean = rate * math.exp(sigma**2 / 2)
    return var, var + (mean - var + gap) / (1 - LEVEL)


def extrapolated(rate: float, sigma: float, top: float, size: int) -> tuple[float, float]:
    """VaR and TVaR at h = 0 from lattices of `size` and `size`/2 nodes."""
    fine = year_below(rate, sigma, top, size)
    coarse = year_below(rate, sigma, top, size // 2)
    return (4 * fine[0] - coarse[0]) / 3, (4 * fine[1] - coarse[1]) / 3


def enough(rate: float, sigma: float) -> float:
    """Return a loss somewhat above VaR, found from rough lattices of rising reach."""
    top = 2.0
    while True:
        size = 1 << 14
        tilt = np.exp(-TILT / size * np.arange(size))
        transform = fft.rfft(lattice(sigma, top / size, size) * tilt, 2 * size)
        masses = fft.irfft(np.exp(rate * (transform - 1)), 2 * size)[:size] / tilt
        passed = np.cumsum(masses) > LEVEL + (1 - LEVEL) / 10
        if passed.any():
            return float(top * (np.argmax(passed) + 1) / size)
        top *= 2


def cell(rate: float, sigma: float, size: int = SIZE) -> dict[str, float]:
    """Reference VaR and TVaR of one cell, each with the relative error it claims."""
    top = enough(rate, sigma)
    var, tvar = extrapolated(rate, sigma, top, size)
    other = extrapolated(rate, sigma, top, size // 2)
    errors = {"var_error": abs(other[0] / var - 1), "tvar_error": abs(other[1] / tvar - 1)}
    return {"rate": rate, "sigma": sigma, "var": var, "tvar": tvar} | errors


def stored() -> list[dict[str, float]]:
    """Read the stored cells, where VaR99 is above 0: all of them."""
    cells: list[dict[str, float]] = json.loads(STORED.read_text(encoding="utf-8"))["cells"]
    return cells


def main() -> None:
    """Compute every cell and store them."""
    cells = [cell(rate, sigma) for rate in RATES for sigma in SIGMAS]
    about = "Compound Poisson(rate) of lognormal(0, sigma): VaR and TVaR at 0.99; see reference.py."
    rows = ",\n".join(f"  {json.dumps(c)}" for c in cells)
    text = f'{{"about": {json.dumps(about)},\n "level": {LEVEL}, "cells": [\n{rows}\n]}}\n'
    STORED.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
