r"""The design point of structural reliability: where a function is zero, nearest to the origin.

.. math:: \min \|z\|_2 \quad \text{subject to} \quad g(z) = 0, \quad low \le z \le high

by the iteration of Hasofer and Lind (1974) and Rackwitz and Fiessler (1978): g is replaced by its
tangent plane at z, and the next z is the nearest point of that plane. With free coordinates that is
z' = (a.z - g(z)) a / |a|^2 with a the gradient; coordinates at a bound stay there. Where g bends
the steps shrink slowly; they are mixed with the last two so that they would cancel (Anderson 1965).
A step that does not improve on 1/2 |z|^2 + c |g(z)| is replaced by the plain one, which is halved
until it does (Zhang and Der Kiureghian 1997).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from workbench.distributions import Array

STEP = 2e-3  # of the finite differences
MOST = 30  # iterations
CLOSE = 3e-3  # of |z|, to the nearest point of the tangent plane: |z| is then right to 1e-5
HALVINGS = 6
DEPTH = 2  # earlier steps that are mixed in
ZERO = 1e-10  # of g
FIRST = 0.1  # of the search along a line
TOLERANCE = 1e-9  # of a place on a line


@dataclass(frozen=True)
class DesignPoint:
    """A point on g(z) = 0, and whether it is the nearest of its neighbourhood."""

    z: Array  # shape (n,)
    value: float  # g(z)
    gradient: Array  # of g, at the last point of the iteration, shape (n,)
    residual: float  # distance to the nearest point of the tangent plane, of |z|
    iterations: int
    converged: bool

    @property
    def distance(self) -> float:
        """Return |z|."""
        return float(np.linalg.norm(self.z))


def nearest_on_plane(normal: Array, level: float, low: Array, high: Array) -> Array:
    r"""Return the shortest z with `normal`.z = `level` in the box, all of shape (n,).

    It is z_i = clip(mu a_i, low_i, high_i), and a.z(mu) rises along straight lines between the
    places where a coordinate meets its bound. Where the box ends before the plane, its end.
    The box holds the origin and is finite.
    """
    moving = normal != 0
    ends = np.concatenate([low[moving] / normal[moving], high[moving] / normal[moving]])
    marks = np.unique(np.append(ends, 0.0))
    levels = np.clip(marks[:, None] * normal, low, high) @ normal
    kept = np.append(True, np.diff(levels) > 0)  # beyond its ends the line is flat
    return np.clip(float(np.interp(level, levels[kept], marks[kept])) * normal, low, high)


def gradient(g: Callable[[Array], float], z: Array, value: float, high: Array) -> Array:
    """Return the gradient of g at z by differences that stay below the upper bounds."""
    found = np.zeros(z.size)
    for i in range(z.size):
        step = STEP if z[i] + STEP <= high[i] else -STEP
        moved = z.copy()
        moved[i] += step
        found[i] = (g(moved) - value) / step
    return found


def design_point(
    g: Callable[[Array], float], low: Array, high: Array, start: Array
) -> DesignPoint | None:
    """Return the nearest zero of g around `start`; None where g does not move there.

    Parameters
    ----------
    g : a function of z, smooth but for rounding
    low, high : the box, shape (n,); it holds the origin
    start : where the iteration begins, shape (n,)

    """
    z, value, residual = start, g(start), math.inf
    slope = np.zeros(z.size)
    seen: list[tuple[Array, Array]] = []  # points and what the iteration makes of them
    for iteration in range(1, MOST + 1):
        slope = gradient(g, z, value, high)
        if not np.any(slope):
            return None
        target = nearest_on_plane(slope, float(slope @ z) - value, low, high)
        size = float(np.linalg.norm(target))
        residual = float(np.linalg.norm(target - z)) / max(size, TOLERANCE)
        if residual <= CLOSE or size <= TOLERANCE:
            z, value = _onto(g, target, low, high)
            return DesignPoint(z, value, slope, residual, iteration, abs(value) <= math.sqrt(ZERO))
        seen = [*seen, (z, target)][-DEPTH - 1 :]
        ends = np.clip(_mixed(seen), low, high), target
        z, value = _stepped(g, z, value, ends, slope)
    z, value = _onto(g, z, low, high)
    return DesignPoint(z, value, slope, residual, MOST, False)


def _mixed(seen: list[tuple[Array, Array]]) -> Array:
    """Return the mix of the last targets whose steps come nearest to cancelling (Anderson)."""
    targets = np.array([target for _, target in seen])
    steps = targets - np.array([z for z, _ in seen])
    shares = np.linalg.lstsq(np.diff(steps, axis=0).T, steps[-1], rcond=1e-8)[0]
    return np.asarray(targets[-1] - shares @ np.diff(targets, axis=0))


def _stepped(
    g: Callable[[Array], float], z: Array, value: float, ends: tuple[Array, Array], slope: Array
) -> tuple[Array, float]:
    """Return the next point, and g there: the mixed end, or a place on the way to the plain one."""
    mixed, plain = ends
    longest = max(float(np.linalg.norm(z)), float(np.linalg.norm(plain)))
    weight = 2 * longest / float(np.linalg.norm(slope))

    def merit(at: Array, height: float) -> float:
        return 0.5 * float(at @ at) + weight * abs(height)

    now = merit(z, value)
    tries = [mixed] if np.array_equal(mixed, plain) else [mixed, plain]
    tries += [z + (plain - z) / 2**k for k in range(1, HALVINGS)]
    for moved in tries:
        height = g(moved)
        if merit(moved, height) < now:
            break
    return moved, height


def _onto(g: Callable[[Array], float], z: Array, low: Array, high: Array) -> tuple[Array, float]:
    """Return z made longer or shorter until g is zero, by secants, and g there."""

    def at(length: float) -> tuple[Array, float]:
        moved = np.clip(length * z, low, high)
        return moved, g(moved)

    t, (best, value) = 1.0, at(1.0)
    before, height = 1 + STEP, value
    if abs(value) > ZERO:
        height = at(before)[1]
    for _ in range(8):
        if abs(value) <= ZERO or height == value:
            break
        t, before = t - value * (t - before) / (value - height), t
        moved, now = at(t)
        height, value = value, now
        best = moved
    return best, value


def crossing(f: Callable[[float], float], at_zero: float, reach: float) -> float | None:
    """Return the t nearest to 0 between 0 and `reach` at which f is past zero; None without one.

    `f` is monotone on the way; `at_zero` is its value at 0, not 0 itself. Where f jumps over zero,
    the place of the jump, on its far side.
    """
    known: dict[float, float] = {0.0: at_zero}

    def value(t: float) -> float:
        if t not in known:
            known[t] = f(t)
        return known[t]

    last, t = 0.0, math.copysign(min(FIRST, abs(reach)), reach)
    while value(t) * at_zero > 0:
        if abs(t) >= abs(reach):
            return None
        gained = (value(last) - value(t)) / (t - last)  # of the way to zero, for each unit of t
        guess = 1.1 * value(t) / gained if gained != 0 else math.inf
        grown = min(max(abs(t) + abs(guess), 1.5 * abs(t)), 8 * abs(t), abs(reach))
        last, t = t, math.copysign(grown, reach)
    root = float(brentq(value, last, t, xtol=TOLERANCE, rtol=1e-12))
    if value(root) * at_zero <= 0 or abs(value(root)) < math.sqrt(ZERO):
        return root
    past = [place for place, height in known.items() if height * at_zero <= 0]
    return min(past, key=abs)
