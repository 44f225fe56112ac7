"""What a day leaves to a soak, and which modules begin."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE = "tests/dev/test_bootstrap.py"
BOUNDS = "tests/engines/test_bounds.py"
TEST = f"{MODULE}::test_an_environment_that_does_not_fit_is_made_anew"


def collected(*words: str, soak: str = "") -> list[str]:
    """Return the ids of the tests that a run with these words takes, in their order."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", *words],
        cwd=ROOT,
        env=os.environ | {"WORKBENCH_SOAK": soak, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.fixture(scope="module")
def days() -> tuple[set[str], set[str]]:
    """Return what a day and what a soak takes of two modules."""
    return set(collected(MODULE, BOUNDS)), set(collected(MODULE, BOUNDS, soak="1"))


def test_a_day_runs_few_cases_and_a_soak_all(days: tuple[set[str], set[str]]) -> None:
    day, whole = ({name for name in found if name.startswith(MODULE)} for found in days)
    cases = {name for name in whole if name.startswith(TEST)}
    assert len(cases) == 3
    assert len(day & cases) == 1
    assert whole - day < cases


def test_a_soak_takes_the_sample_that_is_stated_for_it(days: tuple[set[str], set[str]]) -> None:
    stated = "test_the_references_on_shared_assets"
    day, whole = ({name for name in found if stated in name} for found in days)
    assert (len(day), len(whole)) == (1, 20)


def test_cases_that_are_named_are_run() -> None:
    named = [f"{TEST}[{case}]" for case in ("interrupt", "lose_its_python", "outdate")]
    assert collected(*named) == named


def longest() -> list[str]:
    """Return what tests/conftest.py lists, without running it."""
    tree = ast.parse((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    named = {n.targets[0].id: n.value for n in tree.body if isinstance(n, ast.Assign)}
    found: list[str] = eval(compile(ast.Expression(named["LONGEST"]), "LONGEST", "eval"))
    return found


def test_the_longest_modules_are_there_and_begin() -> None:
    assert [place for place in longest() if not (ROOT / "tests" / place).is_file()] == []
    given = ["tests/dev/test_verbs.py", MODULE, "tests/benchmarks/test_report.py"]
    found = [name.partition("::")[0] for name in collected(*given)]
    assert list(dict.fromkeys(found)) == [given[2], MODULE, given[0]]
