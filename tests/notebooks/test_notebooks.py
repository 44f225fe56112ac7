"""Notebooks are thin, teach in prose, compare real numbers, and save nothing that varies."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = [
    p for p in sorted((ROOT / "notebooks").rglob("*.ipynb")) if ".ipynb_checkpoints" not in p.parts
]
MOST_LINES = 45
LONGER = {  # from a table to a decision, from systems to a portfolio, a register's whole life
    "03-portfolio": 70,
    "04-threat-model": 70,
    "07-register": 75,
}
LEAST_NUMBERS = 5
VARYING = re.compile(r"0x[0-9a-f]{6,}|model_id|\d\d:\d\d(:\d\d)? UTC")


def label(path: Path) -> str:
    return path.stem


def load(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def code(notebook: dict) -> list[str]:
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]


def outputs(notebook: dict) -> list[dict]:
    return [o for cell in notebook["cells"] for o in cell.get("outputs", [])]


def said(output: dict) -> str:
    """Return what nbval compares of an output: its text, or the page's HTML."""
    if "text" in output:
        return "".join(output["text"])
    return "".join("".join(v) for k, v in output.get("data", {}).items() if k != "text/plain")


def test_there_are_the_two_kinds() -> None:
    assert {p.parent.name for p in NOTEBOOKS} == {"analyst", "dashboards"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=label)
def test_a_notebook_is_thin(path: Path) -> None:
    lines = [line.strip() for cell in code(load(path)) for line in cell.splitlines()]
    assert len([line for line in lines if line and not line.startswith("#")]) <= LONGER.get(
        path.stem, MOST_LINES
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=label)
def test_a_notebook_defines_callbacks_only(path: Path) -> None:
    tree = ast.parse("\n".join(code(load(path))))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.Lambda)]
    classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    observed = {
        n.args[0].id
        for n in ast.walk(tree)
        if isinstance(n, ast.Call)
        and isinstance(n.func, ast.Attribute)
        and n.func.attr == "observe"
        and isinstance(n.args[0], ast.Name)
    }
    assert classes == []
    assert {getattr(f, "name", "lambda") for f in functions} == observed


@pytest.mark.parametrize("path", NOTEBOOKS, ids=label)
def test_a_notebook_compares_numbers(path: Path) -> None:
    with_number = [o for o in outputs(load(path)) if re.search(r"\d", said(o))]
    assert len(with_number) >= LEAST_NUMBERS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=label)
def test_a_notebook_moves_its_controls(path: Path) -> None:
    assert re.search(
        r"^\s*\w+\.((value|\w+_text) = |edit\()", "\n".join(code(load(path))), re.MULTILINE
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=label)
def test_nothing_that_varies_is_saved(path: Path) -> None:
    notebook = load(path)
    assert "widgets" not in notebook["metadata"]
    for output in outputs(notebook):
        assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
        text = json.dumps(output, ensure_ascii=False)
        assert not VARYING.search(text), text[:200]
    counts = [c["execution_count"] for c in notebook["cells"] if c["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=label)
def test_a_notebook_explains_itself(path: Path) -> None:
    notebook = load(path)
    prose = [c for c in notebook["cells"] if c["cell_type"] == "markdown"]
    if path.parent.name == "analyst":
        assert sum(len("".join(c["source"]).split()) for c in prose) > 300
    else:  # a page shows its outputs; what a cell is for stands in its first line
        assert all(cell.startswith("# ") for cell in code(notebook))
    assert notebook["metadata"]["title"]


# nbval runs them all; that a run saves the same bytes is looked at for one, for all in a soak
SAVED = NOTEBOOKS if os.environ.get("WORKBENCH_SOAK") else NOTEBOOKS[-1:]


@pytest.mark.parametrize("path", SAVED, ids=label)
def test_a_second_run_saves_the_same_bytes(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    record = Path(__file__).with_name("record.py")
    subprocess.run([sys.executable, record, copy], check=True, capture_output=True)
    assert load(copy) == load(path)
