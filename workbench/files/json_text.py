"""JSON text to plain data: strict RFC 8259, every oddity kept in sight or refused with its line."""

import json
import re
from functools import partial
from typing import Any

from workbench.files.messages import Findings, echo
from workbench.files.numerals import LONGEST, number
from workbench.files.tree import DEEPEST, STUDY, Limits, Unreadable, mapping_of

MOST_VALUES = 3_000_000  # a table of 100,000 rows has 1.2 million
_BRACKET_OR_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_HINTS = {
    "/": "comments are not JSON",
    "#": "comments are not JSON",
    "'": 'text stands in double quotes: "..."',
    "\ufeff": "remove the byte order mark",
    "N": "write numbers as digits, and nothing as null",
    "T": "write true",
    "F": "write false",
    "]": "remove the comma before it",
    "}": "remove the comma before it",
}


def read_json(text: str, findings: Findings, limits: Limits = STUDY) -> Any:
    """Read one JSON document.

    NaN, Infinity and numbers beyond a float become `Unreadable`, repeated keys `Repeated`, to be
    reported where they stand.

    Raises
    ------
    FileRefused
        for anything that is no single JSON document, and for nesting deeper than `DEEPEST`.

    """
    _check_size(text, findings)
    try:
        return json.loads(
            text,
            object_pairs_hook=partial(mapping_of, most=limits.fields),
            parse_constant=_constant,
            parse_float=number,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}"
        raise findings.refuse(place, "", _what(error, text)) from None


def _constant(name: str) -> Unreadable:
    return Unreadable(name, "is not a finite number", "")


def _integer(text: str) -> Any:
    if len(text) > LONGEST:  # also keeps Python's own limit on long integers out of reach
        return Unreadable(text, "has too many digits", "write it with at most 17 digits")
    return int(text)


def _check_size(text: str, findings: Findings) -> None:
    """Refuse deep nesting and floods of values before anything is built."""
    if text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        raise findings.refuse("", "", f"more than {MOST_VALUES} values; split the file")
    depth = 0
    for found in _BRACKET_OR_STRING.finditer(text):
        mark = found[0]
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                line = text.count("\n", 0, found.start()) + 1
                what = f"nested deeper than {DEEPEST} levels; a study needs 15"
                raise findings.refuse(f"line {line}", "", what)
        elif mark in "]}":
            depth -= 1


def _what(error: json.JSONDecodeError, text: str) -> str:
    """The fault in words, with a remedy for the usual ones."""
    here = text[error.pos : error.pos + 1]
    if error.msg == "Extra data":
        return (
            f"extra text {echo(text[error.pos : error.pos + 20])} after the end of the document; "
            "one file holds one JSON document: put the scenarios into one list"
        )
    if error.msg.startswith("Invalid control character"):
        return f"a raw control character {echo(here)} in a text; write it as an escape (\\n, \\t)"
    found = "the end of the file" if not here else echo(here)
    hint = _HINTS.get(here)
    what = f"not valid JSON: {error.msg[0].lower()}{error.msg[1:]}, column {error.colno}"
    return f"{what}, got {found}" + (f"; {hint}" if hint else "")
