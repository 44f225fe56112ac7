"""Total of Poisson lognormals with `aggregate`: a job as JSON in, an answer as JSON out.

Job: {"risks": [[rate, median, sigma], ...], "level": 0.99, "repeats": 3}. Answer: {"var", "tvar",
"seconds", "memory"}: grid and its step are the library's choice, seconds of the processor are the
median of the repeats, memory is the peak of the process in MiB.
"""

import json
import statistics
import sys
import time
import warnings
from pathlib import Path

warnings.simplefilter("ignore")  # a warning about one grid is an error in the answers

from aggregate import build  # noqa: E402 - only after its warnings are silenced


def program(risks: list[list[float]], name: str) -> str:
    """Write the portfolio in the library's own language."""
    lines = [
        f"    agg {name}{i} {rate} claims sev {median} * lognorm {sigma} poisson"
        for i, (rate, median, sigma) in enumerate(risks)
    ]
    return "\n".join([f"port {name}", *lines])


def peak() -> float | None:
    """Peak memory of this program so far, MiB; None where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def main() -> None:
    """Read the job and write the answer; the first build of the process is not timed."""
    job = json.load(sys.stdin)
    build(program(job["risks"][:2], "First"))
    times = []
    for k in range(job["repeats"]):
        start = time.process_time()
        year = build(program(job["risks"], f"Year{chr(65 + k)}"))
        var, tvar = float(year.q(job["level"])), float(year.tvar(job["level"]))
        times.append(time.process_time() - start)
    memory = peak()
    found = {"var": var, "tvar": tvar, "seconds": statistics.median(times), "memory": memory}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
