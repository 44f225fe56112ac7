"""What every belief can be asked."""

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import WorkbenchError, require

Array = NDArray[np.float64]
MOST = 1e120  # its square times any rate still fits in a float
_NUMBERS = (int, float, np.integer, np.floating)


class Distribution(ABC):
    """A belief about one uncertain number that is never negative, held as a frozen value.

    Equal parameters mean equal beliefs, so that scenarios compare, hash, store and read back.
    Arguments may be numbers or arrays; the answers have the same shape.
    """

    __slots__ = ()

    @abstractmethod
    def ppf(self, u: ArrayLike) -> Array:
        """Quantile: the smallest x with P(X <= x) >= `u`, for `u` in [0, 1]."""

    @abstractmethod
    def sf(self, x: ArrayLike) -> Array:
        """P(X > `x`), accurate in the upper tail."""

    @abstractmethod
    def excess_moments(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        """P(X > x), E[(X - x)+] and E[((X - x)+)^2] for `x` >= 0.

        The second is the stop-loss premium of actuarial mathematics. The exact engine builds its
        moment-matched cells from these three, so every family gives them in closed form.
        """

    @abstractmethod
    def mean(self) -> float:
        """E[X]."""

    @abstractmethod
    def variance(self) -> float:
        """E[(X - E[X])^2]."""

    @abstractmethod
    def support(self) -> tuple[float, float]:
        """The lowest and the highest possible value; the highest may be infinite."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Plain data that `from_dict` reads back equal."""

    def isf(self, q: ArrayLike) -> Array:
        """The x with P(X > x) = `q`; families override it where 1 - q loses digits."""
        return self.ppf(1.0 - np.asarray(q, dtype=float))

    def cdf(self, x: ArrayLike) -> Array:
        """P(X <= `x`)."""
        return 1.0 - self.sf(x)

    def pdf(self, x: ArrayLike) -> Array:
        """Density at `x`.

        Raises
        ------
        WorkbenchError
            for a belief that has no density (Point, Empirical).

        """
        raise WorkbenchError(
            f"{type(self).__name__} has no density; got pdf({x!r}). Show its values instead."
        )

    def sd(self) -> float:
        """Standard deviation."""
        return float(np.sqrt(self.variance()))

    def second_moment(self) -> float:
        """E[X^2]."""
        return self.variance() + self.mean() ** 2

    def limited_mean(self, limit: ArrayLike) -> Array:
        """E[min(X, `limit`)], the limited expected value."""
        return self.mean() - self.excess_moments(limit)[1]

    def draw(self, size: int, *, rng: np.random.Generator) -> Array:
        """Independent values by inversion, shape (`size`,)."""
        require(size >= 0, "a sample has a size of 0 or more", got=size, fix="Ask for fewer.")
        return self.ppf(rng.random(size))


def as_number(name: str, value: object) -> float:
    """Return `value` as a finite float, or refuse it by `name`."""
    good = isinstance(value, _NUMBERS) and not isinstance(value, bool)
    require(good, f"{name} is a number", got=value, fix="Write it as a plain number.")
    try:
        number = float(value)  # type: ignore[arg-type]  # the line above has refused what float() cannot read
    except OverflowError:  # a whole number of more than 308 digits
        number = math.inf
    require(math.isfinite(number), f"{name} is finite", got=value, fix="Give a real amount.")
    require(abs(number) <= MOST, f"{name} is at most {MOST:g}", got=value, fix="Check its zeros.")
    return number


def freeze(instance: object, **values: object) -> None:
    """Store checked values on a frozen dataclass while it is being made."""
    for name, value in values.items():
        object.__setattr__(instance, name, value)
