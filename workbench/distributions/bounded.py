"""Beliefs between two bounds: Uniform, Beta and PERT."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from workbench.distributions.base import Array, Distribution, as_number, freeze
from workbench.distributions.gauss import jacobi, legendre
from workbench.errors import require


@dataclass(frozen=True, slots=True)
class Uniform(Distribution):
    """Every value between `low` and `high` is equally likely."""

    low: float
    high: float

    def __post_init__(self) -> None:
        """Check 0 <= low < high."""
        freeze(self, low=as_number("low", self.low), high=as_number("high", self.high))
        require(
            0 <= self.low < self.high,
            "a uniform needs 0 <= low < high",
            got=(self.low, self.high),
            fix="Give the smaller value first; use Point for a number known exactly.",
        )

    def ppf(self, u: ArrayLike) -> Array:
        return self.low + (self.high - self.low) * np.asarray(u, dtype=float)

    def isf(self, q: ArrayLike) -> Array:
        return self.high - (self.high - self.low) * np.asarray(q, dtype=float)

    def sf(self, x: ArrayLike) -> Array:
        return np.clip((self.high - np.asarray(x, dtype=float)) / (self.high - self.low), 0, 1)

    def pdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=float)
        return np.where((x >= self.low) & (x <= self.high), 1 / (self.high - self.low), 0.0)

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        x = np.asarray(x, dtype=float)
        width = self.high - self.low
        inside = np.clip(self.high - x, 0, width)  # the part of the range above x
        below = np.maximum(self.low - x, 0)  # how far x lies under the range
        first = inside**2 / (2 * width) + below
        second = inside**3 / (3 * width) + below * width + below**2
        return inside / width, first, second

    def rule(self, size: int) -> tuple[Array, Array]:
        """Gauss-Legendre."""
        t, w = legendre(size)
        return self.low + (self.high - self.low) * (1 + t) / 2, w / 2

    def scaled_by(self, factor: float) -> "Uniform":
        return Uniform(self.low * factor, self.high * factor)

    def mean(self) -> float:
        return (self.low + self.high) / 2

    def variance(self) -> float:
        return (self.high - self.low) ** 2 / 12

    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def to_dict(self) -> dict[str, Any]:
        return {"type": "uniform", "low": self.low, "high": self.high}


class _ScaledBeta(Distribution):
    """X = low + width B with B ~ Beta(a, b): what Beta and PERT share."""

    __slots__ = ()

    @abstractmethod
    def _shape(self) -> tuple[float, float]:
        """Return (a, b) of B."""

    @abstractmethod
    def _location(self) -> tuple[float, float]:
        """Return (low, width)."""

    def rule(self, size: int) -> tuple[Array, Array]:
        """Gauss-Jacobi."""
        a, b, low, width = self.beta_parameters()
        t, w = jacobi(size, b - 1, a - 1)
        return low + width * (1 + t) / 2, w

    def beta_parameters(self) -> tuple[float, float, float, float]:
        """(a, b, low, width) of X = low + width * Beta(a, b)."""
        return *self._shape(), *self._location()

    def ppf(self, u: ArrayLike) -> Array:
        a, b, low, width = self.beta_parameters()
        return np.asarray(low + width * special.betaincinv(a, b, np.asarray(u, dtype=float)))

    def isf(self, q: ArrayLike) -> Array:
        a, b, low, width = self.beta_parameters()
        # B has the upper tail that 1 - B has at its lower end.
        return np.asarray(low + width * (1 - special.betaincinv(b, a, np.asarray(q, dtype=float))))

    def _unit(self, x: ArrayLike) -> Array:
        _, _, low, width = self.beta_parameters()
        return (np.asarray(x, dtype=float) - low) / width

    def sf(self, x: ArrayLike) -> Array:
        a, b, _, _ = self.beta_parameters()
        return np.asarray(special.betaincc(a, b, np.clip(self._unit(x), 0, 1)))

    def cdf(self, x: ArrayLike) -> Array:
        a, b, _, _ = self.beta_parameters()
        return np.asarray(special.betainc(a, b, np.clip(self._unit(x), 0, 1)))

    def pdf(self, x: ArrayLike) -> Array:
        a, b, _, width = self.beta_parameters()
        y = self._unit(x)
        inside = (y >= 0) & (y <= 1)
        y = np.where(inside, y, 0.5)
        with np.errstate(divide="ignore"):
            log = special.xlogy(a - 1, y) + special.xlog1py(b - 1, -y) - special.betaln(a, b)
        return np.where(inside, np.exp(log) / width, 0.0)

    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        # E[B^k; B > y] = E[B^k] P(B_k > y) with B_k ~ Beta(a + k, b), and
        # P(B_1 > y) = P(B > y) + y^a (1 - y)^b / (a B(a, b)); the same again for B_2.
        a, b, _, width = self.beta_parameters()
        unit = self._unit(x)
        y = np.clip(unit, 0, 1)
        below = np.maximum(-unit, 0)
        first_moment = a / (a + b)
        second_moment = first_moment * (a + 1) / (a + b + 1)
        tail = upper_tail(a, b, y)
        power = np.exp(special.xlogy(a, y) + special.xlog1py(b, -y) - special.betaln(a, b))
        tail1 = tail + power / a
        tail2 = tail1 + power * y * (a + b) / (a * (a + 1))
        first = np.maximum(first_moment * tail1 - y * tail, 0)
        second = second_moment * tail2 - 2 * y * first_moment * tail1 + y * y * tail
        second = np.maximum(second, 0) + 2 * below * first + below**2
        return tail, width * (first + below), width**2 * second

    def mean(self) -> float:
        a, b, low, width = self.beta_parameters()
        return low + width * a / (a + b)

    def variance(self) -> float:
        a, b, _, width = self.beta_parameters()
        return width**2 * a * b / ((a + b) ** 2 * (a + b + 1))

    def support(self) -> tuple[float, float]:
        low, width = self._location()
        return low, low + width


MANY = 400  # values from which a table is faster than the special function


def upper_tail(a: float, b: float, y: Array) -> Array:
    """P(B > y) for B ~ Beta(a, b), y in [0, 1]; from a table, to about 1e-10, for many values.

    The engines ask for thousands of values of one belief, and the incomplete beta function is slow.
    """
    if y.size < MANY or min(a, b) < 1:  # below 1 the slope is infinite at an end
        return np.asarray(special.betaincc(a, b, y))
    height, slope = _tail_table(a, b)
    # cubic Hermite interpolation in the angle t of y = sin^2(t / 2), which opens up both ends
    at = 2 * np.arcsin(np.sqrt(y)) * ((height.size - 1) / np.pi)
    cell = np.minimum(at.astype(np.intp), height.size - 2)
    u = at - cell
    s0, s1 = slope[cell], slope[cell + 1]
    h0 = height[cell]
    rise = height[cell + 1] - h0
    return np.asarray(h0 + u * (s0 + u * (3 * rise - 2 * s0 - s1 + u * (s0 + s1 - 2 * rise))))


@lru_cache(maxsize=128)
def _tail_table(a: float, b: float) -> tuple[Array, Array]:
    """Heights and slopes per cell of P(B > sin^2(t / 2)) at equal steps of t over [0, pi]."""
    size = int(4096 * np.sqrt(np.clip((a + b) / 40, 1, 256)))
    t = np.linspace(0, np.pi, size + 1)
    y = np.sin(t / 2) ** 2
    # dP/dt = -density * dy/dt with dy/dt = sqrt(y (1 - y))
    log = special.xlogy(a - 0.5, y) + special.xlog1py(b - 0.5, -y) - special.betaln(a, b)
    return special.betaincc(a, b, y), -np.exp(log) * (np.pi / size)


@dataclass(frozen=True, slots=True)
class Beta(_ScaledBeta):
    """A share between 0 and 1: density proportional to x^(alpha-1) (1-x)^(beta-1)."""

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        """Check that both shapes are positive."""
        freeze(self, alpha=as_number("alpha", self.alpha), beta=as_number("beta", self.beta))
        require(
            self.alpha > 0 and self.beta > 0,
            "a beta needs alpha > 0 and beta > 0",
            got=(self.alpha, self.beta),
            fix="alpha / (alpha + beta) is the average share.",
        )

    def _shape(self) -> tuple[float, float]:
        return self.alpha, self.beta

    def _location(self) -> tuple[float, float]:
        return 0.0, 1.0

    def to_dict(self) -> dict[str, Any]:
        return {"type": "beta", "alpha": self.alpha, "beta": self.beta}


@dataclass(frozen=True, slots=True)
class Pert(_ScaledBeta):
    r"""The modified PERT on [low, high] with its peak at `mode`.

    .. math:: \alpha = 1 + \lambda\,\frac{mode - low}{high - low}, \qquad
              \beta = 1 + \lambda\,\frac{high - mode}{high - low}

    so that the mean is :math:`(low + \lambda\,mode + high)/(\lambda + 2)`. `shape` is
    :math:`\lambda`, the weight of the mode, 4 unless told. Source: D. Vose, Risk Analysis. It is
    not the variant that forces the standard deviation to (high - low)/(lambda + 2).
    """

    low: float
    mode: float
    high: float
    shape: float = 4.0

    def __post_init__(self) -> None:
        """Check 0 <= low <= mode <= high, low < high, shape > 0."""
        names = ("low", "mode", "high", "shape")
        freeze(self, **{name: as_number(name, getattr(self, name)) for name in names})
        require(
            0 <= self.low <= self.mode <= self.high and self.low < self.high,
            "a PERT needs 0 <= low <= mode <= high and low < high",
            got=(self.low, self.mode, self.high),
            fix="Check the order of the three; use Point for a number known exactly.",
        )
        require(
            self.shape > 0,
            "the shape of a PERT is above 0",
            got=self.shape,
            fix="Leave it out for the usual 4.",
        )

    def _shape(self) -> tuple[float, float]:
        peak = (self.mode - self.low) / (self.high - self.low)
        return 1 + self.shape * peak, 1 + self.shape * (1 - peak)

    def _location(self) -> tuple[float, float]:
        return self.low, self.high - self.low

    def scaled_by(self, factor: float) -> "Pert":
        return Pert(self.low * factor, self.mode * factor, self.high * factor, self.shape)

    def to_dict(self) -> dict[str, Any]:
        names = ("low", "mode", "high", "shape")
        return {"type": "pert"} | {name: getattr(self, name) for name in names}
