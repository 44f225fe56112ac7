"""Files that processes which were killed have left half made, and how a living one's are known."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

YOUNG = 60.0  # seconds


def is_taken_by_us(descriptor: int) -> bool:
    """Take the system's lock on a file; whether nobody had it. Without such locks nothing is."""
    try:
        import fcntl  # of POSIX systems alone
    except ImportError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def clear(folder: Path, begins: str, ends: str, drop: Callable[[Path], None]) -> None:
    """Remove files that processes which were killed have left half made; never a living one's.

    Who makes a file holds the system's lock on it, which ends with the process whatever ends it.
    One that is younger than a minute is left alone, since its lock may be still to come.
    """
    for part in _parts(folder, begins, ends):
        try:
            if time.time() - part.stat().st_mtime < YOUNG:
                continue
            descriptor = os.open(part, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            continue  # gone by now, or somebody else's
        try:
            if is_taken_by_us(descriptor):
                drop(part)
        finally:
            os.close(descriptor)


def _parts(folder: Path, begins: str, ends: str) -> list[Path]:
    with suppress(OSError), os.scandir(folder) as found:
        names = [entry.name for entry in found]
        return [folder / one for one in names if one.startswith(begins) and one.endswith(ends)]
    return []


def drop(part: Path) -> None:
    """Remove a file, where it is still there."""
    with suppress(OSError):
        part.unlink(missing_ok=True)
