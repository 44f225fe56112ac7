"""What is said of a crosswalk says no more than its rows: related inherits nothing."""

from dataclasses import replace

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.source_tables import shipped_source_tables
from workbench.frameworks.comparing import compared
from workbench.frameworks.coverage import coverage, matrix
from workbench.frameworks.crosswalk import Crosswalk, Row
from workbench.frameworks.groups import SIX
from workbench.frameworks.linting import lint
from workbench.reports import crosswalk_words as told

FRAMEWORKS, CROSSWALK = shipped_frameworks(), shipped_crosswalk()


def test_a_requirement_is_told_from_both_ends_also_by_an_older_name():
    there = told.query_told(CROSSWALK, FRAMEWORKS, ("iso42001_2023", "A.8.4"))
    back = told.query_told(CROSSWALK, FRAMEWORKS, ("eu_ai_act", "73"), "iso42001")
    assert "AI Act 73 Serious incident reporting: intersects" in there
    assert "ISO 42001 A.8.4 Incident communication to users: intersects" in back
    assert back.startswith("AI Act 73 Serious incident reporting: 3 rows.")
    with pytest.raises(WorkbenchError, match=r"an id of ISO.* is one that it has; got 'A\.99'"):
        told.query_told(CROSSWALK, FRAMEWORKS, ("iso42001", "A.99"))


@pytest.mark.parametrize("row", CROSSWALK.rows[::24], ids=lambda r: f"{r.source[1]}-{r.target[1]}")
def test_every_row_says_who_relates_it_and_whether_anything_is_inherited(row):
    text = told.row_told(row, FRAMEWORKS)
    assert told.MARKS[row.basis] in text
    assert f"rank {row.strength} of 10" in text
    assert ("inherits nothing" in text) == (not row.inherits)
    assert ("a second rater said" in text) == row.raters_differ


def test_a_second_rater_who_differs_is_told():
    rated = [row for row in CROSSWALK.rows if row.raters_differ]
    assert len(rated) == 8
    assert all("a second rater said" in told.row_told(row, FRAMEWORKS) for row in rated)


def test_a_chain_says_its_way_and_what_all_of_it_means():
    link = CROSSWALK.chains(("iso27001_2013", "A.16.1.1"), "iso42001_2023")[0]
    text = told.chain_told(link, FRAMEWORKS)
    assert "A.16.1.1 > ISO 27001 A.5.24 > ISO 42001 A.8.4 (equal, intersects)" in text
    assert text.endswith("intersects, related, and inherits nothing")


def test_the_heading_of_a_matrix_follows_its_numbers():
    found = matrix(CROSSWALK, FRAMEWORKS, SIX)
    assert told.coverage_heading(found) == (
        "No framework inherits from another: all 657 answers are only candidates."
    )
    old, new = FRAMEWORKS["iso27001_2013"], FRAMEWORKS["iso27001_2022"]
    one = coverage(CROSSWALK, old, new)
    both = len(one.inherited) + len(one.candidates)
    assert told.coverage_heading({(old.id, new.id): one}) == (
        f"{len(one.inherited)} of {both} answers are inherited, the others only candidates."
    )
    found[old.id, new.id] = one
    nearly = told.coverage_heading(found)
    assert nearly.startswith("Nearly all answers are only candidates: ")
    assert nearly.endswith(f" of {657 + both}.")
    assert "of 123 inherited" in told.coverage_told(one, FRAMEWORKS)


def test_who_says_so_is_counted_over_the_rows_between_the_six():
    text = told.bases_told(CROSSWALK, SIX)
    assert text.startswith(
        "515 rows between them: 25 published ids, 30 derived from structure, 460"
    )
    assert "515 of them say no more than 'intersects'" in text


def test_faults_are_lines_and_a_clean_crosswalk_says_so():
    assert told.lint_told(lint(CROSSWALK, FRAMEWORKS)).startswith("Clean")
    bad = told.lint_told(lint(shipped_source_tables().as_written(), FRAMEWORKS))
    assert [line.split(": ")[1] for line in bad.splitlines()] == ["edition mismatch"] * 3 + [
        "dangling"
    ]


def test_a_fault_of_many_rows_is_said_once_with_their_number():
    rows = [replace(row, provenance="") for row in CROSSWALK.rows[:300]]
    broken = replace(rows[0], target=("iso42001_2023", "A.99"))
    faults = lint(Crosswalk((broken, *rows[1:])), FRAMEWORKS)
    assert len(faults) == 301
    assert told.lint_told(faults).splitlines() == [
        "row 1: dangling: target A.99 is not in iso42001_2023",
        (
            "missing source: nobody says where the row comes from, in 300 rows: "
            "row 1, row 2, row 3, row 4 and 296 more"
        ),
    ]
    three = told.lint_told([one for one in faults if one.kind == "missing source"][:3])
    assert three.count("\n") == 2


def test_counts_are_those_of_the_rows_and_of_the_faults():
    text = told.counts_told(CROSSWALK, lint(CROSSWALK, FRAMEWORKS)).splitlines()
    assert text[0].startswith("715 rows: 110 equal, 3 superset, 60 subset, 542 intersects; ")
    assert text[0].endswith("; 148 rated twice, of which 8 differ.")
    assert sum(int(line.rpartition(": ")[2]) for line in text[1:-1]) == 715
    assert text[-1] == "Faults: none."
    bad = shipped_source_tables().as_written()
    said = told.counts_told(bad, lint(bad, FRAMEWORKS)).splitlines()
    assert said[-1] == "Faults: 3 edition mismatch, 1 dangling."
    assert told.counts_told(Crosswalk(()), []) == "0 rows.\nFaults: none."


def test_what_lost_its_cover_is_named_and_a_long_list_is_cut():
    assert told.changes_told(compared(CROSSWALK, CROSSWALK), FRAMEWORKS).startswith("0 rows added")
    none = told.changes_told(compared(CROSSWALK, Crosswalk(())), FRAMEWORKS)
    assert "715 removed" in none
    assert " more." in none
    row = Row(("iso42001_2023", "A.2.2"), ("iso27001_2022", "A.5.1"), "equal", 9, "editorial", "t")
    weaker = Row(row.source, row.target, "intersects", 9, "editorial", "t")
    said = told.changes_told(compared(Crosswalk((row,)), Crosswalk((weaker,))), FRAMEWORKS)
    assert "These inherit nothing any more: ISO 27001 A.5.1, ISO 42001 A.2.2." in said


def test_a_row_of_the_document_stands_beside_what_is_right():
    first = told.source_row_told(shipped_source_tables().rows[0], FRAMEWORKS)
    lines = first.splitlines()
    assert lines[0].startswith("Line 37: ISO 27001 A.9.4, called access control.")
    assert "A.8.3, A.8.5, A.5.17, A.8.18, A.8.4 of iso27001_2022" in lines[1]
    assert "(editorial)" in lines[2]
    assert lines[3].strip() == "notes: SRC-05, SRC-08"
