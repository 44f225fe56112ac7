"""The document's own tables: as they are written, and what is right beside each row."""

import json

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.source_tables import read_source_tables, shipped_source_tables
from workbench.files.messages import FileRefused
from workbench.files.source_notes import read_source_notes, shipped_notes
from workbench.frameworks.source_tables import Correction, SourceRow, Written
from workbench.resources import bundled

TABLES = shipped_source_tables()
FRAMEWORKS = shipped_frameworks()
NOTES = {note.id: note for note in read_source_notes(shipped_notes())}


def lines(note):
    """Return the lines of the document that a note is about."""
    if note.lines == "(absent)":
        return set()
    ends = [part.split("-") for part in note.lines.split(",")]
    return {n for pair in ends for n in range(int(pair[0]), int(pair[-1]) + 1)}


def test_there_are_two_tables_of_three_rows_in_the_order_of_the_document():
    assert len({row.table for row in TABLES}) == 2
    assert [row.line for row in TABLES] == [37, 38, 39, 56, 57, 58]


@pytest.mark.parametrize("row", TABLES.rows, ids=lambda row: row.id)
def test_every_row_is_tied_to_the_notes_on_its_line(row):
    assert set(row.notes) <= set(NOTES)
    assert all(row.line in lines(NOTES[note]) for note in row.notes)
    severe = {n.id for n in NOTES.values() if row.line in lines(n) and n.severity == "critical"}
    assert severe <= set(row.notes), "no critical note on this line is left out"


@pytest.mark.parametrize("row", TABLES.rows, ids=lambda row: row.id)
def test_every_right_id_is_one_of_its_edition(row):
    for one in row.corrected:
        assert [i for i in one.ids if not FRAMEWORKS.holds(one.framework, i)] == []


@pytest.mark.parametrize("row", [r for r in TABLES if r.id.startswith("TAB-1")], ids=lambda r: r.id)
def test_old_numbers_lead_where_the_map_of_both_editions_leads(row):
    written, right = row.written[0], row.corrected[0]
    assert not FRAMEWORKS.holds("iso27001_2022", written.id)
    old = FRAMEWORKS["iso27001_2013"].children(written.id)
    links = [
        r for one in old for r in shipped_crosswalk().of((one.framework, one.id), "iso27001_2022")
    ]
    assert {link.target[1] for link in links} == set(right.ids)


@pytest.mark.parametrize(
    ("clause", "label", "title"),
    [
        ("6.1.2", "risk treatment", "AI risk assessment"),
        ("8.4", "transparency", "AI system impact assessment"),
        ("4.2", "external issues", "Interested parties: needs and expectations"),
    ],
)
def test_a_clause_with_a_wrong_label_is_found_and_its_right_one_stands_beside(clause, label, title):
    found = [row for row in TABLES.about(clause, "iso42001_2023") if row.written[1].id == clause]
    assert [row.written[1].label for row in found] == [label]
    assert FRAMEWORKS.requirement("iso42001_2023", clause).title == title
    right = next(one for one in found[0].corrected if one.of == clause)
    assert clause not in right.ids


def test_a_row_is_found_by_what_is_written_and_by_what_is_right():
    assert [r.id for r in TABLES.about("A.9.4")] == ["TAB-1.1"]
    assert [r.id for r in TABLES.about("A.8.3")] == ["TAB-1.1"]
    assert TABLES.about("A.9.4", "iso42001_2023") == (), "there the number is another control"
    assert [r.id for r in TABLES.of_note("SRC-20")] == ["TAB-2.3"]
    assert TABLES.about("A.1.1") == ()


def test_a_reading_of_the_tables_is_never_an_inherited_answer():
    said = [one.sentence() for row in TABLES for one in row.corrected]
    assert sum("(editorial)" in text for text in said) == 3
    assert any("nothing in its place" in text for text in said)


def test_what_breaks_a_rule_is_refused():
    written = Written("iso27001_2022", "A.9.4", "access control")
    good = Correction("A.9.4", "iso27001_2022", ("A.8.3",), "editorial", "why")
    with pytest.raises(WorkbenchError, match="who relates its ids"):
        Correction("A.9.4", "iso27001_2022", ("A.8.3",), "guessed", "why")
    with pytest.raises(WorkbenchError, match="ids are of a framework"):
        Correction("A.9.4", "", ("A.8.3",), "editorial", "why")
    with pytest.raises(WorkbenchError, match="of an id that it writes"):
        SourceRow(
            "T", "t", 1, (written,), "s", (Correction("A.1", "", (), "editorial", "w"),), ("N",)
        )
    with pytest.raises(WorkbenchError, match="a note corrects T"):
        SourceRow("T", "t", 1, (written,), "s", (good,), ())


def test_a_bad_row_is_refused_by_file_row_and_field(tmp_path):
    tree = json.loads((bundled("datasets") / "source-tables" / "tables.json").read_text("utf-8"))
    tree["rows"][2]["line"] = 0
    del tree["rows"][3]["says"]
    tree["rows"][4]["corrected"][0]["of"] = "9.9"
    bad = tmp_path / "tables.json"
    bad.write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        read_source_tables(bad)
    told = refused.value.messages
    assert [line.split(": ")[1] for line in told] == [
        f"row {n} ({i})" for n, i in ((3, "TAB-1.3"), (4, "TAB-2.1"), (5, "TAB-2.2"))
    ]
    assert "line" in told[0]
    assert "says" in told[1]
