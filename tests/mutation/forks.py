"""Forked processes, so many at a time: what each answers, or that it ended or took too long."""

import multiprocessing
import os
import pickle
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection, process
from pathlib import Path
from typing import Any

FORKS = multiprocessing.get_context("fork")


@dataclass
class Job:
    """What is to be done in a fork, within so many seconds; then its answer and its exit code.

    `code` is None where the time ran out. `answer` is None unless `work` came to its end.
    """

    work: Callable[[], object]
    limit: float
    about: Any = None
    answer: Any = None
    code: int | None = None
    seconds: float = 0.0


def answer_into(file: Path, work: Callable[[], object]) -> None:
    """Run in the fork: as the head of a group of processes, quietly."""
    os.setsid()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    file.write_bytes(pickle.dumps(work()))


@dataclass
class Running:
    """A job that has begun."""

    job: Job
    process: process.BaseProcess
    file: Path
    begun: float

    def ended(self) -> bool:
        """Say whether it is over; end it when its time has run out."""
        self.job.seconds = time.monotonic() - self.begun
        if self.process.exitcode is None and self.job.seconds < self.job.limit:
            return False
        self.job.code = self.process.exitcode
        with suppress(ProcessLookupError):  # with what it may have started
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.join()
        if self.file.is_file() and self.job.code == 0:
            self.job.answer = pickle.loads(self.file.read_bytes())
        return True


def run_all(jobs: Iterable[Job], at_a_time: int) -> Iterator[Job]:
    """Run the jobs; yield each when it is over."""
    waiting, running = iter(jobs), list[Running]()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(10**9):
            while len(running) < at_a_time and (job := next(waiting, None)):
                file = Path(folder) / f"{number}-{len(running)}"
                fork = FORKS.Process(target=answer_into, args=(file, job.work))
                fork.start()
                running.append(Running(job, fork, file, time.monotonic()))
            if not running:
                return
            connection.wait([one.process.sentinel for one in running], timeout=0.5)
            over = [one for one in running if one.ended()]
            running = [one for one in running if one not in over]
            yield from (one.job for one in over)
