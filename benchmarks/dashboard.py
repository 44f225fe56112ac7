"""The dashboard: from its address to a slider that can be used, and from the slider to the chart.

The split of an update uses the marks of page_marks.js and the dates that the kernel writes into the
headers of its messages; both read the clock of this machine.
"""

import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from measuring import median_time, seconds, table

MARKS = Path(__file__).with_name("page_marks.js")
SERVE = (
    "import sys; from workbench.serving import serve_dashboards; "
    "serve_dashboards(None, port=0, pool=int(sys.argv[1]))"
)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 120_000  # ms
SLIDER, CHART = "main input[type=range]", ".wb-chart .chart[data-drawn]"
PHASES = ("browser", "way to the kernel", "kernel", "message", "paint")
Update = dict[str, float]  # seconds by phase


@dataclass(frozen=True)
class Served:
    """A server that runs: its address, its process, and the seconds until it said so."""

    address: str
    process: int
    started: float

    def kernels(self) -> list[int]:
        """Return the processes of its kernels."""
        return sorted(kernels_of(self.process))

    def settle(self, count: int) -> float:
        """Wait until `count` kernels run and none computes; return the seconds that it took."""
        start, before = time.perf_counter(), -1.0
        while time.perf_counter() - start < PATIENCE / 1e3:
            kernels = self.kernels()
            used = sum(map(processor_seconds, kernels))
            if len(kernels) == count and used == before:
                return time.perf_counter() - start
            before = used
            time.sleep(1.0)
        raise RuntimeError(f"{len(kernels)} kernels run where {count} were to be expected")


def kernels_of(server: int) -> set[int]:
    """Return the kernels among the processes that a server has started, itself or by others."""
    return {pid for pid, name in family_of(server).items() if "ipykernel" in name}


def family_of(server: int) -> dict[int, str]:
    """Return all processes that a server has started, itself or by others, and what they run."""
    command = ["ps", "-e", "-ww", "-o", "pid=,ppid=,comm=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    parents = {int(pid): int(parent) for pid, parent, _ in rows}
    return {int(pid): name for pid, _, name in rows if server in ancestors(int(pid), parents)}


def ancestors(pid: int, parents: dict[int, int]) -> list[int]:
    """Return the processes that a process comes from, the nearest first."""
    found = [pid]
    while (above := parents.get(found[-1], 0)) > 1:
        found.append(above)
    return found[1:]


@contextmanager
def server(pool: int = 0) -> Iterator[Served]:
    """Serve the shipped dashboards, `pool` pages computed ahead."""
    start = time.perf_counter()
    command = [sys.executable, "-c", SERVE, str(pool)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout is not None
            found = re.search(r"http://\S+", run.stdout.readline())
            if found is None:
                raise RuntimeError("the dashboards did not start")
            yield Served(found.group(0), run.pid, time.perf_counter() - start)
        finally:
            run.terminate()


def processor_seconds(process: int) -> float:
    """Processor seconds that a process has used, 0 if it is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def proportional_memory(process: int) -> float:
    """Memory of a process in MiB; what it shares is split among those that share it (PSS)."""
    return _memory(process, "Pss")


def own_memory(process: int) -> float:
    """Memory in MiB that a process shares with no other."""
    return _memory(process, "Private_Clean") + _memory(process, "Private_Dirty")


def _memory(process: int, kind: str) -> float:
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    found = re.search(rf"^{kind}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found.group(1)) / 1024 if found else math.nan


def load(context: Any, address: str) -> tuple[Any, dict[str, float]]:
    """Open the address; return the page, seconds until slider and chart are there, and bytes."""
    page = context.new_page()
    page.add_init_script(path=MARKS)
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    start = time.perf_counter()
    answer = page.goto(address, wait_until="commit", timeout=PATIENCE)
    if answer is None or not answer.ok:
        raise RuntimeError(f"the page failed with status {answer.status if answer else 'unknown'}")
    page.wait_for_selector(SLIDER, timeout=PATIENCE)
    slider = time.perf_counter() - start
    page.wait_for_selector(CHART, timeout=PATIENCE)
    chart = time.perf_counter() - start
    page.wait_for_timeout(500)
    found = {"slider": slider, "chart": chart, "bytes": sum(sizes), "requests": len(sizes)}
    return page, found


def kernel_time(date: str) -> float:
    """Seconds since 1970 of a date in a message's header."""
    return datetime.fromisoformat(date).timestamp()


def split(found: dict[str, Any]) -> Update:
    """Split one update into its phases, from the marks of the page."""
    origin = found["origin"] / 1e3

    def clock(mark: float) -> float:
        return origin + mark / 1e3

    sent = next(m for m in found["sent"] if "value" in m["keys"])
    replies = [m for m in found["heard"] if m["parent"] == sent["id"]]
    busy = kernel_time(next(m["date"] for m in replies if m["status"] == "busy"))
    figure = next(m for m in replies if {"figure", "overlay"} & set(m["keys"]))
    answered = kernel_time(figure["date"])
    return {
        "browser": (sent["now"] - found["start"]) / 1e3,
        "way to the kernel": busy - clock(sent["now"]),
        "kernel": answered - busy,
        "message": clock(figure["now"]) - answered,
        "paint": (found["painted"] - figure["now"]) / 1e3,
        "whole": (found["painted"] - found["start"]) / 1e3,
        "bytes": figure["size"],
    }


def positions(count: int) -> list[float]:
    """Return values of the slider, spread over its range; none comes back within 38."""
    return [round(0.05 * (1 + (7 * i) % 38), 2) for i in range(count)]


def updates(page: Any, count: int) -> list[Update]:
    """Move the slider `count` times; the first move, which warms up, is left out."""
    found = []
    for value in positions(count + 1):
        found.append(page.evaluate("value => __move(value)", value))
        page.wait_for_timeout(250)
    return [split(marks) for marks in found[1:]]


def computing_time(count: int) -> float:
    """Median seconds of what the kernel computes for one move, here without kernel or page."""
    from workbench.reports.board import open_board

    board = open_board()
    driver = board.drivers[0].name
    board.answer({driver: 0.31})  # what is made once, the band among it
    values = iter(positions(count))
    return median_time(lambda: board.answer({driver: next(values)}), count, lambda: None)


def loaded(chrome: Any, served: Served, pool: int, loads: int) -> dict[str, float]:
    """Load the page `loads` times, each time as a new viewer; medians."""
    times: list[dict[str, float]] = []
    for _ in range(loads):
        served.settle(pool)
        context = chrome.new_context(viewport={"width": 1280, "height": 900})
        page, found = load(context, served.address)
        times.append(found)
        page.close(run_before_unload=True)
        served.settle(pool)
        context.close()
    return {key: statistics.median(t[key] for t in times) for key in times[0]}


@dataclass(frozen=True)
class Visit:
    """What was seen of the page: loads of three kinds, moves of the slider, one kernel's memory."""

    started: float
    cold: dict[str, float]
    preheated: dict[str, float]
    again: dict[str, float]
    moves: list[Update]
    memory: float


def visit(browser: str, loads: int, moves: int) -> Visit:
    """Load the page cold, preheated and once more, and move its slider."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chrome = driver.chromium.launch(executable_path=browser, args=list(FLAGS))
        with server() as served:
            cold = loaded(chrome, served, 0, loads)
        with server(pool=1) as served:
            preheated = loaded(chrome, served, 1, loads)
            context = chrome.new_context(viewport={"width": 1280, "height": 900})
            load(context, served.address)[0].close(run_before_unload=True)
            served.settle(1)
            (waiting,) = served.kernels()
            page, again = load(context, served.address)
            served.settle(2)
            moved = updates(page, moves)
            memory = own_memory(waiting)
        chrome.close()
    return Visit(served.started, cold, preheated, again, moved, memory)


def report(*, quick: bool) -> list[str]:
    """Return the section's lines."""
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser is None:
        return ["## Dashboard", "", "Not measured: there is no Chromium on this machine."]
    loads, moves = (1, 5) if quick else (5, 18)
    seen = visit(browser, loads, moves)
    kinds = {"cold": seen.cold, "preheated": seen.preheated, "preheated, again": seen.again}
    rows = []
    for kind, t in kinds.items():
        amounts = [f"{t['bytes'] / 1e6:.2f} MB", f"{t['requests']:.0f}"]
        rows.append([kind, seconds(t["slider"]), seconds(t["chart"]), *amounts])
    names = ("whole", *PHASES)
    split_rows = [[n, seconds(statistics.median(u[n] for u in seen.moves))] for n in names]
    split_rows.append(["within the kernel: computing the answer", seconds(computing_time(moves))])
    size = statistics.median(u["bytes"] for u in seen.moves)
    return [
        "## Dashboard",
        "",
        f"The overview of the shipped example in headless Chromium, {loads} loads of each kind,",
        "each with a kernel of its own. Again: the same viewer, the browser's cache filled.",
        f"The server prints its address after {seconds(seen.started)}; a kernel with its page",
        f"takes {seen.memory:.0f} MiB that it shares with no other. Seconds are from the address.",
        "",
        *table(["page", "first usable slider", "charts drawn", "transferred", "requests"], rows),
        "",
        f"Slider to redrawn chart, {moves} moves; the chart's message",
        f"has {size / 1e3:.1f} kB. Phases are medians of their own and need not add up;",
        "what lies within the kernel is timed apart, in processor seconds.",
        "",
        *table(["phase", "median"], split_rows),
    ]
