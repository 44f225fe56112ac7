"""Families that data are fitted with: log density, log survival, starting values, the belief.

All work on arrays of positive amounts, shape (n,), and a parameter array p, shape (k,). Parameters
that are positive are searched for by their logarithm, so no search leaves the family. Sources of
the forms: Klugman, Panjer and Willmot, Loss Models, appendix A; for the GPD, Coles, An Introduction
to Statistical Modeling of Extreme Values.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from scipy import special

from workbench.distributions import (
    Array,
    Burr,
    Distribution,
    Gamma,
    GeneralisedPareto,
    LogNormal,
    Lomax,
    Pareto,
    Weibull,
)

Guesses = list[tuple[float, ...]]


class Family(ABC):
    """One family; `low` is the point where Pareto and GPD begin, ignored by the others."""

    name: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]]
    positive: ClassVar[tuple[bool, ...]]  # which parameters are searched for by their logarithm

    @abstractmethod
    def start(self, x: Array, low: float) -> Guesses:
        """Return first guesses of the parameters."""

    @abstractmethod
    def log_density(self, x: Array, p: Array, low: float) -> Array:
        """Log f(x)."""

    @abstractmethod
    def log_survival(self, x: Array, p: Array, low: float) -> Array:
        """Log P(X > x)."""

    @abstractmethod
    def make(self, p: Array, low: float) -> Distribution:
        """Return the belief with these parameters."""


def _excess(x: Array, low: float) -> tuple[float, float, float]:
    """Mean and median excess over `low`, and the squared coefficient of variation (>= 0.05)."""
    excess = x - low
    mean = float(excess.mean()) or 1.0
    return mean, float(np.median(excess)) or 1.0, max(float(excess.var()) / mean**2, 0.05)


def _log_ratio(x: Array, scale: float) -> Array:
    with np.errstate(divide="ignore"):  # log 0 = -inf: nothing lies below 0
        return np.log(x / scale)


class ExponentialFamily(Family):
    """S(x) = exp(-x/scale), a Gamma of shape 1."""

    name = "exponential"
    parameters = ("scale",)
    positive = (True,)

    def start(self, x: Array, low: float) -> Guesses:
        return [(_excess(x, low)[0],)]

    def log_density(self, x: Array, p: Array, low: float) -> Array:
        return np.asarray(-x / p[0] - np.log(p[0]))

    def log_survival(self, x: Array, p: Array, low: float) -> Array:
        return np.asarray(-x / p[0])

    def make(self, p: Array, low: float) -> Distribution:
        return Gamma(1.0, float(p[0]))


class LogNormalFamily(Family):
    """S(x) = Phi((mu - log x)/sigma)."""

    name = "lognormal"
    parameters = ("mu", "sigma")
    positive = (False, True)

    def start(self, x: Array, low: float) -> Guesses:
        logs = np.log(x)
        mu, sigma = float(logs.mean()), max(float(logs.std()), 0.05)
        return [(mu, sigma), (mu - sigma, 1.5 * sigma)]  # the second where much is cut off below

    def log_density(self, x: Array, p: Array, low: float) -> Array:
        logs = np.log(x)
        z = (logs - p[0]) / p[1]
        return np.asarray(-z * z / 2 - logs - np.log(p[1] * np.sqrt(2 * np.pi)))

    def log_survival(self, x: Array, p: Array, low: float) -> Array:
        return np.asarray(special.log_ndtr((p[0] - _log_ratio(x, 1.0)) / p[1]))

    def make(self, p: Array, low: float) -> Distribution:
        return LogNormal(float(p[0]), float(p[1]))


class GammaFamily(Family):
    """Density proportional to x^(shape - 1) exp(-x/scale)."""

    name = "gamma"
    parameters = ("shape", "scale")
    positive = (True, True)

    def start(self, x: Array, low: float) -> Guesses:
        mean, _, spread = _excess(x, 0.0)
        excess, _, over = _excess(x, low)
        return [(1 / spread, mean * spread), (1 / over, excess * over), (1.0, excess)]

    def log_density(self, x: Array, p: Array, low: float) -> Array:
        y = x / p[1]
        return np.asarray(special.xlogy(p[0] - 1, y) - y - special.gammaln(p[0]) - np.log(p[1]))

    def log_survival(self, x: Array, p: Array, low: float) -> Array:
        y = x / p[1]
        tail = special.gammaincc(p[0], y)
        # Far out Gamma(a, y) = y^(a-1) e^-y (1 + (a-1)/y + ...): the tail itself is below a float.
        safe = np.maximum(y, 1e-300)
        far = special.xlogy(p[0] - 1, safe) - safe - special.gammaln(p[0])
        far = far + np.log1p(np.maximum((p[0] - 1) / safe, -0.5))
        return np.asarray(np.where(tail > 1e-290, np.log(np.maximum(tail, 1e-300)), far))

    def make(self, p: Array, low: float) -> Distribution:
        return Gamma(float(p[0]), float(p[1]))


class WeibullFamily(Family):
    """S(x) = exp(-(x/scale)^shape)."""

    name = "weibull"
    parameters = ("shape", "scale")
    positive = (True, True)

    def start(self, x: Array, low: float) -> Guesses:
        # log X has mean log(scale) - gamma/shape and variance pi^2/(6 shape^2)
        logs = np.log(x)
        shape = np.pi / (np.sqrt(6) * max(float(logs.std()), 0.05))
        scale = float(np.exp(logs.mean() + np.euler_gamma / shape))
        return [(shape, scale), (0.5 * shape, 0.2 * scale)]

    def log_density(self, x: Array, p: Array, low: float) -> Array:
        ratio = np.log(x / p[1])
        return np.asarray(np.log(p[0] / p[1]) + (p[0] - 1) * ratio - np.exp(p[0] * ratio))

    def log_survival(self, x: Array, p: Array, low: float) -> Array:
        return np.asarray(-((x / p[1]) ** p[0]))

    def make(self, p: Array, low: float) -> Distribution:
        return Weibull(float(p[0]), float(p[1]))


class ParetoFamily(Family):
    """S(x) = (low/x)^alpha from `low` on: type I."""

    name = "pareto"
    parameters = ("alpha",)
    positive = (True,)

    def start(self, x: Array, low: float) -> Guesses:
        return [(1 / max(float(np.log(x / low).mean()), 1e-3),)]

    def log_density(self, x: Array, p: Array, low: float) -> Array:
        return np.asarray(np.log(p[0] / x) - p[0] * np.log(x / low))

    def log_survival(self, x: Array, p: Array, low: float) -> Array:
        return np.asarray(-p[0] * np.log(np.maximum(x / low, 1.0)))

    def make(self, p: Array, low: float) -> Distribution:
        return Pareto(float(p[0]), low)


class LomaxFamily(Family):
    """S(x) = (1 + x/scale)^-alpha: Pareto type II."""

    name = "lomax"
    parameters = ("alpha", "scale")
    positive = (True, True)

    def start(self, x: Array, low: float) -> Guesses:
        median = _excess(x, low)[1]
        return [(2.0, 2.4 * median), (1.0, median), (6.0, 8 * median)]  # each with this median

    def log_density(self, x: Array, p: Array, low: float) -> Array:
        return np.asarray(np.log(p[0] / p[1]) - (p[0] + 1) * np.log1p(x / p[1]))

    def log_survival(self, x: Array, p: Array, low: float) -> Array:
        return np.asarray(-p[0] * np.log1p(x / p[1]))

    def make(self, p: Array, low: float) -> Distribution:
        return Lomax(float(p[0]), float(p[1]))


class GeneralisedParetoFamily(Family):
    """S(x) = (1 + shape (x - low)/scale)^(-1/shape); exponential at shape 0, bounded below it."""

    name = "gpd"
    parameters = ("shape", "scale")
    positive = (False, True)

    def start(self, x: Array, low: float) -> Guesses:
        mean, median, spread = _excess(x, low)
        xi = min(0.5 * (1 - 1 / spread), 0.45)  # by moments
        return [(xi, mean * (1 - xi)), (0.5, 1.2 * median), (1.0, median)]

    def log_density(self, x: Array, p: Array, low: float) -> Array:
        return np.asarray((1 + p[0]) * self.log_survival(x, p, low) - np.log(p[1]))

    def log_survival(self, x: Array, p: Array, low: float) -> Array:
        y = np.maximum(x - low, 0) / p[1]
        if abs(p[0]) < 1e-8:
            return np.asarray(-y)
        inside = 1 + p[0] * y > 0  # past the end of a bounded one there is nothing
        return np.where(inside, -np.log1p(np.where(inside, p[0] * y, 0.0)) / p[0], -np.inf)

    def make(self, p: Array, low: float) -> Distribution:
        return GeneralisedPareto(float(p[0]), float(p[1]), low)


class BurrFamily(Family):
    """S(x) = (1 + (x/scale)^shape)^-alpha: type XII."""

    name = "burr"
    parameters = ("alpha", "shape", "scale")
    positive = (True, True, True)

    def start(self, x: Array, low: float) -> Guesses:
        shape, scale = WeibullFamily().start(x, low)[0]
        median = float(np.median(x))
        return [(1.0, 1.4 * shape, median), (3.0, shape, 2 * scale), (0.5, 2.5, median / 2)]

    def log_density(self, x: Array, p: Array, low: float) -> Array:
        ratio = p[1] * np.log(x / p[2])
        rest = -np.log(x) - (p[0] + 1) * np.logaddexp(0, ratio)
        return np.asarray(np.log(p[0] * p[1]) + ratio + rest)

    def log_survival(self, x: Array, p: Array, low: float) -> Array:
        return np.asarray(-p[0] * np.logaddexp(0, p[1] * _log_ratio(x, p[2])))

    def make(self, p: Array, low: float) -> Distribution:
        return Burr(float(p[0]), float(p[1]), float(p[2]))


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        ExponentialFamily(),
        LogNormalFamily(),
        GammaFamily(),
        WeibullFamily(),
        ParetoFamily(),
        LomaxFamily(),
        GeneralisedParetoFamily(),
        BurrFamily(),
    )
}
