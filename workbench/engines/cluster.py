"""The same blocks of years on several machines, by dask.distributed (extra `dask`).

A task is some blocks of years of all plans. Years are addressed and summaries are whole numbers, so
that the result has the same bytes as in one process, for any number of workers, and after a lost
one, whose tasks are done again elsewhere.

Workers merge the histograms: those of some plans at a time, `FAN` parts into one, until one is
left. The process that asks receives each total and each histogram once.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import scipy

from workbench import __version__
from workbench.distributions import Array
from workbench.engines.blocks import UNTIED, Slab, Ties
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.montecarlo import (
    SLAB,
    Progress,
    Simulation,
    check,
    in_order_of_id,
    slabs_of,
    years_of,
)
from workbench.engines.plan import CompoundPlan
from workbench.errors import WorkbenchError, require
from workbench.losses.histogram import Histogram

TASKS = 4  # for each core of the cluster: the last ones should not be waited for
MERGED = 2500  # histograms for each block of a task: merging takes a fifth of drawing the block
FAN = 8  # parts that one task merges
TOGETHER = 1000  # plans whose histograms one task merges: some 35 MB of each part
WAIT = "10s"  # for a scheduler to answer
LOST = 3  # workers that a task may lose before it is given up


Named = list[tuple[str, Histogram]]  # histograms by id, in order of id


class Part(NamedTuple):
    """What a task has simulated."""

    slab: Slab
    scenarios: Named
    totals: Array  # currency, shape (slab.years,)
    annual: dict[str, Array]  # each shape (slab.years,); empty unless years are kept


def summarise(
    cluster: Any,
    plans: Sequence[CompoundPlan],
    years: int,
    seed: int,
    progress: Progress | None = None,
    *,
    ties: Ties = UNTIED,
    keep_years: bool = False,
) -> Simulation:
    """Simulate the years of some plans on a cluster; see `montecarlo.summarise`.

    Parameters
    ----------
    cluster : the address of a scheduler, a `Client`, or a cluster that a `Client` takes
    progress : called with (done, all): tasks first, then merged histograms

    Raises
    ------
    WorkbenchError
        where dask.distributed is not installed, or the scheduler or all workers are gone.

    """
    check(plans, years, keep_years=keep_years)
    ordered = in_order_of_id(plans)
    ids = [plan.id for plan in ordered]
    found = Simulation.of_none(ids, years, keep_years=keep_years)
    merged: dict[str, Histogram] = {}
    with connected(cluster) as client, told(cluster):
        check_workers(client)
        slabs = slabs_of(years, _blocks(client, len(plans), years, ties))
        tasks = _submitted(client, ordered, slabs, _Draw(seed, ties, keep_years))
        for done, one in enumerate(_results(client, tasks), 1):
            if isinstance(one, Part):
                _keep(found, one)
            else:
                merged.update(one)
            if progress is not None:
                progress(done, len(tasks))
    for name in ids:
        found.merge(name, merged[name])
    return found


def _keep(found: Simulation, part: Part) -> None:
    found.totals[part.slab.here] = part.totals
    for name, losses in part.annual.items():
        found.annual[name][part.slab.here] = losses


def simulate_slab(
    plans: Sequence[CompoundPlan], slab: Slab, seed: int, ties: Ties, *, keep_years: bool = False
) -> Part:
    """Simulate all plans in one slab: a task of the cluster."""
    found = Part(slab, [], np.zeros(slab.years), {})
    room = None if keep_years else np.empty(slab.years)
    for plan in plans:
        drawn = years_of(plan, slab, seed, ties, room)
        found.totals[...] += drawn.losses
        found.scenarios.append((plan.id, drawn.histogram))
        if keep_years:
            found.annual[plan.id] = drawn.losses
    return found


def merged_parts(parts: Sequence[Named]) -> Named:
    """Merge the histograms of the same plans in several parts of their years."""
    return [
        (rows[0][0], reduce(Histogram.merged, (histogram for _, histogram in rows)))
        for rows in zip(*parts, strict=True)
    ]


@contextmanager
def connected(cluster: Any) -> Iterator[Any]:
    """Give a client of a cluster; one that is given stays open.

    Raises
    ------
    WorkbenchError
        where dask.distributed is not installed, no scheduler answers within `WAIT`, or a client
        that is given has been closed.

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
        require(
            cluster.status == "running",
            "a client is connected to its cluster",
            got=cluster.status,
            fix="Open another, or give the scheduler's address.",
        )
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

    Each task makes a histogram for each plan, which others merge: where there are many plans, tasks
    are larger.
    """
    cores = sum(client.ncores().values()) or 1
    whole = -(-years // BLOCK)
    few = max(whole // (TASKS * cores), math.ceil(plans / MERGED), 1)
    return min(ties.blocks_at_once(SLAB), few)


class _Draw(NamedTuple):
    """How all tasks draw."""

    seed: int
    ties: Ties
    keep_years: bool


def _submitted(client: Any, plans: list[CompoundPlan], slabs: list[Slab], draw: _Draw) -> list[Any]:
    """Return futures of the years of each slab, and of the merged histograms of all plans.

    What is merged goes before what is drawn, so that few parts wait in the workers' memory. The
    plans are the result of a task as well: scattered data would be lost with the last worker that
    has them, and with them what must be drawn again.
    """
    shipped = client.submit(_given, plans, draw, pure=False)
    parts = client.map(_drawn, slabs, given=shipped, pure=False, retries=LOST)
    years = client.map(_years, parts, pure=False, priority=1)
    groups = ((first, first + TOGETHER) for first in range(0, len(plans), TOGETHER))
    trees = (
        _tree(client, client.map(_some, parts, group=group, pure=False, priority=1))
        for group in groups
    )
    return [*years, *trees]


def _tree(client: Any, leaves: list[Any]) -> Any:
    """Return the future of what all leaves merge to."""
    level = 1
    while len(leaves) > 1:
        level += 1
        several = [leaves[i : i + FAN] for i in range(0, len(leaves), FAN)]
        leaves = client.map(merged_parts, several, pure=False, priority=level)
    return leaves[0]


def _results(client: Any, futures: list[Any]) -> Iterator[Part | Named]:
    from distributed import as_completed

    for future in as_completed(futures, loop=client.loop):
        yield future.result()
        future.release()


def _given(plans: list[CompoundPlan], draw: _Draw) -> tuple[list[CompoundPlan], _Draw]:
    return plans, draw


def _drawn(slab: Slab, given: tuple[list[CompoundPlan], _Draw]) -> Part:
    plans, draw = given
    return simulate_slab(plans, slab, draw.seed, draw.ties, keep_years=draw.keep_years)


def _years(part: Part) -> Part:
    return part._replace(scenarios=[])


def _some(part: Part, group: tuple[int, int]) -> Named:
    return part.scenarios[slice(*group)]
