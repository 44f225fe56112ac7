"""Which moments a belief has: how fast its tail falls."""

import math

import numpy as np

from workbench.distributions.base import Distribution
from workbench.distributions.comonotone import Comonotone
from workbench.distributions.derived import Scaled, WithTerms
from workbench.distributions.mixtures import Mixture, Truncated
from workbench.distributions.products import Product

DEEP, DEEPER = 1e-100, 1e-150
EXACT = 1 + 1e-9  # times its value, to which the index of a Pareto is found


def tail_index(belief: Distribution) -> float:
    r"""Return the index of the tail of `belief`: the k-th moment exists for k below it.

    .. math:: \alpha = -\lim_{x \to \infty} \frac{d \log P(X > x)}{d \log x}

    Without an end to the tail it is read between two depths where that slope has settled, and is
    infinite where there is an end. A tail that is lighter than any power has a large index there: a
    lognormal of sigma 6 has 4. The tail of a product, a sum or a mixture is its heaviest part's.
    Source: Embrechts, Klueppelberg and Mikosch, Modelling Extremal Events, sections 1.3 and 3.3.
    """
    if belief.support()[1] < math.inf:
        return math.inf
    if parts := _parts(belief):
        return min(map(tail_index, parts))
    near, far = belief.isf(np.array([DEEP, DEEPER]))
    return math.log(DEEP / DEEPER) / math.log(far / near) if far > near else math.inf


def _parts(belief: Distribution) -> tuple[Distribution, ...]:
    """Return the beliefs of which the heaviest has the tail; none where the belief is its own."""
    if isinstance(belief, Product):
        return tuple(belief.factors)
    if isinstance(belief, Mixture | Comonotone):
        return tuple(belief.parts)
    return (belief.base,) if isinstance(belief, Scaled | WithTerms | Truncated) else ()


def moments_below(index: float, most: int) -> int:
    """Return how many moments exist where the tail has this index, of the first `most`."""
    return most if index > most * EXACT else max(math.ceil(index / EXACT) - 1, 0)
