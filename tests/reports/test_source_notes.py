"""The note beside a formula: visible text, escaped, with its id and its source."""

import re
from dataclasses import replace

import pytest

from workbench.errors import WorkbenchError
from workbench.reports.source_notes import note_for, note_html, notes_by_formula


@pytest.mark.parametrize(
    ("key", "shown", "id_", "says"),
    [
        ("l2c2", "L² + C²", "SRC-21", "NIST AI 100-1"),
        ("ale", "ALE = ARO × AV × EF", "SRC-34", "Open FAIR"),
        ("kl", "&lt; 0.1", "SRC-30", "PSI"),
        ("k-anonymity", "k ≥ 5", "SRC-32", "05/2014"),
        ("availability", "99.95 %", "SRC-42", "4.4 hours"),
        ("epsilon", "Pr[M(d) ∈ S]", "SRC-10", "Dwork"),
    ],
)
def test_the_note_on_a_formula(key, shown, id_, says) -> None:
    html = note_for(key)
    assert html.startswith('<aside class="source-note')
    assert re.search(rf'<span class="kicker">A note on [^<]*{re.escape(shown)}', html)
    text = re.sub(r"<[^>]*>", "", html)
    assert f"{id_}." in text
    assert says in text
    assert "title=" not in html


def test_a_formula_without_a_note_is_refused_by_name() -> None:
    with pytest.raises(WorkbenchError, match=r"got 'e = mc2'\. One of ale, "):
        note_for("e = mc2")


def test_every_text_of_a_note_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    note = notes_by_formula()["ale"]
    bad = replace(
        note,
        id=evil,
        claim=evil,
        correct=evil,
        source=evil,
        formula=replace(note.formula, text=evil),
    )
    html = note_html(bad)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 6
    assert "A note on the source document<" in note_html(replace(note, formula=None))
