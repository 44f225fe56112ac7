r"""Whether counts rise or fall, told apart from whether they merely vary.

Poisson log-linear regression, log E[N] = log exposure + a + b (t - centre), by iteratively
reweighted least squares; what is left over the line, over Poisson, is the quasi-Poisson factor
(Pearson's chi-square over k - 2). Source: McCullagh and Nelder, Generalized Linear Models, ch. 6.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from workbench.distributions import Array, LogNormal
from workbench.errors import WorkbenchError, require

ROUNDS = 100
WIDEST = 4.0  # standard deviation of a log rate; 90 % then span a factor of 500,000
LEVEL = 0.90


@dataclass(frozen=True, eq=False, slots=True)
class Trend:
    """A constant yearly growth of the rate, and the spread around it.

    `covariance` is that of (a, b) under Poisson, (2, 2); intervals multiply it by the factor of
    spread, where that is above 1, and use Student's t with k - 2 degrees of freedom.
    """

    level: float  # a: log rate at `centre`
    slope: float  # b: log growth a year
    centre: float  # time, years
    covariance: Array
    leftover: float  # times Poisson, around the line
    leftover_p_value: float  # of a leftover as large under Poisson
    p_value: float  # of a slope as steep, if there is none
    freedom: int
    aic: float  # of Poisson with this trend

    @property
    def growth(self) -> float:
        """Change of the rate in a year, as a share."""
        return math.expm1(self.slope)

    @property
    def growth_interval(self) -> tuple[float, float]:
        """90 % interval of the growth."""
        reach = self._t() * math.sqrt(self._factor() * float(self.covariance[1, 1]))
        return math.expm1(self.slope - reach), math.expm1(self.slope + reach)

    def _factor(self) -> float:
        return max(self.leftover, 1.0)

    def _t(self) -> float:
        """Student's t where the factor of spread is estimated, the normal where it is 1."""
        upper = (1 + LEVEL) / 2
        is_poisson = self.leftover <= 1
        return float(special.ndtri(upper) if is_poisson else stats.t.ppf(upper, self.freedom))

    def rate(self, time: float) -> float:
        """Events a year at `time`, on the line."""
        return math.exp(self.level + self.slope * (time - self.centre))

    def belief(self, time: float) -> LogNormal:
        """Return the belief about the rate of the year around `time`.

        Lognormal around the line: the variance of its logarithm is that of the line there plus that
        of one year around the line, log(1 + (factor - 1)/rate). It is widened so that 90 % lie
        where Student's t says. With a Poisson count it gives the predictive law of the count.
        Raises WorkbenchError where so few counts tell nothing of that year.
        """
        at = np.array([1.0, time - self.centre])
        rate = self.rate(time)
        variance = self._factor() * float(at @ self.covariance @ at)
        variance += math.log1p((self._factor() - 1) / rate)
        wider = self._t() / float(special.ndtri((1 + LEVEL) / 2))
        sigma = wider * math.sqrt(variance)
        require(
            sigma < WIDEST,
            "counts tell of a year to within some powers of ten",
            got=f"a standard deviation of {sigma:.3g} in log rate",
            fix="Use more or longer periods, or rate_belief().",
        )
        return LogNormal(math.log(rate), sigma)

    def words(self) -> str:
        """'The counts rise by 9% a year (90% interval 4% to 15% a year); what is left is ...'."""
        low, high = (100 * g for g in self.growth_interval)
        change = 100 * self.growth
        interval = f"90% interval {low:.2g}% to {high:.2g}% a year"
        if self.p_value < 1 - LEVEL:  # as the interval says
            verb = "rise" if change > 0 else "fall"
            first = f"The counts {verb} by {abs(change):.2g}% a year ({interval})"
        else:
            first = f"No trend can be told from chance ({interval})"
        rest = f"what is left is {self.leftover:.1f} times Poisson"
        if self.leftover_p_value >= 0.05:
            return f"{first}; {rest}, which may be chance."
        return f"{first}; {rest}: years differ by more than chance and trend."


def fit_trend(counts: Array, exposures: Array, times: Array) -> Trend:
    """Fit the log-linear rate to counts, exposures in years and times, all (k,) with k >= 3.

    Raises
    ------
    WorkbenchError
        where the search does not settle

    """
    centre = float(np.average(times, weights=exposures))
    X = np.column_stack([np.ones(times.size), times - centre])
    offset = np.log(exposures)
    beta = np.array([math.log(counts.sum() / exposures.sum()), 0.0])
    for _ in range(ROUNDS):
        mean = np.exp(X @ beta + offset)
        information = X.T @ (mean[:, None] * X)
        step = np.linalg.solve(information, X.T @ (counts - mean))
        # a full step may leap where counts are few; no step moves a log rate by more than 1
        beta = beta + step / max(1.0, float(np.abs(X @ step).max()))
        if float(np.abs(step).max()) < 1e-12:
            break
    else:
        raise WorkbenchError(
            f"the trend of the counts settles; got {counts.tolist()}. Use fewer, longer periods."
        )
    mean = np.exp(X @ beta + offset)
    covariance = np.linalg.inv(X.T @ (mean[:, None] * X))
    freedom = counts.size - 2
    chi = float(np.sum((counts - mean) ** 2 / mean))
    leftover = chi / freedom
    z = abs(float(beta[1])) / math.sqrt(max(leftover, 1.0) * float(covariance[1, 1]))
    tail = special.ndtr(-z) if leftover <= 1 else stats.t.sf(z, freedom)
    log_likelihood = float(np.sum(special.xlogy(counts, mean) - mean - special.gammaln(counts + 1)))
    return Trend(
        float(beta[0]), float(beta[1]), centre, covariance, leftover,
        float(special.chdtrc(freedom, chi)), float(2 * tail), freedom, 4 - 2 * log_likelihood,
    )  # fmt: skip
