"""Totals of several risks, and one risk, beside `aggregate` and `pyfair`."""

import math
import subprocess
import sys
from typing import Any

import truth
from compound import LEVEL, ask_once
from measuring import clear_caches, median_time, peak, seconds, table

from workbench.distributions import Distribution, LogNormal, Pert, Point
from workbench.engines import exact
from workbench.engines.plan import CompoundPlan
from workbench.losses import TabulatedLosses

YEARS = 100_000  # that pyfair simulates
RISKS = 20
MANY = [0.1 + 0.1 * i for i in range(RISKS)]  # rates of the PERT risks
LOSS = (20_000.0, 60_000.0, 400_000.0)  # low, mode, high of the PERT risks


def lognormals() -> list[tuple[float, float, float]]:
    """Return rate, median and sigma of twenty risks; each differs from the others."""
    return [
        (0.05 * 1.25**i, 30_000.0 * (1 + 7 * i % RISKS), 0.6 + 0.06 * (3 * i % RISKS))
        for i in range(RISKS)
    ]


def beliefs(kind: str) -> list[tuple[float, Distribution]]:
    """Return rates and magnitudes of the twenty risks of a kind, "lognormal" or "pert"."""
    if kind == "pert":
        return [(rate, Pert(*LOSS)) for rate in MANY]
    return [(rate, LogNormal(math.log(median), sigma)) for rate, median, sigma in lognormals()]


def year(risks: list[tuple[float, Distribution]]) -> TabulatedLosses:
    """Return the total by the workbench."""
    return exact.portfolio(
        [CompoundPlan(f"R{i:02}", Point(r), x) for i, (r, x) in enumerate(risks)]
    )


def ours(risks: list[tuple[float, Distribution]], repeats: int) -> tuple[TabulatedLosses, float]:
    """Return the workbench's total, and the processor seconds from cold caches."""

    def job() -> tuple[float, float]:
        losses = year(risks)
        return losses.var(LEVEL), losses.tvar(LEVEL)

    return year(risks), median_time(job, repeats, clear_caches)


def own_peak(kind: str) -> float:
    """Peak memory of a fresh process that computes one of the totals, MiB."""
    command = [sys.executable, __file__, kind]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def memory(value: float | None) -> str:
    """Write an amount of memory, if it is known."""
    return "" if value is None else f"{value:.0f} MiB"


def error(found: float, known: float) -> str:
    """Write a relative error with its sign where it is large."""
    off = found / known - 1
    return f"{off:+.0%}" if abs(off) > 0.02 else f"{abs(off):.0e}"


def totals(repeats: int) -> list[str]:
    """Compare the totals of twenty Poisson lognormals."""
    risks = lognormals()
    mine, time = ours(beliefs("lognormal"), repeats)
    top = 1.2 * mine.var(LEVEL)
    var, tvar = truth.measures([truth.lognormal(*risk) for risk in risks], top)
    errors = error(mine.var(LEVEL), var), error(mine.tvar(LEVEL), tvar)
    rows = [["workbench, cold caches", *errors, seconds(time), "1", memory(own_peak("lognormal"))]]
    job = {"risks": risks, "level": LEVEL, "repeats": min(repeats, 3)}
    rows.append(["aggregate, its own settings", *["not installed"] * 5])
    if (theirs := ask_once("aggregate_portfolio", job)) is not None:
        errors = error(theirs["var"], var), error(theirs["tvar"], tvar)
        ratio = f"{theirs['seconds'] / time:.0f}"
        rows[-1] = ["aggregate, its own settings", *errors, seconds(theirs["seconds"]), ratio]
        rows[-1].append(memory(theirs["memory"]))
    heads = ["total of 20 risks", "VaR error", "TVaR error", "time", "times ours", "peak memory"]
    return [
        "Twenty Poisson lognormals added, against the lattice of truth.py. `gemact` has no total",
        "of compounds by transform: it sums single losses under a copula.",
        "",
        *table(heads, rows),
    ]


def fair(rates: list[float]) -> dict[str, Any]:
    """Write one job for pyfair: a known rate and a PERT loss for each model."""
    low, mode, high = LOSS
    loss = {"low": low, "mode": mode, "high": high}
    models = [{"rate": {"constant": rate}, "loss": loss} for rate in rates]
    return {"models": models, "level": LEVEL, "years": YEARS}


def beside_pyfair(name: str, rates: list[float], repeats: int) -> list[list[str]]:
    """Compare one or several risks with pyfair, which multiplies a rate by one loss."""
    mine, time = ours([(rate, Pert(*LOSS)) for rate in rates], repeats)
    var, tvar = truth.measures([truth.pert(rate, *LOSS) for rate in rates], 1.2 * mine.var(LEVEL))
    free = math.exp(-math.fsum(rates))
    rows = [
        [
            f"{name}: workbench",
            error(mine.var(LEVEL), var),
            error(mine.tvar(LEVEL), tvar),
            f"{mine.prob_no_loss():.3g} ({free:.3g})",
            "",
            seconds(time),
            memory(own_peak("pert")) if len(rates) > 1 else "",
        ]
    ]
    theirs = ask_once("pyfair", fair(rates) | {"repeats": min(repeats, 3)})
    if theirs is None:
        return [*rows, [f"{name}: pyfair", *["not installed"] * 6]]
    alike = f"{theirs['largest_correlation']:.2f}" if len(rates) > 1 else ""
    rows.append(
        [
            f"{name}: pyfair",
            error(theirs["var"], var),
            error(theirs["tvar"], tvar),
            f"{theirs['no_loss']:.3g} ({free:.3g})",
            alike,
            seconds(theirs["seconds"]),
            memory(theirs["memory"]) if len(rates) > 1 else "",
        ]
    )
    return rows


def report(*, quick: bool) -> list[str]:
    """Return the section's lines."""
    repeats = 1 if quick else 5
    cases = [("rate 0.1", [0.1]), ("rate 10", [10.0])]
    cases.append((f"{RISKS} of rate 0.1 to 2", MANY))
    rows = [row for name, rates in cases for row in beside_pyfair(name, rates, repeats)]
    heads = [
        "case",
        "VaR error",
        "TVaR error",
        "P(no loss), and truth",
        "correlation",
        "time",
        "peak memory",
    ]
    return [
        "## Totals, and a FAIR risk, beside other programs",
        "",
        *totals(repeats),
        "",
        f"Known rates and PERT losses beside `pyfair` 0.1a13, {YEARS:,} years. It takes a rate",
        "times one loss, so that a year without an event does not occur, and starts each model",
        "from one seed: 'correlation' is the largest between two of its models, which should be 0.",
        "",
        *table(heads, rows),
    ]


if __name__ == "__main__":
    year(beliefs(sys.argv[1]))
    print(peak())
