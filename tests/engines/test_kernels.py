"""Both forms of each kernel return the same bits; without numba there is one to run."""

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest
from scipy import stats

from workbench.distributions import LogNormal, Point
from workbench.engines.count_tables import count_table
from workbench.engines.counts import NegativeBinomial, Poisson
from workbench.engines.kernels import drawing
from workbench.engines.kernels.drawing import _quantile
from workbench.engines.kernels.either import Either, is_fast, plainly
from workbench.engines.kernels.layout import BLOCK, LANES, TILE
from workbench.engines.quantile_tables import quantile_table
from workbench.engines.streams import key_of

pytestmark = pytest.mark.pure
KEY = key_of(1, "S", "x")
TABLE = quantile_table(LogNormal(10, 1.5))


def both(call: Callable[[np.ndarray], object], made: Callable[[], np.ndarray]) -> np.ndarray:
    """Return what a kernel writes, once it is the same in both forms."""
    fast, plain = made(), made()
    call(fast)
    with plainly():
        call(plain)
    assert fast.tobytes() == plain.tobytes()
    return plain


@pytest.mark.parametrize(("start", "size"), [(0, 1), (3, TILE), (TILE, 7), (5 * TILE - 1, 3000)])
def test_words_and_quantiles(start: int, size: int) -> None:
    u = both(lambda out: drawing.uniforms(KEY, 3, start, out), lambda: np.empty(size))
    x = both(lambda out: drawing.quantiles(KEY, 3, start, TABLE, out), lambda: np.empty(size))
    assert ((u > 0) & (u < 1)).all()
    assert (x > 0).all()


@pytest.mark.parametrize("rate", [1e-6, 0.01, 0.7, 3.0, 40.0, 700.0])
def test_counts_and_sums(rate: float) -> None:
    table = count_table(Poisson(), Point(rate))
    assert table is not None
    blocks = 2 if rate < 100 else 1

    def count(out: np.ndarray) -> None:
        drawing.counts(KEY, 5, table.steps, table.guide, out)

    counts = both(count, lambda: np.empty(blocks * BLOCK, dtype=np.int64))
    sums = both(
        lambda out: drawing.compound(KEY, 5, counts, TABLE, out), lambda: np.empty(counts.size)
    )
    assert ((sums > 0) == (counts > 0)).all()
    size = counts.size
    assert counts.mean() == pytest.approx(rate, abs=5 * np.sqrt(rate / size))
    words = np.empty(BLOCK)
    drawing.uniforms(KEY, 5, 0, words)
    given = both(
        lambda out: drawing.counts_at(words, table.steps, table.guide, out),
        lambda: np.empty(BLOCK, dtype=np.int64),
    )
    assert given.tolist() == counts[:BLOCK].tolist()  # a count is the quantile of its word
    assert given.tolist() == stats.poisson.ppf(words, rate).astype(int).tolist()


def test_a_sum_of_many_events_is_that_of_its_lanes() -> None:
    table = count_table(NegativeBinomial(30.0), Point(60.0))
    assert table is not None
    counts = np.empty(BLOCK, dtype=np.int64)
    drawing.counts(KEY, 0, table.steps, table.guide, counts)
    sums = both(lambda out: drawing.compound(KEY, 0, counts, TABLE, out), lambda: np.empty(BLOCK))
    events = np.empty(int(counts.sum()))
    drawing.quantiles(KEY, 0, 0, TABLE, events)
    years = np.repeat(np.arange(BLOCK), counts)
    number = np.arange(events.size) - (np.cumsum(counts) - counts)[years]
    lanes = both(
        lambda out: drawing.add_events(LANES * years + number % LANES, events, out),
        lambda: np.zeros(LANES * BLOCK),
    )
    assert drawing.joined(lanes).tobytes() == sums.tobytes()
    assert sums == pytest.approx(np.bincount(years, events, BLOCK), rel=1e-12)


def test_parts_of_a_busy_block_end_with_a_year_or_within_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = np.random.default_rng(3).poisson(0.5, BLOCK)
    counts[-2:] = 5 * TILE - counts[:-2].sum() % TILE, 3  # the last year begins a part
    sums = np.empty(BLOCK)
    with plainly():
        drawing.compound(KEY, 0, counts, TABLE, sums)
        monkeypatch.setattr(drawing, "AT_ONCE", TILE)
        in_parts = np.empty(BLOCK)
        drawing.compound(KEY, 0, counts, TABLE, in_parts)
    assert in_parts.tobytes() == sums.tobytes()


def test_the_deepest_cells_of_a_table_are_those_of_their_chance() -> None:
    """Chances of 2^-41 and more on either side; what lies beyond has one cell."""
    k = np.array([4096, 4200, 5000, 1 << 20], dtype=np.uint64)
    chances = (k + 0.5) * 2.0**-53
    low, high = (_quantile((k << np.uint64(11)) | np.uint64(side << 63), TABLE) for side in (0, 1))
    assert low == pytest.approx(LogNormal(10, 1.5).ppf(chances), rel=1e-6)
    assert high == pytest.approx(LogNormal(10, 1.5).isf(chances), rel=1e-6)


def test_a_kernel_says_whether_it_is_compiled() -> None:
    kernel, given = Either("drawing_loops.uniforms", lambda *_: "plain"), (KEY, 0, 0, np.empty(3))
    assert is_fast() == (find_spec("numba") is not None)
    assert (kernel(*given) == "plain") != is_fast()  # what can be compiled is, unasked
    with plainly():
        with plainly():
            pass
        assert kernel(*given) == "plain"
    assert (kernel(*given) == "plain") != is_fast()
