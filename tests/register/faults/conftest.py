"""Processes that are killed, a disk that fails, and what is to be true after either."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbench.register import Register

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PATIENCE = 60.0  # seconds until a process that does nothing is a fault


def wait_for(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"waited {patience:.0f} s: {what}"
        time.sleep(0.002)


class Workers:
    """The process of worker.py, and the ones that it forks, whose keys are in a stated folder."""

    def __init__(self, keys: Path | None = None, **environment: str) -> None:
        given = {"PYTHONPATH": str(ROOT)}
        self.keys, self._started = keys, list[int]()
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | given | environment,
            process_group=0,
        )
        self._answer()

    def start(self, call: str, **told: object) -> int:
        """Fork a worker; return the id of its process."""
        assert self.process.stdin is not None
        told |= {"call": call, "keys": str(self.keys)}
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        self._started.append(int(self._answer()))
        return self._started[-1]

    def kill(self, worker: int) -> None:
        """End a worker at once, and wait until it is gone."""
        os.kill(worker, signal.SIGKILL)
        self.join(worker)

    def join(self, worker: int, patience: float = PATIENCE) -> None:
        """Wait until a worker has ended."""
        wait_for(lambda: not is_running(worker), "a worker does not end", patience)

    def end(self) -> None:
        """End all workers, and leave the process that forks them."""
        for one in filter(is_running, self._started):
            self.kill(one)
        self._started.clear()

    def close(self) -> None:
        """End all of them."""
        self.process.communicate(timeout=PATIENCE)

    def _answer(self) -> str:
        assert self.process.stdout is not None
        answer = self.process.stdout.readline()
        assert answer, "the process of the workers has ended"
        return answer


def is_running(process: int) -> bool:
    """Whether a process is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="session")
def parent() -> Iterator[Workers]:
    """Return a process that forks workers: loading all that they need takes two seconds."""
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    made = Workers()
    yield made
    made.close()


@pytest.fixture
def workers(parent: Workers, keys: Path) -> Iterator[Workers]:
    """Return what starts the workers of a test, which end with it."""
    parent.keys = keys
    yield parent
    parent.end()


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return shim.c as a library that stands between a process and the disk."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("no C compiler of Linux on this machine (looked for cc)")
    made = tmp_path_factory.mktemp("shim") / "shim.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(made), str(HERE / "shim.c"), "-ldl"]
    subprocess.run(command, check=True)
    return made


@pytest.fixture(scope="session")
def make_workers() -> type[Workers]:
    """Return how workers are started: the folder of keys, and what stands in their environment."""
    return Workers


@pytest.fixture(scope="session")
def is_whole() -> Callable[[str, set[str]], int]:
    """Return the check after every fault."""

    def check(place: str, acknowledged: set[str]) -> int:
        """All that was acknowledged is there, nothing is half there; return the entries."""
        with Register.open(place, reads_only=True) as register:
            log = register.log()
            assert [entry.seq for entry in log] == list(range(len(log)))
            assert acknowledged - {entry.leaf().hex() for entry in log} == set()
            verdict = register.verify()
            assert verdict.faults == ()
            return verdict.entries

    return check
