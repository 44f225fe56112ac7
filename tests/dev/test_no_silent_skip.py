"""Under WORKBENCH_REQUIRE=all a skip is a failure, unless ../shared is truly absent."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
TESTS = """
import pytest

def test_skips():
    pytest.skip("no such program here")

def test_needs_what_stands_beside(shared):
    assert shared.is_dir()

@pytest.mark.xfail(reason="known", strict=True)
def test_expected_failure():
    assert False

def test_passes():
    assert True
"""
WHOLE_MODULE = 'import pytest\npytest.skip("this whole module", allow_module_level=True)\n'


def run(folder: Path, text: str, *, require: str = "all", beside: bool = False) -> str:
    """Run the tests in `text` under our conftest, in a checkout below `folder`."""
    tests = folder / "checkout" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(CONFTEST, tests)
    (tests / "test_some.py").write_text(text)
    if beside:
        (folder / "shared").mkdir()
    env = {**os.environ, "WORKBENCH_REQUIRE": require, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", "."]
    done = subprocess.run(
        command, cwd=tests.parent, env=env, capture_output=True, text=True, check=False
    )
    return done.stdout


def counts(output: str) -> dict[str, int]:
    """Return pytest's closing line, such as {"failed": 1, "passed": 2}."""
    return {word: int(n) for n, word in re.findall(r"(\d+) ([a-z]+)", output.splitlines()[-1])}


@pytest.mark.parametrize(
    ("require", "beside", "expected"),
    [
        ("", False, {"passed": 1, "skipped": 2, "xfailed": 1}),
        ("all", False, {"failed": 1, "passed": 1, "skipped": 1, "xfailed": 1}),
        ("all", True, {"failed": 1, "passed": 2, "xfailed": 1}),
    ],
)
def test_a_skip_fails_when_everything_is_required(
    tmp_path: Path, *, require: str, beside: bool, expected: dict[str, int]
) -> None:
    output = run(tmp_path, TESTS, require=require, beside=beside)
    found = counts(output)
    assert {word: found.get(word, 0) for word in expected} == expected
    assert found.get("failed", 0) == expected.get("failed", 0)
    assert ("makes this skip a failure. Skipped: no such program here" in output) == bool(require)


def test_a_module_that_skips_itself_is_seen_too(tmp_path: Path) -> None:
    assert "makes this skip a failure. Skipped: this whole module" in run(tmp_path, WHOLE_MODULE)


def test_naming_the_neighbour_is_no_excuse_when_it_is_there(tmp_path: Path) -> None:
    text = 'import pytest\n\ndef test_it():\n    pytest.skip("../shared is absent")\n'
    assert counts(run(tmp_path, text, beside=True)).get("failed") == 1
