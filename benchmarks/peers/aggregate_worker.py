"""Compute compound Poisson lognormals with `aggregate`: a job as JSON in, answers as JSON out.

Job: {"cells": [[rate, sigma, [step or 0, ...]], ...], "level": 0.99, "size": 65536, "repeats": 5}.
A step of 0 leaves size and step to the library, as `build` does for its users. Answer: for each
cell and step [VaR, TVaR, processor seconds], the median over the repeats.
"""

import json
import statistics
import sys
import time
import warnings
from typing import Any

warnings.simplefilter("ignore")  # a warning about one grid is an error in the table of answers

from aggregate import build  # noqa: E402 - only after its warnings are silenced


def answer(rate: float, sigma: float, step: float, job: dict[str, Any]) -> list[float] | None:
    """VaR, TVaR and seconds of one cell, the object built anew each time; None if it fails."""
    grid = {"log2": job["size"].bit_length() - 1, "bs": step} if step else {}
    times = []
    for _ in range(job["repeats"]):
        start = time.process_time()
        year = build(f"agg Year {rate} claims sev lognorm {sigma} poisson", **grid)
        try:
            var, tvar = float(year.q(job["level"])), float(year.tvar(job["level"]))
        except IndexError:  # on a step so wide that few buckets are left, its TVaR has no table
            return None
        times.append(time.process_time() - start)
    return [var, tvar, statistics.median(times)]


def main() -> None:
    """Read the job, write the answers; the first build of the process is not timed."""
    job = json.load(sys.stdin)
    build("agg First 1 claims sev lognorm 1 poisson")
    found = [[answer(rate, sigma, s, job) for s in steps] for rate, sigma, steps in job["cells"]]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
