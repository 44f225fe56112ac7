"""Measures of risk on samples, by hand and by law."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.distributions import LogNormal, Point
from workbench.engines import exact
from workbench.engines.histogram import Tally
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError
from workbench.losses import FIGURES, BinnedLosses, SampledLosses
from workbench.losses.histogram import Units

pytestmark = pytest.mark.pure

samples = st.lists(
    st.one_of(st.just(0.0), st.just(5.0), st.floats(0, 1e6)), min_size=1, max_size=60
)
levels = st.sampled_from([0.0, 0.25, 0.5, 0.8, 0.9, 0.95, 0.99])


def worst_average(annual: np.ndarray, level: float) -> float:
    """TVaR as the average of the largest (1 - level) n years, the last of them in part."""
    falling = np.sort(annual)[::-1]
    left, total = (1 - level) * annual.size, 0.0
    for value in falling:
        total += min(max(left, 0), 1) * value
        left -= 1
    return total / ((1 - level) * annual.size)


def test_an_atom_at_zero() -> None:
    losses = SampledLosses([0.0] * 995 + [1e6] * 5)
    assert losses.var(0.99) == 0
    assert losses.tvar(0.99) == pytest.approx(5e5)
    assert losses.tvar(0.995) == pytest.approx(1e6)
    assert losses.var(0.996) == 1e6
    assert losses.prob_no_loss() == 0.995
    assert losses.return_period(1000) == 1e6


@pytest.mark.parametrize(
    ("level", "value"), [(0.0, 1), (0.2, 1), (0.21, 2), (0.4, 2), (0.5, 3), (0.8, 4), (0.81, 9)]
)
def test_value_at_risk_by_hand(level: float, value: float) -> None:
    assert SampledLosses([4, 1, 9, 2, 3]).var(level) == value


@given(samples, levels)
def test_tvar_is_the_average_of_the_worst_years(annual: list[float], level: float) -> None:
    losses = SampledLosses(annual)
    wanted = worst_average(losses.annual, level)
    assert losses.tvar(level) == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    assert losses.tvar(level) >= losses.var(level) * (1 - 1e-12)
    assert losses.tvar(0) == pytest.approx(losses.mean())


@given(samples, levels)
def test_var_is_the_smallest_loss_that_reaches_the_level(annual: list[float], level: float) -> None:
    losses = SampledLosses(annual)
    value = losses.var(level)
    assert np.mean(losses.annual <= value) >= level - 1e-12
    assert np.mean(losses.annual < value) < max(level, 1e-12) + 1e-12
    assert float(losses.exceedance(value)) <= 1 - level + 1e-12


@given(st.data(), levels)
def test_tvar_is_coherent(data: st.DataObject, level: float) -> None:
    size = data.draw(st.integers(1, 40))
    years = st.lists(st.floats(0, 1e6), min_size=size, max_size=size).map(np.array)
    a, b = data.draw(years), data.draw(years)

    def tvar(x: np.ndarray) -> float:
        return SampledLosses(x).tvar(level)

    assert tvar(a + b) <= (tvar(a) + tvar(b)) * (1 + 1e-9) + 1e-6
    assert tvar(a + 100) == pytest.approx(tvar(a) + 100, rel=1e-9)
    assert tvar(3 * a) == pytest.approx(3 * tvar(a), rel=1e-9, abs=1e-9)
    assert tvar(np.maximum(a, b)) >= max(tvar(a), tvar(b)) * (1 - 1e-9)


@given(samples, st.floats(0, 1e6), st.floats(1, 1e6))
def test_excess_limited_mean_and_layers(annual: list[float], x: float, limit: float) -> None:
    losses = SampledLosses(annual)
    assert losses.excess(x) + losses.limited_mean(x) == pytest.approx(losses.mean(), abs=1e-6)
    parts = [
        *([losses.layer(0, x)] if x > 0 else []),
        losses.layer(x, limit),
        losses.layer(x + limit),
    ]
    assert sum(part.mean() for part in parts) == pytest.approx(losses.mean(), rel=1e-9, abs=1e-6)
    layer = losses.layer(x, limit)
    assert layer.mean() == pytest.approx(losses.excess(x) - losses.excess(x + limit), abs=1e-6)
    assert layer.var(0.9) == pytest.approx(min(max(losses.var(0.9) - x, 0), limit), abs=1e-6)


@given(samples)
def test_the_curve_falls_from_what_is_lost_at_all_to_nothing(annual: list[float]) -> None:
    losses = SampledLosses(annual)
    x = np.linspace(0, 1.1e6, 50)
    curve = losses.exceedance(x)
    assert (np.diff(curve) <= 0).all()
    assert curve[0] == pytest.approx(1 - losses.prob_no_loss())
    assert curve[-1] == 0
    assert float(losses.exceedance(-1.0)) == 1
    assert [losses.error(name) >= 0 for name in FIGURES] == [True] * len(FIGURES)


def test_figures_by_name() -> None:
    losses = SampledLosses(np.arange(1.0, 1001.0))
    assert losses.figure("p95") == losses.var(0.95) == 950
    assert losses.figure("tvar99") == losses.tvar(0.99) == 995.5
    assert losses.figure("mean") == 500.5
    assert losses.sd() == pytest.approx(np.std(losses.annual, ddof=1))
    assert losses.error("mean") == pytest.approx(np.std(losses.annual) / np.sqrt(1000))
    for call in (losses.figure, losses.error):
        with pytest.raises(WorkbenchError, match="known name; got 'p42'"):
            call("p42")


@pytest.mark.parametrize("level", [-0.1, 1.0, 95, float("nan")])
def test_a_level_outside_0_to_1_is_refused(level: float) -> None:
    losses = SampledLosses([1.0, 2.0])
    for call in (losses.var, losses.tvar, losses.var_error, losses.tvar_error):
        with pytest.raises(WorkbenchError, match=r"a level lies in \[0, 1\)"):
            call(level)


@pytest.mark.parametrize(
    ("annual", "message"),
    [([], "one number for each year"), ([[1.0]], "one number for each year"), ([1, -2], "got -2")],
)
def test_a_sample_that_is_none_is_refused(annual: object, message: str) -> None:
    with pytest.raises(WorkbenchError, match=message):
        SampledLosses(annual)


@pytest.mark.parametrize("terms", [(-1.0, 5.0), (0.0, 0.0), (float("inf"), 1.0), (1.0, -2.0)])
def test_a_layer_lies_above_nothing(terms: tuple[float, float]) -> None:
    plan = CompoundPlan("a", Point(1), LogNormal(1, 1))
    for losses in (SampledLosses([1.0, 5.0]), exact.compound(plan)):
        with pytest.raises(WorkbenchError, match="of a layer is"):
            losses.layer(*terms)


def test_two_scenarios_of_a_run_add_year_by_year() -> None:
    run = ("montecarlo", 1, 3)
    a = SampledLosses([1.0, 0.0, 5.0], "EUR", ids=["a"], run=run)
    b = SampledLosses([0.0, 2.0, 3.0], "EUR", ids=["b"], run=run)
    both = a + b
    assert both.annual.tolist() == [1, 2, 8]
    assert both.ids == {"a", "b"}
    assert both.currency == "EUR"
    assert both.run == run


def test_what_does_not_add_is_refused_and_both_are_named() -> None:
    run = ("montecarlo", 1, 2)
    a = SampledLosses([1.0, 2.0], ids=["a"], run=run)
    whole = exact.compound(CompoundPlan("e", Point(1), LogNormal(1, 1)))
    other = exact.compound(CompoundPlan("f", Point(1), LogNormal(1, 1)))
    cases = [
        (a, a, r"simulated losses of a \+ simulated losses of a"),
        (a, SampledLosses([1.0, 2.0], "EUR", ids=["b"], run=run), "'USD', 'EUR'"),
        (a, SampledLosses([1.0, 2.0], ids=["b"], run=("montecarlo", 2, 2)), r"of a \+ .* of b"),
        (a, SampledLosses([1.0, 2.0], ids=["b"]), r"of a \+ simulated losses of b"),
        (SampledLosses([1.0]), SampledLosses([1.0]), "of no scenario"),
        (a, whole, r"simulated losses of a \+ exact losses of e"),
        (whole, other, r"exact losses of e \+ exact losses of f"),
        (whole, a, r"exact losses of e \+ simulated losses of a"),
        (a, 3, r"of a \+ 3"),
    ]
    for left, right, message in cases:
        with pytest.raises(WorkbenchError, match=message):
            left + right


def test_the_sample_cannot_be_changed() -> None:
    given_years = np.array([1.0, 2.0])
    losses = SampledLosses(given_years)
    given_years[0] = 99
    assert losses.annual.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        losses.annual[0] = 3


def test_fewer_than_ten_years_beyond_a_level_tell_no_error() -> None:
    """The error of VaR 99 of 100 years was passed twice over in half of all seeds."""
    rng = np.random.default_rng(3)
    for size, level, is_told in ((1000, 0.99, True), (990, 0.99, False), (100, 0.95, False)):
        losses = SampledLosses(rng.lognormal(10, 1, size))
        for error in (losses.var_error(level), losses.tvar_error(level)):
            assert math.isfinite(error) == is_told
            assert error > 0


def test_hardly_any_years_with_a_loss_do_not_say_how_far_their_average_is_off() -> None:
    """None at all had an error of 0, as if nothing could be lost."""
    for with_loss, is_told in ((0, False), (3, False), (9, False), (10, True)):
        annual = np.zeros(20_000)
        annual[:with_loss] = np.arange(1, with_loss + 1) * 1e6
        histogram = Tally(Units.of(1e9))
        histogram.record(annual)
        for losses in (SampledLosses(annual), BinnedLosses(histogram.histogram())):
            errors = *losses.moment_errors(), losses.tvar_error(0.99)
            assert all(map(math.isfinite, errors)) == is_told
            assert all(error > 0 for error in errors)


def test_where_nothing_can_be_lost_that_is_sure() -> None:
    annual = np.zeros(20_000)
    histogram = Tally(Units.of(0.0))
    histogram.record(annual)
    for losses in (
        SampledLosses(annual, nothing=True),
        BinnedLosses(histogram.histogram(), nothing=True),
    ):
        for each in (losses, losses.layer(5.0)):
            assert (*each.moment_errors(), each.tvar_error(0.99)) == (0, 0, 0)


def test_a_loss_that_is_the_same_in_every_year_is_sure() -> None:
    assert SampledLosses([5.0] * 4).moment_errors() == (0, 0)
