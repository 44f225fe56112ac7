"""How a command reads its study: warnings are passed on, and patience is asked for."""

from contextlib import ExitStack
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.running import PATIENCE, interruptible, say
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.files import LoadedStudy

StudyFile = Annotated[
    str, typer.Argument(metavar="FILE", help="A scenario table or study: CSV, XLSX, YAML or JSON.")
]


def read(file: str) -> "LoadedStudy":
    """Read a study and pass on its warnings; say so when it takes more than a second."""
    from workbench.files import read_study
    from workbench.files.messages import shown_name

    patience = Timer(PATIENCE, say, [f"reading {shown_name(file)} ..."])
    patience.daemon = True
    patience.start()
    try:
        loaded = interruptible(lambda: read_study(file))
    finally:
        patience.cancel()
    for warning in loaded.warnings:
        say(f"warning: {warning}")
    return loaded


def shown(
    stack: ExitStack, study: str | None, register: str | None, *, follow: bool = True
) -> Path | None:
    """Return the file that pages are made of; a faulty study is refused here, with its lines."""
    if register is None:
        if study is not None:
            read(study)
        return None if study is None else Path(study).resolve()
    from workbench.cli.mirrored import mirrored

    if study is None:
        raise WorkbenchError(
            "with --register a study is named by its id; got none. `workbench register list "
            "--kind study` shows all."
        )
    return stack.enter_context(mirrored(register, study, follow=follow))
