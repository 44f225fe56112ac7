"""`workbench publish`: what it refuses, and what it writes."""

import json

import pytest
from typer.testing import CliRunner

from workbench.cli import app, publishing

HEAD = (
    "id,name,aro_low,aro_mode,aro_high,asset_value,ef_low,ef_mode,ef_high,likelihood,consequence\n"
)


def published(*arguments: object):
    return CliRunner().invoke(app, ["publish", *map(str, arguments)])


@pytest.fixture
def study(tmp_path):
    """Return the path of a study with one scenario."""
    file = tmp_path / "study.csv"
    file.write_text(HEAD + "A,First,1,3,8,400000,0.01,0.04,0.2,5,2\n")
    return file


def test_a_page_is_written_and_not_replaced_without_force(tmp_path, study):
    place = tmp_path / "page"
    first = published(place, study)
    assert first.exit_code == 0, first.output
    assert str(place / "index.html") in first.output
    manifest = json.loads((place / "manifest.json").read_text())
    assert set(manifest["sha256"]) == {p.name for p in place.iterdir()} - {"manifest.json"}
    before = (place / "index.html").read_bytes()
    again = published(place, study)
    assert again.exit_code == 2
    assert "Name another folder, or add --force." in again.output
    assert (place / "index.html").read_bytes() == before
    assert published(place, study, "--force").exit_code == 0


def test_a_faulty_study_is_refused_with_its_lines_before_anything_is_written(tmp_path):
    file = tmp_path / "study.csv"
    file.write_text(HEAD + "A,First,-1,3,8,400000,0.01,0.04,0.2,5,2\n")
    found = published(tmp_path / "page", file)
    assert found.exit_code == 2
    assert "aro_low" in found.output
    assert [p.name for p in tmp_path.iterdir()] == ["study.csv"]


def test_a_place_is_refused_before_anything_is_computed(tmp_path, study, monkeypatch):
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "mine.txt").write_text("mine")
    monkeypatch.setattr(publishing, "interruptible", lambda _work: pytest.fail("computed"))
    found = published(tmp_path / "page", study, "--force")
    assert found.exit_code == 2
    assert "replaces a published page and nothing else" in found.output
