"""Beliefs and events of a recipe: E[(X - x)+], E[X^2], single values, masses on a lattice."""

import math
from functools import lru_cache

import numpy as np
from scipy import special
from scipy.interpolate import CubicSpline

FEW = 2_000  # values at which a closed form is evaluated


def excess(belief, x):
    """E[(X - x)+] at each x >= 0."""
    return EXCESS[belief["type"]](belief, x)


def _lognormal(b, x):
    with np.errstate(divide="ignore"):
        z = (np.log(x) - b["mu"]) / b["sigma"]
    mean = math.exp(b["mu"] + b["sigma"] ** 2 / 2)
    return mean * special.ndtr(b["sigma"] - z) - np.where(x > 0, x * special.ndtr(-z), 0.0)


def _pareto(b, x):
    low, alpha = b["low"], b["alpha"]
    beyond = low * (np.maximum(x, low) / low) ** (1 - alpha) / (alpha - 1)
    return np.maximum(low - x, 0) + beyond


def _gamma(b, x):
    k, t = b["shape"], x / b["scale"]
    return b["scale"] * (k * special.gammaincc(k + 1, t) - t * special.gammaincc(k, t))


def shapes(b):
    """Return the two shapes of a PERT's beta."""
    width = b["high"] - b["low"]
    return 1 + 4 * (b["mode"] - b["low"]) / width, 1 + 4 * (b["high"] - b["mode"]) / width


def _beta(a, b, u):
    """E[(B - u)+] of a beta."""
    return a / (a + b) * special.betaincc(a + 1, b, u) - u * special.betaincc(a, b, u)


@lru_cache(maxsize=64)
def _beta_spline(a, b):
    """The same as a spline, good to 1e-10: the closed form is slow."""
    u = (1 - np.cos(np.linspace(0, np.pi, 40_001))) / 2
    return CubicSpline(u, _beta(a, b, u))


def _pert(b, x):
    width = b["high"] - b["low"]
    u = np.asarray((x - b["low"]) / width)
    inside, (one, two) = np.clip(u, 0, 1), shapes(b)
    many = u.size > FEW
    return width * (
        np.maximum(-u, 0) + (_beta_spline(one, two)(inside) if many else _beta(one, two, inside))
    )


def _uniform(b, x):
    width = b["high"] - b["low"]
    inside = np.clip(b["high"] - x, 0, width) ** 2 / (2 * width)
    return inside + np.maximum(b["low"] - x, 0)


EXCESS = {
    "lognormal": _lognormal,
    "pareto": _pareto,
    "gamma": _gamma,
    "pert": _pert,
    "uniform": _uniform,
    "point": lambda b, x: np.maximum(b["value"] - x, 0),
    "mixture": lambda b, x: sum(
        w * excess(part, x) for w, part in zip(b["weights"], b["parts"], strict=True)
    ),
}


def square(belief):
    """E[X^2], infinite where it does not exist."""
    b, kind = belief, belief["type"]
    if kind == "mixture":
        return sum(w * square(part) for w, part in zip(b["weights"], b["parts"], strict=True))
    if kind == "pareto":
        return b["alpha"] * b["low"] ** 2 / (b["alpha"] - 2) if b["alpha"] > 2 else math.inf
    if kind == "pert":
        a, c = shapes(b)
        mean, width = a / (a + c), b["high"] - b["low"]
        spread = a * c / ((a + c) ** 2 * (a + c + 1))
        return (b["low"] + width * mean) ** 2 + width**2 * spread
    return {
        "lognormal": lambda: math.exp(2 * b["mu"] + 2 * b["sigma"] ** 2),
        "gamma": lambda: b["shape"] * (b["shape"] + 1) * b["scale"] ** 2,
        "uniform": lambda: (b["low"] ** 2 + b["low"] * b["high"] + b["high"] ** 2) / 3,
        "point": lambda: b["value"] ** 2,
    }[kind]()


def points(belief):
    """Single values of a belief with their chances."""
    if belief["type"] == "point":
        return {belief["value"]: 1.0}
    if belief["type"] != "mixture":
        return {}
    found = {}
    for weight, part in zip(belief["weights"], belief["parts"], strict=True):
        for value, chance in points(part).items():
            found[value] = found.get(value, 0.0) + weight * chance
    return found


class Event:
    """What one event costs: a belief, perhaps under terms."""

    def __init__(self, belief, terms=None):
        self.belief, self.terms = belief, terms

    def above(self, x):
        """E[(X - x)+]."""
        if self.terms is None:
            return excess(self.belief, x)
        deductible, limit, share = self.terms
        end = excess(self.belief, np.array(deductible + limit))
        within = deductible + np.minimum(x / share, limit)
        return share * (excess(self.belief, within) - end)

    def square(self):
        """E[X^2]."""
        if self.terms is None:
            return square(self.belief)
        edges = np.unique(np.append(np.linspace(0, 1, 401), [1e-5, 1e-4, 1e-3]))
        t, w = special.roots_legendre(30)  # twice the integral of the premium
        place = edges[:-1, None] + np.diff(edges)[:, None] * (1 + t) / 2
        end = self.terms[1] * self.terms[2]
        y = self.above(end * place)
        return float(end * np.sum(y * np.diff(edges)[:, None] * w))

    def points(self):
        """Single values with their chances, 0 for an event that costs nothing."""
        if self.terms is None:
            return points(self.belief)
        deductible, limit, share = self.terms
        return {
            0.0: 1 - chance_above(self.belief, deductible),
            share * limit: chance_above(self.belief, deductible + limit),
        }

    def masses(self, h, size):
        """Masses on the lattice that keep the mean, and those of the single values alone."""
        x = h * np.arange(size + 1)
        slope = np.append(1.0, -np.diff(self.above(x)) / h)
        single = np.zeros(size)
        for value, chance in self.points().items():
            if round(value / h) < size:
                single[round(value / h)] += chance
        return slope[:-1] - slope[1:], single


def chance_above(belief, x):
    """P(X > x) of a belief without single values."""
    b, kind = belief, belief["type"]
    if kind == "lognormal":
        return float(special.ndtr((b["mu"] - math.log(x)) / b["sigma"])) if x > 0 else 1.0
    if kind == "gamma":
        return float(special.gammaincc(b["shape"], x / b["scale"]))
    u = np.clip((x - b["low"]) / (b["high"] - b["low"]), 0, 1)
    return float(special.betaincc(*shapes(b), u))
