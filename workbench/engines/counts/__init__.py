"""How many events a year brings, given its rate."""

from workbench.engines.counts.base import Complex, Count
from workbench.engines.counts.clustering import NegativeBinomial, Poisson, poisson_ppf
from workbench.engines.counts.occasions import Bernoulli, Binomial, Once
from workbench.engines.counts.reading import count_from_dict
from workbench.engines.counts.stated import DiscreteCount
from workbench.engines.counts.truncated import ZeroTruncated, zero_truncated

__all__ = [
    "Bernoulli",
    "Binomial",
    "Complex",
    "Count",
    "DiscreteCount",
    "NegativeBinomial",
    "Once",
    "Poisson",
    "ZeroTruncated",
    "count_from_dict",
    "poisson_ppf",
    "zero_truncated",
]
