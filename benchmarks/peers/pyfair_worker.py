"""Simulate a risk with `pyfair`: a job as JSON in, answers as JSON out.

Job: {"models": [{"rate": {...}, "loss": {...}}, ...], "level": 0.99, "years": 100000,
"repeats": 5} with the keywords of `FairModel.input_data`. One model is a risk of its own, several
are a `FairMetaModel`. Answer: {"mean", "var", "no_loss", "seconds", "largest_correlation",
"memory"}: P(no loss) is the share of years without any, seconds of the processor are the median of
the repeats, memory is the peak of the process in MiB.
"""

import json
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")  # what pandas says of an old program does not belong to the figures

import numpy as np  # noqa: E402 - with the one below
import pyfair  # noqa: E402 - only after its warnings are silenced


def simulated(job: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Losses of the simulated years, shape (years,), and of each model, (years, models)."""
    models = []
    for i, inputs in enumerate(job["models"]):
        model = pyfair.FairModel(f"M{i:03}", n_simulations=job["years"])
        model.input_data("Loss Event Frequency", **inputs["rate"])
        model.input_data("Loss Magnitude", **inputs["loss"])
        models.append(model)
    if len(models) == 1:
        models[0].calculate_all()
        losses = np.asarray(models[0].export_results()["Risk"], dtype=float)
        return losses, losses[:, None]
    whole = pyfair.FairMetaModel("Whole", models)
    whole.calculate_all()
    table = whole.export_results()
    parts = np.asarray(table[[model.get_name() for model in models]], dtype=float)
    return np.asarray(table["Risk"], dtype=float), parts


def year(job: dict[str, Any]) -> tuple[np.ndarray, float]:
    """Losses of the simulated years, and the largest correlation of two models' losses."""
    losses, parts = simulated(job)
    if parts.shape[1] == 1:
        return losses, 0.0
    together = np.corrcoef(parts.T) - np.eye(parts.shape[1])
    return losses, float(together.max())


def peak() -> float | None:
    """Peak memory of this program so far, MiB; None where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def main() -> None:
    """Read the job and write the answer; a first small run of the process is not timed."""
    job = json.load(sys.stdin)
    year(job | {"years": 100})
    times = []
    for _ in range(job["repeats"]):
        start = time.process_time()
        losses, correlation = year(job)
        times.append(time.process_time() - start)
    found = {
        "mean": float(losses.mean()),
        "var": float(np.quantile(losses, job["level"])),
        "tvar": float(losses[losses >= np.quantile(losses, job["level"])].mean()),
        "no_loss": float(np.mean(losses == 0)),
        "seconds": statistics.median(times),
        "largest_correlation": correlation,
        "memory": peak(),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
