"""Columns of a table from masses on grids: sums by hand, closed forms, and how tails go on."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from workbench.distributions import Array
from workbench.engines.columns import (
    Target,
    edges_of,
    end_of,
    falling,
    join,
    limited,
    meeting,
    section_of,
    with_atoms,
)
from workbench.engines.grid import Complex, Grid, cell_masses, to_transform
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure
RNG = np.random.default_rng(5)


def unused(_: Grid) -> Complex:
    raise AssertionError


def no_tail(x: Array, _: float) -> tuple[Array, Array]:
    return np.zeros_like(x), np.zeros_like(x)


def target(mean: float, prob_zero: float = 0.0) -> Target:
    return Target(mean, 1.0, prob_zero, unused, no_tail)


def exponential(grid: Grid, mean: float) -> Array:
    """Return the masses of an exponential loss on each rung of a grid."""
    rows = []
    for one in grid.each():
        sf = np.exp(-one.step * np.arange(0, one.size + 1, 2) / mean)
        rows.append(cell_masses((sf, mean * sf, 2 * mean**2 * sf), one.step))
    return np.array(rows)


# edges -------------------------------------------------------------------------------------------


def test_edges_have_half_of_their_own_mass_and_the_excess_of_what_lies_beyond() -> None:
    grid, chances = Grid(3, 16, rungs=2, ratio=1), RNG.dirichlet(np.ones(16), 2)
    places = grid.steps[:, None] * np.arange(16)
    mean = (chances * places).sum(axis=1)
    for rung in (0, 1):
        found = edges_of((grid, chances), target(float(mean[rung]), 0.01))[:, rung]
        x, sf, excess = found
        assert x.tolist() == places[rung, ::2].tolist()
        gap = places[rung] - x[:, None]
        above = ((gap > 0) + 0.5 * (gap == 0)) @ chances[rung]
        assert sf[1:] == pytest.approx(above[1:])
        assert sf[0] == pytest.approx(0.99)
        assert excess == pytest.approx(np.maximum(gap, 0) @ chances[rung], abs=1e-12)


def test_single_losses_are_no_part_of_the_edges() -> None:
    """Of a year that is one of two single losses at times, only the rest is on the grid."""
    grid, rest = Grid(3, 8), np.array([[0.1, 0.0, 0.2, 0.1, 0.0, 0.2, 0.0, 0.0]])
    atoms, weights = np.array([1.5, 2.5]), np.array([0.15, 0.25])
    whole = float((rest @ np.arange(8.0))[0]) + float(atoms @ weights)
    year = replace(target(whole, 0.1), atoms=atoms, weights=weights)
    assert year.spread_mass() == pytest.approx(0.6)
    assert year.spread_mean() == pytest.approx(0.4 + 0.3 + 1.0)
    _, sf, excess = edges_of((grid, rest), year)[:, 0]
    assert sf == pytest.approx([0.5, 0.4, 0.2, 0.0])
    assert excess == pytest.approx([1.7, 0.1 + 0.2 * 3, 0.2, 0.0], abs=1e-12)
    assert target(3.0).spread_mass() == 1
    assert target(3.0).spread_mean() == 3.0


def test_masses_on_a_grid_are_without_single_losses_but_with_no_loss() -> None:
    whole = np.array([0.3, 0.2, 0.1, 0.15, 0.25, 0.0, 0.0, 0.0])
    single = np.array([0.3, 0.0, 0.1, 0.0, 0.05, 0.0, 0.0, 0.0])
    year = replace(target(1.0, 0.3), transform=lambda _: to_transform(whole))
    assert year.masses(Grid(3, 8))[0] == pytest.approx(whole, abs=1e-12)
    beside = replace(year, single=lambda _: to_transform(single))
    left = whole - single
    left[0] += 0.3
    assert beside.masses(Grid(3, 8))[0] == pytest.approx(left, abs=1e-12)


@pytest.mark.parametrize(("factor", "refused"), [(1.0005, False), (1.002, True)])
def test_chances_of_more_than_1_are_refused(factor: float, refused: bool) -> None:
    rows = np.array([[0.25, 0.25, 0.25, 0.0], [factor, 0.0, 0.0, 0.0]])
    year = replace(target(1.0), transform=lambda _: to_transform(rows))
    grid = Grid(2, 4, rungs=2)
    if refused:
        with pytest.raises(WorkbenchError, match="add up to 1 at most"):
            year.masses(grid)
    else:
        assert year.masses(grid) == pytest.approx(rows, abs=1e-12)


# where grids end and meet ------------------------------------------------------------------------


@pytest.mark.parametrize("size", [64, 1024, 4096])
def test_a_table_reads_a_grid_up_to_98_per_cent_at_an_edge_of_half_of_it(size: int) -> None:
    grid = Grid(10, size)
    end = end_of(grid)
    assert 0.98 * grid.top - 4 * grid.step < end <= 0.98 * grid.top
    assert end % (4 * grid.step) == 0
    assert end_of(grid.halved()) == pytest.approx(end, abs=4 * grid.halved().step)


@pytest.mark.parametrize(("high", "low"), [((13, 256), (10, 256)), ((13, 256), (12, 64))])
def test_grids_meet_at_the_last_edge_of_both(high: tuple[int, int], low: tuple[int, int]) -> None:
    upper, lower = Grid(*high), Grid(*low)
    found, width = meeting(upper, lower), 2 * max(upper.step, lower.step)
    assert found <= end_of(lower) < found + width
    assert found % (2 * upper.step) == found % (2 * lower.step) == 0


def test_a_table_is_read_off_the_finest_grid_that_holds_a_loss() -> None:
    """Of an exponential loss, until no chance is left."""
    grid, mean = Grid(12, 1024, rungs=3, ratio=3), 50.0
    x, sf, excess = join([(grid, exponential(grid, mean))], target(mean))
    first, second = (meeting(*grid.each()[k : k + 2]) for k in (1, 0))
    ends = (0.0, first, second, end_of(grid))
    for k, step in enumerate(grid.steps[::-1]):
        wanted = np.arange(ends[k], ends[k + 1] + step, 2 * step)
        inside = (x >= ends[k]) & (x <= ends[k + 1])
        assert np.unique(x[inside]).tolist() == wanted.tolist()
    for place in ends[1:3]:  # where two grids meet there is a node of each
        assert (x == place).sum() == 2
    fine = x < second
    assert sf[fine] == pytest.approx(np.exp(-x[fine] / mean), rel=1e-5)
    assert excess[fine] == pytest.approx(mean * np.exp(-x[fine] / mean), rel=1e-5)
    assert sf[-1] == excess[-1] == 0
    assert x[-1] == pytest.approx(end_of(grid), rel=1e-8)


def test_grids_of_two_pieces_are_joined_like_rungs_of_one() -> None:
    grid, mean = Grid(12, 256, rungs=3, ratio=3), 50.0
    masses = exponential(grid, mean)
    pieces = [(grid.rung(0), masses[:1]), (grid.rung(1, 2), masses[1:])]
    both = join(pieces, target(mean)), join([(grid, masses)], target(mean))
    for one, other in zip(*both, strict=True):
        assert one.tolist() == other.tolist()


def test_a_section_of_a_grid_is_what_its_table_has_there() -> None:
    grid, mean = Grid(9, 256), 50.0
    piece = grid, exponential(grid, mean)
    rows = edges_of(piece, target(mean))[:, 0]
    x, sf, excess = section_of(rows, grid, target(mean), (40.0, 60.0))
    assert x.tolist() == [40.0, 44.0, 48.0, 52.0, 56.0, 60.0]
    assert sf == pytest.approx(np.exp(-x / mean), rel=1e-4)
    assert excess == pytest.approx(mean * np.exp(-x / mean), rel=1e-4)


def test_rounding_and_negative_nodes_leave_columns_that_fall_within_what_is_possible() -> None:
    rows = np.array([[0.0, 2.0, 4.0, 6.0], [0.95, 0.5, -1e-13, 1e-13], [2.0, 1.0, 1.1, -0.1]])
    _, sf, excess = section_of(rows, Grid(3, 8), target(2.0, 0.1), (0.0, 6.0))
    assert sf.tolist() == [0.9, 0.5, 0.0, 0.0]
    assert excess.tolist() == [2.0, 1.0, 1.0, 0.0]


def test_heights_that_rise_are_averaged_and_rounding_is_cut() -> None:
    assert falling(np.array([1.0, 0.4, 0.6, 0.2])) == pytest.approx([1.0, 0.5, 0.5, 0.2])
    small = np.array([1.0, 0.5, 0.5 * (1 + 9e-5), 0.2])
    assert falling(small).tolist() == [1.0, 0.5, 0.5, 0.2]
    assert falling(np.array([1.0, 0.0, 9e-13, 0.0])).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert falling(np.array([1.0, 0.5, 0.5 * (1 + 1.1e-4)]))[1] > 0.5


# single losses in a table ------------------------------------------------------------------------


def test_single_losses_are_nodes_twice_with_their_own_chance() -> None:
    """0.7 of a uniform loss up to 10, 0.1 at 3.3 and 0.2 at the node 5."""
    x = np.linspace(0, 10, 5)
    columns = x, 0.7 * (1 - x / 10), 0.7 * (10 - x) ** 2 / 20
    atoms, weights = np.array([3.3, 5.0]), np.array([0.1, 0.2])
    nodes, sf, excess = with_atoms(columns, 3.5, atoms, weights)
    assert nodes.tolist() == [0.0, 2.5, 3.3, 3.3, 5.0, 5.0, 7.5, 10.0]
    smooth = 0.7 * (1 - nodes / 10)
    assert sf - smooth == pytest.approx([0.3, 0.3, 0.3, 0.2, 0.2, 0, 0, 0], abs=1e-12)
    beside = 0.1 * np.maximum(3.3 - nodes, 0) + 0.2 * np.maximum(5 - nodes, 0)
    assert excess == pytest.approx(0.7 * (10 - nodes) ** 2 / 20 + beside, abs=1e-12)
    assert with_atoms(columns, 3.5, np.zeros(0), np.zeros(0)) is columns


# tails -------------------------------------------------------------------------------------------


def lomax(x: Array, cap: float, alpha: float) -> tuple[Array, Array]:
    """P(L > x) = (1 + x)^-alpha, and E[(min(L, cap) - x)+]."""
    sf = (1 + x) ** -alpha
    return sf, ((1 + x) ** (1 - alpha) - (1 + cap) ** (1 - alpha)) / (alpha - 1)


def lattice(grid: Grid, alpha: float) -> tuple[Array, Array]:
    """Masses of a Lomax loss that is rounded up to the grid, and its tail at the nodes."""
    sf = (1 + grid.step * np.arange(grid.size)) ** -alpha
    return np.append(0.0, sf[:-1] - sf[1:])[None], sf


def test_beyond_the_grid_a_table_goes_on_in_the_shape_of_its_tail() -> None:
    grid, alpha = Grid(9, 512), 1.5
    masses, _ = lattice(grid, alpha)
    mean = float(special.zeta(alpha))  # the sum of all chances, which are k^-alpha
    year = replace(target(mean), tail=lambda x, cap: lomax(x, cap, alpha))
    x, sf, excess = join([(grid, masses)], year)
    at = int(np.searchsorted(x, end_of(grid)))
    assert x[at] == end_of(grid)
    assert x[-1] == pytest.approx(x[at] * 2.0**20)
    known, first = lomax(x[at:], end_of(grid) * 2.0**24, alpha)
    assert sf[at:] / sf[at] == pytest.approx(known / known[0], rel=1e-12)
    assert excess[at:] / excess[at] == pytest.approx(first / first[0], rel=1e-12)
    assert (np.diff(x) > 0).all()


def test_a_table_ends_where_no_chance_is_left() -> None:
    grid = Grid(4, 16)
    masses = np.zeros((1, 16))
    masses[0, [0, 11]] = 0.9, 0.1
    x, sf, excess = join([(grid, masses)], target(1.1, 0.9))
    assert x[-2:] == pytest.approx([12.0, 12.0], rel=1e-8)
    assert sf[-3:] == pytest.approx([0.1, 0, 0], abs=1e-15)
    assert excess[-3:] == pytest.approx([0.1, 0, 0], abs=1e-12)


@pytest.mark.parametrize("left", [0.02, 1e3])
def test_beyond_what_one_event_reaches_a_tail_is_exponential(left: float) -> None:
    """Of the mean excess at the end of the grid, or of the loss itself where that is less."""
    grid = Grid(4, 16)
    masses = np.zeros((1, 16))
    masses[0, [0, 4, 11]] = 0.5, 0.3, 0.1
    whole = 1.2 + 1.1 + 0.1 * end_of(grid) + left
    x, sf, excess = join([(grid, masses)], target(whole, 0.5))
    last = end_of(grid)
    at = int(np.searchsorted(x, last))
    assert sf[at] == pytest.approx(0.1)
    length = min(left / 0.1, last)
    fall = np.exp(-(x[at + 1 :] - last) / length)
    assert sf[at + 1 :] == pytest.approx(0.1 * fall)
    assert excess[at + 1 :] == pytest.approx(length * 0.1 * fall)
    assert x[-1] == pytest.approx(last + 30 * length)


def test_a_loss_without_a_mean_is_cut_far_beyond_the_grid() -> None:
    """E[min(L, end)] of whole steps is a sum of chances; the rest has the shape of the tail."""
    grid, alpha = Grid(9, 256), 0.8
    masses, sf = lattice(grid, alpha)
    end = end_of(grid)
    last, cap = round(end / grid.step), end * 2.0**24
    year = replace(target(math.inf), tail=lambda x, cap: lomax(x, cap, alpha))
    found = limited(year, (grid, masses)).mean
    tail, first = lomax(np.array([end]), cap, alpha)
    height = (sf[last] + sf[last - 1]) / 2
    known = grid.step * sf[:last].sum() + height * float(first[0] / tail[0])
    assert found == pytest.approx(known, rel=1e-12)
    atoms = replace(year, atoms=np.array([7.0]), weights=np.array([0.25]))
    rest = limited(atoms, (grid, 0.75 * masses)).mean
    assert rest == pytest.approx(0.75 * known + 0.25 * 7, rel=1e-12)
    bounded = replace(year, tail=no_tail)
    assert limited(bounded, (grid, masses)).mean == pytest.approx(grid.step * sf[:last].sum())
