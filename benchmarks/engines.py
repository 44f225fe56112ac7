"""This engine beside plain numpy, pyfair, gemact and aggregate: time, memory, figures, targets.

Every program answers the same jobs in processes of its own, in turns; `python engines_ours.py` and
`peers/engines_worker.py` hold what each does. A full run leaves all figures in engines.json.
"""

import json
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from compound import LEVEL, PEERS, PEERS_PYTHON
from measuring import about, seconds, table

STORED = Path(__file__).with_name("engines.json")
LABELS = {
    "exact": "workbench, exact",
    "montecarlo": "workbench, simulated",
    "numpy": "plain numpy",
    "pyfair": "pyfair",
    "gemact-mc": "gemact, simulated",
    "gemact-fft": "gemact, 2^16 nodes",
    "aggregate": "aggregate",
    "limit": "limit: all words drawn and mapped",
}
OURS = ("exact", "montecarlo", "limit", "cells")
PORTFOLIO_SEED = 7
LOSSES = [float(x) for x in np.geomspace(1e3, 1e9, 100)]  # of the loss exceedance curves
Found = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One job for several programs."""

    key: str
    title: str
    risks: list[list[float]] = field(repr=False)
    years: int
    programs: dict[str, int]  # program -> years that it runs; its times are scaled up from there
    rounds: int = 3
    once: tuple[str, ...] = ()  # programs that run in the first round only
    more: Found = field(default_factory=dict)  # of the job
    left_out: str = ""

    def job(self, program: str) -> Found:
        """Write the job of one program."""
        shared = {"risks": self.risks, "level": LEVEL, "losses": LOSSES, "change": 0}
        return shared | {"years": self.programs[program]} | self.more

    def events(self) -> float:
        """Return the expected number of loss events in all years."""
        return self.years * math.fsum(rate for rate, _, _ in self.risks)


def one(rate: float) -> list[list[float]]:
    """Return the single risk of a rate."""
    return [[rate, 10.0, 1.5]]


def portfolio(size: int) -> list[list[float]]:
    """Return risks of median rate 0.3 and median loss 50,000: rate, mu, sigma, fixed words."""
    rng = np.random.default_rng(PORTFOLIO_SEED)
    rates = np.exp(rng.normal(math.log(0.3), 1.3, size)).clip(0.01, 12)
    mus = rng.normal(math.log(5e4), 1.0, size)
    return np.stack([rates, mus, rng.uniform(0.8, 1.8, size)], axis=1).tolist()


def scenario_case(rate: float, years: int) -> Case:
    """Return the job of one scenario; gemact's simulation of many events needs 17 GB at length."""
    programs = dict.fromkeys(LABELS, years)
    if rate > 30:
        programs["gemact-mc"] = years // 50
    title = f"One scenario, rate {rate:g}, {years:,} years"
    return Case(f"rate {rate:g}", title, one(rate), years, programs)


def cases() -> list[Case]:
    """Return all jobs of a full run."""
    many, thousand = portfolio(100), portfolio(1000)
    year5, year6 = 100_000, 1_000_000
    wide = ("exact", "montecarlo", "numpy", "pyfair", "aggregate", "limit")
    no_total = "`gemact` has no total of compounds. "
    heavy = no_total + "`pyfair` would need about 13 GB here, `aggregate` about 20 GB."
    edits = {"risks": many, "years": year5, "rounds": 1}
    mine, drawn = {"exact": year5}, {"montecarlo": year5, "numpy": year5}
    return [
        *(scenario_case(rate, year6) for rate in (0.1, 3.0, 300.0)),
        Case(
            "100 x 1e5",
            "Portfolio of 100, 100,000 years",
            many,
            year5,
            dict.fromkeys(wide, year5),
            once=("pyfair", "aggregate"),
            left_out=no_total,
        ),
        Case(
            "100 x 1e6",
            "Portfolio of 100, 1,000,000 years",
            many,
            year6,
            dict.fromkeys(("exact", "montecarlo", "numpy", "limit"), year6) | {"pyfair": year5},
            rounds=1,
            left_out=no_total + "`aggregate` draws no years: see above.",
        ),
        Case(
            "1000 x 1e5",
            "Portfolio of 1,000, 100,000 years",
            thousand,
            year5,
            dict.fromkeys(("exact", "montecarlo", "numpy", "limit"), year5),
            rounds=2,
            once=("exact",),
            left_out=heavy,
        ),
        Case(
            "1000 x 1e6",
            "Portfolio of 1,000, 1,000,000 years",
            thousand,
            year6,
            {"montecarlo": year6, "numpy": year5, "limit": year6},
            rounds=1,
            left_out=heavy,
        ),
        *(
            Case(key, title, programs=programs, more={"change": 20} | more, **edits)
            for key, title, programs, more in (
                ("edit", "a frequency", mine | drawn, {"part": "frequency"}),
                ("edit magnitude", "a magnitude", mine, {"part": "magnitude"}),
                ("edit pert", "a frequency, PERT rates", mine, {"part": "frequency", "pert": True}),
            )
        ),
    ]


def few_cases() -> list[Case]:
    """Return the jobs of a quick run."""
    years, few = 2000, portfolio(5)
    mine = dict.fromkeys(("exact", "montecarlo", "numpy", "limit"), years)
    title = "Portfolio of 5, 2,000 years"
    return [
        Case("rate 3", "One scenario, rate 3, 2,000 years", one(3.0), years, mine, 1),
        Case("5 x 2e3", title, few, years, mine, 1),
    ]


def command(program: str) -> list[str] | None:
    """Return how a program is asked; None where it is not installed."""
    if program in OURS:
        return [sys.executable, str(Path(__file__).with_name("engines_ours.py")), program]
    worker = str(PEERS / "engines_worker.py")
    if program == "numpy":
        return [sys.executable, worker, program]
    python = os.environ.get(PEERS_PYTHON)
    return None if python is None else [python, worker, program]


def asked(program: str, job: Found) -> Found | None:
    """Let a program answer a job in a process of its own; None where it is not installed."""
    words = command(program)
    if words is None:
        return None
    done = subprocess.run(words, input=json.dumps(job), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program} failed:\n{done.stderr[-2000:]}")
    found: Found = json.loads(done.stdout)
    return found


def measured(case: Case) -> dict[str, Found | None]:
    """Run a case in rounds, so that a busy moment strikes all programs alike; return medians."""
    runs: dict[str, list[Found]] = {program: [] for program in case.programs}
    for number in range(case.rounds):
        for program in case.programs:
            if number > 0 and program in case.once:
                continue
            found = asked(program, case.job(program))
            if found is not None:
                runs[program].append(found)
    return {program: median(case, program, some) for program, some in runs.items()}


def median(case: Case, program: str, runs: list[Found]) -> Found | None:
    """Return the medians of several runs, times scaled up to all years."""
    if not runs:
        return None
    times = case.years / case.programs[program]
    keys = [key for key in runs[0] if key != "version"]
    found: Found = {key: statistics.median(run[key] for run in runs) for key in keys}
    found |= {key: times * found[key] for key in ("cpu", "wall")}
    more = {"rounds": len(runs), "years": case.programs[program], "scaled": times != 1}
    return found | more | {"version": runs[0]["version"]}


def rows(found: dict[str, Found | None], known: Found) -> Iterable[list[str]]:
    """Write one row for each program; `known` has the exact figures."""
    numpy = found.get("numpy") or {}
    for program, own in found.items():
        label = LABELS[program]
        if own is None:
            yield [label, *["not installed"] * 7]
            continue
        if own["scaled"]:
            label += f" (scaled from {own['years']:,} years)"
        ratio = f"{own['cpu'] / numpy['cpu']:.2g}" if numpy else ""
        memory = f"{own['memory']:.0f} ({own['memory'] - own['base']:+.0f})"
        errors = (off(own.get(key), known.get(key)) for key in ("mean", "var", "tvar"))
        yield [label, seconds(own["cpu"]), ratio, seconds(own["wall"]), memory, *errors]


def known(case: Case, chosen: list[Case], found: dict[str, dict[str, Found | None]]) -> Found:
    """Return the exact figures of a case: its own, or those of the same risks elsewhere."""
    alike = (c for c in [case, *chosen] if c.risks is case.risks and c.more == case.more)
    return next((own for c in alike if (own := found[c.key].get("exact"))), None) or {}


def off(value: float | None, known: float | None) -> str:
    """Write how far a figure is from the exact one, relative."""
    if value is None or not known:
        return ""
    apart = value / known - 1
    return f"{apart:+.1%}" if abs(apart) >= 1e-3 else f"{apart:.0e}" if apart else "0"


@dataclass(frozen=True)
class Target:
    """What is wanted, and what was measured."""

    name: str
    wanted: float
    measured: float
    unit: str
    at_least: bool = False

    def met(self) -> bool:
        """Say whether it is met."""
        enough = self.measured >= self.wanted
        return enough if self.at_least else self.measured <= self.wanted

    def verdict(self) -> str:
        """Say so, and by how much it is missed."""
        if self.met():
            return "met"
        apart = self.measured / self.wanted
        return f"missed by a factor of {1 / apart if self.at_least else apart:.2g}"

    def to_dict(self) -> Found:
        """Return plain data."""
        plain = {"name": self.name, "wanted": self.wanted, "measured": self.measured}
        return plain | {"unit": self.unit, "met": self.met(), "verdict": self.verdict()}


def targets(found: dict[str, dict[str, Found | None]], cells: Found, events: float) -> list[Target]:
    """Hold the measured figures against what is wanted; `events` are those at a rate of 300."""

    def of(case: str, program: str) -> Found:
        return found[case][program] or {}

    large, longest = found["1000 x 1e5"], of("1000 x 1e6", "montecarlo")
    faster = (large["numpy"] or {})["cpu"] / (large["montecarlo"] or {})["cpu"]
    event = of("rate 300", "montecarlo")["cpu"] / events
    edits = [of(key, "exact")["cpu"] for key in ("edit", "edit magnitude")]
    above = longest["memory"] - longest["base"]
    grid = f"one exact scenario, median of {cells['cells']} cells"
    return [
        Target("1,000 x 1e5, simulated, times faster than numpy", 20, faster, "", at_least=True),
        Target("edit in a portfolio of 100, point rates", 1, 1e3 * max(edits), "ms"),
        Target("edit of 100, PERT rates", 3, 1e3 * of("edit pert", "exact")["cpu"], "ms"),
        Target(grid, 0.5, 1e3 * cells["cpu"], "ms"),
        Target("the worst relative error of these cells", 1e-4, cells["worst"], ""),
        Target("one event above rate 30, simulated", 2.2, 1e9 * event, "ns"),
        Target("memory above the base at 1,000 x 1e6", 100, above, "MiB"),
    ]


def told(some: list[Target]) -> list[str]:
    """Write the targets as a table."""
    heads = ["target", "wanted", "measured", ""]
    lines = []
    for target in some:
        wanted, measured_ = f"{target.wanted:g}", f"{target.measured:.2g}"
        unit = f" {target.unit}" if target.unit else ""
        word = "at least " if target.at_least else ""
        lines.append([target.name, f"{word}{wanted}{unit}", f"{measured_}{unit}", target.verdict()])
    return table(heads, lines)


def report(*, quick: bool) -> list[str]:
    """Return the section's lines; a full run leaves its figures in engines.json."""
    chosen = few_cases() if quick else cases()
    found = {case.key: measured(case) for case in chosen}
    heads = ["program", "CPU", "CPU, numpy = 1", "wall", "peak MiB (above base)"]
    heads += ["mean off", "VaR off", "TVaR off"]
    lines = ["## Engines", "", *INTRODUCTION]
    for case in chosen:
        title = f"One changed parameter in a portfolio of 100: {case.title}"
        lines += ["", f"### {title if case.more else case.title}", ""]
        lines += table(heads, rows(found[case.key], known(case, chosen, found)))
        lines += ["", case.left_out.strip()] if case.left_out else []
    if quick:
        return lines
    often = next(case for case in chosen if case.key == "rate 300")
    wanted = targets(found, asked("cells", {"repeats": 7}) or {}, often.events())
    stored = {"about": about(), "level": LEVEL, "cases": found}
    stored["targets"] = [target.to_dict() for target in wanted]
    STORED.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    versions = sorted({own["version"] for some in found.values() for own in some.values() if own})
    return [*lines, "", "### Targets", "", *told(wanted), "", *(f"- {line}" for line in versions)]


INTRODUCTION = (
    "Poisson counts of known rates and lognormal losses; every program gives mean, VaR99, TVaR99",
    "and 100 points of the loss exceedance curve of each scenario and of the total, warm, in a",
    "process of its own. `off` is the distance of the total from the workbench's exact figure;",
    "`pyfair` multiplies the rate by one PERT loss and is another model, so that only its time",
    "compares. Memory is the peak of the process, and how far that lies above what libraries take.",
)
