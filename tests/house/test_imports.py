"""`import workbench` is cheap, and what it hands out is really there."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import workbench

ROOT = Path(__file__).resolve().parents[2]
LOADED = """
import sys
before = set(sys.modules)
import workbench
print("\\n".join(sorted({name.split(".")[0] for name in set(sys.modules) - before})))
"""


def test_importing_the_package_loads_the_standard_library_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert set(done.stdout.split()) - set(sys.stdlib_module_names) == {"workbench"}


@pytest.mark.parametrize("name", workbench.__all__)
def test_every_exported_name_arrives(name: str) -> None:
    assert getattr(workbench, name) is not None
    assert name in dir(workbench)


def test_type_checkers_see_the_same_names_from_the_same_modules() -> None:
    tree = ast.parse((ROOT / "workbench" / "__init__.py").read_text(encoding="utf-8"))
    seen = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("workbench.")
        for alias in node.names
    }
    assert seen == workbench.HOMES


def test_a_name_that_is_not_exported_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Scenari'"):
        importlib.import_module("workbench").Scenari  # noqa: B018
