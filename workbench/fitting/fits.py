"""Data to a belief: families fitted by maximum likelihood and compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from workbench.distributions import Array, Distribution, Truncated
from workbench.errors import WorkbenchError, require
from workbench.fitting.data import Amounts, amounts
from workbench.fitting.families import FAMILIES, Family
from workbench.fitting.likelihood import covariance, maximise, natural
from workbench.fitting.survival import Points, product_limit

USUAL = ("exponential", "lognormal", "gamma", "weibull", "lomax", "burr")
CLOSE = 2.0  # AIC points: families that the data do not tell apart (Burnham and Anderson 2002)


@dataclass(frozen=True, eq=False, slots=True)
class Fit:
    """One family at the top of its likelihood.

    `parameters` and `standard_errors` have shape (k,); `covariance` (k, k), from the observed
    information. Errors are NaN where the data do not hold the parameters; `note` then says so.
    `free` counts the parameters for AIC and BIC, with a lowest value that was read off the data.
    """

    family: str
    names: tuple[str, ...]
    parameters: Array
    covariance: Array | None
    log_likelihood: float
    free: int
    data: Amounts
    low: float  # where Pareto and GPD begin
    belief: Distribution  # of all amounts, those that would not have been seen included
    note: str = ""

    @property
    def standard_errors(self) -> Array:
        """Standard error of each parameter, shape (k,)."""
        if self.covariance is None:
            return np.full(self.parameters.size, np.nan)
        return np.sqrt(np.diag(self.covariance))

    @property
    def aic(self) -> float:
        """2 k - 2 log likelihood (Akaike 1974): smaller is better."""
        return 2 * self.free - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """K log n - 2 log likelihood (Schwarz 1978): smaller is better, hard on parameters."""
        return self.free * float(np.log(self.data.count)) - 2 * self.log_likelihood

    def seen_belief(self, most: float | None = None) -> Distribution:
        """Return the belief of amounts as they are seen: above the truncation, at most `most`.

        A cap such as the number of people alive gives a mean where the family has none.
        """
        low, (bottom, _) = self.data.low, self.belief.support()
        if most is None and low <= bottom:
            return self.belief
        high = np.inf if most is None else float(most)
        return Truncated(self.belief, low=low, high=high)

    def log_survival(self, x: ArrayLike) -> Array:
        """Log P(X > x) of the fitted family."""
        x = np.asarray(x, dtype=float)
        return FAMILIES[self.family].log_survival(x, self.parameters, self.low)

    def quantile_above(self, entry: ArrayLike, chance: ArrayLike) -> Array:
        """The x with P(X > x | X > entry) = `chance`."""
        return self.belief.isf(np.exp(self.log_survival(entry)) * np.asarray(chance, dtype=float))

    def qq(self) -> Points:
        """Fitted quantiles (x) and observed amounts (y), at the middle of each step of the data.

        `low` and `high` are the 95 % band of the observed amount if the family were true, from the
        beta law of an order statistic (near, where data are censored).
        """
        data, n = self.data, self.data.count
        points, after = product_limit(data)
        middle = (np.append(1.0, after[:-1]) + after) / 2
        # the k-th of n probabilities is Beta(k, n - k + 1); k = n u + 1/2 at the middle of its step
        a, b = n * middle + 0.5, n * (1 - middle) + 0.5
        low, high = (special.betaincinv(a, b, level) for level in (0.975, 0.025))
        found = [self.quantile_above(data.low, chance) for chance in (middle, low, high)]
        return Points(found[0], points, found[1], found[2])

    def tail_table(self, levels: ArrayLike = (0.9, 0.95, 0.99)) -> list[dict[str, float | None]]:
        """Observed and fitted quantiles of the tail, of amounts as they are seen.

        `observed` is None where a limit keeps the level out of sight.
        """
        points, after = product_limit(self.data)
        rows: list[dict[str, float | None]] = []
        for level in np.atleast_1d(np.asarray(levels, dtype=float)).tolist():
            reached = np.flatnonzero(1 - after >= level - 1e-12)
            observed = float(points[reached[0]]) if reached.size else None
            fitted = float(self.quantile_above(self.data.low, 1 - level))
            rows.append({"level": level, "observed": observed, "fitted": fitted})
        return rows


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """Families fitted to the same amounts, best first by AIC."""

    data: Amounts
    fits: Mapping[str, Fit]
    refused: Mapping[str, str]  # family -> why it could not be fitted

    @property
    def best(self) -> Fit:
        """The family with the smallest AIC."""
        return next(iter(self.fits.values()))

    def table(self) -> list[dict[str, object]]:
        """Return one row for each family, best first: what to show as a table.

        `standard_errors` is None where the data do not hold the parameters.
        """
        lowest_aic = self.best.aic
        lowest_bic = min(fit.bic for fit in self.fits.values())
        return [
            {
                "family": fit.family,
                "parameters": dict(zip(fit.names, fit.parameters.tolist(), strict=True)),
                "standard_errors": None
                if fit.covariance is None
                else dict(zip(fit.names, fit.standard_errors.tolist(), strict=True)),
                "free": fit.free,
                "log_likelihood": fit.log_likelihood,
                "aic": fit.aic,
                "aic_behind": fit.aic - lowest_aic,
                "bic_behind": fit.bic - lowest_bic,
                "note": fit.note,
            }
            for fit in self.fits.values()
        ]

    def words(self) -> str:
        """Say which family fits best, and which ones the data do not tell from it."""
        near = [f.family for f in self.fits.values() if f.aic - self.best.aic < CLOSE][1:]
        first = f"Of {len(self.fits)} families the {self.best.family} fits best by AIC"
        if not near:
            return f"{first}, and no other comes within {CLOSE:g} points of it."
        names = " and ".join(near)
        return f"{first}; these data do not tell it from the {names}. Compare their tails."


def fit_amounts(
    values: ArrayLike,
    *,
    truncated_below: ArrayLike | None = None,
    censored_above: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    families: Sequence[str] | None = None,
) -> Comparison:
    """Fit positive amounts by maximum likelihood and compare the families by AIC.

    Parameters
    ----------
    values : the amounts, shape (n,), in one unit
    truncated_below : the point below which nothing was seen, one for all or (n,)
    censored_above : the limit from which only the limit was seen, one for all or (n,)
    weights : how many cases each amount stands for
    families : names from exponential, lognormal, gamma, weibull, pareto, lomax, gpd, burr; without
        them the six that begin at 0 and, where data are truncated, the pareto from there

    Raises
    ------
    WorkbenchError
        for amounts that `data.amounts` refuses, an unknown family, and when no family fits

    """
    data = amounts(
        values,
        truncated_below=truncated_below,
        censored_above=censored_above,
        weights=weights,
    )
    chosen = families or (*USUAL, *(("pareto",) if data.low > 0 else ()))
    unknown = [name for name in chosen if name not in FAMILIES]
    fix = f"Known: {', '.join(FAMILIES)}."
    require(not unknown, "a family is one that can be fitted", got=unknown, fix=fix)
    fits, refused = [], {}
    for name in dict.fromkeys(chosen):
        try:
            fits.append(fit_family(FAMILIES[name], data))
        except WorkbenchError as reason:
            refused[name] = str(reason)
    require(bool(fits), "one family at least fits", got=refused, fix="Look at the amounts.")
    fits.sort(key=lambda fit: fit.aic)
    ranked = {fit.family: fit for fit in fits}
    return Comparison(data, MappingProxyType(ranked), MappingProxyType(refused))


def fit_family(family: Family, data: Amounts) -> Fit:
    """Fit one family to checked data.

    Raises
    ------
    WorkbenchError
        where the data have no likelihood under the family, or its parameters leave all bounds

    """
    low, free = data.low, len(family.parameters)
    if family.name == "pareto" and low == 0:
        low, free = float(data.values.min()), free + 1  # the lowest amount is the estimate of low
    unit = float(np.median(data.values))  # the search works in it, so that no currency matters
    own = replace(data, values=data.values / unit, entry=data.entry / unit)
    z, top = maximise(family, own, low / unit)
    errors = covariance(family, z, own, low / unit)
    moved = np.array([np.log(unit) if name == "mu" else 0.0 for name in family.parameters])
    factor = np.array([unit if name == "scale" else 1.0 for name in family.parameters])
    parameters = natural(family, z) * factor + moved
    top -= float(data.weights[~data.is_censored].sum()) * float(np.log(unit))
    note = "" if errors is not None else "The likelihood is flat here: the data hold no errors."
    if family.name == "gpd" and parameters[0] < -0.5:
        note = "Below shape -0.5 the usual standard errors do not hold (Smith 1985)."
    return Fit(
        family.name, family.parameters, parameters,
        None if errors is None else errors * np.outer(factor, factor),
        top, free, data, low, family.make(parameters, low), note,
    )  # fmt: skip
