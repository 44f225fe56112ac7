"""Records of evidence: what, who and when, for a requirement that there is."""

import datetime as dt
import io

import openpyxl
import pytest

from workbench.files import FileRefused
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.evidence import parse_records, read_records, records_csv
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.frameworks import Record, coverage

HEADER = "framework,id,evidence,by,day"


def table(*rows):
    return "\n".join((HEADER, *rows, "")).encode()


def test_records_are_read_under_the_edition_and_written_back(tmp_path):
    rows = (
        Record("iso27001_2022", "A.5.1", "=policy, v3", "Ann", "2026-11-24"),
        Record("iso27001_2022", "A.5.1", "audit", "Bo", "2026-11-25"),
    )
    path = tmp_path / "evidence.csv"
    path.write_text(records_csv(rows), newline="")
    assert read_records(path) == rows
    assert ",'=" in path.read_text() or ",\"'=" in path.read_text()
    by_alias = table("iso42001,A.2.2,policy v3,Ann,2026-11-24")
    assert parse_records("e.csv", by_alias)[0].framework == "iso42001_2023"


def test_records_in_a_workbook_have_their_day_as_text_or_as_a_date():
    made = openpyxl.Workbook()
    made.active.append(HEADER.split(","))
    for day in ("2026-11-24", dt.date(2026, 11, 24)):
        made.active.append(["iso42001", "A.2.2", "policy", "Ann", day])
    out = io.BytesIO()
    made.save(out)
    one, other = parse_records("e.xlsx", out.getvalue())
    assert one == other
    assert one.day == "2026-11-24"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "iso42001,A.99,x,Ann,2026-11-24",
            "row 2: id: is not in iso42001_2023, got 'A.99'; did",
        ),
        ("other,A.1,x,Ann,2026-11-24", "row 2: framework: is not known, got 'other', allowed "),
        ("iso42001,A.2.2,,Ann,2026-11-24", "row 2: evidence: is missing"),
        ("iso42001,A.2.2,x,,2026-11-24", "row 2: by: is missing"),
        ("iso42001,A.2.2,x,Ann,", "row 2: day: is missing"),
        ("iso42001,A.2.2,x,Ann,2026-02-30", "row 2: day: is no day"),
        ("iso42001,A.2.2,x,Ann,24.11.2026", "row 2: day: is not of the right form"),
    ],
)
def test_a_bad_record_of_each_sort_is_refused(row, words):
    with pytest.raises(FileRefused) as caught:
        parse_records("e.csv", table(row))
    assert len(caught.value.messages) == 1
    assert words in caught.value.messages[0]


def test_a_record_that_was_read_makes_its_candidate_count():
    frameworks = shipped_frameworks()
    source, target = frameworks["nist_ai_rmf_1_0"], frameworks["iso42001_2023"]
    without = coverage(shipped_crosswalk(), source, target)
    one = min(without.candidates)
    records = parse_records("e.csv", table(f"iso42001,{one},minutes,Ann,2026-11-24"))
    with_it = coverage(shipped_crosswalk(), source, target, records=records)
    assert with_it.met() == sorted([*without.met(), one])
