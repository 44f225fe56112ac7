"""A crosswalk is the same in each form that is written; another type of file is refused."""

import pytest

from workbench.errors import WorkbenchError
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.exchange.crosswalks import SUFFIXES, crosswalk_text, read_any_crosswalk
from workbench.files.messages import FileRefused
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


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".yaml", ".json"])
@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "the file is a PNG picture"),
        (b"%PDF-1.7\n%\xe2", "the file is PDF"),
        (b"PK\x03\x04\x14\x00", "the file is XLSX or ZIP"),
        ("source_framework".encode("utf-16"), "the encoding is UTF-16 or UTF-32, not UTF-8"),
    ],
)
def test_what_is_no_text_is_told_by_what_it_is(tmp_path, suffix, data, what):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(data)
    with pytest.raises(FileRefused) as refused:
        read_any_crosswalk(path)
    (message,) = refused.value.messages
    assert message.startswith(f"{path}: {what}")


def test_a_library_is_read_by_its_name_and_another_type_is_not_written(tmp_path):
    (tmp_path / "x.yaml").write_text("objects: {}\n")
    with pytest.raises(WorkbenchError, match="urn: is missing"):
        read_any_crosswalk(tmp_path / "x.yaml")
    with pytest.raises(WorkbenchError, match="written as CSV, SSSOM or OSCAL"):
        crosswalk_text(shipped_crosswalk(), ".xlsx", stamp=STAMP)
