"""How a command reads its study: warnings are passed on, and patience is asked for."""

from threading import Timer
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.running import PATIENCE, interruptible, say

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
