"""A held rate is averaged out of a year's transform to rounding, however wide it is."""

import numpy as np
import pytest

from workbench.distributions import Distribution, Pert, Uniform
from workbench.distributions.quadrature import nodes
from workbench.engines import rates

pytestmark = pytest.mark.pure

RATES = [
    Pert(0, 1, 3),
    Pert(0.01, 0.5, 5),
    Pert(2, 4, 9),
    Pert(3.8, 9.5, 19),
    Pert(0, 2, 20),
    Pert(100, 105, 115),
    Uniform(0, 5.9),
    Uniform(30, 49),
]


def disc() -> np.ndarray:
    """Return points of |g + 1| <= 1, in which every phi - 1 lies, with its edge and its axis."""
    turn = np.exp(1j * np.linspace(0, np.pi, 301))
    rings = [radius * turn - 1 for radius in (0.0, 0.3, 0.7, 1.0)]
    return np.concatenate([*rings, -np.linspace(0, 2, 101) + 0j])


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_the_average_is_that_of_a_fine_quadrature(rate: Distribution) -> None:
    values, weights = nodes(rate, 400)
    wanted = np.exp(np.outer(disc(), values)) @ weights
    assert rates.average_exponential(rate, disc()) == pytest.approx(wanted, abs=3e-14)


def test_wide_rates_take_the_way_of_moments() -> None:
    """Both ways are tried above: else a change of the limits would leave one untested."""
    ways = []
    for rate in RATES:
        low, high = rate.support()
        half, centre = (high - low) / 2, (high + low) / 2
        ways.append(2 * half <= rates.WIDE and half**2 <= 2 * centre * rates.GROWN)
    assert {True, False} == set(ways)
