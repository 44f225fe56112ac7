"""Served pages and a browser that reports what it saw: errors, outside requests, scripts."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PATIENCE = 60.0  # s until a page stands, on a machine that is busy
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PROGRAM = """
import json, sys
from pathlib import Path
from workbench.serving import serve_dashboards
options = json.loads(sys.argv[1])
folder, study = options.pop("folder"), options.pop("study")
sys.exit(serve_dashboards(study and Path(study), folder=folder and Path(folder), port=0,
                         pool=0, **options))  # pages ahead have tests of their own
"""
LAB = """
import sys
from pathlib import Path
from workbench.serving import serve_lab
sys.exit(serve_lab(Path(sys.argv[1]), port=int(sys.argv[2]), open_browser=False))
"""
SCRATCH = [
    """
import os
import ipywidgets
from IPython.display import HTML, display
from workbench_widgets import Chart, RangeControl, Slider, box
name = "&lt;img src=x onerror=alert(1)&gt; pays $2M or $3M"
heading = f"<h1>A page for tests: {name}</h1>"
pid = f'<span class="sr" id="pid">{os.getpid()}</span>'
HTML(f'<section class="lede">{heading}<p>Between $1M and $4M.{pid}</p></section>')
""",
    """
def figure(share):
    x = [10 ** (5 + k / 20) for k in range(41)]
    line = {"type": "scatter", "mode": "lines", "x": x, "y": [share / v for v in x]}
    note = {"x": 6, "y": 0, "text": f"at {share:g}", "showarrow": False}
    return {
        "data": [line | {"line": {"color": "var(--current)"}}],
        "layout": {
            "xaxis": {"type": "log"},
            "annotations": [note],
            "meta": {"narrow_below": 400, "narrow": {"annotations": []}},
        },
    }

first, second = Chart(figure(10), label="The first chart.", height=300), Chart(figure(3))
box("card", "<header><div><h2>Two charts</h2></div></header>", first, second)
""",
    """
slider = Slider(label="Share", low=0, high=20, step=1, value=10, unit="%", note="today 10%")
told = ipywidgets.HTML()

def moved(_change):
    told.value = f'<div class="delta"><b id="answer">{2 * slider.value:g}</b></div>'
    first.show(figure(slider.value), f"The first chart, at {slider.value:g}.")

slider.observe(moved, "value")
moved(None)
cost = RangeControl(label="Cost of one event", currency="EUR", low_text="50k",
                    mode_text="200k", high_text="3M")
read = ipywidgets.HTML()
cost.observe(lambda _c: setattr(read, "value", f"read {cost.low:.0f}"), "low")
box("card", box("whatif", slider, told), cost, read)
""",
]


@dataclass
class Seen:
    """What a page did that a test may ask about."""

    page: Page
    host: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def outside(self) -> list[str]:
        """Return the requests to other hosts."""
        places = [u for u in self.requests if not u.startswith(("blob:", "data:"))]
        return [u for u in places if urlsplit(u).netloc != self.host]

    def fetched(self, word: str) -> list[str]:
        return [u for u in self.requests if word in u]


def written(folder: Path, name: str = "scratch", cells: Sequence[str] = SCRATCH) -> None:
    """Write a notebook of these cells; its title is its name."""
    page = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in cells],
        metadata={
            "title": name.capitalize(),
            "kernelspec": {"name": "python3", "display_name": "P"},
        },
    )
    nbformat.write(page, folder / f"{name}.ipynb")


@contextmanager
def served(log: Path, folder: Path | None, study: Path | None = None) -> Iterator[str]:
    """Serve `folder` and give its address; end the server afterwards."""
    named = {"folder": folder, "study": study}
    arguments = json.dumps({name: path and str(path) for name, path in named.items()})
    command = [sys.executable, "-c", PROGRAM, arguments]
    with (
        log.open("w") as target,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=target, text=True) as process,
    ):
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        found = re.search(r"http://\S+", process.stdout.readline() if ready else "")
        try:
            assert found is not None, log.read_text()
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


@contextmanager
def served_lab(folder: Path, home: Path, **variables: str) -> Iterator[str]:
    """Serve `folder` in JupyterLab, its settings in `home`, and give the address of the lab."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = str(held.getsockname()[1])
    token = "a-token-for-this-test"
    own = {"JUPYTER_TOKEN": token, "JUPYTER_CONFIG_DIR": str(home), **variables}
    command = [sys.executable, "-c", LAB, str(folder), port]
    log = home / "lab.log"
    with (
        log.open("w") as target,
        subprocess.Popen(command, stderr=target, env=os.environ | own) as process,
    ):
        try:
            end = time.monotonic() + PATIENCE
            while "is running at" not in log.read_text() and time.monotonic() < end:
                time.sleep(0.1)
            assert "is running at" in log.read_text()
            yield f"http://127.0.0.1:{port}/lab?token={token}&reset"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


@pytest.fixture(scope="session")
def address_of(request, tmp_path_factory):
    """Return the function that gives a page's address by its name.

    One server has the scratch notebook and those of all modules: a module calls its own `PAGE` and
    gives its `CELLS`.
    """
    folder = tmp_path_factory.mktemp("pages")
    written(folder)
    for module in {getattr(item, "module", None) for item in request.session.items}:
        if hasattr(module, "PAGE"):
            written(folder, module.PAGE, module.CELLS)
    with served(tmp_path_factory.mktemp("log") / "pages.log", folder) as address:
        yield lambda name: f"{address}voila/render/{name}.ipynb"


@pytest.fixture(scope="session")
def scratch_address(address_of):
    return address_of("scratch")


@pytest.fixture(scope="session")
def overview_address(tmp_path_factory):
    """Return the address of the shipped dashboards on the shipped example."""
    os.environ.pop("WORKBENCH_STUDY", None)
    with served(tmp_path_factory.mktemp("log") / "overview.log", None) as address:
        yield address


@pytest.fixture(scope="session")
def browser(chromium):
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


CHARTS = (
    "() => { const all = [...document.querySelectorAll('.wb-chart .chart')];"
    " return all.length > 1 && all.every(c => c.dataset.drawn); }"
)


def opened(browser: Browser, address: str, *, drawn: str = CHARTS, **options: object) -> Seen:
    """Open `address` in a window of its own and wait until its charts, or others, are `drawn`."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    seen = Seen(page, urlsplit(address).netloc)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    page.goto(address)
    page.wait_for_function(drawn)
    return seen


@pytest.fixture(scope="session")
def visit(browser):
    """Return the function that opens an address in this browser."""
    return partial(opened, browser)


@pytest.fixture(scope="session")
def write_scratch():
    """Return the function that writes the scratch notebook, or another one, into a folder."""
    return written


@pytest.fixture(scope="session")
def serve():
    """Return the function that serves a folder of notebooks while a block runs."""
    return served


@pytest.fixture(scope="session")
def serve_lab():
    """Return the function that serves a folder in JupyterLab while a block runs."""
    return served_lab
