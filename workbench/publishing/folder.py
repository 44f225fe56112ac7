"""A folder of files, written whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from workbench.errors import WorkbenchError, require
from workbench.files.messages import shown_name


def check_folder(folder: Path, names: Collection[str], *, force: bool) -> None:
    """Refuse a place that cannot be written to, before anything is computed.

    With `force` only a folder is replaced that holds nothing but files of these names: what else is
    in a folder is never lost.

    Raises
    ------
    WorkbenchError
        where something is there that is not to be replaced.

    """
    shown = shown_name(str(folder))
    require(
        not folder.is_symlink() and (folder.is_dir() or not folder.exists()),
        "a page is published into a folder",
        got=shown,
        fix="Name a folder, new or empty.",
    )
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    require(
        force or not there,
        "files that are there are not replaced",
        got=f"{shown} with {', '.join(there[:3])}",
        fix="Name another folder, or add --force.",
    )
    foreign = [name for name in there if name not in names or not (folder / name).is_file()]
    require(
        not foreign,
        "--force replaces a published page and nothing else",
        got=f"{shown} with {', '.join(foreign[:3])}",
        fix="Name another folder.",
    )


def save_folder(folder: Path, files: Mapping[str, bytes], *, force: bool) -> None:
    """Write `files` into `folder`: into a new folder beside it, which then takes its place.

    Whatever ends the writing early leaves what was there, and nothing half written.

    Raises
    ------
    WorkbenchError
        where the place is refused (see `check_folder`) or the system refuses.

    """
    check_folder(folder, files, force=force)
    try:
        target = folder.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as work:
            new, old = work / "new", work / "old"
            new.mkdir()
            for name, content in files.items():
                _write(new / name, content)
            _swap(new, target, old)
    except OSError as error:
        raise WorkbenchError(
            f"{shown_name(str(folder))}: the page cannot be written: {error.strerror or error}. "
            "Choose another place."
        ) from None


def _swap(new: Path, target: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give an empty folder beside `target`; remove it and what is left in it."""
    work = Path(tempfile.mkdtemp(prefix=".workbench-", suffix=".part", dir=target.parent))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
