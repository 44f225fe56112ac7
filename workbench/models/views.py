"""How sure are we: what only the held beliefs leave open.

E[annual loss | held beliefs] = rate x held values x the mean of each per-event amount. It is a
different question from what a year may cost, and the two are never mixed.
"""

import numpy as np

from workbench.distributions import Array, Point, scaled
from workbench.engines import exact
from workbench.engines.band import conditional_curves
from workbench.engines.counts import Once
from workbench.engines.plan import CompoundPlan
from workbench.engines.streams import words
from workbench.losses import SampledLosses, TabulatedLosses
from workbench.models.portfolio import plans_of
from workbench.models.study import Study

DRAWS = 400  # of the held beliefs, for the band
BAND = (0.05, 0.95)


def mean_belief(study: Study) -> TabulatedLosses:
    """Return what we believe about the average year, as a distribution over the held beliefs.

    The rate (and the asset values) vary; counts and per-event amounts are averaged out. Exact, with
    an error bound, like a loss; its "no loss" is a belief of exactly zero.
    """
    beliefs = [
        CompoundPlan(
            plan.id,
            rate=Point(1.0),
            severity=scaled(plan.rate, plan.severity.mean()),
            count=Once(),
            scale=plan.scale,
            shared=plan.shared,
        )
        for plan in plans_of(study)
    ]
    return exact.portfolio(beliefs, study.currency)


def product_of_ranges(study: Study, scenario_id: str, draws: int = 100_000) -> SampledLosses:
    """Return the raw product ARO x AV x EF of independent draws: what other tools print.

    It is neither of the two views. Its mean is right; its spread mixes what we do not know with
    what varies from event to event, and no year looks like it. Offered for comparison only.
    """
    study.scenario(scenario_id)  # refuses an unknown one
    plan = next(plan for plan in plans_of(study) if plan.id == scenario_id)
    parts = {"rate": plan.rate, "scale": plan.scale, "severity": plan.severity}
    product = np.ones(draws)
    for name, belief in parts.items():
        product *= belief.ppf(words(study.seed, scenario_id, f"product {name}", 0, draws))
    return SampledLosses(product, study.currency, ids=[scenario_id])


def second_order_band(
    study: Study, losses: Array, levels: tuple[float, float] = BAND, draws: int = DRAWS
) -> tuple[Array, Array]:
    """Return the range of the loss exceedance curve over the held beliefs, at each of `losses`.

    Held beliefs are drawn `draws` times from the study's own addressed words (a Latin hypercube, so
    that few draws cover each belief evenly); for each the conditional curve is exact on a grid. The
    two answers are the `levels` of P(L > x | held) across draws, each of shape of `losses`.
    """
    plans = [plan for plan in plans_of(study) if not plan.is_nothing()]
    at = np.asarray(losses, dtype=float)
    if not plans or at.size == 0:
        return np.zeros(at.shape), np.zeros(at.shape)
    low, high = np.quantile(conditional_curves(plans, study.seed, draws, at), levels, axis=0)
    return low, high
