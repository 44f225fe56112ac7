"""Tasks of a cluster: their years and sizes, in one process where nothing has to be sent."""

import itertools
import math
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.engines.test_blocks import PLANS, TIES, digest
from workbench.engines import cluster as clusters
from workbench.engines import exact
from workbench.engines.blocks import UNTIED
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.montecarlo import SLAB, Simulation, slabs_of, summarise
from workbench.engines.tied_years import Tied
from workbench.errors import WorkbenchError

QUICK = [plan for plan in PLANS if plan.id in "adh"]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Hand out a client whose scheduler and workers are threads of this process."""
    from distributed import Client

    with Client(
        processes=False,
        n_workers=2,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        set_as_default=False,
    ) as started:
        yield started


def of_cores(*cores: int) -> Any:
    return SimpleNamespace(ncores=lambda: {f"worker {i}": n for i, n in enumerate(cores)})


def test_tasks_are_many_enough_for_all_cores_and_few_enough_to_merge() -> None:
    full = [whole * BLOCK for whole in (1, 5, 37, 64, 6_104)]
    years = [*full, *(one - BLOCK + 1 for one in full)]  # and with a single year in the last block
    clients = [(), (1,), (2, 3), (64,) * 20]
    for cores, plans, size in itertools.product(clients, (1, 626, 6_000), years):
        blocks = clusters._blocks(of_cores(*cores), plans, size, UNTIED)
        assert 1 <= blocks <= SLAB
        wanted = clusters.TASKS * max(sum(cores), 1)
        fewer = math.ceil(plans / clusters.MERGED)  # blocks that a task has to have
        assert blocks >= min(fewer, SLAB)
        if blocks > fewer:  # each core has its tasks, and would have too few with a block more
            assert len(slabs_of(size, blocks)) >= wanted
            assert blocks == SLAB or (blocks + 1) * wanted > math.ceil(size / BLOCK)


def test_a_task_of_tied_years_has_the_blocks_that_ties_allow() -> None:
    tied = Tied.of(TIES, {p.id: exact.compound(p) for p in PLANS if p.id in "cde"})
    assert tied.blocks_at_once(SLAB) == 1
    assert clusters._blocks(of_cores(1), 5, 640 * BLOCK, tied) == 1
    assert clusters._blocks(of_cores(1), 5, 640 * BLOCK, UNTIED) == SLAB


def test_the_parts_of_all_slabs_are_the_simulation() -> None:
    years = 2 * BLOCK + 9
    found = Simulation.of_none([plan.id for plan in QUICK], years)
    for slab in reversed(slabs_of(years, 1)):  # in any order
        part = clusters.simulate_slab(QUICK, slab, 5, UNTIED)
        assert [name for name, _ in part.scenarios] == [plan.id for plan in QUICK]
        assert part.totals.shape == (slab.years,)
        found.totals[part.slab.here] = part.totals
        for name, histogram in part.scenarios:
            found.merge(name, histogram)
    assert digest(found) == digest(summarise(QUICK, years, 5))
    assert found.annual == {}  # which nobody asked to keep


def test_the_histograms_of_a_single_part_are_its_own() -> None:
    only = clusters.simulate_slab(QUICK, slabs_of(9, 1)[0], 5, UNTIED).scenarios
    assert clusters.merged_parts([only]) == only


def test_workers_in_this_process_find_the_same_bytes(client: Any) -> None:
    years = 9 * BLOCK + 1
    told: list[tuple[int, int]] = []
    found = clusters.summarise(client, QUICK[::-1], years, 7, lambda *at: told.append(at))
    assert digest(found) == digest(summarise(QUICK, years, 7))
    assert told == [(done, len(told)) for done in range(1, len(told) + 1)]
    assert client.status == "running"  # one that was given stays open
    assert clusters.summarise(client, QUICK, 3, 7).totals.tolist() == found.totals[:3].tolist()


def test_a_cluster_is_nobodys_default_and_its_client_ends_with_the_simulation(
    client: Any,
) -> None:
    from distributed import default_client

    open_before = len(client.scheduler_info()["workers"])

    def no_default(done: int, total: int) -> None:
        with pytest.raises(ValueError, match="No clients found"):
            default_client()

    clusters.summarise(client.cluster, QUICK, 100, 7, no_default)
    assert len(client.scheduler_info()["workers"]) == open_before
    with clusters.connected(client.cluster) as own:
        assert own is not client
    assert own.status == "closed"


@pytest.mark.parametrize("years", [0, -1])
def test_no_year_at_all_is_refused_before_anything_is_sent(years: int) -> None:
    with pytest.raises(WorkbenchError, match="a simulation has a year or more"):
        clusters.summarise(object(), QUICK, years, 7)


class Answering:
    """A client of which `check_workers` asks for the versions of its workers."""

    def __init__(self, answer: Callable[[], dict[str, dict[str, str]]]) -> None:
        self.answer, self.waited = answer, list[int]()

    def wait_for_workers(self, number: int, timeout: str) -> None:
        assert timeout == clusters.WAIT
        self.waited.append(number)

    def run(self, asked: object) -> dict[str, dict[str, str]]:
        assert asked is clusters.versions
        return self.answer()


def test_a_worker_without_the_workbench_is_told() -> None:
    def missing() -> dict[str, dict[str, str]]:
        raise ImportError("No module named 'workbench'")

    with pytest.raises(WorkbenchError, match="each worker has the workbench installed; got No"):
        clusters.check_workers(Answering(missing))


def test_one_worker_among_many_with_another_version_is_refused() -> None:
    own = clusters.versions()
    for name in own:
        found = {"first": own, "second": own | {name: "0.0.1"}, "third": own}
        mixed = Answering(found.copy)
        with pytest.raises(WorkbenchError, match=rf"elsewhere .*'{name}': '0\.0\.1'"):
            clusters.check_workers(mixed)
        assert mixed.waited == [1]  # a single worker is a cluster
