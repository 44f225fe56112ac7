"""Beliefs about one uncertain number, as frozen values."""

from workbench.distributions.base import Array, Distribution
from workbench.distributions.bounded import Beta, Pert, Uniform
from workbench.distributions.comonotone import Comonotone
from workbench.distributions.derived import Scaled, WithTerms, scaled
from workbench.distributions.discrete import Discrete, Empirical, Point
from workbench.distributions.heavy import Burr, GeneralisedPareto, Lomax, Pareto
from workbench.distributions.metalog import Metalog
from workbench.distributions.mixtures import Mixture, Truncated
from workbench.distributions.positive import Gamma, LogNormal
from workbench.distributions.products import Product, product
from workbench.distributions.reading import from_dict, triple
from workbench.distributions.triangular import Triangular
from workbench.distributions.weibull import Weibull

__all__ = [
    "Array",
    "Beta",
    "Burr",
    "Comonotone",
    "Discrete",
    "Distribution",
    "Empirical",
    "Gamma",
    "GeneralisedPareto",
    "LogNormal",
    "Lomax",
    "Metalog",
    "Mixture",
    "Pareto",
    "Pert",
    "Point",
    "Product",
    "Scaled",
    "Triangular",
    "Truncated",
    "Uniform",
    "Weibull",
    "WithTerms",
    "from_dict",
    "product",
    "scaled",
    "triple",
]
