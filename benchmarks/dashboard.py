"""The dashboard: from its address to a slider that can be used, and from the slider to the chart.

The split of an update uses the marks of page_marks.js and the dates that the kernel writes into the
headers of its messages; both read the clock of this machine.
"""

import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from measuring import median_time, seconds, table

MARKS = Path(__file__).with_name("page_marks.js")
SERVE = "from workbench.serving import serve_dashboards; serve_dashboards(None, port=0)"
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
SLIDER, CHART = ".wb-slider input", ".wb-chart .chart[data-drawn]"
PHASES = ("browser", "way to the kernel", "kernel", "message", "paint")
Update = dict[str, float]  # seconds by phase


@contextmanager
def server() -> Iterator[tuple[str, float]]:
    """Serve the shipped dashboards; give their address and the seconds until it was printed."""
    start = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout is not None
            found = re.search(r"http://\S+", run.stdout.readline())
            if found is None:
                raise RuntimeError("the dashboards did not start")
            yield found.group(0), time.perf_counter() - start
        finally:
            run.terminate()


def load(context: Any, address: str) -> tuple[Any, dict[str, float]]:
    """Open the address; return the page, and seconds until slider and chart are there."""
    page = context.new_page()
    page.add_init_script(path=MARKS)
    start = time.perf_counter()
    answer = page.goto(address, wait_until="commit", timeout=PATIENCE)
    if answer is None or not answer.ok:
        raise RuntimeError(f"the page failed with status {answer.status if answer else 'unknown'}")
    page.wait_for_selector(SLIDER, timeout=PATIENCE)
    slider = time.perf_counter() - start
    page.wait_for_selector(CHART, timeout=PATIENCE)
    return page, {"slider": slider, "chart": time.perf_counter() - start}


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
    figure = next(m for m in replies if "figure" in m["keys"])
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
        marks = page.evaluate("value => __move(value)", value)
        found.append(split(marks))
        page.wait_for_timeout(250)
    return found[1:]


def computing_times(count: int) -> dict[str, float]:
    """Median seconds of what the kernel computes for one move, here without kernel or page."""
    from workbench.reports.board import open_board

    board = open_board()
    board.exceedance(board.what_if(0.31))  # what is made once, the band among it
    values = iter(positions(2 * count))

    def nothing() -> None:
        """Leave the caches as they are."""

    year = median_time(lambda: board.what_if(next(values)), count, nothing)
    changes = [board.what_if(next(values)) for _ in range(count)]
    figure = median_time(lambda: board.exceedance(changes.pop()), count, nothing)
    return {"computing the year": year, "drawing the figure": figure}


def browse(browser: str, loads: int, moves: int) -> tuple[dict[str, float], list[Update]]:
    """Load the page several times and move its slider; medians of loads, all updates."""
    from playwright.sync_api import sync_playwright

    times: list[dict[str, float]] = []
    with server() as (address, started), sync_playwright() as driver:
        chrome = driver.chromium.launch(executable_path=browser, args=list(FLAGS))
        for i in range(loads):
            context = chrome.new_context(viewport={"width": 1280, "height": 900})
            page, found = load(context, address)
            times.append(found)
            moved = updates(page, moves) if i == loads - 1 else []
            if i == loads - 1:  # the same viewer once more, the browser's cache filled
                times[0]["again"] = load(context, address)[1]["slider"]
            context.close()
        chrome.close()
    medians = {key: statistics.median(t[key] for t in times if key in t) for key in times[0]}
    return medians | {"server": started}, moved


def report(*, quick: bool) -> list[str]:
    """Return the section's lines."""
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser is None:
        return ["## Dashboard", "", "Not measured: there is no Chromium on this machine."]
    loads, moves = (1, 5) if quick else (5, 18)
    loaded, moved = browse(browser, loads, moves)
    rows = [
        ["start of the server, until it prints its address", seconds(loaded["server"])],
        ["address to first usable slider, a new viewer", seconds(loaded["slider"])],
        ["address to first drawn chart, a new viewer", seconds(loaded["chart"])],
        ["address to first usable slider, the browser's cache filled", seconds(loaded["again"])],
    ]
    names = ("whole", *PHASES)
    split_rows = [[n, seconds(statistics.median(u[n] for u in moved))] for n in names]
    split_rows += [
        [f"within the kernel: {n}", seconds(v)] for n, v in computing_times(moves).items()
    ]
    size = statistics.median(u["bytes"] for u in moved)
    return [
        "## Dashboard",
        "",
        f"The overview of the shipped example in headless Chromium, {loads} loads, each with a",
        "kernel of its own.",
        "",
        *table(["page", "median"], rows),
        "",
        f"Slider to redrawn chart, {moves} moves; the chart's message",
        f"has {size / 1e3:.1f} kB. Phases are medians of their own and need not add up;",
        "what lies within the kernel is timed apart, in processor seconds.",
        "",
        *table(["phase", "median"], split_rows),
    ]
