"""The `save` command: a study is computed and the run is kept beside it."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from workbench.errors import require
from workbench.files.run_saving import check_run, save_run
from workbench.files.runs import Approval
from workbench.models.portfolio import StudyResult
from workbench.models.study import Study
from workbench.reports.result import result_record
from workbench.reports.words import average_year


def save_study(
    file: str,
    study: Study,
    computed: Callable[[], StudyResult],
    *,
    approved_by: str | None,
    note: str,
    on: str | None,
) -> tuple[Path, str]:
    """Save a run of `study`, which was read from `file`; return its file and what it says.

    Raises
    ------
    WorkbenchError
        for a study without scenarios, a day without a name, and whatever `save_run` refuses; what
        was typed is refused before anything is computed.

    """
    require(
        bool(study.scenarios),
        "a study that is saved has scenarios",
        got=0,
        fix="Add one to the file.",
    )
    moment = dt.datetime.now(dt.UTC)
    approval = approval_of(approved_by, on, note, moment)
    result = computed()
    record = result_record(result, study)
    path = save_run(file, study, record, approval=approval, note=note, now=moment)
    said = "not approved" if approval is None else f"approved on {approval.on}"
    return path, f"{average_year(result.portfolio)} This run is {said}."


def approval_of(
    approved_by: str | None, on: str | None, note: str, moment: dt.datetime | None = None
) -> Approval | None:
    """Return the approval that was typed, None where there is none; `on` is today unless told.

    Raises
    ------
    WorkbenchError
        for a day without a name, and for what no run keeps.

    """
    require(
        on is None or approved_by is not None,
        "a day of approval comes with who approved",
        got=on,
        fix="Add --approved-by.",
    )
    moment = moment or dt.datetime.now(dt.UTC)
    approval = None
    if approved_by is not None:
        approval = Approval(approved_by, on or moment.astimezone().date().isoformat())
    check_run(approval, note, moment)
    return approval
