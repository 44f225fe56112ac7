"""Distances between two distributions over the same cells, in nats, over the last axis."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from scipy import special

from workbench.distributions import Array

Measure = Literal["kl", "psi", "js"]


def kullback_leibler(p: Array, q: Array) -> Array:
    r"""Return the divergence of q from p; p and q of shape (..., k).

    .. math:: KL(p \| q) = \sum_i p_i \ln(p_i / q_i)

    It is infinite where a cell of q is empty and that of p is not. Source: Kullback and Leibler
    (1951).
    """
    return np.asarray(special.rel_entr(p, q).sum(axis=-1))


def population_stability(p: Array, q: Array) -> Array:
    """Return KL(p || q) + KL(q || p), the population stability index; Jeffreys (1946)."""
    return kullback_leibler(p, q) + kullback_leibler(q, p)


def jensen_shannon(p: Array, q: Array) -> Array:
    """Return the mean divergence from the middle; at most ln 2, and never infinite; Lin (1991)."""
    middle = (p + q) / 2
    return (kullback_leibler(p, middle) + kullback_leibler(q, middle)) / 2


@dataclass(frozen=True, slots=True)
class Divergence:
    """A divergence, its name, and how it is near p = q."""

    title: str
    between: Callable[[Array, Array], Array]
    # Near p = q it is this times the chi-squared distance sum (p - q)^2 / q, so for two samples of
    # one distribution this times (1/n + 1/m) times a chi-squared variate with k - 1 degrees of
    # freedom: Wilks (1938), Miller and Madow (1955).
    curvature: float
    most: float = math.inf  # in nats


DIVERGENCES: Mapping[str, Divergence] = MappingProxyType(
    {
        "kl": Divergence("KL(reference || current)", kullback_leibler, 1 / 2),
        "psi": Divergence("population stability index", population_stability, 1.0),
        "js": Divergence("Jensen-Shannon divergence", jensen_shannon, 1 / 8, math.log(2)),
    }
)
