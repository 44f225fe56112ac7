"""Imports point one way, read from the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Lowest first: a module imports only from the rows above its own (in this list), or from its row.
ROWS = [
    {"workbench.errors", "workbench.currencies", "workbench.amounts"},
    {"workbench.distributions", "workbench.losses"},
    {"workbench.engines"},
    {"workbench.elicitation", "workbench.evidence", "workbench.fitting", "workbench.models"},
    {"workbench.threats", "workbench.frameworks", "workbench.audit"},
    {"workbench.resources"},
    {"workbench.files"},
    {"workbench.plots", "workbench.register", "workbench.reports"},
    {"workbench.serving", "workbench.publishing"},
    {"workbench.cli", "workbench.__main__", "workbench"},
]
PURE_ROWS = 5
WIDGETS_MAY = set().union(*ROWS[:PURE_ROWS], {"workbench.plots"})
LIBRARIES = {"numpy", "scipy", "workbench"}
# The part of the standard library that touches no file, no process, no clock and no network.
COMPUTING = {
    "abc", "base64", "binascii", "bisect", "collections", "contextlib", "copy", "dataclasses",
    "datetime", "decimal", "difflib", "enum", "fractions", "functools", "hashlib", "heapq",
    "inspect", "itertools", "json", "math", "numbers", "operator", "re", "statistics", "string",
    "struct", "textwrap", "threading", "types", "typing", "unicodedata", "warnings",
}  # fmt: skip
# What a few modules use beyond that: compilers, threads, clusters, none of which they need.
BEYOND = {
    "workbench.audit.signing": {"cryptography"},
    "workbench.engines.cluster": {"distributed"},
    "workbench.engines.kernels.compiling": {"numba"},
    "workbench.engines.kernels.either": {"importlib"},
    "workbench.engines.threads": {"concurrent", "os"},
}
CLOCK = {"now", "today", "utcnow"}  # of datetime, whose dates are plain values
READS_OR_WRITES = {"open", "print", "input", "exec", "eval", "breakpoint"}
NUMPY_FILES = {
    f"np.{name}"
    for name in ("load", "save", "savez", "loadtxt", "savetxt", "genfromtxt", "fromfile", "memmap")
}


def name_of(file: Path, top: Path) -> str:
    return ".".join(file.relative_to(top).with_suffix("").parts).removesuffix(".__init__")


def sources() -> dict[str, Path]:
    tops = [(ROOT, "workbench"), (ROOT / "widgets", "workbench_widgets")]
    return {name_of(f, top): f for top, package in tops for f in (top / package).rglob("*.py")}


SOURCES = sources()
MODULES = sorted(SOURCES)


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted name of everything imported, down to the module or the name in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides its layer"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def row(name: str) -> int:
    """Return the row of the longest listed prefix of `name`; the package itself only as such."""
    if name.rpartition(".")[0] == "workbench" and name not in SOURCES:
        return len(ROWS) - 1  # a name that workbench/__init__.py hands out
    parts = name.split(".")
    prefixes = [".".join(parts[:n]) for n in range(len(parts), 1, -1)] or [name]
    for prefix in prefixes:
        for number, members in enumerate(ROWS):
            if prefix in members:
                return number
    pytest.fail(f"{name} stands in no row; give it one in tests/house/test_layers.py")


def ours(file: Path, package: str) -> list[str]:
    found = imports(ast.parse(file.read_text(encoding="utf-8")))
    # The version is a plain text without imports of its own; anyone may print it.
    return [n for n in found if n.split(".")[0] == package and n != "workbench.__version__"]


def violations(module: str, file: Path) -> list[str]:
    targets = [target for target in ours(file, "workbench") if row(target) > row(module)]
    return [f"{module} imports {target}" for target in [*targets, *ours(file, "workbench_widgets")]]


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("workbench")])
def test_a_module_imports_only_from_rows_below_it(module: str) -> None:
    if module.split(".", maxsplit=1)[0] == "workbench_widgets":
        allowed = tuple(WIDGETS_MAY)
        outside = [t for t in ours(SOURCES[module], "workbench") if not t.startswith(allowed)]
        assert outside == [], "a widget knows pure modules and plots only"
    else:
        assert violations(module, SOURCES[module]) == []


def impurities(tree: ast.AST) -> list[str]:
    """Return what a pure module may not do: foreign imports, files, terminals."""
    tops = {name.split(".")[0] for name in imports(tree)}
    bad = sorted(tops - LIBRARIES - COMPUTING)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in READS_OR_WRITES:
            bad.append(node.id)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in NUMPY_FILES:
            bad.append(ast.unparse(node))
        if isinstance(node, ast.Attribute) and node.attr in CLOCK:
            bad.append(ast.unparse(node))
    return bad


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("workbench.")])
def test_modules_below_resources_compute_and_nothing_else(module: str) -> None:
    if row(module) < PURE_ROWS:
        found = impurities(ast.parse(SOURCES[module].read_text(encoding="utf-8")))
        assert set(found) == BEYOND.get(module, set())


def test_an_upward_import_would_be_seen(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("from workbench import cli\nimport workbench.losses\n")
    assert violations("workbench.models.planted", planted) == [
        "workbench.models.planted imports workbench.cli"
    ]


@pytest.mark.parametrize(
    "line",
    ["import pandas", "from pathlib import Path", "open('x')", "import numpy as np; np.load('x')"],
)
def test_an_impure_line_would_be_seen(line: str) -> None:
    assert impurities(ast.parse(line)) != []


# Each of them asks `effort` before it begins an exact year, or asks for closed forms only.
BEGIN_EXACT_YEARS = {
    "workbench.models." + name
    for name in (
        "exact_year",
        "horizon",
        "portfolio",
        "reverse_stress",
        "simulated",
        "views",
        "waterfall",
    )
}


def test_exact_years_are_begun_where_it_is_asked_whether_they_are_reached() -> None:
    begin = {
        module
        for module, file in SOURCES.items()
        if not module.startswith("workbench.engines")
        and any(name.startswith("workbench.engines.exact") for name in ours(file, "workbench"))
    }
    assert begin == BEGIN_EXACT_YEARS
