"""`workbench publish`: a study's dashboard as files."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import __version__
from workbench.cli.running import interruptible, progress_bar, say
from workbench.publishing import (
    NAMES,
    Copy,
    as_of,
    check_folder,
    published_files,
    save_folder,
)

if TYPE_CHECKING:
    from workbench.reports.board import Board

TITLE = "Overview"


def publish_study(folder: Path, study: Path, *, force: bool, made: dt.datetime) -> list[Path]:
    """Compute a study that was read before, and write its page; return the files.

    The place is looked at first, so that nobody waits for what is then refused.
    """
    check_folder(folder, NAMES, force=force)
    from workbench.reports.board import open_board

    board = interruptible(lambda: open_board(study, fresh=as_of(made), computed=made))
    with progress_bar("computing what-ifs") as progress:
        files = interruptible(lambda: published_files(board, _copy(board, made), progress))
    save_folder(folder, files, force=force)
    say(f"{sum(map(len, files.values())) / 1e6:.1f} MB, of which plotly.js is the most")
    return [folder / name for name in files]


def _copy(board: "Board", made: dt.datetime) -> Copy:
    from workbench.files import inputs_sha256

    about = {
        "study": board.study.name,
        "version": __version__,
        "engine": board.result.engine,
        "inputs_sha256": inputs_sha256(board.study),
        "source_sha256": board.source,
    }
    return Copy(TITLE, made, about)
