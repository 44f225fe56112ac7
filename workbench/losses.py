"""What a simulated or computed year costs, and the measures of risk that are read from it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array
from workbench.errors import WorkbenchError, require

# The named figures of every result: quantiles and tails by their level.
QUANTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}
TAILS = {"tvar95": 0.95, "tvar99": 0.99}
FIGURES = ("mean", "sd", *QUANTILES, *TAILS, "prob_no_loss")


class LossDistribution(ABC):
    """The loss of one year, in `currency`; each measure comes with its error.

    Synonyms of `mean`: average annual loss (actuarial), annualised loss expectancy (ALE, the
    classical word, a special case of FAIR).
    """

    currency: str
    ids: frozenset[str]  # the scenarios that are in it
    exact: bool

    @abstractmethod
    def mean(self) -> float:
        """E[L], currency / year."""

    @abstractmethod
    def variance(self) -> float:
        """E[(L - E[L])^2]."""

    @abstractmethod
    def prob_no_loss(self) -> float:
        """P(L = 0)."""

    @abstractmethod
    def exceedance(self, loss: ArrayLike) -> Array:
        """P(L > `loss`): the height of the loss exceedance curve."""

    @abstractmethod
    def var(self, level: float) -> float:
        """Value at risk: the smallest x with P(L <= x) >= `level`."""

    @abstractmethod
    def excess(self, loss: float) -> float:
        """E[(L - `loss`)+], the stop-loss premium."""

    @abstractmethod
    def var_error(self, level: float) -> float:
        """Standard error (simulated) or error bound (exact) of `var`."""

    @abstractmethod
    def tvar_error(self, level: float) -> float:
        """Standard error or error bound of `tvar`."""

    @abstractmethod
    def exceedance_error(self, loss: float) -> float:
        """Standard error or error bound of `exceedance`."""

    @abstractmethod
    def moment_errors(self) -> tuple[float, float]:
        """Standard errors or error bounds of `mean` and `sd`."""

    @abstractmethod
    def layer(self, attachment: float, limit: float = float("inf")) -> "LossDistribution":
        """The part of the year's total above `attachment`, at most `limit` ("limit xs attachment")."""

    def sd(self) -> float:
        """Standard deviation of a year."""
        return float(np.sqrt(self.variance()))

    def tvar(self, level: float) -> float:
        r"""Tail value at risk: the average of `var` above `level`.

        .. math:: TVaR_p = VaR_p + \frac{E[(L - VaR_p)_+]}{1 - p}

        Right with an atom at zero or at the quantile (Acerbi and Tasche 2002, expected shortfall).
        """
        value = self.var(level)
        return value + self.excess(value) / (1 - level)

    def limited_mean(self, loss: float) -> float:
        """E[min(L, `loss`)]."""
        return self.mean() - self.excess(loss)

    def return_period(self, years: float) -> float:
        """The loss that is passed in one year out of `years` on average."""
        require(years > 1, "a return period is longer than 1 year", got=years, fix="Say 20.")
        return self.var(1 - 1 / years)

    def figure(self, name: str) -> float:
        """One of `FIGURES` by its name."""
        if name in QUANTILES:
            return self.var(QUANTILES[name])
        if name in TAILS:
            return self.tvar(TAILS[name])
        require(name in FIGURES, "a figure has a known name", got=name, fix=f"One of {FIGURES}.")
        return float(getattr(self, name)())

    def error(self, name: str) -> float:
        """Return the standard error (simulated) or error bound (exact) of `figure(name)`."""
        if name in QUANTILES:
            return self.var_error(QUANTILES[name])
        if name in TAILS:
            return self.tvar_error(TAILS[name])
        if name == "prob_no_loss":
            return self.exceedance_error(0.0)
        require(name in FIGURES, "a figure has a known name", got=name, fix=f"One of {FIGURES}.")
        return self.moment_errors()[("mean", "sd").index(name)]

    def __add__(self, other: object) -> "LossDistribution":
        """Add, where that has a meaning; see `SampledLosses.__add__`."""
        raise WorkbenchError(
            "losses add year by year, so both must be samples of one run; got "
            f"{_named(self)} + {_named(other)}. Put the scenarios in one study and simulate it, or "
            "use independent_sum."
        )


def _named(value: object) -> str:
    if isinstance(value, LossDistribution):
        kind = "exact" if value.exact else "simulated"
        return f"{kind} losses of {', '.join(sorted(value.ids)) or 'no scenario'}"
    return repr(value)


def _check_level(level: float) -> None:
    require(0 <= level < 1, "a level lies in [0, 1)", got=level, fix="Write 0.95 for 1 year in 20.")


class SampledLosses(LossDistribution):
    """Losses of simulated years.

    Parameters
    ----------
    annual : shape (years,), currency / year
    currency : ISO 4217 code
    ids : the scenarios that the years hold
    run : what makes two samples years of one run (seed, years); None for a sample from elsewhere

    """

    exact = False

    def __init__(
        self,
        annual: ArrayLike,
        currency: str = "USD",
        *,
        ids: Iterable[str] = (),
        run: tuple[object, ...] | None = None,
    ) -> None:
        self.annual = np.array(annual, dtype=float)
        require(
            self.annual.ndim == 1 and self.annual.size > 0,
            "annual losses are one number for each year",
            got=self.annual.shape,
            fix="Add the scenarios of each year first.",
        )
        require(
            bool(np.isfinite(self.annual).all() and (self.annual >= 0).all()),
            "annual losses are finite and 0 or more",
            got=float(np.min(self.annual)),
            fix="Leave gains out; a year without a loss is 0.",
        )
        self.annual.flags.writeable = False
        self._sorted = np.sort(self.annual)
        self.currency, self.ids, self.run = currency, frozenset(ids), run

    @property
    def years(self) -> int:
        """How many years were simulated."""
        return self.annual.size

    def mean(self) -> float:
        return float(self.annual.mean())

    def variance(self) -> float:
        return float(self.annual.var(ddof=1)) if self.years > 1 else 0.0

    def prob_no_loss(self) -> float:
        return float((self.annual == 0).mean())

    def exceedance(self, loss: ArrayLike) -> Array:
        return 1 - np.searchsorted(self._sorted, loss, side="right") / self.years

    def _order(self, rank: float) -> float:
        """Return the rank-th smallest year, rank from 1, held within the sample."""
        return float(self._sorted[int(np.clip(np.ceil(rank - 1e-9), 1, self.years)) - 1])

    def var(self, level: float) -> float:
        _check_level(level)
        return self._order(level * self.years)

    def excess(self, loss: float) -> float:
        return float(np.maximum(self.annual - loss, 0).mean())

    def var_error(self, level: float) -> float:
        # Half the distance between the order statistics one binomial standard deviation away.
        _check_level(level)
        reach = np.sqrt(self.years * level * (1 - level))
        at = level * self.years
        return (self._order(at + reach) - self._order(at - reach)) / 2

    def tvar_error(self, level: float) -> float:
        # Var of the estimator: (Var[L | tail] + p (TVaR - VaR)^2) / (n (1 - p)) (Manistre, Hancock)
        value, tail = self.var(level), 1 - level
        over = np.maximum(self.annual - value, 0)
        mean_over = over.mean() / tail
        spread = max(float((over**2).mean()) / tail - mean_over**2, 0.0)
        return float(np.sqrt((spread + level * mean_over**2) / (self.years * tail)))

    def exceedance_error(self, loss: float) -> float:
        p = float(self.exceedance(loss))
        return float(np.sqrt(p * (1 - p) / self.years))

    def moment_errors(self) -> tuple[float, float]:
        centred = self.annual - self.annual.mean()
        variance = float((centred**2).mean())
        fourth = float((centred**4).mean())
        sd_error = np.sqrt(max(fourth - variance**2, 0) / self.years) / (
            2 * np.sqrt(variance) if variance > 0 else 1
        )
        return float(np.sqrt(variance / self.years)), float(sd_error)

    def layer(self, attachment: float, limit: float = float("inf")) -> "SampledLosses":
        kept = np.minimum(np.maximum(self.annual - attachment, 0), limit)
        return SampledLosses(kept, self.currency, ids=self.ids)

    def __add__(self, other: object) -> "SampledLosses":
        """Add two scenarios of one run year by year.

        Raises
        ------
        WorkbenchError
            unless both are samples of the same run, in one currency, without a shared scenario.

        """
        if not (isinstance(other, SampledLosses) and self.run is not None and self.run == other.run):
            raise WorkbenchError(str(_refusal(self, other)))
        require(
            self.currency == other.currency,
            "losses add in one currency",
            got=(self.currency, other.currency),
            fix="Convert one of them first.",
        )
        require(
            not self.ids & other.ids and bool(self.ids and other.ids),
            "a scenario is counted once",
            got=f"{_named(self)} + {_named(other)}",
            fix="Leave the shared scenario out of one of them.",
        )
        total = self.annual + other.annual
        return SampledLosses(total, self.currency, ids=self.ids | other.ids, run=self.run)


def _refusal(left: LossDistribution, right: object) -> WorkbenchError:
    try:
        LossDistribution.__add__(left, right)
    except WorkbenchError as error:
        return error
    raise AssertionError  # the base class always refuses


class TabulatedLosses(LossDistribution):
    r"""A computed distribution, held as a table of its loss exceedance curve.

    Parameters
    ----------
    x : losses, rising from 0, shape (n,)
    sf : P(L > x), falling
    excess : E[(L - x)+], falling
    mean, variance : from closed forms
    step : True where L takes no value between the `x` (a discrete loss)
    coarse : the same computed on a grid of half the size; the distance to it bounds the error

    Between two nodes of a continuous loss the curve is the quadratic that meets both heights and
    encloses the right area, excess[i] - excess[i+1].

    """

    exact = True

    def __init__(
        self,
        x: Array,
        sf: Array,
        excess: Array,
        *,
        mean: float,
        variance: float,
        step: bool = False,
        currency: str = "USD",
        ids: Iterable[str] = (),
        coarse: Self | None = None,
    ) -> None:
        self._x, self._sf, self._excess = (np.array(a, dtype=float) for a in (x, sf, excess))
        for array in (self._x, self._sf, self._excess):
            array.flags.writeable = False
        self._mean, self._variance, self.step = mean, variance, step
        self.currency, self.ids, self.coarse = currency, frozenset(ids), coarse
        self._curve()

    def _curve(self) -> None:
        """Coefficients of S(u) = s0 + b u + c u^2 in each cell, u from 0 to 1."""
        width = np.diff(self._x)
        s0, s1 = self._sf[:-1], self._sf[1:]
        area = np.divide(-np.diff(self._excess), width, out=(s0 + s1) / 2, where=width > 0)
        c = 3 * (s0 + s1) - 6 * area
        b = s1 - s0 - c
        bends = (b > 0) | (b + 2 * c > 0)  # not falling all along: a kink lies in the cell
        self._b, self._c = np.where(bends, s1 - s0, b), np.where(bends, 0.0, c)
        self._width = width

    def nodes(self) -> tuple[Array, Array, Array]:
        """Return the table itself: x, P(L > x), E[(L - x)+]."""
        return self._x, self._sf, self._excess

    def mean(self) -> float:
        return self._mean

    def variance(self) -> float:
        return self._variance

    def prob_no_loss(self) -> float:
        return float(1 - self._sf[0])

    def _cell(self, loss: Array) -> tuple[Array, Array]:
        """Return the index of the cell that holds `loss`, and where in it, from 0 to 1."""
        last = self._x.size - 2
        index = np.clip(np.searchsorted(self._x, loss, side="right") - 1, 0, last)
        width = self._width[index]
        u = np.divide(loss - self._x[index], width, out=np.ones_like(loss), where=width > 0)
        return index, np.clip(u, 0, 1)

    def exceedance(self, loss: ArrayLike) -> Array:
        at = np.asarray(loss, dtype=float)
        if self._x.size == 1 or self.step:
            index = np.searchsorted(self._x, at * (1 + 1e-12), side="right") - 1
            return np.where(at < 0, 1.0, self._sf[np.maximum(index, 0)])
        index, u = self._cell(at)
        height = self._sf[index] + self._b[index] * u + self._c[index] * u * u
        height = np.where(at >= self._x[-1], self._sf[-1], height)
        return np.where(at < 0, 1.0, np.clip(height, 0, 1))

    def var(self, level: float) -> float:
        _check_level(level)
        target = 1 - level
        reached = self._sf <= target * (1 + 1e-12) + 1e-15
        if not reached.any():
            return float(self._x[-1])
        i = int(np.argmax(reached))
        if i == 0 or self.step or self._width[i - 1] == 0:
            return float(self._x[i])
        return float(self._x[i - 1] + self._width[i - 1] * self._crossing(i - 1, target))

    def _crossing(self, i: int, target: float) -> float:
        """Where in cell i the curve falls to `target`: the root of c u^2 + b u + (s0 - target)."""
        gap, b, c = self._sf[i] - target, self._b[i], self._c[i]
        root = np.sqrt(max(b * b - 4 * c * gap, 0.0))
        return float(np.clip(2 * gap / (root - b) if root > b else 1.0, 0, 1))

    def excess(self, loss: float) -> float:
        if loss <= 0:
            return self._mean - loss
        if self.step or self._x.size == 1:
            i = max(int(np.searchsorted(self._x, loss * (1 + 1e-12), side="right")) - 1, 0)
            return max(float(self._excess[i] - self._sf[i] * (loss - self._x[i])), 0.0)
        if loss >= self._x[-1]:
            return float(self._excess[-1])
        index, at = self._cell(np.asarray(float(loss)))
        i, u = int(index), float(at)
        s, b, c = self._sf[i], self._b[i], self._c[i]
        whole = s + b / 2 + c / 3
        part = s * u + b * u**2 / 2 + c * u**3 / 3
        share = 1 - part / whole if whole > 0 else 0.0
        return float(self._excess[i + 1] + share * (self._excess[i] - self._excess[i + 1]))

    def _bound(self, fine: float, coarse: float | None, scale: float) -> float:
        """Distance between two grids; it overstates the finer one's error, which falls faster."""
        rounding = 1e-9 * scale
        return rounding if coarse is None else abs(fine - coarse) + rounding

    def var_error(self, level: float) -> float:
        # The distance can be 0 by luck where two curves cross: take the largest close by.
        near = [1 - (1 - level) * f for f in (0.97, 1.0, 1.03)]
        levels = [level, *(q for q in near if 0 <= q < 1)]
        coarse = self.coarse
        return max(
            self._bound(self.var(q), None if coarse is None else coarse.var(q), self.var(q))
            for q in levels
        )

    def tvar_error(self, level: float) -> float:
        coarse = None if self.coarse is None else self.coarse.tvar(level)
        value = self.tvar(level)
        return self._bound(value, coarse, value)

    def exceedance_error(self, loss: float) -> float:
        coarse = None if self.coarse is None else float(self.coarse.exceedance(loss))
        return self._bound(float(self.exceedance(loss)), coarse, 1e-2)

    def moment_errors(self) -> tuple[float, float]:
        return 1e-12 * self._mean, 1e-12 * self.sd()  # closed forms: rounding alone

    def layer(self, attachment: float, limit: float = float("inf")) -> "TabulatedLosses":
        top = attachment + limit
        inside = (self._x > attachment) & (self._x < top)
        marks = np.concatenate([[attachment], self._x[inside], [min(top, self._x[-1])]])
        sf = np.append(self.exceedance(marks), 0.0 if np.isfinite(limit) else self._sf[-1])
        rest = np.array([self.excess(float(m)) for m in marks])
        rest = np.append(rest - self.excess(top) if np.isfinite(limit) else rest, 0.0)
        x = np.append(marks, marks[-1]) - attachment
        # E[Y^2] = 2 int E[(Y - y)+] dy, by the trapezoidal rule with its end correction
        gaps = np.diff(x)
        second = 2 * np.sum(gaps * (rest[1:] + rest[:-1]) / 2 - gaps**2 * (sf[:-1] - sf[1:]) / 12)
        mean = float(rest[0])
        coarse = None if self.coarse is None else self.coarse.layer(attachment, limit)
        return TabulatedLosses(
            x,
            sf,
            np.maximum(rest, 0),
            mean=mean,
            variance=max(float(second) - mean**2, 0.0),
            step=self.step,
            currency=self.currency,
            ids=self.ids,
            coarse=coarse,
        )
