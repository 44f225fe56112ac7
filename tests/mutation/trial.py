"""Pytest in a forked process, with one module in a mutated form that exists in memory only."""

import ast
import importlib.machinery
import os
import resource
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

MEMORY = 6 << 30  # bytes that a mutant may ask for
QUIET = [
    *("-q", "--no-header", "--no-summary", "--tb=no", "-p", "no:cacheprovider"),
    *("-p", "no:faulthandler", "-m", "not browser"),
]


class MutatedLoader(importlib.machinery.SourceFileLoader):
    """Gives the module's code from a tree; nothing is read from or written to bytecode files."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self._tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._tree, self.path, "exec")


class MutatedFinder:
    """Finds one module, and gives it the mutated form."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self._name, self._tree = name, tree

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec
        assert spec.origin
        spec.loader = MutatedLoader(name, spec.origin, self._tree)
        return spec


class Chosen:
    """Keeps the chosen tests of the files that are collected; the quickest files begin."""

    def __init__(self, tests: Sequence[str]) -> None:
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        order = {test: (files.index(test.partition("::")[0]), n) for n, test in enumerate(tests)}
        self._order, self.files = order, files

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = [item for item in items if item.nodeid in self._order]
        items[:] = sorted(kept, key=lambda item: self._order[item.nodeid])


def limit(seconds: float) -> None:
    """End a mutant that asks for far too much memory or computes for ever."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    most = int(seconds + resource.getrusage(resource.RUSAGE_SELF).ru_utime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))


def prepare(root: Path) -> None:
    """Make this process the one that tests in `root`: its packages first, and daily samples."""
    os.chdir(root)
    sys.path[:0] = [str(root), str(root / "widgets")]
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])  # of processes that tests start, too
    os.environ["WORKBENCH_SOAK"] = ""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"


def compile_into(folder: str) -> None:
    """Let numba keep what it compiles in a folder; it may have read the environment before."""
    os.environ["NUMBA_CACHE_DIR"] = folder
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = folder


def run_pytest(words: Iterable[str], *plugins: Any) -> int:
    """Run pytest here; return its exit code."""
    return int(pytest.main([*QUIET, *words], plugins=list(plugins)))


def attempt(
    root: Path, module: str, tree: ast.Module | None, tests: Sequence[str], seconds: float
) -> int:
    """Run the tests on a mutated module (in a fork) and return pytest's exit code.

    After so many seconds of the processor the system ends this process.
    """
    limit(seconds)
    prepare(root)
    chosen = Chosen(tests)
    with tempfile.TemporaryDirectory() as folder:
        if ".kernels" in module:  # compiled code is kept by a file's date, and would hide a mutant
            compile_into(folder)
        if tree is not None:
            sys.meta_path.insert(0, MutatedFinder(module, tree))
        return run_pytest(["-x", *chosen.files], chosen)
