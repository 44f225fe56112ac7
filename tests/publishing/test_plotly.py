"""plotly.js of a page: the installed one, less what no chart of the page uses."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from workbench.publishing import plotly
from workbench.publishing.plotly import installed, plotly_script, traces_of, unwrapped, without

LINES = frozenset({"scatter", "bar"})


def test_what_is_left_out_is_what_cannot_be_reached(tmp_path):
    """The ranges are found anew in the installed plotly.js by another program."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine to read JavaScript with")
    file = tmp_path / "plotly.min.js"
    file.write_bytes(installed())
    reader = Path(__file__).with_name("plotly_parts.js")
    command = [node, "--expose-internals", str(reader), str(file), "bar"]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    shipped = json.loads(plotly.PARTS.read_text(encoding="utf-8"))
    assert json.loads(found.stdout) == shipped, f"write {found.stdout[:80]}... to {plotly.PARTS}"
    (tmp_path / "part.js").write_text(plotly_script(LINES), encoding="utf-8")
    subprocess.run([node, "--check", str(tmp_path / "part.js")], check=True, capture_output=True)


def test_lines_and_bars_need_a_quarter_of_it():
    assert len(plotly_script(LINES)) < len(installed()) / 4
    assert plotly_script(LINES) == plotly_script(frozenset({"scatter"}))


def test_another_kind_of_trace_or_another_version_takes_the_whole(monkeypatch):
    assert len(plotly_script(frozenset({"scatter", "pie"}))) > 0.99 * len(installed())
    monkeypatch.setattr(plotly, "installed", lambda: b"var Plotly = 1;")
    plotly_script.cache_clear()
    assert plotly_script(LINES) == "var Plotly = 1;"
    plotly_script.cache_clear()


def test_a_trace_without_a_type_is_a_scatter():
    assert traces_of([{"data": [{}, {"type": "bar"}]}, {"layout": {}}]) == {"scatter", "bar"}


def test_ranges_are_taken_out():
    assert without(b"0123456789", [(0, 2), (4, 5), (9, 10)]) == b"235678"


def test_plotly_loses_its_wrapper_and_nothing_else():
    whole = installed().decode()
    plain = unwrapped(whole)
    assert len(whole) - 800 < len(plain) < len(whole)
    assert plain.startswith("/**\n* plotly.js v")
    assert "Licensed under the MIT license" in plain[:300]
    assert plain.endswith("window.Plotly = Plotly;\n")
    assert unwrapped("var Plotly = 1;") == "var Plotly = 1;"
