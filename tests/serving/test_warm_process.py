"""One warm process alone: when it refuses to fork, when it ends, and what it says of that."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from workbench.serving import forks as forks_module
from workbench.serving.forks import WarmProcess, can_fork, pair

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux")

PATIENCE = 60.0  # s, on a machine that is busy


def started(program: str):
    """Start a process with one end of a channel; return the other end and the process."""
    ours, theirs = pair()
    with theirs:
        command = [sys.executable, "-c", program, str(theirs.fileno())]
        alone = os.environ | forks_module.SINGLE
        return ours, subprocess.Popen(command, pass_fds=[theirs.fileno()], env=alone)


def test_a_process_that_is_heard_no_more_before_it_was_heard_is_gone():
    async def story():
        ours, theirs = pair()
        with theirs:
            found = WarmProcess(ours)
            found.end()
            await asyncio.wait_for(found.settled.wait(), PATIENCE)
            assert found.is_gone
            assert theirs.recv(1) == b"", "it is told by the end of its channel"

    asyncio.run(story())


def test_a_study_that_takes_too_long_ends_the_process_that_computes_it():
    program = (
        "import socket, time\nfrom workbench.reports import board\n"
        "from workbench.serving import warm\nboard.open_board = lambda _: time.sleep(60)\n"
        "warm.COMPUTE_WITHIN = 1\nwarm.compute(socket.socketpair()[0], 'study.csv')"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=False)
    assert ended.returncode == -signal.SIGALRM


def test_a_process_with_a_second_thread_refuses_to_fork():
    program = (
        "import socket, sys, threading\nfrom workbench.serving import warm\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "warm.serve(socket.socket(fileno=int(sys.argv[1])))"
    )

    ours, process = started(program)

    async def story():
        found = WarmProcess(ours)
        await found.settled.wait()
        assert not found.is_ready
        assert "2 threads" in found.reason

    asyncio.run(asyncio.wait_for(story(), PATIENCE))
    assert process.wait(PATIENCE) == 0


def test_a_fork_that_is_refused_or_an_order_that_is_too_long_costs_no_kernel_its_process():
    program = (
        "import os, socket, sys\nfrom workbench.serving import warm\nreal = os.fork\n"
        "def refused():\n    os.fork = real\n    raise OSError('no more processes')\n"
        "os.fork = refused\nwarm.serve(socket.socket(fileno=int(sys.argv[1])))"
    )
    ours, process = started(program)

    async def story():
        found = WarmProcess(ours)
        await found.settled.wait()
        assert await found.fork({}) is None
        assert "no more processes" in found.reason
        assert await found.fork({"env": "x" * 200_000}) is None
        assert found.is_ready
        fork = await found.fork({})
        while fork.poll() is None:  # noqa: ASYNC110 - it is told by a message
            await asyncio.sleep(0.05)
        assert fork.poll() == 0
        found.end()

    asyncio.run(asyncio.wait_for(story(), PATIENCE))
    assert process.wait(PATIENCE) == 0
