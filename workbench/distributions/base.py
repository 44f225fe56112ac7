"""What every belief can be asked."""

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import WorkbenchError, require, shown

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = NDArray[np.intp]
MOST = 1e120  # its square times any rate still fits in a float
_NUMBERS = (int, float, np.integer, np.floating)


class Distribution(ABC):
    """A belief about one uncertain number, held as a frozen value.

    Equal parameters mean equal beliefs, so that scenarios compare, hash, store and read back.
    Arguments may be numbers or arrays; the answers have the same shape. Amounts and rates are
    never negative: whoever uses a belief as one checks that `support()` begins at 0 or above.
    A moment that does not exist is `math.inf`.
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
        """P(X > x), E[(X - x)+] and E[((X - x)+)^2].

        The second is the stop-loss premium of actuarial mathematics. The exact engine builds its
        moment-matched cells from these three, so every family gives them in closed form or to
        some 12 digits. The second and third are infinite where the moment does not exist.
        """

    def layer_moments(self, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
        """E[(min(X, b) - a)+] and E[((min(X, b) - a)+)^2], the layer of X from `a` to `b`.

        `b` may be infinite: the layer is then the excess over `a`. Below that both are finite even
        where E[X] is not. With S1, S2 the excess moments they are S1(a) - S1(b) and
        S2(a) - S2(b) - 2 (b - a) S1(b); families whose S1 or S2 may be infinite override this.
        Rounding may not take a narrow layer below (b - a) P(X > b), or above (b - a) P(X > a).
        Source: Klugman, Panjer and Willmot, Loss Models, the limited expected value.
        """
        a = np.asarray(a, dtype=float)
        b = np.maximum(np.asarray(b, dtype=float), a)
        ends = np.isfinite(b)
        end = np.where(ends, b, a)
        tail, first, second = self.excess_moments(a)
        beyond, cut1, cut2 = self.excess_moments(end)
        width = end - a
        first = first - np.where(ends, cut1, 0.0)
        second = second - np.where(ends, cut2 + 2 * width * cut1, 0.0)
        most = [np.where(ends, width**power * tail, np.inf) for power in (1, 2)]
        first = np.minimum(np.maximum(first, width * beyond), most[0])
        return first, np.minimum(np.maximum(second, width**2 * beyond), most[1])

    @abstractmethod
    def mean(self) -> float:
        """E[X]; infinite where it does not exist."""

    @abstractmethod
    def variance(self) -> float:
        """E[(X - E[X])^2]; infinite where it, or the mean, does not exist."""

    @abstractmethod
    def support(self) -> tuple[float, float]:
        """The lowest and the highest possible value; either may be infinite."""

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
            for a belief that has no density (one that sits on single values, for example).

        """
        raise WorkbenchError(
            f"{type(self).__name__} has no density; got pdf({x!r}). Show its values instead."
        )

    def breaks(self) -> Array:
        """Levels q = P(X > x) in (0, 1) at which the quantile function is not smooth."""
        return np.empty(0)

    def rule(self, size: int) -> tuple[Array, Array] | None:
        """Return nodes and weights of about `size` values that average smooth functions.

        None where the family has no rule of its own; `quadrature.nodes` then makes one from the
        quantiles.
        """
        return None

    def atoms(self) -> tuple[Array, Array] | None:
        """Return values and probabilities of a belief that sits on single values, else None."""
        return None

    def jumps(self) -> tuple[Array, Array]:
        """Return all single values of positive probability, rising, and their probabilities."""
        return self.atoms() or (np.empty(0), np.empty(0))

    def scaled_by(self, factor: float) -> "Distribution | None":
        """Return `factor` X in its own family, or None where the family is not closed."""
        return None

    def sd(self) -> float:
        """Standard deviation."""
        return float(np.sqrt(self.variance()))

    def second_moment(self) -> float:
        """E[X^2]."""
        return self.variance() + self.mean() ** 2

    def limited_mean(self, limit: ArrayLike) -> Array:
        """E[min(X, `limit`)], the limited expected value."""
        limit = np.asarray(limit, dtype=float)
        if self.support()[0] == -math.inf:
            return np.asarray(self.mean() - self.excess_moments(limit)[1])
        low = np.minimum(self.support()[0], limit)
        return np.asarray(low + self.layer_moments(low, limit)[0])

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


def as_belief(name: str, value: object) -> Distribution:
    """Return `value`, a belief, or refuse it by `name`."""
    if not isinstance(value, Distribution):
        raise WorkbenchError(
            f"{name} is a belief; got {shown(value)}. Write Point(...) for a number known exactly, "
            "and take the `belief` of what was elicited or fitted."
        )
    return value


def freeze(instance: object, **values: object) -> None:
    """Store checked values on a frozen dataclass while it is being made."""
    for name, value in values.items():
        object.__setattr__(instance, name, value)
