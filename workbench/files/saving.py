"""Writing a file whole or not at all, and copying a folder of text files that way."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from workbench.errors import WorkbenchError, require
from workbench.files.leftovers import clear, drop, is_taken_by_us
from workbench.files.messages import shown_name

BEGINS, ENDS = ".workbench-", ".part"  # of the name of a file that is being made


def save(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`, as `save_bytes` does.

    Raises
    ------
    WorkbenchError
        as `save_bytes` does, and for half of a surrogate pair, which is no character.

    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise WorkbenchError(
            f"{shown_name(str(path))}: the file cannot be written: {error}. Remove that character."
        ) from None
    save_bytes(path, data)


def save_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` to `path`: a temporary file beside it, flushed to disk, then renamed.

    A link is followed. Whatever ends the writing early, Ctrl-C included, leaves the old file as it
    was and no half-written one.

    Raises
    ------
    WorkbenchError
        where `path` is a folder or a device, or the system refuses.

    """
    with ready(path, data) as put:
        put()


@contextlib.contextmanager
def ready(path: str | Path, data: bytes) -> Iterator[Callable[[], None]]:
    """Write `data` to a temporary file beside `path`; give what puts it in its place.

    So that something else can be done in between: where that fails, nothing stands at `path`.

    Raises
    ------
    WorkbenchError
        as `save_bytes` does.

    """
    shown = shown_name(str(path))
    try:
        target = Path(path).resolve()
        mode = _mode_of(target, shown)
        with _beside(target) as temporary:
            descriptor = os.open(temporary, os.O_WRONLY | getattr(os, "O_BINARY", 0))
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(mode)

            def put() -> None:
                temporary.replace(target)
                flush_folder(target.parent)

            yield put
    except (OSError, ValueError) as error:
        if isinstance(error, WorkbenchError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise WorkbenchError(
            f"{shown}: the file cannot be written: {reason}. Choose another place."
        ) from None


def save_copies(
    source: Path,
    target: Path,
    *more: tuple[Path, Path],
    there: Literal["refuse", "replace", "keep"],
) -> list[Path]:
    """Copy the text files of a folder, without hidden ones and caches; return the new files.

    Parameters
    ----------
    more : further folders, each with its target; where any file is refused none is copied
    there : what becomes of files that are in a target already

    Raises
    ------
    WorkbenchError
        where files that are there are to be refused, and where the system refuses.

    """
    pairs = [
        (path, new / path.relative_to(old))
        for old, new in ((source, target), *more)
        for path in sorted(old.rglob("*"))
        if path.is_file()
        and not any(part.startswith((".", "__")) for part in path.relative_to(old).parts)
    ]
    existing = [str(new) for _, new in pairs if new.exists()]
    if there == "keep":
        pairs = [(old, new) for old, new in pairs if not new.exists()]
    require(
        there != "refuse" or not existing,
        "files that are there are not replaced",
        got=existing[:3],
        fix="Name another folder, or add --force.",
    )
    for old, new in pairs:
        try:
            new.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkbenchError(
                f"the folder {str(new.parent)!r} cannot be made: {error.strerror}. Name another."
            ) from None
        save(new, old.read_text(encoding="utf-8"))
    return [new for _, new in pairs]


def _mode_of(target: Path, shown: str) -> int:
    """Return the permissions of the new file; refuse to replace what is no regular file."""
    try:
        found = target.stat().st_mode
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
    if not stat.S_ISREG(found):
        raise WorkbenchError(
            f"{shown}: a file is written here; got a folder or a device. Name a regular file."
        )
    return stat.S_IMODE(found)


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give an empty temporary file in the folder of `target`; remove it if it is still there.

    What a killed process has left of its own is cleared; ours is locked, so that no other takes it
    for that.
    """
    clear(target.parent, BEGINS, ENDS, drop)
    descriptor, name = tempfile.mkstemp(prefix=BEGINS, suffix=ENDS, dir=target.parent)
    temporary = Path(name)
    with contextlib.ExitStack() as stack:
        stack.callback(temporary.unlink, missing_ok=True)
        if is_taken_by_us(descriptor):
            stack.callback(os.close, descriptor)
        else:
            os.close(descriptor)  # a file that is open cannot be renamed on every system
        yield temporary


def flush_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the system can open folders."""
    flags = getattr(os, "O_DIRECTORY", None)
    if flags is None:
        return
    descriptor = os.open(folder, os.O_RDONLY | flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
