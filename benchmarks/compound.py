"""One compound scenario, exact: error and time beside `aggregate` and `gemact`."""

import json
import math
import os
import statistics
import subprocess
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import reference
from measuring import once, seconds, table

from workbench.distributions import LogNormal, Point
from workbench.engines import exact
from workbench.engines.plan import CompoundPlan

PEERS = Path(__file__).with_name("peers")
PEERS_PYTHON = "WORKBENCH_PEERS_PYTHON"  # set by `python3 dev.py bench`
SIZE = 1 << 16
REACHES = (2, 8, 32, 128, 512, 2048, 8192)  # how many times VaR a peer's grid may end at
ERROR_TARGET, TIME_TARGET = 1e-4, 5e-4
LEVEL = reference.LEVEL
Cell = dict[str, float]


@dataclass(frozen=True)
class Answer:
    """One program's answer to one cell: relative errors, and seconds."""

    var_error: float
    tvar_error: float
    seconds: float

    @classmethod
    def of(cls, cell: Cell, answer: tuple[float, float, float] | None) -> "Answer":
        """Compare VaR, TVaR and seconds with the reference; None is a refusal."""
        if answer is None:
            return cls(math.inf, math.inf, math.nan)
        var, tvar, time = answer
        return cls(abs(var / cell["var"] - 1), abs(tvar / cell["tvar"] - 1), time)

    def worst(self) -> float:
        """Return the larger of the two errors."""
        return max(self.var_error, self.tvar_error)


def year(cell: Cell, unit: float = 0.0) -> tuple[float, float]:
    """VaR and TVaR by the workbench, in a unit of money of exp(-`unit`)."""
    plan = CompoundPlan("one", Point(cell["rate"]), LogNormal(unit, cell["sigma"]))
    losses = exact.compound(plan)
    return losses.var(LEVEL), losses.tvar(LEVEL)


def ours(cells: list[Cell], repeats: int) -> list[Answer]:
    """Answer each cell; a program that is warm, and each time a unit of money not seen before."""
    found, units = [], count(1)
    for cell in cells:
        var, tvar = year(cell)
        times = [once(lambda c=cell: year(c, 1e-9 * next(units))) for _ in range(repeats)]
        found.append(Answer.of(cell, (var, tvar, statistics.median(times))))
    return found


def bounds_hold(cells: list[Cell]) -> int:
    """Count the figures whose own error bound covers their distance to the reference."""
    held = 0
    for cell in cells:
        plan = CompoundPlan("one", Point(cell["rate"]), LogNormal(0.0, cell["sigma"]))
        losses = exact.compound(plan)
        held += abs(losses.var(LEVEL) - cell["var"]) <= losses.var_error(LEVEL)
        held += abs(losses.tvar(LEVEL) - cell["tvar"]) <= losses.tvar_error(LEVEL)
    return held


def ask_once(peer: str, job: dict[str, Any]) -> Any:
    """Let a peer answer one job in its own environment; None where it is not installed."""
    python = os.environ.get(PEERS_PYTHON)
    if python is None:
        return None
    worker = [python, str(PEERS / f"{peer}_worker.py")]
    done = subprocess.run(
        worker, input=json.dumps(job), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{peer} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def ask(peer: str, cells: list[Any], repeats: int) -> list[list[Any]] | None:
    """Let a peer answer cells; None where it is not installed."""
    job = {"cells": cells, "level": LEVEL, "size": SIZE, "repeats": repeats}
    answers: list[list[Any]] | None = ask_once(peer, job)
    return answers


def power_of_two(value: float) -> float:
    """Return the power of two at or above `value`: what aggregate takes as a step."""
    return 2.0 ** math.ceil(math.log2(value))


def fitted(peer: str, cells: list[Cell], repeats: int) -> list[Answer] | None:
    """Answer with 2^16 nodes and, for each cell, the step that turns out best of seven."""
    steps = [[power_of_two(cell["var"] * r / SIZE) for r in REACHES] for cell in cells]
    jobs = [[c["rate"], c["sigma"], s] for c, s in zip(cells, steps, strict=True)]
    tried = ask(peer, jobs, 1)
    if tried is None:
        return None
    best = []
    for cell, step, answers in zip(cells, steps, tried, strict=True):
        errors = [Answer.of(cell, answer).worst() for answer in answers]
        best.append([cell["rate"], cell["sigma"], [step[errors.index(min(errors))]]])
    timed = ask(peer, best, repeats) or []
    return [Answer.of(c, answers[0]) for c, answers in zip(cells, timed, strict=True)]


def default(peer: str, cells: list[Cell], repeats: int) -> list[Answer] | None:
    """Answer with the settings that the peer chooses by itself."""
    timed = ask(peer, [[c["rate"], c["sigma"], [0]] for c in cells], repeats)
    if timed is None:
        return None
    return [Answer.of(c, answers[0]) for c, answers in zip(cells, timed, strict=True)]


def written(error: float) -> str:
    """Write a relative error, or that there was no answer."""
    return "refused" if math.isinf(error) else f"{error:.1e}"


def row(name: str, answers: list[Answer] | None) -> list[str]:
    """Sum one program up."""
    if answers is None:
        return [name, *["not installed"] * 6]
    var, tvar = [a.var_error for a in answers], [a.tvar_error for a in answers]
    kept = sum(a.worst() <= ERROR_TARGET for a in answers)
    errors = [written(f(e)) for e in (var, tvar) for f in (max, statistics.median)]
    time = seconds(statistics.median(a.seconds for a in answers if not math.isnan(a.seconds)))
    return [name, *errors, f"{kept} of {len(answers)}", time]


def chosen(*, quick: bool) -> list[Cell]:
    """Return the cells to run: all, or five that spread over rates and spreads."""
    return reference.stored()[::5] if quick else reference.stored()


def report(*, quick: bool) -> list[str]:
    """Return the section's lines."""
    cells, repeats = chosen(quick=quick), 3 if quick else 7
    mine = ours(cells, 3 * repeats)
    rows = [row("workbench, a scenario not seen before", mine)]
    for peer in ("aggregate", "gemact"):
        rows.append(row(f"{peer}, its own settings", default(peer, cells, 3)))
        if not quick:
            best = fitted(peer, cells, 3)
            rows.append(row(f"{peer}, 2^16 nodes, best of {len(REACHES)} steps", best))
    heads = ["program", "VaR worst", "VaR median", "TVaR worst", "TVaR median", "within 1e-4"]
    cellwise = [
        [
            f"{c['rate']:g}",
            f"{c['sigma']:g}",
            f"{a.var_error:.0e}",
            f"{a.tvar_error:.0e}",
            seconds(a.seconds),
        ]
        for c, a in zip(cells, mine, strict=True)
    ]
    held = f"{bounds_hold(cells)} of {2 * len(cells)}"
    return [
        "## One compound scenario, exact",
        "",
        f"Poisson counts, lognormal magnitudes, level {LEVEL}, {len(cells)} cells. Errors are",
        "relative, against the reference described in the README. Target: 1e-4 in every cell, and",
        f"{seconds(TIME_TARGET)} at the median.",
        "",
        *table([*heads, "time, median"], rows),
        "",
        f"The workbench's own error bounds cover the true error of {held} figures. Cell by cell:",
        "",
        *table(["rate", "sigma", "VaR error", "TVaR error", "time"], cellwise),
    ]
