"""Pages that wait for their viewers."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from workbench.serving.kernels import Kernels
from workbench.serving.rendering import Rendering
from workbench.serving.source import Signature, Source

LOOK_EVERY = 1.0  # s between two looks at the study file
REFILL_AFTER = 2.0  # s in which a page that was handed out has the machine to itself
AGAIN_AFTER = 60.0  # s until a page that failed is tried again with the same study
LEAVE_WITHIN = 1.0  # s that the end of the server waits for pages that are being ended
Make = Callable[[str, str], Rendering]  # notebook, digest of the source
log = logging.getLogger(__name__)


class Pool:
    """For each notebook up to `size` pages, computed from the study as it is now.

    Pages that were computed from another version are ended, also those that are being computed
    when the edit comes. A notebook whose page failed is tried again after the next edit, or later.
    """

    def __init__(
        self, notebooks: list[str], size: int, make: Make, source: Source, kernels: Kernels
    ) -> None:
        self.size = size
        self.pages: dict[str, list[Rendering]] = {name: [] for name in notebooks}
        self._make, self._source, self._kernels = make, source, kernels
        self._hopeless: dict[
            str, tuple[str, float]
        ] = {}  # notebook: digest that failed, until when
        self._seen: Signature | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._endings: set[asyncio.Task[None]] = set()
        self._filler: asyncio.Task[None] | None = None

    async def take(self, notebook: str, digest: str) -> Rendering | None:
        """Return a page that was computed from `digest`, or None; what is stale is ended aside."""
        self._drop_others_than(digest)
        waiting = self.pages[notebook]
        if not waiting:
            return None
        waiting.sort(key=lambda page: not page.is_done)  # whole pages first
        page = waiting.pop(0)
        page.promote()
        self.refill(REFILL_AFTER)
        return page

    def make_room(self) -> bool:
        """End one page that waits, so that a viewer of another notebook finds room."""
        name = max(self.pages, key=lambda name: len(self.pages[name]), default=None)
        if name is None or not self.pages[name]:
            return False
        self._end(name, min(self.pages[name], key=lambda page: page.is_done))
        return True

    def refill(self, delay: float = 0.0) -> None:
        """Fill up in the background, if that is not going on."""
        if self.size and (self._filler is None or self._filler.done()):
            self._filler = self._spawn(self._fill(delay), self._tasks)

    async def look(self) -> None:
        """Compare the files with the last look; after an edit, renew the pages."""
        seen = self._source.signature()
        if seen == self._seen:
            self.refill()
            return
        self._seen = seen
        self._drop_others_than(await self._source.digest())
        self.refill(LOOK_EVERY / 2)

    async def watch(self) -> None:
        """Look from time to time, for ever; a fault that stays is logged once."""
        known = ""
        while True:
            try:
                await self.look()
            except Exception as fault:  # a full disk, say, or too many open files
                if repr(fault) != known:
                    log.exception("the study could not be looked at; it is tried again")
                known = repr(fault)
            else:
                known = ""
            await asyncio.sleep(LOOK_EVERY)

    def open(self) -> None:
        """Begin to fill and to watch."""
        if self.size:
            self._spawn(self.watch(), self._tasks)

    async def close(self) -> None:
        """Stop filling and watching; the kernels that are left are ended by their manager."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._endings:
            await asyncio.wait(self._endings, timeout=LEAVE_WITHIN)

    def _spawn(
        self, job: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]
    ) -> asyncio.Task[None]:
        task = asyncio.create_task(job)
        among.add(task)
        task.add_done_callback(among.discard)
        return task

    def _lacking(self, digest: str) -> str | None:
        """Return the notebook with the fewest pages, None if all have theirs."""
        now = time.monotonic()
        failed = {
            n for n, (version, until) in self._hopeless.items() if version == digest and now < until
        }
        hopeful = [name for name in self.pages if name not in failed]
        least = min(hopeful, key=lambda name: len(self.pages[name]), default=None)
        return least if least and len(self.pages[least]) < self.size else None

    async def _fill(self, delay: float) -> None:
        """Compute one page after the other until none is lacking."""
        await asyncio.sleep(delay)
        while True:
            state = await self._source.state()
            name = self._lacking(state.digest)
            if name is None or state.faults or not self._kernels.have_room(spare=1):
                return
            page = self._make(name, state.digest)
            self.pages[name].append(page)
            await page.finished()
            if page.has_failed and page in self.pages[name]:
                self._hopeless[name] = (state.digest, time.monotonic() + AGAIN_AFTER)
                self._end(name, page)

    def _drop_others_than(self, digest: str) -> None:
        for name, waiting in self.pages.items():
            stale = [page for page in waiting if page.source != digest or page.has_failed]
            for page in stale:
                self._end(name, page)

    def _end(self, notebook: str, page: Rendering) -> None:
        """End a page aside: a kernel takes a moment to go, and nobody is to wait for that."""
        self.pages[notebook].remove(page)
        self._spawn(page.end(), self._endings)
