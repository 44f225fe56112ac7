"""One run of a simulation: how many years, with which seed, and where they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.engines import cluster, montecarlo
from workbench.engines.blocks import Ties
from workbench.engines.montecarlo import Progress
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError


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
