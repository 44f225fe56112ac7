"""Chances of known amounts in closed form, narrow beliefs far from 0, and what memory is needed."""

import numpy as np
import pytest
from scipy import stats

from workbench.distributions import Distribution, LogNormal, Mixture, Pert, Point, Uniform, scaled
from workbench.engines.counts import NegativeBinomial
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.lattice import top_of
from workbench.engines.marks import SEEN, known_amounts
from workbench.engines.mean_field import held_average
from workbench.engines.montecarlo import OF_HISTOGRAM, SLAB, bytes_needed
from workbench.engines.plan import CompoundPlan
from workbench.engines.quantile_tables import quantile_table

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("share", [1.0, 0.6, 0.1])
@pytest.mark.parametrize("rate", [0.02, 0.8, 5.0])
def test_years_of_fines_alone_are_known_as_far_as_they_are_seen(share: float, rate: float) -> None:
    # P(n events, all of them fines) = P(N = n) share^n
    fine = Point(1e5) if share == 1 else Mixture((Point(1e5), LogNormal(9, 1)), (share, 1 - share))
    n = np.arange(1, 40)
    seen = n[stats.poisson.pmf(n, rate) * share**n > SEEN]
    assert known_amounts(CompoundPlan("a", Point(rate), fine)) == pytest.approx(1e5 * seen)


def test_years_of_two_kinds_of_fines_are_known_as_far_as_they_are_seen() -> None:
    severity = Mixture((Point(3.0), Point(10.0), LogNormal(9, 1)), (0.5, 0.2, 0.3))
    rate, wanted = 0.7, set()
    for n in range(12):
        for m in range(12):
            chance = stats.poisson.pmf(n, 0.5 * rate) * stats.poisson.pmf(m, 0.2 * rate)
            if n + m > 0 and chance * np.exp(-0.3 * rate) > 1.001 * SEEN:
                wanted.add(3.0 * n + 10.0 * m)
    found = known_amounts(CompoundPlan("a", Point(rate), severity))
    assert wanted <= {round(value) for value in found}
    assert len(found) <= len(wanted) + 3  # sums that two ways make may be seen together alone


@pytest.mark.parametrize("rate", [0.1, 3.0, 100.0, 5000.0])
def test_no_year_to_be_seen_passes_the_top_of_its_lattice(rate: float) -> None:
    values, weights = np.array([7.0]), np.ones(1)
    plain = CompoundPlan("a", Point(rate), Point(7.0))
    assert top_of(plain, values, weights) > 7 * stats.poisson.isf(1e-13, rate)
    bunched = CompoundPlan("a", Point(rate), Point(7.0), NegativeBinomial(3.0))
    most = 7 * stats.nbinom.isf(1e-13, rate / 2, 1 / 3)
    assert most < top_of(bunched, values, weights) < 7 * (3 * rate + 500)


@pytest.mark.parametrize(
    "belief", [Uniform(1e9, 1e9 + 1), Pert(1e6, 1e6 + 0.01, 1e6 + 0.1), LogNormal(20, 1e-9)]
)
def test_a_narrow_belief_far_from_0_has_a_table(belief: Distribution) -> None:
    table = quantile_table(belief)
    assert table is not None
    low, high = belief.ppf(1e-14), belief.isf(1e-14)
    assert (table[:, 0] >= low * (1 - 1e-12)).all()
    assert (table[:, 0] <= high * (1 + 1e-12)).all()


@pytest.mark.parametrize("unit", [1e-9, 1e12])
def test_a_table_has_the_unit_of_its_belief(unit: float) -> None:
    for belief in (LogNormal(1, 1.2), Pert(1, 3, 9)):
        one, other = quantile_table(belief), quantile_table(scaled(belief, unit))
        assert one is not None
        assert other is not None
        assert other[:, 0] == pytest.approx(unit * one[:, 0], rel=1e-9)


def test_memory_grows_with_what_is_simulated_and_holds_the_slabs_of_some_threads() -> None:
    few, many = bytes_needed(1, 10), bytes_needed(1, 10_000_000)
    assert few < 2 * OF_HISTOGRAM  # a few years take no room to speak of
    slabs = (many - 10_000_000 * 16) / (SLAB * BLOCK * 8)  # beside all totals and their order
    assert 4 < slabs < 64  # of some threads
    assert bytes_needed(1000, 10) - few == 999 * OF_HISTOGRAM
    kept = bytes_needed(7, 10_000, keep_years=True) - bytes_needed(7, 10_000)
    assert kept == 7 * 10_000 * 16  # each year of each plan, and its place in their order


def test_the_average_of_a_rate_and_a_worth_is_the_product_of_two() -> None:
    plan = CompoundPlan("a", Uniform(0, 1), Point(5.0), scale=Uniform(0, 1))
    found = held_average([plan])
    assert found is not None
    for x in (0.05, 0.3, 0.8):
        known = 1 - x + x * np.log(x)
        assert float(found.exceedance(5 * x)) == pytest.approx(known, abs=1e-4)
