"""A warm process: it has imported and computed what pages need, and forks their kernels.

The server starts one (`main`, with the end of a socket) and sends it orders, one JSON object a
message: fork a kernel; or fork a process like this one that computes a study and then takes orders
of its own, on a socket that comes along. What it answers: `ready`, once it takes orders; `forked`,
with the process, or `refused` to each; `ended`, with its exit code; or `failed`, and why.

A fork copies one thread, and every lock as it is at that moment. So this process never has a second
thread, nor sockets of a kernel, and refuses to serve where it finds that it has.
"""

import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

LARGEST = 1 << 17  # bytes of a message
LONGEST_REASON = 500  # characters of what a study brings to the log
COMPUTE_WITHIN = 120  # s that a study may take to be computed ahead
END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
GOES_FIRST = "200"  # where memory ends: a kernel, before the process that the others come from
IMPORTED = (  # what a kernel imports by itself, and then for its page
    *("ipykernel.kernelapp", "ipykernel.debugger", "ipykernel_launcher"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.extensions.storemagic"),
    *("psutil", "sqlite3", "tornado.platform.asyncio", "zmq.utils.garbage"),
    *("workbench.reports.board", "workbench.files.yaml_text", "workbench_widgets"),
)
Order = dict[str, Any]


def main(descriptor: int) -> None:
    """Take orders until the server closes its end; a child carries out its own and ends."""
    channel, before = socket.socket(fileno=descriptor), dict(os.environ)
    for name in IMPORTED:
        importlib.import_module(name)
    set_by_imports = dict(os.environ.items() - before.items())
    while (found := serve(channel)) is not None:
        order, given = found
        channel.close()
        if "study" not in order:
            run_kernel(order, set_by_imports)
            return
        channel = socket.socket(fileno=given[0])
        if not compute(channel, order["study"]):
            return


def serve(channel: socket.socket) -> tuple[Order, list[int]] | None:
    """Fork a child for each order; return the order and its descriptors in the child, else None."""
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        tell(channel, failed=f"it has {threads} threads and cannot be forked")
        return None
    gc.collect()
    gc.freeze()  # a collection in a child would write to every page that it shares
    tell(channel, ready=os.getpid())
    with selectors.PollSelector() as news:
        news.register(channel, selectors.EVENT_READ)
        while True:
            for key, _ in news.select():
                if key.data is not None:
                    news.unregister(key.fd)
                    _end(channel, key.fd, key.data)
                    continue
                text, given = _heard(channel)
                if not text:
                    return None
                if (child := _forked(channel)) == 0:
                    _close(watched.fd for watched in news.get_map().values() if watched.data)
                    return json.loads(text), given
                if child is not None:
                    news.register(os.pidfd_open(child), selectors.EVENT_READ, child)
                _close(given)


def _close(descriptors: Iterable[int]) -> None:
    for each in descriptors:
        os.close(each)


def _forked(channel: socket.socket) -> int | None:
    """Fork and say so; return as `os.fork` does, None where the system refuses."""
    try:
        child = fork()
    except OSError as fault:  # no memory, or too many processes
        tell(channel, refused=str(fault))
        return None
    if child:
        tell(channel, forked=child)
    return child


def _heard(channel: socket.socket) -> tuple[bytes, list[int]]:
    """Return a message and its descriptors; without a text if the server has gone."""
    try:
        text, given, _, _ = socket.recv_fds(channel, LARGEST, 1)
    except ConnectionError:
        return b"", []
    return text, given


def tell(channel: socket.socket, **news: object) -> None:
    """Send one message to the server."""
    with suppress(ConnectionError):  # it has gone, and the next look at the channel tells so
        channel.send(json.dumps(news).encode())


def _end(channel: socket.socket, watched: int, child: int) -> None:
    os.close(watched)
    _, status = os.waitpid(child, 0)
    tell(channel, ended=[child, os.waitstatus_to_exitcode(status)])


def fork() -> int:
    """Fork; the child ends when this process does, however that comes about."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:  # it ended in between
            os._exit(1)
    return child


def compute(channel: socket.socket, study: str) -> bool:
    """Compute a study as a page does, so that its children find the results; say whether it went.

    Results are kept by their inputs: after an edit they help where these are the same, and are not
    found where they are not.
    """
    from workbench.reports.board import open_board

    signal.alarm(COMPUTE_WITHIN)  # it ends the process
    try:
        board = open_board(study)
        _ = board.blocks
        for factor in (0.5, 2.0):  # far to both sides a year may need another grid
            for slider in board.drivers:
                board.answer({slider.name: factor})
            board.answer({slider.name: factor for slider in board.drivers})
    except Exception as fault:  # noqa: BLE001  # whatever a study may hold: its pages tell
        tell(channel, failed=f"{type(fault).__name__}: {fault}".partition("\n")[0][:LONGEST_REASON])
        return False
    signal.alarm(0)
    return True


def run_kernel(order: Order, set_by_imports: dict[str, str]) -> None:
    """Be what `python -m ipykernel_launcher ARGUMENTS` would be, with this folder and environment.

    Widgets are told of the kernel by an extension: they were imported when there was none.
    """
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"], JPY_PARENT_PID=str(os.getppid()), **set_by_imports)
    np.random.seed()  # noqa: NPY002  # else all kernels would draw the same from it
    with suppress(OSError):
        Path("/proc/self/comm").write_text("ipykernel", encoding="ascii")
        Path("/proc/self/oom_score_adj").write_text(GOES_FIRST, encoding="ascii")
    launcher = importlib.import_module("ipykernel_launcher")
    sys.argv = [str(launcher.__file__), *order["arguments"]]
    IPKernelApp.launch_instance(
        sys.argv[1:], parent_handle=os.getppid(), extra_extensions=["ipywidgets"]
    )
