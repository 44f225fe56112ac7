"""The wheel holds the two packages and the shipped folders, and nothing generic."""

import os
import subprocess
import sys
import zipfile
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

import workbench
from workbench.errors import WorkbenchError
from workbench.resources import bundled

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("risk_workbench-*.whl")
    with zipfile.ZipFile(made) as archive:
        return archive.namelist()


def test_only_our_two_names_are_installed(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    expected = {
        "workbench",
        "workbench_widgets",
        f"risk_workbench-{workbench.__version__}.dist-info",
    }
    assert tops == expected


@pytest.mark.parametrize("folder", ["datasets", "notebooks"])
def test_every_shipped_file_is_in_the_wheel(wheel: list[str], folder: str) -> None:
    files = {f.relative_to(ROOT).as_posix() for f in (ROOT / folder).rglob("*") if f.is_file()}
    wanted = {f"workbench/_bundled/{name}" for name in files if ".ipynb_checkpoints" not in name}
    assert wanted
    assert wanted - set(wheel) == set()


def test_the_widgets_javascript_and_the_type_marker_are_in_the_wheel(wheel: list[str]) -> None:
    scripts = {f.name for f in (ROOT / "widgets").rglob("*.js")}
    assert scripts
    assert scripts <= {
        name.split("/")[-1] for name in wheel if name.startswith("workbench_widgets")
    }
    assert "workbench/py.typed" in wheel


def test_the_installed_version_is_the_written_one() -> None:
    assert version("risk-workbench") == workbench.__version__


def test_the_command_is_installed() -> None:
    (command,) = entry_points(group="console_scripts", name="workbench")
    assert command.value == "workbench.cli:main"


@pytest.mark.parametrize("folder", ["datasets", "notebooks"])
def test_shipped_folders_are_found_in_a_checkout(folder: str) -> None:
    assert bundled(folder) == ROOT / folder


def test_an_unknown_folder_is_refused_with_the_known_ones() -> None:
    with pytest.raises(WorkbenchError, match="one of datasets, notebooks; got 'tests'"):
        bundled("tests")


def test_a_hosted_image_is_built_from_the_lock() -> None:
    script = ROOT / "binder" / "postBuild"
    assert os.access(script, os.X_OK)
    assert "--require-hashes -r requirements.lock" in script.read_text(encoding="utf-8")
