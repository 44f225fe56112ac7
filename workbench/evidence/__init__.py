"""Evidence that is measured: drift of data, and what a mechanism promises about privacy."""

from workbench.evidence.counting import Counted, count_categories, count_numbers
from workbench.evidence.differential_privacy import (
    Guarantee,
    composed,
    epsilon_from_attack,
    gaussian_delta,
    gaussian_sd,
    laplace_epsilon,
    least_delta,
    least_epsilon,
)
from workbench.evidence.divergences import DIVERGENCES
from workbench.evidence.drift import Drift, drift
from workbench.evidence.verdicts import Threshold, Verdict

__all__ = [
    "DIVERGENCES",
    "Counted",
    "Drift",
    "Guarantee",
    "Threshold",
    "Verdict",
    "composed",
    "count_categories",
    "count_numbers",
    "drift",
    "epsilon_from_attack",
    "gaussian_delta",
    "gaussian_sd",
    "laplace_epsilon",
    "least_delta",
    "least_epsilon",
]
