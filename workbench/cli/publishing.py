"""`workbench publish`: one of a study's dashboards as files."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import __version__
from workbench.cli.running import interruptible, progress_bar, say
from workbench.errors import require
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
    from workbench.reports.readiness import ReadinessBoard
    from workbench.reports.threat_board import ThreatBoard

    Boards = Board | ReadinessBoard | ThreatBoard

# that can be published: their titles
PAGES = {"overview": "Overview", "readiness": "Readiness", "threats": "Threat model"}


def publish_study(
    folder: Path, study: Path, *, page: str = "overview", force: bool, made: dt.datetime
) -> list[Path]:
    """Compute a study that was read before, and write one of its `PAGES`; return the files.

    The place is looked at first, so that nobody waits for what is then refused.
    """
    require(page in PAGES, "a page can be published", got=page, fix=f"One of {', '.join(PAGES)}.")
    check_folder(folder, NAMES, force=force)
    board = interruptible(lambda: _board(page, study, made))
    with progress_bar("computing what-ifs") as progress:
        copy = _copy(PAGES[page], board, made)
        files = interruptible(lambda: published_files(board, copy, progress))
    save_folder(folder, files, force=force)
    say(f"{sum(map(len, files.values())) / 1e6:.1f} MB, of which plotly.js is the most")
    return [folder / name for name in files]


def _board(page: str, study: Path, made: dt.datetime) -> "Boards":
    if page == "readiness":
        from workbench.reports.readiness import open_readiness

        return open_readiness(study, fresh=as_of(made), computed=made)
    if page == "threats":
        from workbench.reports.threat_board import open_threat_board

        return open_threat_board(study, fresh=as_of(made), computed=made)
    from workbench.reports.board import open_board

    return open_board(study, fresh=as_of(made), computed=made)


def _copy(title: str, board: "Boards", made: dt.datetime) -> Copy:
    from workbench.files import inputs_sha256

    about = {
        "study": board.study.name,
        "version": __version__,
        "engine": board.result.engine if hasattr(board, "result") else "exact",  # averages alone
        "inputs_sha256": inputs_sha256(board.study),
        "source_sha256": board.source,
    }
    return Copy(title, made, about)
