"""Simulated years held against those observed, and amounts turned into money by a stated belief."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from workbench.distributions import Array, Distribution, product
from workbench.errors import require

MOST_AMOUNTS = 50_000_000  # drawn in one comparison; they pass through memory in blocks
BLOCK = 1_000_000


@dataclass(frozen=True, slots=True)
class YearCheck:
    """One observed period and the 90 % predictive intervals of its count and its total.

    `count_rank` and `total_rank` are the shares of simulated periods at or below what was observed,
    ties counted by half: over many periods a right model gives evenly spread ranks.
    """

    label: str
    count: float
    count_interval: tuple[float, float]
    count_rank: float
    total: float
    total_interval: tuple[float, float]
    total_rank: float

    @property
    def is_covered(self) -> tuple[bool, bool]:
        """Whether the intervals hold the count and the total."""
        inside = self.count_interval[0] <= self.count <= self.count_interval[1]
        return inside, self.total_interval[0] <= self.total <= self.total_interval[1]


def simulate_years(
    rate: Distribution,
    amount: Distribution,
    exposure: float,
    *,
    size: int,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Counts and totals of `size` simulated periods of `exposure` years, each of shape (size,).

    One rate is drawn for each period, N is Poisson with rate x exposure, and amounts are drawn anew
    for each event.
    """
    require(exposure > 0, "an exposure is above 0", got=exposure, fix="Give the years.")
    require(size >= 1, "a size is 1 or more", got=size, fix="Simulate some periods.")
    counts = rng.poisson(rate.draw(size, rng=rng) * exposure)
    ends = np.cumsum(counts)
    number = int(ends[-1])
    fix = "Simulate fewer periods."
    require(number <= MOST_AMOUNTS, f"at most {MOST_AMOUNTS} events", got=number, fix=fix)
    running = np.zeros(size)
    which = np.repeat(np.arange(size), counts)
    for start in range(0, number, BLOCK):
        part = which[start : start + BLOCK]
        running += np.bincount(part, weights=amount.draw(part.size, rng=rng), minlength=size)
    return counts.astype(float), running


def compare_years(
    counts: ArrayLike,
    totals: ArrayLike,
    exposures: ArrayLike,
    rates: Distribution | Sequence[Distribution],
    amount: Distribution,
    *,
    rng: np.random.Generator,
    size: int = 2_000,
    labels: Sequence[object] | None = None,
) -> list[YearCheck]:
    """Simulate every observed period and say where what was observed lies among them.

    `rates` is one belief for all periods or one for each; `amount` is the belief of one event.
    """
    n, sums, years = (np.atleast_1d(np.asarray(v, float)) for v in (counts, totals, exposures))
    beliefs = [rates] * n.size if isinstance(rates, Distribution) else list(rates)
    names = list(range(1, n.size + 1)) if labels is None else list(labels)
    lengths = {n.size, sums.size, years.size, len(beliefs), len(names)}
    fix = "Give as many counts, totals, exposures, rates and labels."
    require(len(lengths) == 1, "each period has one of each", got=sorted(lengths), fix=fix)
    checks = []
    for i, belief in enumerate(beliefs):
        drawn = simulate_years(belief, amount, float(years[i]), size=size, rng=rng)
        ranks = [_rank(d, float(o)) for d, o in zip(drawn, (n[i], sums[i]), strict=True)]
        spans = [
            (float(low), float(high)) for low, high in (np.quantile(d, (0.05, 0.95)) for d in drawn)
        ]
        checks.append(
            YearCheck(
                str(names[i]), float(n[i]), spans[0], ranks[0], float(sums[i]), spans[1], ranks[1]
            )
        )
    return checks


def _rank(drawn: Array, observed: float) -> float:
    """Share of `drawn` below `observed`, equal ones by half."""
    return float(np.mean(drawn < observed) + np.mean(drawn == observed) / 2)


@dataclass(frozen=True, slots=True)
class Costed:
    """What one event costs, from a size in units and a stated cost of one unit."""

    belief: Distribution
    cost_per_unit: Distribution
    citation: str

    def words(self) -> str:
        """Say that the money rests on a stated belief, and on which."""
        return f"Money here rests on a stated cost of one unit: {self.citation}."


def in_money(units: Distribution, cost_per_unit: Distribution, *, citation: str) -> Costed:
    """Turn sizes (records, hours) into money by a belief about the cost of one unit.

    Data about sizes hold no money. The cost is the caller's statement, drawn anew for each event
    and independent of the size, and `citation` says where it comes from.

    Raises
    ------
    WorkbenchError
        without a citation

    """
    said = citation.strip()
    fix = "Name the study, its year and what it counted."
    require(bool(said), "a cost of one unit has a citation", got=citation, fix=fix)
    return Costed(product(units, cost_per_unit), cost_per_unit, said.removesuffix("."))
