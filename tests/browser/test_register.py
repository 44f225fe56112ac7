"""A record edited on a page while its kernel dies, the page is reloaded, the connection is cut.

What was acknowledged is in the register, once; what was typed stays on the page; the page says so.
"""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect

from workbench.files import read_study
from workbench.register import Register
from workbench.register.editing import Record
from workbench.register.keys import VARIABLE
from workbench.resources import example_study

pytestmark = pytest.mark.browser

PATIENCE = 60_000  # ms, on a machine that is busy
SILENT = "Not saved: the kernel does not answer. What you typed stays here."
CELL = """
import os
from IPython.display import HTML, display
from workbench.register import Register
from workbench.register.editing import Record
from workbench_widgets import RecordEditor, box

display(HTML(f'<h1>A record</h1><p>Kernel <span id="pid">{{os.getpid()}}</span></p>'))
box("card", RecordEditor(Record(Register.open({place!r}, by="mara"), "scenario", "lender/S-01")))
"""
RECORD = "lender/S-01"
MEASURES = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


class Wire:
    """A wire between browser and server that can be cut for a while."""

    def __init__(self, port: int) -> None:
        self.far = port
        self.open: list[socket.socket] = []
        self.is_cut = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                if self.is_cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.far))
                self.open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=carry, args=ends, daemon=True).start()

    def cut(self, seconds: float) -> None:
        """Cut everything that is under way, and let nothing through for some seconds."""
        self.is_cut = True
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.open.clear()
        time.sleep(seconds)
        self.is_cut = False


def carry(source: socket.socket, target: socket.socket) -> None:
    """Carry bytes one way until an end closes; each way closes the end that it reads."""
    with source, suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return where a register with the example is; its keys are in a folder of their own."""
    folder = tmp_path_factory.mktemp("register")
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(folder / "keys")
    with Register.create(folder / "register.db", by="mara") as register:
        register.save_study("lender", read_study(example_study()).study)
    yield str(folder / "register.db")
    os.environ.pop(VARIABLE)
    if before is not None:
        os.environ[VARIABLE] = before


@pytest.fixture(scope="module")
def wire(place, tmp_path_factory, serve, write_scratch):
    """Serve the editor behind a wire that can be cut."""
    folder = tmp_path_factory.mktemp("pages")
    write_scratch(folder, "record", [CELL.format(place=place)])
    with serve(folder.parent / "record.log", folder) as address:
        wire = Wire(int(re.search(r":(\d+)/", address)[1]))
        yield wire
        wire.listener.close()


@pytest.fixture
def page(browser, wire):
    """Return a page with the editor in it; a reload is not asked about."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"http://127.0.0.1:{wire.port}/voila/render/record.ipynb")
    page.wait_for_selector(".wb-record textarea")
    yield page
    context.close()


@pytest.fixture
def mara(place):
    with Register.open(place, by="mara") as register:
        yield register


def area(page):
    return page.get_by_label("Scenario lender/S-01")


def told(page):
    return page.locator(".wb-record").get_by_role("status")


def typed(page, owner: str) -> str:
    """Restate the owner as a hand does, and return the whole text."""
    text = re.sub(r"^owner: .*$", f'owner: "{owner}"', area(page).input_value(), flags=re.MULTILINE)
    area(page).fill(text)
    return text


def test_a_killed_kernel_is_told_and_what_was_kept_is_there_after_a_reload(page, mara):
    typed(page, "Anna")
    area(page).press("Control+s")
    expect(told(page)).to_have_text(re.compile(r"Version \d+ is saved\."), timeout=PATIENCE)
    saved = mara.find("scenario", RECORD).version
    draft = typed(page, "Berta")
    state = page.locator(".wb-record .state")
    expect(state).to_contain_text("that is not saved", timeout=PATIENCE)
    os.kill(int(page.locator("#pid").inner_text()), signal.SIGKILL)
    area(page).press_sequentially("# more", delay=20)
    expect(page.locator(".wb-record").get_by_role("alert")).to_have_text(SILENT, timeout=10_000)
    assert "# more" in area(page).input_value()
    assert area(page).is_enabled()
    page.reload()
    page.wait_for_selector(".wb-record textarea")
    assert area(page).input_value() == draft
    expect(state).to_contain_text("a draft of ")
    assert mara.find("scenario", RECORD).version == saved
    assert mara.load("scenario", RECORD)["owner"] == "Anna"
    page.get_by_role("button", name="Give up the draft").click()
    expect(state).not_to_contain_text("draft of", timeout=PATIENCE)
    assert 'owner: "Anna"' in area(page).input_value()
    assert mara.verify().is_good


def test_a_page_that_is_reloaded_in_mid_save_has_saved_once_or_not_at_all(page, mara, soaking):
    for number in range(50 if soaking else 3):
        before = mara.find("scenario", RECORD).version
        typed(page, f"Reloaded {number}")
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_timeout((0, 30, 200)[number % 3])
        page.reload()
        page.wait_for_selector(".wb-record textarea")
        versions = mara.find("scenario", RECORD).version - before
        assert versions in {0, 1}
        if versions:
            assert mara.load("scenario", RECORD)["owner"] == f"Reloaded {number}"
    assert mara.verify().is_good


def test_a_conflict_is_seen_and_settled_by_keyboard_and_can_be_read(page, mara, place):
    number = mara.find("scenario", RECORD).version + 1
    with Register.open(place, by="tom") as register:
        other = Record(register, "scenario", RECORD)
        other.save(re.sub(r"(?m)^owner: .*$", 'owner: "Tom"', other.text))
    typed(page, "Mara")
    area(page).press("Control+s")
    expect(told(page)).to_contain_text("-> Tom", timeout=PATIENCE)
    expect(told(page)).to_contain_text("-> Mara")
    assert 'owner: "Mara"' in area(page).input_value()
    assert 'owner: "Tom"' in page.locator(".wb-record pre").inner_text()
    page.evaluate(MEASURES)
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        found = page.evaluate("measured.texts()")
        assert [one for one in found if one["ratio"] < one["least"]] == []
    for name in ("Save", "Undo", "Redo", "Give up the draft", f"Save mine over version {number}"):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(name)
    page.keyboard.press("Enter")
    expect(told(page)).to_have_text(f"Version {number + 1} is saved.", timeout=PATIENCE)
    expect(area(page)).to_be_focused()
    assert mara.load("scenario", RECORD)["owner"] == "Mara"
    assert [one.by for one in mara.history("scenario", RECORD)][:2] == ["mara", "tom"]


@pytest.mark.parametrize("seconds", [1, 5])
def test_a_cut_connection_is_told_and_a_save_in_it_is_answered_once(page, mara, wire, seconds):
    before = mara.find("scenario", RECORD).version
    typed(page, f"Cut for {seconds}")
    cutting = threading.Thread(target=wire.cut, args=(seconds,))
    cutting.start()
    page.get_by_role("button", name="Save", exact=True).click()
    if seconds == 5:
        notice = page.locator(".wb-record").get_by_role("alert")
        expect(notice).to_have_text(SILENT, timeout=10_000)
    expect(told(page)).to_have_text(f"Version {before + 1} is saved.", timeout=PATIENCE)
    expect(page.locator(".wb-record .silence")).to_have_text("")
    cutting.join()
    typed(page, f"After {seconds}")
    area(page).press("Control+s")
    expect(told(page)).to_have_text(f"Version {before + 2} is saved.", timeout=PATIENCE)
    assert mara.find("scenario", RECORD).version == before + 2
    assert mara.verify().is_good


@contextmanager
def served_from(place: str, log: Path):
    """Serve the dashboards of the registered study."""
    command = [sys.executable, "-c", "from workbench.cli import main; main()", "dashboard"]
    command += ["lender", "--register", place, "--port", "0", "--pool", "0"]
    with (
        log.open("w") as target,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=target,
            text=True,
        ) as process,
    ):
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE / 1000)
        found = re.search(r"http://\S+", process.stdout.readline() if ready else "")
        try:
            assert found is not None, log.read_text()
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


def test_a_page_of_a_register_shows_its_checkpoint_and_is_stale_after_an_edit(
    place, mara, visit, tmp_path
):
    root = mara.checkpoint().splitlines()[2]
    with served_from(place, tmp_path / "log") as address:
        page = visit(address).page
        assert root in page.locator(".foot").inner_text()
        assert page.locator("html.stale").count() == 0
        tolerance = mara.load_part("appetite", "lender")
        mara.save_part("lender", tolerance[:-1])
        time.sleep(2)  # the copy follows the register
        page.evaluate("dispatchEvent(new Event('focus'))")
        page.locator("#freshness").wait_for(state="visible")
        assert "The study has changed" in page.locator("#freshness").inner_text()
        mara.save_part("lender", tolerance)
        page.context.close()
