"""The documents say what the tree and the command line are."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE_FOLDERS = ["workbench", "widgets"]


def tree_of(text: str) -> dict[str, str]:
    """Return path -> job from the document's tree: the fenced block that starts with workbench/."""
    block = re.search(r"^```text\n(workbench/.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert block, "ARCHITECTURE.md has no tree"
    found: dict[str, str] = {}
    parents: list[tuple[int, str]] = []
    for line in block.group(1).splitlines():
        indent = len(line) - len(line.lstrip())
        name, _, job = line.strip().partition(" ")
        parents = [p for p in parents if p[0] < indent]
        path = "".join(p[1] for p in parents) + name
        if name.endswith("/"):
            parents.append((indent, name))
        else:
            found[path] = job.strip()
    return found


def modules() -> set[str]:
    files = [f for folder in MODULE_FOLDERS for f in (ROOT / folder).rglob("*.[pj][ys]")]
    return {f.relative_to(ROOT).as_posix() for f in files}


def test_the_tree_of_the_document_is_the_tree() -> None:
    told = tree_of((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    assert set(told) == modules()
    assert [path for path, job in told.items() if len(job.split()) < 3] == []


def test_a_tree_is_read_with_its_folders() -> None:
    lines = ["workbench/", "  errors.py  one error", "  models/", "    a.py  the a", "widgets/"]
    text = "\n".join(["```text", *lines, "  w.js  draws", "```", ""])
    assert tree_of(text) == {
        "workbench/errors.py": "one error",
        "workbench/models/a.py": "the a",
        "widgets/w.js": "draws",
    }


def command_names() -> list[str]:
    """Return every command's name, as a person types it after `workbench`."""
    group = import_module("typer.main").get_command(import_module("workbench.cli").app)
    names: list[str] = []
    open_groups = [("", group)]
    while open_groups:
        prefix, current = open_groups.pop()
        for name, command in current.commands.items():
            inner = hasattr(command, "commands")
            (open_groups if inner else names).append(
                (f"{prefix}{name} ", command) if inner else prefix + name
            )
    return sorted(names)


def test_every_command_is_documented() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = command_names()
    assert names
    missing = [n for n in names if not re.search(rf"\bworkbench {re.escape(n)}\b", readme)]
    assert missing == []


@pytest.mark.parametrize("command", ["python3 dev.py run", "python3 dev.py test"])
def test_the_two_commands_are_documented(command: str) -> None:
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
