"""What a viewer reads where a page could not be computed: our refusals, and no place on a disk."""

import pytest
from nbclient.exceptions import CellExecutionError

from workbench.resources import STUDY_VARIABLE
from workbench.serving.notebook import _said


def failure(name, text):
    return CellExecutionError("a traceback", name, text)


@pytest.mark.parametrize("place", ["own.yaml", "own.systems/agent.yaml"])
def test_a_refused_file_is_called_by_its_name_beside_the_study(monkeypatch, tmp_path, place):
    monkeypatch.setenv(STUDY_VARIABLE, str(tmp_path / "own.yaml"))
    said = _said(failure("FileRefused", f"{tmp_path}/{place}: row 1: kind: is not known"))
    assert said == f"{place}: row 1: kind: is not known"


def test_another_failure_is_for_the_log(monkeypatch, tmp_path):
    monkeypatch.setenv(STUDY_VARIABLE, str(tmp_path / "own.yaml"))
    assert _said(failure("ValueError", f"in {tmp_path}")) == "The server's log says why."
    assert _said(RuntimeError(str(tmp_path))) == "The server's log says why."


def test_without_a_study_a_refusal_stays_as_it_is(monkeypatch):
    monkeypatch.delenv(STUDY_VARIABLE, raising=False)
    assert _said(failure("FileRefused", "x.yaml: is empty")) == "x.yaml: is empty"
