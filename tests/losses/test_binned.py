"""Measures of risk from bins, held against those of the same years."""

import math
import pickle
from operator import attrgetter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.engines.histogram import histogram_of
from workbench.errors import WorkbenchError
from workbench.losses import FIGURES, QUANTILES, TAILS, BinnedLosses, SampledLosses
from workbench.losses.histogram import OCTAVE, Units

pytestmark = pytest.mark.pure

# Amounts of which no two share a bin, so that everything about them is known exactly.
apart = st.sampled_from([0.0, 5.0, 7.5, 1000.0, 1250.0, 1e6, 1e9, 123_456.789])
repeated = st.lists(apart, min_size=1, max_size=60)
samples = st.lists(st.one_of(apart, st.floats(1.0, 1e6)), min_size=1, max_size=60)
crowded = st.lists(st.floats(1000, 1020), min_size=1, max_size=200)
levels = st.sampled_from([0.0, 0.25, 0.5, 0.8, 0.9, 0.95, 0.99])
LEVELS = [0.0, 0.3, 0.41, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999]


def both(
    values: np.ndarray | list[float], **terms: tuple[float, float]
) -> tuple[SampledLosses, BinnedLosses]:
    sampled = SampledLosses(values, **terms)
    units = Units.of(float(sampled.annual.max()) * 1000)
    return sampled, BinnedLosses(histogram_of(sampled.annual, units), **terms)


def smooth(seed: int, size: int, spread: float, zero: float = 0.4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(size) < zero, 0.0, rng.lognormal(10, spread, size))


def bin_of(annual: np.ndarray, loss: float) -> np.ndarray:
    """Return the years in the bin of `loss`, found without the code under test."""
    fraction, exponent = np.frexp(annual)
    bins = exponent * OCTAVE + np.floor((fraction * 2 - 1) * OCTAVE)
    own = np.frexp(loss)
    return annual[bins == own[1] * OCTAVE + np.floor((own[0] * 2 - 1) * OCTAVE)]


@given(repeated, levels)
def test_amounts_alone_in_their_bin_are_measured_exactly(annual: list[float], level: float) -> None:
    sampled, binned = both(annual)
    assert binned.var(level) == sampled.var(level)
    assert binned.tvar(level) == pytest.approx(sampled.tvar(level), rel=1e-11)
    at = np.array([-1.0, 0.0, 5.0, 6.0, 1000.0, 1e9, 2e9])
    np.testing.assert_array_equal(binned.exceedance(at), sampled.exceedance(at))
    for name in FIGURES:
        assert binned.figure(name) == pytest.approx(sampled.figure(name), rel=1e-11, abs=1e-9)
        rounding = 1e-3 + 1e-8 * max(annual)  # of the errors of the years
        assert binned.error(name) == pytest.approx(sampled.error(name), rel=1e-7, abs=rounding)


@pytest.mark.parametrize("level", LEVELS)
def test_ties_at_a_quantile_are_cut_where_the_years_are(level: float) -> None:
    sampled, binned = both([0.0] * 410 + [7.0] * 90 + [100.0] * 400 + [5000.0] * 95 + [1e6] * 5)
    assert binned.var(level) == sampled.var(level)
    assert binned.tvar(level) == pytest.approx(sampled.tvar(level), rel=1e-12)
    assert binned.prob_no_loss() == 0.41
    assert binned.excess(100) == pytest.approx(sampled.excess(100), rel=1e-12)


@given(samples)
def test_moments_and_the_chance_of_no_loss_are_those_of_the_years(annual: list[float]) -> None:
    sampled, binned = both(annual)
    assert binned.mean() == pytest.approx(math.fsum(annual) / len(annual), rel=1e-15)
    assert binned.sd() == pytest.approx(sampled.sd(), rel=1e-12, abs=1e-9 * binned.mean())
    assert binned.prob_no_loss() == sampled.prob_no_loss()
    assert binned.error("mean") == pytest.approx(
        sampled.error("mean"), rel=1e-9, abs=1e-9 * binned.mean()
    )


@given(st.one_of(samples, crowded), levels)
def test_quantiles_stay_in_their_bin_and_tails_within_the_bound(
    annual: list[float], level: float
) -> None:
    sampled, binned = both(annual)
    true = sampled.var(level)
    shared = bin_of(sampled.annual, true) if true else np.zeros(1)
    assert shared.min() <= binned.var(level) <= shared.max()
    bound = shared.size * (shared.max() - shared.min()) / 4 / ((1 - level) * len(annual))
    assert abs(binned.tvar(level) - sampled.tvar(level)) <= bound + 1e-10 * sampled.tvar(level)
    assert binned.tvar(level) >= binned.var(level) * (1 - 1e-10)
    assert binned.tvar(0) == pytest.approx(binned.mean(), rel=1e-11)


@given(st.one_of(samples, crowded), levels)
def test_var_and_the_curve_are_inverses(annual: list[float], level: float) -> None:
    binned = both(annual)[1]
    value = binned.var(level)
    assert float(binned.exceedance(value)) <= 1 - level + 1e-9
    below = value * (1 - 1e-9)
    if level > 0 and value > 0:
        assert float(binned.exceedance(below)) >= 1 - level - 1e-9
    curve = binned.exceedance(np.linspace(0, 2e6, 500))
    assert (np.diff(curve) <= 0).all()


@pytest.mark.parametrize("spread", [0.3, 1.5, 2.5])
@pytest.mark.parametrize(("size", "close"), [(3000, 1e-5), (300_000, 1e-6)])
def test_smooth_years_are_measured_far_within_a_bin(size: int, close: float, spread: float) -> None:
    sampled, binned = both(smooth(7, size, spread))
    for level in LEVELS:
        assert binned.var(level) == pytest.approx(sampled.var(level), rel=1e-3)
        assert binned.tvar(level) == pytest.approx(sampled.tvar(level), rel=close)
    at = np.geomspace(1, 1e8, 200)
    assert np.abs(binned.exceedance(at) - sampled.exceedance(at)).max() < 40 / size
    for name in (*TAILS, "mean", "sd", "prob_no_loss"):
        assert binned.error(name) == pytest.approx(sampled.error(name), rel=1e3 * close)
    for name in QUANTILES:  # a distance of two quantiles, each a bin's thousandth off
        allowed = 1e-3 * sampled.figure(name)
        assert binned.error(name) == pytest.approx(sampled.error(name), abs=allowed)


def test_a_limit_within_a_crowded_bin_is_still_an_amount_of_its_own() -> None:
    limit = 1e5
    sampled, binned = both(np.minimum(smooth(3, 200_000, 1.5, zero=0.1), limit))
    assert sampled.var(0.9) == limit
    assert binned.var(0.9) == limit
    assert binned.tvar(0.9) == pytest.approx(limit, rel=1e-9)
    assert float(binned.exceedance(limit)) == 0


def test_an_amount_below_which_no_year_falls_is_one_of_its_own() -> None:
    sampled, binned = both(np.maximum(smooth(3, 200_000, 1.5, zero=0.0), 1e5))
    for level in (0.1, 0.5, 0.8):
        assert binned.var(level) == sampled.var(level) == 1e5
        assert binned.tvar(level) == pytest.approx(sampled.tvar(level), rel=1e-6)


FINE, LIMIT, TWO = 360_000.0, 361_000.5, 720_000.0  # the first two share a bin
known = st.sampled_from([0.0, FINE, LIMIT, TWO])
mixed = st.lists(st.one_of(known, known, st.floats(358_500, 363_000), st.floats(7e5, 7.3e5)))


def marked(values: np.ndarray | list[float]) -> tuple[SampledLosses, BinnedLosses]:
    """Return the years, and the same in bins that are split by the known amounts."""
    sampled = SampledLosses(values)
    units = Units.of(1e8, (FINE, LIMIT, TWO))
    return sampled, BinnedLosses(histogram_of(sampled.annual, units))


@given(mixed.filter(bool), levels)
def test_known_amounts_in_the_middle_of_a_bin_are_measured_exactly(
    annual: list[float], level: float
) -> None:
    sampled, binned = marked(annual)
    at = np.array([0.0, FINE, LIMIT, TWO])
    np.testing.assert_array_equal(binned.exceedance(at), sampled.exceedance(at))
    below = np.nextafter(at[1:], 0)
    np.testing.assert_array_equal(binned.exceedance(below), sampled.exceedance(below))
    if (true := sampled.var(level)) in at:
        assert binned.var(level) == true
        assert binned.tvar(level) == pytest.approx(sampled.tvar(level), rel=1e-11)
        assert binned.error("prob_no_loss") == sampled.error("prob_no_loss")
    for loss in at.tolist():
        excess = sampled.excess(loss)
        assert binned.excess(loss) == pytest.approx(excess, rel=1e-9, abs=1e-9 * loss)
        layer = sampled.layer(loss, 1e6), binned.layer(loss, 1e6)
        assert layer[1].mean() == pytest.approx(layer[0].mean(), rel=1e-9, abs=1e-9 * loss)


@given(mixed.filter(bool), levels)
def test_beside_known_amounts_years_are_on_their_own_side(
    annual: list[float], level: float
) -> None:
    sampled, binned = marked(annual)
    true, found = sampled.var(level), binned.var(level)
    for mark in (FINE, LIMIT, TWO):
        assert (true < mark) == (found < mark)
        assert (true > mark) == (found > mark)


@pytest.mark.parametrize("share", [0.05, 0.4])
def test_an_atom_among_crowded_years_leaves_both_sides_as_they_are(share: float) -> None:
    rng = np.random.default_rng(9)
    annual = rng.lognormal(12.8, 0.5, 200_000)
    annual[rng.random(annual.size) < share] = FINE
    sampled, binned = marked(annual)
    at = FINE * (1 + np.linspace(-0.02, 0.02, 41))
    assert np.abs(binned.exceedance(at) - sampled.exceedance(at)).max() < 3e-4
    low, high = (1 - float(sampled.exceedance(x)) for x in (math.nextafter(FINE, 0), FINE))
    for level in np.linspace(low, high, 7).tolist():
        assert binned.tvar(level) == pytest.approx(sampled.tvar(level), rel=1e-8)
        reach = 3 * math.sqrt(level * (1 - level) / annual.size)
        if low + reach < level < high - reach:
            assert binned.var(level) == FINE
            assert binned.var_error(level) == 0
            assert binned.tvar_error(level) == pytest.approx(sampled.tvar_error(level), rel=1e-6)


@pytest.mark.parametrize("years", [[1000.0, 1001.0], [1000.0, 1001.0, 1006.0]])
def test_up_to_three_years_of_a_bin_are_known_exactly(years: list[float]) -> None:
    sampled, binned = both(years)
    for level in (0.0, 0.3, 0.4, 0.6, 0.9):
        assert binned.var(level) == pytest.approx(sampled.var(level), rel=1e-11)
        assert binned.tvar(level) == pytest.approx(sampled.tvar(level), rel=1e-11)


def test_rounding_of_a_level_does_not_move_its_rank() -> None:
    years = 1.1 ** np.arange(1, 101)
    assert 0.07 * 100 > 7
    assert both(years)[1].var(0.07) == years[6]


@given(
    st.one_of(samples, crowded),
    st.one_of(st.floats(0, 1e6), st.floats(1000, 1020)),
    st.floats(1, 1e6),
)
@example(annual=[1004.0, 1004.0, 1006.0, 1004.5], x=0.0, limit=1004.0)
@example(annual=[1016.0, 1016.0, 1018.0, 1016.5], x=0.0, limit=1016.0)
@example(annual=[1004.0, 1005.0, 1007.0, 1007.0], x=1004.0, limit=2.0)
def test_layers_share_the_years_without_rest(annual: list[float], x: float, limit: float) -> None:
    sampled, binned = both(annual)
    near = {"rel": 1e-9, "abs": 1e-6}
    parts = [*([binned.layer(0, x)] if x > 0 else []), binned.layer(x, limit)]
    parts.append(binned.layer(x + limit))
    assert sum(part.mean() for part in parts) == pytest.approx(binned.mean(), **near)
    layer = binned.layer(x, limit)
    assert layer.mean() == pytest.approx(binned.excess(x) - binned.excess(x + limit), **near)
    shared = bin_of(sampled.annual, binned.var(0.9)) if binned.var(0.9) else np.zeros(1)
    wanted = min(max(binned.var(0.9) - x, 0), limit)  # to the bin's width where the layer cuts it
    assert layer.var(0.9) == pytest.approx(wanted, abs=1e-6 + np.ptp(shared))
    assert layer.prob_no_loss() == pytest.approx(1 - float(binned.exceedance(x)), abs=1e-9)
    assert binned.excess(x) + binned.limited_mean(x) == pytest.approx(binned.mean(), **near)
    assert layer.years == sampled.years


@pytest.mark.parametrize("terms", [(1e4, 5e4), (3e3, math.inf), (0.0, 1e6), (2e5, 1e5)])
def test_a_layer_of_bins_is_the_layer_of_the_years(terms: tuple[float, float]) -> None:
    sampled, binned = (losses.layer(*terms) for losses in both(smooth(5, 100_000, 1.5)))
    assert binned.mean() == pytest.approx(sampled.mean(), rel=1e-5)
    assert binned.sd() == pytest.approx(sampled.sd(), rel=1e-5)
    assert binned.tvar(0.99) == pytest.approx(sampled.tvar(0.99), rel=1e-5)
    assert binned.prob_no_loss() == pytest.approx(sampled.prob_no_loss(), abs=1e-4)
    assert binned.error("sd") == pytest.approx(sampled.error("sd"), rel=1e-4)


@given(repeated, st.sampled_from([5.0, 6.0, 1000.0]), st.sampled_from([1.0, 300.0, math.inf]))
def test_a_layer_of_a_layer_is_one_layer(annual: list[float], low: float, limit: float) -> None:
    sampled, binned = (losses.layer(3, 1200).layer(low, limit) for losses in both(annual))
    for name in FIGURES:
        assert binned.figure(name) == pytest.approx(sampled.figure(name), rel=1e-9, abs=1e-7)


def test_a_moment_that_does_not_exist_is_infinite() -> None:
    values = smooth(2, 1000, 1.0)
    for sampled, binned in (both(values, moments=found) for found in range(4)):
        for losses in (lambda x: x, lambda x: x.layer(5), lambda x: x.layer(5, 1e5)):
            for name in FIGURES:
                for ask in ("figure", "error"):
                    wanted = getattr(losses(sampled), ask)(name)
                    got = getattr(losses(binned), ask)(name)
                    assert math.isinf(got) == math.isinf(wanted), (name, ask)


def test_one_year_and_none() -> None:
    one = both([3.5])[1]
    assert [one.figure(name) for name in FIGURES] == [3.5, 0, *[3.5] * 6, 0]
    assert one.error("p95") == math.inf  # one year says nothing of another
    assert one.error("prob_no_loss") == 1
    assert one.layer(1, 2).figure("p50") == 2
    with pytest.raises(WorkbenchError, match="a year or more; got 0"):
        BinnedLosses(histogram_of([]))


@pytest.mark.parametrize("value", [1e-300, 5e-324, 1e-12, 1e15, 3e120])
def test_years_of_one_amount_are_that_amount(value: float) -> None:
    binned = BinnedLosses(histogram_of([value] * 1000))
    assert {binned.var(level) for level in LEVELS} == {value}
    assert binned.sd() == 0
    assert binned.moment_errors() == (0, 0)
    assert binned.tvar(0.9) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("level", [-0.1, 1.0, 95, math.nan])
def test_a_level_outside_0_to_1_is_refused(level: float) -> None:
    losses = both([1.0, 2.0])[1]
    for call in (losses.var, losses.tvar, losses.var_error, losses.tvar_error):
        with pytest.raises(WorkbenchError, match=r"a level lies in \[0, 1\)"):
            call(level)


@pytest.mark.parametrize("terms", [(-1.0, 5.0), (0.0, 0.0), (math.inf, 1.0), (1.0, -2.0)])
def test_a_layer_lies_above_nothing(terms: tuple[float, float]) -> None:
    with pytest.raises(WorkbenchError, match="of a layer is"):
        both([1.0, 5.0])[1].layer(*terms)


def test_bins_do_not_add_since_the_years_are_not_kept() -> None:
    histogram = histogram_of([1.0, 2.0])
    run = ("montecarlo", 1, 2)
    a, b = (BinnedLosses(histogram, ids=[name], run=run) for name in "ab")
    with pytest.raises(WorkbenchError, match=r"losses of a \+ simulated losses of b.*keep_years"):
        a + b
    with pytest.raises(WorkbenchError, match="year by year"):
        SampledLosses([1.0, 2.0], ids=["c"], run=run) + a


def test_bins_have_no_years_one_by_one_and_say_who_has() -> None:
    with pytest.raises(WorkbenchError, match=r"got .*losses.*Simulate with keep_years=True"):
        attrgetter("annual")(BinnedLosses(histogram_of([1.0, 2.0])))


def test_it_says_what_it_holds_and_travels() -> None:
    binned = BinnedLosses(histogram_of([1.0, 2.0]), "EUR", ids=["a"], run=("r", 1))
    assert (binned.currency, binned.ids, binned.run, binned.years) == ("EUR", {"a"}, ("r", 1), 2)
    assert not binned.exact
    assert pickle.loads(pickle.dumps(binned)).var(0.9) == 2
    assert binned.layer(1).run is None
