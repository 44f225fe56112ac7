"""What the pages are computed from, as it is now: its digest, and what is wrong with it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from workbench.errors import WorkbenchError
from workbench.files.messages import Findings
from workbench.files.opening import read_bytes
from workbench.files.sources import files_of, source_digest

T = TypeVar("T")
ATTEMPTS = 5  # readings of a file that is being written
Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class SourceState:
    """The digest of the bytes and one line for each fault that the gate finds in them."""

    digest: str
    faults: tuple[str, ...]


class Source:
    """A study file that someone may edit while it is served."""

    def __init__(self, study: Path, check: Callable[[Path], tuple[str, ...]] | None = None) -> None:
        self.study = study
        self._check = check or faults_of
        self._known: SourceState | None = None
        self._lock = asyncio.Lock()

    async def digest(self) -> str:
        """Return the digest of the bytes as they are now; they are read off the event loop."""
        return await _aside(partial(source_digest, self.study))

    async def state(self) -> SourceState:
        """Return digest and faults of the same bytes. The gate reads each version once."""
        async with self._lock:
            digest = await self.digest()
            for _ in range(ATTEMPTS):
                if self._known is not None and self._known.digest == digest:
                    return self._known
                found = SourceState(digest, await _aside(partial(self._check, self.study)))
                digest = await self.digest()
                if digest == found.digest:  # else it was written in between
                    self._known = found
            return self._known or found

    def signature(self) -> Signature:
        """Return names, times and sizes of the files: cheap, and another after most edits."""
        found = []
        for path in files_of(self.study):
            try:
                status = path.stat()
            except OSError:
                found.append((path.name, 0, 0))
            else:
                found.append((path.name, status.st_mtime_ns, status.st_size))
        return tuple(found)


async def _aside(job: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, job)


def faults_of(study: Path) -> tuple[str, ...]:
    """Return what the gate says against a study file; nothing if pages can be made of it.

    It calls the file by its name alone: where it is on this machine concerns no viewer.
    """
    from workbench.files import parse_study  # not before the first page is asked for

    if not study.exists():
        return (f"{study.name}: the file is not there, or this server may not read it.",)
    findings = Findings(study.name)
    try:
        found = parse_study(study.name, read_bytes(study, findings)).study
    except WorkbenchError as refusal:
        return tuple(str(refusal).splitlines())
    if not found.scenarios:
        return (f"{study.name}: the study has no scenarios yet. Add one to the file.",)
    return ()
