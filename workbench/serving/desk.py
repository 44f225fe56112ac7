"""Who comes gets a page: one that waits, or a fresh one, or words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.serving.kernels import Kernels, Turns
from workbench.serving.notebook import Notebooks
from workbench.serving.pool import Pool
from workbench.serving.rendering import Rendering
from workbench.serving.source import Source

AT_ONCE = 4  # pages that are made at the same time, from what has been computed once
ANEW_AT_ONCE = 2  # where each kernel starts and computes by itself


@dataclass(frozen=True)
class Notice:
    """A page without figures."""

    heading: str
    sentence: str
    remedy: str
    digest: str
    lines: tuple[str, ...] = ()


class Desk:
    """Hands out pages that were computed from the study as it is at that moment."""

    def __init__(self, study: Path, notebooks: list[str], size: int, voila: Any) -> None:
        self.kernels: Kernels = voila.kernel_manager
        self.source = Source(study)
        self.turns = Turns(AT_ONCE if self.kernels.forks is not None else ANEW_AT_ONCE)
        self._notebooks = Notebooks(voila)
        self.pool = Pool(notebooks, size, self._made, self.source, self.kernels)
        self._out: set[Rendering] = set()  # fresh ones on their way to a viewer

    def _made(self, notebook: str, digest: str, *, for_viewer: bool = False) -> Rendering:
        self._renew(digest)
        renderer = self._notebooks.renderer(notebook)
        return Rendering(renderer, self.kernels, self.turns, digest, for_viewer=for_viewer)

    def _renew(self, digest: str) -> None:
        if self.kernels.forks is not None:
            self.kernels.forks.renew(digest)

    async def page(self, notebook: str) -> Rendering | Notice:
        """Return a page of this notebook, or why there is none."""
        digest = await self.source.digest()
        found = await self.pool.take(notebook, digest)
        if found is None:
            state = await self.source.state()
            if state.faults:
                return faulty(state.faults, state.digest)
            while not self.kernels.have_room():
                if not self.pool.make_room():
                    return full(state.digest)
            found = self._made(notebook, state.digest, for_viewer=True)
        self._out.add(found)
        self.kernels.hand_out(found.kernel_id)
        return found

    @asynccontextmanager
    async def delivery(self, page: Rendering) -> AsyncIterator[None]:
        """Send a page within; it is ended if that fails, such as when its viewer has left."""
        try:
            yield
        except BaseException:
            await page.end()
            raise
        finally:
            self._out.discard(page)
        self.kernels.hand_out(page.kernel_id)

    async def open(self) -> None:
        """Begin to compute the study, and to fill the pool."""
        self.pool.open()
        state = await self.source.state()
        if not state.faults:
            self._renew(state.digest)

    async def close(self) -> None:
        """Stop all that is going on; the kernels are ended by their manager."""
        await self.pool.close()
        going = [*self._out, *(page for waiting in self.pool.pages.values() for page in waiting)]
        if going:
            await asyncio.wait([asyncio.ensure_future(page.end()) for page in going], timeout=1)


def faulty(faults: tuple[str, ...], digest: str) -> Notice:
    """Say that the study cannot be used, with the lines of the gate."""
    return Notice(
        "The study has a fault",
        "No figures are shown until its file is mended. This is what was found:",
        "Correct the file and save it. This page then loads again by itself.",
        digest,
        faults,
    )


def full(digest: str) -> Notice:
    """Say that this machine has no room for one more viewer."""
    return Notice(
        "Too many viewers at once",
        "This machine computes as many pages as it has memory for.",
        "Close pages that nobody reads, or try again in a minute.",
        digest,
    )
