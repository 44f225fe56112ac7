"""Risk models: scenarios, studies and what is computed from them."""

from workbench.engines.counts import Bernoulli, NegativeBinomial, Poisson, count_from_dict
from workbench.engines.exact import independent_sum
from workbench.models.portfolio import StudyResult, simulate
from workbench.models.scenario import Assumption, Scenario
from workbench.models.study import Asset, Study, TolerancePoint

__all__ = [
    "Asset",
    "Assumption",
    "Bernoulli",
    "NegativeBinomial",
    "Poisson",
    "Scenario",
    "Study",
    "StudyResult",
    "TolerancePoint",
    "count_from_dict",
    "independent_sum",
    "simulate",
]
