"""Saved runs: what a study said and cost on a day, approved or not, one JSON file for each.

A run stands in the folder `study.runs` beside its study file. It holds the study in full, so that
it can be computed again, the name of the file that it is a run of, and two hashes: `inputs_sha256`
of the study inside, `contents_sha256` of everything else (figures, approval, note, the first hash).
They tell an edit by accident or by a careless hand; who edits a run and its hash together is not
caught by them. Format 1, of version 0.1.0, has neither the name nor the second hash: such a run is
read, and a page that compares with it says that its figures are not held.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.files.assembly import study_from_tree
from workbench.files.canonical import canonical_json, inputs_sha256
from workbench.files.json_text import read_json
from workbench.files.messages import FileRefused, Findings, echo, shown_name
from workbench.files.opening import LARGEST_FILE, decode, read_bytes
from workbench.files.sources import runs_folder
from workbench.files.tree import repeated_keys
from workbench.models.scenario import is_day
from workbench.models.study import Study

FORMAT = 2
FORMATS = (1, FORMAT)  # that are read
ENGINES = ("exact", "montecarlo")
LONGEST_TEXT = {"by": 200, "note": 2000, "version": 40, "file": 200}  # characters
MOST_RUNS = 2000  # files of a folder that are looked at, the newest names first
CONTENTS = "contents_sha256"
SINCE_2 = ("file", CONTENTS)  # fields that format 1 lacks
KEYS = (
    "format",
    "file",
    "saved",
    "version",
    "engine",
    "seed",
    "years",
    "inputs_sha256",
    CONTENTS,
    "approval",
    "note",
    "figures",
    "inputs",
)
RESTORE = "put the file back from a backup, or remove it and save a new run"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Approval:
    """Who accepted a run, and on which day."""

    by: str
    on: str  # ISO 8601, such as 2026-08-14


@dataclass(frozen=True)
class SavedRun:
    """One saved run; study and figures passed the gate and have the hashes that were recorded."""

    saved: str  # UTC, ISO 8601 to the second, such as 2026-08-14T09:30:00Z
    version: str  # of the workbench that computed it
    engine: str
    seed: int
    years: int | None  # simulated; None when exact
    inputs_sha256: str
    approval: Approval | None
    note: str
    study: Study
    figures: Mapping[str, Any] = field(repr=False)  # "portfolio" and "scenarios", as recorded
    name: str = ""  # of its file
    file: str = ""  # the name of the study file that it is a run of; empty in format 1
    is_held: bool = True  # its figures and approval by a hash; not in format 1

    def day(self) -> date:
        """Return the day that a person would name: of the approval, or else of the run."""
        return date.fromisoformat(self.saved[:10] if self.approval is None else self.approval.on)

    def recorded(self, figure: str) -> tuple[float | None, float | None]:
        """Return a figure of the whole year and its error as recorded; None where none exists."""
        whole = self.figures["portfolio"]
        errors = whole.get("error_bound") or whole.get("standard_error") or {}
        return whole.get(figure), errors.get(figure)


@dataclass(frozen=True)
class LastRun:
    """The run that a page compares with, and a line for each file that was passed over, and why."""

    run: SavedRun | None
    warnings: tuple[str, ...] = ()


def read_run(path: str | Path) -> SavedRun:
    """Read a saved run through the gate.

    Raises
    ------
    FileRefused
        a WorkbenchError with a line for each fault; also where the study inside, or anything else,
        no longer has the hash that was recorded with it.

    """
    return _whole(_opened(Path(path), str(path)))


def parse_run(name: str, data: bytes) -> SavedRun:
    """Read a saved run from bytes; raises as `read_run` does."""
    findings = Findings(name)
    if len(data) > LARGEST_FILE:
        raise findings.refuse("", "", f"the file is too large, allowed {LARGEST_FILE >> 20} MiB")
    return _whole(_head(name, data, findings))


@dataclass(frozen=True)
class _Head:
    """A run whose own fields are checked; its study is not yet read."""

    name: str
    tree: dict[str, Any]
    findings: Findings

    def order(self) -> tuple[bool, str, str, str]:
        """Approved ones last, by day of approval, then by when they were saved, then by name."""
        approval = self.tree["approval"]
        day = "" if approval is None else approval["on"]
        return approval is not None, day, self.tree["saved"], self.name.removesuffix(".json")


def contents_sha256(tree: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of a run's canonical JSON without the study inside.

    Raises
    ------
    WorkbenchError
        for numbers that a double cannot hold and texts that are no Unicode.

    """
    held = {key: value for key, value in tree.items() if key not in (CONTENTS, "inputs")}
    return hashlib.sha256(canonical_json(held)).hexdigest()


def _opened(path: Path, told_as: str) -> _Head:
    findings = Findings(told_as)
    return _head(path.name, read_bytes(path, findings), findings)


def _head(name: str, data: bytes, findings: Findings) -> _Head:
    tree = read_json(decode(data, findings), findings)
    if not isinstance(tree, dict) or "inputs" not in tree:
        raise findings.refuse("", "", "is no saved run; `workbench save` writes them")
    for place in repeated_keys(tree):
        findings.error("", place, "the key is written twice; keep one")
    is_older = _is_whole(tree.get("format")) and tree["format"] == 1
    keys = [key for key in KEYS if not (is_older and key in SINCE_2)]
    for key in tree:
        if key not in keys:
            findings.error("", key, "unknown field; leave it out")
    for key in keys:
        if key not in tree:
            findings.error("", key, "missing; every field is written")
    findings.refuse_if_any()
    for key, what in _faults(tree):
        findings.error("", key, what)
    findings.refuse_if_any()
    if CONTENTS in tree and not _is_as_saved(tree):
        what = "the figures, the approval or another field was edited after the run was saved"
        raise findings.refuse("", CONTENTS, f"{what}; {RESTORE}")
    return _Head(name, tree, findings)


def _is_as_saved(tree: Mapping[str, Any]) -> bool:
    try:
        return contents_sha256(tree) == str(tree[CONTENTS])
    except WorkbenchError:  # no run that was written holds such a number or text
        return False


def _faults(tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with each field, the study left out."""
    allowed = {
        "format": (
            _is_whole(tree["format"]) and tree["format"] in FORMATS,
            " or ".join(map(str, FORMATS)),
        ),
        "saved": (_is_time(tree["saved"]), "a time such as 2026-08-14T09:30:00Z"),
        "version": (_is_text(tree["version"], "version"), "a version"),
        "engine": (tree["engine"] in ENGINES, " or ".join(ENGINES)),
        "seed": (_is_whole(tree["seed"]), "a whole number"),
        "years": (tree["years"] is None or _is_whole(tree["years"]), "a whole number or null"),
        "inputs_sha256": (_is_digest(tree["inputs_sha256"]), "64 hexadecimal digits"),
        "approval": (_is_approval(tree["approval"]), "null, or by (a text) and on (a day)"),
        "note": (_is_text(tree["note"], "note"), f"a line of at most {LONGEST_TEXT['note']}"),
        "figures": (_is_figures(tree["figures"]), "portfolio and scenarios with their figures"),
    }
    if CONTENTS in tree:
        allowed |= {
            "file": (_is_file_name(tree["file"]), "the name of the study file, without a folder"),
            CONTENTS: (_is_digest(tree[CONTENTS]), "64 hexadecimal digits"),
        }
    return [
        (key, f"is wrong, got {echo(tree[key])}, allowed {what}")
        for key, (good, what) in allowed.items()
        if not good
    ]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: Any, name: str) -> bool:
    short = isinstance(value, str) and len(value) <= LONGEST_TEXT[name]
    return short and (value == "" or value.isprintable())


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and bool(_DIGEST.fullmatch(value))


def _is_file_name(value: Any) -> bool:
    return _is_text(value, "file") and value not in ("", ".", "..") and not set(value) & set("/\\")


def _is_time(value: Any) -> bool:
    if not (isinstance(value, str) and _TIME.fullmatch(value)):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_approval(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or set(value) != {"by", "on"}:
        return False
    return _is_text(value["by"], "by") and bool(value["by"].strip()) and is_day(value["on"])


def _is_figures(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"portfolio", "scenarios"}:
        return False
    rows = value["scenarios"]
    return isinstance(rows, list) and all(_is_year(one) for one in (value["portfolio"], *rows))


def _is_year(value: Any) -> bool:
    """Whether it is the figures of one year: numbers, texts, and mappings of these."""
    if not isinstance(value, dict):
        return False
    parts = [v for v in value.values() if isinstance(v, dict)]
    plain = [v for v in value.values() if not isinstance(v, dict)]
    plain += [v for part in parts for v in part.values()]
    good = all(v is None or isinstance(v, int | float | str) for v in plain)
    numbers = ("mean", "sd", "p95", "p99", "prob_no_loss")
    errors = [value.get("error_bound"), value.get("standard_error")]
    return (
        good
        and all(value.get(n) is None or _is_number(value[n]) for n in numbers)
        and all(one is None or _are_numbers(one) for one in errors)
    )


def _are_numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(v is None or _is_number(v) for v in value.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(head: _Head) -> SavedRun:
    tree, findings = head.tree, head.findings
    study = study_from_tree(tree["inputs"], "json", findings)
    if inputs_sha256(study) != tree["inputs_sha256"]:
        what = "the study inside was edited after it was saved"
        raise findings.refuse("", "inputs_sha256", f"{what}; {RESTORE}")
    told = {"seed", "version", "engine", "years", "saved", "note", "inputs_sha256", "figures"}
    approval = None if tree["approval"] is None else Approval(**tree["approval"])
    return SavedRun(
        **{name: tree[name] for name in told},
        approval=approval,
        study=study,
        name=head.name,
        file=tree.get("file", ""),
        is_held=CONTENTS in tree,
    )


def last_run(study_file: str | Path) -> LastRun:
    """Return the run that a page compares with: the newest approved one, else the newest.

    Runs of one day go by when they were saved, those of one second by the name of their file. Of
    each file its own fields are read; only the study of the run that is returned passes the gate. A
    faulty file is passed over, with a line that names it. So are runs of another study file that
    stands here too and has the same folder, such as risk.json beside risk.yaml; where that file is
    gone, the study was renamed and its runs are still its own.
    """
    warnings: list[str] = []
    heads: list[_Head] = []
    for path in sorted(runs_folder(study_file).glob("[!.]*.json"), reverse=True)[:MOST_RUNS]:
        try:
            heads.append(_opened(path, path.name))  # a page tells no folder of this machine
        except FileRefused as refusal:
            warnings.append(_passed_over(refusal))
    others = [_other_file(head, Path(study_file)) for head in heads]
    counted = Counter(filter(None, others))
    warnings += [_shared(name, count) for name, count in sorted(counted.items())]
    own = [head for head, other in zip(heads, others, strict=True) if not other]
    for head in sorted(own, key=_Head.order, reverse=True):
        try:
            run = _whole(head)
        except FileRefused as refusal:
            warnings.append(_passed_over(refusal))
            continue
        return LastRun(run, (*warnings, *([] if run.is_held else [_not_held(run)])))
    return LastRun(None, tuple(warnings))


def _passed_over(refusal: FileRefused) -> str:
    more = f" (and {len(refusal.messages) - 1} more)" if len(refusal.messages) > 1 else ""
    return f"{refusal.messages[0]}{more}; this run is passed over"


def _other_file(head: _Head, study_file: Path) -> str:
    """Return the name of another study file here that a run is of; empty where it is this one's."""
    name = head.tree.get("file", "")
    if name in ("", shown_name(study_file.name)):
        return ""
    other = study_file.with_name(name)
    if runs_folder(other) != runs_folder(study_file):
        return ""
    try:
        return "" if other.samefile(study_file) else name
    except OSError:  # it is not there
        return ""


def _shared(name: str, count: int) -> str:
    runs = "1 run is" if count == 1 else f"{count} runs are"
    return (
        f"{runs} of {shown_name(name)}, which stands beside this study and has the same folder of "
        "runs; passed over. Rename one of the two files and its folder."
    )


def _not_held(run: SavedRun) -> str:
    return (
        f"{run.name}: saved in an older form, without a hash of its figures; an edit of them or of "
        "the approval would not be noticed. A new run has one."
    )
