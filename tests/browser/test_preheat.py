"""Pages that were computed ahead: never of an older study, and as good as fresh ones."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest

from workbench.files.sources import source_digest

pytestmark = pytest.mark.browser

PATIENCE = 60.0  # s, on a machine that is busy
PROGRAM = """
import json, sys
from pathlib import Path
from workbench.serving import serve_dashboards
options = json.loads(sys.argv[1])
study, folder = Path(options.pop("study")), Path(options.pop("folder"))
sys.exit(serve_dashboards(study, folder=folder, port=0, **options))
"""
CELL = """
import html, os
from pathlib import Path
import ipywidgets
from IPython.display import HTML, display
from workbench.files import read_study
from workbench.files.sources import source_digest
from workbench_widgets import Slider

path = Path(os.environ["WORKBENCH_STUDY"])
digest = source_digest(path)
text = read_study(path).study.scenarios[0].name
display(HTML(
    f'<section class="lede" data-source="{digest}"><h1 id="figure">{html.escape(text)}</h1>'
    f'<p>Kernel <span id="pid">{os.getpid()}</span></p></section>'
))
slider = Slider(label="Share", low=0, high=20, step=1, value=10)
told = ipywidgets.HTML("<b id='answer'>20</b>")
slider.observe(
    lambda c: setattr(told, "value", f"<b id='answer'>{2 * slider.value:g}</b>"), "value"
)
ipywidgets.VBox([slider, told])
"""
HEAD = (
    "id,name,aro_low,aro_mode,aro_high,asset_value,ef_low,ef_mode,ef_high,likelihood,consequence\n"
)


@dataclass
class Served:
    """A server on a scratch study, and what the operating system says of its kernels."""

    process: subprocess.Popen
    address: str
    study: Path
    names: list[str] = field(default_factory=list)

    def edit(self, name: str) -> str:
        """Write a study whose first scenario has this name; return its digest."""
        self.study.write_text(f"{HEAD}a,{name},0.1,0.2,0.5,1000,0.1,0.2,0.4,3,4\n")
        return source_digest(self.study)

    def kernels(self) -> set[int]:
        return kernels_of(self.process.pid)


def kernels_of(server: int) -> set[int]:
    """Return the kernels among the processes that a server has started, itself or by others."""
    command = ["ps", "-e", "-ww", "-o", "pid=,ppid=,comm=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    parents = {int(pid): int(parent) for pid, parent, _ in rows}
    return {
        int(pid)
        for pid, _, name in rows
        if "ipykernel" in name and server in ancestors(int(pid), parents)
    }


def ancestors(pid: int, parents: dict[int, int]) -> list[int]:
    """Return the processes that a process comes from, the nearest first."""
    found = [pid]
    while (above := parents.get(found[-1], 0)) > 1:
        found.append(above)
    return found[1:]


def until(what, patience=PATIENCE):
    """Wait until `what()` is true, and return it."""
    end = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)
    return found


@contextmanager
def served(folder: Path, **options: object):
    study, pages = folder / "study.csv", folder / "pages"
    pages.mkdir()
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(CELL.strip())],
        metadata={"title": "Scratch", "kernelspec": {"name": "python3", "display_name": "P"}},
    )
    nbformat.write(notebook, pages / "scratch.ipynb")
    running = Served(None, "", study)
    running.edit("First")
    arguments = json.dumps({"folder": str(pages), "study": str(study), **options})
    command = [sys.executable, "-c", PROGRAM, arguments]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        found = re.search(r"http://\S+", process.stdout.readline() if ready else "")
        try:
            assert found is not None, (folder / "log").read_text()
            running.process, running.address = process, found[0]
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with served(tmp_path_factory.mktemp("preheat")) as running:
        yield running


@pytest.fixture
def tab(browser):
    """Return a function that opens an address and waits for the figure; closes it afterwards."""
    context = browser.new_context()
    context.set_default_timeout(1000 * PATIENCE)

    def opened(address, wanted="#figure"):
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(wanted)
        return page

    yield opened
    context.close()


def waiting_kernel(server):
    """Wait until exactly the pool's kernel runs and its page has been computed."""

    def calm():
        found = server.kernels()
        if len(found) != 1:
            return None
        (pid,) = found
        before = cpu(pid)
        time.sleep(0.7)
        is_idle = cpu(pid) == before
        return pid if is_idle and before > 0 and server.kernels() == found else None

    return until(calm)


def cpu(pid):
    """Seconds of processor time that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return -1.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def started(pid):
    """When a process began, in seconds since the machine was started."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def pid_of(page):
    return int(page.locator("#pid").inner_text())


def test_a_page_that_waited_is_whole_and_works_and_the_query_does_not_bypass_it(server, tab):
    waiting = waiting_kernel(server)
    page = tab(f"{server.address}voila/render/scratch.ipynb?scenario=a&theme=dark&template=reveal")
    assert pid_of(page) == waiting
    assert page.evaluate("location.search").startswith("?scenario=a")
    slider = page.get_by_role("slider", name="Share")
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_function("document.querySelector('#answer').textContent === '0'")
    page.close(run_before_unload=True)
    until(lambda: waiting not in server.kernels())


def test_after_an_edit_the_page_shows_the_new_figure(server, tab):
    old = waiting_kernel(server)
    digest = server.edit("Second")
    page = tab(server.address)  # at once: the pool may not have noticed yet
    assert page.locator("#figure").inner_text() == "Second"
    assert page.locator("[data-source]").get_attribute("data-source") == digest
    assert pid_of(page) != old
    page.close(run_before_unload=True)
    new = waiting_kernel(server)
    server.edit("Third")
    until(lambda: new not in server.kernels())
    waiting_kernel(server)
    asked = time.clock_gettime(time.CLOCK_BOOTTIME)
    page = tab(server.address)
    assert page.locator("#figure").inner_text() == "Third"
    # not whichever was seen to wait: two may be there for a moment after two edits
    assert started(pid_of(page)) < asked


def test_an_open_page_says_that_the_study_has_changed_and_holds_still(server, tab):
    server.edit("Before")
    page = tab(server.address)
    assert page.locator("#freshness").is_hidden()
    server.edit("After")
    page.evaluate("dispatchEvent(new Event('focus'))")
    notice = page.locator("#freshness")
    notice.wait_for(state="visible")
    assert "The study has changed since these figures were computed." in notice.inner_text()
    assert page.locator("html.stale").count() == 1
    assert page.locator("#figure").inner_text() == "Before", "what is on the screen stays"
    assert page.get_by_role("slider", name="Share").is_disabled()
    page.get_by_role("button", name="Run again").click()
    page.wait_for_function("document.querySelector('#figure')?.textContent === 'After'")
    assert page.locator("html.stale").count() == 0


def test_a_broken_file_is_told_in_words_and_the_page_comes_back(server, tab):
    page = tab(server.address)
    server.edit("<img src=x onerror=alert(1)>, broken")
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.locator("#freshness").wait_for(state="visible")
    assert "fault" in page.locator("#freshness").inner_text()
    assert page.get_by_role("button", name="Run again").count() == 0
    broken = tab(server.address, ".faults")
    assert broken.title() == "The study has a fault · Risk workbench"
    assert broken.get_by_role("navigation", name="Pages").count() == 1
    assert broken.locator(".faults").inner_text().startswith("study.csv: ")
    assert broken.locator("main img").count() == 0
    server.edit("Mended")
    broken.evaluate("dispatchEvent(new Event('focus'))")
    broken.wait_for_function("document.querySelector('#figure')?.textContent === 'Mended'")


def test_a_page_says_when_its_server_is_gone_and_a_page_older_than_the_cull_time_serves(
    tmp_path, tab
):
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    patience = int(6 * busy)  # s that a page has for connecting, once it was handed out
    with served(tmp_path, cull_after=patience) as server:
        waiting = waiting_kernel(server)
        time.sleep(patience + 2)  # older than the cull time, and the culler has come by
        assert server.kernels() == {waiting}
        page = tab(server.address)
        assert pid_of(page) == waiting
        page.get_by_role("slider", name="Share").press("Home")
        page.wait_for_function("document.querySelector('#answer').textContent === '0'")
        server.process.send_signal(signal.SIGINT)
        page.locator("#connection").wait_for(state="visible")
        assert "gone" in page.locator("#connection").inner_text()


def test_a_token_stands_in_front_of_pages_that_wait(tmp_path, browser):
    with served(tmp_path, token="a-token-for-this-test", host="0.0.0.0") as server:
        port = re.search(r":(\d+)/", server.address)[1]
        context = browser.new_context()
        page = context.new_page()
        bare = f"http://127.0.0.1:{port}/"
        for path in ("", "voila/render/scratch.ipynb", "workbench/source", "voila/query/0"):
            assert page.request.get(bare + path).status == 403
        page.goto(f"{bare}?token=a-token-for-this-test")
        page.wait_for_selector("#figure")
        assert "token" not in page.url
        assert page.request.get(f"{bare}workbench/source").ok
        page.close(run_before_unload=True)
        context.close()
