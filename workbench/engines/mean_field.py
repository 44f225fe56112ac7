r"""Products of independent beliefs that are held for the year, by FFT on the axis of the logarithm.

.. math:: \log \prod_i X_i = \sum_i \log X_i

so that a product is a convolution of the factors' masses on a grid of log x. Each factor costs two
transforms, and half of the grid tells the error. What a factor has at 0 is set apart.

Averages come from a second convolution, of the masses weighted by their amounts: with Q_i(A) =
E[X_i; A] / E[X_i] the X_i are independent under Q too. Masses times amounts would not do, since
far out an amount makes a loss of the rounding of a mass.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import fft

from workbench.distributions import Array, Distribution, Point, Product, scaled
from workbench.distributions.derived import jumps_of
from workbench.engines.counts import Once
from workbench.engines.exact import portfolio
from workbench.engines.grid import Complex, atom_masses, smooth_masses
from workbench.engines.independent import independent_sum
from workbench.engines.ladder import tabulate_belief
from workbench.engines.plan import CompoundPlan, Group, groups
from workbench.losses import TabulatedLosses

SIZE = 1 << 13  # cells of log x
LEAST = 1e-15  # chance below and above which a factor is not followed


class Factor(Protocol):
    """What is multiplied: a belief, or a computed loss as one."""

    def tail(self, x: Array) -> tuple[Array, Array]:
        """P(X > x) and E[(X - x)+]."""
        ...

    def mean(self) -> float:
        """E[X]."""
        ...

    def variance(self) -> float:
        """E[(X - E[X])^2]."""
        ...

    def jumps(self) -> tuple[Array, Array]:
        """Single values and their chances."""
        ...

    def ends(self) -> tuple[float, float]:
        """Values above 0 between which all but `LEAST` of what is above 0 lies."""
        ...


@dataclass(frozen=True)
class Held:
    """A belief as a factor."""

    belief: Distribution

    def tail(self, x: Array) -> tuple[Array, Array]:
        return self.belief.excess_moments(x)[:2]

    def mean(self) -> float:
        return self.belief.mean()

    def variance(self) -> float:
        return self.belief.variance()

    def jumps(self) -> tuple[Array, Array]:
        return jumps_of(self.belief)

    def ends(self) -> tuple[float, float]:
        low, high = self.belief.support()
        above = float(self.belief.sf(0.0))
        low = low if low > 0 else float(self.belief.isf(above * (1 - 1e-12)))
        return max(low, 1e-12 * self.mean()), min(high, float(self.belief.isf(LEAST * above)))


@dataclass(frozen=True)
class Computed:
    """A computed loss as a factor."""

    losses: TabulatedLosses

    def tail(self, x: Array) -> tuple[Array, Array]:
        return self.losses.tail(x)

    def mean(self) -> float:
        return self.losses.mean()

    def variance(self) -> float:
        return self.losses.variance()

    def jumps(self) -> tuple[Array, Array]:
        x, sf, _ = self.losses.nodes()
        if self.losses.step:
            return x, -np.diff(sf, prepend=1.0)
        free = self.losses.prob_no_loss()
        return (np.zeros(1), np.array([free])) if free > 0 else (np.zeros(0), np.zeros(0))

    def ends(self) -> tuple[float, float]:
        x, sf, _ = self.losses.nodes()
        low = self.losses.var(min(self.losses.prob_no_loss() + 1e-9, 0.5))
        last = min(int(np.searchsorted(-sf, -LEAST)), x.size - 1)
        return max(low, 1e-12 * self.mean()), float(x[last])


def multiplied(
    factors: Sequence[Factor], currency: str = "USD", ids: Iterable[str] = (), size: int = SIZE
) -> TabulatedLosses:
    """Return the product of independent `factors`, none of them 0 for certain.

    The cells keep the first two moments of log x, so that quantiles err by the third power of their
    width; E[X] is closed.
    """
    names = frozenset(ids)
    spans = [np.log(factor.ends()) for factor in factors]
    start, end = (math.fsum(float(span[k]) for span in spans) for k in (0, 1))
    step = max(end - start, 1e-6) / (size - 8 * len(factors))
    lows = [float(span[0]) - 4 * step for span in spans]
    above = math.prod(1 - _at_zero(factor) for factor in factors)
    masses = _convolved(factors, lows, step, size)
    mean = math.prod(factor.mean() for factor in factors)
    squares = math.prod(factor.variance() + factor.mean() ** 2 for factor in factors)
    x, sf, excess = _read(masses, math.fsum(lows), step, above, mean)
    return TabulatedLosses(
        np.append(0.0, x),
        np.append(above, sf),
        np.append(mean, excess),
        mean=mean,
        variance=max(squares - mean**2, 0.0),
        currency=currency,
        ids=names,
        coarse=lambda: multiplied(factors, currency, names, size // 2),
    )


def _at_zero(factor: Factor) -> float:
    places, chances = factor.jumps()
    return float(chances[places == 0].sum())


def _convolved(factors: Sequence[Factor], lows: Sequence[float], step: float, size: int) -> Array:
    """Masses of the product's logarithm given that it is above 0, as `_log_masses` has them."""
    transforms: Complex = np.ones((2, 1), dtype=complex)
    for factor, low in zip(factors, lows, strict=True):
        transforms = transforms * fft.rfft(_log_masses(factor, low, step, size), 2 * size)
    return np.asarray(fft.irfft(transforms, 2 * size)[:, : size + 1])


def _log_masses(factor: Factor, low: float, step: float, size: int) -> Array:
    """Masses of log X on the grid from `low` on, given that X is above 0: by chance and by worth.

    Shape (2, size): the second row weights each amount by what it brings to the mean.
    """
    places, chances = factor.jumps()
    above, mean = 1 - _at_zero(factor), factor.mean()
    places, chances = places[places > 0], chances[places > 0]
    x = np.exp(low + step * np.arange(size + 1))
    sf, excess = factor.tail(x)
    tails = np.array([sf / above, (excess + x * sf) / mean])
    weights = np.array([chances / above, places * chances / mean])
    masses = smooth_masses(tails - weights @ (x < places[:, None]))
    masses[:, 0] -= weights.sum(axis=1)
    return masses + [atom_masses(np.log(places) - low, row, size, step) for row in weights]


def _read(
    masses: Array, low: float, step: float, above: float, mean: float
) -> tuple[Array, Array, Array]:
    """Read x, P(X > x) and E[(X - x)+] off the masses, at every second node."""
    x = np.exp(low + step * np.arange(masses.shape[1]))
    tail, first = (np.cumsum(row[::-1])[::-1] - row / 2 for row in masses)
    sf = np.minimum.accumulate(np.clip(above * tail, 0, above))[::2]
    excess = np.maximum(mean * first[::2] - x[::2] * sf, 0.0)
    return x[::2], sf, np.minimum.accumulate(np.minimum(excess, mean))


def held_average(plans: Sequence[CompoundPlan], currency: str = "USD") -> TabulatedLosses | None:
    """Return what is believed of E[L | what is held] of all plans together, as a computed loss.

    Plans of one shared asset are A (sum of rate x mean), a product again. None where terms meet an
    uncertain scale, or a shared one meets a secondary loss: those are no products.
    """
    found = [_group_average(group) for group in groups(list(plans))]
    tables = [table for table in found if table is not None]
    if len(tables) < len(found) or not tables:
        return None
    whole = tables[0] if len(tables) == 1 else independent_sum(tables)
    return whole.renamed(currency, [plan.id for plan in plans])


def _group_average(group: Group) -> TabulatedLosses | None:
    if len(group) == 1 and isinstance(group[0].scale, Point):  # terms act on what it makes larger
        group = (group[0].at_scale(group[0].scale.value),)
    if all(plan.is_simple() for plan in group):
        sums = [_product([scaled(plan.rate, plan.severity.mean())], plan.id) for plan in group]
        if len(group) == 1:
            rate = scaled(group[0].rate, group[0].severity.mean())
            return _product([rate, group[0].scale], group[0].id)
        return _times(group[0].scale, independent_sum(sums))
    plan = group[0]
    uncertain = plan.terms is not None and not isinstance(plan.scale, Point)
    if len(group) > 1 or plan.shared is not None or uncertain:
        return None
    event = plan.event(1.0)
    more = event.more or event.plain
    rise = scaled(event.share, max(more.mean() - event.plain.mean(), 0.0))
    if isinstance(rise, Point):
        if rise.value == 0:
            return _product([scaled(plan.rate, event.plain.mean()), plan.scale], plan.id)
        if isinstance(plan.scale, Point):
            known = event.plain.mean() + rise.value
            return _product([scaled(plan.rate, known)], plan.id)
    parts = [scaled(plan.scale, event.plain.mean()), rise]
    once = [CompoundPlan(str(k), Point(1.0), part, Once()) for k, part in enumerate(parts)]
    return _times(plan.rate, portfolio(once))


def _product(beliefs: Sequence[Distribution], name: str) -> TabulatedLosses:
    flat: list[Distribution] = []
    for belief in beliefs:
        flat += belief.factors if isinstance(belief, Product) else [belief]
    known = math.prod(part.value for part in flat if isinstance(part, Point))
    rest = [part for part in flat if not isinstance(part, Point)]
    if len(rest) < 2:
        return tabulate_belief(scaled(rest[0], known) if rest else Point(known), ids=[name])
    return multiplied([Held(scaled(rest[0], known)), *map(Held, rest[1:])], ids=[name])


def _times(belief: Distribution, losses: TabulatedLosses) -> TabulatedLosses:
    flat = list(belief.factors) if isinstance(belief, Product) else [belief]
    return multiplied([*map(Held, flat), Computed(losses)], ids=losses.ids)
