"""The threat model as files: every component of every system answered beforehand."""

import json
import re
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.publishing import Copy, published_files
from workbench.reports.threat_board import open_threat_board

COPY = Copy("Threat model", datetime(2026, 11, 24, 9, 12, tzinfo=UTC))


@pytest.fixture(scope="module")
def board():
    return open_threat_board(computed=COPY.made)


@pytest.fixture(scope="module")
def files(board):
    return {name: content.decode() for name, content in published_files(board, COPY).items()}


def answers(files):
    return json.loads(files["answers.js"].partition("= ")[2].rstrip(";\n"))


def test_each_system_and_each_component_of_it_has_its_answer(board, files):
    found = answers(files)
    assert found["grid"] is None
    assert set(found["choices"]["system"]) == set(board.systems)
    wanted = {
        f"{name}/{part.id}" for name, one in board.systems.items() for part in one.system.components
    }
    assert set(found["choices"]["data-flows"]) == wanted
    for one in ("credit-model/history", "document-agent/tools"):
        assert found["choices"]["data-flows"][one] == board.chosen(one)


def test_the_page_opens_with_what_the_board_opens_with_and_knows_the_other_diagrams(board, files):
    data = json.loads(
        re.search(r'id="published">(.*?)</script>', files["index.html"], re.DOTALL)[1]
    )
    flow = data["flows"]["data-flows"]
    assert flow["follows"] == "system"
    assert flow["diagram"] == json.loads(json.dumps(board.diagram(board.first)))
    assert flow["value"] == board.worst(board.first)
    assert {name: one["value"] for name, one in flow["systems"].items()} == {
        name: board.worst(name) for name in board.systems
    }
    assert board.page.heading.replace("'", "&#39;") in files["index.html"]
    assert 'data-flow="data-flows"' in files["index.html"]


def test_a_page_that_does_not_exist_is_refused_before_anything_is_written(tmp_path):
    place = tmp_path / "page"
    found = CliRunner().invoke(app, ["publish", str(place), "--page", "nothing"])
    assert found.exit_code == 2
    assert "got 'nothing'. One of overview, readiness, threats." in found.output
    assert not place.exists()


def test_equal_boards_give_equal_bytes(files):
    again = published_files(open_threat_board(computed=COPY.made), COPY)
    assert {name: content.decode() for name, content in again.items()} == files
