"""Several machines: the same bytes for any number of workers, and after one is lost."""

import os
import signal
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engines.test_blocks import PLANS, TIES, digest
from workbench.distributions import LogNormal, Point
from workbench.engines import cluster as clusters
from workbench.engines import exact, montecarlo
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.montecarlo import slabs_of, summarise
from workbench.engines.tied_years import Tied
from workbench.errors import WorkbenchError
from workbench.models.dependence import Dependence, StatedCopula
from workbench.models.portfolio import simulate
from workbench.models.scenario import Scenario
from workbench.models.study import Study

YEARS = 6 * BLOCK - 7


@pytest.fixture(scope="module", autouse=True)
def quickly() -> Iterator[None]:
    """Fork workers from a process that has loaded dask, and wait 5 s for one that is gone, not 30.

    The workers are told these settings too.
    """
    from distributed import dask  # with the settings of both

    method, patience = "distributed.worker.multiprocessing-method", "distributed.comm.timeouts"
    with dask.config.set({method: "forkserver", f"{patience}.connect": "5s"}):
        yield


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as started:
        yield started


@pytest.fixture(scope="module")
def known() -> str:
    return digest(summarise(PLANS, YEARS, 7))


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_any_number_of_workers_gives_the_same_bytes(local: Any, known: str, workers: int) -> None:
    from distributed import Client

    local.scale(workers)
    with Client(local) as client:
        client.wait_for_workers(workers, timeout=60)
        told: list[tuple[int, int]] = []
        found = clusters.summarise(client, PLANS, YEARS, 7, lambda *at: told.append(at))
        assert digest(found) == known
        assert told[-1][0] == told[-1][1] == len(told)
        assert len(told) >= workers


def test_tied_years_on_a_cluster(local: Any) -> None:
    tied = Tied.of(TIES, {p.id: exact.compound(p) for p in PLANS if p.id in "cde"})
    wanted = digest(summarise(PLANS, BLOCK + 5, 7, ties=tied))
    address = local.scheduler_address
    assert digest(clusters.summarise(address, PLANS, BLOCK + 5, 7, ties=tied)) == wanted


@pytest.mark.parametrize("fan", [2, 5])
def test_any_tree_of_merges_gives_the_same_bytes(
    local: Any, known: str, monkeypatch: pytest.MonkeyPatch, fan: int
) -> None:
    monkeypatch.setattr(clusters, "FAN", fan)
    monkeypatch.setattr(clusters, "TOGETHER", fan)
    monkeypatch.setattr(clusters, "TASKS", 100)
    told: list[tuple[int, int]] = []
    found = clusters.summarise(local, PLANS, YEARS, 7, lambda *at: told.append(at))
    assert digest(found) == known
    assert list(found.scenarios) == sorted(found.scenarios)
    assert len(told) == told[-1][1] == 6 + -(-len(PLANS) // fan)  # a task a block, a tree a group


def test_years_that_are_kept_are_those_of_one_process(local: Any) -> None:
    wanted = summarise(PLANS, BLOCK + 5, 7, keep_years=True)
    found = clusters.summarise(local, PLANS, BLOCK + 5, 7, keep_years=True)
    assert digest(found) == digest(wanted)
    assert found.annual.keys() == wanted.annual.keys()
    for name, losses in wanted.annual.items():
        assert (found.annual[name] == losses).all()


@pytest.mark.parametrize("after", [1, 6])
def test_a_killed_worker_costs_time_and_no_year(
    local: Any, known: str, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """It may hold drawn years, or those that all tasks have drawn and nobody has merged yet."""
    from distributed import Client

    monkeypatch.setattr(clusters, "FAN", 2)
    monkeypatch.setattr(clusters, "TASKS", 100)
    local.scale(2)
    killed: list[int] = []

    def kill(done: int, total: int) -> None:
        if not killed and done >= after:
            killed.append(next(iter(local.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    with Client(local) as client:
        client.wait_for_workers(2, timeout=60)
        assert digest(clusters.summarise(client, PLANS, YEARS, 7, kill)) == known
    assert killed


def test_merging_in_a_tree_is_merging_in_turn() -> None:
    parts = [
        clusters.simulate_slab(PLANS, slab, 7, clusters.UNTIED).scenarios
        for slab in slabs_of(YEARS, 2)
    ]
    first, *rest = parts
    in_turn = clusters.merged_parts([clusters.merged_parts([first, rest[0]]), rest[1]])
    at_once = clusters.merged_parts(parts)
    turned = clusters.merged_parts(parts[::-1])
    digests = [[(name, h.digest()) for name, h in one] for one in (in_turn, at_once, turned)]
    assert digests[0] == digests[1] == digests[2]


def tied_study() -> Study:
    rows = tuple(Scenario(n, n, Point(0.7), loss_magnitude=LogNormal(9, 1)) for n in "abcd")
    pairs = (("a", "b", 0.5), ("b", "c", 0.4), ("a", "d", -0.3))
    return Study(scenarios=rows, dependence=Dependence(losses=StatedCopula(4, pairs=pairs)))


def test_a_correlation_is_achieved_where_the_years_were_simulated(
    local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client

    pairs = [("a", "b"), ("a", "d")]
    here = simulate(tied_study(), years=BLOCK + 9)
    known = here.achieved_correlations(pairs)
    assert known == [here.achieved_correlation(*pair) for pair in pairs]
    with Client(local) as client:
        there = simulate(tied_study(), years=BLOCK + 9, cluster=client)
        kept = simulate(tied_study(), years=BLOCK + 9, cluster=client, keep_years=True)
        with monkeypatch.context() as without:
            without.setattr(montecarlo, "summarise", None)  # nothing is drawn in this process
            assert there.achieved_correlations(pairs) == known
    assert there.achieved_correlations(pairs) == known  # the client is gone: drawn here
    monkeypatch.setattr(montecarlo, "summarise", None)
    assert kept.achieved_correlations(pairs) == known  # nothing is drawn at all


def test_a_closed_client_is_told(local: Any) -> None:
    from distributed import Client

    with Client(local) as client:
        pass
    with pytest.raises(WorkbenchError, match="a client is connected to its cluster; got 'closed'"):
        clusters.summarise(client, PLANS, 100, 7)


def test_a_scheduler_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "WAIT", "0.2s")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(WorkbenchError, match=r"a scheduler answers at .*Start one by"):
            clusters.summarise(address, PLANS, 100, 7)


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1", "post://127.0.0.1:1", 5])
def test_what_is_no_address_is_told_at_once(address: object) -> None:
    with pytest.raises(WorkbenchError, match="a scheduler answers at the address of the cluster"):
        clusters.summarise(address, PLANS, 100, 7)


def test_other_versions_on_a_worker_are_refused(
    local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client

    with Client(local) as client:
        clusters.check_workers(client)
        monkeypatch.setattr(clusters.np, "__version__", "0.1")
        with pytest.raises(WorkbenchError, match=r"the versions of this process; got .*0\.1"):
            clusters.check_workers(client)


def test_a_cluster_without_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(clusters, "WAIT", "2s")
    with (
        LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as empty,
        pytest.raises(WorkbenchError, match="a cluster has workers; got none"),
    ):
        clusters.summarise(empty, PLANS, 100, 7)


def test_a_scheduler_that_goes_away_is_told() -> None:
    from distributed import Client, LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as started:
        client = Client(started)

        def close(done: int, total: int) -> None:
            started.close()

        with pytest.raises(WorkbenchError, match="the cluster stays until all years"):
            clusters.summarise(client, PLANS, YEARS, 7, close)
        client.close()


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".", maxsplit=1)[0] == "distributed":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(WorkbenchError, match=r"pip install 'risk-workbench\[dask\]'"):
        clusters.summarise("tcp://127.0.0.1:1", PLANS, 100, 7)
