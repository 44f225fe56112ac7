"""A crosswalk is the same in each form that is written; another type of file is refused."""

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.exchange.crosswalks import SUFFIXES, crosswalk_text, read_any_crosswalk
from workbench.frameworks import Crosswalk

STAMP = "2026-11-28T00:00:00Z"


def through(crosswalk, suffix, folder):
    path = folder / f"rows{suffix}"
    text = crosswalk_text(crosswalk, suffix, stamp=STAMP)
    path.write_text(text, encoding="utf-8", newline="")
    return read_any_crosswalk(path).value.crosswalk


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_crosswalk_is_written_and_read_by_the_name_of_its_file(tmp_path, suffix):
    some = Crosswalk(shipped_crosswalk().rows[::9])
    assert through(some, suffix, tmp_path) == some


def test_a_chain_through_all_forms_loses_nothing(tmp_path):
    found = shipped_crosswalk()
    for suffix in (*SUFFIXES, *SUFFIXES[::-1]):
        found = through(found, suffix, tmp_path)
    assert found == shipped_crosswalk()


def test_a_library_is_read_by_its_name_and_another_type_is_not_written(tmp_path):
    (tmp_path / "x.yaml").write_text("objects: {}\n")
    with pytest.raises(WorkbenchError, match="urn: is missing"):
        read_any_crosswalk(tmp_path / "x.yaml")
    with pytest.raises(WorkbenchError, match="written as CSV, SSSOM or OSCAL"):
        crosswalk_text(shipped_crosswalk(), ".xlsx", stamp=STAMP)
