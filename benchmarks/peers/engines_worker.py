"""One run of one program on Poisson-lognormal risks: a job as JSON in, an answer as JSON out.

`python engines_worker.py PROGRAM`, of plain numpy, pyfair, gemact (simulated or by FFT) and
aggregate. Job: {"risks": [[rate, mu, sigma], ...], "years": 100000, "level": 0.99, "losses": [100
losses], "change": 0 or the number of times that one risk is changed}. Every program gives mean,
VaR, TVaR and the loss exceedance curve of each risk and of the total; after a change, of the total.

Answer: {"cpu", "wall", "memory", "base", "mean", "var", "tvar", "version"}: seconds of the
processor and of the clock, of all changes the median; peak memory of the process in MiB, after a
small run that is not timed ("base") and at the end; the figures of the total.
"""

import importlib
import json
import logging
import math
import platform
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

Risk = tuple[float, float, float]  # events / year, mu and sigma of the lognormal
Figures = tuple[float, float, float]  # mean, VaR, TVaR
Job = dict[str, Any]
EVENTS = 1 << 20  # that plain numpy draws at once
NODES = 1 << 16  # of a transform


def peak() -> float:
    """Peak memory of this program so far, MiB; what its parent used before does not count."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    found = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), None)
    return (found or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


def measures(years: np.ndarray, job: Job) -> Figures:
    """Return mean, VaR and TVaR of simulated years; the curve is read too."""
    ordered = np.sort(years)
    size, level = ordered.size, job["level"]
    var = float(ordered[math.ceil(level * size) - 1])
    tvar = var + float(np.maximum(ordered[math.ceil(level * size) :] - var, 0).sum()) / (
        (1 - level) * size
    )
    1 - np.searchsorted(ordered, job["losses"], side="right") / size
    return float(ordered.mean()), var, tvar


def one_in_numpy(risk: Risk, years: int, rng: np.random.Generator) -> np.ndarray:
    """Simulate the years of one risk in blocks that keep the memory of the events bounded."""
    rate, mu, sigma = risk
    block = int(np.clip(EVENTS / max(rate, 1), 1, years))
    losses = np.zeros(years)
    for start in range(0, years, block):
        counts = rng.poisson(rate, min(block, years - start))
        amounts = rng.lognormal(mu, sigma, int(counts.sum()))
        some = np.flatnonzero(counts)
        first = np.cumsum(counts)[some] - counts[some]
        if some.size:
            losses[start + some] = np.add.reduceat(amounts, first)
    return losses


def by_numpy(job: Job) -> Figures:
    """Simulate risk by risk; no more than two risks' years are held."""
    total = np.zeros(job["years"])
    for i, risk in enumerate(job["risks"]):
        losses = one_in_numpy(risk, job["years"], np.random.default_rng([1, i]))
        if len(job["risks"]) > 1:
            measures(losses, job)
        total += losses
    return measures(total, job)


def numpy_changes(job: Job) -> Callable[[int], Figures]:
    """Keep the total, so that a change costs two simulations of one risk and a sort."""
    parts = [
        one_in_numpy(risk, job["years"], np.random.default_rng([1, i]))
        for i, risk in enumerate(job["risks"])
    ]
    total = np.sum(parts, axis=0)

    def changed(k: int) -> Figures:
        rate, mu, sigma = job["risks"][0]
        again = np.random.default_rng([1, 0])
        after = one_in_numpy((rate * (1 + k / 97), mu, sigma), job["years"], again)
        return measures(total - parts[0] + after, job)

    return changed


def by_pyfair(job: Job) -> Figures:
    """Return a rate times one PERT loss for each risk: pyfair has neither counts nor lognormals."""
    worker = importlib.import_module("pyfair_worker")
    models = []
    for rate, mu, sigma in job["risks"]:
        low, mode, high = (math.exp(mu + z * sigma) for z in (-1.645, 0.0, 1.645))
        loss = {"low": low, "mode": mode, "high": high}
        models.append({"rate": {"constant": rate}, "loss": loss})
    years, parts = worker.simulated({"models": models, "years": job["years"]})
    if len(models) > 1:
        for part in parts.T:
            measures(part, job)
    return measures(years, job)


def by_gemact(job: Job, method: str) -> Figures:
    """Return one risk by gemact's simulation ("mc") or transform ("fft")."""
    lossmodel = importlib.import_module("gemact.lossmodel")
    ((rate, mu, sigma),) = job["risks"]
    severity = lossmodel.Severity("lognormal", {"shape": sigma, "scale": math.exp(mu)})
    count = lossmodel.Frequency("poisson", {"mu": rate})
    more: dict[str, Any] = {"n_sim": job["years"], "random_state": 1}
    if method == "fft":
        mean, sd = rate * math.exp(mu + sigma**2 / 2), math.exp(mu + sigma**2) * math.sqrt(rate)
        step = (mean + 10 * sd) / NODES
        more = {"n_aggr_dist_nodes": NODES, "n_sev_discr_nodes": NODES, "sev_discr_step": step}
    losses = lossmodel.LossModel(severity, count, aggr_loss_dist_method=method, **more)
    var = float(losses.ppf(job["level"]))
    mean = float(losses.mean(use_dist=False))
    1 - losses.cdf(np.array(job["losses"]))
    limited = np.asarray(losses.dist[0].lev(var)).item()
    found = float(losses.mean(use_dist=True)) if method == "mc" else mean
    return found, var, var + (found - limited) / (1 - job["level"])


def by_aggregate(job: Job) -> Figures:
    """Return the year by aggregate's transforms, with the grid that it chooses itself."""
    build = importlib.import_module("aggregate").build
    write = importlib.import_module("aggregate_portfolio_worker").program
    risks = [[rate, math.exp(mu), sigma] for rate, mu, sigma in job["risks"]]
    if len(risks) == 1:
        rate, median, sigma = risks[0]
        year = build(f"agg Year {rate} claims sev {median} * lognorm {sigma} poisson")
        units: list[Any] = []
    else:
        year = build(write(risks, "Year"))
        units = list(year.agg_list)
    for one in [*units, year]:
        found = float(one.est_m), float(one.q(job["level"])), float(one.tvar(job["level"]))
        one.sf(np.array(job["losses"]))
    return found


PROGRAMS: dict[str, tuple[str, Callable[[Job], Figures]]] = {
    "numpy": ("numpy", by_numpy),
    "pyfair": ("pyfair", by_pyfair),
    "gemact-mc": ("gemact", lambda job: by_gemact(job, "mc")),
    "gemact-fft": ("gemact", lambda job: by_gemact(job, "fft")),
    "aggregate": ("aggregate", by_aggregate),
}


def timed(run: Callable[[], Figures]) -> tuple[float, float, Figures]:
    """Return the seconds of the processor and of the clock, and the figures."""
    cpu, wall = time.process_time(), time.perf_counter()
    figures = run()
    return time.process_time() - cpu, time.perf_counter() - wall, figures


def answer(program: str, job: Job) -> Job:
    """Run one program: a small job first, which is not timed."""
    package, run = PROGRAMS[program]
    run(job | {"years": 1000, "risks": job["risks"][: 1 if len(job["risks"]) == 1 else 2]})
    base = peak()
    if job["change"] and program == "numpy":
        changed = numpy_changes(job)
        runs = [timed(lambda k=k: changed(k)) for k in range(1, job["change"] + 1)]
    else:
        runs = [timed(lambda: run(job))]
    cpu, wall = (statistics.median(one[i] for one in runs) for i in (0, 1))
    mean, var, tvar = runs[-1][2]
    about = f"{package} {version(package)}, Python {platform.python_version()}"
    times = {"cpu": cpu, "wall": wall, "base": base, "memory": peak(), "version": about}
    return times | {"mean": mean, "var": var, "tvar": tvar}


def main() -> None:
    """Answer the job on standard input."""
    warnings.simplefilter("ignore")  # what old programs are told is no part of the figures
    logging.disable(logging.CRITICAL)
    json.dump(answer(sys.argv[1], json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
