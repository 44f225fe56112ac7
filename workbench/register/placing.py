"""A new file in its place, whole or not at all: made beside it, flushed, then given its name."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import WorkbenchError, require
from workbench.files.leftovers import clear, drop, is_taken_by_us
from workbench.files.messages import shown_name
from workbench.files.saving import flush_folder

BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database
BEGINS, ENDS = ".register-", ".part"  # of the name of a file that is being made


@contextmanager
def placed(target: Path) -> Iterator[Path]:
    """Give an empty file beside `target`; where the block ends well it becomes `target`.

    Its owner alone may read it: registers and their copies hold names of people, and drafts.

    Raises
    ------
    WorkbenchError
        where there is a file already, or one that SQLite would take for a part of the new one, and
        where the system refuses.

    """
    refuse_what_is_there(target)
    clear_parts(target.parent)
    try:
        descriptor, name = tempfile.mkstemp(prefix=BEGINS, suffix=ENDS, dir=target.parent)
    except OSError as error:
        raise _unwritten(target, error) from None
    part = Path(name)
    try:
        is_taken_by_us(descriptor)  # nobody else takes it for what a dead process has left
        yield part
        _finish(part, target)
    except OSError as error:
        raise _unwritten(target, error) from None
    finally:
        os.close(descriptor)
        _drop(part)


def clear_parts(folder: Path) -> None:
    """Remove what killed processes have left half made of registers and backups."""
    clear(folder, BEGINS, ENDS, _drop)


def _drop(part: Path) -> None:
    for one in (part, *(Path(f"{part}{ending}") for ending in BESIDE)):
        drop(one)


def refuse_what_is_there(target: Path) -> None:
    """Refuse to make a file where one is, or where the log of a lost one waits to be read."""
    rule = "a new file has a place of its own"
    free = "\0" not in str(target) and not os.path.lexists(target)
    require(free, rule, got=str(target), fix="Name another, or move that file away.")
    left = [target.name + ending for ending in BESIDE if os.path.lexists(f"{target}{ending}")]
    rule = "a new register stands where nothing is left of another"
    require(not left, rule, got=left, fix="Move them away, together with their register.")


def _finish(part: Path, target: Path) -> None:
    log = Path(f"{part}-wal")
    if log.exists() and log.stat().st_size:  # SQLite tells nobody that it could not put it away
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if target.exists():
            raise
        part.rename(target)
    try:
        flush_folder(target.parent)
    except OSError:
        target.unlink()  # it may not be there after a power cut, so that it was not made
        raise


def _unwritten(target: Path, error: OSError) -> WorkbenchError:
    return WorkbenchError(
        f"{shown_name(str(target))}: the file cannot be written: {error.strerror}; nothing was "
        "changed. Choose another place."
    )
