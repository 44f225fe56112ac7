"""Beliefs about one uncertain number, as frozen values."""

from workbench.distributions.base import Array, Distribution
from workbench.distributions.bounded import Beta, Pert, Uniform
from workbench.distributions.derived import Scaled, WithTerms, scaled
from workbench.distributions.discrete import Discrete, Empirical, Point
from workbench.distributions.positive import Gamma, LogNormal
from workbench.distributions.reading import from_dict, triple
from workbench.distributions.triangular import Triangular

__all__ = [
    "Array",
    "Beta",
    "Discrete",
    "Distribution",
    "Empirical",
    "Gamma",
    "LogNormal",
    "Pert",
    "Point",
    "Scaled",
    "Triangular",
    "Uniform",
    "WithTerms",
    "from_dict",
    "scaled",
    "triple",
]
