"""A whole study: what a page waits for, what an edit costs, and how much memory it takes.

Each study is measured in a process of its own, so that the peak memory is its own:
`python studies.py NAME REPEATS` prints the figures as JSON.
"""

import json
import statistics
import subprocess
import sys
from itertools import count
from typing import Any

import numpy as np
from measuring import ROOT, clear_caches, median_time, once, peak, seconds, table

LENDER = ROOT / "datasets" / "studies" / "ai-lender" / "study.yaml"
SYNTHETIC = 100  # scenarios
LEVEL = 0.99
YEARS = 100_000
PAGE_TARGET, EDIT_TARGET = 1.5, 0.020  # seconds
ROWS = {
    "read": "read the file",
    "cold": "simulate, exact, cold caches",
    "warm": "simulate, exact, again",
    "errors": "error bounds of all nine figures of the total",
    "first_edit": "first edit of a frequency after that",
    "edit": "each further edit, to a factor not seen before",
    "band": "second-order band at 60 losses",
    "contributions": "contributions to TVaR99",
    "page": "all figures of a page, cold caches",
    "montecarlo": "simulate, Monte Carlo, 100,000 years",
}
MEMORY = {
    "memory_before": "peak memory with the libraries loaded",
    "memory_exact": "peak memory after the exact jobs",
    "memory_montecarlo": "peak memory after Monte Carlo",
}


def synthetic(size: int) -> Any:
    """Make a study of `size` scenarios: PERT rates, lognormal magnitudes, fixed random words."""
    from workbench.distributions import LogNormal, Pert
    from workbench.models import Scenario, Study

    rng = np.random.default_rng(100)
    scenarios = []
    for i in range(size):
        mode = float(np.exp(rng.normal(-1.5, 1.2)))  # median 0.22 events / year
        low = float(np.exp(rng.normal(11, 1.2)))  # median 60,000
        rate = Pert(mode / 4, mode, 3 * mode)
        loss = LogNormal.from_interval(low, low * float(rng.uniform(8, 60)))
        name = f"S-{i + 1:03}"
        scenarios.append(Scenario.fair(name, name, loss_event_frequency=rate, loss_magnitude=loss))
    return Study(name="Synthetic", scenarios=tuple(scenarios))


def page(study: Any) -> None:
    """Compute what the overview shows: figures with errors, curve, band, shares and belief."""
    from workbench.losses import FIGURES
    from workbench.models import simulate, views

    result = simulate(study)
    for name in FIGURES:
        result.portfolio.figure(name)
        result.portfolio.error(name)
    views.second_order_band(study, at_losses(result.portfolio))
    views.mean_belief(study).error("p95")
    result.contributions(LEVEL)


def at_losses(portfolio: Any) -> np.ndarray:
    """Return sixty losses along the curve of a total."""
    return np.geomspace(portfolio.var(0.2) + 1, portfolio.var(0.9999), 60)


def figures(study: Any, repeats: int) -> dict[str, float]:
    """Time every job on one study."""
    from workbench.losses import FIGURES
    from workbench.models import simulate, views, whatif

    def nothing() -> None:
        """Leave the caches as they are."""

    found = {"cold": median_time(lambda: simulate(study), repeats, clear_caches)}
    found["warm"] = median_time(lambda: simulate(study), repeats, nothing)
    busiest = max(study.scenarios, key=lambda s: s.frequency.mean()).id
    fresh = (1 + i / 997 for i in count(1))  # factors that no cache knows

    def edit(before: Any) -> None:
        whatif.change_frequencies(before, {busiest: next(fresh)}).after.tvar(LEVEL)

    firsts, errors = [], []
    for _ in range(repeats):
        clear_caches()
        result = simulate(study)
        errors.append(once(lambda r=result: [r.portfolio.error(name) for name in FIGURES]))
        firsts.append(once(lambda r=result: edit(r)))
    found |= {"errors": statistics.median(errors), "first_edit": statistics.median(firsts)}
    found["edit"] = median_time(lambda: edit(result), 4 * repeats, nothing)
    losses = at_losses(result.portfolio)
    found["band"] = median_time(
        lambda: views.second_order_band(study, losses), repeats, clear_caches
    )
    found["contributions"] = once(lambda: result.contributions(LEVEL))
    found["page"] = median_time(lambda: page(study), repeats, clear_caches)
    return found


def measure(name: str, repeats: int) -> dict[str, float]:
    """Measure one study in this process."""
    from workbench.files import read_study
    from workbench.models import simulate

    found: dict[str, float] = {}
    if name == "lender":
        read_study(LENDER)
        found["read"] = median_time(lambda: read_study(LENDER), repeats, clear_caches)
        study = read_study(LENDER).study
    else:
        study = synthetic(SYNTHETIC)
    found["scenarios"] = len(study.scenarios)
    found["memory_before"] = peak()
    found |= figures(study, repeats)
    found["memory_exact"] = peak()
    if repeats > 1 and name == "lender":  # the slowest job by far is done once
        found["montecarlo"] = once(lambda: simulate(study, engine="montecarlo", years=YEARS))
        found["memory_montecarlo"] = peak()
    return found


def in_process(name: str, repeats: int) -> dict[str, float]:
    """Measure one study in a fresh process."""
    command = [sys.executable, __file__, name, str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the study {name} failed:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def report(*, quick: bool) -> list[str]:
    """Return the section's lines."""
    names = ("lender",) if quick else ("lender", "synthetic")
    measured = [in_process(name, 1 if quick else 3) for name in names]
    targets = {"page": PAGE_TARGET, "edit": EDIT_TARGET}
    rows = [
        [
            label,
            *(seconds(found[key]) if key in found else "" for found in measured),
            seconds(targets[key]) if key in targets else "",
        ]
        for key, label in ROWS.items()
        if any(key in found for found in measured)
    ]
    rows += [
        [label, *(f"{found[key]:.0f} MiB" if key in found else "" for found in measured), ""]
        for key, label in MEMORY.items()
        if any(key in found for found in measured)
    ]
    titles = (
        f"{name}, {f['scenarios']:.0f} scenarios" for name, f in zip(names, measured, strict=True)
    )
    heads = ["job", *titles, "target"]
    return ["## Study", "", *table(heads, rows)]


if __name__ == "__main__":
    json.dump(measure(sys.argv[1], int(sys.argv[2])), sys.stdout)
