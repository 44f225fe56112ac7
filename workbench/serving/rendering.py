"""One page that is being made: its kernel, and its HTML part by part as it comes."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Protocol

from workbench.serving.kernels import Kernels, Turns

# As the page's HTML has it, or the JSON in which Voila sends a cell's HTML along.
CARRIED = re.compile(r"""data-source=(?:\\?"|\\u0022|\\u0027|')([0-9a-f]{64})""")


class Renderer(Protocol):
    """What a rendering needs of `serving.notebook.Notebook`."""

    fault: str  # why a cell failed, "" if none did

    def pieces(self, kernel_id: str, kernel: Callable[[], Awaitable[Any]]) -> AsyncIterator[str]:
        """Give the page's HTML; ask for the kernel once it is needed."""
        ...


class Rendering:
    """A page with a kernel of its own.

    `source` is what it was computed from: the digest that the page itself carries, as soon as that
    part is there, and until then that of the file when the rendering began.
    """

    def __init__(
        self, renderer: Renderer, kernels: Kernels, turns: Turns, source: str, *, for_viewer: bool
    ) -> None:
        self.kernel_id = str(uuid.uuid4())
        self.source = source
        self.is_done = False
        self._renderer, self._kernels, self._turns = renderer, kernels, turns
        self._for_viewer = for_viewer
        self._parts: list[str] = []
        self._news = asyncio.Event()
        self._starting: asyncio.Task[Any] | None = None
        self._has_turn = self._is_lost = False
        kernels.promised.add(self.kernel_id)
        kernels.kept.add(self.kernel_id)
        self._task = asyncio.create_task(self._run())

    @property
    def error(self) -> BaseException | None:
        """What ended the rendering before its end, such as a kernel that did not start."""
        done = self._task.done() and not self._task.cancelled()
        return self._task.exception() if done else None

    @property
    def has_failed(self) -> bool:
        """Say whether this page shows a fault in place of figures, or its kernel has gone."""
        is_gone = self._starting is not None and self._starting.done()
        is_gone = is_gone and self.kernel_id not in self._kernels
        return bool(self._is_lost or is_gone or self.error or self._renderer.fault)

    async def finished(self) -> None:
        """Wait until the page is whole, or has failed."""
        await asyncio.wait([self._task])

    async def parts(self, patience: float) -> AsyncIterator[str | None]:
        """Give the HTML as it comes, and None after each `patience` seconds without any."""
        given = 0
        while given < len(self._parts) or not self.is_done:
            if given < len(self._parts):
                fresh = "".join(self._parts[given:])
                given = len(self._parts)
                yield fresh
                continue
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), patience)
            except TimeoutError:
                yield None

    def promote(self) -> None:
        """Take note that a viewer waits for this page from now on."""
        self._for_viewer = True
        self._turns.promote(self)

    def end(self) -> Coroutine[Any, Any, None]:
        """Stop and take the kernel along, also one that is just starting.

        It makes room at once; what is returned is awaited for its being gone.
        """
        self._kernels.leaving.add(self.kernel_id)
        return self._end()

    async def _end(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        if self._starting is not None:
            await asyncio.wait([self._starting])
        await self._kernels.end(self.kernel_id)

    async def _run(self) -> None:
        try:
            async for part in self._renderer.pieces(self.kernel_id, self._kernel):
                self._parts.append(part)
                if carried := CARRIED.search(part):
                    self.source = carried[1]
                self._news.set()
        finally:
            self.is_done = True
            self._news.set()
            self._kernels.promised.discard(self.kernel_id)
            if self._has_turn:
                self._has_turn = False
                self._turns.give()

    async def _kernel(self) -> Any:
        await self._turns.take(for_viewer=self._for_viewer, who=self)
        self._has_turn = True
        start: Any = self._kernels.start_kernel
        self._starting = asyncio.ensure_future(start(kernel_id=self.kernel_id, path=""))
        await asyncio.shield(self._starting)  # half a start would leave a process behind
        self._kernels.promised.discard(self.kernel_id)
        watch: Any = self._kernels.add_restart_callback
        watch(self.kernel_id, self._lost, "restart")
        return self._kernels.get_kernel(self.kernel_id)

    def _lost(self) -> None:
        """Take note that another kernel came in the place of ours: it knows nothing of the page."""
        self._is_lost = True
