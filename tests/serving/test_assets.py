"""Scripts as a page loads them: one bundle, compressed, kept for ever under the digest of all."""

import gzip
import json
import re
import urllib.request

import pytest

from workbench.publishing.plotly import installed
from workbench.serving import assets as assets_module
from workbench.serving.assets import BUNDLE, WANTED, Assets


@pytest.fixture
def folders(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "deep").mkdir(parents=True)
    (tmp_path / "one" / "a.js").write_text("'use strict'; self.said = ['a']; // the end")
    (tmp_path / "two" / "a.js").write_text("hidden behind the first folder's")
    (tmp_path / "two" / "deep" / "b.js").write_text("self.said.push('b')" + " " * 2000)
    (tmp_path / "secret").write_text("secret")
    return tmp_path


@pytest.fixture
def assets(folders):
    return Assets({"x": [folders / "one", folders / "two", folders / "not-there"]})


def test_folders_are_searched_in_turn(assets):
    assert assets.content("x/a.js").startswith(b"'use strict'")
    assert assets.content("x/deep/b.js").startswith(b"self.said.push")
    assert assets.content("x/none.js") is None


@pytest.mark.parametrize(
    "path",
    ["x/../secret", "x/deep/../../secret", "x//etc/passwd", "/etc/passwd", "x", "x/", "y/a.js", ""],
)
def test_nothing_else_is_to_be_had(assets, path):
    assert assets.content(path) is None


def test_what_is_worth_it_is_compressed(assets):
    assert assets.packed("x/a.js") is None, "too small"
    assert gzip.decompress(assets.packed("x/deep/b.js")) == assets.content("x/deep/b.js")


def test_the_bundle_holds_what_is_there_each_piece_for_itself(assets, folders, monkeypatch):
    monkeypatch.setattr(assets_module, "WANTED", folders / "wanted.json")
    (folders / "wanted.json").write_text(json.dumps(["x/a.js", "x/gone.js", "x/deep/b.js"]))
    whole = assets.content(BUNDLE).decode()
    assert whole.count("(()=>{") == 2
    assert "// the end\n})();" in whole, "a comment at the end does not swallow what follows"


def test_another_content_has_another_address(assets, folders):
    before = assets.address
    (folders / "two" / "deep" / "b.js").write_text("another size")
    assert Assets({"x": [folders / "one", folders / "two"]}).address != before


def test_the_installed_voila_has_every_script_of_the_bundle(server, viewer):
    base = re.search(r'src="(/workbench/static/[0-9a-f]{16})/page-scripts.js"', viewer.html)[1]
    for name in json.loads(WANTED.read_text(encoding="utf-8")):
        status, _ = server.get(f"{base}/{name}")
        assert status == 200, f"{name}: record the scripts again (benchmarks/page_scripts.py)"


def test_scripts_are_compressed_and_kept(server, viewer):
    place = re.search(r'src="(/workbench/static/[^"]*plotly-lines.js)"', viewer.html)[1]
    request = urllib.request.Request(server.base + place, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]
        packed = answer.read()
    status, text = server.get(place)
    assert status == 200
    assert gzip.decompress(packed).decode() == text
    assert server.get("/workbench/static/0000000000000000/plotly/plotly.min.js")[0] == 404


def test_the_whole_of_plotly_is_there_for_charts_of_other_kinds(server, viewer):
    place = re.search(r'data-whole="(/workbench/static/[^"]*)"', viewer.html)[1]
    status, text = server.get(place)
    assert status == 200
    assert text == installed().decode()
