"""The largest and the smallest words of a stream: counts of them are finite, and rise."""

import math

import numpy as np
import pytest

from workbench.distributions import Pert, Point, Uniform
from workbench.engines.count_tables import count_table
from workbench.engines.counts import (
    Binomial,
    Count,
    DiscreteCount,
    NegativeBinomial,
    Poisson,
    ZeroTruncated,
)
from workbench.engines.kernels import drawing
from workbench.engines.kernels.layout import GUIDE_BITS

pytestmark = pytest.mark.pure

WORDS = np.array([2.0**-54, 2.0**-30, 0.5, 1 - 2.0**-30, 1 - 2.0**-52, math.nextafter(1.0, 0.0)])
TRUNCATED = [
    ZeroTruncated(Poisson()),
    ZeroTruncated(NegativeBinomial(3.0)),
    ZeroTruncated(Binomial(12)),
]


@pytest.mark.parametrize("count", TRUNCATED, ids=lambda c: type(c.parent).__name__)
def test_no_word_makes_a_truncated_count_endless_or_0(count: Count) -> None:
    lowest = count.rates()[0]
    for rate in (1.001 * lowest, 1.05 * lowest, 4.0, 9.5):  # of which 0 is cut off often or seldom
        rates = np.full(WORDS.size, rate)
        for v in WORDS:
            found = count.draw(rates, WORDS, np.full(WORDS.size, v))
            assert np.isfinite(found).all()
            assert (found >= 1).all()
            assert (found <= 1000).all()
            assert (np.diff(found) >= 0).all()  # a larger word is no fewer events


@pytest.mark.parametrize(
    ("count", "rate"),
    [
        (Poisson(), Point(0.3)),
        (Poisson(), Point(300.0)),
        (Poisson(), Pert(1, 2, 9)),
        (NegativeBinomial(3.0), Uniform(1, 4)),
        (Binomial(12), Point(3.0)),
        (DiscreteCount([0, 3, 700], [0.5, 0.25, 0.25]), Point(175.75)),
    ],
)
def test_a_table_of_counts_ends_with_certainty_and_its_guide_finds_every_word(
    count: Count, rate: object
) -> None:
    table = count_table(count, rate)
    assert table is not None
    assert table.steps[-1] == 1
    assert (np.diff(table.steps) >= 0).all()
    marks = np.arange(1 << GUIDE_BITS) / (1 << GUIDE_BITS)
    # from where the guide starts no earlier count can be meant
    before = np.where(table.guide > 0, table.steps[table.guide - 1], 0.0)
    assert (before <= marks).all()
    assert (table.steps[table.guide] >= marks).all()
    words = np.sort(np.concatenate([WORDS, marks[1:], marks[1:] - 2.0**-53, marks[1:] + 2.0**-52]))
    found = np.empty(words.size, dtype=np.int64)
    drawing.counts_at(words, table.steps, table.guide, found)
    assert (np.diff(found) >= 0).all()
    # the first count that is as likely as its word or more
    assert (table.steps[found] >= words).all()
    assert (np.where(found > 0, table.steps[found - 1], -1.0) < words).all()
