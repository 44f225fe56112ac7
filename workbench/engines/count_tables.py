"""The number of events of a year as a table: what is held of its rate is averaged out before.

A rate is redrawn for every year, so that the count of a year is one discrete number whatever is
believed of its rate: one word finds it, and more events are expected where a rate is higher.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import special

from workbench.distributions import Array, Distribution, Point
from workbench.engines.counts import Count, Poisson
from workbench.engines.kernels.drawing import Counts
from workbench.engines.kernels.layout import GUIDE_BITS
from workbench.engines.memo import remembered
from workbench.engines.rates import year_transform
from workbench.engines.sums import passed

LARGEST = 1 << 20  # events that a table goes up to
UNSEEN = 1e-15  # chance of more events than a table holds
ROUNDING = 1e-16  # of a chance that a transform gives: less is none
POISSON = 16  # events / year: up to there a known rate has its chances in closed form
_MARKS = np.arange(1 << GUIDE_BITS) / (1 << GUIDE_BITS)


class CountTable(NamedTuple):
    """P(N <= n) for n = 0, 1, ..., and from where on to look for a word."""

    steps: Array  # rising to 1
    guide: Counts  # for each value of the first bits of a word, the first n that it can be


@remembered(mebibytes=8)
def count_table(count: Count, rate: Distribution) -> CountTable | None:
    r"""Return the table of a count whose rate is averaged out; None where it would be too long.

    Its chances are those of the generating function on the unit circle,

    .. math:: p_n = \frac1K \sum_k E[z_k^N]\, z_k^{-n}, \qquad z_k = e^{2 \pi i k / K}
    """
    if isinstance(count, Poisson) and isinstance(rate, Point) and rate.value < POISSON:
        return _table(special.pdtr(np.arange(40 + 4 * POISSON), rate.value))
    busy, variance = count.busy_year(passed(rate, UNSEEN), UNSEEN)
    most = busy + 12 * math.sqrt(variance) + 40
    if not most < LARGEST:
        return None
    size = 2 ** math.ceil(math.log2(most))
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    transform = year_transform(count, rate, [z])
    masses = np.fft.irfft(transform, size)
    return _table(np.cumsum(np.where(masses > ROUNDING, masses, 0.0)))


def _table(steps: Array) -> CountTable:
    most = min(float(steps[-1]), 1.0)  # a long sum of chances may end a rounding below 1
    steps = steps[: int(np.searchsorted(steps, most - UNSEEN / 4)) + 1]
    steps[-1] = 1.0
    steps = np.minimum(steps, 1.0)
    guide = np.searchsorted(steps, _MARKS, side="left").astype(np.int64)
    for array in (steps, guide):
        array.flags.writeable = False
    return CountTable(steps, guide)
