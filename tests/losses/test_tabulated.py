"""Tables of a computed curve: between the nodes, layers, and steps."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from workbench.distributions import Empirical, Gamma, LogNormal, Pareto, Pert, Point
from workbench.engines import exact
from workbench.engines.independent import independent_sum
from workbench.engines.montecarlo import simulate, summarise
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError
from workbench.losses import FIGURES, BinnedLosses, SampledLosses, TabulatedLosses

pytestmark = pytest.mark.pure


def exponential(x: np.ndarray) -> TabulatedLosses:
    """Return a table of the exponential loss with mean 1."""
    tail = np.exp(-x)
    return TabulatedLosses(x, tail, tail, mean=1.0, variance=1.0)


CONTINUOUS = exact.compound(CompoundPlan("a", Point(3.0), LogNormal(10, 1)))
STEPS = exact.compound(CompoundPlan("a", Point(1.0), Point(100)))


def test_between_nodes_the_curve_keeps_height_and_area() -> None:
    table = exponential(np.linspace(0, 40, 401))
    x = np.linspace(0.01, 20, 777)
    assert table.exceedance(x) == pytest.approx(np.exp(-x), rel=1e-4)
    assert table.excess_at(x) == pytest.approx(np.exp(-x), rel=1e-5)
    for level in (0.1, 0.5, 0.95, 0.999):
        assert table.var(level) == pytest.approx(-np.log(1 - level), rel=1e-4)
        assert table.tvar(level) == pytest.approx(1 - np.log(1 - level), rel=1e-6)
    assert [table.excess(0.0), table.excess(-2.0)] == [1.0, 3.0]


@given(st.floats(1e-6, 1 - 1e-6))
@example(0.404296875)  # in the first cell of the section that is computed before the others
def test_var_and_curve_are_inverse(level: float) -> None:
    value = CONTINUOUS.var(level)
    if value > 0:
        assert float(CONTINUOUS.exceedance(value)) == pytest.approx(1 - level, rel=1e-9, abs=1e-12)
    else:
        assert CONTINUOUS.prob_no_loss() >= level - 1e-12


def test_the_curve_falls() -> None:
    for table in (CONTINUOUS, STEPS):
        x = np.concatenate([[-1.0, 0.0], np.geomspace(1e-3, 1e9, 3000)])
        assert (np.diff(table.exceedance(x)) <= 1e-15).all()
        assert float(table.exceedance(-1.0)) == 1
        assert (np.diff([table.var(p) for p in np.linspace(0, 0.9999, 500)]) >= 0).all()
        assert [table.error(name) >= 0 for name in FIGURES] == [True] * len(FIGURES)


@pytest.fixture(scope="module")
def drawn() -> SampledLosses:
    """Return the years of `CONTINUOUS`, simulated."""
    plan = CompoundPlan("a", Point(3.0), LogNormal(10, 1))
    return SampledLosses(simulate([plan], 200_000, 5)["a"])


@pytest.mark.parametrize(("attachment", "limit"), [(0, 5e4), (3e4, 1e5), (2e5, 1e6), (1e5, np.inf)])
def test_a_layer_of_a_continuous_loss(
    drawn: SampledLosses, attachment: float, limit: float
) -> None:
    layer = CONTINUOUS.layer(attachment, limit)
    top = 0.0 if np.isinf(limit) else CONTINUOUS.excess(attachment + limit)
    assert layer.mean() == pytest.approx(CONTINUOUS.excess(attachment) - top)
    sample = drawn.layer(attachment, limit)
    for name in ("mean", "sd", "p50", "p95", "p99", "tvar95", "tvar99", "prob_no_loss"):
        allowed = 5 * sample.error(name) + 1e-6 * layer.figure(name) + 1e-9
        assert abs(layer.figure(name) - sample.figure(name)) <= allowed, name
    inside = layer.var(0.9)
    assert inside == pytest.approx(min(max(CONTINUOUS.var(0.9) - attachment, 0), limit), rel=1e-6)


def test_layers_add_up_to_the_whole() -> None:
    edges = [0, 1e4, 5e4, 3e5, 2e6]
    for table in (CONTINUOUS, STEPS):
        parts = [table.layer(a, b - a) for a, b in pairwise(edges)]
        parts.append(table.layer(edges[-1]))
        assert sum(part.mean() for part in parts) == pytest.approx(table.mean(), rel=1e-12)


@pytest.mark.parametrize(("attachment", "limit"), [(50.0, 200.0), (100.0, 150.0), (150.0, np.inf)])
def test_a_layer_of_a_discrete_loss(attachment: float, limit: float) -> None:
    k = np.arange(60)
    pmf = stats.poisson.pmf(k, 1.0)
    paid = np.minimum(np.maximum(100.0 * k - attachment, 0), limit)
    layer = STEPS.layer(attachment, limit)
    assert layer.mean() == pytest.approx(pmf @ paid, rel=1e-11)
    assert layer.variance() == pytest.approx(pmf @ paid**2 - (pmf @ paid) ** 2, rel=1e-9)
    assert layer.prob_no_loss() == pytest.approx(pmf[paid == 0].sum(), abs=1e-12)
    for x in (0.0, 49.0, 50.0, 149.0, 200.0, 250.0):
        assert float(layer.exceedance(x)) == pytest.approx(pmf[paid > x].sum(), abs=1e-12)
    order = np.cumsum(pmf)
    assert layer.var(0.9) == pytest.approx(paid[np.searchsorted(order, 0.9)])


def test_a_layer_beyond_everything_is_nothing() -> None:
    for table in (CONTINUOUS, STEPS):
        far = table.layer(1e30, 5.0)
        assert far.mean() == pytest.approx(0, abs=1e-12)
        assert far.var(0.99) == 0
        assert far.prob_no_loss() == pytest.approx(1)


def test_an_independent_sum_refuses_what_it_cannot_join() -> None:
    plan = CompoundPlan("b", Point(1.0), Gamma(2, 1e4))
    euro = exact.compound(plan, "EUR")
    dollar = exact.compound(plan)
    sample = SampledLosses([1.0, 2.0], ids=["c"])
    cases = [
        ([], "made of exact losses"),
        ([CONTINUOUS, sample], "made of exact losses"),
        (sample, "made of exact losses; got .'SampledLosses'."),
        ([CONTINUOUS, CONTINUOUS], "counts each scenario once"),
        ([CONTINUOUS, STEPS], "losses of a in USD and exact losses of a in USD"),
        ([CONTINUOUS, euro], "losses of a in USD and exact losses of b in EUR"),
    ]
    for losses, message in cases:
        with pytest.raises(WorkbenchError, match=message):
            independent_sum(losses)
    assert independent_sum([CONTINUOUS, dollar]).ids == {"a", "b"}


def test_an_independent_sum_with_nothing_is_the_other() -> None:
    nothing = exact.compound(CompoundPlan("z", Point(0.0), Pert(1, 2, 3)))
    both = independent_sum([CONTINUOUS, nothing])
    assert both.ids == {"a", "z"}
    assert [both.figure(n) for n in FIGURES] == [CONTINUOUS.figure(n) for n in FIGURES]


def test_an_independent_sum_of_steps() -> None:
    other = exact.compound(CompoundPlan("b", Point(0.5), Empirical([100.0, 300.0])))
    both = independent_sum([STEPS, other])
    whole = exact.portfolio(
        [
            CompoundPlan("a", Point(1.0), Point(100)),
            CompoundPlan("b", Point(0.5), Empirical([100.0, 300.0])),
        ]
    )
    assert both.mean() == pytest.approx(whole.mean())
    assert both.var(0.99) == pytest.approx(whole.var(0.99), rel=2e-2)
    assert both.tvar(0.99) == pytest.approx(whole.tvar(0.99), rel=2e-3)


def test_many_quantiles_are_the_single_ones() -> None:
    smooth = exact.compound(CompoundPlan("a", Point(2.0), LogNormal(10, 1.5)))
    single = exact.compound(CompoundPlan("b", Point(2.0), Point(5e3)))
    levels = np.append(np.linspace(0, 0.999, 200), [0.999999, 1 - 1e-12])
    for losses in (smooth, single, smooth.layer(2e4, 1e5)):
        assert losses.quantiles(levels).tolist() == [losses.var(float(q)) for q in levels]


FAR = 1 - 1e-9  # a year that is rarer than those that grids resolve


def test_what_is_not_computed_of_a_year_is_not_of_its_layers_either() -> None:
    """Beyond the grids a curve is told by a formula, and the error says how far that goes."""
    for attachment in (1e4, 1e6):
        layer = CONTINUOUS.layer(attachment)
        assert layer.computed_to() == pytest.approx(CONTINUOUS.computed_to() - attachment)
        assert layer.var(FAR) == pytest.approx(CONTINUOUS.var(FAR) - attachment)
        assert layer.var_error(FAR) == pytest.approx(CONTINUOUS.var_error(FAR), rel=1e-3)
    assert CONTINUOUS.layer(2 * CONTINUOUS.computed_to()).computed_to() == 0
    limited = CONTINUOUS.layer(0.0, CONTINUOUS.var(0.999))
    assert limited.var_error(FAR) < 1e-3 * limited.var(FAR)  # known: it is the limit


def test_a_sum_with_nothing_knows_as_little_of_rare_years_as_the_other() -> None:
    nothing = exact.compound(CompoundPlan("b", Point(0.0), Point(1.0)))
    both = independent_sum(iter([CONTINUOUS, nothing]))
    assert both.computed_to() == CONTINUOUS.computed_to() < CONTINUOUS.var(FAR)
    assert both.var_error(FAR) == CONTINUOUS.var_error(FAR)
    assert both.ids == {"a", "b"}
    assert independent_sum(CONTINUOUS).ids == {"a"}


def test_a_loss_without_a_mean_has_limited_ones() -> None:
    """E[min(L, x)] is the area under the curve up to x; E[(L - x)+] does not exist."""
    plan = CompoundPlan("a", Point(0.8), Pareto(0.9, 1e5))
    found = summarise([plan], 50_000, 3, keep_years=True)
    endless = {"moments": 0}
    sampled = SampledLosses(found.annual["a"], **endless)
    binned = BinnedLosses(found.scenarios["a"], **endless)
    computed = exact.compound(plan)
    for x in (3e4, 1e6, 2e7):
        at = np.linspace(0, x, 200_001)
        area = np.trapezoid(computed.exceedance(at), at)
        assert computed.limited_mean(x) == pytest.approx(area, rel=1e-4)
        assert sampled.limited_mean(x) == pytest.approx(np.minimum(sampled.annual, x).mean())
        assert binned.limited_mean(x) == pytest.approx(sampled.limited_mean(x), rel=1e-3)
        assert sampled.limited_mean(x) == pytest.approx(area, rel=0.03)
    for losses in (computed, sampled, binned):
        assert losses.limited_mean(0.0) == 0
        assert [losses.excess(x) for x in (-1.0, 0.0, 1e6)] == [np.inf] * 3
