"""What a year costs, and the measures of risk that are read from it."""

from workbench.losses.base import FIGURES, QUANTILES, TAILS, LossDistribution
from workbench.losses.binned import BinnedLosses
from workbench.losses.replicated import ReplicatedLosses
from workbench.losses.sampled import SampledLosses
from workbench.losses.tabulated import TabulatedLosses

__all__ = [
    "FIGURES",
    "QUANTILES",
    "TAILS",
    "BinnedLosses",
    "LossDistribution",
    "ReplicatedLosses",
    "SampledLosses",
    "TabulatedLosses",
]
