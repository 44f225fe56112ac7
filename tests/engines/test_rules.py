"""Short rules that average a year over its rate say what long ones say."""

import numpy as np
import pytest

from workbench.distributions import Beta, LogNormal, Pert, product
from workbench.distributions.quadrature import nodes
from workbench.engines.counts import Bernoulli, Binomial, NegativeBinomial
from workbench.engines.counts.occasions import whole_power
from workbench.engines.rates import counted_nodes, rate_nodes, year_transform
from workbench.engines.sums import total

pytestmark = pytest.mark.pure

ANGLES = np.linspace(0, np.pi, 101)
PHI = np.concatenate([r * np.exp(1j * ANGLES) for r in (1.0, 0.8, 0.3)])
RATES = [Pert(0.05, 0.2, 0.9), product(Pert(0.1, 0.3, 1.0), Beta(2, 6))]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("count", [Bernoulli(), Binomial(5), Binomial(12), Binomial(77)])
def test_a_polynomial_count_is_averaged_exactly(count, rate):
    values, weights = nodes(rate, 400)
    known = sum(w * count.pgf(PHI, np.asarray(v)) for v, w in zip(values, weights, strict=True))
    assert np.abs(year_transform(count, rate, [PHI]) - known).max() < 1e-13


def test_it_takes_half_as_many_nodes_as_the_degree():
    assert counted_nodes(RATES[1], 12, 1)[0].size == 7
    assert counted_nodes(RATES[1], 12, 2)[0].size == 13


@pytest.mark.parametrize("exponent", [1, 2, 3, 12, 77, 1000])
def test_a_whole_power_is_the_power(exponent):
    assert whole_power(PHI, exponent) == pytest.approx(PHI**exponent, abs=1e-11)


@pytest.mark.daily(4)
@pytest.mark.parametrize("sigma", [0.2, 0.5, 0.8, 1.5])
@pytest.mark.parametrize("median", [0.05, 0.5, 5.0])
def test_a_lognormal_rate_is_averaged_alike_by_its_long_rule(median, sigma):
    rate = LogNormal(float(np.log(median)), sigma)
    z = np.linspace(-9, 9, 6001)
    weights = np.exp(-z * z / 2)
    values = np.exp(rate.mu + sigma * z)
    for g in (PHI - 1, NegativeBinomial(4.0).exponent(PHI)):
        known = np.exp(g[:, None] * values) @ weights / weights.sum()
        mine, shares = rate_nodes(rate)
        # the far rates turn too fast for the trapezoids, and weigh nothing
        assert np.abs(np.exp(g[:, None] * mine) @ shares - known).max() < 1e-8


def test_a_sum_tells_its_chance_of_no_loss_without_a_table():
    parts = Pert(0, 1, 4), LogNormal(0, 1), Beta(2, 3)
    assert float(total(parts).sf(0.0)) == 1.0
    some = total((Pert(0, 1, 4), LogNormal(0, 1)))
    assert float(some.sf(0.0)) == pytest.approx(float(some.table().exceedance(0.0)), abs=1e-9)
