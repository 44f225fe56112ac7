"""Divergences: closed forms, published cases, what no drift gives, intervals that cover."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from workbench.errors import WorkbenchError
from workbench.evidence import Counted, Threshold, count_categories, count_numbers, drift
from workbench.evidence.divergences import (
    DIVERGENCES,
    jensen_shannon,
    kullback_leibler,
    population_stability,
)

pytestmark = pytest.mark.pure
MEASURES = list(DIVERGENCES)
A_TENTH = Threshold(0.1, "agreed by the model board")


def counted(before, after, **more):
    labels = tuple(str(i) for i in range(len(before)))
    return Counted(labels, np.array(before, float), np.array(after, float), **more)


def test_published_cases_of_kl_and_psi():
    p = np.array([0.36, 0.48, 0.16])
    closed = (32 * math.log(2) + 55 * math.log(3) - 50 * math.log(5)) / 25
    assert kullback_leibler(p, np.full(3, 1 / 3)) == pytest.approx(closed, rel=1e-12)
    q = np.array([0.1, 0.2, 0.3, 0.4])
    assert population_stability(q, q[::-1]) == pytest.approx(0.912869638293567, rel=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_divergence_is_0_for_equals_positive_else_and_falls_when_cells_are_merged(measure):
    between = DIVERGENCES[measure].between
    rng = np.random.default_rng(5)
    p, q = rng.dirichlet(np.ones(8), 200), rng.dirichlet(np.ones(8), 200)
    assert np.abs(between(p, p)).max() < 1e-15
    merged = between(p.reshape(200, 4, 2).sum(-1), q.reshape(200, 4, 2).sum(-1))
    assert (between(p, q) >= merged - 1e-12).all()
    assert (merged > 0).all()


def test_psi_and_js_do_not_care_which_side_is_which_and_kl_does():
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.2, 0.3, 0.5])
    assert population_stability(p, q) == pytest.approx(float(population_stability(q, p)))
    assert jensen_shannon(p, q) == pytest.approx(float(jensen_shannon(q, p)))
    assert kullback_leibler(p, q) != pytest.approx(float(kullback_leibler(q, p)), rel=0.01)


def test_js_of_disjoint_cells_is_ln_2_and_kl_infinite():
    one, other = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert jensen_shannon(one, other) == pytest.approx(math.log(2))
    assert kullback_leibler(one, other) == math.inf


def test_fine_cells_of_large_samples_come_to_the_integral():
    one, other = stats.norm(0, 1), stats.norm(1, 1)
    whole, _ = integrate.quad(lambda x: one.pdf(x) * (one.logpdf(x) - other.logpdf(x)), -12, 12)
    assert whole == pytest.approx(0.5, rel=1e-9)
    u = (np.arange(40_000) + 0.5) / 40_000
    found = drift(count_numbers(one.ppf(u), other.ppf(u), cells=200), replicates=200)
    assert found.estimate == pytest.approx(whole, rel=0.01)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("known", [False, True])
def test_without_drift_the_mean_and_the_quantile_are_those_of_chi_squared(measure, known):
    """The stated luck holds for two samples and for a sample against known chances."""
    rng, k, n, m = np.random.default_rng(11), 20, 3_000, 2_000
    p = np.full(k, 1 / k)
    kind = DIVERGENCES[measure]
    before = np.tile(p, (4_000, 1)) if known else rng.multinomial(n, p, size=4_000) / n
    seen = kind.between(before, rng.multinomial(m, p, size=4_000) / m)
    side = p if known else rng.multinomial(n, p)
    told = drift(
        counted(side, rng.multinomial(m, p), is_known=known), measure=measure, replicates=200
    )
    assert seen.mean() == pytest.approx(told.without_drift, rel=0.03)
    assert (seen > told.by_luck).mean() == pytest.approx(0.05, abs=0.012)


def test_published_figures_of_luck():
    """The mean of 20 cells and 1,000 rows of known chances, and the 95 % point of two samples."""
    one = drift(counted(np.full(20, 0.05), [50] * 20, is_known=True))
    assert one.without_drift == pytest.approx(0.0095, rel=1e-12)
    two = drift(counted([25] * 20, [25] * 20))
    assert two.by_luck == pytest.approx(0.06028705441129232, rel=1e-12)


@pytest.mark.parametrize(("measure", "times"), [("kl", 1), ("psi", 2), ("js", 0.25)])
def test_near_0_the_interval_is_that_of_the_noncentral_law(measure, times):
    rows = counted([210, 190, 200, 195, 205], [180, 220, 205, 215, 180])
    found = drift(rows, measure=measure, smoothing=0, replicates=200)
    scale = times / 2 * (1 / 1_000 + 1 / 1_000)
    seen = found.estimate / scale
    upper = optimize.brentq(lambda nc: stats.ncx2.cdf(seen, 4, nc) - 0.025, 1e-9, 500)
    assert found.high == pytest.approx(scale * upper, rel=2e-3)
    assert stats.chi2.cdf(seen, 4) < 0.975
    assert found.low == 0


def test_far_from_0_the_interval_is_that_of_the_delta_method():
    """Of large samples the estimate is normal; its slopes are ln(p/q) and -p/q.

    The wider of two intervals is taken, so that it may be a little wider, and never narrower.
    """
    p, q, n, m = np.array([0.2, 0.3, 0.5]), np.array([0.4, 0.3, 0.3]), 400_000, 300_000
    found = drift(counted(n * p, m * q), smoothing=0, replicates=100_000)
    kl = float(kullback_leibler(p, q))
    variance = (p @ np.log(p / q) ** 2 - kl**2) / n + ((p**2 / q).sum() - 1) / m
    assert found.estimate == pytest.approx(kl, rel=1e-12)
    wide = (found.high - found.low) / (2 * 1.959964 * math.sqrt(variance))
    assert 0.995 < wide < 1.03
    assert (found.high + found.low) / 2 == pytest.approx(kl, rel=1e-3)


def test_a_bit_is_ln_2_nats():
    rows = counted([400, 300, 300], [300, 300, 400])
    nats, bits = drift(rows), drift(rows, base=2)
    assert (bits.unit, nats.unit) == ("bits", "nats")
    for name in ("estimate", "low", "high", "without_drift", "by_luck", "corrected"):
        assert getattr(bits, name) * math.log(2) == pytest.approx(getattr(nats, name), rel=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 1.0])
def test_the_interval_holds_the_truth_as_often_as_it_says(measure, share):
    """From no drift at all, over drift as small as luck, to plain drift."""
    rng = np.random.default_rng(3)
    p, moved = np.full(5, 0.2), np.array([0.1, 0.28, 0.2, 0.26, 0.16])
    q = (1 - share) * p + share * moved
    truth = float(DIVERGENCES[measure].between(p, q))
    held = 0
    for _ in range(200):
        rows = counted(rng.multinomial(500, p), rng.multinomial(500, q))
        found = drift(rows, measure=measure, replicates=200)
        held += found.low <= truth <= found.high
    assert held / 200 >= 0.93


def test_two_samples_that_are_the_same_do_not_prove_that_nothing_moved():
    """Were the upper end 0 it would lie below what luck alone gives."""
    for k in (2, 3, 10):
        found = drift(counted([40] * k, [40] * k), replicates=200)
        assert (found.estimate, found.low) == (0, 0)
        assert found.high > found.without_drift
        edge = found.high / found.without_drift * (k - 1)  # of the chi-squared law, by scipy
        assert stats.ncx2.cdf(k - 1, k - 1, edge) == pytest.approx(0.025, rel=1e-6)


@pytest.mark.parametrize("measure", ["kl", "psi"])
def test_the_upper_end_knows_that_a_cell_of_few_rows_may_be_rarer_still(measure):
    """One row in 5,000 now and one in 100 before: a bootstrap holds the truth in 3 of 4 cases."""
    rng, p, q = np.random.default_rng(6), [0.9, 0.09, 0.01], [0.9, 0.0998, 0.0002]
    truth = float(DIVERGENCES[measure].between(np.array(p), np.array(q)))
    pairs = [(rng.multinomial(2_000, p), rng.multinomial(2_000, q)) for _ in range(200)]
    highs = [drift(counted(*one), measure=measure, replicates=200).high for one in pairs]
    assert np.mean(np.array(highs) >= truth) >= 0.93


def test_no_bound_is_above_the_most_that_a_divergence_can_be():
    for base in (math.e, 2):
        found = drift(counted([10, 0], [0, 10]), measure="js", base=base)
        assert (
            found.low < found.estimate < found.high == pytest.approx(math.log(2) / math.log(base))
        )


def test_a_flag_that_is_nearly_always_set_is_counted_too():
    for rare, usual in ((0, 1), (1, 0)):
        rows = count_numbers([usual] * 99 + [rare], [usual] * 90 + [rare] * 10)
        assert sorted(rows.reference.tolist()) == [1, 99]
        assert sorted(rows.current.tolist()) == [10, 90]


def test_the_rule_of_a_tenth_gives_no_verdict_on_small_samples_without_drift():
    """Fifty cells and 200 rows of each side: luck alone exceeds 0.1 nearly always."""
    rng, p = np.random.default_rng(8), np.full(50, 0.02)
    found = [
        drift(counted(*rng.multinomial(200, p, size=2)), threshold=A_TENTH, replicates=200)
        for _ in range(60)
    ]
    assert np.mean([one.estimate > 0.1 for one in found]) > 0.95
    assert {one.verdict for one in found} == {"invalid"}
    assert "luck alone gives 0.24 on average" in found[0].why


def test_verdicts_follow_the_interval():
    p, near, far = [3_000, 4_000, 3_000], [3_050, 4_000, 2_950], [6_000, 3_000, 1_000]
    told = [drift(counted(p, q), threshold=A_TENTH) for q in (near, far)]
    assert [one.verdict for one in told] == ["pass", "fail"]
    at = Threshold(told[1].estimate, "planted at the estimate")
    assert drift(counted(p, far), threshold=at).verdict == "inconclusive"
    none = drift(counted(p, far))
    assert (none.verdict, none.why) == (None, "no threshold is stated, and no standard sets one")


def test_an_empty_cell_without_smoothing_is_infinite_and_told():
    rows = counted([500, 499, 1], [600, 400, 0])
    found = drift(rows, smoothing=0, threshold=A_TENTH)
    assert (found.estimate, found.low, found.high) == (math.inf, 0.0, math.inf)
    assert found.verdict == "invalid"
    assert "smoothing" in found.why
    assert drift(rows, smoothing=0.5, threshold=A_TENTH).verdict == "pass"
    assert math.isfinite(drift(rows, measure="js", smoothing=0).high)


def test_a_cell_that_only_a_replicate_empties_gives_no_interval():
    found = drift(counted([900, 98, 2], [900, 99, 1]), smoothing=0, threshold=A_TENTH)
    assert math.isfinite(found.estimate)
    assert (found.low, found.high, found.verdict) == (0.0, math.inf, "invalid")


def test_the_same_seed_gives_the_same_interval_and_known_chances_are_not_drawn():
    rows = counted([400, 300, 300], [300, 300, 400])
    assert drift(rows, seed=4) == drift(rows, seed=4) != drift(rows, seed=5)
    now = [300, 300, 400]
    sample = drift(counted([400, 300, 300], now), smoothing=0)
    known = drift(counted([0.4, 0.3, 0.3], now, is_known=True), smoothing=0)
    assert sample.estimate == pytest.approx(known.estimate)
    assert known.n == math.inf
    assert known.high - known.low < sample.high - sample.low


def test_numbers_are_counted_in_cells_of_equal_share_with_missing_ones_apart():
    before = np.append(np.arange(1, 101.0), np.nan)
    rows = count_numbers(before, [0.0, 10.0, 10.5, 1e9, np.nan, np.nan])
    assert rows.reference.tolist() == [10.0] * 10 + [1.0]
    assert rows.current.tolist() == [2, 1, *[0] * 7, 1, 2]
    assert (rows.labels[0], rows.labels[-2], rows.labels[-1]) == ("up to 10", "above 90", "missing")
    ties = count_numbers([0.0] * 95 + [1, 2, 3, 4, 5], [0.0, 5.0])
    assert ties.reference.tolist() == [95.0, 5.0]


def test_categories_that_are_new_or_missing_have_their_cell():
    rows = count_categories(["a", "a", "b", ""], ["b", "c"])
    assert dict(zip(rows.labels, zip(rows.reference, rows.current, strict=True), strict=True)) == {
        "a": (2, 0), "b": (1, 1), "c": (0, 1), "missing": (1, 0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("faulty", "rule"),
    [
        (lambda: counted([1], [1]), "two cells or more"),
        (lambda: counted([1, 2], [1, 2, 3]), "cells of the labels"),
        (lambda: counted([1, -2], [1, 2]), "whole counts"),
        (lambda: counted([1, 1.5], [1, 2]), "whole counts"),
        (lambda: counted([0, 0], [1, 2]), "whole counts"),
        (lambda: counted([0.5, 0.6], [1, 2], is_known=True), "sum to 1"),
        (lambda: count_numbers([1, 2], []), "each side holds numbers"),
        (lambda: count_numbers([1, math.inf], [1]), "finite"),
        (lambda: count_numbers([1, 1], [1]), "differ"),
        (lambda: count_numbers([1, 2], [1], cells=1), "cells are 2"),
        (lambda: drift(counted([1, 2], [1, 2]), measure="ks"), "kl, psi or js"),
        (lambda: drift(counted([1, 2], [1, 2]), base=1.0), "base"),
        (lambda: drift(counted([1, 2], [1, 2]), smoothing=-1), "smoothing"),
        (lambda: drift(counted([1000, 0], [0, 1000]), smoothing=1e6), "more hides drift"),
        (lambda: drift(counted([1, 2], [1, 2]), replicates=10), "replicates"),
        (lambda: Threshold(0.0, "me"), "positive"),
        (lambda: Threshold(0.1, " "), "source"),
    ],
)
def test_what_cannot_be_measured_is_refused(faulty, rule):
    with pytest.raises(WorkbenchError, match=rule):
        faulty()
