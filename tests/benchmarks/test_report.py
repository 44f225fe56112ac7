"""The benchmark's report has its tables, and says so where other programs are missing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE_RULE = re.compile(r"^\| --- \|(?: ---: \|)+$", re.MULTILINE)


def bench(*arguments: object, peers: str | None = None) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, ROOT / "benchmarks" / "run.py", *arguments]
    environment = {"PATH": "/usr/bin:/bin"} | ({"WORKBENCH_PEERS_PYTHON": peers} if peers else {})
    words = [str(word) for word in script]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def quick(tmp_path_factory) -> str:
    output = tmp_path_factory.mktemp("bench") / "results.md"
    done = bench("--quick", "--only", "startup", "--only", "compound", "--output", output)
    assert done.returncode == 0, done.stderr
    return output.read_text(encoding="utf-8")


def test_it_has_its_sections_and_tables(quick):
    assert re.findall("^## (.+)$", quick, re.MULTILINE) == ["Start", "One compound scenario, exact"]
    assert len(TABLE_RULE.findall(quick)) == 3


def test_rows_are_as_long_as_their_heads(quick):
    for block in re.findall(r"(?:^\|.*\n)+", quick, re.MULTILINE):
        assert len({line.count("|") for line in block.splitlines()}) == 1, block


@pytest.fixture(scope="module")
def rivals(tmp_path_factory) -> str:
    output = tmp_path_factory.mktemp("bench") / "results.md"
    done = bench("--quick", "--only", "rivals", "--output", output)
    assert done.returncode == 0, done.stderr
    return output.read_text(encoding="utf-8")


def test_the_workbench_meets_the_lattice_of_several_risks(rivals):
    ours = [line for line in rivals.splitlines() if "workbench" in line and line.startswith("|")]
    assert len(ours) == 4
    for line in ours:
        assert all(float(cell) < 1e-4 for cell in line.split("|")[2:4]), line


@pytest.fixture(scope="module")
def engines(tmp_path_factory) -> str:
    output = tmp_path_factory.mktemp("bench") / "results.md"
    done = bench("--quick", "--only", "engines", "--output", output)
    assert done.returncode == 0, done.stderr
    return output.read_text(encoding="utf-8")


def test_each_engine_is_near_the_exact_figures(engines):
    """2,000 years leave a mean open by some per cent, and a tail by some tens of them."""
    rows = [line.split("|")[1:-1] for line in engines.splitlines() if line.startswith("| ")]
    for mean, var, _ in (
        row[-3:] for row in rows if row[0].strip().endswith(("simulated", "numpy"))
    ):
        assert abs(float(mean.strip(" %"))) < 25
        assert abs(float(var.strip(" %"))) < 50
    exact = [row[-3:] for row in rows if row[0].strip() == "workbench, exact"]
    assert [[cell.strip() for cell in row] for row in exact] == [["0", "0", "0"]] * 2
    assert engines.count("limit: all words drawn and mapped") == 2


def test_missing_rivals_are_said_to_be_missing(rivals):
    rows = [line for line in rivals.splitlines() if "not installed" in line]
    assert [line.split("|")[1].split()[-1] for line in rows] == ["settings", *["pyfair"] * 3]


def test_missing_programs_are_said_to_be_missing(quick):
    for name in ("aggregate", "gemact"):
        row = next(line for line in quick.splitlines() if line.startswith(f"| {name}"))
        assert row.count("not installed") == 6


def test_no_path_and_no_address_of_this_machine_is_in_it(quick):
    assert str(ROOT) not in quick
    assert str(Path.home()) not in quick
    assert "http" not in quick


def test_a_program_that_fails_is_no_result():
    done = bench("--quick", "--only", "compound", peers="/bin/false")
    assert done.returncode != 0
    assert "aggregate failed" in done.stderr


def test_an_unknown_section_is_refused():
    done = bench("--only", "nothing")
    assert done.returncode == 2
    assert "invalid choice" in done.stderr
