"""What the README shows is what happens."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from workbench import simulate
from workbench.cli import app
from workbench.files import parse_study
from workbench.files.catalogues.ai_act import read_answers, shipped_act
from workbench.files.catalogues.crosswalks import shipped_crosswalk
from workbench.files.catalogues.evidence import parse_records
from workbench.files.catalogues.frameworks import shipped_frameworks
from workbench.files.catalogues.readiness import parse_readiness
from workbench.files.catalogues.systems import parse_system
from workbench.files.catalogues.threats import shipped_threats
from workbench.frameworks import coverage
from workbench.frameworks.ai_act_tiers import classify
from workbench.threats import threats_to

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, holds: str = "") -> str:
    """Return the README's one fenced block in this language in which that stands."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    (found,) = (one for one in blocks if holds in one)
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
    shown = block(language, "scenarios:\n" if language == "yaml" else "aro_low")
    loaded = parse_study(f"shown.{language}", shown.encode())
    assert loaded.warnings == ()
    assert len(loaded.study.scenarios) == count
    assert simulate(loaded.study).portfolio.mean() > 0


def test_the_shown_dependence_passes_the_gate() -> None:
    row = "loss_event_frequency: {type: point, value: 2}, loss_magnitude: {type: point, value: 9}"
    rows = "".join(f"  - {{id: S-{i}, name: x, {row}}}\n" for i in range(1, 6))
    text = f"{block('yaml', 'dependence:')}scenarios:\n{rows}"
    loaded = parse_study("shown.yaml", text.encode())
    assert loaded.warnings == ()
    assert loaded.study.dependence is not None
    assert loaded.study.dependence.ids() == ("S-1", "S-2", "S-3", "S-4", "S-5")


def test_the_shown_readiness_evidence_and_answers_pass_the_gate() -> None:
    readiness = parse_readiness("shown.csv", block("csv", ",status,").encode())
    assert readiness.warnings == ()
    assert readiness.readiness.met("iso42001_2023") == ["A.7.4"]
    (record,) = parse_records("shown.csv", block("csv", ",evidence,by,").encode())
    frameworks = shipped_frameworks()
    source, target = frameworks["iso42001_2023"], frameworks[record.framework]
    found = coverage(shipped_crosswalk(), source, target, met=["A.7.4"], records=[record])
    assert found.met() == [record.id]  # a candidate of what is met there, by its own evidence


def test_the_shown_answers_are_a_high_risk_system(tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text(block("yaml", "annex_iii"), encoding="utf-8")
    found = classify(read_answers(answers), shipped_act(), "2026-11-29")
    assert found.tier == "high"
    assert found.answers.roles() == ("provider",)
    assert found.caps["99.4"] == 15e6  # 3 % of the turnover is less


def test_the_shown_system_is_touched_by_threats(tmp_path: Path) -> None:
    system = parse_system("shown.yaml", block("yaml", "boundaries:").encode())
    assert any(one.id == "STAI-043" for one in threats_to(system, shipped_threats()).threats())


def test_the_pictures_are_there_and_small() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    for name in pictures:
        size = (ROOT / name).stat().st_size
        assert 10_000 < size < 300_000


def test_the_drift_that_is_shown_is_measured(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    shares = (np.arange(2_000) + 0.5) / 2_000
    for name, median in (("training", 30_000), ("october", 32_000)):
        incomes = stats.lognorm.ppf(shares, 0.5, scale=median)
        text = "\n".join(["income", *(f"{income:.0f}" for income in incomes)])
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    command, shown = block("console", "workbench drift").split("\n", 1)
    done = CliRunner().invoke(app, shlex.split(command.removeprefix("$ workbench ")))
    assert (done.exit_code, done.stdout) == (0, shown)
