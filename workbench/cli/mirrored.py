"""A registered study for the pages: copied into a folder of its own, and followed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from workbench.files.messages import printable
from workbench.register import Register
from workbench.register.mirroring import Mirror


@contextmanager
def mirrored(place: str, study: str, *, follow: bool = True) -> Iterator[Path]:
    """Give the file of a copy of a registered study, which follows the register until the end.

    Raises
    ------
    WorkbenchError
        where there is no such register or study.

    """
    with (
        Register.open(place, reads_only=True) as register,
        tempfile.TemporaryDirectory(prefix="workbench-") as folder,
    ):
        mirror = Mirror(register, study, Path(folder))
        mirror.refresh()
        end = mirror.follow(_told) if follow else None
        try:
            yield mirror.path
        finally:
            if end is not None:
                end()


def _told(fault: str) -> None:
    typer.echo(f"warning: pages show what was there before: {printable(fault)}", err=True)
