"""Kernels of pages: who may start one when, how many there are, which are never culled."""

import asyncio
import os
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import Instance

from workbench.serving.forks import Forks

PAGE_MEMORY = 250 << 20  # bytes that a kernel with its page may take
FORKED_MEMORY = 100 << 20  # bytes that it takes for itself alone, where it was forked
FEWEST, MOST = 4, 60  # kernels, however small or large the machine is
CGROUP = Path("/sys/fs/cgroup/memory.max")  # what a container may use


class Kernels(AsyncMappingKernelManager):
    """Jupyter's kernels, of which some wait for a viewer and are kept."""

    kept = Instance(set, ())
    promised = Instance(set, ())  # those that are going to be started
    leaving = Instance(set, ())  # those that are being ended
    most: int | None = None  # as many as fit into half of the memory unless told
    forks: Forks | None = None  # where they come from; None where each starts anew

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End an idle kernel whose page is gone, never one that waits for its viewer."""
        if kernel_id not in self.kept:
            cull: Any = super().cull_kernel_if_idle
            await cull(kernel_id)

    def hand_out(self, kernel_id: str) -> None:
        """Give a kernel to a viewer: from now on its idle time counts, and not before.

        A kernel that waited long would otherwise be culled before its page has connected.
        """
        self.kept.discard(kernel_id)
        if kernel_id in self:
            kernel: Any = self.get_kernel(kernel_id)
            kernel.last_activity = datetime.now(UTC)

    def have_room(self, spare: int = 0) -> bool:
        """Say whether one more kernel may be started and `spare` more after it."""
        is_forked = self.forks is not None and self.forks.serve
        most = self.most or most_kernels(FORKED_MEMORY if is_forked else PAGE_MEMORY)
        staying = self.promised.union(self.list_kernel_ids()) - self.leaving
        return len(staying) + spare < most

    async def end(self, kernel_id: str) -> None:
        """End a kernel at once, if it is there."""
        self.kept.discard(kernel_id)
        self.promised.discard(kernel_id)
        try:
            if kernel_id in self:
                shut: Any = self.shutdown_kernel
                await shut(kernel_id, now=True)
        finally:
            self.leaving.discard(kernel_id)


def most_kernels(each: int) -> int:
    """Return how many kernels of `each` bytes fit into half of this machine's memory."""
    limits = [_physical_memory()]
    if CGROUP.is_file() and (text := CGROUP.read_text().strip()).isdigit():
        limits.append(int(text))
    known = [limit for limit in limits if limit]
    fitting = min(known) // 2 // each if known else MOST // 2
    return int(min(max(fitting, FEWEST), MOST))


def _physical_memory() -> int:
    """Bytes of memory, 0 where the system does not tell."""
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return 0
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


class Turns:
    """At most `slots` pages are computed at the same time; viewers go before the pool.

    Twenty kernels that start together would starve each other: each would be ready only when the
    last one is.
    """

    def __init__(self, slots: int) -> None:
        self.free = slots
        self.viewers: deque[asyncio.Future[None]] = deque()
        self.others: dict[object, asyncio.Future[None]] = {}  # by who waits, in their order

    async def take(self, *, for_viewer: bool, who: object = None) -> None:
        """Wait for a turn; who has one gives it back."""
        if self.free:
            self.free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if for_viewer:
            self.viewers.append(turn)
        else:
            self.others[who or turn] = turn
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give()  # it came at the moment when nobody wanted it any more
            raise

    def promote(self, who: object) -> None:
        """Let the page `who` go with the viewers from now on, if it waits: it has got one."""
        if (turn := self.others.pop(who, None)) is not None:
            self.viewers.append(turn)

    def give(self) -> None:
        """Give a turn back: to the viewer who waits longest, or else to the pool."""
        while self.viewers or self.others:
            turn = self.viewers.popleft() if self.viewers else self._first_other()
            if not turn.done():  # it may have gone meanwhile
                turn.set_result(None)
                return
        self.free += 1

    def _first_other(self) -> asyncio.Future[None]:
        return self.others.pop(next(iter(self.others)))
