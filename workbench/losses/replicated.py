"""Losses at the points of several independent randomisations, with errors from their spread."""

import math
from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import require
from workbench.losses.base import MOMENTS
from workbench.losses.sampled import SampledLosses


class ReplicatedLosses(SampledLosses):
    r"""A sample made of R equal replicates, each unbiased by itself, independent of the others.

    Figures are those of all points together: for averages, which exceedances are too, this is the
    mean over the replicates; for quantiles and what follows from them it is so to first order. Each
    standard error comes from the same figure Q of every replicate alone:

    .. math:: s^2 = \frac{1}{R (R - 1)} \sum_r (Q_r - \bar Q)^2

    with R - 1 degrees of freedom. Points of one replicate may depend on each other, as those of a
    Sobol sequence do, so that the errors of independent draws would be far too large.

    Parameters
    ----------
    replicates : shape (R, points), currency / year, R of 2 or more
    currency, ids, moments : as for `SampledLosses`

    """

    def __init__(
        self,
        replicates: ArrayLike,
        currency: str = "USD",
        *,
        ids: Iterable[str] = (),
        moments: int = MOMENTS,
    ) -> None:
        values = np.asarray(replicates, dtype=float)
        require(
            values.ndim == 2 and values.shape[0] > 1,
            "replicates are two rows of points or more",
            got=values.shape,
            fix="One row has no spread between replicates.",
        )
        self._rows = values
        super().__init__(values.ravel(), currency, ids=ids, moments=moments)

    @property
    def degrees_of_freedom(self) -> int:
        """Of every standard error: one less than the replicates."""
        return len(self._rows) - 1

    @cached_property
    def _parts(self) -> list[SampledLosses]:
        return [SampledLosses(row, self.currency, moments=self.moments) for row in self._rows]

    def _spread(self, figure: Callable[[SampledLosses], float]) -> float:
        found = np.array([figure(part) for part in self._parts])
        if not np.isfinite(found).all():
            return float("inf")
        return float(found.std(ddof=1) / np.sqrt(found.size))

    def var_error(self, level: float) -> float:
        return self._spread(lambda part: part.var(level))

    def tvar_error(self, level: float) -> float:
        return self._spread(lambda part: part.tvar(level))

    def exceedance_error(self, loss: float) -> float:
        # where no point or every point is above, 1 in n is what that leaves open
        return max(
            self._spread(lambda part: float(part.exceedance(loss))),
            1 / self.years if float(self.exceedance(loss)) in (0, 1) else 0.0,
        )

    def moment_errors(self) -> tuple[float, float]:
        mean_error = self._spread(lambda part: part.mean()) if self.moments >= 2 else math.inf
        sd_error = self._spread(lambda part: part.sd()) if self.moments >= MOMENTS else math.inf
        return mean_error, sd_error

    def layer(self, attachment: float, limit: float = float("inf")) -> "ReplicatedLosses":
        kept = super().layer(attachment, limit).annual
        moments = MOMENTS if np.isfinite(limit) else self.moments
        return ReplicatedLosses(
            kept.reshape(self._rows.shape), self.currency, ids=self.ids, moments=moments
        )
