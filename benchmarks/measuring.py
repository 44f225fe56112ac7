"""What every benchmark shares: medians, fresh processes, cold caches, words about the machine."""

import platform
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def median_time(job: Callable[[], object], repeats: int, before: Callable[[], object]) -> float:
    """Median seconds of `job` over `repeats` calls; `before` runs before each, untimed.

    Processor seconds of this process: where nothing else runs they are the seconds on the clock,
    and other programs disturb them far less.
    """
    times = []
    for _ in range(repeats):
        before()
        times.append(once(job))
    return statistics.median(times)


def once(job: Callable[[], object]) -> float:
    """Processor seconds of a single call."""
    start = time.process_time()
    job()
    return time.process_time() - start


def median_processes(commands: dict[str, Sequence[object]], repeats: int) -> dict[str, float]:
    """Median wall seconds of whole processes, in turns so that a busy moment strikes all alike.

    Raises
    ------
    subprocess.CalledProcessError
        if one of the commands fails.

    """
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run([str(part) for part in command], check=True, capture_output=True)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def clear_caches() -> None:
    """Forget every result that a module of the workbench keeps for the next call."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "workbench":
            for value in list(vars(module).values()):
                forget = getattr(value, "cache_clear", None)
                if callable(forget) and not isinstance(value, type):
                    forget()


def peak() -> float:
    """Peak memory of this program so far, MiB; what its parent used before does not count."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(found.group(1)) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def processor() -> str:
    """Return the model name of the processor."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return found.group(1) if found else platform.processor() or platform.machine()


def versions(names: Iterable[str]) -> str:
    """Return the installed versions of distributions in one line."""
    return ", ".join(f"{name} {version(name)}" for name in names)


def about() -> list[str]:
    """Say when and on what the figures were measured, without naming the machine."""
    python = f"Python {platform.python_version()}, {platform.system()}"
    return [
        f"Measured {datetime.now(UTC):%d %B %Y} on {processor()}, {python}.",
        f"{versions(['risk-workbench', 'numpy', 'scipy', 'plotly', 'voila'])}.",
        "Medians. Computations are in processor seconds, starts and pages in seconds on the clock;",
        "other programs ran on the same cores, so trust ratios before single figures.",
    ]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a Markdown table: the first column to the left, the others to the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def seconds(value: float) -> str:
    """Write a duration with three significant digits, as s or ms."""
    return f"{value:.3g} s" if value >= 1 else f"{value * 1e3:.3g} ms"
