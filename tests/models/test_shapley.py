"""Shares of a change among its inputs: the axioms, by subsets and by orders."""

import math
from itertools import permutations

import numpy as np
import pytest

from workbench.models.shapley import Game

pytestmark = pytest.mark.pure

WEIGHTS = np.array([[3.0, 1.0], [5.0, -2.0], [7.0, 0.0], [0.0, 0.0]])  # the last one does nothing


def figures(chosen: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a sum of parts with two interactions, and an error bound that grows with the parts."""
    has = np.array([chosen >> i & 1 for i in range(4)], dtype=float)
    value = has @ WEIGHTS + has[0] * has[1] * np.array([4.0, 6.0])
    value = value + has[0] * has[1] * has[2] * np.array([9.0, 0.0]) + 100
    return value, np.full(2, 0.25 + chosen.bit_count())


def game(players: int = 4, seed: int = 5) -> Game:
    return Game(players, figures, seed, "test")


def by_all_orders() -> tuple[np.ndarray, np.ndarray]:
    """Return the definition: the average step, and bounds of both ends of it, over all orders."""
    steps, bounds = np.zeros((4, 2)), np.zeros((4, 2))
    orders = list(permutations(range(4)))
    for order in orders:
        chosen = 0
        for i in order:
            more = chosen | 1 << i
            steps[i] += (figures(more)[0] - figures(chosen)[0]) / len(orders)
            bounds[i] += (figures(more)[1] + figures(chosen)[1]) / len(orders)
            chosen = more
    return steps, bounds


def test_subsets_give_the_average_over_all_orders() -> None:
    (moves, errors, bounds), orders = game().shared_out(4, 3)
    wanted, known = by_all_orders()
    assert orders is None
    assert moves == pytest.approx(wanted, abs=1e-12)
    assert bounds == pytest.approx(known, rel=1e-12)
    assert errors.tolist() == np.zeros((4, 2)).tolist()
    assert moves[3].tolist() == [0.0, 0.0]  # whoever changes nothing is given nothing
    assert moves.sum(axis=0) == pytest.approx(figures(15)[0] - figures(0)[0], rel=1e-12)


def test_above_the_most_players_orders_are_averaged_in_pairs() -> None:
    (moves, errors, bounds), orders = game().shared_out(3, 40)
    wanted, _ = by_all_orders()
    assert orders == 80
    assert moves.sum(axis=0) == pytest.approx(figures(15)[0] - figures(0)[0], rel=1e-12)
    assert (np.abs(moves - wanted) <= 4 * errors + 1e-12).all()
    assert (errors[:3, 0] > 0).all()
    # every order has n steps; those of size k have bounds of 0.25 + k and 0.25 + k + 1
    assert bounds.sum(axis=0) == pytest.approx(np.full(2, 4 * 0.5 + 16), rel=1e-12)


def test_an_order_and_its_reverse_share_an_interaction_of_two_exactly() -> None:
    """Either comes first in one of both, so that a single pair of orders has no error there."""

    def two(chosen: int) -> tuple[np.ndarray, np.ndarray]:
        return np.array([float(chosen == 3)]), np.zeros(1)

    (moves, errors, _), orders = Game(2, two, 1, "test").shared_out(1, 1)
    assert orders == 2
    assert moves.tolist() == [[0.5], [0.5]]
    assert errors.tolist() == [[math.inf], [math.inf]]  # one pair says nothing of its own error


def test_the_error_is_that_of_the_mean_of_the_pairs() -> None:
    """Of two pairs: half the distance between them."""
    for seed in range(12):
        (one, _, _), _ = game(seed=seed).shared_out(1, 1)
        (both, errors, _), orders = game(seed=seed).shared_out(1, 2)
        assert orders == 4
        # the first pair is the same; the second one is what makes the mean
        assert errors == pytest.approx(np.abs(both - one), abs=1e-12)


def test_orders_are_seeded_and_each_figure_is_computed_once() -> None:
    def drawn(seed: int) -> list[list[float]]:
        return game(seed=seed).shared_out(1, 2)[0][0].tolist()

    assert drawn(5) == drawn(5)
    assert len({str(drawn(seed)) for seed in range(20)}) > 3
    asked: list[int] = []

    def counted(chosen: int) -> tuple[np.ndarray, np.ndarray]:
        asked.append(chosen)
        return figures(chosen)

    Game(4, counted, 5, "test").shared_out(4, 1)
    assert sorted(asked) == list(range(16))
