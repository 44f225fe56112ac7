"""The note that stands beside a formula of the source document."""

from functools import cache

from workbench.errors import require
from workbench.files.source_notes import SourceNote, read_source_notes, shipped_notes
from workbench.reports.html import render


@cache
def notes_by_formula() -> dict[str, SourceNote]:
    """Return the shipped notes that are about a formula, by its key: l2c2, ale, kl ..."""
    notes = read_source_notes(shipped_notes())
    return {note.formula.key: note for note in notes if note.formula is not None}


def note_for(formula: str) -> str:
    """Return the note on a formula as HTML: what the document says, what is right, after whom.

    `formula` is "l2c2", "ale", "kl", "k-anonymity", "availability" or "epsilon".

    Raises
    ------
    WorkbenchError
        for a formula without a note.

    """
    known = notes_by_formula()
    require(
        formula in known,
        "a formula of the source document that has a note",
        got=formula,
        fix=f"One of {', '.join(sorted(known))}.",
    )
    return note_html(known[formula])


def note_html(note: SourceNote) -> str:
    """Return one note as HTML; every text of it is escaped."""
    return render("note", note=note).strip()
