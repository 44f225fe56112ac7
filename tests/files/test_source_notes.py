"""The notes on the source document: complete, in their own words, read strictly, and right."""

import itertools
import json
import math
import re
from collections import Counter
from pathlib import Path

import pytest

from workbench.files import FileRefused
from workbench.files.source_notes import read_source_notes, shipped_notes

SHARED = Path(__file__).parents[3] / "shared"
WORDS_ALIKE = 8  # in a row that would be a copied sentence
NOTES = {note.id: note for note in read_source_notes(shipped_notes())}


def facts():
    path = SHARED / "facts" / "source_notes.json"
    if not path.is_file():
        pytest.skip("the facts that the notes were written from are not beside this checkout")
    return {row["id"]: row for row in json.loads(path.read_text("utf-8"))["notes"]}


def test_there_are_fifty_one_in_order() -> None:
    assert list(NOTES) == [f"SRC-{k:02}" for k in range(1, 52)]
    counts = Counter(note.severity for note in NOTES.values())
    assert counts == {"minor": 14, "major": 18, "critical": 15, "info": 4}


def test_they_have_the_places_and_severities_of_the_facts() -> None:
    rows = facts()
    assert rows.keys() == NOTES.keys()
    for key, note in NOTES.items():
        assert (note.lines, note.severity) == (rows[key]["source_lines"], rows[key]["severity"])


def runs_of_words(text: str) -> set[tuple[str, ...]]:
    found = re.findall(r"[\w'-]+", text.lower())
    return {tuple(found[i : i + WORDS_ALIKE]) for i in range(len(found) - WORDS_ALIKE + 1)}


def test_no_sentence_is_copied() -> None:
    rows = facts()
    (document,) = (SHARED / "source").glob("*.txt")
    theirs = runs_of_words(document.read_text("utf-8"))
    for row in rows.values():
        theirs |= runs_of_words(row["claim"]) | runs_of_words(row["correct"])
    assert len(theirs) > 500
    for note in NOTES.values():
        for text in (note.claim, note.correct, note.action):
            assert runs_of_words(text) & theirs == set(), note.id


def test_they_are_short_sentences() -> None:
    for note in NOTES.values():
        for text in (note.claim, note.correct, note.action):
            assert text.endswith("."), note.id
            assert text[0].isupper() or text[0].isdigit() or note.id == "SRC-32", note.id
        assert len(note.claim) <= 160, note.id
        assert len(note.correct) <= 420, note.id


def test_the_formulas_that_pages_ask_for() -> None:
    keys = {n.formula.key: n.id for n in NOTES.values() if n.formula is not None}
    assert keys == {
        "epsilon": "SRC-10",
        "l2c2": "SRC-21",
        "kl": "SRC-30",
        "k-anonymity": "SRC-32",
        "ale": "SRC-34",
        "availability": "SRC-42",
    }


def test_the_arithmetic_of_the_notes_is_right() -> None:
    cells = list(itertools.product(range(1, 6), repeat=2))
    pairs = list(itertools.combinations(cells, 2))
    against = sum((a * a + b * b - c * c - d * d) * (a * b - c * d) < 0 for (a, b), (c, d) in pairs)
    assert f"{against} of the {len(pairs)} pairs" in NOTES["SRC-21"].correct
    assert f"{(50 - 1) / (2 * 200):.2f}" == "0.12"
    assert "0.12" in NOTES["SRC-30"].correct
    hours = math.floor(0.0005 * 365.25 * 24 * 10 + 0.5) / 10
    assert f"{hours} hours a year" in NOTES["SRC-42"].correct


ROW = {
    "id": "SRC-21",
    "lines": "66",
    "severity": "minor",
    "topics": ["drift"],
    "formula": {"key": "l2c2", "text": "x"},
    "claim": "A.",
    "correct": "B.",
    "source": "C",
    "action": "D.",
}


def written(path, *rows, **head):
    tree = {"document": "X", "reviewed": "2026-11-24", "notes": list(rows)} | head
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


def test_a_good_row_is_read(tmp_path) -> None:
    (note,) = read_source_notes(written(tmp_path / "n.json", ROW))
    assert (note.id, note.topics, note.formula.key) == ("SRC-21", ("drift",), "l2c2")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "21"}, "row 1: id: not an id, got '21'"),
        ({"id": 21}, "row 1: id: not a text"),
        ({"lines": "about 66"}, "row 1: lines: no lines"),
        ({"severity": "bad"}, "row 1: severity: got 'bad', allowed info"),
        ({"topics": "drift"}, "row 1: topics: not a list"),
        ({"formula": {"key": "l2c2"}}, "row 1: formula: null, or key and text"),
        ({"formula": "L2"}, "row 1: formula: null, or key and text"),
        ({"claim": " "}, "row 1: claim: not a text"),
        ({"mood": 1}, "row 1: mood: unknown field"),
    ],
)
def test_a_faulty_row_is_refused_with_its_place(tmp_path, change, message) -> None:
    with pytest.raises(FileRefused, match=re.escape(message)):
        read_source_notes(written(tmp_path / "n.json", ROW | change))


def test_missing_fields_repeats_and_other_shapes_are_refused(tmp_path) -> None:
    path = tmp_path / "n.json"
    with pytest.raises(FileRefused, match="action: missing"):
        read_source_notes(written(path, {k: v for k, v in ROW.items() if k != "action"}))
    with pytest.raises(FileRefused, match="'SRC-21' stands twice") as refusal:
        read_source_notes(written(path, ROW, ROW))
    assert len(refusal.value.messages) == 2  # the key of its formula too
    with pytest.raises(FileRefused, match="row 1: no mapping"):
        read_source_notes(written(path, "text"))
    with pytest.raises(FileRefused, match="notes are a mapping"):
        read_source_notes(written(path))
    with pytest.raises(FileRefused, match="notes are a mapping"):
        read_source_notes(written(path, ROW, more=1))
    path.write_text('{"document": "X", "document": "Y"}', encoding="utf-8")
    with pytest.raises(FileRefused, match="written twice"):
        read_source_notes(path)
