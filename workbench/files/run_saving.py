"""Saving a run beside its study: written whole, read back, and never over another file."""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from workbench import __version__
from workbench.errors import WorkbenchError, require
from workbench.files.canonical import inputs_sha256
from workbench.files.json_printing import json_text
from workbench.files.messages import echo, shown_name
from workbench.files.runs import (
    CONTENTS,
    FORMAT,
    LONGEST_TEXT,
    Approval,
    contents_sha256,
    parse_run,
)
from workbench.files.saving import save
from workbench.files.sources import runs_folder
from workbench.files.writing import study_document
from workbench.models.scenario import is_day
from workbench.models.study import Study

MOST_AT_ONCE = 99  # runs of one second


def save_run(
    study_file: str | Path,
    study: Study,
    record: Mapping[str, Any],
    *,
    approval: Approval | None = None,
    note: str = "",
    now: datetime | None = None,
) -> Path:
    """Write a run beside its study, whole or not at all; a file that is there is never replaced.

    Parameters
    ----------
    study_file : the file of the study; the run is written into its `runs_folder`
    study : the study as it was read and computed
    record : `reports.result.result_record` of its result
    now : when; the present moment unless given

    Returns the path of the new file.

    Raises
    ------
    WorkbenchError
        for a text that is empty, too long or not printable, a day that is none or still to come,
        and where the system refuses to write.

    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    name = shown_name(Path(study_file).name)
    document = run_document(name, study, record, approval=approval, note=note, moment=moment)
    stem = document["saved"].replace(":", "-")
    return _placed(runs_folder(study_file), stem, json_text(document))


def run_document(
    name: str,
    study: Study,
    record: Mapping[str, Any],
    *,
    approval: Approval | None,
    note: str,
    moment: datetime,
) -> dict[str, Any]:
    """Return a run as plain data that reads back equal; `name` is that of its study's file.

    Raises
    ------
    WorkbenchError
        as `save_run` does for what is typed.

    """
    check_run(approval, note, moment)
    document: dict[str, Any] = {
        "format": FORMAT,
        "file": name,
        "saved": f"{moment:%Y-%m-%dT%H:%M:%S}Z",
        "version": __version__,
        "engine": record["engine"],
        "seed": record["seed"],
        "years": record["years"],
        "inputs_sha256": inputs_sha256(study),
        CONTENTS: "",
        "approval": None if approval is None else {"by": approval.by, "on": approval.on},
        "note": note,
        "figures": {
            "portfolio": _without_curve(record["portfolio"]),
            "scenarios": [_without_curve(one) for one in record["scenarios"]],
        },
        "inputs": study_document(study),
    }
    document[CONTENTS] = contents_sha256(document)
    back = parse_run("run.json", json_text(document).encode())  # what leaves can return
    require(back.study == study, "a saved run reads back equal", got=study.name, fix="Report this.")
    return document


def check_run(approval: Approval | None, note: str, moment: datetime) -> None:
    """Refuse what is typed about a run that is saved at `moment`, as `save_run` does."""
    texts = {"note": note} | ({} if approval is None else {"by": approval.by})
    for name, text in texts.items():
        require(
            len(text) <= LONGEST_TEXT[name] and (text == "" or text.isprintable()),
            f"{name} is one line of at most {LONGEST_TEXT[name]} characters",
            got=echo(text),
            fix="Write it shorter, in one line.",
        )
    if approval is None:
        return
    require(
        bool(approval.by.strip()),
        "an approval names who approved",
        got=approval.by,
        fix='Name a role, such as "Board risk committee".',
    )
    require(
        is_day(approval.on),
        "an approval has a day such as 2026-11-24",
        got=approval.on,
        fix="Write year, month and day.",
    )
    latest = moment.astimezone().date()  # where the person is
    require(
        date.fromisoformat(approval.on) <= max(latest, moment.date()),
        "an approval is of today or earlier",
        got=approval.on,
        fix="Save the run on the day it is approved.",
    )


def _without_curve(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the sixty points of the curve, which the study gives again."""
    kept = {name: value for name, value in figures.items() if name != "exceedance"}
    for kind in ("error_bound", "standard_error"):
        if kind in kept:
            kept[kind] = {n: v for n, v in kept[kind].items() if n != "exceedance"}
    return kept


def _placed(folder: Path, stem: str, text: str) -> Path:
    """Write a new file `stem`.json, or the next free name of the same second."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkbenchError(
            f"{shown_name(str(folder))}: the folder cannot be made: {error.strerror}. "
            "Keep the study where you may write."
        ) from None
    part = folder / f".{stem}-{os.getpid()}.part"
    save(part, text)
    try:
        for number in range(1, MOST_AT_ONCE + 1):
            path = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number:02}.json")
            if _linked(part, path):
                return path
    finally:
        part.unlink(missing_ok=True)
    raise WorkbenchError(
        f"at most {MOST_AT_ONCE} runs are saved in one second; got one more. Wait a second."
    )


def _linked(part: Path, path: Path) -> bool:
    """Give a whole file its name, unless the name is taken."""
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if path.exists():
            return False
        part.rename(path)
    return True
