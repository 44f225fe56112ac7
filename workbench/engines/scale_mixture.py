r"""A year whose scale is uncertain, from the years at some known scales.

The scale A is held for the year. With L(a) the year at a scale of a and Z(a) = L(a) / a,

.. math:: P(L \in B) = \int P(a Z(a) \in B)\, dF_A(a),
          \qquad P(Z(a) \in C) \approx \sum_k \ell_k(\log a)\, P(Z(a_k) \in C)

with the polynomials l_k of the knots log a_k that are next to log a. A year of events that
are shares of the scale has one law of Z, whatever the scale is; with a deductible, a limit or a
secondary loss it changes slowly, so that few knots do. Each term is a product of A, weighted by
l_k(log A), and Z(a_k): a convolution on the axis of the logarithm, as in `products`.

Years of a limit, or of several, are worth the same at each scale. They are set apart and stand in
the table themselves.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import fft

from workbench.distributions import Array, Distribution
from workbench.engines.columns import Columns, falling, with_atoms
from workbench.engines.products import (
    KNOWN,
    MARGIN,
    Computed,
    Held,
    beyond,
    factor_masses,
    in_shares,
    known_to,
    log_masses,
    read,
)
from workbench.losses import TabulatedLosses

APART = 0.125  # between the logarithms of two knots
FAR = 1.0  # the same of moments beyond the last one
RARE = 3.0  # times as much between those of the smallest scales
NEAR = 6  # knots of a polynomial
FEWEST = 12  # knots between the usual ones and the largest
SMALLEST, SMALL, LARGEST = 1e-5, 0.01, 1e-7  # chances of scales below and above the knots
SAME = 1e-9  # relative distance of single losses of two scales that are one
MASS_ROUNDING = 1e-13  # below it a chance is the rounding of others
SEEN = 1e-3  # of what lies at a fixed loss and beyond: rarer ones are not looked at
CLOSE = 4 * APART  # to the logarithm of a fixed loss
YEAR_CELLS = 1 << 14  # of the logarithm of a year

YearAt = Callable[[float], TabulatedLosses]
Moments = Callable[[Array], tuple[float, float]]  # mean and variance over all scales, by knots
Given = Callable[[float], tuple[float, float]]  # mean and variance of the year at a scale


@dataclass(frozen=True, eq=False)
class Years:
    """The years at the knots, and the single losses that do not move with the scale."""

    knots: Array
    years: list[TabulatedLosses]
    fixed: Array  # rising, currency

    def coarse(self) -> "Years":
        """Return every second year, from half of its own grid."""
        years = [year if year.coarse is None else year.coarse for year in self.years[::2]]
        return Years(self.knots[::2], years, self.fixed)

    def finer(self, year_at: YearAt) -> "Years":
        """Return them with a year more between any two."""
        between = np.sqrt(self.knots[1:] * self.knots[:-1])
        knots, years = np.empty(self.knots.size + between.size), []
        knots[::2], knots[1::2] = self.knots, between
        for year, knot in zip(self.years, between.tolist(), strict=False):
            years += [year, year_at(knot)]
        years.append(self.years[-1])
        return Years(knots, years, _fixed(years))


def knots_of(scale: Distribution, apart: float = APART) -> Array:
    """Return scales at which years are to be known, shape (knots,).

    They are `apart` in their logarithm, and wider apart where scales are small: little is lost
    there. Every second one, with both ends, makes a coarse set.
    """
    above = float(scale.sf(0.0))
    start, usual, stop = np.log(scale.isf(above * np.array([1 - SMALLEST, 1 - SMALL, LARGEST])))
    if usual - start < 2 * RARE * apart:
        return np.exp(_even(start, stop, apart, FEWEST))
    upper = _even(usual, stop, apart, FEWEST)
    lower = _even(start, usual, RARE * float(upper[1] - upper[0]), 2)
    return np.exp(np.append(lower[:-1], upper))


def _even(start: float, stop: float, apart: float, fewest: int) -> Array:
    """Return an odd number of places from start to stop, `apart` at most and more than `fewest`."""
    pairs = math.ceil(max((stop - start) / apart, fewest) / 2)
    return np.linspace(start, stop, 2 * pairs + 1)


def years_of(knots: Array, year_at: YearAt) -> Years:
    """Compute the years at the knots."""
    years = [year_at(float(knot)) for knot in knots]
    return Years(knots, years, _fixed(years))


def _fixed(years: list[TabulatedLosses]) -> Array:
    """Return the single losses above 0 that years of several scales have in common."""
    places = np.concatenate([Computed(year).jumps()[0] for year in years])
    rising = np.sort(places[places > 0])
    is_same = np.diff(rising) <= SAME * rising[1:]
    firsts = is_same & ~np.append(False, is_same[:-1])
    return np.asarray(rising[:-1][firsts])


def averaged(scale: Distribution, known: Years, moments: Moments) -> TabulatedLosses:
    """Return the year over all scales, from those at the knots; `moments` are told by them, too.

    The coarse one has every second knot and half of the cells. It is made at once, so that none of
    the years at the knots is kept for it.
    """
    coarse = _averaged(scale, known.coarse(), moments, YEAR_CELLS // 2, None)
    return _averaged(scale, known, moments, YEAR_CELLS, coarse)


def _averaged(
    scale: Distribution,
    known: Years,
    moments: Moments,
    size: int,
    coarse: TabulatedLosses | None,
) -> TabulatedLosses:
    parts = [_split(year, known.fixed) for year in known.years]
    moved, weights = _mixed(scale, known, parts, size)
    chances = weights @ np.array([part.stays for part in parts])
    spread = _beside_fixed(moved, parts, weights, known.fixed, chances)
    seen = chances > MASS_ROUNDING
    mean, variance = moments(known.knots)
    unknown = KNOWN * max(part.factor.unknown() for part in parts)
    columns = with_atoms(spread, float(spread[2][0]), known.fixed[seen], chances[seen])
    return TabulatedLosses(
        *columns,
        mean=mean,
        variance=variance,
        coarse=None if coarse is None else lambda: coarse,
        known=known_to(columns[0], columns[1], unknown),
    )


def _mixed(
    scale: Distribution, known: Years, parts: "list[Split]", size: int
) -> tuple[Columns, Array]:
    """Return the columns of what moves with the scale, and E[l_k(log A)] for each knot."""
    held = Held(scale)
    spans = _spans(held, known)
    step = float(sum(stop - start for start, stop in spans)) / (size - 4 * MARGIN)
    low, first = (start - MARGIN * step for start, _ in spans)
    worth = scale.mean() if math.isfinite(scale.mean()) else 0.0
    own = factor_masses(held, low, step, size) * [[float(scale.sf(0.0))], [worth]]
    at: Array = low + step * np.arange(float(size))
    near = polynomials(at, np.log(known.knots))
    weights = near @ own[0]
    total = np.zeros((2, size + 1), dtype=complex)
    for knot, part, nearby in zip(known.knots.tolist(), parts, near, strict=True):
        moved = part.on_log_axis(knot, first, step, size)
        total += fft.rfft(own * nearby, 2 * size) * fft.rfft(moved, 2 * size)
    masses = np.asarray(fft.irfft(total, 2 * size)[:, : size + 1])
    return _read(masses, low + first, step), weights


def _spans(held: Held, known: Years) -> list[tuple[float, float]]:
    """Return the ends of log A, and those of the logarithm of what any year is worth of it."""
    factors = zip(known.knots.tolist(), map(Computed, known.years), strict=True)
    live = [(knot, one) for knot, one in factors if one.losses.prob_no_loss() < 1 - MASS_ROUNDING]
    ends = np.log([np.array(one.ends()) / knot for knot, one in live] or [[1.0, 1.0]])
    start, stop = (math.log(end) for end in held.ends())
    return [(start, stop), (float(ends.min()), float(ends.max()))]


def _read(masses: Array, low: float, step: float) -> Columns:
    """Read the columns of a table off masses by chance and by worth."""
    above, worth = (float(total) for total in masses.sum(axis=1))
    if above <= MASS_ROUNDING:  # every loss is one of those that stay
        return np.array([0.0, math.exp(low)]), np.zeros(2), np.zeros(2)
    if worth > 0:
        return read(masses / [[above], [worth]], low, step, above, worth)
    # as far out as a scale without a mean reaches, rounding of a chance would be a loss
    above_each = np.cumsum(masses[0, ::-1])[::-1]
    seen = np.arange(above_each.size) <= np.flatnonzero(above_each > MASS_ROUNDING)[-1]
    return read(masses * seen / above, low, step, above, math.inf)


def _beside_fixed(
    spread: Columns, parts: "list[Split]", weights: Array, fixed: Array, chances: Array
) -> Columns:
    """Return the columns as the years at the knots themselves have them around the fixed losses.

    A share of a year that is just below a limit may not be taken beyond it.
    """
    x, sf, excess = spread
    if fixed.size == 0:
        return spread
    tops = np.log(fixed[chances > SEEN * np.interp(fixed, x, sf)])
    if tops.size == 0:
        return spread
    inner = np.log(x[1:])
    at = np.clip(np.searchsorted(tops, inner), 1, tops.size) - 1
    gap = np.minimum(
        np.abs(inner - tops[at]), np.abs(inner - tops[np.minimum(at + 1, tops.size - 1)])
    )
    is_close = np.append(False, gap < CLOSE)
    tails = np.array([part.tail(x[is_close]) for part in parts])
    found = np.einsum("k,krx->rx", weights, tails)
    sf, excess = sf.copy(), excess.copy()
    sf[is_close], excess[is_close] = np.maximum(found, 0.0)
    return x, falling(sf), np.minimum.accumulate(excess)


def polynomials(at: Array, knots: Array) -> Array:
    """Polynomials through rising `knots` at some places, shape (knots, places).

    Each place has those of the `NEAR` knots around it; beyond the ends that of the last knot is 1.
    """
    inside = np.clip(at, knots[0], knots[-1])
    first = np.searchsorted(knots, inside, side="right") - NEAR // 2
    first = np.clip(first, 0, knots.size - NEAR)
    found, places = np.zeros((knots.size, at.size)), np.arange(at.size)
    for k in range(NEAR):
        own = knots[first + k]
        others = [knots[first + j] for j in range(NEAR) if j != k]
        parts = [(inside - other) / (own - other) for other in others]
        found[first + k, places] = np.prod(parts, axis=0)
    return found


def moments_over(
    scale: Distribution, knots: Array, given: Given, worthless: tuple[float, float] = (0.0, 0.0)
) -> tuple[float, float]:
    """Mean and variance of a year over all scales, from those `given` at some of them.

    `worthless` are those at a scale of 0. E[L] / A and E[L^2] / A^2 are interpolated, and so far
    out that it does not matter stay as they are. Infinite where a moment does not exist.
    """
    held = Held(scale)
    start, stop = (math.log(end) for end in held.ends())
    step = (stop - start) / (YEAR_CELLS - 4 * MARGIN)
    at: Array = np.array(start + step * (np.arange(YEAR_CELLS) - float(MARGIN)), dtype=float)
    chances = factor_masses(held, float(at[0]), step, YEAR_CELLS)[0] * float(scale.sf(0.0))
    known = np.append(np.log(knots), np.arange(math.log(knots[-1]) + FAR, stop + FAR, FAR))
    pairs = [given(math.exp(place)) for place in known]
    near = polynomials(at, known)
    nothing = 1 - float(scale.sf(0.0))
    apart = worthless[0], worthless[1] + worthless[0] ** 2
    found: list[float] = []
    for power, whole in ((1, scale.mean()), (2, scale.second_moment())):
        own = np.array([m if power == 1 else v + m * m for m, v in pairs]) / np.exp(power * known)
        if not math.isfinite(own.max()):
            return (found[0] if found else math.inf), math.inf
        weights = chances * np.exp(power * at)
        beyond = whole - float(weights.sum())
        is_cut = own[-1] < own[-2] / 2  # by a limit: nothing comes from there
        over = float(weights @ (own @ near)) + (0.0 if is_cut else beyond * float(own[-1]))
        found.append(over + nothing * apart[power - 1])
    mean, second = found
    return (mean, second - mean**2) if math.isfinite(mean) else (math.inf, math.inf)


def polynomial_moments(scale: Distribution, given: Given) -> tuple[float, float]:
    r"""`moments_over` where E[L | A] is linear in A and E[L^2 | A] quadratic: in closed form.

    By Newton's divided differences s, d, e at u, 2 u and 3 u, with u the median of what is above 0:

    .. math:: E[q(A)] = s + d\, (E[A] - u) + e\, (E[A^2] - 3 u E[A] + 2 u^2)
    """
    first, second = scale.mean(), scale.second_moment()
    unit = float(scale.isf(float(scale.sf(0.0)) / 2))
    means, variances = zip(*(given(k * unit) for k in (1, 2, 3)), strict=True)
    squares = [v + m * m for m, v in zip(means, variances, strict=True)]
    mean = means[0] + (means[1] - means[0]) / unit * (first - unit)
    if not math.isfinite(mean):
        return math.inf, math.inf
    rises = [(squares[k + 1] - squares[k]) / unit for k in (0, 1)]
    bend = (rises[1] - rises[0]) / (2 * unit)
    square = (
        squares[0] + rises[0] * (first - unit) + bend * (second - 3 * unit * first + 2 * unit**2)
    )
    return (mean, square - mean**2) if math.isfinite(square) else (mean, math.inf)


@dataclass(frozen=True, eq=False)
class Split:
    """A year at one scale, with its fixed losses set apart."""

    factor: Computed
    stays: Array  # chances of the fixed losses
    places: Array  # the year's own places of them
    chances: Array
    moving: tuple[Array, Array]  # the other single losses above 0, and their chances

    def tail(self, x: Array) -> tuple[Array, Array]:
        """P(L > x) and E[(L - x)+] of what is not fixed."""
        sf, excess = self.factor.tail(x)
        held = beyond(self.places, np.array([self.chances, self.places * self.chances]), x)
        return sf - held[0], excess - held[1] + x * held[0]

    def on_log_axis(self, knot: float, low: float, step: float, size: int) -> Array:
        """Masses of the logarithm of the year as a share of the scale, shape (2, size).

        By chance, and by worth where that exists.
        """
        year, (places, _) = self.factor.losses, self.moving
        x = knot * np.exp(low + step * np.arange(size + 1))
        above = 1 - year.prob_no_loss() - float(self.chances.sum())
        if above <= MASS_ROUNDING:
            return np.zeros((2, size))
        has_mean = math.isfinite(year.mean())
        worth = year.mean() - float(self.places @ self.chances) if has_mean else 0.0
        tails, weights = in_shares(x, self.tail(x), self.moving, (above, worth))
        masses = log_masses(tails, (places / knot, weights), low, step)
        return masses * [[above], [worth / knot]]


def _split(year: TabulatedLosses, fixed: Array) -> Split:
    """Set the `fixed` single losses of a year apart."""
    factor = Computed(year)
    places, chances = factor.jumps()
    places, chances = places[places > 0], chances[places > 0]
    index = np.searchsorted(fixed, places * (1 - SAME))
    is_fixed = np.append(fixed, math.inf)[index] <= places * (1 + SAME)
    stays = np.bincount(index[is_fixed], chances[is_fixed], fixed.size).astype(float)
    moving = places[~is_fixed], chances[~is_fixed]
    return Split(factor, stays, places[is_fixed], chances[is_fixed], moving)
