"""Magnitudes on grids: rungs computed together, lognormal cells by Gauss rules, exponentials."""

import math
from dataclasses import replace

import numpy as np
import pytest

from workbench.distributions import (
    Discrete,
    Distribution,
    Gamma,
    LogNormal,
    Mixture,
    Pareto,
    Pert,
    Point,
)
from workbench.engines import cells, exact
from workbench.engines.grid import RATIO, Grid, cell_masses, to_masses, to_transform
from workbench.engines.log_cells import lognormal_masses
from workbench.engines.plan import CompoundPlan
from workbench.engines.rates import exponential
from workbench.engines.sums import severity_transform, total

pytestmark = pytest.mark.pure

AMOUNTS = [
    LogNormal(4, 1.2),
    LogNormal(0, 2.5),
    Gamma(0.7, 50),
    Pert(10, 30, 200),
    Pareto(alpha=0.9, low=3),
    Point(17.3),
    Discrete((2.0, 90.0), (0.8, 0.2)),
    Mixture((LogNormal(3, 1), Point(40.0)), (0.6, 0.4)),
    total((Gamma(2, 10), LogNormal(2, 0.5))),
]


@pytest.mark.parametrize("amount", AMOUNTS, ids=lambda a: type(a).__name__)
def test_rungs_that_are_computed_together_are_those_of_the_single_grids(
    amount: Distribution,
) -> None:
    grid = Grid(11, 512, rungs=5)
    together = severity_transform(amount, grid, 1.0)
    assert together.shape == grid.shape
    for row, one in zip(together, grid.each(), strict=True):
        np.testing.assert_allclose(row, severity_transform(amount, one, 1.0), atol=2e-9)


def test_a_rung_reaches_less_far_by_the_ratio_and_is_finer_by_as_much() -> None:
    rungs = Grid(11, 512, rungs=3).each()
    assert [one.log2_top for one in rungs] == [11, 11 - RATIO, 11 - 2 * RATIO]
    assert [one.step for one in rungs] == list(Grid(11, 512, rungs=3).steps)
    assert {one.size for one in rungs} == {512}


@pytest.mark.parametrize("sigma", [0.004, 0.05, 0.3, 1.0, 2.0, 2.5])
def test_lognormal_cells_by_gauss_rules_are_those_of_closed_forms(sigma: float) -> None:
    amount, size = LogNormal(0.3, sigma), 1024
    steps = np.array([4.0, 0.5]) * np.exp(2 * sigma) / size
    edges = 2 * steps[:, None] * np.arange(size // 2 + 1)
    wanted = cell_masses(amount.excess_moments(edges), steps[:, None])
    noise = 1e-14 * (1 + amount.second_moment() / steps.min() ** 2)  # of closed forms
    found = lognormal_masses(amount, size, steps)
    np.testing.assert_allclose(found, wanted, atol=noise)
    # all events below the grid's end are somewhere on it, but for the last cell's third node
    assert found.sum(axis=1) == pytest.approx(amount.cdf(edges[:, -1]), abs=1e-3)


def test_lognormal_cells_keep_the_chance_of_each_cell() -> None:
    # where the closed forms of second moments have lost their digits
    amount, size = LogNormal(0, 2.0), 2048
    steps = np.array([1e-3])
    found = lognormal_masses(amount, size, steps)[0]
    x = 2 * steps[0] * np.arange(100, 900)
    below = np.cumsum(found) - found / 2
    np.testing.assert_allclose(below[200:1800:2], amount.cdf(x), atol=1e-7)


def test_exponentials_of_complex_numbers() -> None:
    rng = np.random.default_rng(4)
    z = rng.uniform(-40, 1, 500) + 1j * np.concatenate(
        [rng.uniform(-300, 300, 490), np.pi * np.arange(-5, 5)]
    )
    wanted = np.exp(z)
    assert (np.abs(exponential(z) - wanted) <= 4e-15 * np.abs(wanted)).all()


def test_masses_come_back_from_their_transform() -> None:
    masses = np.random.default_rng(5).dirichlet(np.ones(256), 3)
    np.testing.assert_allclose(to_masses(to_transform(masses), 256), masses, atol=1e-13)


def test_plans_that_name_one_known_asset_are_all_counted() -> None:
    one = CompoundPlan("A", Point(0.5), Gamma(1, 10), scale=Point(2.0), shared="db")
    other = replace(one, id="B", rate=Point(0.8))
    both = exact.portfolio([one, other])
    apart = exact.portfolio([replace(one, shared=None), replace(other, shared=None)])
    assert both.mean() == pytest.approx(2.0 * 1.3 * 10)
    for level in (0.5, 0.9, 0.99):
        assert both.var(level) == pytest.approx(apart.var(level), rel=1e-6)


@pytest.mark.parametrize("sigma", [0.05, 0.3, 1.0, 1.7, 2.5])
@pytest.mark.parametrize("size", [512, 8192, 131072])
def test_no_mass_of_a_lognormal_is_missed(sigma: float, size: int) -> None:
    """What the cells miss is multiplied by the rate: at 100,000 events a year 1e-12 is seen."""
    amount = LogNormal(3.0, sigma)
    top = float(amount.isf(1e-18))  # all but nothing lies on the grid
    (masses,) = lognormal_masses(amount, size, np.array([top / size]))
    assert math.fsum(masses) == pytest.approx(1, abs=5e-15)


def test_a_lognormal_is_transformed_by_cells_of_its_own_logarithm() -> None:
    """The same to the last bit, though other ways differ from it by far less than is shown."""
    amount, steps = LogNormal(3.0, 2.0), cells.rungs_of(1.0, 2).reshape(2)
    found = cells.transformed(amount, 512, 1.0, 2)
    assert (found == to_transform(lognormal_masses(amount, 512, steps))).all()
