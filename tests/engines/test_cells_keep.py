"""What cells keep: the chance, mean and second moment of each, by closed forms and by tails."""

import numpy as np
import pytest

from workbench.distributions import (
    Burr,
    Discrete,
    Distribution,
    Gamma,
    LogNormal,
    Mixture,
    Pareto,
    Pert,
    Point,
    Uniform,
    WithTerms,
    scaled,
)
from workbench.engines import cells
from workbench.engines.columns import Target
from workbench.engines.grid import ROUGH, Grid, to_masses
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure

BOUNDED = [
    Pert(100, 300, 2000),
    Uniform(50, 1900),
    Point(171.3),
    Discrete((20.0, 901.0), (0.8, 0.2)),
    Mixture((Pert(200, 400, 1500), Point(400.0), Point(0.0)), (0.5, 0.3, 0.2)),
]


@pytest.mark.parametrize("amount", BOUNDED, ids=lambda a: type(a).__name__)
@pytest.mark.parametrize(("size", "step"), [(64, 40.0), (2048, 1.0), (1 << 17, 2.0**-6)])
def test_masses_of_a_bounded_amount_keep_its_mean_and_second_moment(
    amount: Distribution, size: int, step: float
) -> None:
    by_tail = amount.second_moment() > ROUGH * step**2
    assert by_tail == (step < 1)  # closed forms on wide cells, tails on narrow ones
    masses = to_masses(cells.transformed(amount, size, step), size)
    x, close = step * np.arange(size), 1e-9  # what the tilt makes of rounding
    assert masses.sum() == pytest.approx(1, abs=close)
    assert masses @ x == pytest.approx(amount.mean(), rel=close)
    assert masses @ x**2 == pytest.approx(amount.second_moment(), rel=close)


@pytest.mark.parametrize("alpha", [0.9, 1.5, 1.9])
def test_a_tail_without_moments_keeps_the_chance_of_each_cell(alpha: float) -> None:
    # on the wide grid by closed forms, on the fine one where they would have lost their digits
    for size, step, close in ((1 << 12, 4.0, 5e-8), (1 << 14, 4.0, 1e-12)):
        amount = Pareto(alpha=alpha, low=size * 1.83)
        masses = to_masses(cells.transformed(amount, size, step), size)
        below = np.cumsum(masses) - masses / 2
        x = step * np.arange(0, size, 2)
        smooth = x > 1.01 * amount.low
        assert smooth.sum() > size / 8
        assert below[::2][smooth] == pytest.approx(amount.cdf(x[smooth]), abs=close)


def test_the_mean_of_a_tail_without_moments_is_that_of_its_part_below_the_end() -> None:
    amount, size, step = Pareto(alpha=1.2, low=10.0), 512, 8.0
    masses = to_masses(cells.transformed(amount, size, step), size)
    x, end = step * np.arange(size), size * step
    # E[X; X <= end] = E[min(X, end)] - end P(X > end); the last cell's third node is left out
    left_out = end * float(amount.cdf(end) - masses.sum())
    within = float(amount.layer_moments(np.zeros(()), end)[0]) - end * float(amount.sf(end))
    assert masses @ x == pytest.approx(within - left_out, rel=1e-9)


@pytest.mark.parametrize("worth", [1e4, 1e8, 1e11, 1e14])
@pytest.mark.parametrize(
    "share",
    [Uniform(0, 1), Pert(0, 0.3, 0.9), LogNormal(-1, 1), Gamma(0.4, 1.0), Burr(1.0, 1.5, 1.0)],
    ids=lambda share: type(share).__name__,
)
def test_a_limit_far_below_the_amount_leaves_a_transform_of_chances(
    share: Distribution, worth: float
) -> None:
    """None lies outside the unit disc, where exp(rate (phi - 1)) would make years of rounding."""
    paid = WithTerms(scaled(share, worth), deductible=1e4, limit=2.5e5, share=0.8)
    for size, step, rungs in ((2048, 512.0, 5), (1024, 2000.0, 1), (8192, 40.0, 2)):
        found = cells.transformed(paid, size, step, rungs)
        assert np.abs(found).max() <= 1 + 1e-9


def test_rungs_fall_by_the_ratio() -> None:
    assert cells.rungs_of(16.0, 3).tolist() == [[16.0], [2.0], [0.25]]
    assert cells.rungs_of(16.0, 1).shape == ()
    assert float(cells.rungs_of(16.0, 1)) == 16.0


@pytest.mark.parametrize("wrong", [1.5, np.nan])
def test_a_transform_that_is_none_of_chances_is_refused(wrong: float) -> None:
    grid = Grid(3, 64)
    target = Target(1.0, 1.0, 0.0, lambda _: np.full(grid.size + 1, wrong + 0j), lambda *_: None)
    with pytest.raises(WorkbenchError, match="chances of a year add up to 1"):
        target.masses(grid)
