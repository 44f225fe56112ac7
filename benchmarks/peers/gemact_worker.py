"""Compute compound Poisson lognormals with `gemact`: a job as JSON in, answers as JSON out.

Job: {"cells": [[rate, sigma, [step or 0, ...]], ...], "level": 0.99, "size": 65536, "repeats": 5}.
A step of 0 leaves the number of nodes to the library (20,000, of which 2,500 for the severity); it
names no step itself, so that then reaches the mean and ten standard deviations of a year.
Answer: for each cell and step [VaR, TVaR, processor seconds], the median over the repeats.

An answer is null where the library refuses its own result. gemact gives no TVaR: it is completed
from its limited expected value and its closed-form mean.
"""

import json
import logging
import math
import statistics
import sys
import time
import warnings
from typing import Any

warnings.simplefilter("ignore")  # a warning about one grid is an error in the table of answers

import numpy as np  # noqa: E402 - with the one below
from gemact.lossmodel import Frequency, LossModel, Severity  # noqa: E402 - after the silencing

DEFAULT_NODES = 20_000


def settings(rate: float, sigma: float, step: float, size: int) -> list[dict[str, Any]]:
    """Return the settings of the transform for one cell, best first: without a step, its own."""
    if not step:
        mean, sd = rate * math.exp(sigma**2 / 2), math.sqrt(rate * math.exp(2 * sigma**2))
        return [{"sev_discr_step": (mean + 10 * sd) / DEFAULT_NODES}]
    grid = {"n_aggr_dist_nodes": size, "n_sev_discr_nodes": size, "sev_discr_step": step}
    return [grid | {"tilt": True}, grid]


def year(rate: float, sigma: float, level: float, grid: dict[str, Any]) -> tuple[float, float]:
    """VaR and TVaR of one cell."""
    severity = Severity("lognormal", {"shape": sigma, "scale": 1.0})
    count = Frequency("poisson", {"mu": rate})
    losses = LossModel(severity, count, aggr_loss_dist_method="fft", **grid)
    var = float(losses.ppf(level))
    limited = np.asarray(losses.dist[0].lev(var)).item()
    return var, var + (float(losses.mean(use_dist=False)) - limited) / (1 - level)


def answer(rate: float, sigma: float, step: float, job: dict[str, Any]) -> list[float] | None:
    """VaR, TVaR and seconds of one cell, the model built anew each time; None if it refuses."""
    for grid in settings(rate, sigma, step, job["size"]):
        times = []
        try:
            for _ in range(job["repeats"]):
                start = time.process_time()
                var, tvar = year(rate, sigma, job["level"], grid)
                times.append(time.process_time() - start)
        except ValueError:  # rounding made a probability negative: it gives no distribution then
            continue
        return [var, tvar, statistics.median(times)]
    return None


def main() -> None:
    """Read the job and write the answers."""
    logging.disable(logging.CRITICAL)
    job = json.load(sys.stdin)
    answer(1.0, 1.0, 0.01, job | {"repeats": 1})
    found = [[answer(rate, sigma, s, job) for s in steps] for rate, sigma, steps in job["cells"]]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
