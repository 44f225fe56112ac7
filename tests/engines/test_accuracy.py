"""Error bounds, scale, truncation, extremes, and an independent reference."""

import importlib.util
import json
from pathlib import Path
from unittest.mock import Mock, patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.distributions import (
    Beta,
    Distribution,
    Empirical,
    Gamma,
    LogNormal,
    Pert,
    Point,
    Uniform,
    WithTerms,
    scaled,
)
from workbench.engines import exact, ladder, reach
from workbench.engines.counts import Bernoulli, Count, NegativeBinomial, Poisson
from workbench.engines.independent import independent_sum
from workbench.engines.ladder import ACCURACY, agrees
from workbench.engines.plan import CompoundPlan
from workbench.losses import TabulatedLosses
from workbench.losses.tabulated import SAFETY

pytestmark = pytest.mark.pure

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "compound_lognormal.py"
TOLD = json.loads(REFERENCE.with_suffix(".json").read_text(encoding="utf-8"))
LEVELS = (0.5, 0.9, 0.95, 0.99, 0.999)


def year(rate: object, severity: Distribution, **more: object) -> CompoundPlan:
    rate = rate if isinstance(rate, Distribution) else Point(rate)
    return CompoundPlan("S-01", rate, severity, **more)


@pytest.mark.parametrize("cell", TOLD["cells"], ids=lambda c: f"{c['rate']} x {c['sigma']}")
def test_compound_lognormal_against_the_reference(cell: dict[str, float]) -> None:
    found = exact.compound(year(cell["rate"], LogNormal(0, cell["sigma"])))
    value, tail = cell["var99"], cell["tvar99"]
    assert found.var(0.99) == pytest.approx(value, rel=2e-5)
    assert found.tvar(0.99) == pytest.approx(tail, rel=2e-5)
    # the reference itself is good to some 1e-8
    assert abs(found.var(0.99) - value) <= found.var_error(0.99) + 1e-8 * value
    assert abs(found.tvar(0.99) - tail) <= found.tvar_error(0.99) + 1e-8 * tail
    assert found.var_error(0.99) < 2e-4 * value


@pytest.mark.parametrize(("rate", "sigma"), [(0.02, 2.5), (0.3, 1), (3, 1.5), (300, 0.3)])
def test_the_reference_is_what_its_script_computes(rate: float, sigma: float) -> None:
    assert TOLD["script"] == "tests/reference/compound_lognormal.py"
    spec = importlib.util.spec_from_file_location("compound_lognormal", REFERENCE)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    again = script.cell(rate, sigma, 1 << 18)
    (stored,) = (c for c in TOLD["cells"] if (c["rate"], c["sigma"]) == (rate, sigma))
    assert again == pytest.approx(stored, rel=1e-6)
    assert len(TOLD["cells"]) == len(script.RATES) * len(script.SIGMAS)


beliefs_of_rate = st.one_of(
    st.floats(1e-3, 200).map(Point),
    st.floats(0.01, 30).map(lambda m: Pert(0.2 * m, m, 4 * m)),
    st.floats(0.01, 3).map(lambda m: Pert(0, 0, m)),
    st.tuples(st.floats(-3, 2), st.floats(0.2, 1)).map(lambda p: LogNormal(*p)),
    st.tuples(st.floats(0.3, 5), st.floats(0.1, 5)).map(lambda p: Gamma(*p)),
)
smooth = st.one_of(
    st.floats(0.2, 2).map(lambda s: LogNormal(10, s)),
    st.tuples(st.floats(0.5, 9), st.floats(10, 1e6)).map(lambda p: Gamma(*p)),
    st.floats(1e3, 1e7).map(lambda m: Pert(0.1 * m, m, 5 * m)),
    st.tuples(st.floats(0.8, 4), st.floats(1, 8)).map(lambda p: scaled(Beta(*p), 1e6)),
)
counts: st.SearchStrategy[Count] = st.one_of(
    st.just(Poisson()), st.floats(1.05, 8).map(NegativeBinomial)
)
plans = st.builds(CompoundPlan, st.just("S-01"), beliefs_of_rate, smooth, counts)


def finer(plan_list: list[CompoundPlan], factor: int = 8) -> TabulatedLosses:
    """Return the same from grids with `factor` times as many cells."""
    first = exact.first_grid

    def larger(*args: object) -> object:
        grid = first(*args)
        return exact.Grid(grid.log2_top, factor * grid.size, 2 * grid.order)

    with patch.object(exact, "first_grid", larger), patch.object(ladder, "SIZE", 2048 * factor):
        return exact.portfolio(plan_list)


def assert_bounds_hold(found: TabulatedLosses, better: TabulatedLosses, slack: float) -> None:
    """The distance to `better` is within the stated bound, plus `slack` of the figure."""
    for level in LEVELS:
        value, tail = better.var(level), better.tvar(level)
        assert abs(found.var(level) - value) <= found.var_error(level) + slack * value
        assert abs(found.tvar(level) - tail) <= found.tvar_error(level) + slack * tail
        x = 0.7 * tail
        gap = abs(float(found.exceedance(x) - better.exceedance(x)))
        assert gap <= found.exceedance_error(x) + slack
    assert (np.diff(found.nodes()[1]) <= 0).all()
    assert (np.diff(found.nodes()[2]) <= 0).all()


@given(plans)
def test_the_bound_holds_against_a_finer_grid(plan: CompoundPlan) -> None:
    found = exact.compound(plan)
    assert_bounds_hold(found, finer([plan]), 1e-6)
    assert found.tvar_error(0.99) <= 4e-4 * found.tvar(0.99)
    assert found.var_error(0.99) <= 4e-3 * max(found.var(0.99), 0.01 * found.tvar(0.99))


JUMPING = [
    year(0.3, Uniform(5e5, 1e6)),
    year(4.0, Uniform(5e5, 1e6), count=NegativeBinomial(2)),
    year(0.3, WithTerms(LogNormal(10, 1), 1000, 2e4, 0.9)),
    year(2.0, WithTerms(LogNormal(10, 1), 1000, 1e5, 0.9)),
    year(60.0, WithTerms(LogNormal(10, 1), 1000, 5e5, 0.9)),
    year(0.2, Empirical([101.0, 1771.3, 9000.1])),
    year(9.0, Empirical([7856.96, 28779.06, 62894.27])),
]


@pytest.mark.parametrize("plan", JUMPING, ids=lambda p: f"{p.rate} x {p.severity}")
def test_the_bound_holds_where_single_values_make_jumps(plan: CompoundPlan) -> None:
    # A jump is spread over some cells. Sums of single values that share no lattice are atoms too
    # many to resolve one by one.
    slack = 2e-3 if isinstance(plan.severity, Empirical) else 3e-4
    found = exact.compound(plan)
    assert_bounds_hold(found, finer([plan]), slack)
    assert found.tvar_error(0.99) <= 1e-2 * found.tvar(0.99)


@given(plans, st.sampled_from([2, 8, 64]))
def test_how_far_the_grids_reach_changes_no_quantile(plan: CompoundPlan, factor: int) -> None:
    found = exact.compound(plan)
    first = reach.reach
    with patch.object(reach, "reach", lambda p: factor * first(p)):
        further = exact.compound(plan)
    for level in LEVELS:
        both = found.var_error(level) + further.var_error(level)
        assert abs(found.var(level) - further.var(level)) <= both + 1e-9 * found.var(level)
        tails = found.tvar_error(level) + further.tvar_error(level)
        assert abs(found.tvar(level) - further.tvar(level)) <= tails + 1e-9 * found.tvar(level)


@given(plans, st.sampled_from([2.0**-10, 0.5, 4.0, 2.0**30]))
def test_a_power_of_two_scales_every_figure(plan: CompoundPlan, factor: float) -> None:
    # the grids are the same; what is left is the rounding of second moments, 1e-8 of a cell
    other = CompoundPlan(plan.id, plan.rate, scaled(plan.severity, factor), plan.count)
    one, two = exact.compound(plan), exact.compound(other)
    for level in LEVELS:
        assert two.var(level) == pytest.approx(factor * one.var(level), rel=1e-7, abs=1e-300)
        assert two.tvar(level) == pytest.approx(factor * one.tvar(level), rel=1e-7)
    assert two.prob_no_loss() == pytest.approx(one.prob_no_loss(), abs=1e-12)


@pytest.mark.parametrize("factor", [1e-3, 0.37, 3.0, 1e6, 1e12])
@pytest.mark.parametrize("severity", [LogNormal(0, 0.5), LogNormal(0, 2.5), Gamma(2, 1)], ids=repr)
def test_any_unit_of_money_gives_the_same_figures(severity: object, factor: float) -> None:
    rate = Pert(0.5, 1, 6)
    one = exact.compound(year(rate, severity))
    two = exact.compound(year(rate, scaled(severity, factor)))
    for level in LEVELS:
        bound = factor * one.var_error(level) + two.var_error(level)
        assert abs(two.var(level) - factor * one.var(level)) <= bound
        assert two.tvar(level) == pytest.approx(factor * one.tvar(level), rel=1e-5)


def test_a_portfolio_in_another_unit() -> None:
    parts = [(0.2, LogNormal(10, 1.5)), (8.0, Gamma(2, 1e4)), (Pert(0, 0, 1), Uniform(0, 1e6))]
    factor = 2.0**12

    def total(unit: float) -> TabulatedLosses:
        beliefs = [(r if isinstance(r, Distribution) else Point(r), s) for r, s in parts]
        return exact.portfolio(
            [CompoundPlan(str(i), r, scaled(s, unit)) for i, (r, s) in enumerate(beliefs)]
        )

    one, two = total(1.0), total(factor)
    for level in LEVELS:
        assert two.var(level) == pytest.approx(factor * one.var(level), rel=1e-9)
    odd = total(1.3)
    for level in LEVELS:
        assert odd.var(level) == pytest.approx(1.3 * one.var(level), rel=1e-4)


EXTREMES = [
    year(1e-4, LogNormal(10, 1)),
    year(1e-4, Point(5e6)),
    year(Pert(0, 0, 1), LogNormal(10, 2.5)),
    year(Pert(0, 0, 1e-3), Pert(0, 0, 1e6)),
    year(Pert(5, 5, 5.0001), LogNormal(10, 1)),
    year(Pert(100, 1000, 10_000), LogNormal(10, 1.5)),
    year(LogNormal(2, 1.2), LogNormal(8, 1.2)),
    year(1e5, LogNormal(3, 2.5)),
    year(1e5, Uniform(0, 1)),
    year(1e5, Empirical([1.0, 2.0, 5.0])),
    year(2.0, LogNormal(-6.9, 1)),
    year(2.0, LogNormal(27.6, 1)),
    year(0.5, Pert(0, 0, 1), scale=LogNormal(16, 0.8)),
    year(Pert(0, 1, 1), Beta(0.2, 0.2), count=Bernoulli()),
    year(Gamma(0.1, 10), Gamma(0.1, 1e5)),
    year(2.0, LogNormal(10, 1), count=NegativeBinomial(40)),
]


@pytest.mark.daily(7)
@pytest.mark.parametrize("plan", EXTREMES, ids=lambda p: f"{p.rate} x {p.severity}")
def test_extremes_keep_the_laws(plan: CompoundPlan) -> None:
    found, better = exact.compound(plan), finer([plan], 4)
    assert found.mean() == pytest.approx(exact.year_mean(plan))
    assert found.variance() == pytest.approx(exact.group_moments((plan,))[1])
    previous = 0.0
    for level in (0.0, 0.1, *LEVELS, 0.9999):
        value, tail = found.var(level), found.tvar(level)
        assert previous <= value <= tail * (1 + 1e-9)
        assert tail * (1 - level) <= found.mean() * (1 + 1e-6)
        assert tail == pytest.approx(better.tvar(level), rel=2e-4)
        previous = value
    assert found.tvar(0.0) == pytest.approx(found.mean(), rel=1e-9)
    # Cantelli: a quantile lies within sqrt(p / (1 - p)) deviations above the mean
    assert found.var(0.99) <= found.mean() + np.sqrt(99) * found.sd() * (1 + 1e-9)
    x = np.concatenate([[0.0], np.geomspace(found.mean() * 1e-4, found.tvar(0.999) * 1e3, 400)])
    curve = found.exceedance(x)
    assert (np.diff(curve) <= 0).all()
    assert (curve >= 0).all()
    assert float(found.exceedance(0.0)) == pytest.approx(1 - found.prob_no_loss(), abs=1e-12)


PAIRS = [
    (year(Pert(2, 9, 36), Pert(100, 1000, 5000)), year(1.0, Gamma(1, 10))),
    (year(0.2, LogNormal(10, 1.5)), year(5.0, Uniform(0, 1e5))),
    (year(0.05, LogNormal(10, 1)), year(0.1, Pert(1e4, 2e4, 9e4))),
    (year(2.0, Point(5000)), year(0.5, LogNormal(9, 1))),
]


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_an_independent_sum_is_the_portfolio(a: CompoundPlan, b: CompoundPlan) -> None:
    b = CompoundPlan("S-02", b.rate, b.severity, b.count)
    both = exact.portfolio([a, b])
    summed = independent_sum([exact.compound(a), exact.compound(b)])
    assert summed.mean() == pytest.approx(both.mean())
    assert summed.sd() == pytest.approx(both.sd())
    assert summed.prob_no_loss() == pytest.approx(both.prob_no_loss(), abs=1e-9)
    for level in (0.9, 0.99):
        value, tail = both.var(level), both.tvar(level)
        bound = both.var_error(level) + summed.var_error(level)
        assert abs(summed.var(level) - value) <= bound + 1e-3 * value
        assert summed.tvar(level) == pytest.approx(tail, rel=1e-3)


def test_a_limit_of_an_event_is_a_jump_of_the_year() -> None:
    # P(L = limit) = P(one event that costs anything, and it reaches the limit)
    severity = WithTerms(LogNormal(10, 1), 2e4, 1e5, 0.5)
    found = exact.compound(year(1.0, severity))
    costly, capped = (float(LogNormal(10, 1).sf(x)) for x in (2e4, 1.2e5))
    jump = np.exp(-costly) * capped
    before, after = found.exceedance([5e4 * (1 - 1e-9), 5e4])
    assert before - after == pytest.approx(jump, rel=1e-6)
    assert found.exceedance_error(5e4) < 1e-4
    two = np.exp(-costly) * capped**2 / 2  # and nothing else
    before, after = found.exceedance([1e5 * (1 - 1e-9), 1e5])
    assert before - after == pytest.approx(two, rel=1e-4)


@pytest.mark.parametrize("rate", [0.02, 0.3, 1.0, 3.0])
@pytest.mark.parametrize("severity", [LogNormal(10, 0.3), LogNormal(0, 2.5), Gamma(2, 1)], ids=repr)
def test_a_hundredth_of_the_years_with_a_loss_is_low(rate: float, severity: Distribution) -> None:
    # grids reach down to there; what is exact is the share of years with one event of less
    found, low = exact.compound(year(rate, severity)), reach.extent_of((year(rate, severity),)).low
    with_loss = 1 - found.prob_no_loss()
    assert 1 - float(found.exceedance(low)) / with_loss == pytest.approx(0.01, rel=0.4)


@pytest.mark.parametrize(("share", "is_met"), [(0.9, True), (1.1, False), (-0.9, True)])
def test_a_coarse_table_agrees_where_its_worst_years_cost_nearly_the_same(
    share: float, is_met: bool
) -> None:
    """The bound is a multiple of the difference, and is to be a small part of the tail average."""
    fine = Mock(var=lambda _: 4e5, excess=lambda _: 1e3, mean=lambda: 1e5)  # 4e5 + 1e3 / 0.01
    further = share * ACCURACY / SAFETY * 5e5
    coarse = Mock(var=lambda _: 4e5, excess=lambda _: 1e3 + 0.01 * further)
    assert agrees(fine, coarse) == is_met
