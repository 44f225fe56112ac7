"""A shipped JSON file that is one list of rows, each with every field, read strictly."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench.files.json_text import read_json
from workbench.files.messages import Findings, echo
from workbench.files.opening import decode, read_bytes
from workbench.files.tree import repeated_keys

MOST_ROWS = 1_000


def listed_rows(
    path: str | Path, head: set[str], name: str, what: str
) -> tuple[Findings, list[Any]]:
    """Return the list `name` of a file that has just the keys `head`, and where its faults gather.

    Raises
    ------
    FileRefused
        where the file is no such mapping, or the list is empty or has more than `MOST_ROWS` rows;
        `what` says in words what it should be. Keys that are written twice are noted.

    """
    findings = Findings(str(path))
    tree = read_json(decode(read_bytes(path, findings), findings), findings)
    for place in repeated_keys(tree):
        findings.error("", place, "the key is written twice; keep one")
    rows = tree.get(name) if isinstance(tree, dict) and set(tree) == head else None
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_ROWS:
        raise findings.refuse("", "", what)
    return findings, rows


def field_faults(row: Mapping[str, Any], fields: Iterable[str]) -> list[tuple[str, str]]:
    """Return each field of a row that is unknown, and each that is missing, with what is wrong."""
    known = set(fields)
    faults = [(str(name), "unknown field; leave it out") for name in row if name not in known]
    return faults + [
        (name, "missing; every field is written") for name in sorted(known - row.keys())
    ]


def not_a_text(value: object) -> str:
    """Return what is wrong with a value that should be a text."""
    return f"not a text, got {echo(value)}"
