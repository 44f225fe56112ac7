"""The same blocks of years on several machines, by dask.distributed (extra `dask`).

A task is some blocks of years of all plans. Years are addressed and summaries are whole numbers, so
that the result has the same bytes as in one process, for any number of workers, and after a lost
one, whose tasks are done again elsewhere.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import scipy

from workbench import __version__
from workbench.distributions import Array
from workbench.engines.blocks import UNTIED, Ties
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.montecarlo import (
    SLAB,
    Progress,
    Simulation,
    Slab,
    check,
    in_order_of_id,
    slabs_of,
    years_of,
)
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError, require
from workbench.losses.histogram import Histogram

TASKS = 4  # for each core of the cluster: the last ones should not be waited for
MERGED = 625  # histograms for each block of a task: merging them takes less than drawing the block
WAIT = "10s"  # for a scheduler to answer
LOST = 3  # workers that a task may lose before it is given up


class Part(NamedTuple):
    """What a task returns."""

    slab: Slab
    scenarios: list[tuple[str, Histogram]]
    totals: Array  # currency, shape (slab.years,)


def summarise(
    cluster: Any,
    plans: Sequence[CompoundPlan],
    years: int,
    seed: int,
    progress: Progress | None = None,
    *,
    ties: Ties = UNTIED,
) -> Simulation:
    """Simulate the years of some plans on a cluster; see `montecarlo.summarise`.

    Parameters
    ----------
    cluster : the address of a scheduler, a `Client`, or a cluster that a `Client` takes

    Raises
    ------
    WorkbenchError
        where dask.distributed is not installed, or the scheduler or all workers are gone.

    """
    check(plans, years)
    ordered = in_order_of_id(plans)
    found = Simulation.of_none([plan.id for plan in ordered], years)
    with connected(cluster) as client, told(cluster):
        check_workers(client)
        slabs = slabs_of(years, _blocks(client, len(plans), years, ties))
        for done, part in enumerate(_parts(client, ordered, slabs, seed, ties), 1):
            for name, histogram in part.scenarios:
                found.merge(name, histogram)
            found.totals[part.slab.here] = part.totals
            if progress is not None:
                progress(done, len(slabs))
    return found


def simulate_slab(plans: Sequence[CompoundPlan], slab: Slab, seed: int, ties: Ties) -> Part:
    """Simulate all plans in one slab: a task of the cluster."""
    totals = np.zeros(slab.years)
    scenarios = []
    for plan in plans:
        drawn = years_of(plan, slab, seed, ties)
        totals += drawn.losses
        scenarios.append((plan.id, drawn.histogram))
    return Part(slab, scenarios, totals)


@contextmanager
def connected(cluster: Any) -> Iterator[Any]:
    """Give a client of a cluster; one that is given stays open.

    Raises
    ------
    WorkbenchError
        where dask.distributed is not installed, or no scheduler answers within `WAIT`.

    """
    try:
        from distributed import Client
        from distributed.comm import resolve_address
    except ImportError as missing:
        raise WorkbenchError(
            "a cluster needs dask.distributed; it is not installed. "
            "Install it by: pip install 'risk-workbench[dask]'."
        ) from missing
    if isinstance(cluster, Client):
        yield cluster
        return
    try:
        if isinstance(cluster, str):
            resolve_address(cluster)  # a client that cannot read its address ends late and loudly
        client = Client(cluster, timeout=WAIT, set_as_default=False)
    except (OSError, TypeError, ValueError) as away:
        raise WorkbenchError(
            f"a scheduler answers at the address of the cluster; got none at {cluster} "
            f"({away}). Start one by: dask scheduler."
        ) from away
    with client:
        yield client


@contextmanager
def told(cluster: Any) -> Iterator[None]:
    """Say in one sentence that a cluster was lost on the way."""
    from distributed import CancelledError, KilledWorker
    from distributed.comm import CommClosedError

    try:
        yield
    except (CommClosedError, CancelledError, TimeoutError, KilledWorker) as lost:
        raise WorkbenchError(
            f"the cluster stays until all years are simulated; got {type(lost).__name__} from "
            f"{cluster}. Start the scheduler and its workers again; the same seed gives the same "
            "years."
        ) from lost


def check_workers(client: Any) -> None:
    """Refuse a cluster without workers, or with other versions than here: their bytes would differ.

    Raises
    ------
    WorkbenchError
        where no worker comes within `WAIT`, or one has another version of what computes.

    """
    try:
        client.wait_for_workers(1, timeout=WAIT)
    except TimeoutError as none:
        raise WorkbenchError(
            f"a cluster has workers; got none within {WAIT}. Start one by: dask worker ADDRESS."
        ) from none
    try:
        found = client.run(versions)
    except ImportError as missing:
        raise WorkbenchError(
            f"each worker has the workbench installed; got {missing}. Install it there as here."
        ) from missing
    own = versions()
    other = {worker: theirs for worker, theirs in found.items() if theirs != own}
    require(
        not other,
        "all workers have the versions of this process",
        got=f"here {own}, elsewhere {next(iter(other.values()), own)}",
        fix="Install the same lock file everywhere.",
    )


def versions() -> dict[str, str]:
    """Return the versions of what computes, in this process."""
    return {"workbench": __version__, "numpy": np.__version__, "scipy": scipy.__version__}


def _blocks(client: Any, plans: int, years: int, ties: Ties) -> int:
    """Return how many blocks a task has: few enough that all cores have some to do.

    Each task returns a histogram for each plan, which one process merges: where there are many
    plans, tasks are larger.
    """
    cores = sum(client.ncores().values()) or 1
    whole = -(-years // BLOCK)
    few = max(whole // (TASKS * cores), math.ceil(plans / MERGED), 1)
    return min(ties.blocks_at_once(SLAB), few)


def _parts(
    client: Any, plans: list[CompoundPlan], slabs: list[Slab], seed: int, ties: Ties
) -> Iterator[Part]:
    from distributed import as_completed

    shipped = client.scatter((plans, ties), broadcast=True, hash=False)
    futures = client.map(_task, slabs, plans=shipped, seed=seed, pure=False, retries=LOST)
    for future in as_completed(futures, loop=client.loop):
        yield future.result()
        future.release()


def _task(slab: Slab, plans: tuple[list[CompoundPlan], Ties], seed: int) -> Part:
    return simulate_slab(plans[0], slab, seed, plans[1])
