"""Where each note on the source document stands: beside what its claim would be about.

A note on a line of the document stands where what was made of that line is shown: its two tables,
a task of the roadmap, a control. Others go by their topics. Each has one place.
"""

from collections.abc import Iterable
from functools import cache

from workbench.files.catalogues.controls import shipped_controls
from workbench.files.catalogues.plans import shipped_roadmap
from workbench.files.catalogues.source_tables import shipped_source_tables
from workbench.files.source_notes import SourceNote, read_source_notes, shipped_notes
from workbench.reports.html import render

PLACES = ("ai-act", "crosswalk", "roadmap", "gaps")  # cards of the readiness page
ACT = frozenset({"eu-ai-act"})
STANDARDS = frozenset({"iso42001", "iso27001", "iso27701", "soc2", "audit"})
PLANS = frozenset({"roadmap", "certification", "governance", "evidence"})


@cache
def all_notes() -> tuple[SourceNote, ...]:
    """Return the shipped notes, read once."""
    return read_source_notes(shipped_notes())


def notes_at(place: str) -> tuple[SourceNote, ...]:
    """Return the notes that stand in a card of the readiness page, in their order."""
    return tuple(note for note in all_notes() if place_of(note) == place)


def place_of(note: SourceNote) -> str:
    """Return the card in which a note stands."""
    lines, topics = lines_of(note.lines), set(note.topics)
    if topics & PLANS:
        return "roadmap"
    for row in shipped_source_tables():
        if note.id in row.notes:
            return "ai-act" if row.written[0].framework.startswith("eu_ai_act") else "crosswalk"
    if lines and lines <= _lines(control.source_line for control in shipped_controls()):
        return "gaps"
    if lines & _lines(task.source_line for task in shipped_roadmap().tasks):
        return "roadmap"
    if topics & ACT:
        return "ai-act"
    return "crosswalk" if topics & STANDARDS else "gaps"


def notes_about(topic: str) -> tuple[SourceNote, ...]:
    """Return the notes on a topic, such as 'iso27001' or 'privacy', or on a line: '37'."""
    if topic.isdigit():
        return tuple(note for note in all_notes() if int(topic) in lines_of(note.lines))
    return tuple(note for note in all_notes() if topic in note.topics)


def lines_of(text: str) -> set[int]:
    """Return the lines that a text such as '19-21,40' names; none for '(absent)' or nothing."""
    if not text or text.startswith("("):
        return set()
    ends = [part.split("-") for part in text.split(",")]
    return {n for pair in ends for n in range(int(pair[0]), int(pair[-1]) + 1)}


def _lines(texts: Iterable[str]) -> set[int]:
    return {n for text in texts for n in lines_of(text)}


def notes_told(notes: Iterable[SourceNote]) -> str:
    """Say notes as text, one after another, with the document's claim and what is right."""
    return "\n".join(
        f"{note.id} (line {note.lines}, {note.severity}): {note.claim} Right: {note.correct} "
        f"[{note.source}]"
        for note in notes
    )


def notes_html(place: str) -> str:
    """Return the notes of a card, folded; nothing where there are none."""
    return render("source_notes", notes=notes_at(place))
