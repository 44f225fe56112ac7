"""Beliefs about one uncertain number, as frozen values."""

from workbench.distributions.base import Array, Distribution
from workbench.distributions.bounded import Beta, Pert, Uniform
from workbench.distributions.derived import Scaled, WithTerms, scaled
from workbench.distributions.discrete import Empirical, Point
from workbench.distributions.positive import Gamma, LogNormal
from workbench.distributions.reading import from_dict, triple

__all__ = [
    "Array",
    "Beta",
    "Distribution",
    "Empirical",
    "Gamma",
    "LogNormal",
    "Pert",
    "Point",
    "Scaled",
    "Uniform",
    "WithTerms",
    "from_dict",
    "scaled",
    "triple",
]
