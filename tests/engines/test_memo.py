"""Results are kept up to a number of bytes, the latest first, and are those of the function."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from workbench.distributions import LogNormal, Pert
from workbench.engines import exact, reach, sums, year
from workbench.engines.memo import MEBIBYTE, SMALL, Memo, bytes_of, remembered
from workbench.engines.plan import CompoundPlan

pytestmark = pytest.mark.pure


def counted(limit: int) -> tuple[Memo[[int], np.ndarray], list[int]]:
    """Make a function of 80 bytes a result, and the list of its calls."""
    calls: list[int] = []

    def function(n: int) -> np.ndarray:
        calls.append(n)
        return np.full(10, float(n))

    return Memo(function, limit), calls


def test_a_result_is_computed_once():
    memo, calls = counted(1000)
    assert memo(3) is memo(3)
    assert calls == [3]


def test_the_least_recently_used_goes_first():
    memo, calls = counted(2 * 80)
    for n in (1, 2, 1, 3, 1, 2):
        memo(n)
    assert calls == [1, 2, 3, 2]  # 2 went when 3 came, 1 had just been used
    assert memo.held == 160
    assert len(memo) == 2


def test_what_is_held_never_exceeds_the_limit():
    memo, _ = counted(1000)
    for n in range(100):
        memo(n)
        assert memo.held == 80 * len(memo) <= 1000


def test_a_result_beyond_the_limit_is_not_kept_and_drives_nothing_out():
    memo, calls = counted(79)
    memo(1)
    memo(1)
    assert calls == [1, 1]
    assert memo.held == 0


def test_a_result_that_is_too_large_leaves_those_that_are_kept():
    memo = Memo(np.zeros, 1000)
    small = memo(10)
    assert memo(1000).size == 1000
    assert memo(10) is small


def test_a_mebibyte_is_2_to_the_20th_of_bytes():
    assert remembered(mebibytes=3)(np.zeros).limit == 3 * 1_048_576


def test_forgetting_leaves_nothing():
    memo, calls = counted(1000)
    memo(1)
    memo.cache_clear()
    assert memo.held == 0
    memo(1)
    assert calls == [1, 1]


def test_what_is_computed_afresh_is_not_kept():
    memo, calls = counted(1000)
    memo.afresh(1)
    memo.afresh(1)
    assert calls == [1, 1]
    assert len(memo) == 0


def test_a_failure_is_not_kept():
    @remembered(mebibytes=1)
    def fails(n: int) -> int:
        return 1 // n

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            fails(0)
    assert len(fails) == 0


def test_bytes_are_those_of_the_arrays():
    pair = np.zeros(5, dtype=complex), np.zeros(3)
    assert bytes_of(pair) == 5 * 16 + 3 * 8
    assert bytes_of(1.5) == SMALL


def test_many_threads_get_the_function_s_results():
    memo, _ = counted(5 * 80)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(memo, [n % 17 for n in range(2000)]))
    assert all(float(a[0]) == n % 17 for n, a in enumerate(found))
    assert memo.held == 80 * len(memo) <= 400


def test_the_engine_s_caches_stay_within_256_mebibytes():
    caches = [
        exact.group_transform,
        exact._annual_table,
        year._held_transform,
        sums.severity_transform,
        sums._table,
        reach._single_at,
    ]
    assert sum(cache.limit for cache in caches) <= 256 * MEBIBYTE


def test_a_cached_year_is_the_year():
    plan = CompoundPlan("one", Pert(0.1, 0.4, 2), LogNormal(10, 1.5))
    first = exact.compound(plan)
    again = exact.compound(plan)
    exact.group_transform.cache_clear()
    sums.severity_transform.cache_clear()
    afresh = exact.compound(plan)
    for x, y, z in zip(first.nodes(), again.nodes(), afresh.nodes(), strict=True):
        assert np.array_equal(x, y)
        assert np.array_equal(x, z)


def test_a_table_says_how_many_bytes_it_has():
    table = exact.compound(CompoundPlan("one", Pert(0.1, 0.4, 2), LogNormal(10, 1.5)))
    assert bytes_of(table) >= sum(part.nbytes for part in table.nodes())
