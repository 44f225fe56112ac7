"""Draws of a belief from addressed words, part by part where a belief is made of others."""

import numpy as np

from workbench.distributions import Array, Distribution, Point, Scaled, WithTerms
from workbench.distributions.derived import atoms_of
from workbench.distributions.mixtures import Mixture
from workbench.distributions.products import Product
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.quantile_tables import quantile_table
from workbench.engines.streams import Stream
from workbench.engines.sums import Sum


def draws(
    belief: Distribution, stream: Stream, purpose: str, size: int = BLOCK, start: int = 0
) -> Array:
    """Return the independent draws `start`, `start` + 1, ... of a belief, shape (size,).

    The factors of a product and the parts of a sum have words of their own, so that no quantile of
    the whole is needed: it is drawn as it is defined, and quickly. Single values are met exactly.
    """

    def part(one: Distribution, name: str) -> Array:
        return draws(one, stream, name, size, start)

    if isinstance(belief, Point):
        return np.full(size, belief.value)
    if isinstance(belief, WithTerms | Scaled):
        return belief.of(part(belief.base, purpose))
    if isinstance(belief, Product):
        parts = [part(one, f"{purpose} {i}") for i, one in enumerate(belief.factors)]
        return np.asarray(np.prod(parts, axis=0))
    if isinstance(belief, Sum):
        parts = [part(one, f"{purpose} {i}") for i, one in enumerate(belief.parts)]
        return np.asarray(np.sum(parts, axis=0))
    if isinstance(belief, Mixture):
        parts = [part(one, f"{purpose} {i}") for i, one in enumerate(belief.parts)]
        steps = np.cumsum(belief.weights or ())[:-1]
        chosen = np.searchsorted(steps, stream.uniforms(f"{purpose} part", size, start))
        return np.asarray(np.stack(parts)[chosen, np.arange(size)])
    if has_table(belief):
        return stream.quantiles(quantile_table(belief), purpose, size, start)
    return belief.ppf(stream.uniforms(purpose, size, start))


def has_table(belief: Distribution) -> bool:
    """Whether a belief is drawn through one quantile table: it has no single values."""
    made = isinstance(belief, Point | WithTerms | Scaled | Product | Sum | Mixture)
    return not made and atoms_of(belief) is None and belief.jumps()[0].size == 0
