"""Sums of amounts as beliefs: what is known moves them, and products of them keep their digits."""

import numpy as np
import pytest
from scipy import integrate, stats

from workbench.distributions import (
    Discrete,
    Distribution,
    Gamma,
    LogNormal,
    Pert,
    Point,
    Uniform,
    product,
    scaled,
)
from workbench.engines.sums import Sum, total

pytestmark = pytest.mark.pure

SHARE = Pert(0.05, 0.1, 0.3)
MOVED = [
    (total((Point(235_000.0), scaled(SHARE, 140_000.0))), 242_000.0, 277_000.0),
    (total((Point(3.0), Uniform(0, 0.01))), 3.0, 3.01),
    (total((Point(1e9), Gamma(3, 10.0), Gamma(2, 10.0))), 1e9, 1e9 + 300),
]


@pytest.mark.parametrize(("amount", "low", "high"), MOVED, ids=["share", "narrow", "two"])
def test_the_density_of_a_moved_amount_integrates_to_its_chances(
    amount: Distribution, low: float, high: float
) -> None:
    x = np.linspace(low, high, 4001)
    density = amount.pdf(x)
    assert amount.pdf(low - 1.0) == 0
    assert (density >= 0).all()
    found = integrate.cumulative_simpson(density, x=x, initial=0)
    assert found == pytest.approx(amount.cdf(x) - amount.cdf(low), abs=2e-5)


def test_a_known_amount_beside_gammas_of_one_scale_moves_one_gamma() -> None:
    amount = MOVED[2][0]
    x = np.array([5.0, 20.0, 50.0, 120.0])
    wanted = stats.gamma.pdf(x, 5, scale=10.0)
    assert amount.pdf(1e9 + x) == pytest.approx(wanted, rel=1e-3)
    assert amount.sf(1e9 + x) == pytest.approx(stats.gamma.sf(x, 5, scale=10.0), rel=1e-4)


def test_a_rate_times_a_mean_with_a_share_has_the_chances_of_conditioning() -> None:
    # P(R (m + q n) <= x) = E[F_R(x / (m + q n))] over the share q
    rate, m, n = Pert(0.1, 0.5, 2), 235_000.0, 140_000.0
    belief = product(rate, total([Point(m), scaled(SHARE, n)]))
    for x in (3e4, 5.5e4, 1e5, 2e5, 3.3e5, 4.5e5):
        wanted = integrate.quad(
            lambda q, x=x: float(SHARE.pdf(q) * rate.cdf(x / (m + q * n))),
            *(0.05, 0.3),
            epsabs=1e-12,
        )[0]
        assert float(belief.cdf(x)) == pytest.approx(wanted, abs=1e-8)
    u = np.array([0.01, 0.05, 0.5, 0.95, 0.99])
    assert belief.cdf(belief.ppf(u)) == pytest.approx(u, abs=1e-7)


def test_a_sum_of_single_values_lists_them_and_a_long_list_is_none() -> None:
    two = Sum((Discrete([1, 2], [0.5, 0.5]), Discrete([0, 1], [0.2, 0.8])))
    found = two.atoms()
    assert found is not None
    assert found[0].tolist() == [1, 2, 3]
    assert found[1] == pytest.approx([0.1, 0.5, 0.4])
    long = Discrete(np.arange(100.0) + 1, np.full(100, 0.01))
    assert Sum((long, scaled(long, 1.001))).atoms() is None


def test_the_largest_quantile_of_a_sum_is_where_its_table_ends() -> None:
    assert 1.99 < float(total((Uniform(0, 1), Uniform(0, 1))).ppf(1.0)) <= 2.0


def test_a_sum_moves_with_what_is_known_of_it() -> None:
    plain, moved = LogNormal(3, 0.5), total((Point(70.0), LogNormal(3, 0.5)))
    u = np.array([1e-6, 0.2, 0.9, 1 - 1e-9])
    assert moved.ppf(u) == pytest.approx(70 + plain.ppf(u))
    assert moved.isf(u) == pytest.approx(70 + plain.isf(u))
    x = np.array([10.0, 70.0, 80.0, 150.0])
    assert moved.pdf(x) == pytest.approx(np.where(x < 70, 0, plain.pdf(np.maximum(x - 70, 0))))
    assert moved.sf(x) == pytest.approx(np.where(x < 70, 1, plain.sf(np.maximum(x - 70, 0))))
