"""Scores of chances and of ranges, and what hits can tell."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from workbench.elicitation import (
    HitRate,
    brier,
    brier_score,
    clopper_pearson,
    hit_rate,
    interval_score,
)
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure


def test_the_published_scores(published):
    given = published["brier-single"]["inputs"]
    expected = published["brier-single"]["expected"]["scores"]
    assert_allclose(brier(given["forecast"], given["outcome"]), expected, atol=1e-9)


def test_the_published_decomposition(published):
    case = published["brier-murphy"]
    found = brier_score(case["inputs"]["forecast"], case["inputs"]["outcome"])
    expected = case["expected"]
    assert found.score == pytest.approx(expected["brier"], abs=1e-9)
    for part in ("reliability", "resolution", "uncertainty"):
        assert getattr(found, part) == pytest.approx(expected[part], abs=1e-9)


def test_the_parts_add_up_for_any_forecasts():
    rng = np.random.default_rng(1)
    f, o = rng.integers(0, 11, 200) / 10, rng.integers(0, 2, 200)
    found = brier_score(f, o)
    total = found.reliability - found.resolution + found.uncertainty
    assert found.score == pytest.approx(total, abs=1e-12)


def test_the_brier_score_is_proper():
    p, said = 0.3, np.linspace(0, 1, 101)
    expected = p * (1 - said) ** 2 + (1 - p) * said**2
    assert said[np.argmin(expected)] == pytest.approx(p)


def test_the_interval_score_by_hand():
    found = interval_score([0, 0, 0], [10, 10, 10], [5, -1, 12], 0.9)
    assert_allclose(found, [10, 10 + 20, 10 + 40])


def test_the_interval_score_is_proper():
    # Over Exp(1) the expected score is least at the true 5 and 95 % quantiles.
    x = stats.expon.ppf((np.arange(20_000) + 0.5) / 20_000)
    low, high = stats.expon.ppf([0.05, 0.95])
    best = interval_score(low, high, x).mean()
    for factor in (0.8, 1.2):
        assert interval_score(low * factor, high, x).mean() > best
        assert interval_score(low, high * factor, x).mean() > best


def test_the_interval_of_a_share_is_exact():
    low, high = clopper_pearson(7, 10)
    assert stats.binom(10, low).sf(6) == pytest.approx(0.05)
    assert stats.binom(10, high).cdf(7) == pytest.approx(0.05)
    theirs = stats.binomtest(7, 10).proportion_ci(0.9, method="exact")
    assert_allclose([low, high], [theirs.low, theirs.high])
    assert clopper_pearson(0, 5)[0] == 0
    assert clopper_pearson(5, 5)[1] == 1


def test_hits_count_the_ends_of_a_range():
    found = hit_rate([1, 1, 1, 1], [2, 2, 2, 2], [1, 2, 3, 1.5])
    assert (found.hits, found.trials, found.share) == (3, 4, 0.75)


def test_verdicts_say_what_so_many_questions_can_tell():
    fine = HitRate(9, 10, 0.9)
    assert "With 10 questions this cannot be told apart from calibrated" in fine.verdict()
    assert "cannot be told apart" in HitRate(7, 10, 0.9).verdict()  # P(7 or fewer) = 7 %
    narrow = HitRate(5, 10, 0.9)
    assert "the ranges are too narrow" in narrow.verdict()
    assert narrow.p_value == pytest.approx(stats.binom(10, 0.9).cdf(5))
    assert "wider than they need be" in HitRate(100, 100, 0.9).verdict()


def test_a_calibrated_person_is_rarely_called_anything_else():
    p = [HitRate(k, 20, 0.9).p_value for k in range(21)]
    wrong = sum(stats.binom(20, 0.9).pmf(k) for k in range(21) if p[k] < 0.05)
    assert wrong < 0.05


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: brier([0.5], [1, 0]), "each forecast has its outcome"),
        (lambda: brier([1.5], [1]), "a forecast lies between 0 and 1"),
        (lambda: brier([0.5], [0.5]), "an outcome is 0 or 1"),
        (lambda: interval_score(2, 1, 1), "an interval has low <= high"),
        (lambda: interval_score(1, 2, 1, 90), "the mass lies between 0 and 1"),
        (lambda: hit_rate([], [], []), "each interval has its truth"),
        (lambda: clopper_pearson(3, 2), "hits are at most the trials"),
    ],
)
def test_what_cannot_be_scored_is_refused(act, message):
    with pytest.raises(WorkbenchError, match=message):
        act()
