"""One run of a simulation: how many years, with which seed, and where they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.distributions import Array
from workbench.engines import cluster, montecarlo
from workbench.engines.blocks import Ties
from workbench.engines.montecarlo import Progress
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError

DIGITS = 46  # of 53 binary digits, that an edited total keeps


@dataclass(frozen=True, slots=True)
class Run:
    """How a study is simulated."""

    years: int
    seed: int
    keep_years: bool = False
    cluster: object = None  # see `simulate`; None for this process

    def of(
        self, plans: Sequence[CompoundPlan], ties: Ties, progress: Progress | None = None
    ) -> montecarlo.Simulation:
        """Simulate some plans."""
        asked = (plans, self.years, self.seed, progress)
        if self.cluster is None:
            return montecarlo.summarise(*asked, ties=ties, keep_years=self.keep_years)
        return cluster.summarise(self.cluster, *asked, ties=ties, keep_years=self.keep_years)

    def again(self, plans: Sequence[CompoundPlan], ties: Ties) -> montecarlo.Simulation:
        """Simulate some plans once more; in this process where the cluster has gone.

        Wherever they are drawn, they are the same years.
        """
        try:
            return self.of(plans, ties)
        except WorkbenchError:
            if self.cluster is None:
                raise
            return replace(self, cluster=None).of(plans, ties)


def moved_totals(totals: Array, before: Array, after: Array) -> Array:
    """Return totals in which `before` is replaced by `after`, without the rounding of that.

    Digits that no addend has are rounding, by which a year of a round amount would lie above it.
    """
    exponents = np.frexp(np.maximum(np.maximum(totals, before), after))[1]
    digits = np.rint(np.ldexp(totals - before + after, DIGITS - exponents))
    moved: Array = np.maximum(np.ldexp(digits, exponents - DIGITS), 0.0)
    return np.where(before == after, totals, moved)
