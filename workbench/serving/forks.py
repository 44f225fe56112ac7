"""The server's side of the warm processes (`serving.warm`): which one forks the next kernel.

Two of them run as a rule. The base has imported what pages need and computed nothing. It forks one
that computes the study, and another one after each edit; the last that has succeeded forks the
kernels. One that is out of date stays as long as a kernel of it does, since it tells how that ends.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.serving.warm import LARGEST

START_WITHIN = 60.0  # s that the base may take for its imports
PATIENCE = 15.0  # s that a kernel waits for the first study to be computed
SINGLE = {  # what numpy's libraries and the debugger need for an import without threads or words
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
# Without the working folder among the places that imports come from, as Jupyter starts a kernel.
START = (
    "import sys; sys.path[:] = filter(None, sys.path); "
    "from workbench.serving.warm import main; main(int(sys.argv[1]))"
)
STARTING = "it is not ready yet"
log = logging.getLogger(__name__)


def can_fork() -> bool:
    """Say whether this system can fork kernels and tell how they end."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def do_nothing() -> None:
    """Do nothing."""


class Fork:
    """A forked process, with what jupyter_client asks of a `Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self.returncode

    wait = poll  # is called once `poll` has an answer

    def send_signal(self, number: int) -> None:
        """Signal the process, if it runs."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class WarmProcess:
    """One warm process: what it was asked, what it forked, whether it can be asked."""

    when_lost: Callable[[], None]  # called where it ends by itself

    def __init__(self, channel: socket.socket) -> None:
        channel.setblocking(False)
        self.settled = asyncio.Event()  # it is ready, or has failed
        self.is_ready = self.is_gone = False
        self.reason = STARTING  # why it cannot be asked, or has refused
        self.when_lost = do_nothing
        self.forks: dict[int, Fork] = {}
        self._channel, self._began = channel, asyncio.get_running_loop().time()
        self._asked: deque[asyncio.Future[Fork | None]] = deque()
        self._is_retired = False
        self._listening = asyncio.create_task(self._listen())

    async def fork(self, order: dict[str, Any], *descriptors: int) -> Fork | None:
        """Return what it forked for an order, None if it cannot."""
        text = json.dumps(order).encode()
        if len(text) > LARGEST:
            self.reason = "the environment is too large for an order"
            return None
        try:
            socket.send_fds(self._channel, [text], descriptors)
        except OSError:
            return None
        answer: asyncio.Future[Fork | None] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        return await answer

    async def wait(self, within: float) -> None:
        """Wait until it is ready or has failed, at most so many seconds after it was begun."""
        left = self._began + within - asyncio.get_running_loop().time()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.settled.wait(), max(left, 0.0))

    def retire(self) -> None:
        """Let it end with the last of its kernels."""
        self._is_retired = True
        if not self.forks:
            self.end()

    def end(self) -> None:
        """Hear it no more, upon which it ends."""
        self._is_retired = True
        self._listening.cancel()
        self._lose()  # a task that is cancelled before it began would not do it

    async def _listen(self) -> None:
        receive = asyncio.get_running_loop().sock_recv
        try:
            while text := await receive(self._channel, LARGEST):
                for kind, said in json.loads(text).items():
                    self._hear(kind, said)
        except OSError:
            pass  # as good as its end
        finally:
            self._lose()

    def _hear(self, kind: str, said: Any) -> None:
        if kind == "ready":
            self.is_ready = True
            self.settled.set()
        elif kind in {"failed", "refused"}:
            self.reason = said
        if kind in {"forked", "refused"}:
            fork = Fork(said) if kind == "forked" else None
            answer = self._asked.popleft()
            if fork is not None:
                self.forks[said] = fork
            if not answer.done():
                answer.set_result(fork)
            elif fork is not None:  # nobody waits for it any more
                fork.kill()
        elif kind == "ended":
            process, code = said
            self.forks.pop(process).returncode = code
            if self._is_retired and not self.forks:
                self.end()

    def _lose(self) -> None:
        """Take note of its end; the system ends what it forked."""
        if self.is_gone:
            return
        if self.reason == STARTING:  # else it has said why
            self.reason = "it has ended"
        self.is_gone, self.is_ready = True, False
        self._channel.close()
        for fork in self.forks.values():
            fork.returncode = -signal.SIGKILL
        for answer in self._asked:
            if not answer.done():
                answer.set_result(None)
        self.settled.set()
        if not self._is_retired:
            self.when_lost()


class Forks:
    """The kernels of a server by forking, where that is possible."""

    def __init__(self, study: Path) -> None:
        self._study = study
        self._digest = ""
        self._base: WarmProcess | None = None
        self._current: WarmProcess | None = None
        self._coming: WarmProcess | None = None
        self._jobs: set[asyncio.Task[None]] = set()
        self._is_told = False
        ours, theirs = pair()
        with theirs:
            command = [sys.executable, "-c", START, str(theirs.fileno())]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                env=os.environ | SINGLE,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the server
            )
        self._channel = ours

    @property
    def serve(self) -> bool:
        """Whether kernels are forked, or are going to be."""
        return self._base is None or not self._base.is_gone

    def open(self) -> None:
        """Begin to listen, within the event loop."""
        self._base = WarmProcess(self._channel)

    def renew(self, digest: str) -> None:
        """Have the study computed, aside, unless that was asked for with the same digest."""
        if digest == self._digest or self._base is None or self._base.is_gone:
            return
        self._digest = digest
        job = asyncio.create_task(self._renew(self._base))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _renew(self, base: WarmProcess) -> None:
        ours, theirs = pair()
        before, self._coming = self._coming, (coming := WarmProcess(ours))
        if before is not None:
            before.retire()
        with theirs:
            fork = await base.fork({"study": str(self._study)}, theirs.fileno())
        await coming.settled.wait()
        if self._coming is not coming:  # another edit came
            with suppress(ProcessLookupError):
                if fork is not None:
                    fork.kill()
            return
        self._coming = None
        if not coming.is_ready:
            if not base.is_gone:
                log.warning("the study could not be computed ahead: %s", coming.reason)
            return
        before, self._current = self._current, coming
        coming.when_lost = self._forget
        if before is not None:
            before.retire()

    def _forget(self) -> None:
        """Let the study be computed again, by another process, when it is looked at next."""
        log.info("the process that had computed the study has ended")
        self._current, self._digest = None, ""

    async def launch(self, arguments: list[str], cwd: str, env: dict[str, str]) -> Fork | None:
        """Return a new kernel, None where another way must be taken."""
        await self._first()
        order = {"arguments": arguments, "cwd": cwd, "env": env}
        for process in (self._current, self._base):
            if process is not None and process.is_ready and (fork := await process.fork(order)):
                return fork
        if not self._is_told:
            self._is_told = True
            reason = "there is none" if self._base is None else self._base.reason
            log.warning("kernels start anew, not from the warm process: %s", reason)
        return None

    async def _first(self) -> None:
        """Wait for the first study that is computed: as long as a page would compute it itself."""
        if self._base is None or self._current is not None:
            return
        await self._base.wait(START_WITHIN)
        if self._coming is not None:
            await self._coming.wait(PATIENCE)

    def close(self) -> None:
        """End all of them; the system ends what is left of their kernels."""
        for process in (self._base, self._current, self._coming):
            if process is not None:
                process.end()
        self._process.kill()
        self._process.wait()


def pair() -> tuple[socket.socket, socket.socket]:
    """Return both ends of a channel that keeps messages apart."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
