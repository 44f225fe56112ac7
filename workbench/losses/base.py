"""What a simulated or computed year costs, and the measures of risk that are read from it."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions.base import Array
from workbench.errors import WorkbenchError, is_number, require

# The named figures of every result: quantiles and tails by their level.
QUANTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}
TAILS = {"tvar95": 0.95, "tvar99": 0.99}
MOMENTS = 4  # a standard deviation has a standard error where the fourth moment exists
FEWEST = 9.99  # simulated years beyond a level, of fewer than 10 of which no error is told
OFTENER = 1.1  # times as often as 1 year in n: from there on it is "at least"
SPREAD = 1e-3  # of a loss: below it a single amount is looked for that a grid has spread
TOLD = 10  # scenarios that a text names
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
        """P(L > `loss`): the height of the loss exceedance curve, of the shape of `loss`."""

    @abstractmethod
    def var(self, level: float) -> float:
        """Value at risk: the smallest x with P(L <= x) >= `level`, currency / year.

        Raises
        ------
        WorkbenchError
            for a level that is not one number in [0, 1).

        """

    @abstractmethod
    def excess(self, loss: float) -> float:
        """E[(L - `loss`)+], the stop-loss premium, currency; infinite where the mean is."""

    @abstractmethod
    def var_error(self, level: float) -> float:
        """Standard error (simulated) or error bound (exact) of `var`, currency / year.

        Raises
        ------
        WorkbenchError
            where `var` does.

        """

    @abstractmethod
    def tvar_error(self, level: float) -> float:
        """Standard error or error bound of `tvar`, currency / year.

        Raises
        ------
        WorkbenchError
            where `var` does.

        """

    @abstractmethod
    def exceedance_error(self, loss: float) -> float:
        """Standard error or error bound of `exceedance`."""

    @abstractmethod
    def moment_errors(self) -> tuple[float, float]:
        """Standard errors or error bounds of `mean` and `sd`."""

    def shows_losses(self) -> bool:
        """Whether no loss here is no loss, and not just none in the years of a simulation."""
        return True

    @abstractmethod
    def layer(self, attachment: float, limit: float = float("inf")) -> "LossDistribution":
        """The part of the total above `attachment`, at most `limit` ("limit xs attachment").

        Both in currency / year.

        Raises
        ------
        WorkbenchError
            for an attachment that is no number from 0 on, or a limit that is none above 0.

        """

    def sd(self) -> float:
        """Standard deviation of a year."""
        return float(np.sqrt(self.variance()))

    def tvar(self, level: float) -> float:
        r"""Tail value at risk: the average of `var` above `level`.

        .. math:: TVaR_p = VaR_p + \frac{E[(L - VaR_p)_+]}{1 - p}

        Right with an atom at zero or at the quantile (Acerbi and Tasche 2002, expected shortfall).
        Currency / year; infinite where the mean is.

        Raises
        ------
        WorkbenchError
            where `var` does.

        """
        value = self.var(level)
        return value + self.excess(value) / (1 - level)

    def limited_mean(self, loss: float) -> float:
        """E[min(L, `loss`)], currency, which exists where E[L] does not."""
        if loss <= 0:
            return float(loss)
        if np.isfinite(self.mean()):
            return self.mean() - self.excess(loss)
        return self.layer(0.0, loss).mean()

    def return_period(self, years: float) -> float:
        """The loss that is passed in one year out of `years` on average, currency / year.

        Raises
        ------
        WorkbenchError
            for a number of years that is not above 1.

        """
        require(
            is_number(years) and years > 1,
            "a return period is a number of years above 1",
            got=years,
            fix="Say 20.",
        )
        return self.var(1 - 1 / years)

    def comes_oftener(self, years: float) -> bool:
        """Say whether clearly more than 1 year in `years` reaches its return period's loss.

        That loss x is the smallest with P(L > x) <= 1 / years. Where single amounts have a chance
        of their own, P(L >= x) may be far above it; a grid may have spread them over its cells.
        """
        just_below = self.return_period(years) * (1 - SPREAD)
        return just_below > 0 and float(self.exceedance(just_below)) > OFTENER / years

    def figure(self, name: str) -> float:
        """One of `FIGURES` by its name, currency / year; `prob_no_loss` is a chance.

        Raises
        ------
        WorkbenchError
            for an unknown name.

        """
        require(name in FIGURES, "a figure has a known name", got=name, fix=f"One of {FIGURES}.")
        if name in QUANTILES:
            return self.var(QUANTILES[name])
        if name in TAILS:
            return self.tvar(TAILS[name])
        return float(getattr(self, name)())

    def error(self, name: str) -> float:
        """Return the standard error (simulated) or error bound (exact) of `figure(name)`.

        Raises
        ------
        WorkbenchError
            for an unknown name.

        """
        require(name in FIGURES, "a figure has a known name", got=name, fix=f"One of {FIGURES}.")
        if name in QUANTILES:
            return self.var_error(QUANTILES[name])
        if name in TAILS:
            return self.tvar_error(TAILS[name])
        if name == "prob_no_loss":
            return self.exceedance_error(0.0)
        return self.moment_errors()[("mean", "sd").index(name)]

    def __repr__(self) -> str:
        """Say whose losses they are, and what an average year and 1 year in 20 cost."""
        mean, bad = self.mean(), self.var(0.95)
        average = f"mean {_short(mean)}" if np.isfinite(mean) else "no mean"
        return f"<{named(self)} in {self.currency}: {average}, VaR 95 % {_short(bad)}>"

    def __add__(self, other: object) -> "LossDistribution":
        """Add, where that has a meaning; see `SampledLosses.__add__`."""
        raise refused_sum(self, other)


def refused_sum(left: LossDistribution, right: object) -> WorkbenchError:
    """Return why two values do not add, to be raised."""
    return WorkbenchError(
        "losses add year by year, so both must be samples of one run; got "
        f"{named(left)} + {named(right)}. Put the scenarios in one study and simulate it, or "
        "use independent_sum."
    )


def named(value: object) -> str:
    """Say what a value is, for an error message."""
    if isinstance(value, LossDistribution):
        kind, ids = "exact" if value.exact else "simulated", sorted(value.ids)
        more = f" and {len(ids) - TOLD} more" if len(ids) > TOLD else ""
        return f"{kind} losses of {', '.join(ids[:TOLD]) or 'no scenario'}{more}"
    return repr(value)


def _short(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 1000 else f"{amount:.3g}"


def check_level(level: float) -> None:
    """Refuse a level outside [0, 1)."""
    require(
        is_number(level) and 0 <= level < 1,
        "a level lies in [0, 1)",
        got=level,
        fix="Write 0.95 for 1 year in 20; one level at a time.",
    )


def check_layer(attachment: float, limit: float) -> None:
    """Refuse a layer that does not lie above 0."""
    require(
        is_number(attachment) and 0 <= attachment < float("inf"),
        "the attachment of a layer is a number from 0 on",
        got=attachment,
        fix="Write 0 for a layer from the first euro.",
    )
    require(
        is_number(limit) and limit > 0,
        "the limit of a layer is a number above 0",
        got=limit,
        fix="Leave it out for none.",
    )


def tells_spread(with_loss: int, years: int) -> bool:
    """Whether the years with a loss say how far an average of all simulated years may be off.

    Fewer than 10 of them among others do not: none at all would seem to be sure.
    """
    return with_loss > FEWEST or with_loss == years
