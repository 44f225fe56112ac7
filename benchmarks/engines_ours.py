"""One run of the workbench on Poisson-lognormal risks: a job as JSON in, an answer as JSON out.

`python engines_ours.py exact`, `montecarlo`, `limit` or `cells`; job and answer are those of
`peers/engines_worker.py`. A job may hold "pert": every rate is then a PERT around its number; and
"part", "frequency" or "magnitude": what of one scenario is changed.
"""

import json
import math
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from measuring import peak

from workbench import __version__
from workbench.distributions import Distribution, LogNormal, Pert, Point, scaled
from workbench.losses import LossDistribution
from workbench.models import Scenario, Study, StudyResult, simulate
from workbench.models.whatif import change_frequencies

Job = dict[str, Any]
Figures = tuple[float, float, float]  # mean, VaR, TVaR
CHANGED = "S-0000"


def study_of(job: Job) -> Study:
    """Return the study of a job."""

    def rate(value: float) -> Distribution:
        return Pert(value / 4, value, 3 * value) if job.get("pert") else Point(value)

    scenarios = [
        Scenario.fair(
            f"S-{i:04}",
            f"Risk {i}",
            loss_event_frequency=rate(one),
            loss_magnitude=LogNormal(mu, sigma),
        )
        for i, (one, mu, sigma) in enumerate(job["risks"])
    ]
    return Study(name="Benchmark", scenarios=tuple(scenarios))


def measures(losses: LossDistribution, job: Job) -> Figures:
    """Return mean, VaR and TVaR; the curve is read too."""
    losses.exceedance(job["losses"])
    return losses.mean(), losses.var(job["level"]), losses.tvar(job["level"])


def whole(job: Job, engine: Any) -> Figures:
    """Compute or simulate a study, and read every scenario and the total."""
    result = simulate(study_of(job), engine=engine, years=job["years"])
    if len(job["risks"]) > 1:
        for losses in result.scenarios.values():
            measures(losses, job)
    return measures(result.portfolio, job)


def changes(job: Job, engine: Any) -> Callable[[int], Figures]:
    """Return the function that changes one scenario in a study that is there already."""
    before = simulate(study_of(job), engine=engine, years=job["years"])

    def often(k: int) -> Figures:
        return measures(change_frequencies(before, {CHANGED: 1 + k / 97}).after, job)

    return often if job["part"] == "frequency" else dearer(before, job)


def dearer(before: StudyResult, job: Job) -> Callable[[int], Figures]:
    """Return the function that changes the magnitude of one scenario."""

    def changed(k: int) -> Figures:
        one = before.study.scenario(CHANGED)
        after = one.replace(loss_magnitude=scaled(one.loss_magnitude, 1 + k / 97))
        study = before.study.replace_scenario(after)
        return measures(before.edited(study, [CHANGED]), job)

    return changed


def timed(run: Callable[[], Figures]) -> tuple[float, float, Figures]:
    """Return the seconds of the processor and of the clock, and the figures."""
    cpu, wall = time.process_time(), time.perf_counter()
    figures = run()
    return time.process_time() - cpu, time.perf_counter() - wall, figures


def answer(engine: str, job: Job) -> Job:
    """Run one job; a small one is done first, so that all is imported and compiled."""
    whole(job | {"years": 1000, "risks": [[0.31, 1.0, 1.0], [2.7, 1.0, 1.0]]}, engine)
    base = peak()
    if job["change"]:
        change = changes(job, engine)
        change(0)  # what the first change alone makes ready
        runs = [timed(lambda k=k: change(k)) for k in range(1, job["change"] + 1)]
    else:
        runs = [timed(lambda: whole(job, engine))]
    cpu, wall = (statistics.median(one[i] for one in runs) for i in (0, 1))
    mean, var, tvar = runs[-1][2]
    about = f"risk-workbench {__version__}, numpy {version('numpy')}, scipy {version('scipy')}"
    about += f"{fast()}, Python {platform.python_version()}"
    times = {"cpu": cpu, "wall": wall, "base": base, "memory": peak(), "version": about}
    return times | {"mean": mean, "var": var, "tvar": tvar}


def fast() -> str:
    """Say which compiler the simulation has."""
    from workbench.engines.kernels.either import is_fast

    return f", numba {version('numba')}" if is_fast() else ", without numba"


def limit(job: Job) -> Job:
    """Return what it costs to draw the words of a job and to map them through a quantile table.

    A word for the count of every year, and one for every event; no simulation that draws each
    event does with less. The time of one word is the best of several, each of 2^20 words.
    """
    import numpy as np

    from workbench.engines.kernels import drawing
    from workbench.engines.quantile_tables import quantile_table
    from workbench.engines.streams import key_of

    blocks, key = 64, key_of(1, "limit", "severity")
    table, out = quantile_table(LogNormal(10.0, 1.5)), np.empty(1 << 14)

    def draw() -> Figures:
        for block in range(blocks):
            drawing.quantiles(key, block, 0, table, out)
        return 0.0, 0.0, 0.0

    draw()
    base = peak()
    runs = [timed(draw) for _ in range(9)]
    times = job["years"] * math.fsum(1 + rate for rate, _, _ in job["risks"]) / blocks / out.size
    cpu, wall = (times * min(run[i] for run in runs) for i in (0, 1))
    about = f"words by Threefry4x64-20{fast()}"
    return {"cpu": cpu, "wall": wall, "base": base, "memory": peak(), "version": about}


def cells(repeats: int) -> Job:
    """Return the median time of one exact scenario on the grid of compound.py, and its errors."""
    import compound
    import reference

    found = compound.ours(reference.stored(), repeats)
    time = statistics.median(one.seconds for one in found)
    return {"cpu": time, "worst": max(one.worst() for one in found), "cells": len(found)}


def main() -> None:
    """Answer the job on standard input."""
    job = json.load(sys.stdin)
    kind = sys.argv[1]
    if kind == "cells":
        found = cells(job["repeats"])
    else:
        found = limit(job) if kind == "limit" else answer(kind, job)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
