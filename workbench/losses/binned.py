"""Losses of simulated years that were summed up into bins as they were drawn."""

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array
from workbench.errors import WorkbenchError, require
from workbench.losses.base import (
    FEWEST,
    MOMENTS,
    LossDistribution,
    check_layer,
    check_level,
    named,
    tells_spread,
)
from workbench.losses.cells import Cells
from workbench.losses.histogram import Histogram

HIDDEN = 0.125  # of a group's width or years: how far two shapes with one mean are apart
WHOLE = (0.0, math.inf)  # attachment and limit of a year that is not cut


@lru_cache(maxsize=4)
def _cells_of(histogram: Histogram, part: tuple[float, float]) -> Cells:
    """Return the groups of years; kept for the next measure, for a few histograms only."""
    cells = histogram.cells().told_apart()
    return cells if part == WHOLE else cells.layer(*part)


class BinnedLosses(LossDistribution):
    """Losses of simulated years, as `SampledLosses` without the years.

    Mean, sd and the chance of no loss are exactly those of the years. A quantile is that of the
    years where it falls on an amount that is alone in its bin or has two years beside it at most;
    else it lies between the smallest and the largest year of its bin, less than 0.8 % apart, and
    mostly far closer. TVaR sums the years of the tail exactly, but for those in the bin of its
    quantile: what these may change is at most n (high - low) / 4 (see `losses.cells`) by the years
    of the tail.

    Parameters
    ----------
    histogram : the years, one or more
    currency : ISO 4217 code
    ids : the scenarios that the years hold
    run : what makes two samples years of one run (seed, years)
    moments : how many of the first four moments the distribution has: no figure of a sample is
        printed in place of one that does not exist, nor the error of one without its square
    nothing : whether it is known that nothing can be lost; years without a loss do not say so
    part : attachment and limit of the part of each year that is meant, for `layer`

    """

    exact = False

    def __init__(
        self,
        histogram: Histogram,
        currency: str = "USD",
        *,
        ids: Iterable[str] = (),
        run: tuple[object, ...] | None = None,
        moments: int = MOMENTS,
        nothing: bool = False,
        part: tuple[float, float] = WHOLE,
    ) -> None:
        require(
            histogram.years > 0,
            "simulated losses have a year or more",
            got=histogram.years,
            fix="Record some years first.",
        )
        self.histogram, self._part = histogram, part
        self.currency, self.ids, self.run = currency, frozenset(ids), run
        self.moments, self.nothing = moments, nothing
        self._summed = self._moments()

    def _moments(self) -> tuple[float, float]:
        """Return mean and variance: exact of whole years, off the bins of a layer."""
        if self._part == WHOLE:
            return self.histogram.mean(), self.histogram.variance()
        mean = self._cells.beyond(0.0) / self.years
        return mean, self._cells.spread(2, mean) / max(self.years - 1, 1)

    @property
    def years(self) -> int:
        """How many years were simulated."""
        return self.histogram.years

    @property
    def annual(self) -> NoReturn:
        """Refuse: the years themselves were not kept."""
        raise WorkbenchError(
            "losses have their years one by one where all are kept; got "
            f"{named(self)}. Simulate with keep_years=True, which keeps them, 8 bytes each."
        )

    @property
    def _cells(self) -> Cells:
        """The years in groups."""
        return _cells_of(self.histogram, self._part)

    def mean(self) -> float:
        return self._summed[0] if self.moments >= 1 else math.inf

    def variance(self) -> float:
        return self._summed[1] if self.moments >= 2 else math.inf

    def prob_no_loss(self) -> float:
        return float(self._cells.rank(0.0)) / self.years

    def exceedance(self, loss: ArrayLike) -> Array:
        found = (self.years - self._cells.rank(loss)) / self.years
        return np.where(np.isnan(np.asarray(loss, dtype=float)), np.nan, found)

    def var(self, level: float) -> float:
        check_level(level)
        return self._cells.year(level * self.years)

    def tvar(self, level: float) -> float:
        check_level(level)
        if self.moments < 1:
            return math.inf
        return self._cells.beyond(level * self.years) / ((1 - level) * self.years)

    def excess(self, loss: float) -> float:
        if self.moments < 1:
            return math.inf
        rank = float(self._cells.rank(loss))
        above = self.years - rank
        return max(self._cells.beyond(rank) - loss * above, 0.0) / self.years if above else 0.0

    def var_error(self, level: float) -> float:
        # Half the distance between the order statistics one binomial standard deviation away.
        check_level(level)
        if (1 - level) * self.years < FEWEST:
            return math.inf
        reach = math.sqrt(self.years * level * (1 - level))
        at, year = level * self.years, self._cells.year
        hidden = HIDDEN * self._cells.width(at)
        return math.hypot((year(at + reach) - year(at - reach)) / 2, hidden)

    def tvar_error(self, level: float) -> float:
        # Var of the estimator: (Var[L | tail] + p (TVaR - VaR)^2) / (n (1 - p)) (Manistre, Hancock)
        check_level(level)
        # there is no standard error without a variance, nor of a few years
        if not self._is_told() or (1 - level) * self.years < FEWEST:
            return math.inf
        value, tail = self.var(level), (1 - level) * self.years
        rank = float(self._cells.rank(value))
        mean_over = self.excess(value) * self.years / tail
        square = self._cells.spread(2, value, rank) / tail if rank < self.years else 0.0
        return math.sqrt((max(square - mean_over**2, 0.0) + level * mean_over**2) / tail)

    def exceedance_error(self, loss: float) -> float:
        p = float(self.exceedance(loss))
        if p in (0, 1):  # none or all of the years: 1 in n is what that leaves open
            return 1 / self.years
        hidden = HIDDEN * self._cells.between(loss) / self.years
        return math.hypot(math.sqrt(p * (1 - p) / self.years), hidden)

    def shows_losses(self) -> bool:
        return self.nothing or self.prob_no_loss() < 1

    def _is_told(self) -> bool:
        """Whether an average of the years has a standard error."""
        if self.moments < 2:
            return False
        with_loss = self.years - round(float(self._cells.rank(0.0)))
        return self.nothing or tells_spread(with_loss, self.years)

    def moment_errors(self) -> tuple[float, float]:
        """Standard errors of `mean` and `sd`.

        That of `sd` takes the fourth moment from the bins, which keep their means and are less than
        w = 1 / 128 of themselves wide: it is right to 4 w^2 (1 + 1 / cv^2) of itself at worst, cv
        being sd / mean, and far closer for years that spread smoothly.
        """
        if not self._is_told():
            return math.inf, math.inf
        mean, variance = self._summed[0], self._summed[1] * (self.years - 1) / self.years
        if variance == 0:
            return 0.0, 0.0
        mean_error = math.sqrt(variance / self.years)
        if self.moments < MOMENTS:
            return mean_error, math.inf
        fourth = self._cells.spread(4, mean) / self.years
        over = math.sqrt(max(fourth - variance**2, 0.0) / self.years)
        return mean_error, over / (2 * math.sqrt(variance))

    def layer(self, attachment: float, limit: float = math.inf) -> "BinnedLosses":
        """The part of the total above `attachment`, at most `limit` ("limit xs attachment").

        Its mean and sd are read off the bins, of which those of the two ends are cut.
        """
        check_layer(attachment, limit)
        lower, most = self._part
        part = lower + attachment, min(limit, max(most - attachment, 0.0))
        moments = MOMENTS if math.isfinite(limit) else self.moments
        return BinnedLosses(
            self.histogram,
            self.currency,
            ids=self.ids,
            moments=moments,
            nothing=self.nothing,
            part=part,
        )

    def __add__(self, other: object) -> LossDistribution:
        """Refuse: a sum needs the years themselves."""
        raise WorkbenchError(
            "losses add year by year, and bins have not kept the years; got "
            f"{named(self)} + {named(other)}. Simulate both scenarios in one study, which adds "
            "them as they are drawn, or keep the years with keep_years=True."
        )
