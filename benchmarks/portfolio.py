"""The portfolio of 100 scenarios that asks everything of the engine (mixed.py): time and memory.

`python portfolio.py exact` and `python portfolio.py montecarlo YEARS` each measure in a process of
their own and print JSON: the peak memory of one is not that of the other.
"""

import json
import math
import subprocess
import sys
from typing import Any

from measuring import clear_caches, once, peak, seconds, table

LEVEL = 0.99
YEARS = 20_000
CHECKED = (0.9, 0.95, 0.99)
EDITS = 5  # of each kind, each to a value not seen before
PLAIN, SHARED = "S-011", "S-001"  # scenarios with an asset of their own, and with a shared one
ROWS = {
    "cold": "simulate, exact, cold caches: 100 scenarios and their total",
    "again": "simulate, exact, again",
    "total": "the total alone, again",
    "errors": "error bounds of all nine figures of the total",
    "frequency": "edit of a frequency, new total with its TVaR99",
    "magnitude": "edit of a magnitude, the same",
    "asset": "edit of a frequency on a shared asset, the same",
    "band": "second-order band at 60 losses",
    "contributions": "contributions to TVaR99",
    "montecarlo": f"simulate, Monte Carlo, {YEARS:,} years",
}


def middle(jobs: list[Any]) -> float:
    """Median processor seconds of jobs that are done once each."""
    return sorted(once(job) for job in jobs)[len(jobs) // 2]


def edits(study: Any, before: Any) -> dict[str, float]:
    """Time the edits of one scenario."""
    from workbench.distributions import scaled
    from workbench.engines import exact
    from workbench.models import whatif
    from workbench.models.planning import plans_of

    def often(name: str, k: int) -> float:
        return whatif.change_frequencies(before, {name: 1 + k / 97}).after.tvar(LEVEL)

    def dearer(k: int) -> float:
        one = study.scenario(PLAIN)
        changed = one.replace(loss_magnitude=scaled(one.loss_magnitude, 1 + k / 97))
        return exact.portfolio(plans_of(study.replace_scenario(changed))).tvar(LEVEL)

    steps = range(1, EDITS + 1)
    return {
        "frequency": middle([lambda k=k: often(PLAIN, k) for k in steps]),
        "magnitude": middle([lambda k=k: dearer(k) for k in steps]),
        "asset": middle([lambda k=k: often(SHARED, k) for k in steps[:3]]),
    }


def computed() -> dict[str, Any]:
    """Measure the exact engine in this process; the figures go along."""
    import mixed
    import numpy as np

    from workbench.engines import exact
    from workbench.losses import FIGURES
    from workbench.models import simulate, views
    from workbench.models.planning import plans_of

    study = mixed.study()
    found: dict[str, Any] = {"before": peak()}
    kept: list[Any] = []
    clear_caches()
    found["cold"] = once(lambda: kept.append(simulate(study)))
    found["after"] = peak()
    result = kept[0]
    total = result.portfolio
    found["again"] = once(lambda: simulate(study))
    found["total"] = once(lambda: exact.portfolio(plans_of(study)))
    found["errors"] = once(lambda: [total.error(name) for name in FIGURES])
    found |= edits(study, result)
    losses = np.geomspace(total.var(0.2) + 1, total.var(0.9999), 60)
    found["band"] = once(lambda: views.second_order_band(study, losses))
    found["contributions"] = once(lambda: result.contributions(LEVEL))
    found["at the end"] = peak()
    found["bounds"] = [total.var_error(q) / total.var(q) for q in CHECKED]
    found["bounds"].append(total.tvar_error(LEVEL) / total.tvar(LEVEL))
    found["figures"] = {"total": [total.var(q) for q in CHECKED]} | {
        name: [one.var(q) for q in CHECKED] for name, one in result.scenarios.items()
    }
    return found


def simulated(years: int) -> dict[str, Any]:
    """Measure Monte Carlo in this process: time, memory, figures with standard errors."""
    import mixed

    from workbench.models import simulate

    study = mixed.study()
    found: dict[str, Any] = {"before": peak()}
    kept: list[Any] = []
    found["montecarlo"] = once(
        lambda: kept.append(simulate(study, engine="montecarlo", years=years))
    )
    found["after"] = peak()
    all_losses = {"total": kept[0].portfolio} | kept[0].scenarios
    found["figures"] = {
        name: [[one.var(q), one.var_error(q)] for q in CHECKED] for name, one in all_losses.items()
    }
    return found


def in_process(*words: str) -> dict[str, Any]:
    """Measure in a fresh process."""
    done = subprocess.run(
        [sys.executable, __file__, *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the portfolio failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def distances(exact: dict[str, Any], sampled: dict[str, Any]) -> dict[str, list[float]]:
    """Distance of each simulated figure from the exact one, in standard errors."""
    found: dict[str, list[float]] = {}
    for name, known in exact["figures"].items():
        found[name] = [
            (mc - x) / error if error > 0 else (0.0 if mc == x else math.inf)
            for x, (mc, error) in zip(known, sampled["figures"][name], strict=True)
        ]
    return found


def agreement(exact: dict[str, Any], sampled: dict[str, Any]) -> list[str]:
    """Say how far the exact figures lie from simulated years."""
    apart = distances(exact, sampled)
    own = [d for name, all_of_it in apart.items() if name != "total" for d in all_of_it]
    near = {k: sum(abs(d) <= k for d in own) / len(own) for k in (1, 2)}
    rows = []
    for i, q in enumerate(CHECKED):
        known, (mc, error) = exact["figures"]["total"][i], sampled["figures"]["total"][i]
        bound = f"{exact['bounds'][i]:.0e}"
        rows.append([f"VaR {q:.0%}", f"{known:.5g}", bound, f"{mc:.5g}", f"{error:.2g}"])
        rows[-1].append(f"{apart['total'][i]:+.1f}")
    heads = ["total", "exact", "its bound, relative", "simulated", "standard error", "distance"]
    return [
        f"Beside {YEARS:,} simulated years of our own, seeded; the distance is in standard errors.",
        f"Of the {len(own)} figures of scenarios {near[1]:.0%} lie within one standard error,",
        f"{near[2]:.0%} within two (68 % and 95 % are to be expected). The bound of the exact TVaR",
        f"at 99 % is {exact['bounds'][-1]:.0e} of it.",
        "",
        *table(heads, rows),
    ]


def report(*, quick: bool) -> list[str]:
    """Return the section's lines; a quick run leaves it out."""
    title = "## Portfolio of everything, 100 scenarios"
    if quick:
        return [title, "", "Not part of a quick run."]
    exact, sampled = in_process("exact"), in_process("montecarlo", str(YEARS))
    times = exact | {"montecarlo": sampled["montecarlo"]}
    rows = [[label, seconds(times[key])] for key, label in ROWS.items()]
    memory = {
        "peak memory with the libraries loaded": exact["before"],
        "peak memory after the cold exact run": exact["after"],
        "peak memory after all exact jobs": exact["at the end"],
        "peak memory of a process that only simulates": sampled["after"],
    }
    rows += [[label, f"{value:.0f} MiB"] for label, value in memory.items()]
    return [
        title,
        "",
        "Poisson, negative binomial and binomial counts; PERT, lognormal and derived rates;",
        "lognormal, gamma, Pareto with a limit, metalog and Burr magnitudes; 10 assets of unknown",
        "value shared by 30 scenarios; 20 with a secondary loss, 10 with terms of event or year.",
        "",
        *table(["job", "time"], rows),
        "",
        *agreement(exact, sampled),
    ]


if __name__ == "__main__":
    job = computed() if sys.argv[1] == "exact" else simulated(int(sys.argv[2]))
    json.dump(job, sys.stdout)
