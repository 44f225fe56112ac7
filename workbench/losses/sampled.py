"""Losses of simulated years."""

import math
from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array
from workbench.errors import require
from workbench.losses.base import (
    FEWEST,
    MOMENTS,
    LossDistribution,
    check_layer,
    check_level,
    named,
    refused_sum,
    tells_spread,
)


class SampledLosses(LossDistribution):
    """Losses of simulated years.

    Parameters
    ----------
    annual : shape (years,), currency / year; copied unless it is read-only
    currency : ISO 4217 code
    ids : the scenarios that the years hold
    run : what makes two samples years of one run (seed, years); None for a sample from elsewhere
    moments : how many of the first four moments the distribution has: no figure of a sample is
        printed in place of one that does not exist, nor the error of one without its square
    nothing : whether it is known that nothing can be lost; years without a loss do not say so

    """

    exact = False

    def __init__(
        self,
        annual: ArrayLike,
        currency: str = "USD",
        *,
        ids: Iterable[str] = (),
        run: tuple[object, ...] | None = None,
        moments: int = MOMENTS,
        nothing: bool = False,
    ) -> None:
        self.annual = _unchanging(annual)
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
        self.currency, self.ids, self.run = currency, frozenset(ids), run
        self.moments, self.nothing = moments, nothing

    @property
    def years(self) -> int:
        """How many years were simulated."""
        return self.annual.size

    @cached_property
    def _losses(self) -> Array:
        """The years with a loss in rising order: those without one need no sorting."""
        return np.sort(self.annual[self.annual > 0])

    def mean(self) -> float:
        return float(self.annual.mean()) if self.moments >= 1 else math.inf

    def variance(self) -> float:
        if self.moments < 2:
            return math.inf
        return float(self.annual.var(ddof=1)) if self.years > 1 else 0.0

    def tvar(self, level: float) -> float:
        check_level(level)
        return super().tvar(level) if self.moments >= 1 else math.inf

    def prob_no_loss(self) -> float:
        return float((self.annual == 0).mean())

    def exceedance(self, loss: ArrayLike) -> Array:
        at = np.asarray(loss, dtype=float)
        above = self._losses.size - np.searchsorted(self._losses, at, side="right")
        found = np.where(at < 0, 1.0, above / self.years)
        return np.where(np.isnan(at), np.nan, found)

    def _order(self, rank: float) -> float:
        """Return the rank-th smallest year, rank from 1, held within the sample."""
        place = min(max(math.ceil(rank - 1e-9), 1), self.years) - 1
        found = place - (self.years - self._losses.size)
        return float(self._losses[found]) if found >= 0 else 0.0

    def _above(self, loss: float) -> Array:
        """Return the years above a loss of 0 or more."""
        return self._losses[np.searchsorted(self._losses, loss, side="right") :]

    def var(self, level: float) -> float:
        check_level(level)
        return self._order(level * self.years)

    def excess(self, loss: float) -> float:
        if loss < 0 or self.moments < 1:
            return self.mean() - loss
        return float((self._above(loss) - loss).sum()) / self.years

    def var_error(self, level: float) -> float:
        # Half the distance between the order statistics one binomial standard deviation away.
        check_level(level)
        if (1 - level) * self.years < FEWEST:
            return math.inf
        reach = np.sqrt(self.years * level * (1 - level))
        at = level * self.years
        return (self._order(at + reach) - self._order(at - reach)) / 2

    def tvar_error(self, level: float) -> float:
        # Var of the estimator: (Var[L | tail] + p (TVaR - VaR)^2) / (n (1 - p)) (Manistre, Hancock)
        check_level(level)
        # there is no standard error without a variance, nor of a few years
        if not self._is_told() or (1 - level) * self.years < FEWEST:
            return math.inf
        value, tail = self.var(level), 1 - level
        over = self._above(value) - value
        years = self.years * tail
        mean_over = float(over.sum()) / years
        spread = max(float((over**2).sum()) / years - mean_over**2, 0.0)
        return math.sqrt((spread + level * mean_over**2) / years)

    def exceedance_error(self, loss: float) -> float:
        p = float(self.exceedance(loss))
        if p in (0, 1):  # none or all of the years: 1 in n is what that leaves open
            return 1 / self.years
        return float(np.sqrt(p * (1 - p) / self.years))

    def shows_losses(self) -> bool:
        return self.nothing or self._losses.size > 0

    def _is_told(self) -> bool:
        """Whether an average of the years has a standard error."""
        if self.moments < 2:
            return False
        return self.nothing or tells_spread(self._losses.size, self.years)

    def moment_errors(self) -> tuple[float, float]:
        if not self._is_told():
            return math.inf, math.inf
        centred = self.annual - self.annual.mean()
        variance = float((centred**2).mean())
        mean_error = math.sqrt(variance / self.years)
        if self.moments < MOMENTS:
            return mean_error, math.inf
        fourth = float((centred**4).mean())
        sd_error = math.sqrt(max(fourth - variance**2, 0) / self.years) / (
            2 * math.sqrt(variance) if variance > 0 else 1
        )
        return mean_error, sd_error

    def layer(self, attachment: float, limit: float = float("inf")) -> "SampledLosses":
        check_layer(attachment, limit)
        kept = np.minimum(np.maximum(self.annual - attachment, 0), limit)
        moments = MOMENTS if math.isfinite(limit) else self.moments
        return SampledLosses(
            kept, self.currency, ids=self.ids, moments=moments, nothing=self.nothing
        )

    def __add__(self, other: object) -> "SampledLosses":
        """Add two scenarios of one run year by year.

        Raises
        ------
        WorkbenchError
            unless both are samples of the same run, in one currency, without a shared scenario.

        """
        if not (
            isinstance(other, SampledLosses) and self.run is not None and self.run == other.run
        ):
            raise refused_sum(self, other)
        require(
            self.currency == other.currency,
            "losses add in one currency",
            got=(self.currency, other.currency),
            fix="Convert one of them first.",
        )
        require(
            not self.ids & other.ids and bool(self.ids and other.ids),
            "a scenario is counted once",
            got=f"{named(self)} + {named(other)}",
            fix="Leave the shared scenario out of one of them.",
        )
        total = self.annual + other.annual
        return SampledLosses(
            total,
            self.currency,
            ids=self.ids | other.ids,
            run=self.run,
            moments=min(self.moments, other.moments),
            nothing=self.nothing and other.nothing,
        )


def _unchanging(annual: ArrayLike) -> Array:
    """Return the years as an array that nobody writes into: what is read-only is not copied."""
    if isinstance(annual, np.ndarray) and annual.dtype == float and not annual.flags.writeable:
        return annual
    years = np.array(annual, dtype=float)
    years.flags.writeable = False
    return years
