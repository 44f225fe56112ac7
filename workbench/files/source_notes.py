"""The shipped notes on the source document, or others of their form, read strictly."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.files.listed import MOST_ROWS, field_faults, listed_rows, not_a_text
from workbench.files.messages import Findings, echo
from workbench.resources import bundled

SEVERITIES = ("info", "minor", "major", "critical")
TEXTS = ("id", "lines", "severity", "claim", "correct", "source", "action")
FIELDS = {*TEXTS, "topics", "formula"}
HEAD = {"document", "reviewed", "notes"}
WHAT = f"notes are a mapping with document, reviewed and notes, 1 to {MOST_ROWS} of them"
ID = re.compile(r"SRC-\d{2,3}")
LINES = re.compile(r"\(absent\)|\d+(-\d+)?(,\d+(-\d+)?)*")


@dataclass(frozen=True)
class Formula:
    """A formula of the document, by the key under which pages ask for its note."""

    key: str
    text: str  # as the document has it


@dataclass(frozen=True)
class SourceNote:
    """One place where the document is wrong: what it says, what is right, and after whom."""

    id: str
    lines: str  # of the document, from 1; "(absent)" for what it leaves out
    severity: str
    topics: tuple[str, ...]
    formula: Formula | None
    claim: str
    correct: str
    source: str
    action: str  # what the workbench does


def shipped_notes() -> Path:
    """Return the file of the notes that ship with the workbench."""
    return bundled("datasets") / "source-notes" / "notes.json"


def read_source_notes(path: str | Path) -> tuple[SourceNote, ...]:
    """Read notes: a JSON file with `document`, `reviewed` and `notes`, each with every field.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings, rows = listed_rows(path, HEAD, "notes", WHAT)
    found: list[SourceNote] = []
    for number, row in enumerate(rows, 1):
        place = f"row {number}"
        faults = _faults(row) if isinstance(row, dict) else [("", f"no mapping, got {echo(row)}")]
        for name, what in faults:
            findings.error(place, name, what)
        if not faults:
            found.append(_note(row))
    _report_repeats(found, findings)
    findings.refuse_if_any()
    return tuple(found)


def _faults(row: dict[str, Any]) -> list[tuple[str, str]]:
    faults = field_faults(row, FIELDS)
    for name in TEXTS:
        text = row.get(name)
        if name in row and not (isinstance(text, str) and text.strip()):
            faults.append((name, not_a_text(text)))
    if faults:
        return faults
    if not ID.fullmatch(row["id"]):
        faults.append(("id", f"not an id, got {echo(row['id'])}, such as SRC-21"))
    if not LINES.fullmatch(row["lines"]):
        faults.append(("lines", f"no lines, got {echo(row['lines'])}, such as 19-21,40"))
    if row["severity"] not in SEVERITIES:
        faults.append(("severity", f"got {echo(row['severity'])}, allowed {', '.join(SEVERITIES)}"))
    if not _is_texts(row["topics"]):
        faults.append(("topics", f"not a list of texts, got {echo(row['topics'])}"))
    formula = row["formula"]
    is_pair = isinstance(formula, dict) and set(formula) == {"key", "text"}
    if formula is not None and not (is_pair and _is_texts(list(formula.values()))):
        faults.append(("formula", f"null, or key and text, got {echo(formula)}"))
    return faults


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)


def _note(row: dict[str, Any]) -> SourceNote:
    formula = None if row["formula"] is None else Formula(**row["formula"])
    return SourceNote(**{**row, "topics": tuple(row["topics"]), "formula": formula})


def _report_repeats(notes: list[SourceNote], findings: Findings) -> None:
    """Report ids and keys that stand twice."""
    seen: set[str] = set()
    for note in notes:
        for name in (note.id, *([] if note.formula is None else [f"formula {note.formula.key}"])):
            if name in seen:
                findings.error("", note.id, f"{echo(name)} stands twice; each is written once")
            seen.add(name)
