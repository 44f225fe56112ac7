"""A study out of a register: the file, and the act that says what was handed out."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from workbench.errors import require
from workbench.files.messages import printable
from workbench.files.opening import KINDS
from workbench.files.saving import ready
from workbench.files.writing import study_csv, study_document, study_json, study_yaml
from workbench.models.study import Study
from workbench.register.differences import differences
from workbench.register.kinds import body_of
from workbench.register.log import next_seq
from workbench.register.records import Difference
from workbench.register.register import Register
from workbench.register.studies import study_at

WRITERS = {"yaml": study_yaml, "json": study_json, "csv": study_csv}


@dataclass(frozen=True)
class Exported:
    """What was handed out: the file's hash, the entry it is as of, the entry that says so."""

    sha256: str
    as_of: int
    seq: int
    checkpoint: str | None


def export_study(
    register: Register,
    name: str,
    path: str | Path,
    *,
    at: int | None = None,
    reason: str = "",
    replaces: bool = False,
) -> Exported:
    """Write a study to a file that the gate reads back, and record what was written.

    The file is written first, and has its name once its entry stands: no file is handed out that
    the log does not tell of. Where it cannot be given its name the entry is left, and the error
    says so.

    Parameters
    ----------
    at : the entry after which the study is meant; the last one unless told

    Raises
    ------
    WorkbenchError
        where there is no such study or entry, for a file that is there already unless it
        `replaces` that, for another type of file, and where it cannot be written.

    """
    target = Path(path)
    there = target.exists() and not replaces
    require(not there, "a file that is there is not replaced", got=str(path), fix="Add --force.")
    last = register.ask(next_seq) - 1
    as_of = last if at is None else at
    rule = f"a study is exported as it was after an entry, 0 to {last}"
    require(0 <= as_of <= last, rule, got=at, fix="`workbench audit log` shows them.")
    data = _text(register.load_study(name, at=as_of).study, target).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    details = {
        "kind": "study",
        "id": name,
        "as_of": as_of,
        "file": printable(target.name),
        "sha256": sha256,
    }
    with ready(target, data) as put:
        with register.acting("export", reason=reason, details=details) as made:
            entry = made
        put()
    return Exported(sha256, as_of, entry.seq, register.last_checkpoint())


def _text(study: Study, path: Path) -> str:
    write = WRITERS.get(KINDS.get(path.suffix.lower(), ""))
    require(
        write is not None,
        "a study is written as .yaml, .yml, .json or .csv",
        got=path.suffix,
        fix="Choose one of these.",
    )
    assert write is not None
    return write(study)


def study_differences(connection: Connection, name: str, old: int, new: int) -> list[Difference]:
    """Return what differs between a study as it was after two entries, rows matched by their ids.

    Raises
    ------
    WorkbenchError
        where there was no such study then, and for entries that are not there.

    """
    last = next_seq(connection) - 1
    for seq in (old, new):
        rule = f"of a study two entries of the log are named, 0 to {last}"
        require(0 <= seq <= last, rule, got=seq, fix="`register history study ID` shows them.")
    studies = [study_at(connection, name, seq)[0] for seq in (old, new)]
    return differences(*(body_of(study_document(study)) for study in studies))
