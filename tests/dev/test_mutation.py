"""Mutation testing finds what it must: planted errors, and gaps in planted tests."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tests" / "mutation"
ENDS = '''"""A planted module."""

LIMIT = 3


def capped(x: int) -> int:
    """At most the limit."""
    if x > LIMIT:
        return LIMIT
    return x


def unseen(x: int) -> int:
    return x + 1
'''
CODE = (
    ENDS
    + """

def waits(n: int) -> int:
    while n > 0:
        n -= 1
    return n
"""
)
TESTS = """
from workbench.engines.planted import capped, waits

def test_it_caps():
    assert capped(5) == 3
    assert capped(2) == 2

def test_it_waits():
    assert waits(2) == 0
"""


@pytest.fixture(scope="module")
def mutants() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutants", TOOL / "mutants.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module  # where its dataclasses look for it
    spec.loader.exec_module(module)
    return module


def planted(root: Path, tests: str = TESTS, code: str = CODE) -> Path:
    """Lay out a small project with a module and its tests."""
    file = root / "workbench" / "engines" / "planted.py"
    file.parent.mkdir(parents=True)
    file.write_text(code)
    for package in (file.parent, file.parent.parent):
        (package / "__init__.py").touch()
    (root / "tests" / "engines").mkdir(parents=True)
    (root / "tests" / "engines" / "test_planted.py").write_text(tests)
    (root / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\naddopts = "--import-mode=importlib"\n'
    )
    return root


def run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            TOOL / "run.py",
            "--root",
            root,
            "--patience",
            "2",
            "--preload",
            "pytest",
            *words,
        ],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int, dict[str, str]]:
    """Run every mutant of the planted module once."""
    root = planted(tmp_path_factory.mktemp("planted"))
    listed = root / "tests" / "mutation" / "survivors.toml"
    listed.parent.mkdir()
    entry = 'mutant = "workbench.engines.planted:capped: x > LIMIT -> x >= LIMIT"'
    listed.write_text(f'[[survivor]]\n{entry}\nreason = "At the limit both are the limit."\n')
    before = {file: file.read_bytes() for file in root.rglob("*.py")}
    done = run(root, "--all", "--json", str(root / "all.json"))
    assert before == {file: file.read_bytes() for file in root.rglob("*.py")}
    found = json.loads((root / "all.json").read_text())
    short = {each["mutant"].partition(":")[2]: each["outcome"] for each in found}
    return done.stdout + done.stderr, done.returncode, short


def test_what_a_test_tells_apart_is_killed(outcomes: tuple[str, int, dict[str, str]]) -> None:
    found = outcomes[2]
    assert found["capped: x > LIMIT -> x <= LIMIT"] == "failed"
    assert found["capped: return LIMIT -> pass"] == "failed"
    assert found[" 3 -> 4"] == "failed"  # the constant of the module


def test_what_never_ends_is_killed(outcomes: tuple[str, int, dict[str, str]]) -> None:
    found = outcomes[2]
    assert found["waits: n -= 1 -> n += 1"] == "too long"
    assert found["waits: n -= 1 -> pass"] == "too long"


def test_what_no_test_tells_apart_survives_and_its_reason_is_told(
    outcomes: tuple[str, int, dict[str, str]],
) -> None:
    told, _, found = outcomes
    assert found["capped: x > LIMIT -> x >= LIMIT"] == "survived"
    assert "At the limit both are the limit." in told


def test_what_no_test_runs_survives(outcomes: tuple[str, int, dict[str, str]]) -> None:
    told, _, found = outcomes
    assert found["unseen: x + 1 -> x - 1"] == "no test runs it"
    assert "line 14: workbench.engines.planted:unseen: 1 -> 2  (no test runs it)" in told


def test_too_many_survivors_fail_the_run(outcomes: tuple[str, int, dict[str, str]]) -> None:
    told, code, found = outcomes
    killed = sum(outcome in {"failed", "crashed", "too long"} for outcome in found.values())
    assert killed / len(found) < 0.85
    assert code == 1
    assert f"{killed} of {len(found)} mutants killed" in told


def test_enough_that_are_killed_pass(tmp_path: Path) -> None:
    whole = TESTS.partition("def test_it_waits")[0].replace("waits", "unseen")
    whole += "def test_it_adds_one():\n    assert unseen(1) == 2\n"
    done = run(planted(tmp_path, whole, ENDS), "--all")
    assert done.returncode == 0, done.stdout + done.stderr


def test_tests_that_fail_as_they_are_kill_nothing(tmp_path: Path) -> None:
    done = run(planted(tmp_path, TESTS.replace("capped(2) == 2", "capped(2) == 7")), "--all")
    assert done.returncode == 2
    assert "the tests must pass first" in done.stderr
    assert "killed" not in done.stdout


def test_a_module_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = run(planted(tmp_path, TESTS), "--all", "engines/planted.py")
    assert done.returncode == 2
    assert "no module of that name: engines/planted.py" in done.stderr


def test_a_sample_is_the_same_again_and_outlasts_an_edit_elsewhere(mutants: ModuleType) -> None:
    all_of = mutants.mutants_of("planted", CODE)
    chosen = mutants.sample(all_of, 6)
    assert len(chosen) == 6
    assert mutants.sample(all_of[::-1], 6) == chosen
    edited = mutants.mutants_of("planted", CODE.replace("return x + 1", "return x + 1 + 0 * x"))
    elsewhere = {m.name for m in chosen if m.place != "unseen"}
    assert elsewhere <= {m.name for m in mutants.sample(edited, len(edited))}
    kept = {m.name for m in mutants.sample(edited, 6)} & elsewhere
    assert len(kept) >= len(elsewhere) - 3


CHANGES = {
    "x < y": ["x <= y", "x >= y"],
    "x is None": ["x is not None"],
    "x + y": ["x - y"],
    "x ** y": ["x * y"],
    "x and y": ["x or y"],
    "not x": ["x"],
    "-x": ["x"],
    "min(x, y)": ["max(x, y)"],
    "np.floor(x)": ["np.ceil(x)"],
    "x[y:]": ["y + 1:"],
    "True": ["False"],
    "2.5": ["3.5"],
    "1": ["2", "0"],
    "[x] + y": [],
    "'text'": [],
}


@pytest.mark.parametrize("code", CHANGES)
def test_an_expression_has_these_mutants(mutants: ModuleType, code: str) -> None:
    found = mutants.mutants_of("m", f"def f(x, y):\n    z = {code}\n    return z\n")
    assert [m.after for m in found] == CHANGES[code]


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("f(x)", ["pass"]),
        ("...", []),
        ("x[y] = z", ["pass"]),
        ("x = y", []),
        ("if x: return y", ["if not x:", "pass"]),
        ("x += y", ["x -= y", "pass"]),
        ("require(x < y, 'rule 3', got=x + 1, fix=f'at {y + 1}')", ["pass", "x <= y", "x >= y"]),
    ],
)
def test_a_statement_has_these_mutants_and_what_is_said_to_people_none(
    mutants: ModuleType, line: str, after: list[str]
) -> None:
    found = mutants.mutants_of("m", f"def f(x: 3, y: 4, z: 5) -> 6:\n    {line}\n    return z\n")
    assert [m.after for m in found] == after


def test_every_mutant_of_the_engines_differs_and_compiles(mutants: ModuleType) -> None:
    for file in sorted((ROOT / "workbench" / "engines").glob("*.py")):
        source = file.read_text(encoding="utf-8")
        all_of = mutants.mutants_of(file.stem, source)
        names = [m.name for m in all_of]
        assert len(set(names)) == len(names)
        for mutant in mutants.sample(all_of, 1):
            tree = mutants.mutated(source, mutant)
            compile(tree, str(file), "exec")
            assert mutants.ast.dump(tree) != mutants.ast.dump(mutants.ast.parse(source))
