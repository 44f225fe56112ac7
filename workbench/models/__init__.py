"""Risk models: scenarios, studies and what is computed from them."""

from workbench.engines.counts import (
    Bernoulli,
    Binomial,
    DiscreteCount,
    NegativeBinomial,
    Poisson,
    ZeroTruncated,
    count_from_dict,
    zero_truncated,
)
from workbench.engines.dependence import Shock
from workbench.engines.independent import independent_sum
from workbench.models.anchors import Anchors
from workbench.models.dependence import Dependence, Factor, StatedCopula
from workbench.models.portfolio import StudyResult, simulate
from workbench.models.scenario import Assumption, Scenario
from workbench.models.study import Asset, Study, TolerancePoint
from workbench.models.tree import (
    LossEvents,
    LossForms,
    SecondaryLoss,
    Terms,
    ThreatEvents,
    Vulnerability,
)

__all__ = [
    "Anchors",
    "Asset",
    "Assumption",
    "Bernoulli",
    "Binomial",
    "Dependence",
    "DiscreteCount",
    "Factor",
    "LossEvents",
    "LossForms",
    "NegativeBinomial",
    "Poisson",
    "Scenario",
    "SecondaryLoss",
    "Shock",
    "StatedCopula",
    "Study",
    "StudyResult",
    "Terms",
    "ThreatEvents",
    "TolerancePoint",
    "Vulnerability",
    "ZeroTruncated",
    "count_from_dict",
    "independent_sum",
    "simulate",
    "zero_truncated",
]
