"""Kernels that are forked: siblings, yet each as if it had been started by itself."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from workbench.serving import forks as forks_module
from workbench.serving.forks import Forks, can_fork
from workbench.serving.kernels import Kernels
from workbench.serving.settings import FORKING

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux")

PATIENCE = 60.0  # s, on a machine that is busy
STUDY = (
    "id,name,aro_low,aro_mode,aro_high,asset_value,ef_low,ef_mode,ef_high,likelihood,consequence\n"
    "a,Theft of data,0.1,0.2,0.5,{value},0.1,0.2,0.4,3,4\n"
    "b,Wrong advice,1,3,8,400000,0.01,0.04,0.2,5,2\n"
)
FIGURES = """
import sys
import numpy
numpy.set_printoptions(precision=17, threshold=sys.maxsize)
from workbench.reports.board import open_board
board = open_board({study!r})
total = board.result.portfolio
print(repr([float(total.mean()), float(total.var(0.95)), board.band, board.curve_points]))
"""
SURROUNDINGS = """
import json, os, signal, sys, threading
import ipywidgets
print(json.dumps({
    "argv": sys.argv,
    "path": sys.path,
    "main": sys.modules["__main__"].__name__,
    "folder": os.getcwd(),
    "environment": {k: v for k, v in os.environ.items() if k != "JPY_PARENT_PID"},
    "parent": int(os.environ["JPY_PARENT_PID"]) - os.getppid(),
    "leads": [os.getpgrp() == os.getpid(), os.getsid(0) == os.getpid()],
    "signals": {s.name: str(signal.getsignal(s)) for s in signal.Signals if s.name != "SIGINT"},
    "threads": sorted(type(t).__name__ for t in threading.enumerate()),
    "comms": sorted(get_ipython().kernel.comm_manager.targets),
    "input": os.read(0, 1).decode(),
}))
"""


async def eventually(what) -> None:
    """Wait until `what()` is true."""
    while not what():  # noqa: ASYNC110
        await asyncio.sleep(0.05)


class Household:
    """A kernel manager with its warm processes, in an event loop that stands between calls."""

    def __init__(self, folder: Path, *, warm: bool = True) -> None:
        self.runner = asyncio.Runner()
        self.study = folder / "study.csv"
        self.study.write_text(STUDY.format(value=1000))
        self.forks = Forks(self.study) if warm else None
        self.run(self._open(folder))

    def run(self, job):
        return self.runner.run(asyncio.wait_for(job, PATIENCE))

    async def _open(self, folder: Path) -> None:
        self.kernels = Kernels(
            root_dir=str(folder), kernel_manager_class=FORKING, connection_dir=str(folder)
        )
        self.kernels.forks = self.forks
        if self.forks is not None:
            self.forks.open()

    def renew(self, digest: str) -> None:
        async def job():
            self.forks.renew(digest)

        self.run(job())

    async def renewed(self, digest: str) -> None:
        """Wait until the study has been computed anew."""
        older = self.forks._current
        self.forks.renew(digest)
        await eventually(lambda: self.forks._current is not older)

    async def started(self, **environment: str):
        """Start a kernel; return its manager."""
        variables = {**os.environ, **environment}
        return self.kernels.get_kernel(await self.kernels.start_kernel(path="", env=variables))

    async def say(self, kernel, code: str) -> str:
        """Return what a kernel prints; the error if there is one."""
        client = kernel.client()
        client.start_channels()
        printed: list[str] = []
        try:
            await client.wait_for_ready(PATIENCE)
            reply = await client.execute_interactive(
                code,
                store_history=False,
                timeout=PATIENCE,
                output_hook=lambda m: printed.append(m["content"].get("text", "")),
            )
        finally:
            client.stop_channels()
        content = reply["content"]
        return "".join(printed).strip() if content["status"] == "ok" else content["ename"]

    def ask(self, code: str, **environment: str) -> str:
        """Return what a new kernel prints."""

        async def job():
            return await self.say(await self.started(**environment), code)

        return self.run(job())

    def close(self) -> None:
        self.run(self.kernels.shutdown_all(now=True))
        if self.forks is not None:
            self.forks.close()
        self.runner.close()


@pytest.fixture
def household(tmp_path_factory):
    """Return a function that makes households; all of them are closed."""
    made = []

    def make(**options):
        made.append(Household(tmp_path_factory.mktemp("h"), **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Return a household that has computed its study."""
    made = Household(tmp_path_factory.mktemp("h"))
    made.renew("first")
    yield made
    made.close()


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return int(status.rpartition(")")[2].split()[1])


def test_kernels_come_from_one_process_and_end_one_by_one(shared):
    async def story():
        first, second = await shared.started(), await shared.started()
        parents = {parent_of(each.provisioner.pid) for each in (first, second)}
        assert len(parents) == 1, "both from the process that computed the study"
        assert parent_of(parents.pop()) == shared.forks._process.pid
        await shared.kernels.shutdown_kernel(first.kernel_id, now=True)
        assert not is_there(first.provisioner.pid), "reaped"
        assert await shared.say(second, "print(1)") == "1"

    shared.run(story())


def test_a_forked_kernel_finds_what_a_kernel_finds_that_was_started_by_itself(shared, household):
    asked = {"WORKBENCH_ASKED": "for this", "OPENBLAS_NUM_THREADS": "7"}
    forked = json.loads(shared.ask(SURROUNDINGS, **asked))
    alone = json.loads(household(warm=False).ask(SURROUNDINGS, **asked))
    for found in (forked, alone):
        found["argv"][-1] = Path(found["argv"][-1]).name[:7]
        found["folder"] = Path(found["folder"]).name[:1]
        for name in ("JPY_SESSION_NAME", "PYTEST_CURRENT_TEST"):
            found["environment"].pop(name, None)
    assert forked["environment"]["WORKBENCH_ASKED"] == "for this"
    assert forked == alone


def test_no_two_kernels_draw_the_same_legacy_random_numbers(shared):
    code = "import numpy, random; print(numpy.random.random(), random.random())"
    draws = [shared.ask(code).split() for _ in range(2)]
    assert draws[0][0] != draws[1][0]
    assert draws[0][1] != draws[1][1]


def test_after_an_edit_figures_are_those_of_a_process_that_never_saw_the_older_study(household):
    home = household()
    home.renew("before")
    code = FIGURES.format(study=str(home.study))
    before = home.ask(code)
    home.study.write_text(STUDY.format(value=1234))
    alone = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    after = alone.stdout.strip()
    assert after != before
    assert home.ask(code) == after, "from the process that computed the older study"
    home.run(home.renewed("after"))
    assert home.ask(code) == after


def test_a_process_that_is_out_of_date_stays_for_its_kernels_and_then_goes(household):
    home = household()

    async def story():
        home.forks.renew("before")
        kernel = await home.started()
        older = home.forks._current
        await home.renewed("after")
        assert await home.say(kernel, "print(1)") == "1"
        assert not older.is_gone
        await home.kernels.shutdown_kernel(kernel.kernel_id, now=True)
        await eventually(lambda: older.is_gone)
        await eventually(lambda: len(home.forks._base.forks) == 1)  # the one that is up to date

    home.run(story())


def test_two_edits_at_once_leave_one_process_that_is_up_to_date(household):
    home = household()

    async def story():
        for digest in ("first", "second"):  # in one turn of the loop
            home.forks.renew(digest)
        await eventually(lambda: home.forks._current is not None and not home.forks._jobs)
        await eventually(lambda: len(home.forks._base.forks) == 1)
        assert home.forks._current.is_ready

    home.run(story())


def test_a_study_is_computed_again_where_the_process_that_had_computed_it_is_lost(household):
    home = household()

    async def story():
        await home.renewed("same")
        (process,) = home.forks._base.forks
        os.kill(process, signal.SIGKILL)
        await eventually(lambda: home.forks._current is None)
        home.forks.renew("same")
        await eventually(lambda: home.forks._current is not None)
        (another,) = home.forks._base.forks
        assert another != process

    home.run(story())


def test_a_crash_is_noticed_with_its_code_and_another_kernel_comes_in_its_place(shared):
    async def story():
        kernel, lost = await shared.started(), asyncio.Event()
        await shared.say(kernel, "1")
        before, fork = kernel.provisioner.pid, kernel.provisioner.process
        shared.kernels.add_restart_callback(kernel.kernel_id, lost.set, "restart")
        client = kernel.client()
        client.start_channels()
        client.execute("import os; os._exit(3)")
        await lost.wait()
        client.stop_channels()
        assert fork.returncode == 3
        await eventually(lambda: kernel.provisioner.pid != before)
        assert await shared.say(kernel, "print(2)") == "2"

    shared.run(story())


def test_an_interrupt_reaches_the_kernel_and_no_other(shared):
    async def story():
        kernel, other = await shared.started(), await shared.started()
        await shared.say(other, "1")
        waiting = asyncio.create_task(
            shared.say(kernel, "print('on'); import time; time.sleep(60)")
        )
        while not waiting.done():
            await asyncio.sleep(0.3)
            await kernel.interrupt_kernel()
        assert waiting.result() == "KeyboardInterrupt"
        assert await shared.say(other, "print(3)") == "3"

    shared.run(story())


def test_without_the_warm_process_kernels_start_the_ordinary_way_and_the_log_says_so_once(
    household, caplog
):
    home = household()
    home.renew("first")

    async def story():
        kernel = await home.started()
        fork = kernel.provisioner.process
        home.kernels.kept.add(kernel.kernel_id)
        home.forks._process.kill()
        await eventually(lambda: fork.poll() is not None)
        assert not home.forks.serve
        return [await home.started(), await home.started()]

    for kernel in home.run(story()):
        assert parent_of(kernel.provisioner.pid) == os.getpid()
        assert home.run(home.say(kernel, "print(4)")) == "4"
    said = [record for record in caplog.records if record.name == forks_module.__name__]
    assert [record.levelno for record in said] == [logging.WARNING]


def test_a_study_that_fails_is_logged_and_one_that_never_ends_delays_nobody_for_long(
    household, caplog, monkeypatch
):
    monkeypatch.setattr(forks_module, "PATIENCE", 3.0)
    home = household()
    home.study.write_text("nonsense")
    home.renew("first")
    assert home.ask("print(5)") == "5"
    assert "could not be computed ahead: FileRefused" in caplog.text
    home.study.unlink()
    os.mkfifo(home.study)  # who reads it waits for ever
    home.renew("second")
    assert home.ask("print(6)") == "6"
    home.study.unlink()


def test_nothing_is_left_of_a_server_that_was_killed(small_page, tmp_path, launch):
    running = launch(small_page, tmp_path / "log", pool=2)

    def family():
        listed = subprocess.run(
            ["ps", "-e", "-o", "pid=,ppid=,comm="], capture_output=True, text=True, check=True
        ).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()]
        found = {running.process.pid}
        for _ in rows:
            found |= {int(pid) for pid, parent, _ in rows if int(parent) in found}
        kernels = [pid for pid, _, name in rows if int(pid) in found and name == "ipykernel"]
        return found, len(kernels)

    until(lambda: family()[1] == 2)
    members, _ = family()
    assert len(members) == 5, "the server, two warm processes, two kernels"
    running.process.kill()
    running.process.wait()
    until(lambda: not any(is_running(pid) for pid in members))


def until(what):
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    with suppress(FileNotFoundError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return False
