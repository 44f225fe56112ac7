"""A chart is plain data; plotly.js goes once, compressed, when a page asks for it."""

import gzip
import json
import re
from importlib.resources import files

import plotly.graph_objects as go
import pytest
from traitlets import TraitError

from workbench.files.suspicious import FORMULA_STARTS
from workbench.plots.blocks import Table
from workbench_widgets import Chart
from workbench_widgets.chart import THEMES, compressed_plotly


def test_a_plotly_figure_becomes_plain_data_without_its_template():
    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]), layout={"title": {"text": "T"}})
    chart = Chart(figure)
    assert chart.figure["data"][0]["y"] == [3, 4]
    assert chart.figure["layout"] == {"title": {"text": "T"}}
    json.dumps(chart.figure)


def test_show_replaces_figure_and_sentence():
    chart = Chart({"data": [{"y": [1]}]}, label="One.")
    chart.show({"data": [{"y": [2]}]}, "Two.")
    assert (chart.figure["data"], chart.label) == ([{"y": [2]}], "Two.")


@pytest.mark.parametrize("figure", ["<script>", 5, [1]])
def test_something_else_is_no_figure(figure):
    with pytest.raises(TraitError, match="a figure is"):
        Chart(figure)


def test_no_chart_carries_plotly_in_its_state():
    state = Chart({"data": []}).get_state()
    assert sum(len(str(part)) for part in state.values()) < 80_000


def test_a_page_that_asks_is_sent_plotly_and_nothing_else_is_answered(monkeypatch):
    chart, sent = Chart(), []
    monkeypatch.setattr(
        chart, "send", lambda content, buffers=None: sent.append((content, buffers))
    )
    chart._handle_custom_msg({"kind": "something"}, [])
    chart._handle_custom_msg("plotly.js", [])
    assert sent == []
    chart._handle_custom_msg({"kind": "plotly.js"}, [])
    content, buffers = sent[0]
    assert content == {"kind": "plotly.js"}
    script = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    assert gzip.decompress(buffers[0]) == script
    assert len(compressed_plotly()) < 0.35 * len(script)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_names_every_colour_that_figures_refer_to(theme):
    named = {"current", "residual", "appetite", "ink", "ink-2", "ink-3", "card", "line", "breach"}
    assert named <= set(THEMES[theme]["token"])


def test_an_overlay_is_kept_as_given_and_cannot_be_written_from_a_browser():
    chart = Chart({"data": [{"name": "A", "y": [1]}]})
    chart.overlay = [{"name": "A", "x": [1, 2], "y": [0.5, 0.25]}]
    chart.set_state({"overlay": [], "table": {"head": [], "rows": []}, "name": "other"})
    assert chart.overlay == [{"name": "A", "x": [1, 2], "y": [0.5, 0.25]}]
    assert (chart.table, chart.name) == ({}, "")


@pytest.mark.parametrize(
    "trace", [{"name": "A"}, {"name": "A", "x": [1], "y": []}, {"x": [], "y": []}]
)
def test_an_overlay_without_a_name_or_with_unequal_lengths_is_refused(trace):
    with pytest.raises(TraitError, match="an overlay trace has"):
        Chart().overlay = [trace]


def test_a_table_has_rows_as_long_as_its_head():
    assert Chart(table=Table(("a", "b"), ((1, None),))).table == {
        "head": ["a", "b"],
        "rows": [[1, None]],
    }
    with pytest.raises(TraitError, match="the 2 cells"):
        Chart(table={"head": ["a", "b"], "rows": [[1]]})


@pytest.mark.parametrize(
    ("name", "kept"),
    [("loss-exceedance", "loss-exceedance"), ("../../etc/x y", "etc-x-y"), ("\u202ea", "a")],
)
def test_the_name_of_a_file_holds_nothing_but_letters_and_dashes(name, kept):
    assert Chart(name=name).name == kept


def test_the_script_neutralises_the_same_starts_as_files_do():
    said = re.search(r'const FORMULA = (".*?");', str(Chart._esm))
    assert said is not None
    assert frozenset(json.loads(said[1])) == FORMULA_STARTS
