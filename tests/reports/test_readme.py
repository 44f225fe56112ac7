"""What the README shows is what happens."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from workbench import simulate
from workbench.files import parse_study

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """Return the README's one fenced block in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_first_scenario_prints_what_is_shown() -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(block("python"), "README.md", "exec"), {})
    assert said.getvalue() == block("text")


def test_the_first_scenario_is_about_ten_lines() -> None:
    lines = [line for line in block("python").splitlines() if line.strip()]
    assert len(lines) <= 12


@pytest.mark.parametrize(("language", "count"), [("csv", 2), ("yaml", 2)])
def test_the_shown_study_files_pass_the_gate(language: str, count: int) -> None:
    loaded = parse_study(f"shown.{language}", block(language).encode())
    assert loaded.warnings == ()
    assert len(loaded.study.scenarios) == count
    assert simulate(loaded.study).portfolio.mean() > 0


def test_the_pictures_are_there_and_small() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    for name in pictures:
        size = (ROOT / name).stat().st_size
        assert 10_000 < size < 300_000
