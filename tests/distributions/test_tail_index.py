"""The index of a tail: which moments exist."""

import math

import pytest

from workbench.distributions import (
    Burr,
    Comonotone,
    Distribution,
    GeneralisedPareto,
    LogNormal,
    Lomax,
    Metalog,
    Mixture,
    Pareto,
    Pert,
    Point,
    Truncated,
    WithTerms,
    product,
    scaled,
)
from workbench.distributions.tail_index import moments_below, tail_index

pytestmark = pytest.mark.pure
HEAVY, LIGHT = Pareto(2.5, 5e4), LogNormal(10, 1.2)


@pytest.mark.parametrize(
    ("belief", "index"),
    [
        (Pareto(2.0, 1e4), 2.0),
        (Lomax(3.3, 1e4), 3.3),
        (GeneralisedPareto(0.25, 1e4, 3.0), 4.0),
        (Burr(2.0, 1.5, 1e4), 3.0),
        (Metalog((10.0, 0.2, 0.1), lower=0.0), 4.0),  # 1 / (a2 + a3 / 2)
        (Mixture((HEAVY, LIGHT), (0.001, 0.999)), 2.5),
        (Comonotone((HEAVY, Lomax(2.0, 1.0))), 2.0),
        (product(LIGHT, HEAVY), 2.5),
        (scaled(product(LIGHT, HEAVY), 3.0), 2.5),
        (WithTerms(product(LIGHT, HEAVY), 1e5), 2.5),
        (WithTerms(HEAVY, 1e5, 1e6), math.inf),
        (Truncated(HEAVY, 1e5), 2.5),
        (Truncated(HEAVY, 1e5, 1e9), math.inf),
        (Pert(1, 2, 3), math.inf),
        (Point(3.0), math.inf),
    ],
    ids=str,
)
def test_the_index_is_that_of_the_heaviest_part(belief: Distribution, index: float) -> None:
    assert tail_index(belief) == pytest.approx(index, rel=1e-2)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.5, 2.0, 2.0001, 3.0, 4.0, 4.0001, 9.0])
def test_moments_below_the_index_exist(alpha: float) -> None:
    belief = Pareto(alpha, 1.0)
    found = moments_below(tail_index(belief), 4)
    assert found == sum(alpha > k for k in (1, 2, 3, 4))
    assert math.isfinite(belief.mean()) == (found >= 1)
    assert math.isfinite(belief.variance()) == (found >= 2)


def test_a_lognormal_has_all_of_four() -> None:
    assert moments_below(tail_index(LogNormal(10, 2.5)), 4) == 4
