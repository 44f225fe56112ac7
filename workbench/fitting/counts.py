"""Counts of events by period to a frequency: rate, over-dispersion and trend, each with errors.

A count is of a period of `exposure` years; a part of a year is a part of its exposure. N is Poisson
with mean rate x exposure, or negative binomial: the rate of a period is itself drawn from a Gamma.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special, stats

from workbench.distributions import Array, Distribution, Gamma
from workbench.errors import require
from workbench.fitting.trend import Trend, fit_trend

LEVEL = 0.90  # of every interval here
RARE = 5.0  # expected events in a period: below, the chi-square law of dispersion is rough


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Whether counts vary more than a Poisson process of one rate."""

    ratio: float  # Pearson's chi-square over its degrees of freedom; 1 under Poisson
    freedom: int
    p_value: float  # of a ratio as large under Poisson; 1 with one period
    is_rough: bool  # expected counts are small: the p-value is rough


@dataclass(frozen=True, slots=True)
class NegativeBinomialFit:
    """N ~ Poisson(exposure x Rate), Rate ~ Gamma with mean `rate` and shape `shape` per period."""

    rate: float  # events a year
    rate_error: float
    shape: float  # infinite where the counts vary no more than Poisson
    shape_error: float  # NaN where shape is infinite
    log_likelihood: float
    aic: float

    @property
    def dispersion(self) -> float:
        """Variance over mean of the count of one whole year."""
        return 1 + self.rate / self.shape


@dataclass(frozen=True, eq=False, slots=True)
class FrequencyFit:
    """What counts tell of how often an event comes; arrays of shape (k,) by period."""

    counts: Array
    exposures: Array  # years
    times: Array  # the middle of each period, in years
    rate: float  # events a year, if there is no trend
    interval: tuple[float, float]  # 90 %, exact for Poisson
    aic: float  # of Poisson with one rate
    dispersion: Dispersion
    negative_binomial: NegativeBinomialFit
    trend: Trend | None  # None with fewer than three periods

    def posterior(self, prior_shape: float = 0.5, prior_exposure: float = 0.0) -> Gamma:
        """Return the belief about one constant rate; without arguments from Jeffreys's prior."""
        return rate_posterior(
            float(self.counts.sum()),
            float(self.exposures.sum()),
            prior_shape=prior_shape,
            prior_exposure=prior_exposure,
        )

    def rate_belief(self) -> Gamma:
        """Return the belief about a coming year's rate, if there is no trend, as a Gamma.

        Its mean is the negative binomial's rate; its variance adds what the estimate leaves open to
        what the years themselves differ by, rate^2/shape. Used with a Poisson count this is the
        predictive law of the count; with a dispersed count the variation would count twice.
        """
        found = self.negative_binomial
        if found.rate == 0:
            return self.posterior()
        variance = found.rate_error**2 + found.rate**2 / found.shape
        return Gamma(found.rate**2 / variance, variance / found.rate)

    def trend_belief(self, time: float | None = None) -> Distribution:
        """Return the belief about the rate at `time`, by the trend; half a year past the data."""
        require(
            self.trend is not None,
            "a trend needs three periods or more, and events in two of them",
            got=self.counts.tolist(),
            fix="Use rate_belief().",
        )
        assert self.trend is not None
        end = float((self.times + self.exposures / 2).max())
        return self.trend.belief(end + 0.5 if time is None else time)

    def words(self) -> str:
        """Say the rate, the trend, and what is left beside it."""
        low, high = self.interval
        total, years = self.counts.sum(), self.exposures.sum()
        first = f"{total:g} events in {years:.3g} years: {self.rate:.3g} a year"
        steady = f"{first} (90% interval {low:.3g} to {high:.3g} if the rate never changes)."
        if self.trend is None:
            return f"{steady} {_spread(self.dispersion)}"
        return f"{steady} {self.trend.words()}"


def _spread(found: Dispersion) -> str:
    """Say whether counts vary more than Poisson."""
    if found.freedom == 0:
        return "One period does not tell how much counts vary."
    if found.p_value < 0.05:
        return f"Counts vary {found.ratio:.1f} times as much as Poisson (p = {found.p_value:.2g})."
    return f"Counts vary {found.ratio:.1f} times as much as Poisson: that may be chance."


def fit_counts(
    counts: ArrayLike, exposures: ArrayLike | None = None, *, times: ArrayLike | None = None
) -> FrequencyFit:
    """Fit counts of consecutive periods.

    Parameters
    ----------
    counts : events in each period, shape (k,), whole numbers
    exposures : years in each period, whole or part; one year each unless told
    times : the middle of each period in years; periods follow one another from 0 unless told

    Raises
    ------
    WorkbenchError
        for counts that are not whole or negative, exposures that are not positive

    """
    n = np.atleast_1d(np.asarray(counts, dtype=float))
    years = np.ones(n.shape) if exposures is None else np.atleast_1d(np.asarray(exposures, float))
    whole = (
        n.ndim == 1 and n.size > 0 and bool((np.isfinite(n) & (n >= 0) & (n == n.round())).all())
    )
    require(whole, "counts are whole numbers of 0 or more", got=n.tolist(), fix="Count events.")
    positive = years.shape == n.shape and bool((np.isfinite(years) & (years > 0)).all())
    fix = "Give the years of each period, such as 0.2 for ten weeks."
    require(positive, "each count has an exposure above 0", got=years.tolist(), fix=fix)
    at = np.cumsum(years) - years / 2 if times is None else np.asarray(times, dtype=float)
    ordered = at.shape == n.shape and bool((np.diff(at) > 0).all())
    require(ordered, "times rise, one for each period", got=at.tolist(), fix="Sort by time.")
    rate = float(n.sum() / years.sum())
    mean = rate * years
    log_likelihood = float(np.sum(special.xlogy(n, mean) - mean - special.gammaln(n + 1)))
    trend = fit_trend(n, years, at) if n.size >= 3 and np.count_nonzero(n) >= 2 else None
    return FrequencyFit(
        n, years, at, rate, rate_interval(float(n.sum()), float(years.sum())),
        2 - 2 * log_likelihood, _dispersion(n, mean), _negative_binomial(n, years), trend,
    )  # fmt: skip


def rate_interval(events: float, exposure: float, level: float = LEVEL) -> tuple[float, float]:
    """Exact interval of a Poisson rate from the chi-square law (Garwood 1936)."""
    tail = (1 - level) / 2
    low = float(special.gammaincinv(events, tail)) if events > 0 else 0.0
    return low / exposure, float(special.gammainccinv(events + 1, tail)) / exposure


def rate_posterior(
    events: float, exposure: float, *, prior_shape: float = 0.5, prior_exposure: float = 0.0
) -> Gamma:
    """Return Gamma(prior_shape + events, scale 1/(prior_exposure + exposure)).

    The prior reads as `prior_shape` events seen in `prior_exposure` years. Source: Gelman et al.,
    Bayesian Data Analysis, section 2.6; 0.5 events in no time is Jeffreys's prior.
    """
    ok = min(events, exposure, prior_exposure) >= 0 and prior_shape > 0
    ok = ok and exposure + prior_exposure > 0
    got = (events, exposure, prior_shape, prior_exposure)
    fix = "Give the events and the years that were watched."
    require(ok, "events and exposures are 0 or more, and some time was watched", got=got, fix=fix)
    return Gamma(prior_shape + events, 1 / (prior_exposure + exposure))


def predictive(rate: Gamma, counts: ArrayLike, exposure: float = 1.0) -> Array:
    """P(N = n) of a coming period under a Gamma rate: negative binomial (Greenwood, Yule 1920)."""
    n = np.asarray(counts, dtype=float)
    chance = 1 / (1 + rate.scale * exposure)
    return np.asarray(stats.nbinom.pmf(n, rate.shape, chance))


def _dispersion(n: Array, mean: Array) -> Dispersion:
    """Fisher's dispersion test: sum (n - m)^2/m is chi-square given the total."""
    freedom = n.size - 1
    if freedom == 0 or n.sum() == 0:
        return Dispersion(1.0, freedom, 1.0, True)
    chi = float(np.sum((n - mean) ** 2 / mean))
    return Dispersion(
        chi / freedom, freedom, float(special.chdtrc(freedom, chi)), bool(mean.min() < RARE)
    )


def _negative_binomial(n: Array, years: Array) -> NegativeBinomialFit:
    """Maximum likelihood of rate and shape; the Poisson limit where the spread is no larger."""
    total = float(n.sum())
    rate = total / float(years.sum())

    def log_likelihood(rate: float, shape: float) -> float:
        mean = rate * years
        rising = np.sum(
            special.gammaln(n + shape) - special.gammaln(shape) - special.gammaln(n + 1)
        )
        success = special.xlogy(n, mean) - (n + shape) * np.log(mean + shape)
        return float(rising + np.sum(success) + n.size * shape * math.log(shape))

    def best_rate(shape: float) -> float:
        # d/d rate: sum (n - rate e) / (1 + rate e / shape) = 0 falls with the rate
        def slope(rate: float) -> float:
            return float(np.sum((n - rate * years) / (1 + rate * years / shape)))

        top = float((n / years).max())
        return float(optimize.brentq(slope, 1e-12 * top, top * (1 + 1e-9), xtol=1e-14 * top))

    poisson = float(np.sum(special.xlogy(n, rate * years) - rate * years - special.gammaln(n + 1)))
    error = math.sqrt(total) / float(years.sum())
    limit = NegativeBinomialFit(rate, error, math.inf, math.nan, poisson, 4 - 2 * poisson)
    if total == 0 or n.size < 2:
        return limit

    def cost(log_shape: float) -> float:
        shape = math.exp(log_shape)
        return -log_likelihood(best_rate(shape), shape)

    found = optimize.minimize_scalar(
        cost, bounds=(-7.0, math.log(rate) + 14.0), method="bounded", options={"xatol": 1e-9}
    )
    shape = math.exp(float(found.x))
    top = -float(found.fun)
    if top <= poisson + 1e-4:  # the profile rises all the way to Poisson
        return limit
    rate = best_rate(shape)
    # Rate and shape are orthogonal at the top, so each error stands alone.
    rate_error = 1 / math.sqrt(float(np.sum(years / (rate * (1 + rate * years / shape)))))
    step = 1e-3
    bend = (cost(found.x + step) - 2 * cost(found.x) + cost(found.x - step)) / step**2
    shape_error = shape / math.sqrt(bend) if bend > 0 else math.nan
    return NegativeBinomialFit(rate, rate_error, shape, shape_error, top, 4 - 2 * top)


def part_years(first: float, last: float) -> tuple[Sequence[int], Array]:
    """Return the calendar years that [first, last] touches, and how much of each it covers.

    `first` and `last` are dates as decimal years, 2009.81 for 23 October 2009.
    """
    require(first < last, "a span ends after it begins", got=(first, last), fix="Swap the two.")
    years = range(math.floor(first), math.ceil(last))
    edges = np.arange(years.start, years.stop + 1, dtype=float)
    return years, np.diff(np.clip(edges, first, last))
