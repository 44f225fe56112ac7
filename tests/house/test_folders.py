"""Folders whose names others use never become Python packages, and files stay small."""

import ast
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA_FOLDERS = ["widgets", "datasets", "notebooks", "binder"]
OURS = ["workbench", "widgets", "tests", "benchmarks"]
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
MOST_IGNORES = 10
IGNORE = re.compile(r"#\s*(type:\s*ignore|noqa)")
WITH_REASON = re.compile(
    r"#\s*(type:\s*ignore\[[\w\-, ]+\]|noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)\s*(#|-|:)\s*\S+ \S+"
)
FILES = sorted({f for folder in OURS for f in (ROOT / folder).rglob("*.py")} | {ROOT / "dev.py"})


def label(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("folder", DATA_FOLDERS)
def test_is_a_folder_and_no_package(folder: str) -> None:
    assert (ROOT / folder).is_dir()
    assert not (ROOT / folder / "__init__.py").exists()


def test_data_folders_hold_no_python() -> None:
    assert [*(ROOT / "datasets").rglob("*.py"), *(ROOT / "notebooks").rglob("*.py")] == []


@pytest.mark.parametrize("file", FILES, ids=label)
def test_no_module_is_too_long(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function from `def` to its end, its docstring left out."""
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


@pytest.mark.parametrize("file", FILES, ids=label)
def test_no_function_is_too_long(file: Path) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, functions)]
    assert [(n.name, code_lines(n)) for n in found if code_lines(n) > LONGEST_FUNCTION] == []


def test_a_docstring_does_not_count_as_code() -> None:
    node = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n').body[0]
    assert isinstance(node, ast.FunctionDef)
    assert code_lines(node) == 2


def ignores() -> list[str]:
    found = []
    for file in (ROOT / "workbench").rglob("*.py"):
        with tokenize.open(file) as lines:
            comments = [
                t for t in tokenize.generate_tokens(lines.readline) if t.type == tokenize.COMMENT
            ]
        found += [
            f"{label(file)}:{t.start[0]}: {t.string}" for t in comments if IGNORE.search(t.string)
        ]
    return found


def test_few_findings_are_ignored_and_each_says_why() -> None:
    found = ignores()
    assert [line for line in found if not WITH_REASON.search(line)] == []
    assert len(found) <= MOST_IGNORES, "\n".join(found)


@pytest.mark.parametrize(
    ("comment", "is_reasoned"),
    [
        ("# type: ignore[misc]  # Voila ships no types", True),
        ("# noqa: FBT001 - reads as a sentence", True),
        ("# type: ignore", False),
        ("# type: ignore[misc]", False),
        ("# noqa", False),
        ("# noqa: E501", False),
    ],
)
def test_an_ignore_without_a_reason_would_be_seen(comment: str, *, is_reasoned: bool) -> None:
    assert IGNORE.search(comment)
    assert bool(WITH_REASON.search(comment)) == is_reasoned


def test_no_notebook_skips_a_cell() -> None:
    notebooks = list((ROOT / "notebooks").rglob("*.ipynb"))
    assert notebooks
    assert [
        n.name for n in notebooks if re.search("nbval[-_]skip", n.read_text("utf-8"), re.IGNORECASE)
    ] == []
