"""Years of very many and of very few events: a million a year, one in a million years, none."""

import numpy as np
import pytest
from scipy import optimize, special, stats

from workbench.distributions import Gamma, Point
from workbench.engines import exact
from workbench.engines.counts import Bernoulli
from workbench.engines.plan import CompoundPlan

pytestmark = pytest.mark.pure


@pytest.mark.daily(1)
@pytest.mark.parametrize("shape", [0.3, 1.0])
@pytest.mark.parametrize("rate", [1e5, 1e6])
def test_a_million_gamma_losses_a_year(rate: float, shape: float) -> None:
    """n gammas of one scale are a gamma of n times the shape, averaged over the count."""
    spread = int(9 * rate**0.5)
    n = np.arange(int(rate) - spread, int(rate) + spread)
    chances = stats.poisson(rate).pmf(n)
    found = exact.compound(CompoundPlan("S-01", Point(rate), Gamma(shape, 1.0)))
    for level in (0.5, 0.95, 0.99):
        near = found.var(level)
        value = optimize.brentq(
            lambda x, q=level: float(chances @ special.gammaincc(shape * n, x)) - (1 - q),
            0.98 * near,
            1.02 * near,
            rtol=1e-13,
        )
        above = shape * n * special.gammaincc(shape * n + 1, value)
        above -= value * special.gammaincc(shape * n, value)
        tail = value + float(chances @ above) / (1 - level)
        assert abs(found.var(level) - value) <= found.var_error(level) <= 2e-4 * value
        assert abs(found.tvar(level) - tail) <= found.tvar_error(level) <= 2e-4 * tail


@pytest.mark.parametrize("rate", [1e-6, 1e-4])
def test_one_event_in_a_million_years(rate: float) -> None:
    found = exact.compound(CompoundPlan("S-01", Point(rate), Gamma(2, 1e4)))
    assert found.prob_no_loss() == pytest.approx(np.exp(-rate), abs=1e-15)
    assert found.var(0.99) == 0
    assert found.tvar(0.99) == pytest.approx(rate * 2e4 / 0.01, rel=1e-9)
    level = 1 - 0.1 * rate  # the largest tenth of the events; two a year are rarer by far
    value = float(Gamma(2, 1e4).isf(0.1))
    assert found.var(level) == pytest.approx(value, rel=1e-3)


def test_a_certain_loss_is_certain() -> None:
    found = exact.compound(CompoundPlan("S-01", Point(1.0), Point(5e6), Bernoulli()))
    assert found.var(1e-9) == found.var(0.99) == found.tvar(0.99) == 5e6
    assert list(found.exceedance([0.0, 5e6 * (1 - 1e-9), 5e6])) == [1.0, 1.0, 0.0]


def test_a_lattice_loss_is_a_clean_staircase() -> None:
    found = exact.compound(CompoundPlan("S-01", Point(3.0), Point(1000.0)))
    x = np.linspace(0, 14_999, 1500)
    steps = found.exceedance(x)
    assert steps == pytest.approx(stats.poisson(3).sf(np.floor(x / 1000)), abs=1e-12)
    assert np.unique(steps).size == 15
