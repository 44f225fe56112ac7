"""The chance that no event comes, over a rate that is held, against closed forms."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate

from workbench.distributions import Discrete, Distribution, LogNormal, Pert, Uniform, Weibull
from workbench.engines.waiting import no_event_by

pytestmark = pytest.mark.pure

YEARS = np.geomspace(1e-14, 1e12, 53)


def test_a_rate_that_falls_off_like_an_exponential_leaves_a_power() -> None:
    found = no_event_by(Weibull(1.0, 3.0), YEARS)
    assert found == pytest.approx(1 / (1 + 3 * YEARS), rel=1e-7)
    assert -np.log(found[:20]) == pytest.approx(np.log1p(3 * YEARS[:20]), rel=1e-7)


def test_an_even_rate_has_its_closed_form() -> None:
    u = np.geomspace(1e-3, 1e3, 40)
    low, high = 0.2, 1.7
    wanted = (np.exp(-low * u) - np.exp(-high * u)) / ((high - low) * u)
    assert no_event_by(Uniform(low, high), u) == pytest.approx(wanted, rel=2e-7)


def test_rates_of_single_values_are_summed() -> None:
    u = np.array([[0.0, 1e-9], [2.0, 40.0]])
    wanted = 0.3 + 0.7 * np.exp(-5 * u)
    found = no_event_by(Discrete([0.0, 5.0], [0.3, 0.7]), u)
    assert found.shape == u.shape
    assert found == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize(
    "rate", [LogNormal(0, 1.0), LogNormal(-3, 2.0), Pert(0.1, 0.4, 6)], ids=str
)
def test_other_rates_by_a_second_rule(rate: Distribution) -> None:
    """The integral of exp(-lambda u) over the level, by adaptive quadrature."""
    edges = (0.0, 1e-6, 1e-3, 0.1, 0.9, 0.999, 1.0)
    for u in (1e-6, 0.3, 7.0, 500.0):

        def lost_at(level: float, u: float = u) -> float:
            return -math.expm1(-u * float(rate.ppf(level)))

        parts = [integrate.quad(lost_at, *part, epsabs=1e-14)[0] for part in pairwise(edges)]
        found = 1 - float(no_event_by(rate, np.array(u)))
        assert found == pytest.approx(math.fsum(parts), rel=1e-6)


def test_hardly_any_event_is_waited_for() -> None:
    rate = LogNormal(-80.0, 0.5)
    found = no_event_by(rate, np.array([1.0, 1e12]))
    assert found.tolist() == [1.0, 1.0]
    assert no_event_by(LogNormal(-30.0, 0.1), np.array(0.0)) == 1.0
