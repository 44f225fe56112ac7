"""Shapley values of a change: over all subsets of what changed, or over seeded orders.

Source: Shapley 1953, A value for n-person games; orders in pairs with their reverse: Mitchell et
al. 2022, Sampling permutations for Shapley value estimation.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from workbench.distributions import Array
from workbench.engines.streams import words


@dataclass
class Game:
    """A figure of what lies between two states, by the set of inputs that are changed in it."""

    players: int
    computed: Callable[[int], tuple[Array, Array]]  # figures and bounds, each shape (measures,)
    seed: int
    label: str  # of its orders
    known: dict[int, tuple[Array, Array]] = field(default_factory=dict)

    def _figures(self, chosen: int) -> tuple[Array, Array]:
        if chosen not in self.known:
            self.known[chosen] = self.computed(chosen)
        return self.known[chosen]

    def value(self, chosen: int) -> Array:
        """Figures, shape (measures,), with the inputs changed whose bits `chosen` holds."""
        return self._figures(chosen)[0]

    def bound(self, chosen: int) -> Array:
        """Error bounds of `value`."""
        return self._figures(chosen)[1]

    def shared_out(self, most: int, pairs: int) -> tuple[tuple[Array, Array, Array], int | None]:
        """Moves, errors and bounds, each (players, measures), and how many orders were averaged.

        All subsets are computed for at most `most` players (then no orders are averaged), `pairs`
        orders with their reverse above that.
        """
        if self.players <= most:
            return _over_subsets(self), None
        return _over_orders(self, pairs), 2 * pairs


def _over_subsets(game: Game) -> tuple[Array, Array, Array]:
    """Shapley values over all subsets: moves, no errors, and bounds, each (players, measures)."""
    n, width = game.players, game.value(0).size
    moves, bounds = np.zeros((n, width)), np.zeros((n, width))
    for chosen in range(2**n):
        size = chosen.bit_count()
        for i in range(n):
            if chosen >> i & 1:
                continue
            weight = 1 / (n * math.comb(n - 1, size))  # |S|! (n - |S| - 1)! / n!
            more = chosen | 1 << i
            moves[i] += weight * (game.value(more) - game.value(chosen))
            bounds[i] += weight * (game.bound(more) + game.bound(chosen))
    return moves, np.zeros((n, width)), bounds


def _over_orders(game: Game, pairs: int) -> tuple[Array, Array, Array]:
    """Average over seeded orders, each with its reverse; errors from the spread of the pairs.

    An order's steps add up to the whole change, and so does their average.
    """
    n, width = game.players, game.value(0).size
    found = np.zeros((pairs, n, width))
    bounds = np.zeros((n, width))
    for pair in range(pairs):
        order = np.argsort(words(game.seed, game.label, "order", pair, n)).tolist()
        for one in (order, order[::-1]):
            chosen = 0
            for i in one:
                more = chosen | 1 << i
                found[pair, i] += (game.value(more) - game.value(chosen)) / 2
                bounds[i] += (game.bound(more) + game.bound(chosen)) / (2 * pairs)
                chosen = more
    errors = np.full(bounds.shape, np.inf)  # one pair says nothing of its own error
    if pairs > 1:
        errors = found.std(axis=0, ddof=1) / math.sqrt(pairs)
    return found.mean(axis=0), errors, bounds
