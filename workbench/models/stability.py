r"""Seed stability: what a simulation would have said with other seeds, beside its stated errors.

A standard error is a claim: another run, with another seed, would differ by about that much. Here
the claim is held against K runs. With s the sample standard deviation of a figure between them and
e the error that the median run states, both should be the same; if the figures are normal with
standard deviation e,

.. math:: (K - 1) \frac{s^2}{e^2} \sim \chi^2_{K - 1}

so that chance alone leaves s / e within `limits`. A ratio above says that the stated error is too
small: most often a tail so heavy that one run has not seen what makes its average. A ratio below
says that it is larger than it need be.

The seeds are the study's own and the K - 1 that follow it, so that each run can be repeated by
itself.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from workbench.engines.montecarlo import Progress
from workbench.errors import is_whole, require
from workbench.losses import FIGURES, LossDistribution
from workbench.models.portfolio import YEARS, simulate
from workbench.models.study import LARGEST_SEED, Study, as_study

SEEDS = 20
FEWEST, MOST = 5, 1000  # seeds
SURE = 0.998  # of one ratio, so that one of the nine figures strays by chance once in 55 studies

Verdict = Literal["borne out", "too small", "too large", "none stated", "does not exist"]


@dataclass(frozen=True)
class FigureStability:
    """One figure of the total in runs with different seeds, currency / year or a chance."""

    name: str  # one of FIGURES
    mean: float  # over the runs
    spread: float  # sample standard deviation between the runs
    stated: float  # standard error that one run states: the median over the runs
    seeds: int

    def ratio(self) -> float:
        """Return spread / stated: about 1 if the error is borne out; 1 where neither is above 0."""
        if self.stated == 0:
            return math.inf if self.spread > 0 else 1.0
        return self.spread / self.stated

    def verdict(self) -> Verdict:
        """Say whether the runs bear the stated error out."""
        if not math.isfinite(self.mean):
            return "does not exist"
        if not math.isfinite(self.stated):
            return "none stated"
        low, high = limits(self.seeds)
        ratio = self.ratio()
        if ratio > high:
            return "too small"
        return "too large" if ratio < low else "borne out"


@dataclass(frozen=True)
class Stability:
    """A study's simulation with several seeds."""

    study: Study
    years: int  # of each run
    seeds: tuple[int, ...]
    figures: tuple[FigureStability, ...]  # in order of FIGURES

    def figure(self, name: str) -> FigureStability:
        """Return one of `FIGURES` by its name."""
        require(name in FIGURES, "a figure has a known name", got=name, fix=f"One of {FIGURES}.")
        return next(one for one in self.figures if one.name == name)


def stability(
    study: Study,
    *,
    seeds: int = SEEDS,
    years: int = YEARS,
    progress: Progress | None = None,
) -> Stability:
    """Simulate a study with `seeds` seeds, each of `years` years, and compare the runs.

    Raises
    ------
    WorkbenchError
        for a study without scenarios, fewer than 5 or more than 1,000 seeds, and whatever
        `simulate` refuses.

    """
    require(
        bool(as_study(study).scenarios),
        "a study that is simulated has scenarios",
        got=0,
        fix="Add one to the file.",
    )
    chosen = seeds_of(study.seed, seeds)
    runs = []
    for k, seed in enumerate(chosen):
        portfolio = simulate(
            study, engine="montecarlo", years=years, seed=seed, progress=_part(progress, k, seeds)
        ).portfolio
        runs.append([_measured(portfolio, name) for name in FIGURES])
    table = np.array(runs)  # shape (seeds, figures, 2)
    figures = (_compared(name, *table[:, i].T) for i, name in enumerate(FIGURES))
    return Stability(study, years, chosen, tuple(figures))


def seeds_of(seed: int, count: int) -> tuple[int, ...]:
    """Return the seed and the `count` - 1 that follow it; after the largest comes 0.

    Raises
    ------
    WorkbenchError
        for fewer than 5 seeds or more than 1,000.

    """
    require(
        is_whole(count, FEWEST, MOST),
        f"runs are compared over {FEWEST} to {MOST:,} seeds",
        got=count,
        fix="20 are usual.",
    )
    return tuple((seed + k) % (LARGEST_SEED + 1) for k in range(count))


def limits(seeds: int) -> tuple[float, float]:
    """Return within what chance leaves the ratio of a right error, `SURE` of the times."""
    freedom = seeds - 1
    ends = np.array([(1 - SURE) / 2, (1 + SURE) / 2])
    low, high = np.sqrt(2 * special.gammaincinv(freedom / 2, ends) / freedom)
    return float(low), float(high)


def _measured(losses: LossDistribution, name: str) -> tuple[float, float]:
    return losses.figure(name), losses.error(name)


def _compared(name: str, values: np.ndarray, errors: np.ndarray) -> FigureStability:
    if not np.isfinite(values).all():
        return FigureStability(name, math.inf, math.inf, math.inf, values.size)
    stated = float(np.median(errors))
    spread = float(values.std(ddof=1)) if np.ptp(values) > 0 else 0.0
    return FigureStability(name, float(values.mean()), spread, stated, values.size)


def _part(progress: Progress | None, k: int, runs: int) -> Progress | None:
    """Return the progress of run k as a part of that of all runs."""
    if progress is None:
        return None
    return lambda done, total: progress(k * total + done, runs * total)
