"""The transform of a magnitude on a grid: the way that keeps its digits, for each rung."""

import numpy as np

from workbench.distributions import Array, LogNormal, WithTerms
from workbench.distributions.derived import jumps_of
from workbench.engines.grid import (
    RATIO,
    ROUGH,
    Complex,
    Magnitude,
    atom_masses,
    cell_masses,
    smooth_masses,
    to_transform,
)
from workbench.engines.log_cells import lognormal_masses


def rungs_of(step: float, rungs: int, ratio: int = RATIO) -> Array:
    """The step h of each of some rungs, shape (rungs, 1); shape () for a single one."""
    steps = step * 2.0 ** (-ratio * np.arange(rungs, dtype=float))
    return steps.reshape(()) if rungs == 1 else steps[:, None]


def transformed(
    magnitude: Magnitude, size: int, step: float, rungs: int = 1, ratio: int = RATIO
) -> Complex:
    """Transform of a magnitude on `size` nodes `step` apart, and on so many rungs from there."""
    masses = _masses(magnitude, size, rungs_of(step, rungs, ratio).reshape(rungs))
    return to_transform(masses if rungs > 1 else masses[0])


def _masses(magnitude: Magnitude, size: int, steps: Array) -> Array:
    """Masses on grids with these steps, from the highest down, shape (rungs, size)."""
    if isinstance(magnitude, LogNormal):
        return lognormal_masses(magnitude, size, steps)
    second = magnitude.second_moment()
    if not np.isfinite(second):
        return np.array([_cut(magnitude, size, float(step)) for step in steps])
    second = max(second, _taken_apart(magnitude))
    exact = int(np.count_nonzero(second <= ROUGH * steps**2))  # rungs
    if exact == steps.size:
        return _by_moments(magnitude, size, steps)
    if exact == 0:
        return _by_tail(magnitude, size, steps)
    upper, lower = (
        _by_moments(magnitude, size, steps[:exact]),
        _by_tail(magnitude, size, steps[exact:]),
    )
    return np.concatenate([upper, lower])


def _taken_apart(magnitude: Magnitude) -> float:
    """E[X^2] before a deductible or a limit, whose closed forms are differences of it; else 0.

    Where it does not exist, that of all but the largest 1 in 100.
    """
    if not isinstance(magnitude, WithTerms) or not (
        magnitude.deductible > 0 or np.isfinite(magnitude.limit)
    ):
        return 0.0
    base, start = magnitude.base, magnitude.deductible
    whole = base.second_moment()
    if not np.isfinite(whole):
        whole = float(base.layer_moments(start, base.isf(0.01))[1])
    return magnitude.share**2 * whole


def _by_moments(magnitude: Magnitude, size: int, steps: Array) -> Array:
    """Masses from closed forms."""
    edges = 2 * steps[:, None] * np.arange(size // 2 + 1, dtype=float)
    return cell_masses(magnitude.excess_moments(edges), steps[:, None])


def _cut(magnitude: Magnitude, size: int, step: float) -> Array:
    """Masses of a tail without moments: no cell sees what lies beyond the grid, so it is cut."""
    edges = 2 * step * np.arange(size // 2 + 1, dtype=float)
    cap = 4 * float(edges[-1])
    if float(magnitude.layer_moments(np.zeros(()), cap)[1]) > ROUGH * step**2:
        return np.asarray(_by_tail(magnitude, size, np.array([step]))[0])
    return cell_masses((magnitude.sf(edges), *magnitude.layer_moments(edges, cap)), step)


def _by_tail(magnitude: Magnitude, size: int, steps: Array) -> Array:
    """Masses where closed forms would cancel: here a tail is smooth but for its jumps."""
    x = steps[:, None] * np.arange(size + 1, dtype=float)
    places, chances = jumps_of(magnitude)
    tail = np.asarray(magnitude.sf(x))
    if chances.size == 0:
        return smooth_masses(tail)
    smooth = smooth_masses(tail - (x[..., None] < places) @ chances)
    at, mass = np.append(0.0, places), np.append(-chances.sum(), chances)
    return smooth + atom_masses(at, mass, size, steps[:, None])
