"""The quantile method: stated quantiles to a belief, several families compared.

A family is fitted so that its cumulative probabilities at the stated values miss the stated levels
least (least squares on the probabilities, as SHELF does: O'Hagan and Oakley), and exactly where it
has as many parameters as there are quantiles. A miss is told as people say it: points in a hundred.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy import optimize, special

from workbench.distributions import (
    Array,
    Distribution,
    Gamma,
    LogNormal,
    Metalog,
    Pert,
    Weibull,
)
from workbench.distributions.base import as_number
from workbench.errors import WorkbenchError, require

CLOSE = 0.02  # two points in a hundred: nearer than an expert can say
Bounds = tuple[float | None, float | None]
EXACT = 5e-4
RARE, FAR = 1e-3, 10.0  # a tail that passes FAR times the highest value with chance RARE is told
MOST_QUANTILES = 9


@dataclass(frozen=True, slots=True)
class QuantileFit:
    """One family, and by how much it misses each stated level (fitted minus stated)."""

    family: str
    belief: Distribution
    parameters: int
    levels: tuple[float, ...]
    values: tuple[float, ...]
    misses: tuple[float, ...]

    @property
    def largest_miss(self) -> float:
        """The largest miss, as a probability."""
        return max(abs(miss) for miss in self.misses)

    def words(self) -> str:
        """Say how well the family keeps what was stated."""
        if self.largest_miss < EXACT:
            return f"The {self.family} keeps every stated quantile."
        worst = int(np.argmax(np.abs(self.misses)))
        stated = 100 * self.levels[worst]
        got = stated + 100 * self.misses[worst]
        return (
            f"The {self.family} puts {got:.3g}% at or below {self.values[worst]:,.6g} "
            f"where {stated:.3g}% was stated, and is nearer elsewhere."
        )

    def tail_words(self) -> str:
        """Say how far a tail goes beyond the highest stated value; nothing where it is near."""
        rare, top = float(self.belief.isf(RARE)), self.values[-1]
        if rare <= FAR * top:
            return ""
        return (
            f" Nobody stated its tail: once in {round(1 / RARE):,} it exceeds {rare:,.3g}, "
            f"{rare / top:.2g} times the highest stated value. State high to end it."
        )


@dataclass(frozen=True, slots=True)
class Elicited:
    """Families fitted to the same statement, the chosen one first."""

    fits: Mapping[str, QuantileFit]
    refused: Mapping[str, str]  # family -> why not

    @property
    def best(self) -> QuantileFit:
        """The chosen family."""
        return next(iter(self.fits.values()))

    @property
    def belief(self) -> Distribution:
        """The belief of the chosen family."""
        return self.best.belief

    def words(self) -> str:
        """Say which family was chosen, and why."""
        best, rest = self.best, [fit for fit in self.fits.values() if fit is not self.best]
        if not rest:
            return best.words() + best.tail_words()
        if best.largest_miss > CLOSE:
            why = "no family comes closer; state other quantiles, or a metalog's"
        elif any(fit.largest_miss < best.largest_miss - EXACT for fit in rest):
            why = "it is the simplest of those within two points in a hundred"
        else:
            why = "no other is both simpler and as close"
        others = "; ".join(f"{f.family} misses by {100 * f.largest_miss:.2g} points" for f in rest)
        tail = best.tail_words()
        return f"{best.words()} It was chosen because {why}. Others: {others}.{tail}"


def from_quantiles(
    levels: Sequence[float],
    values: Sequence[float],
    *,
    low: float | None = None,
    high: float | None = None,
    families: Sequence[str] | None = None,
) -> Elicited:
    """Fit families to stated quantiles and choose one.

    Parameters
    ----------
    levels : rising probabilities in (0, 1), two to nine, such as (0.05, 0.5, 0.95)
    values : the stated values at these levels, positive and rising
    low, high : bounds that the value never passes, if the expert stated some; a PERT
        needs high, and begins at 0 without low
    families : names from lognormal, gamma, weibull, pert, metalog; those that suit unless told

    The chosen family has the fewest parameters among those that miss no level by more than two
    points in a hundred, and of these the smallest miss; where none is so near, the nearest.

    Raises
    ------
    WorkbenchError
        for levels or values that do not rise, values past the bounds, and when no family fits

    """
    p, x, bounds = _statement(levels, values, low, high)
    suited = ["lognormal", "gamma", "weibull"] if _is_open(bounds) else []
    suited += ["pert"] if bounds[1] is not None else []
    suited += ["metalog"] if p.size >= 3 else []
    require(
        bool(families or suited),
        "two quantiles and a lower bound alone suit no family",
        got=(levels, low),
        fix="State a third quantile, or an upper bound too.",
    )
    chosen = list(families or suited)
    unknown = [name for name in chosen if name not in (*_OPEN, *_BOUNDED)]
    fix = f"Known: {', '.join((*_OPEN, *_BOUNDED))}."
    require(not unknown, "a family is one that can be elicited", got=unknown, fix=fix)
    fits, refused = [], {}
    for name in dict.fromkeys(chosen):
        try:
            belief, parameters = _fit(name, p, x, bounds)
        except WorkbenchError as reason:
            refused[name] = str(reason)
            continue
        misses = np.asarray(belief.cdf(x)) - p
        fits.append(
            QuantileFit(
                name,
                belief,
                parameters,
                tuple(p.tolist()),
                tuple(x.tolist()),
                tuple(misses.tolist()),
            )
        )
    require(bool(fits), "one family at least fits the quantiles", got=refused, fix="Restate them.")
    fits.sort(key=_rank)
    return Elicited(MappingProxyType({fit.family: fit for fit in fits}), MappingProxyType(refused))


def _is_open(bounds: Bounds) -> bool:
    """Whether every amount above 0 is possible."""
    return not bounds[0] and bounds[1] is None


def _fit(name: str, p: Array, x: Array, bounds: Bounds) -> tuple[Distribution, int]:
    """Return the belief of one family and its number of parameters."""
    if name in _BOUNDED:
        return _BOUNDED[name](p, x, bounds)
    require(
        _is_open(bounds),
        f"a {name} reaches from 0 without end, past stated bounds",
        got=bounds,
        fix="Use a PERT or a metalog within bounds.",
    )
    return _OPEN[name](p, x), 2


def _rank(fit: QuantileFit) -> tuple[float, ...]:
    """Near ones first, by number of parameters and then by miss; others by miss alone."""
    near = fit.largest_miss <= CLOSE
    # misses below a twentieth of a point count as none, so that ties fall to the order given
    miss = round(fit.largest_miss / EXACT)
    return (0, fit.parameters, miss) if near else (1, miss, fit.parameters)


def _statement(
    levels: Sequence[float], values: Sequence[float], low: float | None, high: float | None
) -> tuple[Array, Array, Bounds]:
    """Check what was stated; arrays of shape (n,)."""
    p = np.array([as_number("each level", v) for v in levels])
    x = np.array([as_number("each value", v) for v in values])
    require(
        p.size == x.size and 2 <= p.size <= MOST_QUANTILES,
        f"two to {MOST_QUANTILES} quantiles are stated, a value for each level",
        got=f"{p.size} levels, {x.size} values",
        fix="State three, such as 5 %, 50 % and 95 %.",
    )
    require(
        bool((p > 0).all() and (p < 1).all() and (np.diff(p) > 0).all()),
        "levels lie between 0 and 1 and rise",
        got=p.tolist(),
        fix="Write 0.05 for 5 %; bounds that are never passed go to low and high.",
    )
    require(
        bool((x > 0).all() and (np.diff(x) > 0).all()),
        "values are positive and rise with their levels",
        got=x.tolist(),
        fix="A higher level has a higher value.",
    )
    bottom = None if low is None else as_number("low", low)
    top = None if high is None else as_number("high", high)
    inside = (bottom is None or 0 <= bottom < x[0]) and (top is None or x[-1] < top)
    fix = "Widen the bounds: they are never passed."
    require(inside, "quantiles lie inside the bounds", got=(low, x.tolist(), high), fix=fix)
    return p, x, (bottom, top)


def fit_probabilities(
    make: Callable[[Array], Distribution], start: Sequence[float], p: Array, x: Array
) -> Distribution:
    """Return the belief make(z) whose cdf at `x` misses `p` least in squares, from `start`."""

    def misses(z: Array) -> Array:
        try:
            return np.asarray(make(z).cdf(x)) - p
        except WorkbenchError:
            return np.ones(p.size)  # outside the family: as far off as can be

    found = optimize.least_squares(misses, start, xtol=1e-14, ftol=1e-14, gtol=1e-14, x_scale="jac")
    return make(found.x)


def _ends(p: Array, x: Array) -> tuple[float, float, float, float]:
    return float(p[0]), float(p[-1]), float(x[0]), float(x[-1])


def _lognormal(p: Array, x: Array) -> LogNormal:
    """Through two quantiles exactly, near more: log x = mu + sigma z(p)."""
    z, logs = special.ndtri(p), np.log(x)
    sigma = float((logs[-1] - logs[0]) / (z[-1] - z[0]))
    mu = float(logs[0] - sigma * z[0])
    if p.size == 2:
        return LogNormal(mu, sigma)
    found = fit_probabilities(
        lambda v: LogNormal(float(v[0]), float(np.exp(v[1]))), (mu, float(np.log(sigma))), p, x
    )
    assert isinstance(found, LogNormal)
    return found


def _gamma(p: Array, x: Array) -> Distribution:
    # The ratio of two quantiles falls as the shape rises and does not know the scale.
    p1, p2, x1, x2 = _ends(p, x)

    def gap(log_shape: float) -> float:
        shape = np.exp(log_shape)
        ends = special.gammaincinv(shape, np.array([p1, p2]))
        return float(np.log(ends[1] / np.maximum(ends[0], 1e-300)) - np.log(x2 / x1))

    low, high = np.log(0.02), np.log(1e6)
    rule = "the two outer quantiles lie as far apart as a gamma's can"
    fix = "A lognormal reaches further."
    require(gap(low) > 0 > gap(high), rule, got=x2 / x1, fix=fix)
    shape = float(np.exp(optimize.brentq(gap, low, high, xtol=1e-14)))
    scale = x2 / float(special.gammaincinv(shape, p2))
    if p.size == 2:
        return Gamma(shape, scale)
    start = (float(np.log(shape)), float(np.log(scale)))
    return fit_probabilities(lambda v: Gamma(*np.exp(v).tolist()), start, p, x)


def _weibull(p: Array, x: Array) -> Distribution:
    # log x = log scale + log(-log(1 - p))/shape: a line, so two quantiles give it at once
    y = np.log(-np.log1p(-p))
    shape = float((y[-1] - y[0]) / np.log(x[-1] / x[0]))
    scale = float(x[0] * np.exp(-y[0] / shape))
    if p.size == 2:
        return Weibull(shape, scale)
    start = (float(np.log(shape)), float(np.log(scale)))
    return fit_probabilities(lambda v: Weibull(*np.exp(v).tolist()), start, p, x)


def _pert(p: Array, x: Array, bounds: Bounds) -> tuple[Distribution, int]:
    """Mode and shape within stated bounds."""
    low, high = bounds[0] or 0.0, bounds[1]
    fix = "State high, a value that is never passed."
    require(high is not None, "a PERT has an upper bound", got=bounds, fix=fix)
    assert high is not None
    middle = (float(np.interp(0.5, p, x)) - low) / (high - low)

    def make(v: Array) -> Pert:
        mode = low + (high - low) * float(special.expit(v[0]))
        return Pert(low, min(max(mode, low), high), high, float(np.exp(v[1])))

    beliefs = [
        fit_probabilities(make, (float(special.logit(middle)), start), p, x) for start in (0.7, 2.5)
    ]
    return min(beliefs, key=lambda b: float(np.abs(b.cdf(x) - p).max())), 2


def _metalog(p: Array, x: Array, bounds: Bounds) -> tuple[Distribution, int]:
    """Three to five terms through the quantiles, from 0 unless a lower bound is stated."""
    terms = min(p.size, 5)
    low = 0.0 if bounds[0] is None else bounds[0]
    belief = Metalog.from_quantiles(p.tolist(), x.tolist(), terms=terms, lower=low, upper=bounds[1])
    return belief, terms


_OPEN: dict[str, Callable[[Array, Array], Distribution]] = {
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": _weibull,
}
_BOUNDED: dict[str, Callable[[Array, Array, Bounds], tuple[Distribution, int]]] = {
    "pert": _pert,
    "metalog": _metalog,
}
