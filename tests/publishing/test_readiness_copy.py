"""The readiness page as files: the same words and charts, and no choice that needs a kernel."""

import json
import re
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.publishing import Copy, as_of, published_files
from workbench.publishing.plotly import traces_of
from workbench.reports.readiness import open_readiness

MADE = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
COPY = Copy("Readiness", MADE)


def files_of(board):
    return {name: content.decode() for name, content in published_files(board, COPY).items()}


@pytest.fixture(scope="module")
def board():
    return open_readiness(fresh=as_of(MADE), computed=MADE)


@pytest.fixture(scope="module")
def files(board):
    return files_of(board)


def test_a_copy_says_what_the_page_says_and_as_of_when(board, files):
    page = files["index.html"]
    assert board.page.heading in page
    assert "As of 24 Nov 2026, 09:12 UTC; this copy does not change" in page
    assert page.count('data-chart="') == 3
    assert "data-choice=" not in page
    assert len(set(re.findall(r"SRC-\d\d", page))) == 51


def test_its_charts_are_drawn_by_the_small_plotly(board):
    charts = [chart for block in board.blocks.values() for chart in block.charts()]
    assert traces_of(chart.figure for chart in charts) == {"scatter", "bar"}


def test_equal_boards_give_equal_bytes(files):
    assert files_of(open_readiness(fresh=as_of(MADE), computed=MADE)) == files


def test_the_command_writes_it(tmp_path):
    done = CliRunner().invoke(app, ["publish", str(tmp_path / "page"), "--page", "readiness"])
    assert done.exit_code == 0, done.output
    manifest = json.loads((tmp_path / "page" / "manifest.json").read_text("utf-8"))
    assert (manifest["title"], manifest["engine"]) == ("Readiness", "exact")
