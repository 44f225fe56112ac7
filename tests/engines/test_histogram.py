"""Summaries of simulated years: the same bytes for any split and order, sums without rounding."""

import math
import re
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import reduce
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.engines.histogram import Tally, histogram_of
from workbench.engines.kernels.either import plainly
from workbench.errors import WorkbenchError
from workbench.losses.histogram import OCTAVE, OCTAVES, YEARS, Histogram, Units, packed, unpacked

pytestmark = pytest.mark.pure

UNITS = Units.of(1e9)
losses = st.lists(
    st.one_of(
        st.just(0.0),
        st.sampled_from([5.0, 1e-300, 5e-324, 999_999_999.0]),
        st.floats(0, 1e9),
        st.floats(1e-12, 1e-9),
    ),
    max_size=60,
)


MARKS = (5.0, 1000.0, 1003.0, 1003.0000001, 360_000.0, 1024.0)
MARKED = Units.of(1e9, MARKS)
near_marks = st.lists(
    st.one_of(
        st.just(0.0),
        st.sampled_from(MARKS),
        st.sampled_from(MARKS).map(lambda x: math.nextafter(x, 0)),
        st.sampled_from(MARKS).map(lambda x: x * (1 + 1e-13)),
        st.sampled_from(MARKS).map(lambda x: x * (1 + 1e-11)),
        st.floats(990, 1030),
        st.floats(0, 1e9),
    ),
    max_size=60,
)


def years_of(seed: int, size: int, zero: float = 0.4, spread: float = 1.5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(size) < zero, 0.0, rng.lognormal(10, spread, size))


def of(values: np.ndarray | list[float], units: Units = UNITS) -> Histogram:
    return histogram_of(np.asarray(values, dtype=float), units)


def exact_sum(histogram: Histogram) -> Fraction:
    return Fraction(histogram.total) * Fraction(2) ** (histogram.units.top - 96)


def exact_squares(histogram: Histogram) -> Fraction:
    return Fraction(histogram.squares) * Fraction(2) ** (2 * histogram.units.top - 96)


@given(losses)
def test_compiled_and_plain_kernels_leave_the_same_bytes(values: list[float]) -> None:
    fast = of(values)
    with plainly():
        plain = of(values)
    assert fast == plain
    assert fast.digest() == plain.digest()


@given(near_marks)
def test_both_kernels_split_bins_alike(values: list[float]) -> None:
    fast = of(values, MARKED)
    with plainly():
        assert of(values, MARKED).digest() == fast.digest()


@given(near_marks, st.randoms(use_true_random=False), st.integers(1, 5))
def test_marked_years_merge_to_the_same_bytes_for_any_split_and_order(
    values: list[float], chance: Random, parts: int
) -> None:
    whole = of(values, MARKED)
    shuffled = sorted(values, key=lambda _: chance.random())
    pieces = np.array_split(shuffled, parts)
    assert reduce(Histogram.merged, (of(piece, MARKED) for piece in pieces)) == whole
    tally = Tally(MARKED)
    for piece in pieces:
        other = Tally(MARKED)
        other.record(np.ascontiguousarray(piece, dtype=float))
        tally.merge(other)
    assert tally.histogram().digest() == whole.digest()


@example([5.0, 4.999999999999999])
@given(near_marks)
def test_marks_keep_below_at_and_above_apart(values: list[float]) -> None:
    """Each group lies on one side of every mark, or at it; nothing else changes."""
    plain, marked = of(values), of(values, MARKED)
    cells = marked.cells()
    near = 2.0**-38
    assert (cells.low[1:] > cells.high[:-1]).all()
    for mark in MARKED.marks:
        is_at = np.abs(cells.low - mark) <= near * mark
        assert is_at.sum() <= 2  # a mark at the edge of a bin has a group on either side of it
        assert (is_at | (cells.high < mark * (1 - near / 2)) | (cells.low > mark)).all()
        assert (np.abs(cells.high - mark)[is_at] <= near * mark).all()
        at = [v for v in values if abs(v - mark) <= near / 4 * mark]
        assert cells.count[is_at].sum() >= len(at)
    assert cells.count.sum() == len(values)
    assert (marked.total, marked.squares, marked.zeros, marked.below) == (
        *(plain.total, plain.squares, plain.zeros, plain.below),
    )
    starts = np.searchsorted(cells.low, plain.cells().low)
    if values:
        assert np.add.reduceat(cells.count, starts).tolist() == plain.cells().count.tolist()


def test_marks_that_no_year_meets_change_no_group() -> None:
    values = years_of(4, 20_000)
    bare, marked = of(values), of(values, Units.of(1e9, (math.pi, 2e8, 7e8)))
    assert marked.columns == bare.columns
    assert marked.digest() != bare.digest()


def test_marks_are_sorted_and_those_without_room_are_left_out() -> None:
    units = Units.of(1000.0, (7.0, 5.0, 5.0 * (1 + 1e-14), 0.0, 1e-300, 2000.0, 1024.0))
    assert units.marks == (5.0, 7.0)
    for wrong in ((7.0, 5.0), (5.0, 5.0), (0.0,), (1024.0,), (math.nan,)):
        with pytest.raises(WorkbenchError, match="marks rise between"):
            Units(10, wrong)


def test_histograms_with_other_marks_do_not_merge() -> None:
    for other in (UNITS, Units.of(1e9, (5.0,))):
        with pytest.raises(WorkbenchError, match=r"same marks .*known amounts of all the parts"):
            of([1.0], MARKED).merged(of([1.0], other))
        with pytest.raises(WorkbenchError, match="same marks"):
            Tally(other).merge(Tally(MARKED))


@pytest.mark.parametrize("zero", [0.0, 0.5, 0.97, 1.0])
@pytest.mark.parametrize("size", [1, 1023, 1024, 1025, 30_000])
def test_both_kernels_agree_on_whole_blocks(zero: float, size: int) -> None:
    values = years_of(size, size, zero, spread=3.0)
    units = Units.of(float(values.max()) * 1e3)
    with plainly():
        plain = of(values, units)
    assert of(values, units).digest() == plain.digest()


@given(losses, st.randoms(use_true_random=False), st.integers(1, 6))
def test_any_split_and_any_order_leave_the_same_bytes(
    values: list[float], chance: Random, parts: int
) -> None:
    whole = of(values)
    shuffled = sorted(values, key=lambda _: chance.random())
    pieces = [of(piece) for piece in np.array_split(shuffled, parts)]
    assert reduce(Histogram.merged, pieces) == whole
    assert reduce(Histogram.merged, pieces[::-1]).digest() == whole.digest()
    tallies = [Tally(UNITS) for _ in range(parts)]
    for tally, piece in zip(tallies, np.array_split(shuffled, parts), strict=True):
        tally.record(np.ascontiguousarray(piece, dtype=float))
    for tally in tallies[1:]:
        tallies[0].merge(tally)
    assert tallies[0].histogram().digest() == whole.digest()


@given(losses, losses, losses)
def test_merging_is_associative_and_commutative(
    a: list[float], b: list[float], c: list[float]
) -> None:
    x, y, z = of(a), of(b), of(c)
    assert x.merged(y) == y.merged(x)
    assert x.merged(y).merged(z) == x.merged(y.merged(z))
    assert x.merged(of([])) == x


def test_threads_fill_tallies_of_their_own_to_the_same_bytes() -> None:
    values = years_of(8, 200_000)

    def part(number: int) -> Tally:
        tally = Tally(UNITS)
        for piece in np.array_split(values[number::4], 10):
            tally.record(np.ascontiguousarray(piece))
        return tally

    with ThreadPoolExecutor(4) as pool:
        first, *rest = pool.map(part, range(4))
    for tally in rest:
        first.merge(tally)
    assert first.histogram().digest() == of(values).digest()


def test_a_different_year_leaves_different_bytes() -> None:
    base = of([1.0, 2.0, 3.0])
    others = [of([1.0, 2.0, 3.0 + 1e-15 * 4]), of([1.0, 2.0]), of([1.0, 2.0, 3.0, 0.0])]
    others += [of([1.0, 2.0, 3.0], Units.of(2e9)), of([1.0, 2.0, 3.0, 1e-300])]
    assert len({h.digest() for h in (base, *others)}) == 6


@given(st.lists(st.one_of(st.just(0.0), st.floats(1e-3, 1e9)), max_size=50))
def test_sums_are_exact_and_squares_to_a_unit_each(values: list[float]) -> None:
    histogram = of(values)
    assert exact_sum(histogram) == sum(map(Fraction, values))
    short = sum(Fraction(v) ** 2 for v in values) - exact_squares(histogram)
    unit = Fraction(2) ** (2 * UNITS.top - 96)
    # one unit for the part that is left out, and two for how that part itself is rounded
    assert -2 * len(values) * unit <= short <= 3 * len(values) * unit


def test_ten_million_years_of_1e15_are_summed_exactly() -> None:
    block = np.full(1_000_000, 1e15)
    tally = Tally(Units.of(1e15))
    for _ in range(10):
        tally.record(block)
    histogram = tally.histogram()
    assert exact_sum(histogram) == 10**7 * 10**15
    assert exact_squares(histogram) == 10**7 * 10**30
    assert histogram.mean() == 1e15
    assert histogram.variance() == 0


def test_ten_million_different_years_up_to_1e15_are_summed_exactly() -> None:
    odd = 1e15 - np.arange(1000) / 8
    block = np.repeat(odd, 100)
    tally = Tally(Units.of(1e15))
    for _ in range(100):
        tally.record(block)
    histogram = tally.histogram()
    wanted = sum(Fraction(value) for value in odd) * 10_000
    squares = sum(Fraction(value) ** 2 for value in odd) * 10_000
    assert exact_sum(histogram) == wanted
    assert abs(exact_squares(histogram) - squares) <= 10**7 * Fraction(2) ** 4
    exact = (squares - wanted**2 / 10**7) / (10**7 - 1)
    # squares count in units of 2^4 here: the variance is as close, beside a mean of 1e15
    assert histogram.variance() == pytest.approx(float(exact), abs=2**4)


def test_sums_hold_as_many_years_as_are_allowed_and_more_are_refused() -> None:
    largest = math.nextafter(UNITS.limit, 0)
    one, histogram = of([largest]), of([largest])
    for _ in range(30):
        histogram = histogram.merged(histogram).merged(one)
    assert histogram.years == YEARS
    assert exact_sum(histogram) == YEARS * Fraction(largest)
    assert histogram.squares < 2**127
    assert histogram.cells().count.tolist() == [YEARS]
    assert histogram.cells().mean.tolist() == [largest]
    with pytest.raises(WorkbenchError, match="at most 2147483647 years; got 2147483648"):
        histogram.merged(one)


def test_a_tally_refuses_years_beyond_what_its_sums_can_hold() -> None:
    tally, other = Tally(UNITS), Tally(UNITS)
    tally.record(np.array([1.0]))
    other.record(np.array([2.0]))
    for _ in range(30):
        tally.merge(tally)
    tally.merge(other)
    assert tally.years == 2**30 + 1
    with pytest.raises(WorkbenchError, match="years"):
        tally.merge(tally)
    assert exact_sum(tally.histogram()) == 2**30 + 2


@pytest.mark.parametrize("wrong", [1e10, UNITS.limit, -1.0, math.inf, math.nan])
def test_a_loss_without_a_bin_is_refused_and_nothing_is_recorded(wrong: float) -> None:
    tally = Tally(UNITS)
    tally.record(np.array([1.0, 2.0]))
    before = tally.histogram()
    told = rf"lies from 0 to below .*, the top of its bins; got {re.escape(repr(float(wrong)))}\."
    with pytest.raises(WorkbenchError, match=told):
        tally.record(np.array([3.0, 0.25, wrong, 0.0]))
    with plainly(), pytest.raises(WorkbenchError, match="larger loss"):
        tally.record(np.array([3.0, wrong, 0.0]))
    assert tally.histogram() == before


def test_different_units_do_not_merge() -> None:
    with pytest.raises(WorkbenchError, match="same units"):
        of([1.0]).merged(of([1.0], Units.of(1e12)))
    with pytest.raises(WorkbenchError, match="same units"):
        Tally(UNITS).merge(Tally(Units.of(1e12)))


@pytest.mark.parametrize("largest", [-1.0, math.nan, math.inf, 1e200])
def test_units_are_of_an_amount(largest: float) -> None:
    with pytest.raises(WorkbenchError, match="largest loss"):
        Units.of(largest)


@given(st.floats(0, 1e150))
def test_units_leave_room_for_the_largest_loss(largest: float) -> None:
    units = Units.of(largest)
    assert largest < units.limit
    histogram = of([largest], units)
    assert histogram.cells().high.tolist() == [largest]


def test_what_lies_below_the_bins_is_counted_summed_and_kept() -> None:
    lowest = math.ldexp(1.0, UNITS.top - OCTAVES)
    small = [lowest * 0.999, lowest * 0.25, 1e-300, 5e-324]
    histogram = of([*small, lowest, 7.0, 0.0])
    cells = histogram.cells()
    assert cells.count.tolist() == [1, 4, 1, 1]
    assert cells.low.tolist() == [0, 5e-324, lowest, 7]
    assert cells.high.tolist() == [0, lowest * 0.999, lowest, 7]
    assert cells.mean[1] == pytest.approx(sum(small) / 4, rel=1e-9)
    tiny = of([1e-300]).cells()
    assert (tiny.low[0], tiny.mean[0], tiny.high[0]) == (1e-300, 1e-300, 1e-300)


def test_a_study_of_tiny_or_no_losses_has_bins_all_the_same() -> None:
    assert histogram_of([0.0, 0.0]).cells().count.tolist() == [2]
    assert histogram_of([0.0, 0.0]).mean() == 0
    assert histogram_of([5e-324]).cells().high.tolist() == [5e-324]


@pytest.mark.parametrize("seed", [1, 2])
def test_each_bin_keeps_count_smallest_largest_and_mean(seed: int) -> None:
    values = years_of(seed, 20_000)
    histogram = of(values)
    cells = histogram.cells()
    assert (cells.low[1:] > cells.high[:-1]).all()
    assert (cells.high[1:] < cells.low[1:] * (1 + 1 / OCTAVE)).all()
    ordered = np.split(np.sort(values), np.cumsum(cells.count.astype(int))[:-1])
    assert cells.low.tolist() == [part[0] for part in ordered]
    assert cells.high.tolist() == [part[-1] for part in ordered]
    means = [math.fsum(part) / part.size for part in ordered]
    np.testing.assert_allclose(cells.mean, means, rtol=2**-39)


def test_what_a_bin_drops_of_its_years_is_rounded_and_not_cut() -> None:
    """Cut, the mean would be low by half a unit of 2^-39; rounded, it errs by chance alone."""
    values = 1 + np.random.default_rng(1).random(4096) / OCTAVE
    assert of(values).cells().mean == pytest.approx([values.mean()], rel=2**-43, abs=0)


@given(losses, st.integers(-40, 40))
def test_counting_in_another_power_of_two_changes_no_bin(values: list[float], by: int) -> None:
    values = [value for value in values if value == 0 or value > 1e-200]
    moved = of(np.ldexp(values, by), Units(UNITS.top + by))
    assert moved.columns == of(values).columns
    assert moved.total == of(values).total
    assert moved.mean() == pytest.approx(math.ldexp(of(values).mean(), by)) if values else True


@given(st.integers(0, 62), st.lists(st.floats(0, 1), max_size=20))
def test_whole_numbers_are_kept_in_as_few_bytes_as_the_largest_needs(
    bits: int, shares: list[float]
) -> None:
    column = np.array([int(share * (2**bits - 1)) for share in (*shares, 1.0)], dtype=np.int64)
    kept = packed(column)
    assert unpacked(kept, column.size).tolist() == column.tolist()
    assert len(kept) == 2 * max(-(-bits // 16), 1) * column.size
    assert unpacked(packed(column[:0]), 0).size == 0


@pytest.mark.parametrize("years", [[7.0, 7.0], [0.0, 0.0], [1e-300, 1e-300], [0.1]])
def test_years_that_are_all_the_same_have_no_variance(years: list[float]) -> None:
    assert of(years).variance() == 0
    for other in (0.0, 2e-300, 7.01, 9.0):
        different = of([*years, other]).variance()
        assert (different > 0) == (other != years[0] and max(*years, other) > 1e-100)


def test_a_million_years_take_24_bytes_a_bin_at_most() -> None:
    histogram = histogram_of(years_of(5, 1_000_000, zero=0.0))
    assert histogram.nbytes <= 24 * histogram.size
    assert histogram.size < 3500


def test_moments_are_those_of_the_years() -> None:
    values = years_of(11, 50_000)
    histogram = of(values)
    mean = math.fsum(values) / values.size
    assert histogram.mean() == mean
    variance = math.fsum((values - mean) ** 2) / (values.size - 1)
    assert histogram.variance() == pytest.approx(variance, rel=1e-13)
    assert of([3.0]).variance() == 0
    with pytest.raises(WorkbenchError, match="a mean needs a year"):
        of([]).mean()


def test_a_full_tally_takes_no_year_more() -> None:
    tally, year = Tally(UNITS), np.array([1.0])
    tally.record(year)
    for _ in range(30):
        tally.merge(tally)
        tally.record(year)
    assert tally.years == YEARS
    with pytest.raises(WorkbenchError, match="at most 2147483647 years"):
        tally.record(year)
    assert exact_sum(tally.histogram()) == YEARS
