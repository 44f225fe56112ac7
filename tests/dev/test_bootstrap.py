"""dev.py makes an environment from bare Python, with ensurepip, with pip, or says what to install.

The project that is set up here is a miniature with an empty lock and its own build backend, so a
real environment is made and a real command is started within seconds and without a network.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HIDE = """
import sys

class Hide:
    def find_spec(name, path=None, target=None):
        if name in {hidden!r} and sys.prefix != {own!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hide)
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "miniature"
version = "1"
[tool.hatch]
"""
BACKEND = """
import zipfile
from pathlib import Path

INFO = "miniature-1.dist-info"
MAIN = ["import sys", "def main():", "    print('miniature', *sys.argv[1:])", "    return 3", ""]
FILES = {
    "miniature.py": "\\n".join(MAIN),
    f"{INFO}/METADATA": "Metadata-Version: 2.1\\nName: miniature\\nVersion: 1\\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    f"{INFO}/entry_points.txt": "[console_scripts]\\nworkbench = miniature:main\\n",
}


def build_editable(folder, settings=None, metadata=None):
    with Path("builds.log").open("a") as log:
        log.write("built\\n")
    records = "".join(f"{name},,\\n" for name in [*FILES, f"{INFO}/RECORD"])
    with zipfile.ZipFile(Path(folder) / "miniature-1-py3-none-any.whl", "w") as wheel:
        for name, text in {**FILES, f"{INFO}/RECORD": records}.items():
            wheel.writestr(name, text)
    return "miniature-1-py3-none-any.whl"
"""


def python_with(module: str) -> str:
    """Return a Python that can import `module`: the one of the tests or the one below it."""
    for python in (sys.executable, os.path.realpath(sys.executable)):
        if subprocess.run([python, "-c", f"import {module}"], check=False).returncode == 0:
            return python
    pytest.skip(f"no Python here imports {module}")


class Miniature:
    """A checkout in `folder`, whose dev.py is started by a Python without the `hidden` modules."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "dev.py", folder)
        (folder / "requirements.lock").write_text("# nothing\n")
        (folder / "pyproject.toml").write_text(PYPROJECT)
        (folder / "backend.py").write_text(BACKEND)

    def dev(self, *words: str, python: str, hidden: tuple[str, ...] = ()) -> tuple[int, str, str]:
        shim = self.folder / "-".join(["without", *hidden])
        shim.mkdir(exist_ok=True)
        own = str(self.folder / ".venv")  # what is made may have what this Python lacks
        (shim / "sitecustomize.py").write_text(HIDE.format(hidden=hidden, own=own))
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(shim), "PIP_NO_INDEX": "1"}
        command = [python, str(self.folder / "dev.py"), *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    @property
    def builds(self) -> int:
        log = self.folder / "builds.log"
        return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture
def miniature(tmp_path: Path) -> Miniature:
    return Miniature(tmp_path)


# `run` starts `workbench dashboard`, which in the miniature prints its words and returns 3.
STARTED = (3, "miniature dashboard --port 0")


@pytest.mark.parametrize("missing", ["pip", "ensurepip"])
def test_either_installer_is_enough_to_start_the_command(
    miniature: Miniature, missing: str
) -> None:
    python = python_with({"pip": "ensurepip", "ensurepip": "pip"}[missing])
    code, out, err = miniature.dev("run", "--port", "0", python=python, hidden=(missing,))
    assert (code, out.splitlines()[-1]) == STARTED, err
    assert miniature.builds == 1


def test_with_neither_it_names_the_package_and_makes_nothing(miniature: Miniature) -> None:
    code, out, err = miniature.dev("run", python=sys.executable, hidden=("pip", "ensurepip"))
    assert (code, out) == (2, "")
    assert err == "neither ensurepip nor pip is here; run: apt install python3-venv\n"
    assert not (miniature.folder / ".venv").exists()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    """Return a miniature whose environment is complete, made the quicker way."""
    made = Miniature(tmp_path_factory.mktemp("made"))
    made.dev("run", python=python_with("pip"), hidden=("ensurepip",))
    assert made.builds == 1
    return made


def test_a_second_start_installs_nothing_and_needs_no_installer(made: Miniature) -> None:
    before = made.builds
    python = python_with("pip")
    code, out, err = made.dev("run", "--port", "0", python=python, hidden=("ensurepip", "pip"))
    assert (code, out.splitlines(), err) == (STARTED[0], [STARTED[1]], "")
    assert made.builds == before


def interrupt(env: Path) -> None:
    (env / ".complete").unlink()
    (env / "half-written").write_text("")


def lose_its_python(env: Path) -> None:
    for link in env.glob("bin/python*"):
        link.unlink()
        link.symlink_to("/nowhere/python")


def outdate(env: Path) -> None:
    (env.parent / "requirements.lock").write_text(f"# nothing, after {os.urandom(4).hex()}\n")
    (env / "half-written").write_text("")


@pytest.mark.daily(1)
@pytest.mark.parametrize("damage", [interrupt, lose_its_python, outdate])
def test_an_environment_that_does_not_fit_is_made_anew(
    made: Miniature, damage: Callable[[Path], None]
) -> None:
    before = made.builds
    damage(made.folder / ".venv")
    code, out, err = made.dev(
        "run", "--port", "0", python=python_with("pip"), hidden=("ensurepip",)
    )
    assert (code, out.splitlines()[-1]) == STARTED, err
    assert made.builds == before + 1
    assert not (made.folder / ".venv" / "half-written").exists()


def test_a_failing_installation_leaves_no_complete_mark(miniature: Miniature) -> None:
    (miniature.folder / "requirements.lock").write_text("absent==1 --hash=sha256:" + "0" * 64)
    python = python_with("pip")
    code, _, err = miniature.dev("run", python=python, hidden=("ensurepip",))
    assert code == 1
    assert "failed: " in err
    assert not (miniature.folder / ".venv" / ".complete").exists()
