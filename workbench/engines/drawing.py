"""Draws of a belief from addressed words, part by part where a belief is made of others."""

from collections.abc import Callable

import numpy as np

from workbench.distributions import Array, Distribution, WithTerms
from workbench.distributions.products import Product
from workbench.engines.sums import Sum

Words = Callable[[str], Array]  # purpose -> uniform words, all of one shape


def drawn(belief: Distribution, purpose: str, words: Words) -> Array:
    """Return independent draws of `belief`, of the shape of the `words` of its purpose.

    The factors of a product and the parts of a sum have words of their own, so that no quantile of
    the whole is needed: it is drawn as it is defined, and quickly.
    """
    if isinstance(belief, WithTerms):
        return belief.of(drawn(belief.base, purpose, words))
    if isinstance(belief, Product):
        factors = enumerate(belief.factors)
        return np.asarray(
            np.prod([drawn(one, f"{purpose} {i}", words) for i, one in factors], axis=0)
        )
    if isinstance(belief, Sum):
        parts = enumerate(belief.parts)
        return np.asarray(np.sum([drawn(one, f"{purpose} {i}", words) for i, one in parts], axis=0))
    return belief.ppf(words(purpose))
