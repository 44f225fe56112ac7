"""A crosswalk is the same in each form that is written; another type of file is refused."""

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.exchange.crosswalks import (
    WRITTEN,
    crosswalk_text,
    parse_any_crosswalk,
    read_any_crosswalk,
)
from workbench.frameworks import Crosswalk

HEADS = {
    ".csv": {},
    ".tsv": {"title": "T"},
    ".json": {"title": "T", "stamp": "2026-11-28T00:00:00Z"},
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_crosswalk_is_written_and_read_by_the_name_of_its_file(tmp_path, kind):
    some = Crosswalk(shipped_crosswalk().rows[::9])
    path = tmp_path / f"rows{kind}"
    path.write_text(crosswalk_text(some, kind, **HEADS[kind]), encoding="utf-8", newline="")
    assert read_any_crosswalk(path).value == some


def test_a_chain_through_all_forms_loses_nothing():
    found = shipped_crosswalk()
    for kind in (*WRITTEN, *WRITTEN[::-1]):
        text = crosswalk_text(found, kind, **HEADS[kind])
        found = parse_any_crosswalk(f"rows{kind}", text.encode()).value
    assert found == shipped_crosswalk()


def test_a_library_is_read_by_its_name():
    with pytest.raises(WorkbenchError, match="urn: is missing"):
        parse_any_crosswalk("x.yaml", b"objects: {}\n")


@pytest.mark.parametrize("name", ["x.xlsx", "x", "x.pdf"])
def test_another_type_is_refused(name):
    with pytest.raises(WorkbenchError, match="a file of a known type"):
        parse_any_crosswalk(name, b"x")
    with pytest.raises(WorkbenchError, match="written as CSV, SSSOM or OSCAL"):
        crosswalk_text(shipped_crosswalk(), ".xlsx")
