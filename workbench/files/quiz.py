"""The calibration quiz that ships with the workbench, or another of its form, read strictly."""

from pathlib import Path
from typing import Any

from workbench.elicitation.quiz import Question
from workbench.errors import WorkbenchError
from workbench.files.listed import MOST_ROWS, field_faults, listed_rows, not_a_text
from workbench.files.messages import Findings, echo

TEXTS = ("id", "kind", "text", "unit", "source", "date")
FIELDS = {*TEXTS, "truth"}
WHAT = f"a quiz is a mapping with just questions, a list of 1 to {MOST_ROWS}"


def read_quiz(path: str | Path) -> tuple[Question, ...]:
    """Read a quiz: a JSON file with `questions`, each with every field of `Question`.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings, rows = listed_rows(path, {"questions"}, "questions", WHAT)
    found: dict[str, Question] = {}
    for number, row in enumerate(rows, 1):
        place = f"row {number}"
        question = _question(row, place, findings)
        if question is not None and found.setdefault(question.id, question) is not question:
            findings.error(place, "id", f"stands twice, got {echo(question.id)}; ids are unique")
    findings.refuse_if_any()
    return tuple(found.values())


def _question(row: Any, place: str, findings: Findings) -> Question | None:
    """Return the question of one row, or None after its faults were noted."""
    if not isinstance(row, dict):
        findings.error(place, "", f"a question is a mapping, got {echo(row)}")
        return None
    faults = field_faults(row, FIELDS)
    for name in TEXTS:
        if name in row and not isinstance(row[name], str):
            faults.append((name, not_a_text(row[name])))
    truth = row.get("truth")
    if "truth" in row and (isinstance(truth, bool) or not isinstance(truth, int | float)):
        faults.append(("truth", f"not a number, got {echo(truth)}"))
    for name, what in faults:
        findings.error(place, name, what)
    if faults:
        return None
    try:
        return Question(**row)
    except WorkbenchError as reason:
        findings.error(place, "", str(reason))
        return None
