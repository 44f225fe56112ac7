"""A published page: how long it takes to write, how large it is, how soon it is read and drawn."""

import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard import CHROMIUM, FLAGS, PATIENCE
from measuring import clear_caches, seconds, table
from plain_server import served

# When the first words stood on the screen and when the first chart was drawn, ms after the address
# was opened; noted by the page itself, before its own scripts run.
MARKS = """
const seen = new MutationObserver(() => {
  if (!document.querySelector(".chart[data-drawn]")) return;
  seen.disconnect();
  requestAnimationFrame(() => setTimeout(() => { globalThis.firstChart = performance.now(); }));
});
seen.observe(document, { subtree: true, attributeFilter: ["data-drawn"] });
"""
READ = """() => ({
  text: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  chart: globalThis.firstChart,
})"""


def written(folder: Path) -> tuple[dict[str, int], dict[str, float]]:
    """Publish the shipped example; return the bytes of its files and the seconds of each step."""
    from workbench.publishing import Copy, as_of, published_files, save_folder
    from workbench.reports.board import open_board

    clear_caches()
    made = datetime.now(UTC)
    marks = [time.perf_counter()]
    board = open_board(fresh=as_of(made), computed=made)
    assert board.blocks, "a page has blocks"  # they are made when they are first asked for
    marks += [time.perf_counter()]
    files = published_files(board, Copy("Overview", made))
    marks += [time.perf_counter()]
    save_folder(folder, files, force=True)
    marks += [time.perf_counter()]
    names = ("the study and its page", "all what-ifs and the files", "writing them")
    times = {name: b - a for name, a, b in zip(names, marks, marks[1:], strict=False)}
    return {name: len(content) for name, content in files.items()}, times


def opened(browser: Any, address: str) -> dict[str, float]:
    """Open a page in a window without a cache; return seconds to its words and first chart."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(MARKS)
    page.goto(address, timeout=PATIENCE)
    page.wait_for_selector("html[data-answers]", state="attached", timeout=PATIENCE)
    found: dict[str, float] = page.evaluate(READ)
    context.close()
    return {name: value / 1e3 for name, value in found.items()}


def loads(browser_path: str, folder: Path, repeats: int) -> dict[str, dict[str, float]]:
    """Return median seconds by way of opening: from a file, and from a server on loopback."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver, served(folder) as address:
        browser = driver.chromium.launch(executable_path=browser_path, args=list(FLAGS))
        places = {"file": (folder / "index.html").as_uri(), "server": address}
        opened(browser, places["file"])  # the browser itself starts
        times = {k: [opened(browser, v) for _ in range(repeats)] for k, v in places.items()}
        browser.close()
    return {
        place: {k: statistics.median(t[k] for t in found) for k in ("text", "chart")}
        for place, found in times.items()
    }


def report(*, quick: bool) -> list[str]:
    """Return the section's lines."""
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "page"
        sizes, times = written(folder)
        lines = [
            "## Published page",
            "",
            "The overview of the shipped example as files, its sliders at 729 positions.",
            "",
            *table(["step", "time"], [[name, seconds(t)] for name, t in times.items()]),
            "",
            *table(["file", "kB"], [[name, f"{size / 1e3:,.0f}"] for name, size in sizes.items()]),
            "",
        ]
        if browser is None:
            return [*lines, "Not opened: there is no Chromium on this machine."]
        repeats = 3 if quick else 9
        found = loads(browser, folder, repeats)
    rows = [[k, seconds(v["text"]), seconds(v["chart"])] for k, v in found.items()]
    return [
        *lines,
        f"Opened in headless Chromium, {repeats} times each, nothing cached.",
        "",
        *table(["opened from", "address to first words", "address to first drawn chart"], rows),
    ]
