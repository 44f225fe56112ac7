"""Draws of a belief from uniform words, part by part where a belief is made of others."""

from collections.abc import Callable, Sequence

import numpy as np

from workbench.distributions import Array, Distribution, Point, Scaled, WithTerms
from workbench.distributions.derived import atoms_of
from workbench.distributions.mixtures import Mixture
from workbench.distributions.products import Product
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.quantile_tables import quantile_table
from workbench.engines.streams import Stream
from workbench.engines.sums import Sum

Single = Callable[[Distribution, str], Array]  # a belief that is one thing, purpose -> draws of it


def draws(
    belief: Distribution, stream: Stream, purpose: str, size: int = BLOCK, start: int = 0
) -> Array:
    """Return the independent draws `start`, `start` + 1, ... of a belief, shape (size,).

    Through quantile tables, which are fast; single values are met exactly.
    """

    def single(one: Distribution, name: str) -> Array:
        if isinstance(one, Point):
            return np.full(size, one.value)
        if isinstance(one, Mixture):
            parts = [draws(p, stream, f"{name} {i}", size, start) for i, p in enumerate(one.parts)]
            steps = np.cumsum(one.weights or ())[:-1]
            chosen = np.searchsorted(steps, stream.uniforms(f"{name} part", size, start))
            return np.asarray(np.stack(parts)[chosen, np.arange(size)])
        table = table_of(one)
        if table is None:
            return one.ppf(stream.uniforms(name, size, start))
        return stream.quantiles(table, name, size, start)

    return _composed(belief, purpose, single)


def at_words(belief: Distribution, purpose: str, words: Callable[[str], Array]) -> Array:
    """Return draws of a belief by its own quantiles, of the shape of the `words` of a purpose.

    For few draws, or words that are more even than random ones.
    """
    return _composed(belief, purpose, lambda one, name: one.ppf(words(name)))


def _composed(belief: Distribution, purpose: str, single: Single) -> Array:
    """Return draws of a belief, put together from those of its parts as it is defined.

    The factors of a product and the parts of a sum have words of their own, so that no quantile of
    the whole is needed.
    """
    if isinstance(belief, WithTerms | Scaled):
        return belief.of(_composed(belief.base, purpose, single))
    if isinstance(belief, Product):
        return np.asarray(np.prod(_each(belief.factors, purpose, single), axis=0))
    if isinstance(belief, Sum):
        return np.asarray(np.sum(_each(belief.parts, purpose, single), axis=0))
    return single(belief, purpose)


def _each(parts: Sequence[Distribution], purpose: str, single: Single) -> list[Array]:
    return [_composed(one, f"{purpose} {i}", single) for i, one in enumerate(parts)]


def table_of(belief: Distribution) -> Array | None:
    """Return the one quantile table through which a belief is drawn, if it is.

    None where it is put together from parts, has single values, or leaves out a range of amounts.
    """
    made = isinstance(belief, Point | WithTerms | Scaled | Product | Sum | Mixture)
    if made or atoms_of(belief) is not None or belief.jumps()[0].size > 0:
        return None
    return quantile_table(belief)
